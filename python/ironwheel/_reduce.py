"""How a reduction reaches the library and its result becomes a NumPy or a Python object."""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any, Callable, Dict, List, Tuple, Union

from ironwheel import _abi
from ironwheel._lib import check
from ironwheel._progress import Job
from ironwheel._view import TAGS, lend

Axis = Union[int, Tuple[int, ...], None]

# tag: (NumPy's name, the struct module's letter, what holds one; a float16 travels as its bits)
_TYPES: Dict[int, Tuple[str, str, Any]] = {
    _abi.IW_BOOL: ("bool", "?", ctypes.c_bool),
    _abi.IW_I8: ("int8", "b", ctypes.c_int8),
    _abi.IW_I16: ("int16", "h", ctypes.c_int16),
    _abi.IW_I32: ("int32", "i", ctypes.c_int32),
    _abi.IW_I64: ("int64", "q", ctypes.c_int64),
    _abi.IW_U8: ("uint8", "B", ctypes.c_uint8),
    _abi.IW_U16: ("uint16", "H", ctypes.c_uint16),
    _abi.IW_U32: ("uint32", "I", ctypes.c_uint32),
    _abi.IW_U64: ("uint64", "Q", ctypes.c_uint64),
    _abi.IW_F16: ("float16", "e", ctypes.c_uint16),
    _abi.IW_F32: ("float32", "f", ctypes.c_float),
    _abi.IW_F64: ("float64", "d", ctypes.c_double),
}

# What each kind of result is, by the tag of the values.
SAME = {tag: tag for tag in _TYPES}
PLACE = dict.fromkeys(_TYPES, _abi.IW_I64)
FLOAT = {tag: tag if tag >= _abi.IW_F16 else _abi.IW_F64 for tag in _TYPES}
SUM = {tag: tag if tag >= _abi.IW_F16 else _abi.IW_U64 if tag >= _abi.IW_U8 else _abi.IW_I64 for tag in _TYPES}

_from_buffer, _addressof = ctypes.c_char.from_buffer, ctypes.addressof

_SILENT = _abi.iw_tick()  # NULL: a call too short to be worth stopping
_LONG = 1 << 22  # elements, a few milliseconds; from here on Ctrl-C is let in


class _Room:
    """What a call on a plain array passes by pointer: making it takes longer than the sum of a hundred numbers."""

    __slots__ = ("lent", "lent_at", "shape", "size", "slots")

    def __init__(self, numpy: Any, tag: int, itemsize: int) -> None:
        self.lent = _abi.iw_array(None, tag, 1, (0,), (itemsize,))
        self.lent_at = ctypes.byref(self.lent)
        self.shape, self.size = self.lent.shape, 0
        self.slots: Dict[int, Tuple[Any, Any, Any]] = {}
        for result in {kinds[tag] for kinds in (SAME, PLACE, FLOAT, SUM)}:
            name, _, kind = _TYPES[result]
            slot = kind()
            scalar = functools.partial(_half, numpy) if result == _abi.IW_F16 else numpy.dtype(name).type
            self.slots[result] = slot, ctypes.byref(slot), scalar


# dtype: (tag, itemsize, rooms nobody is in), of native dtypes met so far; found in half the time of TAGS. There come to
# be as many rooms as threads have called at once. They are taken out for the call, so none has two in it.
_MET: Dict[Any, Tuple[int, int, List[_Room]]] = {}


def reduce(
    function: Callable[..., int],
    kinds: Dict[int, int],
    values: Any,
    axis: Axis,
    keepdims: bool,
    skip_nan: int,
    *ddof: float,
    pairs: bool = False,
) -> Any:
    """Calls `function` and returns its result; with `pairs`, a tuple of two."""
    numpy: Any = sys.modules.get("numpy")
    plain = numpy is not None and type(values) is numpy.ndarray
    if plain and axis is None and not keepdims and not pairs and values.flags.carray:
        # Most calls of all, and the only ones short enough for the detours below to show.
        met = _MET.get(values.dtype) or _meet(values.dtype)
        size = values.size
        if met is not None and 0 < size < _LONG:
            given, itemsize, rooms = met
            try:
                room = rooms.pop()
            except IndexError:
                room = _Room(numpy, given, itemsize)
            room.lent.data = _addressof(_from_buffer(values))
            if room.size != size:
                room.shape[0] = room.size = size
            tag = kinds[given]
            slot, address, scalar = room.slots[tag]
            status = function(room.lent_at, 1, *ddof, skip_nan, address, tag, 1, _SILENT, None)
            value = slot.value
            rooms.append(room)
            if status:
                check(status)
            return scalar(value)
    array, numpy = (values, numpy) if plain else _array(values)
    lent, keep = lend("values", array)
    ndim = lent.ndim
    lengths = lent.shape[:ndim]
    axes = (1 << ndim) - 1 if axis is None else _axes(axis, ndim)
    tag = kinds[lent.dtype]
    left = tuple(n for i, n in enumerate(lengths) if not axes >> i & 1)
    count = _product(left)
    if count >= 2**60:
        raise ValueError(f"values must have fewer than 2**60 results, got {count}")
    result, address, owner = empty(tag, (*left, 2) if pairs else left)
    job = Job() if _product(lengths) >= _LONG else None
    tick = _SILENT if job is None else job.tick
    status = function(lent, axes, *ddof, skip_nan, address, tag, 2 * count if pairs else count, tick, None)
    (check if job is None else job.check)(status)
    del owner, keep  # what the call wrote to and read
    if keepdims:
        left = tuple(1 if axes >> i & 1 else n for i, n in enumerate(lengths))
    parts = (result[0::2], result[1::2]) if pairs else (result,)
    shaped = tuple(_shaped(numpy, tag, part, left) for part in parts)
    return shaped if pairs else shaped[0]


