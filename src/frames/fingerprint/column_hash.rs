//! The hashes of some rows of a column, kind by kind.
#![forbid(unsafe_code)]

use super::column::{Bytes, Column, Decimals, Ends, Values, Wholes, of};
use super::hash::{Hash, seed};
use super::nested;
use super::number::Number;
use crate::error::Error;
use crate::frames::profile::simd_moments::{Real, Whole};
use crate::progress::Pulse;
use arrow_array::Array;
use arrow_array::types::*;
use arrow_buffer::{ArrowNativeType, i256};
use arrow_schema::DataType;
use std::ops::Range;

impl<'a, H: Hash> Column<'a, H> {
    /// Hashes of the first `count` rows.
    pub(super) fn all(&self, count: usize, pulse: &Pulse<'_>) -> Result<Vec<H>, Error> {
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
