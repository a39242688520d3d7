//! How many different values a column has, estimated with a stated error once they are too many to count.
//!
//! Values come as 64-bit XXH3 hashes, which are the same on every machine and version. They go into a
//! HyperLogLog sketch (Flajolet et al. 2007) read by Ertl's estimator (arXiv:1702.01284, algorithm 6), which needs
//! no correction tables. Sketches merge, and the result does not depend on the order of values or merges.
#![forbid(unsafe_code)]

/// 2^14 registers: 16 KiB a sketch, standard error 1.04 / sqrt(2^14) = 0.81 %.
const PRECISION: u32 = 14;

/// Registers of a sketch.
pub const REGISTERS: usize = 1 << PRECISION;

/// Standard error of an estimate, as a share of it.
pub const STANDARD_ERROR: f64 = 1.04 / 128.0;

/// The rank of a hash with no one bit left.
const LAST: usize = 64 - PRECISION as usize + 1;

/// XXH3-64 (seed 0) of the eight bytes of `value`, low byte first.
///
/// Every step can be undone, so different values have different hashes: counts of numbers are exact for certain
/// where those of text could in theory miss one in 10^9 columns.
#[inline]
pub fn hash8(value: u64) -> u64 {
    let keyed = value.rotate_left(32) ^ SECRET_8;
    let mixed = keyed ^ keyed.rotate_left(49) ^ keyed.rotate_left(24);
    let mixed = mixed.wrapping_mul(PRIME);
    let mixed = (mixed ^ ((mixed >> 35) + 8)).wrapping_mul(PRIME);
    mixed ^ (mixed >> 28)
}

/// The value whose [`hash8`] this is.
pub fn unhash8(hash: u64) -> u64 {
    let mixed = hash ^ (hash >> 28) ^ (hash >> 56);
    let mixed = mixed.wrapping_mul(INVERSE);
    let mixed = (mixed ^ ((mixed >> 35) + 8)).wrapping_mul(INVERSE); // the bits above 35 were left alone
    // As a polynomial over GF(2) modulo x^64 - 1 the rotations are p = 1 + x^49 + x^24, and p^64 = p(x^64) = 1: the
    // inverse is p^63, the product of the squares p(x^2), p(x^4), ...
    let mut keyed = mixed;
    for power in [1, 2, 4, 8, 16, 32] {
        keyed ^= keyed.rotate_left(49 * power % 64) ^ keyed.rotate_left(24 * power % 64);
    }
    (keyed ^ SECRET_8).rotate_left(32)
}

const PRIME: u64 = 0x9fb2_1c65_1e98_df25;

/// The inverse of [`PRIME`] modulo 2^64, by Newton's iteration.
const INVERSE: u64 = {
    let mut inverse = PRIME;
    let mut round = 0;
    while round < 6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(PRIME.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
};

/// Words 1 and 2 of XXH3's default secret, combined as the algorithm does for inputs of 4 to 8 bytes.
const SECRET_8: u64 = 0x1cad_21f7_2c81_017c ^ 0xdb97_9083_e96d_d4de;

/// A HyperLogLog sketch.
#[derive(Clone, Debug, PartialEq)]
pub struct Registers(Box<[u8; REGISTERS]>);

impl Default for Registers {
    fn default() -> Self {
        Self(Box::new([0; REGISTERS]))
    }
}

impl Registers {
    /// Takes in one hash: a register holds the longest run of leading zeros, plus one, among its hashes.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        let slot = &mut self.0[(hash >> (64 - PRECISION)) as usize];
        let rank = ((hash << PRECISION) | (1 << (PRECISION - 1))).leading_zeros() as u8 + 1;
        if rank > *slot {
            *slot = rank;
        }
    }

    /// Takes in everything `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0.iter()).for_each(|(ours, theirs)| *ours = (*ours).max(*theirs));
    }

    /// Different hashes seen, with [`STANDARD_ERROR`].
    pub fn count(&self) -> u64 {
        estimate(&self.0).round() as u64
    }

    /// The registers, one byte each.
    pub fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// Registers as [`Registers::bytes`] gave them; none when a rank cannot be.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let registers: [u8; REGISTERS] = bytes.try_into().ok()?;
        registers.iter().all(|rank| usize::from(*rank) <= LAST).then(|| Self(Box::new(registers)))
    }
}

fn estimate(registers: &[u8; REGISTERS]) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64;

    proptest! {
        #[test]
        fn hash8_is_xxh3_and_can_be_undone(value in any::<u64>()) {
            prop_assert_eq!(hash8(value), xxh3_64(&value.to_le_bytes()));
            prop_assert_eq!(unhash8(hash8(value)), value);
        }
    }

    #[test]
    fn many_are_counted_within_four_standard_errors() {
        for n in [65_537, 100_000, 1_000_000_u64] {
            let mut registers = Registers::default();
            (0..n).for_each(|value| registers.add(hash8(value)));
            let error = registers.count() as f64 / n as f64 - 1.0;
            assert!(error.abs() < 4.0 * STANDARD_ERROR, "{n}: {error}");
            assert_eq!(Registers::from_bytes(registers.bytes()), Some(registers));
        }
        assert_eq!(Registers::from_bytes(&[60; REGISTERS]), None);
        assert_eq!(Registers::from_bytes(&[0; 3]), None);
    }
}
