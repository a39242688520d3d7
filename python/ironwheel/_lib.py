"""Finds, loads and checks the native library, once, at import."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from typing import Callable

from ironwheel import _abi
from ironwheel._errors import IronwheelError
from ironwheel._paths import decode

_NAMES = {"linux": "libironwheel.so", "win32": "ironwheel.dll"}
_SUPPORTED = "Linux x86-64 (glibc 2.17 or newer) and Windows x86-64, with 64-bit Python"


def _path() -> str:
    """IRONWHEEL_LIBRARY if set, else the file beside this one. Nothing else is searched, so a
    stale copy elsewhere on the machine can never be picked up."""
    override = os.environ.get("IRONWHEEL_LIBRARY")
    if override:
        return os.path.abspath(override)
    name = _NAMES.get(sys.platform)
    if name is None or sys.maxsize <= 2**32:
        bits = 64 if sys.maxsize > 2**32 else 32
        raise ImportError(f"ironwheel supports {_SUPPORTED}; this is {bits}-bit Python on {sys.platform}")
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def _load(path: str) -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"ironwheel could not load {path}: {error}. Supported: {_SUPPORTED}. From a source tree, "
            "'pip install -e .' builds the library; IRONWHEEL_LIBRARY names the full path of another build."
        ) from error
    found: int | None = None
    if hasattr(lib, "iw_abi_fingerprint"):
        lib.iw_abi_fingerprint.restype = ctypes.c_uint64
        found = lib.iw_abi_fingerprint()
    if found != _abi.FINGERPRINT:
        theirs = "no ABI fingerprint" if found is None else f"ABI fingerprint {found:016x}"
        raise ImportError(
            f"ironwheel's Python files and its library are of different builds: {path} has {theirs}, "
            f"{os.path.dirname(os.path.abspath(__file__))} was made for {_abi.FINGERPRINT:016x}. Reinstall the package."
        )
    for name, (restype, argtypes) in _abi.FUNCTIONS.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = restype, argtypes
    return lib


path = _path()
lib = _load(path)

#: Threads that are inside a function of the user's, called by the library.
inside: set[int] = set()


def _exit() -> None:
    """Up to Python 3.13 a daemon thread that waits for the interpreter while that ends is torn down where it stands: in
    a function called by the library that would be within native code, and the process would abort."""
    stop = getattr(getattr(ctypes, "pythonapi", None), "PyThreadState_SetAsyncExc", None)
    for _ in range(2):  # another may have begun before the library knew
        for thread in tuple(inside):
            if stop is not None:
                stop(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))
        lib.iw_set_exiting(True)


lib.iw_set_exiting(False)
atexit.register(_exit)


def _last(read: Callable[[ctypes.Array[ctypes.c_char] | None, int], int]) -> bytes:
    size = read(None, 0)
    buffer = ctypes.create_string_buffer(size)
    read(buffer, size)
    return buffer.raw[:size]


_KINDS = {
    _abi.IW_INVALID: ValueError,
    _abi.IW_TYPE: TypeError,
    _abi.IW_OVERFLOW: OverflowError,
    _abi.IW_ZERO_DIVISION: ZeroDivisionError,
    _abi.IW_MEMORY: MemoryError,
    _abi.IW_CANCELLED: KeyboardInterrupt,
}


def check(status: int, listing: bool = False) -> None:
    """Raises the exception that `status` stands for; call it straight after the C call.

    `listing`: the call was about directories, see `os_error`.
    """
    if status == _abi.IW_OK:
        return
    message = _last(lib.iw_last_error).decode("utf-8", "replace")
    if status == _abi.IW_IO:
        raise _os_error(message, listing)
    if status == _abi.IW_CANCELLED:
        raise KeyboardInterrupt
    raise _KINDS.get(status, IronwheelError)(message)


def _os_error(message: str, listing: bool) -> OSError:
    path = _last(lib.iw_last_path)
    if path:  # the message begins with it, with one sign for whatever is no text
        shown = decode(path) if sys.platform == "win32" else path.decode("utf-8", "replace")
        message = message[len(shown) + len(": ") :]
    return os_error(lib.iw_last_os_error(), path, message, listing)


def os_error(number: int, path: bytes, message: str, listing: bool = False) -> OSError:
    """The error Python's own call would have raised: right subclass, errno, strerror, filename.

    `number` is 0 for what the library noticed by itself, such as a pipe where a file must be; `message` says it.
    On Windows Python has two ways: `open` speaks of errno and in C's words; `os.listdir`, and whatever else is
    about directories (`listing`), of winerror too and in the system's words.
    """
    name = decode(path)
    if number == 0:
        import errno

        return OSError(errno.EINVAL, message, name) if path else OSError(message)
    if sys.platform == "win32":
        error = OSError(None, ctypes.FormatError(number).rstrip(" .\r\n"), name, number)  # knows which errno it is
        return error if listing or error.errno is None else OSError(error.errno, os.strerror(error.errno), name)
    return OSError(number, os.strerror(number), name)


def threads() -> int:
    """Number of worker threads a call may use.

    What `set_threads` set, else ``IRONWHEEL_NUM_THREADS``, else ``OMP_NUM_THREADS``, else the CPUs this
    process may use (affinity and cgroup quota). The environment is read once.

    Raises
    ------
    ValueError
        ``IRONWHEEL_NUM_THREADS`` is not a number in 1..=1024.

    Examples
    --------
    >>> threads() >= 1
    True
    """
    out = ctypes.c_size_t()
    check(lib.iw_threads(ctypes.byref(out)))
    return out.value


def set_threads(count: int | None) -> None:
    """Sets the number of worker threads for every later call of this process; None is the default again.

    Raises
    ------
    ValueError
        `count` is outside 1..=1024.
    TypeError
        `count` is not an integer.

    Examples
    --------
    >>> set_threads(2)
    >>> threads()
    2
    >>> set_threads(None)
    """
    if count is None:
        check(lib.iw_set_threads(0))
        return
    number = count.__index__() if hasattr(count, "__index__") else None
    if number is None:
        raise TypeError(f"threads must be an integer or None, got {type(count).__name__}")
    if not 1 <= number <= 1024:  # ctypes wraps integers silently, and 0 means the default in C
        raise ValueError(f"threads must be in 1..=1024, got {number}")
    check(lib.iw_set_threads(number))
