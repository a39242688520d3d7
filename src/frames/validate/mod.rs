//! Rules about a table, checked in one pass over its batches.
//!
//! A rule is bound to the columns once. Rows then come in windows, cut into segments; every rule looks at every
//! segment on whatever thread is free, and what it found is put together in order, so the answer does not
//! depend on threads or on how the table is chunked. Kept is one bit a failing row, and for uniqueness a key a row.
#![forbid(unsafe_code)]

pub mod bind;
pub mod bits;
pub mod check;
pub mod duration;
pub mod evaluate;
pub mod expression;
pub mod foreign;
pub mod functions;
pub mod html;
pub mod junit;
pub mod kernels;
pub mod keys;
pub mod lexer;
pub mod mask;
pub mod node;
pub mod pattern;
pub mod plan;
pub mod report;
pub mod rules;
pub mod sample;
pub mod set;
pub mod suggest;
pub mod typing;
pub mod unique;
pub mod vector;

use crate::error::Error;
use crate::exec;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{RecordBatch, RecordBatchReader};
use bits::Bits;
use check::{Bound, Check, Outcome, Owned, Rest, follows, refused};
use mask::Mask;
use report::{Report, Tally};
use rules::{Kind, Rules};
use std::ops::Range;
use typing::Scope;
use unique::Piece;

/// Rows a rule looks at without stopping.
const SEGMENT: usize = 65_536;
/// Rows of one window: enough that starting threads costs nothing beside it.
const WINDOW: usize = 1 << 20;

/// What a function of the caller's says of some rows: 0 fails, 1 passes, 2 is missing.
pub type Custom<'c> = dyn FnMut(usize, RecordBatch) -> Result<Vec<u8>, Error> + 'c;

/// Checks `rules` against what `reader` gives. Reports rows times rules, of an unknown total.
///
/// `frames` are those that foreign keys refer to; `custom` answers for the rules that are functions.
///
/// # Errors
/// [`Error::Invalid`] for a rule that does not fit the columns, naming it, and whatever a reader fails with;
/// [`Error::Overflow`] where an expression's integer does not fit 128 bits; [`Error::Cancelled`].
pub fn validate(
    reader: &mut dyn RecordBatchReader,
    rules: &Rules,
    frames: Vec<foreign::Named>,
    mut custom: Option<&mut Custom<'_>>,
    progress: &Progress<'_>,
) -> Result<Report, Error> {
    let schema = reader.schema();
    let now = duration::now();
    let scope = Scope { schema: &schema, now };
    let others = foreign::read(rules, &scope, frames, progress)?;
    let mut bound = Vec::with_capacity(rules.0.len());
    for (rule, references) in rules.0.iter().zip(others) {
        if matches!(rule.kind, Kind::Custom { .. }) && custom.is_none() {
            return Err(refused(rule, "it needs a function, which only a caller can give"));
        }
        bound.push(Bound::new(rule, &scope, references)?);
    }
    let mut states: Vec<State> = bound.iter().map(|_| State::default()).collect();
    let (mut rows, mut held) = (0_u64, 0);
    let mut window: Vec<RecordBatch> = Vec::new();
    loop {
        progress.poll()?;
        let batch = reader.next().transpose().map_err(uncarry)?;
        let ended = batch.is_none();
        for piece in batch.iter().flat_map(pieces) {
            for (index, (rule, state)) in bound.iter().zip(&mut states).enumerate() {
                if let (Check::Custom(columns), Some(custom)) = (&rule.check, custom.as_deref_mut()) {
                    state.ask(index, rule, columns, &piece, rows, custom)?;
                }
            }
            rows += piece.num_rows() as u64;
            held += piece.num_rows();
            window.push(piece);
            if held >= WINDOW {
                look(&bound, &mut states, &window, rows - held as u64, rules, progress)?;
                window.clear();
                held = 0;
            }
        }
        if ended {
            look(&bound, &mut states, &window, rows - held as u64, rules, progress)?;
            break;
        }
    }
    let mut tallies = Vec::with_capacity(states.len());
    for ((rule, bound), state) in rules.0.iter().zip(&bound).zip(states) {
        tallies.push(state.tally(rule, bound, now, rows, progress)?);
    }
    progress.finish()?;
    Ok(Report::new(rows, rules.clone(), tallies))
}

fn pieces(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    (0..rows).step_by(WINDOW).map(move |start| batch.slice(start, WINDOW.min(rows - start)))
}

/// What is known of a rule so far.
#[derive(Default)]
struct State {
    checked: u64,
    missing: u64,
    fails: Mask,
    keys: Vec<Piece>,
    last: Option<Owned>,
    newest: Option<i128>,
}

