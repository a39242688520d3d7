//! Whether the contents of an array from elsewhere keep Arrow's promises.
//!
//! Buffers are as long as they should be by the time they come here; what they hold is anybody's. Offsets that run
//! backwards, dictionary keys past the dictionary or text that is not UTF-8 would be undefined behaviour in code that
//! trusts them, so nothing is handed on before one pass has looked. That pass reads only the rows of the
//! slice, however large the buffers behind it: a thousand slices of one buffer cost what the buffer costs.
#![forbid(unsafe_code)]

use crate::error::Error;
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::{DataType, UnionMode};
use std::fmt::Display;

/// Checks one column of `argument`, all its children and dictionaries included.
///
/// # Errors
/// [`Error::Invalid`] that names the argument, the column and what is wrong with it.
pub fn contents(data: &ArrayData, argument: &str, column: &str) -> Result<(), Error> {
    walk(data).map_err(|what| Error::Invalid(format!("{argument}: column {column:?} {what}")))
}

/// What is wrong, as the end of a sentence that starts with the column. Nesting is bounded at import.
fn walk(data: &ArrayData) -> Result<(), String> {
    let (offset, len) = (data.offset(), data.len());
    let rows = offset..offset + len;
    if let Some(nulls) = data.nulls() {
        let (claimed, found) = (nulls.null_count(), nulls.len() - nulls.inner().count_set_bits());
        if claimed != found {
            return Err(format!("claims {claimed} nulls and has {found}"));
        }
    }
    match data.data_type() {
        DataType::Utf8 => text::<i32>(data),
        DataType::LargeUtf8 => text::<i64>(data),
        DataType::Binary => bytes::<i32>(data).map(drop),
        DataType::LargeBinary => bytes::<i64>(data).map(drop),
        DataType::Utf8View => views(data, true),
        DataType::BinaryView => views(data, false),
        DataType::List(_) => {
            rising(&offsets::<i32>(data)?, data.child_data()[0].len())?;
            walk(&data.child_data()[0])
        }
        DataType::Map(..) => {
            let entries = &data.child_data()[0];
            rising(&offsets::<i32>(data)?, entries.len())?;
            walk(entries)?;
            match (entries.null_count(), entries.child_data()[0].null_count()) {
                (0, 0) => Ok(()),
                (0, keys) => Err(format!("has {keys} null keys in its maps")),
                (nulls, _) => Err(format!("has {nulls} null entries in its maps")),
            }
        }
        DataType::LargeList(_) => {
            rising(&offsets::<i64>(data)?, data.child_data()[0].len())?;
            walk(&data.child_data()[0])
        }
        DataType::ListView(_) => list_views::<i32>(data),
        DataType::LargeListView(_) => list_views::<i64>(data),
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            walk(&data.child_data()[0].slice(offset * size, len * size))
        }
        DataType::Struct(_) => data.child_data().iter().try_for_each(|child| walk(&child.slice(offset, len))),
        DataType::Dictionary(keys, _) => {
            let values = &data.child_data()[0];
            match keys.as_ref() {
                DataType::Int8 => keys_within::<i8>(data, values.len())?,
                DataType::Int16 => keys_within::<i16>(data, values.len())?,
                DataType::Int32 => keys_within::<i32>(data, values.len())?,
                DataType::Int64 => keys_within::<i64>(data, values.len())?,
                DataType::UInt8 => keys_within::<u8>(data, values.len())?,
                DataType::UInt16 => keys_within::<u16>(data, values.len())?,
                DataType::UInt32 => keys_within::<u32>(data, values.len())?,
                _ => keys_within::<u64>(data, values.len())?,
            }
            walk(values)
        }
        DataType::RunEndEncoded(ends, _) => {
            let (run_ends, values) = (&data.child_data()[0], &data.child_data()[1]);
            if run_ends.null_count() > 0 {
                return Err("has null run ends".to_owned());
            }
            match ends.data_type() {
                DataType::Int16 => runs_cover::<i16>(run_ends, rows.end)?,
                DataType::Int32 => runs_cover::<i32>(run_ends, rows.end)?,
                _ => runs_cover::<i64>(run_ends, rows.end)?,
            }
            walk(values)
        }
        DataType::Union(fields, mode) => {
            let ids: Vec<i8> = fields.iter().map(|(id, _)| id).collect();
            let lengths: Vec<usize> = data.child_data().iter().map(ArrayData::len).collect();
            let chosen = scalars::<i8>(&data.buffers()[0], offset, len)?;
            let places = match mode {
                UnionMode::Dense => Some(scalars::<i32>(&data.buffers()[1], offset, len)?),
                UnionMode::Sparse => None,
            };
            for (row, id) in chosen.iter().enumerate() {
                let Some(member) = ids.iter().position(|known| known == id) else {
                    return Err(format!("has type id {id} at row {row}, which its union does not have"));
                };
                if let Some(places) = &places
                    && usize::try_from(places[row]).map_or(true, |place| place >= lengths[member])
                {
                    return Err(format!("has union offset {} at row {row}", places[row]));
                }
            }
            data.child_data().iter().try_for_each(walk)
        }
        _ => Ok(()),
    }
}

