//! What the library knows of the interpreter that called it: a few functions of its stable C API, passed in by
//! address, and where objects keep what they hold, as far as a test on live objects has shown it to be so.
//!
//! The library links no Python. Whatever here touches an object runs in a call that holds the interpreter lock.
//! References that the library holds are let go on any thread, with or without the lock: they are queued, and
//! the interpreter is asked to come by.

mod held;

use super::frames_text::Layout;
use super::{guard, iw_status, lent};
use crate::error::Error;
use core::ffi::{c_char, c_int, c_long, c_longlong, c_ulong, c_void};
pub(super) use held::Held;
pub use held::{iw_python_close, iw_python_release};
use std::sync::OnceLock;

/// A Python object.
pub(super) type Object = *mut c_void;

/// Addresses in the interpreter: functions of its stable C API, types, and objects to test a layout on.
///
/// All objects must live as long as the process, but for the samples, which are looked at during the call.
#[repr(C)]
pub struct iw_python {
    /// `Py_IncRef`.
    pub inc_ref: *mut c_void,
    /// `Py_DecRef`.
    pub dec_ref: *mut c_void,
    /// `Py_AddPendingCall`, or NULL where it must not be called while the interpreter ends (before Python 3.9).
    pub add_pending_call: *mut c_void,
    /// `PyObject_Type`.
    pub type_of: *mut c_void,
    /// `PyType_GetFlags`.
    pub type_flags: *mut c_void,
    /// `PyType_IsSubtype`.
    pub is_subtype: *mut c_void,
    /// `PyObject_Str`.
    pub str: *mut c_void,
    /// `PyObject_Repr`.
    pub repr: *mut c_void,
    /// `PyUnicode_AsUTF8String`.
    pub utf8: *mut c_void,
    /// `PyUnicode_AsEncodedString`.
    pub encoded: *mut c_void,
    /// `PyBytes_AsStringAndSize`.
    pub bytes: *mut c_void,
    /// `PyLong_AsLongLongAndOverflow`.
    pub long_long: *mut c_void,
    /// `PyFloat_AsDouble`.
    pub double_of: *mut c_void,
    /// `PyList_GetItem`.
    pub list_item: *mut c_void,
    /// `PyTuple_GetItem`.
    pub tuple_item: *mut c_void,
    /// `PyErr_ExceptionMatches`.
    pub error_matches: *mut c_void,
    /// `PyErr_Clear`.
    pub error_clear: *mut c_void,
    /// `None`.
    pub none: *mut c_void,
    /// `True`.
    pub truth: *mut c_void,
    /// `str`.
    pub type_str: *mut c_void,
    /// `bytes`.
    pub type_bytes: *mut c_void,
    /// `bool`.
    pub type_bool: *mut c_void,
    /// `int`.
    pub type_int: *mut c_void,
    /// `float`.
    pub type_float: *mut c_void,
    /// `datetime.date`.
    pub type_date: *mut c_void,
    /// `datetime.datetime`.
    pub type_datetime: *mut c_void,
    /// `datetime.time`.
    pub type_time: *mut c_void,
    /// `datetime.timedelta`.
    pub type_timedelta: *mut c_void,
    /// `decimal.Decimal`.
    pub type_decimal: *mut c_void,
    /// `datetime.timezone.utc`.
    pub utc: *mut c_void,
    /// `Exception`.
    pub type_exception: *mut c_void,
    /// `object.__basicsize__`.
    pub header: usize,
    /// Texts of every internal form, the empty one first.
    pub samples: *const *mut c_void,
    /// `sys.getsizeof` of each sample.
    pub sample_sizes: *const usize,
    /// Number of samples.
    pub sample_count: usize,
    /// `datetime.datetime(2021, 3, 4, 5, 6, 7, 890123)`, or NULL where the types of datetime have other sizes.
    pub sample_datetime: *mut c_void,
    /// The same with `tzinfo=utc`.
    pub sample_instant: *mut c_void,
    /// `datetime.date(1987, 6, 5)`.
    pub sample_date: *mut c_void,
    /// `datetime.time(23, 59, 58, 987654)`.
    pub sample_time: *mut c_void,
    /// `datetime.timedelta(-3, 7, 11)`.
    pub sample_timedelta: *mut c_void,
}

type Unary = unsafe extern "C" fn(Object) -> Object;
type Pending = unsafe extern "C" fn(*mut c_void) -> c_int;

