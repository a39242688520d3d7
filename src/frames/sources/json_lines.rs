//! JSON lines, piece by piece: as typed columns, or as what the columns could be.
//!
//! Every line is an object; its keys are columns. Objects and arrays in it become the text they are written as.
#![forbid(unsafe_code)]

use super::cells::{Cell, Form, Listed};
use super::delimited::Way;
use super::json_text::{literal_end, nested_end, skip_space, string_end, unescape};
use super::kind::Guess;
use super::plan::{Building, Plan, shown};
use super::windows::{Parse, Trouble};
use arrow_array::RecordBatch;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Lines that are looked at before their columns are read.
const LINES: usize = 1024;

/// Reads typed columns.
pub struct Typing {
    /// What to read.
    pub plan: Arc<Plan>,
    /// The places of the columns of the result, and of those that are to be left out on purpose.
    pub places: HashMap<Vec<u8>, Option<usize>>,
    /// Any other key is an error; else it is left out.
    pub strict: bool,
}

impl Parse for Typing {
    type Output = RecordBatch;

    fn parse(&self, buffer: &[u8], range: Range<usize>, _way: Way) -> Result<RecordBatch, Trouble> {
        let mut building = Building::new(&self.plan);
        let mut listed = Listed::default();
        listed.clear(self.plan.width);
        let mut expected: Vec<(&[u8], Option<usize>)> = Vec::new(); // the keys of the line before
        let (mut lines, mut rows) = (0, 0);
        let mut unknown = None;
        for line in lines_of(buffer, range.clone()) {
            let text = &buffer[..line.end];
            let mut first = None;
            let mut number = 0;
            object(text, line.start, |key, escaped, cell| {
                let first = *first.get_or_insert_with(|| listed.push_row(line.start));
                let place = match expected.get(number) {
                    Some((name, place)) if !escaped && *name == &text[key.clone()] => *place,
                    _ => {
                        let name = name_of(text, key.clone(), escaped).ok_or(key.start)?;
                        let Some((name, place)) = self.places.get_key_value(&name) else {
                            if self.strict && unknown.is_none() {
                                unknown = Some((key.start, name));
                            }
                            return Ok(());
                        };
                        expected.truncate(number);
                        expected.push((name, *place));
                        *place
                    }
                };
                number += 1;
                if let Some(place) = place {
                    listed.set(first + place, cell);
                }
                Ok(())
            })
            .map_err(|at| wrong(buffer, &line, at))?
            .then(|| first.unwrap_or_else(|| listed.push_row(line.start)));
            if let Some((at, name)) = unknown {
                let name = shown(&name);
                return Err(Trouble::At(
                    at,
                    format!(
                        "key {name} is not among those looked at; pass sample=None, or columns= to leave it out"
                    ),
                ));
            }
            lines += 1;
            if lines == LINES {
                rows += self.flush(&mut building, &mut listed, buffer)?;
                lines = 0;
            }
        }
        rows += self.flush(&mut building, &mut listed, buffer)?;
        building.set_rows(rows);
        building.finish(buffer, range)
    }
}

impl Typing {
    fn flush(
        &self,
        building: &mut Building<'_>,
        listed: &mut Listed,
        buffer: &[u8],
    ) -> Result<usize, Trouble> {
        let rows = listed.row_count();
        building.extend(listed, buffer)?;
        listed.clear(self.plan.width);
        Ok(rows)
    }
}

/// Tells what the columns could be.
pub struct Guessing;

/// The columns found, in the order of their first appearance.
#[derive(Default)]
pub struct Found {
    /// Their names.
    pub names: Vec<String>,
    /// What each could be.
    pub guesses: Vec<Guess>,
    places: HashMap<Vec<u8>, usize>,
}

impl Found {
    /// What is known already.
    pub fn of(names: &[String], guesses: &[Guess]) -> Self {
        let places =
            names.iter().enumerate().map(|(place, name)| (name.clone().into_bytes(), place)).collect();
        Self { names: names.to_vec(), guesses: guesses.to_vec(), places }
    }

    fn place(&mut self, name: &[u8]) -> Option<usize> {
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        let place = self.names.len();
        self.names.push(std::str::from_utf8(name).ok()?.to_owned());
        self.guesses.push(Guess::default());
        self.places.insert(name.to_owned(), place);
        Some(place)
    }

