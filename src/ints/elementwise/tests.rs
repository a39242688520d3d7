//! The operations against wider arithmetic.
#![forbid(unsafe_code)]

use super::*;
use crate::arrays::View;
use proptest::prelude::*;

pub(super) fn run<T: Int>(
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

pub(super) fn exact(op: BinaryOp, a: i128, b: i128) -> Option<i128> {
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

const OPS: [BinaryOp; 5] = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::FloorDiv, BinaryOp::Mod];

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
            assert_eq!(call(Overflow::Saturate).unwrap(), [exact.clamp(-128, 127) as i8], "{op:?} {a} {b}");
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
                let (a, b) = (AnyView::I8(View::from_slice(&left)), AnyView::I8(View::from_slice(&right)));
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
    let (a, b) = (View::new(&a, 0, &[400, 1000], &[1000, 1]).unwrap(), View::new(&b, 0, &[], &[]).unwrap());
    let error = run::<i32>(BinaryOp::Add, &AnyView::I32(a), &AnyView::I32(b), Overflow::Raise, &[400, 1000]);
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
        unary(op, &view, overflow, AnyOutput::I16(Output { data: out, shape: &shape }), &Progress::silent())
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
