//! Compiles a loop for the machine's widest vectors too, and picks at run time.
//!
//! The loops themselves are plain safe Rust. What this file adds is the same loop, compiled with more
//! instructions allowed; the choice is a relaxed load of what the standard library has detected once.

/// A loop, to be inlined where it is called: `run` needs `#[inline(always)]`.
pub(super) trait Kernel {
    /// What the loop answers.
    type Output;
    /// Runs it.
    fn run(self) -> Self::Output;
}

/// Runs `kernel` with the instructions this machine has.
#[inline]
pub(super) fn widest<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") && has!("bmi1") && has!("bmi2") && has!("popcnt") && has!("lzcnt") {
            if has!("avx512f") && has!("avx512dq") && has!("avx512bw") && has!("avx512vl") {
                // SAFETY: the features have just been detected.
                return unsafe { with_avx512(kernel) };
            }
            // SAFETY: the features have just been detected.
            return unsafe { with_avx2(kernel) };
        }
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,avx512f,avx512dq,avx512bw,avx512vl")]
fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
