//! Things side by side, in as many columns as fit.
#![forbid(unsafe_code)]

use super::render::{Context, Measure, Renderable, Widget};
use super::segment::{Lines, Segment, Sink, push_clipped};
use super::share;
use super::spec::{Fields, Padding};
use crate::error::Error;

/// Items in rows of equally many, each column as wide as its widest item.
pub(super) struct Columns<'j> {
    items: Vec<Widget<'j>>,
    padding: Padding,
    expand: bool,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    Ok(Widget::new(Columns {
        items: fields.widgets("items")?,
        padding: fields.padding("padding")?.unwrap_or(Padding::new(0, 0, 1, 0)),
        expand: fields.flag("expand", true)?,
    }))
}

impl<'j> Columns<'j> {
    /// Items that bring their own distance.
    pub(super) fn close(items: Vec<Widget<'j>>) -> Self {
        Self { items, padding: Padding::default(), expand: true }
    }

    /// The widths of the columns, as many as fit `most` cells.
    fn widths(&self, context: &Context<'_>, most: usize) -> Result<Vec<usize>, Error> {
        let items: Vec<usize> = self.items.iter().map(|item| item.measure(context, most).max).collect();
        let gap = self.padding.left.max(self.padding.right);
        let mut count = items.len();
        loop {
            context.pulse.check()?;
            let mut widths = vec![0; count.max(1).min(items.len())];
            let (mut total, mut used) = (0, 0);
            let fits = items.iter().enumerate().all(|(index, width)| {
                let column = index % count.max(1);
                if index < count {
                    used = index + 1;
                    total += if index > 0 { gap } else { 0 };
                }
                total += width.saturating_sub(widths[column]);
                widths[column] = widths[column].max(*width);
                total <= most
            });
            if fits || count <= 1 {
                return Ok(widths);
            }
            count = (used - 1).max(1);
        }
    }
}

impl Renderable for Columns<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let Ok(widths) = self.widths(context, most) else { return Measure::exactly(most) };
        let gap = self.padding.left.max(self.padding.right);
        Measure::exactly(widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1))
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let mut widths = self.widths(context, most)?;
        let count = widths.len();
        // As in a table without border: left paddings count and are not shown, the last right one neither.
        let frame = (self.padding.width() * count).saturating_sub(self.padding.right);
        let room = most.saturating_sub(frame);
        share::collapse(&mut widths, &vec![false; count], room);
        let total: usize = widths.iter().sum();
        if self.expand && total < room {
            let ratios: Vec<usize> = widths.iter().map(|width| (*width).max(1)).collect();
            for (width, more) in widths.iter_mut().zip(share::distribute(room - total, &ratios)) {
                *width += more;
            }
        }
        let mut cells: Vec<Lines<'a>> = widths.iter().map(|_| Lines::default()).collect();
        for row in self.items.chunks(count.max(1)) {
            cells.iter_mut().for_each(Lines::clear);
            for ((item, cell), width) in row.iter().zip(&mut cells).zip(&widths) {
                item.render(context, *width, cell)?;
                cell.finish();
            }
            let height = cells.iter().map(Lines::len).max().unwrap_or(0).max(1);
            for line in 0..height {
                for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                    let used = push_clipped(cell.line(line).0, *width, out)?;
                    out.push(Segment::blank(width - used))?;
                    if index + 1 < count {
                        out.push(Segment::blank(self.padding.right))?;
                    }
                }
                out.newline()?;
            }
        }
        Ok(())
    }
}
