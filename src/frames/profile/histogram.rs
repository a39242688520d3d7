//! Equal-width bins from the smallest to the largest finite value.
#![forbid(unsafe_code)]

/// Most bins of a histogram; whole numbers that span fewer values get one bin each.
pub const BINS: usize = 20;

/// Distances are multiplied by the number of bins, the finest of which are fewer.
const SPARE: f64 = 65_536.0;

/// Where the bins of a column lie, in the numbers its keys stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Smallest value, as the distance zero is taken from.
    low: f64,
    /// Largest less smallest value; both made smaller where their difference would leave the range of doubles.
    span: f64,
    scale: f64,
    /// Largest value as it came, which rounding would miss.
    high: f64,
    /// Number of bins.
    pub bins: usize,
}

impl Grid {
    /// Bins from `low` to `high`; `whole` when nothing lies between two neighbouring whole numbers.
    ///
    /// For whole numbers `low` is 0 and values are told by their distance from the smallest, which is exact.
    pub fn new(low: f64, high: f64, whole: bool) -> Self {
        let scale = if ((high - low) * SPARE).is_finite() { 1.0 } else { 1.0 / SPARE };
        let last = high;
        let (low, span) = (low * scale, high * scale - low * scale);
        let bins = match span {
            0.0 => 1,
            _ if whole && span < BINS as f64 => span as usize + 1,
            _ => BINS,
        };
        Self { low, span, scale, high: last, bins }
    }

    /// The bin of a value among `cuts` bins, which need not be [`Grid::bins`]. Values outside go to the ends.
    #[inline]
    pub fn bin(&self, value: f64, cuts: usize) -> usize {
        let share = (value * self.scale - self.low) * cuts as f64 / self.span;
        (share as usize).min(cuts - 1) // a NaN of 0 / 0 becomes 0
    }

    /// The edges: one more than bins.
    pub fn edges(&self) -> Vec<f64> {
        let last = self.bins;
        (0..=last)
            .map(|at| match at {
                _ if at == last => self.high,
                _ => (self.low + self.span * (at as f64 / last as f64)) / self.scale,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_of_equal_width_and_the_last_is_closed() {
        let grid = Grid::new(0.0, 10.0, false);
        assert_eq!((grid.bins, grid.edges()[1], grid.edges()[BINS]), (20, 0.5, 10.0));
        assert_eq!((grid.bin(0.0, 20), grid.bin(0.5, 20), grid.bin(10.0, 20)), (0, 1, 19));
        assert_eq!((grid.bin(f64::NEG_INFINITY, 20), grid.bin(f64::INFINITY, 20)), (0, 19));
        for value in 0..=100 {
            let grid = Grid::new(0.0, 100.0, true);
            assert_eq!(grid.bin(f64::from(value), 20 * 256) / 256, grid.bin(f64::from(value), 20), "{value}");
            assert_eq!(grid.bin(f64::from(value), 20), (value as usize / 5).min(19));
        }
    }

    #[test]
    fn the_last_edge_is_the_largest_value() {
        for at in 1..1_000 {
            let (low, high) = ((f64::from(at) * 0.37).sin() - 2.0, (f64::from(at) * 0.11).cos() * 1e3 + 2e3);
            let grid = Grid::new(low, high, false);
            let edges = grid.edges();
            assert_eq!((edges[0], edges[BINS]), (low, high));
            assert!(edges.is_sorted() && grid.bin(high, BINS) == BINS - 1);
        }
    }

    #[test]
    fn whole_numbers_of_a_short_span_get_a_bin_each() {
        let grid = Grid::new(0.0, 4.0, true);
        assert_eq!(
            (0..5).map(|value| grid.bin(f64::from(value), grid.bins)).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4]
        );
        let one = Grid::new(7.0, 7.0, false);
        assert_eq!((one.bins, one.bin(7.0, 1), one.edges()), (1, 0, vec![7.0, 7.0]));
    }

    #[test]
    fn the_widest_range_has_finite_edges() {
        let grid = Grid::new(f64::MIN, f64::MAX, false);
        assert!(grid.edges().iter().all(|edge| edge.is_finite()));
        assert_eq!((grid.bin(f64::MIN, 20), grid.bin(1.0, 20), grid.bin(f64::MAX, 20)), (0, 10, 19));
    }
}
