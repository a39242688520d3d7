//! What is known of one rule after some rows: what later rows and other pieces of a table may add to.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::check::{Bound, Check, Outcome, Rest};
use super::duration;
use super::mask::Mask;
use super::order::{Owned, follows};
use super::plan::Comparison;
use super::report::{Tally, grouped};
use super::rules::{Kind, Rule};
use super::unique::{self, Piece};
use super::validation::Custom;
use crate::error::Error;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::RecordBatch;
use std::sync::Arc;

/// What one rule found so far.
#[derive(Clone, Debug)]
pub struct Found {
    /// Rows the rule is about that have what it looks at.
    pub checked: u64,
    /// Rows the rule is about where something is missing.
    pub missing: u64,
    /// Rows that fail; of uniqueness none yet.
    pub fails: Mask,
    /// What only other rows can tell.
    pub held: Held,
}

/// What is kept beyond failing rows.
#[derive(Clone, Debug)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// The keys of every row that has one, in order.
    Keys(Vec<Piece>),
    /// How values must follow one another, and those at both ends.
    Order(Comparison, Option<Ends>),
    /// The newest value, in nanoseconds since 1970.
    Newest(Option<i128>),
    /// Known from the type of a column.
    Settled {
        /// Whether the rule holds.
        holds: bool,
        /// What is to be said.
        said: String,
        /// Whether the column has no type but null, as one without a value may have.
        is_null: bool,
    },
}

/// Values at the ends of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Ends {
    /// The row of the first.
    pub row: u64,
    /// The first.
    pub first: Owned,
    /// The last.
    pub last: Owned,
}

impl Found {
    /// Nothing yet.
    pub fn nothing(check: &Check) -> Self {
        let held = match check {
            Check::Unique(_) => Held::Keys(Vec::new()),
            Check::Monotonic(_, how) => Held::Order(*how, None),
            Check::Newest(..) => Held::Newest(None),
            Check::Settled { holds, said, is_null } => {
                Held::Settled { holds: *holds, said: said.clone(), is_null: *is_null }
            }
            Check::Condition(_) | Check::Foreign(..) | Check::Count | Check::Custom(_) => Held::Nothing,
        };
        Self { checked: 0, missing: 0, fails: Mask::default(), held }
    }

