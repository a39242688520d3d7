//! What a Python binding needs to hand a stream over as an "arrow_array_stream" capsule.
//!
//! Python calls a capsule's destructor whenever the last reference goes: from the garbage collector, or while the
//! interpreter shuts down and half of it is gone. So the destructor and the name live here, where nothing
//! is ever unloaded, and not in a Python callback. The library links no Python: the one
//! function of it that the destructor needs is passed in.

use super::arrow::import_array;
use super::arrow_export::export_stream;
use super::{ArrowArray, ArrowArrayStream, ArrowSchema, guard, iw_status, lent};
use crate::error::Error;
use core::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Reads the pointer a capsule holds; Python's `PyCapsule_GetPointer` is one.
pub type iw_capsule_pointer =
    Option<unsafe extern "C" fn(capsule: *mut c_void, name: *const c_char) -> *mut c_void>;

/// What `PyCapsule_New` takes beside the pointer. Both are valid as long as the process runs.
#[repr(C)]
pub struct iw_capsule {
    /// "arrow_array_stream", NUL-terminated.
    pub name: *const c_char,
    /// Releases the stream, if nobody has taken it out, and frees its struct.
    pub destructor: Option<unsafe extern "C" fn(capsule: *mut c_void)>,
}

const NAME: &CStr = c"arrow_array_stream";

/// The same function whoever passes it: a process has one Python.
static GET_POINTER: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Makes an empty stream struct in the library's memory, for a call to fill.
///
/// @return the struct, to be freed by `iw_arrow_stream_free` or by a capsule's destructor
#[unsafe(no_mangle)]
pub extern "C" fn iw_arrow_stream_new() -> *mut ArrowArrayStream {
    Box::into_raw(Box::new(ArrowArrayStream::RELEASED))
}

/// Releases the stream, unless it is released or was moved out, and frees its struct.
///
/// Does nothing when `stream` is NULL. Leaves the last error alone.
///
/// @param stream from `iw_arrow_stream_new`
///
/// # Safety
/// `stream` is NULL or came from `iw_arrow_stream_new` and has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_arrow_stream_free(stream: *mut ArrowArrayStream) {
    if stream.is_null() {
        return;
    }
    // SAFETY: the caller promises a struct of iw_arrow_stream_new, which is a box.
    let mut stream = unsafe { Box::from_raw(stream) };
    if let Some(release) = stream.release {
        // SAFETY: whoever filled the struct promised that its release may be called once, from any thread.
        unsafe { release(&mut *stream) };
    }
}

/// Turns one array and its schema into a stream of one batch, without a copy.
///
/// A struct array becomes a batch of its children, any other array a batch of one column. Both structs are
/// moved out: they are left released whatever the status.
///
/// @param schema the array's type
/// @param array  the array
/// @param out    receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for a released or malformed struct; IW_TYPE for an unknown type
///
/// # Safety
/// `schema` and `array` are NULL or point to structs of a producer that keeps the Arrow C data interface. `out`
/// is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_arrow_stream_from_array(
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        unsafe {
            let reader = import_array(schema, array, "array")?;
            export_stream(reader, out, "out")
        }
    })
}

/// Says how to wrap a stream of `iw_arrow_stream_new` in a Python capsule.
///
/// The destructor may run at any time later and on any thread that holds the interpreter; it calls
/// `get_pointer` and no other function of Python's.
///
/// @param get_pointer the interpreter's `PyCapsule_GetPointer`
/// @param out         receives the capsule's name and destructor
/// @return IW_OK; IW_INVALID when either is NULL
///
/// # Safety
/// `get_pointer` is that function. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_arrow_stream_capsule(
    get_pointer: iw_capsule_pointer,
    out: *mut iw_capsule,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        let Some(get_pointer) = get_pointer else {
            return Err(Error::Invalid("get_pointer must not be NULL".into()));
        };
        GET_POINTER.store(get_pointer as *mut c_void, Ordering::Release);
        out.write(iw_capsule { name: NAME.as_ptr(), destructor: Some(free_capsule) });
        Ok(())
    })
}

/// A `PyCapsule_Destructor`. A destructor that found no pointer would leak rather than crash.
unsafe extern "C" fn free_capsule(capsule: *mut c_void) {
    let get_pointer = GET_POINTER.load(Ordering::Acquire);
    // SAFETY: only ever stored from a function pointer of this type or NULL, which None stands for.
    let get_pointer = unsafe { std::mem::transmute::<*mut c_void, iw_capsule_pointer>(get_pointer) };
    if let Some(get_pointer) = get_pointer {
        // SAFETY: called by Python with one of its capsules, made with this name and a pointer of ours.
        unsafe { iw_arrow_stream_free(get_pointer(capsule, NAME.as_ptr()).cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::{IW_INVALID, IW_OK};
    use std::cell::Cell;

    thread_local!(static RELEASED: Cell<u32> = const { Cell::new(0) });

    unsafe extern "C" fn count(stream: *mut ArrowArrayStream) {
        RELEASED.set(RELEASED.get() + 1);
        // SAFETY: the struct being released.
        unsafe { (*stream).release = None };
    }

    /// A capsule that is nothing but its pointer.
    unsafe extern "C" fn itself(capsule: *mut c_void, name: *const c_char) -> *mut c_void {
        // SAFETY: the destructor passes a static name.
        assert_eq!(unsafe { CStr::from_ptr(name) }, NAME);
        capsule
    }

    #[test]
    fn the_destructor_releases_a_stream_nobody_took_and_only_that() {
        let mut capsule = iw_capsule { name: ptr::null(), destructor: None };
        // SAFETY: NULL is refused; `itself` is a get_pointer for the capsules of this test.
        unsafe {
            assert_eq!(iw_arrow_stream_capsule(None, &mut capsule), IW_INVALID);
            assert_eq!(iw_arrow_stream_capsule(Some(itself), ptr::null_mut()), IW_INVALID);
            assert_eq!(iw_arrow_stream_capsule(Some(itself), &mut capsule), IW_OK);
            let destructor = capsule.destructor.unwrap();

            let taken = iw_arrow_stream_new();
            destructor(taken.cast());
            assert_eq!(RELEASED.get(), 0);

            let kept = iw_arrow_stream_new();
            (*kept).release = Some(count);
            destructor(kept.cast());
            assert_eq!(RELEASED.get(), 1);
            iw_arrow_stream_free(ptr::null_mut());
        }
    }
}
