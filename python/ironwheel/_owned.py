"""Results that the library allocated: taken over as Python objects and freed exactly once."""

from __future__ import annotations

import ctypes
from typing import Any

from ironwheel import _abi
from ironwheel._lib import lib


def new() -> _abi.iw_bytes:
    """An empty slot for a call to fill; pass it as ``byref(slot)``."""
    return _abi.iw_bytes()


def take_bytes(owned: _abi.iw_bytes) -> bytes:
    """Copies the block into a bytes object and frees it."""
    try:
        return ctypes.string_at(owned.data, owned.len) if owned.len else b""
    finally:
        lib.iw_bytes_free(ctypes.byref(owned))


def take_text(owned: _abi.iw_bytes) -> str:
    """Decodes the block as UTF-8 and frees it."""
    return take_bytes(owned).decode("utf-8")


def take_array(owned: _abi.iw_bytes, typecode: str, dtype: str) -> Any:
    """A NumPy array over the block, without a copy; where NumPy is absent, a memoryview over it.

    `typecode` is the struct module's letter and `dtype` NumPy's name of the element. The block is freed
    when the last view of it is gone.
    """
    import weakref

    # The view holds the ctypes array, and the array's finalizer holds the block.
    block: Any = (ctypes.c_char * owned.len).from_address(owned.data) if owned.len else (ctypes.c_char * 0)()
    # Not at exit: arrays may outlive it, and the process gives its memory back anyway.
    weakref.finalize(block, _free, owned).atexit = False
    try:
        import numpy
    except ImportError:
        view: Any = memoryview(block).cast("B")  # a memoryview reads native formats only
        return view.cast(typecode)
    return numpy.frombuffer(block, dtype=dtype)


def _free(owned: _abi.iw_bytes) -> None:
    lib.iw_bytes_free(ctypes.byref(owned))
