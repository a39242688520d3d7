//! Checked arithmetic on single integers of -2^63..=2^64-1: what int64 and uint64 hold together.
#![forbid(unsafe_code)]

use super::elementwise::{BinaryOp, UnaryOp};
use super::gcd::gcd_wide;
use super::number::Overflow;
use crate::error::Error;

const LEAST: i128 = i64::MIN as i128;
const MOST: i128 = u64::MAX as i128;

/// `op` of `a` and `b`, each of -2^63..=2^64-1.
///
/// A result of that range is returned as it is. Of any other, [`Overflow::Saturate`] gives the nearer
/// end of the range, and [`Overflow::Wrap`] the result modulo 2^64: as int64 when an operand is
/// negative, else as uint64.
///
/// # Errors
/// [`Error::Overflow`] for an operand outside the range, and with [`Overflow::Raise`] for such a result;
/// [`Error::ZeroDivision`]; [`Error::Invalid`] for a negative exponent.
pub fn binary_scalar(op: BinaryOp, a: i128, b: i128, overflow: Overflow) -> Result<i128, Error> {
    within("a", a)?;
    within("b", b)?;
    if b == 0 && matches!(op, BinaryOp::FloorDiv | BinaryOp::Mod) {
        return Err(Error::ZeroDivision(format!("b must not be 0, got {}", written(op, a, b))));
    }
    if b < 0 && op == BinaryOp::Pow {
        return Err(Error::Invalid(format!("b must not be negative, got {}", written(op, a, b))));
    }
    let exact = match op {
        BinaryOp::Add => Some(a + b),
        BinaryOp::Sub => Some(a - b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv => Some(a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0)),
        BinaryOp::Mod => Some((a % b + b) % b),
        BinaryOp::Pow => power(a, b),
        BinaryOp::Gcd => Some(gcd_wide(a.unsigned_abs(), b.unsigned_abs()) as i128), // at most 2^64 - 1
        BinaryOp::Lcm => {
            let divisor = gcd_wide(a.unsigned_abs(), b.unsigned_abs()).max(1) as i128;
            (a.abs() / divisor).checked_mul(b.abs())
        }
    };
    if let Some(exact) = exact.filter(|exact| (LEAST..=MOST).contains(exact)) {
        return Ok(exact);
    }
    match overflow {
        Overflow::Raise => Err(Error::Overflow(format!(
            "{} must be in -2**63..2**64-1, got {}",
            form(op, "a", "b"),
            written(op, a, b)
        ))),
        Overflow::Saturate => {
            // What does not even fit 128 bits is a product of two numbers of 64, so positive, or a power.
            let odd_power = op == BinaryOp::Pow && a < 0 && b & 1 == 1;
            Ok(if odd_power || exact.is_some_and(|exact| exact < 0) { LEAST } else { MOST })
        }
        Overflow::Wrap => {
            let low = match op {
                BinaryOp::Mul => a.wrapping_mul(b) as u64,
                BinaryOp::Pow => wrapping_power(a as u64, b as u64),
                BinaryOp::Lcm => {
                    let divisor = gcd_wide(a.unsigned_abs(), b.unsigned_abs()).max(1) as i128;
                    (a.abs() / divisor).wrapping_mul(b.abs()) as u64
                }
                _ => exact.unwrap_or_default() as u64, // fits 128 bits: two numbers of 65, added or divided
            };
            Ok(if a < 0 || b < 0 { i128::from(low as i64) } else { i128::from(low) })
        }
    }
}

/// `op` of `a`, as [`binary_scalar`].
///
/// # Errors
/// As [`binary_scalar`]; [`Error::Invalid`] for the root of a negative number.
pub fn unary_scalar(op: UnaryOp, a: i128, overflow: Overflow) -> Result<i128, Error> {
    match op {
        UnaryOp::Neg => {
            within("a", a)?;
            match overflow {
                Overflow::Raise if -a < LEAST => {
                    Err(Error::Overflow(format!("-(a) must be in -2**63..2**64-1, got -({a})")))
                }
                _ if -a >= LEAST => Ok(-a),
                Overflow::Saturate => Ok(LEAST),
                _ => Ok(i128::from(-a as u64)),
            }
        }
        UnaryOp::Abs => {
            within("a", a)?;
            Ok(a.abs()) // at most 2^64 - 1
        }
        UnaryOp::Isqrt => {
            within("n", a)?;
            let n =
                u64::try_from(a).map_err(|_| Error::Invalid(format!("n must not be negative, got {a}")))?;
            Ok(i128::from(super::isqrt(n)))
        }
    }
}

fn within(name: &str, value: i128) -> Result<(), Error> {
    if (LEAST..=MOST).contains(&value) {
        return Ok(());
    }
    Err(Error::Overflow(format!("{name} must be in -2**63..2**64-1, got {value}")))
}

fn power(a: i128, b: i128) -> Option<i128> {
    match (a, b) {
        (0 | 1, _) => Some(if b == 0 { 1 } else { a }),
        (-1, _) => Some(if b & 1 == 0 { 1 } else { -1 }),
        _ => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
    }
}

fn wrapping_power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1_u64;
    while exponent != 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

