"""Prime factors."""

from __future__ import annotations

from typing import List, Tuple

from ironwheel import _abi
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.ints._call import NO_TICK
from ironwheel.ints._operands import WIDEST, natural, only_ints, written


def factor(n: int, *, progress: Progress = None) -> List[Tuple[int, int]]:
    """The prime factors of `n`, ascending, as pairs of a prime and how often it divides.

    Parameters
    ----------
    n
        An int of 1..2**128-1.
    progress
        Called as ``progress(done, 0)`` now and then, above 2**64 only: how long it takes is not known before.

    Returns
    -------
    A list of (prime, exponent); empty for 1.

    Raises
    ------
    ValueError
        `n` is 0 or negative.
    OverflowError
        `n` is of more than 128 bits.
    TypeError
        `n` is not an integer.

    Notes
    -----
    Division by the primes below 256, then R. P. Brent's form of Pollard's rho (1980) for primes up to some 20 bits.
    Beyond, H. W. Lenstra's elliptic curves with P. L. Montgomery's second stage (1987): below 2**64 some tenth of a
    millisecond, above in a time that grows with the second largest prime: 15 digits well under a second, 19 digits
    some seconds. Primes above 81 bits are told as by `is_prime`. Ctrl-C stops it.

    Examples
    --------
    >>> factor(360)
    [(2, 3), (3, 2), (5, 1)]
    """
    number = only_ints("n", n)
    if number < 1:
        raise ValueError(f"n must be positive, got {written(number)}")
    number = natural("n", number, WIDEST)
    out = _abi.iw_factors()
    high = number >> 64
    if high == 0 and progress is None:
        check(lib.iw_ints_factor(number, 0, NO_TICK, None, out))
    else:
        job = Job(progress, "factor")
        job.check(lib.iw_ints_factor(number, high, job.tick, None, out))
    primes = (high << 64 | low for low, high in zip(out.low[: out.count], out.high[: out.count]))
    return list(zip(primes, out.exponents[: out.count]))
