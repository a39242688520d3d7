//! Text laid out in lines: what `text` and `markup` are, and most of what other renderables hold.
#![forbid(unsafe_code)]

mod wrap;

use super::cells;
use super::emoji;
use super::markup::{self, Link};
use super::render::{Context, Justify, Measure};
use super::segment::{Segment, Sink, Text};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;
use wrap::Wrapper;

/// What happens to a word longer than the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Overflow {
    /// It goes on in the next line.
    #[default]
    Fold,
    /// It is cut.
    Crop,
    /// It is cut and ends in an ellipsis.
    Ellipsis,
}

/// A stretch of a paragraph's text in one style, up to a byte.
#[derive(Debug)]
struct Span {
    end: usize,
    style: Style,
    link: Option<Rc<Link>>,
}

/// Styled text with its line breaks, not yet wrapped.
///
/// Small on purpose: a table has one for every cell.
#[derive(Debug)]
pub(super) struct Paragraph<'j> {
    text: Cow<'j, str>,
    spans: Option<Box<[Span]>>, // None: all of it in `style`
    style: Style,
    widest: u32,
    lines: u32, // 0: not even an empty line
    /// How lines are placed, unless the parent says otherwise.
    pub(super) justify: Option<Justify>,
    /// What happens to long words.
    pub(super) overflow: Overflow,
}

impl<'j> Paragraph<'j> {
    /// The text as it is, one style.
    ///
    /// # Errors
    /// [`Error::Memory`] above 4 GiB.
    pub(super) fn plain(text: Cow<'j, str>, style: Style) -> Result<Self, Error> {
        let text = clean(text);
        Self::new(text, None, style)
    }

    /// Markup and emoji codes over a style. The error is the sentence for the user.
    ///
    /// # Errors
    /// A sentence that places the mistake.
    pub(super) fn markup(text: Cow<'j, str>, style: Style) -> Result<Self, String> {
        if !text.bytes().any(|byte| matches!(byte, b'[' | b']' | b':')) {
            if text.is_empty() {
                return Ok(Self { lines: 0, ..Self::empty() });
            }
            return Self::plain(text, style).map_err(|error| error.to_string());
        }
        let pieces = markup::parse(&text, style)?;
        let mut whole = String::with_capacity(text.len());
        let mut spans = Vec::with_capacity(pieces.len());
        for piece in pieces {
            whole.push_str(&clean(emoji::replace(piece.text)));
            spans.push(Span { end: whole.len(), style: piece.style, link: piece.link });
        }
        let made = match spans.as_slice() {
            [] => return Ok(Self { lines: 0, ..Self::empty() }),
            [Span { link: None, style, .. }] => Self::new(Cow::Owned(whole), None, *style),
            _ => Self::new(Cow::Owned(whole), Some(spans.into_boxed_slice()), style),
        };
        made.map_err(|error| error.to_string())
    }

