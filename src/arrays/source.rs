//! Element types: what is stored, and the type the kernels work in.
#![forbid(unsafe_code)]

use half::f16;
use half::slice::HalfFloatSliceExt;

/// A type that kernels work in.
pub(super) trait Work: Copy + PartialOrd + Send + Sync + 'static {
    /// Whether some value may be NaN.
    const FLOAT: bool;

    fn to_f64(self) -> f64;

    /// Only floats have such a value.
    #[inline(always)]
    #[allow(clippy::eq_op, reason = "the test for NaN that integers share and compilers remove for them")]
    fn is_nan(self) -> bool {
        self != self
    }
}

macro_rules! work {
    ($float:literal: $($type:ty)*) => { $(
        impl Work for $type {
            const FLOAT: bool = $float;

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )* };
}
work!(false: i8 i16 i32 i64 u8 u16 u32 u64);
work!(true: f32 f64);

/// An element as it is stored. Kernels read it where it lies, or from a buffer where it must be converted.
pub(super) trait Source {
    type Item: Copy + Send + Sync + 'static;
    type Work: Work;

    fn work(item: Self::Item) -> Self::Work;

    /// The run itself, when it needs no conversion.
    fn direct(run: &[Self::Item]) -> Option<&[Self::Work]>;

    fn convert(run: &[Self::Item], out: &mut [Self::Work]) {
        out.iter_mut().zip(run).for_each(|(to, from)| *to = Self::work(*from));
    }
}

macro_rules! stored_as_worked {
    ($($type:ty)*) => { $(
        impl Source for $type {
            type Item = $type;
            type Work = $type;

            #[inline(always)]
            fn work(item: $type) -> $type {
                item
            }

            #[inline(always)]
            fn direct(run: &[$type]) -> Option<&[$type]> {
                Some(run)
            }
        }
    )* };
}
stored_as_worked!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

/// A bool: a byte that may hold any value, of which 0 alone is false.
pub(super) struct Truth;

impl Source for Truth {
    type Item = u8;
    type Work = u8;

    #[inline(always)]
    fn work(item: u8) -> u8 {
        u8::from(item != 0)
    }

    fn direct(_: &[u8]) -> Option<&[u8]> {
        None
    }
}

impl Source for f16 {
    type Item = f16;
    type Work = f32;

    #[inline(always)]
    fn work(item: f16) -> f32 {
        item.to_f32()
    }

    fn direct(_: &[f16]) -> Option<&[f32]> {
        None
    }

    fn convert(run: &[f16], out: &mut [f32]) {
        run.convert_to_f32_slice(out); // uses the CPU's own conversion, looked up once a run
    }
}

/// Any element, worked on as float64.
pub(super) struct Wide<S>(std::marker::PhantomData<S>);

impl<S: Source> Source for Wide<S> {
    type Item = S::Item;
    type Work = f64;

    #[inline(always)]
    fn work(item: S::Item) -> f64 {
        S::work(item).to_f64()
    }

    fn direct(_: &[S::Item]) -> Option<&[f64]> {
        None
    }
}
