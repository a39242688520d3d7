//! What changed from one profile to another: columns, distributions, categories; and whether it matters.
//!
//! Distributions are compared by figures that do not grow with the number of rows: the population stability index over
//! ten bins of equal frequency (with the customary 0.1 and 0.25 as bounds), the Kolmogorov-Smirnov distance and the
//! Jensen-Shannon distance in base 2 (Lin 1991), from 0 for the same to 1 for nothing in common.
#![forbid(unsafe_code)]

mod distances;

use super::column::Class;
use super::summary::Summary;
use super::{Field, Profile};
use crate::frames::value::Value;
use distances::{Distances, distances};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Categories listed by name.
const LISTED: usize = 20;

/// Bounds of the population stability index: above the first a column has shifted, above the second it has changed.
const PSI: [f64; 2] = [0.1, 0.25];

/// Bounds of the Kolmogorov-Smirnov distance.
const KS: [f64; 2] = [0.1, 0.2];

/// Bounds of the Jensen-Shannon distance.
const JS: [f64; 2] = [0.1, 0.3];

/// Bounds of a change in the share of missing values.
const MISSING: [f64; 2] = [0.01, 0.1];

/// What a change amounts to, the worse the larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Same,
    Shifted,
    Changed,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Shifted => "shifted",
            Self::Changed => "changed",
        }
    }

    fn of(figure: f64, bounds: [f64; 2]) -> Self {
        match figure {
            _ if figure > bounds[1] => Self::Changed,
            _ if figure > bounds[0] => Self::Shifted,
            _ => Self::Same,
        }
    }
}

impl Profile {
    /// What changed from this profile to `other`, as JSON: see the manual of `iw_profile_compare`.
    pub fn compare(&self, other: &Self) -> String {
        let (ours, theirs) = (self.summaries(), other.summaries());
        let mut columns = Vec::new();
        let mut counts: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut note = |what: &'static str, name| match counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, names)) => names.push(name),
            None => counts.push((what, vec![name])),
        };
        let mut worst = Verdict::Same;
        // Columns of one name are told apart by which of them they are.
        let places = |profile: &Self| -> HashMap<(String, usize), usize> {
            let mut seen: HashMap<String, usize> = HashMap::new();
            let each = profile.fields.iter().enumerate();
            each.map(|(at, field)| {
                let nth = seen.entry(field.name.clone()).or_default();
                *nth += 1;
                ((field.name.clone(), *nth), at)
            })
            .collect()
        };
        let (mut old, new) = (places(self), places(other));
        let mut pairs: Vec<(usize, &(String, usize))> = new.iter().map(|(key, at)| (*at, key)).collect();
        pairs.sort_unstable();
        for (at, key) in pairs {
            let (field, summary) = (&other.fields[at], &theirs[at]);
            let Some(before) = old.remove(key) else {
                note("added", &field.name);
                columns.push(lone(summary, "added", "is new"));
                continue;
            };
            let was = &self.fields[before];
            if was.column.class != field.column.class || was.kind != field.kind {
                note("retyped", &field.name);
                let reason = format!("was {}, is {}", was.data_type, field.data_type);
                columns.push(lone(summary, "retyped", &reason));
                continue;
            }
            let (verdict, column) = pair(was, &ours[before], field, summary, (self.rows, other.rows));
            if verdict > Verdict::Same {
                note(verdict.name(), &field.name);
            }
            worst = worst.max(verdict);
            columns.push(column);
        }
        let mut gone: Vec<usize> = old.into_values().collect();
        gone.sort_unstable();
        for at in gone {
            note("removed", &self.fields[at].name);
            columns.push(lone(&ours[at], "removed", "is gone"));
        }
        if counts.iter().any(|(what, _)| matches!(*what, "removed" | "retyped" | "added")) {
            let lost = counts.iter().any(|(what, _)| matches!(*what, "removed" | "retyped"));
            worst = worst.max(if lost { Verdict::Changed } else { Verdict::Shifted });
        }
        let summary = match counts.is_empty() {
            true => format!("All {} columns are as they were.", columns.len()),
            false => {
                let parts = ["removed", "retyped", "added", "changed", "shifted"].iter().filter_map(|what| {
                    let (_, names) = counts.iter().find(|(known, _)| known == what)?;
                    let count = names.len();
                    let noun = if count == 1 { "column" } else { "columns" };
                    Some(format!("{count} {noun} {what} ({})", listed(names)))
                });
                format!("Of {} columns: {}.", columns.len(), parts.collect::<Vec<_>>().join("; "))
            }
        };
        json!({
            "verdict": worst.name(),
            "summary": summary,
            "rows": {"before": self.rows, "after": other.rows},
            "columns": columns,
        })
        .to_string()
    }
}

fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

/// A column that only one of the profiles has, or that cannot be compared.
fn lone(summary: &Summary, verdict: &str, reason: &str) -> Json {
    column(
        &summary.name,
        &summary.data_type,
        verdict,
        vec![reason.to_owned()],
        &Distances::default(),
        [Json::Null, Json::Null],
        [Json::Null, Json::Null],
    )
}

fn column(
    name: &str,
    data_type: &str,
    verdict: &str,
    reasons: Vec<String>,
    distances: &Distances,
    missing: [Json; 2],
    distinct: [Json; 2],
) -> Json {
    let number = |value: Option<f64>| Value::from(value).json();
    let categories = |all: &Option<Vec<(Value, u64)>>| match all {
        Some(all) => all
            .iter()
            .take(LISTED)
            .map(|(value, count)| json!({"value": value.json(), "count": count}))
            .collect::<Json>(),
        None => Json::Null,
    };
    let count = |all: &Option<Vec<(Value, u64)>>| Json::from(all.as_ref().map(Vec::len));
    let [missing_before, missing_after] = missing;
    let [distinct_before, distinct_after] = distinct;
    let mut all = Map::new();
    for (key, value) in [
        ("name", Json::from(name)),
        ("type", data_type.into()),
        ("verdict", verdict.into()),
        ("reasons", reasons.into()),
        ("psi", number(distances.psi)),
        ("ks", number(distances.ks)),
        ("js", number(distances.js)),
        ("missing_before", missing_before),
        ("missing_after", missing_after),
        ("distinct_before", distinct_before),
        ("distinct_after", distinct_after),
        ("new_categories", categories(&distances.new)),
        ("new_count", count(&distances.new)),
        ("lost_categories", categories(&distances.lost)),
        ("lost_count", count(&distances.lost)),
    ] {
        all.insert(key.to_owned(), value);
    }
    Json::Object(all)
}

