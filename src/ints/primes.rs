//! All primes of a range, and how many there are.
#![forbid(unsafe_code)]

use super::sieve::{self, BLOCK, Sieve};
use crate::error::Error;
use crate::exec;
use crate::progress::Progress;

/// The primes the bitmap leaves out.
const BEFORE_THE_WHEEL: [u64; 3] = [2, 3, 5];

/// The primes of a range, found and counted, kept at one bit for each that could have been one.
pub struct Primes {
    few: Vec<u64>,      // of 2, 3, 5
    bits: Vec<u8>,      // a thirtieth of the range
    start: u64,         // number of the first byte
    counts: Vec<usize>, // of each BLOCK
}

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
            return Ok(Self { few: Vec::new(), bits: Vec::new(), start: 0, counts: Vec::new() });
        }
        let few = BEFORE_THE_WHEEL.into_iter().filter(|p| (first..=last).contains(p)).collect();
        let sieve = Sieve::new(first, last)?;
        let size = usize::try_from(sieve.len()).map_err(|_| too_wide(first, last))?;
        let mut bits = Vec::new();
        bits.try_reserve_exact(size).map_err(|_| too_wide(first, last))?;
        bits.resize(size, 0);
        let start = sieve.start();
        let passes = if sieve.is_unfinished() { 2 } else { 1 };
        progress.set_total(passes * size as u64);

        // A few stretches a thread: enough to balance, few enough that beginning one costs nothing.
        let length = size.div_ceil(4 * exec::threads()?).next_multiple_of(BLOCK).min(1 << 30);
        let parts = bits.chunks_mut(length).enumerate();
        exec::map(parts, progress, |(index, part), pulse| {
            let mut stretch = sieve.stretch(start + (index * length) as u64, part.len())?;
            for block in part.chunks_mut(BLOCK) {
                stretch.sieve(block);
                pulse.add(block.len() as u64)?;
            }
            Ok(())
        })?;
        if sieve.is_unfinished() {
            let length = size.div_ceil(exec::threads()?).next_multiple_of(1 << 10).min(1 << 30);
            let parts = bits.chunks_mut(length).enumerate();
            exec::map(parts, progress, |(index, part), pulse| {
                sieve.finish(part, start + (index * length) as u64, pulse)
            })?;
        }
        let counts = exec::map(bits.chunks(BLOCK), progress, |block, _| Ok(sieve::count(block)))?;
        Ok(Self { few, bits, start, counts })
    }

    /// Number of primes.
    pub fn count(&self) -> usize {
        self.few.len() + self.counts.iter().sum::<usize>()
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
        progress.set_total(self.bits.len() as u64);
        let (few, mut rest) = out.split_at_mut(self.few.len());
        few.copy_from_slice(&self.few);
        let mut parts = Vec::new();
        parts.try_reserve_exact(self.counts.len())?;
        for (index, (block, &count)) in self.bits.chunks(BLOCK).zip(&self.counts).enumerate() {
            let (now, later) = rest.split_at_mut(count);
            parts.push((self.start + (index * BLOCK) as u64, block, now));
            rest = later;
        }
        exec::map(parts.into_iter(), progress, |(start, block, out), pulse| {
            sieve::write(block, start, out);
            pulse.add(block.len() as u64)
        })?;
        Ok(())
    }
}

fn too_wide(first: u64, last: u64) -> Error {
    Error::Memory(format!("primes from {first} to {last} do not fit in memory"))
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
        assert_eq!(primes(20, 10), []);
    }
}
