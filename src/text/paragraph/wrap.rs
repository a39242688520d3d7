//! Words put into lines, and what becomes of one that is too long.
#![forbid(unsafe_code)]

use super::Overflow;
use crate::error::Error;
use crate::text::cells;
use crate::text::render::Justify;
use crate::text::segment::{Segment, Sink};

/// Fills lines with segments.
pub(super) struct Wrapper<'o, 'a> {
    pub(super) out: &'o mut dyn Sink<'a>,
    pub(super) width: usize,
    pub(super) justify: Justify,
    pub(super) line: Vec<Segment<'a>>,
    pub(super) used: usize,
    pub(super) started: bool,
}

impl<'a> Wrapper<'_, 'a> {
    pub(super) fn add(&mut self, segment: Segment<'a>) {
        self.used += segment.width;
        self.line.push(segment);
    }

    /// Emits the line, placed; line ends stand between lines, not after them.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.started {
            self.out.newline()?;
        }
        self.started = true;
        let free = self.width.saturating_sub(self.used);
        let (left, right) = match self.justify {
            Justify::Left => (0, 0),
            Justify::Right => (free, 0),
            Justify::Center => (free / 2, free - free / 2),
        };
        if left > 0 {
            self.out.push(Segment::blank(left))?;
        }
        if self.line.is_empty() {
            self.out.push(Segment::blank(0))?; // an empty line is a line
        }
        for segment in self.line.drain(..) {
            self.out.push(segment)?;
        }
        if right > 0 {
            self.out.push(Segment::blank(right))?;
        }
        self.used = 0;
        Ok(())
    }

    pub(super) fn wrap(
        &mut self,
        stretch: &'a str,
        overflow: Overflow,
        ellipsis: &'static str,
        put: &mut impl FnMut(&'a str) -> Segment<'a>,
    ) -> Result<(), Error> {
        let (mut base, mut rest) = (stretch, stretch); // `base` begins the words not yet in the line
        while !rest.is_empty() {
            let (word, after) = rest.split_at(cells::word_length(rest));
            let cells = cells::width(word);
            let waiting = &base[..base.len() - rest.len()];
            if cells > self.width {
                self.keep(waiting, put);
                self.long_word(word, overflow, ellipsis, put)?;
                base = after;
            } else if self.used + cells > self.width {
                self.keep(waiting, put);
                self.end()?;
                base = rest;
                if word.starts_with(char::is_whitespace) {
                    base = after; // the blank between two words became the line end
                } else {
                    self.used = cells;
                }
            } else {
                self.used += cells;
            }
            rest = after;
        }
        self.keep(base, put);
        Ok(())
    }

    /// Puts words whose cells are already counted into the line.
    fn keep(&mut self, words: &'a str, put: &mut impl FnMut(&'a str) -> Segment<'a>) {
        if !words.is_empty() {
            self.line.push(put(words));
        }
    }

    fn long_word(
        &mut self,
        word: &'a str,
        overflow: Overflow,
        ellipsis: &'static str,
        put: &mut impl FnMut(&'a str) -> Segment<'a>,
    ) -> Result<(), Error> {
        let ellipsis = match overflow {
            Overflow::Ellipsis => &ellipsis[..cells::fitting(ellipsis, self.width).0],
            Overflow::Fold | Overflow::Crop => "",
        };
        let most = self.width - cells::width(ellipsis);
        let blank = word.starts_with(char::is_whitespace);
        let mut rest = word;
        while !rest.is_empty() {
            let (bytes, cells) = cells::fitting(rest, most);
            let again = rest.len() < word.len();
            let full = self.used > 0 && self.used + cells + (self.width - most) > self.width;
            if full {
                self.end()?;
            }
            if bytes > 0 && !(full && again && blank) {
                self.add(put(&rest[..bytes]));
            }
            if overflow != Overflow::Fold {
                if !ellipsis.is_empty() {
                    self.add(put(ellipsis));
                }
                return Ok(());
            }
            // A cluster wider than the whole line can only be left out.
            let taken = if bytes > 0 { bytes } else { cells::split(rest, 1).0.len().max(1) };
            rest = &rest[taken..];
        }
        Ok(())
    }
}
