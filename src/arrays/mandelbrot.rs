//! Escape times of the Mandelbrot set, exactly as a plain float64 loop counts them.
#![forbid(unsafe_code)]

use super::simd_mandelbrot::Kernel;
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};

/// Points a worker keeps in flight: five float64 each, 80 KiB, which a core's L2 cache holds and which stays
/// below the 128 KiB at which glibc gives freed memory back, to fault it in again for the next batch.
const BATCH: usize = 2048;

/// Point-iterations below which a second thread starts too late to help: about 100 us of work.
const SEQUENTIAL_BELOW: u64 = 1 << 20;

/// Steps of one pass over a batch once passes have stopped doubling; bounds the time between two pulses
/// (65536 steps of one group: under 1 ms), and the cycle length that is recognised.
const LONGEST_PASS: u32 = 1 << 16;

/// The rectangle of the complex plane that an image shows; both ends of each side belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Real part of column 0.
    pub x_min: f64,
    /// Real part of the last column.
    pub x_max: f64,
    /// Imaginary part of row 0.
    pub y_min: f64,
    /// Imaginary part of the last row.
    pub y_max: f64,
}

impl Default for Region {
    /// The whole set: -2..0.6 by -1.5..1.5.
    fn default() -> Self {
        Self { x_min: -2.0, x_max: 0.6, y_min: -1.5, y_max: 1.5 }
    }
}

/// Writes the escape time of every point of a `height` by `width` grid over `region` to `out`, row by row.
///
/// Column `j` has the real part `x_min + j * step` with `step = (x_max - x_min) / (width - 1)`, and the
/// last column is exactly `x_max`; rows likewise (so the coordinates are those of `numpy.linspace`). With
/// `c = cr + ci*i` and `z` starting at 0, the count of a point is what this loop, in float64 with every
/// operation rounded once, leaves in `n`:
///
/// ```text
/// n = 0
/// while n < iterations and not x*x + y*y > 4:
///     x, y = x*x - y*y + cr, 2*x*y + ci
///     n = n + 1
/// ```
///
/// The vector kernels skip work only where the loop provably gives the same count: a point whose `z` has
/// come back to the very same bits cycles for ever, so it is given `iterations` at once. The result does
/// not depend on the CPU or the number of threads. Memory: 80 KiB a thread and 8 bytes a row and column.
///
/// # Errors
/// [`Error::Invalid`] when the region is not finite, or `out` does not hold `width * height` elements;
/// [`Error::Cancelled`] when the progress, counted in points, said stop: `out` is then partly written.
pub fn mandelbrot(
    width: usize,
    height: usize,
    iterations: u32,
    region: Region,
    out: &mut [u32],
    progress: &Progress<'_>,
) -> Result<(), Error> {
    if width.checked_mul(height) != Some(out.len()) {
        return Err(Error::Invalid(format!(
            "out must hold width * height = {width} * {height} elements, got {}",
            out.len()
        )));
    }
    let columns = linspace("x", region.x_min, region.x_max, width)?;
    let rows = linspace("y", region.y_min, region.y_max, height)?;
    progress.set_total(out.len() as u64);
    let work = (out.len() as u64).saturating_mul(u64::from(iterations));
    let share = match work < SEQUENTIAL_BELOW {
        true => BATCH,
        // Small images get smaller batches, so that every thread has several to balance with.
        false => (out.len() / (16 * exec::threads()?)).clamp(64, BATCH),
    };
    let kernel = Kernel::detect();
    let one = |first: usize, counts: &mut [u32], pulse: &Pulse<'_>| {
        let mut batch = Batch::new(counts.len())?;
        fill(&mut batch, &columns, &rows, first, counts.len());
        escape_times(kernel, &mut batch, iterations, counts, pulse)?;
        pulse.add(counts.len() as u64)
    };
    if work < SEQUENTIAL_BELOW {
        let pulse = progress.pulse();
        out.chunks_mut(share).enumerate().try_for_each(|(part, counts)| one(part * share, counts, &pulse))?;
    } else {
        let parts = out.chunks_mut(share).enumerate();
        exec::map(parts, progress, |(part, counts), pulse| one(part * share, counts, pulse))?;
    }
    progress.finish()
}

