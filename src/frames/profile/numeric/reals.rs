//! Floating-point numbers of a column, summed up.
#![forbid(unsafe_code)]

use super::merge_numbers;
use crate::frames::pick::Pick;
use crate::frames::profile::distinct::hash8;
use crate::frames::profile::moments::Moments;
use crate::frames::profile::numbers::{Domain, Numbers, real_key};
use crate::frames::profile::runs::Order;
use crate::frames::profile::simd_moments::{self, BLOCK, Real};
use crate::frames::value::Value;

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

    pub(super) fn join(&mut self, count: usize, block: &simd_moments::RealBlock) {
        self.widen((block.min, block.max));
        let [m2, m3, m4] = block.powers;
        self.finite.join(Moments { count: count as u64, mean: block.above, m2, m3, m4 }, 0.0);
        self.zeros += block.zeros;
        self.negatives += block.negatives;
    }

    fn widen(&mut self, (min, max): (f64, f64)) {
        self.range = Some(self.range.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
    }

    pub(super) fn add(&mut self, other: &Self) {
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
