//! Exports of `crate::exec`: how many threads a call may use.

use super::{guard, iw_status, lent};
use crate::error::Error;
use crate::exec;

/// Number of threads a call of this process may use.
///
/// What `iw_set_threads` set, else IRONWHEEL_NUM_THREADS, else OMP_NUM_THREADS, else the CPUs this
/// process may use (affinity mask and cgroup quota). The environment is read once.
///
/// @param out receives a number in 1..=1024
/// @return IW_OK; IW_INVALID when IRONWHEEL_NUM_THREADS is not such a number
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_threads(out: *mut usize) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(exec::threads()?);
        Ok(())
    })
}

/// Sets the number of threads for every later call of this process; calls under way keep theirs.
///
/// @param count 1..=1024, or 0 to go back to the default
/// @return IW_OK; IW_INVALID outside that range
#[unsafe(no_mangle)]
pub extern "C" fn iw_set_threads(count: usize) -> iw_status {
    guard(|| -> Result<(), Error> { exec::set_threads((count != 0).then_some(count)) })
}
