//! The strong Lucas test, the second half of Baillie-PSW.
//!
//! R. Baillie and S. S. Wagstaff, "Lucas Pseudoprimes", Math. Comp. 35 (1980), with Selfridge's choice
//! of parameters (method A): D the first of 5, -7, 9, -11, ... with Jacobi symbol -1, P = 1, Q = (1 - D) / 4.
#![forbid(unsafe_code)]

use super::montgomery::Mont128;

/// Whether the odd, square-free of small factors number `m.n > 41` passes.
pub(crate) fn is_strong_probable_prime(m: &Mont128) -> bool {
    let n = m.n;
    let root = n.isqrt();
    if root * root == n {
        return false; // no D exists for a square
    }
    let mut d = 5_i64;
    loop {
        match jacobi(d, n) {
            -1 => break,
            0 if !u128::from(d.unsigned_abs()).is_multiple_of(n) => return false, // a common factor
            _ => d = if d > 0 { -d - 2 } else { -d + 2 },
        }
    }
    let signed = |value: i64| {
        let size = m.enter(u128::from(value.unsigned_abs()));
        if value < 0 { m.sub(0, size) } else { size }
    };
    let (d_form, q) = (signed(d), signed((1 - d) / 4));
    let half = |x: u128| {
        // x / 2 mod n; for odd x (x + n) / 2 without the 129th bit.
        if x & 1 == 0 { x >> 1 } else { (x >> 1) + (n >> 1) + 1 }
    };
    // n + 1 = odd * 2^twos; for n = 2^128 - 1 the sum wraps, but 3 divides that one.
    let plus = n.wrapping_add(1);
    let twos = plus.trailing_zeros();
    let odd = plus >> twos;
    let (mut u, mut v, mut power) = (m.one, m.one, q); // U_1, V_1, Q^1
    for bit in (0..127 - odd.leading_zeros()).rev() {
        u = m.mul(u, v);
        v = m.sub(m.mul(v, v), m.add(power, power));
        power = m.mul(power, power);
        if odd >> bit & 1 == 1 {
            (u, v) = (half(m.add(u, v)), half(m.add(m.mul(d_form, u), v)));
            power = m.mul(power, q);
        }
    }
    if u == 0 {
        return true;
    }
    for _ in 0..twos {
        if v == 0 {
            return true;
        }
        v = m.sub(m.mul(v, v), m.add(power, power));
        power = m.mul(power, power);
    }
    false
}

/// The Jacobi symbol (a / n) for an odd `n`.
pub(super) fn jacobi(a: i64, n: u128) -> i32 {
    debug_assert!(n & 1 == 1);
    let mut sign = 1;
    if a < 0 && n & 3 == 3 {
        sign = -sign;
    }
    let (mut a, mut n) = (u128::from(a.unsigned_abs()) % n, n);
    while a != 0 {
        let twos = a.trailing_zeros();
        a >>= twos;
        if twos & 1 == 1 && matches!(n & 7, 3 | 5) {
            sign = -sign;
        }
        if a & n & 3 == 3 {
            sign = -sign;
        }
        (a, n) = (n % a, a);
    }
    if n == 1 { sign } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_every_prime_and_just_the_known_pseudoprimes() {
        // The strong Lucas pseudoprimes below 60,000: OEIS A217255.
        let mut passed = Vec::new();
        for n in (43..60_000_u32).step_by(2) {
            let prime = (3..).take_while(|d| d * d <= n).all(|d| n % d != 0);
            let passes = is_strong_probable_prime(&Mont128::new(n.into()));
            assert!(passes || !prime, "{n} is prime");
            if passes && !prime {
                passed.push(n);
            }
        }
        assert_eq!(passed, [5459, 5777, 10877, 16109, 18971, 22499, 24569, 25199, 40309, 58519]);
    }

    #[test]
    fn jacobi_symbols_are_euler_s_criterion_for_primes() {
        for p in [3_u128, 5, 7, 11, 13, 9973] {
            for a in -50_i64..50 {
                let residue = i128::from(a).rem_euclid(p as i128) as u128;
                let power = (0..(p - 1) / 2).fold(1, |x, _| x * residue % p);
                let expected = if power == p - 1 { -1 } else { power as i32 };
                assert_eq!(jacobi(a, p), expected, "{a} {p}");
            }
        }
        assert_eq!(jacobi(2, 15), 1);
        assert_eq!(jacobi(3, 9), 0);
    }
}
