//! Greatest common divisors.
#![forbid(unsafe_code)]

/// The greatest common divisor; `gcd(0, b)` is `b`.
///
/// J. Stein's binary algorithm (1967): no division.
#[inline(always)]
pub fn gcd(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        // Written so that minimum, difference and its trailing zeros start at once, without a branch.
        let difference = b.wrapping_sub(a);
        let less = b < a;
        a = if less { b } else { a };
        b = if less { difference.wrapping_neg() } else { difference };
        if b == 0 {
            return a << twos;
        }
    }
}

/// As [`gcd`], for 128 bits.
pub fn gcd_wide(mut a: u128, mut b: u128) -> u128 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(gcd(a, b)) << twos;
        }
        if b < a {
            (a, b) = (b, a);
        }
        b -= a;
        if b == 0 {
            return a << twos;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn euclid(a: u128, b: u128) -> u128 {
        if b == 0 { a } else { euclid(b, a % b) }
    }

    proptest! {
        #[test]
        fn agrees_with_euclid(a in any::<u128>(), b in any::<u128>(), c in any::<u64>(), cut in 0..128, down in 0..128) {
            let c = u128::from(c >> (down % 64));
            let (a, b) = (a >> cut, b >> down);
            prop_assert_eq!(gcd_wide(a, b), euclid(a, b));
            let (a, b) = ((a >> 64) * c, (b >> 64) * c);
            prop_assert_eq!(gcd_wide(a, b), euclid(a, b));
            let (a, b) = (a as u64, b as u64);
            prop_assert_eq!(u128::from(gcd(a, b)), euclid(a.into(), b.into()));
        }
    }

    #[test]
    fn zero_leaves_the_other() {
        assert_eq!((gcd(0, 0), gcd(0, 7), gcd(7, 0), gcd(u64::MAX, 0)), (0, 7, 7, u64::MAX));
        assert_eq!((gcd_wide(0, 1 << 127), gcd_wide(1 << 127, 1 << 127)), (1 << 127, 1 << 127));
    }
}
