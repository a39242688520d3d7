//! Rows of delimited text: found fast where quotes behave, exactly where they do not.
#![forbid(unsafe_code)]

use super::cells::{Cell, Form, Listed, Regular, delimited};
use super::simd_scan::{Marks, scan};
use std::ops::Range;

/// What makes a text a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The bytes that structure it.
    pub marks: Marks,
    /// Before a byte within quotes that is to be taken as it is; `None` where quotes are doubled instead.
    pub escape: Option<u8>,
    /// Blanks before a field are not part of it, so that a quote behind them is one; nor are those behind a closing quote.
    pub blanks: bool,
}

impl Dialect {
    /// Whether rows can be found by the parity of quotes.
    pub fn is_plain(self) -> bool {
        self.escape.is_none() && !self.blanks
    }
}

/// How rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the parity of quotes, many bytes at once.
    Parity,
    /// By one field after the other.
    Exact,
}

/// What is wrong with a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Quotes are not where [`Way::Parity`] needs them.
    Stray,
    /// A quote that opens at this place and never closes.
    Open(usize),
    /// A row that starts at this place and has this many fields.
    Ragged(usize, usize),
}

/// Bytes that are tokenised at a time: they stay in the second-level cache while the columns are read.
const BLOCK: usize = 64 << 10;

/// Reads the rows of one piece of text, block after block.
pub struct Rows<'a> {
    buffer: &'a [u8],
    at: usize,
    end: usize,
    dialect: Dialect,
    columns: usize,
    pad: bool,
    ends: Vec<u32>,
    listed: Listed,
}

/// The rows of one block.
pub enum Block<'a> {
    /// As they should be.
    Regular(Regular<'a>),
    /// Found one by one.
    Listed(&'a Listed),
}

impl<'a> Rows<'a> {
    /// The rows in `range` of `buffer`, which starts and ends with one, of `columns` columns each. With `pad` a row
    /// may have fewer.
    pub fn new(buffer: &'a [u8], range: Range<usize>, dialect: Dialect, columns: usize, pad: bool) -> Self {
        let (ends, listed) = (Vec::new(), Listed::default());
        Self { buffer, at: range.start, end: range.end, dialect, columns, pad, ends, listed }
    }

    /// The next rows; `None` after the last.
    pub fn next(&mut self, way: Way) -> Result<Option<Block<'_>>, Flaw> {
        if self.at >= self.end {
            return Ok(None);
        }
        match way {
            Way::Exact => {
                self.one_by_one()?;
                Ok(Some(Block::Listed(&self.listed)))
            }
            Way::Parity => self.by_parity().map(Some),
        }
    }

    fn by_parity(&mut self) -> Result<Block<'_>, Flaw> {
        let mut size = BLOCK;
        let found = loop {
            let piece = &self.buffer[self.at..self.end.min(self.at + size)];
            self.ends.clear();
            self.ends.push((self.at as u32).wrapping_sub(1));
            let found = scan(piece, self.at as u32, self.dialect.marks, &mut self.ends);
            if found.stray || (found.open && self.at + piece.len() == self.end) {
                return Err(Flaw::Stray);
            }
            if found.newlines > 0 {
                break found;
            }
            size *= 4; // the piece ends with a row, so there is one in it
        };
        // Without the row that the block cuts off.
        while self.buffer[self.ends[self.ends.len() - 1] as usize] != self.dialect.marks.newline {
            self.ends.pop();
        }
        let next = self.ends[self.ends.len() - 1] as usize + 1;
        self.at = next;
        let rows = found.newlines;
        let newline = |index: &u32| self.buffer[*index as usize] == self.dialect.marks.newline;
        if (self.ends.len() - 1) == rows * self.columns
            && self.ends[1..].iter().skip(self.columns - 1).step_by(self.columns).all(newline)
        {
            let Self { ends, columns, dialect, .. } = self;
            return Ok(Block::Regular(Regular { ends, columns: *columns, rows, quote: dialect.marks.quote }));
        }
        self.listed.clear(self.columns);
        let ends = std::mem::take(&mut self.ends);
        let done = self.list(&ends);
        self.ends = ends;
        done.map(|()| Block::Listed(&self.listed))
    }

    /// Sorts out blank, short and long rows.
    fn list(&mut self, ends: &[u32]) -> Result<(), Flaw> {
        let (newline, quote) = (self.dialect.marks.newline, self.dialect.marks.quote);
        let mut first = 1; // of the row's ends
        for (index, end) in ends.iter().enumerate().skip(1) {
            if self.buffer[*end as usize] != newline {
                continue;
            }
            let start = ends[first - 1].wrapping_add(1) as usize;
            let fields = index + 1 - first;
            let row = ends[first - 1..=index].windows(2).enumerate().map(|(field, pair)| {
                delimited(
                    self.buffer,
                    pair[0].wrapping_add(1) as usize,
                    pair[1] as usize,
                    field + 1 == fields,
                    quote,
                )
            });
            add_row(&mut self.listed, row, fields, start, self.columns, self.pad)?;
            first = index + 1;
        }
        Ok(())
    }

    /// A block's worth of rows, one field after the other.
    fn one_by_one(&mut self) -> Result<(), Flaw> {
        self.listed.clear(self.columns);
        let stop = self.end.min(self.at + BLOCK);
        let mut row = Vec::new();
        while self.at < stop {
            let start = self.at;
            row.clear();
            self.at = exact_row(&self.buffer[..self.end], start, self.dialect, &mut row)?;
            add_row(&mut self.listed, row.iter().copied(), row.len(), start, self.columns, self.pad)?;
        }
        Ok(())
    }
}

