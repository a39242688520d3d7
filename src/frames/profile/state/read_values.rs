//! What the values of a column came to, taken off the front of bytes and checked against each other.
#![forbid(unsafe_code)]

use crate::frames::envelope::Reader;
use crate::frames::profile::decimal::Decimals;
use crate::frames::profile::distinct::{REGISTERS, Registers, hash8, unhash8};
use crate::frames::profile::formats::NAMES;
use crate::frames::profile::heavy::Heavy;
use crate::frames::profile::histogram::BINS;
use crate::frames::profile::numbers::{Domain, Exact, Kept, Numbers};
use crate::frames::profile::numeric::{Reals, Wholes};
use crate::frames::profile::quantiles::{Between, Kll, LEVELS};
use crate::frames::profile::table::{EXACT, KEPT_BYTES, Table, Word};
use crate::frames::profile::tally::{Many, Tally};
use crate::frames::profile::text::{Looks, Texts};

impl Reader<'_> {
    pub(super) fn wholes(&mut self, domain: Domain) -> Option<Wholes> {
        let mut wholes = Wholes::new(domain == Domain::Unsigned);
        let fits = |value: i128| match domain {
            Domain::Unsigned => u64::try_from(value).is_ok(),
            _ => i64::try_from(value).is_ok(),
        };
        wholes.range = self.option(|from| Some((from.wide()?, from.wide()?)))?;
        if wholes.range.is_some_and(|(min, max)| min > max || !fits(min) || !fits(max)) {
            return None;
        }
        wholes.count = self.count()?;
        (wholes.sum, wholes.origin) = (self.wide()?, self.wide()?);
        // A sum of so many values of 64 bits.
        if wholes.sum.unsigned_abs() > u128::from(wholes.count) << 64 || !fits(wholes.origin) {
            return None;
        }
        wholes.moments = self.moments()?;
        (wholes.zeros, wholes.negatives) = (self.count()?, self.count()?);
        wholes.numbers = self.numbers(domain, wholes.count)?;
        (wholes.range.is_some() == (wholes.count > 0) && wholes.moments.count == wholes.count)
            .then_some(wholes)
    }

    pub(super) fn reals(&mut self) -> Option<Reals> {
        let mut reals = Reals { finite: self.moments()?, origin: self.real()?, ..Reals::default() };
        reals.range = self.option(|from| Some((from.real()?, from.real()?)))?;
        if reals.range.is_some_and(|(min, max)| !(min.is_finite() && max.is_finite() && min <= max)) {
            return None;
        }
        reals.nan = self.count()?;
        (reals.positive_infinite, reals.negative_infinite) = (self.count()?, self.count()?);
        (reals.zeros, reals.negatives) = (self.count()?, self.count()?);
        let infinite = reals.positive_infinite.checked_add(reals.negative_infinite)?;
        let count = reals.finite.count.checked_add(infinite).filter(|count| *count <= 1 << 62)?;
        reals.numbers = self.numbers(Domain::Real, count)?;
        (reals.range.is_some() == (reals.finite.count > 0)).then_some(reals)
    }

    pub(super) fn decimals(&mut self) -> Option<Decimals> {
        let range = self.option(|from| Some((from.widest()?, from.widest()?)))?;
        if range.is_some_and(|(min, max)| min > max) {
            return None;
        }
        let (origin, moments) = (self.widest()?, self.moments()?);
        let sum = self.option(Self::widest)?;
        let (zeros, negatives) = (self.count()?, self.count()?);
        let numbers = self.numbers(Domain::Decimal, moments.count)?;
        (range.is_some() == (moments.count > 0)).then_some(Decimals {
            range,
            origin,
            moments,
            sum,
            zeros,
            negatives,
            numbers,
        })
    }

    pub(super) fn texts(&mut self, characters: bool, present: u64) -> Option<Texts> {
        let mut looks = Looks { lengths: self.lengths()?, ..Looks::default() };
        (looks.empty, looks.blank) = (self.count()?, self.count()?);
        for count in &mut looks.formats {
            *count = self.count()?;
        }
        looks.sampled = self.truth()?;
        let range = self.option(|from| Some((from.bytes()?.to_vec(), from.bytes()?.to_vec())))?;
        let utf8 = |bytes: &[u8]| !characters || std::str::from_utf8(bytes).is_ok();
        if range.as_ref().is_some_and(|(min, max)| min > max || !utf8(min) || !utf8(max)) {
            return None;
        }
        let tally = self.tally(true, present, None)?;
        let unique = self.option(Self::truth)?;
        (range.is_some() == (present > 0)).then(|| Texts::from_parts(characters, looks, range, tally, unique))
    }

    pub(super) fn numbers(&mut self, domain: Domain, count: u64) -> Option<Numbers> {
        let mut numbers = Numbers::new(domain);
        numbers.tally = self.tally(domain == Domain::Decimal, count, Some(domain))?;
        if !numbers.tally.is_exact() {
            let levels = self.size(1).filter(|levels| *levels <= LEVELS)?;
            let levels = (0..levels).map(|_| self.words()).collect::<Option<Vec<_>>>()?;
            let sketch = Kll::from_parts(levels, self.word()?)?;
            if sketch.count() != count {
                return None;
            }
            numbers.kept = Kept::Sketch(sketch);
        }
        numbers.exact = self.option(|from| {
            let mut between = || {
                let between = Between { low: from.word()?, high: from.word()?, share: from.real()? };
                (between.low <= between.high && (0.0..=1.0).contains(&between.share)).then_some(between)
            };
            let mut quantiles = [Between { low: 0, high: 0, share: 0.0 }; 7];
            for quantile in &mut quantiles {
                *quantile = between()?;
            }
            let bins = from.size(1).filter(|bins| (1..=BINS).contains(bins))?;
            let bins = (0..bins).map(|_| from.count()).collect::<Option<Vec<u64>>>()?;
            Some(Exact { quantiles, bins, unique: from.option(Self::truth)? })
        })?;
        Some(numbers)
    }

    /// A tally of `count` values, in which words stand beside hashes when `valued`.
    pub(super) fn tally(&mut self, valued: bool, count: u64, domain: Option<Domain>) -> Option<Tally> {
        if !self.truth()? {
            let size = self.size(10).filter(|size| *size <= EXACT)?;
            let (mut table, mut last, mut total) = (Table::default(), None, 0_u64);
            for _ in 0..size {
                let (hash, times) = (self.word()?, self.count().filter(|times| *times > 0)?);
                if last.is_some_and(|last| last >= hash) {
                    return None;
                }
                (last, total) = (Some(hash), total.checked_add(times)?);
                let word = self.option(|from| {
                    let bytes = from.bytes().filter(|bytes| bytes.len() <= KEPT_BYTES)?;
                    let (length, format) = (from.count()?, from.byte()?);
                    (usize::from(format) < NAMES.len()).then_some(Word { bytes, length, format })
                })?;
                match word {
                    Some(word) if valued => {
                        let fits = domain != Some(Domain::Decimal) || word.bytes.len() == 32;
                        fits.then(|| table.insert_word(hash, times, &word))?;
                    }
                    None if !valued => {
                        debug_assert_eq!(hash8(unhash8(hash)), hash);
                        table.add(hash, times);
                    }
                    _ => return None,
                }
            }
            return (total == count).then_some(Tally::Few(table));
        }
        let registers = Registers::from_bytes(self.raw(REGISTERS)?)?;
        let error = self.count()?;
        let marked = self.truth()?;
        if marked != valued {
            return None;
        }
        let size = self.size(10).filter(|size| *size <= Heavy::MOST)?;
        let (mut heavy, mut last) = (Heavy::new(valued), None);
        for _ in 0..size {
            let (hash, times) = (self.word()?, self.count().filter(|times| *times > 0)?);
            if last.is_some_and(|last| last >= hash) {
                return None;
            }
            last = Some(hash);
            match self.option(Self::bytes)? {
                Some(value) if valued && value.len() <= KEPT_BYTES => heavy.add_value(hash, times, value),
                None if !valued => heavy.add(hash, times),
                _ => return None,
            }
        }
        heavy.set_error(error);
        Some(Tally::Many(Box::new(Many { registers, heavy })))
    }
}
