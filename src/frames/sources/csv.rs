//! Delimited text, piece by piece: as typed columns, or as what its columns could be.
#![forbid(unsafe_code)]

use super::cells::{Cells, Form};
use super::delimited::{Block, Dialect, Flaw, Rows, Way};
use super::kind::Guess;
use super::nulls::Nulls;
use super::plan::{Building, Plan};
use super::windows::{Parse, Trouble};
use arrow_array::RecordBatch;
use std::ops::Range;
use std::sync::Arc;

/// Reads typed columns.
pub struct Typing {
    /// What to read.
    pub plan: Arc<Plan>,
    /// How it is written.
    pub dialect: Dialect,
    /// Rows may be short.
    pub pad: bool,
}

impl Parse for Typing {
    type Output = RecordBatch;

    fn parse(&self, buffer: &[u8], range: Range<usize>, way: Way) -> Result<RecordBatch, Trouble> {
        let mut rows = Rows::new(buffer, range.clone(), self.dialect, self.plan.width, self.pad);
        let mut building = Building::new(&self.plan);
        while let Some(block) = rows.next(way).map_err(|flaw| trouble(flaw, self.plan.width, buffer))? {
            match block {
                Block::Regular(cells) => building.extend(&cells, buffer)?,
                Block::Listed(cells) => building.extend(cells, buffer)?,
            }
        }
        building.finish(buffer, range)
    }
}

/// Tells what the columns could be.
pub struct Guessing {
    /// How it is written.
    pub dialect: Dialect,
    /// Columns.
    pub width: usize,
    /// Rows may be short.
    pub pad: bool,
    /// What is null.
    pub nulls: Nulls,
}

impl Parse for Guessing {
    type Output = Vec<Guess>;

    fn parse(&self, buffer: &[u8], range: Range<usize>, way: Way) -> Result<Vec<Guess>, Trouble> {
        let mut rows = Rows::new(buffer, range, self.dialect, self.width, self.pad);
        let mut guesses = vec![Guess::default(); self.width];
        while let Some(block) = rows.next(way).map_err(|flaw| trouble(flaw, self.width, buffer))? {
            match block {
                Block::Regular(cells) => observe(&cells, buffer, &self.nulls, &mut guesses),
                Block::Listed(cells) => observe(cells, buffer, &self.nulls, &mut guesses),
            }
        }
        Ok(guesses)
    }
}

fn observe(cells: &impl Cells, buffer: &[u8], nulls: &Nulls, guesses: &mut [Guess]) {
    for (column, guess) in guesses.iter_mut().enumerate() {
        for row in 0..cells.rows() {
            let cell = cells.cell(buffer, row, column);
            let text = &buffer[cell.start..cell.end];
            match cell.form {
                Form::Missing => {}
                Form::Plain if nulls.matches(text) => {}
                Form::Plain if let Some(word) = nulls.word(text) => guess.observe_missing(word),
                Form::Quoted if text.is_empty() => {} // null in a column of numbers, empty in one of text
                Form::Escaped => guess.observe_other(), // no number has a quote in it
                _ => guess.observe(text),
            }
        }
    }
}

fn trouble(flaw: Flaw, width: usize, buffer: &[u8]) -> Trouble {
    match flaw {
        Flaw::Stray => Trouble::Stray,
        Flaw::Open(at) => Trouble::At(at, "a quote is opened here and never closed".to_owned()),
        Flaw::Ragged(at, fields) => {
            let advice = if fields < width {
                "; pass ragged=\"pad\" to take what is missing for null"
            } else if buffer[..at].trim_ascii().is_empty() {
                "; pass skip= to leave out lines before the table" // the first row already
            } else {
                ""
            };
            let s = |count| if count == 1 { "" } else { "s" };
            let counts = format!("{fields} field{} in a table of {width} column{}", s(fields), s(width));
            Trouble::At(at, counts + advice)
        }
    }
}
