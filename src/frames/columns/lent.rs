//! A column in somebody else's memory: numbers with a stride, and what its owner means by missing.
#![forbid(unsafe_code)]

use crate::error::Error;
use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{ArrayRef, make_array};
use arrow_buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;
use half::f16;
use std::sync::Arc;

/// What an element is, beside its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// One byte, 0 or not.
    Bool,
    /// Whatever the column's type keeps in 1, 2, 4 or 8 bytes.
    Fixed,
    /// Code points of four bytes, filled up with zeros.
    Text,
    /// Bytes, filled up with zeros.
    Bytes,
}

/// Which elements stand for nothing.
#[derive(Clone, Debug)]
pub enum Missing {
    /// None does.
    Never,
    /// Floats that are not a number.
    Nan,
    /// The smallest int64, as NumPy writes NaT.
    Nat,
    /// Integers below zero, as pandas writes codes.
    Negative,
    /// Those whose byte here is not 0.
    Mask(Buffer),
}

/// Elements in memory that the buffers keep alive.
#[derive(Clone, Debug)]
pub struct Lent {
    /// All bytes from the lowest element to the end of the highest.
    pub memory: Buffer,
    /// Where in `memory` the first element starts.
    pub origin: usize,
    /// Bytes from one element to the next.
    pub stride: isize,
    /// Bytes of an element.
    pub width: usize,
    /// Number of elements.
    pub len: usize,
    /// What an element is.
    pub element: Element,
    /// Whether elements have the other byte order.
    pub swapped: bool,
    /// Which elements are nulls.
    pub missing: Missing,
    /// The column's type.
    pub data_type: DataType,
}

impl Lent {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The type of the values.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// Checks what reading takes on trust: that every element lies within the memory.
    ///
    /// # Errors
    /// [`Error::Invalid`] when one does not, or the mask is too short.
    pub fn checked(self) -> Result<Self, Error> {
        let last = self.len.saturating_sub(1) as i128 * self.stride as i128 + self.origin as i128;
        let (low, high) = (last.min(self.origin as i128), last.max(self.origin as i128) + self.width as i128);
        if self.len > 0 && (low < 0 || high > self.memory.len() as i128) {
            return Err(Error::Invalid("values reach past their memory".into()));
        }
        match &self.missing {
            Missing::Mask(mask) if mask.len() < self.len => {
                Err(Error::Invalid(format!("mask has {} elements, not {}", mask.len(), self.len)))
            }
            _ => Ok(self),
        }
    }

