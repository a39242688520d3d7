//! Rules as people write them, in TOML, JSON or Python: read and checked.
#![forbid(unsafe_code)]

use super::fields::{Fields, nearest, placed};
use super::{Kind, Rule, Rules};
use crate::error::Error;
use crate::frames::types;
use crate::frames::validate::duration;
use crate::frames::validate::node::{Node, What, cut};
use crate::frames::validate::pattern::Pattern;

/// Most rules of one set; far above what a person writes, far below what would hurt.
const MOST: usize = 100_000;

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

/// The name of a type, or of a family of types.
fn known_type<'n>(fields: &Fields<'_>, name: &'n str) -> Result<&'n str, Error> {
    if types::is_known(name) {
        return Ok(name);
    }
    let line = fields.get("type").and_then(|node| node.line);
    let place = placed(fields.source, line, &fields.path);
    let hint = nearest(name, types::KINDS.iter().chain(&types::PLAIN).copied());
    Err(Error::Invalid(format!(
        "{place}.type must be one of {}, or the name of a type, such as one of {}, \"timestamp[us]\", \
         \"decimal128(10, 2)\" or \"list<int64>\", got {:?}{hint}",
        types::KINDS.join(", "),
        types::PLAIN.join(", "),
        cut(name)
    )))
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
            Some(name) => Kind::Type { column: column()?, data_type: known_type(fields, name)?.to_owned() },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Rules::parse(text, text.starts_with("rule_s"), "").unwrap_err().to_string()
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
