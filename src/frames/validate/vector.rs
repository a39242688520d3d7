//! The values of some rows while an expression is worked out.
//!
//! Missing is one thing here: null, or a float that is no number. Floats carry it as NaN, which arithmetic hands on
//! by itself; everything else carries a bit a row.
#![forbid(unsafe_code)]

use super::bits::Bits;
use crate::frames::pick;
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use std::borrow::Cow;

/// What kind of values an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing but null.
    Null,
    /// True or false.
    Bool,
    /// Integers: of up to 128 bits where there is arithmetic, of up to 256 where they are only compared.
    Int,
    /// Integers times 10 to the power of minus this.
    Decimal(u32),
    /// 64-bit floating point.
    Float,
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// Days since 1970-01-01.
    Date,
    /// Ticks since midnight, so many a second.
    Time(i64),
    /// Ticks since 1970-01-01T00:00:00 UTC, so many a second.
    Stamp(i64),
    /// A number of ticks, so many a second.
    Span(i64),
    /// Lists, of which only the length is looked at.
    List,
    /// What is only looked at for being null.
    Other,
}

impl Type {
    /// The type of a column's values.
    pub fn of(data_type: &DataType) -> Self {
        let ticks = |unit: &TimeUnit| match unit {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        };
        match pick::leaf_type(data_type) {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Float,
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => Self::Decimal((*scale).max(0).unsigned_abs().into()),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Self::Binary,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Time32(unit) | DataType::Time64(unit) => Self::Time(ticks(unit)),
            DataType::Timestamp(unit, _) => Self::Stamp(ticks(unit)),
            DataType::Duration(unit) => Self::Span(ticks(unit)),
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
            | DataType::FixedSizeList(..)
            | DataType::Map(..) => Self::List,
            leaf if leaf.is_integer() => Self::Int,
            _ => Self::Other,
        }
    }

    /// As a message names it.
    pub fn called(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int => "an integer",
            Self::Decimal(_) => "a decimal",
            Self::Float => "a float",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Date => "a date",
            Self::Time(_) => "a time",
            Self::Stamp(_) => "a timestamp",
            Self::Span(_) => "a duration",
            Self::List => "a list",
            Self::Other => "nested",
        }
    }
}

/// Values of some rows, or one that stands for all of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Vector<'a> {
    /// Truth, and where it is known.
    Bools(Bits, Option<Bits>),
    /// Integers, decimals without their scale, dates and times.
    Ints(Cow<'a, [i64]>, Option<Bits>),
    /// The same where 64 bits are not enough.
    Wide(Vec<i128>, Option<Bits>),
    /// The same where 128 bits are not enough: to be compared, not to be computed with.
    Huge(Vec<i256>, Option<Bits>),
    /// Floats; NaN is missing.
    Floats(Cow<'a, [f64]>),
    /// Text and binary.
    Texts(Vec<Cow<'a, [u8]>>, Option<Bits>),
}

impl<'a> Vector<'a> {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Bools(truth, _) => truth.len(),
            Self::Ints(values, _) => values.len(),
            Self::Wide(values, _) => values.len(),
            Self::Huge(values, _) => values.len(),
            Self::Floats(values) => values.len(),
            Self::Texts(values, _) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which values are not missing; none when all are there.
    pub fn known(&self) -> Option<Bits> {
        match self {
            Self::Bools(_, known)
            | Self::Ints(_, known)
            | Self::Wide(_, known)
            | Self::Huge(_, known)
            | Self::Texts(_, known) => known.clone(),
            Self::Floats(values) => {
                let missing = values.iter().fold(false, |missing, value| missing | value.is_nan());
                missing.then(|| Bits::from_fn(values.len(), |at| !values[at].is_nan()))
            }
        }
    }

    /// Integers from 128 bits, in 64 where all of them fit.
    pub fn narrowed(wide: Vec<i128>, known: Option<Bits>) -> Self {
        if wide.iter().fold(true, |fits, value| fits & (i128::from(*value as i64) == *value)) {
            Self::Ints(wide.iter().map(|value| *value as i64).collect(), known)
        } else {
            Self::Wide(wide, known)
        }
    }

    /// Integers from 256 bits, in fewer where all of them that are known fit.
    pub fn fitted(huge: Vec<i256>, known: Option<Bits>) -> Self {
        let there = |at: usize| known.as_ref().is_none_or(|known| known.get(at));
        let narrow = |(at, value): (usize, &i256)| value.to_i128().or_else(|| (!there(at)).then_some(0));
        match huge.iter().enumerate().map(narrow).collect::<Option<Vec<i128>>>() {
            Some(wide) => Self::narrowed(wide, known),
            None => Self::Huge(huge, known),
        }
    }
}
