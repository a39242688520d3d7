//! Reads FIGfont version 2 files: the letters [`figlet`](super::figlet) sets text in.
//!
//! The format is the one of "The FIGfont Version 2 FIGfont and FIGdriver standard" (John Cowan and
//! Paul Burton, 1996-97): a header line, comment lines, the 95 printable ASCII characters, seven
//! German ones, then characters that carry their own code. A file comes from anywhere, so nothing
//! it says is believed: sizes are checked before they are used, and what would reach a terminal is
//! one printable cell a character.
#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use unicode_width::UnicodeWidthChar;

use crate::error::Error;
use crate::files::read::open_for_reading;

/// The largest file read, some times the largest font in circulation.
const MAX_BYTES: usize = 4 << 20;
/// The most rows a character may have.
const MAX_HEIGHT: usize = 256;
/// The widest row of a character, in cells.
const MAX_WIDTH: usize = 1024;
/// The most cells all characters may have together: rows are kept at full width, so a small file
/// could ask for a lot of memory.
const MAX_CELLS: usize = 8 << 20;
/// The codes, in the order of the file, that have no code tag: printable ASCII, then the German letters.
const UNTAGGED: [u32; 102] = untagged();
/// How many of [`UNTAGGED`] a file must have; many older ones stop short of the German letters.
const REQUIRED: usize = 95;

/// The fonts that are part of the library, by name.
const BUILT_IN: [(&str, &[u8]); 4] = [
    ("standard", include_bytes!("fonts/standard.flf")),
    ("big", include_bytes!("fonts/big.flf")),
    ("slant", include_bytes!("fonts/slant.flf")),
    ("small", include_bytes!("fonts/small.flf")),
];
static PARSED: [OnceLock<Font>; 4] = [const { OnceLock::new() }; 4];

const fn untagged() -> [u32; 102] {
    let german = [196, 214, 220, 228, 246, 252, 223];
    let mut codes = [0; 102];
    let mut index = 0;
    while index < codes.len() {
        codes[index] = if index < REQUIRED { 32 + index as u32 } else { german[index - REQUIRED] };
        index += 1;
    }
    codes
}

/// One character of a font: `height` rows of `width` cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glyph {
    /// Cells in each row.
    pub width: usize,
    /// The rows from top to bottom, hardblanks still in them.
    pub rows: Vec<Vec<char>>,
}

/// A parsed FIGfont.
#[derive(Debug, Clone)]
pub struct Font {
    hardblank: char,
    height: usize,
    baseline: usize,
    right_to_left: bool,
    smushing: u8,
    comment: String,
    glyphs: HashMap<u32, Glyph>,
}

impl Font {
    /// Parses the text of a font file: UTF-8, or else ISO 8859-1, which is what most fonts are in.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the line, when `source` is not a FIGfont: wrong signature or
    /// header, a character cut short, a row that is too wide, a control character or one that is
    /// not one cell wide in an ASCII character. Others drawn with such are left out of the font.
    pub fn parse(source: &[u8]) -> Result<Self, Error> {
        if source.len() > MAX_BYTES {
            let bytes = source.len();
            return Err(Error::Invalid(format!("font must be at most {MAX_BYTES} bytes, got {bytes}")));
        }
        let text = match std::str::from_utf8(source) {
            Ok(text) => text.to_owned(),
            Err(_) => source.iter().map(|&byte| char::from(byte)).collect(),
        };
        Parser { lines: lines_of(&text), next: 0, cells: 0 }.font()
    }

