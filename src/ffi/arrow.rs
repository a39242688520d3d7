//! The Arrow C data and stream interfaces: frames from other libraries come in, ours go out, no copy made.
//!
//! A producer's structs are checked field by field before anything follows their pointers
//! (`arrow_check`), and their contents by the safe core once the lengths are known
//! (`crate::frames::check`). What no check can see is whether a non-NULL pointer points to
//! what it claims to: that much a producer is trusted with.

use super::arrow_check::{self, Place};
use super::arrow_export::{Exported, exported_next, exported_release};
use super::lent;
use crate::error::Error;
use crate::frames::{self, check};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader, make_array};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use core::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

// The three structs below are Arrow's, and so is their text in the header (cbindgen.toml), which carries
// Arrow's own guards so that it can be included next to any other copy of them.

/// Type of an array, as the Arrow C data interface lays it out.
#[repr(C)]
pub struct ArrowSchema {
    /// Format string, NUL-terminated UTF-8.
    pub format: *const c_char,
    /// Field name, NUL-terminated UTF-8, or NULL.
    pub name: *const c_char,
    /// Key-value pairs in Arrow's binary form, or NULL.
    pub metadata: *const c_char,
    /// Bits: dictionary ordered, nullable, map keys sorted.
    pub flags: i64,
    /// Number of pointers in `children`.
    pub n_children: i64,
    /// Types of the children.
    pub children: *mut *mut ArrowSchema,
    /// Type of the dictionary's values, or NULL.
    pub dictionary: *mut ArrowSchema,
    /// Frees the struct's contents; NULL once released or moved.
    pub release: Option<unsafe extern "C" fn(schema: *mut ArrowSchema)>,
    /// The producer's own.
    pub private_data: *mut c_void,
}

/// An array, as the Arrow C data interface lays it out.
#[repr(C)]
pub struct ArrowArray {
    /// Number of elements.
    pub length: i64,
    /// Number of null elements, or -1 when not counted.
    pub null_count: i64,
    /// Elements to skip at the start of every buffer.
    pub offset: i64,
    /// Number of pointers in `buffers`.
    pub n_buffers: i64,
    /// Number of pointers in `children`.
    pub n_children: i64,
    /// Memory of the array, in the order of the type's layout.
    pub buffers: *mut *const c_void,
    /// Child arrays.
    pub children: *mut *mut ArrowArray,
    /// Dictionary values, or NULL.
    pub dictionary: *mut ArrowArray,
    /// Frees the struct's contents; NULL once released or moved.
    pub release: Option<unsafe extern "C" fn(array: *mut ArrowArray)>,
    /// The producer's own.
    pub private_data: *mut c_void,
}

