//! Exports of the extremes of `crate::arrays::reduce`, and of where they are.

use super::arrays::{Lent, run};
use super::tick::iw_tick;
use super::view::iw_array;
use super::{guard, iw_status};
use crate::arrays::reduce;
use core::ffi::c_void;

/// Smallest values over any axes. NaN anywhere gives NaN; with `skip_nan`, only NaN alone does.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values`
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, nothing to choose from;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_min(
    values: *const iw_array,
    axes: u64,
    skip_nan: i32,
    out: *mut c_void,
    out_dtype: u32,
    out_len: usize,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let lent = Lent { values, out, out_dtype, out_len, tick, context };
        // SAFETY: the caller's promises are run's.
        unsafe { run(lent, |values, out, progress| reduce::min(values, axes, skip_nan != 0, out, progress)) }
    })
}

/// Largest values over any axes. NaN anywhere gives NaN; with `skip_nan`, only NaN alone does.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values`
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, nothing to choose from;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_max(
    values: *const iw_array,
    axes: u64,
    skip_nan: i32,
    out: *mut c_void,
    out_dtype: u32,
    out_len: usize,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let lent = Lent { values, out, out_dtype, out_len, tick, context };
        // SAFETY: the caller's promises are run's.
        unsafe { run(lent, |values, out, progress| reduce::max(values, axes, skip_nan != 0, out, progress)) }
    })
}

/// Smallest and largest values over any axes, as pairs, in one pass over memory.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values`
/// @param out_len  elements of `out`: exactly as many as there are results, times 2
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, nothing to choose from;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_minmax(
    values: *const iw_array,
    axes: u64,
    skip_nan: i32,
    out: *mut c_void,
    out_dtype: u32,
    out_len: usize,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let lent = Lent { values, out, out_dtype, out_len, tick, context };
        // SAFETY: the caller's promises are run's.
        unsafe {
            run(lent, |values, out, progress| reduce::minmax(values, axes, skip_nan != 0, out, progress))
        }
    })
}

/// Numbers of the first smallest values, counted in C order over the folded axes.
///
/// The first NaN counts as smallest; with `skip_nan` NaN is never chosen.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: IW_I64
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, nothing to choose from or, with
///         `skip_nan`, only NaN;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_argmin(
    values: *const iw_array,
    axes: u64,
    skip_nan: i32,
    out: *mut c_void,
    out_dtype: u32,
    out_len: usize,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let lent = Lent { values, out, out_dtype, out_len, tick, context };
        // SAFETY: the caller's promises are run's.
        unsafe {
            run(lent, |values, out, progress| reduce::argmin(values, axes, skip_nan != 0, out, progress))
        }
    })
}

/// Numbers of the first largest values, counted in C order over the folded axes.
///
/// The first NaN counts as largest; with `skip_nan` NaN is never chosen.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: IW_I64
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, nothing to choose from or, with
///         `skip_nan`, only NaN;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_argmax(
    values: *const iw_array,
    axes: u64,
    skip_nan: i32,
    out: *mut c_void,
    out_dtype: u32,
    out_len: usize,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let lent = Lent { values, out, out_dtype, out_len, tick, context };
        // SAFETY: the caller's promises are run's.
        unsafe {
            run(lent, |values, out, progress| reduce::argmax(values, axes, skip_nan != 0, out, progress))
        }
    })
}
