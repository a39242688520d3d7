//! One column of a batch, made ready once and hashed in blocks: dictionaries and runs seen through, children included.
#![forbid(unsafe_code)]

use super::hash::{Hash, seed};
use super::nested::{self, Entries, Lists};
use crate::error::Error;
use crate::progress::Pulse;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType, GenericByteArray, GenericByteViewArray, UnionArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, IntervalDayTime, IntervalMonthDayNano, NullBuffer, i256};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

/// A column, its type taken apart.
pub struct Column<'a, H> {
    pub(super) nulls: Option<&'a NullBuffer>,
    pub(super) values: Values<'a, H>,
}

pub(super) enum Values<'a, H> {
    Null,
    Boolean(&'a BooleanBuffer),
    Whole(Wholes<'a>),
    UInt64(&'a [u64]),
    Half(&'a [half::f16]),
    Float(&'a [f32]),
    Double(&'a [f64]),
    Decimal(Decimals<'a>, i8),
    /// Ticks of so many nanoseconds, or days.
    Short(&'a [i32], i64, u64),
    Long(&'a [i64], i64, u64),
    /// Milliseconds of days.
    Date64(&'a [i64]),
    Months(&'a [i32]),
    DayTime(&'a [IntervalDayTime]),
    MonthDayNano(&'a [IntervalMonthDayNano]),
    Bytes(Bytes<'a>, u64),
    /// Hashes of the values, where there are no more of these than rows.
    Looked(&'a dyn Array, Vec<H>),
    Dictionary(&'a dyn Array, Box<Column<'a, H>>),
    Runs(Ends<'a>, Box<Column<'a, H>>),
    List(Lists<'a>, Box<Column<'a, H>>),
    Map(Entries<'a, H>),
    Struct(Vec<Column<'a, H>>, u64),
    Union(&'a UnionArray, Vec<(i8, Column<'a, H>)>),
}

pub(super) enum Wholes<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

pub(super) enum Decimals<'a> {
    D32(&'a [i32]),
    D64(&'a [i64]),
    D128(&'a [i128]),
    D256(&'a [i256]),
}

pub(super) enum Bytes<'a> {
    Short(&'a [i32], &'a [u8]),
    Long(&'a [i64], &'a [u8]),
    Views(&'a [u128], &'a [arrow_buffer::Buffer]),
    Fixed(usize, &'a [u8]),
}

/// Run ends and how many rows lie before the slice.
pub(super) enum Ends<'a> {
    I16(&'a [i16], usize),
    I32(&'a [i32], usize),
    I64(&'a [i64], usize),
}

pub(super) fn of<T: ArrowPrimitiveType>(array: &dyn Array) -> &[T::Native] {
    array.as_primitive::<T>().values()
}

/// Nanoseconds of a unit.
pub fn nanoseconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

fn bytes<O: ByteArrayType<Offset: ArrowNativeType>>(array: &GenericByteArray<O>) -> (&[O::Offset], &[u8]) {
    (array.value_offsets(), array.value_data())
}

fn views<V: ByteViewType>(array: &GenericByteViewArray<V>) -> Bytes<'_> {
    Bytes::Views(array.views(), array.data_buffers())
}

impl<'a, H: Hash> Column<'a, H> {
    /// Takes a column apart. `by_name`: fields of structs count by name and not by place.
    ///
    /// # Errors
    /// [`Error::Type`] for a type that is not known here, [`Error::Invalid`] for a struct that has two fields of one
    /// name when names count, [`Error::Memory`] for a dictionary whose hashes do not fit, [`Error::Cancelled`].
    pub fn new(array: &'a dyn Array, by_name: bool, pulse: &Pulse<'_>) -> Result<Self, Error> {
        let inner = |array: &'a dyn Array| Self::new(array, by_name, pulse).map(Box::new);
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Boolean(array.as_boolean().values()),
            DataType::Int8 => Values::Whole(Wholes::I8(of::<Int8Type>(array))),
            DataType::Int16 => Values::Whole(Wholes::I16(of::<Int16Type>(array))),
            DataType::Int32 => Values::Whole(Wholes::I32(of::<Int32Type>(array))),
            DataType::Int64 => Values::Whole(Wholes::I64(of::<Int64Type>(array))),
            DataType::UInt8 => Values::Whole(Wholes::U8(of::<UInt8Type>(array))),
            DataType::UInt16 => Values::Whole(Wholes::U16(of::<UInt16Type>(array))),
            DataType::UInt32 => Values::Whole(Wholes::U32(of::<UInt32Type>(array))),
            DataType::UInt64 => Values::UInt64(of::<UInt64Type>(array)),
            DataType::Float16 => Values::Half(of::<Float16Type>(array)),
            DataType::Float32 => Values::Float(of::<Float32Type>(array)),
            DataType::Float64 => Values::Double(of::<Float64Type>(array)),
            DataType::Decimal32(_, scale) => {
                Values::Decimal(Decimals::D32(of::<Decimal32Type>(array)), *scale)
            }
            DataType::Decimal64(_, scale) => {
                Values::Decimal(Decimals::D64(of::<Decimal64Type>(array)), *scale)
            }
            DataType::Decimal128(_, scale) => {
                Values::Decimal(Decimals::D128(of::<Decimal128Type>(array)), *scale)
            }
            DataType::Decimal256(_, scale) => {
                Values::Decimal(Decimals::D256(of::<Decimal256Type>(array)), *scale)
            }
            DataType::Date32 => Values::Short(of::<Date32Type>(array), 1, seed::DATE),
            DataType::Date64 => Values::Date64(of::<Date64Type>(array)),
            DataType::Time32(unit) => {
                let ticks = match unit {
                    TimeUnit::Second => of::<Time32SecondType>(array),
                    _ => of::<Time32MillisecondType>(array),
                };
                Values::Short(ticks, nanoseconds(*unit), seed::TIME)
            }
            DataType::Time64(unit) => {
                let ticks = match unit {
                    TimeUnit::Microsecond => of::<Time64MicrosecondType>(array),
                    _ => of::<Time64NanosecondType>(array),
                };
                Values::Long(ticks, nanoseconds(*unit), seed::TIME)
            }
            DataType::Timestamp(unit, zone) => {
                let ticks = match unit {
                    TimeUnit::Second => of::<TimestampSecondType>(array),
                    TimeUnit::Millisecond => of::<TimestampMillisecondType>(array),
                    TimeUnit::Microsecond => of::<TimestampMicrosecondType>(array),
                    TimeUnit::Nanosecond => of::<TimestampNanosecondType>(array),
                };
                let seed = if zone.is_some() { seed::INSTANT } else { seed::TIMESTAMP };
                Values::Long(ticks, nanoseconds(*unit), seed)
            }
            DataType::Duration(unit) => {
                let ticks = match unit {
                    TimeUnit::Second => of::<DurationSecondType>(array),
                    TimeUnit::Millisecond => of::<DurationMillisecondType>(array),
                    TimeUnit::Microsecond => of::<DurationMicrosecondType>(array),
                    TimeUnit::Nanosecond => of::<DurationNanosecondType>(array),
                };
                Values::Long(ticks, nanoseconds(*unit), seed::DURATION)
            }
            DataType::Interval(IntervalUnit::YearMonth) => Values::Months(of::<IntervalYearMonthType>(array)),
            DataType::Interval(IntervalUnit::DayTime) => Values::DayTime(of::<IntervalDayTimeType>(array)),
            DataType::Interval(IntervalUnit::MonthDayNano) => {
                Values::MonthDayNano(of::<IntervalMonthDayNanoType>(array))
            }
            DataType::Utf8 => {
                let (offsets, values) = bytes(array.as_string::<i32>());
                Values::Bytes(Bytes::Short(offsets, values), seed::PLAIN)
            }
            DataType::LargeUtf8 => {
                let (offsets, values) = bytes(array.as_string::<i64>());
                Values::Bytes(Bytes::Long(offsets, values), seed::PLAIN)
            }
            DataType::Binary => {
                let (offsets, values) = bytes(array.as_binary::<i32>());
                Values::Bytes(Bytes::Short(offsets, values), seed::BINARY)
            }
            DataType::LargeBinary => {
                let (offsets, values) = bytes(array.as_binary::<i64>());
                Values::Bytes(Bytes::Long(offsets, values), seed::BINARY)
            }
            DataType::Utf8View => Values::Bytes(views(array.as_string_view()), seed::PLAIN),
            DataType::BinaryView => Values::Bytes(views(array.as_binary_view()), seed::BINARY),
            DataType::FixedSizeBinary(size) => {
                let array = array.as_fixed_size_binary();
                Values::Bytes(Bytes::Fixed(*size as usize, array.value_data()), seed::BINARY)
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = inner(dictionary.values().as_ref())?;
                let count = dictionary.values().len();
                if count <= array.len() {
                    Values::Looked(dictionary.keys(), values.all(count, pulse)?)
                } else {
                    Values::Dictionary(dictionary.keys(), values)
                }
            }
            DataType::RunEndEncoded(ends, _) => match ends.data_type() {
                DataType::Int16 => {
                    let runs = array.as_run::<Int16Type>();
                    let ends = Ends::I16(runs.run_ends().values(), runs.run_ends().offset());
                    Values::Runs(ends, inner(runs.values().as_ref())?)
                }
                DataType::Int32 => {
                    let runs = array.as_run::<Int32Type>();
                    let ends = Ends::I32(runs.run_ends().values(), runs.run_ends().offset());
                    Values::Runs(ends, inner(runs.values().as_ref())?)
                }
                _ => {
                    let runs = array.as_run::<Int64Type>();
                    let ends = Ends::I64(runs.run_ends().values(), runs.run_ends().offset());
                    Values::Runs(ends, inner(runs.values().as_ref())?)
                }
            },
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::List(Lists::Short(list.value_offsets()), inner(list.values().as_ref())?)
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Values::List(Lists::Long(list.value_offsets()), inner(list.values().as_ref())?)
            }
            DataType::ListView(_) => {
                let list = array.as_list_view::<i32>();
                let views = Lists::ShortViews(list.value_offsets(), list.value_sizes());
                Values::List(views, inner(list.values().as_ref())?)
            }
            DataType::LargeListView(_) => {
                let list = array.as_list_view::<i64>();
                let views = Lists::LongViews(list.value_offsets(), list.value_sizes());
                Values::List(views, inner(list.values().as_ref())?)
            }
            DataType::FixedSizeList(_, size) => {
                let list = array.as_fixed_size_list();
                Values::List(Lists::Fixed(*size as usize), inner(list.values().as_ref())?)
            }
            DataType::Map(..) => {
                let map = array.as_map();
                let (keys, values) = (inner(map.keys().as_ref())?, inner(map.values().as_ref())?);
                Values::Map(Entries { offsets: map.value_offsets(), keys, values })
            }
            DataType::Struct(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
                let (order, mark) = nested::order(&names, by_name, seed::STRUCT, "struct fields")?;
                let columns = array.as_struct().columns();
                let children = order.iter().map(|at| Self::new(columns[*at].as_ref(), by_name, pulse));
                Values::Struct(children.collect::<Result<_, _>>()?, mark)
            }
            DataType::Union(fields, _) => {
                let union = array.as_union();
                let members = fields.iter().map(|(id, _)| Ok((id, *inner(union.child(id).as_ref())?)));
                Values::Union(union, members.collect::<Result<_, Error>>()?)
            }
        };
        Ok(Self { nulls: array.nulls().filter(|nulls| nulls.null_count() > 0), values })
    }
}
