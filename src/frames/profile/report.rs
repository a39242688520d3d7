//! A profile as JSON and as a table.
#![forbid(unsafe_code)]

use super::Profile;
use super::correlation::Method;
use super::quantiles::SHARES;
use super::summary::Summary;
use crate::error::Error;
use crate::frames::{uncarry, value::Value};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, UInt64Array};
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;
use std::sync::Arc;

/// Most null patterns a report lists.
const PATTERNS: usize = 100;

impl Profile {
    /// One object: figures of the frame, and `columns` with one object each; figures that do not apply are null.
    pub fn json(&self) -> String {
        let columns = self.summaries();
        let mut all = Map::new();
        all.insert("rows".to_owned(), self.rows.into());
        all.insert("duplicate_rows".to_owned(), self.duplicate_rows(&columns).into());
        all.insert("memory".to_owned(), self.memory().into());
        all.insert("null_patterns".to_owned(), self.null_patterns());
        all.insert("correlations".to_owned(), self.correlations(&columns));
        let columns = columns.iter().map(|column| Json::Object(column.json())).collect();
        all.insert("columns".to_owned(), Json::Array(columns));
        Json::Object(all).to_string()
    }

    /// The most frequent patterns, as the names of the columns that are null together.
    fn null_patterns(&self) -> Json {
        let Some(counts) = self.nulls.counts() else { return Json::Null };
        let mut patterns: Vec<(&Vec<u32>, u64)> = counts.iter().map(|(at, rows)| (at, *rows)).collect();
        patterns.sort_by_key(|(_, rows)| Reverse(*rows));
        let name = |at: &u32| self.fields.get(*at as usize).map(|field| field.name.as_str());
        let patterns = patterns.into_iter().take(PATTERNS);
        patterns
            .map(|(columns, rows)| json!({"columns": columns.iter().filter_map(name).collect::<Vec<_>>(), "rows": rows}))
            .collect()
    }

    fn correlations(&self, summaries: &[Summary]) -> Json {
        let Some(all) = &self.correlations else { return Json::Null };
        // Infinities have ranks, but no distance from a mean.
        let finite =
            |of: &Summary| all.method == Method::Spearman || of.infinite.is_none_or(|count| count == 0);
        let varies = |at: u32| {
            summaries.get(at as usize).is_some_and(|of| of.count > 1 && of.min != of.max && finite(of))
        };
        let name = |at: &u32| self.fields.get(*at as usize).map(|field| field.name.as_str());
        let columns: Vec<&str> = all.columns.iter().filter_map(name).collect();
        json!({"method": all.method.name(), "columns": columns, "matrix": all.matrix(varies)})
    }

