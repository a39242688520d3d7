"""Exact integers of 64 bits, and some of 128.

Every function takes Python ints (bool and NumPy scalars count as such) or integer arrays, int8 to uint64: NumPy,
array.array or memoryview. Ints give an int, arrays an array of the same kind, element by element.
"""

from __future__ import annotations

import ctypes
import operator
import sys
from typing import Any, List, Tuple, overload

from ironwheel import _abi
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress

__all__ = [
    "abs",
    "add",
    "factor",
    "floordiv",
    "gcd",
    "is_prime",
    "isqrt",
    "lcm",
    "mod",
    "mul",
    "neg",
    "next_prime",
    "pow",
    "prev_prime",
    "primes",
    "sub",
]

_LEAST = -(2**63)
_MOST = 2**64 - 1
_WIDEST = 2**128 - 1
_MODES = {"raise": _abi.IW_RAISE, "wrap": _abi.IW_WRAP, "saturate": _abi.IW_SATURATE}

# Looked up once: these calls are as short as the way to them.
_gcd = lib.iw_ints_gcd_u64
_isqrt = lib.iw_ints_isqrt_u64
_is_prime = lib.iw_ints_is_prime_u64
_int128 = _abi.iw_int128

# tag -> (name, signed, bytes, array.array's letter, ctypes' type)
_DTYPES = {
    _abi.IW_I8: ("int8", True, 1, "b", ctypes.c_int8),
    _abi.IW_I16: ("int16", True, 2, "h", ctypes.c_int16),
    _abi.IW_I32: ("int32", True, 4, "i", ctypes.c_int32),
    _abi.IW_I64: ("int64", True, 8, "q", ctypes.c_int64),
    _abi.IW_U8: ("uint8", False, 1, "B", ctypes.c_uint8),
    _abi.IW_U16: ("uint16", False, 2, "H", ctypes.c_uint16),
    _abi.IW_U32: ("uint32", False, 4, "I", ctypes.c_uint32),
    _abi.IW_U64: ("uint64", False, 8, "Q", ctypes.c_uint64),
}
_SIGNED = {1: _abi.IW_I8, 2: _abi.IW_I16, 4: _abi.IW_I32, 8: _abi.IW_I64}

# Below it a call ends long before anyone could press Ctrl-C, so the callback that lets it in is not made.
_SHORT = 1 << 14
_NO_TICK = _abi.iw_tick()


def _written(value: int) -> str:
    """`value` for a message; Python refuses to print more than 4300 digits."""
    return str(value) if value.bit_length() <= 256 else f"an integer of {value.bit_length()} bits"


