//! Rules as people write them, in TOML, JSON or Python: read, checked, and spelled out again.
#![forbid(unsafe_code)]

use super::duration;
use super::expression::{self, Ast};
use super::node::{Node, What, cut};
use super::pattern::Pattern;
use crate::error::Error;
use serde_json::{Map, Value as Json, json};

/// Most rules of one set; far above what a person writes, far below what would hurt.
const MOST: usize = 100_000;

/// Some rules, each known to make sense by itself.
#[derive(Clone, Debug)]
pub struct Rules(pub Vec<Rule>);

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it asks for.
    pub kind: Kind,
    /// What the user calls it.
    pub name: Option<String>,
    /// The rows it is about; all when there is none.
    pub filter: Option<Expression>,
    /// The share of rows that must pass.
    pub mostly: f64,
    /// Whether failing is an error rather than a warning.
    pub is_error: bool,
    /// Where it was written, as errors say it: `rules.toml line 12: rules[3]`.
    pub place: String,
}

/// An expression, read.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// As read.
    pub ast: Ast,
}

/// A value in a rule: a bound, or a member of a set.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Whole(i128),
    /// Another finite number.
    Real(f64),
    /// Text; for columns of dates, times and decimals, how they are written.
    Text(String),
}

/// What a rule asks for.
#[derive(Clone, Debug)]
pub enum Kind {
    /// No value is missing.
    NotNull {
        /// Columns, all of them.
        columns: Vec<String>,
    },
    /// No two rows have the same values.
    Unique {
        /// Columns that are compared together.
        columns: Vec<String>,
        /// Columns of the groups inside which values must differ.
        within: Vec<String>,
    },
    /// Values lie between two bounds.
    Range {
        /// The column.
        column: String,
        /// Lower bound.
        min: Option<Scalar>,
        /// Upper bound.
        max: Option<Scalar>,
        /// Whether the lower bound itself fails.
        above: bool,
        /// Whether the upper bound itself fails.
        below: bool,
    },
    /// Characters of text, bytes of binary, items of lists.
    Length {
        /// The column.
        column: String,
        /// Shortest.
        min: Option<u64>,
        /// Longest.
        max: Option<u64>,
    },
    /// A pattern is found in the text.
    Regex {
        /// The column.
        column: String,
        /// The pattern.
        pattern: Pattern,
    },
    /// Values are of a set, or not of it.
    InSet {
        /// The column.
        column: String,
        /// The set.
        values: Vec<Scalar>,
        /// Whether they must not be.
        negated: bool,
    },
    /// Values are found in another frame.
    ForeignKey {
        /// Columns of the data.
        columns: Vec<String>,
        /// Name of the other frame.
        frame: String,
        /// Columns of the other frame.
        references: Vec<String>,
    },
    /// Every value follows the one before.
    Monotonic {
        /// The column.
        column: String,
        /// Whether values rise.
        increasing: bool,
        /// Whether equal neighbours fail.
        strict: bool,
    },
    /// The column is there and has a type.
    Type {
        /// The column.
        column: String,
        /// Arrow's name of the type, or of its family.
        data_type: String,
    },
    /// The number of rows.
    RowCount {
        /// Fewest.
        min: Option<u64>,
        /// Most.
        max: Option<u64>,
    },
    /// The newest value is recent.
    Freshness {
        /// The column.
        column: String,
        /// Nanoseconds it may be old.
        within: i128,
        /// Nanoseconds since 1970 that stand for now.
        now: Option<i128>,
    },
    /// An expression is true.
    Expression(Expression),
    /// A function of the caller's says so.
    Custom {
        /// Columns it is given; all when there are none.
        columns: Vec<String>,
    },
}

/// Every rule's name and the fields it has beside the common ones.
const KINDS: [(&str, &[&str]); 14] = [
    ("not_null", &["column", "columns"]),
    ("unique", &["column", "columns", "within"]),
    ("range", &["column", "min", "max", "exclusive"]),
    ("length", &["column", "min", "max"]),
    ("regex", &["column", "pattern", "full"]),
    ("in_set", &["column", "values"]),
    ("not_in_set", &["column", "values"]),
    ("foreign_key", &["column", "columns", "frame", "references"]),
    ("monotonic", &["column", "direction", "strict"]),
    ("type", &["column", "type"]),
    ("row_count", &["min", "max"]),
    ("freshness", &["column", "within", "now"]),
    ("expression", &["expression"]),
    ("custom", &["column", "columns"]),
];

