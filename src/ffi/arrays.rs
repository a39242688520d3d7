//! Exports of `crate::arrays`.

use super::tick::{iw_tick, progress};
use super::view::iw_array;
use super::{guard, iw_status};
use crate::arrays::mandelbrot::Region;
use crate::arrays::{AnyMut, AnyView, mandelbrot, reduce};
use crate::error::Error;
use crate::progress::Progress;
use core::ffi::c_void;

/// The arguments that all reductions share.
pub(super) struct Lent {
    pub(super) values: *const iw_array,
    pub(super) out: *mut c_void,
    pub(super) out_dtype: u32,
    pub(super) out_len: usize,
    pub(super) tick: iw_tick,
    pub(super) context: *mut c_void,
}

/// Borrows the arguments of a reduction and runs it.
///
/// # Safety
/// As every reduction below.
pub(super) unsafe fn run(
    lent: Lent,
    work: impl FnOnce(&AnyView<'_>, AnyMut<'_>, &Progress<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    // SAFETY: the caller promises NULL or a descriptor.
    let values = unsafe { iw_array::lent(lent.values, "values")? };
    let out = iw_array::row(lent.out, lent.out_dtype, lent.out_len);
    out.refuse_overlap("out", values, "values")?;
    // SAFETY: the caller promises readable values, writable results and a callable tick until we return;
    // that they lie apart is checked.
    unsafe {
        let (values, out) = (values.view("values")?, out.any_mut("out")?);
        work(&values, out, &progress(lent.tick, lent.context))
    }
}

/// Escape times of the Mandelbrot set, written to `out` row by row.
///
/// Column j stands for the real part `x_min + j * (x_max - x_min) / (width - 1)`, the last for exactly
/// `x_max`; rows for imaginary parts likewise. The count of a point c is the number of steps `z = z*z + c`
/// from z = 0, at most `iterations`, before `|z|^2 > 4`, every operation a float64 rounded once: the same
/// on every CPU and with any number of threads as a plain loop without fused multiply-add.
///
/// @param width      columns; 0 is an empty image
/// @param height     rows
/// @param iterations the most steps a point is given
/// @param x_min, x_max, y_min, y_max  the rectangle shown, both ends included; finite, in either order
/// @param out        uint32, width * height elements
/// @param tick       called with points done of points in all, or NULL
/// @param context    handed to `tick` unread
/// @return IW_OK; IW_INVALID on a region that is not finite or an image larger than the address space;
///         IW_MEMORY; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `out` points to width * height elements that nobody else touches until the call returns. `tick` is NULL
/// or may be called with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_mandelbrot(
    width: usize,
    height: usize,
    iterations: u32,
    x_min: f64,
    x_max: f64,
    y_min: f64,
    y_max: f64,
    out: *mut u32,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        let Some(points) = width.checked_mul(height) else {
            let message = format!("width * height must fit memory, got {width} * {height}");
            return Err(Error::Invalid(message));
        };
        let region = Region { x_min, x_max, y_min, y_max };
        // SAFETY: the caller promises the elements of out and a callable tick until we return.
        unsafe {
            let out = iw_array::row(out.cast(), super::view::IW_U32, points)
                .slice_mut("out", super::view::IW_U32)?;
            mandelbrot::mandelbrot(width, height, iterations, region, out, &progress(tick, context))
        }
    })
}

/// Sums over any axes. Integer sums are exact.
///
/// float16 and float32 are summed in float64, float64 with its rounding errors summed beside it: the true
/// sum rounded once, but for about n * 2^-106 * sum(|x|). The sum of nothing is 0. The result does not
/// depend on the number of threads or the CPU, and that holds for all functions of this section.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: IW_I64 for bools and signed integers, IW_U64
///                 for unsigned, else that of `values`
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap;
///         IW_TYPE on another `out_dtype`; IW_OVERFLOW when an integer sum does not fit; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_sum(
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
        unsafe { run(lent, |values, out, progress| reduce::sum(values, axes, skip_nan != 0, out, progress)) }
    })
}

/// Arithmetic means over any axes: the sum of `iw_arrays_sum` over the count. The mean of nothing is NaN.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values` if a float, else IW_F64
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_mean(
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
        unsafe { run(lent, |values, out, progress| reduce::mean(values, axes, skip_nan != 0, out, progress)) }
    })
}

/// Variances over any axes: squared deviations from the mean over n - ddof.
///
/// Memory is read once. Where n - ddof is not positive it counts as 0, so that the result is NaN or
/// infinite; with `skip_nan` it is NaN. The variance of nothing is NaN.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param ddof     what to take off the count; not NaN
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values` if a float, else IW_F64
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, a `ddof` that is NaN;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_var(
    values: *const iw_array,
    axes: u64,
    ddof: f64,
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
            run(lent, |values, out, progress| reduce::var(values, axes, ddof, skip_nan != 0, out, progress))
        }
    })
}

/// Standard deviations over any axes: the square roots of `iw_arrays_var`.
///
/// @param values   any element type and strides; read only
/// @param axes     bit i set folds axis i; no bit set folds nothing
/// @param ddof     what to take off the count; not NaN
/// @param skip_nan not 0: NaN counts as absent
/// @param out      the results, in C order of the axes that are left; may not overlap `values`
/// @param out_dtype element tag of `out`: that of `values` if a float, else IW_F64
/// @param out_len  elements of `out`: exactly as many as there are results
/// @param tick     called with elements done of elements in all, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_INVALID on an axis that is not there, a wrong `out_len`, overlap, a `ddof` that is NaN;
///         IW_TYPE on another `out_dtype`; IW_CANCELLED, with `out` partly written
///
/// # Safety
/// `values` is NULL or points to a descriptor of readable elements that nobody writes, and `out` to
/// `out_len` elements that nobody else touches, until the call returns. `tick` is NULL or may be called
/// with `context` on this thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "flat scalars are what every foreign interface can pass")]
pub unsafe extern "C" fn iw_arrays_std(
    values: *const iw_array,
    axes: u64,
    ddof: f64,
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
            run(lent, |values, out, progress| reduce::std(values, axes, ddof, skip_nan != 0, out, progress))
        }
    })
}
