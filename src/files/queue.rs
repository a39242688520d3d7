//! Work that brings more work, for several threads.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::progress::Pulse;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long an idle worker sleeps before it looks at the progress.
const WAIT: Duration = Duration::from_millis(20);

/// Tasks that bring further tasks, shared by the workers of one call; the youngest is handed out first.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: Vec<T>,
    /// Tasks taken and not yet ended: each may still bring more.
    running: usize,
    /// Workers asleep.
    idle: usize,
    /// A worker ended with an error or a panic, so nothing more will come of this.
    failed: bool,
}

/// A task being worked on. Dropping it without [`Running::done`] tells the others to give up.
pub(super) struct Running<'q, T> {
    queue: &'q Queue<T>,
    done: bool,
}

impl<T> Queue<T> {
    /// A queue with one task.
    pub(super) fn new(first: T) -> Self {
        let state = State { waiting: vec![first], running: 0, idle: 0, failed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether tasks wait.
    pub(super) fn unfinished(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// The next task; `None` once there is none and no running task can bring one.
    pub(super) fn next(&self, pulse: &Pulse<'_>) -> Result<Option<(T, Running<'_, T>)>, Error> {
        let mut state = self.lock();
        loop {
            if state.failed {
                return Ok(None);
            }
            // The youngest first: what it needs is still open, and the queue stays short.
            if let Some(task) = state.waiting.pop() {
                state.running += 1;
                return Ok(Some((task, Running { queue: self, done: false })));
            }
            if state.running == 0 {
                return Ok(None);
            }
            state.idle += 1;
            state = self.changed.wait_timeout(state, WAIT).unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
            drop(state);
            pulse.check()?;
            state = self.lock();
        }
    }
}

impl<T> Running<'_, T> {
    /// Ends the task, with the tasks that it brought.
    pub(super) fn done(mut self, children: Vec<T>) -> Result<(), Error> {
        self.done = true;
        let mut state = self.queue.lock();
        state.running -= 1;
        let ended = state.running == 0 && state.waiting.is_empty() && children.is_empty();
        if state.waiting.try_reserve(children.len()).is_err() {
            state.failed = true;
            self.queue.changed.notify_all();
            return Err(Error::Memory("the directories still to list do not fit in memory".into()));
        }
        let wake = state.idle > 0 && (ended || !children.is_empty());
        state.waiting.extend(children);
        drop(state);
        if wake {
            self.queue.changed.notify_all();
        }
        Ok(())
    }
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        if !self.done {
            let mut state = self.queue.lock();
            state.running -= 1;
            state.failed = true;
            drop(state);
            self.queue.changed.notify_all();
        }
    }
}