/// A stream of arrays, as the Arrow C stream interface lays it out.
#[repr(C)]
pub struct ArrowArrayStream {
    /// Writes the type of every array of the stream; 0 or an `errno` value.
    pub get_schema:
        Option<unsafe extern "C" fn(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int>,
    /// Writes the next array, a released one at the end; 0 or an `errno` value.
    pub get_next: Option<unsafe extern "C" fn(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int>,
    /// Text about the latest error, valid until the next call, or NULL.
    pub get_last_error: Option<unsafe extern "C" fn(stream: *mut ArrowArrayStream) -> *const c_char>,
    /// Frees the struct's contents; NULL once released or moved.
    pub release: Option<unsafe extern "C" fn(stream: *mut ArrowArrayStream)>,
    /// The producer's own.
    pub private_data: *mut c_void,
}

// The same layouts seen by arrow-rs, so that pointers to one may be read as the other.
const _: () = assert!(size_of::<ArrowSchema>() == size_of::<FFI_ArrowSchema>());
const _: () = assert!(size_of::<ArrowArray>() == size_of::<FFI_ArrowArray>());

impl ArrowArrayStream {
    /// A stream that has been released, which is how an empty slot looks.
    pub(super) const RELEASED: Self = Self {
        get_schema: None,
        get_next: None,
        get_last_error: None,
        release: None,
        private_data: ptr::null_mut(),
    };
}

/// Takes over a producer's stream and reads its schema.
///
/// The struct is moved out: `*stream` is left released whatever the result, and the producer's release runs
/// exactly once, when the reader is dropped. Batches come out checked; a stream of anything but structs (a
/// Series, a chunked array) comes out as batches of one column. Errors start with `name`.
///
/// # Safety
/// `stream` is NULL or points to a stream of a producer that keeps the Arrow C stream interface.
pub(super) unsafe fn import_stream(
    stream: *mut ArrowArrayStream,
    name: &str,
) -> Result<Box<dyn RecordBatchReader + Send>, Error> {
    // SAFETY: the caller's promise is the same.
    unsafe { import_as(stream, name, table_schema) }
}

/// Takes over a producer's stream as one column, whatever its type: a stream of structs is a column of structs.
///
/// # Safety
/// As [`import_stream`].
pub(super) unsafe fn import_column(
    stream: *mut ArrowArrayStream,
    name: &str,
) -> Result<Box<dyn RecordBatchReader + Send>, Error> {
    // SAFETY: the caller's promise is the same.
    unsafe { import_as(stream, name, column_schema) }
}

/// # Safety
/// As [`import_stream`].
unsafe fn import_as(
    stream: *mut ArrowArrayStream,
    name: &str,
    shape: impl FnOnce(Field) -> (SchemaRef, bool),
) -> Result<Box<dyn RecordBatchReader + Send>, Error> {
    // SAFETY: the caller promises a struct to read and write.
    let slot = unsafe { lent::out(stream, name) }?;
    // SAFETY: the caller promises an initialised struct.
    let Some(release) = (unsafe { claim(&raw mut slot.assume_init_mut().release) }) else {
        return Err(Error::Invalid(format!("{name} is a released Arrow stream; a stream can be read once")));
    };
    // SAFETY: as above; whoever has claimed the release function owns the rest.
    let mut moved = Moved(unsafe { ptr::read(slot.as_ptr()) });
    moved.0.release = Some(release);
    if let Some(ours) = moved.own() {
        return Ok(ours); // what we made ourselves needs no check, and its errors keep their kind
    }
    let (Some(get_schema), Some(get_next)) = (moved.0.get_schema, moved.0.get_next) else {
        return Err(Error::Invalid(format!("{name} is an Arrow stream without get_schema or get_next")));
    };
    let mut schema = FFI_ArrowSchema::empty();
    // SAFETY: the producer's own function, on its own struct, with an empty slot of the agreed layout.
    let answer = unsafe { get_schema(&mut moved.0, (&raw mut schema).cast()) };
    if answer != 0 {
        return Err(moved.failure(answer, "get_schema", name));
    }
    let root = arrow_check::field(&schema, &Place::root(name))?;
    let (schema, single) = shape(root);
    Ok(Box::new(Imported { stream: moved, get_next, schema, single, name: name.to_owned(), ended: false }))
}

/// Takes the release function out of a struct: of several threads that are given the same one, one has it.
///
/// # Safety
/// `release` is the release member of an initialised struct.
unsafe fn claim<T>(release: *mut Release<T>) -> Release<T> {
    // SAFETY: an Option of a function is a pointer that may be NULL; the caller promises one to read and write.
    let claimed =
        unsafe { AtomicPtr::<c_void>::from_ptr(release.cast()) }.swap(ptr::null_mut(), Ordering::AcqRel);
    // SAFETY: what was there, or NULL, which is None.
    unsafe { std::mem::transmute::<*mut c_void, Release<T>>(claimed) }
}

type Release<T> = Option<unsafe extern "C" fn(*mut T)>;

/// Takes over one array and its schema, as a reader of one batch.
///
/// Both structs are moved out: they are left released whatever the result. A struct array is a batch of its
/// children, any other array a batch of one column.
///
/// # Safety
/// Each of `schema` and `array` is NULL or points to a struct of a producer that keeps the Arrow C data
/// interface.
pub(super) unsafe fn import_array(
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    name: &str,
) -> Result<Box<dyn RecordBatchReader + Send>, Error> {
    // SAFETY: the caller's promise is the same.
    let (batch, schema) = unsafe { import_array_as(schema, array, name, table_schema) }?;
    Ok(Box::new(arrow_array::RecordBatchIterator::new([Ok(batch)], schema)))
}

/// Takes over one array and its schema as one column, whatever its type.
///
/// # Safety
/// As [`import_array`].
pub(super) unsafe fn import_column_array(
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    name: &str,
) -> Result<ArrayRef, Error> {
    // SAFETY: the caller's promise is the same.
    let (batch, _) = unsafe { import_array_as(schema, array, name, column_schema) }?;
    Ok(batch.column(0).clone())
}

/// # Safety
/// As [`import_array`].
unsafe fn import_array_as(
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    name: &str,
    shape: impl FnOnce(Field) -> (SchemaRef, bool),
) -> Result<(RecordBatch, SchemaRef), Error> {
    // SAFETY: the caller promises structs to read and write.
    let (schema, array) = unsafe { (lent::out(schema, name)?, lent::out(array, name)?) };
    // SAFETY: the caller promises initialised structs. Copies with the release functions, which are claimed, own what they
    // hold; those left behind are released.
    let (schema, array) = unsafe {
        let release =
            (claim(&raw mut (*schema.as_mut_ptr()).release), claim(&raw mut (*array.as_mut_ptr()).release));
        let (mut schema, mut array) = (ptr::read(schema.as_ptr()), ptr::read(array.as_ptr()));
        (schema.release, array.release) = release;
        let schema = FFI_ArrowSchema::from_raw((&raw mut schema).cast());
        (schema, FFI_ArrowArray::from_raw((&raw mut array).cast()))
    };
    let place = Place::root(name);
    let (schema, single) = shape(arrow_check::field(&schema, &place)?);
    let batch = batch(array, &schema, single, &place)?;
    Ok((batch, schema))
}

/// A schema whose only column the root field is.
fn column_schema(root: Field) -> (SchemaRef, bool) {
    (Arc::new(Schema::new(vec![root])), true)
}

/// The schema of the batches a root field becomes, and whether they hold the field as their only column.
fn table_schema(root: Field) -> (SchemaRef, bool) {
    match root.data_type() {
        DataType::Struct(fields) => {
            let schema = Schema::new(fields.clone()).with_metadata(root.metadata().clone());
            (Arc::new(schema), false)
        }
        _ => (Arc::new(Schema::new(vec![root])), true),
    }
}

/// A stream struct that is ours to release.
struct Moved(ArrowArrayStream);

// SAFETY: the interface lets a stream be used from any thread, one at a time; `Moved` is neither Sync nor Clone.
unsafe impl Send for Moved {}

impl Moved {
    /// The reader of a stream that [`export_stream`](super::arrow_export::export_stream) made, taken out of it.
    fn own(&mut self) -> Option<Box<dyn RecordBatchReader + Send>> {
        let next = exported_next as unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int;
        let release = exported_release as unsafe extern "C" fn(*mut ArrowArrayStream);
        // As addresses: a copy of this library, or of one of these functions, may have others, and is then read
        // like any other producer.
        let same = self.0.get_next.is_some_and(|given| given as usize == next as usize)
            && self.0.release.is_some_and(|given| given as usize == release as usize);
        if !same {
            return None;
        }
        let private = std::mem::replace(&mut self.0, ArrowArrayStream::RELEASED).private_data;
        // SAFETY: only export_stream hands out these functions, over a box of its own; it is released no more.
        Some(unsafe { Box::from_raw(private.cast::<Exported>()) }.reader)
    }

    /// What the producer says about the error it has just returned.
    fn failure(&mut self, answer: c_int, call: &str, name: &str) -> Error {
        let text = match self.0.get_last_error {
            // SAFETY: the producer's own function, on its own struct, after an error.
            Some(get_last_error) => unsafe { get_last_error(&mut self.0) },
            None => ptr::null(),
        };
        let text = if text.is_null() {
            format!("error {answer}")
        } else {
            // SAFETY: the interface promises NUL-terminated text, valid until the next call on the stream.
            unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
        };
        let message = format!("{name}: the producer's {call} failed: {text}");
        if answer == libc::ENOMEM { Error::Memory(message) } else { Error::Invalid(message) }
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: moved out of the producer's struct and not released yet. It may unwind nowhere: it is C.
            unsafe { release(&mut self.0) };
        }
    }
}

/// A producer's stream as a reader of checked batches.
struct Imported {
    stream: Moved,
    get_next: unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int,
    schema: SchemaRef,
    single: bool,
    name: String,
    ended: bool,
}

impl Imported {
    fn read(&mut self) -> Result<Option<RecordBatch>, Error> {
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: the producer's own function, on its own struct, with an empty slot of the agreed layout.
        let answer = unsafe { (self.get_next)(&mut self.stream.0, (&raw mut array).cast()) };
        if answer != 0 {
            return Err(self.stream.failure(answer, "get_next", &self.name));
        }
        if array.is_released() {
            return Ok(None);
        }
        batch(array, &self.schema, self.single, &Place::root(&self.name)).map(Some)
    }
}

impl Iterator for Imported {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None; // a producer may do anything when asked again
        }
        let read = self.read();
        self.ended = !matches!(read, Ok(Some(_)));
        read.map_err(frames::carry).transpose()
    }
}

