//! Rows that repeat an earlier row: every row hashed, and the hashes counted.
#![forbid(unsafe_code)]

use super::decimal::Unscaled;
use super::distinct::hash8;
use super::simd_moments::{Real, Whole};
use super::text::{between, viewed};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    BinaryType, BinaryViewType, ByteArrayType, ByteViewType, Int16Type, Int32Type, Int64Type,
    LargeBinaryType, LargeUtf8Type, RunEndIndexType, StringViewType, Utf8Type,
};
use arrow_array::{Array, RecordBatch, RunArray};
use arrow_buffer::{ArrowNativeType, ScalarBuffer, i256};
use arrow_schema::DataType;
use half::f16;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Most rows whose hashes are kept while a frame is read: 64 MiB.
pub const MOST: usize = 1 << 23;

/// Most different rows that are kept for merging.
pub const MERGED: usize = 65_536;

/// Hashes that are sorted in one piece.
const PARTITION: usize = 1 << 17;

/// What a missing value hashes to, and what every NaN does.
const NULL: u64 = 0x6e75_6c6c_6e75_6c6c;
const NAN: u64 = 0x7ff8_0000_0000_0000;

/// How many rows repeat an earlier one, and what it takes to say so of several frames together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repeats {
    /// Rows that repeat an earlier one; none when there were too many to tell.
    pub count: Option<u64>,
    /// Hashes of all rows, each once and in order, unless they are too many.
    pub hashes: Option<Vec<u64>>,
}

impl Repeats {
    /// What these hashes of all rows come to.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the progress says stop; [`Error::Memory`].
    pub fn of(mut hashes: Vec<u64>, progress: &Progress<'_>) -> Result<Self, Error> {
        let rows = hashes.len();
        let Some(bits) = (rows / PARTITION).checked_ilog2() else {
            hashes.sort_unstable();
            hashes.dedup();
            let count = Some((rows - hashes.len()) as u64);
            return Ok(Self { count, hashes: (hashes.len() <= MERGED).then_some(hashes) });
        };
        // Equal hashes share their high bits: parts that fit a cache are sorted one by one, on several threads.
        let parts = 2 << bits;
        let part = |hash: u64| (hash >> (63 - bits)) as usize;
        let mut ends = vec![0; parts + 1];
        hashes.iter().for_each(|hash| ends[part(*hash) + 1] += 1);
        (0..parts).for_each(|at| ends[at + 1] += ends[at]);
        let mut sorted = Vec::new();
        sorted
            .try_reserve_exact(rows)
            .map_err(|_| Error::Memory(format!("no memory to sort {rows} hashes")))?;
        sorted.resize(rows, 0);
        let mut next = ends.clone();
        for hash in hashes {
            let at = &mut next[part(hash)];
            sorted[*at] = hash;
            *at += 1;
        }
        let mut rest = sorted.as_mut_slice();
        let mut pieces = Vec::with_capacity(parts);
        for at in 0..parts {
            let (piece, after) = rest.split_at_mut(ends[at + 1] - ends[at]);
            pieces.push(piece);
            rest = after;
        }
        let repeated = exec::map(pieces.into_iter(), progress, |piece, pulse| {
            piece.sort_unstable();
            pulse.check()?;
            Ok(piece.windows(2).filter(|pair| pair[0] == pair[1]).count())
        })?;
        let repeated: usize = repeated.iter().sum();
        let hashes = (rows - repeated <= MERGED).then(|| {
            sorted.dedup();
            sorted.shrink_to_fit();
            sorted
        });
        Ok(Self { count: Some(repeated as u64), hashes })
    }

    /// Takes in the rows of another frame; `rows` is how many both have, neither none.
    pub fn merge(&mut self, other: &Self, rows: u64) {
        let both = self.hashes.take().zip(other.hashes.as_ref());
        let hashes = both.map(|(mut ours, theirs)| {
            ours.extend_from_slice(theirs);
            ours.sort_unstable();
            ours.dedup();
            ours
        });
        self.hashes = hashes.filter(|hashes| hashes.len() <= MERGED);
        self.count = self.hashes.as_ref().map(|hashes| rows - hashes.len() as u64);
    }
}

