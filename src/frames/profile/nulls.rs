//! Which columns are null together.
#![forbid(unsafe_code)]

use arrow_array::{Array, RecordBatch};
use std::collections::BTreeMap;

/// Most patterns that are counted.
pub const MOST: usize = 4096;

/// Rows by the columns, by their positions among those chosen, that are null in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patterns {
    /// None once there were more than [`MOST`].
    counts: Option<BTreeMap<Vec<u32>, u64>>,
}

impl Patterns {
    /// No rows yet.
    pub fn new() -> Self {
        Self { counts: Some(BTreeMap::new()) }
    }

    /// The patterns with their rows; none when there are too many.
    pub fn counts(&self) -> Option<&BTreeMap<Vec<u32>, u64>> {
        self.counts.as_ref()
    }

    /// Patterns with these rows.
    pub fn from_counts(counts: Option<BTreeMap<Vec<u32>, u64>>) -> Self {
        Self { counts }
    }

    fn add(&mut self, pattern: Vec<u32>, rows: u64) {
        if let Some(counts) = &mut self.counts {
            *counts.entry(pattern).or_default() += rows;
            if counts.len() > MOST {
                self.counts = None;
            }
        }
    }

    /// Takes in another part of the frame.
    pub fn merge(&mut self, other: &Self) {
        match &other.counts {
            Some(counts) => counts.iter().for_each(|(pattern, rows)| self.add(pattern.clone(), *rows)),
            None => self.counts = None,
        }
    }

    /// Takes in the rows of a batch.
    pub fn feed(&mut self, batch: &RecordBatch, chosen: &[usize]) {
        let nulls: Vec<(u32, Vec<u64>)> = chosen
            .iter()
            .enumerate()
            .filter_map(|(at, column)| {
                let nulls = batch.column(*column).logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
                let bits = nulls.inner().bit_chunks().iter_padded().map(|word| !word);
                Some((at as u32, bits.collect()))
            })
            .collect();
        let mut complete = 0;
        let mut last: (Vec<u32>, u64) = (Vec::new(), 0);
        for start in (0..batch.num_rows()).step_by(64) {
            let (word, count) = (start / 64, (batch.num_rows() - start).min(64));
            let live = if count == 64 { u64::MAX } else { (1 << count) - 1 };
            let any = nulls.iter().fold(0, |any, (_, bits)| any | bits[word]) & live;
            complete += u64::from((live & !any).count_ones());
            let mut rest = any;
            while rest != 0 {
                // All rows of this word that have the pattern of the first one left.
                let row = rest.trailing_zeros();
                let mut same = rest;
                for (_, bits) in &nulls {
                    let bits = bits[word];
                    same &= if bits >> row & 1 == 1 { bits } else { !bits };
                }
                rest &= !same;
                let here = nulls.iter().filter(|(_, bits)| bits[word] >> row & 1 == 1).map(|(at, _)| *at);
                if !here.clone().eq(last.0.iter().copied()) {
                    let (pattern, rows) = std::mem::replace(&mut last, (here.collect(), 0));
                    if rows > 0 {
                        self.add(pattern, rows);
                    }
                }
                last.1 += u64::from(same.count_ones());
            }
        }
        if last.1 > 0 {
            self.add(last.0, last.1);
        }
        if complete > 0 {
            self.add(Vec::new(), complete);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int8Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn patterns_are_those_of_the_rows(rows in prop::collection::vec(0..8_u32, 0..300)) {
            let column = |at: u32| -> ArrayRef {
                Arc::new(Int8Array::from_iter(rows.iter().map(|row| (row >> at & 1 == 0).then_some(1))))
            };
            let columns = (0..3).map(|at| (format!("{at}"), column(at), true));
            let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
            let mut found = Patterns::new();
            let cut = rows.len() / 3;
            found.feed(&batch.slice(0, cut), &[0, 1, 2]);
            let mut rest = Patterns::new();
            rest.feed(&batch.slice(cut, rows.len() - cut), &[0, 1, 2]);
            found.merge(&rest);
            let mut expected = BTreeMap::new();
            for row in &rows {
                let pattern: Vec<u32> = (0..3).filter(|at| row >> at & 1 == 1).collect();
                *expected.entry(pattern).or_insert(0) += 1;
            }
            prop_assert_eq!(found.counts(), Some(&expected));
        }
    }

    #[test]
    fn too_many_patterns_are_no_patterns() {
        let mut all = Patterns::new();
        (0..=MOST as u32).for_each(|at| all.add(vec![at], 1));
        assert_eq!(all.counts(), None);
        let mut other = Patterns::new();
        other.merge(&all);
        assert_eq!(other, all);
    }
}
