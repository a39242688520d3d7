//! Exports of `crate::files`: lines and bytes, read and written.

use super::files_hash::paths_of;
use super::files_problems::{handed_over, iw_files_problems, sorted_out};
use super::{guard, iw_bytes, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::files::{lines, read, write};
use core::ffi::c_void;
use std::mem::MaybeUninit;

/// Number of lines of a file: its newline bytes, and one more when its last byte is none.
///
/// Uses all threads for a large file. Ticks count bytes.
///
/// @param path     a regular file
/// @param path_len bytes of `path`
/// @param tick     see iw_tick, or NULL
/// @param context  handed to `tick` unread
/// @param out      receives the number
/// @return IW_OK; IW_IO for what cannot be read or is a directory, a pipe or a device; IW_CANCELLED
///
/// # Safety
/// `path` is NULL or readable for its length. `tick` may be called with `context` until the call returns.
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_count_lines(
    path: *const u8,
    path_len: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut u64,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, out, progress) = unsafe {
            (lent::path(path, path_len, "path")?, lent::out(out, "out")?, tick::progress(tick, context))
        };
        let count = lines::count(&path, &progress)?;
        progress.finish()?;
        out.write(count);
        Ok(())
    })
}

/// Numbers of lines of many files, in their order. Ticks count files.
///
/// @param paths      regular files, each path followed by a NUL
/// @param paths_len  bytes of `paths`, the NULs included
/// @param keep_going 1: a file that cannot be read counts 0 lines and gets a problem; 0: the first such file,
///                   in order, ends the call
/// @param tick       see iw_tick, or NULL
/// @param context    handed to `tick` unread
/// @param out        receives uint64 numbers, to be freed by `iw_bytes_free`
/// @param problems   receives a handle to be freed by `iw_files_problems_free`, or NULL when there are none
/// @return IW_OK; otherwise as `iw_files_count_lines`
///
/// # Safety
/// `paths` is NULL or readable for its length. `tick` may be called with `context` until the call returns.
/// `out` and `problems` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_count_lines_many(
    paths: *const u8,
    paths_len: usize,
    keep_going: i32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
    problems: *mut *mut iw_files_problems,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (paths, out, problems, progress) = unsafe {
            (
                paths_of(lent::bytes(paths, paths_len, "paths")?)?,
                lent::out(out, "out")?,
                lent::out(problems, "problems")?,
                tick::progress(tick, context),
            )
        };
        let outcomes = lines::count_many(&paths, keep_going != 0, &progress)?;
        progress.finish()?;
        let mut counts: Vec<u64> = Vec::new();
        counts.try_reserve_exact(outcomes.len())?;
        let found = sorted_out(outcomes, |count| counts.push(count.unwrap_or(0)));
        out.write(iw_bytes::from_vec(counts));
        problems.write(handed_over(found));
        Ok(())
    })
}

/// The first lines of a file, as they stand in it, ends included. Reads no further than that.
///
/// @param path     a regular file
/// @param path_len bytes of `path`
/// @param lines    how many lines at most
/// @param tick     see iw_tick, or NULL; counts bytes
/// @param context  handed to `tick` unread
/// @param out      receives the bytes, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_IO for what cannot be read or is a directory, a pipe or a device; IW_MEMORY;
///         IW_CANCELLED
///
/// # Safety
/// `path` is NULL or readable for its length. `tick` may be called with `context` until the call returns.
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_head(
    path: *const u8,
    path_len: usize,
    lines: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, out, progress) = unsafe {
            (lent::path(path, path_len, "path")?, lent::out(out, "out")?, tick::progress(tick, context))
        };
        let content = lines::head(&path, lines, &progress)?;
        progress.finish()?;
        out.write(iw_bytes::from_vec(content));
        Ok(())
    })
}

/// The last lines of a file, as they stand in it, ends included. Reads backwards from the end.
///
/// @param path     a regular file
/// @param path_len bytes of `path`
/// @param lines    how many lines at most
/// @param tick     see iw_tick, or NULL; counts bytes
/// @param context  handed to `tick` unread
/// @param out      receives the bytes, to be freed by `iw_bytes_free`
/// @return as `iw_files_head`
///
/// # Safety
/// As `iw_files_head`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_tail(
    path: *const u8,
    path_len: usize,
    lines: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, out, progress) = unsafe {
            (lent::path(path, path_len, "path")?, lent::out(out, "out")?, tick::progress(tick, context))
        };
        let content = lines::tail(&path, lines, &progress)?;
        progress.finish()?;
        out.write(iw_bytes::from_vec(content));
        Ok(())
    })
}

