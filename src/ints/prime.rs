//! Is a number prime, and which primes are next to it.
//!
//! Below 2^64 the answer is proved: a table below 2^16, and above it the strong test for sets of bases
//! that no composite of the range passes, which was established with J. Feitsma's complete list of the
//! pseudoprimes to base 2 below 2^64. Sources: G. Jaeschke, Math. Comp. 61 (1993), for 2, 7, 61;
//! J. Sinclair and S. Worley, collected at miller-rabin.appspot.com, for the larger sets;
//! J. Sorenson and J. Webster, Math. Comp. 86 (2017), for the first 13 primes below 3.3e24.
#![forbid(unsafe_code)]

use super::lucas;
use super::montgomery::{Mont64, Mont128};
use crate::error::Error;

/// Bit `n / 2 % 64` of word `n / 128` says whether the odd number `n` is prime.
static ODD_BELOW_65536: [u64; 512] = odd_primes_below_65536();

const fn odd_primes_below_65536() -> [u64; 512] {
    let mut bits = [u64::MAX; 512];
    bits[0] ^= 1; // 1 is not prime
    let mut p = 3;
    while p < 256 {
        if bits[p / 128] >> (p / 2 % 64) & 1 == 1 {
            let mut multiple = p * p;
            while multiple < 65536 {
                bits[multiple / 128] &= !(1 << (multiple / 2 % 64));
                multiple += 2 * p;
            }
        }
        p += 2;
    }
    bits
}

/// First composite that passes for the first 13 primes as bases (Sorenson and Webster).
pub(crate) const PROVED_BELOW: u128 = 3_317_044_064_679_887_385_961_981;

/// Whether `n` is prime. Exact for every `n`.
#[inline]
pub fn is_prime(n: u64) -> bool {
    if n < 1 << 16 {
        return n == 2 || n & 1 == 1 && ODD_BELOW_65536[n as usize / 128] >> (n / 2 % 64) & 1 == 1;
    }
    // Division by a constant is a multiplication; these find four of five odd composites.
    if n & 1 == 0
        || n.is_multiple_of(3)
        || n.is_multiple_of(5)
        || n.is_multiple_of(7)
        || n.is_multiple_of(11)
        || n.is_multiple_of(13)
        || n.is_multiple_of(17)
        || n.is_multiple_of(19)
        || n.is_multiple_of(23)
        || n.is_multiple_of(29)
        || n.is_multiple_of(31)
        || n.is_multiple_of(37)
    {
        return false;
    }
    passes_all(n)
}

/// The strong tests, for an odd `n` of at least 2^16.
pub(crate) fn passes_all(n: u64) -> bool {
    let m = Mont64::new(n);
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    // Alone first: nearly every composite ends here.
    if !passes(&m, m.power_of_two(odd), twos) {
        return false;
    }
    if n < 4_759_123_141 {
        return strong(&m, [7, 61], odd, twos);
    }
    if n < 55_245_642_489_451 {
        let bases = [141_889_084_524_735, 1_199_124_725_622_454_117, 11_096_072_698_276_303_650];
        return strong(&m, bases, odd, twos);
    }
    if n < 7_999_252_175_582_851 {
        let bases =
            [4_130_806_001_517, 149_795_463_772_692_060, 186_635_894_390_467_037, 3_967_304_179_347_715_805];
        return strong(&m, bases, odd, twos);
    }
    strong(&m, [325, 9_375, 28_178], odd, twos) && strong(&m, [450_775, 9_780_504, 1_795_265_022], odd, twos)
}

#[inline(always)]
fn strong<const N: usize>(m: &Mont64, bases: [u64; N], odd: u64, twos: u32) -> bool {
    let to = m.square_of_r();
    let reduced = bases.map(|base| m.mul(base % m.n, to));
    let powers = m.powers(reduced, odd);
    // A base that n divides says nothing about n.
    (0..N).all(|lane| reduced[lane] == 0 || passes(m, powers[lane], twos))
}

/// Whether the square roots of one that follow from `x = a^odd` are those a prime has.
#[inline(always)]
fn passes(m: &Mont64, mut x: u64, twos: u32) -> bool {
    if x == m.one || x == m.minus_one() {
        return true;
    }
    for _ in 1..twos {
        x = m.square(x);
        if x == m.minus_one() {
            return true;
        }
    }
    false
}

