//! Results whose size only the library knows: handed over without a copy, freed by one function.

use core::ffi::c_void;

/// A block of memory made by the library and owned by whoever received it.
///
/// Read `len` bytes at `data` (aligned for the elements the call documents), then pass the struct to
/// `iw_bytes_free` once. It may be moved, and freed on another thread.
#[repr(C)]
pub struct iw_bytes {
    /// First byte; never NULL after a successful call, not to be read when `len` is 0.
    pub data: *mut c_void,
    /// Number of bytes.
    pub len: usize,
    /// The library's own; leave it as it is.
    pub owner: *mut c_void,
}

/// What `owner` points to: a thin pointer needs a sized pointee, so the trait object sits in a box.
struct Owner(#[allow(dead_code, reason = "held only to be dropped")] Box<dyn Send>);

impl iw_bytes {
    /// Hands over the elements of `vec` where they lie.
    pub(super) fn from_vec<T: Copy + Send + 'static>(vec: Vec<T>) -> Self {
        let (data, len) = (vec.as_ptr().cast_mut().cast(), size_of_val(vec.as_slice()));
        let owner = Box::into_raw(Box::new(Owner(Box::new(vec)))).cast();
        Self { data, len, owner }
    }

    /// Hands over UTF-8 text, without a terminating NUL.
    pub(super) fn from_string(text: String) -> Self {
        Self::from_vec(text.into_bytes())
    }
}

/// Frees a block the library handed over, and clears the struct, so that a second call is harmless.
///
/// Does nothing when `bytes` is NULL or already cleared. Leaves the last error alone.
///
/// # Safety
/// `bytes` is NULL or points to a struct that a call filled or that is all zero, unchanged since.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_bytes_free(bytes: *mut iw_bytes) {
    // SAFETY: the caller promises NULL or a struct of ours.
    let Some(bytes) = (unsafe { bytes.as_mut() }) else { return };
    let owner = std::mem::replace(&mut bytes.owner, std::ptr::null_mut());
    bytes.data = std::ptr::null_mut();
    bytes.len = 0;
    if !owner.is_null() {
        // SAFETY: `owner` came from Box::into_raw above and has just been taken out of the struct.
        drop(unsafe { Box::from_raw(owner.cast::<Owner>()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_handed_over_where_they_lie_and_freed_once() {
        let vec = vec![1_u64, 2, 3];
        let address = vec.as_ptr().addr();
        let mut bytes = iw_bytes::from_vec(vec);
        assert_eq!((bytes.data.addr(), bytes.len), (address, 24));
        // SAFETY: `bytes` was filled above; the second call finds it cleared.
        unsafe {
            assert_eq!(*bytes.data.cast::<u64>().add(2), 3);
            iw_bytes_free(&mut bytes);
            iw_bytes_free(&mut bytes);
            iw_bytes_free(std::ptr::null_mut());
        }
        assert!(bytes.data.is_null() && bytes.len == 0);
    }
}