/// The same, typed.
pub(super) struct Python {
    pub(super) inc_ref: unsafe extern "C" fn(Object),
    pub(super) dec_ref: unsafe extern "C" fn(Object),
    add_pending_call: Option<unsafe extern "C" fn(Pending, *mut c_void) -> c_int>,
    type_of: Unary,
    pub(super) type_flags: unsafe extern "C" fn(Object) -> c_ulong,
    pub(super) is_subtype: unsafe extern "C" fn(Object, Object) -> c_int,
    pub(super) str: Unary,
    pub(super) repr: Unary,
    pub(super) utf8: Unary,
    pub(super) encoded: unsafe extern "C" fn(Object, *const c_char, *const c_char) -> Object,
    pub(super) bytes: unsafe extern "C" fn(Object, *mut *mut c_char, *mut isize) -> c_int,
    pub(super) long_long: unsafe extern "C" fn(Object, *mut c_int) -> c_longlong,
    pub(super) double_of: unsafe extern "C" fn(Object) -> f64,
    pub(super) list_item: unsafe extern "C" fn(Object, isize) -> Object,
    pub(super) tuple_item: unsafe extern "C" fn(Object, isize) -> Object,
    error_matches: unsafe extern "C" fn(Object) -> c_int,
    pub(super) error_clear: unsafe extern "C" fn(),
    pub(super) none: Object,
    pub(super) truth: Object,
    pub(super) type_str: Object,
    pub(super) type_bytes: Object,
    pub(super) type_bool: Object,
    pub(super) type_int: Object,
    pub(super) type_float: Object,
    pub(super) type_date: Object,
    pub(super) type_datetime: Object,
    pub(super) type_time: Object,
    pub(super) type_timedelta: Object,
    pub(super) type_decimal: Object,
    pub(super) utc: Object,
    type_exception: Object,
    /// Whether an object's second word is its type.
    direct: bool,
    /// Where text keeps its code points, if that is known.
    pub(super) text: Option<Layout>,
    /// Whether the types of datetime keep their fields where they were found to.
    pub(super) temporal: bool,
}

// SAFETY: addresses that never change. What lies there is touched under the interpreter lock alone.
unsafe impl Send for Python {}
// SAFETY: as above; nothing here is written after it was made.
unsafe impl Sync for Python {}

static PYTHON: OnceLock<Python> = OnceLock::new();

/// The interpreter, once it has introduced itself.
pub(super) fn python() -> Result<&'static Python, Error> {
    PYTHON.get().ok_or_else(|| Error::Invalid("python must be set by iw_python_set first".into()))
}

/// The function at an address, or `None` at NULL where `F` is an `Option` of one.
///
/// # Safety
/// `address` is that of a function of type `F`, and not NULL unless `F` is an `Option`.
unsafe fn function<F: Copy>(address: *mut c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    // SAFETY: of one size, and the caller promises the type.
    unsafe { std::mem::transmute_copy(&address) }
}

impl Python {
    /// Types and functions as they were passed, nothing known about layouts.
    ///
    /// # Safety
    /// Every address is of what its field says.
    unsafe fn typed(given: &iw_python) -> Result<Self, Error> {
        let must = |address: *mut c_void, what: &str| match address.is_null() {
            true => Err(Error::Invalid(format!("python.{what} must not be NULL"))),
            false => Ok(address),
        };
        // SAFETY: the caller promises functions of these types; none that must not be NULL is.
        Ok(unsafe {
            Self {
                inc_ref: function(must(given.inc_ref, "inc_ref")?),
                dec_ref: function(must(given.dec_ref, "dec_ref")?),
                add_pending_call: function(given.add_pending_call), // NULL is None
                type_of: function(must(given.type_of, "type_of")?),
                type_flags: function(must(given.type_flags, "type_flags")?),
                is_subtype: function(must(given.is_subtype, "is_subtype")?),
                str: function(must(given.str, "str")?),
                repr: function(must(given.repr, "repr")?),
                utf8: function(must(given.utf8, "utf8")?),
                encoded: function(must(given.encoded, "encoded")?),
                bytes: function(must(given.bytes, "bytes")?),
                long_long: function(must(given.long_long, "long_long")?),
                double_of: function(must(given.double_of, "double_of")?),
                list_item: function(must(given.list_item, "list_item")?),
                tuple_item: function(must(given.tuple_item, "tuple_item")?),
                error_matches: function(must(given.error_matches, "error_matches")?),
                error_clear: function(must(given.error_clear, "error_clear")?),
                none: must(given.none, "none")?,
                truth: must(given.truth, "truth")?,
                type_str: must(given.type_str, "type_str")?,
                type_bytes: must(given.type_bytes, "type_bytes")?,
                type_bool: must(given.type_bool, "type_bool")?,
                type_int: must(given.type_int, "type_int")?,
                type_float: must(given.type_float, "type_float")?,
                type_date: must(given.type_date, "type_date")?,
                type_datetime: must(given.type_datetime, "type_datetime")?,
                type_time: must(given.type_time, "type_time")?,
                type_timedelta: must(given.type_timedelta, "type_timedelta")?,
                type_decimal: must(given.type_decimal, "type_decimal")?,
                utc: must(given.utc, "utc")?,
                type_exception: must(given.type_exception, "type_exception")?,
                direct: false,
                text: None,
                temporal: false,
            }
        })
    }