/// Rules about a table as a whole, of which no share can pass.
const TABLE: [&str; 3] = ["type", "row_count", "freshness"];

const COMMON: [&str; 5] = ["rule", "name", "where", "mostly", "severity"];

impl Rules {
    /// Reads rules from JSON or TOML: a list, a table whose `rules` is a list, or one rule.
    ///
    /// `source` is where the text comes from, such as a file name; errors start with it.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the place, the rule it breaks and the value.
    pub fn parse(text: &str, toml: bool, source: &str) -> Result<Self, Error> {
        let called = if source.is_empty() { "rules" } else { source };
        let root = if toml { Node::from_toml(text, called) } else { Node::from_json(text, called) }?;
        let expected = |node: &Node| {
            Error::Invalid(format!(
                "{called} must be a list of rules, or a table with a list named rules, got {}",
                node.shown()
            ))
        };
        let items = match root.what {
            What::List(items) => items,
            What::Table(ref members) if members.iter().any(|(name, _)| name == "rule") => {
                let place = if source.is_empty() { "rule".to_owned() } else { format!("{source}: rule") };
                return Ok(Self(vec![rule(&root, place, source)?]));
            }
            What::Table(members) => {
                let mut found = None;
                for (name, node) in members {
                    match (name.as_str(), node.what) {
                        ("rules", What::List(items)) => found = Some(items),
                        ("rules", what) => return Err(expected(&Node { what, line: None })),
                        _ => {
                            let place = placed(source, node.line, "");
                            let hint = nearest(&name, ["rules"].into_iter());
                            return Err(Error::Invalid(format!(
                                "{place}{name:?} is not known here{hint}; a file of rules holds nothing but rules"
                            )));
                        }
                    }
                }
                let empty = || Error::Invalid(format!("{called} must have a list named rules, and has none"));
                found.ok_or_else(empty)?
            }
            _ => return Err(expected(&root)),
        };
        if items.len() > MOST {
            return Err(Error::Invalid(format!(
                "{called} must be at most {MOST} rules, got {}",
                items.len()
            )));
        }
        let rules =
            items.iter().enumerate().map(|(index, node)| rule(node, format!("rules[{index}]"), source));
        Ok(Self(rules.collect::<Result<_, _>>()?))
    }

    /// Names of the columns that all rules together look at, each once; none when a function may look at any.
    pub fn reads(&self) -> Option<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        for rule in &self.0 {
            if matches!(&rule.kind, Kind::Custom { columns } if columns.is_empty()) {
                return None;
            }
            let filter = rule.filter.iter().flat_map(|filter| filter.ast.columns());
            for name in rule.columns().into_iter().chain(filter) {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        Some(found)
    }

    /// The rules as JSON, every field spelled out that was given.
    pub fn json(&self) -> Json {
        Json::Array(self.0.iter().map(Rule::json).collect())
    }
}

/// `rules.toml line 12: rules[3]`, as much of it as is known.
fn placed(source: &str, line: Option<usize>, path: &str) -> String {
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
struct Fields<'n> {
    members: &'n [(String, Node)],
    path: String,
    source: &'n str,
}

impl<'n> Fields<'n> {
    fn get(&self, name: &str) -> Option<&'n Node> {
        let found = self.members.iter().find(|(known, _)| known == name).map(|(_, node)| node);
        found.filter(|node| node.what != What::Null) // null is as good as nothing
    }

    fn wrong(&self, name: &str, node: &Node, must: &str) -> Error {
        let place = placed(self.source, node.line, &self.path);
        Error::Invalid(format!("{place}.{name} must be {must}, got {}", node.shown()))
    }

    fn missing(&self, line: Option<usize>, name: &str, what: &str) -> Error {
        let place = placed(self.source, line, &self.path);
        Error::Invalid(format!("{place} needs {name}, {what}"))
    }

