//! Results of any element type, lent by the caller to be written.
#![forbid(unsafe_code)]

use crate::error::Error;
use half::f16;

/// A slice to write results to, of the element type its tag says.
#[derive(Debug)]
#[allow(missing_docs, reason = "each variant is named after its element type")]
pub enum AnyMut<'a> {
    /// One byte an element: 0 or 1.
    Bool(&'a mut [u8]),
    I8(&'a mut [i8]),
    I16(&'a mut [i16]),
    I32(&'a mut [i32]),
    I64(&'a mut [i64]),
    U8(&'a mut [u8]),
    U16(&'a mut [u16]),
    U32(&'a mut [u32]),
    U64(&'a mut [u64]),
    F16(&'a mut [f16]),
    F32(&'a mut [f32]),
    F64(&'a mut [f64]),
}

impl AnyMut<'_> {
    /// The element type as NumPy spells it.
    pub(super) fn dtype(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::I8(_) => "int8",
            Self::I16(_) => "int16",
            Self::I32(_) => "int32",
            Self::I64(_) => "int64",
            Self::U8(_) => "uint8",
            Self::U16(_) => "uint16",
            Self::U32(_) => "uint32",
            Self::U64(_) => "uint64",
            Self::F16(_) => "float16",
            Self::F32(_) => "float32",
            Self::F64(_) => "float64",
        }
    }
}

/// An element type results come in.
pub(super) trait Slot: Sized + Send {
    /// The slice, if its elements are of this type.
    ///
    /// # Errors
    /// [`Error::Type`] naming both types.
    fn of(out: AnyMut<'_>) -> Result<&mut [Self], Error>;
}

macro_rules! slot {
    ($($type:ty, $variant:ident, $name:literal;)*) => { $(
        impl Slot for $type {
            fn of(out: AnyMut<'_>) -> Result<&mut [Self], Error> {
                match out {
                    AnyMut::$variant(out) => Ok(out),
                    other => Err(Error::Type(format!("out must be {}, got {}", $name, other.dtype()))),
                }
            }
        }
    )* };
}
slot! {
    i8, I8, "int8"; i16, I16, "int16"; i32, I32, "int32"; i64, I64, "int64";
    u8, U8, "uint8"; u16, U16, "uint16"; u32, U32, "uint32"; u64, U64, "uint64";
    f16, F16, "float16"; f32, F32, "float32"; f64, F64, "float64";
}
