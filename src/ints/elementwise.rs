//! Operations element by element over arrays of any integer type, strides and shapes that broadcast.
#![forbid(unsafe_code)]

use super::feed::{CHUNK, Feed};
use super::number::{Int, Overflow, not_integers};
use crate::arrays::AnyView;
use crate::error::Error;
use crate::progress::Progress;

mod divisors;
mod operation;
mod products;
mod quotients;
mod refusal;
mod roots;
mod sums;
mod walk;

use divisors::{Gcd, Lcm};
use products::{Mul, Pow};
use quotients::{FloorDiv, Mod};
use roots::Isqrt;
use sums::{Abs, Add, Neg, Sub};
use walk::{each_part, pairs, singles};

/// What the test of a number for being prime costs, as [`each_part`] counts.
const PRIME: usize = 2048;

/// A C-contiguous array to be filled, with the shape that messages give an index of.
pub struct Output<'a, T> {
    /// The elements in C order.
    pub data: &'a mut [T],
    /// Length of each axis.
    pub shape: &'a [usize],
}

/// An [`Output`] of any integer type.
#[allow(missing_docs, reason = "each variant is named after its element type")]
pub enum AnyOutput<'a> {
    I8(Output<'a, i8>),
    I16(Output<'a, i16>),
    I32(Output<'a, i32>),
    I64(Output<'a, i64>),
    U8(Output<'a, u8>),
    U16(Output<'a, u16>),
    U32(Output<'a, u32>),
    U64(Output<'a, u64>),
}

macro_rules! with_output {
    ($any:expr, $out:ident => $body:expr) => {
        match $any {
            AnyOutput::I8($out) => $body,
            AnyOutput::I16($out) => $body,
            AnyOutput::I32($out) => $body,
            AnyOutput::I64($out) => $body,
            AnyOutput::U8($out) => $body,
            AnyOutput::U16($out) => $body,
            AnyOutput::U32($out) => $body,
            AnyOutput::U64($out) => $body,
        }
    };
}

/// The operations on two arrays, as [`binary`] takes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a // b`, rounded down
    FloorDiv,
    /// `a % b`, of the sign of `b`
    Mod,
    /// `a ** b`
    Pow,
    /// Greatest common divisor
    Gcd,
    /// Least common multiple
    Lcm,
}

/// The operations on one array, as [`unary`] takes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-a`
    Neg,
    /// The distance from 0
    Abs,
    /// The largest integer whose square is at most `a`
    Isqrt,
}

/// Writes `op` of `a` and `b`, which broadcast to the shape of `out`, with the promise of `overflow`.
///
/// `out`'s type is the type of the calculation; it must hold every value of `a`'s and `b`'s. Progress
/// counts elements. After an error `out` is partly written.
///
/// # Errors
/// [`Error::Overflow`] (with [`Overflow::Raise`]), [`Error::ZeroDivision`], [`Error::Invalid`] for a
/// negative exponent: each names the first index. [`Error::Type`] for dtypes, [`Error::Invalid`] for
/// shapes. [`Error::Cancelled`].
pub fn binary(
    op: BinaryOp,
    a: &AnyView<'_>,
    b: &AnyView<'_>,
    overflow: Overflow,
    out: AnyOutput<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    fn typed<T: Int>(
        op: BinaryOp,
        a: &AnyView<'_>,
        b: &AnyView<'_>,
        overflow: Overflow,
        out: Output<'_, T>,
        progress: &Progress<'_>,
    ) -> Result<(), Error> {
        let a = Feed::<T>::new("a", a, out.shape)?;
        let b = Feed::<T>::new("b", b, out.shape)?;
        match op {
            BinaryOp::Add => pairs::<Add, T>(&a, &b, overflow, out, progress),
            BinaryOp::Sub => pairs::<Sub, T>(&a, &b, overflow, out, progress),
            BinaryOp::Mul => pairs::<Mul, T>(&a, &b, overflow, out, progress),
            BinaryOp::FloorDiv => pairs::<FloorDiv, T>(&a, &b, overflow, out, progress),
            BinaryOp::Mod => pairs::<Mod, T>(&a, &b, overflow, out, progress),
            BinaryOp::Pow => pairs::<Pow, T>(&a, &b, overflow, out, progress),
            BinaryOp::Gcd => pairs::<Gcd, T>(&a, &b, overflow, out, progress),
            BinaryOp::Lcm => pairs::<Lcm, T>(&a, &b, overflow, out, progress),
        }
    }
    with_output!(out, out => typed(op, a, b, overflow, out, progress))
}

/// Writes `op` of `a`, which broadcasts to the shape of `out`; otherwise as [`binary`].
///
/// # Errors
/// As [`binary`]; [`Error::Invalid`] also for the root of a negative number.
pub fn unary(
    op: UnaryOp,
    a: &AnyView<'_>,
    overflow: Overflow,
    out: AnyOutput<'_>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    fn typed<T: Int>(
        op: UnaryOp,
        a: &AnyView<'_>,
        overflow: Overflow,
        out: Output<'_, T>,
        progress: &Progress<'_>,
    ) -> Result<(), Error> {
        let name = if op == UnaryOp::Isqrt { "n" } else { "a" };
        let a = Feed::<T>::new(name, a, out.shape)?;
        match op {
            UnaryOp::Neg => singles::<Neg, T>(&a, overflow, out, progress),
            UnaryOp::Abs => singles::<Abs, T>(&a, overflow, out, progress),
            UnaryOp::Isqrt => singles::<Isqrt, T>(&a, overflow, out, progress),
        }
    }
    with_output!(out, out => typed(op, a, overflow, out, progress))
}

/// Writes 1 for each prime of `n`, which broadcasts to the shape of `out`, and 0 for every other number.
///
/// # Errors
/// [`Error::Type`] for dtypes, [`Error::Invalid`] for shapes. [`Error::Cancelled`].
pub fn are_prime(n: &AnyView<'_>, out: Output<'_, u8>, progress: &Progress<'_>) -> Result<(), Error> {
    fn typed<T: Int>(n: &AnyView<'_>, out: Output<'_, u8>, progress: &Progress<'_>) -> Result<(), Error> {
        let n = Feed::<T>::new("n", n, out.shape)?;
        each_part(out.data, PRIME, progress, |from, part| {
            let mut buffer = n.buffer();
            for (index, part) in part.chunks_mut(CHUNK).enumerate() {
                let n = n.chunk(from + index * CHUNK, part.len(), &mut buffer)?;
                for (slot, &n) in part.iter_mut().zip(n) {
                    *slot = u8::from(n > T::ZERO && super::is_prime(n.magnitude()));
                }
            }
            Ok(())
        })
    }
    match n {
        AnyView::I8(_) => typed::<i8>(n, out, progress),
        AnyView::I16(_) => typed::<i16>(n, out, progress),
        AnyView::I32(_) => typed::<i32>(n, out, progress),
        AnyView::I64(_) => typed::<i64>(n, out, progress),
        AnyView::U8(_) => typed::<u8>(n, out, progress),
        AnyView::U16(_) => typed::<u16>(n, out, progress),
        AnyView::U32(_) => typed::<u32>(n, out, progress),
        AnyView::U64(_) => typed::<u64>(n, out, progress),
        _ => Err(not_integers("n", n)),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_layouts;
