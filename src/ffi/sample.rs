//! The sample's own two exports, in the exact shape its clients call.

use crate::sample;
use core::ffi::{CStr, c_char, c_int};
use std::panic::catch_unwind;

/// Product of two ints, wrapping on overflow.
#[unsafe(no_mangle)]
pub extern "C" fn multiply(left: c_int, right: c_int) -> c_int {
    sample::multiply(left, right)
}

/// Prints `message` in red, then " via " and the library's name in green, and a line break.
///
/// Writes to standard output, in colour where that is a terminal that shows it.
///
/// @param message UTF-8, NUL-terminated; borrowed for the call
/// @return 0, or -1 when `message` is NULL or not UTF-8, or standard output cannot be written
///
/// # Safety
/// `message` is NULL or points to a NUL-terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write_line(message: *const c_char) -> c_int {
    if message.is_null() {
        return -1;
    }
    // SAFETY: not NULL, and the caller promises the terminating NUL.
    let Ok(message) = unsafe { CStr::from_ptr(message) }.to_str() else { return -1 };
    match catch_unwind(|| sample::write_line(message)) {
        Ok(Ok(())) => 0,
        _ => -1,
    }
}
