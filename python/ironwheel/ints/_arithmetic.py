"""Sums, differences, products, quotients, powers and signs."""

from __future__ import annotations

from typing import Any, overload

from ironwheel._lib import lib
from ironwheel._progress import Progress
from ironwheel.ints._call import of_one, of_two


@overload
def add(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def add(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def add(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The exact sum ``a + b``.

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
    One pass, on several threads from some 8 MiB read and written on; Ctrl-C stops it.

    Examples
    --------
    >>> add(2**63 - 1, 1)
    9223372036854775808
    >>> add(2**64 - 1, 1, overflow="wrap")
    0
    """
    return of_two("add", lib.iw_ints_add, lib.iw_ints_add_array, a, b, overflow, progress)


@overload
def sub(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def sub(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def sub(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The exact difference ``a - b``.

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
    One pass, on several threads from some 8 MiB read and written on; Ctrl-C stops it.

    Examples
    --------
    >>> sub(0, 2**63)
    -9223372036854775808
    """
    return of_two("sub", lib.iw_ints_sub, lib.iw_ints_sub_array, a, b, overflow, progress)


@overload
def mul(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def mul(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def mul(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The exact product ``a * b``.

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
    One pass, on several threads from some 8 MiB read and written on; Ctrl-C stops it.

    Examples
    --------
    >>> mul(2**32, 2**32, overflow="saturate")
    18446744073709551615
    """
    return of_two("mul", lib.iw_ints_mul, lib.iw_ints_mul_array, a, b, overflow, progress)


@overload
def floordiv(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def floordiv(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def floordiv(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The quotient ``a // b``, rounded down as Python does.

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
    ZeroDivisionError
        `b`, or one of its elements, is 0.
    TypeError
        Not integers, or dtypes without a common one (int64 and uint64).
    ValueError
        Shapes that do not broadcast, or another `overflow`.

    Notes
    -----
    One pass, on several threads from some 8 MiB read and written on; Ctrl-C stops it. Only the least signed number by -1 overflows.

    Examples
    --------
    >>> floordiv(-7, 2)
    -4
    """
    return of_two("floordiv", lib.iw_ints_floordiv, lib.iw_ints_floordiv_array, a, b, overflow, progress)


@overload
def mod(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def mod(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def mod(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The remainder ``a % b``, 0 or of the sign of `b` as Python's.

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
    ZeroDivisionError
        `b`, or one of its elements, is 0.
    TypeError
        Not integers, or dtypes without a common one (int64 and uint64).
    ValueError
        Shapes that do not broadcast, or another `overflow`.

    Notes
    -----
    One pass, on several threads from some 8 MiB read and written on; Ctrl-C stops it.

    Examples
    --------
    >>> mod(-7, 2)
    1
    """
    return of_two("mod", lib.iw_ints_mod, lib.iw_ints_mod_array, a, b, overflow, progress)


@overload
def pow(a: int, b: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def pow(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def pow(a: Any, b: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The power ``a ** b``; 1 when `b` is 0.

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
        Shapes that do not broadcast, or another `overflow`, or a negative `b`.

    Notes
    -----
    Repeated squaring; on several threads from some 10,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> pow(3, 40)
    12157665459056928801
    """
    return of_two("pow", lib.iw_ints_pow, lib.iw_ints_pow_array, a, b, overflow, progress)


@overload
def neg(a: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def neg(a: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def neg(a: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The exact ``-a``.

    Parameters
    ----------
    a
        An int of -2**63..2**64-1, or an integer array of any shape and strides.
    overflow, progress
        As for `add`.

    Returns
    -------
    An int, or a new C-contiguous array of the same shape and dtype.

    Raises
    ------
    OverflowError
        The exact result does not fit: the least signed number, or an unsigned one above 0.
    TypeError
        Not integers.
    ValueError
        Another `overflow`.

    Examples
    --------
    >>> neg(5)
    -5
    """
    return of_one("neg", lib.iw_ints_neg, lib.iw_ints_neg_array, a, overflow, progress)


@overload
def abs(a: int, *, overflow: str = "raise", progress: Progress = None) -> int: ...
@overload
def abs(a: Any, *, overflow: str = "raise", progress: Progress = None) -> Any: ...
def abs(a: Any, *, overflow: str = "raise", progress: Progress = None) -> Any:
    """The distance of `a` from 0.

    Parameters
    ----------
    a
        An int of -2**63..2**64-1, or an integer array of any shape and strides.
    overflow, progress
        As for `add`.

    Returns
    -------
    An int, or a new C-contiguous array of the same shape and dtype.

    Raises
    ------
    OverflowError
        The exact result does not fit: the least number of a signed array.
    TypeError
        Not integers.
    ValueError
        Another `overflow`.

    Examples
    --------
    >>> abs(-(2**63))
    9223372036854775808
    """
    return of_one("abs", lib.iw_ints_abs, lib.iw_ints_abs_array, a, overflow, progress)
