//! Exports of `crate::files`: digests.

use super::files::options;
use super::files_problems::{handed_over, iw_files_problems, sorted_out};
use super::{guard, iw_bytes, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::files::hash::{self, Algorithm};
use crate::files::tree;
use core::ffi::c_void;
use std::path::PathBuf;

/// Paths of many files, each followed by a NUL.
pub(super) fn paths_of(bytes: &[u8]) -> Result<Vec<PathBuf>, Error> {
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