    /// Text in several styles.
    ///
    /// # Errors
    /// [`Error::Memory`] above 4 GiB.
    pub(super) fn of_pieces(pieces: Vec<(Cow<'_, str>, Style)>) -> Result<Self, Error> {
        let mut whole = String::new();
        let mut spans = Vec::with_capacity(pieces.len());
        for (text, style) in pieces {
            whole.push_str(&clean(text));
            spans.push(Span { end: whole.len(), style, link: None });
        }
        Self::new(Cow::Owned(whole), Some(spans.into_boxed_slice()), Style::PLAIN)
    }

    /// One empty line.
    pub(super) fn empty() -> Self {
        Self {
            text: Cow::Borrowed(""),
            spans: None,
            style: Style::PLAIN,
            widest: 0,
            lines: 1,
            justify: None,
            overflow: Overflow::Fold,
        }
    }

    fn new(text: Cow<'j, str>, spans: Option<Box<[Span]>>, style: Style) -> Result<Self, Error> {
        let (mut widest, mut lines) = (0, 0_usize);
        for line in text.split('\n') {
            widest = widest.max(cells::width(line));
            lines += 1;
        }
        let narrow = |count: usize| {
            u32::try_from(count).map_err(|_| Error::Memory("text must be below 4 GiB".to_owned()))
        };
        Ok(Self { widest: narrow(widest)?, lines: narrow(lines)?, text, spans, style, ..Self::empty() })
    }

    /// The same with a link on all of it.
    pub(super) fn linked(mut self, link: Option<Rc<Link>>) -> Self {
        if link.is_some() && self.spans.is_none() {
            self.spans = Some(Box::new([Span { end: self.text.len(), style: self.style, link }]));
        }
        self
    }

    /// Cells of the longest line.
    pub(super) fn widest(&self) -> usize {
        self.widest as usize
    }

    /// Cells of the longest word and of the longest line.
    pub(super) fn measure(&self, most: usize) -> Measure {
        let longest = self.words().map(|range| cells::width(&self.text[range])).max();
        Measure { min: longest.unwrap_or(0), max: self.widest().min(most) }
    }

    /// Words and white space, each its own stretch; a change of style also ends a word.
    fn words(&self) -> impl Iterator<Item = Range<usize>> {
        let spans = self.spans.as_deref();
        let (mut at, mut span) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let limit =
                    spans.map_or(self.text.len(), |spans| spans.get(span).map_or(at, |span| span.end));
                if at < limit {
                    let start = at;
                    at += cells::word_length(&self.text[at..limit]);
                    return Some(start..at);
                }
                span += 1;
                if at >= self.text.len() {
                    return None;
                }
            }
        })
    }

    fn style_of(&self, span: usize) -> (Style, Option<&Link>) {
        match self.spans.as_deref().and_then(|spans| spans.get(span)) {
            Some(span) => (span.style, span.link.as_deref()),
            None => (self.style, None),
        }
    }

    /// Wraps to `width` cells and emits the lines.
    ///
    /// # Errors
    /// Those of the sink.
    pub(super) fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        if self.lines == 0 || width == 0 && !context.single_line {
            return Ok(());
        }
        let justify = context.justify.or(self.justify).unwrap_or(Justify::Left);
        if self.spans.is_none() && self.lines == 1 && self.widest() <= width && justify == Justify::Left {
            let (text, width) = (Text::Str(self.text.as_ref()), self.widest());
            return out.push(Segment { text, width, style: self.style, link: None, joined: false });
        }
        let wrap = !context.single_line && self.widest() > width;
        let mut lines = Wrapper { out, width, justify, line: Vec::new(), used: 0, started: false };
        let ellipsis = if context.unicode { "…" } else { "..." };
        let (mut start, mut span) = (0, 0);
        for line in self.text.split('\n') {
            let end = start + line.len();
            let mut at = start;
            while at < end {
                while self.spans.as_deref().is_some_and(|spans| spans[span].end <= at) {
                    span += 1;
                }
                let limit = self.spans.as_deref().map_or(end, |spans| spans[span].end.min(end));
                let (style, link) = self.style_of(span);
                let stretch = &self.text[at..limit];
                let mut put = |text| Segment::new(text, style).linked(link);
                if wrap {
                    lines.wrap(stretch, self.overflow, ellipsis, &mut put)?;
                } else {
                    let segment = put(stretch);
                    lines.add(segment);
                }
                at = limit;
            }
            start = end + 1;
            lines.end()?;
            if context.single_line {
                break;
            }
        }
        Ok(())
    }
}

/// Line breaks made `\n`, tabs made blanks, other control characters made visible.
///
/// A control character would move the cursor, ring the bell or start an escape sequence of somebody
/// else's choosing; its picture (U+2400 and on) takes one cell and hides nothing.
fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    let ascii_control = |byte: u8| byte < 0x20 && byte != b'\n' || byte == 0x7F;
    let suspect = |byte: u8| ascii_control(byte) || byte == 0xC2 || byte == 0xE2;
    if !text.bytes().any(suspect) || !text.chars().any(needs_cleaning) {
        return text;
    }
    let mut cleaned = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    let (mut counted, mut column) = (0, 0); // the line up to byte `counted` is `column` cells wide
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                let _ = characters.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\x0C' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            '\t' => {
                column += cells::width(&cleaned[counted..]);
                counted = cleaned.len();
                cleaned.extend(std::iter::repeat_n(' ', 8 - column % 8));
            }
            '\n' => cleaned.push('\n'),
            _ => cleaned.push(picture(character)),
        }
        if cleaned.ends_with('\n') {
            (counted, column) = (cleaned.len(), 0);
        }
    }
    Cow::Owned(cleaned)
}

