//! Labelled horizontal bars.
#![forbid(unsafe_code)]

use super::culture::{Culture, Format};
use super::paragraph::Paragraph;
use super::progress_bar::ProgressBar;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::Sink;
use super::spec::{self, Fields, Padding};
use super::style::Style;
use super::table::{Cell, Column, Table};
use crate::error::Error;

/// A grid of labels and bars.
struct BarChart<'j> {
    grid: Table<'j>,
    width: Option<usize>,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let culture = Culture::of(fields)?;
    let format = Format::of(fields)?;
    let show = fields.flag("show_values", true)?;
    let most = fields.number("max_value")?.unwrap_or(0.0);
    let width = fields.size("width")?;
    let align = fields.justify("label_alignment")?.unwrap_or(Justify::Center);
    let title = fields.text("label")?;
    let mut items = Vec::new();
    let at = path.field("items");
    for (index, value) in fields.list("items")?.into_iter().enumerate() {
        let mut fields = spec::fields(value, "an item", at.index(index))?;
        let label = fields.content("label")?;
        let value = spec::finite(fields.required("value")?, &fields.path.field("value"))?;
        let style = Style::color(fields.color("color")?.unwrap_or_default());
        fields.finish()?;
        items.push((label, value, style));
    }
    let max = items.iter().map(|item| item.1).fold(most, f64::max);
    let mut rows = Vec::with_capacity(items.len() + 1);
    let cell = |content| Cell { content, span: 1 };
    if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
        let mut title = spec::markup(title, Style::PLAIN, &path.field("label"))?;
        title.justify = Some(align);
        rows.push(vec![cell(Widget::Text(Paragraph::empty())), cell(Widget::Text(title))]);
    }
    for (label, value, style) in items {
        let value = value.clamp(0.0, max.max(0.0));
        let bar = ProgressBar {
            value,
            max,
            width: None,
            shown: show.then(|| format.write(value, culture)),
            remaining: false,
            cell: ["█", "█"],
            completed: style,
            finished: style,
            rest: Style::PLAIN,
        };
        rows.push(vec![cell(label), cell(Widget::new(bar))]);
    }
    let empty = || Widget::Text(Paragraph::empty());
    let mut labels = Column::new(empty(), Padding::new(0, 0, 2, 0));
    labels.align = Some(Justify::Right);
    let bars = Column::new(empty(), Padding::default());
    let grid = Table { is_grid: true, ..Table::bare(vec![labels, bars], rows) };
    Ok(Widget::new(BarChart { grid, width }))
}

impl Renderable for BarChart<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(self.width.unwrap_or(most).min(most))
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        self.grid.render(context, self.width.unwrap_or(most).min(most), out)
    }
}