def empty(tag: int, shape: Tuple[int, ...]) -> Tuple[Any, Any, Any]:
    """Flat room for an array: an ndarray, or a memoryview where NumPy is absent; its address, None when it
    has no element; and what to keep until it is written."""
    name, letter, kind = _TYPES[tag]
    count = _product(shape)
    try:
        import numpy
    except ImportError:
        if tag == _abi.IW_F16:
            raise TypeError("values must not be float16 without NumPy, which Python has no type for") from None
        room = bytearray(count * ctypes.sizeof(kind))
        owner = (ctypes.c_char * len(room)).from_buffer(room)
        flat: Any = memoryview(room)
        return flat.cast(letter), ctypes.addressof(owner) if count else None, owner
    result: Any = numpy.empty(count, name)
    # As `result.ctypes.data`, in a quarter of the time.
    return result, ctypes.addressof(ctypes.c_char.from_buffer(result)) if count else None, result


def shape_as(result: Any, letter: str, shape: Tuple[int, ...]) -> Any:
    """The flat `result` of `empty` in its shape; a memoryview with an empty axis stays flat, as it must."""
    if not isinstance(result, memoryview):
        return result.reshape(shape)
    flat: Any = memoryview(result.tobytes())
    return flat.cast(letter, shape) if result.nbytes and shape else flat.cast(letter)


def number(name: str, value: Any) -> float:
    """`value` as a float; TypeError for what is no number, text among it."""
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    return float(value)


def one_axis(axis: Any) -> Any:
    """`axis` again; TypeError when it is several."""
    if isinstance(axis, tuple):
        raise TypeError(f"axis must be an integer or None, got {axis!r}")
    return axis


def _meet(dtype: Any) -> Union[Tuple[int, int, List[_Room]], None]:
    tag = TAGS.get((dtype.kind, dtype.itemsize))
    if tag is None or not dtype.isnative:
        return None
    _MET[dtype] = tag, dtype.itemsize, []
    return _MET[dtype]


def _array(values: Any) -> Tuple[Any, Any]:
    """What to lend, and NumPy when results are to be NumPy's."""
    if isinstance(values, (bytes, bytearray, memoryview)) or type(values).__module__ == "array":
        return values, None
    try:
        import numpy
    except ImportError:
        return values, None  # lend() takes what has the buffer protocol and names what has not
    if isinstance(values, numpy.ma.MaskedArray):
        raise TypeError("values must not be a masked array: its mask would be lost")
    return numpy.asarray(values), numpy


def _axes(axis: Any, ndim: int) -> int:
    """The axes as bits."""
    bits = 0
    for one in axis if isinstance(axis, tuple) else (axis,):
        if not hasattr(one, "__index__"):
            raise TypeError(f"axis must be an integer or a tuple of integers, got {one!r}")
        at = one.__index__()
        if not -ndim <= at < ndim:
            raise ValueError(f"axis must be in {-ndim}..{ndim} for {ndim} axes, got {at}")
        bit = 1 << at % ndim
        if bits & bit:
            raise ValueError(f"axis must not repeat, got {axis!r}")
        bits |= bit
    return bits


def _product(lengths: Any) -> int:
    product = 1
    for n in lengths:
        product *= n
    return product


def _half(numpy: Any, bits: int) -> Any:
    return numpy.uint16(bits).view(numpy.float16)


def _shaped(numpy: Any, tag: int, flat: Any, shape: Tuple[int, ...]) -> Any:
    """An array of that shape, or a number where there is no axis: NumPy's or, without `numpy`, Python's."""
    if shape:
        return shape_as(flat, _TYPES[tag][1], shape)
    return flat[0] if numpy is not None or isinstance(flat, memoryview) else flat[0].item()
