//! How many bytes rows take as Arrow lays them out.
#![forbid(unsafe_code)]

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, RunArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{DataType, UnionMode};
use std::ops::Range;

/// What an array takes beside its values, about: many arrays of a few rows are large, too.
const ARRAY: u64 = 256;

/// Bytes that the first `rows` rows of these columns take, and what each column takes by itself.
pub fn of_all<'a>(columns: impl IntoIterator<Item = &'a ArrayRef>, rows: usize) -> u64 {
    columns.into_iter().map(|column| ARRAY + of(column, &(0..rows))).sum()
}

/// Bytes of some rows of `array`: their share of every buffer, whatever else lies in it.
///
/// What rows share, such as the values of a dictionary, counts in full with the first row of a batch.
pub fn of(array: &dyn Array, rows: &Range<usize>) -> u64 {
    let count = rows.len();
    let bitmap = if array.nulls().is_some() { count.div_ceil(8) } else { 0 };
    let values = match array.data_type() {
        DataType::Boolean => count.div_ceil(8) as u64,
        DataType::Utf8 => texts(array.as_string::<i32>().value_offsets(), rows),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().value_offsets(), rows),
        DataType::Binary => texts(array.as_binary::<i32>().value_offsets(), rows),
        DataType::LargeBinary => texts(array.as_binary::<i64>().value_offsets(), rows),
        DataType::Utf8View => views(array.as_string_view().views(), rows),
        DataType::BinaryView => views(array.as_binary_view().views(), rows),
        DataType::FixedSizeBinary(size) => (count * *size as usize) as u64,
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            items(lists.values(), lists.value_offsets(), rows)
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            items(lists.values(), lists.value_offsets(), rows)
        }
        DataType::Map(..) => items(array.as_map().entries(), array.as_map().value_offsets(), rows),
        DataType::ListView(_) => 8 * count as u64 + shared(array.as_list_view::<i32>().values(), rows),
        DataType::LargeListView(_) => 16 * count as u64 + shared(array.as_list_view::<i64>().values(), rows),
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            of(array.as_fixed_size_list().values(), &(rows.start * size..rows.end * size))
        }
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| of(column, rows)).sum(),
        DataType::Dictionary(keys, _) => {
            let width = keys.primitive_width().unwrap_or(0);
            (width * count) as u64 + shared(array.as_any_dictionary().values(), rows)
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs(array.as_run::<Int16Type>(), rows),
            DataType::Int32 => runs(array.as_run::<Int32Type>(), rows),
            _ => runs(array.as_run::<Int64Type>(), rows),
        },
        DataType::Union(fields, mode) => {
            let union = array.as_union();
            let children = fields.iter().map(|(id, _)| match mode {
                UnionMode::Sparse => of(union.child(id), rows),
                UnionMode::Dense => shared(union.child(id), rows),
            });
            count as u64 * if *mode == UnionMode::Dense { 5 } else { 1 } + children.sum::<u64>()
        }
        other => (other.primitive_width().unwrap_or(0) * count) as u64,
    };
    bitmap as u64 + values
}

fn texts<T: ArrowNativeType>(offsets: &[T], rows: &Range<usize>) -> u64 {
    let bytes = offsets[rows.end].as_usize() - offsets[rows.start].as_usize();
    (size_of::<T>() * rows.len() + bytes) as u64
}

fn views(views: &[u128], rows: &Range<usize>) -> u64 {
    let lengths = views[rows.clone()].iter().map(|view| u64::from(*view as u32));
    16 * rows.len() as u64 + lengths.map(|length| if length > 12 { length } else { 0 }).sum::<u64>()
}

fn items<T: ArrowNativeType>(items: &dyn Array, offsets: &[T], rows: &Range<usize>) -> u64 {
    if rows.is_empty() {
        return 0; // the one offset of no rows is anybody's
    }
    let range = offsets[rows.start].as_usize()..offsets[rows.end].as_usize();
    (size_of::<T>() * rows.len()) as u64 + of(items, &range)
}

fn shared(values: &dyn Array, rows: &Range<usize>) -> u64 {
    if rows.start == 0 && !rows.is_empty() { of(values, &(0..values.len())) } else { 0 }
}

fn runs<R: RunEndIndexType>(runs: &RunArray<R>, rows: &Range<usize>) -> u64 {
    if rows.is_empty() {
        return 0;
    }
    let physical = |row| runs.run_ends().get_physical_index(row);
    let range = physical(rows.start)..physical(rows.end - 1) + 1;
    (size_of::<R::Native>() * range.len()) as u64 + of(runs.values(), &range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int8Type;
    use arrow_array::{BooleanArray, DictionaryArray, Int64Array, ListArray, StringArray, StringViewArray};
    use std::sync::Arc;

    #[test]
    fn bytes_are_those_of_the_rows() {
        let of = |array: &dyn Array, rows| super::of(array, &rows);
        assert_eq!(of(&Int64Array::from(vec![1, 2, 3]), 1..3), 16);
        assert_eq!(of(&Int64Array::from(vec![Some(1), None]), 0..2), 17);
        assert_eq!(of(&BooleanArray::from(vec![true; 9]), 0..9), 2);
        assert_eq!(of(&StringArray::from(vec!["abc", "d"]).slice(1, 1), 0..1), 5);
        assert_eq!(of(&StringViewArray::from(vec!["abc", "a text of twenty-four by"]), 0..2), 56);
        let lists =
            ListArray::from_iter_primitive::<Int8Type, _, _>([Some(vec![Some(1); 3]), Some(vec![Some(1)])]);
        assert_eq!((of(&lists, 1..2), of(&lists, 0..2)), (4 + 1, 8 + 4));
        let keys = arrow_array::Int8Array::from(vec![0, 1, 0]);
        let dictionary = DictionaryArray::new(keys, Arc::new(StringArray::from(vec!["ab", "c"])));
        assert_eq!((of(&dictionary, 0..3), of(&dictionary, 1..3)), (3 + 11, 2));
        let runs =
            RunArray::try_new(&arrow_array::Int16Array::from(vec![2, 5]), &Int64Array::from(vec![1, 2]))
                .unwrap();
        assert_eq!((of(&runs, 0..5), of(&runs, 0..2)), (20, 10));
    }
}
