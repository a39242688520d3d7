//! Integer roots.
#![forbid(unsafe_code)]

use super::operation::{Refused, Unary, marked_bits};
use crate::ints::number::{Int, Overflow};

pub(super) struct Isqrt;

impl Unary for Isqrt {
    const FORM: [&'static str; 2] = ["isqrt(", ")"];
    const EFFORT: usize = 16;

    #[inline(always)]
    fn fails<T: Int>(_a: T) -> bool {
        false
    }

    #[inline(always)]
    fn refused<T: Int>(a: T) -> Option<Refused> {
        if a < T::ZERO { Some(Refused::Negative("n")) } else { None }
    }

    #[inline(always)]
    fn block<T: Int>(a: &[T], _: Overflow, out: &mut [T]) -> bool {
        T::SIGNED && marked_bits(a, a, out, |a, _| (a.root(), a)).top() || {
            if !T::SIGNED {
                out.iter_mut().zip(a).for_each(|(slot, a)| *slot = a.root());
            }
            false
        }
    }
}
