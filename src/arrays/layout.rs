//! Which axes a reduction folds, which it keeps, and how to walk them.
#![forbid(unsafe_code)]

use super::View;
use super::source::Source;
use crate::error::Error;
use std::ops::Range;

/// Elements of the buffer that gathers what does not lie side by side: 4 to 8 KiB, inside every L1 cache.
pub(super) const STAGE: usize = 1024;

/// Runs at least this long are worth a kernel call of their own.
const LONG_RUN: usize = 256;

/// Most elements handed to a kernel at once: some 10 us of work, after which a call may be cancelled.
const LONGEST_RUN: usize = 1 << 16;

/// Length and stride, in elements, of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) n: usize,
    pub(super) stride: isize,
}

/// A view taken apart for a reduction.
pub(super) struct Layout<'v, T> {
    data: &'v [T],
    origin: isize,
    /// Axes of the result, outermost first; neighbours that walk as one are one.
    pub(super) kept: Vec<Axis>,
    /// Axes folded into each element of the result; never empty.
    pub(super) reduced: Vec<Axis>,
    /// Elements of the result.
    pub(super) outputs: usize,
    /// Elements folded into each.
    pub(super) folded: usize,
}

impl<'v, T: Copy> Layout<'v, T> {
    /// Takes `view` apart; bit i of `axes` says that axis i is folded.
    ///
    /// With `ordered` the folded elements are walked in C order. Otherwise in the order of memory, which
    /// depends on the view alone.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a bit stands for no axis.
    pub(super) fn new(view: &View<'v, T>, axes: u64, ordered: bool) -> Result<Self, Error> {
        let ndim = view.shape().len();
        if ndim < 64 && axes >> ndim != 0 {
            let axis = 63 - axes.leading_zeros();
            return Err(Error::Invalid(format!("axis must be below {ndim}, the axes of values, got {axis}")));
        }
        let (mut kept, mut reduced) = (Vec::with_capacity(ndim), Vec::with_capacity(ndim));
        let (mut outputs, mut folded) = (1_usize, 1_usize);
        for (i, (&n, &stride)) in view.shape().iter().zip(view.strides()).enumerate() {
            let (axes, size) =
                if axes >> i & 1 == 1 { (&mut reduced, &mut folded) } else { (&mut kept, &mut outputs) };
            // Beside an empty axis the others may be of any length.
            *size = size.checked_mul(n).ok_or_else(|| {
                Error::Invalid("values has more results than an index can count".to_owned())
            })?;
            if n != 1 {
                axes.push(Axis { n, stride });
            }
        }
        let mut origin = view.origin() as isize;
        if !ordered && folded > 0 {
            for axis in &mut reduced {
                if axis.stride < 0 {
                    origin += (axis.n as isize - 1) * axis.stride;
                    axis.stride = -axis.stride;
                }
            }
            // Largest steps outermost, and repeated axes outside those: the inner ones stay in cache.
            reduced.sort_by_key(|axis| {
                std::cmp::Reverse(if axis.stride == 0 { isize::MAX } else { axis.stride })
            });
        }
        if outputs > 0 && folded > 0 {
            (kept, reduced) = (merged(kept), merged(reduced));
        }
        if reduced.is_empty() {
            reduced.push(Axis { n: 1, stride: 0 });
        }
        Ok(Self { data: view.data(), origin, kept, reduced, outputs, folded })
    }

    /// Index in memory of the first element folded into output `output`.
    pub(super) fn start(&self, output: usize) -> isize {
        self.origin + offset(&self.kept, output)
    }

    /// Index in memory, from the start of an output, of folded element `index`.
    pub(super) fn folded_at(&self, index: usize) -> isize {
        offset(&self.reduced, index)
    }

