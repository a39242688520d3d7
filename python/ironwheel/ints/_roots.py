"""Integer roots."""

from __future__ import annotations

from typing import Any, overload

from ironwheel._lib import lib
from ironwheel._progress import Progress
from ironwheel.ints._call import arrays_of_one
from ironwheel.ints._operands import MOST, is_array, natural

_isqrt = lib.iw_ints_isqrt_u64  # looked up once: the call is as short as the way to it


@overload
def isqrt(n: int, *, progress: Progress = None) -> int: ...
@overload
def isqrt(n: Any, *, progress: Progress = None) -> Any: ...
def isqrt(n: Any, *, progress: Progress = None) -> Any:
    """The largest integer whose square is at most `n`.

    Parameters
    ----------
    n
        An int of 0..2**64-1, or an integer array of any shape and strides.
    progress
        As for `add`.

    Returns
    -------
    An int, or a new C-contiguous array of the same shape and dtype.

    Raises
    ------
    ValueError
        `n` is negative; for arrays the message names the first index.
    OverflowError
        An int above 2**64-1.
    TypeError
        Not integers.

    Notes
    -----
    The processor's square root of the nearest double, which is too large by at most 1, and one correction.

    Examples
    --------
    >>> isqrt(99)
    9
    """
    if n.__class__ is int and 0 <= n <= MOST:
        return _isqrt(n)
    if is_array(n):
        return arrays_of_one("isqrt", lib.iw_ints_isqrt_array, "n", n, (), progress)
    return _isqrt(natural("n", n))
