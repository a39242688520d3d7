//! JSON, indented and coloured.
#![forbid(unsafe_code)]

use super::color::Color;
use super::json::{self, Mode, Value};
use super::paragraph::Paragraph;
use super::render::Widget;
use super::spec::{self, Fields};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;

struct Styles {
    braces: Style,
    brackets: Style,
    member: Style,
    colon: Style,
    comma: Style,
    string: Style,
    number: Style,
    boolean: Style,
    null: Style,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let source = spec::text(fields.required("json")?, &path.field("json"))?;
    let indentation = match fields.take("indentation") {
        None => "   ".to_owned(),
        Some(Value::String(text)) => text.into_owned(),
        Some(value) => " ".repeat(spec::size(&value, &path.field("indentation"))?.min(80)),
    };
    let mut style = |name, color: &str| {
        Ok::<_, Error>(
            fields.style(name)?.or_else(|| Color::named(color).map(Style::color)).unwrap_or_default(),
        )
    };
    let styles = Styles {
        braces: style("braces_style", "grey")?,
        brackets: style("brackets_style", "grey")?,
        member: style("member_style", "blue")?,
        colon: style("colon_style", "yellow")?,
        comma: style("comma_style", "grey")?,
        string: style("string_style", "red")?,
        number: style("number_style", "green")?,
        boolean: style("boolean_style", "green")?,
        null: style("null_style", "grey")?,
    };
    let value = json::parse(&source, Mode::Source).map_err(|found| path.field("json").says(found))?;
    let mut writer = Writer { styles, indentation, level: 0, pieces: Vec::new() };
    writer.value(&value);
    Ok(Widget::Text(Paragraph::of_pieces(writer.pieces)?))
}

struct Writer {
    styles: Styles,
    indentation: String,
    level: usize,
    pieces: Vec<(Cow<'static, str>, Style)>,
}

impl Writer {
    fn put(&mut self, text: impl Into<Cow<'static, str>>, style: Style) {
        self.pieces.push((text.into(), style));
    }

    fn line(&mut self) {
        let indentation = self.indentation.repeat(self.level);
        self.put(format!("\n{indentation}"), Style::PLAIN);
    }

    /// Depth is bounded by the reader.
    fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::Null => self.put("null", self.styles.null),
            Value::Bool(value) => self.put(if *value { "true" } else { "false" }, self.styles.boolean),
            Value::Number(text) => self.put((*text).to_owned(), self.styles.number),
            Value::String(text) => self.put(format!("\"{text}\""), self.styles.string),
            Value::Array(items) => {
                self.block(["[", "]"], self.styles.brackets, items, |writer, item| writer.value(item));
            }
            Value::Object(members) => {
                self.block(["{", "}"], self.styles.braces, members, |writer, (name, value)| {
                    writer.put(format!("\"{name}\""), writer.styles.member);
                    writer.put(":", writer.styles.colon);
                    writer.put(" ", Style::PLAIN);
                    writer.value(value);
                });
            }
        }
    }

    fn block<T>(&mut self, ends: [&'static str; 2], style: Style, items: &[T], one: impl Fn(&mut Self, &T)) {
        self.put(ends[0], style);
        self.level += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(",", self.styles.comma);
            }
            self.line();
            one(self, item);
        }
        self.level -= 1;
        self.line();
        self.put(ends[1], style);
    }
}
