//! The values of some rows while an expression is worked out, and how they are read from a column.
//!
//! Missing is one thing here: null, or a float that is no number. Floats carry it as NaN, which arithmetic hands on
//! by itself; everything else carries a bit a row.
#![forbid(unsafe_code)]

use super::bits::{Bits, both};
use crate::error::Error;
use crate::frames::pick;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, ByteArrayType, ByteViewType, Date32Type, Date64Type,
    Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::types::{
    BinaryType, BinaryViewType, LargeBinaryType, LargeUtf8Type, StringViewType, Utf8Type,
};
use arrow_array::{GenericByteArray, GenericByteViewArray, GenericListArray, OffsetSizeTrait};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use std::borrow::Cow;
use std::ops::Range;

/// What kind of values an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing but null.
    Null,
    /// True or false.
    Bool,
    /// Integers of up to 128 bits.
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
            Self::Bools(_, known) | Self::Ints(_, known) | Self::Wide(_, known) | Self::Texts(_, known) => {
                known.clone()
            }
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
}

/// Where the values of some rows lie in the array that holds them.
enum Places {
    /// Side by side.
    Range(Range<usize>),
    /// Through a dictionary or runs; a missing row has any place, even one past the end.
    Each(Vec<usize>),
}

/// Reads some rows of a column.
///
/// # Errors
/// [`Error::Overflow`] for a decimal of more than 128 bits.
pub fn load(array: &dyn Array, rows: Range<usize>) -> Result<Vector<'_>, Error> {
    let (leaf, places, known) = follow(array, rows);
    let len = match &places {
        Places::Range(range) => range.len(),
        Places::Each(places) => places.len(),
    };
    let read = Read { places, known };
    Ok(match leaf.data_type() {
        DataType::Null => Vector::Ints(vec![0; len].into(), Some(Bits::zeros(len))),
        DataType::Boolean => {
            let values = leaf.as_boolean().values();
            let truth = match &read.places {
                Places::Range(range) => Bits::from_buffer(values, range.clone()),
                Places::Each(places) => {
                    Bits::from_fn(len, |at| places[at] < values.len() && values.value(places[at]))
                }
            };
            Vector::Bools(truth, read.known)
        }
        DataType::Int8 => read.ints::<Int8Type>(leaf),
        DataType::Int16 => read.ints::<Int16Type>(leaf),
        DataType::Int32 => read.ints::<Int32Type>(leaf),
        DataType::UInt8 => read.ints::<UInt8Type>(leaf),
        DataType::UInt16 => read.ints::<UInt16Type>(leaf),
        DataType::UInt32 => read.ints::<UInt32Type>(leaf),
        DataType::Date32 => read.ints::<Date32Type>(leaf),
        DataType::Decimal32(_, scale) => powered(read.ints::<Decimal32Type>(leaf), *scale),
        DataType::UInt64 => {
            let values = read.gather(leaf.as_primitive::<UInt64Type>().values());
            if values.iter().all(|value| *value <= i64::MAX as u64) {
                Vector::Ints(values.iter().map(|value| *value as i64).collect(), read.known)
            } else {
                Vector::Wide(values.iter().map(|value| i128::from(*value)).collect(), read.known)
            }
        }
        DataType::Date64 => {
            let values = read.gather(leaf.as_primitive::<Date64Type>().values());
            Vector::Ints(values.iter().map(|value| value.div_euclid(86_400_000)).collect(), read.known)
        }
        DataType::Decimal128(_, scale) => {
            let values = read.gather(leaf.as_primitive::<Decimal128Type>().values());
            powered(Vector::narrowed(values.into_owned(), read.known), *scale)
        }
        DataType::Decimal256(_, scale) => {
            let values = read.gather(leaf.as_primitive::<Decimal256Type>().values());
            let mut wide = Vec::with_capacity(len);
            for (at, value) in values.iter().enumerate() {
                match value.to_i128() {
                    Some(value) => wide.push(value),
                    None if read.known.as_ref().is_some_and(|known| !known.get(at)) => wide.push(0),
                    None => return Err(Error::Overflow("a decimal of more than 128 bits".to_owned())),
                }
            }
            powered(Vector::narrowed(wide, read.known), *scale)
        }
        DataType::Decimal64(_, scale) => {
            let values = read.gather(leaf.as_primitive::<Decimal64Type>().values());
            powered(Vector::Ints(values, read.known), *scale)
        }
        DataType::Float64 => {
            let values = read.gather(leaf.as_primitive::<Float64Type>().values());
            Vector::Floats(match read.known {
                None => values,
                Some(known) => {
                    let blank = |(at, value): (usize, &f64)| if known.get(at) { *value } else { f64::NAN };
                    values.iter().enumerate().map(blank).collect()
                }
            })
        }
        DataType::Float32 => read.floats(&leaf.as_primitive::<Float32Type>().values()[..], f64::from),
        DataType::Float16 => read.floats(&leaf.as_primitive::<Float16Type>().values()[..], f64::from),
        DataType::Utf8 => read.texts(leaf.as_bytes::<Utf8Type>()),
        DataType::LargeUtf8 => read.texts(leaf.as_bytes::<LargeUtf8Type>()),
        DataType::Binary => read.texts(leaf.as_bytes::<BinaryType>()),
        DataType::LargeBinary => read.texts(leaf.as_bytes::<LargeBinaryType>()),
        DataType::Utf8View => read.views(leaf.as_byte_view::<StringViewType>()),
        DataType::BinaryView => read.views(leaf.as_byte_view::<BinaryViewType>()),
        DataType::FixedSizeBinary(_) => {
            let array = leaf.as_fixed_size_binary();
            Vector::Texts(read.each(array.len(), |place| Cow::Borrowed(array.value(place))), read.known)
        }
        DataType::List(_) => read.lengths(leaf.as_list::<i32>()),
        DataType::LargeList(_) => read.lengths(leaf.as_list::<i64>()),
        DataType::ListView(_) => {
            let sizes = leaf.as_list_view::<i32>().sizes();
            Vector::Ints(read.each(leaf.len(), |place| i64::from(sizes[place])).into(), read.known)
        }
        DataType::LargeListView(_) => {
            let sizes = leaf.as_list_view::<i64>().sizes();
            Vector::Ints(read.each(leaf.len(), |place| sizes[place]).into(), read.known)
        }
        DataType::FixedSizeList(_, size) => Vector::Ints(vec![i64::from(*size); len].into(), read.known),
        DataType::Map(..) => {
            let offsets = leaf.as_map().value_offsets();
            let length = |place: usize| i64::from(offsets[place + 1] - offsets[place]);
            Vector::Ints(read.each(leaf.len(), length).into(), read.known)
        }
        // Times, timestamps and durations of 32 or 64 bits; of the rest only the nulls are of use.
        other => match other.primitive_width() {
            Some(4) if Type::of(other) != Type::Other => {
                let values = raw::<i32>(leaf);
                Vector::Ints(read.each(values.len(), |place| i64::from(values[place])).into(), read.known)
            }
            Some(8) if Type::of(other) != Type::Other => {
                let values = raw::<i64>(leaf);
                match read.places {
                    Places::Range(range) if values.len() == leaf.len() => {
                        Vector::Ints(slice_of(leaf, range), read.known)
                    }
                    _ => Vector::Ints(read.each(values.len(), |place| values[place]).into(), read.known),
                }
            }
            _ => Vector::Ints(vec![0; len].into(), read.known),
        },
    })
}

