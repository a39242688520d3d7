//! What can be known about a producer's Arrow structs before their buffers are read: counts, lengths,
//! NULLs, depth and format strings. Anything wrong is an error that names the column.

use super::arrow::{ArrowArray, ArrowSchema};
use crate::error::Error;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_data::layout;
use arrow_schema::{DataType, Field, UnionFields, UnionMode};
use core::ffi::{CStr, c_char};
use std::fmt;
use std::sync::Arc;

/// Deepest nesting followed. Every level costs stack here and in everything that reads the data later.
const DEEPEST: usize = 64;

/// Most children followed: far beyond any table, and too few for a wrong count to run away with.
const MOST_CHILDREN: i64 = 1 << 20;

/// Where in a frame a struct sits, spelled only when something is wrong there.
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    name: &'a str,
    depth: usize,
}

impl<'a> Place<'a> {
    /// The whole argument, by the name its function gives it.
    pub(super) fn root(name: &'a str) -> Self {
        Self { parent: None, name, depth: 0 }
    }

    /// The name of the whole argument.
    pub(super) fn root_name(&self) -> &str {
        self.parent.map_or(self.name, Place::root_name)
    }

    fn child(&'a self, name: &'a str) -> Result<Self, Error> {
        if self.depth == DEEPEST {
            return Err(self.column().wrong(format_args!("is nested more than {DEEPEST} levels deep")));
        }
        Ok(Self { parent: Some(self), name, depth: self.depth + 1 })
    }

    /// The column this place is in.
    fn column(&self) -> &Self {
        self.parent.filter(|parent| parent.depth > 0).map_or(self, Self::column)
    }

    fn wrong(&self, what: impl fmt::Display) -> Error {
        Error::Invalid(format!("{self} {what}"))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            None => f.write_str(self.name),
            Some(parent) if parent.parent.is_none() => write!(f, "{parent}: column {:?}", self.name),
            Some(parent) => write!(f, "{parent} field {:?}", self.name),
        }
    }
}

/// The field a producer's schema describes.
pub(super) fn field(schema: &FFI_ArrowSchema, place: &Place<'_>) -> Result<Field, Error> {
    // SAFETY: the same layout, asserted where ArrowSchema is declared.
    let raw = unsafe { &*std::ptr::from_ref(schema).cast::<ArrowSchema>() };
    read_field(raw, place)
}

fn read_field(schema: &ArrowSchema, place: &Place<'_>) -> Result<Field, Error> {
    if schema.release.is_none() {
        return Err(place.wrong("has a released Arrow schema"));
    }
    let name = text(schema.name).map_err(|()| place.wrong("has a name that is not UTF-8"))?;
    let mut data_type = read_type(schema, place)?;
    if !schema.dictionary.is_null() {
        if !data_type.is_dictionary_key_type() {
            return Err(place.wrong(format_args!("has a dictionary with keys of type {data_type}")));
        }
        // SAFETY: not NULL; the producer promises a schema.
        let values = read_field(unsafe { &*schema.dictionary }, &place.child("dictionary")?)?;
        data_type = DataType::Dictionary(Box::new(data_type), Box::new(values.data_type().clone()));
    }
    // SAFETY: the same layout, asserted where ArrowSchema is declared.
    let foreign = unsafe { &*std::ptr::from_ref(schema).cast::<FFI_ArrowSchema>() };
    // Extension types may keep bytes there that are no text; they describe, so losing them harms no value.
    let metadata = foreign.metadata().unwrap_or_default();
    let field = Field::new(name.unwrap_or_default(), data_type, foreign.nullable());
    Ok(field.with_dict_is_ordered(foreign.dictionary_ordered()).with_metadata(metadata))
}

