//! The callback through which long work reports and is stopped.

use crate::progress::Progress;
use core::ffi::c_void;

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
        let mut go_on = 0;
        // SAFETY: the caller promises a callable tick; context goes back untouched.
        unsafe { tick(context, done, total, &mut go_on) };
        go_on != 0
    })
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
