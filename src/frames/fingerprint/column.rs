//! One column of a batch, made ready once and hashed in blocks: dictionaries and runs seen through, children included.
#![forbid(unsafe_code)]

use super::hash::{Hash, seed};
use super::nested::{self, Entries, Lists};
use super::number::Number;
use crate::error::Error;
use crate::frames::profile::simd_moments::{Real, Whole};
use crate::progress::Pulse;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType, GenericByteArray, GenericByteViewArray, UnionArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, IntervalDayTime, IntervalMonthDayNano, NullBuffer, i256};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use std::ops::Range;

/// A column, its type taken apart.
pub struct Column<'a, H> {
    nulls: Option<&'a NullBuffer>,
    values: Values<'a, H>,
}

enum Values<'a, H> {
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

enum Wholes<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

enum Decimals<'a> {
    D32(&'a [i32]),
    D64(&'a [i64]),
    D128(&'a [i128]),
    D256(&'a [i256]),
}

enum Bytes<'a> {
    Short(&'a [i32], &'a [u8]),
    Long(&'a [i64], &'a [u8]),
    Views(&'a [u128], &'a [arrow_buffer::Buffer]),
    Fixed(usize, &'a [u8]),
}

/// Run ends and how many rows lie before the slice.
enum Ends<'a> {
    I16(&'a [i16], usize),
    I32(&'a [i32], usize),
    I64(&'a [i64], usize),
}

fn of<T: ArrowPrimitiveType>(array: &dyn Array) -> &[T::Native] {
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

    /// Hashes of the first `count` rows.
    fn all(&self, count: usize, pulse: &Pulse<'_>) -> Result<Vec<H>, Error> {
        const STEP: usize = 4096;
        let mut hashes = Vec::new();
        hashes.try_reserve_exact(count)?;
        hashes.resize(count, H::default());
        for (step, out) in hashes.chunks_mut(STEP).enumerate() {
            self.hash(step * STEP..step * STEP + out.len(), out, pulse)?;
            pulse.check()?;
        }
        Ok(hashes)
    }

    /// Hash of one row.
    pub fn one(&self, row: usize, pulse: &Pulse<'_>) -> Result<H, Error> {
        let mut out = [H::default()];
        self.hash(row..row + 1, &mut out, pulse)?;
        Ok(out[0])
    }

    /// Hashes of some rows. `out` is as long as there are rows, which are rows of the array this was made from.
    ///
    /// # Errors
    /// [`Error::Memory`] when a list has too many items, [`Error::Cancelled`].
    pub fn hash(&self, rows: Range<usize>, out: &mut [H], pulse: &Pulse<'_>) -> Result<(), Error> {
        debug_assert_eq!(rows.len(), out.len());
        match &self.values {
            Values::Null => out.fill(H::null()),
            Values::Boolean(values) => {
                let (no, yes) = (H::of(&[0], seed::BOOLEAN), H::of(&[1], seed::BOOLEAN));
                for (out, row) in out.iter_mut().zip(rows.clone()) {
                    *out = if values.value(row) { yes } else { no };
                }
            }
            Values::Whole(values) => match values {
                Wholes::I8(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::I16(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::I32(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::I64(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::U8(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::U16(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
                Wholes::U32(values) => H::wholes(&values[rows.clone()], seed::INTEGER, out),
            },
            Values::UInt64(values) => {
                let values = &values[rows.clone()];
                H::wholes(values, seed::INTEGER, out);
                if values.iter().fold(0, |all, value| all | value) >> 63 == 1 {
                    for (out, value) in out.iter_mut().zip(values).filter(|(_, value)| **value >> 63 == 1) {
                        *out = Number::unsigned(*value).hash();
                    }
                }
            }
            Values::Half(values) => reals(&values[rows.clone()], out),
            Values::Float(values) => reals(&values[rows.clone()], out),
            Values::Double(values) => reals(&values[rows.clone()], out),
            Values::Decimal(values, scale) => match values {
                Decimals::D32(values) => decimals(&values[rows.clone()], *scale, out, i64::from),
                Decimals::D64(values) => decimals(&values[rows.clone()], *scale, out, |value| value),
                Decimals::D128(values) => {
                    for (out, value) in out.iter_mut().zip(&values[rows.clone()]) {
                        *out = match (i64::try_from(*value), u32::try_from(*scale)) {
                            (Ok(value), Ok(scale @ 0..=18)) => Number::short(value, scale).hash(),
                            _ => Number::decimal(i256::from_i128(*value), *scale).hash(),
                        };
                    }
                }
                Decimals::D256(values) => {
                    for (out, value) in out.iter_mut().zip(&values[rows.clone()]) {
                        *out = Number::decimal(*value, *scale).hash();
                    }
                }
            },
            Values::Short(values, factor, seed) => ticks(&values[rows.clone()], *factor, *seed, out),
            Values::Long(values, factor, seed) => ticks(&values[rows.clone()], *factor, *seed, out),
            Values::Date64(values) => {
                for (out, value) in out.iter_mut().zip(&values[rows.clone()]) {
                    *out = H::of(&value.div_euclid(86_400_000).to_le_bytes(), seed::DATE);
                }
            }
            Values::Months(values) => {
                for (out, months) in out.iter_mut().zip(&values[rows.clone()]) {
                    *out = interval(*months, 0, 0);
                }
            }
            Values::DayTime(values) => {
                for (out, value) in out.iter_mut().zip(&values[rows.clone()]) {
                    *out = interval(0, value.days, i64::from(value.milliseconds) * 1_000_000);
                }
            }
            Values::MonthDayNano(values) => {
                for (out, value) in out.iter_mut().zip(&values[rows.clone()]) {
                    *out = interval(value.months, value.days, value.nanoseconds);
                }
            }
            Values::Bytes(values, seed) => self.texts(values, *seed, rows.clone(), out),
            Values::Looked(keys, hashes) => keyed(*keys, rows.clone(), |row, key| {
                out[row] = hashes.get(key).copied().unwrap_or_default(); // default: a key under a null
                Ok(())
            })?,
            Values::Dictionary(keys, values) => keyed(*keys, rows.clone(), |row, key| {
                if self.nulls.is_none_or(|nulls| nulls.is_valid(rows.start + row)) {
                    out[row] = values.one(key, pulse)?;
                }
                Ok(())
            })?,
            Values::Runs(ends, values) => match ends {
                Ends::I16(ends, before) => runs(ends, *before, values, rows.clone(), out, pulse)?,
                Ends::I32(ends, before) => runs(ends, *before, values, rows.clone(), out, pulse)?,
                Ends::I64(ends, before) => runs(ends, *before, values, rows.clone(), out, pulse)?,
            },
            Values::List(lists, items) => lists.hash(items, rows.clone(), out, pulse)?,
            Values::Map(entries) => entries.hash(rows.clone(), out, pulse)?,
            Values::Struct(fields, seed) => nested::rows(fields, *seed, rows.clone(), out, pulse)?,
            Values::Union(union, members) => {
                for (out, row) in out.iter_mut().zip(rows.clone()) {
                    let chosen = union.type_id(row);
                    if let Some((_, member)) = members.iter().find(|(id, _)| *id == chosen) {
                        *out = member.one(union.value_offset(row), pulse)?;
                    }
                }
            }
        }
        if let Some(nulls) = self.nulls {
            let null = H::null();
            for (out, row) in out.iter_mut().zip(rows) {
                *out = if nulls.is_null(row) { null } else { *out };
            }
        }
        Ok(())
    }

    fn texts(&self, values: &Bytes<'a>, seed: u64, rows: Range<usize>, out: &mut [H]) {
        match values {
            Bytes::Short(offsets, values) => spans(&offsets[rows.start..=rows.end], values, seed, out),
            Bytes::Long(offsets, values) => spans(&offsets[rows.start..=rows.end], values, seed, out),
            Bytes::Views(views, buffers) => {
                for ((out, view), row) in out.iter_mut().zip(&views[rows.clone()]).zip(rows) {
                    let len = *view as u32 as usize;
                    if len <= 12 {
                        *out = H::of(&view.to_le_bytes()[4..4 + len], seed);
                    } else if self.nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                        let (buffer, start) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
                        *out = H::of(&buffers[buffer][start..start + len], seed);
                    }
                }
            }
            Bytes::Fixed(size, values) => {
                for (out, row) in out.iter_mut().zip(rows) {
                    *out = H::of(&values[row * size..(row + 1) * size], seed);
                }
            }
        }
    }
}

#[inline(always)]
fn spans<H: Hash, O: ArrowNativeType>(offsets: &[O], values: &[u8], seed: u64, out: &mut [H]) {
    for (out, pair) in out.iter_mut().zip(offsets.windows(2)) {
        let value = &values[pair[0].as_usize()..pair[1].as_usize()];
        *out = if seed == 0 { H::of(value, 0) } else { H::of(value, seed) };
    }
}

fn reals<H: Hash, T: Real>(values: &[T], out: &mut [H]) {
    if !H::reals(values, out) {
        for (out, value) in out.iter_mut().zip(values) {
            *out = Number::real(value.double()).hash();
        }
    }
}

fn decimals<H: Hash, T: Copy>(values: &[T], scale: i8, out: &mut [H], wide: impl Fn(T) -> i64) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = match u32::try_from(scale) {
            Ok(scale @ 0..=18) => Number::short(wide(*value), scale).hash(),
            _ => Number::decimal(i256::from_i128(i128::from(wide(*value))), scale).hash(),
        };
    }
}

/// Hashes of `value * factor`: eight bytes where these hold it, else sixteen.
fn ticks<H: Hash, T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [H]) {
    if !H::scaled(values, factor, seed, out) {
        for (out, value) in out.iter_mut().zip(values) {
            let wide = value.wide() * i128::from(factor);
            *out = match i64::try_from(wide) {
                Ok(short) => H::of(&short.to_le_bytes(), seed),
                Err(_) => H::of(&wide.to_le_bytes(), seed),
            };
        }
    }
}

fn interval<H: Hash>(months: i32, days: i32, nanoseconds: i64) -> H {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&months.to_le_bytes());
    bytes[4..8].copy_from_slice(&days.to_le_bytes());
    bytes[8..].copy_from_slice(&nanoseconds.to_le_bytes());
    H::of(&bytes, seed::INTERVAL)
}

/// Visits the dictionary keys of some rows, with their place among these rows.
fn keyed(
    keys: &dyn Array,
    rows: Range<usize>,
    visit: impl FnMut(usize, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    fn each<K: ArrowNativeType>(
        keys: &[K],
        mut visit: impl FnMut(usize, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        keys.iter().enumerate().try_for_each(|(row, key)| visit(row, key.as_usize()))
    }
    match keys.data_type() {
        DataType::Int8 => each(&of::<Int8Type>(keys)[rows], visit),
        DataType::Int16 => each(&of::<Int16Type>(keys)[rows], visit),
        DataType::Int32 => each(&of::<Int32Type>(keys)[rows], visit),
        DataType::Int64 => each(&of::<Int64Type>(keys)[rows], visit),
        DataType::UInt8 => each(&of::<UInt8Type>(keys)[rows], visit),
        DataType::UInt16 => each(&of::<UInt16Type>(keys)[rows], visit),
        DataType::UInt32 => each(&of::<UInt32Type>(keys)[rows], visit),
        _ => each(&of::<UInt64Type>(keys)[rows], visit),
    }
}

fn runs<H: Hash, E: ArrowNativeType>(
    ends: &[E],
    before: usize,
    values: &Column<'_, H>,
    rows: Range<usize>,
    out: &mut [H],
    pulse: &Pulse<'_>,
) -> Result<(), Error> {
    let mut run = ends.partition_point(|end| end.as_usize() <= before + rows.start);
    let mut at = rows.start;
    while at < rows.end {
        let end = (ends[run].as_usize() - before).min(rows.end);
        out[at - rows.start..end - rows.start].fill(values.one(run, pulse)?);
        (at, run) = (end, run + 1);
    }
    Ok(())
}
