"""Digests of files and of trees."""

from __future__ import annotations

import ctypes
from typing import Any, Iterable, List, overload

from ironwheel import _owned
from ironwheel._lib import lib
from ironwheel._paths import Path, encode
from ironwheel._progress import Job, Progress
from ironwheel.files._arguments import encode_many, is_path, take_problems
from ironwheel.files._arguments import flags as flags_of


@overload
def hash(path: Path, algorithm: str = ..., *, progress: Progress = ...) -> str: ...  # type: ignore[overload-overlap]
@overload
def hash(path: Iterable[Path], algorithm: str = ..., *, progress: Progress = ...) -> List[str]: ...
def hash(path: Any, algorithm: str = "blake3", *, progress: Progress = None) -> Any:
    """Digest of a file in hexadecimal; given several paths, a list of them.

    Parameters
    ----------
    path : str, bytes or os.PathLike, or an iterable of them
        A regular file. A symbolic link is followed.
    algorithm : str
        "blake3", "sha256", "sha512"; "sha1" and "md5", which are broken and for comparing with what others
        published; "xxh3_64", "xxh3_128" and "crc32", which are not cryptographic. Integers are big-endian, as
        ``xxhash.xxh3_64_hexdigest`` and ``f"{zlib.crc32(data):08x}"`` write them.
    progress : bool or callable, optional
        True draws a bar; called as ``progress(done, total)`` with bytes, for several paths with files.

    Returns
    -------
    str, or list of str
        8 to 128 hexadecimal digits, by algorithm.

    Raises
    ------
    OSError
        The first file, in order, that cannot be read: FileNotFoundError, PermissionError, IsADirectoryError, or
        EINVAL for a pipe, a socket or a device, which might never end.
    ValueError
        `algorithm` is unknown.
    TypeError
        `path` is neither a path nor several.
    KeyboardInterrupt
        Ctrl-C.

    See Also
    --------
    hash_many : goes on when a file cannot be read.

    Notes
    -----
    BLAKE3 of one large file uses all threads, each on subtrees of its own (J. O'Connor et al., "BLAKE3", 2020,
    section 2.1); the other algorithms use one thread a file. Memory is bounded by 256 KiB a thread. A file that
    grows meanwhile may be hashed with or without what was added.

    Examples
    --------
    >>> import os, tempfile
    >>> from ironwheel.files import write_bytes
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "abc")
    ...     write_bytes(path, b"abc")
    ...     hash(path), hash([path], "crc32")
    3
    ('6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85', ['352441c2'])
    """
    if not is_path(path):
        return hash_many(path, algorithm, progress=progress)
    name, method = encode(path), _algorithm(algorithm)
    job = Job(progress, "hash")
    digest = _owned.new()
    job.check(lib.iw_files_hash(name, len(name), method, len(method), job.tick, None, ctypes.byref(digest)))
    return _owned.take_bytes(digest).hex()


def _algorithm(algorithm: str) -> bytes:
    if not isinstance(algorithm, str):
        raise TypeError(f"algorithm must be a str, got {type(algorithm).__name__}")
    return algorithm.encode("utf-8", "backslashreplace")


def hash_many(
    paths: Iterable[Path],
    algorithm: str = "blake3",
    *,
    return_errors: bool = False,
    progress: Progress = None,
) -> List[Any]:
    """Digests of many files in hexadecimal, in their order, in one native call.

    Parameters
    ----------
    paths : iterable of str, bytes or os.PathLike
        Regular files, for example ``scan(root).files()``.
    algorithm : str
        As for `hash`.
    return_errors : bool
        True: a file that cannot be read has its OSError in the list, in place of a digest, and the others are
        hashed all the same. False: the first such file, in order, raises.
    progress : bool or callable, optional
        True draws a bar; called as ``progress(done, total)`` with files.

    Returns
    -------
    list of str (and OSError)
        One for each path.

    Raises
    ------
    OSError, ValueError, TypeError, KeyboardInterrupt
        As `hash`.

    Examples
    --------
    >>> [type(digest).__name__ for digest in hash_many(["/no/such/file"], return_errors=True)]
    ['FileNotFoundError']
    """
    blob, count = encode_many(paths)
    method = _algorithm(algorithm)
    job = Job(progress, "hash")
    digests, problems = _owned.new(), ctypes.c_void_p()
    job.check(
        lib.iw_files_hash_many(
            blob,
            len(blob),
            method,
            len(method),
            1 if return_errors else 0,
            job.tick,
            None,
            ctypes.byref(digests),
            ctypes.byref(problems),
        )
    )
    text = _owned.take_bytes(digests).hex()
    size = len(text) // count if count else 0
    results: List[Any] = [text[start : start + size] for start in range(0, len(text), size or 1)]
    for index, error in take_problems(problems):
        results[index] = error
    return results


def hash_tree(
    root: Path,
    algorithm: str = "blake3",
    *,
    ignore: bool = False,
    hidden: bool = True,
    progress: Progress = None,
) -> str:
    """One digest for a directory and all it holds: of names, kinds, contents and link targets.

    Two trees have the same digest when a copy that keeps no times, owners or permissions makes one from the
    other, on any platform. It is the digest of one record for each entry, in the order of `scan`: a byte for its
    kind (``f`` file, ``d`` directory, ``l`` symbolic link, ``o`` other); the length of its path below `root`, 8
    bytes little-endian, and the path, with ``/`` between names; for a file the digest of its content, for a link
    the length of its target and the target.

    Parameters
    ----------
    root : str, bytes or os.PathLike
        Directory.
    algorithm : str
        As for `hash`.
    ignore, hidden : bool
        As for `scan`.
    progress : bool or callable, optional
        True draws a bar; called as ``progress(done, total)`` with files.

    Returns
    -------
    str
        Hexadecimal digits.

    Raises
    ------
    OSError
        The first path, in order, that cannot be read.
    ValueError, TypeError, KeyboardInterrupt
        As `hash`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
    ...     hash_tree(one) == hash_tree(two)
    True
    """
    name, method = encode(root, "root"), _algorithm(algorithm)
    job = Job(progress, "hash")
    digest = _owned.new()
    flags = flags_of(ignore, hidden, False)
    job.check(lib.iw_files_hash_tree(name, len(name), flags, method, len(method), job.tick, None, ctypes.byref(digest)))
    return _owned.take_bytes(digest).hex()
