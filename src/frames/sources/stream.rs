//! The rows of several files as one stream.
#![forbid(unsafe_code)]

use super::options::Format;
use super::parquet::Batches;
use super::plan::{Plan, Planned};
use super::text_file::{self, TextBatches};
use super::{OneFile, Source};
use crate::error::Error;
use crate::frames::carry;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use std::collections::VecDeque;

/// One file after the other.
pub struct Stream {
    source: Source,
    /// The columns of the source that are read.
    chosen: Vec<usize>,
    schema: SchemaRef,
    /// Columns are left out on purpose.
    partial: bool,
    file: usize,
    open: Option<Open>,
    ready: VecDeque<RecordBatch>,
    ended: bool,
}

enum Open {
    Text(Box<TextBatches>),
    Parquet(Batches),
}

impl Stream {
    pub(super) fn new(source: Source, chosen: Vec<usize>, schema: SchemaRef, partial: bool) -> Self {
        let ready = VecDeque::new();
        Self { source, chosen, schema, partial, file: 0, open: None, ready, ended: false }
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                if batch.num_rows() == 0 {
                    continue;
                }
                return Ok(Some(batch));
            }
            let more = match &mut self.open {
                None => {
                    let Some(file) = self.source.files.get(self.file) else { return Ok(None) };
                    self.open = self.begin(file)?;
                    self.file += 1;
                    continue;
                }
                Some(Open::Text(batches)) => batches.next_batches()?,
                Some(Open::Parquet(batches)) => batches.next_batches()?,
            };
            match more {
                Some(batches) => self.ready.extend(batches),
                None => self.open = None,
            }
        }
    }

    /// Begins a file; `None` when there is nothing in it.
    fn begin(&self, file: &OneFile) -> Result<Option<Open>, Error> {
        let source = &self.source;
        let columns = self.chosen.iter().map(|index| &source.columns[*index]);
        match file {
            OneFile::Parquet(file) => {
                let places: Vec<_> = columns.map(|column| column.places[self.file]).collect();
                Ok(Some(Open::Parquet(file.batches(&places, self.schema.clone()))))
            }
            OneFile::Text(file) if file.is_empty() => Ok(None),
            OneFile::Text(file) => {
                let planned = columns.map(|column| Planned {
                    name: column.name.clone(),
                    place: column.places[self.file],
                    kind: column.kind,
                    given: column.given,
                });
                let plan = Plan {
                    columns: planned.collect(),
                    schema: self.schema.clone(),
                    escapes: file.escapes(),
                    nulls: text_file::nulls(source.format == Format::JsonLines, &source.options),
                    width: file.names.len(),
                };
                file.batches(plan, self.partial, source.options.pad)
                    .map(|batches| Some(Open::Text(Box::new(batches))))
            }
        }
    }
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read();
        self.ended = !matches!(read, Ok(Some(_)));
        read.map_err(carry).transpose()
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
