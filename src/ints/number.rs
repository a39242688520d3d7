//! The eight element types, and each operation on one pair of them.
#![forbid(unsafe_code)]

use super::elementwise::{AnyOutput, Output};
use crate::arrays::{AnyView, View};
use crate::error::Error;

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
pub trait Int: Copy + Ord + Send + Sync + std::fmt::Display + Into<i128> + 'static {
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

    /// Sum, difference, product modulo 2 to the number of bits, and whether that differs from the exact one.
    fn add(self, b: Self) -> (Self, bool);
    /// See [`Int::add`].
    fn sub(self, b: Self) -> (Self, bool);
    /// See [`Int::add`].
    fn mul(self, b: Self) -> (Self, bool);
    /// Quotient rounded down; 0 by 0 is 0, so that a loop needs no branch.
    fn floor_div(self, b: Self) -> (Self, bool);
    /// What [`Int::floor_div`] leaves: 0, or of the sign of `b`.
    fn floor_mod(self, b: Self) -> Self;
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

macro_rules! int {
    ($t:ident, $variant:ident, $name:literal) => {
        impl Int for $t {
            const NAME: &'static str = $name;
            const MIN: Self = $t::MIN;
            const MAX: Self = $t::MAX;
            const ZERO: Self = 0;
            const ONE: Self = 1;

            #[inline(always)]
            fn add(self, b: Self) -> (Self, bool) {
                self.overflowing_add(b)
            }

            #[inline(always)]
            fn sub(self, b: Self) -> (Self, bool) {
                self.overflowing_sub(b)
            }

            #[inline(always)]
            fn mul(self, b: Self) -> (Self, bool) {
                self.overflowing_mul(b)
            }

            #[inline(always)]
            fn floor_div(self, b: Self) -> (Self, bool) {
                let divisor = if b == 0 { 1 } else { b };
                let (quotient, over) = self.overflowing_div(divisor);
                let inexact = self.wrapping_rem(divisor) != 0;
                let apart = (self ^ divisor) < Self::ZERO;
                (if inexact && apart { quotient - 1 } else { quotient }, over)
            }

            #[inline(always)]
            fn floor_mod(self, b: Self) -> Self {
                let rest = self.wrapping_rem(if b == 0 { 1 } else { b });
                if rest != 0 && (rest ^ b) < Self::ZERO { rest + b } else { rest }
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
                    ($from:expr) => {{
                        let data = $from.data();
                        for (i, slot) in to.iter_mut().enumerate() {
                            *slot = data[(at + i as isize * stride) as usize] as Self;
                        }
                        Ok(())
                    }};
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
                    _ => Err(not_integers("array", view)),
                }
            }
        }
    };
}

int!(i8, I8, "int8");
int!(i16, I16, "int16");
int!(i32, I32, "int32");
int!(i64, I64, "int64");
int!(u8, U8, "uint8");
int!(u16, U16, "uint16");
int!(u32, U32, "uint32");
int!(u64, U64, "uint64");

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

/// Why an operation has no result for a pair, whatever [`Overflow`] says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refused {
    Zero,
    Negative(&'static str),
}

/// An operation on one pair. Everything is inlined into a loop over chunks.
pub(super) trait Binary {
    /// How a message writes it: `a + b`.
    const FORM: [&'static str; 3];
    /// The result modulo 2 to the number of bits, and whether the exact one does not fit.
    fn apply<T: Int>(a: T, b: T) -> (T, bool);
    /// The nearer end, for a pair that does not fit.
    fn nearest<T: Int>(a: T, b: T) -> T;
    /// Whether there is no result at all.
    #[inline(always)]
    fn refused<T: Int>(_a: T, _b: T) -> Option<Refused> {
        None
    }
}

pub(super) struct Add;
pub(super) struct Sub;
pub(super) struct Mul;
pub(super) struct FloorDiv;
pub(super) struct Mod;
pub(super) struct Pow;
pub(super) struct Gcd;
pub(super) struct Lcm;

impl Binary for Add {
    const FORM: [&'static str; 3] = ["", " + ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        a.add(b)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T, _b: T) -> T {
        if a < T::ZERO { T::MIN } else { T::MAX }
    }
}

impl Binary for Sub {
    const FORM: [&'static str; 3] = ["", " - ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        a.sub(b)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        if a < b { T::MIN } else { T::MAX }
    }
}

impl Binary for Mul {
    const FORM: [&'static str; 3] = ["", " * ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        a.mul(b)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        if (a < T::ZERO) == (b < T::ZERO) { T::MAX } else { T::MIN }
    }
}

impl Binary for FloorDiv {
    const FORM: [&'static str; 3] = ["", " // ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        a.floor_div(b)
    }
    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX // only MIN // -1
    }
    #[inline(always)]
    fn refused<T: Int>(_a: T, b: T) -> Option<Refused> {
        if b == T::ZERO { Some(Refused::Zero) } else { None }
    }
}

