//! How operations walk their arrays: in one piece where these lie in order, else in chunks, and on threads
//! where that pays.
#![forbid(unsafe_code)]

use super::Output;
use super::operation::{Binary, One, Operand, Unary};
use super::refusal::{first_pair, first_single};
use crate::error::Error;
use crate::exec;
use crate::ints::feed::{CHUNK, Feed, Source};
use crate::ints::number::{Int, Overflow};
use crate::ints::simd_widest::{Kernel, widest};
use crate::progress::Progress;
use std::marker::PhantomData;

/// Work below which the calling thread is done before others have started, in bytes that pass through memory
/// meanwhile: some 200 us. Tests get there sooner.
const SEQUENTIAL_BYTES: usize = if cfg!(test) { 1 << 20 } else { 1 << 23 };

/// Work a thread takes at a time: some 50 us.
const PART_BYTES: usize = 1 << 20;

/// Gives parts of `out` to `work`, with the index of their first element: to threads where that pays.
///
/// An element costs what `cost` bytes do.
pub(super) fn each_part<T: Send>(
    out: &mut [T],
    cost: usize,
    progress: &Progress<'_>,
    work: impl Fn(usize, &mut [T]) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    progress.set_total(out.len() as u64);
    let part = (PART_BYTES / cost).next_multiple_of(CHUNK);
    let few = out.len().saturating_mul(cost) < SEQUENTIAL_BYTES;
    let parts = out.chunks_mut(part).enumerate();
    if few {
        let pulse = progress.pulse();
        for (index, out) in parts {
            work(index * part, out)?;
            pulse.add(out.len() as u64)?;
        }
        return Ok(());
    }
    exec::map(parts, progress, |(index, out), pulse| {
        work(index * part, out)?;
        pulse.add(out.len() as u64)
    })?;
    Ok(())
}

pub(super) fn pairs<O: Binary, T: Int>(
    a: &Feed<'_, T>,
    b: &Feed<'_, T>,
    overflow: Overflow,
    out: Output<'_, T>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let shape = out.shape;
    let cost = 3 * size_of::<T>() + O::EFFORT * size_of::<T>() / 8;
    each_part(out.data, cost, progress, |from, out| match (a.source(), b.source()) {
        (Source::Slice(a), Source::Slice(b)) => {
            let range = from..from + out.len();
            pair::<O, T>(&a[range.clone()], &b[range], overflow, out, from, shape)
        }
        (Source::Slice(a), Source::One(b)) => {
            pair::<O, T>(&a[from..from + out.len()], One(b), overflow, out, from, shape)
        }
        (Source::One(a), Source::Slice(b)) => {
            pair::<O, T>(One(a), &b[from..from + out.len()], overflow, out, from, shape)
        }
        _ => {
            let (mut left, mut right) = (a.buffer(), b.buffer());
            for (index, out) in out.chunks_mut(CHUNK).enumerate() {
                let from = from + index * CHUNK;
                let a = a.chunk(from, out.len(), &mut left)?;
                match b.source() {
                    Source::One(b) => pair::<O, T>(a, One(b), overflow, out, from, shape)?,
                    _ => {
                        let b = b.chunk(from, out.len(), &mut right)?;
                        pair::<O, T>(a, b, overflow, out, from, shape)?;
                    }
                }
            }
            Ok(())
        }
    })
}

#[inline]
fn pair<O: Binary, T: Int>(
    a: impl Operand<T>,
    b: impl Operand<T>,
    overflow: Overflow,
    out: &mut [T],
    from: usize,
    shape: &[usize],
) -> Result<(), Error> {
    let len = out.len();
    if widest(Pairs::<O, _, _, T> { a, b, overflow, out, op: PhantomData }) {
        return Err(first_pair::<O, T>(a, b, len, overflow, from, shape));
    }
    Ok(())
}

struct Pairs<'c, O, A, B, T> {
    a: A,
    b: B,
    overflow: Overflow,
    out: &'c mut [T],
    op: PhantomData<O>,
}

impl<O: Binary, A: Operand<T>, B: Operand<T>, T: Int> Kernel for Pairs<'_, O, A, B, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        O::block(self.a, self.b, self.overflow, self.out)
    }
}

pub(super) fn singles<O: Unary, T: Int>(
    a: &Feed<'_, T>,
    overflow: Overflow,
    out: Output<'_, T>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let shape = out.shape;
    let cost = 2 * size_of::<T>() + O::EFFORT * size_of::<T>() / 8;
    each_part(out.data, cost, progress, |from, out| {
        if let Source::Slice(a) = a.source() {
            return single::<O, T>(&a[from..from + out.len()], overflow, out, from, shape);
        }
        let mut buffer = a.buffer();
        for (index, out) in out.chunks_mut(CHUNK).enumerate() {
            let from = from + index * CHUNK;
            single::<O, T>(a.chunk(from, out.len(), &mut buffer)?, overflow, out, from, shape)?;
        }
        Ok(())
    })
}

#[inline]
fn single<O: Unary, T: Int>(
    a: &[T],
    overflow: Overflow,
    out: &mut [T],
    from: usize,
    shape: &[usize],
) -> Result<(), Error> {
    if widest(Singles::<O, T> { a, overflow, out, op: PhantomData }) {
        return Err(first_single::<O, T>(a, overflow, from, shape));
    }
    Ok(())
}

struct Singles<'c, O, T> {
    a: &'c [T],
    overflow: Overflow,
    out: &'c mut [T],
    op: PhantomData<O>,
}

impl<O: Unary, T: Int> Kernel for Singles<'_, O, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        O::block(self.a, self.overflow, self.out)
    }
}
