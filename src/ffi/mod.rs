//! The C ABI: status, last error, the guard every export runs in, and the shared shapes of arguments.
//!
//! C names are spelled as C sees them, so one search finds a symbol in Rust, C and Python.
#![allow(non_camel_case_types)]

#[cfg(windows)]
mod affinity;
mod arrays;
mod arrays_extremes;
mod arrow;
mod arrow_check;
mod arrow_export;
mod capsule;
mod cpu;
mod files;
mod files_content;
mod files_hash;
mod files_problems;
mod frames;
mod frames_columns;
mod frames_diff;
mod frames_fingerprint;
mod frames_given;
mod frames_objects;
mod frames_profile;
mod frames_python;
mod frames_sources;
mod frames_text;
mod frames_validate;
mod frames_validation;
mod ints;
mod ints_arrays;
mod ints_primes;
mod lent;
mod owned;
mod sample;
mod text;
mod threads;
mod tick;
mod view;

#[cfg(windows)]
pub(crate) use affinity::affinity;
pub use arrays::*;
pub use arrays_extremes::*;
pub use arrow::*;
pub use capsule::*;
pub use cpu::*;
pub use files::*;
pub use files_content::*;
pub use files_hash::*;
pub use files_problems::*;
pub use frames::*;
pub use frames_columns::*;
pub use frames_diff::*;
pub use frames_fingerprint::*;
pub use frames_objects::*;
pub use frames_profile::*;
pub use frames_python::*;
pub use frames_sources::*;
pub use frames_validate::*;
pub use frames_validation::*;
pub use ints::*;
pub use ints_arrays::*;
pub use ints_primes::*;
pub use owned::*;
pub use sample::*;
pub use text::*;
pub use threads::*;
pub use tick::*;
pub use view::*;

use crate::error::Error;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Raised whenever an existing signature, struct or meaning changes. Additions keep it.
pub const IW_ABI_VERSION: u32 = 1;

/// What a call returns. Zero is success; the rest leave a message in `iw_last_error`.
pub type iw_status = i32;

/// The call did what it says.
pub const IW_OK: iw_status = 0;
/// An argument has a value the call does not accept. Outputs were not touched.
pub const IW_INVALID: iw_status = 1;
/// An argument has a type the call does not accept. Outputs were not touched.
pub const IW_TYPE: iw_status = 2;
/// The exact result does not fit the result type. Outputs are unspecified.
pub const IW_OVERFLOW: iw_status = 3;
/// A division by zero. Outputs are unspecified.
pub const IW_ZERO_DIVISION: iw_status = 4;
/// The operating system refused: see `iw_last_os_error` and `iw_last_path`. No file is half-written.
pub const IW_IO: iw_status = 5;
/// The result does not fit in memory. Outputs were not touched.
pub const IW_MEMORY: iw_status = 6;
/// The tick asked to stop. Outputs are unspecified; files are as they were.
pub const IW_CANCELLED: iw_status = 7;
/// A bug in this library. Outputs are unspecified; please report the message.
pub const IW_PANIC: iw_status = 255;

#[derive(Default)]
struct Failure {
    message: String,
    os_error: i32,
    path: Vec<u8>,
}

thread_local! {
    static LAST_ERROR: RefCell<Failure> = RefCell::new(Failure::default());
}

/// Runs `body`, turning an `Err` or a panic into a status and a last-error message.
///
/// Every exported function is written out in full around this call. A macro that made the
/// function would hide it from cbindgen, which does not expand macros on stable.
fn guard(body: impl FnOnce() -> Result<(), Error>) -> iw_status {
    // AssertUnwindSafe: after a panic the outputs are documented as unspecified, and the only
    // state that outlives the call is LAST_ERROR, which is replaced whole.
    let (status, failure) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return IW_OK,
        Ok(Err(error)) => describe(&error),
        Err(payload) => {
            let text = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no message");
            (IW_PANIC, Failure { message: format!("internal error: {text}"), ..Failure::default() })
        }
    };
    // A call from a thread whose locals are already gone keeps its status and loses the text.
    let _ = LAST_ERROR.try_with(|last| last.replace(failure));
    status
}

fn describe(error: &Error) -> (iw_status, Failure) {
    let status = match error {
        Error::Invalid(_) => IW_INVALID,
        Error::Type(_) => IW_TYPE,
        Error::Overflow(_) => IW_OVERFLOW,
        Error::ZeroDivision(_) => IW_ZERO_DIVISION,
        Error::Memory(_) => IW_MEMORY,
        Error::Cancelled => IW_CANCELLED,
        Error::Io { .. } => IW_IO,
    };
    let mut failure = Failure { message: error.to_string(), ..Failure::default() };
    if let Error::Io { path, source } = error {
        failure.os_error = source.raw_os_error().unwrap_or(0);
        failure.path = path.as_os_str().as_encoded_bytes().to_vec();
    }
    (status, failure)
}

