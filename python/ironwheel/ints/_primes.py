"""Primes: the test of a number, the next, the one before, all of a range."""

from __future__ import annotations

import ctypes
from typing import Any, overload

from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel._view import lend
from ironwheel.ints._call import arrays_of_one
from ironwheel.ints._operands import MOST, WIDEST, index, is_array, natural, only_ints, written

_is_prime = lib.iw_ints_is_prime_u64  # looked up once: the call is as short as the way to it


@overload
def is_prime(n: int, *, progress: Progress = None) -> bool: ...
@overload
def is_prime(n: Any, *, progress: Progress = None) -> Any: ...
def is_prime(n: Any, *, progress: Progress = None) -> Any:
    """Whether `n` is a prime number.

    Parameters
    ----------
    n
        An int below 2**128, or an integer array of any shape and strides. Negative numbers are not prime.
    progress
        As for `add`.

    Returns
    -------
    A bool; for a NumPy array a bool array of the same shape, for a memoryview one of format '?', for array.array,
    which has no bools, one of typecode 'B' holding 0 and 1.

    Raises
    ------
    OverflowError
        An int of more than 128 bits.
    TypeError
        Not integers.

    Notes
    -----
    Exact, not probabilistic, below 3317044064679887385961981 (81 bits): strong tests for sets of bases that no
    composite passes (Jaeschke 1993; Sinclair and Worley, checked with Feitsma's list of pseudoprimes below 2**64;
    Sorenson and Webster 2017). Above, strong tests for 13 bases and a strong Lucas test (Baillie-PSW): no composite
    is known that passes, and none is proved not to exist. At most about a microsecond for 64 bits. Arrays on several
    threads from some 4,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> is_prime(2**61 - 1), is_prime(2**67 - 1)
    (True, False)
    """
    if n.__class__ is int and 0 <= n <= MOST:
        return _is_prime(n)
    if is_array(n):
        return arrays_of_one("is_prime", lib.iw_ints_is_prime_array, "n", n, (), progress)
    number = index("n", n)
    if number > WIDEST:
        raise OverflowError(f"n must be below 2**128, got {written(number)}")
    return number > 0 and lib.iw_ints_is_prime_u128(number, number >> 64)


def next_prime(n: int) -> int:
    """The smallest prime above `n`.

    Parameters
    ----------
    n
        An int below 18446744073709551557, the largest prime of 64 bits; it may be negative.

    Raises
    ------
    OverflowError
        The prime is above 2**64-1.
    TypeError
        `n` is not an integer.

    Examples
    --------
    >>> next_prime(10**12)
    1000000000039
    """
    number = only_ints("n", n)
    out = ctypes.c_uint64()
    check(lib.iw_ints_next_prime(natural("n", max(number, 0)), out))
    return out.value


def prev_prime(n: int) -> int:
    """The largest prime below `n`.

    Parameters
    ----------
    n
        An int of 3..2**64-1.

    Raises
    ------
    ValueError
        There is none: `n` is below 3.
    OverflowError
        `n` is above 2**64-1.
    TypeError
        `n` is not an integer.

    Examples
    --------
    >>> prev_prime(2**64 - 1)
    18446744073709551557
    """
    number = only_ints("n", n)
    out = ctypes.c_uint64()
    check(lib.iw_ints_prev_prime(natural("n", number), out))
    return out.value


def primes(lo: int, hi: int, *, progress: Progress = None) -> Any:
    """The primes p with ``lo <= p < hi``, in ascending order.

    Parameters
    ----------
    lo, hi
        Ints; `hi` at most 2**64. As in `range`, `hi` is left out, and ``hi <= lo`` gives no primes.
    progress
        True for a bar, or called as ``progress(done, total)`` with bytes of the sieve, 30 numbers each.

    Returns
    -------
    A new uint64 array, shape (n,): NumPy's, or an array.array of typecode 'Q' where NumPy is absent.

    Raises
    ------
    OverflowError
        `hi` is above 2**64.
    MemoryError
        The range does not fit in memory: one byte for 30 numbers and eight for each prime, allocated once.
    TypeError
        `lo` or `hi` is not an integer.

    Notes
    -----
    A segmented sieve of Eratosthenes on a wheel of 30, on several threads; of a narrow range far up only the smaller
    factors are sieved, and what is left is tested as by `is_prime`. O(n log log n). Ctrl-C stops it.

    Examples
    --------
    >>> [int(p) for p in primes(10, 30)]
    [11, 13, 17, 19, 23, 29]
    """
    first, end = max(only_ints("lo", lo), 0), only_ints("hi", hi)
    if end > MOST + 1:
        raise OverflowError(f"hi must be at most 2**64, got {written(end)}")
    if end <= first:
        first, end = 1, 1  # C's range includes its end, and 1 is no prime
    else:
        end -= 1
    handle = ctypes.c_void_p()
    try:
        job = Job(progress, "primes")
        job.check(lib.iw_primes_new(first, end, job.tick, None, ctypes.byref(handle)))
        out = _uint64s(lib.iw_primes_count(handle))
        described, _keep = lend("out", out)
        job = Job()
        job.check(lib.iw_primes_write(handle, described, job.tick, None))
    finally:
        lib.iw_primes_free(handle)
    return out


def _uint64s(count: int) -> Any:
    try:
        import numpy
    except ImportError:
        import array

        return array.array("Q", [0]) * count
    return numpy.empty(count, numpy.uint64)
