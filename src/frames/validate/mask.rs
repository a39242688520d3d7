//! Which rows of a frame fail: a bit a row, where there are any.
#![forbid(unsafe_code)]

use super::bits::Bits;
use crate::error::Error;

/// Rows of a chunk.
pub const ROWS: u64 = 65_536;
/// Words of a chunk.
pub const WORDS: usize = ROWS as usize / 64;

/// Bits of rows, of which whole runs of zeros take no memory.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    chunks: Vec<Option<Box<[u64]>>>,
}

impl Mask {
    fn chunk(&mut self, row: u64) -> Result<&mut [u64], Error> {
        let index = (row / ROWS) as usize;
        if index >= self.chunks.len() {
            self.chunks.try_reserve(index + 1 - self.chunks.len())?;
            self.chunks.resize(index + 1, None);
        }
        let chunk = &mut self.chunks[index];
        if chunk.is_none() {
            let mut words = Vec::new();
            words.try_reserve_exact(WORDS)?;
            words.resize(WORDS, 0);
            *chunk = Some(words.into_boxed_slice());
        }
        Ok(chunk.as_deref_mut().unwrap_or_default())
    }

    /// Marks one row.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn set(&mut self, row: u64) -> Result<(), Error> {
        let within = (row % ROWS) as usize;
        self.chunk(row)?[within / 64] |= 1 << (within % 64);
        Ok(())
    }

    /// Marks the rows from `first` on that `bits` has.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn put(&mut self, first: u64, bits: &Bits) -> Result<(), Error> {
        for (index, word) in bits.words().iter().enumerate().filter(|(_, word)| **word != 0) {
            self.put_word(first + index as u64 * 64, *word)?;
        }
        Ok(())
    }

    /// Marks those of the 64 rows from `row` on that `word` has.
    fn put_word(&mut self, row: u64, word: u64) -> Result<(), Error> {
        let shift = row % 64;
        let within = |row: u64| (row % ROWS) as usize / 64;
        if word << shift != 0 {
            self.chunk(row)?[within(row)] |= word << shift;
        }
        if shift > 0 && word >> (64 - shift) != 0 {
            self.chunk(row + 64)?[within(row + 64)] |= word >> (64 - shift);
        }
        Ok(())
    }

    /// Marks the rows of the other, which begins at row `first`.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn append(&mut self, first: u64, other: &Self) -> Result<(), Error> {
        for (index, chunk) in other.chunks.iter().enumerate() {
            for (at, word) in chunk.iter().flat_map(|chunk| chunk.iter()).enumerate() {
                if *word != 0 {
                    self.put_word(first + index as u64 * ROWS + at as u64 * 64, *word)?;
                }
            }
        }
        Ok(())
    }

    /// Chunks in which a row is marked, with their number.
    pub fn chunks(&self) -> impl Iterator<Item = (u64, &[u64])> {
        let all = self.chunks.iter().enumerate();
        all.filter_map(|(index, chunk)| Some((index as u64, chunk.as_deref()?)))
            .filter(|(_, words)| words.iter().any(|word| *word != 0))
    }

    /// The words of a chunk, to be written to.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn words(&mut self, index: u64) -> Result<&mut [u64], Error> {
        self.chunk(index * ROWS)
    }

    /// Marks what the other has, too.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        for (index, chunk) in other.chunks.iter().enumerate() {
            if let Some(chunk) = chunk {
                let mine = self.chunk(index as u64 * ROWS)?;
                mine.iter_mut().zip(chunk).for_each(|(mine, theirs)| *mine |= theirs);
            }
        }
        Ok(())
    }

    /// Number of rows marked.
    pub fn count(&self) -> u64 {
        self.chunks
            .iter()
            .flatten()
            .flat_map(|chunk| chunk.iter())
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// Whether a row is marked.
    pub fn has(&self, row: u64) -> bool {
        let within = (row % ROWS) as usize;
        let chunk = self.chunks.get((row / ROWS) as usize).and_then(Option::as_ref);
        chunk.is_some_and(|chunk| chunk[within / 64] >> (within % 64) & 1 == 1)
    }

    /// The first rows marked, at most so many.
    pub fn first(&self, most: usize) -> Vec<u64> {
        let mut rows = Vec::new();
        for (index, chunk) in self.chunks.iter().enumerate() {
            for (at, word) in chunk.iter().flat_map(|chunk| chunk.iter()).enumerate() {
                let mut rest = *word;
                while rest != 0 {
                    if rows.len() == most {
                        return rows;
                    }
                    rows.push(index as u64 * ROWS + at as u64 * 64 + u64::from(rest.trailing_zeros()));
                    rest &= rest - 1;
                }
            }
        }
        rows
    }

    /// One byte for each of `rows` rows: 1 for those marked.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn bytes(&self, rows: u64) -> Result<Vec<u8>, Error> {
        let rows = usize::try_from(rows).map_err(|_| Error::Memory(format!("a mask of {rows} rows")))?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(rows)?;
        bytes.resize(rows, 0);
        for (index, chunk) in self.chunks.iter().enumerate() {
            for (at, word) in
                chunk.iter().flat_map(|chunk| chunk.iter()).enumerate().filter(|(_, word)| **word != 0)
            {
                let start = index * ROWS as usize + at * 64;
                for (bit, byte) in bytes.iter_mut().skip(start).take(64).enumerate() {
                    *byte = (word >> bit & 1) as u8;
                }
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mask_is_the_rows_put_in(
            parts in prop::collection::vec((0_u64..140_000, prop::collection::vec(any::<bool>(), 0..200)), 0..5),
        ) {
            let (mut mask, mut all) = (Mask::default(), vec![0_u8; 141_000]);
            for (first, bools) in parts {
                let mut part = Mask::default();
                part.put(first, &Bits::from_fn(bools.len(), |at| bools[at])).unwrap();
                mask.merge(&part).unwrap();
                for (at, bit) in bools.iter().enumerate() {
                    all[first as usize + at] |= u8::from(*bit);
                }
            }
            let rows: Vec<u64> = (0..all.len() as u64).filter(|row| all[*row as usize] == 1).collect();
            prop_assert_eq!(mask.count(), rows.len() as u64);
            prop_assert_eq!(mask.first(usize::MAX), rows.clone());
            prop_assert_eq!(mask.first(3), rows[..rows.len().min(3)].to_vec());
            prop_assert!(rows.iter().all(|row| mask.has(*row)));
            prop_assert_eq!(mask.bytes(141_000).unwrap(), all);
        }
    }
}
