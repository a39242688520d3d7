"""Greatest common divisors and least common multiples."""

from __future__ import annotations

from typing import Any, overload

from ironwheel import _abi
from ironwheel._lib import check, lib
from ironwheel._progress import Progress
from ironwheel.ints._call import arrays_of_two, of_two
from ironwheel.ints._operands import MOST, WIDEST, index, is_array, written

_gcd = lib.iw_ints_gcd_u64  # looked up once: the call is as short as the way to it


@overload
def gcd(a: int, b: int, *, progress: Progress = None) -> int: ...
@overload
def gcd(a: Any, b: Any, *, progress: Progress = None) -> Any: ...
def gcd(a: Any, b: Any, *, progress: Progress = None) -> Any:
    """The greatest common divisor, never negative; ``gcd(0, b)`` is ``abs(b)``.

    Parameters
    ----------
    a, b
        Ints of -(2**128-1)..2**128-1, or integer arrays of shapes that broadcast.
    progress
        As for `add`.

    Returns
    -------
    An int, or a new C-contiguous array of the common dtype and the broadcast shape.

    Raises
    ------
    OverflowError
        An int of more than 128 bits; in arrays a divisor that does not fit: gcd(-128, 0) in int8.
    TypeError
        Not integers, or dtypes without a common one (int64 and uint64).
    ValueError
        Shapes that do not broadcast.

    Notes
    -----
    J. Stein's binary algorithm (1967), O(bits). Arrays on several threads from some 10,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> gcd(2**40, 6 * 2**38)
    549755813888
    """
    if a.__class__ is int and b.__class__ is int and 0 <= a <= MOST and 0 <= b <= MOST:
        return _gcd(a, b)
    if is_array(a) or is_array(b):
        return arrays_of_two("gcd", lib.iw_ints_gcd_array, a, b, _abi.IW_RAISE, progress)
    a, b = index("a", a), index("b", b)
    for name, number in (("a", a), ("b", b)):
        if not -WIDEST <= number <= WIDEST:
            raise OverflowError(f"{name} must be of at most 128 bits, got {written(number)}")
    a, b = a if a >= 0 else -a, b if b >= 0 else -b
    out = _abi.iw_int128()
    check(lib.iw_ints_gcd_u128(a, a >> 64, b, b >> 64, out))
    return (out.high << 64 | out.low) & WIDEST


@overload
def lcm(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def lcm(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def lcm(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The least common multiple, never negative; 0 when an operand is 0.

    Parameters
    ----------
    a, b
        Ints of -2**63..2**64-1, or integer arrays of shapes that broadcast; an int beside an array must fit the
        array's dtype. Arrays of any strides and byte order; only the latter is copied.
    overflow
        For a result that does not fit: "raise" is an error, "saturate" the end of the range that lies nearer,
        "wrap" the result modulo 2 to the number of bits (of ints: to int64 if an operand is negative, else to
        uint64).
    progress
        True for a bar, or called as ``progress(done, total)`` with elements; arrays only.

    Returns
    -------
    An int of -2**63..2**64-1, or a new C-contiguous array of the common dtype (the operands' own where they agree)
    and the broadcast shape.

    Raises
    ------
    OverflowError
        The exact result does not fit; for arrays the message names the first index.
    TypeError
        Not integers, or dtypes without a common one (int64 and uint64).
    ValueError
        Shapes that do not broadcast, or another `overflow`.

    Notes
    -----
    Binary gcd and one division; on several threads from some 10,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> lcm(4, 6)
    12
    """
    return of_two("lcm", lib.iw_ints_lcm, lib.iw_ints_lcm_array, a, b, overflow, progress)
