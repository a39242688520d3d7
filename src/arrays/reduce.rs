//! Sums, means, variances, extremes and their places over any axes of arrays of any type and layout.
//!
//! Common to all: bit i of `axes` says that axis i is folded, so 0 folds none; `out` takes the results in C
//! order of the axes that are left, and must have exactly their number. With `skip_nan` NaN counts as
//! absent; integers have none. The progress counts elements. What is computed depends on the array's type,
//! shape and strides alone, not on the number of threads or the CPU.
#![forbid(unsafe_code)]

use super::extreme::{Arg, Both, Extreme};
use super::fold::fold;
use super::moments::{Moment, Moments};
use super::out::{AnyMut, Slot};
use super::simd_fold::Integer;
use super::source::{Source, Truth, Wide};
use super::sum::{FloatSum, IntegerSum};
use super::{AnyView, View};
use crate::error::Error;
use crate::progress::Progress;
use half::f16;

/// What every reduction is told.
struct Call<'c, 'p> {
    axes: u64,
    out: AnyMut<'c>,
    progress: &'c Progress<'p>,
}

/// Runs a generic function with the source type of a view.
macro_rules! by_type {
    ($values:expr, integer: $integer:ident, float: $float:ident, ($($arg:expr),*)) => {
        match $values {
            AnyView::Bool(view) => $integer::<Truth>(view, $($arg),*),
            AnyView::I8(view) => $integer::<i8>(view, $($arg),*),
            AnyView::I16(view) => $integer::<i16>(view, $($arg),*),
            AnyView::I32(view) => $integer::<i32>(view, $($arg),*),
            AnyView::I64(view) => $integer::<i64>(view, $($arg),*),
            AnyView::U8(view) => $integer::<u8>(view, $($arg),*),
            AnyView::U16(view) => $integer::<u16>(view, $($arg),*),
            AnyView::U32(view) => $integer::<u32>(view, $($arg),*),
            AnyView::U64(view) => $integer::<u64>(view, $($arg),*),
            AnyView::F16(view) => $float::<f16>(view, $($arg),*),
            AnyView::F32(view) => $float::<f32>(view, $($arg),*),
            AnyView::F64(view) => $float::<f64>(view, $($arg),*),
        }
    };
}

/// A float result, rounded once from float64.
trait Float: Slot {
    fn from_f64(value: f64) -> Self;
}

impl Float for f16 {
    fn from_f64(value: f64) -> Self {
        f16::from_f64(value)
    }
}

