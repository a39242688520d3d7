use super::*;
use crate::frames::fingerprint::hash::seed;
use arrow_array::{Float64Array, Int32Array, Int64Array, RecordBatchIterator, StringArray};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn of(
    batches: Vec<RecordBatch>,
    columns: Option<&[&str]>,
    options: Options,
    keep: bool,
) -> Result<Fingerprint, Error> {
    let schema = batches[0].schema();
    let mut reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    fingerprint(&mut reader, columns, options, keep, &Progress::silent())
}

const PLAIN: Options = Options { wide: false, by_name: false };

fn table(rows: usize) -> RecordBatch {
    let whole = (0..rows as i64).map(|row| (row % 7 != 0).then_some(row * row % 1000));
    let real = (0..rows).map(|row| (row as f64).sin() * 1e3);
    let text = (0..rows).map(|row| format!("row {}", row % 500));
    batch(vec![
        ("whole", Arc::new(Int64Array::from_iter(whole))),
        ("real", Arc::new(Float64Array::from_iter_values(real))),
        ("text", Arc::new(StringArray::from_iter_values(text))),
    ])
}

#[test]
fn a_row_is_xxh3_of_its_values_hashes() {
    let one = batch(vec![
        ("n", Arc::new(Int32Array::from(vec![Some(-2), None]))),
        ("s", Arc::new(StringArray::from(vec!["x", ""]))),
    ]);
    let made = of(vec![one], None, PLAIN, true).unwrap();
    let minus_two = xxh3_64_with_seed(&(-2_i64).to_le_bytes(), seed::INTEGER);
    let null = xxh3_64_with_seed(&[], seed::NULL);
    let row = |one: u64, other: u64| xxh3_64(&[one.to_le_bytes(), other.to_le_bytes()].concat());
    let rows = [row(minus_two, xxh3_64(b"x")), row(null, xxh3_64(b""))];
    assert_eq!(made.hashes.typed_data::<u64>(), rows);
    let again = rows.map(|row| xxh3_64_with_seed(&row.to_le_bytes(), seed::DIGEST));
    let sum = Sum { low: rows[0].wrapping_add(rows[1]), high: again[0].wrapping_add(again[1]) };
    assert_eq!((made.rows, made.sum), (2, sum));
}

#[test]
fn chunks_threads_and_keeping_do_not_show() {
    let (rows, table) = (300_000, table(300_000));
    for wide in [false, true] {
        let options = Options { wide, by_name: false };
        let whole = of(vec![table.clone()], None, options, true).unwrap();
        let chunks = (0..rows).step_by(1009).map(|at| table.slice(at, 1009.min(rows - at))).collect();
        let chunked = of(chunks, None, options, true).unwrap();
        assert_eq!((whole.rows, whole.sum), (rows as u64, chunked.sum));
        assert_eq!(whole.hashes, chunked.hashes);
        let digest = of(vec![table.clone()], None, options, false).unwrap();
        assert_eq!((digest.sum, digest.hashes.len()), (whole.sum, 0));
        assert!(digest.table().is_err());
        assert_eq!(whole.table().unwrap().num_rows(), rows);
    }
}

#[test]
fn sums_of_parts_are_the_sum_of_the_whole() {
    let table = table(1000);
    for wide in [false, true] {
        let sum =
            |batch: RecordBatch| of(vec![batch], None, Options { wide, by_name: true }, false).unwrap().sum;
        let join = if wide { u128::join } else { u64::join };
        assert_eq!(join(sum(table.slice(0, 300)), sum(table.slice(300, 700))), sum(table.clone()));
    }
}

#[test]
fn names_count_only_when_asked() {
    let table = table(10);
    let columns = |names: &[&str], by_name| {
        of(vec![table.clone()], Some(names), Options { wide: false, by_name }, false)
    };
    let sum = |names: &[&str], by_name| columns(names, by_name).unwrap().sum;
    assert_eq!(sum(&["text", "whole"], true), sum(&["whole", "text"], true));
    assert_ne!(sum(&["text", "whole"], false), sum(&["whole", "text"], false));
    let renamed = batch(vec![("other", table.column(0).clone())]);
    let other =
        |by_name| of(vec![renamed.clone()], None, Options { wide: false, by_name }, false).unwrap().sum;
    assert_eq!(other(false), sum(&["whole"], false));
    assert_ne!(other(true), sum(&["whole"], true));
    let error = columns(&["text", "text"], true).unwrap_err().to_string();
    assert_eq!(error, r#"columns must have different names to count by name, got "text" twice"#);
    let error = columns(&["c"], false).unwrap_err().to_string();
    assert_eq!(error, r#"columns: "c" is not a column of data, which has "whole", "real", "text""#);
}

#[test]
fn a_tick_that_says_no_stops_it() {
    let table = table(500_000);
    let mut reader = RecordBatchIterator::new([Ok(table.clone())], table.schema());
    let progress = Progress::new(|_, _| false);
    assert!(matches!(fingerprint(&mut reader, None, PLAIN, true, &progress), Err(Error::Cancelled)));
}