    fn text(&self, name: &str) -> Result<Option<&'n str>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match &node.what {
            What::Text(text) => Ok(Some(text)),
            _ => Err(self.wrong(name, node, "text")),
        }
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match node.what {
            What::Bool(value) => Ok(Some(value)),
            _ => Err(self.wrong(name, node, "true or false")),
        }
    }

    fn count(&self, name: &str) -> Result<Option<u64>, Error> {
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

    fn names(&self, name: &str) -> Result<Vec<String>, Error> {
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

    fn scalar(&self, name: &str, node: &Node) -> Result<Scalar, Error> {
        match &node.what {
            What::Bool(value) => Ok(Scalar::Bool(*value)),
            What::Whole(value) => Ok(Scalar::Whole(*value)),
            What::Real(value) if value.is_finite() => Ok(Scalar::Real(*value)),
            What::Text(text) => Ok(Scalar::Text(text.clone())),
            What::Real(_) => Err(self.wrong(name, node, "finite")),
            _ => Err(self.wrong(name, node, "a number or text")),
        }
    }

    fn bound(&self, name: &str) -> Result<Option<Scalar>, Error> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match self.scalar(name, node)? {
            Scalar::Bool(_) => Err(self.wrong(name, node, "a number, a date or text")),
            bound => Ok(Some(bound)),
        }
    }

    fn expression(&self, name: &str) -> Result<Option<Expression>, Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let line = self.get(name).and_then(|node| node.line);
        let place = placed(self.source, line, &self.path);
        let ast = expression::parse(text)
            .map_err(|wrong| Error::Invalid(wrong.written(&format!("{place}.{name}"), text)))?;
        Ok(Some(Expression { text: text.to_owned(), ast }))
    }
}

fn rule(node: &Node, path: String, source: &str) -> Result<Rule, Error> {
    let place = placed(source, node.line, &path);
    let What::Table(members) = &node.what else {
        return Err(Error::Invalid(format!(
            "{place} must be a table of a rule's fields, got {}",
            node.shown()
        )));
    };
    let fields = Fields { members, path, source };
    let kinds = || KINDS.iter().map(|(name, _)| *name);
    let Some(called) = fields.text("rule")? else {
        let known: Vec<&str> = kinds().collect();
        return Err(fields.missing(node.line, "rule", &format!("one of {}", known.join(", "))));
    };
    let Some((_, own)) = KINDS.iter().find(|(name, _)| *name == called) else {
        let line = fields.get("rule").and_then(|node| node.line);
        let place = placed(source, line, &fields.path);
        let known: Vec<&str> = kinds().collect();
        let hint = nearest(called, kinds());
        return Err(Error::Invalid(format!(
            "{place}.rule must be one of {}, got {:?}{hint}",
            known.join(", "),
            cut(called)
        )));
    };
    for (name, value) in members {
        if !COMMON.contains(&name.as_str()) && !own.contains(&name.as_str()) {
            let place = placed(source, value.line, &fields.path);
            let hint = nearest(name, COMMON.iter().chain(own.iter()).copied());
            let known = [own, &COMMON[1..]].concat().join(", ");
            return Err(Error::Invalid(format!("{place}.{name} is not known: {called} has {known}{hint}")));
        }
    }
    for (name, alien) in [("mostly", TABLE.as_slice()), ("where", &["type"])] {
        if let Some(node) = fields.get(name)
            && alien.contains(&called)
        {
            return Err(fields.wrong(name, node, &format!("left out: {called} is about the whole table")));
        }
    }
    let mostly = match fields.get("mostly") {
        None => 1.0,
        Some(node) => match node.what {
            What::Real(share) if (0.0..=1.0).contains(&share) => share,
            What::Whole(share @ 0..=1) => share as f64,
            _ => return Err(fields.wrong("mostly", node, "a number in 0..=1")),
        },
    };
    let is_error = match (fields.text("severity")?, fields.get("severity")) {
        (None | Some("error"), _) => true,
        (Some("warning"), _) => false,
        (_, Some(node)) => return Err(fields.wrong("severity", node, "\"error\" or \"warning\"")),
        (Some(_), None) => true, // text comes from a node
    };
    Ok(Rule {
        kind: kind(&fields, called, node.line)?,
        name: fields.text("name")?.map(str::to_owned),
        filter: fields.expression("where")?,
        mostly,
        is_error,
        place,
    })
}

