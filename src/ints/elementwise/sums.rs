//! Sums, differences and signs.
#![forbid(unsafe_code)]

use super::operation::{Binary, One, Operand, Unary, filled, marked_bits};
use crate::ints::number::{Int, Overflow};

pub(super) struct Add;
pub(super) struct Sub;
pub(super) struct Neg;
pub(super) struct Abs;

impl Binary for Add {
    const FORM: [&'static str; 3] = ["", " + ", ""];
    const EFFORT: usize = 0;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let sum = a.add(b);
        (sum, a.add_mark(b, sum).top())
    }

    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        a.add_clamped(b)
    }

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        match overflow {
            Overflow::Raise => {
                return marked_bits(a, b, out, |a, b| {
                    let sum = a.add(b);
                    (sum, a.add_mark(b, sum))
                })
                .top();
            }
            Overflow::Wrap => filled(a, b, out, T::add),
            Overflow::Saturate => filled(a, b, out, T::add_clamped),
        }
        false
    }
}

impl Binary for Sub {
    const FORM: [&'static str; 3] = ["", " - ", ""];
    const EFFORT: usize = 0;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let difference = a.sub(b);
        (difference, a.sub_mark(b, difference).top())
    }

    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        a.sub_clamped(b)
    }

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        match overflow {
            Overflow::Raise => {
                return marked_bits(a, b, out, |a, b| {
                    let difference = a.sub(b);
                    (difference, a.sub_mark(b, difference))
                })
                .top();
            }
            Overflow::Wrap => filled(a, b, out, T::sub),
            Overflow::Saturate => filled(a, b, out, T::sub_clamped),
        }
        false
    }
}

impl Unary for Neg {
    const FORM: [&'static str; 2] = ["-(", ")"];
    const EFFORT: usize = 0;

    #[inline(always)]
    fn fails<T: Int>(a: T) -> bool {
        Sub::apply(T::ZERO, a).1
    }

    #[inline(always)]
    fn block<T: Int>(a: &[T], overflow: Overflow, out: &mut [T]) -> bool {
        Sub::block(One(T::ZERO), a, overflow, out)
    }
}

impl Unary for Abs {
    const FORM: [&'static str; 2] = ["abs(", ")"];
    const EFFORT: usize = 0;

    #[inline(always)]
    fn fails<T: Int>(a: T) -> bool {
        T::SIGNED && a.abs().top()
    }

    #[inline(always)]
    fn block<T: Int>(a: &[T], overflow: Overflow, out: &mut [T]) -> bool {
        if !T::SIGNED {
            out.copy_from_slice(a);
            return false;
        }
        match overflow {
            // The smallest value alone keeps its sign.
            Overflow::Raise => {
                return marked_bits(a, a, out, |a, _| {
                    let distance = a.abs();
                    (distance, distance)
                })
                .top();
            }
            Overflow::Wrap => filled(a, a, out, |a, _| a.abs()),
            Overflow::Saturate => {
                filled(a, a, out, |a, _| if a < T::ZERO { T::ZERO.sub_clamped(a) } else { a });
            }
        }
        false
    }
}
