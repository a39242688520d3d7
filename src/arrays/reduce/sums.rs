//! Sums and means.
#![forbid(unsafe_code)]

use super::{Call, Float};
use crate::arrays::fold::fold;
use crate::arrays::out::{AnyMut, Slot};
use crate::arrays::simd_fold::Integer;
use crate::arrays::source::{Source, Truth};
use crate::arrays::sum::{FloatSum, IntegerSum};
use crate::arrays::{AnyView, View};
use crate::error::Error;
use crate::progress::Progress;
use half::f16;

/// Writes sums to `out`: int64 for bools and signed integers, uint64 for unsigned, else the array's type.
///
/// Integer sums are exact. float16 and float32 are summed in float64; float64 with the rounding errors
/// summed beside it, so that the result is the true sum rounded once, but for an error of about
/// `n * 2^-106 * sum(|x|)`. The sum of nothing is 0.
///
/// # Errors
/// [`Error::Overflow`] when an integer sum does not fit; [`Error::Type`] when `out` has another type;
/// [`Error::Invalid`] for an axis that is not there or an `out` of another size; [`Error::Cancelled`].
pub fn sum(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    fn narrow<T: Slot + TryFrom<i128>>(dtype: &str) -> impl Fn(i128) -> Result<T, Error> + Sync {
        move |sum| {
            let refuse = |_| Error::Overflow(format!("values must sum to what {dtype} holds, got {sum}"));
            T::try_from(sum).map_err(refuse)
        }
    }
    fn signed<S: Source<Work: Integer>>(view: &View<'_, S::Item>, call: Call<'_, '_>) -> Result<(), Error> {
        let out = i64::of(call.out)?;
        fold::<S, _, _>(view, call.axes, &IntegerSum, out, call.progress, narrow("int64"))
    }
    fn unsigned<S: Source<Work: Integer>>(view: &View<'_, S::Item>, call: Call<'_, '_>) -> Result<(), Error> {
        let out = u64::of(call.out)?;
        fold::<S, _, _>(view, call.axes, &IntegerSum, out, call.progress, narrow("uint64"))
    }
    fn float<S: Source + Float>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
        skip: bool,
    ) -> Result<(), Error> {
        let (axes, out, progress) = (call.axes, S::of(call.out)?, call.progress);
        match skip {
            true => fold::<S, _, _>(view, axes, &FloatSum::<true>, out, progress, |one| {
                Ok(S::from_f64(one.sum.value()))
            }),
            false => fold::<S, _, _>(view, axes, &FloatSum::<false>, out, progress, |one| {
                Ok(S::from_f64(one.sum.value()))
            }),
        }
    }
    let call = Call { axes, out, progress };
    match values {
        AnyView::Bool(view) => signed::<Truth>(view, call),
        AnyView::I8(view) => signed::<i8>(view, call),
        AnyView::I16(view) => signed::<i16>(view, call),
        AnyView::I32(view) => signed::<i32>(view, call),
        AnyView::I64(view) => signed::<i64>(view, call),
        AnyView::U8(view) => unsigned::<u8>(view, call),
        AnyView::U16(view) => unsigned::<u16>(view, call),
        AnyView::U32(view) => unsigned::<u32>(view, call),
        AnyView::U64(view) => unsigned::<u64>(view, call),
        AnyView::F16(view) => float::<f16>(view, call, skip_nan),
        AnyView::F32(view) => float::<f32>(view, call, skip_nan),
        AnyView::F64(view) => float::<f64>(view, call, skip_nan),
    }
}

/// Writes arithmetic means to `out`: float64 for bools and integers, else the array's type.
///
/// The sum as [`sum`] has it, so exact for integers of any size, over the count. The mean of nothing is NaN.
///
/// # Errors
/// As [`sum`], without overflow.
pub fn mean(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    fn integer<S: Source<Work: Integer>>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
        _: bool,
    ) -> Result<(), Error> {
        let out = f64::of(call.out)?;
        let n = match view.size() {
            0 => 0, // and every sum is one of nothing
            size => size / out.len().max(1),
        };
        fold::<S, _, _>(view, call.axes, &IntegerSum, out, call.progress, |sum| Ok(sum as f64 / n as f64))
    }
    fn float<S: Source + Float>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
        skip: bool,
    ) -> Result<(), Error> {
        let (axes, out, progress) = (call.axes, S::of(call.out)?, call.progress);
        match skip {
            true => fold::<S, _, _>(view, axes, &FloatSum::<true>, out, progress, |one| {
                Ok(S::from_f64(one.sum.value() / one.count as f64))
            }),
            false => fold::<S, _, _>(view, axes, &FloatSum::<false>, out, progress, |one| {
                Ok(S::from_f64(one.sum.value() / one.count as f64))
            }),
        }
    }
    let call = Call { axes, out, progress };
    by_type!(values, integer: integer, float: float, (call, skip_nan))
}
