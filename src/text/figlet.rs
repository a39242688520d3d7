//! Sets text in the big letters of a FIGfont.
//!
//! How letters meet follows "The FIGfont Version 2 FIGfont and FIGdriver standard"; where it leaves
//! room, Spectre.Console decides: blanks between words keep their full width, a hardblank gives way
//! like a space when letters are moved together, text runs from left to right in every font.
#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use std::str::FromStr;

use super::figlet_font::{Font, Glyph};
use crate::error::Error;

/// The most cells one call sets: about 16,000 letters of the standard font.
const MAX_CELLS: usize = 16 << 20;

/// How close the letters of a word stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Every letter at the width it was drawn.
    #[default]
    FullSize,
    /// Letters moved together until they touch.
    Fitted,
    /// Moved one cell further where the font's rules can merge what meets there.
    Smushed,
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "full_size" => Ok(Self::FullSize),
            "fitted" => Ok(Self::Fitted),
            "smushed" => Ok(Self::Smushed),
            _ => {
                Err(Error::Invalid(format!("layout must be one of full_size, fitted, smushed, got {name:?}")))
            }
        }
    }
}

/// Sets `text` and returns its lines from top to bottom, no line wider than `width` cells.
///
/// The lines come in groups of `font.height()`, all lines of a group equally wide: text is broken
/// between words, at its own line feeds, and within a word that is wider than a line; the blank at a
/// break is dropped when it does not fit. Characters the font lacks are left out. One `char` of a
/// line is one cell.
///
/// # Errors
/// [`Error::Invalid`] when `width` is 0 or the result is beyond 16 million cells.
pub fn render(font: &Font, text: &str, layout: Layout, width: usize) -> Result<Vec<String>, Error> {
    if width == 0 {
        return Err(Error::Invalid("width must be at least 1, got 0".into()));
    }
    let cells = text
        .chars()
        .filter_map(|c| font.glyph(c))
        .fold(0usize, |cells, glyph| cells.saturating_add(glyph.width.max(1).saturating_mul(font.height())));
    // A line feed makes a group of rows of its own.
    let cells = text.matches('\n').count().saturating_mul(font.height()).saturating_add(cells);
    if cells > MAX_CELLS {
        return Err(Error::Invalid(format!(
            "text must take at most {MAX_CELLS} cells in this font, got {cells}"
        )));
    }

    let mut setter = Setter { font, layout, width, line: Block::new(font), lines: Vec::new() };
    for paragraph in text.lines() {
        if paragraph.is_empty() {
            setter.lines.extend(std::iter::repeat_n(String::new(), font.height()));
        }
        let mut rest = paragraph;
        while let Some(first) = rest.chars().next() {
            let blank = first.is_whitespace();
            let end = rest.find(|c: char| c.is_whitespace() != blank).unwrap_or(rest.len());
            if blank {
                setter.blanks(&rest[..end])
            } else {
                setter.word(&rest[..end])
            }
            rest = &rest[end..];
        }
        setter.flush();
    }
    Ok(setter.lines)
}

/// Letters side by side: as many rows as the font is high, all of one length.
///
/// How far a letter overlaps depends on it and the one before it, not on what stands further left:
/// Spectre.Console's rule, which lets a letter that is blank in a row (a full stop) give that row of
/// its neighbours away. FIGlet looks at the whole line.
struct Block<'a> {
    rows: Vec<Vec<char>>,
    last: Option<&'a Glyph>,
}

/// How a letter joins a block: by how many cells it overlaps, and what stands where two meet.
struct Joint {
    overlap: usize,
    merged: Option<Vec<char>>,
}

impl<'a> Block<'a> {
    fn new(font: &Font) -> Self {
        Self { rows: vec![Vec::new(); font.height()], last: None }
    }

    fn width(&self) -> usize {
        self.rows[0].len()
    }

    fn joint(&self, glyph: &'a Glyph, font: &Font, layout: Layout) -> Joint {
        let apart = Joint { overlap: 0, merged: None };
        let Some(last) = self.last else { return apart };
        if layout == Layout::FullSize {
            return apart;
        }
        let blank = |cell: &&char| **cell == ' ' || **cell == font.hardblank();
        let leading = |cells: &[char]| cells.iter().take_while(blank).count();
        let trailing = |cells: &[char]| cells.iter().rev().take_while(blank).count();
        let mut fit = last.width.min(glyph.width);
        for ((row, left), right) in self.rows.iter().zip(&last.rows).zip(&glyph.rows) {
            // What is left of the last letter may end sooner than the letter as it was drawn.
            let room = row.iter().rev().take(last.width).take_while(blank).count();
            fit = fit.min(trailing(left).min(room) + leading(right));
        }
        if layout == Layout::Fitted || fit == glyph.width || fit == last.width || fit >= self.width() {
            return Joint { overlap: fit, merged: None };
        }
        let merged = last.rows.iter().zip(&glyph.rows).map(|(left, right)| {
            let given_up = trailing(left).min(fit);
            smush(left[last.width - 1 - given_up], right[fit - given_up], font)
        });
        match merged.collect() {
            Some(merged) => Joint { overlap: fit + 1, merged: Some(merged) },
            None => Joint { overlap: fit, merged: None },
        }
    }

