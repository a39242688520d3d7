//! What renderables emit (segments and line ends) and what takes it (sinks).
//!
//! Output flows through sinks while it is made, so a table of any length holds one row at a time.
//! Text is borrowed from the widgets, and a run of one character is a count, so a line a billion
//! cells wide costs nothing until a writer refuses it.
#![forbid(unsafe_code)]

use super::cells;
use super::markup::Link;
use super::style::Style;
use crate::error::Error;

/// The characters of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    /// As they are.
    Str(&'a str),
    /// One character, or a short text, so many times.
    Repeat(&'a str, usize),
}

/// A piece of one line in one style.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// What it says.
    pub(super) text: Text<'a>,
    /// Cells it takes.
    pub(super) width: usize,
    /// How it looks.
    pub(super) style: Style,
    /// Where it leads.
    pub(super) link: Option<&'a Link>,
    /// Whether it belongs to the segment before it, for an export that keeps segments apart.
    pub(super) joined: bool,
}

impl<'a> Segment<'a> {
    /// Text in a style.
    pub(super) fn new(text: &'a str, style: Style) -> Self {
        Self { text: Text::Str(text), width: cells::width(text), style, link: None, joined: false }
    }

    /// `count` times a one-cell character; nothing at all for an empty one.
    pub(super) fn repeat(cell: &'a str, count: usize, style: Style) -> Self {
        let width = if cell.is_empty() { 0 } else { count };
        Self { text: Text::Repeat(cell, width), width, style, link: None, joined: false }
    }

    /// Unstyled blanks.
    pub(super) fn blank(count: usize) -> Self {
        Self::repeat(" ", count, Style::PLAIN)
    }

    /// Whether it shows nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        match self.text {
            Text::Str(text) | Text::Repeat(text, _) => text.trim().is_empty(),
        }
    }

    /// The part that fits `most` cells, and the rest if there is one.
    fn split(self, most: usize) -> (Self, Option<Self>) {
        if self.width <= most {
            return (self, None);
        }
        match self.text {
            Text::Repeat(cell, _) => (
                Self::repeat(cell, most, self.style).linked(self.link),
                Some(Self::repeat(cell, self.width - most, self.style).linked(self.link)),
            ),
            Text::Str(text) => {
                let (bytes, width) = cells::fitting(text, most);
                let first = Self { text: Text::Str(&text[..bytes]), width, ..self };
                let rest = Self { text: Text::Str(&text[bytes..]), width: self.width - width, ..self };
                (first, Some(rest))
            }
        }
    }

    /// Its words and the white space between them, each on its own.
    pub(super) fn words(self) -> impl Iterator<Item = Segment<'a>> {
        let (text, whole) = match self.text {
            Text::Str(text) => (text, None),
            Text::Repeat(..) => ("", Some(self)),
        };
        let mut rest = text;
        let words = std::iter::from_fn(move || {
            let (word, after) = rest.split_at(cells::word_length(rest));
            rest = after;
            let segment = Self { text: Text::Str(word), width: cells::width(word), ..self };
            (!word.is_empty()).then_some(segment)
        });
        words.chain(whole)
    }

    /// The part of it that fits.
    pub(super) fn fitting(self, most: usize) -> Self {
        self.split(most).0
    }

    /// The same with a link.
    pub(super) fn linked(self, link: Option<&'a Link>) -> Self {
        Self { link, ..self }
    }
}

/// Takes segments and line ends in the order they are read.
pub(super) trait Sink<'a> {
    /// Takes one segment. An empty one still makes a line that exists.
    ///
    /// # Errors
    /// [`Error::Memory`] when the output has grown too large; [`Error::Cancelled`].
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error>;

    /// Ends the line.
    ///
    /// # Errors
    /// As [`Sink::push`].
    fn newline(&mut self) -> Result<(), Error>;
}

/// Most segments a nested renderable may hold at once: about 1 GiB.
const MOST_SEGMENTS: usize = 16 << 20;

/// Collects whole lines, for a parent that has to look at them before it can go on.
#[derive(Default)]
pub(super) struct Lines<'a> {
    segments: Vec<Segment<'a>>,
    ends: Vec<(usize, usize)>, // end in `segments`, width in cells
    start: usize,
    width: usize,
}

impl<'a> Lines<'a> {
    /// Forgets everything and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
        self.ends.clear();
        (self.start, self.width) = (0, 0);
    }

    /// Counts a line without an end, if there is one.
    pub(super) fn finish(&mut self) {
        if self.segments.len() > self.start {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        self.ends.push((self.segments.len(), self.width));
        (self.start, self.width) = (self.segments.len(), 0);
    }

    /// Number of lines.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no lines.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Segments and width of a line; nothing for a line past the end.
    pub(super) fn line(&self, index: usize) -> (&[Segment<'a>], usize) {
        let Some(&(end, width)) = self.ends.get(index) else { return (&[], 0) };
        let start = if index == 0 { 0 } else { self.ends[index - 1].0 };
        (&self.segments[start..end], width)
    }
}

impl<'a> Sink<'a> for Lines<'a> {
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        if self.segments.len() >= MOST_SEGMENTS {
            return Err(too_large());
        }
        if self.segments.len() == self.segments.capacity() {
            self.segments.try_reserve(self.segments.len().max(64))?;
        }
        self.width = self.width.saturating_add(segment.width);
        self.segments.push(segment);
        Ok(())
    }

    fn newline(&mut self) -> Result<(), Error> {
        if self.ends.len() >= MOST_SEGMENTS {
            return Err(too_large());
        }
        self.end_line();
        Ok(())
    }
}

