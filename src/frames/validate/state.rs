//! What rules found, as bytes that travel: `IWCHECKS` in an [`Envelope`], the same however pieces were put together.
#![forbid(unsafe_code)]

use super::found::{Found, Held};
use super::held_bytes;
use super::runs;
use super::validation::{Book, Seen, Validation};
use crate::error::Error;
use crate::frames::envelope::{Envelope, Reader};
use serde_json::Value as Json;

const ENVELOPE: Envelope = Envelope { magic: b"IWCHECKS", version: 1, called: "validation state" };

impl Validation {
    /// The state as bytes, for [`Validation::from_bytes`] on this or any other machine.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut to = ENVELOPE.begin();
        to.count(self.rows);
        to.wide(self.now);
        to.bytes(self.rules.text.as_bytes());
        to.size(self.columns.len());
        for seen in &self.columns {
            to.bytes(seen.name.as_bytes());
            to.option(seen.data_type.as_ref(), |to, name| to.bytes(name.as_bytes()));
        }
        to.size(self.found.len());
        for found in &self.found {
            to.count(found.checked);
            to.count(found.missing);
            runs::write(&mut to, &found.fails);
            held_bytes::write(&mut to, &found.held)?;
        }
        Ok(to.seal())
    }

    /// The state that [`Validation::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else, [`Error::Memory`] when it has no room.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut from = ENVELOPE.open(bytes)?;
        let made = validation(&mut from)?.ok_or_else(|| ENVELOPE.contradiction())?;
        if from.left() > 0 {
            return Err(ENVELOPE.wrong("something follows its end"));
        }
        Ok(made)
    }
}

fn validation(from: &mut Reader<'_>) -> Result<Option<Validation>, Error> {
    let Some((rows, now, text, columns, kinds)) = beginning(from) else { return Ok(None) };
    let mut found = Vec::new();
    let mut span = 0;
    for kind in kinds {
        let Some(next) = self::found(from, rows, &kind, &mut span)? else { return Ok(None) };
        found.push(next);
    }
    Ok(Some(Validation { rows, now, rules: Book::new(text), columns, found }))
}

/// Rows, moment, rules and columns; and which rule each of the rules is.
type Beginning<'b> = (u64, i128, &'b str, Vec<Seen>, Vec<String>);

fn beginning<'b>(from: &mut Reader<'b>) -> Option<Beginning<'b>> {
    let (rows, now, text) = (from.count()?, from.wide()?, from.text()?);
    let count = from.size(2)?;
    let seen = |from: &mut Reader<'b>| {
        let name = from.text()?.to_owned();
        Some(Seen { name, data_type: from.option(|from| from.text().map(str::to_owned))? })
    };
    let columns = (0..count).map(|_| seen(from)).collect::<Option<Vec<Seen>>>()?;
    // Reading the rules themselves waits until they are needed; their names say what must follow.
    let rules: Vec<Json> = serde_json::from_str(text).ok()?;
    let kinds =
        rules.iter().map(|rule| rule["rule"].as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    (from.size(4)? == kinds.len()).then_some((rows, now, text, columns, kinds))
}

