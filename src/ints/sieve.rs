//! The sieve of Eratosthenes over a stretch of numbers, block by block.
//!
//! A segmented wheel sieve, as T. R. Nicely and K. Walisch describe theirs: multiples of the smallest
//! primes come ready as patterns, small primes cross a block that fits the first cache, middling ones a
//! block that fits the second, and primes that meet a block rarely remember where they were.
#![forbid(unsafe_code)]

use super::prime::passes_all;
use super::wheel::{self, Next};
use crate::error::Error;
use crate::progress::Pulse;

/// Bytes that stay in a first-level cache of 32 KiB together with a pattern.
const INNER: usize = 24 << 10;
/// Bytes that stay in a second-level cache; also how much is done between two pulses.
pub(super) const BLOCK: usize = 10 * INNER;

/// Primes up to here cross [`INNER`] by [`INNER`], because they meet it many times.
const INNER_UP_TO: u32 = INNER as u32 / 8;
/// Primes above remember their place, because they meet a [`BLOCK`] a few times only.
const OFTEN_UP_TO: u32 = BLOCK as u32 / 2;

/// Sieving primes up to here are kept in a list, of 16 MB at most; larger ones are found again when needed.
const LISTED_UP_TO: u64 = 1 << 26;

/// Width of a range from which finding all primes below 2^32, some seconds, beats testing the survivors.
const WORTH_ALL_PRIMES: u64 = 1 << 28;

/// Primes whose multiples come as a pattern: groups whose product, the length that repeats, is small.
const GROUPS: [&[u32]; 5] = [&[7, 23, 37], &[11, 19, 31], &[13, 17, 29], &[41, 47], &[43, 53]];
const LAST_IN_A_PATTERN: u32 = 53;

/// Each group's pattern, in the first `product` bytes.
static PATTERNS: [[u8; 6479]; GROUPS.len()] = {
    let mut patterns = [[0xFF; 6479]; GROUPS.len()];
    let mut group = 0;
    while group < GROUPS.len() {
        let mut index = 0;
        while index < GROUPS[group].len() {
            patterns[group] = wheel::crossed(patterns[group], GROUPS[group][index]);
            index += 1;
        }
        group += 1;
    }
    patterns
};

/// What sieving any part of `first..=last` takes.
pub(super) struct Sieve {
    first: u64,
    last: u64,
    /// Sieving primes above the patterns', up to [`LISTED_UP_TO`].
    primes: Vec<u32>,
    /// Sieving stops here; what is left below `limit^2` is prime.
    limit: u64,
}

impl Sieve {
    /// Prepares to sieve `first..=last`, which must not be empty.
    pub(super) fn new(first: u64, last: u64) -> Result<Self, Error> {
        let root = last.isqrt();
        // A narrow window far up: testing what survives is cheaper than making all primes up to the root.
        let width = last - first;
        let worth = if width < WORTH_ALL_PRIMES { LISTED_UP_TO } else { u64::MAX };
        let limit = root.min(width.saturating_mul(64).max(1 << 16)).min(worth);
        Ok(Self { first, last, primes: small_primes(limit.min(LISTED_UP_TO))?, limit })
    }

    /// Number of the first byte of the bitmap.
    pub(super) fn start(&self) -> u64 {
        self.first / 30
    }

    /// Length of the bitmap of the whole range.
    pub(super) fn len(&self) -> u64 {
        self.last / 30 - self.first / 30 + 1
    }

    /// Whether [`Sieve::finish`] has to follow.
    pub(super) fn is_unfinished(&self) -> bool {
        self.limit > LISTED_UP_TO || self.limit < self.last.isqrt()
    }

