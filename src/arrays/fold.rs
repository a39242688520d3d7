//! Drives a reduction over any layout: which way to walk, how to share it out, how to put it together.
#![forbid(unsafe_code)]

use super::View;
use super::layout::{Axis, Layout, STAGE};
use super::source::{Source, Work};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use std::ops::Range;

/// Elements of one work item: long against the 100 ns that handing it out costs, short against a tick.
const ITEM: usize = 1 << 18;

/// Bytes that one thread reads in about the time it takes others to be of use; tests get there sooner.
const SEQUENTIAL_BYTES: usize = if cfg!(test) { 1 << 20 } else { 1 << 23 };

/// Outputs are shared out among threads when this many items come of it; else the folded elements are.
const ENOUGH_ITEMS: usize = 16;

/// Most partial results of one output.
const MOST_PIECES: usize = 256;

/// A way to fold many values into one, along a run or, with other outputs side by side, row by row.
pub(super) trait Fold<W: Work>: Sync {
    /// Whether values must come in C order.
    const ORDERED: bool;
    /// The work on an element, in multiples of that of reading it.
    const EFFORT: usize = 1;
    /// What is known of one output so far.
    type One: Copy + Send;
    /// The same for a row of outputs.
    type Row;

    /// What is known before the first value.
    fn none(&self) -> Self::One;
    /// Takes in values of one output; `first` is the number of the first of them.
    fn run(&self, one: &mut Self::One, values: &[W], first: usize);
    /// Takes in what is known of later values.
    fn merge(&self, one: &mut Self::One, later: Self::One);
    /// A row of at most [`STAGE`] outputs without values.
    fn row(&self, width: usize) -> Self::Row;
    /// Takes in one value of each output, of the first `values.len()` in the last call; `index` is its number.
    fn add(&self, row: &mut Self::Row, values: &[W], index: usize);
    /// What is known of output `i` of a row.
    fn one(&self, row: &Self::Row, i: usize) -> Self::One;
}

/// Folds `axes` of `view` (bit i is axis i) with `fold` and writes `finish` of each result to `out`.
///
/// How the work is cut depends on the view alone, and partial results are merged in one fixed order, so
/// the result does not depend on the number of threads.
///
/// # Errors
/// [`Error::Invalid`] for an axis that is not there or an `out` of the wrong size; what `finish` says;
/// [`Error::Cancelled`].
pub(super) fn fold<S: Source, F: Fold<S::Work>, O: Send>(
    view: &View<'_, S::Item>,
    axes: u64,
    fold: &F,
    out: &mut [O],
    progress: &Progress<'_>,
    finish: impl Fn(F::One) -> Result<O, Error> + Sync,
) -> Result<(), Error> {
    let layout = Layout::new(view, axes, F::ORDERED)?;
    let across = goes_across(&layout.kept, &layout.reduced, layout.folded, F::ORDERED);
    let job = Job {
        outputs: layout.outputs,
        folded: layout.folded,
        across,
        cost: size_of::<S::Item>() * F::EFFORT,
        none: fold.none(),
        merge: &|one, later| fold.merge(one, later),
        walk: &|outputs, range, pulse, each| {
            let mut meter = Meter { pulse, pending: 0 };
            let mut sink = Into::<S::Work, F> { fold, one: fold.none(), row: None, each };
            match across {
                true => walk_across::<S>(&layout, F::ORDERED, outputs, range, &mut meter, &mut sink)?,
                false => walk_along::<S>(&layout, outputs, range, &mut meter, &mut sink)?,
            }
            meter.report()
        },
    };
    job.run(out, progress, &finish)
}

type Each<'e, One> = &'e mut dyn FnMut(usize, One) -> Result<(), Error>;
type Merge<'j, One> = &'j dyn Fn(&mut One, One);
type Walk<'j, One> =
    &'j (dyn Fn(Range<usize>, Range<usize>, &Pulse<'_>, Each<'_, One>) -> Result<(), Error> + Sync);
type Finish<'j, One, O> = &'j (dyn Fn(One) -> Result<O, Error> + Sync);

/// A reduction without its types, so that sharing it out is compiled once for each kind of result and not
/// for each fold of each element type.
struct Job<'j, One> {
    outputs: usize,
    folded: usize,
    across: bool,
    /// What one element costs, in bytes read.
    cost: usize,
    none: One,
    merge: Merge<'j, One>,
    /// Folds a range of the elements of each of some outputs and hands over the results, in order.
    walk: Walk<'j, One>,
}

