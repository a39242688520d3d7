//! Text and binary values of a column, summed up.
#![forbid(unsafe_code)]

use super::distinct::Distinct;
use crate::frames::pick::Pick;
use crate::frames::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    BinaryType, BinaryViewType, ByteArrayType, ByteViewType, LargeBinaryType, LargeUtf8Type, StringViewType,
    Utf8Type,
};
use arrow_array::{Array, GenericByteArray, GenericByteViewArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use xxhash_rust::xxh3::xxh3_64;

/// How long values are: characters of text, bytes of binary, items of lists.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lengths {
    /// Number of values.
    pub count: u64,
    /// Length of the shortest.
    pub min: u64,
    /// Length of the longest.
    pub max: u64,
    total: u128,
}

impl Lengths {
    /// Takes in `times` values of this length.
    #[inline]
    pub fn add(&mut self, length: u64, times: u64) {
        self.merge(&Self {
            count: times,
            min: length,
            max: length,
            total: u128::from(length) * u128::from(times),
        });
    }

    /// Takes in what another part of the column came to.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.total += other.total;
    }

    /// Mean length.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total as f64 / self.count as f64)
    }
}

/// A value kept as an extreme, with its first eight bytes as a number that compares as they do.
struct Extreme {
    head: u64,
    value: Vec<u8>,
}

/// First and last in byte order, which for UTF-8 is the order of code points; lengths; different values.
pub struct Texts {
    characters: bool,
    range: Option<(Extreme, Extreme)>,
    /// How long the values are.
    pub lengths: Lengths,
    /// Different values.
    pub distinct: Distinct,
}

impl Texts {
    /// For text when `characters`, else for binary.
    pub fn new(characters: bool) -> Self {
        Self { characters, range: None, lengths: Lengths::default(), distinct: Distinct::default() }
    }

    /// Takes in some values of `array`, an array of text or binary.
    pub fn feed(&mut self, array: &dyn Array, pick: &Pick<'_>) {
        match array.data_type() {
            DataType::Utf8 => self.feed_offsets(array.as_bytes::<Utf8Type>(), pick),
            DataType::LargeUtf8 => self.feed_offsets(array.as_bytes::<LargeUtf8Type>(), pick),
            DataType::Binary => self.feed_offsets(array.as_bytes::<BinaryType>(), pick),
            DataType::LargeBinary => self.feed_offsets(array.as_bytes::<LargeBinaryType>(), pick),
            DataType::Utf8View => self.feed_views(array.as_byte_view::<StringViewType>(), pick),
            DataType::BinaryView => self.feed_views(array.as_byte_view::<BinaryViewType>(), pick),
            _ => {
                let array = array.as_fixed_size_binary();
                pick.each(|place| self.add(array.value(place), 1));
            }
        }
    }

    /// Takes in the values of `array` as often as `times` says, place by place.
    pub fn feed_counted<'a>(&mut self, array: &'a dyn Array, times: &[u32]) {
        let places = times.iter().enumerate().filter(|(_, times)| **times > 0);
        let mut each = |value: &dyn Fn(usize) -> &'a [u8]| {
            places.clone().for_each(|(place, times)| self.add(value(place), u64::from(*times)));
        };
        match array.data_type() {
            DataType::Utf8 => each(&|at| array.as_string::<i32>().value(at).as_bytes()),
            DataType::LargeUtf8 => each(&|at| array.as_string::<i64>().value(at).as_bytes()),
            DataType::Binary => each(&|at| array.as_binary::<i32>().value(at)),
            DataType::LargeBinary => each(&|at| array.as_binary::<i64>().value(at)),
            DataType::Utf8View => each(&|at| array.as_string_view().value(at).as_bytes()),
            DataType::BinaryView => each(&|at| array.as_binary_view().value(at)),
            _ => each(&|at| array.as_fixed_size_binary().value(at)),
        }
    }

    fn feed_offsets<T: ByteArrayType>(&mut self, array: &GenericByteArray<T>, pick: &Pick<'_>) {
        let (offsets, data) = (array.value_offsets(), array.value_data());
        // One look at the whole block spares a count of characters for every value.
        let ascii = match pick {
            Pick::Range(range) => {
                data[offsets[range.start].as_usize()..offsets[range.end].as_usize()].is_ascii()
            }
            Pick::Places(_) => false,
        };
        if ascii || !self.characters {
            let (mut shortest, mut longest, mut total) = (usize::MAX, 0, 0_u128);
            pick.each(|place| {
                let value = &data[offsets[place].as_usize()..offsets[place + 1].as_usize()];
                (shortest, longest) = (shortest.min(value.len()), longest.max(value.len()));
                total += value.len() as u128;
                self.add_value(value);
            });
            let (count, min, max) = (pick.len() as u64, shortest as u64, longest as u64);
            self.lengths.merge(&Lengths { count, min, max, total });
        } else {
            pick.each(|place| self.add(&data[offsets[place].as_usize()..offsets[place + 1].as_usize()], 1));
        }
    }

    fn feed_views<T: ByteViewType + ?Sized>(&mut self, array: &GenericByteViewArray<T>, pick: &Pick<'_>) {
        let (views, buffers) = (array.views(), array.data_buffers());
        pick.each(|place| {
            let view = views[place];
            let length = view as u32 as usize;
            if length <= 12 {
                self.add(&view.to_le_bytes()[4..4 + length], 1);
            } else {
                let (buffer, start) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
                self.add(&buffers[buffer][start..start + length], 1);
            }
        });
    }

    #[inline]
    fn add(&mut self, value: &[u8], times: u64) {
        let length = if self.characters { characters(value) } else { value.len() };
        self.lengths.add(length as u64, times);
        self.add_value(value);
    }

    #[inline]
    fn add_value(&mut self, value: &[u8]) {
        self.distinct.add(xxh3_64(value));
        let head = head(value);
        match &self.range {
            Some((min, max)) if min.head < head && head < max.head => {}
            _ => self.widen(value, head),
        }
    }

    fn widen(&mut self, value: &[u8], head: u64) {
        let extreme = || Extreme { head, value: value.to_vec() };
        match &mut self.range {
            None => self.range = Some((extreme(), extreme())),
            Some((min, max)) => {
                if (head, value) < (min.head, min.value.as_slice()) {
                    *min = extreme();
                }
                if (head, value) > (max.head, max.value.as_slice()) {
                    *max = extreme();
                }
            }
        }
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Self) {
        if let Some((min, max)) = &other.range {
            self.widen(&min.value, min.head);
            self.widen(&max.value, max.head);
        }
        self.lengths.merge(&other.lengths);
        self.distinct.merge(&other.distinct);
    }

    /// First and last value.
    pub fn range(&self) -> (Value, Value) {
        let value = |extreme: &Extreme| match self.characters {
            true => Value::Text(String::from_utf8_lossy(&extreme.value).into_owned()),
            false => Value::Bytes(extreme.value.clone()),
        };
        self.range.as_ref().map_or((Value::None, Value::None), |(min, max)| (value(min), value(max)))
    }
}

