//! Streams of frames handed out to other libraries.

use super::arrow::{ArrowArray, ArrowArrayStream, ArrowSchema};
use super::lent;
use crate::error::Error;
use crate::frames;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{RecordBatchReader, StructArray};
use arrow_data::ArrayData;
use arrow_schema::ArrowError;
use core::ffi::{c_char, c_int};
use std::ffi::CString;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// Hands `reader` over as a stream whose every function is native: no Python runs when it is read or released.
///
/// Writes `*out`, whose former content is not looked at.
///
/// # Safety
/// `out` is NULL or points to room for one struct.
pub(super) unsafe fn export_stream(
    reader: Box<dyn RecordBatchReader + Send>,
    out: *mut ArrowArrayStream,
    name: &str,
) -> Result<(), Error> {
    // SAFETY: the caller's promise is the same.
    let slot = unsafe { lent::out(out, name) }?;
    let exported = Box::new(Exported { reader, last_error: None });
    slot.write(ArrowArrayStream {
        get_schema: Some(exported_schema),
        get_next: Some(exported_next),
        get_last_error: Some(exported_error),
        release: Some(exported_release),
        private_data: Box::into_raw(exported).cast(),
    });
    Ok(())
}

pub(super) struct Exported {
    pub(super) reader: Box<dyn RecordBatchReader + Send>,
    last_error: Option<CString>,
}

impl Exported {
    /// Runs `body` and turns an error or a panic into an `errno` value and a text for `get_last_error`.
    fn answer(&mut self, body: impl FnOnce(&mut Self) -> Result<(), ArrowError>) -> c_int {
        // AssertUnwindSafe: a reader that panicked is only ever asked for its error text again.
        let (code, text) = match catch_unwind(AssertUnwindSafe(|| body(self))) {
            Ok(Ok(())) => return 0,
            Ok(Err(error)) => match frames::uncarry(error) {
                error @ Error::Memory(_) => (libc::ENOMEM, error.to_string()),
                error @ Error::Io { .. } => (libc::EIO, error.to_string()),
                error => (libc::EINVAL, error.to_string()),
            },
            Err(_) => (libc::EIO, "internal error: the reader panicked".to_owned()),
        };
        self.last_error = CString::new(text.replace('\0', "\\0")).ok();
        code
    }
}

/// # Safety
/// `stream` came from [`export_stream`] and has not been released.
unsafe fn exported<'a>(stream: *mut ArrowArrayStream) -> &'a mut Exported {
    // SAFETY: the caller's promise; the interface forbids two calls at a time.
    unsafe { &mut *(*stream).private_data.cast::<Exported>() }
}

unsafe extern "C" fn exported_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: called by a consumer on a live stream of ours, with room for the answer.
    unsafe { exported(stream) }.answer(|this| {
        let schema = FFI_ArrowSchema::try_from(this.reader.schema().as_ref())?;
        // SAFETY: the consumer's slot, which has the layout arrow-rs writes.
        unsafe { out.cast::<FFI_ArrowSchema>().write(schema) };
        Ok(())
    })
}

pub(super) unsafe extern "C" fn exported_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    // SAFETY: called by a consumer on a live stream of ours, with room for the answer.
    unsafe { exported(stream) }.answer(|this| {
        let array = match this.reader.next().transpose()? {
            Some(batch) => FFI_ArrowArray::new(&ArrayData::from(StructArray::from(batch))),
            None => FFI_ArrowArray::empty(),
        };
        // SAFETY: the consumer's slot, which has the layout arrow-rs writes.
        unsafe { out.cast::<FFI_ArrowArray>().write(array) };
        Ok(())
    })
}

unsafe extern "C" fn exported_error(stream: *mut ArrowArrayStream) -> *const c_char {
    // SAFETY: called by a consumer on a live stream of ours.
    unsafe { exported(stream) }.last_error.as_ref().map_or(ptr::null(), |text| text.as_ptr())
}

pub(super) unsafe extern "C" fn exported_release(stream: *mut ArrowArrayStream) {
    // SAFETY: called by a consumer on a live stream of ours, once; NULL release marks it done.
    let private = unsafe {
        let private = (*stream).private_data;
        *stream = ArrowArrayStream::RELEASED;
        private
    };
    // SAFETY: made by Box::into_raw in export_stream. Kept from dropping itself so that a panic in the
    // reader's own drop stops here instead of aborting the process.
    let exported = ManuallyDrop::new(unsafe { Box::from_raw(private.cast::<Exported>()) });
    let _ = catch_unwind(AssertUnwindSafe(|| drop(ManuallyDrop::into_inner(exported))));
}
