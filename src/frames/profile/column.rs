//! What is kept of one column while its batches go by, and what it comes to in the end.
#![forbid(unsafe_code)]

use super::boolean::Booleans;
use super::decimal::{Decimals, Unscaled};
use super::distinct::Distinct;
use super::nested;
use super::numeric::{Reals, Wholes};
use super::simd_moments::{Real, Whole};
use super::text::{Lengths, Texts};
use crate::error::Error;
use crate::frames::pick::{self, Pick};
use crate::frames::temporal::Clock;
use crate::frames::types::{kind, type_name};
use crate::frames::value::Value;
use crate::progress::Pulse;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{ArrowNativeType, ScalarBuffer, i256};
use arrow_schema::DataType;
use half::f16;
use std::ops::Range;

/// Running summary of a column, or of a part of one.
pub struct Column {
    values: Values,
    rows: u64,
    present: u64,
}

/// One summary for each kind of values.
enum Values {
    Wholes(Wholes),
    Reals(Reals),
    Decimals(Decimals),
    Texts(Texts),
    Booleans(Booleans),
    Lists(Lengths),
    /// Structs, unions, intervals: rows and nulls are counted.
    Counted,
}

/// What a column came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Name in the frame, which need not be unique.
    pub name: String,
    /// Type in the frame.
    pub data_type: String,
    /// Family of types, which says how the values below are spelled.
    pub kind: &'static str,
    /// Values that are neither null nor NaN; every figure below is over these.
    pub count: u64,
    /// Null values.
    pub nulls: u64,
    /// NaN values; none for types that have none.
    pub nan: Option<u64>,
    /// Different values; none for nested types.
    pub distinct: Option<u64>,
    /// Whether `distinct` is exact rather than an estimate.
    pub distinct_exact: Option<bool>,
    /// Smallest or first value.
    pub min: Value,
    /// Largest or last value.
    pub max: Value,
    /// Mean.
    pub mean: Value,
    /// Sample standard deviation.
    pub std: Value,
    /// Lengths of text (characters), binary (bytes) and lists (items).
    pub lengths: Option<Lengths>,
}

impl Column {
    /// An empty summary for columns of this type.
    pub fn new(data_type: &DataType) -> Self {
        let leaf = pick::leaf_type(data_type);
        let values = match leaf {
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Values::Reals(Reals::default()),
            DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => Values::Decimals(Decimals::default()),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Values::Texts(Texts::new(true)),
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Values::Texts(Texts::new(false)),
            DataType::Boolean => Values::Booleans(Booleans::default()),
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
            | DataType::FixedSizeList(..)
            | DataType::Map(..) => Values::Lists(Lengths::default()),
            _ if leaf.is_integer() || Clock::of(leaf).is_some() => Values::Wholes(Wholes::default()),
            _ => Values::Counted,
        };
        Self { values, rows: 0, present: 0 }
    }

