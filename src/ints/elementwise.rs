//! Operations element by element over arrays of any integer type, strides and shapes that broadcast.
#![forbid(unsafe_code)]

use super::feed::{CHUNK, Feed};
use super::number::{self, Binary, Int, Overflow, Refused, Unary, not_integers};
use super::simd_widest::{Kernel, widest};
use crate::arrays::AnyView;
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};

/// Elements a worker takes at a time, of operations that take about a nanosecond.
const CHEAP: usize = 64 * CHUNK;
/// The same where an element may take a microsecond.
const DEAR: usize = 2 * CHUNK;

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
            BinaryOp::Add => pairs::<number::Add, T>(&a, &b, overflow, out, CHEAP, progress),
            BinaryOp::Sub => pairs::<number::Sub, T>(&a, &b, overflow, out, CHEAP, progress),
            BinaryOp::Mul => pairs::<number::Mul, T>(&a, &b, overflow, out, CHEAP, progress),
            BinaryOp::FloorDiv => pairs::<number::FloorDiv, T>(&a, &b, overflow, out, CHEAP, progress),
            BinaryOp::Mod => pairs::<number::Mod, T>(&a, &b, overflow, out, CHEAP, progress),
            BinaryOp::Pow => pairs::<number::Pow, T>(&a, &b, overflow, out, DEAR, progress),
            BinaryOp::Gcd => pairs::<number::Gcd, T>(&a, &b, overflow, out, DEAR, progress),
            BinaryOp::Lcm => pairs::<number::Lcm, T>(&a, &b, overflow, out, DEAR, progress),
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
            UnaryOp::Neg => singles::<number::Neg, T>(&a, overflow, out, progress),
            UnaryOp::Abs => singles::<number::Abs, T>(&a, overflow, out, progress),
            UnaryOp::Isqrt => singles::<number::Isqrt, T>(&a, overflow, out, progress),
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
        each_chunk(out.data, DEAR, progress, |from, part| {
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

/// Gives parts of `out` to `work`, with the index of their first element: to threads where that pays.
fn each_chunk<T: Send>(
    out: &mut [T],
    part: usize,
    progress: &Progress<'_>,
    work: impl Fn(usize, &mut [T]) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    progress.set_total(out.len() as u64);
    let done = |pulse: &Pulse<'_>, count: usize| pulse.add(count as u64);
    // A part that is dear is worth a thread 32 times earlier.
    if out.len() < exec::SEQUENTIAL_BELOW / (CHEAP / part) {
        let pulse = progress.pulse();
        return out.chunks_mut(part).enumerate().try_for_each(|(index, chunk)| {
            work(index * part, chunk)?;
            done(&pulse, chunk.len())
        });
    }
    exec::map(out.chunks_mut(part).enumerate(), progress, |(index, chunk), pulse| {
        work(index * part, chunk)?;
        done(pulse, chunk.len())
    })?;
    Ok(())
}

fn pairs<O: Binary, T: Int>(
    a: &Feed<'_, T>,
    b: &Feed<'_, T>,
    overflow: Overflow,
    out: Output<'_, T>,
    part: usize,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let shape = out.shape;
    each_chunk(out.data, part, progress, |from, part| {
        let (mut left, mut right) = (a.buffer(), b.buffer());
        for (index, part) in part.chunks_mut(CHUNK).enumerate() {
            let from = from + index * CHUNK;
            let a = a.chunk(from, part.len(), &mut left)?;
            let b = b.chunk(from, part.len(), &mut right)?;
            if widest(Pairs::<O, T> { a, b, overflow, out: part, op: std::marker::PhantomData }) {
                return Err(first_pair::<O, T>(a, b, overflow, from, shape));
            }
        }
        Ok(())
    })
}

struct Pairs<'c, O, T> {
    a: &'c [T],
    b: &'c [T],
    overflow: Overflow,
    out: &'c mut [T],
    op: std::marker::PhantomData<O>,
}

impl<O: Binary, T: Int> Kernel for Pairs<'_, O, T> {
    /// Whether any pair failed; which one is looked up then, so that the loop need not keep an index.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let (a, b) = (&self.a[..self.out.len()], &self.b[..self.out.len()]);
        let mut failed = false;
        match self.overflow {
            Overflow::Raise => {
                for (i, slot) in self.out.iter_mut().enumerate() {
                    let (value, over) = O::apply(a[i], b[i]);
                    failed |= over | O::refused(a[i], b[i]).is_some();
                    *slot = value;
                }
            }
            Overflow::Wrap => {
                for (i, slot) in self.out.iter_mut().enumerate() {
                    failed |= O::refused(a[i], b[i]).is_some();
                    *slot = O::apply(a[i], b[i]).0;
                }
            }
            Overflow::Saturate => {
                for (i, slot) in self.out.iter_mut().enumerate() {
                    let (value, over) = O::apply(a[i], b[i]);
                    failed |= O::refused(a[i], b[i]).is_some();
                    *slot = if over { O::nearest(a[i], b[i]) } else { value };
                }
            }
        }
        failed
    }
}

