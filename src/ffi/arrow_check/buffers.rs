//! What can be known about a producer's array: lengths, buffers and offsets.

use super::{MOST_CHILDREN, Place, children};
use crate::error::Error;
use crate::ffi::arrow::ArrowArray;
use arrow_data::layout;
use arrow_schema::{DataType, UnionMode};

/// Checks an array against its type and returns its length.
pub(in crate::ffi) fn array(
    array: &ArrowArray,
    data_type: &DataType,
    place: &Place<'_>,
) -> Result<usize, Error> {
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
