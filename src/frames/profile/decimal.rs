//! Decimal numbers of a column, summed up: extremes are exact, mean and spread are doubles.
#![forbid(unsafe_code)]

use super::distinct::{Distinct, hash8};
use super::moments::Moments;
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
}

impl Unscaled for i32 {
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
#[derive(Default)]
pub struct Decimals {
    range: Option<(i256, i256)>,
    origin: i256,
    moments: Moments,
    /// Different values.
    pub distinct: Distinct,
}

impl Decimals {
    /// Takes in some values of `all`.
    pub fn feed<T: Unscaled>(&mut self, all: &[T], pick: &Pick<'_>) {
        let mut room = Vec::new();
        let values = pick.of(all, &mut room);
        let Some(first) = values.first().copied() else { return };
        let (min, max) =
            values.iter().fold((first, first), |(min, max), value| (min.min(*value), max.max(*value)));
        let count = values.len() as u64;
        let mean = values.iter().map(|value| value.above(min)).sum::<f64>() / count as f64;
        let m2 = values.iter().map(|value| (value.above(min) - mean).powi(2)).sum();
        self.join((min.wide(), max.wide()), min.wide(), Moments { count, mean, m2 });
        values.iter().for_each(|value| self.distinct.add(value.hash()));
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.join(range, other.origin, other.moments);
            self.distinct.merge(&other.distinct);
        }
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

    /// Mean, as a double.
    pub fn mean(&self, scale: i8) -> Option<f64> {
        self.range.map(|_| {
            let zero = i256::from_i128(0);
            let origin = if self.origin >= zero { self.origin.above(zero) } else { -zero.above(self.origin) };
            scaled(origin + self.moments.mean, scale)
        })
    }

    /// Sample standard deviation, as a double.
    pub fn std(&self, scale: i8) -> Option<f64> {
        self.moments.std().map(|std| scaled(std, scale))
    }
}

/// Division by a power of ten, which a double holds exactly up to 10^22, unlike its inverse.
fn scaled(value: f64, scale: i8) -> f64 {
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
                one.feed(part, &Pick::Range(0..part.len()));
                all.merge(&one);
            }
            let (min, max) = all.range(2);
            (min, max, all.mean(2), all.std(2), all.distinct.count())
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
        all.feed(&[i128::MIN, i128::MAX], &Pick::Range(0..2));
        all.feed(&[i256::MIN, i256::MAX], &Pick::Range(0..2));
        assert!(all.std(0).unwrap().is_finite());
    }
}
