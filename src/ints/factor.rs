//! Prime factors of up to 128 bits.
//!
//! Small factors by division; then J. M. Pollard's rho in R. P. Brent's form ("An Improved Monte Carlo
//! Factorization Algorithm", BIT 20, 1980), which suits factors up to 22 bits; beyond, the elliptic curve
//! method. Nothing is random: the same number takes the same way.
#![forbid(unsafe_code)]

use super::ecm;
use super::gcd::{gcd, gcd_wide};
use super::montgomery::{Mont64, Mont128};
use super::prime::{is_prime, is_prime_wide};
use crate::error::Error;
use crate::progress::{Progress, Pulse};

/// A prime and how often it divides.
pub type Factor = (u128, u32);

/// The odd primes below 256, each with its inverse modulo 2^64: `n * inverse <= MAX / p` when p divides n.
static SMALL: [(u64, u64); 53] = {
    let mut table = [(0, 0); 53];
    let (mut p, mut found) = (3_u64, 0);
    while p < 256 {
        let mut d = 3;
        while d * d <= p && p % d != 0 {
            d += 2;
        }
        if d * d > p {
            let mut inverse = p.wrapping_mul(3) ^ 2;
            let mut step = 0;
            while step < 4 {
                inverse = inverse.wrapping_mul(2_u64.wrapping_sub(p.wrapping_mul(inverse)));
                step += 1;
            }
            table[found] = (p, inverse);
            found += 1;
        }
        p += 2;
    }
    table
};

/// Below, rho alone is faster than curves: its factors have 22 bits at most.
const RHO_BELOW: u64 = 1 << 44;

/// What rho is given before curves: enough for factors of some 16 bits, of which curves find many at once.
const QUICK: u64 = 512;

/// Steps of rho between two greatest common divisors.
const BATCH: u64 = 128;

/// The prime factors of `n` in ascending order; none for 1.
///
/// Below 2^64 about a tenth of a millisecond at most. Above, the time depends on the second largest factor: of 20
/// digits, seconds. Progress has no total.
///
/// # Errors
/// [`Error::Invalid`] when `n` is 0. [`Error::Cancelled`].
pub fn factor(n: u128, progress: &Progress<'_>) -> Result<Vec<Factor>, Error> {
    if n == 0 {
        return Err(Error::Invalid("n must be positive, got 0".into()));
    }
    let mut primes = Vec::new();
    let twos = n.trailing_zeros();
    primes.extend((0..twos).map(|_| 2));
    match u64::try_from(n >> twos) {
        Ok(n) => small_factors(n, &mut primes),
        Err(_) => wide_factors(n >> twos, &mut primes, &progress.pulse())?,
    }
    primes.sort_unstable();
    let mut factors: Vec<Factor> = Vec::new();
    for p in primes {
        match factors.last_mut() {
            Some((last, exponent)) if *last == p => *exponent += 1,
            _ => factors.push((p, 1)),
        }
    }
    Ok(factors)
}

/// Factors an odd number of 64 bits.
fn small_factors(mut n: u64, primes: &mut Vec<u128>) {
    for &(p, inverse) in &SMALL {
        let most = u64::MAX / p;
        let mut quotient = n.wrapping_mul(inverse);
        while quotient <= most {
            primes.push(p.into());
            n = quotient;
            quotient = n.wrapping_mul(inverse);
        }
        if p * p > n {
            break;
        }
    }
    if n > 1 {
        split(n, primes);
    }
}

/// Factors an odd number without factors below 256.
fn split(n: u64, primes: &mut Vec<u128>) {
    if n < 1 << 16 || is_prime(n) {
        primes.push(n.into());
        return;
    }
    let root = super::isqrt(n);
    if root * root == n {
        split(root, primes);
        split(root, primes);
        return;
    }
    let quick = || close(n, root).or_else(|| rho(n, 1, QUICK)).or_else(|| ecm::find_short(n));
    // An odd composite has a proper factor for almost every constant; which, nobody can say before.
    let slow = || (1..).find_map(|constant| rho(n, constant, u64::MAX)).expect("a composite has a factor");
    let divisor = if n < RHO_BELOW { slow() } else { quick().unwrap_or_else(slow) };
    split(divisor, primes);
    split(n / divisor, primes);
}

/// A proper factor of the odd `n`, whose root is `root`, if two of nearly that size make it (P. de Fermat 1643):
/// the only products that those who make up hard ones get easy by accident.
fn close(n: u64, root: u64) -> Option<u64> {
    (1..=4).find_map(|above| {
        let half_sum = root + above; // n is half_sum^2 - half_difference^2
        let square = half_sum.wrapping_mul(half_sum).wrapping_sub(n); // far below 2^64, whatever wraps
        let half_difference = super::isqrt(square);
        let found = half_sum - half_difference;
        (half_difference * half_difference == square && found > 1).then_some(found)
    })
}

/// A proper factor of the odd composite `n`, or `None` when all its factors showed at once, or none in about
/// twice `most` steps.
fn rho(n: u64, constant: u64, most: u64) -> Option<u64> {
    let m = Mont64::new(n);
    let c = m.enter(constant);
    let step = |x| m.add(m.square(x), c);
    let mut y = m.enter(2);
    let mut length = 1;
    while length <= most {
        let x = y;
        for _ in 0..length {
            y = step(y);
        }
        let mut done = 0;
        while done < length {
            let checkpoint = y;
            let mut product = m.one;
            for _ in 0..BATCH.min(length - done) {
                y = step(y);
                product = m.mul(product, x.abs_diff(y));
            }
            let found = gcd(product, n);
            if found == n {
                // One by one, from where the batch began.
                let mut y = checkpoint;
                loop {
                    y = step(y);
                    let found = gcd(x.abs_diff(y), n);
                    if found > 1 {
                        return (found < n).then_some(found);
                    }
                }
            }
            if found > 1 {
                return Some(found);
            }
            done += BATCH;
        }
        length *= 2;
    }
    None
}