    /// Joins what another part of the file told.
    pub fn merge(&mut self, other: &Self) {
        for (name, guess) in other.names.iter().zip(&other.guesses) {
            if let Some(place) = self.place(name.as_bytes()) {
                self.guesses[place].merge(guess);
            }
        }
    }
}

impl Parse for Guessing {
    type Output = Found;

    fn parse(&self, buffer: &[u8], range: Range<usize>, _way: Way) -> Result<Found, Trouble> {
        let mut found = Found::default();
        for line in lines_of(buffer, range) {
            let text = &buffer[..line.end];
            object(text, line.start, |key, escaped, cell| {
                let name = name_of(text, key.clone(), escaped).ok_or(key.start)?;
                let place = found.place(&name).ok_or(key.start)?;
                let value = &text[cell.start..cell.end];
                match cell.form {
                    Form::Missing => {}
                    Form::Plain => found.guesses[place].observe_literal(value),
                    Form::Quoted => found.guesses[place].observe_text(value),
                    Form::Escaped | Form::Nested => found.guesses[place].observe_other(),
                }
                Ok(())
            })
            .map_err(|at| wrong(buffer, &line, at))?;
        }
        Ok(found)
    }
}

fn lines_of(buffer: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = range.start;
    memchr::memchr_iter(b'\n', &buffer[range.clone()]).map(move |end| {
        let line = start..range.start + end;
        start = line.end + 1;
        line
    })
}

fn name_of(text: &[u8], key: Range<usize>, escaped: bool) -> Option<Vec<u8>> {
    if !escaped {
        return Some(text[key].to_owned());
    }
    let mut name = Vec::new();
    unescape(&text[key], &mut name)?;
    Some(name)
}

fn wrong(buffer: &[u8], line: &Range<usize>, at: usize) -> Trouble {
    let at = at.min(line.end);
    let column = at - line.start + 1;
    let text = if at == line.end { "the line ends".to_owned() } else { shown(&buffer[at..line.end]) };
    Trouble::At(line.start, format!("not a JSON object: byte {column}: {text}"))
}

/// Reads the object that starts at `at` and ends with the text, and calls `on` with each key, whether it is escaped, and
/// its value. Says whether there was one: a blank line has none. Fails with the place of what is wrong.
fn object(
    text: &[u8],
    at: usize,
    mut on: impl FnMut(Range<usize>, bool, Cell) -> Result<(), usize>,
) -> Result<bool, usize> {
    let mut at = skip_space(text, at);
    let byte = |at: usize| text.get(at).copied();
    match byte(at) {
        None => return Ok(false),
        Some(b'{') => at = skip_space(text, at + 1),
        Some(_) => return Err(at),
    }
    if byte(at) == Some(b'}') {
        at += 1;
    } else {
        loop {
            if byte(at) != Some(b'"') {
                return Err(at);
            }
            let (end, escaped) = string_end(text, at + 1).ok_or(at)?;
            let key = at + 1..end - 1;
            at = skip_space(text, end);
            if byte(at) != Some(b':') {
                return Err(at);
            }
            at = skip_space(text, at + 1);
            let start = at;
            let cell = match byte(at).ok_or(at)? {
                b'"' => {
                    let (end, escaped) = string_end(text, at + 1).ok_or(at)?;
                    at = end;
                    let form = if escaped { Form::Escaped } else { Form::Quoted };
                    Cell { form, start: start + 1, end: end - 1 }
                }
                b'{' | b'[' => {
                    at = nested_end(text, at).ok_or(at)?;
                    Cell { form: Form::Nested, start, end: at }
                }
                b'n' => {
                    at = literal_end(text, at).ok_or(at)?;
                    Cell { form: Form::Missing, start, end: start }
                }
                _ => {
                    // Not JSON, but what Python's json writes.
                    let python = ["NaN", "Infinity", "-Infinity"];
                    let word = python.into_iter().find(|word| text[at..].starts_with(word.as_bytes()));
                    at = match word {
                        Some(word) => at + word.len(),
                        None => literal_end(text, at).ok_or(at)?,
                    };
                    Cell { form: Form::Plain, start, end: at }
                }
            };
            on(key, escaped, cell)?;
            at = skip_space(text, at);
            match byte(at) {
                Some(b',') => at = skip_space(text, at + 1),
                Some(b'}') => {
                    at += 1;
                    break;
                }
                _ => return Err(at),
            }
        }
    }
    at = skip_space(text, at);
    if at < text.len() { Err(at) } else { Ok(true) }
}
