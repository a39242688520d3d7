//! Columns brought in one by one, each from where it lies, and read together as a table.
//!
//! Column by column, because a frame in memory has no common layout: one column is a strided slice of a matrix with
//! NaN for what is missing, the next was gathered from objects, a third comes as Arrow chunks of its own lengths.
//! What needs no interpreter is put off until the table is read, a batch at a time, while the values are in cache.
#![forbid(unsafe_code)]

pub mod decimal;
pub mod growing;
pub mod lent;

use crate::error::Error;
use crate::frames::carry;
use crate::frames::profile::NOTE;
use arrow_array::types::{ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, PrimitiveArray, RecordBatch, RecordBatchOptions, RecordBatchReader,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use lent::Lent;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a batch: whole segments of a profile, and few enough for a wide frame's batch to stay in cache.
pub const BATCH: usize = 131_072;

/// Values of one type, in pieces.
#[derive(Clone, Debug)]
pub struct Column {
    data_type: DataType,
    ordered: bool,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Ready(ArrayRef),
    Lent(Lent),
    Keyed(Box<Piece>, ArrayRef),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Ready(array) => array.len(),
            Self::Lent(lent) => lent.len(),
            Self::Keyed(keys, _) => keys.len(),
        }
    }

    /// Some rows as an array, which all must exist.
    fn array(&self, start: usize, len: usize) -> Result<ArrayRef, Error> {
        match self {
            Self::Ready(array) => Ok(array.slice(start, len)),
            Self::Lent(lent) => lent.array(start, len),
            Self::Keyed(keys, values) => {
                let keys = keys.array(start, len)?;
                match keys.data_type() {
                    DataType::Int8 => keyed::<Int8Type>(&keys, values),
                    DataType::Int16 => keyed::<Int16Type>(&keys, values),
                    DataType::Int32 => keyed::<Int32Type>(&keys, values),
                    _ => keyed::<Int64Type>(&keys, values),
                }
            }
        }
    }
}

fn keyed<K: ArrowDictionaryKeyType>(keys: &ArrayRef, values: &ArrayRef) -> Result<ArrayRef, Error> {
    let keys = keys.as_any().downcast_ref::<PrimitiveArray<K>>();
    let keys = keys.ok_or_else(|| Error::Type("codes must be signed integers".into()))?;
    let made = DictionaryArray::try_new(keys.clone(), values.clone());
    Ok(Arc::new(made.map_err(|error| Error::Invalid(format!("codes: {error}")))?))
}

impl Column {
    /// A column of arrays, which are all of `data_type`.
    pub fn ready(data_type: DataType, arrays: Vec<ArrayRef>) -> Self {
        Self { data_type, ordered: false, pieces: arrays.into_iter().map(Piece::Ready).collect() }
    }

    /// A column that lies in somebody else's memory.
    pub fn lent(lent: Lent) -> Self {
        Self { data_type: lent.data_type().clone(), ordered: false, pieces: vec![Piece::Lent(lent)] }
    }

    /// A column whose values `codes` looks up in `values`.
    ///
    /// # Errors
    /// [`Error::Type`] when codes are no signed integers, [`Error::Invalid`] when `values` is in several pieces.
    pub fn dictionary(codes: &Self, values: &Self, ordered: bool) -> Result<Self, Error> {
        let keys = match codes.data_type {
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => codes.data_type.clone(),
            ref other => return Err(Error::Type(format!("codes must be signed integers, got {other}"))),
        };
        let looked_up = match values.pieces.as_slice() {
            [] => arrow_array::new_empty_array(&values.data_type),
            [one] => one.array(0, one.len())?,
            many => return Err(Error::Invalid(format!("values must be in one piece, got {}", many.len()))),
        };
        let keyed = |piece: &Piece| Piece::Keyed(Box::new(piece.clone()), looked_up.clone());
        Ok(Self {
            data_type: DataType::Dictionary(Box::new(keys), Box::new(values.data_type.clone())),
            ordered,
            pieces: codes.pieces.iter().map(keyed).collect(),
        })
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of all values.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }
}

