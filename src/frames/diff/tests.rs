use super::groups::Groups;
use super::parts::{Dealt, Match};
use super::same::same;
use super::tables::{Part, rows};
use super::*;
use crate::frames::diff::cell::{Cell, cell};
use arrow_array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatchIterator, StringArray};
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn of(
    old: &[RecordBatch],
    new: &[RecordBatch],
    key: Option<&[&str]>,
    columns: Option<&[&str]>,
) -> Result<Arc<Diff>, Error> {
    let reader = |batches: &[RecordBatch]| {
        let kept = batches.to_vec();
        RecordBatchIterator::new(kept.into_iter().map(Ok), batches[0].schema())
    };
    diff(&mut reader(old), &mut reader(new), key, columns, &Progress::silent()).map(Arc::new)
}

fn part(diff: &Arc<Diff>, part: Part) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for batch in rows(diff.clone(), part) {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            all.push(
                batch.columns().iter().map(|column| format!("{:?}", cell(column.as_ref(), row))).collect(),
            );
        }
    }
    all
}

fn pairs(rows: &[(Option<i64>, i32)], chunk: usize) -> Vec<RecordBatch> {
    let make = |rows: &[(Option<i64>, i32)]| {
        table(vec![
            ("k", Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.0)))),
            ("v", Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.1)))),
        ])
    };
    if rows.is_empty() { vec![make(rows)] } else { rows.chunks(chunk).map(make).collect() }
}

type Bags = BTreeMap<Option<i64>, Vec<i32>>;

fn bags(rows: &[(Option<i64>, i32)]) -> Bags {
    let mut bags = Bags::new();
    rows.iter().for_each(|(key, value)| bags.entry(*key).or_default().push(*value));
    bags
}

proptest! {
    /// Counts from multisets alone, whatever the order, the chunks and the repeats.
    #[test]
    fn counts_are_those_of_multisets(
        old in prop::collection::vec((prop::option::of(0..6_i64), 0..3), 0..25),
        new in prop::collection::vec((prop::option::of(0..6_i64), 0..3), 0..25),
        chunk in 1..5_usize,
    ) {
        let found = of(&pairs(&old, chunk), &pairs(&new, chunk + 1), Some(&["k"]), None).unwrap();
        let (before, after) = (bags(&old), bags(&new));
        let (mut same, mut changed, mut added, mut removed) = (0, 0, 0, 0);
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (mut left, mut right) = (before.get(key).cloned().unwrap_or_default(), Vec::new());
            for value in after.get(key).into_iter().flatten() {
                match left.iter().position(|other| other == value) {
                    Some(at) => { left.remove(at); same += 1; }
                    None => right.push(*value),
                }
            }
            changed += left.len().min(right.len());
            removed += left.len().saturating_sub(right.len());
            added += right.len().saturating_sub(left.len());
        }
        prop_assert_eq!(found.unchanged, same);
        prop_assert_eq!((found.changed.len(), found.added.len(), found.removed.len()), (changed, added, removed));
        prop_assert_eq!(found.equal(), before.iter().map(|(key, bag)| (key, sorted(bag))).eq(
            after.iter().map(|(key, bag)| (key, sorted(bag)))));
        let repeated = |bags: &Bags| bags.values().filter(|bag| bag.len() > 1).count() as u64;
        prop_assert_eq!(found.repeated, (repeated(&before), repeated(&after)));
        for (one, other) in &found.changed {
            prop_assert!(one.batch < found.old.batches.end as u32 && other.batch >= found.old.batches.end as u32);
        }
        // Without a key, only whole rows count.
        let whole = of(&pairs(&old, chunk), &pairs(&new, chunk + 1), None, None).unwrap();
        let identical: usize = before.iter().flat_map(|(key, bag)| (0..3).map(move |value| (key, bag, value)))
            .map(|(key, bag, value)| {
                let count = |bag: &Vec<i32>| bag.iter().filter(|other| **other == value).count();
                count(bag).min(after.get(key).map_or(0, count))
            }).sum();
        prop_assert_eq!(whole.unchanged as usize, identical);
        prop_assert_eq!((whole.added.len(), whole.removed.len()), (new.len() - identical, old.len() - identical));
        prop_assert!(whole.changed.is_empty());
    }
}

fn sorted(bag: &[i32]) -> Vec<i32> {
    let mut bag = bag.to_vec();
    bag.sort_unstable();
    bag
}

