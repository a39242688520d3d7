//! What a call on many files could not do, handed over as a list.

use super::{guard, iw_status, lent};
use crate::error::Error;
use crate::files::many::Outcome;
use std::io;
use std::path::PathBuf;

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

pub(super) struct Problem {
    index: usize,
    os_error: i32,
    path: PathBuf,
    message: String,
}

impl Problem {
    pub(super) fn new(index: usize, path: PathBuf, source: &io::Error) -> Self {
        Self { index, os_error: source.raw_os_error().unwrap_or(0), path, message: source.to_string() }
    }
}

/// Splits outcomes in results, `missing` where there is none, and problems.
pub(super) fn sorted_out<T>(outcomes: Vec<Outcome<T>>, mut take: impl FnMut(Option<T>)) -> Vec<Problem> {
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

pub(super) fn handed_over(problems: Vec<Problem>) -> *mut iw_files_problems {
    if problems.is_empty() {
        std::ptr::null_mut()
    } else {
        Box::into_raw(Box::new(iw_files_problems(problems)))
    }
}
