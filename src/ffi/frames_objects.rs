//! Columns of Python objects: one pass over the pointers, values read in place, the next objects fetched ahead.
//!
//! The lines these objects lie on are what a column of them costs: scattered over the heap, each is a miss. So the
//! pass asks for the object [`AHEAD`] places on before it looks at this one, and looks once.

use super::frames::handle;
use super::frames_columns::iw_column;
use super::frames_python::{Object, Python, python};
use super::frames_text::{Form, borrowed, longest, passed, transcode};
use super::{guard, iw_status, lent};
use crate::error::Error;
use crate::frames::columns::growing::{Growing, Kind, MOST_BYTES};
use crate::frames::columns::temporal;
use core::ffi::c_int;

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

/// Objects between the one that is looked at and the one that is asked for.
const AHEAD: usize = 16;

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

/// What a type's objects are, and whether they are read as that type's own objects are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    Bytes,
    Bool,
    Int,
    Float,
    Date,
    Datetime,
    Time,
    Span,
    Decimal,
    Other,
}

const LONG_SUBCLASS: u32 = 1 << 24;
const BYTES_SUBCLASS: u32 = 1 << 27;
const TEXT_SUBCLASS: u32 = 1 << 28;

/// # Safety
/// `kind` is a live type and the caller holds the interpreter lock.
unsafe fn classify(python: &Python, kind: Object) -> Class {
    let temporal = |class| if python.temporal { class } else { Class::Other };
    match kind {
        _ if kind == python.type_str => Class::Text,
        _ if kind == python.type_int => Class::Int,
        _ if kind == python.type_float => Class::Float,
        _ if kind == python.type_bool => Class::Bool,
        _ if kind == python.type_bytes => Class::Bytes,
        _ if kind == python.type_date => temporal(Class::Date),
        _ if kind == python.type_datetime => temporal(Class::Datetime),
        _ if kind == python.type_time => temporal(Class::Time),
        _ if kind == python.type_timedelta => temporal(Class::Span),
        _ if kind == python.type_decimal => Class::Decimal,
        _ => {
            // SAFETY: under the lock, on a live type; neither call runs Python code.
            let (flags, float) =
                unsafe { ((python.type_flags)(kind) as u32, (python.is_subtype)(kind, python.type_float)) };
            match flags {
                _ if flags & TEXT_SUBCLASS != 0 => Class::Text,
                _ if flags & LONG_SUBCLASS != 0 => Class::Int,
                _ if flags & BYTES_SUBCLASS != 0 => Class::Bytes,
                _ if float != 0 => Class::Float,
                _ => Class::Other,
            }
        }
    }
}

