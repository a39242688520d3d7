//! The values of a batch taken into a column, by what they are.
#![forbid(unsafe_code)]

use super::{Column, Values};
use crate::error::Error;
use crate::frames::memory;
use crate::frames::pick::{self, Pick};
use crate::frames::profile::decimal::{Decimals, Unscaled};
use crate::frames::profile::nested;
use crate::frames::profile::numeric::{Reals, Wholes};
use crate::frames::profile::runs::Order;
use crate::frames::profile::simd_moments::{BLOCK, Real, Whole};
use crate::frames::profile::text::{self, Texts};
use crate::progress::Pulse;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{ArrowNativeType, ScalarBuffer, i256};
use arrow_schema::DataType;
use half::f16;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

impl Column {
    /// Takes in some rows of `array`, the segment of this number.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the pulse says stop; [`Error::Memory`].
    pub fn feed(
        &mut self,
        array: &dyn Array,
        rows: Range<usize>,
        segment: usize,
        pulse: &Pulse<'_>,
    ) -> Result<(), Error> {
        self.rows += rows.len() as u64;
        self.memory += memory::of(array, &rows);
        let leaf = pick::leaf(array);
        let mut piece = Order::default();
        let order = &mut piece;
        if let Some(numbers) = self.numbers_mut() {
            numbers.reserve(rows.len())?;
        }
        let present = match &mut self.values {
            Values::Wholes(wholes) => match leaf.data_type().primitive_width() {
                _ if leaf.data_type().is_unsigned_integer() => match leaf.data_type() {
                    DataType::UInt8 => feed_wholes::<u8>(wholes, array, leaf, rows, order, pulse)?,
                    DataType::UInt16 => feed_wholes::<u16>(wholes, array, leaf, rows, order, pulse)?,
                    DataType::UInt32 => feed_wholes::<u32>(wholes, array, leaf, rows, order, pulse)?,
                    _ => feed_wholes::<u64>(wholes, array, leaf, rows, order, pulse)?,
                },
                Some(1) => feed_wholes::<i8>(wholes, array, leaf, rows, order, pulse)?,
                Some(2) => feed_wholes::<i16>(wholes, array, leaf, rows, order, pulse)?,
                Some(4) => feed_wholes::<i32>(wholes, array, leaf, rows, order, pulse)?,
                _ => feed_wholes::<i64>(wholes, array, leaf, rows, order, pulse)?,
            },
            Values::Reals(reals) => match leaf.data_type() {
                DataType::Float16 => feed_reals::<f16>(reals, array, leaf, rows, order, pulse)?,
                DataType::Float32 => feed_reals::<f32>(reals, array, leaf, rows, order, pulse)?,
                _ => feed_reals::<f64>(reals, array, leaf, rows, order, pulse)?,
            },
            Values::Decimals(decimals) => match leaf.data_type() {
                DataType::Decimal32(..) => feed_decimals::<i32>(decimals, array, leaf, rows, order, pulse)?,
                DataType::Decimal64(..) => feed_decimals::<i64>(decimals, array, leaf, rows, order, pulse)?,
                DataType::Decimal128(..) => feed_decimals::<i128>(decimals, array, leaf, rows, order, pulse)?,
                _ => feed_decimals::<i256>(decimals, array, leaf, rows, order, pulse)?,
            },
            Values::Texts(texts) => feed_texts(texts, array, leaf, rows, order, pulse)?,
            Values::Booleans(booleans) => {
                let values = leaf.as_boolean();
                each_block(array, rows, pulse, |pick| booleans.feed(values, pick, order))?
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
        self.pieces.push((segment, piece));
        Ok(())
    }

    /// Whether the order of its values is that of their text.
    pub(super) fn by_text(&self) -> bool {
        matches!(self.values, Values::Texts(_) | Values::Decimals(_))
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
pub(super) fn values<T: ArrowNativeType>(leaf: &dyn Array) -> ScalarBuffer<T> {
    let data = leaf.to_data();
    ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len())
}

fn feed_wholes<T: Whole + ArrowNativeType>(
    wholes: &mut Wholes,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    order: &mut Order,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| wholes.feed(&all, pick, order))
}

fn feed_reals<T: Real + ArrowNativeType>(
    reals: &mut Reals,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    order: &mut Order,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| reals.feed(&all, pick, order))
}

fn feed_decimals<T: Unscaled + ArrowNativeType>(
    decimals: &mut Decimals,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    order: &mut Order,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    let all = values::<T>(leaf);
    each_block(array, rows, pulse, |pick| decimals.feed(&all, pick, order))
}

fn feed_texts(
    texts: &mut Texts,
    array: &dyn Array,
    leaf: &dyn Array,
    rows: Range<usize>,
    order: &mut Order,
    pulse: &Pulse<'_>,
) -> Result<usize, Error> {
    if matches!(array.data_type(), DataType::Dictionary(..)) && leaf.len() <= rows.len() {
        // Few values in many rows: count the keys and look at every value once.
        let mut times = vec![0_u32; leaf.len()];
        let mut known = vec![0_u64; leaf.len()];
        let mut hashes = Vec::with_capacity(BLOCK);
        let present = each_block(array, rows, pulse, |pick| {
            let Pick::Places(places) = pick else { return };
            hashes.clear();
            for place in *places {
                if times[*place] == 0 {
                    known[*place] = xxh3_64(text::value(leaf, *place));
                }
                times[*place] += 1;
                hashes.push(known[*place]);
            }
            text::in_order(order, &hashes, |at| text::value(leaf, places[at]));
        })?;
        texts.feed_counted(leaf, &times);
        return Ok(present);
    }
    let present = each_block(array, rows, pulse, |pick| texts.feed(leaf, pick, order))?;
    texts.settle(leaf);
    Ok(present)
}
