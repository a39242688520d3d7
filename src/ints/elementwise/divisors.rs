//! Greatest common divisors and least common multiples.
#![forbid(unsafe_code)]

use super::operation::Binary;
use crate::ints::gcd;
use crate::ints::number::Int;

pub(super) struct Gcd;
pub(super) struct Lcm;

impl Binary for Gcd {
    const FORM: [&'static str; 3] = ["gcd(", ", ", ")"];
    const EFFORT: usize = 1024;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let found = gcd(a.magnitude(), b.magnitude());
        (T::cut(found), T::from_u64(found).is_none())
    }

    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX
    }
}

impl Binary for Lcm {
    const FORM: [&'static str; 3] = ["lcm(", ", ", ")"];
    const EFFORT: usize = 1024;

    #[inline(always)]
    fn apply<T: Int>(a: T, b: T) -> (T, bool) {
        let (a, b) = (a.magnitude(), b.magnitude());
        if a == 0 || b == 0 {
            return (T::ZERO, false);
        }
        let (found, over) = (a / gcd(a, b)).overflowing_mul(b);
        (T::cut(found), over || T::from_u64(found).is_none())
    }

    #[inline(always)]
    fn nearest<T: Int>(_a: T, _b: T) -> T {
        T::MAX
    }
}
