"""Files and trees of files.

Paths are str, bytes or os.PathLike; results are str as Python's own calls give them (`os.fsdecode`), so on
Linux names that are not UTF-8 come through exactly. Errors are the OSError subclasses that `open` raises, with
`errno` and `filename`. Calls release the GIL, use every thread there is (`ironwheel.set_threads`), take
``progress=`` and stop within 100 ms on Ctrl-C.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union, overload

from ironwheel import _abi, _owned
from ironwheel._lib import check, lib, os_error
from ironwheel._paths import Path, decode, encode
from ironwheel._progress import Job, Progress

__all__ = [
    "Entry",
    "KINDS",
    "Scan",
    "Usage",
    "count_lines",
    "hash",
    "hash_many",
    "hash_tree",
    "head",
    "read_bytes",
    "read_text",
    "scan",
    "tail",
    "usage",
    "write_bytes",
    "write_text",
]

KINDS = ("file", "dir", "symlink", "fifo", "socket", "block", "char", "other")
"""What an entry can be; a code in `Scan.kinds` is an index into this."""


class Entry(Tuple[str, str, int, int, int]):
    """One row of a `Scan`: ``(path, kind, size, mtime, mode)``, and an os.PathLike."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """Path, beginning with the root that was scanned."""
        return self[0]

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return self[1]

    @property
    def size(self) -> int:
        """Bytes."""
        return self[2]

    @property
    def mtime(self) -> int:
        """Time of the last change of the content, in nanoseconds since 1970 UTC (`os.stat`'s ``st_mtime_ns``)."""
        return self[3]

    @property
    def mode(self) -> int:
        """Type and permission bits (`os.stat`'s ``st_mode``)."""
        return self[4]

    @property
    def name(self) -> str:
        """Last component of the path."""
        return os.path.basename(self[0])

    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self[1] == "file"

    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return self[1] == "dir"

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return self[1] == "symlink"

    def __fspath__(self) -> str:
        return self[0]

    def __repr__(self) -> str:
        path, kind, size, mtime, mode = self
        return f"Entry(path={path!r}, kind={kind!r}, size={size}, mtime={mtime}, mode=0o{mode:o})"


class _Native:
    """The library's table; freed when the last object that looks into it is gone."""

    __slots__ = ("__weakref__", "pointer")

    def __init__(self, pointer: int) -> None:
        import weakref

        self.pointer = pointer
        # Not at exit: an array may outlive it, and the process gives its memory back anyway.
        weakref.finalize(self, lib.iw_files_scan_free, pointer).atexit = False


class Scan:
    """A sorted table of files: what `scan` returns.

    Has a length, and gives an `Entry` by index or in a loop; whole columns come as arrays: `sizes`, `mtimes`, `modes`, `kinds` lie in native
    memory and are read-only NumPy arrays over it, or memoryviews where NumPy is absent. pandas, polars, pyarrow
    and DuckDB read it through ``__arrow_c_stream__`` without a copy.

    It is closed by `close`, by leaving a ``with`` block, or when it is collected. Arrays and frames taken from
    it stay valid: the memory goes when the last of them has gone.

    Attributes
    ----------
    errors : list of OSError
        What could not be read, by path: directories without permission, entries that vanished meanwhile, links
        that lead back to a directory they are in (ELOOP), lines of .gitignore files that are no pattern.
    """

    columns = ("path", "kind", "size", "mtime", "mode")
    """Names of the columns."""

    def __init__(self, native: _Native, root: str) -> None:
        self._native: Optional[_Native] = native
        self._root = root
        table = _abi.iw_files_columns()
        check(lib.iw_files_scan_columns(native.pointer, ctypes.byref(table)))
        n = table.len
        self._count: int = n
        self._problems: int = table.problems
        self._offsets = _view(native, table.offsets, n + 1, "q")
        self._path_bytes = _view(native, table.paths, self._offsets[n], "B")
        self._kinds = _view(native, table.kinds, n, "b")
        self._sizes = _view(native, table.sizes, n, "q")
        self._mtimes = _view(native, table.mtimes, n, "q")
        self._modes = _view(native, table.modes, n, "I")
        self._paths: Optional[List[str]] = None

    def _open(self) -> _Native:
        if self._native is None:
            raise ValueError("scan is closed")
        return self._native

    def close(self) -> None:
        """Lets go of the native table; any later use but `close` raises ValueError."""
        self._native = self._paths = None
        empty = memoryview(b"")
        self._offsets = self._path_bytes = self._kinds = self._sizes = self._mtimes = self._modes = empty

    def __enter__(self) -> Scan:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        self._open()
        return self._count

    def __repr__(self) -> str:
        if self._native is None:
            return "<Scan, closed>"
        errors = f", {self._problems:,} errors" if self._problems else ""
        return f"<Scan of {self._root!r}: {len(self):,} entries{errors}>"

    @property
    def root(self) -> str:
        """The directory that was scanned, as it was given."""
        return self._root

    @property
    def errors(self) -> List[OSError]:
        """What could not be read, in the order of the paths."""
        problems = ctypes.c_void_p()
        check(lib.iw_files_scan_problems(self._open().pointer, ctypes.byref(problems)))
        return [error for _, error in _take_problems(problems)]

    def _array(self, view: memoryview, dtype: str) -> Any:
        self._open()
        try:
            import numpy
        except ImportError:
            return view
        return numpy.frombuffer(view, dtype=dtype)

    @property
    def sizes(self) -> Any:
        """Sizes in bytes; int64, shape (n,)."""
        return self._array(self._sizes, "int64")

    @property
    def mtimes(self) -> Any:
        """Times of the last change of the content, in nanoseconds since 1970 UTC; int64, shape (n,)."""
        return self._array(self._mtimes, "int64")

    @property
    def modes(self) -> Any:
        """Type and permission bits; uint32, shape (n,)."""
        return self._array(self._modes, "uint32")

    @property
    def kinds(self) -> Any:
        """Index of each entry's kind in `KINDS`; int8, shape (n,)."""
        return self._array(self._kinds, "int8")

    def paths(self) -> List[str]:
        """All paths, exact, each beginning with the root."""
        return list(self._all_paths())

    def _all_paths(self) -> List[str]:
        native = self._open()
        if self._paths is None:
            joined = _owned.new()
            check(lib.iw_files_scan_paths(native.pointer, ctypes.byref(joined)))
            paths = decode(_owned.take_bytes(joined)).split("\0")
            paths.pop()  # after the last NUL
            self._paths = paths
        return self._paths

    def files(self) -> List[str]:
        """The paths of the regular files: what `hash_many` and `count_lines` take."""
        return [path for path, kind in zip(self._all_paths(), self._kinds.tobytes()) if kind == 0]

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> List[Entry]: ...
    @overload
    def __getitem__(self, index: str) -> Any: ...
    def __getitem__(self, index: Any) -> Any:
        """Row `index`, a list of rows for a slice, or the column of that name (`paths` and names of kinds as
        lists, numbers as arrays)."""
        count = len(self)
        if isinstance(index, str):
            return self._named_column(index)
        if isinstance(index, slice):
            return [self._entry(i) for i in range(*index.indices(count))]
        try:
            number = index.__index__()
        except AttributeError:
            raise TypeError(f"index must be an integer, a slice or the name of a column, got {type(index).__name__}") from None
        if not -count <= number < count:
            raise IndexError(f"index must be in {-count}..{count}, got {number}")
        return self._entry(number % count)

    def _named_column(self, name: str) -> Any:
        if name == "path":
            return self.paths()
        if name == "kind":
            return [KINDS[kind] for kind in self._kinds]
        if name in ("size", "mtime", "mode"):
            return getattr(self, name + "s")
        raise KeyError(f"columns are {', '.join(self.columns)}; there is no {name!r}")

    def _entry(self, index: int) -> Entry:
        path = decode(self._path_bytes[self._offsets[index] : self._offsets[index + 1]].tobytes())
        kind = KINDS[self._kinds[index]]
        return Entry((path, kind, self._sizes[index], self._mtimes[index], self._modes[index]))

    def __iter__(self) -> Iterator[Entry]:
        paths = self._all_paths()
        kinds = [KINDS[kind] for kind in self._kinds]
        return map(Entry, zip(paths, kinds, self._sizes.tolist(), self._mtimes.tolist(), self._modes.tolist()))

    def __contains__(self, value: object) -> bool:
        """Whether an entry, or a path as `paths` gives them, is in the table."""
        if isinstance(value, Entry):
            return value.path in self._all_paths()
        return value in self._all_paths()

    def to_pandas(self) -> Any:
        """A pandas.DataFrame: path (str), kind (categorical), size (int64, bytes), mtime (datetime64[ns, UTC]),
        mode (uint32). Needs pandas and NumPy, not pyarrow."""
        import pandas as named

        pandas: Any = named  # its stubs, where installed, refuse NumPy codes

        return pandas.DataFrame(
            {
                "path": self._all_paths(),
                "kind": pandas.Categorical.from_codes(self.kinds, categories=list(KINDS)),
                "size": self.sizes.copy(),
                "mtime": pandas.to_datetime(self.mtimes.copy(), unit="ns", utc=True),
                "mode": self.modes.copy(),
            }
        )

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """The table as an Arrow stream capsule, for pandas, polars, pyarrow, DuckDB and others.

        Columns: path large_utf8, kind dictionary(int8, utf8), size int64, mtime timestamp(ns, UTC), mode uint32.
        Arrow text is UTF-8 and a path need not be: a byte that is not part of UTF-8 appears as ``\\xff``, as
        ``errors="backslashreplace"`` writes it. `paths` has it exactly. `requested_schema` is not needed and not
        looked at, as the protocol allows.
        """
        from ironwheel import _arrow

        native = self._open()
        return _arrow.export(lambda stream: lib.iw_files_scan_stream(native.pointer, stream))


def _view(native: _Native, address: int, count: int, letter: str) -> memoryview:
    """`count` elements of the table, read-only; `letter` is the struct module's."""
    if not count:
        block: Any = b""
    else:
        block = (ctypes.c_char * (count * _SIZES[letter])).from_address(address)
        block.native = native  # the view holds the block, and the block the table
    bare: Any = memoryview(block).toreadonly().cast("B")
    view: memoryview = bare.cast(letter)
    return view


_SIZES = {"b": 1, "B": 1, "I": 4, "q": 8}


def scan(
    root: Path,
    pattern: Union[str, Iterable[str], None] = None,
    *,
    ignore: bool = False,
    hidden: bool = True,
    follow: bool = False,
    progress: Progress = None,
) -> Scan:
    """Everything below a directory, with kind, size, time and mode, as one sorted table.

    Rows are sorted name by name (as `pathlib.Path` sorts): a directory comes right before what it holds, siblings
    stand in the order of their bytes. `root` itself is no row. What cannot be read does not end the scan: see
    `Scan.errors`.

    Parameters
    ----------
    root : str, bytes or os.PathLike
        Directory; a symbolic link to one is followed. Every path of the table begins with it.
    pattern : str or iterable of str, optional
        Glob; only entries that match are listed (any of several is enough). ``*`` any characters but ``/``, ``?``
        one, ``[a-z]`` a class, ``[!a-z]`` its complement, ``{a,b}`` either, ``**`` any number of directories, ``\\``
        takes the next character as it is. Without a ``/`` it is compared with the name, at every depth; with one,
        with the path below `root`: ``"src/*.py"`` is not ``"**/src/*.py"``. A leading dot is no special character.
        Case matters, except on Windows.
    ignore : bool
        Leave out what ``.gitignore`` files say (those below `root`, and from `root` up to the top of its
        repository, with ``.git/info/exclude``; not the user's global ones), and ``.git`` itself. Ignored
        directories are not entered.
    hidden : bool
        False leaves out names that begin with a dot (on Windows also what has the hidden attribute) and what such
        directories hold.
    follow : bool
        Treat symbolic links as what they lead to. A link that leads nowhere stays a link; one that leads back to a
        directory it is in does too, and is in `Scan.errors`.
    progress : bool or callable, optional
        True draws a count; called as ``progress(done, total)`` with the entries seen and 0.

    Returns
    -------
    Scan

    Raises
    ------
    OSError
        `root` cannot be opened as a directory: FileNotFoundError, NotADirectoryError, PermissionError.
    ValueError
        `pattern` is not a glob, or starts with ``/``.
    TypeError
        An argument has a wrong type.
    KeyboardInterrupt
        Ctrl-C; nothing is returned.

    Notes
    -----
    One `getdents` per few hundred names and one `fstatat` per listed entry, shared between the threads. Memory is
    about 60 bytes plus the path for each entry. Mount points are crossed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(os.path.join(folder, "b.txt"), "hello")
    ...     write_text(os.path.join(folder, "a.py"), "")
    ...     with scan(folder) as table:
    ...         print([(entry.name, entry.kind, entry.size) for entry in table])
    5
    0
    [('a.py', 'file', 0), ('b.txt', 'file', 5)]
    """
    name = encode(root, "root")
    patterns = _patterns(pattern)
    flags = _flags(ignore, hidden, follow)
    job = Job(progress, "scan")
    pointer = ctypes.c_void_p()
    length = 0 if patterns is None else len(patterns)
    status = lib.iw_files_scan_new(
        name, len(name), patterns, length, flags, job.tick, None, ctypes.byref(pointer)
    )
    native = _Native(pointer.value) if pointer.value else None
    job.check(status)
    assert native is not None  # IW_OK comes with a handle
    return Scan(native, decode(name))


def _flags(ignore: bool, hidden: bool, follow: bool) -> int:
    return int(
        (_abi.IW_SCAN_IGNORE if ignore else 0)
        | (0 if hidden else _abi.IW_SCAN_SKIP_HIDDEN)
        | (_abi.IW_SCAN_FOLLOW if follow else 0)
    )


def _patterns(pattern: Union[str, Iterable[str], None]) -> Optional[bytes]:
    if pattern is None:
        return None
    if isinstance(pattern, (str, bytes)):
        pattern = [pattern]
    given: List[bytes] = []
    try:
        globs = list(pattern)
    except TypeError:
        raise TypeError(f"pattern must be a str or several, got {type(pattern).__name__}") from None
    for glob in globs:
        if not isinstance(glob, str):
            raise TypeError(f"pattern must be a str or several, got {type(glob).__name__}")
        if "\0" in glob:
            raise ValueError(f"pattern must not contain a NUL, got {glob!r}")
        try:
            given.append(glob.encode("utf-8") + b"\0")
        except UnicodeEncodeError:
            raise ValueError(f"pattern must be text that UTF-8 can hold, got {glob!r}") from None
    return b"".join(given)


Problems = List[Tuple[int, OSError]]


def _take_problems(handle: ctypes.c_void_p) -> Problems:
    problems: Problems = []
    try:
        for number in range(lib.iw_files_problems_len(handle)):
            found = _abi.iw_files_problem()
            check(lib.iw_files_problems_get(handle, number, ctypes.byref(found)))
            path = ctypes.string_at(found.path, found.path_len)
            message = ctypes.string_at(found.message, found.message_len).decode("utf-8", "replace")
            problems.append((found.index, os_error(found.os_error, path, message)))
    finally:
        lib.iw_files_problems_free(handle)
    return problems


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes)) or hasattr(type(value), "__fspath__")


