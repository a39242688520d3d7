//! A horizontal line with a title in it.
#![forbid(unsafe_code)]

use super::border::{Border, Part};
use super::paragraph::Paragraph;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::{Lines, Segment, Sink};
use super::spec::{self, Fields, Path};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;

/// A line across the whole width; also the top of a panel.
pub(super) struct Rule<'j> {
    title: Option<Paragraph<'j>>,
    justify: Justify,
    border: &'static Border,
    style: Style,
    /// Cells of line that stay beside the title at least.
    edge: usize,
    /// Blanks between line and title.
    gap: usize,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let style = fields.style("style")?.unwrap_or_default();
    let title = match fields.text("title")? {
        Some(title) => Some(title_of(title, style, &fields.path.field("title"))?),
        None => None,
    };
    let justify = fields.justify("alignment")?.unwrap_or(Justify::Center);
    let border = fields.border("border", false)?;
    Ok(Widget::new(Rule { title, justify, border, style, edge: 2, gap: 1 }))
}

/// A title is one line: breaks become blanks, and the blanks around it go.
fn title_of<'j>(title: Cow<'j, str>, style: Style, path: &Path<'_>) -> Result<Paragraph<'j>, Error> {
    let title = if title.contains(['\r', '\n']) {
        Cow::Owned(title.replace("\r\n", " ").replace(['\r', '\n'], " "))
    } else {
        title
    };
    let title = match title {
        Cow::Borrowed(title) => Cow::Borrowed(title.trim()),
        Cow::Owned(title) => Cow::Owned(title.trim().to_owned()),
    };
    spec::markup(title, style, path)
}

impl<'j> Rule<'j> {
    /// The top line of a panel, between its corners.
    pub(super) fn of_panel(
        title: Option<Cow<'j, str>>,
        justify: Justify,
        border: &'static Border,
        style: Style,
        path: &Path<'_>,
    ) -> Result<Self, Error> {
        let title = title.map(|title| title_of(title, style, path)).transpose()?;
        Ok(Self { title, justify, border, style, edge: 1, gap: 0 })
    }

    /// Emits the line without its end.
    pub(super) fn line<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        may_change: bool,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let [_, fill, ..] = self.border.shown(context.unicode, may_change).line(Part::Top);
        let fill = if fill.is_empty() { " " } else { fill };
        let reserved = 2 * (self.edge + self.gap);
        let mut title = Lines::default();
        if let Some(text) = self.title.as_ref().filter(|_| width > reserved) {
            text.render(&Context { single_line: true, justify: None, ..*context }, width, &mut title)?;
            title.finish();
        }
        let (words, title_width) = title.line(0);
        if title.is_empty() {
            return out.push(Segment::repeat(fill, width, self.style));
        }
        let ellipsis = Segment::new(if context.unicode { "…" } else { "..." }, Style::PLAIN);
        let mut shown = Vec::new();
        let mut used = title_width;
        if title_width > width - reserved {
            used = cut(words, (width - reserved).saturating_sub(ellipsis.width), &mut shown);
            let Some(last) = shown.last().copied() else {
                return out.push(Segment::repeat(fill, width, self.style));
            };
            shown.push(Segment { style: last.style, link: last.link, ..ellipsis });
            used += ellipsis.width;
        } else {
            shown.extend_from_slice(words);
        }
        let free = width - used - 2 * self.gap;
        let left = match self.justify {
            Justify::Left => self.edge,
            Justify::Center => (width - used) / 2 - self.gap,
            Justify::Right => free - self.edge,
        };
        let gap = Segment::repeat(" ", self.gap, self.style);
        out.push(Segment::repeat(fill, left, self.style))?;
        out.push(Segment { joined: true, ..gap })?;
        for segment in shown {
            out.push(segment)?;
        }
        out.push(gap)?;
        out.push(Segment { joined: true, ..Segment::repeat(fill, free - left, self.style) })
    }
}

/// Whole words up to `most` cells, without white space at the end; a first word too long is cut.
fn cut<'a>(line: &[Segment<'a>], most: usize, out: &mut Vec<Segment<'a>>) -> usize {
    let mut used = 0;
    let mut kept = (0, 0); // length and width up to the last word
    'line: for segment in line {
        for word in segment.words() {
            if used + word.width > most {
                if out.is_empty() {
                    out.push(word.fitting(most));
                    kept = (1, out[0].width);
                }
                break 'line;
            }
            used += word.width;
            out.push(word);
            if !word.is_blank() {
                kept = (out.len(), used);
            }
        }
    }
    out.truncate(kept.0);
    if kept.1 == 0 {
        out.clear();
    }
    kept.1
}

impl Renderable for Rule<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(most)
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        self.line(context, width, true, out)?;
        out.newline()
    }
}
