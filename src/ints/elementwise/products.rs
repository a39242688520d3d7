//! Products and powers.
#![forbid(unsafe_code)]

use super::operation::{Binary, Operand, Refused, filled, marked, marked_bits};
use crate::ints::number::{Int, Overflow};

/// Elements looked at before they are multiplied: they are still in the first-level cache then.
const BLOCK: usize = 512;

pub(super) struct Mul;
pub(super) struct Pow;

impl Binary for Mul {
    const FORM: [&'static str; 3] = ["", " * ", ""];
    const EFFORT: usize = 4;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let product = a.mul(b);
        (product, a.mul_mark(b, product) != T::ZERO)
    }

    #[inline(always)]
    fn nearest<T: Int>(a: T, b: T) -> T {
        a.mul_clamped(b)
    }

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        if overflow == Overflow::Wrap {
            filled(a, b, out, T::mul);
            return false;
        }
        if T::BITS < 64 {
            return checked(a, b, overflow, out);
        }
        // No vector unit has products of 128 bits, but most numbers are far too small to need one.
        let mut failed = false;
        for (index, out) in out.chunks_mut(BLOCK).enumerate() {
            let (a, b) = (a.part(index * BLOCK, out.len()), b.part(index * BLOCK, out.len()));
            if widths(a, out.len()) + widths(b, out.len()) <= if T::SIGNED { 62 } else { 64 } {
                filled(a, b, out, T::mul);
            } else {
                failed |= checked(a, b, overflow, out);
            }
        }
        failed
    }
}

#[inline(always)]
fn checked<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
    if overflow == Overflow::Saturate {
        filled(a, b, out, T::mul_clamped);
        return false;
    }
    let marks = marked_bits(a, b, out, |a, b| {
        let product = a.mul(b);
        (product, a.mul_mark(b, product))
    });
    marks != T::ZERO
}

/// Bits of the widest element but for its sign: 2 to that power is no smaller than any element's distance from 0.
#[inline(always)]
fn widths<T: Int>(operand: impl Operand<T>, len: usize) -> u32 {
    let bits = match operand.one() {
        Some(one) => one.extent(),
        None => (0..len).fold(0, |bits, i| bits | operand.at(i).extent()),
    };
    64 - bits.leading_zeros()
}

impl Binary for Pow {
    const FORM: [&'static str; 3] = ["", " ** ", ""];
    const EFFORT: usize = 48;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let mut exponent = b.magnitude();
        let (mut result, mut over) = (T::ONE, false);
        let (mut base, mut base_over) = (a, false);
        while exponent != 0 {
            if exponent & 1 == 1 {
                let (product, more) = Mul::apply(result, base);
                result = product;
                // A base that overflowed is at least 2 to the number of bits: no factor brings it back.
                over |= more | base_over;
            }
            exponent >>= 1;
            let (square, more) = Mul::apply(base, base);
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

    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        if b.one().is_some_and(|b| b.magnitude() == 2 && b > T::ZERO) {
            return Mul::block(a, a, overflow, out);
        }
        marked(a, b, out, |a, b| {
            let (value, over) = Self::apply(a, b);
            let clamped = over && overflow == Overflow::Saturate;
            let failed = over && overflow == Overflow::Raise;
            (if clamped { Self::nearest(a, b) } else { value }, failed || Self::refused(a, b).is_some())
        })
    }
}
