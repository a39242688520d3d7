//! Fingerprints: a hash for every row that says what the row holds and not how, and a digest of the whole frame.
//!
//! docs/fingerprint.md is the definition, and what must hold for ever. Here it is computed column by column in
//! blocks that stay in the cache, on several threads; the rows of a block are then hashed over their columns'
//! hashes.
#![deny(unsafe_code)] // not forbid, which simd_eights could not lift

pub mod column;
pub mod column_hash;
pub mod digest;
pub mod hash;
pub mod nested;
pub mod number;
#[allow(unsafe_code)]
pub mod simd_eights;
pub mod words;

#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::exec;
use crate::frames::uncarry;
use crate::frames::window::Window;
use crate::progress::{Progress, Pulse};
use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, RecordBatch, RecordBatchOptions, RecordBatchReader, UInt64Array,
};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_schema::{Field, Schema};
use column::Column;
use hash::{Hash, Sum};
use std::ops::Range;
use std::sync::Arc;

/// Values read before they are hashed: enough that starting threads costs nothing beside it.
const WINDOW: usize = 2_000_000;

/// Values of one job.
const JOB: usize = 262_144;

/// How to fingerprint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// 128 bits a row instead of 64.
    pub wide: bool,
    /// Columns, and fields of structs, count by name and not by place.
    pub by_name: bool,
}

/// The hashes of a frame's rows, and what they come to.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// Rows of the frame.
    pub rows: u64,
    /// What the rows come to, in whatever order.
    pub sum: Sum,
    /// One hash a row, 64 bits in the machine's order or 128 with the highest byte first; empty unless kept.
    pub hashes: Buffer,
    /// As asked for.
    pub options: Options,
    /// Whether hashes were to be kept.
    pub kept: bool,
}

impl Fingerprint {
    /// The hashes as a table of one column: uint64, or fixed-size binary of 16 bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the hashes were not kept.
    pub fn table(&self) -> Result<RecordBatch, Error> {
        if !self.kept {
            return Err(Error::Invalid("fingerprint holds a digest only: its rows were not kept".into()));
        }
        let rows = self.rows as usize;
        let array: ArrayRef = if self.options.wide {
            let array = FixedSizeBinaryArray::try_new(16, self.hashes.clone(), None).map_err(uncarry)?;
            Arc::new(array)
        } else {
            Arc::new(UInt64Array::new(ScalarBuffer::new(self.hashes.clone(), 0, rows), None))
        };
        let field = Field::new("fingerprint", array.data_type().clone(), false);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(vec![field])), vec![array], &options)
            .map_err(uncarry)
    }
}

/// Fingerprints what `reader` gives, or only the columns named, in the order named.
///
/// With `keep` the hash of every row is kept, else only what they come to. Reports values read, of an unknown
/// total.
///
/// # Errors
/// [`Error::Invalid`] for a name no column bears, for names that are not different when these count, and whatever
/// the reader fails with. [`Error::Memory`] when the hashes do not fit. [`Error::Cancelled`] when the progress says
/// stop.
pub fn fingerprint(
    reader: &mut dyn RecordBatchReader,
    columns: Option<&[&str]>,
    options: Options,
    keep: bool,
    progress: &Progress<'_>,
) -> Result<Fingerprint, Error> {
    if options.wide {
        run::<u128>(reader, columns, options, keep, progress)
    } else {
        run::<u64>(reader, columns, options, keep, progress)
    }
}

fn run<H: Hash>(
    reader: &mut dyn RecordBatchReader,
    columns: Option<&[&str]>,
    options: Options,
    keep: bool,
    progress: &Progress<'_>,
) -> Result<Fingerprint, Error>
where
    Buffer: From<Vec<H>>,
{
    let mut plan = Plan::new(&reader.schema(), columns, "columns", "data", options.by_name)?;
    let mut hashes: Vec<H> = Vec::new();
    let (mut rows, mut sum) = (0, Sum::default());
    // Columns that nobody asks for are let go before batches are collected.
    let places = plan.order.clone();
    plan.order = (0..places.len()).collect();
    let mut window = Window::new(WINDOW.div_ceil(plan.width()));
    loop {
        progress.poll()?;
        let batch = reader.next().transpose().map_err(uncarry)?;
        let ended = batch.is_none();
        if let Some(batch) = batch.filter(|batch| batch.num_rows() > 0) {
            let count = batch.num_rows();
            window.push(batch.project(&places).map_err(uncarry)?, count);
            window.end_batch(batch.columns(), count);
        }
        if ended || window.is_full() {
            let start = hashes.len();
            if keep {
                hashes.try_reserve(window.rows)?;
                hashes.resize(start + window.rows, H::default());
            }
            sum = H::join(sum, plan.hash(&window.pieces, keep.then_some(&mut hashes[start..]), progress)?);
            rows += window.rows as u64;
            window.clear();
        }
        if ended {
            break;
        }
    }
    progress.finish()?;
    hashes.iter_mut().for_each(|hash| *hash = hash.shown());
    Ok(Fingerprint { rows, sum, hashes: Buffer::from(hashes), options, kept: keep })
}