/// Copies what fits of `source` to `buf` and returns how long all of it is.
///
/// # Safety
/// `buf` points to `cap` writable bytes, or is NULL.
unsafe fn copy_out(source: &[u8], buf: *mut u8, cap: usize) -> usize {
    let n = source.len().min(cap);
    if !buf.is_null() && n > 0 {
        // SAFETY: the caller promises `cap` writable bytes at `buf`, and n <= cap.
        unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), buf, n) };
    }
    source.len()
}

/// ABI version of this library, to be compared with `IW_ABI_VERSION` from the header.
#[unsafe(no_mangle)]
pub extern "C" fn iw_abi_version() -> u32 {
    IW_ABI_VERSION
}

/// FNV-1a hash of every declaration in this library's header, comments and spacing aside.
///
/// A wrapper generated from the header keeps the hash it was made from and refuses another.
#[unsafe(no_mangle)]
pub extern "C" fn iw_abi_fingerprint() -> u64 {
    const FINGERPRINT: u64 = match u64::from_str_radix(env!("IW_ABI_FINGERPRINT"), 16) {
        Ok(hash) => hash,
        Err(_) => panic!("build.rs writes 16 hexadecimal digits"),
    };
    FINGERPRINT
}

/// Version of this library, `major.minor.patch`, NUL-terminated and static.
#[unsafe(no_mangle)]
pub extern "C" fn iw_version() -> *const core::ffi::c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Copies the message of this thread's latest failure.
///
/// Writes at most `cap` bytes of UTF-8, without a terminating NUL, and returns the length of
/// the whole message in bytes. Call with `cap` 0 to ask for the length. A successful call
/// does not clear the message.
///
/// # Safety
/// `buf` points to `cap` writable bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_last_error(buf: *mut u8, cap: usize) -> usize {
    LAST_ERROR
        // SAFETY: the caller's promise is copy_out's.
        .try_with(|last| unsafe { copy_out(last.borrow().message.as_bytes(), buf, cap) })
        .unwrap_or(0)
}

/// The operating system's number for this thread's latest IW_IO: `errno`, on Windows `GetLastError()`.
///
/// 0 when the failure was noticed by the library, not by the system, and after any other status.
#[unsafe(no_mangle)]
pub extern "C" fn iw_last_os_error() -> i32 {
    LAST_ERROR.try_with(|last| last.borrow().os_error).unwrap_or(0)
}

/// Copies the path that this thread's latest IW_IO is about, in the form paths are passed in.
///
/// Writes at most `cap` bytes, without a terminating NUL, and returns the length of the whole path;
/// 0 after any other status.
///
/// # Safety
/// `buf` points to `cap` writable bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_last_path(buf: *mut u8, cap: usize) -> usize {
    LAST_ERROR
        // SAFETY: the caller's promise is copy_out's.
        .try_with(|last| unsafe { copy_out(&last.borrow().path, buf, cap) })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn message() -> String {
        let mut buf = [0; 256];
        // SAFETY: buf is 256 writable bytes.
        let n = unsafe { iw_last_error(buf.as_mut_ptr(), buf.len()) };
        String::from_utf8(buf[..n].to_vec()).unwrap()
    }

    #[test]
    fn panic_becomes_a_status_with_its_message() {
        assert_eq!(guard(|| panic!("boom {}", 7)), IW_PANIC);
        assert_eq!(message(), "internal error: boom 7");
    }

    #[test]
    fn an_io_error_carries_its_number_and_its_path() {
        let missing = Path::new("no/such/file");
        let status = guard(|| std::fs::read(missing).map(drop).map_err(Error::io(missing)));
        assert_eq!((status, iw_last_os_error()), (IW_IO, 2));
        let mut path = [0; 64];
        // SAFETY: path is 64 writable bytes.
        let n = unsafe { iw_last_path(path.as_mut_ptr(), path.len()) };
        assert_eq!(&path[..n], b"no/such/file");

        assert_eq!(guard(|| Err(Error::Invalid("n must be positive".into()))), IW_INVALID);
        assert_eq!((message().as_str(), iw_last_os_error()), ("n must be positive", 0));
    }

    #[test]
    fn a_short_buffer_is_filled_and_the_whole_length_returned() {
        guard(|| Err(Error::Invalid("abcdef".into())));
        let mut buf = [b'.'; 4];
        // SAFETY: three of the four bytes are offered.
        assert_eq!(unsafe { iw_last_error(buf.as_mut_ptr(), 3) }, 6);
        assert_eq!(&buf, b"abc.");
        // SAFETY: NULL asks for the length.
        assert_eq!(unsafe { iw_last_error(std::ptr::null_mut(), 9) }, 6);
    }
}
