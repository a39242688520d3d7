//! How wide the columns of a table are, and its lines.
//!
//! Rows are laid out one at a time and handed on, so memory is that of one row however many there are.
#![forbid(unsafe_code)]

use super::border::{Border, Part};
use super::paragraph::Paragraph;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::{Lines, Segment, Sink, push_clipped};
use super::share;
use super::table::{Cell, Column, Table};
use crate::error::Error;

impl Table<'_> {
    /// Cells that belong to no column: edges, separators, padding.
    fn frame(&self) -> i64 {
        let visible = self.border.is_visible();
        let padded = self.border.is_padded();
        let columns = self.columns.len() as i64;
        let separators = if visible { columns - 1 } else { 0 };
        let edges = if visible && padded { 2 } else { 0 };
        let mut padding = 0;
        if padded {
            padding = self.columns.iter().map(|column| column.padding.width() as i64).sum();
            if !self.pad_last {
                padding -= self.columns.last().map_or(0, |column| column.padding.right as i64);
            }
        }
        separators + edges + padding
    }

    /// Cells there are for the columns' contents; below zero when the frame alone is too wide.
    fn room(&self, most: usize) -> i64 {
        self.width.map_or(most, |width| width.min(most)) as i64 - self.frame()
    }

    fn has_footers(&self) -> bool {
        self.footers && self.columns.iter().any(|column| column.footer.is_some())
    }

    /// Each column's measure, of header, footer and all cells.
    fn measures(&self, context: &Context<'_>, room: usize, need_min: bool) -> Vec<Measure> {
        // A minimum costs a pass over the words, which only a parent's question is worth.
        let of = |widget: &Widget<'_>| match widget {
            Widget::Text(text) if !need_min => Measure { min: 0, max: text.widest().min(room) },
            widget => widget.measure(context, room),
        };
        let heads = self.columns.iter().map(|column| {
            let header = of(&column.header);
            match column.footer.as_ref().map(of) {
                Some(footer) => Measure { min: header.min.min(footer.min), max: header.max.max(footer.max) },
                None => header,
            }
        });
        let mut measures: Vec<Measure> = heads.collect();
        for row in &self.rows {
            let mut column = 0;
            for Cell { content, span } in row {
                let whole = of(content);
                let share = Measure { min: whole.min / span, max: whole.max / span };
                for measure in &mut measures[column..column + span] {
                    *measure = measure.or(share);
                }
                column += span;
            }
        }
        for (measure, column) in measures.iter_mut().zip(&self.columns) {
            if let Some(width) = column.width {
                *measure = Measure::exactly(width);
            }
        }
        measures
    }

    /// The columns' widths, or None when not even empty ones fit.
    fn widths(&self, context: &Context<'_>, most: usize) -> Option<Vec<usize>> {
        let room = usize::try_from(self.room(most)).ok()?;
        let mut widths: Vec<usize> =
            self.measures(context, room, false).iter().map(|measure| measure.max).collect();
        if widths.iter().sum::<usize>() > room {
            let wrappable: Vec<bool> = self.columns.iter().map(|column| !column.no_wrap).collect();
            share::collapse(&mut widths, &wrappable, room);
        }
        let total: usize = widths.iter().sum();
        if total < room && self.expand {
            let flexible = self.columns.iter().map(|column| column.width.is_none());
            let ratios: Vec<usize> = flexible
                .zip(&widths)
                .map(|(flexible, width)| if flexible { (*width).max(1) } else { 0 })
                .collect();
            if ratios.iter().any(|ratio| *ratio > 0) {
                for (width, more) in widths.iter_mut().zip(share::distribute(room - total, &ratios)) {
                    *width += more;
                }
            }
        }
        let total = widths.iter().sum::<usize>() as i64 + self.frame();
        (total > 0 && total <= most as i64).then_some(widths)
    }
}

