//! Every type, mode and layout of the operands against wider arithmetic.
#![forbid(unsafe_code)]

use super::tests::{exact, run};
use super::*;
use crate::arrays::View;
use crate::ints::gcd;
use proptest::prelude::*;

/// What an element is to come to: a value, or an error.
fn expected<T: Int>(op: BinaryOp, a: T, b: T, overflow: Overflow) -> Option<T> {
    let (a, b): (i128, i128) = (a.into(), b.into());
    let exact = match op {
        BinaryOp::Pow if b < 0 => return None,
        BinaryOp::Gcd => gcd(a.unsigned_abs() as u64, b.unsigned_abs() as u64).into(),
        BinaryOp::Lcm if a == 0 || b == 0 => 0,
        BinaryOp::Lcm => {
            let gcd = gcd(a.unsigned_abs() as u64, b.unsigned_abs() as u64);
            (a.abs() / i128::from(gcd)).saturating_mul(b.abs())
        }
        BinaryOp::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)).unwrap_or(match a {
            0 | 1 => a,
            -1 => 1 - b % 2 * 2,
            _ if a < 0 && b % 2 == 1 => i128::MIN,
            _ => i128::MAX,
        }),
        _ => exact(op, a, b)?,
    };
    let fits = (T::MIN.into()..=T::MAX.into()).contains(&exact);
    match overflow {
        Overflow::Raise if !fits => None,
        Overflow::Saturate if exact > T::MAX.into() => Some(T::MAX),
        Overflow::Saturate if exact < T::MIN.into() => Some(T::MIN),
        _ => Some(T::cut(match op {
            BinaryOp::Mul => a.wrapping_mul(b) as u64,
            BinaryOp::Lcm if !fits => (a.abs() / gcd_of(a, b)).wrapping_mul(b.abs()) as u64,
            BinaryOp::Pow if !fits => power(a as u64, b as u64),
            _ => exact as u64,
        })),
    }
}

fn gcd_of(a: i128, b: i128) -> i128 {
    gcd(a.unsigned_abs() as u64, b.unsigned_abs() as u64).into()
}

/// Modulo 2^64.
fn power(a: u64, b: u64) -> u64 {
    (0..64).rev().fold(1, |power: u64, bit| {
        let square = power.wrapping_mul(power);
        if b >> bit & 1 == 1 { square.wrapping_mul(a) } else { square }
    })
}

const ALL: [BinaryOp; 8] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::FloorDiv,
    BinaryOp::Mod,
    BinaryOp::Pow,
    BinaryOp::Gcd,
    BinaryOp::Lcm,
];
const MODES: [Overflow; 3] = [Overflow::Raise, Overflow::Wrap, Overflow::Saturate];

/// The same elements as they may lie: in order, backwards, with gaps of either sign, or one for all.
fn layouts<T: Int>(values: &[T]) -> Vec<(Vec<T>, usize, isize)> {
    let n = values.len();
    let spread = |step: usize| -> Vec<T> {
        values.iter().flat_map(|&x| std::iter::once(x).chain(std::iter::repeat_n(!x, step - 1))).collect()
    };
    let back = |mut data: Vec<T>| {
        data.reverse();
        data
    };
    let mut found = vec![(values.to_vec(), 0, 1), (back(values.to_vec()), n - 1, -1)];
    for step in [2, 3, 4, 7] {
        found.push((spread(step), 0, step as isize));
    }
    found.push((back(spread(5)), 5 * n - 1, -5));
    found.push((values[..1].to_vec(), 0, 0));
    found
}

fn every_way<T: Int>(
    a: &[T],
    b: &[T],
    ops: &[BinaryOp],
    wrapped: for<'a> fn(View<'a, T>) -> AnyView<'a>,
) -> Result<(), TestCaseError> {
    let n = a.len();
    let (lefts, rights) = (layouts(a), layouts(b));
    for (left, (x, x_at, x_step)) in lefts.iter().enumerate() {
        for (right, (y, y_at, y_step)) in rights.iter().enumerate() {
            if left > 0 && right > 0 && (left + right) % 3 > 0 {
                continue; // some of the pairs of layouts of which neither lies in order
            }
            let view_x = wrapped(View::new(x, *x_at, &[n], &[*x_step]).unwrap());
            let view_y = wrapped(if *y_step == 0 {
                View::new(y, 0, &[], &[]).unwrap()
            } else {
                View::new(y, *y_at, &[n], &[*y_step]).unwrap()
            });
            let pair =
                |i: usize| (if *x_step == 0 { a[0] } else { a[i] }, if *y_step == 0 { b[0] } else { b[i] });
            for &op in ops {
                for overflow in MODES {
                    let got = run::<T>(op, &view_x, &view_y, overflow, &[n]);
                    let mut wanted = Vec::new();
                    let first = (0..n).find(|&i| {
                        let (a, b) = pair(i);
                        expected(op, a, b, overflow).map(|value| wanted.push(value)).is_none()
                    });
                    match (first, got) {
                        (None, Ok(got)) => {
                            prop_assert!(
                                got == wanted,
                                "{:?} {:?} {} {} {}",
                                op,
                                overflow,
                                T::NAME,
                                left,
                                right
                            );
                        }
                        (Some(index), Err(error)) => {
                            let tail = format!(" at index {index}");
                            prop_assert!(error.to_string().ends_with(&tail), "{} for {}", error, tail);
                        }
                        (first, got) => prop_assert!(
                            false,
                            "{:?} {:?} {}: {:?}, {:?}",
                            op,
                            overflow,
                            T::NAME,
                            first,
                            got.map(|_| ())
                        ),
                    }
                }
            }
        }
    }
    Ok(())
}