/// `count` numbers from `first` to `last`, both included, rounded as `numpy.linspace` rounds them.
fn linspace(axis: &str, first: f64, last: f64, count: usize) -> Result<Vec<f64>, Error> {
    let span = last - first;
    if !(first.is_finite() && last.is_finite() && span.is_finite()) {
        return Err(Error::Invalid(format!("region must be finite, got {axis} from {first} to {last}")));
    }
    let mut points = Vec::new();
    points.try_reserve_exact(count)?;
    let step = if count > 1 { span / (count - 1) as f64 } else { 0.0 };
    // NumPy's own branch: where the step underflows it divides last.
    let at = |i: f64| if step == 0.0 && count > 1 { i / (count - 1) as f64 * span } else { i * step };
    points.extend((0..count).map(|i| at(i as f64) + first));
    if count > 1 {
        points[count - 1] = last;
    }
    Ok(points)
}

/// Points in flight: `z`, `c` and where the count goes, one array each, padded to whole groups of vectors.
///
/// Places past `len` hold zeros at first and stale points later; kernels read them and ignore them.
pub(super) struct Batch {
    pub(super) len: usize,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) cr: Vec<f64>,
    pub(super) ci: Vec<f64>,
    /// Index into the counts; a float, so that vectors move it as they move the rest.
    pub(super) point: Vec<f64>,
}

impl Batch {
    fn new(most: usize) -> Result<Self, Error> {
        let zeros = || -> Result<Vec<f64>, Error> {
            let mut zeros = Vec::new();
            let padded = most.next_multiple_of(Kernel::GROUP);
            zeros.try_reserve_exact(padded)?;
            zeros.resize(padded, 0.0);
            Ok(zeros)
        };
        Ok(Self { len: 0, x: zeros()?, y: zeros()?, cr: zeros()?, ci: zeros()?, point: zeros()? })
    }

    fn push(&mut self, columns: &[f64], row: f64) {
        let places = self.len..self.len + columns.len();
        self.cr[places.clone()].copy_from_slice(columns);
        self.ci[places.clone()].fill(row);
        places.clone().zip(&mut self.point[places.clone()]).for_each(|(place, point)| *point = place as f64);
        self.len = places.end;
    }

    fn points(&self) -> impl Iterator<Item = usize> {
        self.point[..self.len].iter().map(|point| *point as usize)
    }
}

/// Puts the points `first..first + count`, numbered row by row, into the batch.
fn fill(batch: &mut Batch, columns: &[f64], rows: &[f64], first: usize, count: usize) {
    let (mut row, mut column) = (first / columns.len(), first % columns.len());
    let mut left = count;
    while left > 0 {
        let run = left.min(columns.len() - column);
        batch.push(&columns[column..column + run], rows[row]);
        (row, column, left) = (row + 1, 0, left - run);
    }
}

