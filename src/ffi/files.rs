//! Exports of `crate::files`.

use super::arrow::export_stream;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::files::hash::{self, Algorithm};
use crate::files::many::Outcome;
use crate::files::pattern::Pattern;
use crate::files::scan::{self, Options};
use crate::files::table::Scan;
use crate::files::{lines, read, tree, usage, write};
use arrow_array::RecordBatchIterator;
use core::ffi::c_void;
use std::io;
use std::mem::MaybeUninit;
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
    /// `len + 1` byte positions in `paths`: path i is offsets[i]..offsets[i + 1].
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

/// Something that could not be read. Its pointers are valid until the handle it came from is freed.
#[repr(C)]
pub struct iw_files_problem {
    /// Position, in the list of paths that was passed, of the path it is about; 0 for a scan.
    pub index: usize,
    /// `errno`, on Windows the Windows error number; 0 when the library noticed it by itself.
    pub os_error: i32,
    /// The path it is about, in the form paths are passed in.
    pub path: *const u8,
    /// Length of `path` in bytes.
    pub path_len: usize,
    /// What is wrong, UTF-8, without a terminating NUL.
    pub message: *const u8,
    /// Length of `message` in bytes.
    pub message_len: usize,
}

/// The problems of a call on many files.
pub struct iw_files_problems(Vec<Problem>);

struct Problem {
    index: usize,
    os_error: i32,
    path: PathBuf,
    message: String,
}

impl Problem {
    fn new(index: usize, path: PathBuf, source: &io::Error) -> Self {
        Self { index, os_error: source.raw_os_error().unwrap_or(0), path, message: source.to_string() }
    }
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

fn options(pattern: Option<Pattern>, flags: u32) -> Result<Options, Error> {
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

/// Paths of many files, each followed by a NUL.
fn paths_of(bytes: &[u8]) -> Result<Vec<PathBuf>, Error> {
    let body = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let count = memchr::memchr_iter(0, body).count() + 1;
    let mut paths = Vec::new();
    paths.try_reserve_exact(count)?;
    for path in body.split(|byte| *byte == 0) {
        // SAFETY: a slice is readable for its length.
        paths.push(unsafe { lent::path(path.as_ptr(), path.len(), "paths") }?);
    }
    Ok(paths)
}

/// Splits outcomes in results, `missing` where there is none, and problems.
fn sorted_out<T>(outcomes: Vec<Outcome<T>>, mut take: impl FnMut(Option<T>)) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(done) => take(Some(done)),
            Err(error) => {
                take(None);
                problems.push(match error {
                    Error::Io { path, source } => Problem::new(index, path, &source),
                    other => Problem { index, os_error: 0, path: PathBuf::new(), message: other.to_string() },
                });
            }
        }
    }
    problems
}

/// Number of problems.
///
/// @param problems a handle, or NULL, which has none
/// @return the number
///
/// # Safety
/// `problems` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_problems_len(problems: *const iw_files_problems) -> usize {
    // SAFETY: the caller's promise is the same.
    unsafe { problems.as_ref() }.map_or(0, |handle| handle.0.len())
}

/// Tells one problem.
///
/// @param problems a handle
/// @param number   0..iw_files_problems_len(problems)
/// @param out      receives the problem, whose pointers are valid until `problems` is freed
/// @return IW_OK; IW_INVALID for NULL or a number out of range
///
/// # Safety
/// `problems` is NULL or a live handle. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_problems_get(
    problems: *const iw_files_problems,
    number: usize,
    out: *mut iw_files_problem,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (problems, out) = unsafe { (problems.as_ref(), lent::out(out, "out")?) };
        let problems = problems.ok_or_else(|| Error::Invalid("problems must not be NULL".into()))?;
        let Some(Problem { index, os_error, path, message }) = problems.0.get(number) else {
            return Err(Error::Invalid(format!("number must be in 0..{}, got {number}", problems.0.len())));
        };
        let path = path.as_os_str().as_encoded_bytes();
        out.write(iw_files_problem {
            index: *index,
            os_error: *os_error,
            path: path.as_ptr(),
            path_len: path.len(),
            message: message.as_ptr(),
            message_len: message.len(),
        });
        Ok(())
    })
}

/// Frees a list of problems. Does nothing when `problems` is NULL. Leaves the last error alone.
///
/// # Safety
/// `problems` is NULL or a handle that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_problems_free(problems: *mut iw_files_problems) {
    if !problems.is_null() {
        // SAFETY: the caller promises a handle of ours, which is a box.
        drop(unsafe { Box::from_raw(problems) });
    }
}

