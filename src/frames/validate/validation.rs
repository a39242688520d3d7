//! What rules came to on a table, or on a piece of one: pieces are put together in the order of their rows.
//!
//! A rule is bound to the columns once. Rows then come in windows, cut into segments; every rule looks at every
//! segment on whatever thread is free, and what it found is put together in order, so the answer does not
//! depend on threads or on how the table is chunked. Kept is one bit a failing row, and for uniqueness a key a row.
#![forbid(unsafe_code)]

use super::check::{Bound, Check, Outcome, refused};
use super::duration;
use super::foreign;
use super::found::Found;
use super::report::Report;
use super::rules::{Kind, Rule, Rules};
use super::typing::Scope;
use crate::error::Error;
use crate::exec;
use crate::frames::envelope::MOST;
use crate::frames::pick::leaf_type;
use crate::frames::types::type_name;
use crate::frames::uncarry;
use crate::frames::window::Window;
use crate::progress::{Progress, Pulse};
use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, Schema};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// Rows a rule looks at without stopping.
const SEGMENT: usize = 65_536;
/// Rows of one window: enough that starting threads costs nothing beside it.
const WINDOW: usize = 1 << 20;

/// What a function of the caller's says of some rows: 0 fails, 1 passes, 2 is missing.
pub type Custom<'c> = dyn FnMut(usize, RecordBatch) -> Result<Vec<u8>, Error> + 'c;

/// What rules found in some rows: all there is to know to report on them, or to go on with the rows that follow.
#[derive(Clone, Debug)]
pub struct Validation {
    /// Rows looked at.
    pub rows: u64,
    /// Nanoseconds since 1970 at which the first piece was begun.
    pub now: i128,
    /// The rules.
    pub rules: Book,
    /// The columns that the rules look at.
    pub columns: Vec<Seen>,
    /// What each rule found.
    pub found: Vec<Found>,
}

/// Rules as text, read only when they are needed: patterns take a while.
#[derive(Clone, Debug)]
pub struct Book {
    /// As JSON.
    pub text: Arc<str>,
    read: Option<Arc<Rules>>,
}

impl Book {
    /// Rules known as text.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), read: None }
    }

    fn rules(&self) -> Result<Arc<Rules>, Error> {
        match &self.read {
            Some(rules) => Ok(rules.clone()),
            None => Ok(Arc::new(Rules::parse(&self.text, false, "rules of the state")?)),
        }
    }
}

/// A column that rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its type, whatever its layout; none when it is not there.
    pub data_type: Option<String>,
}

impl Seen {
    /// The columns that rules look at.
    fn all(rules: &Rules, schema: &Schema) -> Vec<Self> {
        let names = rules.reads().unwrap_or_else(|| {
            schema.fields().iter().map(|field| field.name().clone()).collect() // a function may look at any
        });
        let seen = |name: String| {
            let field = schema.fields().iter().find(|field| *field.name() == name);
            let data_type = field.map(|field| match leaf_type(field.data_type()) {
                DataType::LargeUtf8 | DataType::Utf8View => type_name(&DataType::Utf8),
                DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                    type_name(&DataType::Binary)
                }
                other => type_name(other),
            });
            Self { name, data_type }
        };
        names.into_iter().map(seen).collect()
    }

    /// Whether it has no type but null.
    fn is_null(&self) -> bool {
        self.data_type.as_deref() == Some("null")
    }

    fn shown(&self) -> &str {
        self.data_type.as_deref().unwrap_or("nothing")
    }
}

impl Validation {
    /// Checks `rules` against what `reader` gives. Reports rows times rules, of an unknown total.
    ///
    /// `frames` are those that foreign keys refer to; `custom` answers for the rules that are functions; `now` is
    /// this moment unless it is given.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a rule that does not fit the columns, naming it, and whatever a reader fails with;
    /// [`Error::Overflow`] where an integer that an expression computes does not fit 128 bits; [`Error::Cancelled`].
    pub fn of(
        reader: &mut dyn RecordBatchReader,
        rules: &Rules,
        frames: Vec<foreign::Named>,
        custom: Option<&mut Custom<'_>>,
        now: Option<i128>,
        progress: &Progress<'_>,
    ) -> Result<Self, Error> {
        let made = Self::read(reader, rules, frames, custom, now, progress)?;
        progress.finish()?;
        Ok(made)
    }