fn kind(fields: &Fields<'_>, called: &str, line: Option<usize>) -> Result<Kind, Error> {
    let columns = || -> Result<Vec<String>, Error> {
        match (fields.get("column"), fields.get("columns")) {
            (Some(_), Some(node)) => Err(fields.wrong("columns", node, "left out where column is given")),
            (Some(_), None) => fields.names("column"),
            _ => fields.names("columns"),
        }
    };
    let some = || match columns()? {
        names if names.is_empty() => Err(fields.missing(line, "columns", "at least one name")),
        names => Ok(names),
    };
    let column = || match fields.text("column")? {
        Some(name) => Ok(name.to_owned()),
        None => Err(fields.missing(line, "column", "the name of a column")),
    };
    let either = |one: bool, other: bool| match one || other {
        true => Ok(()),
        false => Err(fields.missing(line, "min or max", "or both")),
    };
    Ok(match called {
        "not_null" => Kind::NotNull { columns: some()? },
        "unique" => Kind::Unique { columns: some()?, within: fields.names("within")? },
        "range" => {
            let (min, max) = (fields.bound("min")?, fields.bound("max")?);
            either(min.is_some(), max.is_some())?;
            let (above, below) = match fields.get("exclusive").map(|node| (&node.what, node)) {
                None => (false, false),
                Some((What::Bool(both), _)) => (*both, *both),
                Some((What::Text(which), node)) => match which.as_str() {
                    "min" => (true, false),
                    "max" => (false, true),
                    "both" => (true, true),
                    "neither" => (false, false),
                    _ => return Err(fields.wrong("exclusive", node, EXCLUSIVE)),
                },
                Some((_, node)) => return Err(fields.wrong("exclusive", node, EXCLUSIVE)),
            };
            Kind::Range { column: column()?, min, max, above, below }
        }
        "length" => {
            let (min, max) = (fields.count("min")?, fields.count("max")?);
            either(min.is_some(), max.is_some())?;
            Kind::Length { column: column()?, min, max }
        }
        "regex" => {
            let Some(text) = fields.text("pattern")? else {
                return Err(fields.missing(line, "pattern", "a regular expression"));
            };
            let line = fields.get("pattern").and_then(|node| node.line);
            let pattern = Pattern::regex(text, fields.flag("full")?.unwrap_or(false)).map_err(|why| {
                let place = placed(fields.source, line, &fields.path);
                Error::Invalid(format!(
                    "{place}.pattern must be a regular expression, got {:?}: {why}",
                    cut(text)
                ))
            })?;
            Kind::Regex { column: column()?, pattern }
        }
        "in_set" | "not_in_set" => {
            let Some(node) = fields.get("values") else {
                return Err(fields.missing(line, "values", "a list"));
            };
            let What::List(items) = &node.what else { return Err(fields.wrong("values", node, "a list")) };
            let scalar = |(index, item)| fields.scalar(&format!("values[{index}]"), item);
            let values = items.iter().enumerate().map(scalar).collect::<Result<_, _>>()?;
            Kind::InSet { column: column()?, values, negated: called == "not_in_set" }
        }
        "foreign_key" => {
            let columns = some()?;
            let Some(frame) = fields.text("frame")? else {
                return Err(fields.missing(line, "frame", "the name of another frame"));
            };
            let references = match fields.names("references")? {
                names if names.is_empty() => columns.clone(),
                names => names,
            };
            if references.len() != columns.len() {
                let node = fields.get("references").cloned();
                let node = node.unwrap_or(Node { what: What::Null, line });
                return Err(fields.wrong(
                    "references",
                    &node,
                    &format!("{} names, as many as columns", columns.len()),
                ));
            }
            Kind::ForeignKey { columns, frame: frame.to_owned(), references }
        }
        "monotonic" => {
            let increasing = match (fields.text("direction")?, fields.get("direction")) {
                (None | Some("increasing"), _) => true,
                (Some("decreasing"), _) => false,
                (_, Some(node)) => {
                    return Err(fields.wrong("direction", node, "\"increasing\" or \"decreasing\""));
                }
                (Some(_), None) => true,
            };
            Kind::Monotonic { column: column()?, increasing, strict: fields.flag("strict")?.unwrap_or(false) }
        }
        "type" => match fields.text("type")? {
            Some(name) => Kind::Type { column: column()?, data_type: name.to_owned() },
            None => return Err(fields.missing(line, "type", "such as \"int64\" or \"integer\"")),
        },
        "row_count" => {
            let (min, max) = (fields.count("min")?, fields.count("max")?);
            either(min.is_some(), max.is_some())?;
            Kind::RowCount { min, max }
        }
        "freshness" => {
            let Some(node) = fields.get("within") else {
                return Err(fields.missing(line, "within", "such as \"1d\" or \"90min\""));
            };
            let within = match &node.what {
                What::Text(text) => duration::parse(text),
                What::Whole(seconds) => seconds.checked_mul(duration::SECOND),
                What::Real(seconds) if seconds.abs() < 1e15 => Some((seconds * 1e9) as i128),
                _ => None,
            };
            let Some(within) = within.filter(|within| *within >= 0) else {
                return Err(fields.wrong(
                    "within",
                    node,
                    "a number of seconds or a time such as \"1d\" or \"1h 30min\"",
                ));
            };
            let now = match (fields.text("now")?, fields.get("now")) {
                (Some(text), Some(node)) => match duration::moment(text) {
                    Some(moment) => Some(moment),
                    None => {
                        return Err(fields.wrong(
                            "now",
                            node,
                            "a date and time such as \"2024-01-31T12:00:00Z\"",
                        ));
                    }
                },
                _ => None,
            };
            Kind::Freshness { column: column()?, within, now }
        }
        "expression" => match fields.expression("expression")? {
            Some(expression) => Kind::Expression(expression),
            None => return Err(fields.missing(line, "expression", "such as \"amount <= 1000 * price\"")),
        },
        _ => Kind::Custom { columns: columns()? },
    })
}

