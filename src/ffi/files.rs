//! Exports of `crate::files`: tables of trees, and sums over them.

use super::arrow_export::export_stream;
use super::files_problems::{Problem, handed_over, iw_files_problems};
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::files::pattern::Pattern;
use crate::files::scan::{self, Options};
use crate::files::table::Scan;
use crate::files::usage;
use arrow_array::RecordBatchIterator;
use core::ffi::c_void;
use std::io;
use std::path::PathBuf;

/// `kind` of an entry: a regular file.
pub const IW_KIND_FILE: i32 = 0;
/// `kind` of an entry: a directory.
pub const IW_KIND_DIR: i32 = 1;
/// `kind` of an entry: a symbolic link; with `follow` one that leads nowhere or back to where it is.
pub const IW_KIND_SYMLINK: i32 = 2;
/// `kind` of an entry: a named pipe.
pub const IW_KIND_FIFO: i32 = 3;
/// `kind` of an entry: a Unix socket.
pub const IW_KIND_SOCKET: i32 = 4;
/// `kind` of an entry: a block device.
pub const IW_KIND_BLOCK: i32 = 5;
/// `kind` of an entry: a character device.
pub const IW_KIND_CHAR: i32 = 6;
/// `kind` of an entry: something else.
pub const IW_KIND_OTHER: i32 = 7;

/// Bit of `flags` of `iw_files_scan_new`: leave out what `.gitignore` files say, and `.git`.
pub const IW_SCAN_IGNORE: u32 = 1;
/// Bit of `flags` of `iw_files_scan_new`: leave out hidden entries and what is in hidden directories.
pub const IW_SCAN_SKIP_HIDDEN: u32 = 2;
/// Bit of `flags` of `iw_files_scan_new`: treat symbolic links as what they lead to.
pub const IW_SCAN_FOLLOW: u32 = 4;

/// A table of files that `iw_files_scan_new` made. Never changes, so threads may read it together.
pub struct iw_files_scan(Scan);

/// The columns of a scan, valid until it is freed. Each has `len` elements but for `offsets`.
#[repr(C)]
pub struct iw_files_columns {
    /// Number of entries.
    pub len: usize,
    /// All paths, one after the other, in the form paths are passed in; each begins with the root.
    pub paths: *const u8,
    /// `len + 1` byte positions in `paths`: path i is `offsets[i]..offsets[i + 1]`.
    pub offsets: *const i64,
    /// What each entry is: an `IW_KIND_*`.
    pub kinds: *const i8,
    /// Sizes in bytes; for anything but a file what the system says.
    pub sizes: *const i64,
    /// Times of the last change of the content, in nanoseconds since 1970 UTC.
    pub mtimes: *const i64,
    /// Type and permission bits as in `st_mode`; made up from the attributes on Windows.
    pub modes: *const u32,
    /// Number of problems: see `iw_files_scan_problems`.
    pub problems: usize,
}

/// Lists everything below a directory, sorted name by name: a directory comes right before what it holds.
///
/// Uses all threads. Entries that cannot be read do not end the scan; they are its problems. Ticks count
/// entries, `total` stays 0.
///
/// @param root         directory to list; not itself an entry
/// @param root_len     bytes of `root`
/// @param patterns     glob patterns, UTF-8, each followed by a NUL; an entry that matches one is listed.
///                     NULL lists everything. A pattern without a slash is compared with the name, one with a
///                     slash with the path below the root
/// @param patterns_len bytes of `patterns`, the NULs included
/// @param flags        sum of `IW_SCAN_*`
/// @param tick         see iw_tick, or NULL
/// @param context      handed to `tick` unread
/// @param out          receives the handle, to be freed by `iw_files_scan_free`
/// @return IW_OK; IW_INVALID for a pattern that is none, or unknown flags; IW_IO when `root` cannot be
///         opened as a directory; IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `root` and `patterns` are NULL or readable for their lengths. `tick` may be called with `context` until
/// the call returns. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_new(
    root: *const u8,
    root_len: usize,
    patterns: *const u8,
    patterns_len: usize,
    flags: u32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_files_scan,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (root, out, progress) = unsafe {
            (lent::path(root, root_len, "root")?, lent::out(out, "out")?, tick::progress(tick, context))
        };
        let pattern = if patterns.is_null() {
            None
        } else {
            // SAFETY: the caller's promise is the same.
            let globs = unsafe { lent::text(patterns, patterns_len, "patterns") }?;
            Some(Pattern::new(&globs.split_terminator('\0').collect::<Vec<_>>())?)
        };
        let options = options(pattern, flags)?;
        let scan = scan::scan(&root, &options, &progress)?;
        progress.finish()?;
        out.write(Box::into_raw(Box::new(iw_files_scan(scan))));
        Ok(())
    })
}

pub(super) fn options(pattern: Option<Pattern>, flags: u32) -> Result<Options, Error> {
    let known = IW_SCAN_IGNORE | IW_SCAN_SKIP_HIDDEN | IW_SCAN_FOLLOW;
    if flags & !known != 0 {
        return Err(Error::Invalid(format!("flags must be a sum of IW_SCAN_*, got {flags}")));
    }
    Ok(Options {
        pattern,
        ignore: flags & IW_SCAN_IGNORE != 0,
        hidden: flags & IW_SCAN_SKIP_HIDDEN == 0,
        follow: flags & IW_SCAN_FOLLOW != 0,
    })
}

