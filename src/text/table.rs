//! Tables and grids: what they are made of, and how a spec says it.
#![forbid(unsafe_code)]

use super::border::Border;
use super::json::Value;
use super::paragraph::{Overflow, Paragraph};
use super::render::{Justify, Widget};
use super::spec::{self, Fields, Padding, Path};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;

/// A column: its header, its footer, and what holds for all of its cells.
pub(super) struct Column<'j> {
    pub(super) header: Widget<'j>,
    pub(super) footer: Option<Widget<'j>>,
    pub(super) padding: Padding,
    pub(super) width: Option<usize>,
    pub(super) no_wrap: bool,
    pub(super) align: Option<Justify>,
}

impl<'j> Column<'j> {
    pub(super) fn new(header: Widget<'j>, padding: Padding) -> Self {
        Self { header, footer: None, padding, width: None, no_wrap: false, align: None }
    }
}

/// A cell and the number of columns it covers.
pub(super) struct Cell<'j> {
    pub(super) content: Widget<'j>,
    pub(super) span: usize,
}

/// Rows and columns in a border. A grid is a table without one.
pub(super) struct Table<'j> {
    pub(super) columns: Vec<Column<'j>>,
    /// Cells of the rows; a row covers no more columns than there are, and may cover fewer.
    pub(super) rows: Vec<Vec<Cell<'j>>>,
    pub(super) border: &'static Border,
    pub(super) safe: bool,
    pub(super) style: Style,
    pub(super) title: Option<Paragraph<'j>>,
    pub(super) caption: Option<Paragraph<'j>>,
    pub(super) headers: bool,
    pub(super) footers: bool,
    pub(super) row_lines: bool,
    pub(super) expand: bool,
    pub(super) width: Option<usize>,
    pub(super) is_grid: bool,
    pub(super) pad_last: bool,
}

impl<'j> Table<'j> {
    /// A table without border or headers.
    pub(super) fn bare(columns: Vec<Column<'j>>, rows: Vec<Vec<Cell<'j>>>) -> Self {
        Self { headers: false, ..Self::bordered(columns, rows, Border::none()) }
    }

    /// A table in a border, or without one.
    pub(super) fn bordered(
        columns: Vec<Column<'j>>,
        rows: Vec<Vec<Cell<'j>>>,
        border: &'static Border,
    ) -> Self {
        Self {
            columns,
            rows,
            border,
            safe: true,
            style: Style::PLAIN,
            title: None,
            caption: None,
            headers: true,
            footers: true,
            row_lines: false,
            expand: false,
            width: None,
            is_grid: false,
            pad_last: true,
        }
    }
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let at = path.field("columns");
    let columns = fields.list("columns")?.into_iter().enumerate();
    let columns: Vec<_> =
        columns.map(|(index, value)| column(value, &at.index(index))).collect::<Result<_, _>>()?;
    let at = path.field("rows");
    let mut rows = Vec::new();
    for (index, value) in fields.list("rows")?.into_iter().enumerate() {
        rows.push(row(value, columns.len(), &at.index(index))?);
    }
    let at = path.field("operations");
    for (index, value) in fields.list("operations")?.into_iter().enumerate() {
        operate(value, &mut rows, columns.len(), &at.index(index))?;
    }
    Ok(Widget::new(Table {
        title: annotation(fields, "title", "silver")?,
        caption: annotation(fields, "caption", "grey")?,
        border: fields.border("border", true)?,
        safe: fields.flag("use_safe_border", true)?,
        style: fields.style("border_style")?.unwrap_or_default(),
        headers: fields.flag("show_headers", true)?,
        footers: fields.flag("show_footers", true)?,
        row_lines: fields.flag("show_row_separators", false)?,
        expand: fields.flag("expand", false)?,
        width: fields.size("width")?,
        ..Table::bordered(columns, rows, Border::none())
    }))
}

pub(super) fn grid<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let at = path.field("columns");
    let mut columns = Vec::new();
    let mut pad_last = true;
    for (index, value) in fields.list("columns")?.into_iter().enumerate() {
        let mut fields = spec::fields(value, "a grid column", at.index(index))?;
        let padding = fields.padding("padding")?;
        pad_last = padding.is_some(); // of the last column, only one it was given
        let mut column =
            Column::new(Widget::Text(Paragraph::empty()), padding.unwrap_or(Padding::new(0, 0, 2, 0)));
        column.width = fields.size("width")?;
        column.no_wrap = fields.flag("no_wrap", false)?;
        column.align = fields.justify("alignment")?;
        fields.finish()?;
        columns.push(column);
    }
    let at = path.field("rows");
    let rows = fields.list("rows")?.into_iter().enumerate();
    let rows: Vec<_> =
        rows.map(|(index, value)| row(value, columns.len(), &at.index(index))).collect::<Result<_, _>>()?;
    Ok(Widget::new(Table {
        is_grid: true,
        pad_last,
        expand: fields.flag("expand", false)?,
        width: fields.size("width")?,
        ..Table::bare(columns, rows)
    }))
}

fn column<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Column<'j>, Error> {
    let padding = Padding::new(1, 0, 1, 0);
    if !matches!(value, Value::Object(_)) {
        return Ok(Column::new(header(value, path)?, padding));
    }
    if spec::kind_of(&value).is_some() {
        return Ok(Column::new(spec::widget(value, path)?, padding));
    }
    let mut fields = spec::fields(value, "a column", *path)?;
    let at = path.field("header");
    let head = fields.take("header").map_or(Ok(Widget::Text(Paragraph::empty())), |value| {
        no_span(&value, "header", &at)?;
        header(value, &at)
    })?;
    let mut column = Column::new(head, fields.padding("padding")?.unwrap_or(padding));
    let at = path.field("footer");
    if let Some(value) = fields.take("footer") {
        no_span(&value, "footer", &at)?;
        column.footer = Some(cell(value, &at)?.content);
    }
    column.width = fields.size("width")?;
    column.no_wrap = fields.flag("no_wrap", false)?;
    column.align = fields.justify("alignment")?;
    fields.finish()?;
    Ok(column)
}

