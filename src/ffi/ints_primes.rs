//! Exports of `crate::ints`: primes and factors.

use super::ints::unsigned;
use super::{IW_BOOL, IW_U8, IW_U64, guard, iw_array, iw_status, iw_tick, lent, tick};
use crate::error::Error;
use crate::ints::{self, Output, Primes};
use core::ffi::c_void;

/// Whether `n` is prime. Exact for every `n`: the strong test for proved sets of bases.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_is_prime_u64(n: u64) -> bool {
    ints::is_prime(n)
}

/// Whether the unsigned `high * 2^64 + low` is prime.
///
/// Proved below 3317044064679887385961981 (81 bits). Above, the number has passed the strong test for
/// 13 bases and the strong Lucas test: no composite that does is known, none is proved not to exist.
#[unsafe(no_mangle)]
pub extern "C" fn iw_ints_is_prime_u128(low: u64, high: u64) -> bool {
    ints::is_prime_wide(unsigned(low, high))
}

/// 1 for each prime and 0 for each other number, element by element.
///
/// @param n       int8 to uint64, any strides; broadcasts to the shape of `out`
/// @param out     IW_BOOL or IW_U8, C-contiguous; does not overlap `n`
/// @param tick    gets elements done and in all, or NULL
/// @param context handed to `tick` unread
/// @return IW_OK; IW_INVALID, IW_TYPE and IW_CANCELLED as iw_ints_add_array
///
/// # Safety
/// As iw_ints_add_array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_is_prime_array(
    n: *const iw_array,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise, one by one; overlap is excluded before `out` is borrowed, and
        // both tags are of one byte.
        unsafe {
            let (n, out) = (iw_array::lent(n, "n")?, iw_array::lent(out, "out")?);
            out.refuse_overlap("out", n, "n")?;
            let tag = if out.dtype == IW_BOOL { IW_BOOL } else { IW_U8 };
            let data = out.slice_mut::<u8>("out", tag)?;
            let shape = &out.shape[..out.ndim as usize];
            ints::are_prime(&n.view("n")?, Output { data, shape }, &tick::progress(tick, context))
        }
    })
}

/// The smallest prime above `n`.
///
/// @param n   any number below 18446744073709551557, the largest prime of 64 bits
/// @param out receives the prime
/// @return IW_OK; IW_OVERFLOW for any other `n`; IW_INVALID when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_next_prime(n: u64, out: *mut u64) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(ints::next_prime(n)?);
        Ok(())
    })
}

/// The largest prime below `n`.
///
/// @param n   at least 3
/// @param out receives the prime
/// @return IW_OK; IW_INVALID for a smaller `n` or when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_prev_prime(n: u64, out: *mut u64) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable.
        let out = unsafe { lent::out(out, "out") }?;
        out.write(ints::prev_prime(n)?);
        Ok(())
    })
}

/// The primes of a range, found and counted; opaque.
pub struct iw_primes(Primes);

/// Finds the primes of `first..=last` by a segmented sieve on several threads.
///
/// Ask `iw_primes_count` how many there are, give `iw_primes_write` room for them, then free.
/// Memory: one byte for 30 numbers of the range, and at most 16 MB.
///
/// @param first   smallest number looked at
/// @param last    largest number looked at; below `first`, there are no primes
/// @param tick    gets bytes (of 30 numbers) done and in all, or NULL
/// @param context handed to `tick` unread
/// @param out     receives a handle, to be freed with `iw_primes_free`
/// @return IW_OK; IW_MEMORY when the range is too wide; IW_INVALID when `out` is NULL; IW_CANCELLED
///
/// # Safety
/// `out` is NULL or writable. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_new(
    first: u64,
    last: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_primes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable, and a callable tick.
        let (out, progress) = unsafe { (lent::out(out, "out")?, tick::progress(tick, context)) };
        out.write(Box::into_raw(Box::new(iw_primes(Primes::new(first, last, &progress)?))));
        Ok(())
    })
}

/// Number of primes; 0 when `primes` is NULL.
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_count(primes: *const iw_primes) -> usize {
    // SAFETY: the caller promises NULL or a live handle.
    unsafe { primes.as_ref() }.map_or(0, |primes| primes.0.count())
}

/// Writes the primes in ascending order, on several threads.
///
/// @param primes  a handle, which stays as it is
/// @param out     IW_U64, one axis of `iw_primes_count` elements, contiguous
/// @param tick    gets bytes (of 30 numbers) done and in all, or NULL
/// @param context handed to `tick` unread
/// @return IW_OK; IW_INVALID on NULL, another length or layout; IW_TYPE on a dtype; IW_CANCELLED
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed. `out` is NULL or points to a descriptor whose
/// elements stay writable and otherwise untouched until the call returns. `tick` is NULL or callable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_write(
    primes: *const iw_primes,
    out: *const iw_array,
    tick: iw_tick,
    context: *mut c_void,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise, one by one.
        unsafe {
            let primes = primes.as_ref().ok_or_else(|| Error::Invalid("primes must not be NULL".into()))?;
            let out = iw_array::lent(out, "out")?.slice_mut::<u64>("out", IW_U64)?;
            primes.0.write(out, &tick::progress(tick, context))
        }
    })
}

/// Frees a handle. Does nothing when `primes` is NULL. Leaves the last error alone.
///
/// # Safety
/// `primes` is NULL or a handle that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_primes_free(primes: *mut iw_primes) {
    if !primes.is_null() {
        // SAFETY: the caller promises a live handle, which came from Box::into_raw.
        drop(unsafe { Box::from_raw(primes) });
    }
}

/// Most different primes that divide one number of 128 bits: the product of the first 27 is larger.
pub const IW_MAX_FACTORS: usize = 26;

/// The prime factors of a number, ascending.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct iw_factors {
    /// Number of different primes, 0..=IW_MAX_FACTORS; entries from there on are 0.
    pub count: u32,
    /// How often each prime divides.
    pub exponents: [u32; IW_MAX_FACTORS],
    /// The lower 64 bits of each prime.
    pub low: [u64; IW_MAX_FACTORS],
    /// The upper 64 bits of each prime.
    pub high: [u64; IW_MAX_FACTORS],
}

/// Factors the unsigned `high * 2^64 + low` into primes.
///
/// Below 2^64 some tenth of a millisecond. Above, by curves, in a time that depends on the second
/// largest prime: 15 digits well under a second, 19 digits some seconds.
///
/// @param low, high the number, at least 1
/// @param tick      called now and then above 2^64, with a total of 0, or NULL
/// @param context   handed to `tick` unread
/// @param out       receives the factors; none for 1
/// @return IW_OK; IW_INVALID when the number is 0 or `out` is NULL; IW_CANCELLED
///
/// # Safety
/// `out` is NULL or writable. `tick` is NULL or callable with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_ints_factor(
    low: u64,
    high: u64,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_factors,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises NULL or writable, and a callable tick.
        let (out, progress) = unsafe { (lent::out(out, "out")?, tick::progress(tick, context)) };
        let found = ints::factor(unsigned(low, high), &progress)?;
        let mut factors = iw_factors {
            count: found.len() as u32,
            exponents: [0; IW_MAX_FACTORS],
            low: [0; IW_MAX_FACTORS],
            high: [0; IW_MAX_FACTORS],
        };
        for (i, (prime, exponent)) in found.into_iter().enumerate() {
            factors.exponents[i] = exponent;
            factors.low[i] = prime as u64;
            factors.high[i] = (prime >> 64) as u64;
        }
        out.write(factors);
        Ok(())
    })
}
