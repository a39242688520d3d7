//! What rules came to, for people and machines.
#![forbid(unsafe_code)]

use super::duration;
use super::mask::Mask;
use super::rules::{Kind, Rule, Rules, Scalar};
use crate::error::Error;
use serde_json::{Value as Json, json};

/// Failing rows that are named one by one.
const NAMED: usize = 10;

/// What one rule came to.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Rows looked at; 1 for a rule about the whole frame.
    pub checked: u64,
    /// Rows, or frames, that fail.
    pub failed: u64,
    /// Rows skipped because something is missing.
    pub missing: u64,
    /// Whether the rule holds.
    pub passed: bool,
    /// Which rows fail.
    pub fails: Mask,
    /// For a rule about the whole frame, what was found.
    pub said: Option<String>,
}

impl Tally {
    /// Of a rule about rows.
    pub fn rows(rule: &Rule, checked: u64, missing: u64, fails: Mask) -> Self {
        let failed = fails.count();
        let passed = failed == 0 || (checked - failed.min(checked)) as f64 / checked as f64 >= rule.mostly;
        Self { checked, failed, missing, passed, fails, said: None }
    }

    /// Of a rule about the whole frame.
    pub fn whole(holds: bool, said: String) -> Self {
        Self {
            checked: 1,
            failed: u64::from(!holds),
            missing: 0,
            passed: holds,
            fails: Mask::default(),
            said: Some(said),
        }
    }

    /// Share of what was looked at that passes; none when nothing was.
    pub fn share(&self) -> Option<f64> {
        (self.checked > 0)
            .then(|| (self.checked - self.failed.min(self.checked)) as f64 / self.checked as f64)
    }
}

/// What all rules came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Rows of the frame.
    pub rows: u64,
    /// The rules.
    pub rules: Rules,
    /// What each came to.
    pub tallies: Vec<Tally>,
}

impl Report {
    /// Puts rules and tallies together.
    pub fn new(rows: u64, rules: Rules, tallies: Vec<Tally>) -> Self {
        Self { rows, rules, tallies }
    }

    /// Whether every rule holds that is not a mere warning.
    pub fn passed(&self) -> bool {
        self.each().all(|(rule, tally)| tally.passed || !rule.is_error)
    }

    /// Rules with what they came to.
    pub fn each(&self) -> impl Iterator<Item = (&Rule, &Tally)> {
        self.rules.0.iter().zip(&self.tallies)
    }

    /// The rows that fail a rule, or any rule that is not a mere warning.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a rule that is not there; [`Error::Memory`].
    pub fn mask(&self, rule: Option<usize>) -> Result<Mask, Error> {
        if let Some(rule) = rule {
            let count = self.tallies.len();
            let tally = self.tallies.get(rule);
            let missing = || Error::Invalid(format!("rule must be less than {count}, got {rule}"));
            return tally.map(|tally| tally.fails.clone()).ok_or_else(missing);
        }
        let mut all = Mask::default();
        for (_, tally) in self.each().filter(|(rule, _)| rule.is_error) {
            all.merge(&tally.fails)?;
        }
        Ok(all)
    }

    /// The report as JSON.
    pub fn json(&self) -> Json {
        let result = |(rule, tally): (&Rule, &Tally)| {
            json!({
                "rule": rule.json(),
                "name": rule.title(),
                "kind": rule.kind.called(),
                "columns": rule.columns(),
                "severity": if rule.is_error { "error" } else { "warning" },
                "passed": tally.passed,
                "checked": tally.checked,
                "failed": tally.failed,
                "missing": tally.missing,
                "share": tally.share(),
                "first_rows": tally.fails.first(NAMED),
                "message": message(rule, tally),
            })
        };
        json!({"passed": self.passed(), "rows": self.rows, "results": self.each().map(result).collect::<Vec<_>>()})
    }
}

/// What is to be said of a rule, in one sentence.
pub fn message(rule: &Rule, tally: &Tally) -> String {
    if let Some(said) = &tally.said {
        return said.clone();
    }
    let missing = match tally.missing {
        0 => String::new(),
        n => format!("; {} without a value", grouped(n)),
    };
    if tally.checked == 0 {
        return format!("there is nothing to check{missing}");
    }
    if tally.failed == 0 {
        return format!("all {} pass{missing}", grouped(tally.checked));
    }
    let share = tally.failed as f64 / tally.checked as f64 * 100.0;
    let share = if share < 0.01 { "less than 0.01 %".to_owned() } else { format!("{share:.2} %") };
    let rows = tally.fails.first(NAMED);
    let listed: Vec<String> = rows.iter().map(|row| grouped(*row)).collect();
    let more = if tally.failed > rows.len() as u64 { ", ..." } else { "" };
    let word = if tally.failed == 1 { "row" } else { "rows" };
    let mostly = match rule.mostly < 1.0 {
        true => format!(" of at most {:.4} %", (1.0 - rule.mostly) * 100.0).replace(".0000 %", " %"),
        false => String::new(),
    };
    format!(
        "{} of {} fail ({share}{mostly}): {word} {}{more}{missing}",
        grouped(tally.failed),
        grouped(tally.checked),
        listed.join(" ")
    )
}