const EXCLUSIVE: &str = "true, false, \"min\", \"max\", \"both\" or \"neither\"";

impl Scalar {
    /// As JSON; integers too large for it as text.
    pub fn json(&self) -> Json {
        match self {
            Self::Bool(value) => json!(value),
            Self::Whole(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => json!(value),
                (_, Ok(value)) => json!(value),
                _ => json!(value.to_string()),
            },
            Self::Real(value) => json!(value),
            Self::Text(text) => json!(text),
        }
    }
}

impl Kind {
    /// The word in `rule =`.
    pub fn called(&self) -> &'static str {
        match self {
            Self::NotNull { .. } => "not_null",
            Self::Unique { .. } => "unique",
            Self::Range { .. } => "range",
            Self::Length { .. } => "length",
            Self::Regex { .. } => "regex",
            Self::InSet { negated: false, .. } => "in_set",
            Self::InSet { negated: true, .. } => "not_in_set",
            Self::ForeignKey { .. } => "foreign_key",
            Self::Monotonic { .. } => "monotonic",
            Self::Type { .. } => "type",
            Self::RowCount { .. } => "row_count",
            Self::Freshness { .. } => "freshness",
            Self::Expression(_) => "expression",
            Self::Custom { .. } => "custom",
        }
    }
}

impl Rule {
    /// The columns it is about.
    pub fn columns(&self) -> Vec<String> {
        match &self.kind {
            Kind::NotNull { columns } | Kind::Custom { columns } | Kind::ForeignKey { columns, .. } => {
                columns.clone()
            }
            Kind::Unique { columns, within } => [within.as_slice(), columns].concat(),
            Kind::Range { column, .. }
            | Kind::Length { column, .. }
            | Kind::Regex { column, .. }
            | Kind::InSet { column, .. }
            | Kind::Monotonic { column, .. }
            | Kind::Type { column, .. }
            | Kind::Freshness { column, .. } => vec![column.clone()],
            Kind::RowCount { .. } => Vec::new(),
            Kind::Expression(expression) => expression.ast.columns(),
        }
    }

