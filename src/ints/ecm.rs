//! Lenstra's elliptic curve method, for factors too large for rho.
//!
//! Curves in P. L. Montgomery's form with H. Suyama's parameters, and a second stage for one more prime:
//! "Speeding the Pollard and Elliptic Curve Methods of Factorization", Math. Comp. 48 (1987). How much
//! work to give a curve is from P. Zimmermann's tables for GMP-ECM.
#![forbid(unsafe_code)]

use super::gcd::{gcd, gcd_wide};
use super::montgomery::{Mont64, Mont128};
use crate::error::Error;
use crate::progress::Pulse;

/// Residues of an odd number, 64 or 128 bits wide.
trait Residues {
    type Number: Copy;
    fn add(&self, a: Self::Number, b: Self::Number) -> Self::Number;
    fn sub(&self, a: Self::Number, b: Self::Number) -> Self::Number;
    fn mul(&self, a: Self::Number, b: Self::Number) -> Self::Number;
    fn enter(&self, a: u64) -> Self::Number;
    fn one(&self) -> Self::Number;
    fn inverse(&self, a: Self::Number) -> Option<Self::Number>;
    /// A factor that `a` shares with the modulus, neither 1 nor all of it.
    fn shared(&self, a: Self::Number) -> Option<Self::Number>;
}

impl Residues for Mont64 {
    type Number = u64;

    #[inline(always)]
    fn add(&self, a: u64, b: u64) -> u64 {
        self.add(a, b)
    }

    #[inline(always)]
    fn sub(&self, a: u64, b: u64) -> u64 {
        self.sub(a, b)
    }

    #[inline(always)]
    fn mul(&self, a: u64, b: u64) -> u64 {
        self.mul(a, b)
    }

    fn enter(&self, a: u64) -> u64 {
        self.enter(a)
    }

    fn one(&self) -> u64 {
        self.one
    }

    fn inverse(&self, a: u64) -> Option<u64> {
        inverse64(self.leave(a), self.n).map(|inverse| self.enter(inverse))
    }

    fn shared(&self, a: u64) -> Option<u64> {
        Some(gcd(a, self.n)).filter(|&divisor| divisor > 1 && divisor < self.n)
    }
}

impl Residues for Mont128 {
    type Number = u128;

    #[inline(always)]
    fn add(&self, a: u128, b: u128) -> u128 {
        self.add(a, b)
    }

    #[inline(always)]
    fn sub(&self, a: u128, b: u128) -> u128 {
        self.sub(a, b)
    }

    #[inline(always)]
    fn mul(&self, a: u128, b: u128) -> u128 {
        self.mul(a, b)
    }

    fn enter(&self, a: u64) -> u128 {
        self.enter(a.into())
    }

    fn one(&self) -> u128 {
        self.one
    }

    fn inverse(&self, a: u128) -> Option<u128> {
        inverse(self.leave(a), self.n).map(|inverse| self.enter(inverse))
    }

    fn shared(&self, a: u128) -> Option<u128> {
        Some(gcd_wide(a, self.n)).filter(|&divisor| divisor > 1 && divisor < self.n)
    }
}

/// A point (X : Z), whose second coordinate nothing needs.
#[derive(Clone, Copy)]
struct Point<N> {
    x: N,
    z: N,
}

struct Curve<'m, R: Residues> {
    m: &'m R,
    a24: R::Number, // (A + 2) / 4
}

/// Bounds of the first stage with the curves worth trying before a larger one: 15, 20, 25 digits.
const EFFORTS: [(u64, u64); 3] = [(2_000, 30), (11_000, 90), (50_000, u64::MAX)];
/// The second stage reaches this much further than the first.
const REACH: u64 = 60;

/// Step of the second stage, and the residues below half of it that are prime to it.
struct Wheel<const N: usize>(u64, [u64; N]);

const WIDE: Wheel<24> = Wheel(
    210,
    [1, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103],
);
const NARROW: Wheel<8> = Wheel(60, [1, 7, 11, 13, 17, 19, 23, 29]);