    /// Begins the stretch of `len` bytes from byte `start`.
    pub(super) fn stretch(&self, start: u64, len: usize) -> Result<Stretch<'_>, Error> {
        let rare = self.primes.partition_point(|&p| p <= OFTEN_UP_TO);
        let (often, rare) = self.primes.split_at(rare);
        let (inner, often) = often.split_at(often.partition_point(|&p| p <= INNER_UP_TO));
        let rare = &rare[..reaching(rare, start + len as u64)];
        let mut places = Vec::new();
        places.try_reserve_exact(rare.len())?;
        places.extend(rare.iter().filter_map(|&p| Next::new(p, start, len)));
        Ok(Stretch { sieve: self, inner, often, places, start })
    }

    /// Crosses off what the listed primes left in `bits`, whose first byte is byte `start`.
    pub(super) fn finish(&self, bits: &mut [u8], start: u64, pulse: &Pulse<'_>) -> Result<(), Error> {
        if self.limit > LISTED_UP_TO {
            let larger = Self::new(LISTED_UP_TO + 1, self.limit)?;
            let mut block = [0; BLOCK / 10];
            let mut stretch = larger.stretch(larger.start(), larger.len() as usize)?;
            while let Some((base, found)) = stretch.next(&mut block) {
                each(found, base, |p| {
                    if let Some(mut next) = Next::new(p as u32, start, bits.len()) {
                        next.cross(bits);
                    }
                });
                pulse.check()?;
            }
        }
        if self.limit < self.last.isqrt() {
            for (index, part) in bits.chunks_mut(1 << 10).enumerate() {
                let base = start + (index << 10) as u64;
                let mut kept = [0; 1 << 10];
                each(part, base, |n| {
                    if passes_all(n) {
                        let (byte, bit) = wheel::place(n, base);
                        kept[byte] |= bit;
                    }
                });
                part.copy_from_slice(&kept[..part.len()]);
                pulse.check()?;
            }
        }
        pulse.add(bits.len() as u64)
    }
}

/// A part of the range that is sieved from its low to its high end.
pub(super) struct Stretch<'s> {
    sieve: &'s Sieve,
    inner: &'s [u32],
    often: &'s [u32],
    places: Vec<Next>,
    start: u64,
}

impl Stretch<'_> {
    /// Sieves the bytes after those of the last call, and returns the number of their first.
    pub(super) fn sieve(&mut self, block: &mut [u8]) -> u64 {
        let start = self.start;
        let end = start + block.len() as u64;
        for (index, part) in block.chunks_mut(INNER).enumerate() {
            let start = start + (index * INNER) as u64;
            lay_patterns(part, start);
            for &p in &self.inner[..reaching(self.inner, start + part.len() as u64)] {
                wheel::cross_often(part, start, p);
            }
        }
        for &p in &self.often[..reaching(self.often, end)] {
            wheel::cross_often(block, start, p);
        }
        for place in &mut self.places {
            place.cross(block);
        }
        self.restore(block, start);
        self.start = end;
        start
    }

    /// [`Stretch::sieve`] up to the end of the range, into as much of `block` as it takes.
    fn next<'b>(&mut self, block: &'b mut [u8]) -> Option<(u64, &'b [u8])> {
        let left = (self.sieve.last / 30 + 1).saturating_sub(self.start);
        let take = left.min(block.len() as u64) as usize;
        if take == 0 {
            return None;
        }
        let base = self.sieve(&mut block[..take]);
        Some((base, &block[..take]))
    }

    /// Sets the sieving primes, which crossed themselves off, and clears what lies outside the range.
    fn restore(&self, block: &mut [u8], start: u64) {
        let end = start + block.len() as u64;
        if start < 2 {
            for &p in GROUPS.into_iter().flatten() {
                if u64::from(p) / 30 >= start && u64::from(p) / 30 < end {
                    let (byte, bit) = wheel::place(p.into(), start);
                    block[byte] |= bit;
                }
            }
            if start == 0 {
                block[0] &= !1; // the number 1
            }
        }
        for crossed in [self.inner, self.often] {
            let low = crossed.partition_point(|&p| u64::from(p) / 30 < start);
            for &p in crossed[low..].iter().take_while(|&&p| u64::from(p) / 30 < end) {
                let (byte, bit) = wheel::place(p.into(), start);
                block[byte] |= bit;
            }
        }
        let (first, last) = (self.sieve.first, self.sieve.last);
        if first / 30 >= start && first / 30 < end {
            block[(first / 30 - start) as usize] &= wheel::from(first / 30 * 30, first);
        }
        if last / 30 >= start && last / 30 < end {
            block[(last / 30 - start) as usize] &= wheel::up_to(last / 30 * 30, last);
        }
    }
}

