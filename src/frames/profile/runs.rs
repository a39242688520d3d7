//! What depends on the order of the rows: whether a column rises or falls, and its longest run of one value.
//!
//! Missing values are passed over. Parts join in the order of their rows.
#![forbid(unsafe_code)]

use std::cmp::Ordering;

/// A value at an end of a part: a key that compares as the value does, or for text its hash and itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Key of a number, or hash of a text.
    pub key: u64,
    /// The text; empty once its order no longer matters.
    pub text: Vec<u8>,
}

/// The order of the values of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Values looked at.
    pub count: u64,
    /// The first of them.
    pub first: Mark,
    /// The last of them.
    pub last: Mark,
    /// Whether no value is below the one before it.
    pub rises: bool,
    /// Whether no value is above the one before it.
    pub falls: bool,
    /// Whether a value equals the one before it.
    pub repeats: bool,
    /// Values at the start that are all the same.
    pub head: u64,
    /// Values at the end that are all the same.
    pub tail: u64,
    /// Most neighbours that are all the same.
    pub longest: u64,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            count: 0,
            first: Mark::default(),
            last: Mark::default(),
            rises: true,
            falls: true,
            repeats: false,
            head: 0,
            tail: 0,
            longest: 0,
        }
    }
}

impl Order {
    /// The order of numbers that are not none, given how many are below and how many equal their successor.
    #[inline]
    pub fn of<T: PartialEq + Copy>(values: &[T], below: usize, equal: usize, key: impl Fn(T) -> u64) -> Self {
        let count = values.len() as u64;
        let (mut head, mut tail, mut longest) = (1, 1, 1);
        if equal > 0 {
            let mut run = 1_u64;
            for pair in values.windows(2) {
                run = if pair[0] == pair[1] { run + 1 } else { 1 };
                longest = longest.max(run);
            }
            tail = run;
            head = values.iter().take_while(|value| **value == values[0]).count() as u64;
        }
        let mark = |value| Mark { key: key(value), text: Vec::new() };
        let above = values.len() - 1 - below - equal;
        Self {
            count,
            first: mark(values[0]),
            last: mark(values[values.len() - 1]),
            rises: above == 0,
            falls: below == 0,
            repeats: equal > 0,
            head,
            tail,
            longest,
        }
    }

    /// Takes in the rows that follow; `text` when marks compare by their text.
    pub fn join(&mut self, next: &Self, text: bool) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = next.clone();
            return;
        }
        let equal = self.last.key == next.first.key;
        let link = match (equal, text) {
            (true, _) => Ordering::Equal,
            (false, true) => self.last.text.cmp(&next.first.text),
            (false, false) => self.last.key.cmp(&next.first.key),
        };
        self.rises &= next.rises && link != Ordering::Greater;
        self.falls &= next.falls && link != Ordering::Less;
        self.repeats |= next.repeats || equal;
        self.longest = self.longest.max(next.longest).max(if equal { self.tail + next.head } else { 0 });
        if equal && self.head == self.count {
            self.head += next.head;
        }
        self.tail = if equal && next.tail == next.count { self.tail + next.tail } else { next.tail };
        self.count += next.count;
        self.last.clone_from(&next.last);
        if !self.undecided() {
            self.forget();
        }
    }

    /// Whether the column may still turn out to rise or to fall.
    pub fn undecided(&self) -> bool {
        self.rises || self.falls
    }

    fn forget(&mut self) {
        self.first.text = Vec::new();
        self.last.text = Vec::new();
    }

    /// Starts a part of text with one value, of this hash.
    pub fn start(&mut self, hash: u64, value: &[u8]) {
        let mark = Mark { key: hash, text: value.to_vec() };
        *self = Self {
            count: 1,
            first: mark.clone(),
            last: mark,
            head: 1,
            tail: 1,
            longest: 1,
            ..Self::default()
        };
    }

    /// How the column goes, in words; none below two values and for one that goes up and down.
    pub fn monotonic(&self) -> Option<&'static str> {
        match (self.rises, self.falls, self.repeats) {
            _ if self.count < 2 => None,
            (true, false, false) => Some("strictly increasing"),
            (true, _, true) => Some("increasing"),
            (false, true, false) => Some("strictly decreasing"),
            (false, true, true) => Some("decreasing"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(values: &[u64]) -> Order {
        if values.is_empty() {
            return Order::default();
        }
        let below = values.windows(2).filter(|pair| pair[0] < pair[1]).count();
        let equal = values.windows(2).filter(|pair| pair[0] == pair[1]).count();
        Order::of(values, below, equal, |value| value)
    }

    proptest! {
        #[test]
        fn parts_join_to_the_whole(values in prop::collection::vec(0..3_u64, 0..40), cuts in prop::collection::vec(0..40_usize, 3)) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(values.len())).collect();
            cuts.sort_unstable();
            let mut joined = Order::default();
            for (from, to) in [(0, cuts[0]), (cuts[0], cuts[1]), (cuts[1], cuts[2]), (cuts[2], values.len())] {
                joined.join(&order(&values[from..to]), false);
            }
            prop_assert_eq!(joined, order(&values));
        }
    }

    #[test]
    fn ways_to_go_have_their_words() {
        assert_eq!(order(&[1, 2, 9]).monotonic(), Some("strictly increasing"));
        assert_eq!(order(&[1, 1, 2]).monotonic(), Some("increasing"));
        assert_eq!(order(&[3, 2, 2]).monotonic(), Some("decreasing"));
        assert_eq!(order(&[3, 2]).monotonic(), Some("strictly decreasing"));
        assert_eq!(order(&[3, 3]).monotonic(), Some("increasing"));
        assert_eq!(order(&[1, 3, 2]).monotonic(), None);
        assert_eq!(order(&[1]).monotonic(), None);
        assert_eq!(order(&[1, 2, 2, 2, 1]).longest, 3);
    }
}