/// Which columns are hashed, in which order.
pub struct Plan {
    order: Vec<usize>,
    seed: u64,
    by_name: bool,
}

impl Plan {
    /// The columns called `names`, or all; a name that several columns bear takes them all.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name no column bears and for names that are not different when these count. Messages
    /// speak of `parameter`, which held the names, and of `data`, which has the columns.
    pub fn new(
        schema: &Schema,
        names: Option<&[&str]>,
        parameter: &str,
        data: &str,
        by_name: bool,
    ) -> Result<Self, Error> {
        let chosen = match names {
            None => (0..schema.fields().len()).collect(),
            Some(names) => choose(schema, names, parameter, data)?,
        };
        let names: Vec<&str> = chosen.iter().map(|at| schema.field(*at).name().as_str()).collect();
        let (order, seed) = nested::order(&names, by_name, hash::seed::PLAIN, parameter)?;
        Ok(Self { order: order.into_iter().map(|at| chosen[at]).collect(), seed, by_name })
    }

    /// The columns at these places, in this order.
    pub fn of(places: Vec<usize>) -> Self {
        Self { order: places, seed: hash::seed::PLAIN, by_name: false }
    }

    /// Number of columns; one where there are none, because rows cost something by themselves.
    fn width(&self) -> usize {
        self.order.len().max(1)
    }

    /// Hashes the rows of `window`, one batch after the other, and returns what they come to. The hashes go to `out`,
    /// which has one place a row, if there is one.
    ///
    /// # Errors
    /// Those of [`Column::new`] and [`Column::hash`].
    pub fn hash<H: Hash>(
        &self,
        window: &[RecordBatch],
        mut out: Option<&mut [H]>,
        progress: &Progress<'_>,
    ) -> Result<Sum, Error> {
        let pulse = progress.pulse();
        let mut ready = Vec::with_capacity(window.len());
        for batch in window {
            let columns =
                self.order.iter().map(|at| Column::new(batch.column(*at).as_ref(), self.by_name, &pulse));
            ready.push(columns.collect::<Result<Vec<Column<'_, H>>, Error>>()?);
        }
        let step = (JOB / self.width()).max(1);
        let mut jobs = Vec::new();
        for (batch, columns) in window.iter().zip(&ready) {
            for start in (0..batch.num_rows()).step_by(step) {
                let rows = start..batch.num_rows().min(start + step);
                let own = out.take().map(|all| all.split_at_mut(rows.len())).map(|(own, rest)| {
                    out = Some(rest);
                    own
                });
                jobs.push((columns, rows, own));
            }
        }
        let work = |(columns, rows, mut out): (&Vec<Column<'_, H>>, Range<usize>, Option<&mut [H]>),
                    pulse: &Pulse<'_>| {
            const STEP: usize = 4096;
            let mut room = if out.is_none() { vec![H::default(); STEP.min(rows.len())] } else { Vec::new() };
            let mut sum = Sum::default();
            for start in rows.clone().step_by(STEP) {
                let piece = start..rows.end.min(start + STEP);
                let out = match &mut out {
                    Some(out) => &mut out[piece.start - rows.start..piece.end - rows.start],
                    None => &mut room[..piece.len()],
                };
                nested::rows(columns, self.seed, piece, out, pulse)?;
                sum = H::add(out, sum);
                pulse.add((out.len() * self.width()) as u64)?;
            }
            Ok(sum)
        };
        let rows: usize = window.iter().map(RecordBatch::num_rows).sum();
        let sums: Vec<Sum> = if rows.saturating_mul(self.width()) < exec::SEQUENTIAL_BELOW {
            jobs.into_iter().map(|job| work(job, &pulse)).collect::<Result<_, _>>()?
        } else {
            exec::map(jobs.into_iter(), progress, work)?
        };
        Ok(sums.into_iter().fold(Sum::default(), H::join))
    }
}

/// The columns of these names, by place.
fn choose(schema: &Schema, names: &[&str], parameter: &str, data: &str) -> Result<Vec<usize>, Error> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let fields = schema.fields().iter().enumerate();
        chosen.extend(fields.filter(|(_, field)| field.name() == name).map(|(at, _)| at));
        if chosen.len() == before {
            let has = listed(schema);
            return Err(Error::Invalid(format!(
                "{parameter}: {name:?} is not a column of {data}, which has {has}"
            )));
        }
    }
    Ok(chosen)
}

/// The first few column names.
pub fn listed(schema: &Schema) -> String {
    const SHOWN: usize = 12;
    let fields = schema.fields();
    let shown: Vec<String> = fields.iter().take(SHOWN).map(|field| format!("{:?}", field.name())).collect();
    match fields.len() {
        0 => "no columns".to_owned(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}
