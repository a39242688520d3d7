//! Reads a render spec: JSON to widgets, with every mistake named by the path to its field.
#![forbid(unsafe_code)]

mod path;

use super::border::Border;
use super::color::Color;
use super::json::Value;
use super::paragraph::{Overflow, Paragraph};
use super::render::{Justify, Widget};
use super::style::{self, Style};
use super::widgets;
use crate::error::Error;
pub(super) use path::Path;
use std::borrow::Cow;
use std::rc::Rc;

/// Most cells, lines or pixels a field may ask for.
pub(super) const MOST: usize = 100_000;

/// A value as a message shows it.
pub(super) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) if text.len() <= 40 => (*text).to_owned(),
        Value::Number(_) => "a very long number".to_owned(),
        Value::String(text) if text.chars().count() <= 40 => format!("{text:?}"),
        Value::String(text) => format!("{:?}...", text.chars().take(40).collect::<String>()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The fields of one object, taken one by one; what is left at the end is refused.
pub(super) struct Fields<'j, 'p> {
    kind: &'p str,
    members: Vec<(Cow<'j, str>, Option<Value<'j>>)>,
    pub(super) path: Path<'p>,
    asked: Vec<&'static str>,
}

impl<'j, 'p> Fields<'j, 'p> {
    /// `kind` is what the object is called in a message.
    pub(super) fn new(members: Vec<(Cow<'j, str>, Value<'j>)>, kind: &'p str, path: Path<'p>) -> Self {
        let members = members.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Self { kind, members, path, asked: Vec::new() }
    }

    /// The value of a field; None when it is absent or null.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value<'j>> {
        self.asked.push(name);
        let member = self.members.iter_mut().find(|(given, value)| given == name && value.is_some())?;
        member.1.take().filter(|value| *value != Value::Null)
    }

    /// Refuses fields nobody asked for.
    pub(super) fn finish(self) -> Result<(), Error> {
        let Some((name, _)) = self.members.iter().find(|(_, value)| value.is_some()) else { return Ok(()) };
        let kind = self.kind;
        if self.asked.iter().any(|asked| asked == name) {
            return Err(self.path.says(format_args!("field {name:?} is given twice")));
        }
        let fields = self.asked.join(", ");
        Err(self.path.says(format_args!("{name:?} is not a field of {kind}; it has {fields}")))
    }

    /// Whether any of the object is still there to be read.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<Cow<'j, str>>, Error> {
        self.take(name).map(|value| text(value, &self.path.field(name))).transpose()
    }

    pub(super) fn required(&mut self, name: &'static str) -> Result<Value<'j>, Error> {
        let kind = self.kind;
        self.take(name).ok_or_else(|| self.path.says(format_args!("{kind} needs the field {name:?}")))
    }

    /// A renderable that has to be given; `null` is one, and shows nothing.
    pub(super) fn content(&mut self, name: &'static str) -> Result<Widget<'j>, Error> {
        self.asked.push(name);
        let member = self.members.iter_mut().find(|(given, value)| given == name && value.is_some());
        match member.and_then(|member| member.1.take()) {
            Some(value) => widget(value, &self.path.field(name)),
            None => self.required(name).map(|_| Widget::Text(Paragraph::empty())),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> Result<bool, Error> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(other) => Err(self.path.field(name).must("true or false", shown(&other))),
        }
    }

    /// A count of cells or lines, 0..=100000.
    pub(super) fn size(&mut self, name: &'static str) -> Result<Option<usize>, Error> {
        self.take(name).map(|value| size(&value, &self.path.field(name))).transpose()
    }

    /// A whole number that may be negative.
    pub(super) fn whole(&mut self, name: &'static str) -> Result<Option<i64>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        whole(&value).map(Some).ok_or_else(|| self.path.field(name).must("a whole number", shown(&value)))
    }

    /// A finite number.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>, Error> {
        self.take(name).map(|value| finite(value, &self.path.field(name))).transpose()
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Value::String(word) = &value
            && let Some((_, chosen)) = words.iter().find(|(known, _)| known == word)
        {
            return Ok(Some(*chosen));
        }
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        Err(self.path.field(name).must(&format!("one of {known}"), shown(&value)))
    }

    pub(super) fn justify(&mut self, name: &'static str) -> Result<Option<Justify>, Error> {
        let words = [("left", Justify::Left), ("right", Justify::Right), ("center", Justify::Center)];
        self.choice(name, &words)
    }

    pub(super) fn style(&mut self, name: &'static str) -> Result<Option<Style>, Error> {
        let Some(words) = self.text(name)? else { return Ok(None) };
        if words.trim().is_empty() {
            return Ok(None);
        }
        let tag = style::parse(words.trim()).map_err(|sentence| self.path.field(name).says(sentence))?;
        Ok(Some(tag.style))
    }

    pub(super) fn color(&mut self, name: &'static str) -> Result<Option<Color>, Error> {
        let Some(word) = self.text(name)? else { return Ok(None) };
        if word == "default" {
            return Ok(Some(Color::Default));
        }
        match style::color(&word) {
            Ok(Some(color)) => Ok(Some(color)),
            Ok(None) => Err(self
                .path
                .field(name)
                .must("a color (a name, #rrggbb, rgb(r,g,b) or 0..=255)", format_args!("{word:?}"))),
            Err(sentence) => Err(self.path.field(name).says(sentence)),
        }
    }

    pub(super) fn border(&mut self, name: &'static str, columns: bool) -> Result<&'static Border, Error> {
        let word = self.text(name)?.unwrap_or(Cow::Borrowed("square"));
        match Border::named(&word) {
            Some(border) if border.has_columns || !columns => Ok(border),
            _ => {
                let names = Border::names(columns);
                Err(self.path.field(name).must(&format!("one of {names}"), format_args!("{word:?}")))
            }
        }
    }

    /// `[left, top, right, bottom]`.
    pub(super) fn padding(&mut self, name: &'static str) -> Result<Option<Padding>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let path = self.path.field(name);
        let Value::Array(sides) = &value else {
            return Err(path.must("a list [left, top, right, bottom]", shown(&value)));
        };
        let [left, top, right, bottom] = sides.as_slice() else {
            return Err(path.must("a list [left, top, right, bottom]", shown(&value)));
        };
        let side = |index: usize, value: &Value<'_>| size(value, &path.index(index));
        Ok(Some(Padding {
            left: side(0, left)?,
            top: side(1, top)?,
            right: side(2, right)?,
            bottom: side(3, bottom)?,
        }))
    }

    /// The items of a list; none when the field is absent.
    pub(super) fn list(&mut self, name: &'static str) -> Result<Vec<Value<'j>>, Error> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.path.field(name).must("a list", shown(&other))),
        }
    }

    pub(super) fn widget(&mut self, name: &'static str) -> Result<Option<Widget<'j>>, Error> {
        self.take(name).map(|value| widget(value, &self.path.field(name))).transpose()
    }

    pub(super) fn widgets(&mut self, name: &'static str) -> Result<Vec<Widget<'j>>, Error> {
        let path = self.path;
        let path = path.field(name);
        let items = self.list(name)?.into_iter().enumerate();
        items.map(|(index, item)| widget(item, &path.index(index))).collect()
    }
}

/// Blank cells and lines around something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Padding {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

impl Padding {
    pub(super) const fn new(left: usize, top: usize, right: usize, bottom: usize) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(self) -> usize {
        self.left + self.right
    }
}

fn whole(value: &Value<'_>) -> Option<i64> {
    let Value::Number(text) = value else { return None };
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number = text.parse::<f64>().ok()?; // 3.0 and 1e2 are whole
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// A number that is neither NaN nor infinite.
pub(super) fn finite(value: Value<'_>, path: &Path<'_>) -> Result<f64, Error> {
    if let Value::Number(text) = value
        && let Ok(number) = text.parse::<f64>()
        && number.is_finite()
    {
        return Ok(number);
    }
    Err(path.must("a finite number", shown(&value)))
}

/// A count in 0..=[`MOST`].
pub(super) fn size(value: &Value<'_>, path: &Path<'_>) -> Result<usize, Error> {
    match whole(value).map(usize::try_from) {
        Some(Ok(size)) if size <= MOST => Ok(size),
        _ => Err(path.must(&format!("a whole number in 0..={MOST}"), shown(value))),
    }
}

pub(super) fn text<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Cow<'j, str>, Error> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(path.must("a string", shown(&other))),
    }
}