    /// Takes in some rows of `array`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the pulse says stop.
    pub fn feed(&mut self, array: &dyn Array, rows: Range<usize>, pulse: &Pulse<'_>) -> Result<(), Error> {
        self.rows += rows.len() as u64;
        let leaf = pick::leaf(array);
        let present = match &mut self.values {
            Values::Wholes(wholes) => match leaf.data_type().primitive_width() {
                _ if leaf.data_type().is_unsigned_integer() => match leaf.data_type() {
                    DataType::UInt8 => feed_wholes::<u8>(wholes, array, leaf, rows, pulse)?,
                    DataType::UInt16 => feed_wholes::<u16>(wholes, array, leaf, rows, pulse)?,
                    DataType::UInt32 => feed_wholes::<u32>(wholes, array, leaf, rows, pulse)?,
                    _ => feed_wholes::<u64>(wholes, array, leaf, rows, pulse)?,
                },
                Some(1) => feed_wholes::<i8>(wholes, array, leaf, rows, pulse)?,
                Some(2) => feed_wholes::<i16>(wholes, array, leaf, rows, pulse)?,
                Some(4) => feed_wholes::<i32>(wholes, array, leaf, rows, pulse)?,
                _ => feed_wholes::<i64>(wholes, array, leaf, rows, pulse)?,
            },
            Values::Reals(reals) => match leaf.data_type() {
                DataType::Float16 => feed_reals::<f16>(reals, array, leaf, rows, pulse)?,
                DataType::Float32 => feed_reals::<f32>(reals, array, leaf, rows, pulse)?,
                _ => feed_reals::<f64>(reals, array, leaf, rows, pulse)?,
            },
            Values::Decimals(decimals) => match leaf.data_type() {
                DataType::Decimal32(..) => feed_decimals::<i32>(decimals, array, leaf, rows, pulse)?,
                DataType::Decimal64(..) => feed_decimals::<i64>(decimals, array, leaf, rows, pulse)?,
                DataType::Decimal128(..) => feed_decimals::<i128>(decimals, array, leaf, rows, pulse)?,
                _ => feed_decimals::<i256>(decimals, array, leaf, rows, pulse)?,
            },
            Values::Texts(texts) => feed_texts(texts, array, leaf, rows, pulse)?,
            Values::Booleans(booleans) => {
                let values = leaf.as_boolean();
                each_block(array, rows, pulse, |pick| booleans.feed(values, pick))?
            }
            Values::Lists(lengths) => {
                each_block(array, rows, pulse, |pick| nested::feed(lengths, leaf, pick))?
            }
            Values::Counted => match array.data_type() {
                // Their nulls are their members', which no bitmap of their own shows.
                DataType::Union(..) | DataType::Null => {
                    rows.len() - array.slice(rows.start, rows.len()).logical_null_count()
                }
                _ if matches!(leaf.data_type(), DataType::Null) => 0,
                _ => each_block(array, rows, pulse, |_| ())?,
            },
        };
        self.present += present as u64;
        Ok(())
    }