#[test]
fn values_are_compared_and_not_types() {
    let old = table(vec![
        ("id", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("n", Arc::new(Float64Array::from(vec![Some(1.0), Some(-0.0), None]))),
        ("gone", Arc::new(Int32Array::from(vec![0, 0, 0]))),
    ]);
    let new = table(vec![
        ("n", Arc::new(Int64Array::from(vec![Some(0), Some(1), Some(5), Some(7)]))),
        ("id", Arc::new(Float64Array::from(vec![2.0, 1.0, 3.0, 4.0]))),
        ("more", Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
    ]);
    let found = of(std::slice::from_ref(&old), std::slice::from_ref(&new), Some(&["id"]), None).unwrap();
    assert_eq!((found.unchanged, found.changed.len(), found.added.len(), found.removed.len()), (2, 1, 1, 0));
    assert!(!found.equal());
    assert_eq!(part(&found, Part::Added), [["Number(Integer(7))", "Number(Integer(4))", "Text([100])"]]);
    let schema = RecordBatchReader::schema(&rows(found.clone(), Part::Changed));
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["id", "changed", "n_old", "n_new"]);
    let changed = part(&found, Part::Changed);
    assert_eq!(changed, [["Number(Integer(3))", "List([Text([110])])", "Null", "Number(Integer(5))"]]);
    let report: Json = serde_json::from_str(&found.json()).unwrap();
    assert_eq!(report["columns"], serde_json::json!({"n": 1}));
    assert_eq!(report["schema"]["added"][0]["name"], "more");
    assert_eq!(report["schema"]["removed"][0]["name"], "gone");
    assert_eq!(report["schema"]["retyped"].as_array().unwrap().len(), 2);
    assert_eq!(report["examples"]["changed"][0]["columns"]["n"], serde_json::json!([null, 5]));
    let narrow = of(&[old.slice(0, 2)], &[new.slice(0, 2)], Some(&["id"]), Some(&["n"])).unwrap();
    assert!(narrow.equal(), "types and the order of rows and columns do not count");
}

#[test]
fn names_that_are_taken_get_underscores() {
    let one = |value: i32| -> ArrayRef { Arc::new(Int32Array::from(vec![value])) };
    let make = |value| {
        table(vec![("changed", one(1)), ("x_old", one(2)), ("x", one(value)), ("x_old_", one(value))])
    };
    let found = of(&[make(1)], &[make(2)], Some(&["changed", "x_old"]), None).unwrap();
    let schema = RecordBatchReader::schema(&rows(found, Part::Changed));
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["changed", "x_old", "changed_", "x_old_", "x_new", "x_old__old", "x_old__new"]);
}