    /// Finds out what may be read in place.
    ///
    /// # Safety
    /// The samples are what their fields say. The caller holds the interpreter lock.
    unsafe fn look(&mut self, given: &iw_python, samples: &[Object], sizes: &[usize]) {
        if given.header != 16 {
            return; // a reference count and a type, nothing else: other builds keep more, and elsewhere
        }
        let known = [(self.truth, self.type_bool)];
        let texts = samples.iter().map(|text| (*text, self.type_str));
        // SAFETY: live objects, whose header is two words; PyObject_Type gives a new reference.
        self.direct = known.into_iter().chain(texts).all(|(object, kind)| unsafe {
            let answer = (self.type_of)(object);
            (self.dec_ref)(answer);
            answer == kind && *object.cast::<Object>().add(1) == kind
        });
        if !self.direct {
            return;
        }
        // SAFETY: live texts of at least these sizes; the caller holds the lock.
        self.text = unsafe { Layout::found(self, samples, sizes) };
        // SAFETY: NULL, or live objects of the types of datetime, which Python found to have the usual sizes.
        self.temporal = !given.sample_datetime.is_null()
            && unsafe {
                use super::frames_objects::{date, datetime, is_naive, is_utc, time, timedelta};
                is_naive(given.sample_datetime)
                    && !is_naive(given.sample_instant)
                    && is_utc(given.sample_instant, self.utc)
                    && datetime(given.sample_datetime) == 1_614_834_367_890_123
                    && datetime(given.sample_instant) == 1_614_834_367_890_123
                    && date(given.sample_date) == 6364
                    && is_naive(given.sample_time)
                    && time(given.sample_time) == 86_398_987_654
                    && timedelta(given.sample_timedelta) == -259_192_999_989
            };
    }

    /// The type of an object.
    ///
    /// # Safety
    /// `object` is a live object and the caller holds the interpreter lock.
    #[inline]
    pub(super) unsafe fn kind(&self, object: Object) -> Object {
        if self.direct {
            // SAFETY: the second word of an object is its type, which was tested.
            return unsafe { *object.cast::<Object>().add(1) };
        }
        // SAFETY: a live object; the new reference is given back, and the object keeps its type alive.
        unsafe {
            let kind = (self.type_of)(object);
            (self.dec_ref)(kind);
            kind
        }
    }

    /// Clears the error that was set if it is an ordinary one; what is meant to end the program stays set.
    ///
    /// # Safety
    /// An error is set and the caller holds the interpreter lock.
    pub(super) unsafe fn forgive(&self) -> bool {
        // SAFETY: under the lock, with an error set.
        unsafe {
            let ordinary = (self.error_matches)(self.type_exception) != 0;
            if ordinary {
                (self.error_clear)();
            }
            ordinary
        }
    }
}

/// Introduces the interpreter to the library and tests what of its objects may be read in place.
///
/// Call it while holding the interpreter lock; later calls change nothing.
///
/// @param python addresses in the interpreter
/// @param direct receives bits: 1 when types, 2 when text, 4 when dates and times are read in place
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `python` is NULL or every address in it is of what its field says. `direct` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_python_set(python: *const iw_python, direct: *mut u32) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (given, direct) =
            unsafe { (super::frames::handle(python, "python")?, lent::out(direct, "direct")?) };
        if PYTHON.get().is_none() {
            if given.sample_count > 0 && (given.samples.is_null() || given.sample_sizes.is_null()) {
                return Err(Error::Invalid("python.samples must not be NULL".into()));
            }
            let (samples, sizes): (&[Object], &[usize]) = match given.sample_count {
                0 => (&[], &[]),
                // SAFETY: not NULL; the caller promises as many samples and sizes.
                n => unsafe {
                    (
                        std::slice::from_raw_parts(given.samples, n),
                        std::slice::from_raw_parts(given.sample_sizes, n),
                    )
                },
            };
            // SAFETY: the caller's promise is the same.
            let mut made = unsafe { Python::typed(given) }?;
            // SAFETY: the caller's promise is the same, and it holds the lock.
            unsafe { made.look(given, samples, sizes) };
            let _ = PYTHON.set(made); // a race is between equals
        }
        let known = self::python()?;
        let bits = [known.direct, known.text.is_some(), known.temporal];
        direct.write(bits.iter().enumerate().map(|(bit, set)| u32::from(*set) << bit).sum());
        Ok(())
    })
}

const _: () = assert!(size_of::<c_long>() <= 8 && size_of::<c_longlong>() == 8);