/// The error of an output that no memory should hold.
pub(super) fn too_large() -> Error {
    Error::Memory("spec renders to more than 1 GiB; use a smaller width, height or table".to_owned())
}

/// Pushes the part of a line that fits `most` cells, and answers its width.
///
/// # Errors
/// Those of the sink.
pub(super) fn push_clipped<'a>(
    line: &[Segment<'a>],
    most: usize,
    out: &mut dyn Sink<'a>,
) -> Result<usize, Error> {
    let mut width = 0;
    for segment in line {
        let (first, rest) = segment.split(most - width);
        width += first.width;
        out.push(first)?;
        if rest.is_some() {
            break;
        }
    }
    Ok(width)
}

/// Passes lines on to a closure, one at a time, cut where they exceed a width.
///
/// The closure gets the segments and the width of each line.
pub(super) struct EachLine<'a, F> {
    line: Vec<Segment<'a>>,
    width: usize,
    most: usize,
    each: F,
}

impl<'a, F: FnMut(&[Segment<'a>], usize) -> Result<(), Error>> EachLine<'a, F> {
    /// Lines no wider than `most`; `usize::MAX` to leave them alone.
    pub(super) fn new(most: usize, each: F) -> Self {
        Self { line: Vec::new(), width: 0, most, each }
    }

    /// Passes on a last line without an end, if there is one.
    ///
    /// # Errors
    /// Those of the closure.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        if self.line.is_empty() { Ok(()) } else { self.newline() }
    }
}

impl<'a, F: FnMut(&[Segment<'a>], usize) -> Result<(), Error>> Sink<'a> for EachLine<'a, F> {
    fn push(&mut self, mut segment: Segment<'a>) -> Result<(), Error> {
        while segment.width > self.most - self.width.min(self.most) {
            let (first, rest) = segment.split(self.most - self.width);
            // A wide character that does not fit an empty line never will: it is left out.
            let stuck = first.width == 0 && self.width == 0;
            let rest = match rest {
                Some(rest) if stuck => without_first(rest),
                rest => rest,
            };
            if !stuck {
                self.width += first.width;
                self.line.push(first);
                self.newline()?;
            }
            match rest {
                Some(rest) => segment = rest,
                None => return Ok(()),
            }
        }
        self.width += segment.width;
        self.line.push(segment);
        Ok(())
    }

    fn newline(&mut self) -> Result<(), Error> {
        (self.each)(&self.line, self.width)?;
        self.line.clear();
        self.width = 0;
        Ok(())
    }
}

/// A segment without its first cluster; None when that was all.
fn without_first(segment: Segment<'_>) -> Option<Segment<'_>> {
    let Text::Str(text) = segment.text else { return None };
    let (first, rest) = cells::split(text, 1);
    let width = segment.width - cells::width(first);
    rest.map(|rest| Segment { text: Text::Str(rest), width, ..segment })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, most: usize) -> Vec<(String, usize)> {
        let mut lines = Vec::new();
        let mut each = EachLine::new(most, |line: &[Segment<'_>], width| {
            let text = line.iter().map(|segment| match segment.text {
                Text::Str(text) => text.to_owned(),
                Text::Repeat(cell, count) => cell.repeat(count),
            });
            lines.push((text.collect(), width));
            Ok(())
        });
        each.push(Segment::new(text, Style::PLAIN)).unwrap();
        each.finish().unwrap();
        lines
    }

    #[test]
    fn long_lines_are_cut_and_never_too_wide() {
        assert_eq!(cut("abcde", 2), [("ab".into(), 2), ("cd".into(), 2), ("e".into(), 1)]);
        assert_eq!(cut("a测试", 2), [("a".into(), 1), ("测".into(), 2), ("试".into(), 2)]);
        assert_eq!(cut("测a试", 1), [("a".into(), 1)]);
        assert!(cut("abc", 0).is_empty());
        assert_eq!(cut("abc", usize::MAX), [("abc".into(), 3)]);
    }

    #[test]
    fn a_run_is_split_without_being_written_out() {
        let mut count = 0;
        let mut each = EachLine::new(1 << 40, |_: &[Segment<'_>], width| {
            count += 1;
            assert_eq!(width, 1 << 40);
            Ok(())
        });
        each.push(Segment::blank(1 << 42)).unwrap();
        each.finish().unwrap();
        assert_eq!(count, 4);
    }

    #[test]
    fn lines_keep_empty_ones_and_drop_nothing() {
        let mut lines = Lines::default();
        lines.push(Segment::new("a", Style::PLAIN)).unwrap();
        lines.newline().unwrap();
        lines.newline().unwrap();
        lines.push(Segment::new("", Style::PLAIN)).unwrap();
        lines.finish();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines.line(0).1, 1);
        assert!(lines.line(1).0.is_empty() && lines.line(7).0.is_empty());
    }
}
