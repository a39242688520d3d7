//! Sets that are filled once and then asked often.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::kernels::compare::within;
use super::vector::Vector;
use crate::error::Error;
use arrow_buffer::i256;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// A set of texts.
#[derive(Clone, Debug)]
pub struct TextSet {
    /// Each with its length and first bytes as one number.
    items: Vec<(usize, u64, Vec<u8>)>,
    /// Places in `items` plus one by hash; empty while there are few.
    slots: Vec<u32>,
}

impl TextSet {
    const FEW: usize = 8;

    /// The set of these texts.
    pub fn new(mut texts: Vec<Vec<u8>>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        let items: Vec<(usize, u64, Vec<u8>)> =
            texts.into_iter().map(|text| (text.len(), head(&text), text)).collect();
        let mut slots = Vec::new();
        if items.len() > Self::FEW {
            slots = vec![0; (items.len() * 2).next_power_of_two()];
            for (index, (_, _, text)) in items.iter().enumerate() {
                let mut slot = xxh3_64(text) as usize & (slots.len() - 1);
                while slots[slot] != 0 {
                    slot = (slot + 1) & (slots.len() - 1);
                }
                slots[slot] = index as u32 + 1; // rules hold far fewer than 2^32 texts
            }
        }
        Self { items, slots }
    }