    /// As [`Validation::of`], to be reported on at once.
    pub(super) fn read(
        reader: &mut dyn RecordBatchReader,
        rules: &Rules,
        frames: Vec<foreign::Named>,
        mut custom: Option<&mut Custom<'_>>,
        now: Option<i128>,
        progress: &Progress<'_>,
    ) -> Result<Self, Error> {
        let schema = reader.schema();
        let now = now.unwrap_or_else(duration::now);
        let scope = Scope { schema: &schema, now };
        let others = foreign::read(rules, &scope, frames, progress)?;
        let mut bound = Vec::with_capacity(rules.0.len());
        for (rule, references) in rules.0.iter().zip(others) {
            if matches!(rule.kind, Kind::Custom { .. }) && custom.is_none() {
                return Err(refused(rule, "it needs a function, which only a caller can give"));
            }
            bound.push(Bound::new(rule, &scope, references)?);
        }
        let mut found: Vec<Found> = bound.iter().map(|bound| Found::nothing(&bound.check)).collect();
        let kept = kept(rules, &schema);
        let unused: ArrayRef = Arc::new(NullArray::new(0));
        let mut rows = 0_u64;
        let mut window: Window<Piece> = Window::new(WINDOW);
        loop {
            progress.poll()?;
            let Some(batch) = reader.next().transpose().map_err(uncarry)? else { break };
            for piece in pieces(&batch) {
                for (index, (rule, found)) in bound.iter().zip(&mut found).enumerate() {
                    if let (Check::Custom(columns), Some(custom)) = (&rule.check, custom.as_deref_mut()) {
                        found.ask(index, rule, columns, &piece, rows, custom)?;
                    }
                }
                rows += piece.num_rows() as u64;
                let columns = piece.columns().iter().zip(&kept);
                let columns = columns.map(|(column, kept)| if *kept { column } else { &unused }.clone());
                let piece = Piece { columns: columns.collect(), rows: piece.num_rows() };
                let count = piece.rows;
                window.push(piece, count);
                if window.is_full() {
                    look(&bound, &mut found, &window, rows, rules, progress)?;
                    window.clear();
                }
            }
            window.end_batch(batch.columns(), batch.num_rows());
            if window.is_full() {
                look(&bound, &mut found, &window, rows, rules, progress)?;
                window.clear();
            }
        }
        look(&bound, &mut found, &window, rows, rules, progress)?;
        let text = rules.json().to_string();
        let rules = Book { text: text.into(), read: Some(Arc::new(rules.clone())) };
        let columns = Seen::all(rules.rules()?.as_ref(), &schema);
        Ok(Self { rows, now, rules, columns, found })
    }

    /// Takes in what the same rules found in the rows that follow. Errors call the other `name`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where rules or columns differ, [`Error::Overflow`] for more than 2^53 rows, [`Error::Memory`];
    /// then it is not known what has been taken in.
    pub fn merge(&mut self, other: &Self, name: &str) -> Result<(), Error> {
        self.check_rules(other, name)?;
        self.check_columns(other, name)?;
        let rows = self.rows.saturating_add(other.rows);
        if rows > MOST {
            return Err(Error::Overflow(format!("{name} makes it {rows} rows, more than 2^53")));
        }
        for (ours, theirs) in self.found.iter_mut().zip(&other.found) {
            if ours.merge(theirs, self.rows)?.is_none() {
                return Err(Error::Invalid(format!(
                    "{name} must be of the same rules, got one that cannot be"
                )));
            }
        }
        for (ours, theirs) in self.columns.iter_mut().zip(&other.columns) {
            // Any rule would do that does not depend on how pieces are grouped.
            if ours.is_null() || (!theirs.is_null() && ours.data_type < theirs.data_type) {
                ours.data_type.clone_from(&theirs.data_type);
            }
        }
        self.rows = rows;
        self.now = self.now.min(other.now);
        if self.rules.read.is_none() {
            self.rules.read.clone_from(&other.rules.read);
        }
        Ok(())
    }