/// Why a value was not taken.
enum Stop {
    Reason(u32),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

const MIXED: Stop = Stop::Reason(IW_TAKEN_MIXED);
const UNKNOWN: Stop = Stop::Reason(IW_TAKEN_UNKNOWN);

impl iw_objects {
    /// Takes objects until one stops it.
    ///
    /// # Safety
    /// The objects are live, or NULL for `None`, until this returns, and the caller holds the interpreter lock.
    unsafe fn take(&mut self, python: &Python, objects: &[Object]) -> Result<(usize, u32), Error> {
        self.growing.reserve(objects.len())?;
        let (mut last, mut class) = (std::ptr::null_mut(), Class::Other);
        for (row, &object) in objects.iter().enumerate() {
            if let Some(&next) = objects.get(row + AHEAD) {
                prefetch(next);
            }
            if object == python.none || object.is_null() || self.nulls.contains(&object.addr()) {
                self.growing.push_null();
                continue;
            }
            // SAFETY: a live object, under the lock.
            let kind = unsafe { python.kind(object) };
            if kind != last {
                // SAFETY: the type of a live object, under the lock.
                (last, class) = (kind, unsafe { classify(python, kind) });
            }
            // SAFETY: a live object of this class, under the lock.
            match unsafe { self.push(python, object, class, objects.len() - row) } {
                Ok(()) => (),
                Err(Stop::Reason(reason)) => return Ok((row, reason)),
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        Ok((objects.len(), IW_TAKEN))
    }

    /// # Safety
    /// `object` is live and of `class`, and the caller holds the interpreter lock.
    #[inline]
    unsafe fn push(
        &mut self,
        python: &Python,
        object: Object,
        class: Class,
        left: usize,
    ) -> Result<(), Stop> {
        if self.mode != IW_OBJECTS_INFER {
            // SAFETY: the caller's promise is the same.
            return unsafe { self.push_as_told(python, object, class) };
        }
        let of = |kind: Kind, this: &mut Self| -> Result<(), Stop> {
            if this.growing.kind() == kind {
                return Ok(());
            }
            if this.growing.kind() != Kind::Nothing {
                let only_nan = this.growing.kind() == Kind::Float && !this.reals;
                return Err(Stop::Reason(if only_nan { IW_TAKEN_NAN } else { IW_TAKEN_MIXED }));
            }
            this.growing.become_kind(kind)?;
            Ok(this.growing.reserve(left)?)
        };
        // SAFETY: each class is read as its type keeps it, on a live object under the lock.
        unsafe {
            match class {
                Class::Text => {
                    of(Kind::Text, self)?;
                    self.push_text(python, object)
                }
                Class::Bytes => {
                    of(Kind::Binary, self)?;
                    match borrowed(python, object) {
                        Some(bytes) => self.push_bytes(bytes),
                        None => Err(UNKNOWN),
                    }
                }
                Class::Bool => {
                    of(Kind::Bool, self)?;
                    self.growing.push_bool(object == python.truth);
                    Ok(())
                }
                Class::Int => {
                    let value = integer(python, object)?;
                    of(Kind::Int, self)?;
                    self.growing.push_word(value);
                    Ok(())
                }
                Class::Float => {
                    let value = (python.double_of)(object);
                    if value.is_nan() && !self.keep_nan {
                        self.growing.push_null();
                        return Ok(());
                    }
                    of(Kind::Float, self)?;
                    self.reals |= !value.is_nan();
                    self.growing.push_float(value);
                    Ok(())
                }
                Class::Date => {
                    of(Kind::Date, self)?;
                    self.growing.push_day(date(object));
                    Ok(())
                }
                Class::Datetime => {
                    let kind = match is_naive(object) {
                        true => Kind::Naive,
                        false if is_utc(object, python.utc) => Kind::Instant,
                        false => return Err(UNKNOWN),
                    };
                    of(kind, self)?;
                    self.growing.push_word(datetime(object));
                    Ok(())
                }
                Class::Time => {
                    if !is_naive(object) {
                        return Err(UNKNOWN);
                    }
                    of(Kind::Time, self)?;
                    self.growing.push_word(time(object));
                    Ok(())
                }
                Class::Span => {
                    of(Kind::Span, self)?;
                    let value = i64::try_from(timedelta(object)).map_err(|_| Stop::Reason(IW_TAKEN_WIDE))?;
                    self.growing.push_word(value);
                    Ok(())
                }
                Class::Decimal | Class::Other => Err(UNKNOWN),
            }
        }
    }

    /// # Safety
    /// `object` is live and of `class`, and the caller holds the interpreter lock.
    unsafe fn push_as_told(&mut self, python: &Python, object: Object, class: Class) -> Result<(), Stop> {
        // SAFETY: each class is read as its type keeps it, on a live object under the lock.
        unsafe {
            match (self.mode, class) {
                (IW_OBJECTS_FLOAT, Class::Int) => {
                    let value = integer(python, object)?;
                    if value.unsigned_abs() > 1 << 53 {
                        return Err(Stop::Reason(IW_TAKEN_WIDE));
                    }
                    self.growing.push_float(value as f64);
                    Ok(())
                }
                (_, Class::Float) if self.mode != IW_OBJECTS_TEXT || !self.keep_nan => {
                    let value = (python.double_of)(object);
                    match self.mode {
                        _ if value.is_nan() && !self.keep_nan => self.growing.push_null(),
                        IW_OBJECTS_FLOAT => self.growing.push_float(value),
                        IW_OBJECTS_TEXT => return self.push_str(python, object, python.str),
                        _ => return Err(MIXED),
                    }
                    Ok(())
                }
                (IW_OBJECTS_DECIMAL, Class::Int | Class::Decimal) => {
                    self.push_str(python, object, python.str)
                }
                (IW_OBJECTS_TEXT, Class::Text) => self.push_text(python, object),
                (IW_OBJECTS_TEXT, Class::Bytes) => self.push_str(python, object, python.repr),
                (IW_OBJECTS_TEXT, _) => self.push_str(python, object, python.str),
                (_, Class::Other) => Err(UNKNOWN),
                _ => Err(MIXED),
            }
        }
    }

    /// Appends the UTF-8 of a text.
    ///
    /// # Safety
    /// `object` is a live text and the caller holds the interpreter lock.
    #[inline]
    unsafe fn push_text(&mut self, python: &Python, object: Object) -> Result<(), Stop> {
        // SAFETY: a live text, whose layout was tested.
        match python.text.map_or(Form::Unknown, |layout| unsafe { layout.form(object) }) {
            Form::Ascii(at, len) => {
                self.room(len)?;
                let bytes = &mut self.growing.bytes;
                // SAFETY: `len` bytes lie at `at`, and there is room for them just made.
                unsafe {
                    copy(at, bytes.as_mut_ptr().add(bytes.len()), len);
                    bytes.set_len(bytes.len() + len);
                }
                self.growing.end_bytes();
                Ok(())
            }
            Form::Wide(width, at, len) => {
                self.room(longest(width, len))?;
                let start = self.growing.bytes.len();
                // SAFETY: `len` code points of this width lie at `at`.
                let odd = unsafe { transcode(width, at, len, &mut self.growing.bytes) };
                self.end_text(start, odd)
            }
            // SAFETY: a live text, under the lock.
            Form::Unknown => unsafe { self.push_encoded(python, object) },
        }
    }

    /// Ends a text that started at `start`, unless escapes made it too long.
    fn end_text(&mut self, start: usize, odd: bool) -> Result<(), Stop> {
        if self.growing.bytes.len() > MOST_BYTES {
            self.growing.bytes.truncate(start);
            return Err(Stop::Reason(IW_TAKEN_LONG));
        }
        self.escaped = self.escaped.saturating_add(u32::from(odd));
        self.growing.end_bytes();
        Ok(())
    }

    /// Appends the UTF-8 of a text as Python makes it, keeping no copy of it in the text.
    ///
    /// Surrogates pass, and are escaped here: an exception would be an object that the garbage collector knows, and
    /// making one may run code that takes away what is being read.
    ///
    /// # Safety
    /// `object` is a live text and the caller holds the interpreter lock.
    #[cold]
    unsafe fn push_encoded(&mut self, python: &Python, object: Object) -> Result<(), Stop> {
        // SAFETY: under the lock, on a live text; the call gives a new reference to bytes or raises.
        unsafe {
            let made = (python.encoded)(object, c"utf-8".as_ptr(), c"surrogatepass".as_ptr());
            if made.is_null() {
                return Err(if python.forgive() { UNKNOWN } else { Stop::Reason(IW_TAKEN_RAISED) });
            }
            let pushed = match borrowed(python, made).map(passed) {
                Some((bytes, odd)) => self.push_bytes(&bytes).map(|()| odd),
                None => Err(UNKNOWN),
            };
            (python.dec_ref)(made);
            self.escaped = self.escaped.saturating_add(u32::from(pushed?));
            Ok(())
        }
    }

    /// Appends what `spell` makes of an object; an object that raises is spelled by its failure.
    ///
    /// # Safety
    /// `object` is live and owned by more than what Python code may change; the caller holds the interpreter lock.
    unsafe fn push_str(
        &mut self,
        python: &Python,
        object: Object,
        spell: unsafe extern "C" fn(Object) -> Object,
    ) -> Result<(), Stop> {
        // SAFETY: under the lock, on a live object; the result is a new reference to a text, or NULL with an error.
        unsafe {
            let text = spell(object);
            if text.is_null() {
                if !python.forgive() {
                    return Err(Stop::Reason(IW_TAKEN_RAISED));
                }
                if self.mode == IW_OBJECTS_DECIMAL {
                    return Err(MIXED); // an integer of more digits than Python likes to spell
                }
                self.failed = self.failed.saturating_add(1);
                return self.push_bytes(b"<str() failed>");
            }
            let pushed = self.push_text(python, text);
            (python.dec_ref)(text);
            pushed
        }
    }

    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.room(bytes.len())?;
        self.growing.bytes.extend_from_slice(bytes);
        self.growing.end_bytes();
        Ok(())
    }

    /// Makes room for that many bytes, in a new piece if this one would grow too long.
    #[inline]
    fn room(&mut self, bytes: usize) -> Result<(), Stop> {
        let held = &mut self.growing.bytes;
        if held.capacity() - held.len() >= bytes && held.len() + bytes <= MOST_BYTES {
            return Ok(());
        }
        self.make_room(bytes)
    }

    #[cold]
    fn make_room(&mut self, bytes: usize) -> Result<(), Stop> {
        if bytes > MOST_BYTES {
            return Err(Stop::Reason(IW_TAKEN_LONG));
        }
        if self.growing.bytes.len() + bytes > MOST_BYTES {
            self.growing.close();
        }
        let least = bytes.max(1 << 16);
        let made = self.growing.bytes.try_reserve(least);
        Ok(made.map_err(|_| Error::Memory(format!("no memory for {least} bytes of text")))?)
    }
}

/// # Safety
/// `object` is a live integer and the caller holds the interpreter lock.
#[inline]
unsafe fn integer(python: &Python, object: Object) -> Result<i64, Stop> {
    let mut overflow: c_int = 0;
    // SAFETY: under the lock, on a live integer; with it the call raises nothing.
    let value = unsafe { (python.long_long)(object, &mut overflow) };
    if overflow == 0 { Ok(value) } else { Err(Stop::Reason(IW_TAKEN_WIDE)) }
}

#[inline]
fn prefetch(object: Object) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint; no address it is given is ever read through.
        unsafe {
            _mm_prefetch(object.cast::<i8>(), _MM_HINT_T0);
            _mm_prefetch(object.wrapping_byte_add(48).cast::<i8>(), _MM_HINT_T0);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = object;
}

/// Copies a text: most are so short that a call to `memcpy` costs more than they do.
///
/// # Safety
/// `from` and `to` hold `len` bytes and do not overlap.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: each pair of moves covers all bytes and none beyond them; the second may overlap the first.
    unsafe {
        match len {
            0 => (),
            1..=3 => {
                *to = *from;
                *to.add(len / 2) = *from.add(len / 2);
                *to.add(len - 1) = *from.add(len - 1);
            }
            4..=7 => pair::<u32>(from, to, len),
            8..=15 => pair::<u64>(from, to, len),
            16..=32 => pair::<u128>(from, to, len),
            _ => std::ptr::copy_nonoverlapping(from, to, len),
        }
    }
}

/// # Safety
/// `from` and `to` hold `len` bytes, at least one `T` and at most two, and do not overlap.
#[inline]
unsafe fn pair<T: Copy>(from: *const u8, to: *mut u8, len: usize) {
    let last = len - size_of::<T>();
    // SAFETY: both places lie within `len` bytes.
    unsafe {
        let (head, tail) = (from.cast::<T>().read_unaligned(), from.add(last).cast::<T>().read_unaligned());
        to.cast::<T>().write_unaligned(head);
        to.add(last).cast::<T>().write_unaligned(tail);
    }
}

// The types of datetime keep their fields as bytes behind the header, the hash and a flag for the time zone, in this
// order since Python 2.3. It is tested on live objects before it is relied on.

const FLAG: usize = 24;
const FIELDS: usize = 25;
const ZONE: usize = 40;

/// # Safety
/// `object` is laid out as a date, of which `COUNT` bytes from [`FIELDS`] on are readable.
#[inline]
unsafe fn fields<const COUNT: usize>(object: Object) -> [u8; COUNT] {
    // SAFETY: the caller's promise.
    unsafe { object.byte_add(FIELDS).cast::<[u8; COUNT]>().read_unaligned() }
}

/// Whether a datetime or time has no time zone.
///
/// # Safety
/// `object` is a live datetime or time of the tested layout.
#[inline]
pub(super) unsafe fn is_naive(object: Object) -> bool {
    // SAFETY: the caller's promise.
    unsafe { *object.byte_add(FLAG).cast::<u8>() == 0 }
}

/// Whether an aware datetime's time zone is `utc` itself.
///
/// # Safety
/// `object` is a live, aware datetime of the tested layout.
#[inline]
pub(super) unsafe fn is_utc(object: Object, utc: Object) -> bool {
    // SAFETY: the caller's promise; aware ones have the field.
    unsafe { *object.byte_add(ZONE).cast::<Object>() == utc }
}

/// Days since 1970.
///
/// # Safety
/// `object` is a live date or datetime of the tested layout.
#[inline]
pub(super) unsafe fn date(object: Object) -> i32 {
    // SAFETY: the caller's promise.
    let [high, low, month, day] = unsafe { fields::<4>(object) };
    days(i32::from(high) << 8 | i32::from(low), i32::from(month), i32::from(day))
}

/// Days since 1970 of a date in the Gregorian calendar, from year 1 on (Hinnant, chrono-compatible date algorithms).
#[inline]
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2); // years begin in March, so that leap days end them
    let (era, in_era) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

