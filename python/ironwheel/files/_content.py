"""Whole files, read and written."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Tuple

from ironwheel import _abi, _owned
from ironwheel._lib import check, lib
from ironwheel._paths import Path, decode, encode
from ironwheel._progress import Job, Progress

_AT_ONCE = 1 << 20  # read sooner than a tick would be due
_UNTOLD = _abi.iw_tick()

# CPython's way to a bytes object that is filled in later; PyPy has none, and copies once. A function object
# of our own, because those of `ctypes.pythonapi` are shared by the whole process.
_make: Any = None
if hasattr(ctypes, "pythonapi"):
    _make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)(
        ("PyBytes_FromStringAndSize", ctypes.pythonapi)
    )


def read_bytes(path: Path, *, progress: Progress = None) -> bytes:
    """The content of a file. As `pathlib.Path.read_bytes`, with progress, and Ctrl-C at any time.

    A file that grows meanwhile gives the bytes it had at first.

    Raises
    ------
    OSError, KeyboardInterrupt
        As `hash`.
    MemoryError
        It does not fit.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "x")
    ...     write_bytes(path, b"\\x00\\xff")
    ...     read_bytes(path)
    2
    b'\\x00\\xff'
    """
    name = encode(path)
    try:
        size = os.stat(decode(name)).st_size
    except OSError:  # whose words are not those of open on Windows; the library finds the same
        size = 0
    if size == 0 or _make is None:  # what the kernel makes up, such as /proc, has no size until it is read
        job = Job(progress, "read")
        content = _owned.new()
        job.check(lib.iw_files_read(name, len(name), job.tick, None, ctypes.byref(content)))
        return _owned.take_bytes(content)
    data = _uninitialised(size)
    count = ctypes.c_size_t()
    if progress is None and size <= _AT_ONCE:
        check(lib.iw_files_read_into(name, len(name), data, size, _UNTOLD, None, ctypes.byref(count)))
    else:
        job = Job(progress, "read")
        job.check(lib.iw_files_read_into(name, len(name), data, size, job.tick, None, ctypes.byref(count)))
    return data if count.value == size else data[: count.value]


def _uninitialised(size: int) -> bytes:
    """A new bytes object to be filled in before anyone sees it, as PyBytes_FromStringAndSize(NULL, n) offers."""
    made: bytes = _make(None, size)
    return made


def read_text(path: Path, encoding: str = "utf-8", errors: str = "strict", *, progress: Progress = None) -> str:
    """The content of a file as text, exactly: line ends come as they stand in the file.

    (`pathlib.Path.read_text` turns ``\\r\\n`` and ``\\r`` into ``\\n``, and decodes by the locale unless told.)

    Raises
    ------
    OSError, MemoryError, KeyboardInterrupt
        As `read_bytes`.
    UnicodeDecodeError
        The content is not in `encoding`.
    LookupError
        `encoding` is unknown.
    """
    return read_bytes(path, progress=progress).decode(encoding, errors)


def write_bytes(path: Path, data: Any, *, durable: bool = True, progress: Progress = None) -> int:
    """Replaces the content of a file, or makes the file, all at once.

    Whoever reads it, even after a crash, sees the old content or the new, never a part: the bytes go to a new
    file in the same directory, which then takes the name in one step (POSIX ``rename``). A call that fails or is
    interrupted changes nothing and leaves nothing behind.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        A regular file, or a name not taken yet in a directory that is there. A symbolic link stays one, and what
        it leads to is replaced. Permission bits are kept, and the owner where the system allows that; a new file
        gets what the umask leaves of 0666. Other hard links keep the old content; access lists and extended
        attributes are not taken over.
    data : bytes or an object with the buffer protocol
        Contiguous; must not change during the call.
    durable : bool
        True: content and name are on the disk (``fsync`` of file and directory) when this returns. False: the
        system writes them when it likes, much faster for small files; the replacement is just as complete.
    progress : bool or callable, optional
        True draws a bar; called as ``progress(done, total)`` with bytes.

    Returns
    -------
    int
        Number of bytes.

    Raises
    ------
    OSError
        As ``open(path, "wb")``: FileNotFoundError, PermissionError (also for a file that is read-only),
        IsADirectoryError; ENOSPC when the disk is full; EINVAL for a pipe, a socket or a device, which are not
        replaced by files.
    TypeError
        `data` is not bytes-like.
    KeyboardInterrupt
        Ctrl-C, until the new file takes the name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(os.path.join(folder, "x"), b"abc")
    3
    """
    name = encode(path)
    content, length = _lent(data)
    job = Job(progress, "write")
    job.check(lib.iw_files_write(name, len(name), content, length, 1 if durable else 0, job.tick, None))
    return length


def _lent(data: Any) -> Tuple[Any, int]:
    """`data` as a c_char_p argument, without a copy where ctypes can export it, and its size in bytes."""
    if isinstance(data, bytes):
        return data, len(data)
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError(f"data must be bytes-like, got {type(data).__name__}") from None
    if view.readonly or not view.c_contiguous or view.nbytes == 0:
        return view.tobytes(), view.nbytes  # ctypes exports the address of writable contiguous memory only
    return (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes


def write_text(
    path: Path,
    data: str,
    encoding: str = "utf-8",
    errors: str = "strict",
    *,
    durable: bool = True,
    progress: Progress = None,
) -> int:
    """Replaces the content of a file with text, all at once, as `write_bytes` does. Line ends stay as they are.

    Returns
    -------
    int
        Number of characters.

    Raises
    ------
    OSError, KeyboardInterrupt
        As `write_bytes`.
    UnicodeEncodeError
        `data` cannot be written in `encoding`; no file has been touched then.
    TypeError
        `data` is not a str.
    """
    if not isinstance(data, str):
        raise TypeError(f"data must be a str, got {type(data).__name__}")
    write_bytes(path, data.encode(encoding, errors), durable=durable, progress=progress)
    return len(data)
