//! How long work reports, and how it is stopped.
//!
//! A [`Progress`] lives on the thread that made the call and owns the caller's tick. Worker threads
//! see only a [`Pulse`], which counts and obeys; the tick itself never leaves the calling thread.
#![forbid(unsafe_code)]

use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time between two ticks: short enough that Ctrl-C answers within 100 ms, long enough to cost nothing.
pub const TICK: Duration = Duration::from_millis(40);

/// A report `(done, total)` whose answer says whether to go on. `total` is 0 while it is unknown.
pub type Tick<'a> = dyn FnMut(u64, u64) -> bool + 'a;

#[derive(Default)]
pub(crate) struct Shared {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

/// The calling thread's view of a job: counts work, calls the tick when it is due.
pub struct Progress<'a> {
    pub(crate) shared: Shared,
    tick: Option<RefCell<Box<Tick<'a>>>>,
    due: Cell<Instant>,
}

impl<'a> Progress<'a> {
    /// Reports to nobody and is never cancelled.
    pub fn silent() -> Self {
        Self { shared: Shared::default(), tick: None, due: Cell::new(Instant::now()) }
    }

    /// Calls `tick` about every [`TICK`], only on the thread that made this value.
    pub fn new(tick: impl FnMut(u64, u64) -> bool + 'a) -> Self {
        Self {
            shared: Shared::default(),
            tick: Some(RefCell::new(Box::new(tick))),
            due: Cell::new(Instant::now() + TICK),
        }
    }

    /// States how many units [`Pulse::add`] will reach; may grow as more work is found.
    pub fn set_total(&self, total: u64) {
        self.shared.total.store(total, Ordering::Relaxed);
    }

    /// The view that a worker function gets; this one ticks, because it stays on this thread.
    pub fn pulse(&self) -> Pulse<'_> {
        Pulse { shared: &self.shared, caller: Some(self) }
    }

    /// Calls the tick if it is due.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once a tick, on this thread, has answered `false`.
    pub fn poll(&self) -> Result<(), Error> {
        if let Some(tick) = &self.tick {
            let now = Instant::now();
            if now >= self.due.get() && !self.shared.stopped() {
                let done = self.shared.done.load(Ordering::Relaxed);
                let total = self.shared.total.load(Ordering::Relaxed);
                // A tick that calls back into the library finds the tick busy and does not nest.
                if let Ok(mut tick) = tick.try_borrow_mut()
                    && !tick(done, total)
                {
                    self.shared.stop();
                }
                self.due.set(Instant::now() + TICK);
            }
        }
        self.shared.check()
    }

    /// Reports the end: one last tick with `done == total`, whatever the time.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when that tick answers `false`.
    pub fn finish(&self) -> Result<(), Error> {
        let done = self.shared.done.load(Ordering::Relaxed);
        self.set_total(done);
        self.due.set(Instant::now());
        self.poll()
    }
}

impl Shared {
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn check(&self) -> Result<(), Error> {
        if self.stopped() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// What a piece of work holds while it runs, on any thread.
#[derive(Clone, Copy)]
pub struct Pulse<'p> {
    shared: &'p Shared,
    caller: Option<&'p dyn Poll>,
}

/// Hides the lifetime of the tick, which a `Pulse` has no use for.
trait Poll {
    fn poll(&self) -> Result<(), Error>;
}

impl Poll for Progress<'_> {
    fn poll(&self) -> Result<(), Error> {
        self.poll()
    }
}

impl<'p> Pulse<'p> {
    /// The view of a thread that is not the caller's: it counts and stops, and never ticks.
    pub(crate) fn worker(shared: &'p Shared) -> Self {
        Self { shared, caller: None }
    }

    /// Counts `units` as done. Call it at least every 10 ms or so: it is where cancelling happens.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the job is to stop; pass it on at once.
    pub fn add(&self, units: u64) -> Result<(), Error> {
        self.shared.done.fetch_add(units, Ordering::Relaxed);
        self.check()
    }

    /// As [`Pulse::add`] without counting anything.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the job is to stop.
    pub fn check(&self) -> Result<(), Error> {
        match self.caller {
            Some(caller) => caller.poll(),
            None => self.shared.check(),
        }
    }

    /// Adds to the total, for work whose size shows only while it runs.
    pub fn grow_total(&self, units: u64) {
        self.shared.total.fetch_add(units, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_reports_everything_done() {
        let mut seen = Vec::new();
        let progress = Progress::new(|done, total| {
            seen.push((done, total));
            true
        });
        progress.pulse().add(7).unwrap();
        progress.finish().unwrap();
        drop(progress);
        assert_eq!(seen, [(7, 7)]);
    }

    #[test]
    fn a_tick_that_says_no_cancels_every_later_step() {
        let progress = Progress::new(|_, _| false);
        assert!(matches!(progress.finish(), Err(Error::Cancelled)));
        assert!(matches!(progress.pulse().add(1), Err(Error::Cancelled)));
        assert!(matches!(Pulse::worker(&progress.shared).check(), Err(Error::Cancelled)));
    }

    #[test]
    fn ticks_are_spaced_in_time_however_often_work_reports() {
        let mut ticks = 0;
        let progress = Progress::new(|_, _| {
            ticks += 1;
            true
        });
        for _ in 0..10_000 {
            progress.pulse().add(1).unwrap();
        }
        drop(progress);
        assert!(ticks < 100, "{ticks} ticks for 10,000 reports");
    }
}
