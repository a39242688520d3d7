//! Integers and floating-point numbers of a column, summed up.
#![forbid(unsafe_code)]

use super::distinct::{Distinct, hash8};
use super::moments::Moments;
use super::simd_moments::{self, BLOCK, Real, Whole};
use crate::frames::pick::Pick;
use crate::frames::value::Value;

/// Sum, extremes and spread of integers; the sum is exact.
#[derive(Default)]
pub struct Wholes {
    /// Smallest and largest, when there are values.
    pub range: Option<(i128, i128)>,
    /// Number of values.
    pub count: u64,
    sum: i128,
    /// Distances are taken from here, so that identifiers and times in nanoseconds keep their spread.
    origin: i128,
    moments: Moments,
    /// Different values.
    pub distinct: Distinct,
}

impl Wholes {
    /// Takes in some values of `all`.
    pub fn feed<T: Whole>(&mut self, all: &[T], pick: &Pick<'_>) {
        let mut room = Vec::new();
        let values = pick.of(all, &mut room);
        let block = simd_moments::whole(values);
        let count = values.len() as u64;
        let moments = Moments {
            count,
            mean: (block.sum - block.min * i128::from(count)) as f64 / count as f64,
            m2: block.m2,
        };
        self.join(count, (block.min, block.max), block.sum, block.min, moments);
        self.distinct.extend(values.iter().map(|value| hash8(value.bits())));
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.join(other.count, range, other.sum, other.origin, other.moments);
            self.distinct.merge(&other.distinct);
        }
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

/// Extremes and spread of floating-point numbers; NaN and infinities apart.
#[derive(Default)]
pub struct Reals {
    finite: Moments,
    /// The first finite value; means are kept as distances from it.
    origin: f64,
    range: Option<(f64, f64)>,
    /// Values that are not a number.
    pub nan: u64,
    positive_infinite: u64,
    negative_infinite: u64,
    /// Different values, NaN not among them.
    pub distinct: Distinct,
}

impl Reals {
    /// Takes in some values of `all`.
    pub fn feed<T: Real>(&mut self, all: &[T], pick: &Pick<'_>) {
        let mut values = [0.0; BLOCK];
        let values = &mut values[..pick.len()];
        match pick {
            Pick::Range(range) => {
                values.iter_mut().zip(&all[range.clone()]).for_each(|(to, from)| *to = from.double());
            }
            Pick::Places(places) => {
                values.iter_mut().zip(*places).for_each(|(to, place)| *to = all[*place].double());
            }
        }
        self.feed_block(values);
    }

    fn feed_block(&mut self, values: &mut [f64]) {
        let values = match simd_moments::real(values, self.base(values)) {
            Some(block) => {
                self.join(values.len(), block);
                values
            }
            None => self.without_odd(values),
        };
        // Adding zero makes -0.0 and 0.0 one value.
        self.distinct.extend(values.iter().map(|value| hash8((value + 0.0).to_bits())));
    }

    /// Counts what is not finite and returns the finite values, moved together.
    fn without_odd<'v>(&mut self, values: &'v mut [f64]) -> &'v [f64] {
        let mut kept = 0;
        for at in 0..values.len() {
            let value = values[at];
            if value.is_finite() {
                values[kept] = value;
                kept += 1;
            } else if value.is_nan() {
                self.nan += 1;
            } else {
                let count =
                    if value > 0.0 { &mut self.positive_infinite } else { &mut self.negative_infinite };
                *count += 1;
                self.distinct.add(hash8(value.to_bits()));
            }
        }
        let values = &values[..kept];
        if let Some(block) = (kept > 0).then(|| simd_moments::real(values, self.base(values))).flatten() {
            self.join(kept, block);
        }
        values
    }

    /// Where the distances of this block start: at the origin, which the first block sets.
    fn base(&mut self, values: &[f64]) -> f64 {
        if self.finite.count == 0 {
            self.origin = values[0];
        }
        self.origin
    }

    fn join(&mut self, count: usize, block: simd_moments::RealBlock) {
        self.widen((block.min, block.max));
        self.finite.join(Moments { count: count as u64, mean: block.above, m2: block.m2 }, 0.0);
    }

    fn widen(&mut self, (min, max): (f64, f64)) {
        self.range = Some(self.range.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Self) {
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
        self.distinct.merge(&other.distinct);
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

    /// Sample standard deviation; none where a value is infinite.
    pub fn std(&self) -> Option<f64> {
        if self.negative_infinite + self.positive_infinite > 0 { None } else { self.finite.std() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wholes(parts: &[&[i64]]) -> Wholes {
        let mut all = Wholes::default();
        for part in parts {
            let mut one = Wholes::default();
            one.feed(part, &Pick::Range(0..part.len()));
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
            all.feed(values, &Pick::Range(0..values.len()));
            all
        };
        let mut all = of(&[1.0, f64::NAN, 3.0, -0.0, 0.0]);
        assert_eq!((all.count(), all.nan, all.distinct.count()), (4, 1, 3));
        assert_eq!((all.min(), all.max(), all.mean()), (Value::Real(0.0), Value::Real(3.0), Some(1.0)));
        all.merge(&of(&[f64::INFINITY]));
        assert_eq!(
            (all.max(), all.mean(), all.std()),
            (Value::Real(f64::INFINITY), Some(f64::INFINITY), None)
        );
        all.merge(&of(&[f64::NEG_INFINITY]));
        assert_eq!((all.min(), all.mean()), (Value::Real(f64::NEG_INFINITY), None));
        let none = of(&[f64::NAN]);
        assert_eq!((none.count(), none.min(), none.mean(), none.std()), (0, Value::None, None, None));
    }
}