macro_rules! every_type {
    ($each:ident, $($arg:expr),*) => {
        $each::<i8>(|view| AnyView::I8(view), $($arg),*)?;
        $each::<i16>(|view| AnyView::I16(view), $($arg),*)?;
        $each::<i32>(|view| AnyView::I32(view), $($arg),*)?;
        $each::<i64>(|view| AnyView::I64(view), $($arg),*)?;
        $each::<u8>(|view| AnyView::U8(view), $($arg),*)?;
        $each::<u16>(|view| AnyView::U16(view), $($arg),*)?;
        $each::<u32>(|view| AnyView::U32(view), $($arg),*)?;
        $each::<u64>(|view| AnyView::U64(view), $($arg),*)?;
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 12 } else { 128 }))]

    #[test]
    fn every_type_mode_and_layout_agrees_with_wider_arithmetic(
        bits in prop::collection::vec((any::<i64>(), any::<i64>()), 1..40),
        (narrow_a, narrow_b) in (0..64, 0..64),
    ) {
        fn each<T: Int>(
            wrapped: for<'a> fn(View<'a, T>) -> AnyView<'a>,
            bits: &[(i64, i64)],
            narrow: (i32, i32),
        ) -> Result<(), TestCaseError> {
            let a: Vec<T> = bits.iter().map(|p| T::cut((p.0 >> narrow.0) as u64)).collect();
            let b: Vec<T> = bits.iter().map(|p| T::cut((p.1 >> narrow.1) as u64)).collect();
            every_way(&a, &b, &ALL, wrapped)
        }
        every_type!(each, &bits, (narrow_a, narrow_b));
    }

    #[test]
    fn the_first_that_fails_is_found_wherever_blocks_begin(
        n in prop::sample::select(vec![511_usize, 513, 1023, 1025, 2050]), at in 0.0..1.0, step in 1_i64..9,
    ) {
        fn each<T: Int>(
            wrapped: for<'a> fn(View<'a, T>) -> AnyView<'a>,
            n: usize,
            at: f64,
            step: i64,
        ) -> Result<(), TestCaseError> {
            let mut a: Vec<T> = (0..n).map(|i| T::cut((i as i64 * step % 3) as u64)).collect();
            let mut b = vec![T::ONE; n];
            let place = (at * n as f64) as usize;
            for (x, y) in [(T::MAX, T::MAX), (T::MIN, !T::ZERO), (T::ONE, T::ZERO), (T::ZERO, T::MIN)] {
                (a[place], b[place]) = (x, y);
                for op in [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::FloorDiv, BinaryOp::Mod] {
                    for overflow in MODES {
                        let (a_view, b_view) = (View::from_slice(&a), View::from_slice(&b));
                        let got = run::<T>(op, &wrapped(a_view), &wrapped(b_view), overflow, &[n]);
                        match (0..n).find(|&i| expected(op, a[i], b[i], overflow).is_none()) {
                            None => {
                                let got = got.map_err(|error| TestCaseError::fail(error.to_string()))?;
                                let right = |i: usize| Some(got[i]) == expected(op, a[i], b[i], overflow);
                                prop_assert!((0..n).all(right), "{:?} {:?} {}", op, overflow, T::NAME);
                            }
                            Some(first) => {
                                let error = got.err().map(|error| error.to_string()).unwrap_or_default();
                                prop_assert!(error.ends_with(&format!("at index {first}")), "{}", error);
                            }
                        }
                    }
                }
            }
            Ok(())
        }
        every_type!(each, n, at, step);
    }

    #[test]
    fn signs_and_roots_of_every_type_agree_with_wider_arithmetic(
        bits in prop::collection::vec(any::<i64>(), 1..60), narrow in 0..64,
    ) {
        fn each<T: Int>(
            wrapped: for<'a> fn(View<'a, T>) -> AnyView<'a>,
            bits: &[i64],
            narrow: i32,
        ) -> Result<(), TestCaseError> {
            let mut values: Vec<T> = bits.iter().map(|x| T::cut((x >> narrow) as u64)).collect();
            values.extend([T::MIN, T::MAX, T::ZERO].iter().take(bits.len() % 4));
            for (data, origin, step) in layouts(&values) {
                let n = values.len();
                let view = wrapped(View::new(&data, origin, &[n], &[step]).unwrap());
                let seen: Vec<T> = if step == 0 { vec![values[0]; n] } else { values.clone() };
                for op in [UnaryOp::Neg, UnaryOp::Abs, UnaryOp::Isqrt] {
                    for overflow in MODES {
                        let mut out = vec![T::ZERO; n];
                        let result = unary(op, &view, overflow, T::output(Output { data: &mut out, shape: &[n] }), &Progress::silent());
                        let one = |a: T| -> Option<T> {
                            let a: i128 = a.into();
                            let exact = match op {
                                UnaryOp::Neg => -a,
                                UnaryOp::Abs => a.abs(),
                                UnaryOp::Isqrt => (a >= 0).then(|| a.isqrt())?,
                            };
                            let (least, most) = (T::MIN.into(), T::MAX.into());
                            match overflow {
                                Overflow::Raise => (least..=most).contains(&exact).then(|| T::cut(exact as u64)),
                                Overflow::Wrap => Some(T::cut(exact as u64)),
                                Overflow::Saturate => Some(T::cut(exact.clamp(least, most) as u64)),
                            }
                        };
                        match seen.iter().position(|&a| one(a).is_none()) {
                            None => {
                                prop_assert!(result.is_ok(), "{:?} {:?} {}", op, overflow, T::NAME);
                                prop_assert!(seen.iter().zip(&out).all(|(&a, &got)| one(a) == Some(got)), "{:?}", op);
                            }
                            Some(first) => {
                                let error = result.err().map(|error| error.to_string()).unwrap_or_default();
                                prop_assert!(error.ends_with(&format!("at index {first}")), "{}", error);
                            }
                        }
                    }
                }
            }
            Ok(())
        }
        every_type!(each, &bits, narrow);
    }
}

