"""What a function of this package takes: ints that fit, integer arrays, and the array a result goes to."""

from __future__ import annotations

import ctypes
import operator
import sys
from typing import Any, List, Tuple

from ironwheel import _abi
from ironwheel._view import lend

LEAST = -(2**63)
MOST = 2**64 - 1
WIDEST = 2**128 - 1
MODES = {"raise": _abi.IW_RAISE, "wrap": _abi.IW_WRAP, "saturate": _abi.IW_SATURATE}

# tag -> (name, signed, bytes, array.array's letter, ctypes' type)
DTYPES = {
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


def limits(tag: int) -> Tuple[int, int]:
    """The smallest and the largest value of a dtype."""
    _, signed, size, _, _ = DTYPES[tag]
    return (-(1 << (8 * size - 1)), (1 << (8 * size - 1)) - 1) if signed else (0, (1 << (8 * size)) - 1)


def written(value: int) -> str:
    """`value` for a message; Python refuses to print more than 4300 digits."""
    return str(value) if value.bit_length() <= 256 else f"an integer of {value.bit_length()} bits"


def index(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer or an integer array, got {type(value).__name__}") from None


def only_ints(name: str, value: Any) -> int:
    if is_array(value):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    return index(name, value)


def scalar(name: str, value: Any) -> int:
    number = index(name, value)
    if not LEAST <= number <= MOST:  # ctypes wraps integers silently
        raise OverflowError(f"{name} must be in -2**63..2**64-1, got {written(number)}")
    return number


def natural(name: str, value: Any, most: int = MOST) -> int:
    """A scalar that C takes as unsigned."""
    number = only_ints(name, value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {written(number)}")
    if number > most:
        raise OverflowError(f"{name} must be below 2**{most.bit_length()}, got {written(number)}")
    return number


def is_array(value: Any) -> bool:
    if isinstance(value, memoryview):
        return True
    numpy, array = sys.modules.get("numpy"), sys.modules.get("array")
    return (numpy is not None and isinstance(value, numpy.ndarray)) or (
        array is not None and isinstance(value, array.array)
    )


def mode(overflow: str) -> int:
    if not isinstance(overflow, str):
        raise TypeError(f"overflow must be a str, got {type(overflow).__name__}")
    if overflow not in MODES:
        raise ValueError(f"overflow must be 'raise', 'wrap' or 'saturate', got {overflow!r}")
    return MODES[overflow]


class Lent:
    """An integer array described for the library, and what has to live as long."""

    __slots__ = ("described", "given", "keep", "shape", "tag")

    def __init__(self, name: str, given: Any) -> None:
        self.given = given
        self.described, self.keep = lend(name, given)
        self.tag: int = self.described.dtype
        if self.tag not in DTYPES:
            kind = getattr(given, "dtype", None) or f"format {memoryview(given).format!r}"
            raise TypeError(f"{name} must hold integers, int8 to uint64, got {kind}")
        self.shape: Tuple[int, ...] = tuple(self.described.shape[: self.described.ndim])

    def letter(self, tag: int) -> str:
        """The struct module's letter for the result: the one given, because C has two for one size."""
        if tag == self.tag:
            code: Any = getattr(self.given, "typecode", "") or getattr(self.given, "format", "")
            if len(code) == 1:
                return str(code)
        return DTYPES[tag][3]


class Cell:
    """A Python int as an array without axes, of the other operand's dtype."""

    __slots__ = ("described", "keep", "shape", "tag")

    def __init__(self, name: str, value: Any, tag: int) -> None:
        number = index(name, value)
        dtype, _, _, _, kind = DTYPES[tag]
        least, most = limits(tag)
        if not least <= number <= most:
            raise OverflowError(f"{name} must be in {least}..{most} for {dtype}, got {written(number)}")
        self.tag = tag
        self.keep: Any = kind(number)
        self.described = _abi.iw_array(ctypes.addressof(self.keep), tag, 0)
        self.shape: Tuple[int, ...] = ()


def common(a: int, b: int) -> int:
    """The smallest dtype that holds every value of both, as NumPy promotes."""
    if a == b:
        return a
    (a_name, a_signed, a_size, _, _), (b_name, b_signed, b_size, _, _) = DTYPES[a], DTYPES[b]
    if a_signed == b_signed:
        return a if a_size >= b_size else b
    signed, unsigned = (a_size, b_size) if a_signed else (b_size, a_size)
    wanted = max(signed, 2 * unsigned)
    if wanted > 8:
        raise TypeError(f"a and b must have a common integer dtype, got {a_name} and {b_name}")
    return _SIGNED[wanted]


def broadcast(a: Tuple[int, ...], b: Tuple[int, ...]) -> Tuple[int, ...]:
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


def new(likes: List[Lent], shape: Tuple[int, ...], tag: int, flags: bool = False) -> Any:
    """An array for the result: NumPy's if any operand is, else array.array, else memoryview."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and any(isinstance(like.given, numpy.ndarray) for like in likes):
        return numpy.empty(shape, "?" if flags else DTYPES[tag][0])
    count = 1
    for n in shape:
        count *= n
    like = next((like for like in likes if not isinstance(like.given, memoryview)), likes[0])
    letter = "B" if flags else like.letter(tag)
    if not isinstance(like.given, memoryview):
        import array

        return array.array(letter, [0]) * count
    block: Any = memoryview(bytearray(count * (1 if flags else DTYPES[tag][2])))
    letter = "?" if flags else letter
    # cast() refuses axes of length 0, and one axis is what it makes anyway.
    return block.cast("B").cast(letter, shape) if len(shape) != 1 and count else block.cast("B").cast(letter)
