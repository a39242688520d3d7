//! One bar in parts, and a legend.
#![forbid(unsafe_code)]

use super::color::Color;
use super::columns::Columns;
use super::culture::{Culture, Format};
use super::paragraph::Paragraph;
use super::render::{Context, Measure, Renderable, Widget};
use super::segment::{EachLine, Segment, Sink};
use super::share;
use super::spec::{self, Fields, Padding};
use super::stack::Padder;
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;

struct BreakdownChart<'j> {
    parts: Vec<(f64, Style)>,
    tags: Option<Columns<'j>>,
    compact: bool,
    width: Option<usize>,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let culture = Culture::of(fields)?;
    let format = Format::of(fields)?;
    let show_tags = fields.flag("show_tags", true)?;
    let show_values = fields.flag("show_tag_values", true)?;
    let grey = Color::named("grey").unwrap_or_default();
    let value_style = Style::color(fields.color("value_color")?.unwrap_or(grey));
    fields.flag("expand", true)?; // the bar is as wide as the chart either way, as upstream
    let at = path.field("items");
    let (mut parts, mut tags) = (Vec::new(), Vec::new());
    for (index, value) in fields.list("items")?.into_iter().enumerate() {
        let mut fields = spec::fields(value, "an item", at.index(index))?;
        let path = fields.path;
        let label = spec::text(fields.required("label")?, &path.field("label"))?;
        let value = spec::finite(fields.required("value")?, &path.field("value"))?;
        if value < 0.0 {
            return Err(path.field("value").must("0 or more", value));
        }
        let style = Style::color(fields.color("color")?.unwrap_or_default());
        fields.finish()?;
        let mut pieces = vec![(Cow::Borrowed("■"), style), (Cow::Owned(format!(" {label}")), Style::PLAIN)];
        if show_values {
            pieces.push((Cow::Borrowed(" "), Style::PLAIN));
            pieces.push((Cow::Owned(format.write(value, culture)), value_style));
        }
        let tag = Widget::Text(Paragraph::of_pieces(pieces)?);
        tags.push(Widget::new(Padder::new(tag, Padding::new(0, 0, 2, 0), false)));
        parts.push((value, style));
    }
    Ok(Widget::new(BreakdownChart {
        parts,
        tags: show_tags.then(|| Columns::close(tags)),
        compact: fields.flag("compact", true)?,
        width: fields.size("width")?,
    }))
}

impl Renderable for BreakdownChart<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(self.width.unwrap_or(most).min(most))
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let width = self.width.unwrap_or(most).min(most);
        let total: f64 = self.parts.iter().map(|(value, _)| value).sum();
        let ratio = |value: f64| if total > 0.0 { (width as f64 * (value / total)) as usize } else { 0 };
        let ratios: Vec<usize> = self.parts.iter().map(|(value, _)| ratio(*value)).collect();
        if ratios.iter().any(|ratio| *ratio > 0) {
            for ((_, style), cells) in self.parts.iter().zip(share::distribute(width, &ratios)) {
                out.push(Segment::repeat("█", cells, *style))?;
            }
        } else {
            out.push(Segment::blank(width))?;
        }
        out.newline()?;
        let Some(tags) = &self.tags else { return Ok(()) };
        if !self.compact {
            out.push(Segment::blank(width))?;
            out.newline()?;
        }
        let mut each = EachLine::new(width, |line: &[Segment<'a>], used| {
            for segment in line {
                out.push(*segment)?;
            }
            out.push(Segment::blank(width - used))?;
            out.newline()
        });
        tags.render(context, width, &mut each)?;
        each.finish()
    }
}
