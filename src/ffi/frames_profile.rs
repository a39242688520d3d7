//! Exports of `crate::frames::profile`.

use super::arrow::{export_stream, import_stream};
use super::frames::{handle, names};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::frames::frame::Frame;
use crate::frames::profile::{self, Profile};
use core::ffi::c_void;

/// What a frame came to, column by column.
pub struct iw_profile(Profile);

/// Sums up every column of a stream in one pass, on several threads, in bounded memory.
///
/// Counts, nulls, NaN, smallest, largest, mean, sample standard deviation, lengths and the number of different
/// values: exact up to 65,536 of them, then a HyperLogLog estimate with a standard error of 0.81 %. The answer
/// does not depend on the number of threads.
///
/// @param data          moved out: it is left released whatever the status, and its producer's release runs once
/// @param columns       names of the columns to profile, UTF-8, in order; NULL for all
/// @param column_sizes  bytes of each name
/// @param column_count  number of names
/// @param tick          called about every 40 ms with the values read, of an unknown total, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the profile, to be freed by `iw_profile_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream, an unknown column and when the producer
///         fails; IW_TYPE for an unknown column type; IW_MEMORY; IW_CANCELLED when `tick` left `*go_on` 0
///
/// # Safety
/// `data` is NULL or points to a stream of a producer that keeps the Arrow C stream interface. `columns` and
/// `column_sizes` are NULL or hold `column_count` names. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_profile(
    data: *mut ArrowArrayStream,
    columns: *const *const u8,
    column_sizes: *const usize,
    column_count: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_profile,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, out) = unsafe { (import_stream(data, "data")?, lent::out(out, "out")?) };
        // SAFETY: the caller's promise is the same.
        let columns = unsafe { names(columns, column_sizes, column_count) }?;
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let profile = profile::profile(reader.as_mut(), columns.as_deref(), &progress)?;
        out.write(Box::into_raw(Box::new(iw_profile(profile))));
        Ok(())
    })
}

/// The profile as JSON: `rows`, and `columns` with one object each.
///
/// A column has `name`, `type`, `kind`, `count`, `nulls`, `nan`, `distinct`, `distinct_exact`, `min`, `max`,
/// `mean`, `std`, `min_length`, `max_length`, `mean_length`; figures that do not apply are null. Decimals, dates
/// and times are text (ISO 8601), infinities "inf" and "-inf", binary values hexadecimal.
///
/// @param profile from `iw_frames_profile`
/// @param out     receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `profile` is NULL or a live profile. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_json(profile: *const iw_profile, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (profile, out) = unsafe { (handle(profile, "profile")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(profile.0.json()));
        Ok(())
    })
}

/// The profile as a stream of one batch with one row a column, under the names of `iw_profile_json`.
///
/// Extremes are text; `mean` and `std` are float64 and null for anything but numbers.
///
/// @param profile from `iw_frames_profile`
/// @param out     receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `profile` is NULL or a live profile. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_stream(
    profile: *const iw_profile,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        unsafe {
            let table = handle(profile, "profile")?.0.table()?;
            export_stream(Frame::from(table).reader(), out, "out")
        }
    })
}

/// Frees a profile; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `profile` is NULL or a live profile, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_free(profile: *mut iw_profile) {
    if !profile.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_profile; the caller promises it is live.
        drop(unsafe { Box::from_raw(profile) });
    }
}
