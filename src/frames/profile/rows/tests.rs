use super::*;
use arrow_array::types::Int32Type as I32;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, ListArray, StringArray, StringViewArray, StructArray,
};
use arrow_schema::Field;
use std::sync::Arc;

fn repeats(hashes: Vec<u64>) -> Repeats {
    Repeats::of(hashes, &Progress::silent()).unwrap()
}

fn hashes(array: ArrayRef) -> Vec<u64> {
    let batch = RecordBatch::try_from_iter_with_nullable([("x", array.clone(), true)]).unwrap();
    let progress = Progress::silent();
    let mut out = vec![0; array.len()];
    hash(&batch, &[0], 0..array.len(), &mut out, &progress.pulse()).unwrap();
    let cut = array.len() / 2;
    let mut tail = vec![0; array.len() - cut];
    hash(&batch, &[0], cut..array.len(), &mut tail, &progress.pulse()).unwrap();
    assert_eq!(tail, out[cut..]);
    out
}

#[test]
fn equal_values_have_equal_hashes_in_every_layout() {
    let words = vec![Some("a"), None, Some("a text that no view holds"), Some("a")];
    let plain = hashes(Arc::new(StringArray::from(words.clone())));
    assert_eq!((plain[0], plain[0] == plain[1], plain[0] == plain[2]), (plain[3], false, false));
    assert_eq!(hashes(Arc::new(StringViewArray::from(words.clone()))), plain);
    let keyed: DictionaryArray<I32> = words.into_iter().collect();
    assert_eq!(hashes(Arc::new(keyed)), plain);
    let run = RunArray::try_new(&Int32Array::from(vec![2, 3]), &StringArray::from(vec!["a", "b"])).unwrap();
    let found = hashes(Arc::new(run));
    assert_eq!((found[0], found[1] == found[2]), (plain[0], false));
    assert_eq!(found[0], found[1]);
}

#[test]
fn zeros_and_nan_are_one_value_each_and_lists_are_told_apart() {
    let found = hashes(Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0])));
    assert_eq!((found[0], found[2]), (found[1], found[3]));
    let rows =
        [Some(vec![Some(1), Some(2)]), Some(vec![Some(1)]), None, Some(vec![Some(1), Some(2)]), Some(vec![])];
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<I32, _, _>(rows));
    let found = hashes(lists.clone());
    assert_eq!(found[0], found[3]);
    assert_eq!(repeats(found).count, Some(1));
    let field = Arc::new(Field::new("list", lists.data_type().clone(), true));
    assert_eq!(repeats(hashes(Arc::new(StructArray::from(vec![(field, lists)])))).count, Some(1));
}

#[test]
fn repeats_merge_while_rows_are_few() {
    let mut all = repeats(vec![1, 2, 2, 3]);
    assert_eq!(all.count, Some(1));
    all.merge(&repeats(vec![3, 4]), 6);
    assert_eq!((all.count, all.hashes.as_deref()), (Some(2), Some(&[1, 2, 3, 4][..])));
    let many = repeats((0..70_000).collect());
    assert_eq!((many.count, many.hashes.is_none()), (Some(0), true));
    assert_eq!(repeats((0..400_000).map(|n| hash8(n % 300_000)).collect()).count, Some(100_000));
    let few = repeats((0..400_000).map(|n| hash8(n % 1000)).collect());
    assert_eq!((few.count, few.hashes.unwrap().len()), (Some(399_000), 1000));
    all.merge(&many, 70_006);
    assert_eq!(all, Repeats::default());
}