    /// Calls `each` with the elements `range` of those folded into the output that starts at `start`: in
    /// runs of at most [`LONGEST_RUN`], in order, each with the number of its first element.
    pub(super) fn runs<S: Source<Item = T>>(
        &self,
        start: isize,
        range: Range<usize>,
        stage: &mut Vec<S::Work>,
        mut each: impl FnMut(&[S::Work], usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let inner = self.reduced[self.reduced.len() - 1];
        let (mut at, mut staged) = (range.start, 0);
        while at < range.end {
            let run = (inner.n - at % inner.n).min(range.end - at).min(LONGEST_RUN);
            let from = start + self.folded_at(at);
            let worth_it = inner.stride == 1 && (run >= LONG_RUN || run == range.len());
            if worth_it && let Some(run) = self.direct::<S>(from, run) {
                if staged > 0 {
                    each(&stage[..staged], at - staged)?;
                    staged = 0;
                }
                each(run, at)?;
            } else {
                if stage.len() < STAGE.min(range.len()) {
                    stage.resize(STAGE.min(range.len()), S::work(self.data[from as usize]));
                }
                let mut taken = 0;
                while taken < run {
                    let n = (run - taken).min(stage.len() - staged);
                    let from = from + taken as isize * inner.stride;
                    self.gather::<S>(from, inner.stride, &mut stage[staged..staged + n]);
                    (taken, staged) = (taken + n, staged + n);
                    if staged == stage.len() {
                        each(&stage[..staged], at + taken - staged)?;
                        staged = 0;
                    }
                }
            }
            at += run;
        }
        if staged > 0 {
            each(&stage[..staged], range.end - staged)?;
        }
        Ok(())
    }

    /// Elements `from`, `from + stride`, ... as kernels want them.
    pub(super) fn gather<S: Source<Item = T>>(&self, from: isize, stride: isize, out: &mut [S::Work]) {
        if stride == 1 {
            S::convert(&self.data[from as usize..from as usize + out.len()], out);
        } else if let 2..=4 = stride {
            let Some((last, before)) = out.split_last_mut() else { return };
            let end = from as usize + before.len() * stride as usize;
            *last = S::work(self.data[end]); // past which there may be no whole step
            match stride {
                2 => steps::<2, S>(&self.data[from as usize..end], before),
                3 => steps::<3, S>(&self.data[from as usize..end], before),
                _ => steps::<4, S>(&self.data[from as usize..end], before),
            }
        } else {
            let mut at = from;
            for to in out {
                *to = S::work(self.data[at as usize]);
                at = at.wrapping_add(stride); // past the last element it may point anywhere
            }
        }
    }

    /// The element `at`, as kernels want it.
    pub(super) fn any<S: Source<Item = T>>(&self, at: isize) -> S::Work {
        S::work(self.data[at as usize])
    }

    /// The elements `from..from + n`, when they need neither gathering nor conversion.
    pub(super) fn direct<S: Source<Item = T>>(&self, from: isize, n: usize) -> Option<&[S::Work]> {
        S::direct(&self.data[from as usize..from as usize + n])
    }
}

/// Every `N`-th element: known when this is compiled, steps become shuffles of vectors.
fn steps<const N: usize, S: Source>(items: &[S::Item], out: &mut [S::Work]) {
    out.iter_mut().zip(items.as_chunks::<N>().0).for_each(|(to, chunk)| *to = S::work(chunk[0]));
}

fn offset(axes: &[Axis], mut index: usize) -> isize {
    let mut offset = 0;
    for axis in axes.iter().rev() {
        offset += (index % axis.n) as isize * axis.stride;
        index /= axis.n;
    }
    offset
}

/// Joins each axis with the one inside it where both walk as one.
fn merged(axes: Vec<Axis>) -> Vec<Axis> {
    let mut out: Vec<Axis> = Vec::with_capacity(axes.len());
    for axis in axes {
        match out.last_mut() {
            Some(outer) if outer.stride as i128 == axis.n as i128 * axis.stride as i128 => {
                *outer = Axis { n: outer.n * axis.n, stride: axis.stride };
            }
            _ => out.push(axis),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(shape: &[usize], strides: &[isize], origin: usize, axes: u64, ordered: bool) -> Vec<Vec<i32>> {
        let data: Vec<i32> = (0..4000).collect();
        let view = View::new(&data, origin, shape, strides).unwrap();
        let layout = Layout::new(&view, axes, ordered).unwrap();
        let mut stage = Vec::new();
        (0..layout.outputs)
            .map(|output| {
                let mut seen = Vec::new();
                layout
                    .runs::<i32>(layout.start(output), 0..layout.folded, &mut stage, |run, first| {
                        assert_eq!(first, seen.len());
                        seen.extend_from_slice(run);
                        Ok(())
                    })
                    .unwrap();
                seen
            })
            .collect()
    }

    #[test]
    fn each_output_folds_its_elements_in_c_order() {
        assert_eq!(walked(&[2, 3], &[3, 1], 0, 0b10, true), [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(walked(&[2, 3], &[3, 1], 0, 0b01, true), [[0, 3], [1, 4], [2, 5]]);
        assert_eq!(walked(&[3, 2], &[1, 3], 0, 0b11, true), [[0, 3, 1, 4, 2, 5]]);
        assert_eq!(walked(&[4], &[-2], 7, 1, true), [[7, 5, 3, 1]]);
        assert_eq!(walked(&[2, 2], &[0, 1], 5, 0b11, true), [[5, 6, 5, 6]]);
        assert_eq!(walked(&[2], &[1], 0, 0, true), [[0], [1]]);
        assert_eq!(walked(&[], &[], 9, 0, true), [[9]]);
    }

    #[test]
    fn without_an_order_to_keep_memory_is_walked_upwards() {
        assert_eq!(walked(&[3, 2], &[1, 3], 0, 0b11, false), [[0, 1, 2, 3, 4, 5]]);
        assert_eq!(walked(&[4], &[-1], 3, 1, false), [[0, 1, 2, 3]]);
    }

    #[test]
    fn steps_of_every_size_reach_each_element_once() {
        for step in 1..=7 {
            for n in [1, 2, 31, 33, 300, 570] {
                let expected: Vec<i32> = (0..n as i32).map(|i| i * step).collect();
                assert_eq!(walked(&[n], &[step as isize], 0, 1, true), std::slice::from_ref(&expected));
                let back: Vec<i32> = expected.iter().rev().copied().collect();
                let last = (n - 1) * step as usize;
                assert_eq!(walked(&[n], &[-step as isize], last, 1, true), [back]);
            }
        }
    }

    #[test]
    fn runs_of_every_length_cover_each_element_once() {
        for inner in [1, 3, 255, 256, 300, 1023, 1024] {
            let (outer, gap) = (3, 1100);
            let seen = walked(&[outer, inner], &[gap, 1], 0, 0b11, true);
            let expected: Vec<i32> =
                (0..outer).flat_map(|i| (0..inner).map(move |j| i as i32 * gap as i32 + j as i32)).collect();
            assert_eq!(seen, [expected]);
        }
    }

    #[test]
    fn an_axis_that_is_not_there_is_refused() {
        let view = View::from_slice(&[1.0]);
        let error = Layout::new(&view, 0b100, false).err().unwrap();
        assert_eq!(error.to_string(), "axis must be below 1, the axes of values, got 2");
    }
}
