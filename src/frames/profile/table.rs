//! Every different value of a column with its count, while they are few.
#![forbid(unsafe_code)]

/// Most values counted one by one.
pub const EXACT: usize = 65_536;

/// Bytes of a value that are kept: one more than reports show, which tells that a value was cut. Longer ones are told
/// apart by their hash all the same.
pub const KEPT_BYTES: usize = 257;

/// One hash and how often it came; free while that is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slot {
    /// XXH3-64 of the value.
    pub hash: u64,
    /// How often it came.
    pub count: u64,
}

/// What is kept of a value that its hash does not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word<'w> {
    /// The value, or its first [`KEPT_BYTES`] bytes.
    pub bytes: &'w [u8],
    /// Length of the whole value, in the unit of the column.
    pub length: u64,
    /// What the value looks like; see [`super::formats`].
    pub format: u8,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: usize,
    size: usize,
    length: u64,
    format: u8,
}

/// Open addressing, a little over half full; values of text lie end to end beside it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    slots: Vec<Slot>,
    /// For each slot its entry; empty for numbers, whose hash can be undone.
    marks: Vec<u32>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    len: usize,
    total: u64,
}

impl Table {
    /// Different values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All values, each as often as it came.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Counts a hash that stands for itself.
    #[inline]
    pub fn add(&mut self, hash: u64, times: u64) {
        if !self.bump(hash, times) {
            self.insert(hash, times);
        }
    }

    /// Counts a hash that is there already; says no when it is not.
    #[inline]
    pub fn bump(&mut self, hash: u64, times: u64) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask; // low bits: the sketch uses the high ones
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                return false;
            }
            if slot.hash == hash {
                slot.count += times;
                self.total += times;
                return true;
            }
            at = (at + 1) & mask;
        }
    }

    /// How often the value of this hash came.
    pub fn count(&self, hash: u64) -> u64 {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.count > 0 && slot.hash != hash => at = (at + 1) & mask,
                Some(slot) if slot.count > 0 => return slot.count,
                _ => return 0,
            }
        }
    }

    /// Takes in a hash that [`Table::bump`] said no to, and its value.
    pub fn insert_word(&mut self, hash: u64, times: u64, word: &Word<'_>) {
        let at = self.insert(hash, times);
        let kept = &word.bytes[..word.bytes.len().min(KEPT_BYTES)];
        self.marks.resize(self.slots.len(), 0);
        self.marks[at] = self.entries.len() as u32;
        let (length, format) = (word.length, word.format);
        self.entries.push(Entry { start: self.bytes.len(), size: kept.len(), length, format });
        self.bytes.extend_from_slice(kept);
    }

    fn insert(&mut self, hash: u64, times: u64) -> usize {
        if self.len * 16 >= self.slots.len() * 9 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].count != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = Slot { hash, count: times };
        self.len += 1;
        self.total += times;
        at
    }

    #[cold]
    fn grow(&mut self) {
        let size = (4 * self.slots.len()).clamp(64, 1 << 17).max(2 * self.slots.len());
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        let marks = std::mem::take(&mut self.marks);
        if !marks.is_empty() {
            self.marks = vec![0; size];
        }
        for (from, slot) in old.into_iter().enumerate().filter(|(_, slot)| slot.count > 0) {
            let mut at = slot.hash as usize & (size - 1);
            while self.slots[at].count != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
            if let Some(mark) = marks.get(from) {
                self.marks[at] = *mark;
            }
        }
    }

    /// Takes in everything `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        for (at, slot) in other.slots.iter().enumerate().filter(|(_, slot)| slot.count > 0) {
            if !self.bump(slot.hash, slot.count) {
                match other.word(at) {
                    Some(word) => self.insert_word(slot.hash, slot.count, &word),
                    None => {
                        self.insert(slot.hash, slot.count);
                    }
                }
            }
        }
    }

    fn word(&self, at: usize) -> Option<Word<'_>> {
        let entry = self.entries.get(*self.marks.get(at)? as usize)?;
        let bytes = &self.bytes[entry.start..entry.start + entry.size];
        Some(Word { bytes, length: entry.length, format: entry.format })
    }

    /// Every hash with its count and, where it does not tell, its value; in no order.
    pub fn entries(&self) -> impl Iterator<Item = (Slot, Option<Word<'_>>)> {
        let used = self.slots.iter().enumerate().filter(|(_, slot)| slot.count > 0);
        used.map(|(at, slot)| (*slot, self.word(at)))
    }

    /// The words with their counts, for a table that has them.
    pub fn words(&self) -> impl Iterator<Item = (u64, Word<'_>)> {
        self.entries().filter_map(|(slot, word)| word.map(|word| (slot.count, word)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::distinct::hash8;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use xxhash_rust::xxh3::xxh3_64;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn counts_are_those_of_a_map(values in prop::collection::vec(0..500_u64, 0..3000), cut in 0..3000_usize) {
            let of = |values: &[u64]| {
                let mut table = Table::default();
                values.iter().for_each(|value| table.add(hash8(*value), 1));
                table
            };
            let cut = cut.min(values.len());
            let mut table = of(&values[..cut]);
            table.merge(&of(&values[cut..]));
            let mut expected = HashMap::new();
            values.iter().for_each(|value| *expected.entry(hash8(*value)).or_insert(0) += 1);
            let found: HashMap<u64, u64> = table.entries().map(|(slot, _)| (slot.hash, slot.count)).collect();
            prop_assert_eq!(table.len(), expected.len());
            prop_assert_eq!(table.total(), values.len() as u64);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn words_survive_growth_and_merging() {
        let of = |range: std::ops::Range<usize>| {
            let mut table = Table::default();
            for n in range {
                let word = format!("{n}{}", "x".repeat(n % 400));
                let hash = xxh3_64(word.as_bytes());
                let length = word.len() as u64;
                table.insert_word(hash, 2, &Word { bytes: word.as_bytes(), length, format: (n % 7) as u8 });
            }
            table
        };
        let mut table = of(0..1000);
        table.merge(&of(500..1500));
        assert_eq!((table.len(), table.total(), table.words().count()), (1500, 4000, 1500));
        for (count, word) in table.words() {
            let digits = word.bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let n: usize = std::str::from_utf8(&word.bytes[..digits]).unwrap().parse().unwrap();
            assert_eq!(count, if (500..1000).contains(&n) { 4 } else { 2 });
            assert_eq!((word.length, word.format), ((digits + n % 400) as u64, (n % 7) as u8));
            assert_eq!(word.bytes.len(), (digits + n % 400).min(KEPT_BYTES));
        }
    }
}
