//! Decimal numbers of a column, summed up: extremes are exact, mean and spread are doubles.
#![forbid(unsafe_code)]

use super::distinct::hash8;
use super::moments::Moments;
use super::numbers::{Domain, Numbers, real_key, unscaled, wide_to_f64};
use super::numeric::merge_numbers;
use super::runs::Order;
use super::simd_moments;
use super::table::Word;
use super::tally::Tally;
use crate::frames::pick::Pick;
use crate::frames::value::Value;
use arrow_buffer::i256;
use xxhash_rust::xxh3::xxh3_64;

/// An unscaled decimal of any width.
pub trait Unscaled: Copy + Ord {
    /// The value itself, in a type that holds them all.
    fn wide(self) -> i256;
    /// Distance from a value that is not larger.
    fn above(self, low: Self) -> f64;
    /// Hash of the value.
    fn hash(self) -> u64;
    /// -1, 0 or 1.
    fn sign(self) -> i32 {
        let zero = i256::ZERO;
        self.wide().cmp(&zero) as i32
    }
    /// The nearest double.
    fn nearest(self) -> f64 {
        wide_to_f64(self.wide())
    }
    /// Exact sum of a block, unless it leaves 256 bits.
    fn sum(values: &[Self]) -> Option<i256> {
        values.iter().try_fold(i256::ZERO, |sum, value| sum.checked_add(value.wide()))
    }
}

impl Unscaled for i32 {
    fn sign(self) -> i32 {
        self.signum()
    }
    fn nearest(self) -> f64 {
        self as f64
    }
    fn sum(values: &[Self]) -> Option<i256> {
        Some(i256::from_i128(values.iter().map(|value| i128::from(*value)).sum()))
    }
    fn wide(self) -> i256 {
        i256::from_i128(i128::from(self))
    }
    fn above(self, low: Self) -> f64 {
        (i64::from(self) - i64::from(low)) as f64
    }
    fn hash(self) -> u64 {
        hash8(i64::from(self) as u64)
    }
}

impl Unscaled for i64 {
    fn sign(self) -> i32 {
        self.signum() as i32
    }
    fn nearest(self) -> f64 {
        self as f64
    }
    fn sum(values: &[Self]) -> Option<i256> {
        Some(i256::from_i128(values.iter().map(|value| i128::from(*value)).sum()))
    }
    fn wide(self) -> i256 {
        i256::from_i128(i128::from(self))
    }
    fn above(self, low: Self) -> f64 {
        (self as u64).wrapping_sub(low as u64) as f64 // exact: the distance fits, whatever the signs
    }
    fn hash(self) -> u64 {
        hash8(self as u64)
    }
}

impl Unscaled for i128 {
    fn sign(self) -> i32 {
        self.signum() as i32
    }
    fn nearest(self) -> f64 {
        self as f64
    }
    fn wide(self) -> i256 {
        i256::from_i128(self)
    }
    fn above(self, low: Self) -> f64 {
        (self as u128).wrapping_sub(low as u128) as f64
    }
    fn hash(self) -> u64 {
        match i64::try_from(self) {
            Ok(short) => hash8(short as u64),
            Err(_) => xxh3_64(&self.to_le_bytes()),
        }
    }
}

impl Unscaled for i256 {
    fn wide(self) -> i256 {
        self
    }
    fn above(self, low: Self) -> f64 {
        let (low, high) = self.wrapping_sub(low).to_parts();
        high as f64 * 2_f64.powi(128) + low as f64
    }
    fn hash(self) -> u64 {
        match self.to_i128() {
            Some(short) => short.hash(),
            None => xxh3_64(&self.to_le_bytes()),
        }
    }
}

