//! Text and binary values of a column, summed up.
#![forbid(unsafe_code)]

mod feed;

use super::formats::{BLANK, EMPTY, NAMES};
use super::table::{KEPT_BYTES, Word};
use super::tally::Tally;
use crate::frames::value::Value;
pub use feed::{between, in_order, value, viewed};

/// How long values are: characters of text, bytes of binary, items of lists.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lengths {
    /// Number of values.
    pub count: u64,
    /// Length of the shortest.
    pub min: u64,
    /// Length of the longest.
    pub max: u64,
    /// All lengths together.
    pub total: u128,
}

impl Lengths {
    /// Takes in `times` values of this length.
    #[inline]
    pub fn add(&mut self, length: u64, times: u64) {
        self.merge(&Self {
            count: times,
            min: length,
            max: length,
            total: u128::from(length) * u128::from(times),
        });
    }

    /// Takes in what another part of the column came to.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.total += other.total;
    }

    /// Mean length.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total as f64 / self.count as f64)
    }
}

/// A value kept as an extreme, with its first eight bytes as a number that compares as they do.
#[derive(Clone, Debug)]
struct Extreme {
    head: u64,
    value: Vec<u8>,
}

/// Once a column has too many values to count, one of this many is looked at for its format.
pub const FORMAT_EVERY: u64 = 16;

/// What texts look like, all in all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looks {
    /// How long the values are.
    pub lengths: Lengths,
    /// Values without a character.
    pub empty: u64,
    /// Values of whitespace alone.
    pub blank: u64,
    /// How many values have each format; estimates once values are looked at one in [`FORMAT_EVERY`].
    pub formats: [u64; NAMES.len()],
    /// Whether some values were not looked at for their format.
    pub sampled: bool,
}

impl Looks {
    fn word(&mut self, word: &Word<'_>, times: u64) {
        self.lengths.add(word.length, times);
        self.empty += if word.format == EMPTY { times } else { 0 };
        self.blank += if word.format == BLANK { times } else { 0 };
        self.formats[usize::from(word.format).min(NAMES.len() - 1)] += times;
    }

    /// Takes in what another part of the column looks like.
    pub fn merge(&mut self, other: &Self) {
        self.lengths.merge(&other.lengths);
        self.empty += other.empty;
        self.blank += other.blank;
        self.formats.iter_mut().zip(&other.formats).for_each(|(ours, theirs)| *ours += theirs);
        self.sampled |= other.sampled;
    }
}

/// The first and the last value.
pub type Ends<'t> = (&'t [u8], &'t [u8]);

/// First and last in byte order, which for UTF-8 is the order of code points; lengths, formats, different values.
#[derive(Clone, Debug)]
pub struct Texts {
    /// Whether lengths are of characters rather than bytes, and formats are looked for.
    pub characters: bool,
    range: Option<(Extreme, Extreme)>,
    /// What is not in the table of values.
    looks: Looks,
    /// Different values.
    pub tally: Tally,
    /// Values taken in since the table was given up.
    seen: u64,
    /// Hashes of all values, as long as they may all be different.
    hashes: Option<Vec<u64>>,
    /// Whether all values are different, once that is known of a column too large to count.
    pub unique: Option<bool>,
}

impl Texts {
    /// For text when `characters`, else for binary.
    pub fn new(characters: bool) -> Self {
        Self {
            characters,
            range: None,
            looks: Looks::default(),
            tally: Tally::default(),
            seen: 0,
            hashes: None,
            unique: None,
        }
    }

    fn spill_if_full(&mut self) {
        if self.tally.is_full() {
            self.spill();
        }
    }

    /// Goes over from the table of values to sketches.
    pub fn spill(&mut self) {
        let Some(table) = self.tally.spill(true) else { return };
        if table.len() as u64 == table.total() {
            self.hashes = Some(table.entries().map(|(slot, _)| slot.hash).collect());
        }
        table.words().for_each(|(times, word)| self.looks.word(&word, times));
        self.looks.sampled = true;
    }

