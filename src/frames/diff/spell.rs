//! One value of a table as JSON, for reports.
#![forbid(unsafe_code)]

use super::cell::Cell;
use super::cell::{cell, followed};
use crate::frames::temporal::Clock;
use crate::frames::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{DataType, TimeUnit};
use serde_json::{Map, Value as Json, json};

/// Items of a list that are shown.
const SHOWN: usize = 20;

/// Characters of a text, or bytes of binary data, that are shown.
const LONG: usize = 200;

/// The value of a row: numbers are numbers, decimals, dates and times text, binary data hexadecimal. What is long is
/// cut and ends with an ellipsis.
pub fn spell(array: &dyn Array, row: usize) -> Json {
    if array.is_null(row) {
        return Json::Null;
    }
    match array.data_type() {
        DataType::Decimal32(..) => Json::String(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => Json::String(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => Json::String(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(..) => Json::String(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float16 => real(array.as_primitive::<Float16Type>().value(row).to_f64()),
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            real(value.to_string().parse().unwrap_or(f64::from(value))) // the digits float32 has, and no more
        }
        DataType::Float64 => real(array.as_primitive::<Float64Type>().value(row)),
        DataType::Date32 => clock::<Date32Type>(array, row),
        DataType::Date64 => clock::<Date64Type>(array, row),
        DataType::Time32(TimeUnit::Second) => clock::<Time32SecondType>(array, row),
        DataType::Time32(_) => clock::<Time32MillisecondType>(array, row),
        DataType::Time64(TimeUnit::Microsecond) => clock::<Time64MicrosecondType>(array, row),
        DataType::Time64(_) => clock::<Time64NanosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Second, _) => clock::<TimestampSecondType>(array, row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => clock::<TimestampMillisecondType>(array, row),
        DataType::Timestamp(TimeUnit::Microsecond, _) => clock::<TimestampMicrosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => clock::<TimestampNanosecondType>(array, row),
        DataType::Duration(TimeUnit::Second) => clock::<DurationSecondType>(array, row),
        DataType::Duration(TimeUnit::Millisecond) => clock::<DurationMillisecondType>(array, row),
        DataType::Duration(TimeUnit::Microsecond) => clock::<DurationMicrosecondType>(array, row),
        DataType::Duration(TimeUnit::Nanosecond) => clock::<DurationNanosecondType>(array, row),
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => {
            followed(array, row).map_or(Json::Null, |(values, place)| spell(values, place))
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let offsets = list.value_offsets();
            span(list.values().as_ref(), offsets[row].as_usize(), offsets[row + 1].as_usize())
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            let offsets = list.value_offsets();
            span(list.values().as_ref(), offsets[row].as_usize(), offsets[row + 1].as_usize())
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            let (start, size) = (list.value_offsets()[row].as_usize(), list.value_sizes()[row].as_usize());
            span(list.values().as_ref(), start, start + size)
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            let (start, size) = (list.value_offsets()[row].as_usize(), list.value_sizes()[row].as_usize());
            span(list.values().as_ref(), start, start + size)
        }
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            span(array.as_fixed_size_list().values().as_ref(), row * size, (row + 1) * size)
        }
        DataType::Struct(fields) => {
            let parts = fields.iter().zip(array.as_struct().columns());
            Json::Object(
                parts
                    .map(|(field, part)| (field.name().clone(), spell(part.as_ref(), row)))
                    .collect::<Map<_, _>>(),
            )
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let (keys, values) = (map.keys().as_ref(), map.values().as_ref());
            let offsets = map.value_offsets();
            let rows = offsets[row].as_usize()..offsets[row + 1].as_usize();
            cut(rows.len(), rows.map(|row| json!([spell(keys, row), spell(values, row)])))
        }
        DataType::Union(..) => {
            let union = array.as_union();
            spell(union.child(union.type_id(row)).as_ref(), union.value_offset(row))
        }
        _ => plain(&cell(array, row)),
    }
}

fn plain(cell: &Cell<'_>) -> Json {
    use crate::frames::fingerprint::number::Number;
    match cell {
        Cell::Number(Number::Integer(value)) => (*value).into(),
        Cell::Bool(value) => (*value).into(),
        Cell::Text(text) => {
            let text = String::from_utf8_lossy(text);
            match text.char_indices().nth(LONG) {
                None => text.into(),
                Some((end, _)) => format!("{}\u{2026}", &text[..end]).into(),
            }
        }
        Cell::Binary(bytes) => {
            let shown = Value::Bytes(bytes[..bytes.len().min(LONG)].to_vec()).text().unwrap_or_default();
            format!("{shown}{}", if bytes.len() > LONG { "\u{2026}" } else { "" }).into()
        }
        Cell::Interval(months, days, nanoseconds) => {
            let seconds = Clock::Duration { per_second: 1_000_000_000 }.written(i128::from(*nanoseconds));
            format!("{months} months {days} days {seconds}").into()
        }
        _ => Json::Null, // of type null; the rest has been spelled by its type
    }
}

fn real(value: f64) -> Json {
    if value.is_nan() { "nan".into() } else { Value::Real(value).json() }
}

fn clock<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array, row: usize) -> Json {
    let value: i128 = array.as_primitive::<T>().value(row).into();
    Clock::of(array.data_type()).map_or(Json::Null, |clock| clock.written(value).into())
}

fn span(items: &dyn Array, start: usize, end: usize) -> Json {
    cut(end - start, (start..end).map(|row| spell(items, row)))
}

/// The first few items.
fn cut(count: usize, items: impl Iterator<Item = Json>) -> Json {
    let mut items: Vec<Json> = items.take(SHOWN).collect();
    if count > SHOWN {
        items.push("\u{2026}".into());
    }
    Json::Array(items)
}
