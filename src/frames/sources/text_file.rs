//! A text file that has been looked at: its encoding, its dialect, its columns and what they could be.
#![forbid(unsafe_code)]

use super::cells::Escapes;
use super::csv;
use super::delimited::{Dialect, Way};
use super::encoding::Encoding;
use super::input::{Input, Packing, memory};
use super::json_lines::{self, Found};
use super::kind::Guess;
use super::nulls::Nulls;
use super::options::{Options, Said};
use super::plan::Plan;
use super::sniff::{self, Sniffed};
use super::windows::{Parse, Split, Windows};
use crate::error::Error;
use arrow_array::RecordBatch;
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

/// Places across a long file at which a few rows are looked at, and the bytes of each.
const PLACES: u64 = 48;
const PLACE: u64 = 64 << 10;

/// Bytes of the start that tell encoding and dialect.
const START: u64 = 1 << 20;

/// What the lines of a file are.
#[derive(Clone, Debug)]
pub enum Lines {
    /// Delimited text.
    Csv(Sniffed),
    /// JSON.
    Json,
}

/// A text file that has been looked at.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Its bytes.
    pub input: Input,
    /// How its characters are written.
    pub encoding: Encoding,
    /// Bytes of the byte order mark.
    mark: usize,
    /// What it holds.
    pub lines: Lines,
    /// Names of the columns.
    pub names: Vec<String>,
    /// What each could be.
    pub guesses: Vec<Guess>,
    /// Number of the first line of values.
    first_line: u64,
}

impl TextFile {
    /// Looks at a file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for text that is not as it should be; [`Error::Memory`].
    pub fn open(input: Input, json: bool, options: &Options) -> Result<Self, Error> {
        let sample = options.sample.unwrap_or(START);
        let (mut head, mut all) = input.head(sample.max(START))?;
        let (told, mut mark) = Encoding::guess(&head);
        let encoding = match options.encoding {
            None => told,
            Some(Said::Utf16) if told == Encoding::Utf16Be => told,
            Some(Said::Utf16) => Encoding::Utf16Le,
            Some(Said::Exactly(encoding)) => encoding,
        };
        if encoding != told {
            mark = 0;
        }
        let text = match encoding {
            Encoding::Utf8 => {
                head.drain(..mark);
                Ok(head)
            }
            _ => decode(encoding, head.split_off(mark)),
        };
        // The sample may end within a character, which is no error unless the file does.
        let mut text = match text {
            Err((error, _)) if all => {
                return Err(Error::Invalid(format!("{}: {error}", input.path.display())));
            }
            Ok(text) | Err((_, text)) => text,
        };
        let ascii = text.is_ascii();
        let mut file = Self {
            input,
            encoding,
            mark,
            lines: Lines::Json,
            names: Vec::new(),
            guesses: Vec::new(),
            first_line: 1,
        };
        if !json {
            let sniffed = sniff::sniff(&text, all, options);
            file.names.clone_from(&sniffed.names);
            let newline = sniffed.dialect.marks.newline;
            file.first_line += memchr::memchr_iter(newline, &text[..sniffed.body]).count() as u64;
            file.lines = Lines::Csv(sniffed);
        } else if text.trim_ascii_start().first() == Some(&b'[') {
            return Err(Error::Invalid(format!(
                "{}: a JSON array, where JSON lines have one object a line",
                file.input.path.display()
            )));
        }
        if options.sample.is_none() && !all {
            let text = file.text()?;
            all = true;
            file.look_at(text, all, options)?;
        } else {
            if !all {
                text.truncate(usize::try_from(sample).unwrap_or(usize::MAX).max(file.body()));
            }
            let body = file.body();
            text.drain(..body);
            file.look_at(memory(text), all, options)?;
        }
        if !all && file.input.packing == Packing::None && encoding == Encoding::Utf8 {
            file.look_further(sample, ascii, options)?;
        }
        Ok(file)
    }

    fn newline(&self) -> u8 {
        self.dialect().map_or(b'\n', |dialect| dialect.marks.newline)
    }