    /// Hashes kept one by one.
    pub fn kept(&self) -> usize {
        self.hashes.as_ref().map_or(0, Vec::len)
    }

    /// Gives up the hashes, if there are any: whether all values are different stays unknown.
    pub fn condense(&mut self) {
        self.hashes = None;
    }

    /// Gives up the hashes when it shows that some values are the same.
    pub fn doubt(&mut self) {
        if let Some(hashes) = &self.hashes
            && (self.tally.distinct() as f64) < 0.9 * hashes.len() as f64
        {
            (self.hashes, self.unique) = (None, Some(false));
        }
    }

    /// Looks whether all values are different, while their hashes are there, unless `unique` says so.
    pub fn seal(&mut self, unique: bool) {
        self.doubt();
        if unique {
            (self.hashes, self.unique) = (None, Some(true));
        }
        if let Some(mut hashes) = self.hashes.take() {
            hashes.sort_unstable();
            self.unique = Some(hashes.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    fn widen(&mut self, value: &[u8], head: u64) {
        let extreme = || Extreme { head, value: value.to_vec() };
        match &mut self.range {
            None => self.range = Some((extreme(), extreme())),
            Some((min, max)) => {
                if (head, value) < (min.head, min.value.as_slice()) {
                    *min = extreme();
                }
                if (head, value) > (max.head, max.value.as_slice()) {
                    *max = extreme();
                }
            }
        }
    }

    /// Takes in another part of the same column.
    pub fn join_part(&mut self, mut other: Self) {
        if self.tally.is_exact() != other.tally.is_exact() {
            self.spill();
            other.spill();
        }
        self.hashes = match (self.hashes.take(), other.hashes.take()) {
            (Some(mut ours), Some(mut theirs)) if !self.tally.is_exact() => {
                ours.append(&mut theirs);
                Some(ours)
            }
            _ => None,
        };
        self.absorb(&other);
    }

    fn absorb(&mut self, other: &Self) {
        if let Some((min, max)) = &other.range {
            self.widen(&min.value, min.head);
            self.widen(&max.value, max.head);
        }
        self.looks.merge(&other.looks);
        self.seen += other.seen;
        self.tally.merge(&other.tally);
        if self.tally.is_full() {
            self.spill();
        }
    }

    /// Takes in another column of the same kind.
    pub fn merge(&mut self, other: &Self) {
        match (self.range.is_some(), other.range.is_some()) {
            (_, false) => return,
            (false, true) => {
                *self = other.clone();
                return;
            }
            _ => {}
        }
        let mut other = other.clone();
        if self.tally.is_exact() != other.tally.is_exact() {
            self.spill();
            other.spill();
        }
        (self.hashes, other.hashes) = (None, None);
        self.unique = (self.unique == Some(false) || other.unique == Some(false)).then_some(false);
        self.absorb(&other);
        self.hashes = None;
    }

    /// What the values look like.
    pub fn looks(&self) -> Looks {
        let mut all = self.looks.clone();
        if let Tally::Few(table) = &self.tally {
            table.words().for_each(|(times, word)| all.word(&word, times));
        }
        all
    }

    /// What is not in the table of values, with the first and the last value; to be written down.
    pub fn parts(&self) -> (&Looks, Option<Ends<'_>>) {
        let range = self.range.as_ref().map(|(min, max)| (min.value.as_slice(), max.value.as_slice()));
        (&self.looks, range)
    }

    /// Texts of such parts.
    pub fn from_parts(
        characters: bool,
        looks: Looks,
        range: Option<(Vec<u8>, Vec<u8>)>,
        tally: Tally,
        unique: Option<bool>,
    ) -> Self {
        let extreme = |value: Vec<u8>| Extreme { head: head(&value), value };
        let range = range.map(|(min, max)| (extreme(min), extreme(max)));
        Self { characters, range, looks, tally, seen: 0, hashes: None, unique }
    }

    /// A value as reports spell it.
    pub fn spelled(&self, value: &[u8]) -> Value {
        match self.characters {
            true => Value::Text(String::from_utf8_lossy(value).into_owned()),
            false => Value::Bytes(value.to_vec()),
        }
    }

    /// A value of which only the start may be kept, as reports spell it: cut text ends in an ellipsis.
    pub fn spelled_start(&self, kept: &[u8]) -> Value {
        if kept.len() < KEPT_BYTES {
            return self.spelled(kept);
        }
        let kept = &kept[..KEPT_BYTES - 1];
        let whole = match std::str::from_utf8(kept) {
            Err(error) if self.characters => &kept[..error.valid_up_to()], // the cut went through a character
            _ => kept,
        };
        match self.spelled(whole) {
            Value::Text(text) => Value::Text(text + "\u{2026}"),
            other => other,
        }
    }

    /// First and last value.
    pub fn range(&self) -> (Value, Value) {
        self.range.as_ref().map_or((Value::None, Value::None), |(min, max)| {
            (self.spelled(&min.value), self.spelled(&max.value))
        })
    }
}

/// The first eight bytes, padded with zeros; equal heads say nothing, unequal ones decide.
#[inline]
fn head(value: &[u8]) -> u64 {
    match value.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => value.iter().rev().fold(0, |head, byte| head >> 8 | u64::from(*byte) << 56),
    }
}

#[cfg(test)]
mod tests {
    use super::super::runs::Order;
    use super::*;
    use crate::frames::pick::Pick;
    use arrow_array::{Array, BinaryArray, FixedSizeBinaryArray, StringArray, StringViewArray};

    fn summary(array: &dyn Array, characters: bool) -> (Value, Value, Lengths, u64) {
        let mut all = Texts::new(characters);
        for place in 0..array.len() {
            let mut one = Texts::new(characters);
            one.feed(array, &Pick::Range(place..place + 1), &mut Order::default());
            all.merge(&one);
        }
        let (min, max) = all.range();
        (min, max, all.looks().lengths, all.tally.distinct())
    }

    #[test]
    fn order_is_by_code_point_and_length_by_character() {
        let words =
            vec!["", "abcdefgh", "abcdefghi", "abc", "日本語", "é", "abc\0", "a longer text than a view"];
        let expected = (
            Value::Text(String::new()),
            Value::Text("日本語".into()),
            Lengths { count: 8, min: 0, max: 25, total: 53 },
            8,
        );
        assert_eq!(summary(&StringArray::from(words.clone()), true), expected);
        assert_eq!(summary(&StringViewArray::from(words.clone()), true), expected);
        let mut counted = Texts::new(true);
        counted.feed_counted(&StringArray::from(words), &[1, 0, 0, 3]);
        assert_eq!(counted.looks().lengths, Lengths { count: 4, min: 0, max: 3, total: 9 });
        assert_eq!(counted.range().1, Value::Text("abc".into()));
    }

    #[test]
    fn values_that_share_eight_bytes_are_still_ordered() {
        let words = StringArray::from(vec!["12345678b", "12345678", "12345678a", "12345678\0"]);
        let (min, max, ..) = summary(&words, true);
        assert_eq!((min, max), (Value::Text("12345678".into()), Value::Text("12345678b".into())));
    }

    #[test]
    fn binary_is_measured_in_bytes() {
        let bytes = BinaryArray::from(vec![&b"\xff\x00"[..], b"\xfe"]);
        let expected = (Value::Bytes(vec![0xfe]), Value::Bytes(vec![0xff, 0]));
        let (min, max, lengths, distinct) = summary(&bytes, false);
        assert_eq!(((min, max), lengths.max, distinct), (expected, 2, 2));
        let fixed = FixedSizeBinaryArray::try_from_iter([[1_u8, 2], [1, 1]].iter()).unwrap();
        assert_eq!(summary(&fixed, false).0, Value::Bytes(vec![1, 1]));
    }
}
