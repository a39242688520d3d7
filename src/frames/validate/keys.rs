//! The values of some columns of a row as one key: the value itself where 64 or 128 bits hold it, else its XXH3-128.
//!
//! Two different rows share a 128-bit hash with a probability of 2^-128 a pair: among ten billion rows, of less than
//! one in 10^18. Rows with a missing value have no key.
#![forbid(unsafe_code)]

use super::bits::{Bits, both, each};
use super::evaluate::{BLOCK, evaluate};
use super::plan::Node;
use super::vector::{Type, Vector};
use crate::error::Error;
use arrow_array::ArrayRef;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_128;

/// Keys of some rows, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Numbers that are their own key.
    Narrow(Vec<u64>),
    /// Larger ones, and hashes.
    Wide(Vec<u128>),
}

impl Keys {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(keys) => keys.len(),
            Self::Wide(keys) => keys.len(),
        }
    }

    /// Whether they are numbers that are their own key.
    pub fn is_narrow(&self) -> bool {
        matches!(self, Self::Narrow(_))
    }

    /// The keys that the same integers have beside larger ones.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn widened(&self) -> Result<Self, Error> {
        let mut wide = Vec::new();
        wide.try_reserve_exact(self.len())?;
        match self {
            Self::Narrow(keys) => wide.extend(keys.iter().map(|key| i128::from(*key as i64) as u128)),
            Self::Wide(keys) => wide.extend_from_slice(keys),
        }
        Ok(Self::Wide(wide))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How rows become keys.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What is computed of each column.
    pub parts: Vec<Node>,
    /// Whether 64 bits hold all there is to a key.
    pub narrow: bool,
}

/// Whether every value of a type is told from others by 64 bits.
pub fn is_narrow(kind: Type, wide_column: bool) -> bool {
    match kind {
        Type::Float | Type::Date | Type::Time(_) | Type::Stamp(_) | Type::Span(_) | Type::Bool => true,
        Type::Int => !wide_column,
        _ => false,
    }
}

impl Recipe {
    /// An empty list of keys.
    pub fn none(&self) -> Keys {
        if self.narrow { Keys::Narrow(Vec::new()) } else { Keys::Wide(Vec::new()) }
    }

    /// The keys of those of some rows that have one and that `selected` holds; and which these are.
    ///
    /// # Errors
    /// As [`evaluate`], and [`Error::Memory`].
    pub fn keys(
        &self,
        columns: &[ArrayRef],
        rows: Range<usize>,
        selected: Option<&Bits>,
    ) -> Result<(Keys, Option<Bits>), Error> {
        let mut keys = self.none();
        match &mut keys {
            Keys::Narrow(keys) => keys.try_reserve_exact(rows.len())?,
            Keys::Wide(keys) => keys.try_reserve_exact(rows.len())?,
        }
        let mut having: Option<Bits> = None;
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + BLOCK);
            let (len, done) = (end - start, start - rows.start);
            let mut vectors = Vec::with_capacity(self.parts.len());
            let mut here = selected.map(|selected| Bits::from_fn(len, |at| selected.get(done + at)));
            for part in &self.parts {
                let vector = evaluate(part, columns, start..end)?;
                here = both(here, vector.known()).map(|known| known.spread(len));
                vectors.push(vector);
            }
            match &mut keys {
                Keys::Narrow(keys) => narrow(&vectors[0], here.as_ref(), len, keys),
                Keys::Wide(keys) => wide(&vectors, here.as_ref(), len, keys),
            }
            having = match (having, here) {
                (None, None) => None,
                (before, here) => {
                    let mut all = before.unwrap_or_else(|| Bits::ones(done));
                    all.append(&here.unwrap_or_else(|| Bits::ones(len)));
                    Some(all)
                }
            };
            start = end;
        }
        Ok((keys, having.filter(|having| having.count() < having.len())))
    }
}

/// One value for all rows, or one a row.
#[inline]
fn pick<T: Copy>(values: &[T], at: usize) -> T {
    if values.len() == 1 { values[0] } else { values[at] }
}

fn narrow(vector: &Vector<'_>, here: Option<&Bits>, len: usize, keys: &mut Vec<u64>) {
    match vector {
        Vector::Ints(values, _) if here.is_none() && values.len() == len => {
            keys.extend(values.iter().map(|value| *value as u64));
        }
        Vector::Ints(values, _) => each(here, len, |at| keys.push(pick(values, at) as u64)),
        // 0.0 and -0.0 are one value; NaN is missing.
        Vector::Floats(values) => each(here, len, |at| keys.push((pick(values, at) + 0.0).to_bits())),
        Vector::Bools(truth, _) => {
            each(here, len, |at| keys.push(u64::from(truth.get(at.min(truth.len() - 1)))));
        }
        Vector::Wide(values, _) => each(here, len, |at| keys.push(pick(values, at) as u64)),
        Vector::Huge(..) | Vector::Texts(..) => {} // which no narrow key is made of
    }
}

fn wide(vectors: &[Vector<'_>], here: Option<&Bits>, len: usize, keys: &mut Vec<u128>) {
    match vectors {
        [Vector::Texts(values, _)] if values.len() == len => {
            each(here, len, |at| keys.push(xxh3_128(&values[at])))
        }
        [one] => each(here, len, |at| keys.push(single(one, at))),
        many => {
            let mut bytes = Vec::new();
            each(here, len, |at| {
                bytes.clear();
                for vector in many {
                    match vector {
                        Vector::Texts(values, _) => {
                            let text = &values[at.min(values.len() - 1)];
                            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                            bytes.extend_from_slice(text);
                        }
                        other => bytes.extend_from_slice(&single(other, at).to_le_bytes()),
                    }
                }
                keys.push(xxh3_128(&bytes));
            });
        }
    }
}

/// One value as 128 bits, the same for integers and floats of equal value.
fn single(vector: &Vector<'_>, at: usize) -> u128 {
    match vector {
        Vector::Ints(values, _) => i128::from(pick(values, at)) as u128,
        Vector::Wide(values, _) => pick(values, at) as u128,
        Vector::Huge(values, _) => {
            let value = pick(values, at);
            value.to_i128().map_or_else(|| xxh3_128(&value.to_le_bytes()), |value| value as u128)
        }
        Vector::Bools(truth, _) => u128::from(truth.get(at.min(truth.len() - 1))),
        Vector::Floats(values) => {
            let value = pick(values, at) + 0.0;
            match value.fract() == 0.0 && value.abs() < 1e38 {
                true => value as i128 as u128,
                false => xxh3_128(&value.to_bits().to_le_bytes()),
            }
        }
        Vector::Texts(values, _) => xxh3_128(&values[at.min(values.len() - 1)]),
    }
}
