//! How many different values a column has: exact while they are few, estimated with a stated error beyond.
//!
//! Values come as 64-bit XXH3 hashes, which are the same on every machine and version. Up to [`EXACT`] of them
//! are kept as they are; then they go into a HyperLogLog sketch (Flajolet et al. 2007) read by
//! Ertl's estimator (arXiv:1702.01284, algorithm 6), which needs no correction tables. Both merge, and
//! the result does not depend on the order of values or merges.
#![forbid(unsafe_code)]

/// Most hashes kept one by one.
pub const EXACT: usize = 65_536;

/// 2^14 registers: 16 KiB a sketch, standard error 1.04 / sqrt(2^14) = 0.81 %.
const PRECISION: u32 = 14;
const REGISTERS: usize = 1 << PRECISION;

/// Standard error of an estimate, as a share of it.
pub const STANDARD_ERROR: f64 = 1.04 / 128.0;

/// XXH3-64 (seed 0) of the eight bytes of `value`, low byte first.
///
/// Every step can be undone, so different values have different hashes: counts of numbers are exact for certain
/// where those of text could in theory miss one in 10^9 columns.
#[inline]
pub fn hash8(value: u64) -> u64 {
    let swapped = value.rotate_left(32);
    let keyed = swapped ^ SECRET_8;
    let mixed = keyed ^ keyed.rotate_left(49) ^ keyed.rotate_left(24);
    let mixed = mixed.wrapping_mul(0x9fb2_1c65_1e98_df25);
    let mixed = (mixed ^ ((mixed >> 35) + 8)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^ (mixed >> 28)
}

/// Words 1 and 2 of XXH3's default secret, combined as the algorithm does for inputs of 4 to 8 bytes.
const SECRET_8: u64 = 0x1cad_21f7_2c81_017c ^ 0xdb97_9083_e96d_d4de;

/// Counts different hashes.
#[derive(Default)]
pub struct Distinct {
    few: Few,
    many: Option<Box<[u8; REGISTERS]>>,
}

impl Distinct {
    /// Takes in one hash.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        match &mut self.many {
            Some(registers) => register(registers, hash),
            None => {
                self.few.insert(hash);
                if self.few.len > EXACT {
                    self.spill();
                }
            }
        }
    }

    /// Takes in many hashes; asks only once how they are kept.
    #[inline]
    pub fn extend(&mut self, mut hashes: impl Iterator<Item = u64>) {
        while self.many.is_none() {
            let Some(hash) = hashes.next() else { return };
            self.add(hash);
        }
        if let Some(registers) = &mut self.many {
            hashes.for_each(|hash| register(registers, hash));
        }
    }

    /// Takes in everything `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if let Some(theirs) = &other.many {
            self.spill();
            if let Some(ours) = &mut self.many {
                ours.iter_mut().zip(theirs.iter()).for_each(|(ours, theirs)| *ours = (*ours).max(*theirs));
            }
        }
        other.few.iter().for_each(|hash| self.add(hash));
    }

    /// Whether [`Distinct::count`] is exact.
    pub fn is_exact(&self) -> bool {
        self.many.is_none()
    }

    /// Different hashes seen; an estimate with [`STANDARD_ERROR`] unless [`Distinct::is_exact`].
    pub fn count(&self) -> u64 {
        match &self.many {
            None => self.few.len as u64,
            Some(registers) => estimate(registers).round() as u64,
        }
    }

    /// Goes over from hashes to registers; for a part of a whole that will be inexact anyway.
    pub fn spill(&mut self) {
        if self.many.is_none() {
            let mut registers = Box::new([0_u8; REGISTERS]);
            self.few.iter().for_each(|hash| register(&mut registers, hash));
            self.few = Few::default();
            self.many = Some(registers);
        }
    }
}

/// A register holds the longest run of leading zeros, plus one, among the hashes it was chosen for.
#[inline]
fn register(registers: &mut [u8; REGISTERS], hash: u64) {
    let slot = &mut registers[(hash >> (64 - PRECISION)) as usize];
    let rank = ((hash << PRECISION) | (1 << (PRECISION - 1))).leading_zeros() as u8 + 1;
    if rank > *slot {
        *slot = rank;
    }
}

fn estimate(registers: &[u8; REGISTERS]) -> f64 {
    const LAST: usize = 64 - PRECISION as usize + 1; // the rank of a hash with no one bit left
    let mut counts = [0_u32; LAST + 1];
    registers.iter().for_each(|rank| counts[usize::from(*rank).min(LAST)] += 1);
    let m = REGISTERS as f64;
    let mut z = m * tau(1.0 - f64::from(counts[LAST]) / m);
    for count in counts[1..LAST].iter().rev() {
        z = 0.5 * (z + f64::from(*count));
    }
    z += m * sigma(f64::from(counts[0]) / m);
    m * m / (2.0 * std::f64::consts::LN_2 * z)
}

fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

/// A set of hashes: open addressing, at most half full; 0 marks a free slot.
#[derive(Default)]
struct Few {
    slots: Vec<u64>,
    len: usize,
    zero: bool,
}

impl Few {
    #[inline]
    fn insert(&mut self, hash: u64) {
        if hash == 0 {
            self.len += usize::from(!std::mem::replace(&mut self.zero, true));
            return;
        }
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask; // low bits: the sketch uses the high ones
        loop {
            match self.slots[at] {
                0 => break,
                found if found == hash => return,
                _ => at = (at + 1) & mask,
            }
        }
        self.slots[at] = hash;
        self.len += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(64);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        self.len = usize::from(self.zero);
        old.into_iter().filter(|hash| *hash != 0).for_each(|hash| self.insert(hash));
    }

    fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.zero.then_some(0).into_iter().chain(self.slots.iter().copied().filter(|hash| *hash != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    #[test]
    fn hash8_is_xxh3() {
        for value in [0, 1, 2, 0xff, u64::MAX, 1 << 63, 0x0123_4567_89ab_cdef] {
            assert_eq!(hash8(value), xxh3_64(&value.to_le_bytes()), "{value:#x}");
        }
    }

    #[test]
    fn few_are_counted_exactly_and_many_within_four_standard_errors() {
        for n in [0, 1, 63, 1000, 65_535, 65_536_u64] {
            let mut distinct = Distinct::default();
            (0..3).for_each(|_| (0..n).for_each(|value| distinct.add(hash8(value))));
            assert!(distinct.is_exact());
            assert_eq!(distinct.count(), n);
        }
        for n in [65_537, 100_000, 1_000_000, 3_000_000_u64] {
            let mut distinct = Distinct::default();
            (0..n).for_each(|value| distinct.add(hash8(value)));
            assert!(!distinct.is_exact());
            let error = distinct.count() as f64 / n as f64 - 1.0;
            assert!(error.abs() < 4.0 * STANDARD_ERROR, "{n}: {error}");
        }
    }

    #[test]
    fn merging_gives_what_one_piece_gives_in_either_order() {
        for (n, cut) in [(1000, 300), (100_000, 40_000), (200_000, 100_000), (300_000, 299_999_u64)] {
            let of = |range: std::ops::Range<u64>| {
                let mut distinct = Distinct::default();
                range.for_each(|value| distinct.add(hash8(value)));
                distinct
            };
            let whole = of(0..n);
            let (mut left, mut right) = (of(0..cut), of(cut / 2..n));
            let again = of(0..cut);
            left.merge(&right);
            right.merge(&again);
            for merged in [left, right] {
                assert_eq!((merged.count(), merged.is_exact()), (whole.count(), whole.is_exact()));
            }
        }
    }
}
