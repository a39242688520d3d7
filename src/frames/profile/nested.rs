//! Lengths of the lists of a column; what is in them is not looked at.
#![forbid(unsafe_code)]

use super::text::Lengths;
use crate::frames::pick::Pick;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

/// Takes in the lengths of some lists or maps of `array`.
pub fn feed(lengths: &mut Lengths, array: &dyn Array, pick: &Pick<'_>) {
    match array.data_type() {
        DataType::List(_) => offsets(lengths, array.as_list::<i32>().value_offsets(), pick),
        DataType::LargeList(_) => offsets(lengths, array.as_list::<i64>().value_offsets(), pick),
        DataType::Map(..) => offsets(lengths, array.as_map().value_offsets(), pick),
        DataType::ListView(_) => sizes(lengths, array.as_list_view::<i32>().value_sizes(), pick),
        DataType::LargeListView(_) => sizes(lengths, array.as_list_view::<i64>().value_sizes(), pick),
        DataType::FixedSizeList(_, size) => lengths.add(*size as u64, pick.len() as u64),
        _ => {}
    }
}

fn offsets<T: ArrowNativeType>(lengths: &mut Lengths, offsets: &[T], pick: &Pick<'_>) {
    pick.each(|place| lengths.add((offsets[place + 1].as_usize() - offsets[place].as_usize()) as u64, 1));
}

fn sizes<T: ArrowNativeType>(lengths: &mut Lengths, sizes: &[T], pick: &Pick<'_>) {
    pick.each(|place| lengths.add(sizes[place].as_usize() as u64, 1));
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int8Type;
    use arrow_array::{FixedSizeListArray, ListArray};

    #[test]
    fn lengths_are_of_the_rows_picked() {
        let rows = [Some(vec![Some(1), None]), None, Some(vec![])];
        let lists = ListArray::from_iter_primitive::<Int8Type, _, _>(rows);
        let mut lengths = Lengths::default();
        feed(&mut lengths, &lists, &Pick::Places(&[0, 2]));
        assert_eq!((lengths.count, lengths.min, lengths.max, lengths.mean()), (2, 0, 2, Some(1.0)));
        let rows = [Some(vec![Some(1), None]), None];
        let fixed = FixedSizeListArray::from_iter_primitive::<Int8Type, _, _>(rows, 2);
        let mut lengths = Lengths::default();
        feed(&mut lengths, &fixed, &Pick::Range(0..1));
        assert_eq!((lengths.count, lengths.max), (1, 2));
    }
}