/// Writes the hashes of some rows of a batch, over the columns chosen, to `out`.
///
/// # Errors
/// [`Error::Cancelled`] when the pulse says stop.
pub fn hash(
    batch: &RecordBatch,
    chosen: &[usize],
    rows: Range<usize>,
    out: &mut [u64],
    pulse: &Pulse<'_>,
) -> Result<(), Error> {
    const STEP: usize = 4096;
    let mut values = [0_u64; STEP];
    for start in rows.clone().step_by(STEP) {
        let part = start..rows.end.min(start + STEP);
        let out = &mut out[start - rows.start..part.end - rows.start];
        out.fill(0);
        for column in chosen {
            let values = &mut values[..part.len()];
            each(batch.column(*column).as_ref(), part.clone(), values);
            out.iter_mut().zip(values).for_each(|(row, value)| *row = joined(*row, *value));
        }
        pulse.check()?;
    }
    Ok(())
}

#[inline]
fn joined(all: u64, next: u64) -> u64 {
    let mixed = (all.rotate_left(23) ^ next).wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^ (mixed >> 32)
}

/// The hash of every value in some rows.
fn each(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    match array.data_type() {
        DataType::Dictionary(..) => return keyed(array, rows, out),
        DataType::RunEndEncoded(ends, _) => {
            return match ends.data_type() {
                DataType::Int16 => runs(array.as_run::<Int16Type>(), rows, out),
                DataType::Int32 => runs(array.as_run::<Int32Type>(), rows, out),
                _ => runs(array.as_run::<Int64Type>(), rows, out),
            };
        }
        DataType::Null => return out.fill(NULL),
        DataType::Union(..) => {
            let union = array.as_union();
            for (row, out) in rows.zip(out) {
                let at = union.value_offset(row);
                each(union.child(union.type_id(row)), at..at + 1, std::slice::from_mut(out));
            }
            return;
        }
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            fill(rows.clone(), out, |row| hash8(u64::from(bits.value(row))));
        }
        DataType::Float16 => reals::<f16>(array, rows.clone(), out),
        DataType::Float32 => reals::<f32>(array, rows.clone(), out),
        DataType::Float64 => reals::<f64>(array, rows.clone(), out),
        DataType::UInt8 => wholes::<u8>(array, rows.clone(), out),
        DataType::UInt16 => wholes::<u16>(array, rows.clone(), out),
        DataType::UInt32 => wholes::<u32>(array, rows.clone(), out),
        DataType::Decimal32(..) => decimals::<i32>(array, rows.clone(), out),
        DataType::Decimal64(..) => decimals::<i64>(array, rows.clone(), out),
        DataType::Decimal128(..) => decimals::<i128>(array, rows.clone(), out),
        DataType::Decimal256(..) => decimals::<i256>(array, rows.clone(), out),
        DataType::Utf8 => bytes::<Utf8Type>(array, rows.clone(), out),
        DataType::LargeUtf8 => bytes::<LargeUtf8Type>(array, rows.clone(), out),
        DataType::Binary => bytes::<BinaryType>(array, rows.clone(), out),
        DataType::LargeBinary => bytes::<LargeBinaryType>(array, rows.clone(), out),
        DataType::Utf8View => return views::<StringViewType>(array, rows, out),
        DataType::BinaryView => return views::<BinaryViewType>(array, rows, out),
        DataType::FixedSizeBinary(_) => {
            let values = array.as_fixed_size_binary();
            fill(rows.clone(), out, |row| xxh3_64(values.value(row)));
        }
        DataType::Struct(_) => {
            out.fill(0);
            let mut values = vec![0; rows.len()];
            for column in array.as_struct().columns() {
                each(column, rows.clone(), &mut values);
                out.iter_mut().zip(&values).for_each(|(all, value)| *all = joined(*all, *value));
            }
        }
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let offsets = lists.value_offsets();
            items(lists.values(), &rows, |row| offsets[row].as_usize()..offsets[row + 1].as_usize(), out);
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            let offsets = lists.value_offsets();
            items(lists.values(), &rows, |row| offsets[row].as_usize()..offsets[row + 1].as_usize(), out);
        }
        DataType::Map(..) => {
            let offsets = array.as_map().value_offsets();
            let range = |row: usize| offsets[row].as_usize()..offsets[row + 1].as_usize();
            items(array.as_map().entries(), &rows, range, out);
        }
        DataType::ListView(_) => {
            let lists = array.as_list_view::<i32>();
            let (starts, sizes) = (lists.value_offsets(), lists.value_sizes());
            let range = |row: usize| starts[row].as_usize()..starts[row].as_usize() + sizes[row].as_usize();
            items(lists.values(), &rows, range, out);
        }
        DataType::LargeListView(_) => {
            let lists = array.as_list_view::<i64>();
            let (starts, sizes) = (lists.value_offsets(), lists.value_sizes());
            let range = |row: usize| starts[row].as_usize()..starts[row].as_usize() + sizes[row].as_usize();
            items(lists.values(), &rows, range, out);
        }
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            items(array.as_fixed_size_list().values(), &rows, |row| row * size..(row + 1) * size, out);
        }
        other => match other.primitive_width() {
            Some(1) => wholes::<i8>(array, rows.clone(), out),
            Some(2) => wholes::<i16>(array, rows.clone(), out),
            Some(4) => wholes::<i32>(array, rows.clone(), out),
            Some(8) => wholes::<i64>(array, rows.clone(), out),
            _ => decimals::<i128>(array, rows.clone(), out), // intervals of months, days and nanoseconds
        },
    }
    if let Some(nulls) = array.nulls() {
        for (row, out) in rows.zip(out) {
            if nulls.is_null(row) {
                *out = NULL;
            }
        }
    }
}

