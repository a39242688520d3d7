//! Quotients rounded down, and what they leave.
#![forbid(unsafe_code)]

use super::operation::{Binary, Operand, Refused, filled, marked};
use crate::ints::number::{Int, Overflow, Reciprocal};

pub(super) struct FloorDiv;
pub(super) struct Mod;

/// Two divisors have no quotient to offer, and machines trap on both: 1 takes their place, which gives the
/// smallest value by -1 what it has modulo 2 to the number of bits.
#[inline(always)]
fn divisor<T: Int>(a: T, b: T) -> (T, bool) {
    let over = T::SIGNED & (a == T::MIN) & (b == !T::ZERO);
    (if over | (b == T::ZERO) { T::ONE } else { b }, over)
}

/// The reciprocal of a divisor that stands for all and is positive.
#[inline(always)]
fn reciprocal<T: Int>(b: impl Operand<T>) -> Option<(T, Reciprocal)> {
    let b = b.one().filter(|&b| b > T::ZERO)?;
    Some((b, Reciprocal::new(b.magnitude(), T::BITS)))
}

impl Binary for FloorDiv {
    const FORM: [&'static str; 3] = ["", " // ", ""];
    const EFFORT: usize = 32;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let (b, over) = divisor(a, b);
        (a.quotient(b), over)
    }

    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX // only MIN // -1
    }

    #[inline(always)]
    fn refused<T: Int>(_a: T, b: T) -> Option<Refused> {
        if b == T::ZERO { Some(Refused::Zero) } else { None }
    }

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        if let Some((_, reciprocal)) = reciprocal(b) {
            filled(a, b, out, |a, _| a.divided(reciprocal));
            return false;
        }
        match overflow {
            Overflow::Raise => marked(a, b, out, |a, b| {
                let (value, over) = Self::apply(a, b);
                (value, over | (b == T::ZERO))
            }),
            Overflow::Wrap => marked(a, b, out, |a, b| (Self::apply(a, b).0, b == T::ZERO)),
            Overflow::Saturate => marked(a, b, out, |a, b| {
                let (value, over) = Self::apply(a, b);
                (if over { T::MAX } else { value }, b == T::ZERO)
            }),
        }
    }
}

impl Binary for Mod {
    const FORM: [&'static str; 3] = ["", " % ", ""];
    const EFFORT: usize = 32;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let (b, _) = divisor(a, b);
        (a.sub(a.quotient(b).mul(b)), false) // by -1 as by 1: 0
    }

    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::ZERO // never needed: the result is nearer to 0 than b
    }

    #[inline(always)]
    fn refused<T: Int>(_a: T, b: T) -> Option<Refused> {
        if b == T::ZERO { Some(Refused::Zero) } else { None }
    }

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, _: Overflow, out: &mut [T]) -> bool {
        if let Some((divisor, reciprocal)) = reciprocal(b) {
            filled(a, b, out, |a, _| a.sub(a.divided(reciprocal).mul(divisor)));
            return false;
        }
        marked(a, b, out, |a, b| (Self::apply(a, b).0, b == T::ZERO))
    }
}
