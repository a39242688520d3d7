//! Exports of `crate::ints`.
//!
//! Scalars cross as plain words: an integer of up to 128 bits is `low` and `high`, its value
//! `high * 2^64 + low`. Functions that cannot fail return their answer instead of a status.

use super::{IW_BOOL, IW_I8, IW_I16, IW_I32, IW_I64, IW_U8, IW_U16, IW_U32, IW_U64};
use super::{guard, iw_array, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::ints::{self, AnyOutput, BinaryOp, Output, Overflow, Primes, UnaryOp};
use core::ffi::c_void;

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

fn unsigned(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

fn split(value: i128) -> iw_int128 {
    iw_int128 { low: value as u64, high: (value >> 64) as i64 }
}

fn mode(overflow: u32) -> Result<Overflow, Error> {
    match overflow {
        IW_RAISE => Ok(Overflow::Raise),
        IW_WRAP => Ok(Overflow::Wrap),
        IW_SATURATE => Ok(Overflow::Saturate),
        other => Err(Error::Invalid(format!("overflow must be in 0..=2, got {other}"))),
    }
}

/// # Safety
/// Every element of `out` is writable and nobody else touches it while the result lives.
unsafe fn output<'a>(out: &'a iw_array) -> Result<AnyOutput<'a>, Error> {
    let shape = &out.shape[..(out.ndim as usize).min(out.shape.len())];
    // SAFETY: the caller's promise is slice_mut's, and each arm names the type of its tag.
    unsafe {
        Ok(match out.dtype {
            IW_I8 => AnyOutput::I8(Output { data: out.slice_mut("out", IW_I8)?, shape }),
            IW_I16 => AnyOutput::I16(Output { data: out.slice_mut("out", IW_I16)?, shape }),
            IW_I32 => AnyOutput::I32(Output { data: out.slice_mut("out", IW_I32)?, shape }),
            IW_I64 => AnyOutput::I64(Output { data: out.slice_mut("out", IW_I64)?, shape }),
            IW_U8 => AnyOutput::U8(Output { data: out.slice_mut("out", IW_U8)?, shape }),
            IW_U16 => AnyOutput::U16(Output { data: out.slice_mut("out", IW_U16)?, shape }),
            IW_U32 => AnyOutput::U32(Output { data: out.slice_mut("out", IW_U32)?, shape }),
            IW_U64 => AnyOutput::U64(Output { data: out.slice_mut("out", IW_U64)?, shape }),
            tag => {
                return Err(Error::Type(format!(
                    "out must hold integers, int8 to uint64, got dtype tag {tag}"
                )));
            }
        })
    }
}

/// # Safety
/// The pointers are NULL or descriptors whose elements may be read, of `out` written, until the return;
/// `tick` is NULL or may be called with `context`.
unsafe fn arrays_of_two(
    op: BinaryOp,
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> Result<(), Error> {
    let overflow = mode(overflow)?;
    // SAFETY: the caller's promise, one by one; overlap is excluded before anything is borrowed to write.
    unsafe {
        let (a, b) = (iw_array::lent(a, "a")?, iw_array::lent(b, "b")?);
        let out = iw_array::lent(out, "out")?;
        out.refuse_overlap("out", a, "a")?;
        out.refuse_overlap("out", b, "b")?;
        let progress = tick::progress(tick, context);
        ints::binary(op, &a.view("a")?, &b.view("b")?, overflow, output(out)?, &progress)
    }
}

/// # Safety
/// As [`arrays_of_two`].
unsafe fn arrays_of_one(
    op: UnaryOp,
    name: &str,
    a: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> Result<(), Error> {
    let overflow = mode(overflow)?;
    // SAFETY: the caller's promise, one by one; overlap is excluded before anything is borrowed to write.
    unsafe {
        let (a, out) = (iw_array::lent(a, name)?, iw_array::lent(out, "out")?);
        out.refuse_overlap("out", a, name)?;
        let progress = tick::progress(tick, context);
        ints::unary(op, &a.view(name)?, overflow, output(out)?, &progress)
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

/// a + b, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_add_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Add, a, b, overflow, out, tick, context) })
}

/// a - b, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_sub_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Sub, a, b, overflow, out, tick, context) })
}

/// a * b, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_mul_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Mul, a, b, overflow, out, tick, context) })
}

/// a // b, rounded down, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_ZERO_DIVISION when `b` is 0; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_floordiv_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::FloorDiv, a, b, overflow, out, tick, context) })
}

/// a - b * floor(a / b): 0 or of the sign of `b`, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_ZERO_DIVISION when `b` is 0; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_mod_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Mod, a, b, overflow, out, tick, context) })
}

/// a to the power of b; 1 when `b` is 0, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap, a negative `b` or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_pow_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Pow, a, b, overflow, out, tick, context) })
}