    /// The dialect of delimited text.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.lines {
            Lines::Csv(sniffed) => Some(sniffed.dialect),
            Lines::Json => None,
        }
    }

    /// What escapes mean in it.
    pub fn escapes(&self) -> Escapes {
        self.dialect().map_or(Escapes::Json, sniff::escapes)
    }

    fn body(&self) -> usize {
        match &self.lines {
            Lines::Csv(sniffed) => sniffed.body,
            Lines::Json => 0,
        }
    }

    /// The rows of values, as UTF-8.
    fn text(&self) -> Result<Box<dyn Read + Send>, Error> {
        let failed = Error::io(&self.input.path);
        let mut raw = self.input.open()?;
        let skip = |input: &mut dyn Read, count: usize| {
            io::copy(&mut input.take(count as u64), &mut io::sink()).map(drop)
        };
        skip(&mut raw, self.mark).map_err(failed)?;
        let mut text = self.encoding.decoded(raw);
        skip(&mut text, self.body()).map_err(Error::io(&self.input.path))?;
        Ok(text)
    }

    /// Tells columns and types from `text`; where it is not all there is, without the row that its end cuts off.
    fn look_at(&mut self, text: Box<dyn Read + Send>, all: bool, options: &Options) -> Result<(), Error> {
        match self.dialect() {
            Some(dialect) => {
                let parser = self.guessing(dialect, options);
                self.guesses = vec![Guess::default(); self.names.len()];
                if self.names.is_empty() {
                    return Ok(());
                }
                let mut windows = self.windows(text, parser, Split::Rows(dialect), all);
                while let Some(found) = windows.next_window()? {
                    found.iter().for_each(|found| self.join(found));
                }
                Ok(())
            }
            None => {
                let mut windows = self.windows(text, json_lines::Guessing, Split::Lines, all);
                let mut whole = Found::default();
                while let Some(found) = windows.next_window()? {
                    found.iter().for_each(|found| whole.merge(found));
                }
                (self.names, self.guesses) = (whole.names, whole.guesses);
                Ok(())
            }
        }
    }

    fn guessing(&self, dialect: Dialect, options: &Options) -> csv::Guessing {
        csv::Guessing { dialect, width: self.names.len(), pad: options.pad, nulls: options.nulls.clone() }
    }

    fn join(&mut self, found: &[Guess]) {
        self.guesses.iter_mut().zip(found).for_each(|(guess, found)| guess.merge(found));
    }

    fn windows<P: Parse>(
        &self,
        text: Box<dyn Read + Send>,
        parser: P,
        split: Split,
        all: bool,
    ) -> Windows<P> {
        let windows = Windows::new(text, &self.input.path, parser, split, self.first_line);
        if all { windows } else { windows.cut() }
    }

    /// Looks at rows here and there behind the start, so that what changes late in a file is seen, too.
    fn look_further(&mut self, sample: u64, ascii: bool, options: &Options) -> Result<(), Error> {
        let rest = self.input.size.saturating_sub(sample);
        for number in 1..=PLACES {
            let from = sample + (rest / PLACES * number).saturating_sub(PLACE);
            let bytes = self.input.middle(from, PLACE)?;
            let newline = self.newline();
            let (Some(start), Some(end)) =
                (memchr::memchr(newline, &bytes), memchr::memrchr(newline, &bytes))
            else {
                continue;
            };
            let rows = bytes[start + 1..(end + 1).max(start + 1)].to_vec();
            if options.encoding.is_none()
                && ascii // else the start is UTF-8 for certain, and the place is broken
                && self.mark == 0
                && let (Encoding::Cp1252, _) = Encoding::guess(&rows)
            {
                self.encoding = Encoding::Cp1252;
            }
            self.look_at_place(rows, options)?;
        }
        Ok(())
    }

    /// What starts within quotes makes no table, and is not looked at.
    fn look_at_place(&mut self, rows: Vec<u8>, options: &Options) -> Result<(), Error> {
        match self.dialect() {
            Some(dialect) => {
                let mut parser = self.guessing(dialect, options);
                parser.pad = false;
                let size = rows.len();
                if let Ok(found) = parser.parse(&padded(rows), 0..size, Way::Exact) {
                    self.join(&found);
                }
            }
            None => {
                let size = rows.len();
                if let Ok(found) = json_lines::Guessing.parse(&padded(rows), 0..size, Way::Exact) {
                    let mut whole = Found::of(&self.names, &self.guesses);
                    whole.merge(&found);
                    (self.names, self.guesses) = (whole.names, whole.guesses);
                }
            }
        }
        Ok(())
    }

    /// The rows as `plan` has it; JSON keys in `known` that the plan lacks are left out.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn batches(&self, plan: Plan, known: bool, pad: bool) -> Result<TextBatches, Error> {
        let (text, plan) = (self.text()?, Arc::new(plan));
        Ok(match self.dialect() {
            Some(dialect) => TextBatches::Csv(self.windows(
                text,
                csv::Typing { plan, dialect, pad },
                Split::Rows(dialect),
                true,
            )),
            None => {
                let mut places: HashMap<Vec<u8>, Option<usize>> =
                    self.names.iter().map(|name| (name.clone().into_bytes(), None)).collect();
                for column in &plan.columns {
                    if let Some(place) = column.place {
                        places.insert(self.names[place].clone().into_bytes(), Some(place));
                    }
                }
                let typing = json_lines::Typing { plan, places, strict: !known };
                TextBatches::Json(self.windows(text, typing, Split::Lines, true))
            }
        })
    }

    /// Whether there is nothing to read rows from.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && matches!(self.lines, Lines::Csv(_)) // JSON may have objects without keys
    }
}

/// The text as UTF-8; or what is wrong with it, and what comes before that.
fn decode(encoding: Encoding, raw: Vec<u8>) -> Result<Vec<u8>, (io::Error, Vec<u8>)> {
    let mut text = Vec::new();
    match encoding.decoded(memory(raw)).read_to_end(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err((error, text)),
    }
}

fn padded(mut rows: Vec<u8>) -> Vec<u8> {
    rows.resize(rows.len() + 64, 0);
    rows
}

/// The batches of one file.
pub enum TextBatches {
    /// Of delimited text.
    Csv(Windows<csv::Typing>),
    /// Of JSON lines.
    Json(Windows<json_lines::Typing>),
}

impl TextBatches {
    /// Some batches; `None` after the last.
    ///
    /// # Errors
    /// As [`Windows::next_window`].
    pub fn next_batches(&mut self) -> Result<Option<Vec<RecordBatch>>, Error> {
        match self {
            Self::Csv(windows) => windows.next_window(),
            Self::Json(windows) => windows.next_window(),
        }
    }
}

/// What a text file calls null.
pub fn nulls(json: bool, options: &Options) -> Nulls {
    if json { Nulls::NONE } else { options.nulls.clone() }
}
