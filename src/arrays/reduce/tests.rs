//! Reductions against the plainest loop there is.

use super::*;
use crate::arrays::{AnyView, View};
use crate::exec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Values by output, each with its values in C order.
fn folded(view: &View<'_, f64>, axes: u64) -> Vec<Vec<f64>> {
    let mut found: BTreeMap<Vec<usize>, Vec<f64>> = BTreeMap::new();
    let mut index = vec![0; view.shape().len()];
    for value in view.iter() {
        let kept = index.iter().enumerate().filter(|(axis, _)| axes >> axis & 1 == 0);
        found.entry(kept.map(|(_, i)| *i).collect()).or_default().push(value);
        for axis in (0..index.len()).rev() {
            index[axis] += 1;
            if index[axis] < view.shape()[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    found.into_values().collect()
}

type Reduction = fn(&AnyView<'_>, u64, bool, AnyMut<'_>, &Progress<'_>) -> Result<(), Error>;

fn run(reduction: Reduction, view: &View<'_, f64>, axes: u64, outputs: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; outputs];
    reduction(&AnyView::F64(view.clone()), axes, false, AnyMut::F64(&mut out), &Progress::silent()).unwrap();
    out
}

fn places(reduction: Reduction, view: &View<'_, f64>, axes: u64, outputs: usize) -> Vec<i64> {
    let mut out = vec![-7; outputs];
    reduction(&AnyView::F64(view.clone()), axes, false, AnyMut::I64(&mut out), &Progress::silent()).unwrap();
    out
}

fn check(view: &View<'_, f64>, axes: u64) {
    let expected = folded(view, axes);
    let n = expected.len();
    let of = |f: fn(&[f64]) -> f64| expected.iter().map(|values| f(values)).collect::<Vec<_>>();
    // The values are small whole numbers, so that every order of addition gives the same.
    assert_eq!(run(sum, view, axes, n), of(|values| values.iter().sum()));
    assert_eq!(run(mean, view, axes, n), of(|values| values.iter().sum::<f64>() / values.len() as f64));
    assert_eq!(run(min, view, axes, n), of(|values| values.iter().copied().fold(f64::MAX, f64::min)));
    assert_eq!(run(max, view, axes, n), of(|values| values.iter().copied().fold(f64::MIN, f64::max)));
    let first = |better: fn(f64, f64) -> bool| {
        let place = |values: &Vec<f64>| {
            (1..values.len()).fold(0, |best, i| if better(values[i], values[best]) { i } else { best }) as i64
        };
        expected.iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(places(argmin, view, axes, n), first(|x, best| x < best));
    assert_eq!(places(argmax, view, axes, n), first(|x, best| x > best));
    let mut spread = vec![0.0; n];
    var(&AnyView::F64(view.clone()), axes, 0.0, false, AnyMut::F64(&mut spread), &Progress::silent())
        .unwrap();
    for (found, values) in spread.iter().zip(&expected) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let want = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
        assert!((found - want).abs() <= 1e-12 * (1.0 + want), "{found} is not {want}");
    }
}

proptest! {
    #[test]
    fn any_strides_and_axes(
        shape in prop::collection::vec(1_usize..7, 0..5),
        steps in prop::collection::vec(-3_isize..4, 5),
        order in Just([0_usize, 1, 2, 3, 4]).prop_shuffle(),
        axes in 0_u64..32,
        seed in 0_u64..1000,
    ) {
        // Axes laid out in any order, each with gaps, reversed or repeated.
        let mut strides = vec![0; shape.len()];
        let mut room = 1;
        for axis in order.into_iter().filter(|axis| *axis < shape.len()) {
            strides[axis] = steps[axis] * room;
            room *= steps[axis].abs().max(1) * shape[axis] as isize;
        }
        let below: isize = shape.iter().zip(&strides).map(|(n, s)| (*n as isize - 1) * s.min(&0)).sum();
        let above: isize = shape.iter().zip(&strides).map(|(n, s)| (*n as isize - 1) * s.max(&0)).sum();
        let data: Vec<f64> = (0..=(above - below) as u64)
            .map(|i| ((i ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as f64)
            .collect();
        let view = View::new(&data, -below as usize, &shape, &strides).unwrap();
        check(&view, axes & ((1 << shape.len()) - 1));
    }
}

#[test]
fn large_views_go_every_way() {
    let data: Vec<f64> =
        (0..240_000_u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as f64).collect();
    for (shape, strides) in [
        (&[240_000][..], &[1][..]),
        (&[120_000], &[2]),
        (&[2, 120_000], &[120_000, 1]),
        (&[120_000, 2], &[2, 1]),
        (&[120_000, 2], &[1, 120_000]),
        (&[300, 800], &[800, 1]),
        (&[300, 400], &[800, 2]),
        (&[100, 20, 120], &[2400, 120, 1]),
        (&[3, 80_000], &[0, 1]),
    ] {
        let view = View::new(&data, 0, shape, strides).unwrap();
        (0..1 << shape.len()).for_each(|axes| check(&view, axes));
    }
}

#[test]
fn a_sum_is_the_same_bits_with_any_number_of_threads() {
    let data: Vec<f64> =
        (0..1_000_000_u64).map(|i| (i as f64).sin() * 10_f64.powi((i % 40) as i32)).collect();
    let whole = View::from_slice(&data);
    let columns = View::new(&data, 0, &[100_000, 10], &[10, 1]).unwrap();
    let alone = (run(sum, &whole, 1, 1), run(mean, &columns, 1, 10));
    for count in [1, 3, 8] {
        exec::set_threads(Some(count)).unwrap();
        let together = (run(sum, &whole, 1, 1), run(mean, &columns, 1, 10));
        exec::set_threads(None).unwrap();
        assert_eq!(alone, together);
    }
}

#[test]
fn what_the_caller_got_wrong_is_named() {
    let data = [1.0, 2.0];
    let view = AnyView::F64(View::from_slice(&data));
    let silent = Progress::silent();
    let said = |result: Result<(), Error>| result.unwrap_err().to_string();
    assert_eq!(
        said(sum(&view, 1, false, AnyMut::F32(&mut [0.0]), &silent)),
        "out must be float64, got float32"
    );
    assert_eq!(
        said(sum(&view, 1, false, AnyMut::F64(&mut [0.0; 2]), &silent)),
        "out must hold 1 elements, got 2"
    );
    assert_eq!(
        said(var(&view, 1, f64::NAN, false, AnyMut::F64(&mut [0.0]), &silent)),
        "ddof must be a number, got NaN"
    );
    assert_eq!(
        said(minmax(&view, 1, false, AnyMut::F64(&mut [0.0]), &silent)),
        "out must hold pairs, got 1 elements"
    );
    let empty = AnyView::I8(View::from_slice(&[]));
    assert!(said(argmin(&empty, 1, false, AnyMut::I64(&mut [0]), &silent)).starts_with("values must not be"));
}

#[test]
fn a_long_reduction_stops_when_told() {
    let data = [1.0];
    let endless = AnyView::F64(View::new(&data, 0, &[1 << 40], &[0]).unwrap());
    let progress = Progress::new(|_, _| false);
    let error = sum(&endless, 1, false, AnyMut::F64(&mut [0.0]), &progress).unwrap_err();
    assert!(matches!(error, Error::Cancelled));
}
