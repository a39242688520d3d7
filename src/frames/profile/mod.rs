//! A profile: every column of a frame summed up in one pass over its batches.
//!
//! The frame is read on the calling thread, a window of batches at a time, so a stream of any length needs
//! bounded memory; the columns of a window are summed up in parallel. A frame of few columns is also split by
//! rows, in a way that depends on the data alone: the answer is the same, to the last digit, on any
//! number of threads.
#![deny(unsafe_code)] // not forbid, which simd_moments could not lift

pub mod boolean;
pub mod column;
pub mod decimal;
pub mod distinct;
pub mod moments;
pub mod nested;
pub mod numeric;
pub mod report;
#[allow(unsafe_code)]
pub mod simd_moments;
pub mod text;

use crate::error::Error;
use crate::exec;
use crate::frames::types::kind;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, Schema};
use column::{Column, Summary};

/// Rows that go to one part of a column at a time.
const SEGMENT: usize = 65_536;

/// Parts all columns together are split into, at least; more threads than this do not help a narrow frame.
const PARTS: usize = 8;

/// Segments at the start that all go to the first part of a column: enough to show whether its values are too many
/// to count exactly, so that at most one part fills a table in vain.
const LEAD: usize = 2;

/// Values of one window: enough that starting threads costs nothing beside it.
const WINDOW: usize = 1_000_000;

/// What a frame came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Rows of the frame.
    pub rows: u64,
    /// Its columns, or those asked for.
    pub columns: Vec<Summary>,
}

/// Profiles what `reader` gives, or only the columns named, in the order named.
///
/// A name that several columns bear takes them all. Reports values read, of an unknown total.
///
/// # Errors
/// [`Error::Invalid`] for a name no column bears, and whatever the reader fails with.
/// [`Error::Cancelled`] when the progress says stop.
pub fn profile(
    reader: &mut dyn RecordBatchReader,
    columns: Option<&[&str]>,
    progress: &Progress<'_>,
) -> Result<Profile, Error> {
    let schema = reader.schema();
    let chosen = match columns {
        None => (0..schema.fields().len()).collect(),
        Some(names) => choose(&schema, names)?,
    };
    let types: Vec<&DataType> = chosen.iter().map(|index| schema.field(*index).data_type()).collect();
    let parts = (PARTS / chosen.len().max(1)).max(1);
    let mut states: Vec<Vec<Column>> =
        types.iter().map(|data_type| (0..parts).map(|_| Column::new(data_type)).collect()).collect();

    let (mut rows, mut segments) = (0, 0);
    let mut window = Vec::new();
    let mut values = 0;
    let most = (WINDOW / chosen.len().max(1)).next_multiple_of(SEGMENT);
    loop {
        progress.poll()?;
        let batch = reader.next().transpose().map_err(uncarry)?;
        let ended = batch.is_none();
        let first = rows == 0;
        // Pieces of whole segments, so that cutting a long batch into windows changes no result.
        for piece in batch.iter().flat_map(|batch| pieces(batch, first, most)) {
            rows += piece.num_rows() as u64;
            values += piece.num_rows() * chosen.len().max(1);
            window.push(piece);
            if values >= WINDOW || (segments == 0 && rows >= (LEAD * SEGMENT) as u64) {
                segments += sum_up(&window, &chosen, &types, &mut states, segments, progress)?;
                window.clear();
                values = 0;
            }
        }
        if ended {
            sum_up(&window, &chosen, &types, &mut states, segments, progress)?;
            break;
        }
    }
    let columns = chosen.iter().zip(&mut states).map(|(index, parts)| {
        let field = schema.field(*index);
        let (whole, rest) = parts.split_at_mut(1);
        rest.iter().for_each(|part| whole[0].merge(part));
        whole[0].summary(field.name(), field.data_type())
    });
    let profile = Profile { rows, columns: columns.collect() };
    progress.finish()?;
    Ok(profile)
}