/// Whether `n` is prime, for up to 128 bits.
///
/// Proved below 3 317 044 064 679 887 385 961 981 (81 bits). Above, `n` has passed the strong test for
/// the first 13 primes and the strong Lucas test (Baillie, Wagstaff and Pomerance): no composite that
/// passes is known, and none has been proved not to exist.
pub fn is_prime_wide(n: u128) -> bool {
    if let Ok(n) = u64::try_from(n) {
        return is_prime(n);
    }
    const BASES: [u64; 13] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];
    if BASES.iter().any(|&p| n.is_multiple_of(u128::from(p))) {
        return false;
    }
    let m = Mont128::new(n);
    let twos = (n - 1).trailing_zeros();
    let strong = |&base: &u64| {
        let mut x = m.power(m.enter(u128::from(base)), (n - 1) >> twos);
        x == m.one
            || (0..twos).any(|_| {
                x == m.minus_one() || {
                    x = m.mul(x, x);
                    false
                }
            })
    };
    BASES.iter().all(strong) && (n < PROVED_BELOW || lucas::is_strong_probable_prime(&m))
}

/// The smallest prime above `n`.
///
/// # Errors
/// [`Error::Overflow`] when it is above 2^64 - 1, that is for `n >= 18446744073709551557`.
pub fn next_prime(n: u64) -> Result<u64, Error> {
    if n < 2 {
        return Ok(2);
    }
    let mut candidate = n;
    loop {
        candidate = candidate
            .checked_add(1 + (candidate & 1))
            .ok_or_else(|| Error::Overflow(format!("n must be below 18446744073709551557, got {n}")))?;
        if is_prime(candidate) {
            return Ok(candidate);
        }
    }
}

/// The largest prime below `n`.
///
/// # Errors
/// [`Error::Invalid`] when there is none: `n` is 2 or less.
pub fn prev_prime(n: u64) -> Result<u64, Error> {
    if n <= 3 {
        return if n == 3 { Ok(2) } else { Err(Error::Invalid(format!("n must be above 2, got {n}"))) };
    }
    let mut candidate = n - 1 - (n & 1); // odd
    while !is_prime(candidate) {
        candidate -= 2;
    }
    Ok(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(n: u64) -> bool {
        n > 1 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
    }

    #[test]
    fn agrees_with_trial_division() {
        for n in (0..70_000).chain(4_759_120_000..4_759_124_000) {
            assert_eq!(is_prime(n), slow(n), "{n}");
            assert_eq!(is_prime_wide(n.into()), slow(n), "{n}");
        }
    }

    #[test]
    fn strong_pseudoprimes_to_many_bases_are_composite() {
        // The least composites that pass for the first k primes, k = 1..=12 (Jaeschke; Jiang and Deng;
        // Sorenson and Webster), then Arnault's Carmichael numbers below 2^64 and squares of primes.
        for n in [
            2_047,
            1_373_653,
            25_326_001,
            3_215_031_751,
            2_152_302_898_747,
            3_474_749_660_383,
            341_550_071_728_321,
            3_825_123_056_546_413_051,
            4_759_123_141,
            55_245_642_489_451,
            7_999_252_175_582_851,
            585_226_005_592_931_977,
            1_122_004_669_633,
            4_294_967_291 * 4_294_967_291,
            4_294_967_291 * 4_294_967_279,
            u64::MAX,
        ] {
            assert!(!is_prime(n), "{n}");
        }
        for n in [318_665_857_834_031_151_167_461, PROVED_BELOW, (1 << 127) + 1, u128::MAX] {
            assert!(!is_prime_wide(n), "{n}");
        }
    }

    #[test]
    fn known_primes_of_every_size_are_prime() {
        for n in [65_537, 4_294_967_311, 999_999_999_989, 99_999_999_999_973, (1 << 61) - 1, u64::MAX - 58] {
            assert!(is_prime(n), "{n}");
        }
        for n in [(1 << 89) - 1, (1 << 107) - 1, (1 << 127) - 1, u128::MAX - 158, (1 << 64) + 13] {
            assert!(is_prime_wide(n), "{n}");
        }
    }

    #[test]
    fn neighbours_are_the_nearest_primes() {
        for n in 0..2_000 {
            let next = (n + 1..).find(|&n| slow(n)).unwrap();
            assert_eq!(next_prime(n).unwrap(), next);
            match (0..n).rev().find(|&n| slow(n)) {
                Some(previous) => assert_eq!(prev_prime(n).unwrap(), previous),
                None => assert!(prev_prime(n).unwrap_err().to_string().ends_with(&format!("got {n}"))),
            }
        }
        assert_eq!(next_prime(u64::MAX - 59).unwrap(), u64::MAX - 58);
        assert_eq!(prev_prime(u64::MAX).unwrap(), u64::MAX - 58);
        assert!(next_prime(u64::MAX - 58).unwrap_err().to_string().contains("18446744073709551557"));
        assert!(next_prime(u64::MAX).is_err());
    }
}
