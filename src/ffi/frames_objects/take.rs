//! Objects taken one by one: what each is by its type, and its value where that type keeps it.
//!
//! The lines these objects lie on are what a column of them costs: scattered over the heap, each is a miss. So the
//! pass asks for the object [`AHEAD`] places on before it looks at this one, and looks once.

use super::moments::{date, datetime, is_naive, is_utc, time, timedelta};
use super::{
    IW_OBJECTS_DECIMAL, IW_OBJECTS_FLOAT, IW_OBJECTS_INFER, IW_OBJECTS_TEXT, IW_TAKEN, IW_TAKEN_MIXED,
    IW_TAKEN_NAN, IW_TAKEN_UNKNOWN, IW_TAKEN_WIDE, iw_objects,
};
use crate::error::Error;
use crate::ffi::frames_python::{Object, Python};
use crate::ffi::frames_text::borrowed;
use crate::frames::columns::growing::Kind;
use core::ffi::c_int;

/// Objects between the one that is looked at and the one that is asked for.
const AHEAD: usize = 16;

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
pub(super) enum Stop {
    Reason(u32),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) const MIXED: Stop = Stop::Reason(IW_TAKEN_MIXED);
pub(super) const UNKNOWN: Stop = Stop::Reason(IW_TAKEN_UNKNOWN);

impl iw_objects {
    /// Takes objects until one stops it.
    ///
    /// # Safety
    /// The objects are live, or NULL for `None`, until this returns, and the caller holds the interpreter lock.
    pub(super) unsafe fn take(&mut self, python: &Python, objects: &[Object]) -> Result<(usize, u32), Error> {
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
