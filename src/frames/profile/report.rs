//! A profile as JSON and as a table.
#![forbid(unsafe_code)]

use super::Profile;
use super::column::Summary;
use super::text::Lengths;
use crate::error::Error;
use crate::frames::{uncarry, value::Value};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, UInt64Array};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

impl Profile {
    /// One object: `rows`, and `columns` with one object each, figures that do not apply being null.
    pub fn json(&self) -> String {
        let columns = self.columns.iter().map(|column| Json::Object(column.json())).collect();
        let mut all = Map::new();
        all.insert("rows".to_owned(), self.rows.into());
        all.insert("columns".to_owned(), Json::Array(columns));
        Json::Object(all).to_string()
    }

    /// One row a column. Extremes are text; mean and spread are there for numbers.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the text of all extremes is too long for one Arrow column.
    pub fn table(&self) -> Result<RecordBatch, Error> {
        let all = &self.columns;
        let text = |of: &dyn Fn(&Summary) -> Option<String>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<StringArray>())
        };
        let count = |of: &dyn Fn(&Summary) -> Option<u64>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<UInt64Array>())
        };
        let number = |of: &dyn Fn(&Summary) -> Option<f64>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<Float64Array>())
        };
        let exact: BooleanArray = all.iter().map(|column| column.distinct_exact).collect();
        let columns = [
            ("column", text(&|column| Some(column.name.clone()))),
            ("type", text(&|column| Some(column.data_type.clone()))),
            ("kind", text(&|column| Some(column.kind.to_owned()))),
            ("count", count(&|column| Some(column.count))),
            ("nulls", count(&|column| Some(column.nulls))),
            ("nan", count(&|column| column.nan)),
            ("distinct", count(&|column| column.distinct)),
            ("distinct_exact", Arc::new(exact)),
            ("min", text(&|column| column.min.text())),
            ("max", text(&|column| column.max.text())),
            ("mean", number(&|column| column.mean.number())),
            ("std", number(&|column| column.std.number())),
            ("min_length", count(&|column| column.lengths().map(|lengths| lengths.min))),
            ("max_length", count(&|column| column.lengths().map(|lengths| lengths.max))),
            ("mean_length", number(&|column| column.lengths().and_then(|lengths| lengths.mean()))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .map_err(uncarry)
    }
}

impl Summary {
    /// Lengths, when there are values to have them.
    fn lengths(&self) -> Option<Lengths> {
        self.lengths.filter(|lengths| lengths.count > 0)
    }

    fn json(&self) -> Map<String, Json> {
        let lengths = self.lengths();
        let mean_length: Value = lengths.and_then(|lengths| lengths.mean()).into();
        let figures = [
            ("name", Json::from(self.name.as_str())),
            ("type", self.data_type.as_str().into()),
            ("kind", self.kind.into()),
            ("count", self.count.into()),
            ("nulls", self.nulls.into()),
            ("nan", self.nan.into()),
            ("distinct", self.distinct.into()),
            ("distinct_exact", self.distinct_exact.into()),
            ("min", self.min.json()),
            ("max", self.max.json()),
            ("mean", self.mean.json()),
            ("std", self.std.json()),
            ("min_length", lengths.map(|lengths| lengths.min).into()),
            ("max_length", lengths.map(|lengths| lengths.max).into()),
            ("mean_length", mean_length.json()),
        ];
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