/// Factors an odd number of more than 64 bits.
fn wide_factors(mut n: u128, primes: &mut Vec<u128>, pulse: &Pulse<'_>) -> Result<(), Error> {
    for &(p, _) in &SMALL {
        while n.is_multiple_of(p.into()) {
            primes.push(p.into());
            n /= u128::from(p);
        }
    }
    split_wide(n, primes, pulse)
}

fn split_wide(n: u128, primes: &mut Vec<u128>, pulse: &Pulse<'_>) -> Result<(), Error> {
    if let Ok(n) = u64::try_from(n) {
        if n > 1 {
            split(n, primes);
        }
        return Ok(());
    }
    if is_prime_wide(n) {
        primes.push(n);
        return Ok(());
    }
    let root = n.isqrt();
    let divisor = if root * root == n {
        root
    } else {
        match rho_wide(n, pulse)? {
            Some(divisor) => divisor,
            None => ecm::find(n, pulse)?,
        }
    };
    split_wide(divisor, primes, pulse)?;
    split_wide(n / divisor, primes, pulse)
}

/// A proper factor of `n`, if it has one small enough to be found in 2^16 steps: 28 bits or so.
fn rho_wide(n: u128, pulse: &Pulse<'_>) -> Result<Option<u128>, Error> {
    let m = Mont128::new(n);
    let c = m.one;
    let step = |x| m.add(m.mul(x, x), c);
    let mut y = m.enter(2);
    for length in (0..16).map(|bits| 1_u64 << bits) {
        let x = y;
        for _ in 0..length {
            y = step(y);
        }
        let mut done = 0;
        while done < length {
            let mut product = m.one;
            for _ in 0..BATCH.min(length - done) {
                y = step(y);
                product = m.mul(product, x.abs_diff(y));
            }
            let found = gcd_wide(product, n);
            if found > 1 {
                // All factors at once is left to the curves.
                return Ok((found < n).then_some(found));
            }
            done += BATCH;
            pulse.check()?;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(n: u128) -> Vec<Factor> {
        let factors = factor(n, &Progress::silent()).unwrap();
        assert!(factors.iter().all(|&(p, e)| is_prime_wide(p) && e > 0), "{n}: {factors:?}");
        assert!(factors.windows(2).all(|pair| pair[0].0 < pair[1].0), "{n}: {factors:?}");
        assert_eq!(factors.iter().fold(1, |product, &(p, e)| product * p.pow(e)), n);
        factors
    }

    #[test]
    fn every_small_number_and_the_hard_kinds() {
        for n in 1..30_000 {
            check(n);
        }
        assert_eq!(
            check(u64::MAX.into()),
            [(3, 1), (5, 1), (17, 1), (257, 1), (641, 1), (65537, 1), (6_700_417, 1)]
        );
        // Two equal or nearly equal factors, prime powers, Carmichael numbers, the largest semiprime.
        for n in [
            4_294_967_291_u64 * 4_294_967_291,
            4_294_967_291 * 4_294_967_279,
            3_u64.pow(40),
            257_u64.pow(7),
            65_537_u64.pow(3),
            561,
            825_265,
            3_825_123_056_546_413_051,
            u64::MAX - 58,
        ] {
            check(n.into());
        }
        assert!(factor(0, &Progress::silent()).unwrap_err().to_string().contains("got 0"));
    }

    #[test]
    fn wide_numbers_of_every_shape() {
        let (p, q, r) = (1_000_000_007_u128, 998_244_353_u128, 2_147_483_647_u128);
        assert_eq!(check(p * q * r), [(q, 1), (p, 1), (r, 1)]);
        assert_eq!(check(p.pow(4)), [(p, 4)]);
        assert_eq!(check(u128::MAX).len(), 9);
        assert_eq!(check((1 << 127) - 1), [((1 << 127) - 1, 1)]);
        let (a, b) = (1_099_511_627_791_u128, 4_398_046_511_119_u128); // 41 and 43 bits
        assert_eq!(check(a * b), [(a, 1), (b, 1)]);
        assert_eq!(check((a * b) * 10_007 * 4), [(2, 2), (10_007, 1), (a, 1), (b, 1)]);
    }

    #[test]
    fn products_of_two_primes_of_every_size_and_distance() {
        let mut p = 257;
        while p < 1 << 32 {
            p = crate::ints::next_prime(p + p / 3).unwrap();
            let mut q = p;
            while let Some(n) = p.checked_mul(q).filter(|_| q >> 40 == 0) {
                check(n.into());
                q = crate::ints::next_prime(q + 1 + q / 7 * u64::from(q > p + 1000) + 97).unwrap();
                if q > p + 2000 {
                    q = crate::ints::next_prime(q * 9).unwrap();
                }
            }
        }
    }

    #[test]
    fn many_small_factors_are_told_apart() {
        for n in [
            257_u64 * 263 * 269 * 271 * 277 * 281,
            65_521 * 65_519 * 65_497,
            1_048_573_u64.pow(3),
            257 * 16_777_213 * 4_294_967,
        ] {
            check(n.into());
        }
    }

    proptest! {
        #[test]
        fn products_of_any_two_numbers(a in any::<u64>(), b in any::<u32>(), cut in 0_u32..64) {
            check(u128::from((a >> cut).max(1)) * u128::from(b.max(1)));
            check(u128::from(a.max(1)));
        }
    }
}
