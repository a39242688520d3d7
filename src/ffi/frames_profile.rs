//! Exports of `crate::frames::profile`.

use super::arrow::import_stream;
use super::arrow_export::export_stream;
use super::frames::{handle, names};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::frames::frame::Frame;
use crate::frames::profile::options::Options;
use crate::frames::profile::{self, Profile};
use core::ffi::c_void;

/// What a frame came to, column by column.
pub struct iw_profile(Profile);

/// Sums up every column of a stream in one pass, on several threads, in bounded memory.
///
/// As `iw_frames_profile_with` without options.
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
    // SAFETY: the caller's promises are the same; no options are zero bytes at NULL.
    unsafe {
        iw_frames_profile_with(
            data,
            columns,
            column_sizes,
            column_count,
            core::ptr::null(),
            0,
            tick,
            context,
            out,
        )
    }
}

/// Sums up every column of a stream in one pass, on several threads, in bounded memory.
///
/// Different values are counted up to 65,536 of them, and extremes, quantiles, the most frequent values and the
/// histogram follow exactly; beyond that the number of different values is a HyperLogLog estimate with a standard
/// error of 0.81 %, the most frequent values come with a bound of their error, and quantiles are exact from values that
/// are kept one by one: at most 33,554,432 of all columns together (256 MiB), after which the columns that keep the most
/// go over to a sketch with a rank error of 0.3 %. Duplicate rows are counted among up to 8,388,608 rows (64 MiB). The
/// answer does not depend on the number of threads.
///
/// @param data          moved out: it is left released whatever the status, and its producer's release runs once
/// @param columns       names of the columns to profile, UTF-8, in order; NULL for all
/// @param column_sizes  bytes of each name
/// @param column_count  number of names
/// @param options       a JSON object, or NULL for none: `{"correlations": "pearson"}` or `"spearman"`, which keeps
///                      every number and takes at most 33,554,432 of them; `{"memory": 335544320}`, the bytes that
///                      are kept at most for exact quantiles and duplicate rows (a third for the latter, up to
///                      64 MiB); 0 for sketches alone; `{"streamed": true}` when the rows lie in no memory, as those of
///                      a file: then 117,440,512 bytes are kept where `memory` does not say
/// @param options_size  bytes of `options`
/// @param tick          called about every 40 ms with the values read, of an unknown total, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the profile, to be freed by `iw_profile_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream, an unknown column or option, and when the producer
///         fails; IW_TYPE for an unknown column type; IW_MEMORY; IW_CANCELLED when `tick` left `*go_on` 0
///
/// # Safety
/// `data` is NULL or points to a stream of a producer that keeps the Arrow C stream interface. `columns` and
/// `column_sizes` are NULL or hold `column_count` names. `options` is NULL or points to `options_size` bytes. `out`
/// is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_profile_with(
    data: *mut ArrowArrayStream,
    columns: *const *const u8,
    column_sizes: *const usize,
    column_count: usize,
    options: *const u8,
    options_size: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_profile,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, out) = unsafe { (import_stream(data, "data")?, lent::out(out, "out")?) };
        // SAFETY: the caller's promise is the same.
        let columns = unsafe { names(columns, column_sizes, column_count) }?;
        // SAFETY: the caller's promise is the same.
        let options = Options::read(unsafe { lent::text(options, options_size, "options") }?)?;
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let profile = profile::profile(reader.as_mut(), columns.as_deref(), &options, &progress)?;
        out.write(Box::into_raw(Box::new(iw_profile(profile))));
        Ok(())
    })
}

