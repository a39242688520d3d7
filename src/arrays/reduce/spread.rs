//! Variances and standard deviations.
#![forbid(unsafe_code)]

use super::{Call, Float};
use crate::arrays::fold::fold;
use crate::arrays::moments::{Moment, Moments};
use crate::arrays::out::AnyMut;
use crate::arrays::source::{Source, Truth, Wide};
use crate::arrays::{AnyView, View};
use crate::error::Error;
use crate::progress::Progress;
use half::f16;

/// Writes variances to `out`, types as in `mean`: squared deviations over `n - ddof`.
///
/// Blocks that fit the cache are read twice, for their mean and for the deviations from it, and merged by
/// the formula of Chan, Golub and LeVeque; memory is read once. Where `n - ddof` is not positive it counts
/// as 0, so the result is NaN or infinite; with `skip_nan` it is NaN. The variance of nothing is NaN.
///
/// # Errors
/// As `mean`; also [`Error::Invalid`] when `ddof` is NaN.
pub fn var(
    values: &AnyView<'_>,
    axes: u64,
    ddof: f64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    spread(values, ddof, skip_nan, Call { axes, out, progress }, |variance| variance)
}

/// Writes standard deviations to `out`: the square roots of [`var`].
///
/// # Errors
/// As [`var`].
pub fn std(
    values: &AnyView<'_>,
    axes: u64,
    ddof: f64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    spread(values, ddof, skip_nan, Call { axes, out, progress }, f64::sqrt)
}

fn spread(
    values: &AnyView<'_>,
    ddof: f64,
    skip_nan: bool,
    call: Call<'_, '_>,
    last: fn(f64) -> f64,
) -> Result<(), Error> {
    if ddof.is_nan() {
        return Err(Error::Invalid("ddof must be a number, got NaN".to_owned()));
    }
    // Converted in the cache, before the loop that takes most of the time: one loop for all types.
    fn of<S: Source<Work = f64>, O: Float>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
        (ddof, skip): (f64, bool),
        last: fn(f64) -> f64,
    ) -> Result<(), Error> {
        let (axes, out, progress) = (call.axes, O::of(call.out)?, call.progress);
        let finish = |one: Moment| {
            let none = skip && one.n as f64 <= ddof;
            Ok(O::from_f64(if none { f64::NAN } else { last(one.variance(ddof)) }))
        };
        match skip {
            true => fold::<S, _, _>(view, axes, &Moments::<true>, out, progress, finish),
            false => fold::<S, _, _>(view, axes, &Moments::<false>, out, progress, finish),
        }
    }
    let how = (ddof, skip_nan);
    match values {
        AnyView::Bool(view) => of::<Wide<Truth>, f64>(view, call, how, last),
        AnyView::I8(view) => of::<Wide<i8>, f64>(view, call, how, last),
        AnyView::I16(view) => of::<Wide<i16>, f64>(view, call, how, last),
        AnyView::I32(view) => of::<Wide<i32>, f64>(view, call, how, last),
        AnyView::I64(view) => of::<Wide<i64>, f64>(view, call, how, last),
        AnyView::U8(view) => of::<Wide<u8>, f64>(view, call, how, last),
        AnyView::U16(view) => of::<Wide<u16>, f64>(view, call, how, last),
        AnyView::U32(view) => of::<Wide<u32>, f64>(view, call, how, last),
        AnyView::U64(view) => of::<Wide<u64>, f64>(view, call, how, last),
        AnyView::F16(view) => of::<Wide<f16>, f16>(view, call, how, last),
        AnyView::F32(view) => of::<Wide<f32>, f32>(view, call, how, last),
        AnyView::F64(view) => of::<f64, f64>(view, call, how, last),
    }
}
