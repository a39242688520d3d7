//! How columns of numbers go together: Pearson's coefficient, and Spearman's, which is Pearson's of the ranks.
//!
//! Each pair of columns is looked at in the rows that have both values.
#![forbid(unsafe_code)]

use super::column::Class;
use super::numbers::wide_to_f64;
use super::simd_moments::{Real, Whole};
use crate::error::Error;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, RecordBatch, RunArray};
use arrow_buffer::{ArrowNativeType, ScalarBuffer, i256};
use arrow_schema::DataType;
use half::f16;
use std::ops::Range;

/// Most values kept for Spearman's ranks: 256 MiB.
pub const MOST: usize = 1 << 25;

/// Which coefficient is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Of the values.
    Pearson,
    /// Of their ranks, equal values sharing the mean of theirs.
    Spearman,
}

impl Method {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pearson => "pearson",
            Self::Spearman => "spearman",
        }
    }
}

/// Sums over the rows in which both columns have a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// Rows.
    pub count: u64,
    /// Means of the two columns.
    pub means: [f64; 2],
    /// Sums of squared distances from the means.
    pub squares: [f64; 2],
    /// Sum of products of the distances.
    pub product: f64,
}

impl Pair {
    fn of(x: &[f64], y: &[f64]) -> Self {
        let both = || x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
        let count = both().count() as u64;
        if count == 0 {
            return Self::default();
        }
        let n = count as f64;
        let (first_x, first_y) = both().next().map_or((0.0, 0.0), |(x, y)| (*x, *y));
        let (above_x, above_y) =
            both().fold((0.0, 0.0), |(a, b), (x, y)| (a + (x - first_x), b + (y - first_y)));
        let means = [first_x + above_x / n, first_y + above_y / n];
        let mut pair = Self { count, means, ..Self::default() };
        for (x, y) in both() {
            let (x, y) = (x - means[0], y - means[1]);
            pair.squares[0] += x * x;
            pair.squares[1] += y * y;
            pair.product += x * y;
        }
        pair
    }

    /// Takes in other rows.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let share = theirs / (ours + theirs);
        let delta = [other.means[0] - self.means[0], other.means[1] - self.means[1]];
        for (side, delta) in delta.iter().enumerate() {
            self.squares[side] += other.squares[side] + delta * delta * (ours * share);
            self.means[side] += delta * share;
        }
        self.product += other.product + delta[0] * delta[1] * (ours * share);
        self.count += other.count;
    }

    /// The coefficient, from -1 to 1; none where a column does not vary.
    pub fn coefficient(&self) -> Option<f64> {
        let value = self.product / (self.squares[0].sqrt() * self.squares[1].sqrt());
        (self.count > 1 && value.is_finite()).then(|| value.clamp(-1.0, 1.0))
    }
}

/// Number of pairs of so many columns.
pub fn pairs(columns: usize) -> usize {
    columns * columns.saturating_sub(1) / 2
}

/// What is kept of the pairs of a frame's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlations {
    /// Which coefficient.
    pub method: Method,
    /// The columns that are numbers, by their positions among those chosen.
    pub columns: Vec<u32>,
    /// Every pair: second with first, third with first, third with second, ...
    pub pairs: Vec<Pair>,
}

impl Correlations {
    /// Nothing yet of columns of these classes.
    pub fn new(method: Method, classes: &[Class]) -> Self {
        let numbers = classes.iter().enumerate().filter(|(_, class)| class.is_number());
        let columns: Vec<u32> = numbers.map(|(at, _)| at as u32).collect();
        let pairs = vec![Pair::default(); pairs(columns.len())];
        Self { method, columns, pairs }
    }

    /// The same of columns of these classes, of which those that are new have had no values so far.
    pub fn of(&self, classes: &[Class]) -> Self {
        let mut all = Self::new(self.method, classes);
        let place = |column: &u32| all.columns.binary_search(column).ok();
        let places: Vec<Option<usize>> = self.columns.iter().map(place).collect();
        let each = (0..places.len()).flat_map(|row| (0..row).map(move |column| (row, column)));
        for ((row, column), pair) in each.zip(&self.pairs) {
            if let (Some(row), Some(column)) = (places[row], places[column]) {
                all.pairs[pairs(row) + column] = *pair;
            }
        }
        all
    }

    /// Takes in other rows of the same columns.
    pub fn merge(&mut self, pairs: &[Pair]) {
        self.pairs.iter_mut().zip(pairs).for_each(|(ours, theirs)| ours.merge(theirs));
    }

    /// The coefficient of every pair, in a square. `varies` says of a column, by its position among those chosen,
    /// whether it goes with itself.
    pub fn matrix(&self, varies: impl Fn(u32) -> bool) -> Vec<Vec<Option<f64>>> {
        let count = self.columns.len();
        let mut matrix = vec![vec![None; count]; count];
        let places = (0..count).flat_map(|row| (0..row).map(move |column| (row, column)));
        for ((row, column), pair) in places.zip(&self.pairs) {
            let value = pair.coefficient();
            (matrix[row][column], matrix[column][row]) = (value, value);
        }
        for (at, column) in self.columns.iter().enumerate() {
            matrix[at][at] = varies(*column).then_some(1.0);
        }
        matrix
    }
}

/// Every pair of these columns.
pub fn all_pairs(columns: &[Vec<f64>]) -> Vec<Pair> {
    let mut all = Vec::with_capacity(pairs(columns.len()));
    for (at, y) in columns.iter().enumerate() {
        all.extend(columns[..at].iter().map(|x| Pair::of(x, y)));
    }
    all
}