impl Renderable for Table<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        if self.columns.is_empty() {
            return Measure::default();
        }
        let frame = usize::try_from(self.frame()).unwrap_or(0);
        let room = usize::try_from(self.room(most)).unwrap_or(0);
        let columns = self.measures(context, room, true);
        let min = columns.iter().map(|column| column.min).sum::<usize>() + frame;
        let max = columns.iter().map(|column| column.max).sum::<usize>() + frame;
        Measure { min, max: self.width.unwrap_or(max) }
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let Some(widths) = self.widths(context, most) else {
            let mark = Segment::new(if context.unicode { "…" } else { "..." }, self.style);
            return out.push(mark.fitting(most));
        };
        let width = (widths.iter().sum::<usize>() as i64 + self.frame()).max(0) as usize;
        let border = self.border.shown(context.unicode, self.safe);
        let mut painter = Painter {
            table: self,
            border,
            context: *context,
            cells: widths.iter().map(|_| Lines::default()).collect(),
            widths,
            out,
        };
        painter.annotation(self.title.as_ref(), width)?;
        painter.table()?;
        painter.annotation(self.caption.as_ref(), width)
    }
}

/// Draws one table.
struct Painter<'t, 'a, 'p> {
    table: &'a Table<'a>,
    border: &'static Border,
    context: Context<'p>,
    widths: Vec<usize>,
    /// The laid out cells of the row at hand, by their first column.
    cells: Vec<Lines<'a>>,
    out: &'t mut dyn Sink<'a>,
}

/// What is drawn around a row.
#[derive(Clone, Copy, Default)]
struct Place {
    is_first: bool,
    is_last: bool,
    before_footer: bool,
}