    /// Rows `start..start + len` as an array: where they lie if they lie as Arrow wants them, else a copy.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn array(&self, start: usize, len: usize) -> Result<ArrayRef, Error> {
        match self.element {
            Element::Bool => {
                let bits = BooleanBuffer::collect_bool(len, |row| self.at(start + row)[0] != 0);
                let nulls = self.nulls(start, len, &[]);
                self.assemble(len, bits.into_inner(), nulls)
            }
            Element::Fixed => {
                let values = self.fixed(start, len)?;
                let nulls = self.nulls(start, len, values.as_slice());
                self.assemble(len, values, nulls)
            }
            Element::Text => {
                let mut made = StringBuilder::with_capacity(len, 0);
                let mut text = String::new();
                for row in start..start + len {
                    text.clear();
                    self.spell(self.at(row), &mut text);
                    made.append_value(&text);
                }
                Ok(Arc::new(made.finish()))
            }
            Element::Bytes => {
                let mut made = BinaryBuilder::with_capacity(len, 0);
                for row in start..start + len {
                    let bytes = self.at(row);
                    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                    made.append_value(&bytes[..end]);
                }
                Ok(Arc::new(made.finish()))
            }
        }
    }

    /// The bytes of one element.
    fn at(&self, row: usize) -> &[u8] {
        let start = self.origin as isize + row as isize * self.stride;
        &self.memory.as_slice()[start as usize..start as usize + self.width]
    }

    /// The elements side by side, aligned and in this machine's byte order.
    fn fixed(&self, start: usize, len: usize) -> Result<Buffer, Error> {
        if len == 0 {
            return Ok(MutableBuffer::new(0).into());
        }
        if self.stride == self.width as isize && !self.swapped {
            let values = self.memory.slice_with_length(self.origin + start * self.width, len * self.width);
            if values.as_ptr().addr().is_multiple_of(self.width) {
                return Ok(values);
            }
        }
        match self.width {
            1 => self.gathered::<1>(start, len),
            2 => self.gathered::<2>(start, len),
            4 => self.gathered::<4>(start, len),
            _ => self.gathered::<8>(start, len),
        }
    }

    fn gathered<const WIDTH: usize>(&self, start: usize, len: usize) -> Result<Buffer, Error> {
        let mut room: Vec<u64> = Vec::new(); // aligned for every width
        let words = (len * WIDTH).div_ceil(8);
        room.try_reserve_exact(words).map_err(|_| Error::Memory(format!("no memory for {len} values")))?;
        room.resize(words, 0);
        let mut made = MutableBuffer::from(room);
        made.truncate(len * WIDTH);
        let memory = self.memory.as_slice();
        let mut place = self.origin as isize + start as isize * self.stride;
        for to in made.as_slice_mut().chunks_exact_mut(WIDTH) {
            let from = &memory[place as usize..place as usize + WIDTH];
            to.copy_from_slice(from);
            if self.swapped {
                to.reverse();
            }
            place += self.stride;
        }
        Ok(made.into())
    }

    fn nulls(&self, start: usize, len: usize, values: &[u8]) -> Option<NullBuffer> {
        let bits = match &self.missing {
            Missing::Never => return None,
            Missing::Mask(mask) => valid(&mask.as_slice()[start..start + len], |[byte]| byte == 0),
            Missing::Nan => match self.width {
                2 => valid(values, |bytes| !f16::from_ne_bytes(bytes).is_nan()),
                4 => valid(values, |bytes| !f32::from_ne_bytes(bytes).is_nan()),
                _ => valid(values, |bytes| !f64::from_ne_bytes(bytes).is_nan()),
            },
            Missing::Nat => valid(values, |bytes| i64::from_ne_bytes(bytes) != i64::MIN),
            Missing::Negative => match self.width {
                1 => valid(values, |bytes| i8::from_ne_bytes(bytes) >= 0),
                2 => valid(values, |bytes| i16::from_ne_bytes(bytes) >= 0),
                4 => valid(values, |bytes| i32::from_ne_bytes(bytes) >= 0),
                _ => valid(values, |bytes| i64::from_ne_bytes(bytes) >= 0),
            },
        };
        Some(NullBuffer::new(bits)).filter(|nulls| nulls.null_count() > 0)
    }

    fn assemble(&self, len: usize, values: Buffer, nulls: Option<NullBuffer>) -> Result<ArrayRef, Error> {
        let made = ArrayData::builder(self.data_type.clone()).len(len).add_buffer(values).nulls(nulls);
        made.build().map(make_array).map_err(|error| Error::Invalid(error.to_string()))
    }

    fn spell(&self, bytes: &[u8], text: &mut String) {
        let points = bytes.chunks_exact(4).map(|four| {
            let four = [four[0], four[1], four[2], four[3]];
            if self.swapped { u32::from_ne_bytes(four).swap_bytes() } else { u32::from_ne_bytes(four) }
        });
        let mut zeros = 0;
        for point in points {
            if point == 0 {
                zeros += 1; // part of the text only if something follows
                continue;
            }
            text.extend(std::iter::repeat_n('\0', zeros));
            zeros = 0;
            match char::from_u32(point) {
                Some(letter) => text.push(letter),
                None => text.push_str(&escaped(point)),
            }
        }
    }
}

/// How a code point that UTF-8 has no room for is written: as Python's `backslashreplace` does.
pub fn escaped(point: u32) -> String {
    if point > 0xFFFF { format!("\\U{point:08x}") } else { format!("\\u{point:04x}") }
}

