//! Parquet files: what they hold, and their bytes. [`Batches`] reads their rows.
#![forbid(unsafe_code)]

mod batches;
mod footer;
mod pages;

use crate::error::Error;
use crate::files::read::{open_for_reading, read_some_at};
use arrow_schema::{Schema, SchemaRef};
pub use batches::Batches;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
        if let Some(footer) = file.footer().map_err(|error| broken(path, error))? {
            footer::check(&footer).map_err(|what| wrong(path, what))?;
        }
        let metadata = guarded(path, || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| broken(path, error))
        })?;
        let mut rows = 0_i64;
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
            rows = rows.saturating_add(group.num_rows());
        }
        if rows != metadata.metadata().file_metadata().num_rows() {
            return Err(wrong(path, "its row groups have other rows than it says"));
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
    pub fn batches(&self, places: &[Option<usize>], schema: SchemaRef) -> Batches {
        Batches::new(self.clone(), places, schema)
    }
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
/// that is broken, and nobody wants to read where.
fn guarded<T>(path: &Path, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    if !HUSHED.swap(true, Ordering::Relaxed) {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                usual(about);
            }
        }));
    }
    let before = QUIET.replace(true);
    // AssertUnwindSafe: after a panic the reader is dropped with the error and never asked again.
    let done = catch_unwind(AssertUnwindSafe(body));
    QUIET.set(before);
    done.unwrap_or_else(|_| Err(wrong(path, "it cannot be decoded")))
}

/// Whether what a panic prints goes by [`QUIET`].
static HUSHED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether a panic on this thread is an answer.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// A file that is read at any place, by several threads at once.
#[derive(Clone)]
struct Place {
    file: Arc<File>,
    size: u64,
}

impl Place {
    /// The bytes of the footer; none where there is none that could be read as it is.
    fn footer(&self) -> Result<Option<Bytes>, ParquetError> {
        let Some(end) = self.size.checked_sub(8) else { return Ok(None) };
        let tail = self.get_bytes(end, 8)?;
        let Some((size, b"PAR1")) = tail.split_first_chunk::<4>() else { return Ok(None) };
        let size = u32::from_le_bytes(*size);
        match end.checked_sub(u64::from(size)) {
            Some(start) => self.get_bytes(start, size as usize).map(Some),
            None => Ok(None),
        }
    }
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
