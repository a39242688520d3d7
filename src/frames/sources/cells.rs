//! Where the values of some rows lie in a piece of text, and in which spelling.
#![forbid(unsafe_code)]

use super::json_text;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// There is none: a row too short, a JSON null, a key left out.
    Missing,
    /// As it is.
    Plain,
    /// As it is, with quotes around it that are not part of the span.
    Quoted,
    /// Within quotes, with something in it that stands for something else.
    Escaped,
    /// JSON within JSON, as it is.
    Nested,
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// How it is written.
    pub form: Form,
    /// Its first byte.
    pub start: usize,
    /// The byte past its last.
    pub end: usize,
}

/// What escapes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// A quote twice is a quote; or another byte takes the next one as it is.
    Delimited {
        /// Around fields.
        quote: u8,
        /// Before a byte to be taken as it is; the quote itself where quotes are doubled.
        escape: u8,
    },
    /// As in JSON.
    Json,
}

impl Escapes {
    /// Appends what an escaped value means. `None` where an escape means nothing.
    pub fn resolve(self, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Delimited { escape, .. } => {
                let mut rest = text;
                while let Some(at) = memchr::memchr(escape, rest) {
                    out.extend_from_slice(&rest[..at]);
                    match rest.get(at + 1) {
                        Some(taken) => out.push(*taken),
                        None => out.push(escape),
                    }
                    rest = &rest[(at + 2).min(rest.len())..];
                }
                out.extend_from_slice(rest);
                Some(())
            }
            Self::Json => json_text::unescape(text, out),
        }
    }
}

/// The values of some rows, all with the same number of columns.
pub trait Cells {
    /// How many rows.
    fn rows(&self) -> usize;
    /// One value of them.
    fn cell(&self, buffer: &[u8], row: usize, column: usize) -> Cell;
}

/// Rows of delimited text where every row has every column: one position a value, one after the other.
#[derive(Clone, Copy)]
pub struct Regular<'a> {
    /// The byte before the first row, then the end of every value.
    pub ends: &'a [u32],
    /// Columns of a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// Around fields.
    pub quote: Option<u8>,
}

impl Cells for Regular<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    #[inline(always)]
    fn cell(&self, buffer: &[u8], row: usize, column: usize) -> Cell {
        let index = row * self.columns + column;
        let start = self.ends[index].wrapping_add(1) as usize; // before the first byte of all: u32::MAX
        let end = self.ends[index + 1] as usize;
        delimited(buffer, start, end, column + 1 == self.columns, self.quote)
    }
}

/// A field between two separators.
#[inline(always)]
pub fn delimited(buffer: &[u8], start: usize, mut end: usize, last: bool, quote: Option<u8>) -> Cell {
    if last && end > start && buffer[end - 1] == b'\r' {
        end -= 1;
    }
    match quote {
        // What follows the closing quote makes it a field like any other, quotes and all.
        Some(quote) if end > start + 1 && buffer[start] == quote && buffer[end - 1] == quote => {
            let inner = &buffer[start + 1..end - 1];
            let form = if memchr::memchr(quote, inner).is_some() { Form::Escaped } else { Form::Quoted };
            Cell { form, start: start + 1, end: end - 1 }
        }
        _ => Cell { form: Form::Plain, start, end },
    }
}

/// Rows whose values were found one by one.
#[derive(Default)]
pub struct Listed {
    spans: Vec<(u32, u32, Form)>,
    columns: usize,
    /// Rows pushed whole, of no columns perhaps.
    pushed: usize,
}

impl Listed {
    /// Nothing yet, of rows of so many columns.
    pub fn clear(&mut self, columns: usize) {
        self.spans.clear();
        self.columns = columns;
        self.pushed = 0;
    }

    /// Appends a value.
    pub fn push(&mut self, cell: Cell) {
        self.spans.push((cell.start as u32, cell.end as u32, cell.form));
    }

    /// Appends a row without values and gives the place of its first.
    pub fn push_row(&mut self, at: usize) -> usize {
        let first = self.spans.len();
        self.pushed += 1;
        self.spans.resize(first + self.columns, (at as u32, at as u32, Form::Missing));
        first
    }

    /// Rows pushed whole.
    pub fn row_count(&self) -> usize {
        self.pushed
    }

    /// Sets a value of a row pushed before.
    pub fn set(&mut self, place: usize, cell: Cell) {
        self.spans[place] = (cell.start as u32, cell.end as u32, cell.form);
    }
}

impl Cells for Listed {
    fn rows(&self) -> usize {
        self.spans.len() / self.columns.max(1)
    }

    #[inline]
    fn cell(&self, _buffer: &[u8], row: usize, column: usize) -> Cell {
        let (start, end, form) = self.spans[row * self.columns + column];
        Cell { form, start: start as usize, end: end as usize }
    }
}
