//! Writes segments as a standalone SVG picture of a terminal.
#![forbid(unsafe_code)]

use super::ansi::Output;
use super::color::Color;
use super::html;
use super::segment::{Segment, Sink, Text};
use super::style::Decoration;
use crate::error::Error;
use std::fmt::Write;

/// Pixels of a cell: 0.6 em is the advance of nearly every monospaced font at 14 px.
const CELL: f64 = 8.4;
/// Pixels of a line: no more than the box-drawing characters of common fonts are high, so frames close.
const LINE: f64 = 16.5;
/// Where letters of 14 px stand in a line.
const BASE: f64 = 12.7;
/// Pixels around the text.
const MARGIN: f64 = 10.0;
/// Colour of the screen.
const PAPER: &str = "#1E1E1E";
/// Colour of text that has none.
const INK: &str = "#D4D4D4";

/// One `<text>` a stretch of one style, stretched to its cells so that any font lines up.
pub(super) struct Svg {
    out: Output,
    column: usize,
    line: usize,
    widest: usize,
}

impl Svg {
    pub(super) fn new() -> Self {
        Self { out: Output::default(), column: 0, line: 0, widest: 0 }
    }

    pub(super) fn finish(self) -> Result<String, Error> {
        let lines = self.line + usize::from(self.column > 0);
        let width = self.widest as f64 * CELL + 2.0 * MARGIN;
        let height = lines as f64 * LINE + 2.0 * MARGIN;
        let mut whole = Output::default();
        whole.text(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.1}\" height=\"{height:.1}\" \
             viewBox=\"0 0 {width:.1} {height:.1}\" \
             font-family=\"Menlo,'DejaVu Sans Mono',Consolas,'Courier New',monospace\" font-size=\"14\" \
             fill=\"{INK}\" shape-rendering=\"crispEdges\">\n\
             <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\" shape-rendering=\"auto\"/>\n"
        ))?;
        whole.text(&self.out.into_text())?;
        whole.text("</svg>\n")?;
        Ok(whole.into_text())
    }
}

/// The part of its cell that a block element fills: left, top, width and height in eighths.
fn eighths(cell: char) -> Option<[u8; 4]> {
    let code = cell as u32;
    Some(match cell {
        '▀' => [0, 0, 8, 4],
        '▔' => [0, 0, 8, 1],
        '▐' => [4, 0, 4, 8],
        '▕' => [7, 0, 1, 8],
        '▁'..='█' => {
            let high = (code - 0x2580) as u8;
            [0, 8 - high, 8, high]
        }
        '▉'..='▏' => [0, 0, (0x2590 - code) as u8, 8],
        _ => return None,
    })
}

impl Svg {
    /// Draws a segment of block elements as rectangles: glyphs would leave seams between lines, where
    /// a font is not exactly as high as ours. False when it holds anything else.
    fn blocks(&mut self, segment: &Segment<'_>, left: f64, top: f64, fill: &str) -> Result<bool, Error> {
        let (text, count) = match segment.text {
            Text::Str(text) => (text, 1),
            Text::Repeat(text, count) => (text, count),
        };
        if segment.link.is_some() || text.is_empty() || !text.chars().all(|cell| eighths(cell).is_some()) {
            return Ok(false);
        }
        let cells: Vec<[u8; 4]> = text.chars().filter_map(eighths).collect();
        let mut place = 0;
        while place < cells.len() * count {
            let cell = cells[place % cells.len()];
            let full = cell[2] == 8;
            // Neighbours that touch are one rectangle.
            let alike =
                (place..cells.len() * count).take_while(|&next| full && cells[next % cells.len()] == cell);
            let length = alike.count().max(1);
            let [x, y, width, height] = cell.map(|part| f64::from(part) / 8.0);
            self.out.text(&format!(
                "<rect x=\"{:.1}\" y=\"{:.2}\" width=\"{:.1}\" height=\"{:.2}\" fill=\"{fill}\"/>\n",
                left + (place as f64 + x) * CELL,
                top + y * LINE,
                (length as f64 - 1.0 + width) * CELL,
                height * LINE,
            ))?;
            place += length;
        }
        Ok(true)
    }
}

impl<'a> Sink<'a> for Svg {
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        let (column, width) = (self.column, segment.width);
        self.column += width;
        self.widest = self.widest.max(self.column);
        let has = |decoration| segment.style.decoration.has(decoration);
        let hex =
            |color: Color| color.rgb().map(|(red, green, blue)| format!("#{red:02X}{green:02X}{blue:02X}"));
        let (mut ink, mut paper) = (hex(segment.style.foreground), hex(segment.style.background));
        if has(Decoration::INVERT) {
            (ink, paper) = (paper.or(Some(PAPER.to_owned())), ink.or(Some(INK.to_owned())));
        }
        let left = MARGIN + column as f64 * CELL;
        let top = MARGIN + self.line as f64 * LINE;
        let length = width as f64 * CELL;
        if let Some(paper) = paper.filter(|_| width > 0) {
            self.out.text(&format!(
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"{LINE}\" fill=\"{paper}\"/>\n"
            ))?;
        }
        let underlined = has(Decoration::UNDERLINE) || has(Decoration::STRIKETHROUGH);
        if width == 0 || segment.is_blank() && !underlined || has(Decoration::CONCEAL) {
            return Ok(());
        }
        let fill = ink.as_deref().unwrap_or(INK);
        if self.blocks(&segment, left, top, fill)? {
            return Ok(());
        }
        let link = segment.link.filter(|link| html::is_harmless(&link.url));
        if let Some(link) = link {
            self.out.text(&format!("<a href=\"{}\">", html::escape(&link.url)))?;
        }
        let mut attributes = String::new();
        // Writing to a String cannot fail.
        if let Some(ink) = ink {
            let _ = write!(attributes, " fill=\"{ink}\"");
        }
        for (decoration, attribute) in [
            (Decoration::BOLD, " font-weight=\"bold\""),
            (Decoration::DIM, " opacity=\"0.6\""),
            (Decoration::ITALIC, " font-style=\"italic\""),
        ] {
            if has(decoration) {
                attributes.push_str(attribute);
            }
        }
        if underlined {
            let under = if has(Decoration::UNDERLINE) { " underline" } else { "" };
            let through = if has(Decoration::STRIKETHROUGH) { " line-through" } else { "" };
            let _ = write!(attributes, " text-decoration=\"{}\"", format!("{under}{through}").trim_start());
        }
        let base = top + BASE;
        self.out.text(&format!(
            "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{length:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{attributes}>"
        ))?;
        match segment.text {
            Text::Str(text) => self.out.text(&html::escape(text))?,
            Text::Repeat(text, count) => {
                let escaped = html::escape(text);
                self.out.reserve(escaped.len().saturating_mul(count))?;
                (0..count).try_for_each(|_| self.out.text(&escaped))?;
            }
        }
        self.out.text(if link.is_some() { "</text></a>\n" } else { "</text>\n" })
    }

    fn newline(&mut self) -> Result<(), Error> {
        self.line += 1;
        self.column = 0;
        Ok(())
    }
}
