//! Exports of `crate::frames::fingerprint`.

use super::arrow::import_stream;
use super::arrow_export::export_stream;
use super::frames::{handle, names};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::frames::fingerprint::digest::Digest;
use crate::frames::fingerprint::hash::Sum;
use crate::frames::fingerprint::{self, Fingerprint, Options};
use crate::frames::frame::Frame;
use core::ffi::c_void;

/// The hashes of a frame's rows, or only what they come to.
pub struct iw_fingerprint(Fingerprint);

/// Columns, and the fields of structs, count by name and not by place.
pub const IW_FINGERPRINT_BY_NAME: u32 = 1;
/// Only the digest is wanted: the hashes of the rows are not kept.
pub const IW_FINGERPRINT_DIGEST_ONLY: u32 = 2;

/// Hashes every row of a stream in one pass, on several threads.
///
/// docs/fingerprint.md defines the hashes: they say what a row holds and not how, and are the same on every
/// machine and in every version. Beside one hash a row, memory is bounded.
///
/// @param data          moved out: it is left released whatever the status, and its producer's release runs once
/// @param columns       names of the columns to hash, UTF-8, in order; NULL for all
/// @param column_sizes  bytes of each name
/// @param column_count  number of names
/// @param bits          64 or 128, the size of a hash
/// @param flags         0, or some of the `IW_FINGERPRINT_*` bits
/// @param tick          called about every 40 ms with the values read, of an unknown total, or NULL
/// @param context       handed to `tick` unread
/// @param out           receives the fingerprint, to be freed by `iw_fingerprint_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream, an unknown column, two columns of one name when
///         names count, other bits or flags, and when the producer fails; IW_TYPE for an unknown column type;
///         IW_MEMORY; IW_CANCELLED when `tick` left `*go_on` 0
///
/// # Safety
/// `data` is NULL or points to a stream of a producer that keeps the Arrow C stream interface. `columns` and
/// `column_sizes` are NULL or hold `column_count` names. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_fingerprint(
    data: *mut ArrowArrayStream,
    columns: *const *const u8,
    column_sizes: *const usize,
    column_count: usize,
    bits: u32,
    flags: u32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_fingerprint,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, out) = unsafe { (import_stream(data, "data")?, lent::out(out, "out")?) };
        // SAFETY: the caller's promise is the same.
        let columns = unsafe { names(columns, column_sizes, column_count) }?;
        let options = options(bits, flags, IW_FINGERPRINT_BY_NAME | IW_FINGERPRINT_DIGEST_ONLY)?;
        let keep = flags & IW_FINGERPRINT_DIGEST_ONLY == 0;
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let made = fingerprint::fingerprint(reader.as_mut(), columns.as_deref(), options, keep, &progress)?;
        out.write(Box::into_raw(Box::new(iw_fingerprint(made))));
        Ok(())
    })
}

/// The digest of a frame: its number of rows, and what their hashes come to in whatever order.
///
/// Frames with equal rows, as often each, have equal digests. The digest of two frames one after the other is the
/// sum of both: of the row counts, and of the sums - of 128-bit hashes modulo 2^128, of 64-bit hashes `low` and `high`
/// each by itself modulo 2^64.
///
/// @param fingerprint from `iw_frames_fingerprint`
/// @param rows        receives the number of rows
/// @param low         receives the low 64 bits of the sum
/// @param high        receives the high 64 bits of the sum
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `fingerprint` is NULL or a live fingerprint. `rows`, `low` and `high` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_fingerprint_digest(
    fingerprint: *const iw_fingerprint,
    rows: *mut u64,
    low: *mut u64,
    high: *mut u64,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (rows, low, high) =
            unsafe { (lent::out(rows, "rows")?, lent::out(low, "low")?, lent::out(high, "high")?) };
        // SAFETY: the caller's promise is the same.
        let made = &unsafe { handle(fingerprint, "fingerprint") }?.0;
        rows.write(made.rows);
        low.write(made.sum.low);
        high.write(made.sum.high);
        Ok(())
    })
}

/// The digest of a frame as one value, for pieces of a frame that are fingerprinted in several places.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct iw_digest {
    /// Rows of the frame.
    pub rows: u64,
    /// The low 64 bits of the sum, as of `iw_fingerprint_digest`.
    pub low: u64,
    /// The high 64 bits of the sum.
    pub high: u64,
    /// 64 or 128, the size of the hashes.
    pub bits: u32,
    /// 0, or `IW_FINGERPRINT_BY_NAME`.
    pub flags: u32,
}
const _: () = assert!(size_of::<iw_digest>() == 32 && align_of::<iw_digest>() == 8);

impl iw_digest {
    fn checked(&self) -> Result<Digest, Error> {
        let options = options(self.bits, self.flags, IW_FINGERPRINT_BY_NAME)?;
        Ok(Digest { rows: self.rows, sum: Sum { low: self.low, high: self.high }, options })
    }

    fn from(digest: Digest) -> Self {
        Self {
            rows: digest.rows,
            low: digest.sum.low,
            high: digest.sum.high,
            bits: if digest.options.wide { 128 } else { 64 },
            flags: if digest.options.by_name { IW_FINGERPRINT_BY_NAME } else { 0 },
        }
    }
}

