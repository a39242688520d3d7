//! Exports of `crate::frames`: a frame read whole, and what every export of frames needs.

use super::arrow::import_stream;
use super::arrow_export::export_stream;
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::frames::frame::Frame;
use core::ffi::c_void;

/// A frame read whole: batches of columns where their producer put them, kept alive until freed.
pub struct iw_frame(Frame);

impl iw_frame {
    /// A frame of one batch.
    pub(super) fn of(batch: arrow_array::RecordBatch) -> Self {
        Self(Frame::from(batch))
    }
}

/// Reads a stream to its end and keeps the batches, without copying them.
///
/// @param data    moved out: it is left released whatever the status, and its producer's release runs once
/// @param tick    called about every 40 ms with the rows read, of an unknown total, or NULL
/// @param context handed to `tick` unread
/// @param out     receives the frame, to be freed by `iw_frame_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream and when the producer fails; IW_TYPE for
///         an unknown column type; IW_MEMORY; IW_CANCELLED when `tick` left `*go_on` 0
///
/// # Safety
/// `data` is NULL or points to a stream of a producer that keeps the Arrow C stream interface. `out` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_read(
    data: *mut ArrowArrayStream,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_frame,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, out) = unsafe { (import_stream(data, "data")?, lent::out(out, "out")?) };
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let frame = Frame::read(reader.as_mut(), &progress)?;
        out.write(Box::into_raw(Box::new(iw_frame(frame))));
        Ok(())
    })
}

/// Rows of a frame.
///
/// @param frame from `iw_frames_read`
/// @param out   receives the number of rows
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `frame` is NULL or a live frame. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frame_rows(frame: *const iw_frame, out: *mut u64) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (frame, out) = unsafe { (handle(frame, "frame")?, lent::out(out, "out")?) };
        out.write(frame.0.rows());
        Ok(())
    })
}

/// Names and types of a frame's columns, as a JSON array of `{"name": ..., "type": ...}`.
///
/// @param frame from `iw_frames_read`
/// @param out   receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `frame` is NULL or a live frame. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frame_columns(frame: *const iw_frame, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (frame, out) = unsafe { (handle(frame, "frame")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(frame.0.columns_json()));
        Ok(())
    })
}

/// The frame as a stream of its batches, without a copy; as often as it is asked for.
///
/// The stream keeps the batches alive by itself: it may outlive the frame.
///
/// @param frame from `iw_frames_read`
/// @param out   receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `frame` is NULL or a live frame. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frame_stream(frame: *const iw_frame, out: *mut ArrowArrayStream) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        unsafe { export_stream(handle(frame, "frame")?.0.reader(), out, "out") }
    })
}

/// Frees a frame; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `frame` is NULL or a live frame, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frame_free(frame: *mut iw_frame) {
    if !frame.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_read; the caller promises it is live.
        drop(unsafe { Box::from_raw(frame) });
    }
}

/// Borrows a handle.
///
/// # Safety
/// `handle` is NULL or live while `'a` lasts.
pub(super) unsafe fn handle<'a, T>(handle: *const T, name: &str) -> Result<&'a T, Error> {
    // SAFETY: the caller's promise.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::Invalid(format!("{name} must not be NULL")))
}

/// Borrows a list of names; none when the list is NULL.
///
/// # Safety
/// `texts` and `sizes` are NULL or hold `count` names while `'a` lasts.
pub(super) unsafe fn names<'a>(
    texts: *const *const u8,
    sizes: *const usize,
    count: usize,
) -> Result<Option<Vec<&'a str>>, Error> {
    // SAFETY: the caller's promise is the same.
    unsafe { listed(texts, sizes, count, "columns", "column_sizes") }
}

/// As [`names`], of a parameter called `name` whose sizes are called `sized`.
///
/// # Safety
/// That of [`names`].
pub(super) unsafe fn listed<'a>(
    texts: *const *const u8,
    sizes: *const usize,
    count: usize,
    name: &str,
    sized: &str,
) -> Result<Option<Vec<&'a str>>, Error> {
    if texts.is_null() {
        return Ok(None);
    }
    if count > 0 && sizes.is_null() {
        return Err(Error::Invalid(format!("{sized} must not be NULL")));
    }
    (0..count)
        // SAFETY: not NULL; the caller promises count names and sizes.
        .map(|index| unsafe { lent::text(*texts.add(index), *sizes.add(index), name) })
        .collect::<Result<_, _>>()
        .map(Some)
}