/// Lets every rule look at every segment of a window that begins at row `first`.
fn look(
    bound: &[Bound],
    states: &mut [State],
    window: &[RecordBatch],
    first: u64,
    rules: &Rules,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let mut segments: Vec<(u64, &RecordBatch, Range<usize>)> = Vec::new();
    let mut row = first;
    for batch in window {
        for start in (0..batch.num_rows()).step_by(SEGMENT) {
            let end = batch.num_rows().min(start + SEGMENT);
            segments.push((row + start as u64, batch, start..end));
        }
        row += batch.num_rows() as u64;
    }
    let works = |bound: &Bound| !matches!(bound.check, Check::Settled(..) | Check::Custom(_));
    let jobs: Vec<(usize, usize)> = (0..bound.len())
        .filter(|rule| works(&bound[*rule]))
        .flat_map(|rule| (0..segments.len()).map(move |segment| (rule, segment)))
        .collect();
    let work = |(rule, segment): (usize, usize), pulse: &crate::progress::Pulse<'_>| {
        let (row, batch, rows) = &segments[segment];
        let outcome = bound[rule].look(batch.columns(), rows.clone()).map_err(|error| match error {
            Error::Overflow(what) => Error::Overflow(format!(
                "{} ({}): {what}, in rows {row} to {}",
                rules.0[rule].place,
                rules.0[rule].kind.called(),
                row + rows.len() as u64 - 1
            )),
            other => other,
        })?;
        pulse.add(rows.len() as u64)?;
        Ok(outcome)
    };
    let size = ((row - first) as usize).saturating_mul(bound.len());
    let outcomes: Vec<Outcome> = if size < exec::SEQUENTIAL_BELOW {
        let pulse = progress.pulse();
        jobs.iter().map(|job| work(*job, &pulse)).collect::<Result<_, _>>()?
    } else {
        exec::map(jobs.iter().copied(), progress, work)?
    };
    for ((rule, segment), outcome) in jobs.into_iter().zip(outcomes) {
        states[rule].take(outcome, &bound[rule].check, segments[segment].0)?;
    }
    Ok(())
}

impl State {
    /// Takes in what the segment that begins at row `first` came to; segments come in order.
    fn take(&mut self, outcome: Outcome, check: &Check, first: u64) -> Result<(), Error> {
        self.checked += outcome.checked;
        self.missing += outcome.missing;
        if let Some(fails) = &outcome.fails {
            self.fails.put(first, fails)?;
        }
        match outcome.rest {
            Rest::Nothing => {}
            Rest::Keys(keys, having) => self.keys.push(Piece { first, keys, having }),
            Rest::Newest(newest) => self.newest = self.newest.max(newest),
            Rest::Edges(None) => {}
            Rest::Edges(Some((row, begins, ends))) => {
                if let (Check::Monotonic(_, how), Some(last)) = (check, &self.last)
                    && !follows(*how, &begins, last)
                {
                    self.fails.set(first + row as u64)?;
                }
                self.last = Some(ends);
            }
        }
        Ok(())
    }

    /// Asks a function about the rows of a batch that begins at row `first`.
    fn ask(
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

    /// What the rule came to, once all rows have been seen.
    fn tally(
        mut self,
        rule: &rules::Rule,
        bound: &Bound,
        now: i128,
        rows: u64,
        progress: &Progress<'_>,
    ) -> Result<Tally, Error> {
        let whole = |holds: bool, said: String| Tally::whole(holds, said);
        Ok(match (&bound.check, &rule.kind) {
            (Check::Settled(holds, said), _) => whole(*holds, said.clone()),
            (Check::Count, Kind::RowCount { min, max }) => {
                let holds =
                    min.is_none_or(|min| self.checked >= min) && max.is_none_or(|max| self.checked <= max);
                whole(holds, format!("there are {} rows", report::grouped(self.checked)))
            }
            (Check::Newest(_, unit), Kind::Freshness { within, now: given, .. }) => {
                let now = given.unwrap_or(now);
                match self.newest {
                    None => whole(false, "there is no value".to_owned()),
                    Some(ticks) => {
                        let newest = ticks.saturating_mul(duration::SECOND / i128::from(*unit));
                        let said = format!(
                            "the newest is {}, now is {}",
                            duration::moment_written(newest),
                            duration::moment_written(now)
                        );
                        whole(now.saturating_sub(newest) <= *within, said)
                    }
                }
            }
            _ => {
                if matches!(bound.check, Check::Unique(_)) {
                    let fails = &mut self.fails;
                    let mut full = Ok(());
                    unique::repeated(&self.keys, progress, |row| {
                        if full.is_ok() {
                            full = fails.set(row);
                        }
                    })?;
                    full?;
                }
                debug_assert!(self.checked + self.missing <= rows);
                Tally::rows(rule, self.checked, self.missing, self.fails)
            }
        })
    }
}