def _index(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer or an integer array, got {type(value).__name__}") from None


def _mode(overflow: str) -> int:
    if not isinstance(overflow, str):
        raise TypeError(f"overflow must be a str, got {type(overflow).__name__}")
    if overflow not in _MODES:
        raise ValueError(f"overflow must be 'raise', 'wrap' or 'saturate', got {overflow!r}")
    return _MODES[overflow]


def _is_array(value: Any) -> bool:
    if isinstance(value, memoryview):
        return True
    numpy, array = sys.modules.get("numpy"), sys.modules.get("array")
    return (numpy is not None and isinstance(value, numpy.ndarray)) or (
        array is not None and isinstance(value, array.array)
    )


def _only_ints(name: str, value: Any) -> int:
    if _is_array(value):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    return _index(name, value)


def _scalar(name: str, value: Any) -> int:
    number = _index(name, value)
    if not _LEAST <= number <= _MOST:  # ctypes wraps integers silently
        raise OverflowError(f"{name} must be in -2**63..2**64-1, got {_written(number)}")
    return number


def _natural(name: str, value: Any, most: int = _MOST) -> int:
    """A scalar that C takes as unsigned."""
    number = _only_ints(name, value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {_written(number)}")
    if number > most:
        raise OverflowError(f"{name} must be below 2**{most.bit_length()}, got {_written(number)}")
    return number


class _Lent:
    """An integer array described for the library, and what has to live as long."""

    __slots__ = ("described", "given", "keep", "shape", "tag")

    def __init__(self, name: str, given: Any) -> None:
        from ironwheel._view import lend

        self.given = given
        self.described, self.keep = lend(name, given)
        self.tag: int = self.described.dtype
        if self.tag not in _DTYPES:
            kind = getattr(given, "dtype", None) or f"format {memoryview(given).format!r}"
            raise TypeError(f"{name} must hold integers, int8 to uint64, got {kind}")
        self.shape: Tuple[int, ...] = tuple(self.described.shape[: self.described.ndim])

    def letter(self, tag: int) -> str:
        """The struct module's letter for the result: the one given, because C has two for one size."""
        if tag == self.tag:
            code: Any = getattr(self.given, "typecode", "") or getattr(self.given, "format", "")
            if len(code) == 1:
                return str(code)
        return _DTYPES[tag][3]


class _Cell:
    """A Python int as an array without axes, of the other operand's dtype."""

    __slots__ = ("described", "keep", "shape", "tag")

    def __init__(self, name: str, value: Any, tag: int) -> None:
        number = _index(name, value)
        dtype, signed, size, _, kind = _DTYPES[tag]
        least, most = (-(1 << (8 * size - 1)), (1 << (8 * size - 1)) - 1) if signed else (0, (1 << (8 * size)) - 1)
        if not least <= number <= most:
            raise OverflowError(f"{name} must be in {least}..{most} for {dtype}, got {_written(number)}")
        self.tag = tag
        self.keep: Any = kind(number)
        self.described = _abi.iw_array(ctypes.addressof(self.keep), tag, 0)
        self.shape: Tuple[int, ...] = ()


def _common(a: int, b: int) -> int:
    """The smallest dtype that holds every value of both, as NumPy promotes."""
    if a == b:
        return a
    (a_name, a_signed, a_size, _, _), (b_name, b_signed, b_size, _, _) = _DTYPES[a], _DTYPES[b]
    if a_signed == b_signed:
        return a if a_size >= b_size else b
    signed, unsigned = (a_size, b_size) if a_signed else (b_size, a_size)
    wanted = max(signed, 2 * unsigned)
    if wanted > 8:
        raise TypeError(f"a and b must have a common integer dtype, got {a_name} and {b_name}")
    return _SIGNED[wanted]


def _broadcast(a: Tuple[int, ...], b: Tuple[int, ...]) -> Tuple[int, ...]:
    if a == b or not b:
        return a
    if not a:
        return b
    ndim = max(len(a), len(b))
    left, right = (1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b
    shape = tuple(n if m == 1 else m for m, n in zip(left, right))
    if any(n not in (1, wanted) for n, wanted in zip(right, shape)):
        raise ValueError(f"a and b must have shapes that broadcast, got {a} and {b}")
    return shape


def _new(likes: List[_Lent], shape: Tuple[int, ...], tag: int, flags: bool = False) -> Any:
    """An array for the result: NumPy's if any operand is, else array.array, else memoryview."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and any(isinstance(like.given, numpy.ndarray) for like in likes):
        return numpy.empty(shape, "?" if flags else _DTYPES[tag][0])
    count = 1
    for n in shape:
        count *= n
    like = next((like for like in likes if not isinstance(like.given, memoryview)), likes[0])
    letter = "B" if flags else like.letter(tag)
    if not isinstance(like.given, memoryview):
        import array

        return array.array(letter, [0]) * count
    block: Any = memoryview(bytearray(count * (1 if flags else _DTYPES[tag][2])))
    letter = "?" if flags else letter
    # cast() refuses axes of length 0, and one axis is what it makes anyway.
    return block.cast("B").cast(letter, shape) if len(shape) != 1 and count else block.cast("B").cast(letter)


def _run(what: str, call: Any, arguments: Tuple[Any, ...], size: int, progress: Progress) -> None:
    if progress is None and size < _SHORT:
        check(call(*arguments, _NO_TICK, None))
        return
    job = Job(progress, what)
    job.check(call(*arguments, job.tick, None))


def _describe(out: Any) -> Tuple[Any, Any]:
    from ironwheel._view import lend

    return lend("out", out)


def _size(shape: Tuple[int, ...]) -> int:
    count = 1
    for n in shape:
        count *= n
    return count


def _arrays_of_two(what: str, call: Any, a: Any, b: Any, overflow: int, progress: Progress) -> Any:
    lent = [_Lent(name, given) for name, given in (("a", a), ("b", b)) if _is_array(given)]
    if len(lent) == 2:
        left: Any = lent[0]
        right: Any = lent[1]
    elif _is_array(a):
        left, right = lent[0], _Cell("b", b, lent[0].tag)
    else:
        left, right = _Cell("a", a, lent[0].tag), lent[0]
    out = _new(lent, _broadcast(left.shape, right.shape), _common(left.tag, right.tag))
    described, _keep = _describe(out)
    size = _size(tuple(described.shape[: described.ndim]))
    _run(what, call, (left.described, right.described, overflow, described), size, progress)
    return out


def _arrays_of_one(what: str, call: Any, name: str, given: Any, more: Tuple[int, ...], progress: Progress) -> Any:
    lent = _Lent(name, given)
    out = _new([lent], lent.shape, lent.tag, flags=what == "is_prime")
    described, _keep = _describe(out)
    _run(what, call, (lent.described, *more, described), _size(lent.shape), progress)
    return out


def _two(what: str, call: Any, arrays: Any, a: Any, b: Any, overflow: str, progress: Progress) -> Any:
    mode = 0 if overflow == "raise" else _mode(overflow)
    if not (a.__class__ is int and b.__class__ is int and _LEAST <= a <= _MOST and _LEAST <= b <= _MOST):
        if _is_array(a) or _is_array(b):
            return _arrays_of_two(what, arrays, a, b, mode, progress)
        a, b = _scalar("a", a), _scalar("b", b)
    out = _int128()
    status = call(a, a >> 64, b, b >> 64, mode, out)  # ctypes keeps the low 64 bits of each: two's complement
    if status:
        check(status)
    return out.high << 64 | out.low


def _one(what: str, call: Any, arrays: Any, a: Any, overflow: str, progress: Progress) -> Any:
    mode = _mode(overflow)
    if _is_array(a):
        return _arrays_of_one(what, arrays, "a", a, (mode,), progress)
    a = _scalar("a", a)
    out = _int128()
    check(call(a, a >> 64, mode, out))
    return out.high << 64 | out.low


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
    One pass, on several threads from 100,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> add(2**63 - 1, 1)
    9223372036854775808
    >>> add(2**64 - 1, 1, overflow="wrap")
    0
    """
    return _two("add", lib.iw_ints_add, lib.iw_ints_add_array, a, b, overflow, progress)


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
    One pass, on several threads from 100,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> sub(0, 2**63)
    -9223372036854775808
    """
    return _two("sub", lib.iw_ints_sub, lib.iw_ints_sub_array, a, b, overflow, progress)


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
    One pass, on several threads from 100,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> mul(2**32, 2**32, overflow="saturate")
    18446744073709551615
    """
    return _two("mul", lib.iw_ints_mul, lib.iw_ints_mul_array, a, b, overflow, progress)


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
    One pass, on several threads from 100,000 elements on; Ctrl-C stops it. Only the least signed number by -1 overflows.

    Examples
    --------
    >>> floordiv(-7, 2)
    -4
    """
    return _two("floordiv", lib.iw_ints_floordiv, lib.iw_ints_floordiv_array, a, b, overflow, progress)


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
    One pass, on several threads from 100,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> mod(-7, 2)
    1
    """
    return _two("mod", lib.iw_ints_mod, lib.iw_ints_mod_array, a, b, overflow, progress)


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
    Repeated squaring; on several threads from 3,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> pow(3, 40)
    12157665459056928801
    """
    return _two("pow", lib.iw_ints_pow, lib.iw_ints_pow_array, a, b, overflow, progress)


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
    Binary gcd and one division; on several threads from 3,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> lcm(4, 6)
    12
    """
    return _two("lcm", lib.iw_ints_lcm, lib.iw_ints_lcm_array, a, b, overflow, progress)


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
    return _one("neg", lib.iw_ints_neg, lib.iw_ints_neg_array, a, overflow, progress)


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
    return _one("abs", lib.iw_ints_abs, lib.iw_ints_abs_array, a, overflow, progress)


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
    J. Stein's binary algorithm (1967), O(bits). Arrays on several threads from 3,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> gcd(2**40, 6 * 2**38)
    549755813888
    """
    if a.__class__ is int and b.__class__ is int and 0 <= a <= _MOST and 0 <= b <= _MOST:
        return _gcd(a, b)
    if _is_array(a) or _is_array(b):
        return _arrays_of_two("gcd", lib.iw_ints_gcd_array, a, b, _abi.IW_RAISE, progress)
    a, b = _index("a", a), _index("b", b)
    for name, number in (("a", a), ("b", b)):
        if not -_WIDEST <= number <= _WIDEST:
            raise OverflowError(f"{name} must be of at most 128 bits, got {_written(number)}")
    a, b = a if a >= 0 else -a, b if b >= 0 else -b
    out = _int128()
    check(lib.iw_ints_gcd_u128(a, a >> 64, b, b >> 64, out))
    return (out.high << 64 | out.low) & _WIDEST


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
    if n.__class__ is int and 0 <= n <= _MOST:
        return _isqrt(n)
    if _is_array(n):
        return _arrays_of_one("isqrt", lib.iw_ints_isqrt_array, "n", n, (), progress)
    return _isqrt(_natural("n", n))


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
    threads from 3,000 elements on; Ctrl-C stops it.

    Examples
    --------
    >>> is_prime(2**61 - 1), is_prime(2**67 - 1)
    (True, False)
    """
    if n.__class__ is int and 0 <= n <= _MOST:
        return _is_prime(n)
    if _is_array(n):
        return _arrays_of_one("is_prime", lib.iw_ints_is_prime_array, "n", n, (), progress)
    number = _index("n", n)
    if number > _WIDEST:
        raise OverflowError(f"n must be below 2**128, got {_written(number)}")
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
    number = _only_ints("n", n)
    out = ctypes.c_uint64()
    check(lib.iw_ints_next_prime(_natural("n", max(number, 0)), out))
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
    number = _only_ints("n", n)
    out = ctypes.c_uint64()
    check(lib.iw_ints_prev_prime(_natural("n", number), out))
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
    first, end = max(_only_ints("lo", lo), 0), _only_ints("hi", hi)
    if end > _MOST + 1:
        raise OverflowError(f"hi must be at most 2**64, got {_written(end)}")
    if end <= first:
        first, end = 1, 1  # C's range includes its end, and 1 is no prime
    else:
        end -= 1
    handle = ctypes.c_void_p()
    try:
        job = Job(progress, "primes")
        job.check(lib.iw_primes_new(first, end, job.tick, None, ctypes.byref(handle)))
        out = _uint64s(lib.iw_primes_count(handle))
        described, _keep = _describe(out)
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
    Division by the primes below 256, then R. P. Brent's form of Pollard's rho (1980): below 2**64 at most about a
    millisecond. Beyond, H. W. Lenstra's elliptic curves with P. L. Montgomery's second stage (1987), in a time that
    grows with the second largest prime: 15 digits well under a second, 19 digits some seconds. Primes above 81 bits
    are told as by `is_prime`. Ctrl-C stops it.

    Examples
    --------
    >>> factor(360)
    [(2, 3), (3, 2), (5, 1)]
    """
    number = _only_ints("n", n)
    if number < 1:
        raise ValueError(f"n must be positive, got {_written(number)}")
    number = _natural("n", number, _WIDEST)
    out = _abi.iw_factors()
    high = number >> 64
    if high == 0 and progress is None:
        check(lib.iw_ints_factor(number, 0, _NO_TICK, None, out))
    else:
        job = Job(progress, "factor")
        job.check(lib.iw_ints_factor(number, high, job.tick, None, out))
    primes = (high << 64 | low for low, high in zip(out.low[: out.count], out.high[: out.count]))
    return list(zip(primes, out.exponents[: out.count]))
