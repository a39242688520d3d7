//! The loops that look for extremes and where they are, compiled for each vector unit.

use super::simd_fold::for_each_cpu;
#[cfg(target_arch = "x86_64")]
use super::simd_fold::{Unit, unit};
use super::source::Work;

/// Whether `x` takes the place of `best`: smaller, or with `MAX` larger, and for floats NaN over any
/// number, or with `SKIP` any number over NaN.
#[inline(always)]
pub(super) fn better<T: Work, const MAX: bool, const SKIP: bool>(x: T, best: T) -> bool {
    let beats = if MAX { x > best } else { x < best };
    if SKIP { beats | best.is_nan() } else { beats | x.is_nan() }
}

for_each_cpu! {
    /// The smallest value, or with `MAX` the largest, of `values` and `first`.
    extreme<T: Work; const MAX: bool; const SKIP: bool>(values: &[T], first: T) -> T {
        if !T::FLOAT {
            // A plain minimum, which compilers know; what follows is for NaN, which they do not.
            return values.iter().fold(first, |best, x| if better::<T, MAX, SKIP>(*x, best) { *x } else { best });
        }
        if size_of::<T>() == 8 {
            extreme_float::<T, 32, MAX, SKIP>(values, first)
        } else {
            extreme_float::<T, 64, MAX, SKIP>(values, first)
        }
    }
}

/// As [`extreme`], in `N` lanes: enough vectors in flight to hide that each waits for the one before.
#[inline(always)]
fn extreme_float<T: Work, const N: usize, const MAX: bool, const SKIP: bool>(values: &[T], first: T) -> T {
    let mut best = [first; N];
    let (chunks, rest) = values.as_chunks::<N>();
    for chunk in chunks {
        for i in 0..N {
            best[i] = if better::<T, MAX, SKIP>(chunk[i], best[i]) { chunk[i] } else { best[i] };
        }
    }
    for (best, x) in best.iter_mut().zip(rest) {
        *best = if better::<T, MAX, SKIP>(*x, *best) { *x } else { *best };
    }
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            best[i] = if better::<T, MAX, SKIP>(best[i + half], best[i]) { best[i + half] } else { best[i] };
        }
        half /= 2;
    }
    best[0]
}

for_each_cpu! {
    /// Where `value`, or a NaN if it is one, is first met.
    find<T: Work>(values: &[T], value: T) -> Option<usize> {
        if value.is_nan() {
            return values.iter().position(|x| x.is_nan());
        }
        // Whole chunks are compared in vectors; a search that may stop at each value is not.
        let hit = |chunk: &[T; 32]| chunk.iter().fold(false, |hit, x| hit | (*x == value));
        let before = 32 * values.as_chunks().0.iter().take_while(|chunk| !hit(chunk)).count();
        values[before..].iter().position(|x| *x == value).map(|at| before + at)
    }
}

for_each_cpu! {
    /// Takes each value of `row` into `best[i]`.
    extreme_row<T: Work; const MAX: bool; const SKIP: bool>(row: &[T], best: &mut [T]) {
        for (best, x) in best.iter_mut().zip(row) {
            *best = if better::<T, MAX, SKIP>(*x, *best) { *x } else { *best };
        }
    }
}

for_each_cpu! {
    /// Takes each value of `row` into `best[i]` and its number `index` into `at[i]`.
    arg_row<T: Work; const MAX: bool; const SKIP: bool>(row: &[T], index: i64, best: &mut [T], at: &mut [i64]) {
        for ((best, at), x) in best.iter_mut().zip(at).zip(row) {
            // A NaN stays where it is first met.
            let take = better::<T, MAX, SKIP>(*x, *best) & (SKIP | !best.is_nan()) & !(SKIP & x.is_nan());
            *best = if take { *x } else { *best };
            *at = if take { index } else { *at };
        }
    }
}