/// The first eight bytes, padded with zeros; equal heads say nothing, unequal ones decide.
#[inline]
fn head(value: &[u8]) -> u64 {
    match value.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => value.iter().rev().fold(0, |head, byte| head >> 8 | u64::from(*byte) << 56),
    }
}

/// Characters of UTF-8 text: bytes that do not continue one.
#[inline]
fn characters(value: &[u8]) -> usize {
    value.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BinaryArray, FixedSizeBinaryArray, StringArray, StringViewArray};

    fn summary(array: &dyn Array, characters: bool) -> (Value, Value, Lengths, u64) {
        let mut all = Texts::new(characters);
        for place in 0..array.len() {
            let mut one = Texts::new(characters);
            one.feed(array, &Pick::Range(place..place + 1));
            all.merge(&one);
        }
        let (min, max) = all.range();
        (min, max, all.lengths, all.distinct.count())
    }

    #[test]
    fn order_is_by_code_point_and_length_by_character() {
        let words =
            vec!["", "abcdefgh", "abcdefghi", "abc", "日本語", "é", "abc\0", "a longer text than a view"];
        let expected = (
            Value::Text(String::new()),
            Value::Text("日本語".into()),
            Lengths { count: 8, min: 0, max: 25, total: 53 },
            8,
        );
        assert_eq!(summary(&StringArray::from(words.clone()), true), expected);
        assert_eq!(summary(&StringViewArray::from(words.clone()), true), expected);
        let mut counted = Texts::new(true);
        counted.feed_counted(&StringArray::from(words), &[1, 0, 0, 3]);
        assert_eq!(counted.lengths, Lengths { count: 4, min: 0, max: 3, total: 9 });
        assert_eq!(counted.range().1, Value::Text("abc".into()));
    }

    #[test]
    fn values_that_share_eight_bytes_are_still_ordered() {
        let words = StringArray::from(vec!["12345678b", "12345678", "12345678a", "12345678\0"]);
        let (min, max, ..) = summary(&words, true);
        assert_eq!((min, max), (Value::Text("12345678".into()), Value::Text("12345678b".into())));
    }

    #[test]
    fn binary_is_measured_in_bytes() {
        let bytes = BinaryArray::from(vec![&b"\xff\x00"[..], b"\xfe"]);
        let expected = (Value::Bytes(vec![0xfe]), Value::Bytes(vec![0xff, 0]));
        let (min, max, lengths, distinct) = summary(&bytes, false);
        assert_eq!(((min, max), lengths.max, distinct), (expected, 2, 2));
        let fixed = FixedSizeBinaryArray::try_from_iter([[1_u8, 2], [1, 1]].iter()).unwrap();
        assert_eq!(summary(&fixed, false).0, Value::Bytes(vec![1, 1]));
    }
}
