//! The loops that fold slices, written so that compilers vectorise them, and compiled for each vector unit.

use super::source::Work;

/// Defines a function that runs its body as compiled for the best vector unit of this CPU.
///
/// Every variant does the same float operations in the same order, so the results are the same.
macro_rules! for_each_cpu {
    ($(#[$doc:meta])* $name:ident <$($generic:ident: $bound:path),* $(; const $flag:ident: bool)*>
        ($($arg:ident: $type:ty),*) $(-> $ret:ty)? $body:block) => {
        $(#[$doc])*
        pub(super) fn $name<$($generic: $bound,)* $(const $flag: bool),*>($($arg: $type),*) $(-> $ret)? {
            #[inline(always)]
            fn body<$($generic: $bound,)* $(const $flag: bool),*>($($arg: $type),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512<$($generic: $bound,)* $(const $flag: bool),*>($($arg: $type),*) $(-> $ret)? {
                    body::<$($generic,)* $($flag),*>($($arg),*)
                }
                #[target_feature(enable = "avx2")]
                fn avx2<$($generic: $bound,)* $(const $flag: bool),*>($($arg: $type),*) $(-> $ret)? {
                    body::<$($generic,)* $($flag),*>($($arg),*)
                }
                match unit() {
                    // SAFETY: unit() found the features on this CPU.
                    Unit::Avx512 => return unsafe { avx512::<$($generic,)* $($flag),*>($($arg),*) },
                    // SAFETY: as above.
                    Unit::Avx2 => return unsafe { avx2::<$($generic,)* $($flag),*>($($arg),*) },
                    Unit::Baseline => {}
                }
            }
            body::<$($generic,)* $($flag),*>($($arg),*)
        }
    };
}

pub(super) use for_each_cpu;

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Avx512,
    Avx2,
    Baseline,
}

#[cfg(target_arch = "x86_64")]
pub(super) fn unit() -> Unit {
    use std::arch::is_x86_feature_detected as has;
    if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        Unit::Avx512
    } else if has!("avx2") {
        Unit::Avx2
    } else {
        Unit::Baseline
    }
}

/// An integer type and how to add many of it without losing a carry.
pub(super) trait Integer: Work {
    /// The exact sum of at most 2^32 values.
    fn total(values: &[Self]) -> i128;

    /// Adds each value to `low[i] + 2^32 * high[i]`, which are good for 2^30 rows.
    fn add_to(row: &[Self], low: &mut [i64], high: &mut [i64]);
}

macro_rules! integer_by_parts {
    // Partial sums of `$part`, which holds 2^$bits values, as narrow as that allows: more fit a vector.
    ($($type:ty, $part:ty, $bits:literal;)*) => { $(
        impl Integer for $type {
            #[inline(always)]
            fn total(values: &[Self]) -> i128 {
                let parts = values.chunks(1 << $bits);
                parts.map(|part| i128::from(part.iter().map(|x| <$part>::from(*x)).sum::<$part>())).sum()
            }

            #[inline(always)]
            fn add_to(row: &[Self], low: &mut [i64], _: &mut [i64]) {
                low.iter_mut().zip(row).for_each(|(sum, x)| *sum += i64::from(*x));
            }
        }
    )* };
}
integer_by_parts! {
    i8, i32, 23;
    u8, u32, 24;
    i16, i32, 15;
    u16, u32, 16;
    i32, i64, 31;
    u32, u64, 32;
}

impl Integer for i64 {
    #[inline(always)]
    fn total(values: &[Self]) -> i128 {
        let low: u64 = values.iter().map(|x| *x as u64 & 0xffff_ffff).sum();
        // Shifted as unsigned, which every vector unit can, and put right afterwards.
        let high: u64 = values.iter().map(|x| (*x as u64 ^ 1 << 63) >> 32).sum();
        (i128::from(high) << 32) + i128::from(low) - ((values.len() as i128) << 63)
    }

    #[inline(always)]
    fn add_to(row: &[Self], low: &mut [i64], high: &mut [i64]) {
        for ((low, high), x) in low.iter_mut().zip(high).zip(row) {
            *low += *x & 0xffff_ffff;
            *high += *x >> 32;
        }
    }
}