fn found(from: &mut Reader<'_>, rows: u64, kind: &str, span: &mut u64) -> Result<Option<Found>, Error> {
    let (Some(checked), Some(missing)) = (from.count(), from.count()) else { return Ok(None) };
    let Some(fails) = runs::read(from, rows, span)? else { return Ok(None) };
    let Some(held) = held_bytes::read(from, kind, rows, checked, span)? else { return Ok(None) };
    // Which keys fail is not known before all are there.
    let known = !matches!(held, Held::Keys(_)) || fails.count() == 0;
    let fits = checked + missing <= rows && fails.count() <= checked;
    Ok((known && fits).then_some(Found { checked, missing, fails, held }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::validate::plan::Comparison;
    use crate::frames::validate::rules::Rules;
    use crate::frames::validate::validation::Custom;
    use crate::progress::Progress;
    use arrow_array::{Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
    use proptest::prelude::*;
    use std::sync::Arc;
    use xxhash_rust::xxh3::xxh3_64;

    const RULES: &str = r#"[
        {"rule": "unique", "columns": ["n"]},
        {"rule": "unique", "columns": ["t", "n"], "mostly": 0.5},
        {"rule": "not_null", "columns": ["x"], "severity": "warning"},
        {"rule": "range", "column": "x", "min": 0.1, "where": "n > 0"},
        {"rule": "regex", "column": "t", "pattern": "^a"},
        {"rule": "monotonic", "column": "n"},
        {"rule": "monotonic", "column": "t", "direction": "decreasing", "strict": true},
        {"rule": "monotonic", "column": "x", "strict": true},
        {"rule": "type", "column": "n", "type": "int64"},
        {"rule": "row_count", "min": 3},
        {"rule": "custom", "columns": ["n"]}
    ]"#;

    type Row = (Option<i64>, Option<f64>, Option<String>);

    fn row() -> impl Strategy<Value = Row> {
        let real = prop_oneof![Just(f64::NAN), Just(-0.0), -1.0..1.0];
        (prop::option::of(-2_i64..4), prop::option::of(real), prop::option::of("[ab]{0,2}"))
    }

    fn of(rows: &[Row]) -> Validation {
        let batch = RecordBatch::try_from_iter_with_nullable([
            (
                "n",
                Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.0))) as arrow_array::ArrayRef,
                true,
            ),
            ("x", Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.1))), true),
            ("t", Arc::new(StringArray::from_iter(rows.iter().map(|row| row.2.clone()))), true),
        ])
        .unwrap();
        let schema = batch.schema();
        let mut reader = RecordBatchIterator::new([Ok(batch)], schema);
        let rules = Rules::parse(RULES, false, "").unwrap();
        let mut odd = |_: usize, batch: RecordBatch| -> Result<Vec<u8>, Error> {
            let column = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
            Ok(column.iter().map(|value| value.map_or(2, |value| (value & 1) as u8)).collect())
        };
        let custom: Option<&mut Custom<'_>> = Some(&mut odd);
        Validation::of(&mut reader, &rules, Vec::new(), custom, Some(7), &Progress::silent()).unwrap()
    }

    /// Everything a report says.
    fn said(state: &Validation) -> String {
        let report = state.report(&Progress::silent()).unwrap();
        let masks: Vec<Vec<u64>> = report.tallies.iter().map(|tally| tally.fails.first(usize::MAX)).collect();
        format!("{} {masks:?}", report.json())
    }

    fn merged(one: &Validation, other: &Validation) -> Validation {
        let mut whole = one.clone();
        whole.merge(other, "other").unwrap();
        whole
    }

    /// The bytes with a checksum that fits.
    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.truncate(bytes.len().saturating_sub(8));
        let sum = xxh3_64(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// Reads bytes and, where they are accepted, does everything a state can do.
    fn survives(bytes: &[u8], good: &Validation) {
        if let Ok(state) = Validation::from_bytes(bytes) {
            assert!(!state.to_bytes().unwrap().is_empty());
            assert!(!state.json().to_string().is_empty());
            if let Ok(report) = state.report(&Progress::silent()) {
                assert!(!report.json().to_string().is_empty());
                let _ = report.mask(None).unwrap();
            }
            for (one, other) in [(&state, &state), (&state, good), (good, &state)] {
                let mut whole = one.clone();
                if whole.merge(other, "other").is_ok() {
                    let _ = whole.report(&Progress::silent());
                    let _ = whole.to_bytes();
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn pieces_come_to_what_the_whole_does(
            rows in prop::collection::vec(row(), 0..40),
            cuts in prop::array::uniform2(any::<prop::sample::Index>()),
        ) {
            let mut ends = cuts.map(|cut| cut.index(rows.len() + 1));
            ends.sort_unstable();
            let whole = of(&rows);
            let parts = [&rows[..ends[0]], &rows[ends[0]..ends[1]], &rows[ends[1]..]].map(of);
            let [a, b, c] = parts.map(|part| Validation::from_bytes(&part.to_bytes().unwrap()).unwrap());
            let (left, right) = (merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            let bytes = whole.to_bytes().unwrap();
            prop_assert_eq!(left.to_bytes().unwrap(), bytes.clone());
            prop_assert_eq!(right.to_bytes().unwrap(), bytes);
            prop_assert_eq!(said(&left), said(&whole));
            prop_assert_eq!(said(&right), said(&whole));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn hostile_bytes_are_an_error_or_a_state(
            rows in prop::collection::vec(row(), 0..6),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in any::<prop::sample::Index>(),
            cut in any::<bool>(),
        ) {
            let good = of(&rows);
            let mut bytes = good.to_bytes().unwrap();
            let text = good.rules.text.len();
            let start = bytes.windows(text).position(|part| part == good.rules.text.as_bytes()).unwrap();
            for (at, value) in flips {
                // The parts before and behind the rules, which are read elsewhere.
                let at = at.index(bytes.len() - text);
                bytes[if at < start { at } else { at + text }] = value;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            survives(&bytes, &good);
            survives(&signed(bytes), &good);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let good = of(&[(Some(1), Some(0.5), Some("a".to_owned())), (Some(2), None, None)]);
        let error = |change: &dyn Fn(&mut Validation)| {
            let mut state = good.clone();
            change(&mut state);
            Validation::from_bytes(&state.to_bytes().unwrap()).unwrap_err().to_string()
        };
        let contradicts = "data is no validation state that to_bytes wrote: its parts contradict each other";
        for change in [
            |state: &mut Validation| state.rows = 1,
            |state: &mut Validation| state.found[10].checked = 0,
            |state: &mut Validation| state.found[2].missing = 1,
            |state: &mut Validation| state.found[2].fails.set(2).unwrap(),
            |state: &mut Validation| state.found[0].fails.set(0).unwrap(),
            |state: &mut Validation| state.found[0].held = Held::Keys(Vec::new()),
            |state: &mut Validation| state.found[5].held = Held::Order(Comparison::AtLeast, None),
            |state: &mut Validation| state.found.swap(0, 5),
            |state: &mut Validation| state.found.truncate(10),
            |state: &mut Validation| state.rules = Book::new("[{}]"),
            |state: &mut Validation| state.rules = Book::new("{"),
        ] {
            assert_eq!(error(&change), contradicts);
        }
        // Rules that are none are found out when they are needed.
        let mut state = good.clone();
        state.rules = Book::new(&good.rules.text.replace("^a", "(a"));
        let state = Validation::from_bytes(&state.to_bytes().unwrap()).unwrap();
        let error = state.report(&Progress::silent()).unwrap_err().to_string();
        assert!(
            error.starts_with("rules of the state: rules[4].pattern must be a regular expression"),
            "{error}"
        );
        let mut longer = good.to_bytes().unwrap();
        longer.extend([0; 9]);
        let error = Validation::from_bytes(&signed(longer)).unwrap_err().to_string();
        assert!(error.contains("something follows its end"), "{error}");
    }
}
