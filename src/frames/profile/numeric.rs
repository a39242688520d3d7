//! Integers and floating-point numbers of a column, summed up.
#![forbid(unsafe_code)]

use super::distinct::hash8;
use super::moments::Moments;
use super::numbers::{Domain, Numbers, real_key};
use super::runs::Order;
use super::simd_moments::{self, BLOCK, Real, Whole};
use crate::frames::pick::Pick;
use crate::frames::value::Value;

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

/// Extremes and spread of floating-point numbers; NaN and infinities apart.
#[derive(Clone, Debug)]
pub struct Reals {
    /// Spread and shape of the finite values, as distances from the origin.
    pub finite: Moments,
    /// The first finite value; means are kept as distances from it.
    pub origin: f64,
    /// Smallest and largest finite value.
    pub range: Option<(f64, f64)>,
    /// Values that are not a number.
    pub nan: u64,
    /// Values that are positive infinity.
    pub positive_infinite: u64,
    /// Values that are negative infinity.
    pub negative_infinite: u64,
    /// Values that are zero.
    pub zeros: u64,
    /// Finite values below zero.
    pub negatives: u64,
    /// Different values, NaN not among them, and quantiles.
    pub numbers: Numbers,
}

impl Default for Reals {
    fn default() -> Self {
        Self {
            finite: Moments::default(),
            origin: 0.0,
            range: None,
            nan: 0,
            positive_infinite: 0,
            negative_infinite: 0,
            zeros: 0,
            negatives: 0,
            numbers: Numbers::new(Domain::Real),
        }
    }
}

impl Reals {
    /// Takes in some values of `all`, which follow those that `order` has seen.
    pub fn feed<T: Real>(&mut self, all: &[T], pick: &Pick<'_>, order: &mut Order) {
        let mut values = [0.0; BLOCK];
        let values = &mut values[..pick.len()];
        // Adding zero makes -0.0 and 0.0 one value.
        match pick {
            Pick::Range(range) => {
                values.iter_mut().zip(&all[range.clone()]).for_each(|(to, from)| *to = from.double() + 0.0);
            }
            Pick::Places(places) => {
                values.iter_mut().zip(*places).for_each(|(to, place)| *to = all[*place].double() + 0.0);
            }
        }
        match simd_moments::real(values, self.base(values)) {
            Some(block) => {
                self.join(values.len(), &block);
                order.join(&Order::of(values, block.below, block.equal, real_key), false);
                self.count_values(values);
            }
            None => self.feed_odd(values, order),
        }
    }

    fn count_values(&mut self, values: &[f64]) {
        let hashes = values.iter().map(|value| hash8(value.to_bits()));
        self.numbers.extend(hashes, values.iter().map(|value| real_key(*value)));
    }

    /// Takes in values some of which are not finite; moves them about.
    fn feed_odd(&mut self, values: &mut [f64], order: &mut Order) {
        let mut kept = 0;
        for at in 0..values.len() {
            if !values[at].is_nan() {
                values[kept] = values[at];
                kept += 1;
            }
        }
        self.nan += (values.len() - kept) as u64;
        let values = &mut values[..kept];
        if values.is_empty() {
            return;
        }
        let (below, equal) = simd_moments::order(values);
        order.join(&Order::of(values, below, equal, real_key), false);
        self.count_values(values);
        let mut finite = 0;
        for at in 0..values.len() {
            match values[at] {
                f64::INFINITY => self.positive_infinite += 1,
                f64::NEG_INFINITY => self.negative_infinite += 1,
                value => {
                    values[finite] = value;
                    finite += 1;
                }
            }
        }
        let values = &values[..finite];
        if let Some(block) = (finite > 0).then(|| simd_moments::real(values, self.base(values))).flatten() {
            self.join(finite, &block);
        }
    }

    /// Where the distances of this block start: at the origin, which the first block sets.
    fn base(&mut self, values: &[f64]) -> f64 {
        if self.finite.count == 0 {
            self.origin = values[0];
        }
        self.origin
    }

    fn join(&mut self, count: usize, block: &simd_moments::RealBlock) {
        self.widen((block.min, block.max));
        let [m2, m3, m4] = block.powers;
        self.finite.join(Moments { count: count as u64, mean: block.above, m2, m3, m4 }, 0.0);
        self.zeros += block.zeros;
        self.negatives += block.negatives;
    }

    fn widen(&mut self, (min, max): (f64, f64)) {
        self.range = Some(self.range.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
    }

    fn add(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.widen(range);
        }
        if self.finite.count == 0 {
            self.origin = other.origin;
        }
        self.finite.join(other.finite, other.origin - self.origin);
        self.nan += other.nan;
        self.positive_infinite += other.positive_infinite;
        self.negative_infinite += other.negative_infinite;
        self.zeros += other.zeros;
        self.negatives += other.negatives;
    }

    /// Takes in another part of the same column.
    pub fn join_part(&mut self, other: Self) {
        self.add(&other);
        self.numbers.join(other.numbers);
    }

    /// Takes in another column of the same kind.
    pub fn merge(&mut self, other: &Self) {
        let (ours, theirs) = (self.count(), other.count());
        self.add(other);
        merge_numbers(&mut self.numbers, &other.numbers, ours, theirs);
    }

    /// Keys of the smallest and the largest finite value.
    pub fn keys(&self) -> Option<(u64, u64)> {
        self.range.map(|(min, max)| (real_key(min + 0.0), real_key(max + 0.0)))
    }

    /// Looks at the values kept while they are there; `unique` when they are known to be all different.
    pub fn seal(&mut self, unique: bool) {
        let keys = self.keys();
        self.numbers.seal(keys, (self.negative_infinite, self.positive_infinite), unique);
    }

    /// Values that are a number, infinities among them.
    pub fn count(&self) -> u64 {
        self.finite.count + self.positive_infinite + self.negative_infinite
    }

    /// Smallest value.
    pub fn min(&self) -> Value {
        match self.range {
            _ if self.negative_infinite > 0 => Value::Real(f64::NEG_INFINITY),
            Some((min, _)) => Value::Real(min + 0.0),
            None if self.positive_infinite > 0 => Value::Real(f64::INFINITY),
            None => Value::None,
        }
    }

    /// Largest value.
    pub fn max(&self) -> Value {
        match self.range {
            _ if self.positive_infinite > 0 => Value::Real(f64::INFINITY),
            Some((_, max)) => Value::Real(max + 0.0),
            None if self.negative_infinite > 0 => Value::Real(f64::NEG_INFINITY),
            None => Value::None,
        }
    }

    /// Mean: infinite where the values are, none where both infinities meet.
    pub fn mean(&self) -> Option<f64> {
        match (self.negative_infinite > 0, self.positive_infinite > 0) {
            (true, true) => None,
            (true, false) => Some(f64::NEG_INFINITY),
            (false, true) => Some(f64::INFINITY),
            (false, false) => (self.finite.count > 0).then_some(self.origin + self.finite.mean),
        }
    }

    /// Sum, from the mean; none where both infinities meet.
    pub fn sum(&self) -> Option<f64> {
        let count = self.finite.count as f64;
        match self.mean() {
            Some(mean) if mean.is_finite() => Some(self.origin * count + self.finite.mean * count),
            mean => mean,
        }
    }

    /// Moments, of a column that is finite throughout.
    pub fn shape(&self) -> Option<&Moments> {
        (self.negative_infinite + self.positive_infinite == 0).then_some(&self.finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
