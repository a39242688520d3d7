//! A frame read whole and kept where its producer put it.
#![forbid(unsafe_code)]

use super::types::type_name;
use super::uncarry;
use crate::error::Error;
use crate::progress::Progress;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::SchemaRef;
use serde_json::{Value as Json, json};

/// Batches of one schema.
#[derive(Clone, Debug)]
pub struct Frame {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Frame {
    /// Reads everything `reader` gives. Reports rows read, of an unknown total.
    ///
    /// # Errors
    /// Whatever the reader fails with; [`Error::Cancelled`] when the progress says stop.
    pub fn read(reader: &mut dyn RecordBatchReader, progress: &Progress<'_>) -> Result<Self, Error> {
        let mut frame = Self { schema: reader.schema(), batches: Vec::new() };
        let pulse = progress.pulse();
        for batch in reader {
            let batch = batch.map_err(uncarry)?;
            pulse.add(batch.num_rows() as u64)?;
            frame.batches.push(batch);
        }
        progress.finish()?;
        Ok(frame)
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }

    /// Names and types of the columns, as JSON.
    pub fn columns_json(&self) -> String {
        let fields = self.schema.fields().iter();
        let columns = fields.map(|field| json!({"name": field.name(), "type": type_name(field.data_type())}));
        Json::Array(columns.collect()).to_string()
    }

    /// The batches, once more; the data is shared, not copied.
    pub fn reader(&self) -> Box<dyn RecordBatchReader + Send> {
        Box::new(RecordBatchIterator::new(self.batches.clone().into_iter().map(Ok), self.schema.clone()))
    }
}

impl From<RecordBatch> for Frame {
    fn from(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: vec![batch] }
    }
}
