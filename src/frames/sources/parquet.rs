//! Parquet files, every column read by itself, as many at a time as there are threads.
//!
//! All columns of a file advance together, a batch of rows at a time, so that memory holds a page of each column and
//! a few batches, however large the row groups are.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::exec;
use crate::files::read::{open_for_reading, read_some_at};
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a batch.
const ROWS: usize = 128 << 10;

/// Bytes of the file read at a time where the size of what is wanted is not known.
const PIECE: usize = 64 << 10;

/// A file whose footer has been read.
#[derive(Clone)]
pub struct ParquetFile {
    path: PathBuf,
    file: Place,
    metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    /// Reads and checks the footer.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for what is no sound Parquet file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let (file, size) = open_for_reading(path).map_err(Error::io(path))?;
        let file = Place { file: Arc::new(file), size };
        let metadata = guarded(path, || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| broken(path, error))
        })?;
        for group in metadata.metadata().row_groups() {
            let sound = group.num_rows() >= 0
                && group.columns().iter().all(|column| {
                    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
                    let end = start.checked_add(column.compressed_size());
                    start >= 0
                        && column.compressed_size() >= 0
                        && end.is_some_and(|end| u64::try_from(end).is_ok_and(|end| end <= size))
                });
            if !sound {
                return Err(wrong(path, "a column lies outside the file"));
            }
        }
        Ok(Self { path: path.to_owned(), file, metadata })
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Rows the footer tells of.
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Reads the columns at these places, in this order; `None` is a column of nulls. `schema` is the result's.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no sound Parquet file.
    pub fn batches(&self, places: &[Option<usize>], schema: SchemaRef) -> Result<Batches, Error> {
        let parquet = self.metadata.metadata().file_metadata().schema_descr_ptr();
        let columns = places.iter().map(|place| {
            let Some(place) = place else { return Ok(None) };
            let mask = ProjectionMask::roots(&parquet, [*place]);
            let reader = guarded(&self.path, || {
                ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
                    .with_projection(mask)
                    .with_batch_size(ROWS)
                    .build()
                    .map_err(|error| broken(&self.path, error))
            })?;
            Ok(Some(reader))
        });
        let columns = columns.collect::<Result<_, Error>>()?;
        Ok(Batches { path: self.path.clone(), columns, schema, left: self.rows() })
    }
}

/// The batches of one file.
pub struct Batches {
    path: PathBuf,
    columns: Vec<Option<ParquetRecordBatchReader>>,
    schema: SchemaRef,
    left: u64,
}

impl Batches {
    /// The next batch.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::Invalid`] for what is no sound Parquet file.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let rows = self.left.min(ROWS as u64) as usize;
        let path = &self.path;
        let items = self.columns.iter_mut().enumerate().collect::<Vec<_>>();
        let columns = exec::map(items.into_iter(), &Progress::silent(), |(index, column), _| {
            let field = self.schema.field(index);
            let Some(reader) = column else { return Ok(new_null_array(field.data_type(), rows)) };
            guarded(path, || read(path, reader, rows, field.name()))
        })?;
        self.left -= rows as u64;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map(Some)
            .map_err(|error| wrong(path, &error.to_string()))
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

/// Fields of `schema` without the metadata of the file they come from.
pub fn plain(schema: &Schema) -> Schema {
    Schema::new(schema.fields().clone())
}

fn wrong(path: &Path, what: &str) -> Error {
    Error::Invalid(format!("{}: not a sound Parquet file: {what}", path.display()))
}

fn broken(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::NYI(what) => Error::Invalid(format!("{}: {what}", path.display())),
        ParquetError::General(what) | ParquetError::EOF(what) => wrong(path, &what),
        other => wrong(path, &other.to_string()),
    }
}

/// Runs `body`, which decodes bytes that anybody may have written: a decoder that gives up by a panic has met a file
/// that is broken.
fn guarded<T>(path: &Path, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // AssertUnwindSafe: after a panic the reader is dropped with the error and never asked again.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(wrong(path, "it cannot be decoded")))
}

/// A file that is read at any place, by several threads at once.
#[derive(Clone)]
struct Place {
    file: Arc<File>,
    size: u64,
}

impl Length for Place {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Place {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From, ParquetError> {
        Ok(From { place: self.clone(), at: start, buffer: Vec::new(), used: 0 })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} of a file of {}", self.size)));
        }
        let mut bytes = vec![0; length];
        let mut done = 0;
        while done < length {
            match read_some_at(&self.file, &mut bytes[done..], start + done as u64) {
                Ok(0) => return Err(ParquetError::EOF("the file became shorter".into())),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(bytes.into())
    }
}

/// The bytes of a file from some place on.
struct From {
    place: Place,
    at: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl Read for From {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.buffer.len() {
            if out.len() >= PIECE {
                let count = read_some_at(&self.place.file, out, self.at)?;
                self.at += count as u64;
                return Ok(count);
            }
            self.buffer.resize(PIECE, 0);
            let count = read_some_at(&self.place.file, &mut self.buffer, self.at)?;
            self.buffer.truncate(count);
            self.at += count as u64;
            self.used = 0;
        }
        let count = out.len().min(self.buffer.len() - self.used);
        out[..count].copy_from_slice(&self.buffer[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }
}
