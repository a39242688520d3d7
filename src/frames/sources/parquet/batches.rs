//! The rows of a Parquet file: row groups side by side, and in each of them every column by itself, on as many threads as
//! there are.
//!
//! Row groups are read whole, several at a time, where that takes little memory by what their rows took so far. One that
//! is too large for that is read alone, a batch of rows at a time, so that memory holds a page of each column and a few
//! batches, however large it is; and a batch has fewer rows where these are large.
#![forbid(unsafe_code)]

use super::pages::reader;
use super::{ParquetFile, guarded, wrong};
use crate::error::Error;
use crate::exec;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

/// Rows of a batch at most.
const ROWS: u64 = 128 << 10;

/// Rows of a batch at least, however large they are.
const FEW: u64 = 256;

/// Bytes of a batch: it has as many rows as take no more, by what the first rows of the file took. Only where rows turn
/// out to take more than twice as much later on are there fewer of them from there, so that batches do not depend on the
/// number of threads.
const BATCH: u64 = 32 << 20;

/// Bytes that a row is taken to have before any has been read: so few are read, and again with the others.
const UNKNOWN: u64 = 32 << 10;

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
    /// The same by which the rows of a batch are told.
    usual: Option<u64>,
}

/// Neighbouring row groups, each column with a reader of its own.
struct Lane {
    groups: Range<usize>,
    /// Bytes that a row takes in the file before compression.
    encoded: u64,
    columns: Vec<Option<ParquetRecordBatchReader>>,
    /// Rows of the batches that the readers give; 0 before there are readers.
    step: u64,
    done: u64,
    left: u64,
}

impl Batches {
    pub(super) fn new(file: ParquetFile, places: &[Option<usize>], schema: SchemaRef) -> Self {
        let groups = 0..file.metadata.metadata().num_row_groups();
        let (places, lanes) = (places.to_vec(), VecDeque::new());
        Self { file, places, schema, groups, lanes, row_bytes: None, usual: None }
    }

