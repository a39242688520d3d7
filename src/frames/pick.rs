//! Which values of which array a run of rows stands for: nulls left out, dictionaries and runs followed.
#![forbid(unsafe_code)]

use super::profile::simd_moments::BLOCK;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RunArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use std::ops::Range;

/// The places of some values in an array.
pub enum Pick<'p> {
    /// Neighbours, none of them null.
    Range(Range<usize>),
    /// In the order of the rows, none of them null; the same place may come up again.
    Places(&'p [usize]),
}

impl Pick<'_> {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Places(places) => places.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every place, in order.
    pub fn each(&self, mut visit: impl FnMut(usize)) {
        match self {
            Self::Range(range) => range.clone().for_each(visit),
            Self::Places(places) => places.iter().for_each(|place| visit(*place)),
        }
    }

    /// The values of `all` at these places, gathered into `room` unless they are neighbours anyway.
    pub fn of<'v, T: Copy>(&self, all: &'v [T], room: &'v mut Vec<T>) -> &'v [T] {
        match self {
            Self::Range(range) => &all[range.clone()],
            Self::Places(places) => {
                room.clear();
                room.extend(places.iter().map(|place| all[*place]));
                room
            }
        }
    }
}

/// The array that holds the values of `array`: itself, or what its dictionary or runs refer to.
pub fn leaf(array: &dyn Array) -> &dyn Array {
    let mut array = array;
    loop {
        array = match array.data_type() {
            DataType::Dictionary(..) => array.as_any_dictionary().values().as_ref(),
            DataType::RunEndEncoded(ends, _) => match ends.data_type() {
                DataType::Int16 => array.as_run::<Int16Type>().values().as_ref(),
                DataType::Int32 => array.as_run::<Int32Type>().values().as_ref(),
                _ => array.as_run::<Int64Type>().values().as_ref(),
            },
            _ => return array,
        };
    }
}

/// The type of the values behind dictionaries and runs.
pub fn leaf_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => leaf_type(values),
        DataType::RunEndEncoded(_, values) => leaf_type(values.data_type()),
        other => other,
    }
}

/// Visits the non-null values of some rows in blocks of at most [`BLOCK`]; returns how many there were.
pub fn blocks<E>(
    array: &dyn Array,
    rows: Range<usize>,
    mut visit: impl FnMut(Pick<'_>) -> Result<(), E>,
) -> Result<usize, E> {
    let plain = !matches!(array.data_type(), DataType::Dictionary(..) | DataType::RunEndEncoded(..));
    let mut places = Vec::with_capacity(BLOCK);
    let (mut found, mut start) = (0, rows.start);
    while start < rows.end {
        let block = start..rows.end.min(start + BLOCK);
        start = block.end;
        let pick = if plain && array.nulls().is_none_or(|nulls| !has_nulls(nulls, &block)) {
            Pick::Range(block)
        } else {
            follow(array, block, &mut places);
            Pick::Places(&places)
        };
        found += pick.len();
        if !pick.is_empty() {
            visit(pick)?;
        }
    }
    Ok(found)
}

fn has_nulls(nulls: &arrow_buffer::NullBuffer, rows: &Range<usize>) -> bool {
    nulls.inner().slice(rows.start, rows.len()).count_set_bits() < rows.len()
}

/// Fills `places` with where the values of these rows lie in [`leaf`]`(array)`.
fn follow(array: &dyn Array, rows: Range<usize>, places: &mut Vec<usize>) {
    places.clear();
    places.extend(rows);
    let mut array = array;
    loop {
        if let Some(nulls) = array.nulls() {
            places.retain(|place| nulls.is_valid(*place));
        }
        array = match array.data_type() {
            DataType::Dictionary(keys, _) => {
                let dictionary = array.as_any_dictionary();
                match keys.as_ref() {
                    DataType::Int8 => through_keys::<Int8Type>(dictionary.keys(), places),
                    DataType::Int16 => through_keys::<Int16Type>(dictionary.keys(), places),
                    DataType::Int32 => through_keys::<Int32Type>(dictionary.keys(), places),
                    DataType::Int64 => through_keys::<Int64Type>(dictionary.keys(), places),
                    DataType::UInt8 => through_keys::<UInt8Type>(dictionary.keys(), places),
                    DataType::UInt16 => through_keys::<UInt16Type>(dictionary.keys(), places),
                    DataType::UInt32 => through_keys::<UInt32Type>(dictionary.keys(), places),
                    _ => through_keys::<UInt64Type>(dictionary.keys(), places),
                }
                dictionary.values().as_ref()
            }
            DataType::RunEndEncoded(ends, _) => match ends.data_type() {
                DataType::Int16 => through_runs(array.as_run::<Int16Type>(), places),
                DataType::Int32 => through_runs(array.as_run::<Int32Type>(), places),
                _ => through_runs(array.as_run::<Int64Type>(), places),
            },
            _ => return,
        };
    }
}

fn through_keys<K: ArrowDictionaryKeyType>(keys: &dyn Array, places: &mut [usize]) {
    let keys = keys.as_primitive::<K>().values();
    places.iter_mut().for_each(|place| *place = keys[*place].as_usize());
}

fn through_runs<'a, R: RunEndIndexType>(runs: &'a RunArray<R>, places: &mut [usize]) -> &'a dyn Array {
    let ends = runs.run_ends();
    places.iter_mut().for_each(|place| *place = ends.get_physical_index(*place));
    runs.values().as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{DictionaryArray, Int32Array, StringArray};
    use std::convert::Infallible;
    use std::sync::Arc;

    fn places(array: &dyn Array, rows: Range<usize>) -> Vec<usize> {
        let mut seen = Vec::new();
        let found = blocks::<Infallible>(array, rows, |pick| {
            pick.each(|place| seen.push(place));
            Ok(())
        });
        assert_eq!(found, Ok(seen.len()));
        seen
    }

    #[test]
    fn nulls_are_left_out_wherever_they_are() {
        assert_eq!(places(&Int32Array::from(vec![Some(1), None, Some(3)]), 0..3), [0, 2]);
        assert_eq!(places(&Int32Array::from(vec![1; 5000]), 1..5000), (1..5000).collect::<Vec<_>>());
        let keys = Int32Array::from(vec![Some(1), None, Some(0), Some(2), Some(1)]);
        let values = StringArray::from(vec![Some("a"), None, Some("c")]);
        let dictionary = DictionaryArray::new(keys, Arc::new(values));
        assert_eq!(places(&dictionary, 0..5), [0, 2]);
        assert_eq!(places(&dictionary.slice(2, 3), 0..2), [0, 2]);
        assert_eq!(leaf(&dictionary).len(), 3);
    }

    #[test]
    fn runs_are_followed_from_any_slice() {
        let runs = RunArray::try_new(
            &Int32Array::from(vec![2, 3, 6]),
            &StringArray::from(vec![Some("a"), None, Some("c")]),
        )
        .unwrap();
        assert_eq!(places(&runs, 0..6), [0, 0, 2, 2, 2]);
        assert_eq!(places(&runs.slice(1, 4), 1..4), [2, 2]);
    }
}
