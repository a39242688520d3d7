//! The values of some rows of a column, whatever its type.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::kernels::arithmetic;
use super::layouts::{Places, Read, follow};
use super::vector::{Type, Vector};
use crate::error::Error;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    BinaryType, BinaryViewType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    LargeBinaryType, LargeUtf8Type, StringViewType, UInt8Type, UInt16Type, UInt32Type, UInt64Type, Utf8Type,
};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::DataType;
use std::borrow::Cow;
use std::ops::Range;

/// Reads some rows of a column.
///
/// # Errors
/// [`Error::Overflow`] for a decimal of more than 256 bits, which only one of a negative scale can be.
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
        DataType::Decimal32(_, scale) => powered(read.ints::<Decimal32Type>(leaf), *scale)?,
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
            powered(Vector::narrowed(values.into_owned(), read.known), *scale)?
        }
        DataType::Decimal256(_, scale) => {
            let values = read.gather(leaf.as_primitive::<Decimal256Type>().values());
            powered(Vector::fitted(values.into_owned(), read.known), *scale)?
        }
        DataType::Decimal64(_, scale) => {
            let values = read.gather(leaf.as_primitive::<Decimal64Type>().values());
            powered(Vector::Ints(values, read.known), *scale)?
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
fn powered(vector: Vector<'_>, scale: i8) -> Result<Vector<'_>, Error> {
    (scale..0).try_fold(vector, |vector, _| arithmetic::scale(vector, 10))
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
        let hundreds = powered(Vector::Ints(vec![5].into(), None), -2).unwrap();
        assert_eq!(hundreds, Vector::Ints(vec![500].into(), None));
    }
}