    /// Some batches more, none when there are no more rows.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::Invalid`] for what is no sound Parquet file.
    pub fn next_batches(&mut self) -> Result<Option<Vec<RecordBatch>>, Error> {
        self.fill(exec::threads()?)?;
        for index in 0..self.lanes.len() {
            let lane = &self.lanes[index];
            let usual = match self.usual {
                Some(usual) => usual,
                None => self.measure(lane)?,
            };
            self.usual = Some(usual);
            let step = rows_of(usual.max(lane.encoded));
            if lane.step != step {
                let columns = self.readers(lane, step)?;
                let lane = &mut self.lanes[index];
                (lane.columns, lane.step) = (columns, step);
            }
        }
        let alone = self.lanes.len() < 2;
        let now = |lane: &Lane| if alone { lane.left.min(lane.step) } else { lane.left };
        let Self { file, schema, .. } = self;
        let items: Vec<_> = self
            .lanes
            .iter_mut()
            .flat_map(|lane| {
                let (rows, step) = (now(lane), lane.step);
                lane.columns.iter_mut().enumerate().map(move |column| (column, rows, step))
            })
            .collect();
        let arrays =
            exec::map(items.into_iter(), &Progress::silent(), |((index, column), rows, step), _| {
                let field = schema.field(index);
                let sizes = (0..rows).step_by(step as usize).map(|start| (rows - start).min(step) as usize);
                let arrays = sizes.map(|rows| match column {
                    None => Ok(new_null_array(field.data_type(), rows)),
                    Some(reader) => guarded(&file.path, || read(&file.path, reader, rows, field.name())),
                });
                arrays.collect::<Result<Vec<ArrayRef>, Error>>()
            })?;
        let mut arrays = arrays.into_iter();
        let mut batches = Vec::new();
        for lane in &mut self.lanes {
            let rows = now(lane);
            lane.left -= rows;
            lane.done += rows;
            let mut columns: Vec<_> = arrays.by_ref().take(self.places.len()).map(Vec::into_iter).collect();
            for start in (0..rows).step_by(lane.step as usize) {
                let rows = (rows - start).min(lane.step);
                let columns = columns.iter_mut().filter_map(Iterator::next).collect();
                let options = RecordBatchOptions::new().with_row_count(Some(rows as usize));
                let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
                    .map_err(|error| wrong(&self.file.path, &error.to_string()))?;
                let bytes: u64 = batch.columns().iter().map(bytes_of).sum();
                let each = Some(bytes.div_ceil(rows));
                self.row_bytes = self.row_bytes.max(each);
                if bytes > 2 * BATCH {
                    self.usual = self.usual.max(each);
                }
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
                let encoded = self.encoded(groups.clone()) / rows;
                let columns = Vec::new();
                self.lanes.push_back(Lane { groups, encoded, columns, step: 0, done: 0, left: rows });
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

    /// Bytes of row groups before compression. Decoded they may be many more, as texts that are written once, and fewer
    /// only where numbers are written with more bits than they have.
    fn encoded(&self, groups: Range<usize>) -> u64 {
        let metadata = self.file.metadata.metadata();
        let parquet = metadata.file_metadata().schema_descr();
        let sizes = groups.flat_map(|group| {
            let leaves = metadata.row_group(group).columns().iter().enumerate();
            let known = leaves.take(parquet.num_columns());
            known.filter(|(leaf, _)| self.places.contains(&Some(parquet.get_column_root_idx(*leaf))))
        });
        sizes.fold(0, |sum, (_, leaf)| sum.saturating_add(leaf.uncompressed_size().max(0).unsigned_abs()))
    }

    /// Bytes that each of the first rows of a lane takes when decoded.
    fn measure(&self, lane: &Lane) -> Result<u64, Error> {
        let few = rows_of(UNKNOWN.max(lane.encoded));
        if lane.left <= few {
            return Ok(UNKNOWN); // they are all there are
        }
        let Self { file, schema, .. } = self;
        let mut readers = self.readers(lane, few)?;
        let items = readers.iter_mut().enumerate();
        let bytes = exec::map(items, &Progress::silent(), |(index, reader), _| match reader {
            None => Ok(0),
            Some(reader) => {
                let name = schema.field(index).name();
                guarded(&file.path, || read(&file.path, reader, few as usize, name))
                    .map(|column| bytes_of(&column))
            }
        })?;
        Ok(bytes.into_iter().sum::<u64>().div_ceil(few))
    }

    /// Readers of a lane's columns from where it has come to, which give batches of `step` rows.
    fn readers(&self, lane: &Lane, step: u64) -> Result<Vec<Option<ParquetRecordBatchReader>>, Error> {
        let path = &self.file.path;
        let readers = self.places.iter().map(|place| {
            let Some(place) = place else { return Ok(None) };
            let reader = guarded(path, || {
                let rows = lane.done as usize..(lane.done + lane.left) as usize;
                reader(&self.file, *place, lane.groups.clone(), rows, step as usize)
                    .map_err(|error| super::broken(path, error))
            })?;
            Ok(Some(reader))
        });
        readers.collect()
    }
}

/// How many rows of so many bytes make a batch; a power of two, so that little differences make none.
fn rows_of(row_bytes: u64) -> u64 {
    let rows = (BATCH / row_bytes.max(1)).clamp(FEW, ROWS);
    1 << rows.ilog2()
}

/// What the values of a column take; those of a dictionary, which batches share, left out.
fn bytes_of(column: &ArrayRef) -> u64 {
    let bytes = match column.as_any_dictionary_opt() {
        Some(dictionary) => dictionary.keys().get_buffer_memory_size(),
        None => column.to_data().get_slice_memory_size().unwrap_or(column.get_buffer_memory_size()),
    };
    bytes as u64
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
