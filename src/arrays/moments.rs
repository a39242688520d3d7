//! Mean and squared deviations in one pass over memory.
#![forbid(unsafe_code)]

use super::fold::Fold;
use super::simd_fold::{Exactly, MomentRows, moments, moments_row};
use super::source::Work;

/// Values read twice while they are in the L1 cache: first their mean, then the deviations from it.
const BLOCK: usize = 2048;

/// Count, mean and squared deviations; with `SKIP`, of the values that are not NaN.
pub(super) struct Moments<const SKIP: bool>;

/// How many values, their mean in two parts, and the sum of their squared deviations from it.
#[derive(Clone, Copy, Default)]
pub(super) struct Moment {
    pub(super) n: u64,
    mean: f64,
    off: f64,
    m2: f64,
}

impl Moment {
    /// Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    /// variances" (1979), with the mean carried to twice the digits.
    fn merge(&mut self, later: Self) {
        if self.n == 0 {
            *self = later;
        } else if later.n > 0 {
            let n = self.n + later.n;
            let share = later.n as f64 / n as f64;
            let d = (later.mean - self.mean) + (later.off - self.off);
            let mut mean = Exactly { sum: self.mean, error: self.off };
            mean.add(d * share);
            (self.mean, self.off) = (mean.sum, mean.error);
            self.m2 += later.m2 + d * d * (self.n as f64 * share);
            self.n = n;
        }
    }

    /// The variance with `n - ddof` in the denominator, which counts as 0 where it is negative.
    pub(super) fn variance(self, ddof: f64) -> f64 {
        // Rounding can leave the deviations of equal values a hair below 0; NaN stays.
        let m2 = if self.m2 < 0.0 { 0.0 } else { self.m2 };
        // A finite mean has no NaN and no infinity among its values: what is NaN then has left the range of a double.
        let m2 = if m2.is_nan() && self.mean.is_finite() { f64::INFINITY } else { m2 };
        if self.n == 0 { f64::NAN } else { m2 / (self.n as f64 - ddof).max(0.0) }
    }
}

/// Moments of a row of outputs.
pub(super) struct MomentRow {
    mean: Vec<f64>,
    off: Vec<f64>,
    m2: Vec<f64>,
    count: Vec<f64>, // with SKIP, the values that were counted
    rows: u64,
    last: usize, // outputs that the last row reached
}

impl<W: Work, const SKIP: bool> Fold<W> for Moments<SKIP> {
    const ORDERED: bool = false;
    type One = Moment;
    type Row = MomentRow;

    fn none(&self) -> Moment {
        Moment::default()
    }

    fn run(&self, one: &mut Moment, values: &[W], _: usize) {
        for block in values.chunks(BLOCK) {
            let (n, mean, off, m2) = moments::<W, SKIP>(block);
            one.merge(Moment { n, mean, off, m2 });
        }
    }

    fn merge(&self, one: &mut Moment, later: Moment) {
        one.merge(later);
    }

    fn row(&self, width: usize) -> MomentRow {
        let zeros = || vec![0.0; width];
        let count = if SKIP { zeros() } else { Vec::new() };
        MomentRow { mean: zeros(), off: zeros(), m2: zeros(), count, rows: 0, last: 0 }
    }

    fn add(&self, row: &mut MomentRow, values: &[W], _: usize) {
        (row.rows, row.last) = (row.rows + 1, values.len());
        let MomentRow { mean, off, m2, count, .. } = row;
        moments_row::<W, SKIP>(values, row.rows, MomentRows { mean, off, m2, count });
    }

    fn one(&self, row: &MomentRow, i: usize) -> Moment {
        let n = if SKIP { row.count[i] as u64 } else { row.rows - u64::from(i >= row.last) };
        Moment { n, mean: row.mean[i], off: row.off[i], m2: row.m2[i] }
    }
}
