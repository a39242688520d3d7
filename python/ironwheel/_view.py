"""Arrays lent to the library for one call, described by pointer, shape and strides."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Tuple

from ironwheel import _abi

# NumPy's (kind, itemsize) -> tag. longdouble and complex have no tag and are refused by name.
TAGS = {
    ("b", 1): _abi.IW_BOOL,
    ("i", 1): _abi.IW_I8,
    ("i", 2): _abi.IW_I16,
    ("i", 4): _abi.IW_I32,
    ("i", 8): _abi.IW_I64,
    ("u", 1): _abi.IW_U8,
    ("u", 2): _abi.IW_U16,
    ("u", 4): _abi.IW_U32,
    ("u", 8): _abi.IW_U64,
    ("f", 2): _abi.IW_F16,
    ("f", 4): _abi.IW_F32,
    ("f", 8): _abi.IW_F64,
}

# The struct module's letters, as the buffer protocol gives them.
_KINDS = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), **dict.fromkeys("efd", "f"), "?": "b"}


def lend(name: str, values: Any) -> Tuple[_abi.iw_array, Any]:
    """Describes `values` and returns the description with the object to keep alive during the call.

    A NumPy array of native byte order and aligned elements is lent where it lies, whatever its strides; of
    another layout it is copied once. Without NumPy anything with the buffer protocol is lent.

    Raises
    ------
    TypeError
        `values` is not an array of bools, integers or floats of at most 64 bits.
    """
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(values, numpy.ndarray):
        # A subclass may say anything of its shape; as a plain array it has what it has.
        return _lend_numpy(numpy, name, values if type(values) is numpy.ndarray else numpy.asarray(values))
    return lend_buffer(name, values)


def _lend_numpy(numpy: Any, name: str, array: Any) -> Tuple[_abi.iw_array, Any]:
    dtype = array.dtype
    tag = TAGS.get((dtype.kind, dtype.itemsize))
    if tag is None:
        raise TypeError(f"{name} must hold bools, integers or floats of at most 64 bits, got dtype {dtype}")
    if not (dtype.isnative and array.flags.aligned):
        array = numpy.require(array, dtype.newbyteorder("="), ["A"])
    # `ctypes.data` takes as long as all the rest; a plain array's buffer has the same address.
    plain = array.flags.carray and array.size
    if plain:
        address = ctypes.addressof(ctypes.c_char.from_buffer(array))
    else:
        address = array.__array_interface__["data"][0]
    return _abi.iw_array(address, tag, array.ndim, array.shape, array.strides), array


def lend_buffer(name: str, values: Any) -> Tuple[_abi.iw_array, Any]:
    """As `lend`, for array.array, memoryview, bytes and whatever else has the buffer protocol."""
    try:
        view = memoryview(values)
    except TypeError:
        raise TypeError(f"{name} must be an array, got {type(values).__name__}") from None
    letter = view.format.lstrip("@=<" if sys.byteorder == "little" else "@=>")
    tag = TAGS.get((_KINDS.get(letter, ""), view.itemsize))
    if tag is None:
        raise TypeError(f"{name} must hold bools, integers or floats, got format {view.format!r}")
    strides = view.strides or (view.itemsize,)
    keep: Any
    if view.nbytes == 0:
        keep, address = view, None
    elif view.readonly or not view.c_contiguous:
        # ctypes exports the address of writable contiguous memory only.
        keep = (ctypes.c_char * view.nbytes).from_buffer_copy(view.tobytes())
        address = ctypes.addressof(keep)
        strides = _contiguous(view.shape or (), view.itemsize)
    else:
        keep = (ctypes.c_char * view.nbytes).from_buffer(view)
        address = ctypes.addressof(keep)
    if address is not None and address % view.itemsize:
        keep = (ctypes.c_char * view.nbytes).from_buffer_copy(view.tobytes())
        address = ctypes.addressof(keep)
    return _abi.iw_array(address, tag, view.ndim, tuple(view.shape or ()), tuple(strides)), (keep, view)


def _contiguous(shape: Tuple[int, ...], itemsize: int) -> Tuple[int, ...]:
    strides = []
    step = itemsize
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
