//! A bar that shows how much of something is done.
#![forbid(unsafe_code)]

use super::cells;
use super::color::{Color, ColorSystem};
use super::culture::{Culture, Format};
use super::render::{Context, Measure, Renderable, Widget};
use super::segment::{Segment, Sink};
use super::spec::Fields;
use super::style::Style;
use crate::error::Error;

/// A bar, its value written behind it where wanted.
pub(super) struct ProgressBar {
    pub(super) value: f64,
    pub(super) max: f64,
    pub(super) width: Option<usize>,
    /// The value in words, or None to hide it.
    pub(super) shown: Option<String>,
    pub(super) remaining: bool,
    /// One cell of bar, with and without all of Unicode.
    pub(super) cell: [&'static str; 2],
    pub(super) completed: Style,
    pub(super) finished: Style,
    pub(super) rest: Style,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let named = |name| Color::named(name).map(Style::color).unwrap_or_default();
    let max = fields.number("max_value")?.unwrap_or(100.0);
    let value = fields.number("value")?.unwrap_or(0.0).min(max).max(0.0);
    let culture = Culture::of(fields)?;
    let format = Format::of(fields)?;
    let show = fields.flag("show_value", false)?;
    Ok(Widget::new(ProgressBar {
        value,
        max,
        width: fields.size("width")?,
        shown: show.then(|| format.write(value, culture)),
        remaining: fields.flag("show_remaining", true)?,
        cell: ["━", "-"],
        completed: fields.style("completed_style")?.unwrap_or(named("yellow")),
        finished: fields.style("finished_style")?.unwrap_or(named("green")),
        rest: fields.style("remaining_style")?.unwrap_or(named("grey")),
    }))
}

impl Renderable for ProgressBar {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure { min: 4, max: self.width.unwrap_or(most).min(most) }
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let width = self.width.unwrap_or(most).min(most);
        let share = if self.max > 0.0 { (self.value / self.max).clamp(0.0, 1.0) } else { 1.0 };
        let style = if self.value >= self.max { self.finished } else { self.completed };
        let cell = self.cell[usize::from(!context.unicode)];
        let mut bar = if self.max > 0.0 { (width as f64 * share) as usize } else { 0 };
        let mut left = width;
        if let Some(text) = &self.shown {
            let taken = cells::width(text) + 1;
            bar = bar.saturating_sub(taken);
            left = left.saturating_sub(taken);
        }
        out.push(Segment::repeat(cell, bar, style))?;
        if let Some(text) = &self.shown {
            if bar > 0 {
                out.push(Segment::repeat(" ", 1, style))?;
            }
            out.push(Segment { joined: bar > 0, ..Segment::new(text, style) })?;
        }
        if bar < left {
            let plain =
                matches!(context.color, ColorSystem::None | ColorSystem::NoColors | ColorSystem::Legacy);
            let cell = if self.remaining && !plain { cell } else { " " };
            out.push(Segment::repeat(cell, left - bar, self.rest))?;
        }
        Ok(())
    }
}
