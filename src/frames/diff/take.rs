//! Copies chosen rows of many batches into one column.
#![forbid(unsafe_code)]

use super::cell::followed;
use super::side::Place;
use crate::error::Error;
use crate::frames::uncarry;
use arrow_array::builder::{BinaryViewBuilder, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, make_array, new_empty_array};
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::DataType;
use std::sync::Arc;

/// The type of taken rows: dictionaries and runs are written out, because those of different batches differ.
pub fn taken_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) => taken_type(values),
        DataType::RunEndEncoded(_, values) => taken_type(values.data_type()),
        other => other.clone(),
    }
}

/// Column `column` of the batches at these places, in this order.
///
/// # Errors
/// [`Error::Invalid`] when the rows together outgrow the offsets of their type.
pub fn take(
    batches: &[RecordBatch],
    column: usize,
    data_type: &DataType,
    places: &[Place],
) -> Result<ArrayRef, Error> {
    let data_type = taken_type(data_type);
    if places.is_empty() {
        return Ok(new_empty_array(&data_type));
    }
    let mut used: Vec<u32> = places.iter().map(|place| place.batch).collect();
    used.sort_unstable();
    used.dedup();
    let arrays: Vec<&dyn Array> =
        used.iter().map(|batch| batches[*batch as usize].column(column).as_ref()).collect();
    // Neighbours in the order of the rows are mostly of one batch.
    let mut last = (0, 0);
    let sources = places.iter().map(|place| {
        if last.0 != place.batch || used[last.1] != place.batch {
            last = (place.batch, used.partition_point(|batch| *batch < place.batch));
        }
        (last.1, place.row as usize)
    });
    match data_type {
        DataType::Utf8View => {
            let mut builder = StringViewBuilder::with_capacity(places.len());
            for (source, row) in sources {
                let found = leaf(arrays[source], row);
                builder.append_option(found.map(|(array, row)| array.as_string_view().value(row)));
            }
            Ok(Arc::new(builder.finish()))
        }
        DataType::BinaryView => {
            let mut builder = BinaryViewBuilder::with_capacity(places.len());
            for (source, row) in sources {
                let found = leaf(arrays[source], row);
                builder.append_option(found.map(|(array, row)| array.as_binary_view().value(row)));
            }
            Ok(Arc::new(builder.finish()))
        }
        _ => copy(&arrays, sources, places.len()),
    }
}

/// Where the value of a row lies once dictionaries and runs are followed; none for a null.
fn leaf(array: &dyn Array, row: usize) -> Option<(&dyn Array, usize)> {
    let (mut array, mut row) = followed(array, row)?;
    while matches!(array.data_type(), DataType::Dictionary(..) | DataType::RunEndEncoded(..)) {
        (array, row) = followed(array, row)?;
    }
    array.is_valid(row).then_some((array, row))
}

fn copy(
    arrays: &[&dyn Array],
    sources: impl Iterator<Item = (usize, usize)>,
    count: usize,
) -> Result<ArrayRef, Error> {
    let coded = matches!(arrays[0].data_type(), DataType::Dictionary(..) | DataType::RunEndEncoded(..));
    let values: Vec<ArrayData> =
        arrays.iter().map(|array| crate::frames::pick::leaf(*array).to_data()).collect();
    let mut out = MutableArrayData::try_new(values.iter().collect(), coded, count).map_err(uncarry)?;
    // Rows that follow each other in their array are copied together.
    let mut run: Option<(usize, usize, usize)> = None;
    for (source, row) in sources {
        let place = if coded { leaf(arrays[source], row).map(|(_, row)| row) } else { Some(row) };
        run = match (run, place) {
            (Some((own, start, end)), Some(row)) if own == source && end == row => {
                Some((own, start, row + 1))
            }
            (before, place) => {
                if let Some((source, start, end)) = before {
                    out.try_extend(source, start, end).map_err(uncarry)?;
                }
                if place.is_none() {
                    out.try_extend_nulls(1).map_err(uncarry)?;
                }
                place.map(|row| (source, row, row + 1))
            }
        };
    }
    if let Some((source, start, end)) = run {
        out.try_extend(source, start, end).map_err(uncarry)?;
    }
    Ok(make_array(out.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::diff::cell::cell;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::types::Int8Type;
    use arrow_array::{
        BinaryViewArray, DictionaryArray, Int32Array, Int64Array, RunArray, StringArray, StringViewArray,
        StructArray,
    };
    use proptest::prelude::*;

    fn arrays(salt: i64) -> Vec<ArrayRef> {
        let long = format!("more than twelve bytes {salt}");
        let text = vec![Some("a"), None, Some(long.as_str()), Some("")];
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in &text {
            lists.values().append_option(*row);
            lists.append(row.is_some());
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(salt), Some(1), None, Some(-salt)]));
        let field = Arc::new(arrow_schema::Field::new("n", DataType::Int64, true));
        let coded: DictionaryArray<Int8Type> = text.iter().copied().collect();
        vec![
            numbers.clone(),
            Arc::new(StringArray::from(text.clone())),
            Arc::new(StringViewArray::from(text.clone())),
            Arc::new(BinaryViewArray::from(
                text.iter().map(|row| row.map(str::as_bytes)).collect::<Vec<_>>(),
            )),
            Arc::new(coded),
            Arc::new(
                RunArray::try_new(&Int32Array::from(vec![1, 3, 4]), &StringArray::from(text[..3].to_vec()))
                    .unwrap(),
            ),
            Arc::new(lists.finish()),
            Arc::new(StructArray::from(vec![(field, numbers)])),
        ]
    }

    fn batches() -> Vec<RecordBatch> {
        [3, 5, 7]
            .map(|salt| {
                let columns =
                    arrays(salt).into_iter().enumerate().map(|(at, array)| (at.to_string(), array, true));
                RecordBatch::try_from_iter_with_nullable(columns).unwrap()
            })
            .into()
    }

    proptest! {
        #[test]
        fn rows_keep_their_values(chosen in prop::collection::vec((0..3_u32, 0..4_u32), 0..20)) {
            let batches = batches();
            let places: Vec<Place> = chosen.into_iter().map(|(batch, row)| Place { batch, row }).collect();
            for (column, field) in batches[0].schema().fields().iter().enumerate() {
                let taken = take(&batches, column, field.data_type(), &places).unwrap();
                prop_assert_eq!(taken.data_type(), &taken_type(field.data_type()));
                taken.to_data().validate_full().unwrap();
                prop_assert_eq!(taken.len(), places.len());
                for (row, place) in places.iter().enumerate() {
                    let source = batches[place.batch as usize].column(column);
                    prop_assert_eq!(cell(taken.as_ref(), row), cell(source.as_ref(), place.row as usize));
                }
            }
        }
    }
}
