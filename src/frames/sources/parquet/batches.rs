//! The rows of a Parquet file: row groups side by side, and in each of them every column by itself, on as many threads as
//! there are.
//!
//! Row groups are read whole, several at a time, where that takes little memory by what their rows took so far. One that
//! is too large for that is read alone, a batch of rows at a time, so that memory holds a page of each column and a few
//! batches, however large it is.
#![forbid(unsafe_code)]

use super::pages::reader;
use super::{ParquetFile, guarded, wrong};
use crate::error::Error;
use crate::exec;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

/// Rows of a batch at most.
const ROWS: u64 = 128 << 10;

/// Rows of a lane at least, where the file goes on: of smaller row groups there are several in one.
const LANE: u64 = ROWS / 2;

/// Bytes of decoded rows that a thread may have lying ready.
const AHEAD: u64 = 32 << 20;

/// The batches of one file.
pub struct Batches {
    file: ParquetFile,
    /// Columns of the file to read; `None` is a column of nulls.
    places: Vec<Option<usize>>,
    schema: SchemaRef,
    /// Row groups not yet begun.
    groups: Range<usize>,
    lanes: VecDeque<Lane>,
    /// Bytes that a row takes when decoded, by the most that any has so far.
    row_bytes: Option<u64>,
}

/// Neighbouring row groups, each column with a reader of its own.
struct Lane {
    columns: Vec<Option<ParquetRecordBatchReader>>,
    left: u64,
}

impl Batches {
    pub(super) fn new(file: ParquetFile, places: &[Option<usize>], schema: SchemaRef) -> Self {
        let groups = 0..file.metadata.metadata().num_row_groups();
        Self { file, places: places.to_vec(), schema, groups, lanes: VecDeque::new(), row_bytes: None }
    }

    /// Some batches more, none when there are no more rows.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::Invalid`] for what is no sound Parquet file.
    pub fn next_batches(&mut self) -> Result<Option<Vec<RecordBatch>>, Error> {
        self.fill(exec::threads()?)?;
        let alone = self.lanes.len() < 2;
        let now = |left: u64| if alone { left.min(ROWS) } else { left };
        let Self { file, schema, .. } = self;
        let items: Vec<_> = self
            .lanes
            .iter_mut()
            .flat_map(|Lane { columns, left }| {
                columns.iter_mut().enumerate().map(|column| (column, now(*left)))
            })
            .collect();
        let arrays = exec::map(items.into_iter(), &Progress::silent(), |((index, column), rows), _| {
            let field = schema.field(index);
            let sizes = (0..rows).step_by(ROWS as usize).map(|start| (rows - start).min(ROWS) as usize);
            let arrays = sizes.map(|rows| match column {
                None => Ok(new_null_array(field.data_type(), rows)),
                Some(reader) => guarded(&file.path, || read(&file.path, reader, rows, field.name())),
            });
            arrays.collect::<Result<Vec<ArrayRef>, Error>>()
        })?;
        let mut arrays = arrays.into_iter();
        let mut batches = Vec::new();
        for lane in &mut self.lanes {
            let rows = now(lane.left);
            lane.left -= rows;
            let mut columns: Vec<_> = arrays.by_ref().take(self.places.len()).map(Vec::into_iter).collect();
            for start in (0..rows).step_by(ROWS as usize) {
                let rows = (rows - start).min(ROWS);
                let columns = columns.iter_mut().filter_map(Iterator::next).collect();
                let options = RecordBatchOptions::new().with_row_count(Some(rows as usize));
                let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
                    .map_err(|error| wrong(&self.file.path, &error.to_string()))?;
                let bytes: usize = batch.columns().iter().map(|column| column.get_buffer_memory_size()).sum();
                self.row_bytes = self.row_bytes.max(Some((bytes as u64).div_ceil(rows)));
                batches.push(batch);
            }
        }
        self.lanes.retain(|lane| lane.left > 0);
        Ok((!batches.is_empty()).then_some(batches))
    }

    /// Begins as many lanes as give every thread a column, if their rows are not too many, and one at least.
    fn fill(&mut self, threads: usize) -> Result<(), Error> {
        let enough = threads.div_ceil(self.places.iter().flatten().count().max(1));
        let most = self.row_bytes.map_or(0, |bytes| AHEAD * threads as u64 / bytes.max(1));
        let mut waiting: u64 = self.lanes.iter().map(|lane| lane.left).sum();
        while self.lanes.len() < enough {
            let (groups, rows) = self.next_lane();
            let fits = self.lanes.is_empty() || waiting.checked_add(rows).is_some_and(|rows| rows <= most);
            if groups.is_empty() || !fits {
                break;
            }
            self.groups.start = groups.end;
            if rows > 0 {
                waiting += rows;
                let lane = self.lane(groups, rows)?;
                self.lanes.push_back(lane);
            }
        }
        Ok(())
    }

    /// The row groups of the next lane, and their rows.
    fn next_lane(&self) -> (Range<usize>, u64) {
        let mut groups = self.groups.start..self.groups.start;
        let mut rows = 0_u64;
        while rows < LANE && groups.end < self.groups.end {
            rows += self.file.metadata.metadata().row_group(groups.end).num_rows().unsigned_abs();
            groups.end += 1;
        }
        (groups, rows)
    }

    fn lane(&self, groups: Range<usize>, rows: u64) -> Result<Lane, Error> {
        let path = &self.file.path;
        let columns = self.places.iter().map(|place| {
            let Some(place) = place else { return Ok(None) };
            let reader = guarded(path, || {
                reader(&self.file, *place, groups.clone(), ROWS as usize)
                    .map_err(|error| super::broken(path, error))
            })?;
            Ok(Some(reader))
        });
        Ok(Lane { columns: columns.collect::<Result<_, Error>>()?, left: rows })
    }
}

fn read(
    path: &Path,
    reader: &mut ParquetRecordBatchReader,
    rows: usize,
    name: &str,
) -> Result<ArrayRef, Error> {
    let batch = match reader.next() {
        None => return Err(wrong(path, &format!("column {name:?} ends too soon"))),
        Some(batch) => batch.map_err(|error| match uncarry(error) {
            Error::Invalid(message) | Error::Type(message) => {
                wrong(path, &format!("column {name:?}: {message}"))
            }
            other => other,
        })?,
    };
    if batch.num_rows() != rows || batch.num_columns() != 1 {
        let message = format!("column {name:?} has {} rows where {rows} should be", batch.num_rows());
        return Err(wrong(path, &message));
    }
    Ok(batch.column(0).clone())
}
