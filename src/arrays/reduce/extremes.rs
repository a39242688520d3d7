//! Smallest and largest values.
#![forbid(unsafe_code)]

use super::{Call, empty};
use crate::arrays::extreme::{Both, Extreme};
use crate::arrays::fold::fold;
use crate::arrays::out::{AnyMut, Slot};
use crate::arrays::source::{Source, Truth};
use crate::arrays::{AnyView, View};
use crate::error::Error;
use crate::progress::Progress;
use half::f16;

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

/// Writes the smallest values to `out`, in the array's type.
///
/// NaN anywhere gives NaN; with `skip_nan`, only NaN alone does.
///
/// # Errors
/// [`Error::Invalid`] when there is nothing to choose from; else as `mean`.
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