#[test]
fn wrong_names_are_told() {
    let one = pairs(&[(Some(1), 1)], 1);
    let message = |key: Option<&[&str]>, columns: Option<&[&str]>| {
        of(&one, &one, key, columns).unwrap_err().to_string()
    };
    assert_eq!(message(Some(&["z"]), None), r#"key: "z" is not a column of old, which has "k", "v""#);
    assert_eq!(message(Some(&[]), None), "key must name at least one column, got none");
    assert_eq!(message(Some(&["k", "k"]), None), r#"key must name different columns, got "k" twice"#);
    assert_eq!(message(None, Some(&["z"])), r#"columns: "z" is neither a column of old nor of new"#);
    let twice =
        table(vec![("a", Arc::new(Int32Array::from(vec![1]))), ("a", Arc::new(Int32Array::from(vec![1])))]);
    let error = of(&one, &[twice], None, None).unwrap_err().to_string();
    assert_eq!(error, r#"new must have different column names to be compared by name, got "a" twice"#);
}

#[test]
fn groups_of_one_hash_are_kept_apart_by_comparison() {
    let values: Vec<_> = (0..50).map(|value| (Some(value), 0)).collect();
    let batches = pairs(&values, 50);
    let by = [same(vec![batches[0].column(0).as_ref()])];
    let mut groups = Groups::new(0).unwrap();
    for row in 0..50 {
        assert_eq!(groups.enter(7, Place { batch: 0, row }, &by, |_, _| true).unwrap(), row);
    }
    assert_eq!(groups.enter(7, Place { batch: 0, row: 20 }, &by, |_, _| true).unwrap(), 20);
}

#[test]
fn keys_that_share_a_hash_are_noticed_and_told_apart() {
    let old: Vec<_> = (0..30).map(|row| (Some(row % 10), 0)).collect();
    let new: Vec<_> = (5..15).map(|row| (Some(row), 0)).collect();
    let found = of(&pairs(&old, 7), &pairs(&new, 3), Some(&["k"]), None).unwrap();
    let by = found.comparisons(found.key.as_ref().unwrap());
    let silent = Progress::silent();
    for bits in [0, 3] {
        let deal = |side, rows| {
            Dealt::new(side, &found.batches, &vec![1 << 62; rows], bits, &silent.pulse()).unwrap()
        };
        let dealt = (deal(&found.old, 30), deal(&found.new, 10));
        assert!(found.settle((&dealt.0, &dealt.1), &by, false, &silent).unwrap().is_none());
        let settled = found.settle((&dealt.0, &dealt.1), &by, true, &silent).unwrap().unwrap();
        assert_eq!(settled.repeated, (10, 0));
        let matches: Vec<_> = settled.new.iter().collect();
        assert!(matches[..5].iter().all(|own| matches!(own, Match::Often(_))));
        assert_eq!(matches[5..], [Match::Alone; 5]);
        let alone = settled.old.iter().map(|own| own == Match::Alone);
        assert!(alone.eq((0..30).map(|row| row % 10 < 5)));
    }
    // Once in each table, and not the same key.
    let found = of(&pairs(&[(Some(1), 0)], 1), &pairs(&[(Some(2), 0)], 1), Some(&["k"]), None).unwrap();
    let by = found.comparisons(found.key.as_ref().unwrap());
    let places = [(Place { batch: 0, row: 0 }, Place { batch: 1, row: 0 })];
    assert!(!found.proven(&places, &by, &silent).unwrap());
}

#[test]
fn tables_of_many_parts_are_matched_like_small_ones() {
    let rows = |range: std::ops::Range<i64>| -> Vec<_> {
        range.map(|key| (Some(key.wrapping_mul(7_919) % 100_003), (key % 3) as i32)).collect()
    };
    let (mut old, new) = (rows(0..90_000), rows(30_000..100_000));
    old[50_000].1 += 1;
    old.push(old[60_000]);
    let found = of(&pairs(&old, 33_000), &pairs(&new, 40_000), Some(&["k"]), None).unwrap();
    assert_eq!((found.added.len(), found.removed.len(), found.changed.len()), (10_000, 30_001, 1));
    assert_eq!((found.unchanged, found.repeated), (59_999, (1, 0)));
    assert!(found.added.is_sorted() && found.removed.is_sorted());
    assert_eq!(found.changed[0].0, Place { batch: 1, row: 17_000 });
}

#[test]
fn dictionaries_of_different_batches_are_one() {
    use arrow_array::DictionaryArray;
    use arrow_array::types::Int8Type;
    let make = |texts: Vec<Option<&str>>| {
        let coded: DictionaryArray<Int8Type> = texts.into_iter().collect();
        table(vec![("x", Arc::new(coded))])
    };
    let old =
        [make(vec![Some("a"), None, Some("b"), Some("a")]), make(vec![None, None]), make(vec![Some("c")])];
    let new =
        [make(vec![Some("c"), Some("b"), Some("b")]), make(vec![Some("a"), Some("a"), None, None, None])];
    let found = of(&old, &new, None, None).unwrap();
    assert_eq!((found.unchanged, found.added.len(), found.removed.len()), (7, 1, 0));
    assert_eq!(part(&found, Part::Added), [["Text([98])"]]);
}

#[test]
fn maps_are_equal_in_any_order() {
    let entry = |key: i64, value: i64| (whole(key), whole(value));
    fn whole(value: i64) -> Cell<'static> {
        Cell::Number(crate::frames::fingerprint::number::Number::Integer(value))
    }
    let map = |entries: Vec<(Cell<'static>, Cell<'static>)>| Cell::Map(entries.into());
    assert_eq!(map(vec![entry(1, 2), entry(3, 4)]), map(vec![entry(3, 4), entry(1, 2)]));
    assert_ne!(map(vec![entry(1, 2), entry(1, 2)]), map(vec![entry(1, 2), entry(3, 4)]));
    assert_ne!(map(vec![entry(1, 2)]), map(vec![entry(1, 2), entry(1, 2)]));
}

#[test]
fn a_tick_that_says_no_stops_it() {
    let rows: Vec<_> = (0..20_000).map(|row| (Some(row), 0)).collect();
    let batches = pairs(&rows, 20_000);
    let reader = || RecordBatchIterator::new([Ok(batches[0].clone())], batches[0].schema());
    let progress = Progress::new(|_, _| false);
    let error = diff(&mut reader(), &mut reader(), Some(&["k"]), None, &progress).unwrap_err();
    assert!(matches!(error, Error::Cancelled));
}