def _encode_many(paths: Iterable[Path]) -> Tuple[bytes, int]:
    """The paths with a NUL after each, and how many they are."""
    try:
        given = list(paths)
    except TypeError:
        raise TypeError(f"paths must be paths, got {type(paths).__name__}") from None
    if not given:
        return b"", 0
    try:
        joined = "\0".join(given)  # type: ignore[arg-type]
    except TypeError:  # not all are str
        return b"".join(encode(path, f"paths[{i}]") + b"\0" for i, path in enumerate(given)), len(given)
    if joined.count("\0") != len(given) - 1:
        for i, path in enumerate(given):
            encode(path, f"paths[{i}]")  # names the one that has a NUL
    return encode_text(joined) + b"\0", len(given)


def encode_text(text: str) -> bytes:
    """Text of paths with NULs between them."""
    return b"\0".join(encode(part) for part in text.split("\0")) if os.name == "nt" else os.fsencode(text)


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
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "abc")
    ...     write_bytes(path, b"abc")
    ...     hash(path), hash([path], "crc32")
    3
    ('6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85', ['352441c2'])
    """
    if not _is_path(path):
        return hash_many(path, algorithm, progress=progress)
    name, method = encode(path), _algorithm(algorithm)
    job = Job(progress, "hash")
    digest = _owned.new()
    job.check(
        lib.iw_files_hash(name, len(name), method, len(method), job.tick, None, ctypes.byref(digest))
    )
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
    blob, count = _encode_many(paths)
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
    for index, error in _take_problems(problems):
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
    flags = _flags(ignore, hidden, False)
    job.check(
        lib.iw_files_hash_tree(
            name, len(name), flags, method, len(method), job.tick, None, ctypes.byref(digest)
        )
    )
    return _owned.take_bytes(digest).hex()


class Usage:
    """What a tree holds and takes: the result of `usage`."""

    __slots__ = ("dirs", "disk", "errors", "files", "others", "size")

    def __init__(
        self, files: int, dirs: int, others: int, size: int, disk: int, errors: List[OSError]
    ) -> None:
        self.files = files
        """Regular files; one with several names counts once."""
        self.dirs = dirs
        """Directories, the root included."""
        self.others = others
        """Everything else: links, pipes, sockets, devices."""
        self.size = size
        """Bytes a read of every regular file would give."""
        self.disk = disk
        """Bytes that all of it takes on the disk, as `du` counts them; on Windows the sizes."""
        self.errors = errors
        """What could not be read and is missing in the sums."""

    def __repr__(self) -> str:
        return (
            f"Usage(files={self.files}, dirs={self.dirs}, others={self.others}, size={self.size}, "
            f"disk={self.disk}, errors={self.errors!r})"
        )


def usage(root: Path, *, progress: Progress = None) -> Usage:
    """How much a directory and all it holds is, and how much of the disk it takes.

    `Usage.disk` is what ``du -s --block-size=1`` says. Links are not followed.

    Parameters
    ----------
    root : str, bytes or os.PathLike
        Directory.
    progress : bool or callable, optional
        True draws a count; called as ``progress(done, total)`` with the entries seen and 0.

    Returns
    -------
    Usage

    Raises
    ------
    OSError
        `root` cannot be opened as a directory.
    TypeError, KeyboardInterrupt
        As `scan`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(os.path.join(folder, "x"), bytes(1000))
    ...     found = usage(folder)
    1000
    >>> found.files, found.dirs, found.size
    (1, 1, 1000)
    """
    name = encode(root, "root")
    job = Job(progress, "usage")
    sums, problems = _abi.iw_files_sums(), ctypes.c_void_p()
    job.check(
        lib.iw_files_usage(name, len(name), job.tick, None, ctypes.byref(sums), ctypes.byref(problems))
    )
    errors = [error for _, error in _take_problems(problems)]
    return Usage(sums.files, sums.dirs, sums.others, sums.size, sums.disk, errors)


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
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "x")
    ...     write_text(path, "one\\ntwo")
    ...     count_lines(path)
    7
    2
    """
    if not _is_path(path):
        return _count_many(path, progress)
    name = encode(path)
    job = Job(progress, "lines")
    count = ctypes.c_uint64()
    job.check(lib.iw_files_count_lines(name, len(name), job.tick, None, ctypes.byref(count)))
    return count.value