/// The members of an object that is called `kind` in a message.
pub(super) fn fields<'j, 'p>(
    value: Value<'j>,
    kind: &'p str,
    path: Path<'p>,
) -> Result<Fields<'j, 'p>, Error> {
    match value {
        Value::Object(members) => Ok(Fields::new(members, kind, path)),
        other => Err(path.must(&format!("{kind} object"), shown(&other))),
    }
}

/// The type an object declares.
pub(super) fn kind_of<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    let Value::Object(members) = value else { return None };
    match members.iter().find(|(name, _)| name == "type") {
        Some((_, Value::String(kind))) => Some(kind),
        _ => None,
    }
}

/// Any renderable: markup in a string, a number as it is written, `null` for nothing, or an object.
pub(super) fn widget<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Widget<'j>, Error> {
    let members = match value {
        Value::String(text) => return markup(text, Style::PLAIN, path).map(Widget::Text),
        Value::Number(text) => return Paragraph::plain(Cow::Borrowed(text), Style::PLAIN).map(Widget::Text),
        Value::Null => return Ok(Widget::Text(Paragraph::empty())),
        Value::Object(members) => members,
        Value::Array(items) => return widgets::rows(items, &path.deeper()?),
        other @ Value::Bool(_) => {
            return Err(path.must("a string, a number, a list or an object with a \"type\"", shown(&other)));
        }
    };
    let path = path.deeper()?;
    let mut fields = Fields::new(members, "", path);
    let kind = text(fields.required("type")?, &path.field("type"))?;
    fields.kind = &kind;
    let made = widgets::build(&kind, &mut fields)?;
    fields.finish()?;
    Ok(made)
}

