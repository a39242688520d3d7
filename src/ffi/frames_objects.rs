//! Columns of Python objects: one pass over the pointers, values read in place, the next objects fetched ahead.

mod moments;
mod take;
mod text;

use super::frames::handle;
use super::frames_columns::iw_column;
use super::frames_python::{Object, Python, python};
use super::{guard, iw_status, lent};
use crate::error::Error;
use crate::frames::columns::growing::{Growing, Kind};
use crate::frames::columns::temporal;
pub(super) use moments::{date, datetime, is_naive, is_utc, time, timedelta};

/// Take the kind of the first value that is no null, and stop at a value of another.
pub const IW_OBJECTS_INFER: u32 = 0;
/// Integers and floats, as float64; stop at an integer that float64 does not hold exactly.
pub const IW_OBJECTS_FLOAT: u32 = 1;
/// Integers and decimals, as the narrowest decimals that hold them all, or as uint64.
pub const IW_OBJECTS_DECIMAL: u32 = 2;
/// Anything, as text by `str`, bytes by `repr`.
pub const IW_OBJECTS_TEXT: u32 = 3;

/// Everything was taken.
pub const IW_TAKEN: u32 = 0;
/// An object of a type that is not read natively.
pub const IW_TAKEN_UNKNOWN: u32 = 1;
/// A value of another kind than those before it.
pub const IW_TAKEN_MIXED: u32 = 2;
/// An integer that has no room.
pub const IW_TAKEN_WIDE: u32 = 3;
/// A value of another kind, after nothing but NaN that were to be kept.
pub const IW_TAKEN_NAN: u32 = 4;
/// Text or bytes of more than 2 GiB.
pub const IW_TAKEN_LONG: u32 = 5;
/// Python raised what is meant to end the program; it is still set.
pub const IW_TAKEN_RAISED: u32 = 6;

/// What became of the objects of one call.
#[repr(C)]
pub struct iw_taken {
    /// Objects taken, from the first on; the next one is what stopped it.
    pub count: usize,
    /// One of the `IW_TAKEN_*`.
    pub reason: u32,
    /// Texts so far in which surrogates were escaped.
    pub escaped: u32,
    /// Objects so far that `str` failed on.
    pub failed: u32,
}

/// A column of Python objects under construction.
pub struct iw_objects {
    growing: Growing,
    mode: u32,
    /// Whether NaN among floats stays NaN.
    keep_nan: bool,
    /// Whether a float that is a number was seen.
    reals: bool,
    nulls: Vec<usize>,
    escaped: u32,
    failed: u32,
}

/// Begins a column of Python objects.
///
/// `None`, NULL and the objects named are nulls, and so is NaN: everywhere but among floats, and there too unless
/// `keep_nan`.
///
/// @param mode       one of the `IW_OBJECTS_*`
/// @param keep_nan   whether NaN in a column of floats stays NaN
/// @param nulls      objects that are nulls by identity; they must outlive the column's construction
/// @param null_count number of them
/// @param out        receives the column under construction, to be freed by `iw_objects_free`
/// @return IW_OK; IW_INVALID for an unknown mode or NULL
///
/// # Safety
/// `nulls` is NULL or holds `null_count` addresses. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_objects_new(
    mode: u32,
    keep_nan: i32,
    nulls: *const *mut core::ffi::c_void,
    null_count: usize,
    out: *mut *mut iw_objects,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        let kind = match mode {
            IW_OBJECTS_INFER => Kind::Nothing,
            IW_OBJECTS_FLOAT => Kind::Float,
            IW_OBJECTS_DECIMAL => Kind::Decimal,
            IW_OBJECTS_TEXT => Kind::Text,
            other => return Err(Error::Invalid(format!("mode must be in 0..=3, got {other}"))),
        };
        if nulls.is_null() && null_count > 0 {
            return Err(Error::Invalid("nulls must not be NULL".into()));
        }
        // SAFETY: not NULL where counted; the caller promises as many addresses.
        let nulls = (0..null_count).map(|index| unsafe { *nulls.add(index) }.addr()).collect();
        let growing = Growing::new(kind);
        let made =
            iw_objects { growing, mode, keep_nan: keep_nan != 0, reals: false, nulls, escaped: 0, failed: 0 };
        out.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

