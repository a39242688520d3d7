//! The inner loops of [`mandelbrot`](super::mandelbrot), one body for every vector width.
//!
//! The only operation a vector unit could round differently is a fused multiply-add. It is used for
//! `2 * xy + ci` alone, where doubling is exact and so both forms round once, at the same place.

use super::mandelbrot::Batch;
#[cfg(target_arch = "x86_64")]
use super::simd_mandelbrot_x86 as x86;
use crate::error::Error;

/// Vectors in flight: one step is a chain of about 8 cycles whose seven operations issue in 2.
const FLIGHT: usize = 4;

/// Steps taken one by one, before points are closed up; most points of a picture escape in them.
const FIRST: u32 = 16;

/// The end of a block looks for `|z|^2` above this, a little below 4, and then counts step by step.
///
/// It cannot miss an escape. A point in a pass has `|c| <= 2`, for z_1 = c was tested. Once the float test
/// finds `|z| > 2`, the true |z| is at least `2 - d` with d < 1e-15, the next at least `(2 - d)^2 - 2 - e`
/// with a rounding error e < 5e-15, so d grows at most to 4d + e a step and stays below 1e-5 over the
/// 16 steps of a block; 2 - d is lowest, as larger |z| only grow faster. sqrt(3.99) is 2 - 2.5e-3.
const SUSPECT: f64 = 3.99;

/// Which vector unit to use; the counts are the same with each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Kernel {
    /// A batch is padded to this many points: the flight of the widest kernel.
    pub(super) const GROUP: usize = 8 * FLIGHT;

    /// A pass is a multiple of this many steps.
    pub(super) const BLOCK: u32 = 16;

    pub(super) fn detect() -> Self {
        *Self::available().first().unwrap_or(&Self::Portable)
    }

    /// Every kernel this CPU can run, the fastest first.
    pub(super) fn available() -> Vec<Self> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512dq")
            {
                kernels.push(Self::Avx512);
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                kernels.push(Self::Avx2);
            }
        }
        kernels.push(Self::Portable);
        kernels
    }

    /// Takes the first steps of every point, writes the counts so far to `counts`, keeps the points that
    /// have not escaped, and returns how many steps those have behind them.
    pub(super) fn first_steps(self, batch: &mut Batch, counts: &mut [u32]) -> u32 {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` found the features this kernel is compiled for.
            Self::Avx512 => unsafe { x86::first_steps_avx512(batch, counts) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Avx2 => unsafe { x86::first_steps_avx2(batch, counts) },
            Self::Portable => first_steps::<[f64; 4]>(batch, counts),
        }
        FIRST
    }

    /// Takes `steps` more steps, a multiple of [`Kernel::BLOCK`], after the `done` every point of `batch`
    /// has behind it. Writes the counts of the points that escape, `u32::MAX` for those found cycling, and
    /// keeps the rest. `check` is called before each group.
    pub(super) fn pass(
        self,
        batch: &mut Batch,
        done: u32,
        steps: u32,
        counts: &mut [u32],
        check: &dyn Fn() -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` found the features this kernel is compiled for.
            Self::Avx512 => unsafe { x86::pass_avx512(batch, done, steps, counts, check) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Avx2 => unsafe { x86::pass_avx2(batch, done, steps, counts, check) },
            Self::Portable => pass::<[f64; 4]>(batch, done, steps, counts, check),
        }
    }
}

/// A vector of float64. Every method inlines, so a caller compiled for a feature runs it with that feature.
pub(super) trait Vector: Copy {
    const LANES: usize;
    /// One flag a lane.
    type Mask: Copy;