    /// The rule as it could be written.
    pub fn json(&self) -> Json {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Json| {
            if !value.is_null() {
                fields.insert(name.to_owned(), value);
            }
        };
        put("rule", json!(self.kind.called()));
        match &self.kind {
            Kind::NotNull { columns } => put("columns", json!(columns)),
            Kind::Custom { columns } if columns.is_empty() => {}
            Kind::Custom { columns } => put("columns", json!(columns)),
            Kind::Unique { columns, within } => {
                put("columns", json!(columns));
                if !within.is_empty() {
                    put("within", json!(within));
                }
            }
            Kind::Range { column, min, max, above, below } => {
                put("column", json!(column));
                put("min", min.as_ref().map_or(Json::Null, Scalar::json));
                put("max", max.as_ref().map_or(Json::Null, Scalar::json));
                match (above, below) {
                    (false, false) => {}
                    (true, true) => put("exclusive", json!(true)),
                    (true, false) => put("exclusive", json!("min")),
                    (false, true) => put("exclusive", json!("max")),
                }
            }
            Kind::Length { column, min, max } => {
                put("column", json!(column));
                put("min", json!(min));
                put("max", json!(max));
            }
            Kind::Regex { column, pattern } => {
                put("column", json!(column));
                put("pattern", json!(pattern.text()));
                if pattern.is_full() {
                    put("full", json!(true));
                }
            }
            Kind::InSet { column, values, .. } => {
                put("column", json!(column));
                put("values", Json::Array(values.iter().map(Scalar::json).collect()));
            }
            Kind::ForeignKey { columns, frame, references } => {
                put("columns", json!(columns));
                put("frame", json!(frame));
                put("references", json!(references));
            }
            Kind::Monotonic { column, increasing, strict } => {
                put("column", json!(column));
                put("direction", json!(if *increasing { "increasing" } else { "decreasing" }));
                if *strict {
                    put("strict", json!(true));
                }
            }
            Kind::Type { column, data_type } => {
                put("column", json!(column));
                put("type", json!(data_type));
            }
            Kind::RowCount { min, max } => {
                put("min", json!(min));
                put("max", json!(max));
            }
            Kind::Freshness { column, within, now } => {
                put("column", json!(column));
                put("within", json!(duration::written(*within)));
                put("now", json!(now.map(duration::moment_written)));
            }
            Kind::Expression(expression) => put("expression", json!(expression.text)),
        }
        put("where", json!(self.filter.as_ref().map(|filter| &filter.text)));
        if self.mostly < 1.0 {
            put("mostly", json!(self.mostly));
        }
        if !self.is_error {
            put("severity", json!("warning"));
        }
        put("name", json!(self.name));
        Json::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Rules::parse(text, text.starts_with("rule_s"), "").unwrap_err().to_string()
    }