/// Adds objects that lie as pointers in memory, and closes a piece behind them.
///
/// Call it while holding the interpreter lock. It runs Python code (`str`) in the modes IW_OBJECTS_DECIMAL and
/// IW_OBJECTS_TEXT only; give these objects that such code cannot take away, as those of `iw_objects_add_items`.
///
/// @param objects from `iw_objects_new`
/// @param first   address of the first pointer; a pointer may be NULL, for `None`
/// @param stride  bytes from one pointer to the next
/// @param count   number of pointers
/// @param taken   receives how far it came and why no further
/// @return IW_OK; IW_INVALID for NULL or misaligned pointers; IW_MEMORY
///
/// # Safety
/// `objects` is NULL or live and used by this call alone. The pointers are readable and point to live objects, or are
/// NULL, until the call returns. `taken` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_objects_add(
    objects: *mut iw_objects,
    first: *const *mut core::ffi::c_void,
    stride: isize,
    count: usize,
    taken: *mut iw_taken,
) -> iw_status {
    guard(|| {
        let word = size_of::<Object>();
        if count > 0
            && (first.is_null() || !first.is_aligned() || !(stride.unsigned_abs()).is_multiple_of(word))
        {
            return Err(Error::Invalid("first must not be NULL or misaligned".into()));
        }
        let python = python()?;
        // SAFETY: the caller's promises are the same, and it holds the lock.
        unsafe {
            if count == 0 {
                return add(python, objects, &[], taken);
            }
            if stride == word as isize {
                return add(python, objects, std::slice::from_raw_parts(first, count), taken);
            }
            let at = |index: usize| *first.byte_offset(index as isize * stride);
            add(python, objects, &gathered(count, at)?, taken)
        }
    })
}

/// Adds items of a list or tuple, and closes a piece behind them.
///
/// As `iw_objects_add`, of which it is the slower form: the items are asked for one by one.
///
/// @param objects from `iw_objects_new`
/// @param items   a list or a tuple; in modes that run Python code a tuple nobody else has
/// @param tuple   whether it is a tuple
/// @param start   index of the first item to add
/// @param count   number of items
/// @param taken   receives how far it came and why no further
/// @return IW_OK; IW_INVALID for NULL and when there are fewer items; IW_MEMORY
///
/// # Safety
/// `objects` is NULL or live and used by this call alone. `items` is NULL or live. `taken` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_objects_add_items(
    objects: *mut iw_objects,
    items: *mut core::ffi::c_void,
    tuple: i32,
    start: usize,
    count: usize,
    taken: *mut iw_taken,
) -> iw_status {
    guard(|| {
        let python = python()?;
        if items.is_null() {
            return Err(Error::Invalid("items must not be NULL".into()));
        }
        let item = if tuple != 0 { python.tuple_item } else { python.list_item };
        // SAFETY: a live list or tuple, under the lock; the references are borrowed from it, and no code that could
        // change a list runs before they are no longer needed.
        unsafe {
            let found = gathered(count, |index| item(items, start.saturating_add(index) as isize))?;
            if let Some(end) = found.iter().position(|object| object.is_null()) {
                (python.error_clear)();
                return Err(Error::Invalid(format!("items has no item {}", start.saturating_add(end))));
            }
            add(python, objects, &found, taken)
        }
    })
}

fn gathered(count: usize, at: impl Fn(usize) -> Object) -> Result<Vec<Object>, Error> {
    let mut found = Vec::new();
    found.try_reserve_exact(count).map_err(|_| Error::Memory(format!("no memory for {count} pointers")))?;
    found.extend((0..count).map(at));
    Ok(found)
}

/// # Safety
/// As `iw_objects_add`.
unsafe fn add(
    python: &Python,
    objects: *mut iw_objects,
    found: &[Object],
    taken: *mut iw_taken,
) -> Result<(), Error> {
    // SAFETY: the caller's promises are the same.
    let (this, taken) = unsafe { (lent::out(objects, "objects")?, lent::out(taken, "taken")?) };
    // SAFETY: live, so initialised.
    let this = unsafe { this.assume_init_mut() };
    // SAFETY: live objects, under the lock.
    let (count, reason) = unsafe { this.take(python, found) }?;
    if reason == IW_TAKEN {
        this.growing.close();
    }
    taken.write(iw_taken { count, reason, escaped: this.escaped, failed: this.failed });
    Ok(())
}

/// Turns the objects added into a column. They are used up, whatever the status; free the handle all the same.
///
/// @param objects     from `iw_objects_new`
/// @param format      an Arrow format of dates or times that integers stand for (`tsu:UTC`), or empty for none
/// @param format_size bytes of it
/// @param out         receives the column, to be freed by `iw_column_free`
/// @return IW_OK; IW_INVALID for NULL; IW_TYPE for an unknown format or no integers; IW_OVERFLOW when decimals or
///         dates have no room
///
/// # Safety
/// `objects` is NULL or live and used by this call alone. `format` is readable. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_objects_finish(
    objects: *mut iw_objects,
    format: *const u8,
    format_size: usize,
    out: *mut *mut iw_column,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (this, format, out) = unsafe {
            handle(objects, "objects")?;
            ((&mut *objects), lent::text(format, format_size, "format")?, lent::out(out, "out")?)
        };
        let growing = std::mem::replace(&mut this.growing, Growing::new(Kind::Nothing));
        let retyped = if format.is_empty() { None } else { Some(temporal(format)?) };
        out.write(iw_column::boxed(growing.finish(retyped)?));
        Ok(())
    })
}

/// Frees a column under construction; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `objects` is NULL or live, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_objects_free(objects: *mut iw_objects) {
    if !objects.is_null() {
        // SAFETY: made by Box::into_raw in iw_objects_new; the caller promises it is live.
        drop(unsafe { Box::from_raw(objects) });
    }
}