    /// Takes in what another part of the same column came to.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.present += other.present;
        match (&mut self.values, &other.values) {
            (Values::Wholes(ours), Values::Wholes(theirs)) => ours.merge(theirs),
            (Values::Reals(ours), Values::Reals(theirs)) => ours.merge(theirs),
            (Values::Decimals(ours), Values::Decimals(theirs)) => ours.merge(theirs),
            (Values::Texts(ours), Values::Texts(theirs)) => ours.merge(theirs),
            (Values::Booleans(ours), Values::Booleans(theirs)) => ours.merge(theirs),
            (Values::Lists(ours), Values::Lists(theirs)) => ours.merge(theirs),
            _ => debug_assert!(matches!((&self.values, &other.values), (Values::Counted, Values::Counted))),
        }
    }

    /// The count of different values, where one is kept.
    fn distinct(&mut self) -> Option<&mut Distinct> {
        match &mut self.values {
            Values::Wholes(wholes) => Some(&mut wholes.distinct),
            Values::Reals(reals) => Some(&mut reals.distinct),
            Values::Decimals(decimals) => Some(&mut decimals.distinct),
            Values::Texts(texts) => Some(&mut texts.distinct),
            Values::Booleans(_) | Values::Lists(_) | Values::Counted => None,
        }
    }

    /// Lets the parts of a column stop counting exactly once one of them has had to.
    ///
    /// The whole has at least as many different values as any part, so this changes no result; it spares every
    /// part the slow filling of its own table.
    pub fn agree(parts: &mut [Self]) {
        if parts.iter_mut().any(|part| part.distinct().is_some_and(|distinct| !distinct.is_exact())) {
            parts.iter_mut().filter_map(Self::distinct).for_each(Distinct::spill);
        }
    }

    /// What the column came to.
    pub fn summary(&self, name: &str, data_type: &DataType) -> Summary {
        let leaf = pick::leaf_type(data_type);
        let mut summary = Summary {
            name: name.to_owned(),
            data_type: type_name(data_type),
            kind: kind(leaf),
            count: self.present,
            nulls: self.rows - self.present,
            nan: None,
            distinct: None,
            distinct_exact: None,
            min: Value::None,
            max: Value::None,
            mean: Value::None,
            std: Value::None,
            lengths: None,
        };
        match &self.values {
            Values::Wholes(wholes) => {
                summary.different(&wholes.distinct);
                match Clock::of(leaf) {
                    Some(clock) => {
                        let written = |value| Value::Text(clock.written(value));
                        let range = wholes.range.map(|(min, max)| (written(min), written(max)));
                        (summary.min, summary.max) = range.unwrap_or((Value::None, Value::None));
                        (summary.mean, summary.std) = (clock.mean(wholes), clock.std(wholes));
                    }
                    None => {
                        let range = wholes.range.map(|(min, max)| (Value::Whole(min), Value::Whole(max)));
                        (summary.min, summary.max) = range.unwrap_or((Value::None, Value::None));
                        (summary.mean, summary.std) = (wholes.mean().into(), wholes.std().into());
                    }
                }
            }
            Values::Reals(reals) => {
                summary.different(&reals.distinct);
                (summary.count, summary.nan) = (reals.count(), Some(reals.nan));
                (summary.min, summary.max) = (reals.min(), reals.max());
                (summary.mean, summary.std) = (reals.mean().into(), reals.std().into());
            }
            Values::Decimals(decimals) => {
                let scale = scale(leaf);
                summary.different(&decimals.distinct);
                (summary.min, summary.max) = decimals.range(scale);
                (summary.mean, summary.std) = (decimals.mean(scale).into(), decimals.std(scale).into());
            }
            Values::Texts(texts) => {
                summary.different(&texts.distinct);
                (summary.min, summary.max) = texts.range();
                summary.lengths = Some(texts.lengths);
            }
            Values::Booleans(booleans) => {
                (summary.distinct, summary.distinct_exact) = (Some(booleans.distinct()), Some(true));
                (summary.min, summary.max) = booleans.range();
                (summary.mean, summary.std) = (booleans.mean().into(), booleans.std().into());
            }
            Values::Lists(lengths) => summary.lengths = Some(*lengths),
            Values::Counted => {}
        }
        summary
    }
}

impl Summary {
    fn different(&mut self, distinct: &Distinct) {
        (self.distinct, self.distinct_exact) = (Some(distinct.count()), Some(distinct.is_exact()));
    }
}

fn each_block(
    array: &dyn Array,
    rows: Range<usize>,
    pulse: &Pulse<'_>,
    mut feed: impl FnMut(&Pick<'_>),
) -> Result<usize, Error> {
    pick::blocks(array, rows, |pick| {
        feed(&pick);
        pulse.check()
    })
}

/// The values of a primitive array, whatever its type says they mean.
fn values<T: ArrowNativeType>(leaf: &dyn Array) -> ScalarBuffer<T> {
    let data = leaf.to_data();
    ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len())
}

fn feed_wholes<T: Whole + ArrowNativeType>(
    wholes: &mut Wholes,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| wholes.feed(&all, pick))
}

fn feed_reals<T: Real + ArrowNativeType>(
    reals: &mut Reals,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| reals.feed(&all, pick))
}

fn feed_decimals<T: Unscaled + ArrowNativeType>(
    decimals: &mut Decimals,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| decimals.feed(&all, pick))
}

fn feed_texts(
    texts: &mut Texts,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    if matches!(array.data_type(), DataType::Dictionary(..)) && leaf.len() <= rows.len() {
        // Few values in many rows: count the keys and look at every value once.
        let mut times = vec![0_u32; leaf.len()];
        let present = each_block(array, rows, pulse, |pick| pick.each(|place| times[place] += 1))?;
        texts.feed_counted(leaf, &times);
        return Ok(present);
    }
    each_block(array, rows, pulse, |pick| texts.feed(leaf, pick))
}

fn scale(data_type: &DataType) -> i8 {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    }
}
