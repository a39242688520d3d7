//! Extremes, sum and spread of one block of numbers, with AVX2 where the processor has it.
//!
//! Both paths are the same Rust, compiled twice: eight running sums side by side in a fixed order, and no fused
//! multiply-add, so every processor gives the same digits.

use half::f16;

/// Most values a block holds: two passes over one stay in the first-level cache.
pub const BLOCK: usize = 2048;

const LANES: usize = 8;

/// An integer of at most 64 bits.
pub trait Whole: Copy + Ord + Send + Sync + 'static {
    /// The value itself, in a type that holds them all.
    fn wide(self) -> i128;
    /// The low 64 bits in two's complement, which is what is hashed.
    fn bits(self) -> u64;
    /// Whether sums of a block fit in an i64.
    const NARROW: bool;
}

macro_rules! whole {
    ($($type:ty: $narrow:literal),*) => {$(
        impl Whole for $type {
            #[inline(always)]
            fn wide(self) -> i128 {
                i128::from(self)
            }
            #[inline(always)]
            fn bits(self) -> u64 {
                self as i64 as u64
            }
            const NARROW: bool = $narrow;
        }
    )*};
}
whole!(i8: true, i16: true, i32: true, i64: false, u8: true, u16: true, u32: true, u64: false);

/// What one block of integers comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WholeBlock {
    /// Smallest value.
    pub min: i128,
    /// Largest value.
    pub max: i128,
    /// Exact sum.
    pub sum: i128,
    /// Sums of squared, cubed and fourth powers of the distances from the block's mean.
    pub powers: [f64; 3],
    /// Values that are zero.
    pub zeros: u64,
    /// Values below zero.
    pub negatives: u64,
    /// Values below the next one.
    pub below: usize,
    /// Values equal to the next one.
    pub equal: usize,
}

/// Summary of a block that is not empty.
pub fn whole<T: Whole>(values: &[T]) -> WholeBlock {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the feature the function was compiled for is there.
        return unsafe { whole_avx2(values) };
    }
    whole_any(values)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn whole_avx2<T: Whole>(values: &[T]) -> WholeBlock {
    whole_any(values)
}

#[inline(always)]
fn whole_any<T: Whole>(values: &[T]) -> WholeBlock {
    debug_assert!(!values.is_empty() && values.len() <= BLOCK);
    let (mut min, mut max) = (values[0], values[0]);
    for value in values {
        min = if *value < min { *value } else { min };
        max = if *value > max { *value } else { max };
    }
    let sum = if T::NARROW {
        i128::from(values.iter().map(|value| value.bits() as i64).sum::<i64>())
    } else {
        // Halves, because sums of 64-bit values leave 64 bits and sums in 128 do not vectorise.
        let low = values.iter().map(|value| value.bits() & 0xffff_ffff).sum::<u64>();
        let high = values.iter().map(|value| value.bits() >> 32).sum::<u64>();
        let signed = if min.wide() < 0 { values.iter().filter(|value| value.wide() < 0).count() } else { 0 };
        i128::from(low) + (i128::from(high) << 32) - ((signed as i128) << 64)
    };
    // Distances from the smallest value are exact in 64 bits, however far from zero the values lie.
    let base = min.bits();
    let mean = (sum - min.wide() * values.len() as i128) as f64 / values.len() as f64;
    let powers = powers(values, |value| value.bits().wrapping_sub(base) as f64 - mean);
    let zeros = values.iter().map(|value| u64::from(value.bits() == 0)).sum();
    let negatives = match min.wide() < 0 {
        true => values.iter().map(|value| value.bits() >> 63).sum(), // sign-extended
        false => 0,
    };
    let (below, equal) = neighbours(values);
    WholeBlock { min: min.wide(), max: max.wide(), sum, powers, zeros, negatives, below, equal }
}

/// A binary floating-point number.
pub trait Real: Copy + Send + Sync + 'static {
    /// The value itself, exactly.
    fn double(self) -> f64;
}

impl Real for f16 {
    #[inline(always)]
    fn double(self) -> f64 {
        self.to_f64()
    }
}
impl Real for f32 {
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }
}
impl Real for f64 {
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
}

/// What one block of finite numbers comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RealBlock {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Distance of the mean from the base.
    pub above: f64,
    /// Sums of squared, cubed and fourth powers of the distances from the mean.
    pub powers: [f64; 3],
    /// Values that are zero.
    pub zeros: u64,
    /// Values below zero.
    pub negatives: u64,
    /// Values below the next one.
    pub below: usize,
    /// Values equal to the next one.
    pub equal: usize,
}

/// Summary of a block that is not empty, or nothing when a value is NaN or infinite.
///
/// The mean is taken from `base` on: a base among the values keeps the digits in which they differ.
pub fn real(values: &[f64], base: f64) -> Option<RealBlock> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the feature the function was compiled for is there.
        return unsafe { real_avx2(values, base) };
    }
    real_any(values, base)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn real_avx2(values: &[f64], base: f64) -> Option<RealBlock> {
    real_any(values, base)
}

