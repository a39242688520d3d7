//! The eight element types, and what loops over them are made of.
//!
//! Loops over blocks do not branch: they write what plain instructions give and collect, in a word of the
//! elements' own width, marks of what did not fit. Compilers turn that into vectors of every width.
#![forbid(unsafe_code)]

use super::elementwise::{AnyOutput, Output};
use crate::arrays::{AnyView, View};
use crate::error::Error;
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// What happens when the exact result does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overflow {
    /// [`Error::Overflow`], naming the operands.
    Raise,
    /// The result modulo 2 to the number of bits.
    Wrap,
    /// The end of the type's range that lies nearer.
    Saturate,
}

/// An element type, int8 to uint64.
pub trait Int:
    Copy
    + Ord
    + Send
    + Sync
    + std::fmt::Display
    + Into<i128>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + 'static
{
    /// NumPy's name.
    const NAME: &'static str;
    /// The smallest value.
    const MIN: Self;
    /// The largest value.
    const MAX: Self;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// Whether negative values exist.
    const SIGNED: bool;
    /// Width of a value.
    const BITS: u32;

    /// Sum modulo 2 to the number of bits.
    fn add(self, b: Self) -> Self;
    /// Difference modulo 2 to the number of bits.
    fn sub(self, b: Self) -> Self;
    /// Product modulo 2 to the number of bits.
    fn mul(self, b: Self) -> Self;
    /// Sum, or the nearer end of the range.
    fn add_clamped(self, b: Self) -> Self;
    /// Difference, or the nearer end of the range.
    fn sub_clamped(self, b: Self) -> Self;
    /// Product, or the nearer end of the range.
    fn mul_clamped(self, b: Self) -> Self;
    /// The distance from 0 modulo 2 to the number of bits: the smallest signed value stays itself.
    fn abs(self) -> Self;
    /// The highest bit is set exactly when `sum`, which is [`Int::add`]'s, is not the exact one.
    fn add_mark(self, b: Self, sum: Self) -> Self;
    /// As [`Int::add_mark`], for [`Int::sub`].
    fn sub_mark(self, b: Self, difference: Self) -> Self;
    /// Is not 0 exactly when `product`, which is [`Int::mul`]'s, is not the exact one.
    fn mul_mark(self, b: Self, product: Self) -> Self;
    /// Whether the highest bit is set.
    fn top(self) -> bool;
    /// `self / b` rounded down, for a `b` that is not 0 and a quotient that fits.
    fn quotient(self, b: Self) -> Self;
    /// `self / d` rounded down, by the `Reciprocal` of `d`.
    fn divided(self, by: Reciprocal) -> Self;
    /// The largest integer whose square is at most `self`; of negative values, any.
    fn root(self) -> Self;
    /// As many bits as the value takes, but for its sign, are set in some of these values' union.
    fn extent(self) -> u64;
    /// The distance from 0.
    fn magnitude(self) -> u64;
    /// `value` if it fits.
    fn from_u64(value: u64) -> Option<Self>;
    /// The low bits of `value`.
    fn cut(value: u64) -> Self;

    /// The output, its type forgotten.
    fn output(out: Output<'_, Self>) -> AnyOutput<'_>;
    /// The view, if it is of this type.
    fn same<'v, 'a>(view: &'v AnyView<'a>) -> Option<&'v View<'a, Self>>;
    /// Copies elements `at`, `at + stride`, ... of `view`, of whatever integer type fits this one.
    fn gather(view: &AnyView<'_>, at: isize, stride: isize, to: &mut [Self]) -> Result<(), Error>;
}

/// What multiplying by takes the place of dividing by a positive `d`.
///
/// T. Granlund and P. L. Montgomery, Division by invariant integers using multiplication (1994), figure 4.1.
#[derive(Clone, Copy, Debug)]
pub struct Reciprocal {
    factor: u64,
    first: u32,
    second: u32,
}

impl Reciprocal {
    /// The reciprocal of `divisor`, of at least 1, for dividends of `bits` bits.
    pub(super) fn new(divisor: u64, bits: u32) -> Self {
        let log = 64 - (divisor - 1).leading_zeros();
        let above = (1_u128 << log) - u128::from(divisor);
        let factor = ((above << bits) / u128::from(divisor) + 1) as u64;
        Self { factor, first: log.min(1), second: log.saturating_sub(1) }
    }
}

/// The whole number below a float of few digits, modulo 2 to the number of bits: beside a large enough float it
/// stands in the lowest bits. Conversion takes longer, because it looks after floats that do not fit.
macro_rules! whole {
    (f32, $x:expr) => {
        ($x.floor() + 12_582_912.0).to_bits() as Self // 1.5 * 2^23
    };
    (f64, $x:expr) => {
        ($x.floor() + 6_755_399_441_055_744.0).to_bits() as Self // 1.5 * 2^52
    };
}

/// Quotients of narrow integers by floats, which divide by the vector. What is not whole lies at least
/// `1 / b` below the next whole number, and `a / b` is rounded by less: none is rounded up to it.
macro_rules! quotient {
    (none, $a:expr, $b:expr) => {{
        let quotient = $a.wrapping_div($b);
        let rest = $a.wrapping_sub(quotient.wrapping_mul($b));
        if Self::SIGNED && rest != 0 && (rest ^ $b) < Self::ZERO { quotient - 1 } else { quotient }
    }};
    ($float:tt, $a:expr, $b:expr) => {
        whole!($float, ($a as $float / $b as $float))
    };
}

/// Roots of narrow integers by floats that hold them exactly; theirs is rounded, but not up to a whole number.
macro_rules! root {
    (none, $n:expr) => {
        super::isqrt($n.magnitude()) as Self
    };
    ($float:tt, $n:expr) => {
        whole!($float, ($n as $float).sqrt())
    };
}

macro_rules! int {
    ($t:ident, $variant:ident, $name:literal, $signed:literal, $unsigned:ident, $double:ident, $wide:ident,
        $float:tt) => {
        impl Int for $t {
            const NAME: &'static str = $name;
            const MIN: Self = $t::MIN;
            const MAX: Self = $t::MAX;
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const SIGNED: bool = $signed;
            const BITS: u32 = $t::BITS;

            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self.wrapping_add(b)
            }

            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                self.wrapping_sub(b)
            }

            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                self.wrapping_mul(b)
            }

            #[inline(always)]
            fn add_clamped(self, b: Self) -> Self {
                self.saturating_add(b)
            }

            #[inline(always)]
            fn sub_clamped(self, b: Self) -> Self {
                self.saturating_sub(b)
            }

            #[inline(always)]
            fn mul_clamped(self, b: Self) -> Self {
                if Self::BITS == 64 {
                    return self.saturating_mul(b);
                }
                (self as $wide * b as $wide).clamp(Self::MIN as $wide, Self::MAX as $wide) as Self
            }

            #[inline(always)]
            fn abs(self) -> Self {
                if $signed && self < Self::ZERO { Self::ZERO.wrapping_sub(self) } else { self }
            }

            #[inline(always)]
            fn add_mark(self, b: Self, sum: Self) -> Self {
                if $signed { (self ^ sum) & (b ^ sum) } else { (self & b) | ((self | b) & !sum) }
            }

            #[inline(always)]
            fn sub_mark(self, b: Self, difference: Self) -> Self {
                if $signed {
                    (self ^ b) & (self ^ difference)
                } else {
                    (!self & b) | (!(self ^ b) & difference)
                }
            }

            #[inline(always)]
            fn mul_mark(self, b: Self, product: Self) -> Self {
                let high = ((self as $wide * b as $wide) >> Self::BITS) as Self;
                if $signed { high ^ (product >> (Self::BITS - 1)) } else { high }
            }

            #[inline(always)]
            fn top(self) -> bool {
                self >> (Self::BITS - 1) != 0
            }

            #[inline(always)]
            fn quotient(self, b: Self) -> Self {
                quotient!($float, self, b)
            }

            #[inline(always)]
            fn divided(self, by: Reciprocal) -> Self {
                // floor(a / d) is -1 - floor((-1 - a) / d), and -1 - a is what flipping the bits gives.
                let sign = if $signed { self >> (Self::BITS - 1) } else { 0 };
                let n = (self ^ sign) as $unsigned;
                let high = ((n as $double * by.factor as $double) >> Self::BITS) as $unsigned;
                ((high + ((n - high) >> by.first)) >> by.second) as Self ^ sign
            }

            #[inline(always)]
            fn root(self) -> Self {
                root!($float, self)
            }

            #[inline(always)]
            fn extent(self) -> u64 {
                (if $signed { self ^ (self >> (Self::BITS - 1)) } else { self }) as u64
            }

            #[inline(always)]
            #[allow(clippy::unnecessary_cast, unused_comparisons, reason = "one text for eight types")]
            fn magnitude(self) -> u64 {
                if self < 0 { (self as u64).wrapping_neg() } else { self as u64 }
            }

            #[inline(always)]
            fn from_u64(value: u64) -> Option<Self> {
                Self::try_from(value).ok()
            }

            #[inline(always)]
            fn cut(value: u64) -> Self {
                value as Self
            }

            fn output(out: Output<'_, Self>) -> AnyOutput<'_> {
                AnyOutput::$variant(out)
            }

            #[inline]
            fn same<'v, 'a>(view: &'v AnyView<'a>) -> Option<&'v View<'a, Self>> {
                if let AnyView::$variant(view) = view { Some(view) } else { None }
            }

            fn gather(view: &AnyView<'_>, at: isize, stride: isize, to: &mut [Self]) -> Result<(), Error> {
                macro_rules! copy {
                    ($from:expr) => {
                        copy_strided($from.data(), at, stride, to, |x| x as Self)
                    };
                }
                match view {
                    AnyView::I8(view) => copy!(view),
                    AnyView::I16(view) => copy!(view),
                    AnyView::I32(view) => copy!(view),
                    AnyView::I64(view) => copy!(view),
                    AnyView::U8(view) => copy!(view),
                    AnyView::U16(view) => copy!(view),
                    AnyView::U32(view) => copy!(view),
                    AnyView::U64(view) => copy!(view),
                    _ => return Err(not_integers("array", view)),
                }
                Ok(())
            }
        }
    };
}

