//! XXH3-64 of eight bytes, many at a time, with AVX-512 or AVX2 where the processor has it.
//!
//! XXH3 of exactly eight bytes is a handful of operations without a branch, so a column of numbers vectorises:
//! one piece of Rust compiled three times. The functions below are the published algorithm (XXH3_len_4to8_64b of
//! xxHash's specification) with the length filled in.

use super::hash::seed;
use crate::frames::profile::simd_moments::{Real, Whole};

/// Bytes 8..16 of XXH3's default secret, xor bytes 16..24.
const SECRET: u64 = 0x1cad_21f7_2c81_017c ^ 0xdb97_9083_e96d_d4de;
/// PRIME_MX2 of the specification.
const PRIME: u64 = 0x9fb2_1c65_1e98_df25;

/// What the input is xored with, given the seed.
#[inline(always)]
const fn flip(seed: u64) -> u64 {
    SECRET.wrapping_sub(seed ^ ((seed as u32).swap_bytes() as u64) << 32)
}

/// XXH3-64 of the eight bytes of `value`, the lowest first.
#[inline(always)]
fn eight(value: u64, flip: u64) -> u64 {
    let mut mixed = value.rotate_left(32) ^ flip;
    mixed ^= mixed.rotate_left(49) ^ mixed.rotate_left(24);
    mixed = mixed.wrapping_mul(PRIME);
    mixed ^= (mixed >> 35).wrapping_add(8);
    mixed = mixed.wrapping_mul(PRIME);
    mixed ^ (mixed >> 28)
}

/// Below this, every integer and its neighbours at distance one half are doubles.
const SMALL: u64 = 0x4320_0000_0000_0000; // 2^51
const INFINITY: u64 = 0x7ff0_0000_0000_0000;
/// The one NaN.
const NAN: u64 = 0x7ff8_0000_0000_0000;
/// Adding this to a small double leaves its integer in the low bits.
const SHIFTER: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// What stands for a double: its bits and whether they are an integer's; and whether it is too large to tell here.
///
/// Bits are compared, not numbers: a host that flushes subnormal numbers to zero changes nothing.
#[inline(always)]
pub fn canonical(value: f64) -> (u64, bool, bool) {
    let bits = value.to_bits();
    let size = bits & (u64::MAX >> 1);
    let shifted = value + SHIFTER;
    let whole = size < SMALL && ((shifted - SHIFTER).to_bits() == bits || size == 0);
    let integer = shifted.to_bits().wrapping_sub(SHIFTER.to_bits());
    let real = if size > INFINITY { NAN } else { bits };
    (if whole { integer } else { real }, whole, (SMALL..INFINITY).contains(&size))
}

