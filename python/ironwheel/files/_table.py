"""The table that a scan returns, and its rows."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Iterator, List, Optional, Tuple, overload

from ironwheel import _abi, _owned
from ironwheel._lib import check, lib
from ironwheel._paths import decode
from ironwheel.files._arguments import take_problems

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


class Native:
    """The library's table; freed when the last object that looks into it is gone."""

    __slots__ = ("__weakref__", "pointer")

    def __init__(self, pointer: int) -> None:
        import weakref

        self.pointer = pointer
        # Not at exit: an array may outlive it, and the process gives its memory back anyway.
        weakref.finalize(self, lib.iw_files_scan_free, pointer).atexit = False


class Scan:
    """A sorted table of files: what `scan` returns.

    Has a length, and gives an `Entry` by index or in a loop; whole columns come as arrays: `sizes`, `mtimes`,
    `modes`, `kinds` lie in native memory and are read-only NumPy arrays over it, or memoryviews where NumPy is
    absent. pandas, polars, pyarrow and DuckDB read it through ``__arrow_c_stream__`` without a copy.

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

    def __init__(self, native: Native, root: str) -> None:
        self._native: Optional[Native] = native
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

    def _open(self) -> Native:
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
        return [error for _, error in take_problems(problems, listing=True)]

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
            raise TypeError(
                f"index must be an integer, a slice or the name of a column, got {type(index).__name__}"
            ) from None
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


def _view(native: Native, address: int, count: int, letter: str) -> memoryview:
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