/// Extremes and spread of decimals of one scale.
#[derive(Clone, Debug)]
pub struct Decimals {
    /// Smallest and largest, unscaled.
    pub range: Option<(i256, i256)>,
    /// Distances are taken from here.
    pub origin: i256,
    /// Spread and shape of the unscaled values.
    pub moments: Moments,
    /// Exact sum, unscaled, while it has room.
    pub sum: Option<i256>,
    /// Values that are zero.
    pub zeros: u64,
    /// Values below zero.
    pub negatives: u64,
    /// Different values and quantiles.
    pub numbers: Numbers,
}

impl Default for Decimals {
    fn default() -> Self {
        Self {
            range: None,
            origin: i256::ZERO,
            moments: Moments::default(),
            sum: Some(i256::ZERO),
            zeros: 0,
            negatives: 0,
            numbers: Numbers::new(Domain::Decimal),
        }
    }
}

impl Decimals {
    /// Takes in some values of `all`, which follow those that `order` has seen.
    pub fn feed<T: Unscaled>(&mut self, all: &[T], pick: &Pick<'_>, order: &mut Order) {
        let mut room = Vec::new();
        let values = pick.of(all, &mut room);
        let Some(first) = values.first().copied() else { return };
        let (min, max) =
            values.iter().fold((first, first), |(min, max), value| (min.min(*value), max.max(*value)));
        let count = values.len() as u64;
        let mean = values.iter().map(|value| value.above(min)).sum::<f64>() / count as f64;
        let (mut m2, mut m3, mut m4) = (0.0, 0.0, 0.0);
        for value in values {
            let distance = value.above(min) - mean;
            let square = distance * distance;
            m2 += square;
            m3 += square * distance;
            m4 += square * square;
        }
        let moments = Moments { count, mean, m2, m3, m4 };
        let sum = T::sum(values).and_then(|sum| self.sum.and_then(|all| all.checked_add(sum)));
        self.join((min.wide(), max.wide()), min.wide(), moments);
        self.sum = sum;
        self.zeros += values.iter().filter(|value| value.sign() == 0).count() as u64;
        self.negatives += values.iter().filter(|value| value.sign() < 0).count() as u64;
        let (below, equal) = simd_moments::order(values);
        // Marks compare as the values do, and are equal only when they are: ranks in the block would not do.
        let mut piece = Order::of(values, below, equal, |value| value.hash());
        (piece.first.text, piece.last.text) = (sortable(first), sortable(values[values.len() - 1]));
        order.join(&piece, true);
        self.count_values(values);
    }

    fn count_values<T: Unscaled>(&mut self, values: &[T]) {
        match &mut self.numbers.tally {
            Tally::Few(table) => {
                for value in values {
                    let hash = value.hash();
                    if !table.bump(hash, 1) {
                        let bytes = value.wide().to_le_bytes();
                        table.insert_word(hash, 1, &Word { bytes: &bytes, length: 0, format: 0 });
                    }
                }
            }
            Tally::Many(many) => {
                for value in values {
                    let hash = value.hash();
                    many.registers.add(hash);
                    many.heavy.add_value(hash, 1, &value.wide().to_le_bytes());
                }
                self.numbers.keep(values.iter().map(|value| real_key(value.nearest())));
            }
        }
        if self.numbers.tally.is_full() {
            self.numbers.spill(usize::MAX);
        }
    }

    fn add(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.join(range, other.origin, other.moments);
            self.sum = self.sum.zip(other.sum).and_then(|(ours, theirs)| ours.checked_add(theirs));
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
        let (ours, theirs) = (self.count(), other.count());
        self.add(other);
        merge_numbers(&mut self.numbers, &other.numbers, ours, theirs);
    }

    /// Keys of the smallest and the largest value.
    pub fn keys(&self) -> Option<(u64, u64)> {
        self.range.map(|(min, max)| (real_key(wide_to_f64(min)), real_key(wide_to_f64(max))))
    }

    /// Looks at the values kept while they are there; `unique` when they are known to be all different.
    pub fn seal(&mut self, unique: bool) {
        let keys = self.keys();
        self.numbers.seal(keys, (0, 0), unique);
    }