/// A number with a comma after every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Rule {
    /// Its name, or what it says in few words.
    pub fn title(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let bound = |scalar: &Scalar| match scalar {
            Scalar::Text(text) => text.clone(),
            other => other.json().to_string(),
        };
        let title = match &self.kind {
            Kind::NotNull { columns } => format!("{} not null", columns.join(", ")),
            Kind::Unique { columns, within } if within.is_empty() => format!("{} unique", columns.join(", ")),
            Kind::Unique { columns, within } => {
                format!("{} unique within {}", columns.join(", "), within.join(", "))
            }
            Kind::Range { column, min, max, above, below } => {
                let (at_least, at_most) = (if *above { ">" } else { ">=" }, if *below { "<" } else { "<=" });
                match (min, max) {
                    (Some(min), None) => format!("{column} {at_least} {}", bound(min)),
                    (None, Some(max)) => format!("{column} {at_most} {}", bound(max)),
                    (Some(min), Some(max)) => {
                        let above = if *above { "<" } else { "<=" };
                        format!("{} {above} {column} {at_most} {}", bound(min), bound(max))
                    }
                    (None, None) => column.clone(),
                }
            }
            Kind::Length { column, min, max } => match (min, max) {
                (Some(min), Some(max)) if min == max => format!("length({column}) = {min}"),
                (Some(min), Some(max)) => format!("{min} <= length({column}) <= {max}"),
                (Some(min), None) => format!("length({column}) >= {min}"),
                (_, Some(max)) => format!("length({column}) <= {max}"),
                (None, None) => column.clone(),
            },
            Kind::Regex { column, pattern } => format!("{column} matches {}", pattern.text()),
            Kind::InSet { column, values, negated } => {
                let shown: Vec<String> = values.iter().take(5).map(bound).collect();
                let more = if values.len() > 5 { ", ..." } else { "" };
                let not = if *negated { "not " } else { "" };
                format!("{column} {not}in {}{more}", shown.join(", "))
            }
            Kind::ForeignKey { columns, frame, references } => {
                let frame = if frame.starts_with('#') { "another frame" } else { frame };
                format!("{} in {frame} ({})", columns.join(", "), references.join(", "))
            }
            Kind::Monotonic { column, increasing, strict } => {
                let how = if *increasing { "increasing" } else { "decreasing" };
                format!("{column} {}{how}", if *strict { "strictly " } else { "" })
            }
            Kind::Type { column, data_type } => format!("{column} is {data_type}"),
            Kind::RowCount { min, max } => match (min, max) {
                (Some(min), Some(max)) if min == max => format!("{} rows", grouped(*min)),
                (Some(min), Some(max)) => format!("{} to {} rows", grouped(*min), grouped(*max)),
                (Some(min), None) => format!("at least {} rows", grouped(*min)),
                (_, Some(max)) => format!("at most {} rows", grouped(*max)),
                (None, None) => "rows".to_owned(),
            },
            Kind::Freshness { column, within, .. } => {
                format!("{column} not older than {}", duration::written(*within))
            }
            Kind::Expression(expression) => expression.text.split_whitespace().collect::<Vec<_>>().join(" "),
            Kind::Custom { columns } => format!("custom({})", columns.join(", ")),
        };
        match &self.filter {
            Some(filter) => format!("{title} where {}", filter.text),
            None => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn titles_say_what_is_asked() {
        let rules = Rules::parse(
            r#"[{"rule": "range", "column": "x", "min": 0, "max": "2024-01-01", "exclusive": "min"},
                {"rule": "length", "column": "t", "min": 3, "max": 3, "where": "a = 1"},
                {"rule": "row_count", "min": 1000},
                {"rule": "not_in_set", "column": "t", "values": [1, 2, 3, 4, 5, 6]},
                {"rule": "not_null", "column": "a", "name": "mine"}]"#,
            false,
            "",
        )
        .unwrap();
        let titles: Vec<String> = rules.0.iter().map(Rule::title).collect();
        assert_eq!(
            titles,
            [
                "0 < x <= 2024-01-01",
                "length(t) = 3 where a = 1",
                "at least 1,000 rows",
                "t not in 1, 2, 3, 4, 5, ...",
                "mine"
            ]
        );
    }
}