impl Float for f32 {
    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Float for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

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

/// Writes variances to `out`, types as in [`mean`]: squared deviations over `n - ddof`.
///
/// Blocks that fit the cache are read twice, for their mean and for the deviations from it, and merged by
/// the formula of Chan, Golub and LeVeque; memory is read once. Where `n - ddof` is not positive it counts
/// as 0, so the result is NaN or infinite; with `skip_nan` it is NaN. The variance of nothing is NaN.
///
/// # Errors
/// As [`mean`]; also [`Error::Invalid`] when `ddof` is NaN.
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

/// A type whose values come out as they went in.
trait Same: Source {
    type Out: Slot;
    fn slots(out: AnyMut<'_>) -> Result<&mut [Self::Out], Error>;
    fn back(work: Self::Work) -> Self::Out;
}

macro_rules! same {
    ($($type:ty)*) => { $(
        impl Same for $type {
            type Out = $type;
            fn slots(out: AnyMut<'_>) -> Result<&mut [$type], Error> {
                <$type>::of(out)
            }
            fn back(work: $type) -> $type {
                work
            }
        }
    )* };
}
same!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl Same for f16 {
    type Out = f16;
    fn slots(out: AnyMut<'_>) -> Result<&mut [f16], Error> {
        f16::of(out)
    }
    fn back(work: f32) -> f16 {
        f16::from_f32(work) // exact: it came from a float16
    }
}

impl Same for Truth {
    type Out = u8;
    fn slots(out: AnyMut<'_>) -> Result<&mut [u8], Error> {
        match out {
            AnyMut::Bool(out) => Ok(out),
            other => Err(Error::Type(format!("out must be bool, got {}", other.dtype()))),
        }
    }
    fn back(work: u8) -> u8 {
        work
    }
}

fn empty() -> Error {
    Error::Invalid("values must not be empty along the axes to fold, got 0 elements".to_owned())
}

/// Writes the smallest values to `out`, in the array's type.
///
/// NaN anywhere gives NaN; with `skip_nan`, only NaN alone does.
///
/// # Errors
/// [`Error::Invalid`] when there is nothing to choose from; else as [`mean`].
pub fn min(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    extreme::<false>(values, skip_nan, Call { axes, out, progress })
}

/// Writes the largest values to `out`; else as [`min`].
///
/// # Errors
/// As [`min`].
pub fn max(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    extreme::<true>(values, skip_nan, Call { axes, out, progress })
}

fn extreme<const MAX: bool>(values: &AnyView<'_>, skip_nan: bool, call: Call<'_, '_>) -> Result<(), Error> {
    fn of<S: Same, const MAX: bool, const SKIP: bool>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
    ) -> Result<(), Error> {
        let out = S::slots(call.out)?;
        fold::<S, _, _>(view, call.axes, &Extreme::<MAX, SKIP>, out, call.progress, |one| {
            one.map(S::back).ok_or_else(empty)
        })
    }
    fn low<S: Same>(view: &View<'_, S::Item>, call: Call<'_, '_>, max: bool) -> Result<(), Error> {
        if max { of::<S, true, false>(view, call) } else { of::<S, false, false>(view, call) }
    }
    fn skipping<S: Same>(view: &View<'_, S::Item>, call: Call<'_, '_>, max: bool) -> Result<(), Error> {
        if max { of::<S, true, true>(view, call) } else { of::<S, false, true>(view, call) }
    }
    if skip_nan {
        by_type!(values, integer: low, float: skipping, (call, MAX))
    } else {
        by_type!(values, integer: low, float: low, (call, MAX))
    }
}

/// Writes the smallest and the largest values to `out`, in the array's type, as pairs: a last axis of 2.
///
/// Memory is read once. Else as [`min`].
///
/// # Errors
/// As [`min`]; `out` holds two elements a result.
pub fn minmax(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    fn of<S: Same, const SKIP: bool>(view: &View<'_, S::Item>, call: Call<'_, '_>) -> Result<(), Error> {
        let (pairs, odd) = S::slots(call.out)?.as_chunks_mut::<2>();
        if !odd.is_empty() {
            let got = 2 * pairs.len() + 1;
            return Err(Error::Invalid(format!("out must hold pairs, got {got} elements")));
        }
        let both = Both(Extreme::<false, SKIP>, Extreme::<true, SKIP>);
        fold::<S, _, _>(view, call.axes, &both, pairs, call.progress, |(low, high)| match (low, high) {
            (Some(low), Some(high)) => Ok([S::back(low), S::back(high)]),
            _ => Err(empty()),
        })
    }
    fn plain<S: Same>(view: &View<'_, S::Item>, call: Call<'_, '_>, _: bool) -> Result<(), Error> {
        of::<S, false>(view, call)
    }
    fn float<S: Same>(view: &View<'_, S::Item>, call: Call<'_, '_>, skip: bool) -> Result<(), Error> {
        if skip { of::<S, true>(view, call) } else { of::<S, false>(view, call) }
    }
    let call = Call { axes, out, progress };
    by_type!(values, integer: plain, float: float, (call, skip_nan))
}

/// Writes the numbers of the first smallest values to `out`, int64, counted in C order over the folded axes.
///
/// The first NaN counts as smallest; with `skip_nan` NaN is never chosen.
///
/// # Errors
/// [`Error::Invalid`] when there is nothing to choose from, or with `skip_nan` nothing but NaN; else as
/// [`mean`].
pub fn argmin(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    arg::<false>(values, skip_nan, Call { axes, out, progress })
}

/// Writes the numbers of the first largest values to `out`; else as [`argmin`].
///
/// # Errors
/// As [`argmin`].
pub fn argmax(
    values: &AnyView<'_>,
    axes: u64,
    skip_nan: bool,
    out: AnyMut<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    arg::<true>(values, skip_nan, Call { axes, out, progress })
}

fn arg<const MAX: bool>(values: &AnyView<'_>, skip_nan: bool, call: Call<'_, '_>) -> Result<(), Error> {
    fn of<S: Source, const MAX: bool, const SKIP: bool>(
        view: &View<'_, S::Item>,
        call: Call<'_, '_>,
    ) -> Result<(), Error> {
        let out = i64::of(call.out)?;
        let empty = view.size() == 0;
        fold::<S, _, _>(view, call.axes, &Arg::<MAX, SKIP>, out, call.progress, |one| match one {
            Some(place) => Ok(place.at as i64),
            None if empty => Err(self::empty()),
            None => Err(Error::Invalid("values must have a number in every slice, got only NaN".to_owned())),
        })
    }
    fn plain<S: Source>(view: &View<'_, S::Item>, call: Call<'_, '_>, max: bool) -> Result<(), Error> {
        if max { of::<S, true, false>(view, call) } else { of::<S, false, false>(view, call) }
    }
    fn skipping<S: Source>(view: &View<'_, S::Item>, call: Call<'_, '_>, max: bool) -> Result<(), Error> {
        if max { of::<S, true, true>(view, call) } else { of::<S, false, true>(view, call) }
    }
    if skip_nan {
        by_type!(values, integer: plain, float: skipping, (call, MAX))
    } else {
        by_type!(values, integer: plain, float: plain, (call, MAX))
    }
}

#[cfg(test)]
mod tests;
