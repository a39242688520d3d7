use super::*;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatchIterator, StringArray};
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn of(batches: Vec<RecordBatch>, columns: Option<&[&str]>) -> Result<Profile, Error> {
    let schema = batches[0].schema();
    let mut reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    profile(&mut reader, columns, &Options::default(), &Progress::silent())
}

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
fn the_answer_does_not_depend_on_threads_and_hardly_on_chunks() {
    let rows = 300_000;
    let table = table(rows);
    let whole = of(vec![table.clone()], None).unwrap();
    assert_eq!((whole.rows, whole.summaries()[0].nulls), (300_000, 42_858));
    assert_eq!(whole.json(), of(vec![table.clone()], None).unwrap().json());
    let chunks = (0..rows).step_by(1009).map(|at| table.slice(at, 1009.min(rows - at))).collect();
    let chunked = of(chunks, None).unwrap();
    for (one, other) in whole.summaries().iter().zip(&chunked.summaries()) {
        assert_eq!(
            (one.count, one.distinct, &one.min, &one.max, &one.quantiles, one.longest_run),
            (other.count, other.distinct, &other.min, &other.max, &other.quantiles, other.longest_run)
        );
        if let (Some(one), Some(other)) = (one.std.number(), other.std.number()) {
            assert!((one - other).abs() <= 1e-12 * one, "{one} {other}");
        }
    }
}

#[test]
fn columns_are_chosen_by_name_and_a_shared_name_takes_all() {
    let one = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
    let twice = batch(vec![("a", one()), ("b", one()), ("a", one())]);
    let names = |columns: &[&str]| -> Vec<String> {
        of(vec![twice.clone()], Some(columns)).unwrap().fields.into_iter().map(|field| field.name).collect()
    };
    assert_eq!(names(&["b", "a"]), ["b", "a", "a"]);
    assert_eq!(names(&[]), [""; 0]);
    let error = of(vec![twice], Some(&["c"])).unwrap_err().to_string();
    assert_eq!(error, r#"columns: "c" is not a column of data, which has "a", "b", "a""#);
}

#[test]
fn a_tick_that_says_no_stops_it() {
    let table = table(500_000);
    let mut reader = RecordBatchIterator::new([Ok(table.clone())], table.schema());
    let progress = Progress::new(|_, _| false);
    assert!(matches!(profile(&mut reader, None, &Options::default(), &progress), Err(Error::Cancelled)));
}

#[test]
fn pieces_of_the_widest_tables_have_rows() {
    for width in [1, 3, WINDOW - 1, WINDOW, WINDOW + 1, 1 << 20, usize::MAX] {
        let rows = longest(width);
        assert!(rows >= SEGMENT && rows.is_multiple_of(SEGMENT), "{width} columns: {rows}");
    }
}
