//! Exports of `crate::cpu`: what the processor can do.

use super::{guard, iw_bytes, iw_status, lent};
use crate::cpu;

/// Instruction sets of this processor that the library, or what it is built on, uses where present.
///
/// @param out receives UTF-8 text, the names apart by one space; empty on a baseline processor. Free it
///            with `iw_bytes_free`
/// @return IW_OK; IW_INVALID when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_cpu_features(out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(iw_bytes::from_string(cpu::features().join(" ")));
        Ok(())
    })
}