#[inline]
fn fill(rows: Range<usize>, out: &mut [u64], hash: impl Fn(usize) -> u64) {
    out.iter_mut().zip(rows).for_each(|(out, row)| *out = hash(row));
}

fn bytes<T: ByteArrayType>(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let (offsets, data) = (array.as_bytes::<T>().value_offsets(), array.as_bytes::<T>().value_data());
    fill(rows, out, |row| xxh3_64(between(offsets, data, row)));
}

/// Views of null rows may hold anything, and are not looked at.
fn views<T: ByteViewType>(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let (views, buffers) = (array.as_byte_view::<T>().views(), array.as_byte_view::<T>().data_buffers());
    match array.nulls() {
        None => fill(rows, out, |row| xxh3_64(viewed(views, buffers, row))),
        Some(nulls) => fill(rows, out, |row| match nulls.is_null(row) {
            true => NULL,
            false => xxh3_64(viewed(views, buffers, row)),
        }),
    }
}

fn values<T: ArrowNativeType>(array: &dyn Array) -> ScalarBuffer<T> {
    let data = array.to_data();
    ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len())
}

fn wholes<T: Whole + ArrowNativeType>(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let values = values::<T>(array);
    out.iter_mut().zip(&values[rows]).for_each(|(out, value)| *out = hash8(value.bits()));
}

fn reals<T: Real + ArrowNativeType>(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let values = values::<T>(array);
    for (out, value) in out.iter_mut().zip(&values[rows]) {
        let value = value.double() + 0.0;
        *out = hash8(if value.is_nan() { NAN } else { value.to_bits() });
    }
}

fn decimals<T: Unscaled + ArrowNativeType>(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let values = values::<T>(array);
    out.iter_mut().zip(&values[rows]).for_each(|(out, value)| *out = value.hash());
}

fn keyed(array: &dyn Array, rows: Range<usize>, out: &mut [u64]) {
    let dictionary = array.as_any_dictionary();
    let values = dictionary.values();
    if values.is_empty() {
        return out.fill(NULL);
    }
    let part = array.slice(rows.start, rows.len());
    let keys = part.as_any_dictionary().normalized_keys();
    let known = (values.len() <= rows.len()).then(|| {
        let mut known = vec![0; values.len()];
        each(values, 0..values.len(), &mut known);
        known
    });
    for (row, (out, key)) in out.iter_mut().zip(keys).enumerate() {
        match &known {
            _ if part.is_null(row) => *out = NULL,
            Some(known) => *out = known[key],
            None => each(values, key..key + 1, std::slice::from_mut(out)),
        }
    }
}

fn runs<R: RunEndIndexType>(runs: &RunArray<R>, rows: Range<usize>, out: &mut [u64]) {
    let mut last = None;
    for (row, out) in rows.zip(out) {
        let at = runs.run_ends().get_physical_index(row);
        let hash = match last {
            Some((before, hash)) if before == at => hash,
            _ => {
                let mut hash = 0;
                each(runs.values(), at..at + 1, std::slice::from_mut(&mut hash));
                hash
            }
        };
        last = Some((at, hash));
        *out = hash;
    }
}

fn items(items: &dyn Array, rows: &Range<usize>, range: impl Fn(usize) -> Range<usize>, out: &mut [u64]) {
    let mut values = Vec::new();
    for (row, out) in rows.clone().zip(out) {
        let range = range(row);
        values.clear();
        values.resize(range.len(), 0);
        each(items, range.clone(), &mut values);
        *out = values.iter().fold(range.len() as u64, |all, value| joined(all, *value));
    }
}

#[cfg(test)]
mod tests;
