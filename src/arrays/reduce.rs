//! Sums, means, variances, extremes and their places over any axes of arrays of any type and layout.
//!
//! Common to all: bit i of `axes` says that axis i is folded, so 0 folds none; `out` takes the results in C
//! order of the axes that are left, and must have exactly their number. With `skip_nan` NaN counts as
//! absent; integers have none. The progress counts elements. What is computed depends on the array's type,
//! shape and strides alone, not on the number of threads or the CPU.
#![forbid(unsafe_code)]

use super::out::{AnyMut, Slot};
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

fn empty() -> Error {
    Error::Invalid("values must not be empty along the axes to fold, got 0 elements".to_owned())
}

mod extremes;
mod places;
mod spread;
mod sums;

pub use extremes::{max, min, minmax};
pub use places::{argmax, argmin};
pub use spread::{std, var};
pub use sums::{mean, sum};

#[cfg(test)]
mod tests;
