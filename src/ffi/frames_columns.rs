//! Columns in memory, brought in one by one, and the stream they are read as.

use super::arrow::{import_column, import_column_array};
use super::arrow_export::export_stream;
use super::frames::handle;
use super::frames_python::{Held, python};
use super::{
    ArrowArray, ArrowArrayStream, ArrowSchema, IW_BOOL, IW_F16, IW_F32, IW_F64, IW_I8, IW_I16, IW_I32,
    IW_I64, IW_U8, IW_U16, IW_U32, IW_U64, guard, iw_status, lent,
};
use crate::error::Error;
use crate::frames::columns::lent::{Element, Lent, Missing};
use crate::frames::columns::{Column, Table, temporal};
use crate::frames::uncarry;
use arrow_array::Array;
use arrow_buffer::Buffer;
use arrow_schema::DataType;
use core::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// Element tag of columns only: text of `width / 4` code points of four bytes, filled up with zeros.
pub const IW_TEXT: u32 = 32;
/// Element tag of columns only: `width` bytes, filled up with zeros.
pub const IW_BYTES: u32 = 33;

/// No element is missing.
pub const IW_MISSING_NEVER: u32 = 0;
/// Floats that are not a number are missing.
pub const IW_MISSING_NAN: u32 = 1;
/// The smallest int64 is missing, as in NumPy's NaT.
pub const IW_MISSING_NAT: u32 = 2;
/// Integers below zero are missing, as in pandas' codes.
pub const IW_MISSING_NEGATIVE: u32 = 3;
/// Elements whose byte in `mask` is not 0 are missing.
pub const IW_MISSING_MASK: u32 = 4;

/// Elements in the memory of a Python object, which is kept alive as long as a column of them is.
#[repr(C)]
pub struct iw_lent {
    /// The first element; may be NULL when `len` is 0.
    pub data: *const c_void,
    /// One byte an element, side by side, for IW_MISSING_MASK; else not looked at.
    pub mask: *const c_void,
    /// The Python object that keeps both alive.
    pub owner: *mut c_void,
    /// Number of elements.
    pub len: usize,
    /// Bytes from one element to the next.
    pub stride: isize,
    /// Bytes of an element of IW_TEXT or IW_BYTES; the other tags have their own.
    pub width: usize,
    /// One of the element tags.
    pub dtype: u32,
    /// One of the `IW_MISSING_*`.
    pub missing: u32,
    /// 1 when elements have the other byte order, else 0.
    pub swapped: u32,
}

/// A column: values of one type, where they lie.
pub struct iw_column(Column);

impl iw_column {
    pub(super) fn boxed(column: Column) -> *mut Self {
        Box::into_raw(Box::new(Self(column)))
    }
}

/// Type, element and width that a tag stands for.
fn element(lent: &iw_lent) -> Result<(DataType, Element, usize), Error> {
    let fixed = |data_type: DataType, width| Ok((data_type, Element::Fixed, width));
    match lent.dtype {
        IW_BOOL => Ok((DataType::Boolean, Element::Bool, 1)),
        IW_I8 => fixed(DataType::Int8, 1),
        IW_I16 => fixed(DataType::Int16, 2),
        IW_I32 => fixed(DataType::Int32, 4),
        IW_I64 => fixed(DataType::Int64, 8),
        IW_U8 => fixed(DataType::UInt8, 1),
        IW_U16 => fixed(DataType::UInt16, 2),
        IW_U32 => fixed(DataType::UInt32, 4),
        IW_U64 => fixed(DataType::UInt64, 8),
        IW_F16 => fixed(DataType::Float16, 2),
        IW_F32 => fixed(DataType::Float32, 4),
        IW_F64 => fixed(DataType::Float64, 8),
        IW_TEXT if lent.width <= WIDEST && lent.width.is_multiple_of(4) => {
            Ok((DataType::Utf8, Element::Text, lent.width))
        }
        IW_BYTES if lent.width <= WIDEST => Ok((DataType::Binary, Element::Bytes, lent.width)),
        IW_TEXT | IW_BYTES => {
            Err(Error::Invalid(format!("width must be at most {WIDEST}, got {}", lent.width)))
        }
        tag => Err(Error::Type(format!("values has dtype tag {tag}, which no column has"))),
    }
}

/// Widest element of text or bytes: a batch of them, escapes and all, stays far below 2 GiB.
const WIDEST: usize = 4096;

