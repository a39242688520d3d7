//! Batches that are worked on together: enough that starting threads costs nothing beside it, and never so many that
//! memory would grow with the length of a row.
#![forbid(unsafe_code)]

use super::memory;
use arrow_array::ArrayRef;

/// Bytes of the batches that a window keeps at most, beyond the last one it takes in.
pub const BYTES: u64 = 48 << 20;

/// Pieces of batches, in order.
#[derive(Debug)]
pub struct Window<T> {
    /// The pieces.
    pub pieces: Vec<T>,
    /// Rows of all of them.
    pub rows: usize,
    bytes: u64,
    most: usize,
}

impl<T> Window<T> {
    /// One that is full at `most` rows, or once what it keeps takes [`BYTES`].
    pub fn new(most: usize) -> Self {
        Self { pieces: Vec::new(), rows: 0, bytes: 0, most }
    }

    /// Takes in a piece of so many rows.
    pub fn push(&mut self, piece: T, rows: usize) {
        self.pieces.push(piece);
        self.rows += rows;
    }

    /// To be told once the last piece of a batch has been taken in, with all columns of the batch: as long as a piece of
    /// one column is kept, all of a batch from another library is.
    pub fn end_batch<'a>(&mut self, columns: impl IntoIterator<Item = &'a ArrayRef>, rows: usize) {
        if !self.pieces.is_empty() {
            self.bytes += memory::of_all(columns, rows);
        }
    }

    /// Whether it is time to work on it.
    pub fn is_full(&self) -> bool {
        self.rows >= self.most || self.bytes >= BYTES
    }

    /// Forgets what it keeps.
    pub fn clear(&mut self) {
        *self = Self { pieces: std::mem::take(&mut self.pieces), ..Self::new(self.most) };
        self.pieces.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::frames::fingerprint::{self, fingerprint};
    use crate::frames::profile::{options::Options, profile};
    use crate::frames::validate::rules::Rules;
    use crate::frames::validate::validation::Validation;
    use crate::progress::Progress;
    use arrow_array::{Int64Array, LargeBinaryArray, RecordBatch, RecordBatchReader};
    use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
    use arrow_schema::{ArrowError, SchemaRef};
    use std::sync::Arc;

    /// Bytes of the one long value of a batch.
    const LONG: usize = 8 << 20;

    /// Batches of a row, a number and a long value, of which it is known how many are still somewhere.
    struct Stream {
        left: i64,
        handed_out: Vec<Arc<()>>,
        most: usize,
    }

    /// Memory of a batch that tells when it is given back.
    struct Held(Vec<u8>, #[allow(dead_code)] Arc<()>);

    impl AsRef<[u8]> for Held {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    fn batch(number: i64, token: Arc<()>) -> RecordBatch {
        let bytes = Buffer::from(bytes::Bytes::from_owner(Held(vec![0; LONG], token)));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(vec![0, LONG as i64]));
        let long: ArrayRef = Arc::new(LargeBinaryArray::new(offsets, bytes, None));
        let number: ArrayRef = Arc::new(Int64Array::from(vec![number]));
        RecordBatch::try_from_iter([("number", number), ("long", long)]).unwrap()
    }

    impl Iterator for Stream {
        type Item = Result<RecordBatch, ArrowError>;

        fn next(&mut self) -> Option<Self::Item> {
            self.handed_out.retain(|token| Arc::strong_count(token) > 1);
            self.most = self.most.max(self.handed_out.len());
            self.left -= 1;
            let token = Arc::new(());
            self.handed_out.push(token.clone());
            (self.left >= 0).then(|| Ok(batch(self.left, token)))
        }
    }

    impl RecordBatchReader for Stream {
        fn schema(&self) -> SchemaRef {
            batch(0, Arc::new(())).schema()
        }
    }

    /// Most batches of twelve that were in memory at once.
    fn most(work: impl Fn(&mut dyn RecordBatchReader) -> Result<(), Error>) -> usize {
        let mut stream = Stream { left: 12, handed_out: Vec::new(), most: 0 };
        work(&mut stream).unwrap();
        assert_eq!(stream.left, -1);
        stream.most
    }

    const FULL: usize = (BYTES as usize).div_ceil(LONG);

    #[test]
    fn long_values_do_not_pile_up() {
        let quiet = Progress::silent;
        let options = Options::default;
        let how = fingerprint::Options { wide: false, by_name: false };
        let rules = |text| Rules::parse(text, false, "rules").unwrap();
        let profiled = most(|data| profile(data, None, &options(), &quiet()).map(drop));
        let hashed = most(|data| fingerprint(data, None, how, false, &quiet()).map(drop));
        let asked = rules(r#"[{"rule": "not_null", "column": "long"}]"#);
        let validated = most(|data| Validation::of(data, &asked, vec![], None, None, &quiet()).map(drop));
        for found in [profiled, hashed, validated] {
            assert!((2..=FULL).contains(&found), "{found} batches at once"); // several, but few
        }
    }

    #[test]
    fn columns_nobody_asks_for_are_not_kept() {
        let quiet = Progress::silent;
        let how = fingerprint::Options { wide: false, by_name: true };
        let only = Some(&["number"][..]);
        assert!(most(|data| profile(data, only, &Options::default(), &quiet()).map(drop)) <= 1);
        assert!(most(|data| fingerprint(data, only, how, true, &quiet()).map(drop)) <= 1);
        let rules = Rules::parse(
            r#"[{"rule": "range", "column": "number", "min": 0, "where": "number > 3"}]"#,
            false,
            "rules",
        );
        let rules = rules.unwrap();
        assert!(most(|data| Validation::of(data, &rules, vec![], None, None, &quiet()).map(drop)) <= 1);
    }

    #[test]
    fn many_batches_of_few_rows_are_large_too() {
        let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let mut window = Window::new(usize::MAX);
        let mut count = 0_u64;
        while !window.is_full() {
            window.push((), 1);
            window.end_batch(std::slice::from_ref(&number), 1);
            count += 1;
        }
        assert!(count * 256 <= BYTES, "{count} batches");
        window.clear();
        assert!(!window.is_full() && window.pieces.is_empty() && window.rows == 0);
    }
}