fn add_row(
    listed: &mut Listed,
    mut row: impl Iterator<Item = Cell>,
    fields: usize,
    start: usize,
    columns: usize,
    pad: bool,
) -> Result<(), Flaw> {
    if fields == columns {
        // A blank line is a row of its own only where it can be a value.
        row.for_each(|cell| listed.push(cell));
        return Ok(());
    }
    if fields == 1
        && let Some(cell) = row.next()
    {
        if cell.form == Form::Plain && cell.start == cell.end {
            return Ok(());
        }
        if pad && columns > 1 {
            let place = listed.push_row(start);
            listed.set(place, cell);
            return Ok(());
        }
        return Err(Flaw::Ragged(start, 1));
    }
    if fields > columns || !pad {
        return Err(Flaw::Ragged(start, fields));
    }
    let place = listed.push_row(start);
    row.enumerate().for_each(|(index, cell)| listed.set(place + index, cell));
    Ok(())
}

/// Reads one row from `at`, appends its fields to `out`, and gives the place of the next.
///
/// A field that starts with a quote ends at the next one that is not doubled or escaped; what follows it up to
/// the delimiter makes the whole a plain field, quotes and all. Quotes elsewhere are bytes like any other.
pub fn exact_row(buffer: &[u8], at: usize, dialect: Dialect, out: &mut Vec<Cell>) -> Result<usize, Flaw> {
    let Marks { delimiter, quote, newline } = dialect.marks;
    let blanks = |at: usize| match buffer.get(at..).filter(|_| dialect.blanks) {
        Some(rest) => at + rest.iter().take_while(|byte| **byte == b' ').count(),
        None => at,
    };
    let mut start = blanks(at);
    loop {
        let mut from = start;
        let mut closed = None;
        let mut escaped = false;
        if let Some(quote) = quote
            && buffer.get(start) == Some(&quote)
        {
            let mut inner = start + 1;
            let close = loop {
                let rest = buffer.get(inner..).ok_or(Flaw::Open(start))?;
                let escape = dialect.escape.unwrap_or(quote);
                let found = inner + memchr::memchr2(quote, escape, rest).ok_or(Flaw::Open(start))?;
                let doubled = escape == quote && buffer.get(found + 1) == Some(&quote);
                if doubled || (escape != quote && buffer[found] == escape) {
                    escaped = true;
                    inner = found + 2;
                } else {
                    break found;
                }
            };
            closed = Some(close);
            from = close + 1;
        }
        let rest = &buffer[from..];
        let found = memchr::memchr2(delimiter, newline, rest);
        let end = found.map_or(buffer.len(), |found| from + found);
        let last = found.is_none_or(|found| rest[found] == newline);
        let trimmed = if last && end > from && buffer[end - 1] == b'\r' { end - 1 } else { end };
        out.push(match closed {
            Some(close) if trimmed == blanks(close + 1).min(trimmed) => {
                let form = if escaped { Form::Escaped } else { Form::Quoted };
                Cell { form, start: start + 1, end: close }
            }
            _ => Cell { form: Form::Plain, start, end: trimmed },
        });
        if last {
            return Ok(end + 1);
        }
        start = blanks(end + 1);
    }
}
