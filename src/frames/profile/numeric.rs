//! Integers and floating-point numbers of a column, summed up.
#![forbid(unsafe_code)]

mod reals;

use super::distinct::hash8;
use super::moments::Moments;
use super::numbers::{Domain, Numbers};
use super::runs::Order;
use super::simd_moments::{self, Whole};
use crate::frames::pick::Pick;
pub use reals::Reals;

/// Sum, extremes and spread of integers; the sum is exact.
#[derive(Clone, Debug)]
pub struct Wholes {
    /// Smallest and largest, when there are values.
    pub range: Option<(i128, i128)>,
    /// Number of values.
    pub count: u64,
    /// Exact sum.
    pub sum: i128,
    /// Distances are taken from here, so that identifiers and times in nanoseconds keep their spread.
    pub origin: i128,
    /// Spread and shape.
    pub moments: Moments,
    /// Values that are zero.
    pub zeros: u64,
    /// Values below zero.
    pub negatives: u64,
    /// Different values and quantiles.
    pub numbers: Numbers,
}

impl Wholes {
    /// Nothing yet, of integers that are unsigned and have 64 bits, or of any others.
    pub fn new(unsigned: bool) -> Self {
        Self {
            range: None,
            count: 0,
            sum: 0,
            origin: 0,
            moments: Moments::default(),
            zeros: 0,
            negatives: 0,
            numbers: Numbers::new(if unsigned { Domain::Unsigned } else { Domain::Signed }),
        }
    }

    /// Takes in some values of `all`, which follow those that `order` has seen.
    pub fn feed<T: Whole>(&mut self, all: &[T], pick: &Pick<'_>, order: &mut Order) {
        let mut room = Vec::new();
        let values = pick.of(all, &mut room);
        let block = simd_moments::whole(values);
        let count = values.len() as u64;
        let [m2, m3, m4] = block.powers;
        let mean = (block.sum - block.min * i128::from(count)) as f64 / count as f64;
        let moments = Moments { count, mean, m2, m3, m4 };
        self.join(count, (block.min, block.max), block.sum, block.min, moments);
        self.zeros += block.zeros;
        self.negatives += block.negatives;
        let domain = self.numbers.domain;
        order.join(
            &Order::of(values, block.below, block.equal, |value| domain.key_of_bits(value.bits())),
            false,
        );
        let hashes = values.iter().map(|value| hash8(value.bits()));
        match domain {
            Domain::Unsigned => self.numbers.extend(hashes, values.iter().map(|value| value.bits())),
            _ => {
                self.numbers
                    .extend(hashes, values.iter().map(|value| Domain::Signed.key_of_bits(value.bits())));
            }
        }
    }

    /// Takes in another part of the same column; for good when its values are gone.
    fn add(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.join(other.count, range, other.sum, other.origin, other.moments);
            self.zeros += other.zeros;
            self.negatives += other.negatives;
        }
    }

    /// Takes in another part of the same column.
    pub fn join_part(&mut self, other: Self) {
        self.add(&other);
        self.numbers.join(other.numbers);
    }

    /// Takes in another column of the same kind.
    pub fn merge(&mut self, other: &Self) {
        let (ours, theirs) = (self.count, other.count);
        self.add(other);
        merge_numbers(&mut self.numbers, &other.numbers, ours, theirs);
    }

    /// Keys of the smallest and the largest value.
    pub fn keys(&self) -> Option<(u64, u64)> {
        let key = |value: i128| self.numbers.domain.key_of_bits(value as u64);
        self.range.map(|(min, max)| (key(min), key(max)))
    }

    /// Looks at the values kept while they are there; `unique` when they are known to be all different.
    pub fn seal(&mut self, unique: bool) {
        let keys = self.keys();
        self.numbers.seal(keys, (0, 0), unique);
    }

    fn join(&mut self, count: u64, range: (i128, i128), sum: i128, origin: i128, moments: Moments) {
        self.range = match self.range {
            Some((min, max)) => Some((min.min(range.0), max.max(range.1))),
            None => {
                self.origin = origin;
                Some(range)
            }
        };
        self.count += count;
        self.sum += sum;
        self.moments.join(moments, (origin - self.origin) as f64);
    }

    /// Exact mean, rounded once; none without values.
    pub fn mean(&self) -> Option<f64> {
        let count = i128::from(self.count);
        // Whole part and rest apart: the sum itself may have more digits than a double.
        (count > 0)
            .then(|| (self.sum.div_euclid(count)) as f64 + self.sum.rem_euclid(count) as f64 / count as f64)
    }

    /// Mean rounded down to an integer; none without values.
    pub fn mean_whole(&self) -> Option<i128> {
        (self.count > 0).then(|| self.sum.div_euclid(i128::from(self.count)))
    }

    /// Sample standard deviation.
    pub fn std(&self) -> Option<f64> {
        self.moments.std()
    }
}

/// Merges what is kept of values; a side without values changes nothing, not even what only they could tell.
pub fn merge_numbers(ours: &mut Numbers, theirs: &Numbers, our_count: u64, their_count: u64) {
    match (our_count, their_count) {
        (_, 0) => {}
        (0, _) => *ours = theirs.clone(),
        _ => ours.merge(theirs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::value::Value;

    fn wholes(parts: &[&[i64]]) -> Wholes {
        let mut all = Wholes::new(false);
        for part in parts {
            let mut one = Wholes::new(false);
            one.feed(part, &Pick::Range(0..part.len()), &mut Order::default());
            all.merge(&one);
        }
        all
    }

    #[test]
    fn integers_far_from_zero_keep_their_spread() {
        let base = 1_700_000_000_000_000_000_i64;
        let all = wholes(&[&[base, base + 2], &[base + 4], &[base + 1_000_000]]);
        assert_eq!(all.range, Some((i128::from(base), i128::from(base) + 1_000_000)));
        assert_eq!(all.mean_whole(), Some(i128::from(base) + 250_001));
        let spread = wholes(&[&[0, 2], &[4], &[1_000_000]]).std().unwrap();
        assert!((all.std().unwrap() - spread).abs() < 1e-6 * spread);
        assert_eq!(wholes(&[&[i64::MIN, i64::MAX]]).mean(), Some(-0.5));
        assert_eq!(wholes(&[&[-1, -2]]).mean(), Some(-1.5));
    }

    #[test]
    fn nan_and_infinities_are_counted_apart() {
        let of = |values: &[f64]| {
            let mut all = Reals::default();
            all.feed(values, &Pick::Range(0..values.len()), &mut Order::default());
            all
        };
        let mut all = of(&[1.0, f64::NAN, 3.0, -0.0, 0.0]);
        assert_eq!((all.count(), all.nan, all.numbers.tally.distinct()), (4, 1, 3));
        assert_eq!((all.min(), all.max(), all.mean()), (Value::Real(0.0), Value::Real(3.0), Some(1.0)));
        all.merge(&of(&[f64::INFINITY]));
        assert_eq!(
            (all.max(), all.mean(), all.shape()),
            (Value::Real(f64::INFINITY), Some(f64::INFINITY), None)
        );
        all.merge(&of(&[f64::NEG_INFINITY]));
        assert_eq!((all.min(), all.mean()), (Value::Real(f64::NEG_INFINITY), None));
        let none = of(&[f64::NAN]);
        assert_eq!((none.count(), none.min(), none.mean(), none.sum()), (0, Value::None, None, None));
    }
}