/// A header in a string ends in an ellipsis where it is too long; anything else is as it is in a cell.
fn header<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Widget<'j>, Error> {
    let mut made = cell(value, path)?.content;
    if let Widget::Text(text) = &mut made {
        text.overflow = Overflow::Ellipsis;
    }
    Ok(made)
}

fn no_span(value: &Value<'_>, place: &str, path: &Path<'_>) -> Result<(), Error> {
    if spec::kind_of(value) == Some("cell")
        && let Value::Object(members) = value
        && members.iter().any(|(name, value)| name == "span" && *value != Value::Number("1"))
    {
        return Err(path.says(format_args!("Column spanning is not supported in table {place} rows.")));
    }
    Ok(())
}

fn cell<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Cell<'j>, Error> {
    if spec::kind_of(&value) != Some("cell") {
        return Ok(Cell { content: spec::widget(value, path)?, span: 1 });
    }
    let mut fields = spec::fields(value, "a cell", *path)?;
    fields.take("type");
    let content = fields.content("content")?;
    let span = fields.whole("span")?.unwrap_or(1);
    fields.finish()?;
    let span = usize::try_from(span).ok().filter(|span| *span > 0);
    let span = span.ok_or_else(|| path.field("span").says("Column span must be at least 1."))?;
    Ok(Cell { content, span })
}

fn row<'j>(value: Value<'j>, columns: usize, path: &Path<'_>) -> Result<Vec<Cell<'j>>, Error> {
    let Value::Array(items) = value else {
        return Err(path.must("a list of cells", spec::shown(&value)));
    };
    let mut cells = Vec::with_capacity(items.len());
    let mut covered = 0_usize;
    for (index, value) in items.into_iter().enumerate() {
        let cell = cell(value, &path.index(index))?;
        covered = covered.saturating_add(cell.span);
        cells.push(cell);
    }
    if covered > columns {
        return Err(path.says(format_args!(
            "The number of row columns (including spans) are greater than the number of table columns. \
             Expected {columns} but got {covered}."
        )));
    }
    Ok(cells)
}

/// Inserts or removes a row, or replaces a cell.
fn operate<'j>(
    value: Value<'j>,
    rows: &mut Vec<Vec<Cell<'j>>>,
    columns: usize,
    path: &Path<'_>,
) -> Result<(), Error> {
    let mut fields = spec::fields(value, "an operation", *path)?;
    let op = spec::text(fields.required("op")?, &path.field("op"))?;
    match op.as_ref() {
        "insert_row" => {
            let at = index(&mut fields, "index", "row", rows.len() + 1)?;
            let cells = fields.required("cells")?;
            rows.insert(at, row(cells, columns, &path.field("cells"))?);
        }
        "remove_row" => {
            let at = index(&mut fields, "index", "row", rows.len())?;
            rows.remove(at);
        }
        "update_cell" => {
            let at = index(&mut fields, "row", "row", rows.len())?;
            let covered: usize = rows[at].iter().map(|cell| cell.span).sum();
            let cells = rows[at].len() + (columns - covered); // missing cells are there, and empty
            let column = index(&mut fields, "column", "column", cells)?;
            while rows[at].len() <= column {
                rows[at].push(Cell { content: Widget::Text(Paragraph::empty()), span: 1 });
            }
            let new = cell(fields.required("cell")?, &path.field("cell"))?;
            let covered: usize = rows[at].iter().map(|cell| cell.span).sum();
            if (covered - rows[at][column].span).saturating_add(new.span) > columns {
                return Err(path
                    .field("cell")
                    .must("no wider than its row", format_args!("a span of {}", new.span)));
            }
            rows[at][column] = new;
        }
        other => {
            let rule = "one of insert_row, remove_row, update_cell";
            return Err(path.field("op").must(rule, format_args!("{other:?}")));
        }
    }
    fields.finish()
}

fn index(fields: &mut Fields<'_, '_>, name: &'static str, what: &str, end: usize) -> Result<usize, Error> {
    let path = fields.path;
    let path = path.field(name);
    let Some(index) = fields.whole(name)? else { return Err(path.must("given", "nothing")) };
    match usize::try_from(index) {
        Ok(index) if index < end => Ok(index),
        Ok(_) => {
            Err(path.says(format_args!("Table {what} index cannot exceed the number of rows in the table.")))
        }
        Err(_) => Err(path.says(format_args!("Table {what} index cannot be negative."))),
    }
}

/// A title or a caption: a string or `{text, style}`.
fn annotation<'j>(
    fields: &mut Fields<'j, '_>,
    name: &'static str,
    color: &str,
) -> Result<Option<Paragraph<'j>>, Error> {
    let path = fields.path;
    let path = path.field(name);
    let mut style = super::color::Color::named(color).map(Style::color);
    let text: Cow<'j, str> = match fields.take(name) {
        None => return Ok(None),
        Some(Value::String(text)) => text,
        Some(value) => {
            let mut fields = spec::fields(value, "a string or a title", path)?;
            let text = spec::text(fields.required("text")?, &path.field("text"))?;
            style = fields.style("style")?.or(style);
            fields.finish()?;
            text
        }
    };
    let mut paragraph = spec::markup(text, style.unwrap_or_default(), &path)?;
    paragraph.justify = Some(Justify::Center);
    paragraph.overflow = Overflow::Ellipsis;
    Ok(Some(paragraph))
}