int!(i8, I8, "int8", true, u8, u16, i16, f32);
int!(i16, I16, "int16", true, u16, u32, i32, f32);
int!(i32, I32, "int32", true, u32, u64, i64, f64);
int!(i64, I64, "int64", true, u64, u128, i128, none);
int!(u8, U8, "uint8", false, u8, u16, u16, f32);
int!(u16, U16, "uint16", false, u16, u32, u32, f32);
int!(u32, U32, "uint32", false, u32, u64, u64, f64);
int!(u64, U64, "uint64", false, u64, u128, u128, none);

/// Copies elements `at`, `at + stride`, ... of `data`, each as `each` has it.
#[inline]
fn copy_strided<S: Copy, T: Copy>(data: &[S], at: isize, stride: isize, to: &mut [T], each: impl Fn(S) -> T) {
    let Some((last, before)) = to.split_last_mut() else { return };
    let start = at as usize;
    let end = (at + before.len() as isize * stride) as usize;
    *last = each(data[end]); // past which there may be no whole step
    match stride {
        0 => before.fill(each(data[start])),
        1 => before.iter_mut().zip(&data[start..end]).for_each(|(slot, x)| *slot = each(*x)),
        2 => copy_steps::<2, S, T>(&data[start..end], before, each),
        3 => copy_steps::<3, S, T>(&data[start..end], before, each),
        4 => copy_steps::<4, S, T>(&data[start..end], before, each),
        -1 => {
            let backwards = data[end + 1..=start].iter().rev();
            before.iter_mut().zip(backwards).for_each(|(slot, x)| *slot = each(*x));
        }
        _ => {
            for (i, slot) in before.iter_mut().enumerate() {
                *slot = each(data[(at + i as isize * stride) as usize]);
            }
        }
    }
}