/// The type that `format` makes of integers of `plain`.
fn retyped(plain: DataType, format: &str) -> Result<DataType, Error> {
    if format.is_empty() {
        return Ok(plain);
    }
    let wanted = temporal(format)?;
    if wanted.primitive_width() == plain.primitive_width()
        && matches!(plain, DataType::Int32 | DataType::Int64)
    {
        Ok(wanted)
    } else {
        Err(Error::Type(format!("{plain} cannot become {wanted}")))
    }
}

/// Makes a column of elements where they lie.
///
/// Nothing is read before the column is. Call it while holding the interpreter lock: it takes a reference to the
/// owner, which is let go when the last column, frame or stream that needs it is freed, on any thread.
///
/// @param lent        what lies where
/// @param format      an Arrow format of dates or times that integers stand for (`tsn:UTC`), or empty for none
/// @param format_size bytes of it
/// @param out         receives the column, to be freed by `iw_column_free`
/// @return IW_OK; IW_INVALID for NULL with a length and elements that reach past the address space; IW_TYPE for an
///         unknown tag or a format that does not fit it
///
/// # Safety
/// `lent` is NULL or readable, and every element and mask byte in it is as long as `owner` lives, which is a live
/// Python object. `format` is readable. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_lend(
    lent: *const iw_lent,
    format: *const u8,
    format_size: usize,
    out: *mut *mut iw_column,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (given, format, out) = unsafe {
            (
                handle(lent, "lent")?,
                self::lent::text(format, format_size, "format")?,
                self::lent::out(out, "out")?,
            )
        };
        let (plain, element, width) = element(given)?;
        let data_type = retyped(plain, format)?;
        let len = given.len;
        let missing_fits = match given.missing {
            IW_MISSING_NEVER | IW_MISSING_MASK => true,
            IW_MISSING_NAN => matches!(given.dtype, IW_F16 | IW_F32 | IW_F64),
            IW_MISSING_NAT => given.dtype == IW_I64,
            IW_MISSING_NEGATIVE => matches!(given.dtype, IW_I8 | IW_I16 | IW_I32 | IW_I64),
            _ => false,
        };
        if !missing_fits || (matches!(element, Element::Text | Element::Bytes) && given.missing != 0) {
            let (rule, tag) = (given.missing, given.dtype);
            return Err(Error::Type(format!("missing has rule {rule}, which dtype tag {tag} cannot keep")));
        }
        if given.owner.is_null() {
            return Err(Error::Invalid("lent.owner must not be NULL".into()));
        }
        let reach = len.saturating_sub(1) as i128 * given.stride as i128;
        let low = given.data.addr() as i128 + reach.min(0);
        let span = reach.unsigned_abs() + width as u128;
        if len > 0
            && (given.data.is_null()
                || low <= 0
                || span > isize::MAX as u128
                || low as u128 + span > usize::MAX as u128)
        {
            return Err(Error::Invalid(format!(
                "values is NULL or larger than the address space: {len} elements"
            )));
        }
        let python = python()?;
        // SAFETY: a live object, and the caller holds the lock.
        let owner = Arc::new(unsafe { Held::new(python, given.owner) });
        let (memory, origin) = match len {
            0 => (Buffer::from_vec(Vec::<u8>::new()), 0),
            _ => {
                let below = reach.min(0).unsigned_abs() as usize;
                let start = given.data.cast::<u8>().wrapping_sub(below);
                // SAFETY: from the lowest byte of any element to the highest, readable while the owner lives.
                (unsafe { buffer(start, span as usize, &owner) }, below)
            }
        };
        let missing = match given.missing {
            IW_MISSING_NAN => Missing::Nan,
            IW_MISSING_NAT => Missing::Nat,
            IW_MISSING_NEGATIVE => Missing::Negative,
            IW_MISSING_MASK if len > 0 => {
                if given.mask.is_null() {
                    return Err(Error::Invalid("lent.mask must not be NULL".into()));
                }
                // SAFETY: the caller promises a byte an element, readable while the owner lives.
                Missing::Mask(unsafe { buffer(given.mask.cast(), len, &owner) })
            }
            _ => Missing::Never,
        };
        let (stride, swapped) = (given.stride, given.swapped != 0);
        let column =
            Lent { memory, origin, stride, width, len, element, swapped, missing, data_type }.checked()?;
        out.write(iw_column::boxed(Column::lent(column)));
        Ok(())
    })
}

/// Memory that an owner keeps alive.
///
/// # Safety
/// `len` bytes at `start` are readable as long as the owner lives.
unsafe fn buffer(start: *const u8, len: usize, owner: &Arc<Held>) -> Buffer {
    match NonNull::new(start.cast_mut()) {
        // SAFETY: the caller's promise; nobody writes through a Buffer that did not allocate.
        Some(start) => unsafe { Buffer::from_custom_allocation(start, len, owner.clone()) },
        None => Buffer::from_vec(Vec::<u8>::new()),
    }
}

