//! The vectors of AVX-512 and AVX2 for the loops of [`simd_mandelbrot`](super::simd_mandelbrot).

use super::mandelbrot::Batch;
use super::simd_mandelbrot::{Vector, first_steps, pass};
use crate::error::Error;
use std::arch::x86_64::*;

/// Eight lanes of AVX-512. Made only by the functions below that enable avx512f and avx512dq.
#[derive(Clone, Copy)]
struct Wide(__m512d);

/// Four lanes of AVX2. Made only by the functions below that enable avx2 and fma.
#[derive(Clone, Copy)]
struct Half(__m256d);

#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn first_steps_avx512(batch: &mut Batch, counts: &mut [u32]) {
    first_steps::<Wide>(batch, counts);
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn first_steps_avx2(batch: &mut Batch, counts: &mut [u32]) {
    first_steps::<Half>(batch, counts);
}

#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn pass_avx512(
    batch: &mut Batch,
    done: u32,
    steps: u32,
    counts: &mut [u32],
    check: &dyn Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    pass::<Wide>(batch, done, steps, counts, check)
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn pass_avx2(
    batch: &mut Batch,
    done: u32,
    steps: u32,
    counts: &mut [u32],
    check: &dyn Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    pass::<Half>(batch, done, steps, counts, check)
}

// In both impls below:
// SAFETY: a method runs only inlined into a function that enables the features of its vector, and that
// `Kernel::available` has found on this CPU; loads and stores index a slice of LANES elements first.
impl Vector for Wide {
    const LANES: usize = 8;
    type Mask = __mmask8;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_set1_pd(value) })
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_loadu_pd(from[..8].as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        // SAFETY: see above the impl.
        unsafe { _mm512_storeu_pd(to[..8].as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_add_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_sub_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_mul_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn twice_plus(self, other: Self) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_fmadd_pd(self.0, _mm512_set1_pd(2.0), other.0) })
    }
    #[inline(always)]
    fn count(self, mask: Self::Mask) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_mask_add_pd(self.0, mask, self.0, _mm512_set1_pd(1.0)) })
    }
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self::Mask {
        // SAFETY: see above the impl.
        unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, limit.0) }
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        // SAFETY: see above the impl.
        unsafe { _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(self.0, other.0) }
    }
    #[inline(always)]
    fn all() -> Self::Mask {
        0xff
    }
    #[inline(always)]
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask {
        one & other
    }
    #[inline(always)]
    fn bits(mask: Self::Mask) -> u32 {
        u32::from(mask)
    }
    #[inline(always)]
    fn keep(self, bits: u32) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_maskz_mov_pd(bits as __mmask8, self.0) })
    }
    #[inline(always)]
    fn close_up(self, bits: u32) -> Self {
        // SAFETY: see above the impl.
        Self(unsafe { _mm512_maskz_compress_pd(bits as __mmask8, self.0) })
    }
}

impl Vector for Half {
    const LANES: usize = 4;
    type Mask = __m256d;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_set1_pd(value) })
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_loadu_pd(from[..4].as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        // SAFETY: see above the first impl.
        unsafe { _mm256_storeu_pd(to[..4].as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_add_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_sub_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_mul_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn twice_plus(self, other: Self) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_fmadd_pd(self.0, _mm256_set1_pd(2.0), other.0) })
    }
    #[inline(always)]
    fn count(self, mask: Self::Mask) -> Self {
        // SAFETY: see above the first impl.
        Self(unsafe { _mm256_add_pd(self.0, _mm256_and_pd(mask, _mm256_set1_pd(1.0))) })
    }
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self::Mask {
        // SAFETY: see above the first impl.
        unsafe { _mm256_cmp_pd::<_CMP_LE_OQ>(self.0, limit.0) }
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        // SAFETY: see above the first impl.
        unsafe { _mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, other.0) }
    }
    #[inline(always)]
    fn all() -> Self::Mask {
        // SAFETY: see above the first impl.
        unsafe { _mm256_castsi256_pd(_mm256_set1_epi64x(-1)) }
    }
    #[inline(always)]
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask {
        // SAFETY: see above the first impl.
        unsafe { _mm256_and_pd(one, other) }
    }
    #[inline(always)]
    fn bits(mask: Self::Mask) -> u32 {
        // SAFETY: see above the first impl.
        unsafe { _mm256_movemask_pd(mask) as u32 }
    }
    #[inline(always)]
    fn keep(self, bits: u32) -> Self {
        let lane = |i: u32| -i64::from(bits >> i & 1);
        // SAFETY: see above the first impl.
        Self(unsafe {
            let mask = _mm256_set_epi64x(lane(3), lane(2), lane(1), lane(0));
            _mm256_and_pd(self.0, _mm256_castsi256_pd(mask))
        })
    }
    #[inline(always)]
    fn close_up(self, bits: u32) -> Self {
        if bits == 0xf {
            return self;
        }
        let mut lanes = [0.0; 4];
        self.store(&mut lanes);
        Self::load(&lanes.close_up(bits))
    }
}