/// What stands for a control character, a line break among them; every other character stands for itself.
pub(super) fn picture(character: char) -> char {
    match character {
        '\0'..='\x1F' => char::from_u32(0x2400 + character as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7F' => '\u{2421}',
        '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

fn needs_cleaning(character: char) -> bool {
    character.is_control() && character != '\n' || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::super::render::testing::lines;
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> Paragraph<'_> {
        Paragraph::plain(Cow::Borrowed(text), Style::PLAIN).unwrap()
    }

    #[test]
    fn words_wrap_and_the_blank_between_them_goes() {
        assert_eq!(lines(&plain("foo bar baz"), 7), ["foo bar", "baz"]);
        assert_eq!(lines(&plain("foo bar baz"), 8), ["foo bar ", "baz"]);
        assert_eq!(lines(&plain("a\n\nb\n"), 80), ["a", "", "b", ""]);
        assert!(lines(&plain("abc"), 0).is_empty());
    }

    #[test]
    fn long_words_fold_crop_or_end_in_an_ellipsis() {
        let mut text = plain("foo pneumonoultra bar");
        assert_eq!(lines(&text, 6), ["foo ", "pneumo", "noultr", "a bar"]);
        text.overflow = Overflow::Crop;
        assert_eq!(lines(&text, 6), ["foo ", "pneumo", "bar"]);
        text.overflow = Overflow::Ellipsis;
        assert_eq!(lines(&text, 6), ["foo ", "pneum…", "bar"]);
        assert_eq!(lines(&text, 1), ["f", "…", "b"].map(|_| "…").to_vec());
    }

    #[test]
    fn wide_characters_never_stick_out() {
        assert_eq!(lines(&plain("测试测试"), 3), ["测", "试", "测", "试"]);
        assert_eq!(lines(&plain("a测b"), 1), ["a", "b"]);
    }

    #[test]
    fn control_characters_become_visible_and_tabs_blanks() {
        assert_eq!(lines(&plain("a\tb\x1b[31m\x07\x7f"), 80), ["a       b␛[31m␇␡"]);
        assert_eq!(
            lines(&plain("a\r\nb\rc\x0cd\u{2028}e\u{85}f\u{9b}"), 80),
            ["a", "b", "c", "d", "e", "f\u{FFFD}"]
        );
        assert_eq!(lines(&plain("测\tx"), 80), ["测      x"]);
    }

    #[test]
    fn markup_without_text_is_no_line_at_all() {
        for markup in ["", "[red][/]"] {
            let paragraph = Paragraph::markup(Cow::Borrowed(markup), Style::PLAIN).unwrap();
            assert!(lines(&paragraph, 10).is_empty());
        }
        assert_eq!(lines(&plain(""), 10), [""]);
    }

    #[test]
    fn lines_are_placed() {
        let mut text = plain("ab\nc");
        text.justify = Some(Justify::Right);
        assert_eq!(lines(&text, 4), ["  ab", "   c"]);
        text.justify = Some(Justify::Center);
        assert_eq!(lines(&text, 5), [" ab  ", "  c  "]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in ".{0,40}|[ a\u{6d4b}\u{301}\n]{0,40}", width in 1_usize..12) {
            for line in lines(&plain(&text), width) {
                prop_assert!(cells::width(&line) <= width, "{:?}", line);
            }
        }

        #[test]
        fn wrapping_loses_only_white_space(text in "[a-c \u{e9}]{0,40}", width in 1_usize..12) {
            let whole: String = lines(&plain(&text), width).concat();
            let solid = |text: &str| text.replace(' ', "");
            prop_assert_eq!(solid(&whole), solid(&text));
        }
    }
}