impl Binary for Mod {
    const FORM: [&'static str; 3] = ["", " % ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        (a.floor_mod(b), false)
    }
    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::ZERO // never needed: the result is nearer to 0 than b
    }
    #[inline(always)]
    fn refused<T: Int>(_a: T, b: T) -> Option<Refused> {
        if b == T::ZERO { Some(Refused::Zero) } else { None }
    }
}

impl Binary for Pow {
    const FORM: [&'static str; 3] = ["", " ** ", ""];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let mut exponent = b.magnitude();
        let (mut result, mut over) = (T::ONE, false);
        let (mut base, mut base_over) = (a, false);
        while exponent != 0 {
            if exponent & 1 == 1 {
                let (product, more) = result.mul(base);
                result = product;
                // A base that overflowed is at least 2 to the number of bits: no factor brings it back.
                over |= more | base_over;
            }
            exponent >>= 1;
            let (square, more) = base.mul(base);
            base = square;
            base_over |= more;
        }
        (result, over)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        if a < T::ZERO && b.magnitude() & 1 == 1 { T::MIN } else { T::MAX }
    }
    #[inline(always)]
    fn refused<T: Int>(_a: T, b: T) -> Option<Refused> {
        if b < T::ZERO { Some(Refused::Negative("b")) } else { None }
    }
}

impl Binary for Gcd {
    const FORM: [&'static str; 3] = ["gcd(", ", ", ")"];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let found = super::gcd(a.magnitude(), b.magnitude());
        (T::cut(found), T::from_u64(found).is_none())
    }
    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX
    }
}

impl Binary for Lcm {
    const FORM: [&'static str; 3] = ["lcm(", ", ", ")"];
    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let (a, b) = (a.magnitude(), b.magnitude());
        if a == 0 || b == 0 {
            return (T::ZERO, false);
        }
        let (found, over) = (a / super::gcd(a, b)).overflowing_mul(b);
        (T::cut(found), over || T::from_u64(found).is_none())
    }
    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX
    }
}

/// An operation on one element.
pub(super) trait Unary {
    /// How a message writes it, around the element.
    const FORM: [&'static str; 2];
    /// See [`Binary::apply`].
    fn apply<T: Int>(a: T) -> (T, bool);
    /// See [`Binary::nearest`].
    fn nearest<T: Int>(a: T) -> T;
    /// See [`Binary::refused`].
    #[inline(always)]
    fn refused<T: Int>(_a: T) -> Option<Refused> {
        None
    }
}

pub(super) struct Neg;
pub(super) struct Abs;
pub(super) struct Isqrt;

impl Unary for Neg {
    const FORM: [&'static str; 2] = ["-(", ")"];
    #[inline(always)]
    fn apply<T: Int>(a: T) -> (T, bool) {
        T::ZERO.sub(a)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T) -> T {
        if a < T::ZERO { T::MAX } else { T::MIN }
    }
}

impl Unary for Abs {
    const FORM: [&'static str; 2] = ["abs(", ")"];
    #[inline(always)]
    fn apply<T: Int>(a: T) -> (T, bool) {
        let (negated, over) = T::ZERO.sub(a);
        if a < T::ZERO { (negated, over) } else { (a, false) }
    }
    #[inline(always)]
    fn nearest<T: Int>(_a: T) -> T {
        T::MAX
    }
}

impl Unary for Isqrt {
    const FORM: [&'static str; 2] = ["isqrt(", ")"];
    #[inline(always)]
    fn apply<T: Int>(a: T) -> (T, bool) {
        (T::cut(super::isqrt(a.magnitude())), false)
    }
    #[inline(always)]
    fn nearest<T: Int>(a: T) -> T {
        a
    }
    #[inline(always)]
    fn refused<T: Int>(a: T) -> Option<Refused> {
        if a < T::ZERO { Some(Refused::Negative("n")) } else { None }
    }
}
