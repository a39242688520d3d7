"""Lines of files: how many, the first, the last."""

from __future__ import annotations

import ctypes
from typing import Any, Iterable, List, Optional, overload

from ironwheel import _owned
from ironwheel._lib import lib
from ironwheel._paths import Path, encode
from ironwheel._progress import Job, Progress
from ironwheel.files._arguments import encode_many, is_path


@overload
def count_lines(path: Path, *, progress: Progress = ...) -> int: ...  # type: ignore[overload-overlap]
@overload
def count_lines(path: Iterable[Path], *, progress: Progress = ...) -> List[int]: ...
def count_lines(path: Any, *, progress: Progress = None) -> Any:
    """Number of lines of a file; given several paths, a list of them.

    Newline bytes (``\\n``) are counted, and one more when the last byte is none: what iterating over the file
    opened in binary mode gives. `wc -l` counts newlines alone, so it says one less for an unfinished last line.
    UTF-16 and UTF-32 files do not have their newlines in single bytes and are not meant.

    Parameters
    ----------
    path : str, bytes or os.PathLike, or an iterable of them
        A regular file.
    progress : bool or callable, optional
        True draws a bar; called as ``progress(done, total)`` with bytes, for several paths with files.

    Returns
    -------
    int, or list of int

    Raises
    ------
    OSError, TypeError, KeyboardInterrupt
        As `hash`.

    Examples
    --------
    >>> import os, tempfile
    >>> from ironwheel.files import write_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "x")
    ...     write_text(path, "one\\ntwo")
    ...     count_lines(path)
    7
    2
    """
    if not is_path(path):
        return _count_many(path, progress)
    name = encode(path)
    job = Job(progress, "lines")
    count = ctypes.c_uint64()
    job.check(lib.iw_files_count_lines(name, len(name), job.tick, None, ctypes.byref(count)))
    return count.value


def _count_many(paths: Iterable[Path], progress: Progress) -> List[int]:
    blob, _ = encode_many(paths)
    job = Job(progress, "lines")
    counts, problems = _owned.new(), ctypes.c_void_p()
    job.check(
        lib.iw_files_count_lines_many(blob, len(blob), 0, job.tick, None, ctypes.byref(counts), ctypes.byref(problems))
    )
    return memoryview(_owned.take_bytes(counts)).cast("Q").tolist()


def head(
    path: Path, n: int = 10, *, encoding: Optional[str] = "utf-8", errors: str = "strict", progress: Progress = None
) -> List[Any]:
    """The first `n` lines of a file, without their ends (``\\n`` or ``\\r\\n``). Reads no further than that.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        A regular file.
    n : int
        How many at most, 0 or more.
    encoding : str or None
        How to decode a line; an encoding that writes ASCII as ASCII. None gives bytes.
    errors : str
        As for `bytes.decode`.

    Returns
    -------
    list of str (or bytes)

    Raises
    ------
    OSError, KeyboardInterrupt
        As `hash`.
    ValueError
        `n` is negative; UnicodeDecodeError when the text is not in `encoding`.
    TypeError
        `n` is not an integer.
    """
    return _ends(lib.iw_files_head, path, n, encoding, errors, progress)


def tail(
    path: Path, n: int = 10, *, encoding: Optional[str] = "utf-8", errors: str = "strict", progress: Progress = None
) -> List[Any]:
    """The last `n` lines of a file, without their ends. Reads from the end backwards, so size does not matter.

    Parameters, results and errors are those of `head`.
    """
    return _ends(lib.iw_files_tail, path, n, encoding, errors, progress)


def _ends(call: Any, path: Path, n: int, encoding: Optional[str], errors: str, progress: Progress) -> List[Any]:
    name = encode(path)
    if not hasattr(n, "__index__"):
        raise TypeError(f"n must be an integer, got {type(n).__name__}")
    count = n.__index__()
    if count < 0:
        raise ValueError(f"n must not be negative, got {count}")
    job = Job(progress, "lines")
    content = _owned.new()
    job.check(call(name, len(name), min(count, 2**64 - 1), job.tick, None, ctypes.byref(content)))
    lines = _owned.take_bytes(content).split(b"\n")
    if not lines[-1]:
        lines.pop()  # after the last newline
    bare = [line[:-1] if line.endswith(b"\r") else line for line in lines]
    return bare if encoding is None else [line.decode(encoding, errors) for line in bare]
