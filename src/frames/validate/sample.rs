//! Failing rows, taken from the data once more.
#![forbid(unsafe_code)]

use super::report::Report;
use crate::error::Error;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchReader, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// The columns of the data, with the row's number and the rules it fails in front.
fn schema(data: &SchemaRef) -> SchemaRef {
    let free = |wanted: &str| {
        let mut name = wanted.to_owned();
        while data.fields().iter().any(|field| *field.name() == name) {
            name.push('_');
        }
        name
    };
    let own =
        [Field::new(free("row"), DataType::Int64, false), Field::new(free("fails"), DataType::Utf8, false)];
    let fields = own.into_iter().map(Arc::new).chain(data.fields().iter().cloned());
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The first rows that fail one rule, or any, each a slice of its batch: nothing is copied but numbers and names.
///
/// # Errors
/// [`Error::Invalid`] for a rule that is not there, and for data of fewer rows than were validated; whatever the
/// reader fails with.
pub fn failing(
    report: &Report,
    reader: &mut dyn RecordBatchReader,
    rule: Option<usize>,
    most: usize,
    progress: &Progress<'_>,
) -> Result<(SchemaRef, Vec<RecordBatch>), Error> {
    let mut mask = report.mask(rule)?;
    if rule.is_none() {
        for tally in &report.tallies {
            mask.merge(&tally.fails)?;
        }
    }
    let wanted = mask.first(most);
    let schema = schema(&reader.schema());
    let (mut batches, mut next, mut first) = (Vec::new(), 0, 0_u64);
    while next < wanted.len() {
        progress.poll()?;
        let Some(batch) = reader.next().transpose().map_err(uncarry)? else {
            return Err(Error::Invalid(format!(
                "data must be what was validated, of {} rows; now it has {first}",
                report.rows
            )));
        };
        let end = first + batch.num_rows() as u64;
        while next < wanted.len() && wanted[next] < end {
            // Neighbours go together.
            let start = next;
            while next + 1 < wanted.len() && wanted[next + 1] == wanted[next] + 1 && wanted[next + 1] < end {
                next += 1;
            }
            next += 1;
            let rows = &wanted[start..next];
            let slice = batch.slice((rows[0] - first) as usize, rows.len());
            let fails = rows.iter().map(|row| {
                let titles =
                    report.each().filter(|(_, tally)| tally.fails.has(*row)).map(|(rule, _)| rule.title());
                titles.collect::<Vec<_>>().join("; ")
            });
            let mut columns: Vec<ArrayRef> = vec![
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| *row as i64))),
                Arc::new(StringArray::from_iter_values(fails)),
            ];
            columns.extend(slice.columns().iter().cloned());
            batches.push(RecordBatch::try_new(schema.clone(), columns).map_err(uncarry)?);
        }
        first = end;
    }
    Ok((schema, batches))
}