/// The integers behind a primitive array, whatever they count.
fn raw<T: ArrowNativeType>(array: &dyn Array) -> ScalarBuffer<T> {
    let data = array.to_data();
    ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len())
}

/// A copy of some of those integers; they are borrowed only where their type is known.
fn slice_of<'a>(leaf: &'a dyn Array, range: Range<usize>) -> Cow<'a, [i64]> {
    use arrow_array::types as of;
    macro_rules! borrow {
        ($($kind:ty),*) => {
            $(if let Some(array) = leaf.as_primitive_opt::<$kind>() {
                return Cow::Borrowed(&array.values()[range]);
            })*
        };
    }
    borrow!(
        of::TimestampNanosecondType,
        of::TimestampMicrosecondType,
        of::TimestampMillisecondType,
        of::TimestampSecondType,
        Int64Type
    );
    Cow::Owned(raw::<i64>(leaf)[range].to_vec())
}

/// Decimals of a negative scale are whole tens.
fn powered(vector: Vector<'_>, scale: i8) -> Vector<'_> {
    if scale >= 0 {
        return vector;
    }
    let factor = 10_i128.checked_pow(scale.unsigned_abs().into()).unwrap_or(i128::MAX);
    match vector {
        Vector::Ints(values, known) => Vector::narrowed(
            values.iter().map(|value| i128::from(*value).saturating_mul(factor)).collect(),
            known,
        ),
        Vector::Wide(values, known) => {
            Vector::narrowed(values.iter().map(|value| value.saturating_mul(factor)).collect(), known)
        }
        other => other,
    }
}

/// Goes through dictionaries and runs to the array that holds the values.
fn follow(array: &dyn Array, rows: Range<usize>) -> (&dyn Array, Places, Option<Bits>) {
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

fn spelled(places: Places) -> Vec<usize> {
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
struct Read {
    places: Places,
    known: Option<Bits>,
}

impl Read {
    /// Each value, where its place is one of `limit`; elsewhere the row is missing and the default will do.
    fn each<T: Default>(&self, limit: usize, value: impl Fn(usize) -> T) -> Vec<T> {
        match &self.places {
            Places::Range(range) => range.clone().map(value).collect(),
            Places::Each(places) => {
                places.iter().map(|place| if *place < limit { value(*place) } else { T::default() }).collect()
            }
        }
    }

    fn gather<'a, T: Copy + Default>(&self, values: &'a [T]) -> Cow<'a, [T]> {
        match &self.places {
            Places::Range(range) => Cow::Borrowed(&values[range.clone()]),
            Places::Each(_) => Cow::Owned(self.each(values.len(), |place| values[place])),
        }
    }

    fn ints<T: ArrowPrimitiveType<Native: Into<i64>>>(self, leaf: &dyn Array) -> Vector<'static> {
        let values = leaf.as_primitive::<T>().values();
        Vector::Ints(self.each(values.len(), |place| values[place].into()).into(), self.known)
    }

    fn floats<T: Copy>(self, values: &[T], widen: impl Fn(T) -> f64) -> Vector<'static> {
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

    fn texts<'a, T: ByteArrayType>(self, array: &'a GenericByteArray<T>) -> Vector<'a> {
        let (offsets, data) = (array.value_offsets(), array.value_data());
        // Nulls may have any bytes behind them, but offsets are in order everywhere.
        let value =
            |place: usize| Cow::Borrowed(&data[offsets[place].as_usize()..offsets[place + 1].as_usize()]);
        Vector::Texts(self.each(array.len(), value), self.known)
    }

    fn views<'a, T: ByteViewType + ?Sized>(self, array: &'a GenericByteViewArray<T>) -> Vector<'a> {
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

    fn lengths<O: OffsetSizeTrait>(self, array: &GenericListArray<O>) -> Vector<'static> {
        let offsets = array.value_offsets();
        let length = |place: usize| (offsets[place + 1] - offsets[place]).as_usize() as i64;
        Vector::Ints(self.each(array.len(), length).into(), self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        ArrayRef, DictionaryArray, Float32Array, Float64Array, Int32Array, Int64Array, RunArray, StringArray,
        StringViewArray, TimestampMicrosecondArray, UInt64Array,
    };
    use std::sync::Arc;

    fn texts(array: &dyn Array, rows: Range<usize>) -> Vec<Option<String>> {
        let Vector::Texts(values, known) = load(array, rows).unwrap() else { panic!() };
        let text = |(at, value): (usize, &Cow<'_, [u8]>)| {
            known
                .as_ref()
                .is_none_or(|known| known.get(at))
                .then(|| String::from_utf8(value.to_vec()).unwrap())
        };
        values.iter().enumerate().map(text).collect()
    }

    #[test]
    fn every_layout_gives_the_same_text() {
        let words = vec![Some("a"), None, Some("a word longer than twelve bytes"), Some(""), Some("é"), None];
        let keys = Int32Array::from(vec![Some(1), None, Some(2), Some(3), Some(4), Some(0)]);
        let values = StringViewArray::from(vec![
            None,
            Some("a"),
            Some("a word longer than twelve bytes"),
            Some(""),
            Some("é"),
        ]);
        let runs =
            RunArray::try_new(&Int32Array::from(vec![1, 2, 3, 4, 5, 6]), &StringArray::from(words.clone()))
                .unwrap();
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(words.clone())),
            Arc::new(StringViewArray::from(words.clone())),
            Arc::new(DictionaryArray::new(keys, Arc::new(values))),
            Arc::new(runs),
        ];
        let expected: Vec<Option<String>> = words.iter().map(|word| word.map(str::to_owned)).collect();
        for array in arrays {
            assert_eq!(texts(&array, 0..6), expected);
            assert_eq!(texts(&array.slice(1, 5), 1..4), expected[2..5]);
        }
        let empty = DictionaryArray::new(
            Int32Array::from(vec![None, None]),
            Arc::new(StringArray::from(vec![""; 0])),
        );
        assert_eq!(texts(&empty, 0..2), [None, None]);
    }

    #[test]
    fn null_and_nan_are_one_thing() {
        let floats: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::NAN)])),
            Arc::new(Float32Array::from(vec![Some(1.0), None, Some(f32::NAN)])),
        ];
        for array in floats {
            let known = load(&array, 0..3).unwrap().known().unwrap();
            assert_eq!((known.get(0), known.count()), (true, 1));
        }
        assert_eq!(load(&Float64Array::from(vec![1.0, f64::INFINITY]), 0..2).unwrap().known(), None);
    }

    #[test]
    fn integers_are_as_wide_as_they_need() {
        let array = UInt64Array::from(vec![1, 2]);
        let narrow = load(&array, 0..2).unwrap();
        assert_eq!(narrow, Vector::Ints(vec![1, 2].into(), None));
        let array = UInt64Array::from(vec![1, u64::MAX]);
        let wide = load(&array, 0..2).unwrap();
        assert_eq!(wide, Vector::Wide(vec![1, u64::MAX.into()], None));
        let borrowed = Int64Array::from(vec![1, 2, 3]);
        assert!(matches!(load(&borrowed, 1..3).unwrap(), Vector::Ints(Cow::Borrowed([2, 3]), None)));
        let times = TimestampMicrosecondArray::from(vec![Some(5), None]);
        assert!(matches!(load(&times, 0..1).unwrap(), Vector::Ints(Cow::Borrowed([5]), None)));
        let hundreds = powered(Vector::Ints(vec![5].into(), None), -2);
        assert_eq!(hundreds, Vector::Ints(vec![500].into(), None));
    }
}