/// Greatest common divisor, never negative; gcd(0, 0) is 0, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_gcd_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Gcd, a, b, overflow, out, tick, context) })
}

/// Least common multiple, never negative; 0 when an operand is 0, element by element.
///
/// @param a        int8 to uint64, any strides
/// @param b        the same; both broadcast to the shape of `out` as in NumPy
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s and of `b`'s; overlaps neither
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_OVERFLOW with the first index in the message; IW_INVALID on shapes, layout,
///         overlap or `overflow`; IW_TYPE on a dtype; IW_CANCELLED
///
/// Works on several threads from 100000 elements on (expensive operations: from 3000).
///
/// # Safety
/// `a`, `b` and `out` are NULL or point to descriptors whose elements stay readable, those of `out`
/// writable and otherwise untouched, until the call returns. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_lcm_array(
    a: *const iw_array,
    b: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_two(BinaryOp::Lcm, a, b, overflow, out, tick, context) })
}

/// -a, element by element.
///
/// @param a        int8 to uint64, any strides; broadcasts to the shape of `out`
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s; does not overlap `a`
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return as iw_ints_add_array
///
/// # Safety
/// As iw_ints_add_array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_neg_array(
    a: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_one(UnaryOp::Neg, "a", a, overflow, out, tick, context) })
}

/// The distance of `a` from 0, element by element.
///
/// @param a        int8 to uint64, any strides; broadcasts to the shape of `out`
/// @param overflow IW_RAISE, IW_WRAP or IW_SATURATE; the range is that of `out`'s type
/// @param out      C-contiguous; its type holds every value of `a`'s; does not overlap `a`
/// @param tick     gets elements done and in all, or NULL
/// @param context  handed to `tick` unread
/// @return as iw_ints_add_array
///
/// # Safety
/// As iw_ints_add_array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_abs_array(
    a: *const iw_array,
    overflow: u32,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_one(UnaryOp::Abs, "a", a, overflow, out, tick, context) })
}

/// The largest integer whose square is at most `n`, element by element.
///
/// @param n       int8 to uint64, any strides; broadcasts to the shape of `out`
/// @param out     C-contiguous; its type holds every value of `n`'s; does not overlap `n`
/// @param tick    gets elements done and in all, or NULL
/// @param context handed to `tick` unread
/// @return IW_OK; IW_INVALID on a negative element, with the first index in the message, and as
///         iw_ints_add_array
///
/// # Safety
/// As iw_ints_add_array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_isqrt_array(
    n: *const iw_array,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    // SAFETY: the caller's promise is the same.
    guard(|| unsafe { arrays_of_one(UnaryOp::Isqrt, "n", n, IW_RAISE, out, tick, context) })
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

/// Whether `n` is prime. Exact for every `n`: the strong test for proved sets of bases.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_is_prime_u64(n: u64) -> bool {
    ints::is_prime(n)
}

/// Whether the unsigned `high * 2^64 + low` is prime.
///
/// Proved below 3317044064679887385961981 (81 bits). Above, the number has passed the strong test for
/// 13 bases and the strong Lucas test: no composite that does is known, none is proved not to exist.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_is_prime_u128(low: u64, high: u64) -> bool {
    ints::is_prime_wide(unsigned(low, high))
}

/// 1 for each prime and 0 for each other number, element by element.
///
/// @param n       int8 to uint64, any strides; broadcasts to the shape of `out`
/// @param out     IW_BOOL or IW_U8, C-contiguous; does not overlap `n`
/// @param tick    gets elements done and in all, or NULL
/// @param context handed to `tick` unread
/// @return IW_OK; IW_INVALID, IW_TYPE and IW_CANCELLED as iw_ints_add_array
///
/// # Safety
/// As iw_ints_add_array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_is_prime_array(
    n: *const iw_array,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise, one by one; overlap is excluded before `out` is borrowed, and
        // both tags are of one byte.
        unsafe {
            let (n, out) = (iw_array::lent(n, "n")?, iw_array::lent(out, "out")?);
            out.refuse_overlap("out", n, "n")?;
            let tag = if out.dtype == IW_BOOL { IW_BOOL } else { IW_U8 };
            let data = out.slice_mut::<u8>("out", tag)?;
            let shape = &out.shape[..out.ndim as usize];
            ints::are_prime(&n.view("n")?, Output { data, shape }, &tick::progress(tick, context))
        }
    })
}

/// The smallest prime above `n`.
///
/// @param n   any number below 18446744073709551557, the largest prime of 64 bits
/// @param out receives the prime
/// @return IW_OK; IW_OVERFLOW for any other `n`; IW_INVALID when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_next_prime(n: u64, out: *mut u64) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(ints::next_prime(n)?);
        Ok(())
    })
}

