//! Smallest and largest values, and where they are.
#![forbid(unsafe_code)]

use super::fold::Fold;
use super::simd_extremes::{arg_row, better, extreme, extreme_row, find};
use super::source::Work;

/// The smallest value, or with `MAX` the largest. NaN wins over any number; with `SKIP`, any number over NaN.
pub(super) struct Extreme<const MAX: bool, const SKIP: bool>;

impl<W: Work, const MAX: bool, const SKIP: bool> Fold<W> for Extreme<MAX, SKIP> {
    const ORDERED: bool = false;
    type One = Option<W>;
    type Row = Vec<W>;

    fn none(&self) -> Option<W> {
        None
    }

    fn run(&self, one: &mut Option<W>, values: &[W], _: usize) {
        if let Some(first) = one.or(values.first().copied()) {
            *one = Some(extreme::<W, MAX, SKIP>(values, first));
        }
    }

    fn merge(&self, one: &mut Option<W>, later: Option<W>) {
        *one = match (*one, later) {
            (Some(one), Some(later)) if better::<W, MAX, SKIP>(later, one) => Some(later),
            (one, later) => one.or(later),
        };
    }

    fn row(&self, width: usize) -> Vec<W> {
        Vec::with_capacity(width)
    }

    fn add(&self, row: &mut Vec<W>, values: &[W], _: usize) {
        extreme_row::<W, MAX, SKIP>(values, row);
        row.extend_from_slice(values.get(row.len()..).unwrap_or_default()); // the first row
    }

    fn one(&self, row: &Vec<W>, i: usize) -> Option<W> {
        row.get(i).copied()
    }
}

/// Two folds of the same values, read once.
pub(super) struct Both<A, B>(pub(super) A, pub(super) B);

impl<W: Work, A: Fold<W>, B: Fold<W>> Fold<W> for Both<A, B> {
    const ORDERED: bool = A::ORDERED || B::ORDERED;
    const EFFORT: usize = A::EFFORT + B::EFFORT;
    type One = (A::One, B::One);
    type Row = (A::Row, B::Row);

    fn none(&self) -> Self::One {
        (self.0.none(), self.1.none())
    }

    fn run(&self, one: &mut Self::One, values: &[W], first: usize) {
        // Parts that stay in the L1 cache for the second fold.
        for (i, part) in values.chunks(2048).enumerate() {
            self.0.run(&mut one.0, part, first + i * 2048);
            self.1.run(&mut one.1, part, first + i * 2048);
        }
    }

    fn merge(&self, one: &mut Self::One, later: Self::One) {
        self.0.merge(&mut one.0, later.0);
        self.1.merge(&mut one.1, later.1);
    }

    fn row(&self, width: usize) -> Self::Row {
        (self.0.row(width), self.1.row(width))
    }

    fn add(&self, row: &mut Self::Row, values: &[W], index: usize) {
        self.0.add(&mut row.0, values, index);
        self.1.add(&mut row.1, values, index);
    }

    fn one(&self, row: &Self::Row, i: usize) -> Self::One {
        (self.0.one(&row.0, i), self.1.one(&row.1, i))
    }
}

/// The number of the first smallest value, or with `MAX` of the first largest; of the first NaN if there is
/// one, unless `SKIP`.
pub(super) struct Arg<const MAX: bool, const SKIP: bool>;

/// The best value so far and its number.
#[derive(Clone, Copy)]
pub(super) struct Place<W> {
    value: W,
    pub(super) at: usize,
}

/// Places of a row of outputs; -1 where only NaN was met.
pub(super) struct PlaceRow<W> {
    best: Vec<W>,
    at: Vec<i64>,
}

impl<W: Work, const MAX: bool, const SKIP: bool> Fold<W> for Arg<MAX, SKIP> {
    const ORDERED: bool = true;
    type One = Option<Place<W>>;
    type Row = PlaceRow<W>;

    fn none(&self) -> Self::One {
        None
    }

    fn run(&self, one: &mut Self::One, values: &[W], first: usize) {
        // Finding the value costs less than carrying its place along; blocks keep that search in cache.
        for (i, block) in values.chunks(2048).enumerate() {
            if one.is_some_and(|best| best.value.is_nan()) {
                return; // only without SKIP, and then nothing beats the first NaN
            }
            let value = extreme::<W, MAX, SKIP>(block, block[0]);
            if SKIP && value.is_nan() {
                continue;
            }
            if one.is_none_or(|best| better::<W, MAX, SKIP>(value, best.value))
                && let Some(at) = find(block, value)
            {
                *one = Some(Place { value, at: first + i * 2048 + at });
            }
        }
    }

    fn merge(&self, one: &mut Self::One, later: Self::One) {
        *one = match (*one, later) {
            (Some(one), Some(later))
                if !one.value.is_nan() && better::<W, MAX, SKIP>(later.value, one.value) =>
            {
                Some(later)
            }
            (one, later) => one.or(later),
        };
    }

    fn row(&self, width: usize) -> PlaceRow<W> {
        PlaceRow { best: Vec::with_capacity(width), at: Vec::with_capacity(width) }
    }

    fn add(&self, row: &mut PlaceRow<W>, values: &[W], index: usize) {
        let known = row.best.len();
        arg_row::<W, MAX, SKIP>(&values[..known.min(values.len())], index as i64, &mut row.best, &mut row.at);
        for x in values.get(known..).unwrap_or_default() {
            row.best.push(*x);
            row.at.push(if SKIP && x.is_nan() { -1 } else { index as i64 });
        }
    }

    fn one(&self, row: &PlaceRow<W>, i: usize) -> Self::One {
        let at = usize::try_from(*row.at.get(i)?).ok()?;
        Some(Place { value: row.best[i], at })
    }
}