    /// One row a column. Extremes are text; mean, spread and shape are there for numbers.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the text of all extremes is too long for one Arrow column.
    pub fn table(&self) -> Result<RecordBatch, Error> {
        let all = &self.summaries();
        let text = |of: &dyn Fn(&Summary) -> Option<String>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<StringArray>())
        };
        let count = |of: &dyn Fn(&Summary) -> Option<u64>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<UInt64Array>())
        };
        let number = |of: &dyn Fn(&Summary) -> Option<f64>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<Float64Array>())
        };
        let flag = |of: &dyn Fn(&Summary) -> Option<bool>| -> ArrayRef {
            Arc::new(all.iter().map(of).collect::<BooleanArray>())
        };
        let columns = [
            ("column", text(&|column| Some(column.name.clone()))),
            ("type", text(&|column| Some(column.data_type.clone()))),
            ("kind", text(&|column| Some(column.kind.to_owned()))),
            ("count", count(&|column| Some(column.count))),
            ("nulls", count(&|column| Some(column.nulls))),
            ("nan", count(&|column| column.nan)),
            ("infinite", count(&|column| column.infinite)),
            ("distinct", count(&|column| column.distinct)),
            ("distinct_exact", flag(&|column| column.distinct_exact)),
            ("min", text(&|column| column.min.text())),
            ("max", text(&|column| column.max.text())),
            ("mean", number(&|column| column.mean.number())),
            ("std", number(&|column| column.std.number())),
            ("skew", number(&|column| column.skew.number())),
            ("kurtosis", number(&|column| column.kurtosis.number())),
            ("sum", text(&|column| column.sum.text())),
            ("zeros", count(&|column| column.zeros)),
            ("negatives", count(&|column| column.negatives)),
            ("median", text(&|column| column.quantiles.as_ref().and_then(|quantiles| quantiles[3].text()))),
            ("quantiles_exact", flag(&|column| column.quantiles_exact)),
            ("min_length", count(&|column| column.lengths().map(|lengths| lengths.min))),
            ("max_length", count(&|column| column.lengths().map(|lengths| lengths.max))),
            ("mean_length", number(&|column| column.lengths().and_then(|lengths| lengths.mean()))),
            ("empty", count(&|column| column.empty)),
            ("blank", count(&|column| column.blank)),
            ("is_unique", flag(&|column| column.is_unique)),
            ("is_constant", flag(&|column| column.is_constant)),
            ("monotonic", text(&|column| column.monotonic.map(str::to_owned))),
            ("longest_run", count(&|column| column.longest_run)),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .map_err(uncarry)
    }
}

impl Summary {
    fn json(&self) -> Map<String, Json> {
        let lengths = self.lengths();
        let mean_length: Value = lengths.and_then(|lengths| lengths.mean()).into();
        let quantiles = self.quantiles.as_ref().map(|quantiles| {
            let each = SHARES.iter().zip(quantiles);
            Json::Object(each.map(|(share, value)| (share.to_string(), value.json())).collect())
        });
        let histogram = self.histogram.as_ref().map(|(edges, counts)| {
            json!({"edges": edges.iter().map(Value::json).collect::<Json>(), "counts": counts})
        });
        let top = self.top.as_ref().map(|top| {
            top.iter().map(|(value, count)| json!({"value": value.json(), "count": count})).collect::<Json>()
        });
        let formats = self.formats.as_ref().map(|formats| {
            formats.iter().map(|(format, count)| json!({"format": format, "count": count})).collect::<Json>()
        });
        let figures = [
            ("name", Json::from(self.name.as_str())),
            ("type", self.data_type.as_str().into()),
            ("kind", self.kind.into()),
            ("count", self.count.into()),
            ("nulls", self.nulls.into()),
            ("nan", self.nan.into()),
            ("infinite", self.infinite.into()),
            ("distinct", self.distinct.into()),
            ("distinct_exact", self.distinct_exact.into()),
            ("min", self.min.json()),
            ("max", self.max.json()),
            ("mean", self.mean.json()),
            ("std", self.std.json()),
            ("skew", self.skew.json()),
            ("kurtosis", self.kurtosis.json()),
            ("sum", self.sum.json()),
            ("zeros", self.zeros.into()),
            ("negatives", self.negatives.into()),
            ("quantiles", quantiles.into()),
            ("quantiles_exact", self.quantiles_exact.into()),
            ("quantiles_error", self.quantiles_error().into()),
            ("histogram", histogram.into()),
            ("top", top.into()),
            ("top_exact", self.top_exact.into()),
            ("top_error", self.top_error.into()),
            ("min_length", lengths.map(|lengths| lengths.min).into()),
            ("max_length", lengths.map(|lengths| lengths.max).into()),
            ("mean_length", mean_length.json()),
            ("empty", self.empty.into()),
            ("blank", self.blank.into()),
            ("formats", formats.into()),
            ("formats_exact", self.formats_exact.into()),
            ("is_unique", self.is_unique.into()),
            ("is_constant", self.is_constant.into()),
            ("monotonic", self.monotonic.into()),
            ("longest_run", self.longest_run.into()),
            ("notes", self.notes.clone().into()),
        ];
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