    fn splat(value: f64) -> Self;
    fn load(from: &[f64]) -> Self;
    fn store(self, to: &mut [f64]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `2 * self + other`, rounded once.
    fn twice_plus(self, other: Self) -> Self;
    /// Adds one in the lanes of `mask`.
    fn count(self, mask: Self::Mask) -> Self;
    fn at_most(self, limit: Self) -> Self::Mask;
    fn equals(self, other: Self) -> Self::Mask;
    fn all() -> Self::Mask;
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask;
    /// Bit i is the flag of lane i.
    fn bits(mask: Self::Mask) -> u32;
    /// Zero in the lanes whose bit is clear.
    fn keep(self, bits: u32) -> Self;
    /// The lanes whose bit is set, moved to the front; the rest is unspecified.
    fn close_up(self, bits: u32) -> Self;
}

#[inline(always)]
fn step<V: Vector>(x: V, y: V, cr: V, ci: V) -> (V, V) {
    (x.mul(x).sub(y.mul(y)).add(cr), x.mul(y).twice_plus(ci))
}

#[inline(always)]
fn norm<V: Vector>(x: V, y: V) -> V {
    x.mul(x).add(y.mul(y))
}

/// The lanes of vector `place / LANES` that hold points of a batch of `len`.
#[inline(always)]
fn occupied<V: Vector>(place: usize, len: usize) -> u32 {
    ((1_u64 << len.saturating_sub(place).min(V::LANES)) - 1) as u32
}

/// Writes one vector of the batch's points, those of `bits` first, and returns how many they are.
///
/// A whole vector is written: the places after the last survivor were read before.
#[inline(always)]
fn keep_points<V: Vector>(batch: &mut Batch, to: usize, bits: u32, state: [V; 5]) -> usize {
    let [x, y, cr, ci, point] = state;
    let end = to + V::LANES;
    x.close_up(bits).store(&mut batch.x[to..end]);
    y.close_up(bits).store(&mut batch.y[to..end]);
    cr.close_up(bits).store(&mut batch.cr[to..end]);
    ci.close_up(bits).store(&mut batch.ci[to..end]);
    point.close_up(bits).store(&mut batch.point[to..end]);
    bits.count_ones() as usize
}

#[inline(always)]
pub(super) fn first_steps<V: Vector>(batch: &mut Batch, counts: &mut [u32]) {
    let len = batch.len;
    let mut kept = 0;
    for group in (0..len).step_by(FLIGHT * V::LANES) {
        let place = |v: usize| group + v * V::LANES;
        let four = V::splat(4.0);
        let mut cr = [V::splat(0.0); FLIGHT];
        let mut ci = cr;
        for v in 0..FLIGHT {
            cr[v] = V::load(&batch.cr[place(v)..place(v) + V::LANES]);
            ci[v] = V::load(&batch.ci[place(v)..place(v) + V::LANES]);
        }
        let (mut x, mut y) = (cr, ci); // z_1, and so every count starts at 1
        let mut count = [V::splat(1.0); FLIGHT];
        let mut live = [V::all(); FLIGHT];
        for n in 1..=FIRST {
            for v in 0..FLIGHT {
                live[v] = V::and(live[v], norm(x[v], y[v]).at_most(four));
            }
            if n == FIRST || (n % 4 == 0 && live.iter().all(|live| V::bits(*live) == 0)) {
                break;
            }
            for v in 0..FLIGHT {
                count[v] = count[v].count(live[v]);
                (x[v], y[v]) = step(x[v], y[v], cr[v], ci[v]);
            }
        }
        for v in 0..FLIGHT {
            if place(v) >= len {
                break;
            }
            let mut lanes = [0.0; 8];
            count[v].store(&mut lanes);
            let end = len.min(place(v) + V::LANES);
            for (to, from) in counts[place(v)..end].iter_mut().zip(lanes) {
                *to = from as u32;
            }
            let bits = V::bits(live[v]) & occupied::<V>(place(v), len);
            if bits != 0 {
                let point = V::load(&batch.point[place(v)..place(v) + V::LANES]);
                kept += keep_points(batch, kept, bits, [x[v], y[v], cr[v], ci[v], point]);
            }
        }
    }
    batch.len = kept;
}

#[inline(always)]
pub(super) fn pass<V: Vector>(
    batch: &mut Batch,
    done: u32,
    steps: u32,
    counts: &mut [u32],
    check: &dyn Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    let len = batch.len;
    let mut kept = 0;
    for group in (0..len).step_by(FLIGHT * V::LANES) {
        check()?;
        let place = |v: usize| group + v * V::LANES;
        let suspect = V::splat(SUSPECT);
        let mut x = [V::splat(0.0); FLIGHT];
        let (mut y, mut cr, mut ci, mut point) = (x, x, x, x);
        let mut live = [0; FLIGHT];
        for v in 0..FLIGHT {
            let lanes = place(v)..place(v) + V::LANES;
            live[v] = occupied::<V>(place(v), len);
            // Empty lanes rest at z = c = 0, which raises no suspicion; so will those that leave.
            x[v] = V::load(&batch.x[lanes.clone()]).keep(live[v]);
            y[v] = V::load(&batch.y[lanes.clone()]).keep(live[v]);
            cr[v] = V::load(&batch.cr[lanes.clone()]).keep(live[v]);
            ci[v] = V::load(&batch.ci[lanes.clone()]).keep(live[v]);
            point[v] = V::load(&batch.point[lanes]);
        }
        let (start_x, start_y) = (x, y);
        let mut n = done;
        let end = done.saturating_add(steps);
        while n < end {
            let (before_x, before_y) = (x, y);
            for _ in 0..Kernel::BLOCK {
                for v in 0..FLIGHT {
                    (x[v], y[v]) = step(x[v], y[v], cr[v], ci[v]);
                }
            }
            let mut calm = V::all();
            let mut back = 0;
            for v in 0..FLIGHT {
                calm = V::and(calm, norm(x[v], y[v]).at_most(suspect));
                let same = V::and(x[v].equals(start_x[v]), y[v].equals(start_y[v]));
                back |= V::bits(same) & live[v];
            }
            if V::bits(calm) != V::bits(V::all()) || back != 0 {
                for v in 0..FLIGHT {
                    let same = V::and(x[v].equals(start_x[v]), y[v].equals(start_y[v]));
                    let count_of = |lane: usize| batch.point[place(v) + lane] as usize;
                    let left = recount(before_x[v], before_y[v], cr[v], ci[v], n, live[v], |lane, n| {
                        counts[count_of(lane)] = n;
                    });
                    let cycling = V::bits(same) & left;
                    let left = left & !cycling;
                    (0..V::LANES).filter(|lane| cycling >> lane & 1 == 1).for_each(|lane| {
                        counts[count_of(lane)] = u32::MAX;
                    });
                    live[v] = left;
                    (x[v], y[v]) = (x[v].keep(left), y[v].keep(left));
                    (cr[v], ci[v]) = (cr[v].keep(left), ci[v].keep(left));
                }
                if live.iter().all(|live| *live == 0) {
                    break;
                }
            }
            n = n.saturating_add(Kernel::BLOCK);
        }
        for v in 0..FLIGHT {
            if live[v] != 0 {
                kept += keep_points(batch, kept, live[v], [x[v], y[v], cr[v], ci[v], point[v]]);
            }
        }
    }
    batch.len = kept;
    Ok(())
}

/// Takes a block again, step by step, reports the lanes of `live` that escape, and returns the others.
#[inline(always)]
fn recount<V: Vector>(
    mut x: V,
    mut y: V,
    cr: V,
    ci: V,
    done: u32,
    mut live: u32,
    mut escaped: impl FnMut(usize, u32),
) -> u32 {
    let four = V::splat(4.0);
    for k in 1..=Kernel::BLOCK {
        (x, y) = step(x, y, cr, ci);
        let mut gone = live & !V::bits(norm(x, y).at_most(four));
        live &= !gone;
        while gone != 0 {
            escaped(gone.trailing_zeros() as usize, done.saturating_add(k));
            gone &= gone - 1;
        }
    }
    live
}

impl Vector for [f64; 4] {
    const LANES: usize = 4;
    type Mask = [bool; 4];