    fn join(&mut self, range: (i256, i256), origin: i256, moments: Moments) {
        self.range = match self.range {
            Some((min, max)) => Some((min.min(range.0), max.max(range.1))),
            None => {
                self.origin = origin;
                Some(range)
            }
        };
        let shift =
            if origin >= self.origin { origin.above(self.origin) } else { -self.origin.above(origin) };
        self.moments.join(moments, shift);
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.moments.count
    }

    /// Smallest and largest value, written out.
    pub fn range(&self, scale: i8) -> (Value, Value) {
        match self.range {
            None => (Value::None, Value::None),
            Some((min, max)) => (Value::Text(written(min, scale)), Value::Text(written(max, scale))),
        }
    }

    /// Sum, written out; none once it has left 256 bits.
    pub fn sum(&self, scale: i8) -> Value {
        self.sum.map_or(Value::None, |sum| Value::Text(written(sum, scale)))
    }

    /// Mean, as a double.
    pub fn mean(&self, scale: i8) -> Option<f64> {
        self.range.map(|_| scaled(wide_to_f64(self.origin) + self.moments.mean, scale))
    }

    /// Sample standard deviation, as a double.
    pub fn std(&self, scale: i8) -> Option<f64> {
        self.moments.std().map(|std| scaled(std, scale))
    }
}

/// Bytes that compare as decimals do.
fn sortable(value: impl Unscaled) -> Vec<u8> {
    let mut bytes = value.wide().to_be_bytes();
    bytes[0] ^= 0x80;
    bytes.to_vec()
}

/// A value a table kept, written out.
pub fn spelled(bytes: &[u8], scale: i8) -> String {
    written(unscaled(bytes), scale)
}

/// Division of an unscaled value by its power of ten, which a double holds exactly up to 10^22, unlike its inverse.
pub fn scaled(value: f64, scale: i8) -> f64 {
    let power = 10_f64.powi(i32::from(scale).abs());
    if scale < 0 { value * power } else { value / power }
}

/// The decimal with its point, and all the digits its scale has.
fn written(unscaled: i256, scale: i8) -> String {
    let text = unscaled.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { places };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_with_their_point() {
        let of = |value: i128, scale| written(i256::from_i128(value), scale);
        assert_eq!(of(12345, 2), "123.45");
        assert_eq!(of(-5, 2), "-0.05");
        assert_eq!(of(7, 0), "7");
        assert_eq!(of(7, -2), "700");
        assert_eq!(of(0, -2), "0");
    }

    #[test]
    fn every_width_gives_the_same_summary() {
        fn summary<T: Unscaled>(values: &[T]) -> (Value, Value, Option<f64>, Option<f64>, u64) {
            let mut all = Decimals::default();
            for part in [&values[..1], &values[1..]] {
                let mut one = Decimals::default();
                one.feed(part, &Pick::Range(0..part.len()), &mut Order::default());
                all.merge(&one);
            }
            let (min, max) = all.range(2);
            (min, max, all.mean(2), all.std(2), all.numbers.tally.distinct())
        }
        let small = [100_i32, -250, 100, 50];
        let expected =
            (Value::Text("-2.50".into()), Value::Text("1.00".into()), Some(0.0), summary(&small).3, 3);
        assert!((expected.3.unwrap() - (8.5_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(summary(&small), expected);
        assert_eq!(summary(&small.map(i64::from)), expected);
        assert_eq!(summary(&small.map(i128::from)), expected);
        assert_eq!(summary(&small.map(|value| i256::from_i128(i128::from(value)))), expected);
    }

    #[test]
    fn distances_beyond_a_double_word_do_not_overflow() {
        let mut all = Decimals::default();
        all.feed(&[i128::MIN, i128::MAX], &Pick::Range(0..2), &mut Order::default());
        all.feed(&[i256::MIN, i256::MAX], &Pick::Range(0..2), &mut Order::default());
        assert!(all.std(0).unwrap().is_finite());
    }
}