/// Two columns of one class.
fn pair(was: &Field, before: &Summary, is: &Field, after: &Summary, rows: (u64, u64)) -> (Verdict, Json) {
    let distances = distances(&was.column, &is.column);
    let mut reasons: Vec<(Verdict, String)> = Vec::new();
    let share = |summary: &Summary, rows: u64| {
        (rows > 0).then(|| (summary.nulls + summary.nan.unwrap_or(0)) as f64 / rows as f64)
    };
    let missing = [share(before, rows.0), share(after, rows.1)];
    if let [Some(from), Some(to)] = missing {
        let verdict = Verdict::of((to - from).abs(), MISSING);
        reasons.push((
            verdict,
            format!("missing values went from {:.1} % to {:.1} %", 100.0 * from, 100.0 * to),
        ));
    }
    if before.count > 0 && after.count == 0 {
        reasons.push((Verdict::Changed, "has no values any more".to_owned()));
    }
    let figures = [
        (distances.psi, PSI, "the population stability index"),
        (distances.ks, KS, "the Kolmogorov-Smirnov distance"),
        (distances.js, JS, "the Jensen-Shannon distance"),
    ];
    for (figure, bounds, name) in figures {
        if let Some(figure) = figure {
            let verdict = Verdict::of(figure, bounds);
            let bound = if verdict == Verdict::Changed { bounds[1] } else { bounds[0] };
            reasons.push((verdict, format!("{name} is {figure:.3}, above {bound}")));
        }
    }
    // Numbers have new values in every delivery; names of things do not.
    if matches!(was.column.class, Class::Text | Class::Binary | Class::Boolean) && before.count > 0 {
        for (all, what) in [(&distances.new, "new"), (&distances.lost, "gone")] {
            if let Some(all) = all.as_ref().filter(|all| !all.is_empty()) {
                let names: Vec<String> = all.iter().take(3).filter_map(|(value, _)| value.text()).collect();
                let more = if all.len() > 3 { ", ..." } else { "" };
                let noun = if all.len() == 1 { "value is" } else { "values are" };
                let text = format!("{} {noun} {what}: {}{more}", all.len(), names.join(", "));
                reasons.push((Verdict::Shifted, text));
            }
        }
    }
    let unique = |summary: &Summary| summary.is_unique == Some(true) && summary.count > 1;
    if unique(before) && after.is_unique == Some(false) && after.count > 0 {
        reasons.push((Verdict::Changed, "values are no longer unique".to_owned()));
    }
    let verdict = reasons.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Same);
    reasons.retain(|(verdict, _)| *verdict > Verdict::Same);
    reasons.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    let reasons = reasons.into_iter().map(|(_, reason)| reason).collect();
    let missing = missing.map(|share| Value::from(share).json());
    let distinct = [before.distinct.into(), after.distinct.into()];
    (verdict, column(&is.name, &is.data_type, verdict.name(), reasons, &distances, missing, distinct))
}

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::profile;
    use super::distances::{js, psi};
    use super::*;
    use crate::progress::Progress;
    use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
    use std::sync::Arc;

    fn of(columns: Vec<(&str, ArrayRef)>) -> Profile {
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .unwrap();
        let schema = batch.schema();
        let mut reader = RecordBatchIterator::new([Ok(batch)], schema);
        profile(&mut reader, None, &Options::default(), &Progress::silent()).unwrap()
    }

    fn drift(was: &Profile, is: &Profile) -> Json {
        serde_json::from_str(&was.compare(is)).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_books() {
        assert!((psi(&[0.5, 0.5], &[0.25, 0.75]) - 0.274_653_072_167).abs() < 1e-9);
        assert_eq!(psi(&[0.5, 0.5], &[0.5, 0.5]), 0.0);
        assert_eq!(js([(1.0, 0.0), (0.0, 1.0)].into_iter()), 1.0);
        assert!((js([(0.5, 0.25), (0.5, 0.75)].into_iter()) - 0.220_896).abs() < 1e-5);
        let numbers = |range: std::ops::Range<i64>| {
            of(vec![("n", Arc::new(Int64Array::from_iter_values(range)) as ArrayRef)])
        };
        let moved = drift(&numbers(0..1000), &numbers(500..1500));
        let column = &moved["columns"][0];
        assert!((column["ks"].as_f64().unwrap() - 0.5).abs() < 1e-9, "{column}");
        assert_eq!(
            (column["verdict"].as_str(), moved["verdict"].as_str()),
            (Some("changed"), Some("changed"))
        );
        let same = drift(&numbers(0..1000), &numbers(0..1000));
        assert_eq!(same["columns"][0]["psi"], 0.0);
        assert_eq!(
            (same["verdict"].as_str(), same["summary"].as_str()),
            (Some("same"), Some("All 1 columns are as they were."))
        );
        assert_eq!(same["columns"][0]["reasons"], json!([]));
    }

    #[test]
    fn columns_and_categories_come_and_go() {
        let words = |all: &[&str]| -> ArrayRef { Arc::new(StringArray::from(all.to_vec())) };
        let truths = |all: &[bool]| -> ArrayRef { Arc::new(BooleanArray::from(all.to_vec())) };
        let whole: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
        let was = of(vec![
            ("word", words(&["a", "b", "b", "c"])),
            ("old", whole.clone()),
            ("type", whole.clone()),
            ("flag", truths(&[true, false, true, false])),
        ]);
        let is = of(vec![
            ("word", words(&["a", "b", "b", "d"])),
            ("new", whole.clone()),
            ("type", words(&["1", "2", "3", "4"])),
            ("flag", truths(&[true; 4])),
        ]);
        let found = drift(&was, &is);
        let verdicts: Vec<(&str, &str)> = found["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| (column["name"].as_str().unwrap(), column["verdict"].as_str().unwrap()))
            .collect();
        let expected = [
            ("word", "changed"),
            ("new", "added"),
            ("type", "retyped"),
            ("flag", "changed"),
            ("old", "removed"),
        ];
        assert_eq!(verdicts, expected);
        assert_eq!(found["columns"][0]["new_categories"], json!([{"value": "d", "count": 1}]));
        assert_eq!(found["columns"][0]["lost_categories"], json!([{"value": "c", "count": 1}]));
        assert_eq!(found["columns"][3]["lost_count"], 1);
        assert_eq!(found["columns"][2]["reasons"], json!(["was int64, is string"]));
        let summary = "Of 5 columns: 1 column removed (old); 1 column retyped (type); 1 column added (new); 2 columns changed (word, flag).";
        assert_eq!(found["summary"], summary);
        assert_eq!(drift(&was, &was)["verdict"], "same");
    }
}