#[cold]
fn first_pair<O: Binary, T: Int>(
    a: &[T],
    b: &[T],
    overflow: Overflow,
    from: usize,
    shape: &[usize],
) -> Error {
    let [before, between, after] = O::FORM;
    for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
        let over = overflow == Overflow::Raise && O::apply(a, b).1;
        let refused = O::refused(a, b);
        if over || refused.is_some() {
            let what = format!("{before}{a}{between}{b}{after}");
            return explain::<T>(&format!("{before}a{between}b{after}"), &what, refused, from + i, shape);
        }
    }
    unreachable!("the loop over the same chunk found one")
}

fn singles<O: Unary, T: Int>(
    a: &Feed<'_, T>,
    overflow: Overflow,
    out: Output<'_, T>,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let shape = out.shape;
    each_chunk(out.data, CHEAP, progress, |from, part| {
        let mut buffer = a.buffer();
        for (index, part) in part.chunks_mut(CHUNK).enumerate() {
            let from = from + index * CHUNK;
            let a = a.chunk(from, part.len(), &mut buffer)?;
            if widest(Singles::<O, T> { a, overflow, out: part, op: std::marker::PhantomData }) {
                return Err(first_single::<O, T>(a, overflow, from, shape));
            }
        }
        Ok(())
    })
}

struct Singles<'c, O, T> {
    a: &'c [T],
    overflow: Overflow,
    out: &'c mut [T],
    op: std::marker::PhantomData<O>,
}

impl<O: Unary, T: Int> Kernel for Singles<'_, O, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut failed = false;
        match self.overflow {
            Overflow::Raise => {
                for (slot, &a) in self.out.iter_mut().zip(self.a) {
                    let (value, over) = O::apply(a);
                    failed |= over | O::refused(a).is_some();
                    *slot = value;
                }
            }
            Overflow::Wrap => {
                for (slot, &a) in self.out.iter_mut().zip(self.a) {
                    failed |= O::refused(a).is_some();
                    *slot = O::apply(a).0;
                }
            }
            Overflow::Saturate => {
                for (slot, &a) in self.out.iter_mut().zip(self.a) {
                    let (value, over) = O::apply(a);
                    failed |= O::refused(a).is_some();
                    *slot = if over { O::nearest(a) } else { value };
                }
            }
        }
        failed
    }
}

#[cold]
fn first_single<O: Unary, T: Int>(a: &[T], overflow: Overflow, from: usize, shape: &[usize]) -> Error {
    let [before, after] = O::FORM;
    for (i, &a) in a.iter().enumerate() {
        let over = overflow == Overflow::Raise && O::apply(a).1;
        let refused = O::refused(a);
        if over || refused.is_some() {
            let what = if refused.is_some() { a.to_string() } else { format!("{before}{a}{after}") };
            return explain::<T>(&format!("{before}a{after}"), &what, refused, from + i, shape);
        }
    }
    unreachable!("the loop over the same chunk found one")
}

fn explain<T: Int>(form: &str, got: &str, refused: Option<Refused>, flat: usize, shape: &[usize]) -> Error {
    let index = index(flat, shape);
    match refused {
        None => Error::Overflow(format!(
            "{form} must be in {}..={} for {}, got {got} at index {index}",
            T::MIN,
            T::MAX,
            T::NAME
        )),
        Some(Refused::Zero) => Error::ZeroDivision(format!("b must not be 0, got {got} at index {index}")),
        Some(Refused::Negative(name)) => {
            Error::Invalid(format!("{name} must not be negative, got {got} at index {index}"))
        }
    }
}