/// Hashes of integers under `seed`, as 64-bit two's complement. Both slices have one length.
pub fn wholes<T: Whole>(values: &[T], seed: u64, out: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { wholes_avx512(values, seed, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature the function was compiled for is there.
            return unsafe { wholes_avx2(values, seed, out) };
        }
    }
    wholes_any(values, seed, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn wholes_avx512<T: Whole>(values: &[T], seed: u64, out: &mut [u64]) {
    wholes_any(values, seed, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wholes_avx2<T: Whole>(values: &[T], seed: u64, out: &mut [u64]) {
    wholes_any(values, seed, out);
}

#[inline(always)]
fn wholes_any<T: Whole>(values: &[T], seed: u64, out: &mut [u64]) {
    let flip = flip(seed);
    for (out, value) in out.iter_mut().zip(values) {
        *out = eight(value.bits(), flip);
    }
}

/// Hashes of `value * factor` under `seed`; false when a product left 64 bits, whose hash is then wrong.
pub fn scaled<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [u64]) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { scaled_avx512(values, factor, seed, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature the function was compiled for is there.
            return unsafe { scaled_avx2(values, factor, seed, out) };
        }
    }
    scaled_any(values, factor, seed, out)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn scaled_avx512<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [u64]) -> bool {
    scaled_any(values, factor, seed, out)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn scaled_avx2<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [u64]) -> bool {
    scaled_any(values, factor, seed, out)
}

#[inline(always)]
fn scaled_any<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [u64]) -> bool {
    let flip = flip(seed);
    let most = i64::MAX / factor; // the same distance on both sides of zero: one comparison
    let mut over = 0;
    for (out, value) in out.iter_mut().zip(values) {
        let value = value.bits();
        over |= u64::from(value.wrapping_add(most as u64) > 2 * most as u64);
        *out = eight(value.wrapping_mul(factor as u64), flip);
    }
    over == 0
}

/// Hashes of floating-point numbers; false when one is so large that it has to be looked at by itself.
pub fn reals<T: Real>(values: &[T], out: &mut [u64]) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { reals_avx512(values, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature the function was compiled for is there.
            return unsafe { reals_avx2(values, out) };
        }
    }
    reals_any(values, out)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn reals_avx512<T: Real>(values: &[T], out: &mut [u64]) -> bool {
    reals_any(values, out)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn reals_avx2<T: Real>(values: &[T], out: &mut [u64]) -> bool {
    reals_any(values, out)
}

#[inline(always)]
fn reals_any<T: Real>(values: &[T], out: &mut [u64]) -> bool {
    let mut large = 0;
    for (out, value) in out.iter_mut().zip(values) {
        let (bits, whole, big) = canonical(value.double());
        large |= u64::from(big);
        *out = eight(bits, if whole { const { flip(seed::INTEGER) } } else { const { flip(seed::FLOAT) } });
    }
    large == 0
}

/// The sum of some hashes, and the sum of their hashes under `seed`, both modulo 2^64.
pub fn sum(values: &[u64], seed: u64) -> (u64, u64) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { sum_avx512(values, seed) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature the function was compiled for is there.
            return unsafe { sum_avx2(values, seed) };
        }
    }
    sum_any(values, seed)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn sum_avx512(values: &[u64], seed: u64) -> (u64, u64) {
    sum_any(values, seed)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sum_avx2(values: &[u64], seed: u64) -> (u64, u64) {
    sum_any(values, seed)
}

#[inline(always)]
fn sum_any(values: &[u64], seed: u64) -> (u64, u64) {
    let flip = flip(seed);
    values.iter().fold((0, 0), |(plain, mixed): (u64, u64), value| {
        (plain.wrapping_add(*value), mixed.wrapping_add(eight(*value, flip)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64_with_seed;

    proptest! {
        #[test]
        fn eight_bytes_hash_as_xxh3_does(values in prop::collection::vec(any::<i64>(), 0..40), seed: u64) {
            let plain: Vec<u64> = values.iter().map(|value| xxh3_64_with_seed(&value.to_le_bytes(), seed)).collect();
            let mut out = vec![0; values.len()];
            wholes(&values, seed, &mut out);
            prop_assert_eq!(&out, &plain);
            wholes_any(&values, seed, &mut out);
            prop_assert_eq!(&out, &plain);
            let values: Vec<u64> = values.iter().map(|value| *value as u64).collect();
            let sums = (values.iter().copied().fold(0, u64::wrapping_add), plain.into_iter().fold(0, u64::wrapping_add));
            prop_assert_eq!(sum(&values, seed), sums);
            prop_assert_eq!(sum_any(&values, seed), sums);
        }

        #[test]
        fn products_that_leave_64_bits_are_told(values in prop::collection::vec(any::<i64>(), 1..9), shift in 0..64_u32) {
            let values: Vec<i64> = values.iter().map(|value| value >> shift).collect();
            let mut out = vec![0; values.len()];
            let fits = scaled(&values, 1000, seed::INSTANT, &mut out);
            // -2^63 / 1000 is not looked for: one value too careful.
            prop_assert_eq!(fits, values.iter().all(|value| value.checked_mul(1000).is_some()));
            prop_assert_eq!(scaled_any(&values, 1000, seed::INSTANT, &mut out), fits);
            if fits {
                for (value, hash) in values.iter().zip(&out) {
                    prop_assert_eq!(*hash, xxh3_64_with_seed(&(value * 1000).to_le_bytes(), seed::INSTANT));
                }
            }
        }

        #[test]
        fn doubles_are_integers_where_they_can_be(bits: u64, whole in -(1_i64 << 51)..1 << 51) {
            let value = f64::from_bits(bits);
            let (canonical_bits, integer, big) = canonical(value);
            if !big {
                prop_assert_eq!(integer, value.fract() == 0.0);
                let expected = if integer { value as i64 as u64 } else if value.is_nan() { NAN } else { bits };
                prop_assert_eq!(canonical_bits, expected);
            }
            if whole > -(1 << 51) {
                prop_assert_eq!(canonical(whole as f64), (whole as u64, true, false));
            }
            let mut out = [[0; 2]; 2];
            let told = reals(&[value, whole as f64], &mut out[0]);
            prop_assert_eq!(reals_any(&[value, whole as f64], &mut out[1]), told);
            prop_assert_eq!(out[0], out[1]);
        }
    }

    #[test]
    fn zeros_infinities_and_nan_are_decided() {
        assert_eq!(canonical(-0.0), (0, true, false));
        assert_eq!(canonical(f64::INFINITY), (INFINITY, false, false));
        assert_eq!(canonical(f64::from_bits(0xfff8_0000_0000_0001)), (NAN, false, false));
        assert_eq!(canonical(5e-324), (1, false, false));
        assert_eq!(canonical(-0.5), ((-0.5_f64).to_bits(), false, false));
        assert!(canonical(2_f64.powi(51)).2 && !canonical(2_f64.powi(51) - 0.5).2);
    }
}
