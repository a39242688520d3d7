//! Writes segments as HTML.
#![forbid(unsafe_code)]

use super::ansi::Output;
use super::color::Color;
use super::markup::Link;
use super::segment::{Segment, Sink, Text};
use super::style::{Decoration, Style};
use crate::error::Error;
use std::borrow::Cow;
use std::fmt::Write;

/// A `<pre>` of `<span>`s: compact and with links for a notebook, or one span a word as
/// Spectre.Console's export writes it.
pub(super) struct Html<'a> {
    out: Output,
    word_by_word: bool,
    open: Option<(Style, Option<&'a Link>)>,
    pending: bool, // word by word: a span is open and may be joined
}

impl<'a> Html<'a> {
    /// For a notebook or a page.
    pub(super) fn new() -> Result<Self, Error> {
        let mut out = Output::default();
        // No line may wrap, and box characters must meet.
        out.text(concat!(
            "<pre style=\"white-space:pre;overflow-x:auto;line-height:normal;",
            "font-family:Menlo,'DejaVu Sans Mono',consolas,'Courier New',monospace\">\n" // HTML drops this one
        ))?;
        Ok(Self { out, word_by_word: false, open: None, pending: false })
    }

    /// As Spectre.Console exports it, with what it forgets: escapes.
    pub(super) fn word_by_word() -> Result<Self, Error> {
        let mut out = Output::default();
        out.text("<pre style=\"font-size:90%;font-family:consolas,'Courier New',monospace\">\n")?;
        Ok(Self { out, word_by_word: true, open: None, pending: false })
    }

    pub(super) fn finish(mut self) -> Result<String, Error> {
        self.close()?;
        self.out.text("</pre>")?;
        Ok(self.out.into_text())
    }

    fn close(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.pending) {
            self.out.text("</span>")?;
        }
        let Some((style, link)) = self.open.take() else { return Ok(()) };
        if style != Style::PLAIN {
            self.out.text("</span>")?;
        }
        if link.is_some_and(|link| is_harmless(&link.url)) {
            self.out.text("</a>")?;
        }
        Ok(())
    }

    fn start(&mut self, style: Style, link: Option<&'a Link>) -> Result<(), Error> {
        self.close()?;
        if let Some(link) = link.filter(|link| is_harmless(&link.url)) {
            self.out.text(&format!("<a href=\"{}\" rel=\"noopener\">", escape(&link.url)))?;
        }
        if style != Style::PLAIN {
            self.out.text(&format!("<span style=\"{}\">", css(style)))?;
        }
        self.open = Some((style, link));
        Ok(())
    }

    fn write(&mut self, segment: &Segment<'_>) -> Result<(), Error> {
        match segment.text {
            Text::Str(text) => self.out.text(&escape(text)),
            Text::Repeat(text, _) if escape(text) == text => self.out.segment(segment),
            Text::Repeat(text, count) => {
                let escaped = escape(text);
                self.out.reserve(escaped.len().saturating_mul(count))?;
                (0..count).try_for_each(|_| self.out.text(&escaped))
            }
        }
    }

    fn word(&mut self, word: &Segment<'_>, joined: bool) -> Result<(), Error> {
        if !(joined && self.pending) {
            self.close()?;
            if word.style == Style::PLAIN {
                self.out.text("<span>")?;
            } else {
                self.out.text(&format!("<span style=\"{}\">", spectre_css(word.style)))?;
            }
            self.pending = true;
        }
        self.write(word)
    }
}

impl<'a> Sink<'a> for Html<'a> {
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        if segment.width == 0 && matches!(segment.text, Text::Str("") | Text::Repeat(_, 0)) {
            return Ok(());
        }
        if self.word_by_word {
            for word in segment.words() {
                self.word(&word, segment.joined)?;
            }
            return Ok(());
        }
        let same = match self.open {
            Some((style, link)) => style == segment.style && link == segment.link,
            None => segment.style == Style::PLAIN && segment.link.is_none(),
        };
        if !same {
            self.start(segment.style, segment.link)?;
        }
        self.write(&segment)
    }

    fn newline(&mut self) -> Result<(), Error> {
        self.close()?;
        self.out.text("\n")
    }
}

/// Text with the characters of HTML and XML spelled out.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Whether a click on it can only lead somewhere: `javascript:` and `data:` would run.
pub(super) fn is_harmless(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once(':') else { return true };
    let known = ["http", "https", "mailto", "ftp", "file"];
    known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) || scheme.contains(['/', '?', '#'])
}

fn hex(color: Color) -> Option<String> {
    color.rgb().map(|(red, green, blue)| format!("#{red:02X}{green:02X}{blue:02X}"))
}

/// The declarations of a style.
pub(super) fn css(style: Style) -> String {
    let has = |decoration| style.decoration.has(decoration);
    let (mut foreground, mut background) = (hex(style.foreground), hex(style.background));
    if has(Decoration::INVERT) {
        let own = |color: Option<String>, system: &str| color.or(Some(system.to_owned()));
        (foreground, background) = (own(background, "Canvas"), own(foreground, "CanvasText"));
    }
    let mut css = String::new();
    let mut add = |declaration: &str, value: &str| {
        let _ = write!(css, "{}{declaration}:{value}", if css.is_empty() { "" } else { ";" });
    };
    if let Some(color) = &foreground {
        add("color", color);
    }
    if let Some(color) = &background {
        add("background-color", color);
    }
    if has(Decoration::BOLD) {
        add("font-weight", "bold");
    }
    if has(Decoration::DIM) {
        add("opacity", "0.6");
    }
    if has(Decoration::ITALIC) {
        add("font-style", "italic");
    }
    match (has(Decoration::UNDERLINE), has(Decoration::STRIKETHROUGH)) {
        (true, true) => add("text-decoration", "underline line-through"),
        (true, false) => add("text-decoration", "underline"),
        (false, true) => add("text-decoration", "line-through"),
        (false, false) => {}
    }
    if has(Decoration::CONCEAL) {
        add("visibility", "hidden");
    }
    css
}

/// The declarations as Spectre.Console's export writes them.
fn spectre_css(style: Style) -> String {
    let has = |decoration| style.decoration.has(decoration);
    let (mut foreground, mut background) = (style.foreground, style.background);
    if has(Decoration::INVERT) {
        (foreground, background) = (background, foreground);
    }
    if has(Decoration::DIM) {
        // Half way to the background, where the unknown ones are black on white.
        let (red, green, blue) = foreground.rgb().unwrap_or((0, 0, 0));
        let (to_red, to_green, to_blue) = background.rgb().unwrap_or((255, 255, 255));
        let half = |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * 0.5) as u8;
        foreground = Color::Rgb(half(red, to_red), half(green, to_green), half(blue, to_blue));
    }
    let mut css = Vec::new();
    css.extend(hex(foreground).map(|color| format!("color: {color}")));
    css.extend(hex(background).map(|color| format!("background-color: {color}")));
    for (decoration, declaration) in [
        (Decoration::BOLD, "font-weight: bold"),
        (Decoration::ITALIC, "font-style: italic"),
        (Decoration::UNDERLINE, "text-decoration: underline"),
        (Decoration::STRIKETHROUGH, "text-decoration: line-through"),
    ] {
        if has(decoration) {
            css.push(declaration.to_owned());
        }
    }
    css.join(";")
}
