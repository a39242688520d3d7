//! All primes of a range, and how many there are.
#![forbid(unsafe_code)]

use super::sieve::{self, BLOCK, Sieve};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};

/// The primes the bitmap leaves out.
const BEFORE_THE_WHEEL: [u64; 3] = [2, 3, 5];

/// The primes of a range, found and counted, kept at one bit for each that could have been one.
pub struct Primes {
    few: Vec<u64>, // of 2, 3, 5
    start: u64,    // number of the first byte
    parts: Vec<Part>,
}

/// Consecutive bytes of the bitmap. Made one by one, so that memory grows as work is done and a stop
/// need not wait for all of it.
struct Part {
    bits: Vec<u8>,
    counts: Vec<usize>, // of each BLOCK
}

/// Most bytes of a part: two thousand million numbers.
const LONGEST: u64 = 1 << 26;

impl Primes {
    /// Sieves `first..=last`, on several threads. Empty when `last < first`.
    ///
    /// Units of progress are bytes: a thirtieth of the numbers in the range. Memory: one byte for 30
    /// numbers, and at most 16 MB for the primes up to the square root.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::Cancelled`].
    pub fn new(first: u64, last: u64, progress: &Progress<'_>) -> Result<Self, Error> {
        if last < first {
            return Ok(Self { few: Vec::new(), start: 0, parts: Vec::new() });
        }
        let few = BEFORE_THE_WHEEL.into_iter().filter(|p| (first..=last).contains(p)).collect();
        let size = last / 30 - first / 30 + 1;
        probe(size).ok_or_else(|| {
            Error::Memory(format!(
                "primes from {first} to {last} do not fit in memory: {size} bytes to begin with"
            ))
        })?;
        let sieve = Sieve::new(first, last)?;
        progress.set_total(size);

        // A few parts a thread: enough to balance, few enough that beginning one costs little. One where
        // each makes all the large primes anew.
        let per_thread = if sieve.is_unfinished() { 1 } else { 4 };
        let length = size.div_ceil(per_thread * exec::threads()? as u64).min(LONGEST);
        let length = length.next_multiple_of(BLOCK as u64);
        let starts = 0..size.div_ceil(length) as usize;
        let parts = exec::map(starts, progress, |index, pulse| {
            let offset = index as u64 * length;
            Part::new(&sieve, sieve.start() + offset, (size - offset).min(length) as usize, pulse)
        })?;
        progress.finish()?;
        Ok(Self { few, start: sieve.start(), parts })
    }

    /// Number of primes.
    pub fn count(&self) -> usize {
        self.few.len() + self.parts.iter().flat_map(|part| &part.counts).sum::<usize>()
    }

    /// Writes the primes in ascending order.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless `out` has [`Primes::count`] elements. [`Error::Cancelled`].
    pub fn write(&self, out: &mut [u64], progress: &Progress<'_>) -> Result<(), Error> {
        if out.len() != self.count() {
            return Err(Error::Invalid(format!(
                "out must have {} elements, one for each prime, got {}",
                self.count(),
                out.len()
            )));
        }
        progress.set_total(self.parts.iter().map(|part| part.bits.len() as u64).sum());
        let (few, mut rest) = out.split_at_mut(self.few.len());
        few.copy_from_slice(&self.few);
        let mut start = self.start;
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(self.parts.iter().map(|part| part.counts.len()).sum())?;
        for part in &self.parts {
            for (bits, &count) in part.bits.chunks(BLOCK).zip(&part.counts) {
                let (now, later) = rest.split_at_mut(count);
                blocks.push((start, bits, now));
                start += bits.len() as u64;
                rest = later;
            }
        }
        exec::map(blocks.into_iter(), progress, |(start, block, out), pulse| {
            sieve::write(block, start, out);
            pulse.add(block.len() as u64)
        })?;
        progress.finish()
    }
}

impl Part {
    fn new(sieve: &Sieve, start: u64, len: usize, pulse: &Pulse<'_>) -> Result<Self, Error> {
        let mut bits = Vec::new();
        bits.try_reserve_exact(len)?;
        let mut stretch = sieve.stretch(start, len)?;
        while bits.len() < len {
            let from = bits.len();
            bits.resize(len.min(from + BLOCK), 0);
            stretch.sieve(&mut bits[from..]);
            if sieve.is_unfinished() {
                pulse.check()?;
            } else {
                pulse.add((bits.len() - from) as u64)?;
            }
        }
        if sieve.is_unfinished() {
            sieve.finish(&mut bits, start, pulse)?;
        }
        let mut counts = Vec::new();
        counts.try_reserve_exact(len.div_ceil(BLOCK))?;
        counts.extend(bits.chunks(BLOCK).map(sieve::count));
        Ok(Self { bits, counts })
    }
}

/// Whether the system would give so much memory at all; asked first, because work is done piece by piece.
fn probe(size: u64) -> Option<()> {
    Vec::<u8>::new().try_reserve_exact(usize::try_from(size).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ints::is_prime;

    fn primes(first: u64, last: u64) -> Vec<u64> {
        let found = Primes::new(first, last, &Progress::silent()).unwrap();
        let mut out = vec![0; found.count()];
        found.write(&mut out, &Progress::silent()).unwrap();
        out
    }

    #[test]
    fn every_short_range_near_zero() {
        for first in 0..70 {
            for last in 0..130 {
                let expected: Vec<u64> = (first..=last).filter(|&n| is_prime(n)).collect();
                assert_eq!(primes(first, last), expected, "{first}..={last}");
            }
        }
    }

    #[test]
    fn ranges_at_every_height_agree_with_the_test_of_each_number() {
        for base in [0, 30 * BLOCK as u64 - 500, 1 << 32, 1 << 40, 1 << 48, 1 << 53, 1 << 63, u64::MAX - 3000]
        {
            let expected: Vec<u64> = (base..=base + 3000).filter(|&n| is_prime(n)).collect();
            assert_eq!(primes(base, base + 3000), expected, "{base}");
        }
    }

    #[test]
    fn counts_are_the_known_ones() {
        // pi(10^n), OEIS A006880.
        for (n, count) in
            [(1, 4), (2, 25), (3, 168), (4, 1229), (5, 9592), (6, 78498), (7, 664_579), (8, 5_761_455)]
        {
            let found = Primes::new(0, 10_u64.pow(n), &Progress::silent()).unwrap();
            assert_eq!(found.count(), count, "10^{n}");
        }
    }

    #[test]
    fn a_range_that_cannot_fit_is_an_error_and_a_stop_is_one_too() {
        let error = Primes::new(0, u64::MAX, &Progress::silent()).err().unwrap();
        assert!(matches!(error, Error::Memory(ref text) if text.contains("18446744073709551615")));
        let refuse = Progress::new(|_, _| false);
        assert!(matches!(Primes::new(0, 1 << 36, &refuse), Err(Error::Cancelled)));
        let found = Primes::new(10, 20, &Progress::silent()).unwrap();
        let error = found.write(&mut [0; 3], &Progress::silent()).unwrap_err();
        assert_eq!(error.to_string(), "out must have 4 elements, one for each prime, got 3");
        assert!(primes(20, 10).is_empty());
    }
}