/// The type a format string and the children stand for.
fn read_type(schema: &ArrowSchema, place: &Place<'_>) -> Result<DataType, Error> {
    let format = text(schema.format)
        .ok()
        .flatten()
        .ok_or_else(|| place.wrong("has a format that is NULL or not UTF-8"))?;
    let children = children(schema.n_children, schema.children, place)?;
    let count = |wanted: usize| match children.len() {
        n if n == wanted => Ok(()),
        n => Err(place.wrong(format_args!("has format {format:?} and {n} children, not {wanted}"))),
    };
    let (kind, argument) = match format.split_once(':') {
        Some((kind, argument)) if kind.starts_with('+') => (kind, argument),
        _ => (format, ""),
    };
    let item = |index: usize| -> Result<Arc<Field>, Error> {
        let child = children[index];
        let name = text(child.name).ok().flatten().unwrap_or_default();
        Ok(Arc::new(read_field(child, &place.child(name)?)?))
    };
    let all = || (0..children.len()).map(item).collect::<Result<Vec<_>, Error>>();
    let number = || argument.parse::<i32>().ok().filter(|n| *n >= 0);
    match kind {
        "+l" => count(1).and_then(|()| Ok(DataType::List(item(0)?))),
        "+L" => count(1).and_then(|()| Ok(DataType::LargeList(item(0)?))),
        "+vl" => count(1).and_then(|()| Ok(DataType::ListView(item(0)?))),
        "+vL" => count(1).and_then(|()| Ok(DataType::LargeListView(item(0)?))),
        "+w" => {
            count(1)?;
            let size = number().ok_or_else(|| place.wrong(format_args!("has format {format:?}")))?;
            Ok(DataType::FixedSizeList(item(0)?, size))
        }
        "+s" => Ok(DataType::Struct(all()?.into())),
        "+m" => {
            count(1)?;
            let entries = item(0)?;
            match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 => {
                    Ok(DataType::Map(entries, schema.flags & 4 != 0))
                }
                other => Err(place.wrong(format_args!("is a map of {other}, not of key and value"))),
            }
        }
        "+r" => {
            count(2)?;
            let (ends, values) = (item(0)?, item(1)?);
            if !ends.data_type().is_run_ends_type() {
                return Err(place.wrong(format_args!("has run ends of type {}", ends.data_type())));
            }
            Ok(DataType::RunEndEncoded(ends, values))
        }
        "+ud" | "+us" => {
            let ids: Option<Vec<i8>> =
                argument.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().ok()).collect();
            let ids = ids.filter(|ids| ids.len() == children.len());
            let ids = ids.ok_or_else(|| {
                place.wrong(format_args!("has format {format:?} and {} children", children.len()))
            })?;
            let fields = UnionFields::try_new(ids, all()?).map_err(|error| place.wrong(error))?;
            let mode = if kind == "+ud" { UnionMode::Dense } else { UnionMode::Sparse };
            Ok(DataType::Union(fields, mode))
        }
        _ => {
            count(0)?;
            leaf(schema, format, place)
        }
    }
}

/// The type of a format without children.
fn leaf(schema: &ArrowSchema, format: &str, place: &Place<'_>) -> Result<DataType, Error> {
    let alone = ArrowSchema {
        format: schema.format,
        name: std::ptr::null(),
        metadata: std::ptr::null(),
        flags: 0,
        n_children: 0,
        children: std::ptr::null_mut(),
        dictionary: std::ptr::null_mut(),
        release: None, // borrowed: nothing to release
        private_data: std::ptr::null_mut(),
    };
    // SAFETY: the same layout; the format is NUL-terminated UTF-8, which text() has just read.
    let parsed = DataType::try_from(unsafe { &*(&raw const alone).cast::<FFI_ArrowSchema>() });
    let unknown = || Error::Type(format!("{place} has Arrow format {format:?}, which is not supported"));
    let (data_type, most) = match parsed.map_err(|_| unknown())? {
        DataType::FixedSizeBinary(size) if size < 0 => return Err(unknown()),
        DataType::Decimal32(p, s) => (DataType::Decimal32(p, s), 9),
        DataType::Decimal64(p, s) => (DataType::Decimal64(p, s), 18),
        DataType::Decimal128(p, s) => (DataType::Decimal128(p, s), 38),
        DataType::Decimal256(p, s) => (DataType::Decimal256(p, s), 76),
        other => return Ok(other),
    };
    match data_type {
        DataType::Decimal32(p, _)
        | DataType::Decimal64(p, _)
        | DataType::Decimal128(p, _)
        | DataType::Decimal256(p, _)
            if !(1..=most).contains(&p) =>
        {
            Err(unknown())
        }
        good => Ok(good),
    }
}

/// Checks an array against its type and returns its length.
pub(super) fn array(array: &ArrowArray, data_type: &DataType, place: &Place<'_>) -> Result<usize, Error> {
    check_array(array, data_type, place).map(|shape| shape.length)
}

struct Shape {
    length: usize,
    /// Offset and length together: the elements every buffer must cover.
    total: usize,
}

