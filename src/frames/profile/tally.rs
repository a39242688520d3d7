//! Which values a column has and how often: exact while they are few, two sketches beyond.
#![forbid(unsafe_code)]

use super::distinct::Registers;
use super::heavy::Heavy;
use super::table::{EXACT, Table};

/// Counts of values by their hash.
#[derive(Clone, Debug)]
pub enum Tally {
    /// Every value.
    Few(Table),
    /// Too many values to keep.
    Many(Box<Many>),
}

/// What is kept of very many values.
#[derive(Clone, Debug)]
pub struct Many {
    /// How many different ones there are.
    pub registers: Registers,
    /// The most frequent ones.
    pub heavy: Heavy,
}

impl Default for Tally {
    fn default() -> Self {
        Self::Few(Table::default())
    }
}

impl Tally {
    /// Whether every value is counted.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::Few(_))
    }

    /// The table of all values, while there is one.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Self::Few(table) => Some(table),
            Self::Many(_) => None,
        }
    }

    /// Whether there are more values than are kept one by one.
    pub fn is_full(&self) -> bool {
        self.table().is_some_and(|table| table.len() > EXACT)
    }

    /// Different values.
    pub fn distinct(&self) -> u64 {
        match self {
            Self::Few(table) => table.len() as u64,
            Self::Many(many) => many.registers.count(),
        }
    }

    /// Goes over to the sketches, which keep values beside hashes when `valued`; returns the table, if there still was one.
    pub fn spill(&mut self, valued: bool) -> Option<Table> {
        let Self::Few(table) = self else { return None };
        let table = std::mem::take(table);
        let mut many = Many { registers: Registers::default(), heavy: Heavy::new(valued) };
        for (slot, word) in table.entries() {
            many.registers.add(slot.hash);
            match word {
                Some(word) => many.heavy.add_value(slot.hash, slot.count, word.bytes),
                None => many.heavy.add(slot.hash, slot.count),
            }
        }
        *self = Self::Many(Box::new(many));
        Some(table)
    }

    /// Takes in another part that is kept the same way; see [`Tally::spill`].
    pub fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Few(ours), Self::Few(theirs)) => ours.merge(theirs),
            (Self::Many(ours), Self::Many(theirs)) => {
                ours.registers.merge(&theirs.registers);
                ours.heavy.merge(&theirs.heavy);
            }
            (_, _) => debug_assert!(false, "both sides are spilled before they merge"),
        }
    }
}