/// Reads a stream to its end as one column; a stream of structs is a column of structs.
///
/// @param data moved out: it is left released whatever the status, and its producer's release runs once
/// @param out  receives the column, to be freed by `iw_column_free`
/// @return IW_OK; IW_INVALID for a released or malformed stream and when the producer fails; IW_TYPE for an unknown
///         type; IW_MEMORY
///
/// # Safety
/// `data` is NULL or points to a stream of a producer that keeps the Arrow C stream interface. `out` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_read(data: *mut ArrowArrayStream, out: *mut *mut iw_column) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (reader, out) = unsafe { (import_column(data, "data")?, lent::out(out, "out")?) };
        let data_type = reader.schema().field(0).data_type().clone();
        let mut arrays = Vec::new();
        for batch in reader {
            arrays.push(batch.map_err(uncarry)?.column(0).clone());
        }
        out.write(iw_column::boxed(Column::ready(data_type, arrays)));
        Ok(())
    })
}

/// Takes one array and its schema as a column; an array of structs is a column of structs.
///
/// @param schema the array's type; moved out, as the array is: both are left released whatever the status
/// @param array  the array
/// @param out    receives the column, to be freed by `iw_column_free`
/// @return IW_OK; IW_INVALID for a released or malformed struct; IW_TYPE for an unknown type
///
/// # Safety
/// `schema` and `array` are NULL or point to structs of a producer that keeps the Arrow C data interface. `out` is
/// NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_take(
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    out: *mut *mut iw_column,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (taken, out) = unsafe { (import_column_array(schema, array, "data")?, lent::out(out, "out")?) };
        out.write(iw_column::boxed(Column::ready(taken.data_type().clone(), vec![taken])));
        Ok(())
    })
}

/// Makes a column whose values `codes` looks up in `values`; both stay the caller's.
///
/// @param codes   a column of signed integers
/// @param values  what they look up, in one piece
/// @param ordered whether the order of the values means something, 0 or 1
/// @param out     receives the column, to be freed by `iw_column_free`
/// @return IW_OK; IW_INVALID for NULL and values in several pieces; IW_TYPE for codes of another type
///
/// # Safety
/// `codes` and `values` are NULL or live columns. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_dictionary(
    codes: *const iw_column,
    values: *const iw_column,
    ordered: i32,
    out: *mut *mut iw_column,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (codes, values, out) =
            unsafe { (handle(codes, "codes")?, handle(values, "values")?, lent::out(out, "out")?) };
        out.write(iw_column::boxed(Column::dictionary(&codes.0, &values.0, ordered != 0)?));
        Ok(())
    })
}

/// Number of values of a column.
///
/// @param column from any function that makes one
/// @param out    receives the number
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `column` is NULL or a live column. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_len(column: *const iw_column, out: *mut usize) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (column, out) = unsafe { (handle(column, "column")?, lent::out(out, "out")?) };
        out.write(column.0.len());
        Ok(())
    })
}

/// Frees a column; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `column` is NULL or a live column, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_column_free(column: *mut iw_column) {
    if !column.is_null() {
        // SAFETY: made by Box::into_raw in iw_column::boxed; the caller promises it is live.
        drop(unsafe { Box::from_raw(column) });
    }
}

/// A table of columns as a stream of batches. The columns stay the caller's; the stream outlives them.
///
/// What is left to be done to a column, such as finding its NaN, is done as the stream is read.
///
/// @param columns     the columns, in order
/// @param count       number of them
/// @param fields      JSON, UTF-8: of each column an object with `name` and `notes`, a list of text that becomes the
///                    field's metadata under the key `ironwheel:note`, a line each
/// @param fields_size bytes of it
/// @param rows        values of every column
/// @param out         receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL, other JSON and a column of another length
///
/// # Safety
/// `columns` is NULL or holds `count` live columns. `fields` is readable. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_columns_stream(
    columns: *const *const iw_column,
    count: usize,
    fields: *const u8,
    fields_size: usize,
    rows: usize,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        if columns.is_null() && count > 0 {
            return Err(Error::Invalid("columns must not be NULL".into()));
        }
        // SAFETY: not NULL where counted; the caller's promises are the same.
        unsafe {
            let given = (0..count).map(|index| Ok(handle(*columns.add(index), "columns")?.0.clone()));
            let given = given.collect::<Result<Vec<_>, Error>>()?;
            let table = Table::new(given, lent::text(fields, fields_size, "fields")?, rows)?;
            export_stream(Box::new(table), out, "out")
        }
    })
}
