//! Writes segments as text with ANSI escape sequences, or without any.
#![forbid(unsafe_code)]

use super::color::{Color, ColorSystem};
use super::markup::Link;
use super::segment::{Segment, Sink, Text, too_large};
use super::style::Style;
use crate::error::Error;
use std::collections::HashMap;
use std::fmt::Write;

/// No output of a sane spec comes near it, and no Python string should be larger.
const LARGEST: usize = 1 << 30;

const BLANKS: &str = "                                                                ";

/// Text that grows up to a limit.
#[derive(Default)]
pub(super) struct Output {
    text: String,
}

impl Output {
    /// Makes room for `bytes` more.
    pub(super) fn reserve(&mut self, bytes: usize) -> Result<(), Error> {
        if self.text.len().saturating_add(bytes) > LARGEST {
            return Err(too_large());
        }
        self.text.try_reserve(bytes)?;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Error> {
        self.reserve(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    pub(super) fn segment(&mut self, segment: &Segment<'_>) -> Result<(), Error> {
        match segment.text {
            Text::Str(text) => self.text(text),
            Text::Repeat(text, count) => {
                self.reserve(text.len().saturating_mul(count))?;
                if text == " " {
                    let mut left = count;
                    while left > 0 {
                        let some = left.min(BLANKS.len()); // most of what is repeated, so worth a copy at once
                        self.text.push_str(&BLANKS[..some]);
                        left -= some;
                    }
                } else {
                    (0..count).for_each(|_| self.text.push_str(text));
                }
                Ok(())
            }
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Writes each stretch of one style between its SGR codes and a reset, and each link as OSC 8.
pub(super) struct Ansi<'a> {
    out: Output,
    system: ColorSystem,
    open: Option<(Style, Option<&'a Link>)>,
    /// The SGR sequence of each style met; empty for one that shows nothing.
    codes: HashMap<Style, Box<str>>,
}

impl<'a> Ansi<'a> {
    pub(super) fn new(system: ColorSystem) -> Self {
        Self { out: Output::default(), system, open: None, codes: HashMap::new() }
    }

    pub(super) fn finish(mut self) -> Result<String, Error> {
        self.close()?;
        Ok(self.out.into_text())
    }

    fn start(&mut self, style: Style, link: Option<&'a Link>) -> Result<(), Error> {
        self.close()?;
        if let Some(Link { url, id }) = link {
            self.out.text(&format!("\x1b]8;id={id};{url}\x1b\\"))?;
        }
        if style != Style::PLAIN {
            let system = self.system;
            let codes = self.codes.entry(style).or_insert_with(|| sgr(style, system));
            self.out.text(codes)?;
        }
        self.open = Some((style, link));
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some((style, link)) = self.open.take() else { return Ok(()) };
        if self.codes.get(&style).is_some_and(|codes| !codes.is_empty()) {
            self.out.text("\x1b[0m")?;
        }
        if link.is_some() {
            self.out.text("\x1b]8;;\x1b\\")?;
        }
        Ok(())
    }
}

impl<'a> Sink<'a> for Ansi<'a> {
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        if matches!(segment.text, Text::Str("") | Text::Repeat(_, 0)) {
            return Ok(());
        }
        if self.system != ColorSystem::None {
            let same = match self.open {
                Some((style, link)) => style == segment.style && link == segment.link,
                None => segment.style == Style::PLAIN && segment.link.is_none(),
            };
            if !same {
                self.start(segment.style, segment.link)?;
            }
        }
        self.out.segment(&segment)
    }

    fn newline(&mut self) -> Result<(), Error> {
        self.close()?;
        self.out.text("\n")
    }
}

/// The escape sequence that turns a style on; empty when it shows nothing.
fn sgr(style: Style, system: ColorSystem) -> Box<str> {
    let mut codes: Vec<u8> = style.decoration.codes().collect();
    for (color, base) in [(style.foreground, 30), (style.background, 40)] {
        match color.downgrade(system) {
            Color::Default => {}
            Color::Palette(number) if system <= ColorSystem::Standard => {
                codes.push(if number < 8 { base + number } else { base + 60 + number - 8 });
            }
            Color::Palette(number) => codes.extend([base + 8, 5, number]),
            Color::Rgb(red, green, blue) => codes.extend([base + 8, 2, red, green, blue]),
        }
    }
    let mut sequence = String::new();
    for (index, code) in codes.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(sequence, "{}{code}", if index == 0 { "\x1b[" } else { ";" });
    }
    if !codes.is_empty() {
        sequence.push('m');
    }
    sequence.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(words: &str, system: ColorSystem) -> String {
        let style = super::super::style::parse(words).unwrap().style;
        let mut ansi = Ansi::new(system);
        ansi.push(Segment::new("x", style)).unwrap();
        ansi.push(Segment::new("", Style::PLAIN)).unwrap();
        ansi.push(Segment::new("y", style)).unwrap();
        ansi.newline().unwrap();
        ansi.push(Segment::blank(2)).unwrap();
        ansi.finish().unwrap()
    }

    #[test]
    fn styles_are_written_as_the_terminal_can_show_them() {
        for (words, system, expected) in [
            ("bold red on #010203", ColorSystem::TrueColor, "\x1b[1;38;5;9;48;2;1;2;3mxy\x1b[0m\n  "),
            ("red on navy", ColorSystem::Standard, "\x1b[91;44mxy\x1b[0m\n  "),
            ("#ff0000", ColorSystem::EightBit, "\x1b[38;5;9mxy\x1b[0m\n  "),
            ("red", ColorSystem::NoColors, "xy\n  "),
            ("bold red", ColorSystem::NoColors, "\x1b[1mxy\x1b[0m\n  "),
            ("bold red", ColorSystem::None, "xy\n  "),
        ] {
            assert_eq!(written(words, system), expected, "{words}");
        }
    }

    #[test]
    fn an_output_no_memory_should_hold_is_an_error() {
        let mut ansi = Ansi::new(ColorSystem::None);
        let error = ansi.push(Segment::blank(1 << 40)).unwrap_err();
        assert!(matches!(error, Error::Memory(_)));
        assert!(ansi.push(Segment::repeat("─", usize::MAX, Style::PLAIN)).is_err());
    }
}