/// The bytes of a file. Ticks count bytes.
///
/// @param path     a regular file
/// @param path_len bytes of `path`
/// @param tick     see iw_tick, or NULL
/// @param context  handed to `tick` unread
/// @param out      receives the bytes, to be freed by `iw_bytes_free`
/// @return as `iw_files_head`
///
/// # Safety
/// As `iw_files_head`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_read(
    path: *const u8,
    path_len: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, out, progress) = unsafe {
            (lent::path(path, path_len, "path")?, lent::out(out, "out")?, tick::progress(tick, context))
        };
        let content = read::read(&path, &progress)?;
        progress.finish()?;
        out.write(iw_bytes::from_vec(content));
        Ok(())
    })
}

/// Fills memory of the caller's with the first bytes of a file. Ticks count bytes.
///
/// @param path     a regular file
/// @param path_len bytes of `path`
/// @param data     receives the bytes, and need not hold any before; unspecified after a failure
/// @param capacity bytes at `data`
/// @param tick     see iw_tick, or NULL
/// @param context  handed to `tick` unread
/// @param out      receives how many bytes were read: `capacity`, or fewer where the file is shorter
/// @return IW_OK; IW_INVALID for NULL; IW_IO for what cannot be read or is a directory, a pipe or a device;
///         IW_CANCELLED
///
/// # Safety
/// `path` is NULL or readable for its length. `data` is NULL or points to `capacity` writable bytes that
/// nobody else uses until the call returns, which is as long as `tick` may be called with `context`. `out` is
/// NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_read_into(
    path: *const u8,
    path_len: usize,
    data: *mut c_void,
    capacity: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut usize,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, data, out, progress) = unsafe {
            (
                lent::path(path, path_len, "path")?,
                room(data, capacity)?,
                lent::out(out, "out")?,
                tick::progress(tick, context),
            )
        };
        let count = read::read_into(&path, data, &progress)?;
        progress.finish()?;
        out.write(count);
        Ok(())
    })
}

/// # Safety
/// `data` is NULL or points to `len` writable bytes that nobody else uses while `'a` lasts.
unsafe fn room<'a>(data: *mut c_void, len: usize) -> Result<&'a mut [MaybeUninit<u8>], Error> {
    if len == 0 {
        return Ok(&mut []);
    }
    if data.is_null() || len > isize::MAX as usize {
        return Err(Error::Invalid(format!(
            "data must not be NULL, nor larger than memory, got {len} bytes"
        )));
    }
    // SAFETY: checked for NULL and size; the caller promises the rest, and nothing need be written there.
    Ok(unsafe { std::slice::from_raw_parts_mut(data.cast(), len) })
}

/// Replaces the content of a file, or makes the file, all at once: readers see the old or the new.
///
/// The bytes go to a new file in the same directory, which then takes the name. A symbolic link stays one,
/// and what it leads to is replaced. Permission bits are kept, and the owner where that is allowed; other hard
/// links keep the old content. When the call fails nothing has changed and nothing is left behind, but for a
/// durable write whose very last step fails, the sync of the directory. Ticks count bytes.
///
/// @param path     a regular file, or a name not taken yet
/// @param path_len bytes of `path`
/// @param data     the new content
/// @param data_len bytes of `data`
/// @param durable  1: content and name are on the disk when the call returns; 0: the system writes them later
/// @param tick     see iw_tick, or NULL
/// @param context  handed to `tick` unread
/// @return IW_OK; IW_IO as opening the file for writing would, and for a pipe or a device; IW_CANCELLED
///
/// # Safety
/// `path` and `data` are NULL or readable for their lengths. `tick` may be called with `context` until the
/// call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_write(
    path: *const u8,
    path_len: usize,
    data: *const u8,
    data_len: usize,
    durable: i32,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, data, progress) = unsafe {
            (
                lent::path(path, path_len, "path")?,
                lent::bytes(data, data_len, "data")?,
                tick::progress(tick, context),
            )
        };
        write::write(&path, data, durable != 0, &progress)
    })
}
