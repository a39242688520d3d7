//! Multiplication modulo an odd number, without division.
//!
//! P. L. Montgomery, "Modular Multiplication Without Trial Division", Math. Comp. 44 (1985). A residue
//! `x` is held as `x * R mod n`, with R = 2^64 or 2^128; every value below is reduced, that is `< n`.
#![forbid(unsafe_code)]

/// Arithmetic modulo an odd `n` of 64 bits, R = 2^64.
#[derive(Clone, Copy)]
pub(crate) struct Mont64 {
    pub(crate) n: u64,
    inverse: u64, // n * inverse == 1 mod 2^64
    /// 1 in this form.
    pub(crate) one: u64,
}

impl Mont64 {
    /// `n` must be odd; 1 is allowed, and then every value is 0.
    #[inline(always)]
    pub(crate) const fn new(n: u64) -> Self {
        debug_assert!(n & 1 == 1);
        // Newton's step doubles the correct bits; 3n ^ 2 starts with five of them.
        let mut inverse = n.wrapping_mul(3) ^ 2;
        let mut bits = 5;
        while bits < 64 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(inverse)));
            bits *= 2;
        }
        Self { n, inverse, one: n.wrapping_neg() % n }
    }

    #[inline(always)]
    pub(crate) const fn mul(&self, a: u64, b: u64) -> u64 {
        let product = a as u128 * b as u128;
        let m = (product as u64).wrapping_mul(self.inverse);
        let (high, borrow) =
            ((product >> 64) as u64).overflowing_sub(((m as u128 * self.n as u128) >> 64) as u64);
        if borrow { high.wrapping_add(self.n) } else { high }
    }

    #[inline(always)]
    pub(crate) const fn square(&self, a: u64) -> u64 {
        self.mul(a, a)
    }

    #[inline(always)]
    pub(crate) const fn add(&self, a: u64, b: u64) -> u64 {
        let (sum, borrow) = a.overflowing_sub(self.n - b);
        if borrow { sum.wrapping_add(self.n) } else { sum }
    }

    #[inline(always)]
    pub(crate) const fn sub(&self, a: u64, b: u64) -> u64 {
        let (difference, borrow) = a.overflowing_sub(b);
        if borrow { difference.wrapping_add(self.n) } else { difference }
    }

    #[inline(always)]
    pub(crate) const fn minus_one(&self) -> u64 {
        self.n - self.one
    }

    /// R * R mod n, which takes a plain number to this form by one multiplication.
    #[inline(always)]
    pub(crate) const fn square_of_r(&self) -> u64 {
        // 2 * R, squared six times: 2^64 * R. A 128-bit remainder would cost more.
        let mut x = self.add(self.one, self.one);
        let mut step = 0;
        while step < 6 {
            x = self.square(x);
            step += 1;
        }
        x
    }

    /// `a` in this form; `a` may be any number.
    #[inline(always)]
    pub(crate) const fn enter(&self, a: u64) -> u64 {
        self.mul(a % self.n, self.square_of_r())
    }

    /// The plain number `a` stands for.
    pub(crate) const fn leave(&self, a: u64) -> u64 {
        self.mul(a, 1)
    }

    /// 2^e.
    #[inline(always)]
    pub(crate) const fn power_of_two(&self, e: u64) -> u64 {
        let mut x = self.one;
        let mut bit = 64 - e.leading_zeros();
        while bit > 0 {
            bit -= 1;
            x = self.square(x);
            let doubled = self.add(x, x);
            // A conditional move: the bits of e are as good as random, and a wrong guess costs a square.
            x = if e >> bit & 1 == 1 { doubled } else { x };
        }
        x
    }

    /// `bases[i]^e`, side by side, so that one chain's multiplication hides the other's latency.
    #[inline(always)]
    pub(crate) fn powers<const N: usize>(&self, bases: [u64; N], e: u64) -> [u64; N] {
        // Windows of three bits, and a multiplication for 000 too, so that nothing branches on e.
        let mut table = [[self.one; N]; 8];
        for i in 1..8 {
            for lane in 0..N {
                table[i][lane] = self.mul(table[i - 1][lane], bases[lane]);
            }
        }
        let mut x = [self.one; N];
        let mut bit = (64 - e.leading_zeros()).div_ceil(3) * 3;
        while bit > 0 {
            bit -= 3;
            let row = &table[(e >> bit & 7) as usize];
            for lane in 0..N {
                let eighth = self.square(self.square(self.square(x[lane])));
                x[lane] = self.mul(eighth, row[lane]);
            }
        }
        x
    }
}