/// Digest of a file.
///
/// BLAKE3 uses all threads for a large file. Ticks count bytes.
///
/// @param path          a regular file
/// @param path_len      bytes of `path`
/// @param algorithm     "blake3", "sha256", "sha512", "sha1", "md5", "xxh3_64", "xxh3_128" or "crc32"
/// @param algorithm_len bytes of `algorithm`
/// @param tick          see iw_tick, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the digest, 4 to 64 bytes by algorithm, integers big-endian; to be freed by
///                      `iw_bytes_free`
/// @return IW_OK; IW_INVALID for an unknown algorithm; IW_IO for what cannot be read or is a directory, a
///         pipe or a device; IW_CANCELLED
///
/// # Safety
/// `path` and `algorithm` are NULL or readable for their lengths. `tick` may be called with `context` until
/// the call returns. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_hash(
    path: *const u8,
    path_len: usize,
    algorithm: *const u8,
    algorithm_len: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (path, algorithm, out, progress) = unsafe {
            (
                lent::path(path, path_len, "path")?,
                Algorithm::named(lent::text(algorithm, algorithm_len, "algorithm")?)?,
                lent::out(out, "out")?,
                tick::progress(tick, context),
            )
        };
        let digest = hash::hash(&path, algorithm, &progress)?;
        progress.finish()?;
        out.write(iw_bytes::from_vec(digest.as_bytes().to_vec()));
        Ok(())
    })
}

/// Digests of many files, in their order.
///
/// Uses all threads: small files side by side, a large one (BLAKE3) on all of them. Ticks count files.
///
/// @param paths         regular files, each path followed by a NUL
/// @param paths_len     bytes of `paths`, the NULs included
/// @param algorithm     as for `iw_files_hash`
/// @param algorithm_len bytes of `algorithm`
/// @param keep_going    1: a file that cannot be read gets a digest of zeros and a problem; 0: the first such
///                      file, in order, ends the call
/// @param tick          see iw_tick, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the digests, one after the other, all of one size; to be freed by
///                      `iw_bytes_free`
/// @param problems      receives a handle to be freed by `iw_files_problems_free`, or NULL when there are none
/// @return IW_OK; otherwise as `iw_files_hash`
///
/// # Safety
/// As `iw_files_hash`; `problems` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_hash_many(
    paths: *const u8,
    paths_len: usize,
    algorithm: *const u8,
    algorithm_len: usize,
    keep_going: i32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
    problems: *mut *mut iw_files_problems,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (paths, algorithm, out, problems, progress) = unsafe {
            (
                paths_of(lent::bytes(paths, paths_len, "paths")?)?,
                Algorithm::named(lent::text(algorithm, algorithm_len, "algorithm")?)?,
                lent::out(out, "out")?,
                lent::out(problems, "problems")?,
                tick::progress(tick, context),
            )
        };
        let outcomes = hash::hash_many(&paths, algorithm, keep_going != 0, &progress)?;
        progress.finish()?;
        let mut digests: Vec<u8> = Vec::new();
        digests.try_reserve_exact(outcomes.len() * algorithm.size())?;
        let found = sorted_out(outcomes, |digest| match digest {
            Some(digest) => digests.extend_from_slice(digest.as_bytes()),
            None => digests.resize(digests.len() + algorithm.size(), 0),
        });
        out.write(iw_bytes::from_vec(digests));
        problems.write(handed_over(found));
        Ok(())
    })
}

fn handed_over(problems: Vec<Problem>) -> *mut iw_files_problems {
    if problems.is_empty() {
        std::ptr::null_mut()
    } else {
        Box::into_raw(Box::new(iw_files_problems(problems)))
    }
}

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

/// Fills memory of the caller's with the first bytes of a file. Uses all threads for a large one. Ticks count
/// bytes.
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

/// Digest of a whole tree: of its names, kinds, contents and link targets, not of times, owners or modes.
///
/// It is the algorithm's digest over one record for each entry, in the order of a scan: one byte for its kind
/// ('f' file, 'd' directory, 'l' symbolic link, 'o' other); the length of its path below the root, 8 bytes
/// little-endian, and the path, with '/' between names; for a file the digest of its content, for a link the
/// length of its target, as above, and the target. Ticks count files.
///
/// @param root          a directory
/// @param root_len      bytes of `root`
/// @param flags         sum of `IW_SCAN_*`
/// @param algorithm     as for `iw_files_hash`
/// @param algorithm_len bytes of `algorithm`
/// @param tick          see iw_tick, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the digest, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for an unknown algorithm or flags; IW_IO for the first path, in order, that cannot
///         be read; IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `root` and `algorithm` are NULL or readable for their lengths. `tick` may be called with `context` until
/// the call returns. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_files_hash_tree(
    root: *const u8,
    root_len: usize,
    flags: u32,
    algorithm: *const u8,
    algorithm_len: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (root, algorithm, out, progress) = unsafe {
            (
                lent::path(root, root_len, "root")?,
                Algorithm::named(lent::text(algorithm, algorithm_len, "algorithm")?)?,
                lent::out(out, "out")?,
                tick::progress(tick, context),
            )
        };
        let digest = tree::hash_tree(&root, &options(None, flags)?, algorithm, &progress)?;
        progress.finish()?;
        out.write(iw_bytes::from_vec(digest.as_bytes().to_vec()));
        Ok(())
    })
}