/// As Python writes an index: `5`, or `(1, 2)` where there are several axes.
fn index(mut flat: usize, shape: &[usize]) -> String {
    if shape.len() <= 1 {
        return flat.to_string();
    }
    let mut parts: Vec<String> = Vec::new();
    for &n in shape.iter().rev() {
        parts.push((flat % n).to_string());
        flat /= n;
    }
    parts.reverse();
    format!("({})", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::View;
    use proptest::prelude::*;

    fn run<T: Int>(
        op: BinaryOp,
        a: &AnyView<'_>,
        b: &AnyView<'_>,
        overflow: Overflow,
        shape: &[usize],
    ) -> Result<Vec<T>, Error> {
        let mut data = vec![T::ZERO; shape.iter().product()];
        binary(op, a, b, overflow, T::output(Output { data: &mut data, shape }), &Progress::silent())?;
        Ok(data)
    }

    fn exact(op: BinaryOp, a: i128, b: i128) -> Option<i128> {
        Some(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a.checked_mul(b).unwrap_or(i128::MAX), // beyond every type either way
            BinaryOp::FloorDiv if b == 0 => return None,
            BinaryOp::Mod if b == 0 => return None,
            BinaryOp::FloorDiv => a / b - i128::from(a % b != 0 && (a < 0) != (b < 0)),
            BinaryOp::Mod => (a % b + b) % b,
            _ => unreachable!(),
        })
    }

    const OPS: [BinaryOp; 5] =
        [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::FloorDiv, BinaryOp::Mod];

    #[test]
    fn every_pair_of_int8_and_of_uint8_in_every_mode() {
        let (i8s, u8s): (Vec<i8>, Vec<u8>) = ((i8::MIN..=i8::MAX).collect(), (0..=u8::MAX).collect());
        for op in OPS {
            for i in 0..256 {
                let (a, b) = (i8s[i], u8s[i]);
                for j in 0..256 {
                    check_i8(op, a, i8s[j]);
                    let (view_a, view_b) = ([b], [u8s[j]]);
                    let got = run::<u8>(
                        op,
                        &AnyView::U8(View::from_slice(&view_a)),
                        &AnyView::U8(View::from_slice(&view_b)),
                        Overflow::Raise,
                        &[1],
                    );
                    let expected = exact(op, b.into(), u8s[j].into()).and_then(|n| u8::try_from(n).ok());
                    assert_eq!(got.ok().map(|v| v[0]), expected, "{op:?} {b} {}", u8s[j]);
                }
            }
        }
    }

    fn check_i8(op: BinaryOp, a: i8, b: i8) {
        let (left, right) = ([a], [b]);
        let call = |overflow| {
            run::<i8>(
                op,
                &AnyView::I8(View::from_slice(&left)),
                &AnyView::I8(View::from_slice(&right)),
                overflow,
                &[1],
            )
        };
        match exact(op, a.into(), b.into()) {
            None => {
                for overflow in [Overflow::Raise, Overflow::Wrap, Overflow::Saturate] {
                    assert!(matches!(call(overflow), Err(Error::ZeroDivision(_))));
                }
            }
            Some(exact) => {
                assert_eq!(call(Overflow::Wrap).unwrap(), [exact as i8], "{op:?} {a} {b}");
                assert_eq!(
                    call(Overflow::Saturate).unwrap(),
                    [exact.clamp(-128, 127) as i8],
                    "{op:?} {a} {b}"
                );
                match i8::try_from(exact) {
                    Ok(fits) => assert_eq!(call(Overflow::Raise).unwrap(), [fits]),
                    Err(_) => assert!(matches!(call(Overflow::Raise), Err(Error::Overflow(_)))),
                }
            }
        }
    }

    #[test]
    fn powers_of_every_int8_in_every_mode() {
        for a in i8::MIN..=i8::MAX {
            for b in 0..=i8::MAX {
                let (left, right) = ([a], [b]);
                let call = |overflow| {
                    let (a, b) =
                        (AnyView::I8(View::from_slice(&left)), AnyView::I8(View::from_slice(&right)));
                    run::<i8>(BinaryOp::Pow, &a, &b, overflow, &[1])
                };
                let wrapped = (0..b).fold(1_i8, |x, _| x.wrapping_mul(a));
                let exact = (0..b).try_fold(1_i8, |x, _| x.checked_mul(a));
                // A zero product after an overflow cannot be: only 0 ** b is 0, and it never overflows.
                assert_eq!(call(Overflow::Wrap).unwrap(), [wrapped], "{a} ** {b}");
                assert_eq!(call(Overflow::Raise).ok(), exact.map(|x| vec![x]), "{a} ** {b}");
                let end = if a < 0 && b % 2 == 1 { i8::MIN } else { i8::MAX };
                assert_eq!(call(Overflow::Saturate).unwrap(), [exact.unwrap_or(end)], "{a} ** {b}");
            }
        }
    }

    proptest! {
        #[test]
        fn sixty_four_bits_agree_with_wider_arithmetic(pairs in prop::collection::vec((any::<i64>(), any::<i64>()), 1..40), narrow in 0..64) {
            let a: Vec<i64> = pairs.iter().map(|p| p.0 >> narrow).collect();
            let b: Vec<i64> = pairs.iter().map(|p| p.1 >> (narrow / 2)).collect();
            let (ua, ub): (Vec<u64>, Vec<u64>) = (a.iter().map(|&x| x as u64).collect(), b.iter().map(|&x| x as u64).collect());
            for op in OPS {
                let all = |f: &dyn Fn(usize) -> Option<i128>| (0..a.len()).map(f).collect::<Option<Vec<i128>>>();
                let signed = all(&|i| exact(op, a[i].into(), b[i].into()).filter(|&n| i64::try_from(n).is_ok()));
                let got = run::<i64>(op, &AnyView::I64(View::from_slice(&a)), &AnyView::I64(View::from_slice(&b)), Overflow::Raise, &[a.len()]);
                prop_assert_eq!(got.ok().map(|v| v.into_iter().map(i128::from).collect()), signed);
                let unsigned = all(&|i| exact(op, ua[i].into(), ub[i].into()).filter(|&n| u64::try_from(n).is_ok()));
                let got = run::<u64>(op, &AnyView::U64(View::from_slice(&ua)), &AnyView::U64(View::from_slice(&ub)), Overflow::Raise, &[a.len()]);
                prop_assert_eq!(got.ok().map(|v| v.into_iter().map(i128::from).collect()), unsigned);
            }
        }
    }

    #[test]
    fn the_first_index_is_named_whatever_the_thread() {
        let mut a = vec![1_i32; 400_000];
        (a[170_001], a[390_000]) = (i32::MAX, i32::MAX);
        let b = [1_i32];
        let (a, b) =
            (View::new(&a, 0, &[400, 1000], &[1000, 1]).unwrap(), View::new(&b, 0, &[], &[]).unwrap());
        let error =
            run::<i32>(BinaryOp::Add, &AnyView::I32(a), &AnyView::I32(b), Overflow::Raise, &[400, 1000]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "a + b must be in -2147483648..=2147483647 for int32, got 2147483647 + 1 at index (170, 1)"
        );
    }

    #[test]
    fn shapes_broadcast_and_types_widen() {
        let (a, b): (Vec<i16>, Vec<u8>) = ((0..12).collect(), vec![10, 20, 30]);
        let a = AnyView::I16(View::new(&a, 11, &[4, 3], &[-3, -1]).unwrap());
        let row = AnyView::U8(View::from_slice(&b));
        let sum = run::<i16>(BinaryOp::Add, &a, &row, Overflow::Raise, &[4, 3]).unwrap();
        assert_eq!(sum[..6], [21, 30, 39, 18, 27, 36]);
        let error = run::<u8>(BinaryOp::Add, &a, &row, Overflow::Raise, &[4, 3]).unwrap_err();
        assert_eq!(error.to_string(), "a of dtype int16 does not fit out of dtype uint8");
        let error = run::<i16>(BinaryOp::Add, &a, &row, Overflow::Raise, &[3, 4]).unwrap_err();
        assert_eq!(error.to_string(), "a of shape [4, 3] does not broadcast to [3, 4]");
        let column = AnyView::U8(View::new(&b, 0, &[3, 1], &[1, 7]).unwrap());
        let table = run::<u8>(BinaryOp::Sub, &column, &column, Overflow::Wrap, &[3, 2]).unwrap();
        assert_eq!(table, [0; 6]);
        let floats = [1.0_f64];
        let floats = AnyView::F64(View::from_slice(&floats));
        let error = run::<i16>(BinaryOp::Add, &floats, &row, Overflow::Wrap, &[3]).unwrap_err();
        assert_eq!(error.to_string(), "a must hold integers, int8 to uint64, got dtype float64");
    }

    #[test]
    fn roots_signs_and_primes_of_every_int16() {
        let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let view = AnyView::I16(View::from_slice(&all));
        let mut out = vec![0; all.len()];
        let shape = [all.len()];
        let call = |op, overflow, out: &mut Vec<i16>| {
            unary(
                op,
                &view,
                overflow,
                AnyOutput::I16(Output { data: out, shape: &shape }),
                &Progress::silent(),
            )
        };
        let error = call(UnaryOp::Neg, Overflow::Raise, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "-(a) must be in -32768..=32767 for int16, got -(-32768) at index 0");
        call(UnaryOp::Abs, Overflow::Saturate, &mut out).unwrap();
        assert!(all.iter().zip(&out).all(|(&a, &b)| b == a.saturating_abs()));
        call(UnaryOp::Neg, Overflow::Wrap, &mut out).unwrap();
        assert!(all.iter().zip(&out).all(|(&a, &b)| b == a.wrapping_neg()));
        let error = call(UnaryOp::Isqrt, Overflow::Raise, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "n must not be negative, got -32768 at index 0");
        let mut primes = vec![9; all.len()];
        are_prime(&view, Output { data: &mut primes, shape: &shape }, &Progress::silent()).unwrap();
        assert_eq!(primes.iter().map(|&p| usize::from(p)).sum::<usize>(), 3512); // pi(32767)
    }
}