/// Markup whose mistakes are told with their path.
pub(super) fn markup<'j>(text: Cow<'j, str>, style: Style, path: &Path<'_>) -> Result<Paragraph<'j>, Error> {
    Paragraph::markup(text, style).map_err(|sentence| path.says(sentence))
}

/// `text` and `markup`, which differ in how the text is read.
pub(super) fn paragraph<'j>(fields: &mut Fields<'j, '_>, is_markup: bool) -> Result<Paragraph<'j>, Error> {
    let path = fields.path;
    let content = text(fields.required("text")?, &path.field("text"))?;
    let words = fields.text("style")?.unwrap_or_default();
    let path_of_style = path.field("style");
    let words = words.trim();
    let tag = if words.is_empty() {
        style::Tag::default()
    } else {
        style::parse(words).map_err(|sentence| path_of_style.says(sentence))?
    };
    let mut paragraph = if is_markup {
        markup(content, tag.style, &path.field("text"))?
    } else {
        Paragraph::plain(content, tag.style)?
    };
    if let Some(url) = tag.link {
        let link = super::markup::Link::new(url).map_err(|sentence| path_of_style.says(sentence))?;
        paragraph = paragraph.linked(Some(Rc::new(link)));
    }
    paragraph.justify = fields.justify("justify")?;
    let words = [("fold", Overflow::Fold), ("crop", Overflow::Crop), ("ellipsis", Overflow::Ellipsis)];
    paragraph.overflow = fields.choice("overflow", &words)?.unwrap_or_default();
    Ok(paragraph)
}
