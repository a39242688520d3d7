//! What an operation is: on one element or pair, and on a block of them.
#![forbid(unsafe_code)]

use crate::ints::number::{Int, Overflow};

/// Why an operation has no result for a pair, whatever [`Overflow`] says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refused {
    Zero,
    Negative(&'static str),
}

/// One side of a block: elements side by side, or one that stands for all.
pub(super) trait Operand<T: Int>: Copy {
    fn at(self, i: usize) -> T;
    /// Elements `from..from + len`.
    fn part(self, from: usize, len: usize) -> Self;
    /// The element that stands for all.
    fn one(self) -> Option<T>;
}

impl<T: Int> Operand<T> for &[T] {
    #[inline(always)]
    fn at(self, i: usize) -> T {
        self[i]
    }

    #[inline(always)]
    fn part(self, from: usize, len: usize) -> Self {
        &self[from..from + len]
    }

    #[inline(always)]
    fn one(self) -> Option<T> {
        None
    }
}

/// An element that stands for all.
#[derive(Clone, Copy)]
pub(super) struct One<T>(pub(super) T);

impl<T: Int> Operand<T> for One<T> {
    #[inline(always)]
    fn at(self, _: usize) -> T {
        self.0
    }

    #[inline(always)]
    fn part(self, _: usize, _: usize) -> Self {
        self
    }

    #[inline(always)]
    fn one(self) -> Option<T> {
        Some(self.0)
    }
}

/// An operation on two elements. Everything is inlined into a loop over blocks.
pub(super) trait Binary {
    /// How a message writes it: `a + b`.
    const FORM: [&'static str; 3];
    /// What an element costs beyond its memory, in the time that reading a byte takes.
    const EFFORT: usize;
    /// The result modulo 2 to the number of bits, and whether the exact one does not fit.
    fn apply<T: Int>(a: T, b: T) -> (T, bool);
    /// The nearer end, for a pair that does not fit.
    fn nearest<T: Int>(a: T, b: T) -> T;
    /// Whether there is no result at all.
    #[inline(always)]
    fn refused<T: Int>(_a: T, _b: T) -> Option<Refused> {
        None
    }

    /// Writes the results of a block, and answers whether some pair has none: which one is looked up then,
    /// so that the loop need not keep an index.
    #[inline(always)]
    fn block<T: Int>(a: impl Operand<T>, b: impl Operand<T>, overflow: Overflow, out: &mut [T]) -> bool {
        match overflow {
            Overflow::Raise => marked(a, b, out, |a, b| {
                let (value, over) = Self::apply(a, b);
                (value, over | Self::refused(a, b).is_some())
            }),
            Overflow::Wrap => marked(a, b, out, |a, b| (Self::apply(a, b).0, Self::refused(a, b).is_some())),
            Overflow::Saturate => marked(a, b, out, |a, b| {
                let (value, over) = Self::apply(a, b);
                (if over { Self::nearest(a, b) } else { value }, Self::refused(a, b).is_some())
            }),
        }
    }
}

/// An operation on one element.
pub(super) trait Unary {
    /// How a message writes it, around the element.
    const FORM: [&'static str; 2];
    /// See [`Binary::EFFORT`].
    const EFFORT: usize;
    /// Whether [`Overflow::Raise`] has an error for this element.
    fn fails<T: Int>(a: T) -> bool;
    /// See [`Binary::refused`].
    #[inline(always)]
    fn refused<T: Int>(_a: T) -> Option<Refused> {
        None
    }
    /// See [`Binary::block`].
    fn block<T: Int>(a: &[T], overflow: Overflow, out: &mut [T]) -> bool;
}

/// Writes the first of what `each` gives, and answers whether any second was true.
#[inline(always)]
pub(super) fn marked<T: Int>(
    a: impl Operand<T>,
    b: impl Operand<T>,
    out: &mut [T],
    each: impl Fn(T, T) -> (T, bool),
) -> bool {
    let (a, b) = (a.part(0, out.len()), b.part(0, out.len()));
    let mut any = false;
    for (i, slot) in out.iter_mut().enumerate() {
        let (value, mark) = each(a.at(i), b.at(i));
        any |= mark;
        *slot = value;
    }
    any
}

/// As [`marked`], with marks of the elements' width: a bit of the answer is set that is set in any.
#[inline(always)]
pub(super) fn marked_bits<T: Int>(
    a: impl Operand<T>,
    b: impl Operand<T>,
    out: &mut [T],
    each: impl Fn(T, T) -> (T, T),
) -> T {
    let (a, b) = (a.part(0, out.len()), b.part(0, out.len()));
    let mut any = T::ZERO;
    for (i, slot) in out.iter_mut().enumerate() {
        let (value, mark) = each(a.at(i), b.at(i));
        any = any | mark;
        *slot = value;
    }
    any
}

/// Writes what `each` gives.
#[inline(always)]
pub(super) fn filled<T: Int>(
    a: impl Operand<T>,
    b: impl Operand<T>,
    out: &mut [T],
    each: impl Fn(T, T) -> T,
) {
    let (a, b) = (a.part(0, out.len()), b.part(0, out.len()));
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = each(a.at(i), b.at(i));
    }
}
