//! Sums: exact for integers, to about twice the digits of the result for floats.
#![forbid(unsafe_code)]

use super::fold::Fold;
use super::simd_fold::{Exactly, Integer, add_float_row, add_row, float_sum, total};
use super::source::Work;

/// The exact sum of integers.
pub(super) struct IntegerSum;

/// Sums of a row of outputs: `low + 2^32 * high`, moved to `whole` before they overflow.
pub(super) struct IntegerRow {
    low: Vec<i64>,
    high: Vec<i64>,
    whole: Vec<i128>,
    rows: u32,
}

impl IntegerRow {
    fn at(&self, i: usize) -> i128 {
        self.whole[i] + i128::from(self.low[i]) + (i128::from(self.high[i]) << 32)
    }
}

impl<W: Integer> Fold<W> for IntegerSum {
    const ORDERED: bool = false;
    type One = i128;
    type Row = IntegerRow;

    fn none(&self) -> i128 {
        0
    }

    fn run(&self, one: &mut i128, values: &[W], _: usize) {
        *one += total(values);
    }

    fn merge(&self, one: &mut i128, later: i128) {
        *one += later;
    }

    fn row(&self, width: usize) -> IntegerRow {
        IntegerRow { low: vec![0; width], high: vec![0; width], whole: vec![0; width], rows: 0 }
    }

    fn add(&self, row: &mut IntegerRow, values: &[W], _: usize) {
        if row.rows == 1 << 30 {
            for i in 0..row.whole.len() {
                row.whole[i] = row.at(i);
                (row.low[i], row.high[i]) = (0, 0);
            }
            row.rows = 0;
        }
        row.rows += 1;
        add_row(values, &mut row.low, &mut row.high);
    }

    fn one(&self, row: &IntegerRow, i: usize) -> i128 {
        row.at(i)
    }
}

/// The sum of floats and how many they are; with `SKIP`, of those that are not NaN.
pub(super) struct FloatSum<const SKIP: bool>;

/// A sum with its error, and the number of values in it.
#[derive(Clone, Copy)]
pub(super) struct Summed {
    pub(super) sum: Exactly,
    pub(super) count: u64,
}

/// Sums of a row of outputs.
pub(super) struct FloatRow {
    sum: Vec<f64>,
    error: Vec<f64>,
    skipped: Vec<f64>, // with SKIP, the values that were counted
    rows: u64,
    last: usize, // outputs that the last row reached
}

impl<W: Work, const SKIP: bool> Fold<W> for FloatSum<SKIP> {
    const ORDERED: bool = false;
    type One = Summed;
    type Row = FloatRow;

    fn none(&self) -> Summed {
        Summed { sum: Exactly::default(), count: 0 }
    }

    fn run(&self, one: &mut Summed, values: &[W], _: usize) {
        let (sum, count) = float_sum::<W, SKIP>(values);
        one.sum.merge(sum);
        one.count += count;
    }

    fn merge(&self, one: &mut Summed, later: Summed) {
        one.sum.merge(later.sum);
        one.count += later.count;
    }

    fn row(&self, width: usize) -> FloatRow {
        let counts = if SKIP { width } else { 0 };
        FloatRow {
            sum: vec![0.0; width],
            error: vec![0.0; width],
            skipped: vec![0.0; counts],
            rows: 0,
            last: 0,
        }
    }

    fn add(&self, row: &mut FloatRow, values: &[W], _: usize) {
        (row.rows, row.last) = (row.rows + 1, values.len());
        add_float_row::<W, SKIP>(values, &mut row.sum, &mut row.error, &mut row.skipped);
    }

    fn one(&self, row: &FloatRow, i: usize) -> Summed {
        let count = if SKIP { row.skipped[i] as u64 } else { row.rows - u64::from(i >= row.last) };
        Summed { sum: Exactly { sum: row.sum[i], error: row.error[i] }, count }
    }
}
