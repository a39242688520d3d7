//! What Windows says about the processors of this process, and the standard library does not ask.

use core::ffi::c_void;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetCurrentProcess() -> *mut c_void;
    fn GetProcessAffinityMask(process: *mut c_void, own: *mut usize, all: *mut usize) -> i32;
}

/// How many processors the affinity mask leaves this process.
///
/// None where there is no one mask: a process with threads in several groups of 64 processors has a mask of 0.
pub(crate) fn affinity() -> Option<usize> {
    let (mut own, mut all) = (0_usize, 0_usize);
    // SAFETY: the handle of the process itself is always valid, and both masks are ours to be written.
    let known = unsafe { GetProcessAffinityMask(GetCurrentProcess(), &mut own, &mut all) };
    (known != 0 && own != 0).then_some(own.count_ones() as usize)
}
