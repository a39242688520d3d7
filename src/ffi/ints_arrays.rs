//! Exports of `crate::ints`: arithmetic on arrays.

use super::ints::mode;
use super::{IW_I8, IW_I16, IW_I32, IW_I64, IW_RAISE, IW_U8, IW_U16, IW_U32, IW_U64};
use super::{guard, iw_array, iw_status, iw_tick, tick};
use crate::error::Error;
use crate::ints::{self, AnyOutput, BinaryOp, Output, UnaryOp};
use core::ffi::c_void;

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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
/// On several threads where that pays: from some 8 MiB read and written on, expensive operations earlier.
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
