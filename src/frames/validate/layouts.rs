//! Columns whose values lie elsewhere: dictionaries and runs seen through, and values read from where they lie.
#![forbid(unsafe_code)]

use super::bits::{Bits, both};
use super::vector::Vector;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, ByteArrayType, ByteViewType, Int8Type, Int16Type, Int32Type,
    Int64Type, RunEndIndexType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{GenericByteArray, GenericByteViewArray, GenericListArray, OffsetSizeTrait};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use std::borrow::Cow;
use std::ops::Range;

/// Where the values of some rows lie in the array that holds them.
pub(super) enum Places {
    /// Side by side.
    Range(Range<usize>),
    /// Through a dictionary or runs; a missing row has any place, even one past the end.
    Each(Vec<usize>),
}

/// Goes through dictionaries and runs to the array that holds the values.
pub(super) fn follow(array: &dyn Array, rows: Range<usize>) -> (&dyn Array, Places, Option<Bits>) {
    let known_of = |array: &dyn Array, places: &Places| {
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0)?;
        let known = match places {
            Places::Range(range) => Bits::from_buffer(nulls.inner(), range.clone()),
            Places::Each(places) => {
                Bits::from_fn(places.len(), |at| places[at] < nulls.len() && nulls.is_valid(places[at]))
            }
        };
        (known.count() < known.len()).then_some(known)
    };
    let mut array = array;
    let mut places = Places::Range(rows);
    let mut known = None;
    loop {
        known = both(known, known_of(array, &places));
        let next = match array.data_type() {
            DataType::Dictionary(keys, _) => {
                let dictionary = array.as_any_dictionary();
                let keys: (&dyn Array, _) = (dictionary.keys(), keys.as_ref());
                let mut each = spelled(places);
                match keys.1 {
                    DataType::Int8 => through::<Int8Type>(keys.0, &mut each),
                    DataType::Int16 => through::<Int16Type>(keys.0, &mut each),
                    DataType::Int32 => through::<Int32Type>(keys.0, &mut each),
                    DataType::Int64 => through::<Int64Type>(keys.0, &mut each),
                    DataType::UInt8 => through::<UInt8Type>(keys.0, &mut each),
                    DataType::UInt16 => through::<UInt16Type>(keys.0, &mut each),
                    DataType::UInt32 => through::<UInt32Type>(keys.0, &mut each),
                    _ => through::<UInt64Type>(keys.0, &mut each),
                }
                places = Places::Each(each);
                dictionary.values().as_ref()
            }
            DataType::RunEndEncoded(ends, _) => {
                let mut each = spelled(places);
                let values = match ends.data_type() {
                    DataType::Int16 => through_runs::<Int16Type>(array, &mut each),
                    DataType::Int32 => through_runs::<Int32Type>(array, &mut each),
                    _ => through_runs::<Int64Type>(array, &mut each),
                };
                places = Places::Each(each);
                values
            }
            _ => return (array, places, known),
        };
        array = next;
    }
}

pub(super) fn spelled(places: Places) -> Vec<usize> {
    match places {
        Places::Range(range) => range.collect(),
        Places::Each(places) => places,
    }
}

/// A null key may point anywhere; its place is then past the end and never read.
fn through<K: ArrowDictionaryKeyType>(keys: &dyn Array, places: &mut [usize]) {
    let keys = keys.as_primitive::<K>().values();
    places.iter_mut().for_each(|place| *place = keys.get(*place).map_or(usize::MAX, |key| key.as_usize()));
}

fn through_runs<'a, R: RunEndIndexType>(array: &'a dyn Array, places: &mut [usize]) -> &'a dyn Array {
    let runs = array.as_run::<R>();
    let (ends, len) = (runs.run_ends(), array.len());
    places.iter_mut().for_each(|place| {
        *place = if *place < len { ends.get_physical_index(*place) } else { usize::MAX };
    });
    runs.values().as_ref()
}

/// What is to be read, and from where.
pub(super) struct Read {
    pub(super) places: Places,
    pub(super) known: Option<Bits>,
}

impl Read {
    /// Each value, where its place is one of `limit`; elsewhere the row is missing and the default will do.
    pub(super) fn each<T: Default>(&self, limit: usize, value: impl Fn(usize) -> T) -> Vec<T> {
        match &self.places {
            Places::Range(range) => range.clone().map(value).collect(),
            Places::Each(places) => {
                places.iter().map(|place| if *place < limit { value(*place) } else { T::default() }).collect()
            }
        }
    }

    pub(super) fn gather<'a, T: Copy + Default>(&self, values: &'a [T]) -> Cow<'a, [T]> {
        match &self.places {
            Places::Range(range) => Cow::Borrowed(&values[range.clone()]),
            Places::Each(_) => Cow::Owned(self.each(values.len(), |place| values[place])),
        }
    }

    pub(super) fn ints<T: ArrowPrimitiveType<Native: Into<i64>>>(self, leaf: &dyn Array) -> Vector<'static> {
        let values = leaf.as_primitive::<T>().values();
        Vector::Ints(self.each(values.len(), |place| values[place].into()).into(), self.known)
    }

    pub(super) fn floats<T: Copy>(self, values: &[T], widen: impl Fn(T) -> f64) -> Vector<'static> {
        let mut floats = self.each(values.len(), |place| widen(values[place]));
        if let Some(known) = &self.known {
            for (at, value) in floats.iter_mut().enumerate() {
                if !known.get(at) {
                    *value = f64::NAN;
                }
            }
        }
        Vector::Floats(floats.into())
    }

    pub(super) fn texts<'a, T: ByteArrayType>(self, array: &'a GenericByteArray<T>) -> Vector<'a> {
        let (offsets, data) = (array.value_offsets(), array.value_data());
        // Nulls may have any bytes behind them, but offsets are in order everywhere.
        let value =
            |place: usize| Cow::Borrowed(&data[offsets[place].as_usize()..offsets[place + 1].as_usize()]);
        Vector::Texts(self.each(array.len(), value), self.known)
    }

    pub(super) fn views<'a, T: ByteViewType + ?Sized>(
        self,
        array: &'a GenericByteViewArray<T>,
    ) -> Vector<'a> {
        let (views, buffers) = (array.views(), array.data_buffers());
        let known = array.nulls();
        let value = |place: usize| -> Cow<'a, [u8]> {
            let view = views[place];
            let length = view as u32 as usize;
            if known.is_some_and(|known| known.is_null(place)) {
                return Cow::Borrowed(&[]); // its view may hold anything
            }
            if length <= 12 {
                // The bytes stand in the view itself, which is borrowed from the array's own buffer.
                let bytes = array.views().inner().as_slice();
                let start = place * 16 + 4;
                return Cow::Borrowed(&bytes[start..start + length]);
            }
            let (buffer, start) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
            Cow::Borrowed(&buffers[buffer][start..start + length])
        };
        Vector::Texts(self.each(views.len(), value), self.known)
    }

    pub(super) fn lengths<O: OffsetSizeTrait>(self, array: &GenericListArray<O>) -> Vector<'static> {
        let offsets = array.value_offsets();
        let length = |place: usize| (offsets[place + 1] - offsets[place]).as_usize() as i64;
        Vector::Ints(self.each(array.len(), length).into(), self.known)
    }
}