    /// Reads and parses a font file.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read or is no regular one; [`Error::Invalid`] as [`Font::parse`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (file, _) = open_for_reading(path).map_err(Error::io(path))?;
        let mut source = Vec::new();
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut source).map_err(Error::io(path))?;
        Self::parse(&source)
    }

    /// The built-in font of that name: `standard`, `big`, `slant` or `small`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none of that name.
    pub fn built_in(name: &str) -> Result<&'static Self, Error> {
        let Some(index) = BUILT_IN.iter().position(|(known, _)| *known == name) else {
            let known = BUILT_IN.map(|(known, _)| known).join(", ");
            return Err(Error::Invalid(format!(
                "font must be one of {known}, or the file of a font given as font_file, got {name:?}"
            )));
        };
        // Parsed outside the cell: a child forked while another thread is inside an initializer
        // would wait for that thread for ever.
        if let Some(font) = PARSED[index].get() {
            return Ok(font);
        }
        let font = Self::parse(BUILT_IN[index].1)?;
        Ok(PARSED[index].get_or_init(|| font))
    }

    /// The character that stands for a blank that keeps its place: printed as a space.
    pub fn hardblank(&self) -> char {
        self.hardblank
    }

    /// Rows of every character.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Rows from the top to the line the letters stand on.
    pub fn baseline(&self) -> usize {
        self.baseline
    }

    /// Whether the font is drawn for text that runs from right to left.
    pub fn right_to_left(&self) -> bool {
        self.right_to_left
    }

    /// The horizontal smushing rules, bit 0 for rule 1 to bit 5 for rule 6; 0 is universal smushing.
    pub fn smushing(&self) -> u8 {
        self.smushing
    }

    /// The comment lines of the file: author, date, terms of use.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The glyph of a character, or the font's own "missing character" (code 0) if it has one.
    pub fn glyph(&self, character: char) -> Option<&Glyph> {
        self.glyphs.get(&u32::from(character)).or_else(|| self.glyphs.get(&0))
    }

    /// How many characters the font has.
    pub fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// Whether the font has no character; a parsed font always has some.
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }
}

/// The lines without their ends; `\n`, `\r\n` and a lone `\r` each end one, Ctrl-Z ends the file.
fn lines_of(text: &str) -> Vec<&str> {
    let text = text.split('\u{1a}').next().unwrap_or_default();
    let mut lines: Vec<&str> =
        text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    lines
}

struct Header {
    hardblank: char,
    height: usize,
    baseline: usize,
    comment_lines: usize,
    right_to_left: bool,
    smushing: u8,
}

struct Parser<'a> {
    lines: Vec<&'a str>,
    next: usize,
    cells: usize,
}