impl<One: Copy + Send> Job<'_, One> {
    fn run<O: Send>(
        &self,
        out: &mut [O],
        progress: &Progress<'_>,
        finish: Finish<'_, One, O>,
    ) -> Result<(), Error> {
        let Self { outputs, folded, across, cost, none, merge, walk } = *self;
        if out.len() != outputs {
            return Err(Error::Invalid(format!("out must hold {outputs} elements, got {}", out.len())));
        }
        if outputs == 0 {
            return Ok(());
        }
        if folded == 0 {
            return out.iter_mut().try_for_each(|out| finish(none).map(|value| *out = value));
        }
        let total = outputs * folded; // the elements of the view
        progress.set_total(total as u64);
        // Rows that lie one after the other are shared out whole, however few they are.
        let most = if across { usize::MAX } else { outputs.div_ceil(ENOUGH_ITEMS) };
        let share = (ITEM / folded).min(most).max(if across { STAGE } else { 1 });
        if total < exec::SEQUENTIAL_BELOW || total.saturating_mul(cost) < SEQUENTIAL_BYTES {
            walk(0..outputs, 0..folded, &progress.pulse(), &mut |i, one| {
                out[i] = finish(one)?;
                Ok(())
            })?;
        } else if outputs.div_ceil(share) >= ENOUGH_ITEMS {
            let parts = out.chunks_mut(share).enumerate();
            let tasks = parts.map(|(part, out)| -> Task<'_> {
                let first = part * share;
                Box::new(move |pulse| {
                    walk(first..first + out.len(), 0..folded, pulse, &mut |i, one| {
                        out[i - first] = finish(one)?;
                        Ok(())
                    })
                })
            });
            run(tasks.collect(), progress)?;
        } else {
            let step = (ITEM / outputs).max(folded.div_ceil(MOST_PIECES)).max(1);
            let mut pieces: Vec<Vec<One>> = vec![Vec::new(); folded.div_ceil(step)];
            let tasks = pieces.iter_mut().enumerate().map(|(piece, ones)| -> Task<'_> {
                Box::new(move |pulse| {
                    ones.try_reserve_exact(outputs)?;
                    let range = piece * step..folded.min((piece + 1) * step);
                    walk(0..outputs, range, pulse, &mut |_, one| {
                        ones.push(one);
                        Ok(())
                    })
                })
            });
            run(tasks.collect(), progress)?;
            for (out, one) in out.iter_mut().zip(merged_in_pairs(merge, pieces)) {
                *out = finish(one)?;
            }
        }
        progress.poll()
    }
}

/// A share of the work. Boxed, so that threads are handled by one function and not by one for each fold.
type Task<'t> = Box<dyn FnOnce(&Pulse<'_>) -> Result<(), Error> + Send + 't>;

fn run(tasks: Vec<Task<'_>>, progress: &Progress<'_>) -> Result<(), Error> {
    exec::map(tasks.into_iter(), progress, |task, pulse| task(pulse)).map(drop)
}

/// Whether to go row by row over outputs that lie side by side, rather than along one output at a time.
fn goes_across(kept: &[Axis], reduced: &[Axis], folded: usize, ordered: bool) -> bool {
    let (Some(kept), Some(reduced)) = (kept.last(), reduced.last()) else { return false };
    // Unordered folds make up for narrow rows by taking several at once.
    let wide_enough = !ordered || kept.n >= 16;
    let nearer = kept.stride != 0 && kept.stride.unsigned_abs() < reduced.stride.unsigned_abs();
    (wide_enough && nearer) || (folded < 32 && kept.n > folded)
}

/// Merges the pieces two by two, which keeps rounding errors to the logarithm of their number.
fn merged_in_pairs<One>(merge: Merge<'_, One>, mut pieces: Vec<Vec<One>>) -> Vec<One> {
    while pieces.len() > 1 {
        let mut pairs = pieces.into_iter();
        pieces = std::iter::from_fn(|| {
            let mut one = pairs.next()?;
            if let Some(later) = pairs.next() {
                one.iter_mut().zip(later).for_each(|(one, later)| merge(one, later));
            }
            Some(one)
        })
        .collect();
    }
    pieces.pop().unwrap_or_default()
}

/// Counts elements and reports them once they are worth the clock's price.
struct Meter<'p> {
    pulse: &'p Pulse<'p>,
    pending: u64,
}

impl Meter<'_> {
    fn add(&mut self, elements: usize) -> Result<(), Error> {
        self.pending += elements as u64;
        if self.pending >= 1 << 16 { self.report() } else { Ok(()) }
    }

    fn report(&mut self) -> Result<(), Error> {
        self.pulse.add(std::mem::take(&mut self.pending))
    }
}