/// One pair of columns by their ranks among the rows that have both.
pub fn ranked(x: &[f64], y: &[f64]) -> Pair {
    let (x, y): (Vec<f64>, Vec<f64>) =
        x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(x, y)| (*x, *y)).unzip();
    Pair::of(&ranks(&x), &ranks(&y))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|at| ranks[*at] = rank);
        before += equal.len();
    }
    ranks
}

/// The numbers of some rows of a batch, columns of their own, missing ones NaN.
pub fn dense(
    batch: &RecordBatch,
    columns: impl Iterator<Item = usize>,
    rows: &Range<usize>,
) -> Vec<Vec<f64>> {
    columns.map(|column| reals(batch.column(column).as_ref(), rows.clone())).collect()
}

fn reals(array: &dyn Array, rows: Range<usize>) -> Vec<f64> {
    let mut all = match array.data_type() {
        DataType::Dictionary(..) => {
            let values = array.as_any_dictionary().values();
            if values.is_empty() {
                return vec![f64::NAN; rows.len()];
            }
            let known = reals(values, 0..values.len());
            let keys = array.slice(rows.start, rows.len());
            let keys = keys.as_any_dictionary().normalized_keys();
            keys.into_iter().map(|key| known.get(key).copied().unwrap_or(f64::NAN)).collect()
        }
        DataType::RunEndEncoded(ends, _) => {
            return match ends.data_type() {
                DataType::Int16 => runs(array.as_run::<Int16Type>(), rows),
                DataType::Int32 => runs(array.as_run::<Int32Type>(), rows),
                _ => runs(array.as_run::<Int64Type>(), rows),
            };
        }
        DataType::Boolean => {
            rows.clone().map(|row| f64::from(u8::from(array.as_boolean().value(row)))).collect()
        }
        DataType::Float16 => of::<f16>(array, &rows, Real::double),
        DataType::Float32 => of::<f32>(array, &rows, Real::double),
        DataType::Float64 => of::<f64>(array, &rows, Real::double),
        DataType::UInt8 => of::<u8>(array, &rows, |value| value as f64),
        DataType::UInt16 => of::<u16>(array, &rows, |value| value as f64),
        DataType::UInt32 => of::<u32>(array, &rows, |value| value as f64),
        DataType::UInt64 => of::<u64>(array, &rows, |value| value as f64),
        DataType::Decimal128(..) => of::<i128>(array, &rows, |value| value as f64),
        DataType::Decimal256(..) => of::<i256>(array, &rows, wide_to_f64),
        other => match other.primitive_width() {
            Some(1) => of::<i8>(array, &rows, |value| value.wide() as f64),
            Some(2) => of::<i16>(array, &rows, |value| value.wide() as f64),
            Some(4) => of::<i32>(array, &rows, |value| value as f64),
            _ => of::<i64>(array, &rows, |value| value as f64),
        },
    };
    if let Some(nulls) = array.nulls() {
        for (row, value) in rows.zip(&mut all) {
            if nulls.is_null(row) {
                *value = f64::NAN;
            }
        }
    }
    all
}

fn runs<R: RunEndIndexType>(runs: &RunArray<R>, rows: Range<usize>) -> Vec<f64> {
    let known = reals(runs.values(), 0..runs.values().len());
    rows.map(|row| known[runs.run_ends().get_physical_index(row)]).collect()
}

fn of<T: ArrowNativeType>(array: &dyn Array, rows: &Range<usize>, number: impl Fn(T) -> f64) -> Vec<f64> {
    let data = array.to_data();
    let values = ScalarBuffer::<T>::new(data.buffers()[0].clone(), data.offset(), data.len());
    values[rows.clone()].iter().map(|value| number(*value)).collect()
}

/// Refuses to keep more values than there is room for.
///
/// # Errors
/// [`Error::Invalid`] beyond [`MOST`] values.
pub fn check_room(values: usize) -> Result<(), Error> {
    if values > MOST {
        return Err(Error::Invalid(format!(
            "correlations: \"spearman\" ranks every number of the frame and keeps at most {MOST} of them, got {values}; \
             profile fewer columns or ask for \"pearson\""
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_whole() {
        let x: Vec<f64> = (0..100).map(|n| f64::from(n * 37 % 101)).collect();
        let y: Vec<f64> =
            (0..100).map(|n| if n % 9 == 0 { f64::NAN } else { f64::from(n * 11 % 17) }).collect();
        let whole = Pair::of(&x, &y);
        let mut parts = Pair::of(&x[..30], &y[..30]);
        parts.merge(&Pair::of(&x[30..], &y[30..]));
        assert_eq!(parts.count, whole.count);
        let (a, b) = (parts.coefficient().unwrap(), whole.coefficient().unwrap());
        assert!((a - b).abs() < 1e-14);
        assert_eq!(Pair::of(&x, &x).coefficient(), Some(1.0));
        assert_eq!(Pair::of(&[1.0, 1.0], &[1.0, 2.0]).coefficient(), None);
    }

    #[test]
    fn equal_values_share_a_rank() {
        assert_eq!(ranks(&[10.0, 30.0, 10.0, 20.0]), [1.5, 4.0, 1.5, 3.0]);
        let same = ranked(&[1.0, 2.0, f64::NAN, 4.0], &[1.0, 4.0, 5.0, 1e9]).coefficient().unwrap();
        assert!((same - 1.0).abs() < 1e-15);
    }
}
