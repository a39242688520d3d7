//! A column that grows value by value, of a kind the first value decides.
#![forbid(unsafe_code)]

use super::{Column, decimal};
use crate::error::Error;
use arrow_array::types::{
    DurationMicrosecondType, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, Date32Array, NullArray, PrimitiveArray,
    StringArray, make_array,
};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::{DataType, TimeUnit};
use std::sync::Arc;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but nulls so far.
    Nothing,
    /// Truth values.
    Bool,
    /// Integers of 64 bits.
    Int,
    /// Floats of 64 bits.
    Float,
    /// Text.
    Text,
    /// Bytes.
    Binary,
    /// Days since 1970.
    Date,
    /// Microseconds since 1970, wherever that was.
    Naive,
    /// Microseconds since 1970 in UTC.
    Instant,
    /// Microseconds since midnight.
    Time,
    /// Microseconds.
    Span,
    /// Text that spells decimals.
    Decimal,
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Self::Nothing => DataType::Null,
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Text | Self::Decimal => DataType::Utf8,
            Self::Binary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Naive => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Span => DataType::Duration(TimeUnit::Microsecond),
        }
    }

    fn is_bytes(self) -> bool {
        matches!(self, Self::Text | Self::Binary | Self::Decimal)
    }
}

/// Bytes one piece of text or binary may have: what a 32-bit offset can say.
pub const MOST_BYTES: usize = i32::MAX as usize;

/// A column under construction; a piece of it is closed whenever the caller says so.
pub struct Growing {
    kind: Kind,
    pieces: Vec<ArrayRef>,
    nulls: NullBufferBuilder,
    bits: BooleanBufferBuilder,
    days: Vec<i32>,
    words: Vec<i64>,
    reals: Vec<f64>,
    offsets: Vec<i32>,
    /// The text or bytes of the open piece, end to end; what is added here is closed by [`Growing::end_bytes`].
    pub bytes: Vec<u8>,
}

impl Growing {
    /// A column of `kind`, or of a kind that comes later.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            pieces: vec![],
            nulls: NullBufferBuilder::new(0),
            bits: BooleanBufferBuilder::new(0),
            days: vec![],
            words: vec![],
            reals: vec![],
            offsets: vec![0],
            bytes: vec![],
        }
    }

    /// What the values are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Rows so far, closed pieces included.
    pub fn rows(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum::<usize>() + self.nulls.len()
    }

    /// Makes a column of nothing one of `kind`, its nulls included.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn become_kind(&mut self, kind: Kind) -> Result<(), Error> {
        let open = self.nulls.len();
        let closed: usize = self.pieces.iter().map(|piece| piece.len()).sum();
        self.kind = kind;
        self.pieces.clear();
        self.nulls = NullBufferBuilder::new(0);
        self.reserve(closed + open)?;
        (0..closed + open).for_each(|_| self.push_null());
        Ok(())
    }

    /// Makes room for `rows` more values, beside their text or bytes.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn reserve(&mut self, rows: usize) -> Result<(), Error> {
        let made = match self.kind {
            Kind::Nothing | Kind::Bool => Ok(()),
            Kind::Float => self.reals.try_reserve(rows),
            Kind::Date => self.days.try_reserve(rows),
            kind if kind.is_bytes() => self.offsets.try_reserve(rows),
            _ => self.words.try_reserve(rows),
        };
        made.map_err(|_| Error::Memory(format!("no memory for {rows} rows")))
    }

    /// Adds a null.
    #[inline]
    pub fn push_null(&mut self) {
        self.nulls.append_null();
        match self.kind {
            Kind::Nothing => (),
            Kind::Bool => self.bits.append(false),
            Kind::Float => self.reals.push(0.0),
            Kind::Date => self.days.push(0),
            kind if kind.is_bytes() => self.offsets.push(self.bytes.len() as i32),
            _ => self.words.push(0),
        }
    }

    /// Adds a truth value to a column of [`Kind::Bool`].
    #[inline]
    pub fn push_bool(&mut self, value: bool) {
        self.nulls.append_non_null();
        self.bits.append(value);
    }

    /// Adds a float to a column of [`Kind::Float`].
    #[inline]
    pub fn push_float(&mut self, value: f64) {
        self.nulls.append_non_null();
        self.reals.push(value);
    }

    /// Adds a day to a column of [`Kind::Date`].
    #[inline]
    pub fn push_day(&mut self, value: i32) {
        self.nulls.append_non_null();
        self.days.push(value);
    }

    /// Adds a value to a column of any other kind of 64 bits.
    #[inline]
    pub fn push_word(&mut self, value: i64) {
        self.nulls.append_non_null();
        self.words.push(value);
    }

    /// Ends a value of text or bytes, which is what was added to [`Growing::bytes`]: at most [`MOST_BYTES`] in all.
    #[inline]
    pub fn end_bytes(&mut self) {
        self.nulls.append_non_null();
        self.offsets.push(self.bytes.len() as i32);
    }

    /// Closes the open piece, if it has rows.
    pub fn close(&mut self) {
        let rows = self.nulls.len();
        if rows == 0 {
            return;
        }
        let nulls = std::mem::replace(&mut self.nulls, NullBufferBuilder::new(0)).build();
        let words = std::mem::take(&mut self.words);
        let piece: ArrayRef = match self.kind {
            Kind::Nothing => Arc::new(NullArray::new(rows)),
            Kind::Bool => Arc::new(BooleanArray::new(self.bits.finish(), nulls)),
            Kind::Int => of_words::<Int64Type>(words, nulls),
            Kind::Float => {
                let reals = std::mem::take(&mut self.reals);
                Arc::new(PrimitiveArray::<Float64Type>::new(reals.into(), nulls))
            }
            Kind::Date => Arc::new(Date32Array::new(std::mem::take(&mut self.days).into(), nulls)),
            Kind::Naive => of_words::<TimestampMicrosecondType>(words, nulls),
            Kind::Instant => {
                let made = PrimitiveArray::<TimestampMicrosecondType>::new(words.into(), nulls);
                Arc::new(made.with_timezone("UTC"))
            }
            Kind::Time => of_words::<Time64MicrosecondType>(words, nulls),
            Kind::Span => of_words::<DurationMicrosecondType>(words, nulls),
            Kind::Text | Kind::Decimal | Kind::Binary => self.close_bytes(nulls),
        };
        self.pieces.push(piece);
    }

    /// The open piece of text or bytes; what was pushed as text must have been UTF-8.
    fn close_bytes(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let bytes = Buffer::from_vec(std::mem::take(&mut self.bytes));
        match self.kind {
            Kind::Binary => Arc::new(BinaryArray::new(offsets, bytes, nulls)),
            _ => Arc::new(StringArray::new(offsets, bytes, nulls)),
        }
    }

    /// The column. Int64 becomes the type of dates and times that `retyped` names.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a decimal is none or too long, or a day has no room in 32 bits; [`Error::Type`] when
    /// a column of another kind is to be retyped.
    pub fn finish(mut self, retyped: Option<DataType>) -> Result<Column, Error> {
        self.close();
        if self.kind == Kind::Decimal {
            return decimal::parsed(&self.pieces);
        }
        match retyped {
            None => Ok(Column::ready(self.kind.data_type(), self.pieces)),
            Some(wanted) => {
                let pieces =
                    self.pieces.iter().map(|piece| retype(piece, &wanted)).collect::<Result<_, _>>()?;
                Ok(Column::ready(wanted, pieces))
            }
        }
    }
}