impl Parser<'_> {
    fn font(mut self) -> Result<Font, Error> {
        let header = self.header()?;
        let comment_end = 1 + header.comment_lines;
        if comment_end > self.lines.len() {
            let (lines, left) = (header.comment_lines, self.lines.len() - 1);
            return Err(Error::Invalid(format!(
                "font must have the {lines} comment lines its header announces, got {left} lines"
            )));
        }
        let comment = self.lines[1..comment_end].join("\n");
        self.next = comment_end;

        let mut glyphs = HashMap::new();
        for (index, &code) in UNTAGGED.iter().enumerate() {
            if index >= REQUIRED && (self.at_end() || self.tag().is_some()) {
                break;
            }
            let glyph = self.glyph(&header, code)?;
            if index < REQUIRED {
                self.printable(&header, &glyph, code)?;
                glyphs.insert(code, glyph);
            } else if glyph.width > 0 && self.printable(&header, &glyph, code).is_ok() {
                // Older fonts leave the German letters empty: such a letter is one the font lacks.
                glyphs.insert(code, glyph);
            }
        }
        while !self.at_end() {
            let Some(code) = self.tag() else {
                let (line, text) = (self.next + 1, self.lines[self.next]);
                return Err(Error::Invalid(format!(
                    "font must give a character code on line {line}, got {text:?}"
                )));
            };
            self.next += 1;
            let glyph = self.glyph(&header, code.unsigned_abs() as u32)?;
            // Negative codes name translation tables, not characters of a text. Fonts that draw every
            // code as itself draw the control characters so: they lack those.
            if let Ok(code) = u32::try_from(code)
                && self.printable(&header, &glyph, code).is_ok()
            {
                glyphs.insert(code, glyph);
            }
        }
        let Header { hardblank, height, baseline, right_to_left, smushing, .. } = header;
        Ok(Font { hardblank, height, baseline, right_to_left, smushing, comment, glyphs })
    }

    fn header(&self) -> Result<Header, Error> {
        let line = self.lines.first().copied().unwrap_or_default();
        let shown: String = line.chars().take(60).collect();
        let bad = |rule: &str| Error::Invalid(format!("font must {rule}, got a first line of {shown:?}"));
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let rest = line.strip_prefix("flf2").or_else(|| line.strip_prefix("tlf2"));
        // The letter after the 2 is "always a for now" in the standard and not checked by FIGlet.
        let mut rest = rest.ok_or_else(|| bad("start with the signature flf2a"))?.chars();
        let hardblank = rest.nth(1).ok_or_else(|| bad("name its hardblank after the signature"))?;
        let mut fields = [None; 8];
        for (field, word) in fields.iter_mut().zip(rest.as_str().split_whitespace()) {
            // Fonts in circulation end the line with remarks; the numbers come first.
            let Ok(number) = word.parse::<i64>() else { break };
            *field = Some(number);
        }
        let [Some(height), Some(baseline), Some(_), Some(old_layout), Some(comment_lines), ..] = fields
        else {
            return Err(bad("give height, baseline, max length, old layout and comment lines in its header"));
        };
        let height = usize::try_from(height).ok().filter(|height| (1..=MAX_HEIGHT).contains(height));
        let height = height.ok_or_else(|| bad(&format!("have a height in 1..={MAX_HEIGHT}")))?;
        let comment_lines =
            usize::try_from(comment_lines).map_err(|_| bad("have 0 or more comment lines"))?;
        // Bits 0 to 5 of either layout are the six rules; the newer field wins where it is given.
        let smushing = (fields[6].unwrap_or(old_layout.max(0)) & 63) as u8;
        Ok(Header {
            hardblank,
            height,
            baseline: usize::try_from(baseline).unwrap_or(0).min(height),
            comment_lines,
            right_to_left: fields[5] == Some(1),
            smushing,
        })
    }

    fn at_end(&mut self) -> bool {
        while self.lines.get(self.next).is_some_and(|line| line.trim().is_empty()) {
            self.next += 1;
        }
        self.next >= self.lines.len()
    }

    /// The code at the start of the next line: decimal, octal after 0, hexadecimal after 0x.
    fn tag(&self) -> Option<i64> {
        let word = self.lines.get(self.next)?.split_whitespace().next()?;
        let (negative, digits) = match word.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, word.strip_prefix('+').unwrap_or(word)),
        };
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let code = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            u32::from_str_radix(hex, 16)
        } else if digits.len() > 1 && digits.starts_with('0') {
            u32::from_str_radix(digits, 8)
        } else {
            digits.parse()
        };
        code.ok().map(|code| if negative { -i64::from(code) } else { i64::from(code) })
    }

    fn glyph(&mut self, header: &Header, code: u32) -> Result<Glyph, Error> {
        let Some(lines) = self.lines.get(self.next..self.next + header.height) else {
            let (height, left) = (header.height, self.lines.len() - self.next.min(self.lines.len()));
            return Err(Error::Invalid(format!(
                "font must have {height} rows for character {code}, got {left}"
            )));
        };
        let mut rows = Vec::with_capacity(header.height);
        for (offset, line) in lines.iter().enumerate() {
            rows.push(row(line, self.next + offset + 1)?);
        }
        self.next += header.height;
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        self.cells += width * header.height;
        if self.cells > MAX_CELLS {
            return Err(Error::Invalid(format!(
                "font must have at most {MAX_CELLS} cells in all, got more by character {code}"
            )));
        }
        for row in &mut rows {
            row.resize(width, ' ');
        }
        Ok(Glyph { width, rows })
    }

    /// A control character would reach the terminal, and one of another width would shift the row.
    fn printable(&self, header: &Header, glyph: &Glyph, code: u32) -> Result<(), Error> {
        let good = |cell: &&char| **cell == header.hardblank || cell.width() == Some(1);
        match glyph.rows.iter().flatten().find(|cell| !good(cell)) {
            None => Ok(()),
            Some(cell) => Err(Error::Invalid(format!(
                "font must draw character {code} in printable characters of one cell, got {cell:?} \
                 before line {}",
                self.next + 1
            ))),
        }
    }
}

/// A row without its end marks: the last character that is not blank, however often it is repeated.
fn row(line: &str, number: usize) -> Result<Vec<char>, Error> {
    let line = line.trim_end();
    let line = line.chars().next_back().map_or(line, |mark| line.trim_end_matches(mark));
    let row: Vec<char> = line.chars().collect();
    if row.len() > MAX_WIDTH {
        let width = row.len();
        return Err(Error::Invalid(format!(
            "font must have rows of at most {MAX_WIDTH} characters, got {width} on line {number}"
        )));
    }
    Ok(row)
}