impl RecordBatchReader for Imported {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Checks one array of a stream and makes it a batch, zero-copy.
fn batch(
    array: FFI_ArrowArray,
    schema: &SchemaRef,
    single: bool,
    place: &Place<'_>,
) -> Result<RecordBatch, Error> {
    let data_type = match single {
        true => schema.field(0).data_type().clone(),
        false => DataType::Struct(schema.fields().clone()),
    };
    // SAFETY: FFI_ArrowArray has the layout of ArrowArray, asserted above.
    let raw = unsafe { &*(&raw const array).cast::<ArrowArray>() };
    let rows = arrow_check::array(raw, &data_type, place)?;
    if rows == 0 {
        // Producers disagree about the buffers of empty arrays, and nothing in them is worth reading.
        return Ok(RecordBatch::new_empty(schema.clone()));
    }
    // SAFETY: counts, lengths and pointers were checked against the type just now.
    let data = unsafe { arrow_array::ffi::from_ffi_and_data_type(array, data_type) }
        .map_err(|error| Error::Invalid(format!("{}: {error}", place.root_name())))?;
    if single {
        check::contents(&data, place.root_name(), schema.field(0).name())?;
        return assemble(schema, vec![make_array(data)], rows, place);
    }
    if data.null_count() > 0 {
        return Err(Error::Invalid(format!(
            "{} holds {} null rows, which a table cannot",
            place.root_name(),
            data.null_count()
        )));
    }
    let columns = rows_of(&data);
    for (column, field) in columns.iter().zip(schema.fields()) {
        check::contents(column, place.root_name(), field.name())?;
    }
    assemble(schema, columns.into_iter().map(make_array).collect(), rows, place)
}

/// The children of a struct, cut to its own rows, so that only those are checked and read.
fn rows_of(data: &ArrayData) -> Vec<ArrayData> {
    data.child_data().iter().map(|child| child.slice(data.offset(), data.len())).collect()
}

fn assemble(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
    place: &Place<'_>,
) -> Result<RecordBatch, Error> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|error| Error::Invalid(format!("{}: {error}", place.root_name())))
}
