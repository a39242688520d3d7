//! Both tables of a comparison as one list of batches, so that a row of either is found by eight bytes.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{Schema, SchemaRef};
use std::ops::Range;

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Among the batches of the old table, then the new one's.
    pub batch: u32,
    /// In the batch.
    pub row: u32,
}

/// One of the two tables.
#[derive(Debug)]
pub struct Side {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its batches, as places number them.
    pub batches: Range<usize>,
    /// Its rows.
    pub rows: usize,
}

/// Reads a table to its end and puts its batches behind those that are there.
///
/// # Errors
/// Whatever the reader fails with; [`Error::Invalid`] when two columns have one name, because columns are matched by
/// name; [`Error::Cancelled`].
pub fn read(
    reader: &mut dyn RecordBatchReader,
    name: &str,
    batches: &mut Vec<RecordBatch>,
    progress: &Progress<'_>,
) -> Result<Side, Error> {
    const MOST: usize = 1 << 31;
    let schema = reader.schema();
    different(&schema, name)?;
    let (pulse, start, mut rows) = (progress.pulse(), batches.len(), 0);
    for batch in reader {
        let batch = batch.map_err(uncarry)?;
        pulse.add(batch.num_rows() as u64)?;
        rows += batch.num_rows();
        for at in (0..batch.num_rows()).step_by(MOST) {
            batches.push(batch.slice(at, MOST.min(batch.num_rows() - at)));
        }
    }
    if u32::try_from(batches.len()).is_err() {
        return Err(Error::Invalid(format!(
            "{name} has {} batches, more than can be numbered",
            batches.len()
        )));
    }
    Ok(Side { schema, batches: start..batches.len(), rows })
}

fn different(schema: &Schema, name: &str) -> Result<(), Error> {
    let mut names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let message = "must have different column names to be compared by name, got";
            Err(Error::Invalid(format!("{name} {message} {:?} twice", pair[0])))
        }
    }
}

impl Side {
    /// Every row, in order.
    pub fn places<'a>(&self, batches: &'a [RecordBatch]) -> impl Iterator<Item = Place> + 'a {
        let first = self.batches.start as u32;
        batches[self.batches.clone()]
            .iter()
            .zip(first..)
            .flat_map(|(own, batch)| (0..own.num_rows() as u32).map(move |row| Place { batch, row }))
    }
}