fn form(op: BinaryOp, a: &str, b: &str) -> String {
    match op {
        BinaryOp::Add => format!("{a} + {b}"),
        BinaryOp::Sub => format!("{a} - {b}"),
        BinaryOp::Mul => format!("{a} * {b}"),
        BinaryOp::FloorDiv => format!("{a} // {b}"),
        BinaryOp::Mod => format!("{a} % {b}"),
        BinaryOp::Pow => format!("{a} ** {b}"),
        BinaryOp::Gcd => format!("gcd({a}, {b})"),
        BinaryOp::Lcm => format!("lcm({a}, {b})"),
    }
}

fn written(op: BinaryOp, a: i128, b: i128) -> String {
    form(op, &a.to_string(), &b.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDS: [i128; 14] =
        [LEAST, LEAST + 1, -3, -2, -1, 0, 1, 2, 3, 7, i64::MAX as i128, i64::MAX as i128 + 1, MOST - 1, MOST];

    #[test]
    fn results_of_the_range_are_exact_and_others_follow_the_mode() {
        for a in ENDS {
            for b in ENDS {
                for (op, exact) in [
                    (BinaryOp::Add, Some(a + b)),
                    (BinaryOp::Sub, Some(a - b)),
                    (BinaryOp::Mul, a.checked_mul(b)),
                ] {
                    let fits = exact.filter(|exact| (LEAST..=MOST).contains(exact));
                    assert_eq!(binary_scalar(op, a, b, Overflow::Raise).ok(), fits, "{op:?} {a} {b}");
                    let positive = exact.is_none_or(|exact| exact > 0);
                    let nearest = fits.unwrap_or(if positive { MOST } else { LEAST });
                    assert_eq!(binary_scalar(op, a, b, Overflow::Saturate).unwrap(), nearest);
                    let wrapped = binary_scalar(op, a, b, Overflow::Wrap).unwrap();
                    let low = match op {
                        BinaryOp::Add => (a as u64).wrapping_add(b as u64),
                        BinaryOp::Sub => (a as u64).wrapping_sub(b as u64),
                        _ => (a as u64).wrapping_mul(b as u64),
                    };
                    assert_eq!(wrapped as u64, low, "{op:?} {a} {b}");
                    assert!((LEAST..=MOST).contains(&wrapped) && (fits.is_none() || fits == Some(wrapped)));
                }
                if b != 0 {
                    let quotient = binary_scalar(BinaryOp::FloorDiv, a, b, Overflow::Saturate).unwrap();
                    let rest = binary_scalar(BinaryOp::Mod, a, b, Overflow::Raise).unwrap();
                    assert!(rest == 0 || (rest < 0) == (b < 0) && rest.abs() < b.abs());
                    assert!(quotient * b + rest == a || a / b < LEAST, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn powers_end_where_the_range_does() {
        let power = |a, b, overflow| binary_scalar(BinaryOp::Pow, a, b, overflow);
        assert_eq!(power(2, 63, Overflow::Raise).unwrap(), 1 << 63);
        assert_eq!(power(-2, 63, Overflow::Raise).unwrap(), LEAST);
        assert_eq!(
            power(2, 64, Overflow::Raise).unwrap_err().to_string(),
            "a ** b must be in -2**63..2**64-1, got 2 ** 64"
        );
        assert_eq!(power(2, 64, Overflow::Wrap).unwrap(), 0);
        assert_eq!(
            power(3, MOST, Overflow::Wrap).unwrap() as u64,
            3_u64.wrapping_pow(u32::MAX).wrapping_mul(wrapping_power(3, MOST as u64 - u64::from(u32::MAX)))
        );
        assert_eq!(power(-3, MOST, Overflow::Saturate).unwrap(), LEAST);
        assert_eq!(power(-3, MOST - 1, Overflow::Saturate).unwrap(), MOST);
        assert_eq!(
            (power(-1, MOST, Overflow::Raise).unwrap(), power(0, 0, Overflow::Raise).unwrap()),
            (-1, 1)
        );
        assert_eq!(
            power(2, -1, Overflow::Wrap).unwrap_err().to_string(),
            "b must not be negative, got 2 ** -1"
        );
    }

    #[test]
    fn what_has_no_result_is_an_error_that_names_it() {
        let message = |op, a, b| binary_scalar(op, a, b, Overflow::Wrap).unwrap_err().to_string();
        assert_eq!(message(BinaryOp::Mod, 5, 0), "b must not be 0, got 5 % 0");
        assert_eq!(
            message(BinaryOp::Add, MOST + 1, 0),
            "a must be in -2**63..2**64-1, got 18446744073709551616"
        );
        assert_eq!(
            unary_scalar(UnaryOp::Isqrt, -4, Overflow::Raise).unwrap_err().to_string(),
            "n must not be negative, got -4"
        );
        assert_eq!(unary_scalar(UnaryOp::Neg, MOST, Overflow::Wrap).unwrap(), 1);
        assert_eq!(unary_scalar(UnaryOp::Neg, LEAST, Overflow::Raise).unwrap(), 1 << 63);
        assert!(unary_scalar(UnaryOp::Neg, MOST, Overflow::Raise).is_err());
        assert_eq!(unary_scalar(UnaryOp::Abs, LEAST, Overflow::Raise).unwrap(), 1 << 63);
    }
}
