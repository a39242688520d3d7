//! One hash for one number, whatever type holds it: 1, 1.0 and 1.00 are the same.
#![forbid(unsafe_code)]

use super::hash::{Hash, seed};
use arrow_buffer::i256;

/// The first power of two that an i64 does not hold, as a double.
const TOP: f64 = 9_223_372_036_854_775_808.0;

/// Odd integers below this are doubles, and so are they times any power of two that comes up here.
const EXACT: u64 = 1 << 53;

/// A number without its type: equal numbers are equal here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number of 64 bits.
    Integer(i64),
    /// The bits of a double that is none of these; there is one NaN.
    Float(u64),
    /// What is neither: digits without trailing zeros, and their scale.
    Decimal(i256, i16),
}

impl Number {
    /// The number a double is.
    pub fn real(value: f64) -> Self {
        let zero = value.to_bits() << 1 == 0;
        if (-TOP..TOP).contains(&value) && value.trunc() == value && (value == 0.0) == zero {
            return Self::Integer(value as i64);
        }
        Self::Float(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }

    /// The number an unsigned integer is.
    pub fn unsigned(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::Integer(value),
            Err(_) if value >> value.trailing_zeros() < EXACT => Self::Float((value as f64).to_bits()),
            Err(_) => {
                let (mut digits, mut scale) = (value, 0);
                while digits.is_multiple_of(10) {
                    digits /= 10;
                    scale -= 1;
                }
                Self::Decimal(i256::from_i128(i128::from(digits)), scale)
            }
        }
    }

    /// The number `unscaled / 10^scale`.
    pub fn decimal(unscaled: i256, scale: i8) -> Self {
        match (unscaled.to_i128().and_then(|value| i64::try_from(value).ok()), u32::try_from(scale)) {
            (Some(value), Ok(scale @ 0..=18)) => Self::short(value, scale),
            _ => Self::long(unscaled, i16::from(scale)),
        }
    }

    /// The same for what fits in 64 bits, as nearly all decimals do. `scale` is at most 18.
    pub fn short(unscaled: i64, scale: u32) -> Self {
        let (power, fives) = (10_i64.pow(scale), 5_i64.pow(scale));
        if unscaled % power == 0 {
            return Self::Integer(unscaled / power);
        }
        if unscaled % fives == 0 {
            let halves = unscaled / fives; // the value is halves / 2^scale
            if halves.unsigned_abs() >> halves.trailing_zeros() < EXACT {
                return Self::Float((halves as f64 / (1_u64 << scale) as f64).to_bits());
            }
        }
        let (mut digits, mut scale) = (unscaled, scale as i16);
        while digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Self::Decimal(i256::from_i128(i128::from(digits)), scale)
    }

    fn long(unscaled: i256, scale: i16) -> Self {
        let ten = i256::from_i128(10);
        let (mut digits, mut scale) = (unscaled, scale);
        if digits == i256::ZERO {
            return Self::Integer(0);
        }
        while digits.checked_rem(ten) == Some(i256::ZERO) {
            digits = digits.wrapping_div(ten);
            scale -= 1;
        }
        if scale <= 0 {
            let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
            let whole = power.zip(digits.to_i128()).and_then(|(power, value)| value.checked_mul(power));
            if let Some(whole) = whole.and_then(|whole| i64::try_from(whole).ok()) {
                return Self::Integer(whole);
            }
        }
        double(digits, scale).map_or(Self::Decimal(digits, scale), |value| Self::Float(value.to_bits()))
    }

    /// Its hash.
    #[inline(always)]
    pub fn hash<H: Hash>(self) -> H {
        match self {
            Self::Integer(value) => H::of(&value.to_le_bytes(), seed::INTEGER),
            Self::Float(bits) => H::of(&bits.to_le_bytes(), seed::FLOAT),
            Self::Decimal(digits, scale) => {
                let mut bytes = [0; 34];
                bytes[..32].copy_from_slice(&digits.to_le_bytes());
                bytes[32..].copy_from_slice(&scale.to_le_bytes());
                H::of(&bytes, seed::DECIMAL)
            }
        }
    }
}