/// How many of `primes` have a square in the bytes before byte `end`.
fn reaching(primes: &[u32], end: u64) -> usize {
    match primes.last() {
        Some(&p) if square(p) / 30 < end => primes.len(),
        _ => primes.partition_point(|&p| square(p) / 30 < end),
    }
}

fn square(p: u32) -> u64 {
    u64::from(p) * u64::from(p)
}

/// Fills `part` with all numbers that no prime up to [`LAST_IN_A_PATTERN`] divides.
fn lay_patterns(part: &mut [u8], start: u64) {
    for (group, pattern) in PATTERNS.iter().enumerate() {
        let period: usize = GROUPS[group].iter().map(|&p| p as usize).product();
        let mut from = (start % period as u64) as usize;
        let mut rest = &mut *part;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(rest.len().min(period - from));
            let source = &pattern[from..from + now.len()];
            if group == 0 {
                now.copy_from_slice(source);
            } else {
                now.iter_mut().zip(source).for_each(|(byte, keep)| *byte &= keep);
            }
            (rest, from) = (later, 0);
        }
    }
}

/// The primes above the patterns' and up to `limit`, which must be below 2^32.
fn small_primes(limit: u64) -> Result<Vec<u32>, Error> {
    let mut primes = Vec::new();
    let first = u64::from(LAST_IN_A_PATTERN) + 1;
    if limit < first {
        return Ok(primes);
    }
    // pi(x) < 1.25506 x / ln x (Rosser and Schoenfeld 1962).
    primes.try_reserve_exact((1.25506 * limit as f64 / (limit as f64).ln()) as usize + 1)?;
    let sieve = Sieve { first, last: limit, primes: small_primes(limit.isqrt())?, limit: limit.isqrt() };
    let mut stretch = sieve.stretch(sieve.start(), sieve.len() as usize)?;
    let mut block = [0; INNER];
    while let Some((base, found)) = stretch.next(&mut block) {
        each(found, base, |p| primes.push(p as u32));
    }
    Ok(primes)
}

/// Calls `with` for every number whose bit is set, in order; the first byte is byte `start`.
pub(super) fn each(bits: &[u8], start: u64, mut with: impl FnMut(u64)) {
    for (word, base) in words(bits).zip((start * 30..).step_by(240)) {
        let mut left = word;
        while left != 0 {
            with(base + u64::from(WITHIN[left.trailing_zeros() as usize]));
            left &= left - 1;
        }
    }
}

/// Writes every number whose bit is set to `out`, which is as long as there are such numbers.
pub(super) fn write(bits: &[u8], start: u64, out: &mut [u64]) {
    let mut rest = out;
    let mut base = start * 30;
    for mut word in words(bits) {
        let count = word.count_ones() as usize;
        let (now, later) = rest.split_at_mut(count.min(rest.len()));
        for slot in now {
            *slot = base + u64::from(WITHIN[word.trailing_zeros() as usize % 64]);
            word &= word.wrapping_sub(1);
        }
        rest = later;
        base = base.wrapping_add(240); // beyond 2^64 only after the last word
    }
}

/// Number of bits that are set.
pub(super) fn count(bits: &[u8]) -> usize {
    words(bits).map(|word| word.count_ones() as usize).sum()
}

/// Eight bytes at a time, lowest number in the lowest bit; what is missing from the last word is clear.
fn words(bits: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let (whole, rest) = bits.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    whole.iter().map(|bytes| u64::from_le_bytes(*bytes)).chain(Some(u64::from_le_bytes(last)))
}

/// The number, from the first of a word, that each of its bits stands for.
static WITHIN: [u8; 64] = {
    let mut table = [0; 64];
    let mut bit = 0;
    while bit < 64 {
        table[bit] = (bit / 8 * 30) as u8 + wheel::RESIDUES[bit % 8] as u8;
        bit += 1;
    }
    table
};