/// The profile of the rows of all of several profiles, as one made of them together; the profiles stay as they are.
///
/// Counts, extremes and what follows from values counted one by one are exact; the rest keeps its stated error. Without
/// `ordered` no order of profiles or of merging matters, and what only the order of rows tells (monotonic, longest
/// run) is given up where more than one profile has rows.
///
/// @param profiles from `iw_frames_profile`, `iw_profiles_merge` or `iw_profile_from_bytes`, of the same columns
/// @param count    number of profiles, at least 1
/// @param ordered  1 when the rows of each profile follow those of the one before, else 0
/// @param out      receives a new profile, to be freed by `iw_profile_free`
/// @return IW_OK; IW_INVALID for NULL, no profiles, and columns that differ in number, name or kind; IW_MEMORY
///
/// # Safety
/// `profiles` is NULL or holds `count` live profiles or NULLs. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profiles_merge(
    profiles: *const *const iw_profile,
    count: usize,
    ordered: i32,
    out: *mut *mut iw_profile,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out")? };
        if profiles.is_null() || count == 0 {
            return Err(Error::Invalid("profiles must hold at least one profile, got none".into()));
        }
        // SAFETY: not NULL; the caller promises count profiles.
        let each = |index: usize| unsafe { handle(*profiles.add(index), "profiles") };
        let mut whole = each(0)?.0.clone();
        for index in 1..count {
            whole.merge(&each(index)?.0, ordered != 0)?;
        }
        out.write(Box::into_raw(Box::new(iw_profile(whole))));
        Ok(())
    })
}

/// The profile as bytes, to be kept or sent and read by `iw_profile_from_bytes` on any machine.
///
/// Versioned and checksummed; integers are little-endian.
///
/// @param profile from `iw_frames_profile`
/// @param out     receives the bytes, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `profile` is NULL or a live profile. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_to_bytes(profile: *const iw_profile, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (profile, out) = unsafe { (handle(profile, "profile")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_vec(profile.0.to_bytes()));
        Ok(())
    })
}

/// The profile that `iw_profile_to_bytes` wrote.
///
/// @param data any bytes; nothing but what was written by this version is accepted
/// @param size number of bytes
/// @param out  receives the profile, to be freed by `iw_profile_free`
/// @return IW_OK; IW_INVALID for NULL, a wrong version or checksum, and parts that contradict each other; IW_MEMORY
///
/// # Safety
/// `data` is NULL or points to `size` bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_from_bytes(
    data: *const u8,
    size: usize,
    out: *mut *mut iw_profile,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (data, out) = unsafe { (lent::bytes(data, size, "data")?, lent::out(out, "out")?) };
        let profile = Profile::from_bytes(data)?;
        out.write(Box::into_raw(Box::new(iw_profile(profile))));
        Ok(())
    })
}

/// What changed from one profile to another, column by column, as JSON.
///
/// `verdict` is `"same"`, `"shifted"` or `"changed"` for the whole and for each of `columns`, which may also be
/// `"added"`, `"removed"` or `"retyped"`, and `summary` and `reasons` say why. A column has `psi` (population
/// stability index), `ks` (Kolmogorov-Smirnov distance), `js` (Jensen-Shannon distance, base 2),
/// `new_categories`, `lost_categories` and how many there are; figures that do not apply are null.
///
/// @param profile what was
/// @param other   what is
/// @param out     receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `profile` and `other` are NULL or live profiles. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_profile_compare(
    profile: *const iw_profile,
    other: *const iw_profile,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (profile, other) = unsafe { (handle(profile, "profile")?, handle(other, "other")?) };
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out")? };
        out.write(iw_bytes::from_string(profile.0.compare(&other.0)));
        Ok(())
    })
}

/// The profile as JSON: figures of the frame, and `columns` with one object each.
///
/// The frame has `rows`, `duplicate_rows`, `memory`, `null_patterns`, `correlations`. A column has `name`, `type`, `kind`,
/// `count`, `nulls`, `nan`, `infinite`, `distinct`, `distinct_exact`, `min`, `max`, `mean`, `std`, `skew`, `kurtosis`, `sum`,
/// `zeros`, `negatives`, `quantiles`, `quantiles_exact`, `quantiles_error`, `histogram`, `top`, `top_exact`, `top_error`,
/// `min_length`, `max_length`, `mean_length`, `empty`, `blank`, `formats`, `formats_exact`, `is_unique`, `is_constant`,
/// `monotonic`, `longest_run`, `notes`; figures that do not apply are null. Decimals, dates, times and sums beyond 64
/// bits are text (ISO 8601), infinities "inf" and "-inf", binary values hexadecimal.
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
