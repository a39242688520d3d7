//! One bit a row: which rows fail, which are selected, of which something is known.
#![forbid(unsafe_code)]

use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;
use std::ops::Range;

/// Bits of a known number; those past the end of the last word are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// `len` ones.
    pub fn ones(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        bits.trim();
        bits
    }

    /// The bit of each place is what `test` says of it.
    #[inline]
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut words = Vec::with_capacity(len.div_ceil(64));
        let mut start = 0;
        while start + 64 <= len {
            let mut word = 0;
            for bit in 0..64 {
                word |= u64::from(test(start + bit)) << bit;
            }
            words.push(word);
            start += 64;
        }
        if start < len {
            let mut word = 0;
            for bit in 0..len - start {
                word |= u64::from(test(start + bit)) << bit;
            }
            words.push(word);
        }
        Self { words, len }
    }

    /// Some bits of Arrow's.
    pub fn from_buffer(buffer: &BooleanBuffer, rows: Range<usize>) -> Self {
        let len = rows.len();
        let mut words = Vec::with_capacity(len.div_ceil(64));
        let chunks = BitChunks::new(buffer.values(), buffer.offset() + rows.start, len);
        words.extend(chunks.iter());
        if !len.is_multiple_of(64) {
            words.push(chunks.remainder_bits());
        }
        let mut bits = Self { words, len };
        bits.trim();
        bits
    }

    fn trim(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    /// Number of bits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The words, the first bit lowest.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// One bit.
    #[inline]
    pub fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// Makes one bit 1.
    #[inline]
    pub fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    /// Makes one bit 0.
    #[inline]
    pub fn clear(&mut self, at: usize) {
        self.words[at / 64] &= !(1 << (at % 64));
    }

    /// Number of ones.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is a one.
    pub fn any(&self) -> bool {
        self.words.iter().any(|word| *word != 0)
    }

    /// Keeps what is one in both.
    pub fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// Keeps what is one in either.
    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Keeps what is one here and zero there.
    pub fn and_not(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// Ones for zeros and zeros for ones.
    pub fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.trim();
    }

    /// Puts `other` behind these bits.
    pub fn append(&mut self, other: &Self) {
        let shift = self.len % 64;
        if shift == 0 {
            self.words.extend_from_slice(&other.words);
            self.len += other.len;
            return;
        }
        self.len += other.len;
        for word in &other.words {
            if let Some(last) = self.words.last_mut() {
                *last |= word << shift;
            }
            self.words.push(word >> (64 - shift));
        }
        self.words.truncate(self.len.div_ceil(64));
    }

    /// `len` copies of the only bit, or the bits themselves.
    pub fn spread(self, len: usize) -> Self {
        match (self.len == len, self.any()) {
            (true, _) => self,
            (false, true) => Self::ones(len),
            (false, false) => Self::zeros(len),
        }
    }

    /// Visits the places of ones in order, until `visit` says no.
    pub fn each(&self, mut visit: impl FnMut(usize) -> bool) {
        for (at, word) in self.words.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                if !visit(at * 64 + rest.trailing_zeros() as usize) {
                    return;
                }
                rest &= rest - 1;
            }
        }
    }
}

/// What both know: none stands for everything.
pub fn both(one: Option<Bits>, other: Option<Bits>) -> Option<Bits> {
    match (one, other) {
        (None, known) | (known, None) => known,
        (Some(mut one), Some(other)) => {
            let len = one.len().max(other.len());
            one = one.spread(len);
            one.and(&other.spread(len));
            Some(one)
        }
    }
}

/// Visits the places of ones in order, or all of `len` where there are no bits.
pub fn each(here: Option<&Bits>, len: usize, mut visit: impl FnMut(usize)) {
    match here {
        None => (0..len).for_each(visit),
        Some(here) => here.each(|at| {
            visit(at);
            true
        }),
    }
}

/// Some of the bits, where there are any.
pub fn part(bits: Option<&Bits>, start: usize, len: usize) -> Option<Bits> {
    bits.map(|bits| Bits::from_fn(len, |at| bits.get(start + at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bools: &[bool]) -> Bits {
        Bits::from_fn(bools.len(), |at| bools[at])
    }

    proptest! {
        #[test]
        fn bits_are_a_row_of_bools(
            one in prop::collection::vec(any::<bool>(), 0..300),
            other in prop::collection::vec(any::<bool>(), 0..300),
            start in 0_usize..70,
        ) {
            let (bits, more) = (of(&one), of(&other));
            prop_assert_eq!(bits.count(), one.iter().filter(|bit| **bit).count());
            let mut seen = Vec::new();
            bits.each(|at| { seen.push(at); true });
            prop_assert_eq!(seen, (0..one.len()).filter(|at| one[*at]).collect::<Vec<_>>());
            let mut joined = bits.clone();
            joined.append(&more);
            prop_assert_eq!(joined, of(&[one.clone(), other].concat()));
            let mut not = bits.clone();
            not.invert();
            prop_assert_eq!(not, of(&one.iter().map(|bit| !bit).collect::<Vec<_>>()));
            let start = start.min(one.len());
            let buffer = BooleanBuffer::from(one.clone());
            prop_assert_eq!(Bits::from_buffer(&buffer, start..one.len()), of(&one[start..]));
        }
    }
}
