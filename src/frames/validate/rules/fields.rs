//! The fields of a rule, taken out one by one, and what is said of those that are wrong.
#![forbid(unsafe_code)]

use super::{Expression, Scalar};
use crate::error::Error;
use crate::frames::validate::expression;
use crate::frames::validate::node::{Node, What};

/// `rules.toml line 12: rules[3]`, as much of it as is known.
pub fn placed(source: &str, line: Option<usize>, path: &str) -> String {
    match (source.is_empty(), line) {
        (true, None) => path.to_owned(),
        (true, Some(line)) => format!("line {line}: {path}"),
        (false, None) => format!("{source}: {path}"),
        (false, Some(line)) => format!("{source} line {line}: {path}"),
    }
}

/// A hint at the known word nearest to one that is not known; empty when none is near.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let near = known.map(|known| (distance(word, known), known)).min();
    match near {
        Some((steps, known)) if steps <= 1 + known.chars().count() / 4 => {
            format!("; did you mean {known:?}?")
        }
        _ => String::new(),
    }
}

/// Letters to change, add or drop, and neighbours to swap, to make one word the other (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).flat_map(char::to_lowercase).collect();
    let other: Vec<char> = other.chars().take(64).flat_map(char::to_lowercase).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

/// The fields of one rule, taken out one by one.
pub struct Fields<'n> {
    /// Names and values.
    pub members: &'n [(String, Node)],
    /// Where the rule stands among the others.
    pub path: String,
    /// Where the text is from.
    pub source: &'n str,
}

impl<'n> Fields<'n> {
    /// A field, unless it is null, which is as good as nothing.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        let found = self.members.iter().find(|(known, _)| known == name).map(|(_, node)| node);
        found.filter(|node| node.what != What::Null) // null is as good as nothing
    }

    /// The error of a field that must be something else.
    pub fn wrong(&self, name: &str, node: &Node, must: &str) -> Error {
        let place = placed(self.source, node.line, &self.path);
        Error::Invalid(format!("{place}.{name} must be {must}, got {}", node.shown()))
    }

    /// The error of a field that must be there.
    pub fn missing(&self, line: Option<usize>, name: &str, what: &str) -> Error {
        let place = placed(self.source, line, &self.path);
        Error::Invalid(format!("{place} needs {name}, {what}"))
    }

    /// A field of text.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn text(&self, name: &str) -> Result<Option<&'n str>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match &node.what {
            What::Text(text) => Ok(Some(text)),
            _ => Err(self.wrong(name, node, "text")),
        }
    }

    /// A field that is true or false.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match node.what {
            What::Bool(value) => Ok(Some(value)),
            _ => Err(self.wrong(name, node, "true or false")),
        }
    }

    /// A field that counts something.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn count(&self, name: &str) -> Result<Option<u64>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let whole = match node.what {
            What::Whole(value) => Some(value),
            What::Real(value) if value.fract() == 0.0 => Some(value as i128),
            _ => None,
        };
        match whole.and_then(|value| u64::try_from(value).ok()) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(name, node, "an integer of at least 0")),
        }
    }

    /// A field of one name or of several.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn names(&self, name: &str) -> Result<Vec<String>, Error> {
        let Some(node) = self.get(name) else { return Ok(Vec::new()) };
        match &node.what {
            What::Text(text) => Ok(vec![text.clone()]),
            What::List(items) => {
                let name_of = |(index, item): (usize, &Node)| match &item.what {
                    What::Text(text) => Ok(text.clone()),
                    _ => Err(self.wrong(&format!("{name}[{index}]"), item, "the name of a column")),
                };
                items.iter().enumerate().map(name_of).collect()
            }
            _ => Err(self.wrong(name, node, "a name or a list of names")),
        }
    }

    /// A value: a bound, or a member of a set.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn scalar(&self, name: &str, node: &Node) -> Result<Scalar, Error> {
        match &node.what {
            What::Bool(value) => Ok(Scalar::Bool(*value)),
            What::Whole(value) => Ok(Scalar::Whole(*value)),
            What::Real(value) if value.is_finite() => Ok(Scalar::Real(*value)),
            What::Text(text) => Ok(Scalar::Text(text.clone())),
            What::Real(_) => Err(self.wrong(name, node, "finite")),
            _ => Err(self.wrong(name, node, "a number or text")),
        }
    }

    /// A field that bounds values.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn bound(&self, name: &str) -> Result<Option<Scalar>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match self.scalar(name, node)? {
            Scalar::Bool(_) => Err(self.wrong(name, node, "a number, a date or text")),
            bound => Ok(Some(bound)),
        }
    }

    /// A field that holds an expression.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place.
    pub fn expression(&self, name: &str) -> Result<Option<Expression>, Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let line = self.get(name).and_then(|node| node.line);
        let place = placed(self.source, line, &self.path);
        let ast = expression::parse(text)
            .map_err(|wrong| Error::Invalid(wrong.written(&format!("{place}.{name}"), text)))?;
        Ok(Some(Expression { text: text.to_owned(), ast }))
    }
}
