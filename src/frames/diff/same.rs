//! Whether two rows have the same value in one column, whichever tables they are in.
#![forbid(unsafe_code)]

use super::cell::cell;
use super::side::Place;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use std::collections::HashMap;

/// Compares the values of two rows.
pub trait Compare: Send + Sync {
    /// Whether they are the same.
    fn same(&self, one: Place, other: Place) -> bool;

    /// Sets the flag of every pair that differs. One call for many pairs, so that the loop is compiled with the
    /// comparison inside and waits for memory once for several of them.
    fn differ(&self, pairs: &[(Place, Place)], flags: &mut [bool]);
}

struct Closure<F>(F);

impl<F: Fn(Place, Place) -> bool + Send + Sync> Compare for Closure<F> {
    fn same(&self, one: Place, other: Place) -> bool {
        (self.0)(one, other)
    }

    fn differ(&self, pairs: &[(Place, Place)], flags: &mut [bool]) {
        for (flag, (one, other)) in flags.iter_mut().zip(pairs) {
            *flag |= !(self.0)(*one, *other);
        }
    }
}

/// The comparison of one column.
pub type Same<'a> = Box<dyn Compare + 'a>;

/// Makes the comparison of a column, given that column of every batch. Where all have one plain type their values are
/// compared as they lie, else as [`cell`] has them; the answer is the same.
pub fn same<'a>(columns: Vec<&'a dyn Array>) -> Same<'a> {
    let Some(data_type) = columns.first().map(|column| column.data_type().clone()) else {
        return Box::new(Closure(|_, _| true));
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
        DataType::Dictionary(..) => coded(&columns).unwrap_or_else(|| slow(columns)),
        _ => slow(columns),
    }
}

fn slow<'a>(columns: Vec<&'a dyn Array>) -> Same<'a> {
    Box::new(Closure(move |one: Place, other: Place| {
        cell(columns[one.batch as usize], one.row as usize)
            == cell(columns[other.batch as usize], other.row as usize)
    }))
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
        return Box::new(Closure(equal));
    }
    let null = move |place: Place| {
        nulls[place.batch as usize].is_some_and(|nulls| nulls.is_null(place.row as usize))
    };
    Box::new(Closure(move |one, other| match (null(one), null(other)) {
        (false, false) => equal(one, other),
        (one, other) => one && other,
    }))
}

/// Texts of dictionaries, numbered across all batches: rows are compared by number. None where that gains nothing.
fn coded<'a>(columns: &[&'a dyn Array]) -> Option<Same<'a>> {
    let mut numbers: HashMap<&'a str, u32> = HashMap::new();
    let mut codes: Vec<Vec<u32>> = Vec::with_capacity(columns.len());
    for column in columns {
        let dictionary = column.as_any_dictionary_opt()?;
        let values = dictionary.values();
        if values.len() > column.len() || u32::try_from(numbers.len() + values.len()).is_err() {
            return None;
        }
        let texts: Vec<Option<&'a str>> = match values.data_type() {
            DataType::Utf8 => values.as_string::<i32>().iter().collect(),
            DataType::LargeUtf8 => values.as_string::<i64>().iter().collect(),
            DataType::Utf8View => values.as_string_view().iter().collect(),
            _ => return None,
        };
        let mut number = |text: Option<&'a str>| {
            let next = numbers.len() as u32 + 1;
            text.map_or(0, |text| *numbers.entry(text).or_insert(next)) // 0 is null
        };
        let own: Vec<u32> = texts.into_iter().map(&mut number).collect();
        let mut code = Vec::new();
        code.try_reserve_exact(column.len()).ok()?;
        if own.is_empty() {
            code.resize(column.len(), 0); // no values: every row is null
        } else {
            let keys = dictionary.normalized_keys().into_iter().enumerate();
            code.extend(keys.map(|(row, key)| if column.is_null(row) { 0 } else { own[key] }));
        }
        codes.push(code);
    }
    Some(Box::new(Closure(move |one: Place, other: Place| {
        codes[one.batch as usize][one.row as usize] == codes[other.batch as usize][other.row as usize]
    })))
}
