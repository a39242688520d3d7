//! Whether two rows have the same value in one column, whichever tables they are in.
#![forbid(unsafe_code)]

use super::cell::cell;
use super::side::Place;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

/// Compares the values of two rows.
pub type Same<'a> = Box<dyn Fn(Place, Place) -> bool + Send + Sync + 'a>;

/// Makes the comparison of a column, given that column of every batch. Where all have one plain type their values are
/// compared as they lie, else as [`cell`] has them; the answer is the same.
pub fn same<'a>(columns: Vec<&'a dyn Array>) -> Same<'a> {
    let Some(data_type) = columns.first().map(|column| column.data_type().clone()) else {
        return Box::new(|_, _| true);
    };
    if columns.iter().any(|column| *column.data_type() != data_type) {
        return slow(columns);
    }
    match data_type {
        DataType::Int8 => plain::<Int8Type>(columns),
        DataType::Int16 => plain::<Int16Type>(columns),
        DataType::Int32 => plain::<Int32Type>(columns),
        DataType::Int64 => plain::<Int64Type>(columns),
        DataType::UInt8 => plain::<UInt8Type>(columns),
        DataType::UInt16 => plain::<UInt16Type>(columns),
        DataType::UInt32 => plain::<UInt32Type>(columns),
        DataType::UInt64 => plain::<UInt64Type>(columns),
        DataType::Date32 => plain::<Date32Type>(columns),
        DataType::Timestamp(TimeUnit::Second, _) => plain::<TimestampSecondType>(columns),
        DataType::Timestamp(TimeUnit::Millisecond, _) => plain::<TimestampMillisecondType>(columns),
        DataType::Timestamp(TimeUnit::Microsecond, _) => plain::<TimestampMicrosecondType>(columns),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => plain::<TimestampNanosecondType>(columns),
        DataType::Duration(TimeUnit::Microsecond) => plain::<DurationMicrosecondType>(columns),
        DataType::Duration(TimeUnit::Nanosecond) => plain::<DurationNanosecondType>(columns),
        DataType::Interval(IntervalUnit::MonthDayNano) => plain::<IntervalMonthDayNanoType>(columns),
        DataType::Decimal64(..) => plain::<Decimal64Type>(columns),
        DataType::Decimal128(..) => plain::<Decimal128Type>(columns),
        DataType::Float32 => {
            primitive::<Float32Type>(columns, |one, other| one == other || (one.is_nan() && other.is_nan()))
        }
        DataType::Float64 => {
            primitive::<Float64Type>(columns, |one, other| one == other || (one.is_nan() && other.is_nan()))
        }
        DataType::Boolean => {
            let values: Vec<_> = columns.iter().map(|column| column.as_boolean().values().clone()).collect();
            guarded(columns, move |one, other| {
                values[one.batch as usize].value(one.row as usize)
                    == values[other.batch as usize].value(other.row as usize)
            })
        }
        DataType::Utf8 => {
            let values: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
            guarded(columns, move |one, other| {
                values[one.batch as usize].value(one.row as usize)
                    == values[other.batch as usize].value(other.row as usize)
            })
        }
        DataType::LargeUtf8 => {
            let values: Vec<_> = columns.iter().map(|column| column.as_string::<i64>()).collect();
            guarded(columns, move |one, other| {
                values[one.batch as usize].value(one.row as usize)
                    == values[other.batch as usize].value(other.row as usize)
            })
        }
        DataType::Utf8View => {
            let values: Vec<_> = columns.iter().map(|column| column.as_string_view()).collect();
            guarded(columns, move |one, other| {
                let (first, second) = (values[one.batch as usize], values[other.batch as usize]);
                let (mine, theirs) = (first.views()[one.row as usize], second.views()[other.row as usize]);
                // Length and first four bytes; twelve bytes and fewer are all in the view.
                mine as u64 == theirs as u64
                    && if mine as u32 <= 12 {
                        mine == theirs
                    } else {
                        first.value(one.row as usize) == second.value(other.row as usize)
                    }
            })
        }
        _ => slow(columns),
    }
}

fn slow<'a>(columns: Vec<&'a dyn Array>) -> Same<'a> {
    Box::new(move |one, other| {
        cell(columns[one.batch as usize], one.row as usize)
            == cell(columns[other.batch as usize], other.row as usize)
    })
}

fn plain<'a, T: ArrowPrimitiveType>(columns: Vec<&'a dyn Array>) -> Same<'a> {
    primitive::<T>(columns, |one, other| one == other)
}

fn primitive<'a, T: ArrowPrimitiveType>(
    columns: Vec<&'a dyn Array>,
    equal: impl Fn(T::Native, T::Native) -> bool + Send + Sync + 'a,
) -> Same<'a> {
    let values: Vec<&[T::Native]> =
        columns.iter().map(|column| &column.as_primitive::<T>().values()[..]).collect();
    guarded(columns, move |one, other| {
        equal(values[one.batch as usize][one.row as usize], values[other.batch as usize][other.row as usize])
    })
}

/// Nulls are equal to each other and to nothing else.
fn guarded<'a>(
    columns: Vec<&'a dyn Array>,
    equal: impl Fn(Place, Place) -> bool + Send + Sync + 'a,
) -> Same<'a> {
    let nulls: Vec<Option<&NullBuffer>> = columns.iter().map(|column| column.nulls()).collect();
    if nulls.iter().all(Option::is_none) {
        return Box::new(equal);
    }
    let null = move |place: Place| {
        nulls[place.batch as usize].is_some_and(|nulls| nulls.is_null(place.row as usize))
    };
    Box::new(move |one, other| match (null(one), null(other)) {
        (false, false) => equal(one, other),
        (one, other) => one && other,
    })
}
