//! Where smallest and largest values are.
#![forbid(unsafe_code)]

use super::Call;
use crate::arrays::extreme::Arg;
use crate::arrays::fold::fold;
use crate::arrays::out::{AnyMut, Slot};
use crate::arrays::source::{Source, Truth};
use crate::arrays::{AnyView, View};
use crate::error::Error;
use crate::progress::Progress;
use half::f16;

/// Writes the numbers of the first smallest values to `out`, int64, counted in C order over the folded axes.
///
/// The first NaN counts as smallest; with `skip_nan` NaN is never chosen.
///
/// # Errors
/// [`Error::Invalid`] when there is nothing to choose from, or with `skip_nan` nothing but NaN; else as
/// `mean`.
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
            None if empty => Err(super::empty()),
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