/// Arithmetic modulo an odd `n` of 128 bits, R = 2^128.
#[derive(Clone, Copy)]
pub(crate) struct Mont128 {
    pub(crate) n: u128,
    inverse: u128,
    /// 1 in this form.
    pub(crate) one: u128,
    square_of_r: u128,
}

impl Mont128 {
    /// `n` must be odd; 1 is allowed, and then every value is 0.
    pub(crate) fn new(n: u128) -> Self {
        debug_assert!(n & 1 == 1);
        let mut inverse = n.wrapping_mul(3) ^ 2;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u128.wrapping_sub(n.wrapping_mul(inverse)));
        }
        let mut context = Self { n, inverse, one: n.wrapping_neg() % n, square_of_r: 0 };
        let mut x = context.add(context.one, context.one);
        for _ in 0..7 {
            x = context.mul(x, x);
        }
        context.square_of_r = x;
        context
    }

    #[inline]
    pub(crate) fn mul(&self, a: u128, b: u128) -> u128 {
        let (high, low) = wide(a, b);
        let m = low.wrapping_mul(self.inverse);
        let (high, borrow) = high.overflowing_sub(wide(m, self.n).0);
        if borrow { high.wrapping_add(self.n) } else { high }
    }

    #[inline]
    pub(crate) fn add(&self, a: u128, b: u128) -> u128 {
        let (sum, borrow) = a.overflowing_sub(self.n - b);
        if borrow { sum.wrapping_add(self.n) } else { sum }
    }

    #[inline]
    pub(crate) fn sub(&self, a: u128, b: u128) -> u128 {
        let (difference, borrow) = a.overflowing_sub(b);
        if borrow { difference.wrapping_add(self.n) } else { difference }
    }

    pub(crate) fn minus_one(&self) -> u128 {
        self.n - self.one
    }

    /// `a` in this form; `a` may be any number.
    pub(crate) fn enter(&self, a: u128) -> u128 {
        self.mul(a % self.n, self.square_of_r)
    }

    /// The plain number `a` stands for.
    pub(crate) fn leave(&self, a: u128) -> u128 {
        self.mul(a, 1)
    }

    /// `base^e`.
    pub(crate) fn power(&self, base: u128, e: u128) -> u128 {
        let mut x = self.one;
        for bit in (0..128 - e.leading_zeros()).rev() {
            x = self.mul(x, x);
            if e >> bit & 1 == 1 {
                x = self.mul(x, base);
            }
        }
        x
    }
}

/// The 256-bit product, as (high, low).
#[inline]
fn wide(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64); // (2^64-1)^2 + 2^64-1 < 2^128
    let other = a0 * b1 + (middle & LOW);
    (a1 * b1 + (middle >> 64) + (other >> 64), other << 64 | low & LOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_of_64_bits_are_the_remainder_s(n in any::<u64>(), a in any::<u64>(), b in any::<u64>()) {
            let m = Mont64::new(n | 1);
            let product = m.leave(m.mul(m.enter(a), m.enter(b)));
            prop_assert_eq!(product as u128, a as u128 * b as u128 % (n | 1) as u128);
            let sum = m.leave(m.add(m.enter(a), m.enter(b)));
            prop_assert_eq!(sum as u128, (a as u128 + b as u128) % (n | 1) as u128);
        }

        #[test]
        fn powers_are_repeated_products(n in any::<u64>(), a in any::<u64>(), e in 0_u64..200) {
            let n = n | 1;
            let m = Mont64::new(n);
            let slow = |base: u64| (0..e).fold(1 % n as u128, |x, _| x * (base % n) as u128 % n as u128);
            let both = m.powers([m.enter(a), m.enter(2)], e);
            prop_assert_eq!(m.leave(both[0]) as u128, slow(a));
            prop_assert_eq!(m.leave(both[1]) as u128, slow(2));
            prop_assert_eq!(m.power_of_two(e), both[1]);
        }

        #[test]
        fn products_of_128_bits_agree_with_repeated_doubling(n in any::<u128>(), a in any::<u128>(), b in any::<u128>()) {
            let n = n | 1;
            let m = Mont128::new(n);
            let double_and_add = |a: u128, b: u128| {
                (0..128).rev().fold(0, |x, bit| {
                    let x = m.add(x, x);
                    if b >> bit & 1 == 1 { m.add(x, a % n) } else { x }
                })
            };
            prop_assert_eq!(m.leave(m.mul(m.enter(a), m.enter(b))), double_and_add(a, b));
            prop_assert_eq!(m.leave(m.sub(m.enter(a), m.enter(b))), m.sub(a % n, b % n));
        }
    }
}
