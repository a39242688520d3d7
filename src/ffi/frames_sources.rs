//! Exports of `crate::frames::sources`: tables in files.

use super::arrow_export::export_stream;
use super::frames::{handle, names};
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, lent};
use crate::error::Error;
use crate::frames::sources::Source;
use crate::frames::sources::options::Options;
use std::path::PathBuf;

/// Files that have been looked at: their format, dialect, columns and types. Reading them takes a stream.
pub struct iw_source(Source);

/// Looks at tables in files: delimited text (CSV, TSV and the like), JSON lines, or Parquet, several files as one.
///
/// Text may be compressed by gzip or Zstandard. What `options` leave open is told from the first 16 MiB of each
/// file and from 48 places behind them. The files must have the same columns, in any order; Parquet files also
/// the same types.
///
/// `options` is a JSON object; every key may be left out: `format` ("csv", "tsv", "jsonl", "parquet"), `delimiter`,
/// `quote` and `escape` (one ASCII character, "" for none), `header` (true or false), `encoding` ("utf-8", "utf-16",
/// "utf-16-le", "utf-16-be", "latin-1", "cp1252"), `types` (a type for all columns, or an object of one for each
/// name), `nulls` (the unquoted texts that are null; [""] by default), `columns` (the names to read, in order),
/// `ragged` ("error" or "pad"), `union` (true: what a file lacks is null), `sample` (bytes to look at, null for all
/// of each file), `skip` (lines before the table).
///
/// @param paths   paths or glob patterns, in the system's bytes (UTF-8 on Windows), without terminating NUL
/// @param sizes   bytes of each
/// @param count   number of paths
/// @param options UTF-8 JSON, or NULL for none
/// @param options_size bytes of it
/// @param out     receives the files, to be freed by `iw_source_free`
/// @return IW_OK; IW_INVALID for a wrong option, a pattern without files, and files that are not what they should be or
///         do not go together; IW_IO; IW_MEMORY
///
/// # Safety
/// `paths` and `sizes` are NULL or hold `count` paths. `options` is NULL or `options_size` readable bytes. `out` is NULL
/// or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_open(
    paths: *const *const u8,
    sizes: *const usize,
    count: usize,
    options: *const u8,
    options_size: usize,
    out: *mut *mut iw_source,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        if count > 0 && (paths.is_null() || sizes.is_null()) {
            return Err(Error::Invalid("paths and sizes must not be NULL".into()));
        }
        // SAFETY: not NULL; the caller promises count paths and sizes.
        let paths =
            (0..count).map(|index| unsafe { lent::path(*paths.add(index), *sizes.add(index), "path") });
        let paths = paths.collect::<Result<Vec<PathBuf>, _>>()?;
        let options = if options.is_null() {
            Options::default()
        } else {
            // SAFETY: the caller promises options_size bytes.
            Options::parse(unsafe { lent::text(options, options_size, "options") }?)?
        };
        let source = Source::open(&paths, options)?;
        out.write(Box::into_raw(Box::new(iw_source(source))));
        Ok(())
    })
}

/// What was told of the files, as JSON.
///
/// An object with `format`, `files` (paths), `bytes` (on the disk), `rows` (of Parquet files, else null), `columns` and
/// `types` (arrays of the same length), and `dialect`: null for Parquet, else that of the first file with `encoding`,
/// `compression` ("gzip", "zstd" or null) and, for delimited text, `delimiter`, `quote`, `escape`, `header`, `newline`, `skip`.
///
/// @param source from `iw_frames_open`
/// @param out    receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `source` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_source_describe(source: *const iw_source, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (source, out) = unsafe { (handle(source, "source")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(source.0.describe().to_string()));
        Ok(())
    })
}

/// The rows of the files as a stream, from the start, as often as asked for; it may outlive the source.
///
/// Reading it decompresses and parses on several threads, in bounded memory. It fails with the file and the line
/// where a value is not of its column's type, a row has the wrong number of fields, or a file is broken or gone.
///
/// @param source       from `iw_frames_open`
/// @param columns      names of columns that are wanted, UTF-8: others are left out, and names that no column bears
///                     ignored; NULL for all
/// @param column_sizes bytes of each name
/// @param column_count number of names
/// @param out          receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `source` is NULL or live. `columns` and `column_sizes` are NULL or hold `column_count` names. `out` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_source_stream(
    source: *const iw_source,
    columns: *const *const u8,
    column_sizes: *const usize,
    column_count: usize,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        unsafe {
            let columns = names(columns, column_sizes, column_count)?;
            let reader = handle(source, "source")?.0.reader(columns.as_deref());
            export_stream(Box::new(reader), out, "out")
        }
    })
}

/// Frees a source; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `source` is NULL or a live source, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_source_free(source: *mut iw_source) {
    if !source.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_open; the caller promises it is live.
        drop(unsafe { Box::from_raw(source) });
    }
}
