//! Every renderable of the spec by its `type`.
#![forbid(unsafe_code)]

use super::json::Value;
use super::render::Widget;
use super::spec::{self, Fields, Path};
use super::stack::{self, Rows};
use super::{
    bar_chart, breakdown_chart, calendar, canvas, columns, figlet_text, file_size, json_text, layout, panel,
    progress_bar, rule, table, text_path, tree,
};
use crate::error::Error;

/// Makes the renderable of a type from its fields.
type Build = for<'j, 'f, 'p> fn(&'f mut Fields<'j, 'p>) -> Result<Widget<'j>, Error>;

const KINDS: &[(&str, Build)] = &[
    ("align", stack::align),
    ("bar_chart", bar_chart::build),
    ("breakdown_chart", breakdown_chart::build),
    ("calendar", calendar::build),
    ("canvas", canvas::build),
    ("columns", columns::build),
    ("figlet", figlet_text::build),
    ("file_size", file_size::build),
    ("grid", table::grid),
    ("json", json_text::build),
    ("layout", layout::build),
    ("markup", |fields| spec::paragraph(fields, true).map(Widget::Text)),
    ("padder", stack::padder),
    ("panel", panel::build),
    ("progress_bar", progress_bar::build),
    ("progress_column", file_size::column),
    ("rows", stack::rows),
    ("rule", rule::build),
    ("table", table::build),
    ("text", |fields| spec::paragraph(fields, false).map(Widget::Text)),
    ("text_path", text_path::build),
    ("tree", tree::build),
];

/// A list in place of a renderable: its items, one under the other.
pub(super) fn rows<'j>(items: Vec<Value<'j>>, path: &Path<'_>) -> Result<Widget<'j>, Error> {
    let items = items.into_iter().enumerate();
    let items: Result<_, _> = items.map(|(index, item)| spec::widget(item, &path.index(index))).collect();
    Ok(Widget::new(Rows::new(items?)))
}

/// The renderable of type `kind`.
pub(super) fn build<'j>(kind: &str, fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    match KINDS.iter().find(|(known, _)| *known == kind) {
        Some((_, build)) => build(fields),
        None => {
            let known = KINDS.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
            let path = fields.path;
            Err(path.field("type").must(&format!("one of {known}"), format_args!("{kind:?}")))
        }
    }
}
