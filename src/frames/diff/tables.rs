//! The rows a comparison found, as tables that are copied a batch at a time while they are read.
#![forbid(unsafe_code)]

use super::side::Place;
use super::take::{take, taken_type};
use super::{Diff, Shared};
use crate::error::Error;
use crate::frames::carry;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 65_536;

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Rows of the new table only: its columns.
    Added,
    /// Rows of the old table only: its columns.
    Removed,
    /// Rows that differ: the key, the names of the columns that differ, and of every column that differs in any
    /// row the old and the new value.
    Changed,
}

/// Where a column of the table comes from.
enum Source {
    /// Column of the rows, which are of one table.
    Plain(usize),
    /// Column of the new rows of changed pairs.
    New(usize),
    /// Column of the old rows.
    Old(usize),
    /// The names.
    Names,
}

/// Reads one of the tables.
pub struct Rows {
    diff: Arc<Diff>,
    part: Part,
    schema: SchemaRef,
    sources: Vec<Source>,
    next: usize,
}

/// The table of one part. It keeps what it needs alive.
pub fn rows(diff: Arc<Diff>, part: Part) -> Rows {
    let (fields, sources) = match part {
        Part::Added => side(&diff.new.schema, &diff.shown.1),
        Part::Removed => side(&diff.old.schema, &diff.shown.0),
        Part::Changed => changed(&diff),
    };
    Rows { diff, part, schema: Arc::new(Schema::new(fields)), sources, next: 0 }
}

fn field(name: &str, of: &Field) -> Field {
    Field::new(name, taken_type(of.data_type()), true).with_metadata(of.metadata().clone())
}

fn side(schema: &Schema, shown: &[usize]) -> (Vec<Field>, Vec<Source>) {
    let fields = shown.iter().map(|at| field(schema.field(*at).name(), schema.field(*at)));
    (fields.collect(), shown.iter().copied().map(Source::Plain).collect())
}

fn changed(diff: &Diff) -> (Vec<Field>, Vec<Source>) {
    let mut taken: HashSet<String> = HashSet::new();
    // A name that is there already gets underscores until it is not.
    let mut unique = |name: String| {
        let mut name = name;
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    let (mut fields, mut sources) = (Vec::new(), Vec::new());
    for Shared { name, new, .. } in diff.key.iter().flatten() {
        fields.push(field(&unique(name.clone()), diff.new.schema.field(*new)));
        sources.push(Source::New(*new));
    }
    let names = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    fields.push(Field::new(unique("changed".to_owned()), names, true));
    sources.push(Source::Names);
    for (Shared { name, old, new }, count) in diff.compared.iter().zip(&diff.differing) {
        if *count > 0 {
            fields.push(field(&unique(format!("{name}_old")), diff.old.schema.field(*old)));
            sources.push(Source::Old(*old));
            fields.push(field(&unique(format!("{name}_new")), diff.new.schema.field(*new)));
            sources.push(Source::New(*new));
        }
    }
    (fields, sources)
}

impl Rows {
    fn total(&self) -> usize {
        match self.part {
            Part::Added => self.diff.added.len(),
            Part::Removed => self.diff.removed.len(),
            Part::Changed => self.diff.changed.len(),
        }
    }

    fn batch(&self, rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
        let diff = &*self.diff;
        let (old, new): (Vec<Place>, Vec<Place>) = match self.part {
            Part::Changed => diff.changed[rows.clone()].iter().copied().unzip(),
            Part::Added => (Vec::new(), diff.added[rows.clone()].to_vec()),
            Part::Removed => (diff.removed[rows.clone()].to_vec(), Vec::new()),
        };
        let own = if self.part == Part::Removed { &old } else { &new };
        let column = |(source, field): (&Source, &Arc<Field>)| -> Result<ArrayRef, Error> {
            let (at, places) = match source {
                Source::Plain(at) => (*at, own),
                Source::New(at) => (*at, &new),
                Source::Old(at) => (*at, &old),
                Source::Names => return Ok(self.names(rows.clone())),
            };
            take(&diff.batches, at, field.data_type(), places)
        };
        let columns =
            self.sources.iter().zip(self.schema.fields()).map(column).collect::<Result<Vec<_>, _>>();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns.map_err(carry)?, &options)
    }

    fn names(&self, rows: Range<usize>) -> ArrayRef {
        let mut names = ListBuilder::new(StringBuilder::new());
        for pair in rows {
            for (at, column) in self.diff.compared.iter().enumerate() {
                if self.diff.differs(pair, at) {
                    names.values().append_value(&column.name);
                }
            }
            names.append(true);
        }
        Arc::new(names.finish())
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, end) = (self.next, self.total().min(self.next + BATCH));
        if start == end {
            return None;
        }
        self.next = end;
        Some(self.batch(start..end))
    }
}

impl RecordBatchReader for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