#[test]
fn quotients_by_one_divisor_for_all_agree_with_the_machine_s() {
    // Divisors around every power of 2, where reciprocals change, and dividends around their multiples.
    fn each<T: Int>(wrapped: for<'a> fn(View<'a, T>) -> AnyView<'a>) -> Result<(), TestCaseError> {
        for bit in 0..T::BITS {
            for near in -2_i64..=2 {
                let d = T::cut((1_u64 << bit).wrapping_add_signed(near));
                if d == T::ZERO {
                    continue;
                }
                let mut a = vec![T::MIN, T::MAX, T::ZERO, T::ONE];
                for multiple in
                    [1_u64, 2, 3, u64::MAX, u64::MAX - 1, 1 << (T::BITS - 1), 0x5555_5555_5555_5555]
                {
                    for off in -1_i64..=1 {
                        a.push(T::cut(multiple.wrapping_mul(d.magnitude()).wrapping_add_signed(off)));
                    }
                }
                let b = vec![d; a.len()];
                every_way(&a, &b, &[BinaryOp::FloorDiv, BinaryOp::Mod], wrapped)?;
            }
        }
        Ok(())
    }
    fn all() -> Result<(), TestCaseError> {
        every_type!(each,);
        Ok(())
    }
    all().unwrap();
}

#[test]
fn narrow_roots_and_quotients_are_right_for_every_value_or_near_every_whole_number() {
    let roots: Vec<u16> = (0..=u16::MAX).collect();
    let mut out = vec![0; roots.len()];
    let shape = [roots.len()];
    let view = AnyView::U16(View::from_slice(&roots));
    let output = AnyOutput::U16(Output { data: &mut out, shape: &shape });
    unary(UnaryOp::Isqrt, &view, Overflow::Raise, output, &Progress::silent()).unwrap();
    assert!(roots.iter().zip(&out).all(|(n, root)| n.isqrt() == *root));
    // a / b is nearest to a whole number it does not reach where a is one less than a multiple of b.
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for divisor in (1..2000).chain(64_000..=u32::from(u16::MAX)).chain([1 << 20, (1 << 31) - 1, u32::MAX - 1])
    {
        for multiple in [1, 2, u32::MAX / divisor - 1, u32::MAX / divisor] {
            if let Some(product) = divisor.checked_mul(multiple).filter(|&product| product > 0) {
                a.extend([product - 1, product]);
                b.extend([divisor; 2]);
            }
        }
    }
    let (a_view, b_view) = (AnyView::U32(View::from_slice(&a)), AnyView::U32(View::from_slice(&b)));
    let got = run::<u32>(BinaryOp::FloorDiv, &a_view, &b_view, Overflow::Raise, &[a.len()]).unwrap();
    assert!(got.iter().enumerate().all(|(i, &q)| q == a[i] / b[i]));
}
