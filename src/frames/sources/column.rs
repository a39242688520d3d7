//! One column of typed values, built row after row.
#![forbid(unsafe_code)]

use super::cells::{Cells, Escapes, Form};
use super::kind::{self, Kind};
use super::moment::{self, Order};
use super::nulls::Nulls;
use super::number;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, Time64MicrosecondArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use std::sync::Arc;

/// A value that is not of its column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where it starts.
    pub start: usize,
    /// The byte past its last.
    pub end: usize,
}

/// How the text around a column is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The text all positions are of.
    pub buffer: &'a [u8],
    /// What escapes in it mean.
    pub escapes: Escapes,
    /// Which values are null.
    pub nulls: &'a Nulls,
}

enum Values {
    Bool(BooleanBufferBuilder),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Days(Vec<i32>),
    Time(Vec<i64>),
    Stamp(Vec<i64>),
    Text { offsets: Vec<i32>, bytes: Vec<u8> },
}

/// A column under construction.
pub struct Builder {
    kind: Kind,
    /// The caller chose the type, so spellings are read that a guess would not take for it.
    lenient: bool,
    values: Values,
    nulls: NullBufferBuilder,
    scratch: Vec<u8>,
}

impl Builder {
    /// A column without rows.
    pub fn new(kind: Kind, lenient: bool) -> Self {
        let values = match kind {
            Kind::Bool => Values::Bool(BooleanBufferBuilder::new(0)),
            Kind::Int => Values::Int(Vec::new()),
            Kind::Float => Values::Float(Vec::new()),
            Kind::Date(_) => Values::Days(Vec::new()),
            Kind::Time { .. } => Values::Time(Vec::new()),
            Kind::Stamp { .. } => Values::Stamp(Vec::new()),
            Kind::Text => Values::Text { offsets: vec![0], bytes: Vec::new() },
        };
        Self { kind, lenient, values, nulls: NullBufferBuilder::new(0), scratch: Vec::new() }
    }

    /// Appends one column of `cells`; the first value that does not fit ends it.
    pub fn extend(&mut self, cells: &impl Cells, column: usize, reading: Reading<'_>) -> Result<(), Misfit> {
        let Self { kind, lenient, values, nulls, scratch } = self;
        let lenient = *lenient;
        let literal =
            reading.escapes == Escapes::Json && matches!(kind, Kind::Bool | Kind::Int | Kind::Float);
        let mut typed = Typed { column, reading, nulls, scratch, unquoted: literal && !lenient };
        match (values, *kind) {
            (Values::Int(values), _) => typed.fixed(cells, values, number::int, |text| {
                number::int(text, 0, text.len()).or_else(|| number::lenient_int(text).filter(|_| lenient))
            }),
            (Values::Float(values), _) => typed.sliced(cells, values, |text| {
                number::float(text).or_else(|| number::lenient_float(text).filter(|_| lenient))
            }),
            (Values::Days(values), Kind::Date(order)) => {
                typed.sliced(cells, values, |text| moment::date(text, order))
            }
            (Values::Time(values), Kind::Time { fine }) => typed.sliced(cells, values, |text| {
                let (nanos, finer) = moment::time(text)?;
                if fine { Some(nanos) } else { (!finer).then_some(nanos / 1000) }
            }),
            (Values::Stamp(values), Kind::Stamp { order, fine, zoned }) => {
                typed.sliced(cells, values, |text| stamp(text, order, fine, zoned))
            }
            (Values::Text { offsets, bytes }, _) => typed.text(cells, offsets, bytes),
            (Values::Bool(values), _) => typed.boolean(cells, values, lenient),
            (Values::Days(_) | Values::Time(_) | Values::Stamp(_), _) => {
                unreachable!("Builder::new pairs values with kinds")
            }
        }
    }

    /// The column; `None` when a text is not UTF-8.
    pub fn finish(mut self) -> Option<ArrayRef> {
        let nulls = self.nulls.finish();
        Some(match self.values {
            Values::Bool(mut values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Values::Int(values) => Arc::new(Int64Array::new(values.into(), nulls)),
            Values::Float(values) => Arc::new(Float64Array::new(values.into(), nulls)),
            Values::Days(values) => Arc::new(Date32Array::new(values.into(), nulls)),
            Values::Time(values) => match self.kind {
                Kind::Time { fine: true } => Arc::new(Time64NanosecondArray::new(values.into(), nulls)),
                _ => Arc::new(Time64MicrosecondArray::new(values.into(), nulls)),
            },
            Values::Stamp(values) => {
                let (fine, zoned) = match self.kind {
                    Kind::Stamp { fine, zoned, .. } => (fine, zoned),
                    _ => (false, false),
                };
                let zone = zoned.then(|| "UTC".to_owned());
                if fine {
                    Arc::new(TimestampNanosecondArray::new(values.into(), nulls).with_timezone_opt(zone))
                } else {
                    Arc::new(TimestampMicrosecondArray::new(values.into(), nulls).with_timezone_opt(zone))
                }
            }
            Values::Text { offsets, bytes } => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls).ok()?)
            }
        })
    }
}

