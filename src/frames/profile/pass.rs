//! One pass over the batches of a frame: what is kept while it is read, and what there is to do with a window of it.
#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use super::column::{Class, Column};
use super::correlation::{self, Correlations, Method, Pair};
use super::nulls::Patterns;
use super::options::Options;
use super::rows::{self, Repeats};
use super::{Field, NOTE, Profile};
use crate::error::Error;
use crate::exec;
use crate::frames::pick::leaf_type;
use crate::frames::types::{kind, type_name};
use crate::frames::uncarry;
use crate::frames::window::Window;
use crate::progress::{Progress, Pulse};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::Schema;
use std::ops::Range;
use std::sync::Arc;

/// Rows that go to one part of a column at a time.
const SEGMENT: usize = 65_536;

/// Parts all columns together are split into, at least; more threads than this do not help a narrow frame.
const PARTS: usize = 8;

/// Segments at the start that all go to the first part of a column: enough to show whether its values are too many
/// to count exactly, so that at most one part fills a table in vain.
const LEAD: usize = 2;

/// Values of one window: enough that starting threads costs nothing beside it.
const WINDOW: usize = 1_000_000;

/// Profiles what `reader` gives, or only the columns named, in the order named.
///
/// A name that several columns bear takes them all. Reports values read, of an unknown total.
///
/// # Errors
/// [`Error::Invalid`] for a name no column bears, for Spearman's correlations of too many values, and whatever the
/// reader fails with. [`Error::Memory`]; [`Error::Cancelled`] when the progress says stop.
pub fn profile(
    reader: &mut dyn RecordBatchReader,
    columns: Option<&[&str]>,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Profile, Error> {
    let all = reader.schema();
    let chosen = columns.map(|names| choose(&all, names)).transpose()?;
    // Columns that nobody asks for are let go before batches are collected.
    let schema = match &chosen {
        None => all,
        Some(chosen) => Arc::new(all.project(chosen).map_err(uncarry)?),
    };
    let width = schema.fields().len().max(1);
    let mut work = Work::new(&schema, options);
    let mut window = Window::new(WINDOW.div_ceil(width));
    let most = longest(width);
    loop {
        progress.poll()?;
        let Some(whole) = reader.next().transpose().map_err(uncarry)? else { break };
        let batch = match &chosen {
            None => whole.clone(),
            Some(chosen) => whole.project(chosen).map_err(uncarry)?,
        };
        let first = work.rows == 0 && window.rows == 0;
        // Pieces of whole segments, so that cutting a long batch into windows changes no result.
        for piece in pieces(&batch, first, most) {
            let rows = piece.num_rows();
            window.push(piece, rows);
            let lead = work.segments == 0 && window.rows >= LEAD * SEGMENT;
            if lead || window.is_full() {
                work.sum_up(&window, progress)?;
                window.clear();
            }
        }
        window.end_batch(whole.columns(), whole.num_rows());
        if window.is_full() {
            work.sum_up(&window, progress)?;
            window.clear();
        }
    }
    work.sum_up(&window, progress)?;
    let profile = work.finish(&schema, progress)?;
    progress.finish()?;
    Ok(profile)
}

/// Everything that is kept while a frame is read.
struct Work {
    states: Vec<Vec<Column>>,
    rows: u64,
    segments: usize,
    hashes: Option<Vec<u64>>,
    nulls: Patterns,
    correlations: Option<Correlations>,
    options: Options,
    /// For Spearman's ranks: the numbers of every row.
    numbers: Vec<Vec<f64>>,
}

/// One thing to do with a window.
enum Job<'w> {
    Column { at: usize, part: usize, parts: usize, state: &'w mut Column },
    Rows { batch: &'w RecordBatch, rows: Range<usize>, out: &'w mut [u64] },
    Nulls { batch: &'w RecordBatch, out: &'w mut Patterns },
    Pairs { batch: &'w RecordBatch, rows: Range<usize>, out: &'w mut Vec<Pair> },
}

impl Work {
    fn new(schema: &Schema, options: &Options) -> Self {
        let classes: Vec<Class> = schema.fields().iter().map(|field| Class::of(field.data_type())).collect();
        let parts = (PARTS / classes.len().max(1)).max(1);
        let states = classes.iter().map(|class| (0..parts).map(|_| Column::new(*class)).collect()).collect();
        let correlations = options.correlations.map(|method| Correlations::new(method, &classes));
        let spearman = correlations.as_ref().filter(|all| all.method == Method::Spearman);
        let numbers = vec![Vec::new(); spearman.map_or(0, |all| all.columns.len())];
        let hashes = Some(Vec::new()).filter(|_| !classes.is_empty());
        Self {
            states,
            rows: 0,
            segments: 0,
            hashes,
            nulls: Patterns::new(),
            correlations,
            options: *options,
            numbers,
        }
    }

    /// Takes in a window. Segment `n` of the frame goes to part `n % parts` of every column, the first few to part 0.
    fn sum_up(&mut self, window: &Window<RecordBatch>, progress: &Progress<'_>) -> Result<(), Error> {
        let width = self.states.len();
        let values = window.rows.saturating_mul(width);
        self.rows += window.rows as u64;
        let mut jobs: Vec<Job<'_>> = Vec::new();
        for (at, column) in self.states.iter_mut().enumerate() {
            let parts = column.len();
            jobs.extend(column.iter_mut().enumerate().map(|(part, state)| Job::Column {
                at,
                part,
                parts,
                state,
            }));
        }
        // The longest jobs first, so that no thread ends up alone with one.
        jobs.sort_by_key(|job| match job {
            Job::Column { part, state, .. } => (!matches!(state.class, Class::Text | Class::Binary), *part),
            _ => (true, usize::MAX),
        });
        let segments = || {
            window.pieces.iter().flat_map(|batch| {
                let rows = batch.num_rows();
                (0..rows).step_by(SEGMENT).map(move |start| (batch, start..rows.min(start + SEGMENT)))
            })
        };
        if self.hashes.as_ref().is_some_and(|hashes| hashes.len() + window.rows > self.options.most_rows()) {
            self.hashes = None;
        }
        if let Some(hashes) = &mut self.hashes {
            let before = hashes.len();
            hashes
                .try_reserve(window.rows)
                .map_err(|_| Error::Memory(format!("no memory for the hashes of {} rows", self.rows)))?;
            hashes.resize(before + window.rows, 0);
            let mut rest = &mut hashes[before..];
            for (batch, rows) in segments() {
                let (out, after) = rest.split_at_mut(rows.len());
                rest = after;
                jobs.push(Job::Rows { batch, rows, out });
            }
        }
        let mut nulls = vec![Patterns::new(); window.pieces.len()];
        jobs.extend(window.pieces.iter().zip(&mut nulls).map(|(batch, out)| Job::Nulls { batch, out }));
        let mut pairs: Vec<Vec<Pair>> = Vec::new();
        let numbers: Vec<usize> = match &self.correlations {
            Some(all) => all.columns.iter().map(|at| *at as usize).collect(),
            None => Vec::new(),
        };
        match self.correlations.as_ref().map(|all| all.method) {
            Some(Method::Pearson) => {
                pairs = vec![Vec::new(); segments().count()];
                let each = segments().zip(&mut pairs);
                jobs.extend(each.map(|((batch, rows), out)| Job::Pairs { batch, rows, out }));
            }
            Some(Method::Spearman) => {
                correlation::check_room(self.rows as usize * numbers.len())?;
                for (batch, rows) in segments() {
                    let dense = correlation::dense(batch, numbers.iter().copied(), &rows);
                    self.numbers.iter_mut().zip(dense).for_each(|(all, mut more)| all.append(&mut more));
                }
            }
            None => {}
        }
        let (columns, first): (Vec<usize>, usize) = ((0..width).collect(), self.segments);
        let work = |job: Job<'_>, pulse: &Pulse<'_>| match job {
            Job::Column { at, part, parts, state } => {
                for (segment, (batch, rows)) in (first..).zip(segments()) {
                    if (if segment < LEAD { 0 } else { segment % parts }) == part {
                        let count = rows.len() as u64;
                        state.feed(batch.column(at), rows, segment, pulse)?;
                        pulse.add(count)?;
                    }
                }
                Ok(())
            }
            Job::Rows { batch, rows, out } => rows::hash(batch, &columns, rows, out, pulse),
            Job::Nulls { batch, out } => {
                out.feed(batch, &columns);
                pulse.check()
            }
            Job::Pairs { batch, rows, out } => {
                *out = correlation::all_pairs(&correlation::dense(batch, numbers.iter().copied(), &rows));
                pulse.check()
            }
        };
        run(jobs, values, progress, work)?;
        self.segments += segments().count();
        self.states.iter_mut().for_each(|parts| Column::agree(parts));
        nulls.iter().for_each(|part| self.nulls.merge(part));
        if let Some(all) = &mut self.correlations {
            pairs.iter().for_each(|part| all.merge(part));
        }
        self.make_room();
        Ok(())
    }

    /// Gives up the values of the columns that keep the most, as long as all together keep too many.
    fn make_room(&mut self) {
        loop {
            let kept: Vec<usize> =
                self.states.iter().map(|parts| parts.iter().map(Column::kept).sum()).collect();
            if kept.iter().sum::<usize>() <= self.options.most_values() {
                return;
            }
            if let Some(largest) = (0..kept.len()).max_by_key(|at| kept[*at]) {
                self.states[largest].iter_mut().for_each(Column::condense);
            }
        }
    }

    fn finish(mut self, schema: &Schema, progress: &Progress<'_>) -> Result<Profile, Error> {
        enum Last<'w> {
            Column(Vec<Column>, &'w mut Option<Column>),
            Ranks(&'w [f64], &'w [f64], &'w mut Pair),
        }
        let values = (self.rows as usize).saturating_mul(self.states.len());
        let mut columns: Vec<Option<Column>> = self.states.iter().map(|_| None).collect();
        let states = std::mem::take(&mut self.states);
        let mut jobs: Vec<Last<'_>> =
            states.into_iter().zip(&mut columns).map(|(parts, out)| Last::Column(parts, out)).collect();
        if let Some(all) = self.correlations.as_mut().filter(|all| all.method == Method::Spearman) {
            let numbers = &self.numbers;
            let places = (0..numbers.len()).flat_map(|row| (0..row).map(move |column| (column, row)));
            let ranks = places.zip(&mut all.pairs);
            jobs.extend(ranks.map(|((x, y), out)| Last::Ranks(&numbers[x], &numbers[y], out)));
        }
        run(jobs, values, progress, |job, pulse| {
            match job {
                Last::Column(parts, out) => {
                    let mut parts = parts.into_iter();
                    *out = parts.next().map(|mut whole| {
                        parts.for_each(|part| whole.join_part(part));
                        whole.seal();
                        whole
                    });
                }
                Last::Ranks(x, y, out) => *out = correlation::ranked(x, y),
            }
            pulse.check()
        })?;
        // Where a column tells all rows apart there is nothing to look for, and too much to keep.
        let key = self.rows > rows::MERGED as u64 && columns.iter().flatten().any(Column::is_key);
        let repeats = match self.hashes.take() {
            Some(_) if key => Repeats { count: Some(0), hashes: None },
            Some(hashes) => Repeats::of(hashes, progress)?,
            None => Repeats::default(),
        };
        let fields = schema.fields().iter().zip(columns).filter_map(|(field, column)| {
            let leaf = leaf_type(field.data_type());
            Some(Field {
                name: field.name().clone(),
                data_type: type_name(field.data_type()),
                width: 8 * leaf.primitive_width().unwrap_or(0) as u32,
                kind: kind(leaf),
                notes: field
                    .metadata()
                    .get(NOTE)
                    .map_or(vec![], |note| note.lines().map(str::to_owned).collect()),
                column: column?,
            })
        });
        let fields = fields.collect();
        Ok(Profile { rows: self.rows, fields, repeats, nulls: self.nulls, correlations: self.correlations })
    }
}

/// Does all jobs, on this thread alone when they are few values together.
fn run<J: Send>(
    jobs: Vec<J>,
    values: usize,
    progress: &Progress<'_>,
    work: impl Fn(J, &Pulse<'_>) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    if values < exec::SEQUENTIAL_BELOW {
        let pulse = progress.pulse();
        return jobs.into_iter().try_for_each(|job| work(job, &pulse));
    }
    exec::map(jobs.into_iter(), progress, work).map(drop)
}

/// A batch cut after every `most` rows, and the first one after its leading segments, too.
fn pieces(batch: &RecordBatch, first: bool, most: usize) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    let lead = if first { rows.min(LEAD * SEGMENT) } else { 0 };
    let rest = (lead..rows).step_by(most).map(move |start| batch.slice(start, most.min(rows - start)));
    (lead > 0).then(|| batch.slice(0, lead)).into_iter().chain(rest)
}

/// The columns of these names, by position.
fn choose(schema: &Schema, names: &[&str]) -> Result<Vec<usize>, Error> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let fields = schema.fields().iter().enumerate();
        chosen.extend(fields.filter(|(_, field)| field.name() == name).map(|(index, _)| index));
        if chosen.len() == before {
            return Err(Error::Invalid(format!(
                "columns: {name:?} is not a column of data, which has {}",
                list(schema)
            )));
        }
    }
    Ok(chosen)
}

/// The first few column names.
fn list(schema: &Schema) -> String {
    const SHOWN: usize = 12;
    let fields = schema.fields();
    let shown: Vec<String> = fields.iter().take(SHOWN).map(|field| format!("{:?}", field.name())).collect();
    match fields.len() {
        0 => "no columns".to_owned(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}

/// Rows of a piece at most, of a table of `width` columns: some segments, and one at least.
fn longest(width: usize) -> usize {
    (WINDOW / width).max(1).next_multiple_of(SEGMENT)
}
