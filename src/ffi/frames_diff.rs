//! Exports of `crate::frames::diff`.

use super::arrow::import_stream;
use super::arrow_export::export_stream;
use super::frames::{handle, listed, names};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::frames::diff::tables::{Part, rows};
use crate::frames::diff::{self, Diff};
use core::ffi::c_void;
use std::sync::Arc;

/// What changed between two tables.
pub struct iw_diff(Arc<Diff>);

/// Rows that only the new table has.
pub const IW_DIFF_ADDED: u32 = 0;
/// Rows that only the old table has.
pub const IW_DIFF_REMOVED: u32 = 1;
/// Rows of one key that differ.
pub const IW_DIFF_CHANGED: u32 = 2;

/// Compares two tables: rows added, removed and changed, and in which columns.
///
/// Columns are matched by name, values compared as docs/fingerprint.md has them: types do not count. Rows are
/// matched by key, null keys with each other; without a key as whole rows, as often as each comes. Where a key
/// comes more than once, rows that are the same are matched first, then old with new ones in order, as
/// changed. Matches are found by hash and proven by comparison. Both tables are kept as they are; beside them
/// this takes some 65 bytes a row.
///
/// @param old           moved out: it is left released whatever the status, and its producer's release runs once
/// @param new_          likewise
/// @param key           names of the columns rows are matched by, UTF-8; NULL for whole rows
/// @param key_sizes     bytes of each name
/// @param key_count     number of names, at least 1 unless `key` is NULL
/// @param columns       names of the columns that are looked at beside the key, UTF-8; NULL for all
/// @param column_sizes  bytes of each name
/// @param column_count  number of names
/// @param tick          called about every 40 ms with the units done, of an unknown total, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the comparison, to be freed by `iw_diff_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream, an unknown column, two columns of one name and
///         when a producer fails; IW_TYPE for an unknown column type; IW_MEMORY; IW_CANCELLED when `tick` left
///         `*go_on` 0
///
/// # Safety
/// `old` and `new_` are NULL or point to streams of producers that keep the Arrow C stream interface. `key` and
/// `key_sizes` are NULL or hold `key_count` names, `columns` and `column_sizes` `column_count`. `out` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_diff(
    old: *mut ArrowArrayStream,
    new_: *mut ArrowArrayStream,
    key: *const *const u8,
    key_sizes: *const usize,
    key_count: usize,
    columns: *const *const u8,
    column_sizes: *const usize,
    column_count: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_diff,
) -> iw_status {
    guard(|| {
        // Both are taken over before either can fail.
        // SAFETY: the caller's promises are the same.
        let (old, new) = unsafe { (import_stream(old, "old"), import_stream(new_, "new")) };
        let (mut old, mut new) = (old?, new?);
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        // SAFETY: the caller's promise is the same.
        let key = unsafe { listed(key, key_sizes, key_count, "key", "key_sizes") }?;
        // SAFETY: the caller's promise is the same.
        let columns = unsafe { names(columns, column_sizes, column_count) }?;
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let found = diff::diff(old.as_mut(), new.as_mut(), key.as_deref(), columns.as_deref(), &progress)?;
        out.write(Box::into_raw(Box::new(iw_diff(Arc::new(found)))));
        Ok(())
    })
}

/// The comparison as JSON.
///
/// `equal`; `key`, a list of names or null; `counts` of rows: `old`, `new`, `unchanged`, `changed`, `added`,
/// `removed`, and with a key `repeated_keys_old`, `repeated_keys_new` (keys that come more than once),
/// `null_keys_old`, `null_keys_new` (rows with a null in their key); `columns`: in how many changed rows each
/// differs; `schema`: columns `added`, `removed` and `retyped`; `examples`: the first rows `changed` (`key` and
/// `columns`, each with its old and new value), `added` and `removed`. Decimals, dates and times are text
/// (ISO 8601), binary values hexadecimal, and what is long is cut.
///
/// @param diff from `iw_frames_diff`
/// @param out  receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `diff` is NULL or a live comparison. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_diff_json(diff: *const iw_diff, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (diff, out) = unsafe { (handle(diff, "diff")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(diff.0.json()));
        Ok(())
    })
}

/// The rows of one part as a stream; as often as it is asked for.
///
/// Added rows have the columns of the new table, removed rows those of the old one. Changed rows have the key,
/// `changed` (a list of the names of the columns that differ), and of every column that differs in any row
/// `<name>_old` and `<name>_new`. Dictionaries and runs are written out. Rows are copied while the stream is read, 65,536
/// at a time. The stream keeps both tables alive by itself: it may outlive the comparison.
///
/// @param diff from `iw_frames_diff`
/// @param part IW_DIFF_ADDED, IW_DIFF_REMOVED or IW_DIFF_CHANGED
/// @param out  receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL and another part
///
/// # Safety
/// `diff` is NULL or a live comparison. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_diff_stream(
    diff: *const iw_diff,
    part: u32,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let diff = unsafe { handle(diff, "diff") }?;
        let part = match part {
            IW_DIFF_ADDED => Part::Added,
            IW_DIFF_REMOVED => Part::Removed,
            IW_DIFF_CHANGED => Part::Changed,
            _ => return Err(Error::Invalid(format!("part must be one of IW_DIFF_*, got {part}"))),
        };
        // SAFETY: the caller's promise is the same.
        unsafe { export_stream(Box::new(rows(diff.0.clone(), part)), out, "out") }
    })
}

/// Frees a comparison; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `diff` is NULL or a live comparison, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_diff_free(diff: *mut iw_diff) {
    if !diff.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_diff; the caller promises it is live.
        drop(unsafe { Box::from_raw(diff) });
    }
}