fn of_words<T: ArrowPrimitiveType<Native = i64>>(words: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(words.into(), nulls))
}

/// The same integers as dates or times.
fn retype(piece: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, Error> {
    let Some(words) = piece.as_any().downcast_ref::<PrimitiveArray<Int64Type>>() else {
        if piece.data_type().is_null() {
            return Ok(arrow_array::new_null_array(wanted, piece.len()));
        }
        return Err(Error::Type(format!("{} cannot become {wanted}", piece.data_type())));
    };
    if *wanted == DataType::Date32 {
        let days = words.values().iter().map(|word| i32::try_from(*word)).collect::<Result<Vec<_>, _>>();
        let days = days.map_err(|_| Error::Overflow("a date is too far from 1970".into()))?;
        return Ok(Arc::new(Date32Array::new(days.into(), words.nulls().cloned())));
    }
    let made: ArrayData = words
        .to_data()
        .into_builder()
        .data_type(wanted.clone())
        .build()
        .map_err(|error| Error::Type(error.to_string()))?;
    Ok(make_array(made))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn nulls_that_came_first_take_the_kind_of_the_first_value() {
        let mut growing = Growing::new(Kind::Nothing);
        growing.push_null();
        growing.close();
        growing.push_null();
        growing.become_kind(Kind::Text).unwrap();
        growing.bytes.extend("\u{e4}".bytes());
        growing.end_bytes();
        growing.close();
        growing.push_null();
        assert_eq!(growing.rows(), 4);
        let column = growing.finish(None).unwrap();
        assert_eq!((column.data_type(), column.len()), (&DataType::Utf8, 4));
    }

    #[test]
    fn every_kind_closes_as_its_type() {
        for kind in [
            Kind::Nothing,
            Kind::Bool,
            Kind::Int,
            Kind::Float,
            Kind::Text,
            Kind::Binary,
            Kind::Date,
            Kind::Naive,
            Kind::Instant,
            Kind::Time,
            Kind::Span,
        ] {
            let mut growing = Growing::new(kind);
            growing.reserve(2).unwrap();
            growing.push_null();
            growing.push_null();
            growing.close();
            growing.close();
            assert_eq!(growing.pieces.len(), 1);
            assert_eq!(growing.pieces[0].data_type(), &kind.data_type());
            assert_eq!(growing.pieces[0].logical_null_count(), 2);
        }
    }

    #[test]
    fn integers_become_dates_where_they_fit() {
        let grown = |values: &[i64]| {
            let mut growing = Growing::new(Kind::Int);
            values.iter().for_each(|value| growing.push_word(*value));
            growing
        };
        assert_eq!(grown(&[1, -1]).finish(Some(DataType::Date32)).unwrap().data_type(), &DataType::Date32);
        assert!(matches!(grown(&[1 << 40]).finish(Some(DataType::Date32)), Err(Error::Overflow(_))));
        let zoned = DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Berlin".into()));
        assert_eq!(grown(&[7]).finish(Some(zoned.clone())).unwrap().data_type(), &zoned);
        let text = Growing::new(Kind::Bool);
        assert!(text.finish(Some(DataType::Date32)).is_ok(), "no values, no quarrel");
        let mut flags = Growing::new(Kind::Bool);
        flags.push_bool(true);
        flags.close();
        assert!(flags.pieces[0].as_boolean().value(0));
        assert!(matches!(flags.finish(Some(DataType::Date32)), Err(Error::Type(_))));
    }
}