    /// Takes in what the segment that begins at row `first` came to; segments come in order.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn take(&mut self, outcome: Outcome, check: &Check, first: u64) -> Result<(), Error> {
        self.checked += outcome.checked;
        self.missing += outcome.missing;
        if let Some(fails) = &outcome.fails {
            self.fails.put(first, fails)?;
        }
        match (outcome.rest, &mut self.held) {
            (Rest::Keys(keys, having), Held::Keys(pieces)) if !keys.is_empty() => {
                pieces.push(Piece { first, keys: Arc::new(keys), having: having.map(Arc::new) });
            }
            (Rest::Newest(Some(ticks)), Held::Newest(newest)) => {
                let unit = if let Check::Newest(_, unit) = check { *unit } else { 1 };
                let nanoseconds = ticks.saturating_mul(duration::SECOND / i128::from(unit));
                *newest = (*newest).max(Some(nanoseconds));
            }
            (Rest::Edges(Some((row, begins, ends))), Held::Order(how, known)) => {
                let next = Ends { row: first + row as u64, first: begins, last: ends };
                join(*how, known, next, &mut self.fails)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks a function about the rows of a batch that begins at row `first`.
    ///
    /// # Errors
    /// Whatever the function fails with; [`Error::Memory`].
    pub fn ask(
        &mut self,
        index: usize,
        bound: &Bound,
        columns: &[usize],
        batch: &RecordBatch,
        first: u64,
        custom: &mut Custom<'_>,
    ) -> Result<(), Error> {
        let rows = batch.num_rows();
        let selected = bound.selected(batch.columns(), 0..rows)?;
        let given = batch.project(columns).map_err(uncarry)?;
        let said = custom(index, given)?;
        let mut fails = Bits::zeros(rows);
        let mut see = |row: usize| match said.get(row) {
            Some(0) => {
                fails.set(row);
                self.checked += 1;
            }
            Some(1) => self.checked += 1,
            _ => self.missing += 1,
        };
        match selected {
            None => (0..rows).for_each(see),
            Some(selected) => selected.each(|row| {
                see(row);
                true
            }),
        }
        if fails.any() {
            self.fails.put(first, &fails)?;
        }
        Ok(())
    }

    /// Takes in what the same rule found in the rows that follow, which begin at row `first`; none when that is
    /// something a rule like this cannot find.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn merge(&mut self, other: &Self, first: u64) -> Result<Option<()>, Error> {
        self.checked += other.checked;
        self.missing += other.missing;
        self.fails.append(first, &other.fails)?;
        match (&mut self.held, &other.held) {
            (Held::Nothing, Held::Nothing) => {}
            (Held::Keys(ours), Held::Keys(theirs)) => {
                ours.try_reserve(theirs.len())?;
                ours.extend(theirs.iter().map(|piece| Piece { first: piece.first + first, ..piece.clone() }));
                // Integers where only those of some pieces were unsigned and of 64 bits.
                if ours.iter().any(|piece| !piece.keys.is_narrow()) {
                    for piece in ours.iter_mut().filter(|piece| piece.keys.is_narrow()) {
                        piece.keys = Arc::new(piece.keys.widened()?);
                    }
                }
            }
            (Held::Order(how, known), Held::Order(same, theirs)) if how == same => {
                if let Some(theirs) = theirs {
                    let next = Ends { row: theirs.row + first, ..theirs.clone() };
                    join(*how, known, next, &mut self.fails)?;
                }
            }
            (Held::Newest(ours), Held::Newest(theirs)) => *ours = (*ours).max(*theirs),
            (
                Held::Settled { holds, said, is_null },
                Held::Settled { holds: theirs, said: words, is_null: nothing },
            ) => {
                // The type of a column is that of the pieces in which it has one.
                if !nothing && (*is_null || (*holds && !theirs)) {
                    (*holds, *is_null) = (*theirs, false);
                    said.clone_from(words);
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    /// What the rule came to, once all rows have been seen.
    ///
    /// # Errors
    /// [`Error::Memory`]; [`Error::Cancelled`] when the progress says stop.
    pub fn tally(mut self, rule: &Rule, now: i128, progress: &Progress<'_>) -> Result<Tally, Error> {
        Ok(match (&self.held, &rule.kind) {
            (Held::Settled { holds, said, .. }, _) => Tally::whole(*holds, said.clone()),
            (_, Kind::RowCount { min, max }) => {
                let holds =
                    min.is_none_or(|min| self.checked >= min) && max.is_none_or(|max| self.checked <= max);
                Tally::whole(holds, format!("there are {} rows", grouped(self.checked)))
            }
            (Held::Newest(None), _) => Tally::whole(false, "there is no value".to_owned()),
            (Held::Newest(Some(newest)), Kind::Freshness { within, now: given, .. }) => {
                let now = given.unwrap_or(now);
                let said = format!(
                    "the newest is {}, now is {}",
                    duration::moment_written(*newest),
                    duration::moment_written(now)
                );
                Tally::whole(now.saturating_sub(*newest) <= *within, said)
            }
            (Held::Keys(pieces), _) => {
                let fails = &mut self.fails;
                let mut full = Ok(());
                unique::repeated(pieces, progress, |row| {
                    if full.is_ok() {
                        full = fails.set(row);
                    }
                })?;
                full?;
                Tally::rows(rule, self.checked, self.missing, self.fails)
            }
            _ => Tally::rows(rule, self.checked, self.missing, self.fails),
        })
    }
}

/// Puts the ends of the rows that follow behind those known, and looks at where they meet.
fn join(how: Comparison, known: &mut Option<Ends>, next: Ends, fails: &mut Mask) -> Result<(), Error> {
    match known {
        None => *known = Some(next),
        Some(known) => {
            if !follows(how, &next.first, &known.last) {
                fails.set(next.row)?;
            }
            known.last = next.last;
        }
    }
    Ok(())
}