#[inline(always)]
fn real_any(values: &[f64], base: f64) -> Option<RealBlock> {
    debug_assert!(!values.is_empty() && values.len() <= BLOCK);
    let odd = values.iter().map(|value| u64::from(!value.is_finite())).sum::<u64>();
    if odd > 0 {
        return None;
    }
    let (mut low, mut high) = ([values[0]; LANES], [values[0]; LANES]);
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for lane in 0..LANES {
            low[lane] = if eight[lane] < low[lane] { eight[lane] } else { low[lane] };
            high[lane] = if eight[lane] > high[lane] { eight[lane] } else { high[lane] };
        }
    }
    let min = low.iter().chain(rest).copied().fold(values[0], f64::min);
    let max = high.iter().chain(rest).copied().fold(values[0], f64::max);
    let count = values.len() as f64;
    let mut above = lanes(values, |value| value - base) / count;
    if !above.is_finite() {
        above = lanes(values, |value| value / count - base / count); // the sum left the range, the mean may not
    }
    let powers = powers(values, |value| (value - base) - above);
    let zeros = values.iter().map(|value| u64::from(*value == 0.0)).sum();
    let negatives = values.iter().map(|value| u64::from(*value < 0.0)).sum();
    let (below, equal) = neighbours(values);
    Some(RealBlock { min, max, above, powers, zeros, negatives, below, equal })
}

/// How many values are below, and how many equal to, the one that follows.
pub fn order<T: PartialOrd + Copy>(values: &[T]) -> (usize, usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the feature the function was compiled for is there.
        return unsafe { order_avx2(values) };
    }
    neighbours(values)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn order_avx2<T: PartialOrd + Copy>(values: &[T]) -> (usize, usize) {
    neighbours(values)
}

#[inline(always)]
fn neighbours<T: PartialOrd + Copy>(values: &[T]) -> (usize, usize) {
    let next = &values[values.len().min(1)..];
    let (mut below, mut equal) = (0_u64, 0_u64);
    for (value, next) in values.iter().zip(next) {
        below += u64::from(*value < *next);
        equal += u64::from(*value == *next);
    }
    (below as usize, equal as usize)
}

/// Sums of the second, third and fourth power of `term` over the values, in eight lanes.
#[inline(always)]
fn powers<T: Copy>(values: &[T], term: impl Fn(T) -> f64) -> [f64; 3] {
    let mut sums = [[0.0; LANES]; 3];
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for lane in 0..LANES {
            let distance = term(eight[lane]);
            let square = distance * distance;
            sums[0][lane] += square;
            sums[1][lane] += square * distance;
            sums[2][lane] += square * square;
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        let distance = term(*value);
        let square = distance * distance;
        sums[0][lane] += square;
        sums[1][lane] += square * distance;
        sums[2][lane] += square * square;
    }
    sums.map(|[a, b, c, d, e, f, g, h]| ((a + e) + (c + g)) + ((b + f) + (d + h)))
}

/// Sum of `term` over the values, in eight lanes.
#[inline(always)]
fn lanes<T: Copy>(values: &[T], term: impl Fn(T) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for lane in 0..LANES {
            sums[lane] += term(eight[lane]);
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        sums[lane] += term(*value);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(values: &[i64]) -> (i128, i128, i128, f64) {
        let wide: Vec<i128> = values.iter().map(|value| i128::from(*value)).collect();
        let sum: i128 = wide.iter().sum();
        let (min, max) = (*wide.iter().min().unwrap(), *wide.iter().max().unwrap());
        let mean = (sum - min * wide.len() as i128) as f64 / wide.len() as f64;
        let m2 = wide.iter().map(|value| ((value - min) as f64 - mean).powi(2)).sum();
        (min, max, sum, m2)
    }

    proptest! {
        #[test]
        fn integers_match_the_obvious_way(values in prop::collection::vec(any::<i64>(), 1..300)) {
            let (ours, plain) = (whole(&values), plain(&values));
            prop_assert_eq!((ours.min, ours.max, ours.sum), (plain.0, plain.1, plain.2));
            prop_assert!((ours.powers[0] - plain.3).abs() <= 1e-12 * plain.3, "{:?} {}", ours, plain.3);
            let count = |of: &dyn Fn(&i64) -> bool| values.iter().filter(|value| of(value)).count() as u64;
            prop_assert_eq!((ours.zeros, ours.negatives), (count(&|value| *value == 0), count(&|value| *value < 0)));
            let pairs = |of: &dyn Fn(&[i64]) -> bool| values.windows(2).filter(|pair| of(pair)).count();
            prop_assert_eq!((ours.below, ours.equal), (pairs(&|pair| pair[0] < pair[1]), pairs(&|pair| pair[0] == pair[1])));
            prop_assert_eq!(order(&values), (ours.below, ours.equal));
            prop_assert_eq!(whole_any(&values), ours);
        }

        #[test]
        fn both_paths_give_the_same_digits(values in prop::collection::vec(-1e300..1e300, 1..300)) {
            // As text, because fourth powers may leave the range and NaN equals nothing.
            prop_assert_eq!(format!("{:?}", real(&values, 1.0)), format!("{:?}", real_any(&values, 1.0)));
        }
    }

    #[test]
    fn unsigned_and_narrow_types_keep_their_sign_and_size() {
        assert_eq!(whole(&[u64::MAX, 1]).sum, i128::from(u64::MAX) + 1);
        assert_eq!(whole(&[i64::MIN, -1, 5]).sum, i128::from(i64::MIN) + 4);
        assert_eq!(whole(&[-128_i8, 127]).sum, -1);
        assert_eq!(
            whole(&[1_700_000_000_000_000_000_i64, 1_700_000_000_000_000_002]).powers,
            [2.0, 0.0, 2.0]
        );
    }

    #[test]
    fn a_sum_out_of_range_still_has_its_mean() {
        assert_eq!(real(&[f64::MAX, f64::MAX], 0.0).unwrap().above, f64::MAX);
        assert_eq!(real(&[1.0, f64::NAN], 0.0), None);
        assert_eq!(real(&[1.0, f64::NEG_INFINITY], 0.0), None);
    }
}