/// `len` elements from `offset` on; an error where the buffer is too short for them.
fn scalars<T: ArrowNativeType>(
    buffer: &Buffer,
    offset: usize,
    len: usize,
) -> Result<ScalarBuffer<T>, String> {
    let end = offset.checked_add(len).and_then(|end| end.checked_mul(size_of::<T>()));
    match end {
        Some(end) if end <= buffer.len() => Ok(ScalarBuffer::new(buffer.clone(), offset, len)),
        _ if len == 0 => Ok(ScalarBuffer::from(Vec::<T>::new())),
        _ => Err(format!("has a buffer of {} bytes for {len} elements", buffer.len())),
    }
}

fn offsets<T: ArrowNativeType>(data: &ArrayData) -> Result<ScalarBuffer<T>, String> {
    match data.len() {
        0 => Ok(ScalarBuffer::from(vec![T::usize_as(0)])),
        len => scalars(&data.buffers()[0], data.offset(), len + 1),
    }
}

/// Checks that offsets never fall and end within `limit`; returns the range they span.
fn rising<T: ArrowNativeType + Display + Ord>(
    offsets: &[T],
    limit: usize,
) -> Result<std::ops::Range<usize>, String> {
    // One comparison a pair and no early exit, so that the loop vectorises.
    let falls = offsets.windows(2).fold(false, |falls, pair| falls | (pair[0] > pair[1]));
    if falls {
        let row = offsets.windows(2).position(|pair| pair[0] > pair[1]).unwrap_or_default();
        return Err(format!(
            "has offsets that fall from {} to {} at row {row}",
            offsets[row],
            offsets[row + 1]
        ));
    }
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    match (first.to_usize(), last.to_usize()) {
        (Some(first), Some(last)) if last <= limit => Ok(first..last),
        _ => Err(format!("has offsets {first}..{last} into {limit} elements")),
    }
}

/// Checks the offsets of text or binary and returns them with the bytes they span.
fn bytes<T: ArrowNativeType + Display + Ord>(data: &ArrayData) -> Result<(ScalarBuffer<T>, Buffer), String> {
    let offsets = offsets::<T>(data)?;
    let values = &data.buffers()[1];
    let span = rising(&offsets, values.len())?;
    Ok((offsets, values.slice_with_length(span.start, span.len())))
}

fn text<T: ArrowNativeType + Display + Ord>(data: &ArrayData) -> Result<(), String> {
    let (offsets, values) = bytes::<T>(data)?;
    if values.is_ascii() {
        return Ok(());
    }
    let start = offsets[0].as_usize();
    let row_of = |byte: usize| offsets.partition_point(|offset| offset.as_usize() <= start + byte) - 1;
    std::str::from_utf8(&values).map_err(|error| not_utf8(row_of(error.valid_up_to())))?;
    // Valid as a whole, it may still be cut inside a character.
    let inside = |offset: &T| values.get(offset.as_usize() - start).is_some_and(|byte| byte & 0xC0 == 0x80);
    match offsets.iter().position(inside) {
        Some(row) => Err(not_utf8(row)),
        None => Ok(()),
    }
}

fn not_utf8(row: usize) -> String {
    format!("is not UTF-8 at row {row}")
}

/// Checks views; those of null rows may hold anything.
fn views(data: &ArrayData, text: bool) -> Result<(), String> {
    let views = scalars::<u128>(&data.buffers()[0], data.offset(), data.len())?;
    let buffers = &data.buffers()[1..];
    for (row, view) in views.iter().enumerate() {
        let len = *view as u32 as usize;
        if len <= 12 && *view >> 32 & ASCII_12 == 0 {
            continue; // short and ASCII, as nearly all are
        }
        if is_null(data.nulls(), row) {
            continue;
        }
        let inline = view.to_le_bytes();
        let value = if len <= 12 {
            &inline[4..4 + len]
        } else {
            let (buffer, start) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
            buffers
                .get(buffer)
                .and_then(|bytes| bytes.get(start..start.checked_add(len)?))
                .ok_or_else(|| format!("has a view past its data at row {row}"))?
        };
        if text && !value.is_ascii() && std::str::from_utf8(value).is_err() {
            return Err(not_utf8(row));
        }
    }
    Ok(())
}