/// `digits / 10^scale` as a double, where it is one exactly.
fn double(digits: i256, scale: i16) -> Option<f64> {
    let mut value = digits;
    for _ in 0..scale {
        let five = i256::from_i128(5);
        if value.checked_rem(five)? != i256::ZERO {
            return None;
        }
        value = value.wrapping_div(five);
    }
    let (low, high) = value.to_parts();
    let twos = if low == 0 { 128 + high.trailing_zeros() } else { low.trailing_zeros() };
    let odd = (value >> twos as u8).to_i128().and_then(|odd| i64::try_from(odd).ok())?;
    let fives = 5_i64.checked_pow(u32::from(0.max(-scale).unsigned_abs()))?;
    let odd = odd.checked_mul(fives).filter(|odd| odd.unsigned_abs() < EXACT)?;
    Some(odd as f64 * 2_f64.powi(twos as i32 - i32::from(scale)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(unscaled: i128, scale: i8) -> u64 {
        Number::decimal(i256::from_i128(unscaled), scale).hash()
    }

    fn real(value: f64) -> u64 {
        Number::real(value).hash()
    }

    fn unsigned(value: u64) -> u64 {
        Number::unsigned(value).hash()
    }

    fn integer(value: i64) -> u64 {
        u64::of(&value.to_le_bytes(), seed::INTEGER)
    }

    #[test]
    fn one_number_has_one_hash() {
        let one = [of(1, 0), of(100, 2), of(10_i128.pow(30), 30), real(1.0), unsigned(1)];
        assert!(one.iter().all(|hash| *hash == integer(1)), "{one:x?}");
        assert!([of(0, 9), of(0, -9), real(-0.0), unsigned(0)].iter().all(|hash| *hash == integer(0)));
        assert_eq!(of(25, 2), real(0.25));
        assert_eq!(of(-25, 2), real(-0.25));
        assert_eq!(of(250, 3), real(0.25));
        assert_eq!(of(5, -30), of(5 * 10_i128.pow(30), 0));
        assert_eq!(of(1, -22), real(1e22));
        assert_ne!(of(1, -23), real(1e23));
        assert_eq!(of(1 << 63, 0), real(TOP));
        assert_eq!(unsigned(1 << 63), real(TOP));
        assert_eq!(of(-(1 << 63), 0), real(-TOP));
        assert_eq!(of(-(1 << 63), 0), integer(i64::MIN));
        assert_eq!(of(u64::MAX.into(), 0), unsigned(u64::MAX));
        assert_ne!(unsigned(u64::MAX), real(u64::MAX as f64));
        assert_eq!(of(1 << 100, 0), real(2_f64.powi(100)));
        assert_ne!(of(1, 1), real(0.1));
        assert_ne!(of(1, 0), of(1, 1));
        assert_eq!(Number::decimal(i256::MIN, 0).hash::<u64>(), real(-2_f64.powi(255)));
        assert_ne!(Number::decimal(i256::MIN, 127), Number::decimal(i256::MIN, 126));
    }

    proptest! {
        #[test]
        fn scales_do_not_show(value: i64, scale in 0_i8..18, more in 0_u32..18) {
            let wide = i128::from(value) * 10_i128.pow(more);
            let hash = of(i128::from(value), scale);
            prop_assert_eq!(of(wide, scale + more as i8), hash);
            prop_assert_eq!(Number::long(i256::from_i128(i128::from(value)), scale.into()).hash::<u64>(), hash);
        }

        #[test]
        fn halves_are_doubles(numerator in -(1_i64 << 52)..1 << 52, twos in 0_u32..10) {
            let value = numerator as f64 / f64::from(1 << twos);
            let unscaled = i128::from(numerator) * 5_i128.pow(twos);
            prop_assert_eq!(of(unscaled, twos as i8), real(value));
        }

        #[test]
        fn large_integers_are_equal_in_every_type(value: u64) {
            prop_assert_eq!(of(value.into(), 0), unsigned(value));
            let double = value as f64;
            if double < 1.8e19 && double as u64 == value {
                prop_assert_eq!(real(double), unsigned(value));
            }
        }
    }
}