/// Every `N`-th element: known when this is compiled, steps become shuffles of vectors.
#[inline]
fn copy_steps<const N: usize, S: Copy, T: Copy>(data: &[S], to: &mut [T], each: impl Fn(S) -> T) {
    to.iter_mut().zip(data.as_chunks::<N>().0).for_each(|(slot, chunk)| *slot = each(chunk[0]));
}

/// The dtype of an array, as NumPy names it, with its range if it holds integers.
pub(super) fn dtype(view: &AnyView<'_>) -> (&'static str, Option<(i128, i128)>) {
    fn of<T: Int>() -> (&'static str, Option<(i128, i128)>) {
        (T::NAME, Some((T::MIN.into(), T::MAX.into())))
    }
    match view {
        AnyView::I8(_) => of::<i8>(),
        AnyView::I16(_) => of::<i16>(),
        AnyView::I32(_) => of::<i32>(),
        AnyView::I64(_) => of::<i64>(),
        AnyView::U8(_) => of::<u8>(),
        AnyView::U16(_) => of::<u16>(),
        AnyView::U32(_) => of::<u32>(),
        AnyView::U64(_) => of::<u64>(),
        AnyView::Bool(_) => ("bool", None),
        AnyView::F16(_) => ("float16", None),
        AnyView::F32(_) => ("float32", None),
        AnyView::F64(_) => ("float64", None),
    }
}

pub(super) fn not_integers(name: &str, view: &AnyView<'_>) -> Error {
    Error::Type(format!("{name} must hold integers, int8 to uint64, got dtype {}", dtype(view).0))
}