    #[test]
    fn every_rule_is_written_as_it_was_read() {
        let text = r#"[
            {"rule": "not_null", "columns": ["a", "b"]},
            {"rule": "unique", "columns": ["a"], "within": ["g"], "mostly": 0.5},
            {"rule": "range", "column": "x", "min": 0, "max": 1.5, "exclusive": "max", "severity": "warning"},
            {"rule": "length", "column": "t", "min": 1},
            {"rule": "regex", "column": "t", "pattern": "^a+$", "full": true, "name": "letters"},
            {"rule": "in_set", "column": "t", "values": ["a", "b"]},
            {"rule": "not_in_set", "column": "n", "values": [1, 2]},
            {"rule": "foreign_key", "columns": ["k"], "frame": "other", "references": ["id"]},
            {"rule": "monotonic", "column": "n", "direction": "decreasing", "strict": true},
            {"rule": "type", "column": "n", "type": "int64"},
            {"rule": "row_count", "min": 1, "max": 10},
            {"rule": "freshness", "column": "ts", "within": "1d", "now": "2024-01-31T12:00:00+00:00"},
            {"rule": "expression", "expression": "a <= 2 * b", "where": "c = 'x'"},
            {"rule": "custom", "columns": ["a"]}
        ]"#;
        let rules = Rules::parse(text, false, "").unwrap();
        let expected: Json = serde_json::from_str(text).unwrap();
        assert_eq!(rules.json(), expected);
        assert_eq!(rules.0[12].columns(), ["a", "b"]);
        let reads = rules.reads().unwrap();
        assert_eq!(reads, ["a", "b", "g", "x", "t", "n", "k", "ts", "c"]);
        assert_eq!(Rules::parse(r#"{"rule": "custom"}"#, false, "").unwrap().reads(), None);
        let again = Rules::parse(&rules.json().to_string(), false, "").unwrap();
        assert_eq!(again.json(), expected);
    }

    #[test]
    fn a_wrong_rule_names_its_place() {
        let toml = "[[rules]]\nrule = \"not_null\"\ncolumn = \"a\"\n[[rules]]\nrule = \"length\"\ncolumn = \"x\"\nmin = \"x\"\n";
        let error = Rules::parse(toml, true, "rules.toml").unwrap_err().to_string();
        assert_eq!(error, "rules.toml line 7: rules[1].min must be an integer of at least 0, got \"x\"");
        for (text, expected) in [
            (r#"[{"rule": "rnage"}]"#, "rules[0].rule must be one of not_null,"),
            (r#"[{"rule": "rnage"}]"#, "got \"rnage\"; did you mean \"range\"?"),
            (r#"[{"rule": "range", "colum": "x"}]"#, "rules[0].colum is not known: range has column, min,"),
            (r#"[{"rule": "range", "colum": "x"}]"#, "; did you mean \"column\"?"),
            (r#"[{"rule": "range", "column": "x"}]"#, "rules[0] needs min or max, or both"),
            (r#"[{"rule": "range", "min": 1}]"#, "rules[0] needs column, the name of a column"),
            (
                r#"[{"rule": "range", "column": "x", "min": [1]}]"#,
                "rules[0].min must be a number or text, got a list of 1",
            ),
            (r#"[{"rule": "not_null", "columns": []}]"#, "rules[0] needs columns, at least one name"),
            (
                r#"[{"rule": "not_null", "columns": ["a", 1]}]"#,
                "rules[0].columns[1] must be the name of a column, got 1",
            ),
            (
                r#"{"rule": "regex", "column": "a", "pattern": "(a"}"#,
                "rule.pattern must be a regular expression, got \"(a\": ",
            ),
            (
                r#"[{"rule": "not_null", "column": "a", "mostly": 2}]"#,
                "rules[0].mostly must be a number in 0..=1, got 2",
            ),
            (r#"[{"rule": "not_null", "column": "a", "severity": "bad"}]"#, "got \"bad\""),
            (r#"[{"rule": "freshness", "column": "a", "within": "1 parsec"}]"#, "rules[0].within must be"),
            (
                r#"[{"rule": "foreign_key", "columns": ["a", "b"], "frame": "f", "references": "id"}]"#,
                "2 names, as many as columns, got \"id\"",
            ),
            (r#"[{"column": "a"}]"#, "rules[0] needs rule, one of not_null,"),
            (
                r#"[{"rule": "row_count", "min": 1, "mostly": 0.5}]"#,
                "rules[0].mostly must be left out: row_count is",
            ),
            (
                r#"[{"rule": "type", "column": "a", "type": "text", "where": "a"}]"#,
                "rules[0].where must be left out",
            ),
            ("[3]", "rules[0] must be a table of a rule's fields, got 3"),
            ("3", "rules must be a list of rules, or a table with a list named rules, got 3"),
            ("{}", "rules must have a list named rules, and has none"),
            ("rule_s = 1", "line 1: \"rule_s\" is not known here; did you mean \"rules\"?"),
        ] {
            let error = refusal(text);
            assert!(error.contains(expected), "{text}\n{error}\n{expected}");
        }
        let error = refusal(r#"[{"rule": "expression", "expression": "a <= * b"}]"#);
        assert_eq!(error, "rules[0].expression: expected a value at column 6\n  a <= * b\n       ^");
    }
}