    fn join(&mut self, glyph: &'a Glyph, joint: &Joint, font: &Font) {
        self.last = Some(glyph);
        let blank = |cell: &char| *cell == ' ' || *cell == font.hardblank();
        for (index, (row, cells)) in self.rows.iter_mut().zip(&glyph.rows).enumerate() {
            let fit = joint.overlap - usize::from(joint.merged.is_some());
            // The block gives up its blanks first, the letter the rest of the overlap.
            let given_up = row.iter().rev().take(fit).take_while(|c| blank(c)).count();
            row.truncate(row.len() - given_up);
            let mut skip = fit - given_up;
            if let (Some(merged), Some(last)) = (&joint.merged, row.last_mut()) {
                *last = merged[index];
                skip += 1;
            }
            row.extend_from_slice(&cells[skip..]);
        }
    }
}

struct Setter<'a> {
    font: &'a Font,
    layout: Layout,
    width: usize,
    line: Block<'a>,
    lines: Vec<String>,
}

impl<'a> Setter<'a> {
    fn word(&mut self, word: &str) {
        let mut block = Block::new(self.font);
        for glyph in word.chars().filter_map(|c| self.font.glyph(c)) {
            let joint = block.joint(glyph, self.font, self.layout);
            block.join(glyph, &joint, self.font);
        }
        if block.last.is_none() {
            return;
        }
        if self.line.last.is_some() && block.width() > self.room() && block.width() <= self.width {
            self.flush();
        }
        if block.width() <= self.room() {
            return self.append(&block);
        }
        // Wider than any line: as many letters on each as it takes, starting on this one.
        let mut part = Block::new(self.font);
        for glyph in word.chars().filter_map(|c| self.font.glyph(c)) {
            let mut joint = part.joint(glyph, self.font, self.layout);
            if part.width() + glyph.width - joint.overlap > self.room()
                && (part.last.is_some() || self.line.last.is_some())
            {
                self.append(&part);
                self.flush();
                part = Block::new(self.font);
                joint = part.joint(glyph, self.font, self.layout);
            }
            part.join(glyph, &joint, self.font);
        }
        self.append(&part);
    }

    fn blanks(&mut self, blanks: &str) {
        for blank in blanks.chars() {
            let Some(glyph) = self.font.glyph(blank).or_else(|| self.font.glyph(' ')) else { continue };
            if glyph.width > self.room() {
                return self.flush();
            }
            self.line.join(glyph, &Joint { overlap: 0, merged: None }, self.font);
        }
    }

    fn room(&self) -> usize {
        self.width - self.line.width().min(self.width)
    }

    fn append(&mut self, block: &Block<'a>) {
        self.line.last = block.last.or(self.line.last);
        for (row, cells) in self.line.rows.iter_mut().zip(&block.rows) {
            row.extend_from_slice(cells);
        }
    }

    fn flush(&mut self) {
        let line = std::mem::replace(&mut self.line, Block::new(self.font));
        if line.last.is_none() {
            return;
        }
        let hardblank = self.font.hardblank();
        let shown = |cell: &char| if *cell == hardblank { ' ' } else { *cell };
        // A single letter may be wider than the line.
        let cut = |row: &Vec<char>| row.iter().take(self.width).map(shown).collect::<String>();
        self.lines.extend(line.rows.iter().map(cut));
    }
}

/// What stands where `left` and `right` meet, or `None` where the rules of the font keep them apart.
fn smush(left: char, right: char, font: &Font) -> Option<char> {
    let (hardblank, rules) = (font.hardblank(), font.smushing());
    let has = |rule: u8| rules & (1 << (rule - 1)) != 0;
    let blank = |cell: char| cell == ' ' || cell == hardblank;
    if left == hardblank && right == hardblank && left != ' ' {
        return (rules == 0 || has(6)).then_some(hardblank);
    }
    if left == ' ' || (blank(left) && !blank(right)) {
        return Some(right);
    }
    if blank(right) {
        return Some(left);
    }
    if rules == 0 {
        return Some(right); // universal smushing: the later letter covers the earlier
    }
    if has(1) && left == right {
        return Some(left);
    }
    if has(2) {
        let covers = |cell: char| "|/\\[]{}()<>".contains(cell);
        if left == '_' && covers(right) {
            return Some(right);
        }
        if right == '_' && covers(left) {
            return Some(left);
        }
    }
    if has(3) {
        let class = |cell: char| ["|", "/\\", "[]", "{}", "()", "<>"].iter().position(|c| c.contains(cell));
        if let (Some(first), Some(second)) = (class(left), class(right))
            && first != second
        {
            return Some(if first > second { left } else { right });
        }
    }
    match (left, right) {
        ('[', ']') | (']', '[') | ('{', '}') | ('}', '{') | ('(', ')') | (')', '(') if has(4) => Some('|'),
        ('/', '\\') if has(5) => Some('|'),
        ('\\', '/') if has(5) => Some('Y'),
        ('>', '<') if has(5) => Some('X'),
        _ => None,
    }
}