    #[inline(always)]
    fn splat(value: f64) -> Self {
        [value; 4]
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        [from[0], from[1], from[2], from[3]]
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[..4].copy_from_slice(&self);
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] + other[i])
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] - other[i])
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] * other[i])
    }
    #[inline(always)]
    fn twice_plus(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] + self[i] + other[i])
    }
    #[inline(always)]
    fn count(self, mask: Self::Mask) -> Self {
        std::array::from_fn(|i| self[i] + f64::from(u8::from(mask[i])))
    }
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self::Mask {
        std::array::from_fn(|i| self[i] <= limit[i])
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        std::array::from_fn(|i| self[i] == other[i])
    }
    #[inline(always)]
    fn all() -> Self::Mask {
        [true; 4]
    }
    #[inline(always)]
    fn and(one: Self::Mask, other: Self::Mask) -> Self::Mask {
        std::array::from_fn(|i| one[i] & other[i])
    }
    #[inline(always)]
    fn bits(mask: Self::Mask) -> u32 {
        (0..4).map(|i| u32::from(mask[i]) << i).sum()
    }
    #[inline(always)]
    fn keep(self, bits: u32) -> Self {
        std::array::from_fn(|i| if bits >> i & 1 == 1 { self[i] } else { 0.0 })
    }
    #[inline(always)]
    fn close_up(self, bits: u32) -> Self {
        let mut front = self;
        let mut next = 0;
        for (i, value) in self.into_iter().enumerate() {
            front[next & 3] = value;
            next += (bits >> i & 1) as usize;
        }
        front
    }
}
