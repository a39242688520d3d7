//! What TOML and JSON have in common: values, and the line each stands on.
#![forbid(unsafe_code)]

use crate::error::Error;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

/// A value somebody wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub what: What,
    /// Its line, from 1 on, where that is known.
    pub line: Option<usize>,
}

/// The value of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// JSON's null.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Whole(i128),
    /// Another number.
    Real(f64),
    /// Text; of TOML also dates and times.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Names and values, in order.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// Reads JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] that starts with `place` and says what is wrong on which line.
    pub fn from_json(text: &str, place: &str) -> Result<Self, Error> {
        let value: Json = serde_json::from_str(text)
            .map_err(|error| Error::Invalid(format!("{place} is not JSON: {error}")))?;
        Ok(json(value))
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`Error::Invalid`] that starts with `place` and says what is wrong on which line.
    pub fn from_toml(text: &str, place: &str) -> Result<Self, Error> {
        let lines = Lines::of(text);
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.at(span.start));
            Error::Invalid(format!(
                "{place} line {line} is not TOML: {}",
                error.message().replace('\n', ", ")
            ))
        })?;
        let start = table.span().start;
        self::table(table.into_inner(), &lines, start)
    }

    /// The kind of value and the value, for a message: `got "x"`.
    pub fn shown(&self) -> String {
        match &self.what {
            What::Null => "null".to_owned(),
            What::Bool(value) => value.to_string(),
            What::Whole(value) => value.to_string(),
            What::Real(value) => format!("{value:?}"),
            What::Text(text) => format!("{:?}", cut(text)),
            What::List(items) => format!("a list of {}", items.len()),
            What::Table(_) => "a table".to_owned(),
        }
    }
}

/// The beginning of a text that may be long.
pub fn cut(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn json(value: Json) -> Node {
    let what = match value {
        Json::Null => What::Null,
        Json::Bool(value) => What::Bool(value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => What::Whole(value.into()),
            (_, Some(value)) => What::Whole(value.into()),
            _ => What::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => What::Text(text),
        Json::Array(items) => What::List(items.into_iter().map(json).collect()),
        Json::Object(members) => {
            What::Table(members.into_iter().map(|(name, value)| (name, json(value))).collect())
        }
    };
    Node { what, line: None }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }
}

fn table(table: DeTable<'_>, lines: &Lines, start: usize) -> Result<Node, Error> {
    let mut members = Vec::with_capacity(table.len());
    for (name, value) in table {
        // A value's line is that of its name: that is what an editor should jump to.
        let at = name.span().start;
        members.push((name.into_inner().into_owned(), of_toml(value.into_inner(), lines, at)?));
    }
    Ok(Node { what: What::Table(members), line: Some(lines.at(start)) })
}

fn of_toml(value: DeValue<'_>, lines: &Lines, start: usize) -> Result<Node, Error> {
    let line = lines.at(start);
    let number = |text: &str| Error::Invalid(format!("line {line}: the number {text} is too large"));
    let what = match value {
        DeValue::String(text) => What::Text(text.into_owned()),
        DeValue::Integer(digits) => match i128::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(value) => What::Whole(value),
            Err(_) => return Err(number(digits.as_str())),
        },
        DeValue::Float(digits) => match digits.as_str().parse() {
            Ok(value) => What::Real(value),
            Err(_) => return Err(number(digits.as_str())),
        },
        DeValue::Boolean(value) => What::Bool(value),
        DeValue::Datetime(moment) => What::Text(moment.to_string()),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| {
                let at = item.span().start;
                of_toml(item.into_inner(), lines, at)
            });
            What::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(members) => return table(members, lines, start),
    };
    Ok(Node { what, line: Some(line) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_knows_its_lines() {
        let text =
            "title = \"x\"\n\n[[rules]]\nrule = \"range\"\nmin = 1.5\nvalues = [\n  1,\n  2024-01-01,\n]\n";
        let Node { what: What::Table(members), .. } = Node::from_toml(text, "rules").unwrap() else {
            panic!()
        };
        let rules = &members.iter().find(|(name, _)| name == "rules").unwrap().1;
        let What::List(items) = &rules.what else { panic!("{rules:?}") };
        assert_eq!(items[0].line, Some(3));
        let What::Table(rule) = &items[0].what else { panic!() };
        let of = |name: &str| &rule.iter().find(|(known, _)| known == name).unwrap().1;
        assert_eq!((&of("min").what, of("min").line), (&What::Real(1.5), Some(5)));
        let What::List(values) = &of("values").what else { panic!() };
        assert_eq!((&values[1].what, values[1].line), (&What::Text("2024-01-01".into()), Some(8)));
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        let error = Node::from_toml("a = 1\nb = = 2\n", "rules.toml").unwrap_err().to_string();
        assert!(error.starts_with("rules.toml line 2 is not TOML: "), "{error}");
        let error = Node::from_json("[1,\n 2 3]", "rules").unwrap_err().to_string();
        assert!(error.starts_with("rules is not JSON: ") && error.contains("line 2"), "{error}");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Node::from_json(&deep, "rules").is_err());
        assert!(Node::from_toml(&format!("a = {deep}"), "rules").is_err());
    }
}