fn check_array(array: &ArrowArray, data_type: &DataType, place: &Place<'_>) -> Result<Shape, Error> {
    if array.release.is_none() {
        return Err(place.wrong("is a released Arrow array"));
    }
    let size = |value: i64, what: &str| {
        usize::try_from(value).map_err(|_| place.wrong(format_args!("has {what} {value}")))
    };
    let (length, offset) = (size(array.length, "length")?, size(array.offset, "offset")?);
    let too_long = || place.wrong(format_args!("has length {length} and offset {offset}: too long to exist"));
    let total = length.checked_add(offset).ok_or_else(too_long)?;
    let widest = data_type.primitive_width().unwrap_or(16).max(16); // bytes; views and i128 take 16
    total.checked_mul(8 * widest).filter(|bits| *bits <= isize::MAX as usize).ok_or_else(too_long)?;
    let shape = Shape { length, total };

    let (fixed, nullable, variadic) = {
        let layout = layout(data_type);
        (layout.buffers.len(), layout.can_contain_null_mask, layout.variadic)
    };
    let wanted = fixed + usize::from(nullable) + usize::from(variadic);
    let count = size(array.n_buffers, "n_buffers")?;
    if count < wanted || (count > wanted && !variadic) || count > MOST_CHILDREN as usize {
        return Err(place.wrong(format_args!("of type {data_type} has {count} buffers, not {wanted}")));
    }
    if count > 0 && (array.buffers.is_null() || !array.buffers.is_aligned()) {
        return Err(place.wrong(format_args!("has {count} buffers at NULL or a misaligned address")));
    }
    let buffers = match count {
        0 => &[],
        // SAFETY: not NULL, aligned; the producer promises n_buffers pointers there.
        _ => unsafe { std::slice::from_raw_parts(array.buffers, count) },
    };
    if array.null_count < -1 || array.null_count > array.length {
        return Err(place.wrong(format_args!("has null_count {} of {length}", array.null_count)));
    }
    if nullable && array.null_count > 0 && buffers[0].is_null() {
        return Err(place.wrong(format_args!("has null_count {} and no validity", array.null_count)));
    }
    let names: Vec<&str> = match data_type {
        DataType::Struct(fields) => fields.iter().map(|field| field.name().as_str()).collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field.name().as_str()).collect(),
        DataType::RunEndEncoded(..) => vec!["run_ends", "values"],
        DataType::List(_) | DataType::LargeList(_) | DataType::ListView(_) | DataType::LargeListView(_) => {
            vec!["item"]
        }
        DataType::FixedSizeList(..) | DataType::Map(..) => vec!["item"],
        _ => vec![],
    };
    let arrays = children(array.n_children, array.children, place)?;
    if arrays.len() != names.len() {
        let (n, wanted) = (arrays.len(), names.len());
        return Err(place.wrong(format_args!("of type {data_type} has {n} children, not {wanted}")));
    }
    if array.dictionary.is_null() == matches!(data_type, DataType::Dictionary(..)) {
        return Err(place.wrong(format_args!("of type {data_type} has a dictionary missing or too many")));
    }
    if total > 0 {
        check_buffers(buffers, data_type, &shape, place)?;
    }
    let last = last_offset(buffers, data_type, &shape);
    for (index, child) in arrays.iter().enumerate() {
        let place = place.child(names[index])?;
        let (child_type, least) = match data_type {
            DataType::Struct(fields) => (fields[index].data_type(), total),
            DataType::Union(fields, mode) => {
                let (_, field) = fields.iter().nth(index).ok_or_else(|| place.wrong("is no member"))?;
                (field.data_type(), if *mode == UnionMode::Sparse { total } else { 0 })
            }
            DataType::RunEndEncoded(ends, _) if index == 0 => (ends.data_type(), usize::from(total > 0)),
            DataType::RunEndEncoded(_, values) => (values.data_type(), size(arrays[0].length, "length")?),
            DataType::FixedSizeList(item, n) => {
                let least = total.checked_mul(*n as usize).ok_or_else(too_long)?;
                (item.data_type(), least)
            }
            DataType::ListView(item) | DataType::LargeListView(item) => (item.data_type(), 0),
            DataType::List(item) | DataType::LargeList(item) | DataType::Map(item, _) => {
                (item.data_type(), last)
            }
            _ => unreachable!("types without children have none by now"),
        };
        let held = check_array(child, child_type, &place)?.length;
        if held < least {
            return Err(place.wrong(format_args!("has {held} elements where its parent needs {least}")));
        }
    }
    if let DataType::Dictionary(_, values) = data_type {
        // SAFETY: not NULL; the producer promises an array.
        check_array(unsafe { &*array.dictionary }, values, &place.child("dictionary")?)?;
    }
    Ok(shape)
}

