//! Rows of one key found by hash and proven by comparison: the answer is exact, whatever the hashes do.
#![forbid(unsafe_code)]

use super::same::Same;
use super::side::Place;
use crate::error::Error;

/// No group.
const NONE: u32 = u32::MAX;

/// One key and how often it came.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    hash: u64,
    /// The first row that had it.
    pub first: Place,
    /// Rows of the old table.
    pub old: u32,
    /// Rows of the new table.
    pub new: u32,
}

/// Every key seen so far.
pub struct Groups {
    /// Open addressing, a power of two of places, at most half of them taken.
    slots: Vec<u32>,
    /// The keys in the order they came.
    pub groups: Vec<Group>,
}

impl Groups {
    /// No key yet, and room for `expected` of them.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn new(expected: usize) -> Result<Self, Error> {
        let mut slots = Vec::new();
        let size = expected.saturating_mul(2).max(16).checked_next_power_of_two().unwrap_or(usize::MAX);
        slots.try_reserve_exact(size)?;
        slots.resize(size, NONE);
        Ok(Self { slots, groups: Vec::new() })
    }

    /// The group of the row at `place`, whose key hashes to `hash`: one whose first row is the same by all of `same`
    /// and by `tie`, or a new one.
    ///
    /// # Errors
    /// [`Error::Memory`], also beyond 2^32 - 1 groups.
    pub fn enter(
        &mut self,
        hash: u64,
        place: Place,
        same: &[Same<'_>],
        tie: impl Fn(Place, Place) -> bool,
    ) -> Result<u32, Error> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.slots[slot];
            if number == NONE {
                break;
            }
            let group = &self.groups[number as usize];
            if group.hash == hash
                && tie(group.first, place)
                && same.iter().all(|same| same.same(group.first, place))
            {
                return Ok(number);
            }
            slot = (slot + 1) & mask;
        }
        let number = self.groups.len();
        if number >= NONE as usize {
            return Err(Error::Memory(format!("{NONE} different keys are more than can be compared")));
        }
        self.groups.try_reserve(1)?;
        self.groups.push(Group { hash, first: place, old: 0, new: 0 });
        self.slots[slot] = number as u32;
        if 2 * self.groups.len() > self.slots.len() {
            self.grow()?;
        }
        Ok(number as u32)
    }

    fn grow(&mut self) -> Result<(), Error> {
        let size = self.slots.len().saturating_mul(2);
        self.slots.clear();
        self.slots.try_reserve_exact(size)?;
        self.slots.resize(size, NONE);
        for (number, group) in self.groups.iter().enumerate() {
            let mut slot = group.hash as usize & (size - 1);
            while self.slots[slot] != NONE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = number as u32;
        }
        Ok(())
    }
}