impl<'a> Painter<'_, 'a, '_> {
    fn annotation(&mut self, text: Option<&'a Paragraph<'a>>, width: usize) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        text.render(&self.context, width, self.out)?;
        self.out.newline()
    }

    fn table(&mut self) -> Result<(), Error> {
        let table = self.table;
        let has_footers = table.has_footers();
        let count = table.rows.len();
        if table.headers {
            let cells: Vec<_> = table.columns.iter().map(|column| (Some(&column.header), 1)).collect();
            let place = Place { is_first: true, is_last: count == 0 && !has_footers, before_footer: false };
            self.row(&cells, place, false)?;
        }
        let mut cells = Vec::new();
        for (index, row) in table.rows.iter().enumerate() {
            self.context.pulse.check()?;
            cells.clear();
            cells.extend(row.iter().map(|cell| (Some(&cell.content), cell.span)));
            let place = Place {
                is_first: index == 0 && !table.headers,
                is_last: index + 1 == count && !has_footers,
                before_footer: index + 1 == count && has_footers,
            };
            self.row(&cells, place, false)?;
        }
        if has_footers {
            let cells: Vec<_> = table.columns.iter().map(|column| (column.footer.as_ref(), 1)).collect();
            let is_first = !table.headers && count == 0;
            self.row(&cells, Place { is_first, is_last: true, before_footer: false }, true)?;
        }
        Ok(())
    }

    /// Lays out the cells of a row and draws it with what belongs around it.
    fn row(
        &mut self,
        cells: &[(Option<&'a Widget<'a>>, usize)],
        place: Place,
        is_footer: bool,
    ) -> Result<(), Error> {
        self.cells.iter_mut().for_each(Lines::clear);
        let mut column = 0;
        let mut spans = Vec::with_capacity(self.widths.len());
        for (content, span) in cells {
            let width = self.covered(column, *span);
            let context = Context { justify: self.table.columns[column].align, ..self.context };
            if let Some(content) = content {
                content.render(&context, width, &mut self.cells[column])?;
                self.cells[column].finish();
            }
            spans.push(*span);
            column += span;
        }
        spans.resize(spans.len() + self.widths.len() - column, 1); // a short row ends in empty cells
        self.laid_out(&spans, place, is_footer)
    }

    /// Cells between the paddings of a cell that covers `span` columns from `column` on.
    fn covered(&self, column: usize, span: usize) -> usize {
        let inner = self.pads();
        let more = (column + 1..column + span).map(|column| {
            let padding = if inner { self.table.columns[column].padding.width() } else { 0 };
            self.widths[column] + padding + usize::from(self.border.is_visible())
        });
        self.widths[column] + more.sum::<usize>()
    }

    /// Whether cells are padded on both sides.
    fn pads(&self) -> bool {
        self.border.is_visible() && self.border.is_padded() || self.table.is_grid
    }

    fn laid_out(&mut self, spans: &[usize], place: Place, is_footer: bool) -> Result<(), Error> {
        let visible = self.border.is_visible();
        if visible && place.is_first {
            self.line(Part::Top)?;
        }
        if visible && is_footer {
            self.line(Part::FootStart)?;
        }
        let is_header = place.is_first && self.table.headers;
        self.cell_lines(spans, is_header)?;
        if !visible {
            return Ok(());
        }
        let has_rows = !self.table.rows.is_empty();
        if is_header && has_rows {
            self.line(Part::HeadEnd)?;
        }
        let between = !place.is_last && !place.before_footer && !is_header;
        if self.table.row_lines && between && self.border.has_row_lines() {
            self.line(Part::Between)?;
        }
        if place.is_last {
            self.line(Part::Bottom)?;
        }
        Ok(())
    }

    /// The lines of a row, edge to edge.
    fn cell_lines(&mut self, spans: &[usize], is_header: bool) -> Result<(), Error> {
        let visible = self.border.is_visible();
        let [left, _, separator, right] = self.border.line(if is_header { Part::Head } else { Part::Cell });
        let style = self.table.style;
        let pads = self.pads();
        let height = self.cells.iter().map(Lines::len).max().unwrap_or(0).max(1);
        for line in 0..height {
            if visible {
                self.out.push(Segment::new(left, style))?;
            }
            let mut column = 0;
            for span in spans {
                let width = self.covered(column, *span);
                let last = column + span == self.widths.len();
                let before = self.table.columns[column].padding.left;
                if pads && before > 0 {
                    self.out.push(Segment::blank(before))?;
                }
                let (segments, used) = self.cells[column].line(line);
                let used = if used <= width {
                    for segment in segments {
                        self.out.push(*segment)?;
                    }
                    used
                } else {
                    push_clipped(segments, width, self.out)?
                };
                if used < width {
                    self.out.push(Segment::blank(width - used))?;
                }
                let after = self.table.columns[column + span - 1].padding.right;
                let wanted = visible && self.border.is_padded()
                    || !visible && (!last || self.table.is_grid && self.table.pad_last);
                if wanted && after > 0 {
                    self.out.push(Segment::blank(after))?;
                }
                if visible {
                    self.out.push(Segment::new(if last { right } else { separator }, style))?;
                }
                column += span;
            }
            self.out.newline()?;
        }
        Ok(())
    }

    /// A horizontal line of the border; none at all where it has nothing to show.
    fn line(&mut self, part: Part) -> Result<(), Error> {
        let [left, fill, separator, right] = self.border.line(part);
        let markdown = self.border.name == "markdown";
        if left.is_empty() && fill.is_empty() || markdown && part == Part::FootStart {
            return Ok(());
        }
        let style = self.table.style;
        let mut joined = false;
        let mut push = |segment: Segment<'static>| {
            let segment = Segment { joined, ..segment };
            joined = true;
            self.out.push(segment)
        };
        push(Segment::new(left, style))?;
        for (index, (Column { padding, align, .. }, width)) in
            self.table.columns.iter().zip(&self.widths).enumerate()
        {
            if index > 0 {
                push(Segment::new(separator, style))?;
            }
            if markdown && part == Part::HeadEnd {
                let colons = match align {
                    None => (0, 0),
                    Some(Justify::Left) => (1, 0),
                    Some(Justify::Right) => (0, 1),
                    Some(Justify::Center) => (1, 1),
                };
                push(Segment::repeat(" ", padding.left, style))?;
                push(Segment::repeat(":", colons.0, style))?;
                push(Segment::repeat(fill, width.saturating_sub(colons.0 + colons.1), style))?;
                push(Segment::repeat(":", colons.1, style))?;
                push(Segment::repeat(" ", padding.right, style))?;
            } else if self.border.is_padded() {
                push(Segment::repeat(fill, padding.left + width + padding.right, style))?;
            } else {
                push(Segment::repeat(fill, *width, style))?;
            }
        }
        push(Segment::new(right, style))?;
        self.out.newline()
    }
}
