//! The callback through which long work reports and is stopped.

use crate::progress::Progress;
use core::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Reports progress and asks whether to go on. `*go_on` arrives as 0; set it to 1 to continue.
///
/// `done` of `total` units (what a unit is, the call says); `total` is 0 while it is not known. Runs
/// about every 40 ms, only on the thread that made the call, while worker threads go on working, and
/// never after the call has returned. The answer is an output because a ctypes callback that dies
/// returns whatever was in memory. A call whose tick left `*go_on` 0 returns IW_CANCELLED.
pub type iw_tick = Option<unsafe extern "C" fn(context: *mut c_void, done: u64, total: u64, go_on: *mut i32)>;

/// The caller's tick as the core knows it.
///
/// # Safety
/// `tick` is NULL or may be called with `context` on this thread as long as the result lives.
pub(super) unsafe fn progress<'a>(tick: iw_tick, context: *mut c_void) -> Progress<'a> {
    let Some(tick) = tick else { return Progress::silent() };
    Progress::new(move |done, total| {
        let Some(_running) = Running::begin() else { return false };
        let mut go_on = 0;
        // SAFETY: the caller promises a callable tick; context goes back untouched.
        unsafe { tick(context, done, total, &mut go_on) };
        go_on != 0
    })
}

/// How long an exit waits for ticks under way; one that takes longer has something else to wait for.
const PATIENCE: Duration = Duration::from_secs(1);

// Atomics and no lock: a process may fork at any moment, and its child must not wait for a lock that a thread of
// the parent held.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static EXITING: AtomicUsize = AtomicUsize::new(0); // the thread that ends the process, or 0

/// A number for this thread that no other live one has.
fn here() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|place| std::ptr::from_ref(place).addr())
}

/// A tick under way, or another function of the caller's.
pub(super) struct Running;

impl Running {
    /// None while the process ends, but on the thread that ends it.
    pub(super) fn begin() -> Option<Self> {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        let running = Self;
        let exiting = EXITING.load(Ordering::SeqCst);
        (exiting == 0 || exiting == here()).then_some(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Says whether the process is about to end, and with it whatever ticks run in.
///
/// From true on, no tick and no function of a rule runs on any thread but the calling one: calls of other threads
/// return IW_CANCELLED instead, and this one waits up to a second for those that are under way. An interpreter that ends
/// while one of its threads waits for it inside of one would otherwise tear that thread, and the process, down.
///
/// @param exiting whether the process is about to end
#[unsafe(no_mangle)]
pub extern "C" fn iw_set_exiting(exiting: bool) {
    EXITING.store(if exiting { here() } else { 0 }, Ordering::SeqCst);
    let begun = Instant::now();
    while exiting && RUNNING.load(Ordering::SeqCst) > 0 && begun.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    unsafe extern "C" fn record(context: *mut c_void, done: u64, _total: u64, go_on: *mut i32) {
        // SAFETY: the test below passes a u64 and the library an i32.
        unsafe {
            *context.cast::<u64>() = done;
            *go_on = i32::from(done < 10);
        }
    }

    #[test]
    fn the_answer_is_the_output_and_silence_means_stop() {
        let mut seen = 0_u64;
        // SAFETY: `seen` outlives the progress.
        let progress = unsafe { progress(Some(record), (&raw mut seen).cast()) };
        progress.pulse().add(3).unwrap();
        progress.finish().unwrap();
        progress.pulse().add(20).unwrap();
        assert!(matches!(progress.finish(), Err(Error::Cancelled)));
        drop(progress);
        assert_eq!(seen, 23);
    }
}