fn stamp(text: &[u8], order: Order, fine: bool, zoned: bool) -> Option<i64> {
    let found = moment::moment(text, order).filter(|found| found.zoned == zoned)?;
    if fine { found.nanos() } else { (!found.fine).then(|| found.micros()) }
}

/// One run of rows of one column.
struct Typed<'a> {
    column: usize,
    reading: Reading<'a>,
    nulls: &'a mut NullBufferBuilder,
    scratch: &'a mut Vec<u8>,
    /// What is quoted is text, whatever it looks like.
    unquoted: bool,
}

impl Typed<'_> {
    /// Values of a fixed width that are read where they lie.
    #[inline(always)]
    fn fixed<T: Default>(
        &mut self,
        cells: &impl Cells,
        values: &mut Vec<T>,
        read: impl Fn(&[u8], usize, usize) -> Option<T>,
        read_again: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<(), Misfit> {
        let rows = cells.rows();
        values.reserve(rows);
        for row in 0..rows {
            let cell = cells.cell(self.reading.buffer, row, self.column);
            let plain = cell.form == Form::Plain && cell.end > cell.start;
            if plain && let Some(value) = read(self.reading.buffer, cell.start, cell.end) {
                // The word for null may look like a value.
                if !self.reading.nulls.look_like_values()
                    || !self.reading.nulls.matches(&self.reading.buffer[cell.start..cell.end])
                {
                    values.push(value);
                    self.nulls.append_non_null();
                    continue;
                }
            }
            let value = self.rare(cell, &read_again)?;
            self.nulls.append(value.is_some());
            values.push(value.unwrap_or_default());
        }
        Ok(())
    }

    #[inline(always)]
    fn sliced<T: Default>(
        &mut self,
        cells: &impl Cells,
        values: &mut Vec<T>,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<(), Misfit> {
        self.fixed(cells, values, |buffer, start, end| read(&buffer[start..end]), &read)
    }

    /// What is null, quoted, escaped, between spaces, or does not fit. Quoted nothing is null here: a number it is not.
    #[cold]
    fn rare<T>(
        &mut self,
        cell: super::cells::Cell,
        read: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Misfit> {
        let misfit = Misfit { start: cell.start, end: cell.end };
        let text = &self.reading.buffer[cell.start..cell.end];
        match cell.form {
            Form::Missing => return Ok(None),
            Form::Plain if self.reading.nulls.matches(text) => return Ok(None),
            Form::Plain if self.reading.nulls.word(text).is_some() => return Ok(None),
            Form::Quoted | Form::Escaped if self.unquoted => return Err(misfit),
            Form::Quoted if text.is_empty() && self.reading.escapes != Escapes::Json => return Ok(None),
            Form::Nested => return Err(misfit),
            Form::Escaped => {
                self.scratch.clear();
                self.reading.escapes.resolve(text, self.scratch).ok_or(misfit)?;
                return read(self.scratch.trim_ascii()).map(Some).ok_or(misfit);
            }
            Form::Plain | Form::Quoted => {}
        }
        read(text.trim_ascii()).map(Some).ok_or(misfit)
    }

    fn boolean(
        &mut self,
        cells: &impl Cells,
        values: &mut BooleanBufferBuilder,
        lenient: bool,
    ) -> Result<(), Misfit> {
        let read = |text: &[u8]| if lenient { kind::lenient_boolean(text) } else { kind::boolean(text) };
        for row in 0..cells.rows() {
            let cell = cells.cell(self.reading.buffer, row, self.column);
            let value = self.rare(cell, &read)?;
            self.nulls.append(value.is_some());
            values.append(value.unwrap_or(false));
        }
        Ok(())
    }

    fn text(
        &mut self,
        cells: &impl Cells,
        offsets: &mut Vec<i32>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        const SHORT: usize = 16;
        let buffer = self.reading.buffer;
        offsets.reserve(cells.rows());
        for row in 0..cells.rows() {
            let cell = cells.cell(buffer, row, self.column);
            let size = cell.end - cell.start;
            let null = match cell.form {
                Form::Plain => self.reading.nulls.matches(&buffer[cell.start..cell.end]),
                form => form == Form::Missing,
            };
            self.nulls.append(!null);
            if cell.form == Form::Escaped {
                let misfit = Misfit { start: cell.start, end: cell.end };
                self.reading.escapes.resolve(&buffer[cell.start..cell.end], bytes).ok_or(misfit)?;
            } else if !null {
                match buffer.get(cell.start..cell.start + SHORT) {
                    // A copy of fixed size is two instructions, one of any size a call.
                    Some(short) if size <= SHORT => {
                        let start = bytes.len();
                        bytes.extend_from_slice(short);
                        bytes.truncate(start + size);
                    }
                    _ => bytes.extend_from_slice(&buffer[cell.start..cell.end]),
                }
            }
            offsets.push(bytes.len() as i32); // a piece of text is far shorter than 2 GiB
        }
        Ok(())
    }
}