impl Integer for u64 {
    #[inline(always)]
    fn total(values: &[Self]) -> i128 {
        let low: u64 = values.iter().map(|x| *x & 0xffff_ffff).sum();
        let high: u64 = values.iter().map(|x| *x >> 32).sum();
        (i128::from(high) << 32) + i128::from(low)
    }

    #[inline(always)]
    fn add_to(row: &[Self], low: &mut [i64], high: &mut [i64]) {
        for ((low, high), x) in low.iter_mut().zip(high).zip(row) {
            *low += (*x & 0xffff_ffff) as i64;
            *high += (*x >> 32) as i64;
        }
    }
}

for_each_cpu! {
    /// The exact sum of at most 2^32 integers.
    total<T: Integer>(values: &[T]) -> i128 {
        T::total(values)
    }
}

for_each_cpu! {
    /// [`Integer::add_to`].
    add_row<T: Integer>(row: &[T], low: &mut [i64], high: &mut [i64]) {
        T::add_to(row, low, high);
    }
}

/// A sum and the error made so far: `sum + error` has about twice the digits of a float64.
///
/// Where an infinity or a NaN came by, `sum` is what plain addition gives and `error` is NaN.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exactly {
    pub(super) sum: f64,
    pub(super) error: f64,
}

impl Exactly {
    /// Adds `x` and keeps what rounding drops (TwoSum: Knuth, TAOCP vol. 2, 4.2.2, theorem B).
    #[inline(always)]
    pub(super) fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.error += (self.sum - (sum - part)) + (x - part);
        self.sum = sum;
    }

    #[inline(always)]
    pub(super) fn merge(&mut self, other: Self) {
        self.add(other.sum);
        self.error += other.error;
    }

    pub(super) fn value(self) -> f64 {
        let value = self.sum + self.error;
        if value.is_nan() { self.sum } else { value }
    }
}

/// Values taken at once. With fewer, compilers unroll the loop before they look for vectors, and find none.
const LANES: usize = 32;

/// The value and whether it counts.
#[inline(always)]
fn counted<T: Work, const SKIP: bool>(x: T) -> (f64, f64) {
    let value = x.to_f64();
    if SKIP && value.is_nan() { (0.0, 0.0) } else { (value, 1.0) }
}

for_each_cpu! {
    /// The sum of floats, and how many were summed: with `SKIP` those that are not NaN.
    ///
    /// float32 is added in float64, float64 with its rounding errors kept.
    float_sum<T: Work; const SKIP: bool>(values: &[T]) -> (Exactly, u64) {
        // Putting many lanes together takes longer than a short slice has values for.
        if values.len() < 4 * LANES {
            float_sum_in::<T, 8, SKIP>(values)
        } else {
            float_sum_in::<T, LANES, SKIP>(values)
        }
    }
}

/// As [`float_sum`], in `N` lanes.
#[inline(always)]
fn float_sum_in<T: Work, const N: usize, const SKIP: bool>(values: &[T]) -> (Exactly, u64) {
    let (mut sum, mut error, mut count) = ([0.0; N], [0.0; N], [0.0; N]);
    let (chunks, rest) = values.as_chunks::<N>();
    for chunk in chunks {
        for i in 0..N {
            let (x, one) = counted::<T, SKIP>(chunk[i]);
            let after = sum[i] + x;
            if size_of::<T>() == 8 {
                let part = after - sum[i];
                error[i] += (sum[i] - (after - part)) + (x - part);
            }
            if SKIP {
                count[i] += one;
            }
            sum[i] = after;
        }
    }
    // Each in a lane of its own: one after the other would wait for the one before.
    for (i, x) in rest.iter().enumerate() {
        let (x, one) = counted::<T, SKIP>(*x);
        let mut lane = Exactly { sum: sum[i], error: error[i] };
        lane.add(x);
        (sum[i], error[i]) = (lane.sum, lane.error);
        if SKIP {
            count[i] += one;
        }
    }
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            let mut lane = Exactly { sum: sum[i], error: error[i] };
            lane.merge(Exactly { sum: sum[i + half], error: error[i + half] });
            (sum[i], error[i]) = (lane.sum, lane.error);
        }
        half /= 2;
    }
    let total = Exactly { sum: sum[0], error: error[0] };
    let counted_in_all = if SKIP { count.iter().sum::<f64>() as u64 } else { values.len() as u64 };
    (total, counted_in_all)
}