    fn has(&self, value: &[u8]) -> bool {
        let same = |(length, first, text): &(usize, u64, Vec<u8>), head: u64| {
            *length == value.len() && *first == head && (*length <= 8 || text[8..] == value[8..])
        };
        let head = head(value);
        if self.slots.is_empty() {
            return self.items.iter().any(|item| same(item, head));
        }
        let mut slot = xxh3_64(value) as usize & (self.slots.len() - 1);
        while let Some(index) = self.slots[slot].checked_sub(1) {
            if same(&self.items[index as usize], head) {
                return true;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        false
    }

    /// Which values are in the set.
    pub fn test(&self, values: &[Cow<'_, [u8]>]) -> Bits {
        Bits::from_fn(values.len(), |at| self.has(&values[at]))
    }
}

/// A set of integers.
#[derive(Clone, Debug)]
pub struct IntSet {
    /// Those that so many bits hold, in order.
    narrow: Vec<i64>,
    wide: Vec<i128>,
    huge: Vec<i256>,
}

impl IntSet {
    /// The set of these integers.
    pub fn new(mut huge: Vec<i256>) -> Self {
        huge.sort_unstable();
        huge.dedup();
        let wide: Vec<i128> = huge.iter().filter_map(|value| value.to_i128()).collect();
        let narrow = wide.iter().filter_map(|value| i64::try_from(*value).ok()).collect();
        Self { narrow, wide, huge }
    }

    /// Which values are in the set; none where they are no integers.
    pub fn test(&self, values: &Vector<'_>) -> Option<Bits> {
        match values {
            Vector::Ints(values, _) => Some(within(values, &self.narrow)),
            Vector::Wide(values, _) => Some(within(values, &self.wide)),
            Vector::Huge(values, _) => Some(within(values, &self.huge)),
            _ => None,
        }
    }
}

/// The first eight bytes as a number, short texts filled up with zeros.
#[inline]
fn head(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text.iter().rev().fold(0, |head, byte| head << 8 | u64::from(*byte)),
    }
}

/// A key that can be told from others by its bits.
pub trait Key: Copy + Eq + Send + Sync {
    /// Bits that are spread well, the high ones best.
    fn mixed(self) -> u64;
    /// The key that free slots hold.
    const FREE: Self;
    /// As a signed number of 64 bits, where it is one.
    fn number(self) -> Option<i64>;
}

impl Key for u64 {
    const FREE: Self = 0;

    #[inline]
    fn mixed(self) -> u64 {
        let product = u128::from(self ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93_u128;
        (product >> 64) as u64 ^ product as u64
    }

    fn number(self) -> Option<i64> {
        Some(self as i64)
    }
}

impl Key for u128 {
    const FREE: Self = 0;

    #[inline]
    fn mixed(self) -> u64 {
        // Either hashed already, or a whole number that needs it.
        ((self >> 64) as u64 ^ self as u64).mixed()
    }

    fn number(self) -> Option<i64> {
        None
    }
}

/// A set of keys: one bit a number where they lie close together, else a table with open addressing.
#[derive(Clone, Debug)]
pub enum KeySet<K> {
    /// Numbers from `low` on.
    Dense {
        /// The smallest.
        low: i64,
        /// One bit for each number from there on.
        bits: Bits,
    },
    /// Slots, as many as a power of two.
    Table {
        /// The keys.
        slots: Vec<K>,
        /// Whether the key that marks a free slot is one of them.
        has_free: bool,
    },
}

impl<K: Key> KeySet<K> {
    /// The set of these keys.
    ///
    /// # Errors
    /// [`Error::Memory`] when it does not fit.
    pub fn new(keys: &[K]) -> Result<Self, Error> {
        let range = keys.iter().try_fold((i64::MAX, i64::MIN), |(low, high), key| {
            key.number().map(|number| (low.min(number), high.max(number)))
        });
        if let Some((low, high)) = range
            && low <= high
            && high.wrapping_sub(low) as u64 / 64 <= keys.len() as u64
        {
            let mut bits = Bits::zeros((high.wrapping_sub(low) as u64 as usize) + 1);
            for number in keys.iter().filter_map(|key| key.number()) {
                bits.set(number.wrapping_sub(low) as u64 as usize);
            }
            return Ok(Self::Dense { low, bits });
        }
        let mut slots = Vec::new();
        let count = (keys.len().saturating_mul(2)).next_power_of_two().max(2);
        slots.try_reserve_exact(count)?;
        slots.resize(count, K::FREE);
        let mut has_free = false;
        let shift = 64 - count.trailing_zeros();
        for key in keys {
            if *key == K::FREE {
                has_free = true;
                continue;
            }
            let mut slot = (key.mixed() >> shift) as usize;
            while slots[slot] != K::FREE && slots[slot] != *key {
                slot = (slot + 1) & (count - 1);
            }
            slots[slot] = *key;
        }
        Ok(Self::Table { slots, has_free })
    }

    /// Whether a key is in it.
    #[inline]
    pub fn has(&self, key: K) -> bool {
        match self {
            Self::Dense { low, bits } => {
                let Some(number) = key.number() else { return false };
                let at = number.wrapping_sub(*low) as u64;
                number >= *low && at < bits.len() as u64 && bits.get(at as usize)
            }
            Self::Table { slots, has_free } => {
                if key == K::FREE {
                    return *has_free;
                }
                let shift = 64 - slots.len().trailing_zeros();
                let mut slot = (key.mixed() >> shift) as usize;
                while slots[slot] != K::FREE {
                    if slots[slot] == key {
                        return true;
                    }
                    slot = (slot + 1) & (slots.len() - 1);
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sets_hold_what_was_put_in(
            keys in prop::collection::vec(prop_oneof![any::<i64>(), -50_i64..50, Just(0)], 0..60),
            asked in prop::collection::vec(prop_oneof![any::<i64>(), -60_i64..60], 0..60),
        ) {
            let narrow: Vec<u64> = keys.iter().map(|key| *key as u64).collect();
            let wide: Vec<u128> = keys.iter().map(|key| *key as u128).collect();
            let (narrow, wide) = (KeySet::new(&narrow).unwrap(), KeySet::new(&wide).unwrap());
            for asked in asked.iter().chain(&keys) {
                prop_assert_eq!(narrow.has(*asked as u64), keys.contains(asked));
                prop_assert_eq!(wide.has(*asked as u128), keys.contains(asked));
            }
        }

        #[test]
        fn text_sets_hold_what_was_put_in(
            texts in prop::collection::vec("[ab\\x00]{0,12}", 0..30),
            asked in prop::collection::vec("[ab\\x00]{0,12}", 0..30),
        ) {
            let set = TextSet::new(texts.iter().map(|text| text.clone().into_bytes()).collect());
            for asked in asked.iter().chain(&texts) {
                prop_assert_eq!(set.has(asked.as_bytes()), texts.contains(asked), "{:?}", asked);
            }
        }
    }
}