fn options(bits: u32, flags: u32, known: u32) -> Result<Options, Error> {
    if bits != 64 && bits != 128 {
        return Err(Error::Invalid(format!("bits must be 64 or 128, got {bits}")));
    }
    if flags & !known != 0 {
        return Err(Error::Invalid(format!("flags must be IW_FINGERPRINT_* bits, got {flags}")));
    }
    Ok(Options { wide: bits == 128, by_name: flags & IW_FINGERPRINT_BY_NAME != 0 })
}

/// The digest of several frames one after the other; no order of frames or of merging matters.
///
/// @param digests of frames that were fingerprinted with the same bits and flags
/// @param count   number of digests, at least 1
/// @param out     receives the digest; may be one of `digests`
/// @return IW_OK; IW_INVALID for NULL, no digests, and bits or flags that differ or are none; IW_OVERFLOW for more than
///         2^53 rows
///
/// # Safety
/// `digests` is NULL or holds `count` digests. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_digests_merge(
    digests: *const iw_digest,
    count: usize,
    out: *mut iw_digest,
) -> iw_status {
    guard(|| {
        if digests.is_null() || !digests.is_aligned() || count == 0 {
            return Err(Error::Invalid("digests must be aligned and hold at least one digest".into()));
        }
        // SAFETY: not NULL; the caller promises count digests. Each is copied before anything is written.
        let each = |index: usize| unsafe { digests.add(index).read() };
        let mut whole = each(0).checked()?;
        for index in 1..count {
            whole.merge(&each(index).checked()?, &format!("digests[{index}]"))?;
        }
        // SAFETY: the caller's promise is the same.
        unsafe { lent::out(out, "out") }?.write(iw_digest::from(whole));
        Ok(())
    })
}

/// The digest as 43 bytes, to be kept or sent and read by `iw_digest_from_bytes` on any machine.
///
/// Versioned and checksummed; integers are little-endian.
///
/// @param digest a digest
/// @param out    receives the bytes, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL and for bits or flags that are none
///
/// # Safety
/// `digest` is NULL or readable. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_digest_to_bytes(digest: *const iw_digest, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (digest, out) = unsafe { (handle(digest, "digest")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_vec(digest.checked()?.to_bytes()));
        Ok(())
    })
}

/// The digest that `iw_digest_to_bytes` wrote.
///
/// @param data any bytes; nothing but what was written by this version is accepted
/// @param size number of bytes
/// @param out  receives the digest
/// @return IW_OK; IW_INVALID for NULL, a wrong version or checksum, and parts that cannot be
///
/// # Safety
/// `data` is NULL or points to `size` bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_digest_from_bytes(
    data: *const u8,
    size: usize,
    out: *mut iw_digest,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (data, out) = unsafe { (lent::bytes(data, size, "data")?, lent::out(out, "out")?) };
        out.write(iw_digest::from(Digest::from_bytes(data)?));
        Ok(())
    })
}

/// Lends the hashes: one uint64 a row, or 16 bytes a row with the highest first, as XXH3-128 is printed.
///
/// @param fingerprint from `iw_frames_fingerprint`, without `IW_FINGERPRINT_DIGEST_ONLY`
/// @param data        receives the first byte, aligned to 8 and valid until the fingerprint is freed
/// @param len         receives the number of bytes
/// @return IW_OK; IW_INVALID for NULL and when the hashes were not kept
///
/// # Safety
/// `fingerprint` is NULL or a live fingerprint. `data` and `len` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_fingerprint_hashes(
    fingerprint: *const iw_fingerprint,
    data: *mut *const c_void,
    len: *mut usize,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (data, len) = unsafe { (lent::out(data, "data")?, lent::out(len, "len")?) };
        // SAFETY: the caller's promise is the same.
        let made = &unsafe { handle(fingerprint, "fingerprint") }?.0;
        made.table()?; // refuses a digest
        data.write(made.hashes.as_ptr().cast());
        len.write(made.hashes.len());
        Ok(())
    })
}

/// The hashes as a stream of one batch, without a copy; as often as it is asked for.
///
/// Its one column is called "fingerprint": uint64, or fixed-size binary of 16 bytes. The stream keeps the hashes
/// alive by itself: it may outlive the fingerprint.
///
/// @param fingerprint from `iw_frames_fingerprint`, without `IW_FINGERPRINT_DIGEST_ONLY`
/// @param out         receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL and when the hashes were not kept
///
/// # Safety
/// `fingerprint` is NULL or a live fingerprint. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_fingerprint_stream(
    fingerprint: *const iw_fingerprint,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        unsafe {
            let table = handle(fingerprint, "fingerprint")?.0.table()?;
            export_stream(Frame::from(table).reader(), out, "out")
        }
    })
}

/// Frees a fingerprint; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `fingerprint` is NULL or a live fingerprint, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_fingerprint_free(fingerprint: *mut iw_fingerprint) {
    if !fingerprint.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_fingerprint; the caller promises it is live.
        drop(unsafe { Box::from_raw(fingerprint) });
    }
}