/// A table of columns, read a batch at a time.
pub struct Table {
    schema: SchemaRef,
    columns: Vec<Column>,
    /// Of each column the piece to be read next, and how much of it has been.
    places: Vec<(usize, usize)>,
    rows: usize,
    done: usize,
}

impl Table {
    /// A table of `rows` rows; `fields` is a JSON array with `name` and `notes` (a list of text) of each column.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `fields` is something else or of another number, and when a column has not `rows` values.
    pub fn new(columns: Vec<Column>, fields: &str, rows: usize) -> Result<Self, Error> {
        let described: Json = serde_json::from_str(fields)
            .map_err(|error| Error::Invalid(format!("fields is not what it should be: {error}")))?;
        let described = described.as_array().map(Vec::as_slice).unwrap_or_default();
        if described.len() != columns.len() {
            return Err(Error::Invalid(format!(
                "fields describes {} columns, not {}",
                described.len(),
                columns.len()
            )));
        }
        let mut made = Vec::with_capacity(columns.len());
        for (column, about) in columns.iter().zip(described) {
            let name = about["name"].as_str().unwrap_or_default();
            if column.len() != rows {
                return Err(Error::Invalid(format!("column {name:?} has {} rows, not {rows}", column.len())));
            }
            let notes = about["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
            let notes: Vec<&str> = notes.iter().filter_map(Json::as_str).collect();
            let mut field =
                Field::new(name, column.data_type.clone(), true).with_dict_is_ordered(column.ordered);
            if !notes.is_empty() {
                field.set_metadata(HashMap::from([(NOTE.to_owned(), notes.join("\n"))]));
            }
            made.push(field);
        }
        let places = vec![(0, 0); columns.len()];
        Ok(Self { schema: Arc::new(Schema::new(made)), columns, places, rows, done: 0 })
    }

    fn batch(&mut self) -> Result<RecordBatch, Error> {
        let mut rows = BATCH.min(self.rows - self.done);
        for (column, place) in self.columns.iter().zip(&mut self.places) {
            while place.1 == column.pieces[place.0].len() {
                *place = (place.0 + 1, 0); // there is a next one: `rows` values exist, and not all are read
            }
            rows = rows.min(column.pieces[place.0].len() - place.1);
        }
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (column, place) in self.columns.iter().zip(&mut self.places) {
            arrays.push(column.pieces[place.0].array(place.1, rows)?);
            place.1 += rows;
        }
        self.done += rows;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|error| Error::Invalid(error.to_string()))
    }
}

impl Iterator for Table {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.done < self.rows).then(|| self.batch().map_err(carry))
    }
}

