//! What the numbers of a column are, and the keys that sort as they do.
#![forbid(unsafe_code)]

use crate::frames::profile::distinct::unhash8;
use crate::frames::profile::histogram::Grid;
use crate::frames::profile::quantiles::Between;
use crate::frames::profile::table::{Slot, Word};
use arrow_buffer::i256;

/// What the keys of a column stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Integers and times: the key is the value with its sign bit turned.
    Signed,
    /// Unsigned integers of 64 bits.
    Unsigned,
    /// Floating-point numbers, ordered by their bits.
    Real,
    /// Decimals, as the nearest double of the unscaled value.
    Decimal,
}

const SIGN: u64 = 1 << 63;

/// The key of a double: numbers compare as their keys do.
#[inline]
pub fn real_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The double of a key.
#[inline]
pub fn real_of(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

/// The nearest double of a wide integer.
pub fn wide_to_f64(value: i256) -> f64 {
    match value.to_i128() {
        Some(short) => short as f64,
        None => {
            let (low, high) = value.to_parts();
            high as f64 * 2_f64.powi(128) + low as f64
        }
    }
}

impl Domain {
    /// The key of the value whose low bits these are; not for decimals.
    #[inline]
    pub fn key_of_bits(self, bits: u64) -> u64 {
        match self {
            Self::Signed => bits ^ SIGN,
            Self::Unsigned => bits,
            Self::Real | Self::Decimal => real_key(f64::from_bits(bits)),
        }
    }

    /// The key of a value counted in a table.
    pub(super) fn key(self, slot: &Slot, word: Option<&Word<'_>>) -> u64 {
        match (self, word) {
            (Self::Decimal, Some(word)) => real_key(wide_to_f64(unscaled(word.bytes))),
            _ => self.key_of_bits(unhash8(slot.hash)),
        }
    }

    /// The integer of a key; not for floating-point numbers.
    pub fn whole(self, key: u64) -> i128 {
        match self {
            Self::Signed => i128::from((key ^ SIGN) as i64),
            _ => i128::from(key),
        }
    }

    /// The value of a key as a double.
    pub fn real(self, key: u64) -> f64 {
        match self {
            Self::Signed | Self::Unsigned => self.whole(key) as f64,
            Self::Real | Self::Decimal => real_of(key),
        }
    }

    /// Whether nothing lies between neighbouring values.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Signed | Self::Unsigned)
    }

    /// A value between two keys, as a double (NumPy's way to round).
    pub fn between(self, between: &Between) -> f64 {
        let (low, high, share) = (self.real(between.low), self.real(between.high), between.share);
        if low == high || share == 0.0 {
            return low;
        }
        if !(high - low).is_finite() {
            return low * (1.0 - share) + high * share; // infinities, or finite ends too far apart
        }
        if share < 0.5 { low + (high - low) * share } else { high - (high - low) * (1.0 - share) }
    }

    /// A value between two keys, as the nearest integer.
    pub fn whole_between(self, between: &Between) -> i128 {
        let (low, high) = (self.whole(between.low), self.whole(between.high));
        low + ((high - low) as f64 * between.share).round() as i128
    }

    /// The bins between two keys, which are finite.
    pub fn grid(self, low: u64, high: u64) -> Grid {
        match self.is_whole() {
            true => Grid::new(0.0, high.wrapping_sub(low) as f64, true),
            false => Grid::new(self.real(low), self.real(high), false),
        }
    }

    /// The number a [`Domain::grid`] from `low` on tells a key by.
    #[inline]
    pub(super) fn place(self, key: u64, low: u64) -> f64 {
        match self {
            // Neighbours of the sign bit: the distance is below 2^64 and never negative for keys in range.
            Self::Signed | Self::Unsigned => key.saturating_sub(low) as f64,
            Self::Real | Self::Decimal => real_of(key),
        }
    }
}

/// A decimal as tables keep it: 32 bytes, the low ones first.
pub fn unscaled(bytes: &[u8]) -> i256 {
    bytes.try_into().map_or(i256::ZERO, i256::from_le_bytes)
}
