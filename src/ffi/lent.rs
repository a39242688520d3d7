//! Text, bytes, paths and result slots lent for the length of one call.

use crate::error::Error;
use std::mem::MaybeUninit;
use std::path::PathBuf;

/// Borrows `len` bytes; empty whatever the pointer when `len` is 0, because NULL is no valid slice.
///
/// # Safety
/// `data` is NULL or points to `len` initialised bytes that nobody writes while `'a` lasts.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a [u8], Error> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::Invalid(format!("{name} is NULL but {len} bytes long")));
    }
    if len > isize::MAX as usize {
        return Err(Error::Invalid(format!("{name} is larger than the address space: {len} bytes")));
    }
    // SAFETY: checked for NULL and size; the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// Borrows text, which crosses as UTF-8 without a terminating NUL.
///
/// # Safety
/// As [`bytes()`].
pub(super) unsafe fn text<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller's promise is the same.
    let bytes = unsafe { bytes(data, len, name) }?;
    std::str::from_utf8(bytes)
        .map_err(|error| Error::Invalid(format!("{name} is not UTF-8 at byte {}", error.valid_up_to())))
}

/// A path: on Unix the bytes the system uses, whatever their encoding; on Windows WTF-8, which is UTF-8
/// that may also hold lone surrogates.
///
/// # Safety
/// As [`bytes()`].
pub(super) unsafe fn path(data: *const u8, len: usize, name: &str) -> Result<PathBuf, Error> {
    // SAFETY: the caller's promise is the same.
    let bytes = unsafe { bytes(data, len, name) }?;
    if bytes.contains(&0) {
        return Err(Error::Invalid(format!("{name} must not contain a NUL byte")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    match crate::files::wtf8::to_utf16(bytes) {
        Ok(units) => {
            use std::os::windows::ffi::OsStringExt;
            Ok(std::ffi::OsString::from_wide(&units).into())
        }
        Err(at) => Err(Error::Invalid(format!("{name} is not UTF-8 at byte {at}"))),
    }
}

/// Borrows a result slot, to be written only on success.
///
/// # Safety
/// `slot` is NULL or points to writable memory for one `T` that nobody else uses while `'a` lasts.
pub(super) unsafe fn out<'a, T>(slot: *mut T, name: &str) -> Result<&'a mut MaybeUninit<T>, Error> {
    if slot.is_null() || !slot.is_aligned() {
        return Err(Error::Invalid(format!("{name} must not be NULL or misaligned")));
    }
    // SAFETY: checked for NULL and alignment; the caller promises room and exclusive use.
    Ok(unsafe { &mut *slot.cast::<MaybeUninit<T>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    #[test]
    fn null_is_empty_only_without_a_length() {
        // SAFETY: NULL is what these checks are for.
        unsafe {
            assert_eq!(bytes(ptr::null(), 0, "data").unwrap(), b"");
            assert_eq!(
                bytes(ptr::null(), 3, "data").unwrap_err().to_string(),
                "data is NULL but 3 bytes long"
            );
            assert!(out(ptr::null_mut::<u64>(), "out").is_err());
        }
    }

    #[test]
    fn text_names_the_byte_that_is_not_utf8() {
        let wrong = b"ab\xff";
        // SAFETY: three readable bytes.
        let error = unsafe { text(wrong.as_ptr(), 3, "spec") }.unwrap_err();
        assert_eq!(error.to_string(), "spec is not UTF-8 at byte 2");
    }

    #[test]
    fn a_path_may_not_hide_a_nul() {
        let wrong = b"a\0b";
        // SAFETY: three readable bytes.
        assert!(unsafe { path(wrong.as_ptr(), 3, "path") }.is_err());
    }
}