impl RecordBatchReader for Table {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// The type of dates and times that an Arrow format string stands for, and of nothing else.
///
/// # Errors
/// [`Error::Type`] for any other format.
pub fn temporal(format: &str) -> Result<DataType, Error> {
    let unit = |letter: Option<char>| match letter {
        Some('s') => Some(TimeUnit::Second),
        Some('m') => Some(TimeUnit::Millisecond),
        Some('u') => Some(TimeUnit::Microsecond),
        Some('n') => Some(TimeUnit::Nanosecond),
        _ => None,
    };
    let unknown = || Error::Type(format!("format {format:?} is not one of dates and times"));
    let mut letters = format.chars();
    match (letters.next(), letters.next(), unit(letters.next())) {
        (Some('t'), Some('d'), None) if format == "tdD" => Ok(DataType::Date32),
        (Some('t'), Some('t'), Some(of)) if format.len() == 3 => match of {
            TimeUnit::Second | TimeUnit::Millisecond => Ok(DataType::Time32(of)),
            TimeUnit::Microsecond | TimeUnit::Nanosecond => Ok(DataType::Time64(of)),
        },
        (Some('t'), Some('D'), Some(of)) if format.len() == 3 => Ok(DataType::Duration(of)),
        (Some('t'), Some('s'), Some(of)) => match format[3..].strip_prefix(':') {
            Some("") => Ok(DataType::Timestamp(of, None)),
            Some(zone) => Ok(DataType::Timestamp(of, Some(zone.into()))),
            None => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringArray};

    fn numbers(pieces: &[&[i64]]) -> Column {
        let arrays = pieces.iter().map(|piece| Arc::new(Int64Array::from(piece.to_vec())) as ArrayRef);
        Column::ready(DataType::Int64, arrays.collect())
    }

    #[test]
    fn pieces_of_any_lengths_are_read_in_step() {
        let one = numbers(&[&[1, 2], &[], &[3, 4, 5]]);
        let other = numbers(&[&[], &[1], &[2, 3, 4], &[5]]);
        let fields = r#"[{"name": "a", "notes": ["one", "two"]}, {"name": "a", "notes": []}]"#;
        let table = Table::new(vec![one, other], fields, 5).unwrap();
        assert_eq!(table.schema().field(0).metadata()[NOTE], "one\ntwo");
        assert!(table.schema().field(1).metadata().is_empty());
        let batches: Vec<RecordBatch> = table.map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [1, 1, 2, 1]);
        for batch in batches {
            assert_eq!(batch.column(0), batch.column(1));
        }
    }

    #[test]
    fn rows_are_counted_without_columns_too() {
        let table = Table::new(vec![], "[]", 300_000).unwrap();
        assert_eq!(table.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 300_000);
        let error = Table::new(vec![numbers(&[&[1]])], r#"[{"name": "x"}]"#, 2).err().unwrap();
        assert_eq!(error.to_string(), r#"column "x" has 1 rows, not 2"#);
        assert!(Table::new(vec![], "{", 0).is_err() && Table::new(vec![], r#"[{"name": "x"}]"#, 0).is_err());
    }

    #[test]
    fn codes_look_values_up_and_may_not_run_past_them() {
        let values = Column::ready(DataType::Utf8, vec![Arc::new(StringArray::from(vec!["x", "y"]))]);
        let found = Column::dictionary(&numbers(&[&[0, 1], &[1]]), &values, true).unwrap();
        let table = Table::new(vec![found], r#"[{"name": "c"}]"#, 3).unwrap();
        assert_eq!(table.schema().field(0).dict_is_ordered(), Some(true));
        assert_eq!(table.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 3);
        let wrong = Column::dictionary(&numbers(&[&[2]]), &values, false).unwrap();
        let error = Table::new(vec![wrong], r#"[{"name": "c"}]"#, 1).unwrap().next().unwrap();
        assert!(error.unwrap_err().to_string().contains("codes"));
        assert!(Column::dictionary(&values, &values, false).is_err());
        assert!(Column::dictionary(&values, &numbers(&[&[1], &[2]]), false).is_err());
    }

    #[test]
    fn formats_name_dates_and_times_only() {
        assert_eq!(temporal("tdD").unwrap(), DataType::Date32);
        assert_eq!(temporal("ttu").unwrap(), DataType::Time64(TimeUnit::Microsecond));
        assert_eq!(temporal("tDn").unwrap(), DataType::Duration(TimeUnit::Nanosecond));
        assert_eq!(temporal("tss:").unwrap(), DataType::Timestamp(TimeUnit::Second, None));
        let zoned = DataType::Timestamp(TimeUnit::Millisecond, Some("Europe/Berlin".into()));
        assert_eq!(temporal("tsm:Europe/Berlin").unwrap(), zoned);
        for wrong in ["", "l", "ts", "tsx:", "tss", "tDnn", "tdm", "t\u{fc}n", "tsn\u{fc}"] {
            assert!(temporal(wrong).is_err(), "{wrong:?}");
        }
    }
}
