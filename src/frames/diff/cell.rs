//! One value, in the form that fingerprints hash: what is equal here has one hash, and what is not differs.
#![forbid(unsafe_code)]

use crate::frames::fingerprint::column::nanoseconds;
use crate::frames::fingerprint::number::Number;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::{ArrowNativeType, i256};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

/// A value that has no type any more but its kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Null.
    Null,
    /// A number of any type.
    Number(Number),
    /// A truth value.
    Bool(bool),
    /// UTF-8.
    Text(&'a [u8]),
    /// Binary data.
    Binary(&'a [u8]),
    /// Days.
    Date(i64),
    /// Nanoseconds since midnight.
    Time(i128),
    /// Nanoseconds, and whether there is a time zone.
    Timestamp(i128, bool),
    /// Nanoseconds.
    Duration(i128),
    /// Months, days and nanoseconds.
    Interval(i32, i32, i64),
    /// Items in order.
    List(Vec<Cell<'a>>),
    /// Fields in order.
    Struct(Vec<Cell<'a>>),
    /// Entries in any order.
    Map(Entries<'a>),
}

/// Keys and their values, equal when each entry comes as often in both.
#[derive(Clone, Debug)]
pub struct Entries<'a>(Vec<(Cell<'a>, Cell<'a>)>);

impl<'a> From<Vec<(Cell<'a>, Cell<'a>)>> for Entries<'a> {
    fn from(entries: Vec<(Cell<'a>, Cell<'a>)>) -> Self {
        Self(entries)
    }
}

impl PartialEq for Entries<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.0.len() != other.0.len() {
            return false;
        }
        let mut taken = vec![false; other.0.len()];
        // Entries mostly come in one order, so looking starts where the last one was found.
        let mut from = 0;
        self.0.iter().all(|entry| {
            let places = (from..taken.len()).chain(0..from);
            let Some(place) = places.into_iter().find(|at| !taken[*at] && other.0[*at] == *entry) else {
                return false;
            };
            taken[place] = true;
            from = place + 1;
            true
        })
    }
}

fn native<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn ticks(array: &dyn Array, row: usize, unit: TimeUnit) -> i128 {
    let value = match array.data_type() {
        DataType::Time32(TimeUnit::Second) => native::<Time32SecondType>(array, row).into(),
        DataType::Time32(_) => native::<Time32MillisecondType>(array, row).into(),
        DataType::Time64(TimeUnit::Microsecond) => native::<Time64MicrosecondType>(array, row),
        DataType::Time64(_) => native::<Time64NanosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Second, _) => native::<TimestampSecondType>(array, row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => native::<TimestampMillisecondType>(array, row),
        DataType::Timestamp(TimeUnit::Microsecond, _) => native::<TimestampMicrosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => native::<TimestampNanosecondType>(array, row),
        DataType::Duration(TimeUnit::Second) => native::<DurationSecondType>(array, row),
        DataType::Duration(TimeUnit::Millisecond) => native::<DurationMillisecondType>(array, row),
        DataType::Duration(TimeUnit::Microsecond) => native::<DurationMicrosecondType>(array, row),
        _ => native::<DurationNanosecondType>(array, row),
    };
    i128::from(value) * i128::from(nanoseconds(unit))
}

/// The place in the values of a dictionary or of runs that a row stands for; none for a null key.
pub fn followed(array: &dyn Array, row: usize) -> Option<(&dyn Array, usize)> {
    fn key<K: ArrowDictionaryKeyType>(keys: &dyn Array, row: usize) -> usize {
        keys.as_primitive::<K>().value(row).as_usize()
    }
    match array.data_type() {
        _ if array.is_null(row) => None,
        DataType::Dictionary(kind, _) => {
            let dictionary = array.as_any_dictionary();
            let keys = dictionary.keys();
            let place = match kind.as_ref() {
                DataType::Int8 => key::<Int8Type>(keys, row),
                DataType::Int16 => key::<Int16Type>(keys, row),
                DataType::Int32 => key::<Int32Type>(keys, row),
                DataType::Int64 => key::<Int64Type>(keys, row),
                DataType::UInt8 => key::<UInt8Type>(keys, row),
                DataType::UInt16 => key::<UInt16Type>(keys, row),
                DataType::UInt32 => key::<UInt32Type>(keys, row),
                _ => key::<UInt64Type>(keys, row),
            };
            Some((dictionary.values().as_ref(), place))
        }
        DataType::RunEndEncoded(ends, _) => Some(match ends.data_type() {
            DataType::Int16 => {
                let runs = array.as_run::<Int16Type>();
                (runs.values().as_ref(), runs.run_ends().get_physical_index(row))
            }
            DataType::Int32 => {
                let runs = array.as_run::<Int32Type>();
                (runs.values().as_ref(), runs.run_ends().get_physical_index(row))
            }
            _ => {
                let runs = array.as_run::<Int64Type>();
                (runs.values().as_ref(), runs.run_ends().get_physical_index(row))
            }
        }),
        _ => Some((array, row)),
    }
}

/// The value of a row. Nesting is bounded at import.
pub fn cell(array: &dyn Array, row: usize) -> Cell<'_> {
    if array.is_null(row) {
        return Cell::Null;
    }
    match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
        DataType::Int8 => whole(native::<Int8Type>(array, row)),
        DataType::Int16 => whole(native::<Int16Type>(array, row)),
        DataType::Int32 => whole(native::<Int32Type>(array, row)),
        DataType::Int64 => whole(native::<Int64Type>(array, row)),
        DataType::UInt8 => whole(native::<UInt8Type>(array, row)),
        DataType::UInt16 => whole(native::<UInt16Type>(array, row)),
        DataType::UInt32 => whole(native::<UInt32Type>(array, row)),
        DataType::UInt64 => Cell::Number(Number::unsigned(native::<UInt64Type>(array, row))),
        DataType::Float16 => Cell::Number(Number::real(native::<Float16Type>(array, row).to_f64())),
        DataType::Float32 => Cell::Number(Number::real(native::<Float32Type>(array, row).into())),
        DataType::Float64 => Cell::Number(Number::real(native::<Float64Type>(array, row))),
        DataType::Decimal32(_, scale) => decimal(native::<Decimal32Type>(array, row).into(), *scale),
        DataType::Decimal64(_, scale) => decimal(native::<Decimal64Type>(array, row).into(), *scale),
        DataType::Decimal128(_, scale) => decimal(native::<Decimal128Type>(array, row), *scale),
        DataType::Decimal256(_, scale) => {
            Cell::Number(Number::decimal(native::<Decimal256Type>(array, row), *scale))
        }
        DataType::Date32 => Cell::Date(native::<Date32Type>(array, row).into()),
        DataType::Date64 => Cell::Date(native::<Date64Type>(array, row).div_euclid(86_400_000)),
        DataType::Time32(unit) | DataType::Time64(unit) => Cell::Time(ticks(array, row, *unit)),
        DataType::Timestamp(unit, zone) => Cell::Timestamp(ticks(array, row, *unit), zone.is_some()),
        DataType::Duration(unit) => Cell::Duration(ticks(array, row, *unit)),
        DataType::Interval(IntervalUnit::YearMonth) => {
            Cell::Interval(native::<IntervalYearMonthType>(array, row), 0, 0)
        }
        DataType::Interval(IntervalUnit::DayTime) => {
            let value = native::<IntervalDayTimeType>(array, row);
            Cell::Interval(0, value.days, i64::from(value.milliseconds) * 1_000_000)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = native::<IntervalMonthDayNanoType>(array, row);
            Cell::Interval(value.months, value.days, value.nanoseconds)
        }
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(row).as_bytes()),
        DataType::Binary => Cell::Binary(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Cell::Binary(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Cell::Binary(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Cell::Binary(array.as_fixed_size_binary().value(row)),
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => {
            followed(array, row).map_or(Cell::Null, |(values, place)| cell(values, place))
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
        DataType::Struct(_) => {
            Cell::Struct(array.as_struct().columns().iter().map(|field| cell(field.as_ref(), row)).collect())
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let (keys, values) = (map.keys().as_ref(), map.values().as_ref());
            let offsets = map.value_offsets();
            let rows = offsets[row].as_usize()..offsets[row + 1].as_usize();
            Cell::Map(Entries(rows.map(|row| (cell(keys, row), cell(values, row))).collect()))
        }
        DataType::Union(..) => {
            let union = array.as_union();
            cell(union.child(union.type_id(row)).as_ref(), union.value_offset(row))
        }
    }
}

fn span(items: &dyn Array, start: usize, end: usize) -> Cell<'_> {
    Cell::List((start..end).map(|row| cell(items, row)).collect())
}

fn whole(value: impl Into<i64>) -> Cell<'static> {
    Cell::Number(Number::Integer(value.into()))
}

fn decimal(unscaled: i128, scale: i8) -> Cell<'static> {
    Cell::Number(Number::decimal(i256::from_i128(unscaled), scale))
}