def _count_many(paths: Iterable[Path], progress: Progress) -> List[int]:
    blob, _ = _encode_many(paths)
    job = Job(progress, "lines")
    counts, problems = _owned.new(), ctypes.c_void_p()
    job.check(
        lib.iw_files_count_lines_many(
            blob, len(blob), 0, job.tick, None, ctypes.byref(counts), ctypes.byref(problems)
        )
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


def _ends(
    call: Any, path: Path, n: int, encoding: Optional[str], errors: str, progress: Progress
) -> List[Any]:
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


def read_bytes(path: Path, *, progress: Progress = None) -> bytes:
    """The content of a file. As `pathlib.Path.read_bytes`, a large file by all threads, Ctrl-C at any time.

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
    size = os.stat(decode(name)).st_size
    job = Job(progress, "read")
    if size < _WORTH_FILLING:
        content = _owned.new()
        job.check(lib.iw_files_read(name, len(name), job.tick, None, ctypes.byref(content)))
        return _owned.take_bytes(content)
    data = _uninitialised(size)
    count = ctypes.c_size_t()
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)
    job.check(lib.iw_files_read_into(name, len(name), address, size, job.tick, None, ctypes.byref(count)))
    return data if count.value == size else data[: count.value]


def _uninitialised(size: int) -> bytes:
    """A new bytes object to be filled in before anyone sees it, as PyBytes_FromStringAndSize(NULL, n) offers.

    Through a function object of our own, because those of `ctypes.pythonapi` are shared by the whole process.
    """
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)
    made: bytes = make(("PyBytes_FromStringAndSize", ctypes.pythonapi))(None, size)
    return made


_WORTH_FILLING = 1 << 18


def read_text(
    path: Path, encoding: str = "utf-8", errors: str = "strict", *, progress: Progress = None
) -> str:
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
    job.check(
        lib.iw_files_write(name, len(name), content, length, 1 if durable else 0, job.tick, None)
    )
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