/// Frees a scan. Does nothing when `scan` is NULL. Leaves the last error alone.
///
/// Arrow streams made from it stay valid.
///
/// # Safety
/// `scan` is NULL or came from `iw_files_scan_new` and has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_free(scan: *mut iw_files_scan) {
    if !scan.is_null() {
        // SAFETY: the caller promises a handle of ours, which is a box.
        drop(unsafe { Box::from_raw(scan) });
    }
}

/// # Safety
/// `scan` is NULL or a handle that is not freed while `'a` lasts.
unsafe fn scan_of<'a>(scan: *const iw_files_scan) -> Result<&'a Scan, Error> {
    // SAFETY: the caller's promise is the same.
    let scan = unsafe { scan.as_ref() };
    scan.map(|handle| &handle.0).ok_or_else(|| Error::Invalid("scan must not be NULL".into()))
}

/// Lends the columns of a scan.
///
/// @param scan a handle
/// @param out  receives pointers that are valid until `scan` is freed
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `scan` is NULL or a live handle. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_columns(
    scan: *const iw_files_scan,
    out: *mut iw_files_columns,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (scan, out) = unsafe { (scan_of(scan)?, lent::out(out, "out")?) };
        out.write(iw_files_columns {
            len: scan.len(),
            paths: scan.paths().as_ptr(),
            offsets: scan.offsets().as_ptr(),
            kinds: scan.kinds().as_ptr(),
            sizes: scan.sizes().as_ptr(),
            mtimes: scan.mtimes().as_ptr(),
            modes: scan.modes().as_ptr(),
            problems: scan.problems().len(),
        });
        Ok(())
    })
}

/// Copies all paths of a scan, a NUL after each: no path holds one, so they can be split in one go.
///
/// @param scan a handle
/// @param out  receives the block, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL; IW_MEMORY
///
/// # Safety
/// `scan` is NULL or a live handle. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_paths(scan: *const iw_files_scan, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (scan, out) = unsafe { (scan_of(scan)?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_vec(scan.paths_with_nul()?));
        Ok(())
    })
}

/// Lists what a scan could not read, in the order of the paths.
///
/// @param scan a handle
/// @param out  receives a handle to be freed by `iw_files_problems_free`, or NULL when there are none
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `scan` is NULL or a live handle. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_problems(
    scan: *const iw_files_scan,
    out: *mut *mut iw_files_problems,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (scan, out) = unsafe { (scan_of(scan)?, lent::out(out, "out")?) };
        let problem = |(path, source): &(PathBuf, io::Error)| Problem::new(0, path.clone(), source);
        out.write(handed_over(scan.problems().iter().map(problem).collect()));
        Ok(())
    })
}

/// Hands a scan over as an Arrow stream of one batch, without a copy.
///
/// Columns: `path` large_utf8, `kind` dictionary(int8, utf8), `size` int64 in bytes, `mtime` timestamp(ns,
/// UTC), `mode` uint32; none is ever null. A byte of a path that is not part of UTF-8 appears as `\xff`.
///
/// @param scan a handle; it may be freed while the stream lives
/// @param out  receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL; IW_MEMORY
///
/// # Safety
/// `scan` is NULL or a live handle. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_scan_stream(
    scan: *const iw_files_scan,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let batch = unsafe { scan_of(scan) }?.record_batch()?;
        let schema = batch.schema();
        // SAFETY: the caller's promise is the same.
        unsafe { export_stream(Box::new(RecordBatchIterator::new([Ok(batch)], schema)), out, "out") }
    })
}

/// Sums over a tree, its root included. A file with several names in the tree counts once.
#[repr(C)]
pub struct iw_files_sums {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub dirs: u64,
    /// Everything else: links, pipes, sockets, devices.
    pub others: u64,
    /// Bytes a read of every regular file would give.
    pub size: u64,
    /// Bytes that all of it takes on the disk, as `du` counts them; on Windows the sizes.
    pub disk: u64,
}

/// Sums up a tree. Ticks count entries, `total` stays 0.
///
/// @param root     a directory
/// @param root_len bytes of `root`
/// @param tick     see iw_tick, or NULL
/// @param context  handed to `tick` unread
/// @param out      receives the sums
/// @param problems receives what could not be read and is missing in them: a handle to be freed by
///                 `iw_files_problems_free`, or NULL when there is nothing
/// @return IW_OK; IW_IO when `root` cannot be opened as a directory; IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `root` is NULL or readable for its length. `tick` may be called with `context` until the call returns.
/// `out` and `problems` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_usage(
    root: *const u8,
    root_len: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_files_sums,
    problems: *mut *mut iw_files_problems,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (root, out, problems, progress) = unsafe {
            (
                lent::path(root, root_len, "root")?,
                lent::out(out, "out")?,
                lent::out(problems, "problems")?,
                tick::progress(tick, context),
            )
        };
        let sum = usage::usage(&root, &progress)?;
        progress.finish()?;
        let usage::Usage { files, dirs, others, size, disk, problems: found } = sum;
        out.write(iw_files_sums { files, dirs, others, size, disk });
        problems.write(handed_over(
            found.into_iter().map(|(path, source)| Problem::new(0, path, &source)).collect(),
        ));
        Ok(())
    })
}