/// Checks that every buffer the elements need is there, and what its first reader takes on trust.
fn check_buffers(
    buffers: &[*const core::ffi::c_void],
    data_type: &DataType,
    shape: &Shape,
    place: &Place<'_>,
) -> Result<(), Error> {
    let missing = |index: usize| place.wrong(format_args!("has NULL for buffer {index}"));
    let width = offset_width(data_type);
    match data_type {
        DataType::Utf8View | DataType::BinaryView => {
            if buffers[1].is_null() {
                return Err(missing(1));
            }
            let data = &buffers[2..buffers.len() - 1];
            let lengths = buffers[buffers.len() - 1].cast::<i64>();
            if !data.is_empty() && (lengths.is_null() || !lengths.is_aligned()) {
                return Err(missing(buffers.len() - 1));
            }
            for (index, buffer) in data.iter().enumerate() {
                // SAFETY: not NULL, aligned; the producer promises one length a data buffer.
                let length = unsafe { *lengths.add(index) };
                if length < 0 || (length > 0 && buffer.is_null()) {
                    return Err(place.wrong(format_args!("has {length} bytes in data buffer {index}")));
                }
            }
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => {
            check_offsets(buffers[1], width, shape, place)?;
            if last_offset(buffers, data_type, shape) > 0 && buffers[2].is_null() {
                return Err(missing(2));
            }
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::Map(..) => {
            check_offsets(buffers[1], width, shape, place)?;
        }
        DataType::FixedSizeBinary(0) => {}
        DataType::FixedSizeBinary(size) => {
            let bytes = shape.total.checked_mul(8 * *size as usize);
            if bytes.is_none_or(|bits| bits > isize::MAX as usize) {
                return Err(place.wrong(format_args!("has length {}: too long to exist", shape.length)));
            }
            if buffers[1].is_null() {
                return Err(missing(1));
            }
        }
        _ => {
            let skip = usize::from(layout(data_type).can_contain_null_mask);
            if let Some(index) = buffers.iter().skip(skip).position(|buffer| buffer.is_null()) {
                return Err(missing(index + skip));
            }
        }
    }
    Ok(())
}

/// Bytes of one offset, for the types that have any.
fn offset_width(data_type: &DataType) -> usize {
    match data_type {
        DataType::LargeUtf8 | DataType::LargeBinary | DataType::LargeList(_) => 8,
        DataType::Utf8 | DataType::Binary | DataType::List(_) | DataType::Map(..) => 4,
        _ => 0,
    }
}

/// The last offset says how long the values are, so it must at least be a length.
fn check_offsets(
    offsets: *const core::ffi::c_void,
    width: usize,
    shape: &Shape,
    place: &Place<'_>,
) -> Result<(), Error> {
    if offsets.is_null() || !offsets.addr().is_multiple_of(width) {
        return Err(place.wrong("has offsets at NULL or a misaligned address"));
    }
    // SAFETY: not NULL, aligned; the producer promises total + 1 offsets of this width.
    let last = unsafe { offset_at(offsets, width, shape.total) };
    if last < 0 || isize::try_from(last).is_err() {
        return Err(place.wrong(format_args!("has offset {last} at its end")));
    }
    Ok(())
}

/// # Safety
/// `offsets` is aligned and holds more than `index` offsets of `width` bytes.
unsafe fn offset_at(offsets: *const core::ffi::c_void, width: usize, index: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        match width {
            4 => i64::from(*offsets.cast::<i32>().add(index)),
            _ => *offsets.cast::<i64>().add(index),
        }
    }
}

/// Elements or bytes the offsets reach to; 0 for types without, and for empty arrays, which need no buffer.
fn last_offset(buffers: &[*const core::ffi::c_void], data_type: &DataType, shape: &Shape) -> usize {
    let width = offset_width(data_type);
    if width == 0 || shape.total == 0 {
        return 0;
    }
    // SAFETY: check_offsets has passed for this array.
    usize::try_from(unsafe { offset_at(buffers[1], width, shape.total) }).unwrap_or(0)
}

/// The structs behind an array of pointers, none of them NULL.
fn children<'a, T>(count: i64, pointers: *mut *mut T, place: &Place<'_>) -> Result<Vec<&'a T>, Error> {
    if !(0..=MOST_CHILDREN).contains(&count) {
        return Err(place.wrong(format_args!("has n_children {count}")));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    if pointers.is_null() || !pointers.is_aligned() {
        return Err(place.wrong(format_args!("has {count} children at NULL or a misaligned address")));
    }
    (0..count as usize)
        .map(|index| {
            // SAFETY: not NULL, aligned; the producer promises n_children pointers there.
            let child = unsafe { *pointers.add(index) };
            if child.is_null() || !child.is_aligned() {
                return Err(place.wrong(format_args!("has NULL for child {index}")));
            }
            // SAFETY: not NULL, aligned; the producer promises a struct that lives as long as its parent.
            Ok(unsafe { &*child })
        })
        .collect()
}

/// NUL-terminated text; `Ok(None)` for NULL.
fn text<'a>(pointer: *const c_char) -> Result<Option<&'a str>, ()> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the producer promises a NUL-terminated string.
    unsafe { CStr::from_ptr(pointer) }.to_str().map(Some).map_err(|_| ())
}