/// The largest prime below `n`.
///
/// @param n   at least 3
/// @param out receives the prime
/// @return IW_OK; IW_INVALID for a smaller `n` or when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_prev_prime(n: u64, out: *mut u64) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(ints::prev_prime(n)?);
        Ok(())
    })
}

/// The primes of a range, found and counted; opaque.
pub struct iw_primes(Primes);

/// Finds the primes of `first..=last` by a segmented sieve on several threads.
///
/// Ask `iw_primes_count` how many there are, give `iw_primes_write` room for them, then free.
/// Memory: one byte for 30 numbers of the range, and at most 16 MB.
///
/// @param first   smallest number looked at
/// @param last    largest number looked at; below `first`, there are no primes
/// @param tick    gets bytes (of 30 numbers) done and in all, or NULL
/// @param context handed to `tick` unread
/// @param out     receives a handle, to be freed with `iw_primes_free`
/// @return IW_OK; IW_MEMORY when the range is too wide; IW_INVALID when `out` is NULL; IW_CANCELLED
///
/// # Safety
/// `out` is NULL or writable. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_new(
    first: u64,
    last: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_primes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable, and a callable tick.
        let (out, progress) = unsafe { (lent::out(out, "out")?, tick::progress(tick, context)) };
        out.write(Box::into_raw(Box::new(iw_primes(Primes::new(first, last, &progress)?))));
        Ok(())
    })
}

/// Number of primes; 0 when `primes` is NULL.
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_count(primes: *const iw_primes) -> usize {
    // SAFETY: the caller promises NULL or a live handle.
    unsafe { primes.as_ref() }.map_or(0, |primes| primes.0.count())
}

/// Writes the primes in ascending order, on several threads.
///
/// @param primes  a handle, which stays as it is
/// @param out     IW_U64, one axis of `iw_primes_count` elements, contiguous
/// @param tick    gets bytes (of 30 numbers) done and in all, or NULL
/// @param context handed to `tick` unread
/// @return IW_OK; IW_INVALID on NULL, another length or layout; IW_TYPE on a dtype; IW_CANCELLED
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed. `out` is NULL or points to a descriptor whose
/// elements stay writable and otherwise untouched until the call returns. `tick` is NULL or callable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_write(
    primes: *const iw_primes,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise, one by one.
        unsafe {
            let primes = primes.as_ref().ok_or_else(|| Error::Invalid("primes must not be NULL".into()))?;
            let out = iw_array::lent(out, "out")?.slice_mut::<u64>("out", IW_U64)?;
            primes.0.write(out, &tick::progress(tick, context))
        }
    })
}

/// Frees a handle. Does nothing when `primes` is NULL. Leaves the last error alone.
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_free(primes: *mut iw_primes) {
    if !primes.is_null() {
        // SAFETY: the caller promises a live handle, which came from Box::into_raw.
        drop(unsafe { Box::from_raw(primes) });
    }
}

/// Most different primes that divide one number of 128 bits: the product of the first 27 is larger.
pub const IW_MAX_FACTORS: usize = 26;

/// The prime factors of a number, ascending.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct iw_factors {
    /// Number of different primes, 0..=IW_MAX_FACTORS; entries from there on are 0.
    pub count: u32,
    /// How often each prime divides.
    pub exponents: [u32; IW_MAX_FACTORS],
    /// The lower 64 bits of each prime.
    pub low: [u64; IW_MAX_FACTORS],
    /// The upper 64 bits of each prime.
    pub high: [u64; IW_MAX_FACTORS],
}

/// Factors the unsigned `high * 2^64 + low` into primes.
///
/// Below 2^64 at most about a millisecond. Above, by curves, in a time that depends on the second
/// largest prime: 15 digits well under a second, 19 digits some seconds.
///
/// @param low, high the number, at least 1
/// @param tick      called now and then above 2^64, with a total of 0, or NULL
/// @param context   handed to `tick` unread
/// @param out       receives the factors; none for 1
/// @return IW_OK; IW_INVALID when the number is 0 or `out` is NULL; IW_CANCELLED
///
/// # Safety
/// `out` is NULL or writable. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_factor(
    low: u64,
    high: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_factors,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable, and a callable tick.
        let (out, progress) = unsafe { (lent::out(out, "out")?, tick::progress(tick, context)) };
        let found = ints::factor(unsigned(low, high), &progress)?;
        let mut factors = iw_factors {
            count: found.len() as u32,
            exponents: [0; IW_MAX_FACTORS],
            low: [0; IW_MAX_FACTORS],
            high: [0; IW_MAX_FACTORS],
        };
        for (i, (prime, exponent)) in found.into_iter().enumerate() {
            factors.exponents[i] = exponent;
            factors.low[i] = prime as u64;
            factors.high[i] = (prime >> 64) as u64;
        }
        out.write(factors);
        Ok(())
    })
}
