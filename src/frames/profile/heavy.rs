//! The most frequent of very many values: counters that forget the rare ones (Misra and Gries 1982, in the form of
//! Anderson et al. 2017, arXiv:1705.07001, which forgets half of them at a time).
#![forbid(unsafe_code)]

use super::table::{KEPT_BYTES, Slot};

/// Slots of the table; three quarters of them hold counters. Counts fall short by at most about 1 in 1,500 of all values.
const SLOTS: usize = 4096;

/// Counters looked at to find one that half of all lie below.
const SAMPLE: usize = 256;

/// Counts hashes; a count is at most [`Heavy::error`] too low, and what has no counter came at most that often.
#[derive(Clone, Debug)]
pub struct Heavy {
    slots: Vec<Slot>,
    /// What the value of a slot is, where a hash does not tell: empty until [`Heavy::settle`].
    values: Vec<Option<Box<[u8]>>>,
    /// Where in the array at hand the value of a slot was last seen.
    places: Vec<usize>,
    len: usize,
    error: u64,
}

impl Heavy {
    /// Most counters.
    pub const MOST: usize = SLOTS / 4 * 3;

    /// Counters of hashes, with room for what they are hashes of when `valued`.
    pub fn new(valued: bool) -> Self {
        let room = if valued { SLOTS } else { 0 };
        Self {
            slots: vec![Slot::default(); SLOTS],
            values: vec![None; room],
            places: vec![usize::MAX; room],
            len: 0,
            error: 0,
        }
    }

    /// Takes in a hash that needs no value.
    #[inline]
    pub fn add(&mut self, hash: u64, times: u64) {
        self.count(hash, times);
        if self.len > Self::MOST {
            self.purge();
        }
    }

    /// Takes in the hash of the value at `place` of the array at hand.
    #[inline]
    pub fn add_at(&mut self, hash: u64, place: usize) {
        let at = self.count(hash, 1);
        self.places[at] = place;
        if self.len > Self::MOST {
            self.purge();
        }
    }

    /// Takes in a hash and its value.
    pub fn add_value(&mut self, hash: u64, times: u64, value: &[u8]) {
        let at = self.count(hash, times);
        self.values[at].get_or_insert_with(|| value.into());
        if self.len > Self::MOST {
            self.purge();
        }
    }

    /// Copies the values that are only known by their place, before the array goes away.
    pub fn settle<'v>(&mut self, value: impl Fn(usize) -> &'v [u8]) {
        for ((slot, kept), place) in self.slots.iter().zip(&mut self.values).zip(&mut self.places) {
            if *place != usize::MAX {
                if slot.count > 0 && kept.is_none() {
                    let value = value(*place);
                    *kept = Some(value[..value.len().min(KEPT_BYTES)].into());
                }
                *place = usize::MAX;
            }
        }
    }

    #[inline]
    fn count(&mut self, hash: u64, times: u64) -> usize {
        let mut at = hash as usize & (SLOTS - 1);
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                *slot = Slot { hash, count: times };
                self.len += 1;
                return at;
            }
            if slot.hash == hash {
                slot.count += times;
                return at;
            }
            at = (at + 1) & (SLOTS - 1);
        }
    }

    /// Takes the middle one of all counts off every count and forgets those that have none left.
    #[cold]
    fn purge(&mut self) {
        let mut counts: Vec<u64> =
            self.slots.iter().map(|slot| slot.count).filter(|count| *count > 0).take(SAMPLE).collect();
        let middle = counts.len() / 2;
        let least = *counts.select_nth_unstable(middle).1;
        self.error += least;
        let valued = !self.values.is_empty();
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); SLOTS]);
        let mut values = std::mem::replace(&mut self.values, vec![None; if valued { SLOTS } else { 0 }]);
        let places = std::mem::replace(&mut self.places, vec![usize::MAX; if valued { SLOTS } else { 0 }]);
        self.len = 0;
        for (from, slot) in old.iter().enumerate().filter(|(_, slot)| slot.count > least) {
            let at = self.count(slot.hash, slot.count - least);
            if valued {
                (self.values[at], self.places[at]) = (values[from].take(), places[from]);
            }
        }
    }

    /// Takes in everything `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.error += other.error;
        for (hash, count, value) in other.entries() {
            match value {
                Some(value) => self.add_value(hash, count, value),
                None => self.add(hash, count),
            }
        }
    }

    /// Whether values are kept beside the counts.
    pub fn is_valued(&self) -> bool {
        !self.values.is_empty()
    }

    /// By how much counts may be too low.
    pub fn error(&self) -> u64 {
        self.error
    }

    /// Sets [`Heavy::error`], for counters that are put together again.
    pub fn set_error(&mut self, error: u64) {
        self.error = error;
    }

    /// Every hash with its count and, where kept, its value; in an order that depends on the hashes alone.
    pub fn entries(&self) -> impl Iterator<Item = (u64, u64, Option<&[u8]>)> {
        let mut all: Vec<usize> = (0..SLOTS).filter(|at| self.slots[*at].count > 0).collect();
        all.sort_unstable_by_key(|at| self.slots[*at].hash);
        all.into_iter().map(|at| {
            let value = self.values.get(at).and_then(Option::as_deref);
            (self.slots[at].hash, self.slots[at].count, value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::distinct::hash8;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn counts_keep_their_bounds_through_any_merge(
            values in prop::collection::vec(prop_oneof![3 => 0..1_000_000_u64, 1 => 0..5_u64], 20_000),
            cut in 0..20_000_usize,
        ) {
            let of = |values: &[u64]| {
                let mut heavy = Heavy::new(false);
                values.iter().for_each(|value| heavy.add(hash8(*value), 1));
                heavy
            };
            let mut heavy = of(&values[..cut]);
            heavy.merge(&of(&values[cut..]));
            prop_assert!(heavy.error() <= values.len() as u64 / 1000, "{}", heavy.error());
            let mut true_counts = std::collections::HashMap::new();
            values.iter().for_each(|value| *true_counts.entry(hash8(*value)).or_insert(0_u64) += 1);
            for (hash, count, _) in heavy.entries() {
                let truth = true_counts.remove(&hash).unwrap();
                prop_assert!(count <= truth && truth <= count + heavy.error());
            }
            prop_assert!(true_counts.values().all(|truth| *truth <= heavy.error()));
        }
    }

    #[test]
    fn values_are_kept_once_settled() {
        let words: Vec<String> =
            (0..10_000).map(|n| format!("word {}", n % 4000 * usize::from(n % 2 == 0))).collect();
        let mut heavy = Heavy::new(true);
        for (place, word) in words.iter().enumerate() {
            heavy.add_at(xxhash_rust::xxh3::xxh3_64(word.as_bytes()), place);
        }
        heavy.settle(|place| words[place].as_bytes());
        let top = heavy.entries().max_by_key(|entry| entry.1).unwrap();
        assert_eq!(top.2, Some(&b"word 0"[..]));
        assert!(top.1 <= 5003 && top.1 + heavy.error() >= 5000, "{} {}", top.1, heavy.error());
        assert!(heavy.entries().all(|entry| entry.2.is_some()));
    }
}