/// What a walk feeds: one output after the other, or row by row those side by side.
///
/// Walks see no more of a fold than this, so that they are compiled once for each type of element.
trait Sink<W> {
    fn run(&mut self, values: &[W], first: usize);
    fn end(&mut self, output: usize) -> Result<(), Error>;
    fn start_row(&mut self, places: usize);
    fn add(&mut self, values: &[W], index: usize);
    /// Output `first + i` is what places `i`, `i + width`, ... of the row come to.
    fn end_row(&mut self, first: usize, width: usize) -> Result<(), Error>;
}

/// A fold and where its results go.
struct Into<'s, W: Work, F: Fold<W>> {
    fold: &'s F,
    one: F::One,
    row: Option<(F::Row, usize)>,
    each: Each<'s, F::One>,
}

impl<W: Work, F: Fold<W>> Sink<W> for Into<'_, W, F> {
    fn run(&mut self, values: &[W], first: usize) {
        self.fold.run(&mut self.one, values, first);
    }

    fn end(&mut self, output: usize) -> Result<(), Error> {
        (self.each)(output, std::mem::replace(&mut self.one, self.fold.none()))
    }

    fn start_row(&mut self, places: usize) {
        self.row = Some((self.fold.row(places), places));
    }

    fn add(&mut self, values: &[W], index: usize) {
        if let Some((row, _)) = &mut self.row {
            self.fold.add(row, values, index);
        }
    }

    fn end_row(&mut self, first: usize, width: usize) -> Result<(), Error> {
        let Some((row, places)) = &self.row else { return Ok(()) };
        for i in 0..width {
            let mut one = self.fold.one(row, i);
            let mut j = i + width; // stepping a range would divide for each output
            while j < *places {
                self.fold.merge(&mut one, self.fold.one(row, j));
                j += width;
            }
            (self.each)(first + i, one)?;
        }
        Ok(())
    }
}

fn walk_along<S: Source>(
    layout: &Layout<'_, S::Item>,
    outputs: Range<usize>,
    range: Range<usize>,
    meter: &mut Meter<'_>,
    sink: &mut dyn Sink<S::Work>,
) -> Result<(), Error> {
    let mut stage = Vec::new();
    for output in outputs {
        layout.runs::<S>(layout.start(output), range.clone(), &mut stage, |run, first| {
            sink.run(run, first);
            meter.add(run.len())
        })?;
        sink.end(output)?;
    }
    Ok(())
}

fn walk_across<S: Source>(
    layout: &Layout<'_, S::Item>,
    ordered: bool,
    outputs: Range<usize>,
    range: Range<usize>,
    meter: &mut Meter<'_>,
    sink: &mut dyn Sink<S::Work>,
) -> Result<(), Error> {
    let kept = layout.kept[layout.kept.len() - 1]; // goes_across() saw it
    let inner = layout.reduced[layout.reduced.len() - 1];
    let mut stage = Vec::new();
    let mut output = outputs.start;
    while output < outputs.end {
        let width = (kept.n - output % kept.n).min(outputs.end - output).min(STAGE);
        let start = layout.start(output);
        // Narrow rows are taken several at once; each place of the wide row is merged into its output below.
        let group = if ordered { 1 } else { (STAGE / width).clamp(1, range.len()) };
        let gapless = group == 1 || (layout.reduced.len() == 1 && inner.stride == width as isize);
        sink.start_row(group * width);
        let mut at = range.start;
        while at < range.end {
            let rows = group.min(range.end - at);
            let from = start + layout.folded_at(at);
            let whole =
                if gapless && kept.stride == 1 { layout.direct::<S>(from, rows * width) } else { None };
            if let Some(values) = whole {
                sink.add(values, at);
            } else {
                if stage.is_empty() {
                    stage.resize(STAGE, layout.any::<S>(from));
                }
                let mut from = from;
                for (i, part) in stage[..rows * width].chunks_mut(width).enumerate() {
                    layout.gather::<S>(from, kept.stride, part);
                    let next = at + i + 1;
                    // A division only where the inner axis ends.
                    from = match next % inner.n {
                        0 if next < range.end => start + layout.folded_at(next),
                        _ => from.wrapping_add(inner.stride),
                    };
                }
                sink.add(&stage[..rows * width], at);
            }
            meter.add(rows * width)?;
            at += rows;
        }
        sink.end_row(output, width)?;
        output += width;
    }
    Ok(())
}