/// A bit for each element of `WIDTH` bytes: 64 at a time, so that the loop vectorises.
fn valid<const WIDTH: usize>(bytes: &[u8], good: impl Fn([u8; WIDTH]) -> bool) -> BooleanBuffer {
    let (elements, _) = bytes.as_chunks::<WIDTH>();
    let mut words: Vec<u64> = Vec::with_capacity(elements.len().div_ceil(64));
    for block in elements.chunks(64) {
        let flags = block.iter().enumerate();
        words.push(flags.fold(0, |word, (bit, element)| word | u64::from(good(*element)) << bit));
    }
    BooleanBuffer::new(Buffer::from_vec(words), 0, elements.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int16Type, Int64Type};
    use arrow_array::{Array, BooleanArray, StringArray};

    fn lent(bytes: &[u8], width: usize, len: usize, data_type: DataType) -> Lent {
        let memory = Buffer::from(bytes);
        let (origin, stride, element) = (0, width as isize, Element::Fixed);
        let (swapped, missing) = (false, Missing::Never);
        Lent { memory, origin, stride, width, len, element, swapped, missing, data_type }
    }

    fn bytes_of(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_ne_bytes()).collect()
    }

    #[test]
    fn neighbours_stay_where_they_are_and_strides_are_gathered() {
        let bytes = bytes_of(&[1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0]);
        let plain = lent(&bytes, 8, 6, DataType::Float64).checked().unwrap();
        let array = plain.array(1, 3).unwrap();
        assert_eq!(array.to_data().buffers()[0].as_ptr(), plain.memory.as_ptr().wrapping_add(8));
        assert_eq!(array.null_count(), 0);
        let nulls = Lent { missing: Missing::Nan, ..plain.clone() };
        assert_eq!(
            nulls.array(1, 3).unwrap().nulls().unwrap().iter().collect::<Vec<_>>(),
            [true, false, true]
        );
        assert!(nulls.array(3, 3).unwrap().nulls().is_none());
        let backwards = Lent { origin: 40, stride: -16, len: 3, ..plain.clone() }.checked().unwrap();
        let backwards = backwards.array(0, 3).unwrap();
        assert_eq!(backwards.as_primitive::<Float64Type>().values(), &[6.0, 4.0, 2.0]);
        for (origin, stride) in [(0, -8), (48, 8), (0, 16), (8, 8)] {
            assert!(Lent { origin, stride, ..plain.clone() }.checked().is_err(), "{origin} {stride}");
        }
        assert!(Lent { missing: Missing::Mask(Buffer::from(&[0; 5])), ..plain }.checked().is_err());
    }

    #[test]
    fn other_byte_orders_and_misaligned_values_are_put_right() {
        let bytes: Vec<u8> =
            [1_i16, -2, 300].iter().flat_map(|value| value.swap_bytes().to_ne_bytes()).collect();
        let swapped = Lent { swapped: true, ..lent(&bytes, 2, 3, DataType::Int16) };
        assert_eq!(swapped.array(0, 3).unwrap().as_primitive::<Int16Type>().values(), &[1, -2, 300]);
        let mut shifted = vec![0];
        shifted.extend([7_i64, i64::MIN].iter().flat_map(|value| value.to_ne_bytes()));
        let odd = Lent { origin: 1, missing: Missing::Nat, ..lent(&shifted, 8, 2, DataType::Int64) };
        let array = odd.array(0, 2).unwrap();
        assert_eq!((array.as_primitive::<Int64Type>().value(0), array.is_null(1)), (7, true));
    }

    #[test]
    fn booleans_codes_and_masks() {
        let flags = Lent { element: Element::Bool, ..lent(&[1, 0, 2], 1, 3, DataType::Boolean) };
        assert_eq!(flags.array(0, 3).unwrap().as_boolean(), &BooleanArray::from(vec![true, false, true]));
        let masked = Lent { missing: Missing::Mask(Buffer::from(&[0, 1, 0])), ..flags };
        let expected = BooleanArray::from(vec![Some(true), None, Some(true)]);
        assert_eq!(masked.array(0, 3).unwrap().as_boolean(), &expected);
        let codes = Lent { missing: Missing::Negative, ..lent(&[0, 255, 1], 1, 3, DataType::Int8) };
        assert_eq!(codes.array(0, 3).unwrap().null_count(), 1);
    }

    #[test]
    fn bits_are_right_over_many_words() {
        let values: Vec<f64> =
            (0..1000).map(|row| if row % 7 == 3 { f64::NAN } else { row as f64 }).collect();
        let column = Lent { missing: Missing::Nan, ..lent(&bytes_of(&values), 8, 1000, DataType::Float64) };
        let array = column.array(5, 990).unwrap();
        for row in 0..990 {
            assert_eq!(array.is_null(row), (row + 5) % 7 == 3);
        }
    }

    #[test]
    fn fixed_text_loses_its_filling_and_nothing_else() {
        let points = [0x61, 0, 0x20AC, 0, 0xD800, 0x11_0000, 0, 0];
        let bytes: Vec<u8> = points.iter().flat_map(|point: &u32| point.to_ne_bytes()).collect();
        let text = Lent { element: Element::Text, ..lent(&bytes, 16, 2, DataType::Utf8) };
        let expected = StringArray::from(vec!["a\0\u{20ac}", "\\ud800\\U00110000"]);
        assert_eq!(text.array(0, 2).unwrap().as_string::<i32>(), &expected);
        let bytes = Lent { element: Element::Bytes, ..lent(b"a\0b\0\0\0", 3, 2, DataType::Binary) };
        let array = bytes.array(0, 2).unwrap();
        assert_eq!(
            (array.as_binary::<i32>().value(0), array.as_binary::<i32>().value(1)),
            (&b"a\0b"[..], &b""[..])
        );
    }
}
