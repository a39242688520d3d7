//! Rules spelled out again, as they could have been written.
#![forbid(unsafe_code)]

use super::{Kind, Rule, Rules, Scalar};
use crate::frames::validate::duration;
use serde_json::{Map, Value as Json, json};

impl Rules {
    /// The rules as JSON, every field spelled out that was given.
    pub fn json(&self) -> Json {
        Json::Array(self.0.iter().map(Rule::json).collect())
    }
}

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

impl Rule {
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
}