    fn check_rules(&self, other: &Self, name: &str) -> Result<(), Error> {
        if self.rules.text == other.rules.text {
            return Ok(());
        }
        let listed = |book: &Book| serde_json::from_str::<Vec<Json>>(&book.text).unwrap_or_default();
        let (ours, theirs) = (listed(&self.rules), listed(&other.rules));
        let what = match ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs) {
            Some(at) => format!("got {} instead of {} as rules[{at}]", theirs[at], ours[at]),
            None => format!("got {} of them instead of {}", theirs.len(), ours.len()),
        };
        Err(Error::Invalid(format!("{name} must be of the same rules in the same order, {what}")))
    }

    fn check_columns(&self, other: &Self, name: &str) -> Result<(), Error> {
        let differs = |what: String| {
            Err(Error::Invalid(format!("{name} must be of the columns that the others have, got {what}")))
        };
        if self.columns.len() != other.columns.len() {
            return differs(format!("{} instead of {}", other.columns.len(), self.columns.len()));
        }
        for (ours, theirs) in self.columns.iter().zip(&other.columns) {
            if ours.name != theirs.name {
                return differs(format!("{:?} instead of {:?}", theirs.name, ours.name));
            }
            let (Some(one), Some(two)) = (&ours.data_type, &theirs.data_type) else {
                if ours == theirs {
                    continue;
                }
                return differs(format!("{:?} as {} instead of {}", ours.name, theirs.shown(), ours.shown()));
            };
            if one == two || ours.is_null() || theirs.is_null() || same_values(one) == same_values(two) {
                continue;
            }
            let rules = self.rules.rules()?;
            let keeping = rules.0.iter().find(|rule| {
                matches!(rule.kind, Kind::Unique { .. } | Kind::Monotonic { .. })
                    && rule.columns().contains(&ours.name)
            });
            if keeping.is_some() || family(one) != family(two) {
                let why = keeping.map_or_else(String::new, |rule| {
                    format!(
                        ", and {} ({}) compares values of one piece with those of another",
                        rule.place,
                        rule.kind.called()
                    )
                });
                return differs(format!(
                    "{:?} as {two} instead of {one}{why}; convert it to one type in every piece before it is validated",
                    ours.name
                ));
            }
        }
        Ok(())
    }

    /// What the rules came to on all rows so far.
    ///
    /// # Errors
    /// [`Error::Memory`]; [`Error::Cancelled`] when the progress says stop; [`Error::Invalid`] for a state whose bytes
    /// held rules that it cannot be of.
    pub fn report(&self, progress: &Progress<'_>) -> Result<Report, Error> {
        let report = self.clone().into_report(progress)?;
        progress.finish()?;
        Ok(report)
    }

    pub(super) fn into_report(self, progress: &Progress<'_>) -> Result<Report, Error> {
        let rules = self.rules.rules()?;
        let mut tallies = Vec::with_capacity(self.found.len());
        for (rule, found) in rules.0.iter().zip(self.found) {
            debug_assert!(found.checked + found.missing <= self.rows);
            tallies.push(found.tally(rule, self.now, progress)?);
        }
        Ok(Report::new(self.rows, rules.as_ref().clone(), tallies))
    }

    /// Rows, moment, columns and rules, as JSON.
    pub fn json(&self) -> Json {
        let columns = self.columns.iter().map(|seen| json!({"name": seen.name, "type": seen.data_type}));
        json!({
            "rows": self.rows,
            "now": duration::moment_written(self.now),
            "columns": columns.collect::<Vec<_>>(),
            "rules": serde_json::from_str::<Json>(&self.rules.text).unwrap_or_default(),
        })
    }
}

/// What is common to the types whose values are compared as they are, whatever room there is for them.
fn same_values(data_type: &str) -> &str {
    let scale = || data_type.split_once(", ").map_or(data_type, |(_, scale)| scale);
    match family(data_type) {
        "decimal" => scale(),
        word @ ("integer" | "float" | "date") => word,
        _ => data_type,
    }
}

/// What is common to the types of which every value means the same, in whatever unit.
fn family(data_type: &str) -> &str {
    let word = data_type.split(['[', '(', '<']).next().unwrap_or(data_type);
    match word.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "int" | "uint" => "integer",
        "timestamp" => data_type.split_once(", ").map_or(word, |(_, zone)| zone),
        other @ ("decimal" | "float" | "date" | "time" | "duration") => other,
        _ => data_type,
    }
}

fn pieces(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    (0..rows).step_by(WINDOW).map(move |start| batch.slice(start, WINDOW.min(rows - start)))
}

/// Rows of a batch, of which only the columns that rules look at are there.
struct Piece {
    columns: Vec<ArrayRef>,
    rows: usize,
}

/// Which columns the rules look at, those that are functions aside: these have seen the rows before they are collected.
fn kept(rules: &Rules, schema: &Schema) -> Vec<bool> {
    let looking = rules.0.iter().filter(|rule| !matches!(rule.kind, Kind::Custom { .. }));
    let names: HashSet<String> = looking.flat_map(Rule::reads).collect();
    schema.fields().iter().map(|field| names.contains(field.name())).collect()
}

/// Lets every rule look at every segment of a window that ends before row `end`.
fn look(
    bound: &[Bound],
    found: &mut [Found],
    window: &Window<Piece>,
    end: u64,
    rules: &Rules,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let mut segments: Vec<(u64, &Piece, Range<usize>)> = Vec::new();
    let mut row = end - window.rows as u64;
    for piece in &window.pieces {
        for start in (0..piece.rows).step_by(SEGMENT) {
            segments.push((row + start as u64, piece, start..piece.rows.min(start + SEGMENT)));
        }
        row += piece.rows as u64;
    }
    let works = |bound: &Bound| !matches!(bound.check, Check::Settled { .. } | Check::Custom(_));
    let jobs: Vec<(usize, usize)> = (0..bound.len())
        .filter(|rule| works(&bound[*rule]))
        .flat_map(|rule| (0..segments.len()).map(move |segment| (rule, segment)))
        .collect();
    let work = |(rule, segment): (usize, usize), pulse: &Pulse<'_>| {
        let (row, piece, rows) = &segments[segment];
        let outcome = bound[rule].look(&piece.columns, rows.clone()).map_err(|error| match error {
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
    let size = window.rows.saturating_mul(bound.len());
    let outcomes: Vec<Outcome> = if size < exec::SEQUENTIAL_BELOW {
        let pulse = progress.pulse();
        jobs.iter().map(|job| work(*job, &pulse)).collect::<Result<_, _>>()?
    } else {
        exec::map(jobs.iter().copied(), progress, work)?
    };
    for ((rule, segment), outcome) in jobs.into_iter().zip(outcomes) {
        found[rule].take(outcome, &bound[rule].check, segments[segment].0)?;
    }
    Ok(())
}