/// Factors of at most 32 bits: bound, reach and most curves, of which some eight do on average.
const SHORT: (u64, u64, u64) = (120, 30, 400);

/// A proper factor of `n`, which must be odd and composite, without factors below 256 and no square; None
/// where no curve of many finds one.
pub(super) fn find_short(n: u64) -> Option<u64> {
    let m = Mont64::new(n);
    let (bound, reach, curves) = SHORT;
    let never = crate::progress::Progress::silent();
    // Err is a stop, which a silent progress never asks for.
    (6..6 + curves).find_map(|sigma| attempt(&m, sigma, (bound, reach), &NARROW, &never.pulse()).ok()?)
}

/// A proper factor of `n`, which must be odd and composite, without factors of 2 or 3 and no square.
///
/// # Errors
/// [`Error::Cancelled`].
pub(super) fn find(n: u128, pulse: &Pulse<'_>) -> Result<u128, Error> {
    let m = Mont128::new(n);
    let mut sigma = 6;
    for (bound, curves) in EFFORTS {
        for _ in 0..curves {
            if let Some(divisor) = attempt(&m, sigma, (bound, REACH), &WIDE, pulse)? {
                return Ok(divisor);
            }
            sigma += 1;
        }
    }
    unreachable!("the last effort has more curves than can be tried")
}

fn attempt<R: Residues, const N: usize>(
    m: &R,
    sigma: u64,
    (bound, reach): (u64, u64),
    wheel: &Wheel<N>,
    pulse: &Pulse<'_>,
) -> Result<Option<R::Number>, Error> {
    let number = |x: u64| m.enter(x);
    let cube = |x| m.mul(m.mul(x, x), x);
    let sigma = number(sigma);
    let u = m.sub(m.mul(sigma, sigma), number(5));
    let v = m.mul(number(4), sigma);
    let below = m.mul(m.mul(number(16), cube(u)), v);
    let Some(inverse) = m.inverse(below) else { return Ok(m.shared(below)) };
    let above = m.mul(cube(m.sub(v, u)), m.add(m.add(m.add(u, u), u), v));
    let curve = Curve { m, a24: m.mul(above, inverse) };

    let mut point = Point { x: cube(u), z: cube(v) };
    for p in (2..=bound).filter(|&p| super::is_prime(p)) {
        let mut power = p;
        while power <= bound / p {
            power *= p;
        }
        point = curve.times(power, point);
        if p % 64 == 1 {
            pulse.check()?;
        }
    }
    if let Some(divisor) = m.shared(point.z) {
        return Ok(Some(divisor));
    }
    Ok(m.shared(curve.second_stage(point, bound, bound * reach, wheel, pulse)?))
}

