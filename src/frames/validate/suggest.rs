//! Rules that a table keeps today, from its profile: a first draft for a person to edit.
#![forbid(unsafe_code)]

use super::node::cut;
use crate::error::Error;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Rows below which what a table keeps may be chance.
const TELLING: u64 = 20;
/// Most values that make a set rather than free text.
const SET: u64 = 30;
/// Bytes from which on a profile cuts the values it lists.
const CUT: usize = 256;

/// Formats of texts, by the names profiles give them, with a pattern that every text of one of them has. The first
/// that covers all texts is taken.
const PATTERNS: [(&[&str], &str); 14] = [
    (&["uuid"], "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"),
    (&["email"], r"^[^@ \t\r\n]+@[^@ \t\r\n]+\.[^@ \t\r\n]+$"),
    (&["url"], r"^[A-Za-z][A-Za-z0-9+.-]+://[^ \t\r\n]+$"),
    (&["date"], "^([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}|[0-9]{2}[./-][0-9]{2}[./-][0-9]{4})$"),
    (
        &["datetime"],
        "^([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}|[0-9]{2}[./-][0-9]{2}[./-][0-9]{4})[Tt ][0-9]{2}:[0-9]{2}",
    ),
    (&["time"], "^[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?$"),
    (&["ipv4"], r"^([0-9]{1,3}\.){3}[0-9]{1,3}$"),
    (&["ipv6"], "^[0-9a-fA-F:.]+$"),
    (&["phone"], "^[0-9+(][0-9 ().-]+$"),
    (&["boolean"], "^(?i:true|false|yes|no|t|f|y|n)$"),
    (&["integer"], "^[+-]?[0-9]+$"),
    (&["digits"], "^[+-]?0[0-9]+$"),
    (&["integer", "digits"], "^[+-]?[0-9]+$"),
    (&["integer", "digits", "decimal"], r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"),
];

/// Rules for `profile`, the JSON of a profile; what it does not say is left out.
///
/// # Errors
/// [`Error::Invalid`] when it is no profile.
pub fn rules(profile: &str) -> Result<Json, Error> {
    let wrong = |what: &str| Error::Invalid(format!("profile must be a profile as JSON: {what}"));
    let root: Json = serde_json::from_str(profile).map_err(|error| wrong(&error.to_string()))?;
    let rows = root.get("rows").and_then(Json::as_u64).ok_or_else(|| wrong("it has no rows"))?;
    let columns = root.get("columns").and_then(Json::as_array).ok_or_else(|| wrong("it has no columns"))?;
    let mut rules = vec![json!({"rule": "row_count", "min": 1})];
    if rows == 0 {
        rules.clear();
    }
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for column in columns {
        let name = column.get("name").and_then(Json::as_str).unwrap_or_default();
        *bearers.entry(name).or_default() += 1;
    }
    for column in columns {
        let Some(column) = column.as_object() else {
            return Err(wrong(&format!("a column is {}", cut(&column.to_string()))));
        };
        let Some(name) = column.get("name").and_then(Json::as_str) else { continue };
        // A rule cannot say which of several columns of one name it means.
        if bearers.get(name) == Some(&1) {
            one(column, name, rows, &mut rules);
        }
    }
    Ok(Json::Array(rules))
}

fn one(column: &Map<String, Json>, name: &str, rows: u64, rules: &mut Vec<Json>) {
    let count = |key: &str| column.get(key).and_then(Json::as_u64);
    let flag = |key: &str| column.get(key).and_then(Json::as_bool);
    let kind = column.get("kind").and_then(Json::as_str).unwrap_or_default();
    let present = count("count").unwrap_or(0);
    let mut put = |rule: Json| rules.push(rule);
    if !kind.is_empty() && kind != "null" {
        put(json!({"rule": "type", "column": name, "type": kind}));
    }
    if rows > 0 && count("nulls") == Some(0) && count("nan").unwrap_or(0) == 0 {
        put(json!({"rule": "not_null", "column": name}));
    }
    if present < TELLING {
        return;
    }
    let distinct = count("distinct").filter(|_| flag("distinct_exact") == Some(true));
    let comparable = matches!(kind, "integer" | "text" | "timestamp" | "date" | "binary" | "decimal");
    let unique = flag("is_unique") == Some(true) || distinct == Some(present);
    if unique && comparable {
        put(json!({"rule": "unique", "column": name}));
    }
    let (min, max) = (column.get("min"), column.get("max"));
    match kind {
        "integer" | "float" | "decimal" => {
            let number = |value: Option<&Json>| match value {
                Some(Json::Number(number)) => number.as_f64(),
                Some(Json::String(digits)) => digits.parse::<f64>().ok().filter(|value| value.is_finite()),
                _ => None,
            };
            if let (Some(low), Some(high)) = (number(min), number(max)) {
                if low >= 0.0 {
                    put(json!({"rule": "range", "column": name, "min": 0}));
                }
                if !unique && low < high {
                    put(
                        json!({"rule": "range", "column": name, "min": min, "max": max, "severity": "warning"}),
                    );
                }
            }
        }
        "text" => text(column, name, present, distinct, &mut put),
        _ => {}
    }
    if matches!(kind, "integer" | "timestamp" | "date")
        && flag("is_constant") != Some(true)
        && let Some(order) = column.get("monotonic").and_then(Json::as_str)
    {
        let strict = order.starts_with("strictly");
        let direction = if order.ends_with("increasing") { "increasing" } else { "decreasing" };
        let mut rule =
            json!({"rule": "monotonic", "column": name, "direction": direction, "severity": "warning"});
        if strict {
            rule["strict"] = json!(true);
        }
        put(rule);
    }
}

/// What is told of text: the set it is of, its length, what it looks like.
fn text(
    column: &Map<String, Json>,
    name: &str,
    present: u64,
    distinct: Option<u64>,
    put: &mut impl FnMut(Json),
) {
    let count = |key: &str| column.get(key).and_then(Json::as_u64);
    if let (Some(distinct), Some(top)) = (distinct, column.get("top").and_then(Json::as_array))
        && distinct <= SET
        && distinct * 10 <= present
        && top.len() as u64 == distinct
    {
        let mut values: Vec<&str> =
            top.iter().filter_map(|item| item.get("value").and_then(Json::as_str)).collect();
        // A value that was cut is not the value.
        if values.len() == top.len() && values.iter().all(|value| value.len() < CUT) {
            values.sort_unstable();
            put(json!({"rule": "in_set", "column": name, "values": values}));
            return;
        }
    }
    if let Some(pattern) = pattern(column, present) {
        put(json!({"rule": "regex", "column": name, "pattern": pattern}));
        return;
    }
    match (count("min_length"), count("max_length")) {
        (Some(min), Some(max)) if min == max => {
            put(json!({"rule": "length", "column": name, "min": min, "max": max}));
        }
        (Some(min), _) if min > 0 && count("empty").is_none_or(|empty| empty == 0) => {
            put(json!({"rule": "length", "column": name, "min": 1}));
        }
        _ => {}
    }
}

/// The pattern of the formats that every text has one of, where every text was looked at.
fn pattern(column: &Map<String, Json>, present: u64) -> Option<&'static str> {
    if column.get("formats_exact").and_then(Json::as_bool) != Some(true) {
        return None;
    }
    let formats = column.get("formats").and_then(Json::as_array)?;
    let having = |names: &[&str]| {
        let of = |format: &Json| {
            let named = format.get("format").and_then(Json::as_str).is_some_and(|name| names.contains(&name));
            if named { format.get("count").and_then(Json::as_u64).unwrap_or(0) } else { 0 }
        };
        formats.iter().map(of).sum::<u64>()
    };
    PATTERNS.iter().find(|(names, _)| having(names) == present).map(|(_, pattern)| *pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::profile::formats;
    use crate::frames::validate::pattern::Pattern;
    use crate::frames::validate::rules::Rules;
    use proptest::prelude::*;
    use std::borrow::Cow;

    #[test]
    fn formats_go_by_the_names_that_profiles_give_them() {
        for (names, pattern) in PATTERNS {
            assert!(Pattern::regex(pattern, false).is_ok(), "{pattern}");
            assert!(names.iter().all(|name| formats::NAMES.contains(name)), "{names:?}");
        }
        let covered = |name: &&str| PATTERNS.iter().any(|(names, _)| names.contains(name));
        let rest: Vec<&str> = formats::NAMES.into_iter().filter(|name| !covered(name)).collect();
        assert_eq!(rest, ["", "json", "empty", "blank"]); // no pattern tells these
    }

    /// Texts that are likely to have a format, or nearly.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[+-]?[0-9]{0,7}[.]?[0-9]{0,3}([eE][+-]?[0-9]{1,2})?",
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            "[a-z.+é\\u{a0}\\u{b} ]{1,6}@[a-zé\\u{2003}-]{1,4}[.][a-z]{1,3}([.]?[a-z])?",
            "[a-z+.-]{1,5}://[a-z/?=\\u{a0}\\u{b}\\f ]{0,8}",
            "[0-9]{2,4}[-/.][0-9]{2}[-/.][0-9]{2,4}",
            "20[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ]?[0-2][0-9]:[0-5][0-9](:[0-6][0-9]([.,][0-9]{1,9})?)?(Z| UTC|[+-][0-9]{2}:?[0-9]{2})?",
            "[0-3][0-9][./-][01][0-9][./-]20[0-9]{2} [0-2][0-9]:[0-5][0-9]",
            "[0-2][0-9]:[0-5][0-9](:[0-6][0-9]([.,][0-9]{1,3})?)?",
            "[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}",
            "([0-9a-fA-F]{0,4}:){2,7}([0-9a-fA-F]{0,4}|1[.]2[.]3[.]4)",
            "[+(]?[0-9]{1,3}[ )(.-]{0,2}[0-9]{3}[ -][0-9]{3,7}",
            "(?i:true|false|yes|no|t|f|y|n)",
            ".{0,6}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn a_text_has_every_pattern_of_its_format(text in texts()) {
            let format = formats::NAMES[usize::from(formats::of(text.as_bytes()))];
            for (_, pattern) in PATTERNS.iter().filter(|(names, _)| names.contains(&format)) {
                let found = Pattern::regex(pattern, false).unwrap().test(&[Cow::Borrowed(text.as_bytes())]);
                prop_assert!(found.get(0), "{:?} is {}, and has not {}", text, format, pattern);
            }
        }
    }

    #[test]
    fn a_profile_becomes_rules_that_can_be_read() {
        let profile = json!({"rows": 100, "columns": [
            {"name": "id", "kind": "integer", "count": 100, "nulls": 0, "nan": null, "distinct": 100, "distinct_exact": true,
             "min": 1, "max": 100, "monotonic": "strictly increasing"},
            {"name": "price", "kind": "float", "count": 90, "nulls": 5, "nan": 5, "distinct": 50, "distinct_exact": true,
             "min": -1.5, "max": 9.5},
            {"name": "status", "kind": "text", "count": 100, "nulls": 0, "distinct": 2, "distinct_exact": true,
             "top": [{"value": "paid", "count": 60}, {"value": "open", "count": 40}]},
            {"name": "mail", "kind": "text", "count": 100, "nulls": 0, "distinct": 80, "distinct_exact": true,
             "formats": [{"format": "email", "count": 100}], "formats_exact": true},
            {"name": "mystery"},
        ]});
        let found = rules(&profile.to_string()).unwrap();
        assert!(Rules::parse(&found.to_string(), false, "").is_ok());
        let has = |rule: Json| found.as_array().unwrap().contains(&rule);
        assert!(has(json!({"rule": "unique", "column": "id"})));
        assert!(has(json!({"rule": "range", "column": "id", "min": 0})));
        assert!(has(json!({"rule": "in_set", "column": "status", "values": ["open", "paid"]})));
        assert!(!has(json!({"rule": "not_null", "column": "price"})));
        assert!(
            found.as_array().unwrap().iter().any(|rule| rule["rule"] == "regex" && rule["column"] == "mail")
        );
        assert!(rules("[]").is_err() && rules("{\"rows\": 1}").is_err() && rules("x").is_err());
    }
}
