//! Integer roots.
#![forbid(unsafe_code)]

/// The largest integer whose square is at most `n`.
#[inline(always)]
pub fn isqrt(n: u64) -> u64 {
    // The double nearest to n is off by at most 2^-53 n, so its root, rounded, is off by less than 1.
    let root = (n as f64).sqrt() as u64;
    let root = if root > 0xFFFF_FFFF { 0xFFFF_FFFF } else { root };
    // root * root - n is exact modulo 2^64, and its size is far below 2^63.
    if (root * root).wrapping_sub(n) as i64 > 0 { root - 1 } else { root }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn next_to_every_kind_of_square() {
        for root in (0..3000).chain((1 << 26) - 50..(1 << 26) + 50).chain((1 << 32) - 3000..1 << 32) {
            let square: u64 = root * root;
            assert_eq!(isqrt(square), root);
            assert_eq!(isqrt(square + 2 * root), root, "before the next square");
        }
        assert_eq!(isqrt(u64::MAX), (1 << 32) - 1);
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(n in any::<u64>(), shift in 0_u32..64) {
            prop_assert_eq!(isqrt(n >> shift), u64::isqrt(n >> shift));
        }
    }
}
