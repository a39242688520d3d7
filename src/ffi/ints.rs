//! Exports of `crate::ints`: arithmetic on numbers.
//!
//! Scalars cross as plain words: an integer of up to 128 bits is `low` and `high`, its value
//! `high * 2^64 + low`. Functions that cannot fail return their answer instead of a status.

use super::{guard, iw_status, lent};
use crate::error::Error;
use crate::ints::{self, BinaryOp, Overflow, UnaryOp};

/// Overflow is an error: IW_OVERFLOW, and the message names the operands and the first index.
pub const IW_RAISE: u32 = 0;

/// Overflow gives the result modulo 2 to the number of bits.
pub const IW_WRAP: u32 = 1;

/// Overflow gives the end of the range that lies nearer to the exact result.
pub const IW_SATURATE: u32 = 2;

/// An integer of 128 bits in two's complement: `high * 2^64 + low`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct iw_int128 {
    /// The lower 64 bits.
    pub low: u64,
    /// The upper 64 bits; negative exactly when the number is.
    pub high: i64,
}

fn joined(low: u64, high: i64) -> i128 {
    i128::from(high) << 64 | i128::from(low)
}

pub(super) fn unsigned(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

fn split(value: i128) -> iw_int128 {
    iw_int128 { low: value as u64, high: (value >> 64) as i64 }
}

pub(super) fn mode(overflow: u32) -> Result<Overflow, Error> {
    match overflow {
        IW_RAISE => Ok(Overflow::Raise),
        IW_WRAP => Ok(Overflow::Wrap),
        IW_SATURATE => Ok(Overflow::Saturate),
        other => Err(Error::Invalid(format!("overflow must be in 0..=2, got {other}"))),
    }
}

/// a + b, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_add(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Add, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// a - b, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_sub(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Sub, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// a * b, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_mul(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Mul, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// a // b, rounded down, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range; IW_ZERO_DIVISION when `b` is 0;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_floordiv(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::FloorDiv, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// a - b * floor(a / b): 0 or of the sign of `b`, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range; IW_ZERO_DIVISION when `b` is 0;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_mod(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Mod, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// a to the power of b; 1 when `b` is 0, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range;
///         IW_INVALID on a wrong `overflow` or a negative `b` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_pow(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Pow, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// Least common multiple, never negative; 0 when an operand is 0, for integers of -2^63..=2^64-1.
///
/// @param a_low, a_high  the first operand, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param overflow       IW_RAISE, IW_WRAP or IW_SATURATE; the range is -2^63..=2^64-1, and wrapping is to
///                       int64 when an operand is negative, else to uint64
/// @param out            receives the result
/// @return IW_OK; IW_OVERFLOW when an operand, or with IW_RAISE the result, lies outside the range;
///         IW_INVALID on a wrong `overflow` or a NULL `out`
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_lcm(
    a_low: u64,
    a_high: i64,
    b_low: u64,
    b_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        let (a, b) = (joined(a_low, a_high), joined(b_low, b_high));
        out.write(split(ints::binary_scalar(BinaryOp::Lcm, a, b, mode(overflow)?)?));
        Ok(())
    })
}

/// -a, for an integer of -2^63..=2^64-1.
///
/// @param a_low, a_high  the operand, `a_high * 2^64 + a_low`
/// @param overflow       as for iw_ints_add
/// @param out            receives the result
/// @return as iw_ints_add
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_neg(
    a_low: u64,
    a_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(split(ints::unary_scalar(UnaryOp::Neg, joined(a_low, a_high), mode(overflow)?)?));
        Ok(())
    })
}

/// The distance of `a` from 0, for an integer of -2^63..=2^64-1.
///
/// @param a_low, a_high  the operand, `a_high * 2^64 + a_low`
/// @param overflow       as for iw_ints_add
/// @param out            receives the result
/// @return as iw_ints_add
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_abs(
    a_low: u64,
    a_high: i64,
    overflow: u32,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(split(ints::unary_scalar(UnaryOp::Abs, joined(a_low, a_high), mode(overflow)?)?));
        Ok(())
    })
}

/// The largest integer whose square is at most `n`.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_isqrt_u64(n: u64) -> u64 {
    ints::isqrt(n)
}

/// Greatest common divisor; gcd(0, b) is `b`.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_gcd_u64(a: u64, b: u64) -> u64 {
    ints::gcd(a, b)
}

/// Greatest common divisor of two unsigned integers of 128 bits.
///
/// @param a_low, a_high  the first, `a_high * 2^64 + a_low`
/// @param b_low, b_high  the second
/// @param out            receives the result, to be read as unsigned
/// @return IW_OK; IW_INVALID when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_gcd_u128(
    a_low: u64,
    a_high: u64,
    b_low: u64,
    b_high: u64,
    out: *mut iw_int128,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(split(ints::gcd_wide(unsigned(a_low, a_high), unsigned(b_low, b_high)) as i128));
        Ok(())
    })
}