/// A batch cut after every `most` rows, and the first one after its leading segments, too.
fn pieces(batch: &RecordBatch, first: bool, most: usize) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    let lead = if first { rows.min(LEAD * SEGMENT) } else { 0 };
    let rest = (lead..rows).step_by(most).map(move |start| batch.slice(start, most.min(rows - start)));
    (lead > 0).then(|| batch.slice(0, lead)).into_iter().chain(rest)
}

/// The columns of these names, by position.
fn choose(schema: &Schema, names: &[&str]) -> Result<Vec<usize>, Error> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let fields = schema.fields().iter().enumerate();
        chosen.extend(fields.filter(|(_, field)| field.name() == name).map(|(index, _)| index));
        if chosen.len() == before {
            return Err(Error::Invalid(format!(
                "columns: {name:?} is not a column of data, which has {}",
                list(schema)
            )));
        }
    }
    Ok(chosen)
}

/// The first few column names.
fn list(schema: &Schema) -> String {
    const SHOWN: usize = 12;
    let fields = schema.fields();
    let shown: Vec<String> = fields.iter().take(SHOWN).map(|field| format!("{:?}", field.name())).collect();
    match fields.len() {
        0 => "no columns".to_owned(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}

/// Feeds a window to the states and returns how many segments it had.
///
/// Segment `n` of the frame goes to part `n % parts` of every column, the first few to part 0.
fn sum_up(
    window: &[RecordBatch],
    chosen: &[usize],
    types: &[&DataType],
    states: &mut [Vec<Column>],
    first: usize,
    progress: &Progress<'_>,
) -> Result<usize, Error> {
    let mut jobs: Vec<(usize, usize, usize, &mut Column)> = Vec::new();
    for (at, column) in states.iter_mut().enumerate() {
        let parts = column.len();
        jobs.extend(column.iter_mut().enumerate().map(|(part, state)| (at, part, parts, state)));
    }
    // The longest jobs first, so that no thread ends up alone with one.
    jobs.sort_by_key(|(at, part, ..)| (!matches!(kind(types[*at]), "text" | "binary"), *part));
    let rows: usize = window.iter().map(RecordBatch::num_rows).sum();
    let work = |(at, part, parts, state): (usize, usize, usize, &mut Column),
                pulse: &crate::progress::Pulse<'_>| {
        let mut segment = first;
        for batch in window {
            let array = batch.column(chosen[at]);
            for start in (0..batch.num_rows()).step_by(SEGMENT) {
                if (if segment < LEAD { 0 } else { segment % parts }) == part {
                    let end = batch.num_rows().min(start + SEGMENT);
                    state.feed(array, start..end, pulse)?;
                    pulse.add((end - start) as u64)?;
                }
                segment += 1;
            }
        }
        Ok(())
    };
    if rows.saturating_mul(chosen.len()) < exec::SEQUENTIAL_BELOW {
        let pulse = progress.pulse();
        jobs.into_iter().try_for_each(|job| work(job, &pulse))?;
    } else {
        exec::map(jobs.into_iter(), progress, work)?;
    }
    states.iter_mut().for_each(|parts| Column::agree(parts));
    Ok(window.iter().map(|batch| batch.num_rows().div_ceil(SEGMENT)).sum())
}

#[cfg(test)]
mod tests {
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
        profile(&mut reader, columns, &Progress::silent())
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
        assert_eq!((whole.rows, whole.columns[0].nulls), (300_000, 42_858));
        assert_eq!(whole, of(vec![table.clone()], None).unwrap());
        let chunks = (0..rows).step_by(1009).map(|at| table.slice(at, 1009.min(rows - at))).collect();
        let chunked = of(chunks, None).unwrap();
        for (one, other) in whole.columns.iter().zip(&chunked.columns) {
            assert_eq!(
                (one.count, one.distinct, &one.min, &one.max),
                (other.count, other.distinct, &other.min, &other.max)
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
            of(vec![twice.clone()], Some(columns))
                .unwrap()
                .columns
                .into_iter()
                .map(|column| column.name)
                .collect()
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
        assert!(matches!(profile(&mut reader, None, &progress), Err(Error::Cancelled)));
    }
}