for_each_cpu! {
    /// Adds each float of `row` to `sum[i] + error[i]`, and with `SKIP` counts those that are not NaN.
    add_float_row<T: Work; const SKIP: bool>(row: &[T], sum: &mut [f64], error: &mut [f64], count: &mut [f64]) {
        let n = row.len();
        let (sum, error, count) = (&mut sum[..n], &mut error[..n], &mut count[..if SKIP { n } else { 0 }]);
        for i in 0..n {
            let (x, one) = counted::<T, SKIP>(row[i]);
            let before = sum[i];
            sum[i] += x;
            if size_of::<T>() == 8 {
                let part = sum[i] - before;
                error[i] += (before - (sum[i] - part)) + (x - part);
            }
            if SKIP {
                count[i] += one;
            }
        }
    }
}

for_each_cpu! {
    /// Count, mean in two parts and sum of squared deviations of at most some thousand values, read twice.
    ///
    /// The second part of the mean is what rounding took from the first.
    moments<T: Work; const SKIP: bool>(values: &[T]) -> (u64, f64, f64, f64) {
        let (mut sum, mut count) = ([0.0; LANES], [0.0; LANES]);
        let (chunks, rest) = values.as_chunks::<LANES>();
        for chunk in chunks {
            for i in 0..LANES {
                let (x, one) = counted::<T, SKIP>(chunk[i]);
                sum[i] += x;
                count[i] += one;
            }
        }
        for (i, x) in rest.iter().enumerate() {
            let (x, one) = counted::<T, SKIP>(*x);
            sum[i] += x;
            count[i] += one;
        }
        let n = if SKIP { count.iter().sum::<f64>() as u64 } else { values.len() as u64 };
        if n == 0 {
            return (0, 0.0, 0.0, 0.0);
        }
        let mean = sum.iter().sum::<f64>() / n as f64;
        let (mut squares, mut off) = ([0.0; LANES], [0.0; LANES]);
        let (chunks, rest) = values.as_chunks::<LANES>();
        for chunk in chunks {
            for i in 0..LANES {
                let d = deviation::<T, SKIP>(chunk[i], mean);
                squares[i] += d * d;
                off[i] += d;
            }
        }
        for (i, x) in rest.iter().enumerate() {
            let d = deviation::<T, SKIP>(*x, mean);
            squares[i] += d * d;
            off[i] += d;
        }
        let off = off.iter().sum::<f64>() / n as f64;
        (n, mean, off, squares.iter().sum::<f64>() - off * off * n as f64)
    }
}

#[inline(always)]
fn deviation<T: Work, const SKIP: bool>(x: T, mean: f64) -> f64 {
    let x = x.to_f64();
    if SKIP && x.is_nan() { 0.0 } else { x - mean }
}

/// Moments of outputs side by side: the mean is `mean[i] + off[i]`.
pub(super) struct MomentRows<'r> {
    pub(super) mean: &'r mut [f64],
    pub(super) off: &'r mut [f64],
    pub(super) m2: &'r mut [f64],
    /// With `SKIP`, how many values each has.
    pub(super) count: &'r mut [f64],
}

for_each_cpu! {
    /// Takes each value of `row` into the moments of its output (Welford 1962).
    ///
    /// A mean of one float64 would lose the digits by which values far from zero differ. Without `SKIP`
    /// the value is the `n`-th of each output.
    moments_row<T: Work; const SKIP: bool>(row: &[T], n: u64, to: MomentRows<'_>) {
        let len = row.len();
        let (mean, off, m2) = (&mut to.mean[..len], &mut to.off[..len], &mut to.m2[..len]);
        let count = &mut to.count[..if SKIP { len } else { 0 }];
        let share = 1.0 / n as f64;
        for i in 0..len {
            let x = row[i].to_f64();
            let absent = SKIP && x.is_nan();
            let d = if absent { 0.0 } else { (x - mean[i]) - off[i] };
            let step = if SKIP {
                count[i] += if absent { 0.0 } else { 1.0 };
                d / if count[i] == 0.0 { 1.0 } else { count[i] }
            } else {
                d * share
            };
            let sum = mean[i] + step;
            let part = sum - mean[i];
            off[i] += (mean[i] - (sum - part)) + (step - part);
            mean[i] = sum;
            m2[i] += d * (d - step);
        }
    }
}