#[inline]
fn clock(hour: u8, minute: u8, second: u8, micro: [u8; 3]) -> i64 {
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    let [high, middle, low] = micro.map(i64::from);
    seconds * 1_000_000 + (high << 16 | middle << 8 | low)
}

/// Microseconds since 1970 by the datetime's own clock.
///
/// # Safety
/// `object` is a live datetime of the tested layout.
#[inline]
pub(super) unsafe fn datetime(object: Object) -> i64 {
    // SAFETY: the caller's promise.
    let [_, _, _, _, hour, minute, second, micro @ ..] = unsafe { fields::<10>(object) };
    // SAFETY: the caller's promise.
    i64::from(unsafe { date(object) }) * 86_400_000_000 + clock(hour, minute, second, micro)
}

/// Microseconds since midnight.
///
/// # Safety
/// `object` is a live time of the tested layout.
#[inline]
pub(super) unsafe fn time(object: Object) -> i64 {
    // SAFETY: the caller's promise.
    let [hour, minute, second, micro @ ..] = unsafe { fields::<6>(object) };
    clock(hour, minute, second, micro)
}

/// Microseconds of a timedelta, which reach past 64 bits.
///
/// # Safety
/// `object` is a live timedelta of the tested layout.
#[inline]
pub(super) unsafe fn timedelta(object: Object) -> i128 {
    // SAFETY: the caller's promise.
    let [days, seconds, micros] = unsafe { object.byte_add(FLAG).cast::<[i32; 3]>().read() };
    (i128::from(days) * 86_400 + i128::from(seconds)) * 1_000_000 + i128::from(micros)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!([days(1970, 1, 1), days(1969, 12, 31), days(2000, 2, 29)], [0, -1, 11_016]);
        assert_eq!([days(1, 1, 1), days(9999, 12, 31), days(1900, 3, 1)], [-719_162, 2_932_896, -25_508]);
        let mut expected = days(1896, 1, 1);
        for year in 1896..2105 {
            for month in 1..=12 {
                let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                let length = match month {
                    2 => 28 + i32::from(leap),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                for day in 1..=length {
                    assert_eq!(days(year, month, day), expected, "{year}-{month}-{day}");
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn fields_are_read_from_where_python_keeps_them() {
        let mut bytes = [0_u8; 48];
        bytes[FIELDS..FIELDS + 10].copy_from_slice(&[7, 229, 3, 4, 5, 6, 7, 0x0D, 0x95, 0x0B]);
        let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word)).collect();
        let object: Object = words.as_ptr().cast_mut().cast();
        // SAFETY: laid out as a datetime is.
        unsafe {
            assert!(is_naive(object) && is_utc(object, std::ptr::null_mut()));
            assert_eq!((date(object), datetime(object)), (18_690, 1_614_834_367_890_123));
        }
    }

    proptest! {
        #[test]
        fn every_length_is_copied_whole(data in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut to = vec![0xAA; data.len() + 1];
            // SAFETY: both hold as many bytes.
            unsafe { copy(data.as_ptr(), to.as_mut_ptr(), data.len()) };
            prop_assert_eq!(&to[..data.len()], &data[..]);
            prop_assert_eq!(to[data.len()], 0xAA);
        }
    }
}