/// Runs the points of `batch` to `iterations` and writes their counts.
///
/// The first steps go by point order, because most points of a picture escape there. Those left are
/// closed up and run in passes that double, and after each the live ones are closed up again: every
/// vector stays full however unevenly neighbours escape, and the start of each pass is the reference
/// that finds cycles, as in Brent's algorithm (1980).
fn escape_times(
    kernel: Kernel,
    batch: &mut Batch,
    iterations: u32,
    counts: &mut [u32],
    pulse: &Pulse<'_>,
) -> Result<(), Error> {
    let mut done = kernel.first_steps(batch, counts);
    while done < iterations && batch.len > 0 {
        let steps = done.min(LONGEST_PASS).min((iterations - done).next_multiple_of(Kernel::BLOCK));
        kernel.pass(batch, done, steps, counts, &|| pulse.check())?;
        done = done.saturating_add(steps);
    }
    // Those in the batch never escaped, those found cycling were given u32::MAX, and a block may run past
    // the limit: all are cut here.
    batch.points().for_each(|point| counts[point] = iterations);
    counts.iter_mut().for_each(|count| *count = (*count).min(iterations));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(cr: f64, ci: f64, iterations: u32) -> u32 {
        let (mut x, mut y, mut n) = (0.0_f64, 0.0_f64, 0);
        #[allow(clippy::neg_cmp_op_on_partial_ord, reason = "the definition: a NaN does not escape")]
        while n < iterations && !(x * x + y * y > 4.0) {
            (x, y) = (x * x - y * y + cr, 2.0 * x * y + ci);
            n += 1;
        }
        n
    }

    fn expected(width: usize, height: usize, iterations: u32, region: Region) -> Vec<u32> {
        let columns = linspace("x", region.x_min, region.x_max, width).unwrap();
        let rows = linspace("y", region.y_min, region.y_max, height).unwrap();
        rows.iter().flat_map(|y| columns.iter().map(|x| plain(*x, *y, iterations))).collect()
    }

    fn image(width: usize, height: usize, iterations: u32, region: Region) -> Vec<u32> {
        let mut out = vec![77; width * height];
        mandelbrot(width, height, iterations, region, &mut out, &Progress::silent()).unwrap();
        out
    }

    #[test]
    fn counts_equal_the_plain_loop() {
        let region = Region::default();
        for (width, height, iterations) in
            [(1, 1, 5), (7, 3, 1), (3, 200, 40), (129, 65, 200), (61, 33, 3000), (64, 64, 0), (40, 40, 15)]
        {
            assert_eq!(
                image(width, height, iterations, region),
                expected(width, height, iterations, region),
                "{width} x {height}, {iterations} iterations"
            );
        }
    }

    #[test]
    fn every_kernel_of_this_machine_counts_the_same() {
        let region = Region { x_min: -0.7463, x_max: -0.7413, y_min: 0.1102, y_max: 0.1152 };
        let (width, height, iterations) = (53, 47, 777);
        let want = expected(width, height, iterations, region);
        let columns = linspace("x", region.x_min, region.x_max, width).unwrap();
        let rows = linspace("y", region.y_min, region.y_max, height).unwrap();
        for kernel in Kernel::available() {
            let mut counts = vec![0; width * height];
            let mut batch = Batch::new(counts.len()).unwrap();
            fill(&mut batch, &columns, &rows, 0, counts.len());
            escape_times(kernel, &mut batch, iterations, &mut counts, &Progress::silent().pulse()).unwrap();
            assert_eq!(counts, want, "{kernel:?}");
        }
    }

    #[test]
    fn points_that_sit_on_the_edge_of_escape_count_the_same() {
        // c = -2 stays at |z| = 2 for ever; its neighbours and the other points of |c| = 2 leave slowly.
        for centre in [-2.0, 0.25, -0.75, -1.25] {
            let tiny = 8.0 * f64::EPSILON;
            let region = Region { x_min: centre - tiny, x_max: centre + tiny, y_min: -tiny, y_max: tiny };
            assert_eq!(image(33, 33, 2000, region), expected(33, 33, 2000, region), "around {centre}");
        }
    }

    #[test]
    fn far_away_points_escape_at_once() {
        let huge = f64::MAX / 4.0;
        let region = Region { x_min: -huge, x_max: huge, y_min: -huge, y_max: huge };
        assert_eq!(image(10, 10, 50, region), expected(10, 10, 50, region));
    }

    #[test]
    fn a_region_that_is_not_finite_is_refused() {
        let region = Region { x_max: f64::NAN, ..Region::default() };
        let error = mandelbrot(1, 1, 1, region, &mut [0], &Progress::silent()).unwrap_err();
        assert_eq!(error.to_string(), "region must be finite, got x from -2 to NaN");
        let region = Region { y_min: f64::MIN, y_max: f64::MAX, ..Region::default() };
        assert!(mandelbrot(1, 1, 1, region, &mut [0], &Progress::silent()).is_err());
    }

    #[test]
    fn an_output_of_another_size_is_refused() {
        let region = Region::default();
        for (width, height) in [(2, 2), (usize::MAX, usize::MAX), (0, 1)] {
            let error = mandelbrot(width, height, 1, region, &mut [0; 3], &Progress::silent()).unwrap_err();
            assert!(error.to_string().starts_with("out must hold width * height"), "{error}");
        }
        mandelbrot(0, 5, 1, region, &mut [], &Progress::silent()).unwrap();
    }

    #[test]
    fn cancelling_stops_an_image_that_would_take_years() {
        let mut out = vec![0; 64 * 64];
        let region = Region { x_min: -0.751, x_max: -0.749, y_min: 0.0001, y_max: 0.001 };
        let progress = Progress::new(|_, _| false);
        let error = mandelbrot(64, 64, u32::MAX, region, &mut out, &progress).unwrap_err();
        assert!(matches!(error, Error::Cancelled));
    }

    proptest! {
        #[test]
        fn any_window_counts_as_the_plain_loop(
            x in -2.2..0.7, y in -1.3..1.3, zoom in 0_i32..12, width in 1_usize..70, height in 1_usize..9,
            iterations in 0_u32..600,
        ) {
            let side = 10_f64.powi(-zoom);
            let region = Region { x_min: x, x_max: x + side, y_min: y, y_max: y + side };
            prop_assert_eq!(
                image(width, height, iterations, region),
                expected(width, height, iterations, region)
            );
        }
    }
}