impl<R: Residues> Curve<'_, R> {
    fn double(&self, p: Point<R::Number>) -> Point<R::Number> {
        let m = self.m;
        let (sum, difference) = (m.add(p.x, p.z), m.sub(p.x, p.z));
        let (s, d) = (m.mul(sum, sum), m.mul(difference, difference));
        let t = m.sub(s, d);
        Point { x: m.mul(s, d), z: m.mul(t, m.add(d, m.mul(self.a24, t))) }
    }

    /// `p + q`, given `p - q`.
    fn add(
        &self,
        p: Point<R::Number>,
        q: Point<R::Number>,
        difference: Point<R::Number>,
    ) -> Point<R::Number> {
        let m = self.m;
        let u = m.mul(m.sub(p.x, p.z), m.add(q.x, q.z));
        let v = m.mul(m.add(p.x, p.z), m.sub(q.x, q.z));
        let (sum, apart) = (m.add(u, v), m.sub(u, v));
        Point { x: m.mul(m.mul(sum, sum), difference.z), z: m.mul(m.mul(apart, apart), difference.x) }
    }

    /// `k * p` for `k >= 1`, by Montgomery's ladder.
    fn times(&self, k: u64, p: Point<R::Number>) -> Point<R::Number> {
        let (mut low, mut high) = (p, self.double(p)); // they differ by p throughout
        for bit in (0..63 - k.leading_zeros()).rev() {
            let both = self.add(low, high, p);
            if k >> bit & 1 == 1 {
                (low, high) = (both, self.double(high));
            } else {
                (low, high) = (self.double(low), both);
            }
        }
        low
    }

    /// A product that `n` shares a factor with if one prime of `from..=to` is all that stage one missed.
    fn second_stage<const N: usize>(
        &self,
        p: Point<R::Number>,
        from: u64,
        to: u64,
        Wheel(wheel, offsets): &Wheel<N>,
        pulse: &Pulse<'_>,
    ) -> Result<R::Number, Error> {
        let m = self.m;
        // Every prime above 7 is a multiple of the wheel plus or minus an offset, and both at once
        // show in X_a Z_b - X_b Z_a.
        let near = offsets.map(|offset| {
            let point = self.times(offset, p);
            (point, m.mul(point.x, point.z))
        });
        let step = self.times(*wheel, p);
        let first = from / wheel;
        let (mut before, mut here) = (self.times(first - 1, step), self.times(first, step));
        let mut product = m.one();
        for turn in first..=to / wheel + 1 {
            let own = m.mul(here.x, here.z);
            for (offset, its_own) in &near {
                // (Xa - Xb)(Za + Zb) - Xa Za + Xb Zb: one multiplication where two were.
                let cross = m.mul(m.sub(here.x, offset.x), m.add(here.z, offset.z));
                product = m.mul(product, m.add(m.sub(cross, own), *its_own));
            }
            let after = self.add(here, step, before);
            (before, here) = (here, after);
            if turn % 64 == 0 {
                pulse.check()?;
            }
        }
        Ok(product)
    }
}

/// As [`inverse`], of 64 bits.
fn inverse64(a: u64, n: u64) -> Option<u64> {
    let (mut r, mut next_r) = (n, a % n);
    let (mut t, mut next_t) = (0_u64, 1_u64);
    let mut negative = true;
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (t, next_t) = (next_t, t.wrapping_add(quotient.wrapping_mul(next_t)));
        negative = !negative;
    }
    (r == 1).then_some(if negative { n - t } else { t })
}

/// The inverse of `a` modulo `n`, if there is one.
fn inverse(a: u128, n: u128) -> Option<u128> {
    // Euclid's algorithm; the factors of a alternate in sign, and none is larger than n.
    let (mut r, mut next_r) = (n, a % n);
    let (mut t, mut next_t) = (0_u128, 1_u128);
    let mut negative = true; // sign of the factor in `t` after the next swap
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r % next_r);
        (t, next_t) = (next_t, t + quotient.wrapping_mul(next_t));
        negative = !negative;
    }
    (r == 1).then_some(if negative { n - t } else { t })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use proptest::prelude::*;

    #[test]
    fn factors_of_up_to_fifty_bits_are_found() {
        let progress = Progress::silent();
        for (p, q) in [
            (1_099_511_627_791_u128, 1_125_899_906_842_679_u128),
            (1_125_899_906_842_597, 1_152_921_504_606_847_009),
        ] {
            let found = find(p * q, &progress.pulse()).unwrap();
            assert!(found == p || found == q, "{found}");
        }
    }

    #[test]
    fn a_stop_ends_the_search() {
        let refuse = Progress::new(|_, _| false);
        let semiprime = ((1_u128 << 61) - 1) * 18_446_744_073_709_551_557;
        assert!(matches!(find(semiprime, &refuse.pulse()), Err(Error::Cancelled)));
    }

    proptest! {
        #[test]
        fn an_inverse_times_its_number_is_one(a in any::<u128>(), n in any::<u128>()) {
            let n = n | 1;
            let m = Mont128::new(n);
            match inverse(a, n) {
                Some(inverse) => {
                    prop_assert!(inverse < n.max(2));
                    prop_assert_eq!(m.mul(m.enter(a), m.enter(inverse)), m.one);
                }
                None => prop_assert!(gcd_wide(a, n) != 1),
            }
        }
    }
}