/// The top bit of each of the twelve bytes a short view holds.
const ASCII_12: u128 = 0x8080_8080_8080_8080_8080_8080;

fn is_null(nulls: Option<&NullBuffer>, row: usize) -> bool {
    nulls.is_some_and(|nulls| nulls.is_null(row))
}

fn list_views<T: ArrowNativeType + Display>(data: &ArrayData) -> Result<(), String> {
    let starts = scalars::<T>(&data.buffers()[0], data.offset(), data.len())?;
    let sizes = scalars::<T>(&data.buffers()[1], data.offset(), data.len())?;
    let limit = data.child_data()[0].len();
    for (row, (start, size)) in starts.iter().zip(sizes.iter()).enumerate() {
        let end = start.to_usize().zip(size.to_usize()).and_then(|(start, size)| start.checked_add(size));
        if end.is_none_or(|end| end > limit) {
            return Err(format!("has a list of {size} from {start} on, of {limit} elements, at row {row}"));
        }
    }
    walk(&data.child_data()[0])
}

/// Checks that keys point into the dictionary; those of null rows may hold anything.
fn keys_within<T: ArrowNativeType + Display + Ord>(data: &ArrayData, limit: usize) -> Result<(), String> {
    let keys = scalars::<T>(&data.buffers()[0], data.offset(), data.len())?;
    let good = |key: &T| key.to_usize().is_some_and(|key| key < limit);
    // Two extremes vectorise; rows are looked at one by one only when the extremes are out of range.
    let (low, high) = keys
        .iter()
        .fold((T::usize_as(0), T::usize_as(0)), |(low, high), key| (low.min(*key), high.max(*key)));
    if keys.is_empty() || (good(&low) && good(&high)) {
        return Ok(());
    }
    match keys.iter().enumerate().position(|(row, key)| !good(key) && !is_null(data.nulls(), row)) {
        Some(row) => Err(format!("has key {} at row {row} and {limit} dictionary values", keys[row])),
        None => Ok(()),
    }
}

fn runs_cover<T: ArrowNativeType + Display + Ord>(run_ends: &ArrayData, rows: usize) -> Result<(), String> {
    let ends = scalars::<T>(&run_ends.buffers()[0], run_ends.offset(), run_ends.len())?;
    let mut previous = T::usize_as(0);
    for end in ends.iter() {
        if *end <= previous {
            return Err(format!("has run end {end} after {previous}"));
        }
        previous = *end;
    }
    if previous.to_usize().is_none_or(|last| last < rows) {
        return Err(format!("has runs up to {previous} for {rows} rows"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int8Type;
    use arrow_array::{Array, DictionaryArray, Int8Array, ListArray, StringArray, StringViewArray};

    fn verdict(data: &ArrayData) -> Result<(), String> {
        contents(data, "data", "x").map_err(|error| error.to_string())
    }

    #[test]
    fn good_arrays_pass_sliced_or_not() {
        let text = StringArray::from(vec!["a", "é", "日本", "", "x"]).into_data();
        let views = StringViewArray::from(vec!["a", "longer than twelve bytes", "日本"]).into_data();
        let lists = ListArray::from_iter_primitive::<Int8Type, _, _>([Some(vec![Some(1)]), None]).into_data();
        let dictionary: DictionaryArray<Int8Type> = ["a", "b", "a"].into_iter().collect();
        for data in [text, views, lists, dictionary.into_data()] {
            verdict(&data).unwrap();
            verdict(&data.slice(1, 1)).unwrap();
            verdict(&data.slice(1, 0)).unwrap();
        }
    }

    #[test]
    fn keys_past_the_dictionary_are_refused_unless_null() {
        let values = StringArray::from(vec!["a"]).into_data();
        let keyed = |keys: Int8Array| {
            let keys = keys.into_data();
            let kind = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
            keys.into_builder().data_type(kind).add_child_data(values.clone())
        };
        let null = keyed(Int8Array::new(vec![0, 99].into(), Some(vec![true, false].into()))).build().unwrap();
        verdict(&null).unwrap();
        assert!(keyed(Int8Array::from(vec![0, 1])).build().is_err(), "arrow-rs refuses what we do");
    }
}
