use super::super::distinct::hash8;
use super::super::options::Options;
use super::super::profile;
use super::*;
use crate::progress::Progress;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, ListArray, RecordBatch,
    RecordBatchIterator, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use proptest::prelude::*;
use std::sync::{Arc, OnceLock};
use xxhash_rust::xxh3::xxh3_64;

fn of(rows: std::ops::Range<i64>) -> Profile {
    let n = || rows.clone();
    let words = n().map(|n| (n % 5 != 0).then(|| format!("word {}", n % 900)));
    let lists = n().map(|n| Some((0..n % 3).map(|n| Some(n as i32)).collect::<Vec<_>>()));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("whole", Arc::new(Int32Array::from_iter(n().map(|n| (n % 7 != 0).then_some((n % 1000) as i32))))),
        ("unsigned", Arc::new(UInt64Array::from_iter_values(n().map(|n| u64::MAX - n as u64)))),
        (
            "real",
            Arc::new(Float64Array::from_iter_values(n().map(|n| match n % 50 {
                0 => f64::NAN,
                1 => f64::INFINITY,
                _ => (n as f64).sin(),
            }))),
        ),
        ("text", Arc::new(StringArray::from_iter(words))),
        ("id", Arc::new(StringArray::from_iter_values(n().map(|n| format!("id {n}"))))),
        ("truth", Arc::new(BooleanArray::from_iter(n().map(|n| Some(n % 3 == 0))))),
        ("when", Arc::new(TimestampMicrosecondArray::from_iter_values(n().map(|n| n * 1_000_003)))),
        (
            "price",
            Arc::new(
                Decimal128Array::from_iter_values(n().map(|n| i128::from(n * n % 100_003)))
                    .with_precision_and_scale(20, 2)
                    .unwrap(),
            ),
        ),
        ("list", Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>(lists))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let schema = batch.schema();
    let mut reader = RecordBatchIterator::new([Ok(batch)], schema);
    profile(
        &mut reader,
        None,
        &Options { correlations: Some(Method::Pearson), ..Options::default() },
        &Progress::silent(),
    )
    .unwrap()
}

/// A small profile and one in which every column has gone over to its sketches.
fn examples() -> &'static [Profile; 2] {
    static EXAMPLES: OnceLock<[Profile; 2]> = OnceLock::new();
    EXAMPLES.get_or_init(|| [of(0..300), of(0..140_000)])
}

/// The bytes with a checksum that fits.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len().saturating_sub(8);
    bytes.truncate(end);
    let sum = xxh3_64(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

#[test]
fn what_is_written_is_read_back_and_merges_as_before() {
    for one in examples() {
        let bytes = one.to_bytes();
        let again = Profile::from_bytes(&bytes).unwrap();
        assert_eq!(again.json(), one.json());
        assert_eq!(again.to_bytes(), bytes);
        let (mut left, mut right) = (one.clone(), again);
        left.merge(&examples()[0], true).unwrap();
        right.merge(&examples()[0], true).unwrap();
        assert_eq!(left.json(), right.json());
    }
}

#[test]
fn what_is_wrong_is_said() {
    let bytes = examples()[0].to_bytes();
    let error = |bytes: &[u8]| Profile::from_bytes(bytes).unwrap_err().to_string();
    assert_eq!(error(b""), "data is no profile that to_bytes wrote: it does not start with IWPROFIL");
    assert_eq!(error(b"IWPROFIL"), "data is no profile that to_bytes wrote: it ends early");
    let mut newer = bytes.clone();
    newer[8] = 2;
    assert_eq!(error(&newer), "data is a profile of version 2, this library reads version 1");
    assert!(error(&bytes[..bytes.len() - 1]).contains("checksum"));
    let mut longer = bytes[..bytes.len() - 8].to_vec();
    longer.extend([0; 9]);
    assert!(error(&signed(longer)).contains("something follows its end"));
}

/// Reads bytes and, where they are accepted, does everything a profile can do.
fn survives(bytes: &[u8]) {
    if let Ok(mut profile) = Profile::from_bytes(bytes) {
        let json = profile.json();
        assert!(!json.is_empty());
        profile.table().unwrap();
        let copy = profile.clone();
        profile.merge(&copy, true).unwrap();
        profile.merge(&copy, false).unwrap();
        let _ = profile.merge(&examples()[0], false);
        assert!(!profile.json().is_empty());
        let bytes = profile.to_bytes();
        assert!(!bytes.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn hostile_bytes_are_an_error_or_a_profile(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = examples()[0].to_bytes();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        survives(&bytes);
        survives(&signed(bytes));
    }

    #[test]
    fn random_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Profile::from_bytes(&bytes).is_err());
        let mut named = PROFILE.magic.to_vec();
        named.extend([1, 0]);
        named.extend(&bytes);
        named.extend([0; 8]);
        survives(&signed(named));
    }
}

#[test]
fn hostile_bytes_of_sketches_are_an_error_or_a_profile() {
    let bytes = examples()[1].to_bytes();
    let mut random = 7_u64;
    for _ in 0..8 {
        let mut bytes = bytes.clone();
        random = hash8(random);
        let at = random as usize % bytes.len();
        bytes[at] ^= (random >> 40) as u8 | 1;
        survives(&signed(bytes));
    }
}
