//! What can be known about a producer's Arrow structs before their buffers are read: counts, lengths,
//! NULLs, depth and format strings. Anything wrong is an error that names the column.

mod buffers;

use super::arrow::ArrowSchema;
use crate::error::Error;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_schema::{DataType, Field, UnionFields, UnionMode};
pub(super) use buffers::array;
use core::ffi::{CStr, c_char};
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// Deepest nesting followed. Every level costs stack here and in everything that reads the data later.
const DEEPEST: usize = 64;

/// Most children followed: far beyond any table, and too few for a wrong count to run away with.
const MOST_CHILDREN: i64 = 1 << 20;

/// Most types followed in one schema: structs that point to the same children twice are few, and without end.
const MOST_TYPES: usize = 1 << 21;

/// Where in a frame a struct sits, spelled only when something is wrong there.
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    name: &'a str,
    depth: usize,
    /// Types read so far, of the whole frame.
    types: Rc<Cell<usize>>,
}

impl<'a> Place<'a> {
    /// The whole argument, by the name its function gives it.
    pub(super) fn root(name: &'a str) -> Self {
        Self { parent: None, name, depth: 0, types: Rc::default() }
    }

    /// The name of the whole argument.
    pub(super) fn root_name(&self) -> &str {
        self.parent.map_or(self.name, Place::root_name)
    }

    fn child(&'a self, name: &'a str) -> Result<Self, Error> {
        if self.depth == DEEPEST {
            return Err(self.column().wrong(format_args!("is nested more than {DEEPEST} levels deep")));
        }
        Ok(Self { parent: Some(self), name, depth: self.depth + 1, types: self.types.clone() })
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
    if place.types.replace(place.types.get() + 1) == MOST_TYPES {
        return Err(place.wrong(format_args!("is one of more than {MOST_TYPES} types in one schema")));
    }
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
