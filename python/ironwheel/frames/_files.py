"""Tables in files: CSV and its kin, JSON lines, Parquet; one file or many, read as a stream."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from ironwheel import _arrow, _paths
from ironwheel._lib import check, lib
from ironwheel.frames import _table
from ironwheel.frames._profile import Profile, profile
from ironwheel.frames._table import Table

Paths = Union[_paths.Path, Sequence[_paths.Path]]

_DEFAULT_SAMPLE = 16 << 20


class File(Table):
    """A table in a file, or in several that are read one after the other.

    What is not said is told from the files: format, delimiter, quote, escape, header, encoding, compression and types.
    What was told is in `dialect`, `columns` and `types`. The rows are not kept: every reader streams them from the
    files again, on several threads, in memory that does not grow with the files.

    Parameters
    ----------
    path
        A path, a glob pattern (``*``, ``?``, ``[a-z]``, ``{a,b}``, ``**`` for any directories), or a sequence of these.
        A pattern's files come sorted by name. They must have the same columns, in any order; see `union`.
    format
        "csv", "tsv", "jsonl" or "parquet". Told from the first bytes, then from the name.
    delimiter, quote, escape : str
        One ASCII character each. ``quote=""``: quotes mean nothing. By default a quote within quotes is doubled;
        ``escape="\\\\"`` is for files that put a backslash before it. Blanks between a delimiter and a quote are left out, in
        all fields then, where that makes the better table.
    header : bool
        Whether the first row names the columns. Told by comparing its types with those below; where all is text, yes.
        Columns without a name are ``column0``, ``column1``, ...
    encoding : str
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1" or "cp1252". By default what the byte order mark says,
        else UTF-16 where every other byte is zero, else UTF-8 where the text is that, else cp1252.
    types : str or mapping
        One type for all columns, or types by name: "bool", "int64", "float64", "date32", "time64[us]",
        "timestamp[us]", "timestamp[us, tz=UTC]" (the last three also with ns), "string".
    nulls : sequence of str
        Unquoted texts that are null. By default the empty one, and in columns that are not text the words NA, N/A, n/a,
        #N/A, <NA>, NULL, null, None and ``\\N``; such a word seen there is null in the file's columns of text as well,
        as R and pandas have it (DuckDB makes the numbers text). ``[""]`` takes all of them for text. A quoted empty field
        is an empty string in a column of text, and null in any other.
    columns : sequence of str
        Names of the columns to read, in this order; others are skipped, in Parquet files without being read.
    ragged
        "error": a row with the wrong number of fields is an error. "pad": what is missing at its end is null;
        more fields than columns are still an error. Blank lines are skipped, but in a file of one column, where
        they are null.
    union : bool
        Columns that a file lacks are null there, instead of an error.
    sample : int or None
        Bytes of each file that types are told from, besides 48 places behind them (not where it is compressed);
        at least files of 1 MiB are looked at whole. None looks at all of it, which takes about as long as reading it.
    skip : int
        Lines before the table. By default those of a title, of comments that begin with ``#`` and of blanks, where a
        table of several rows follows, all of one width, and wider than what is left out but for comments.

    Raises
    ------
    ValueError
        A parameter is wrong; a pattern matches no file; files are not what they should be (the message names file,
        line and column) or do not go together.
    OSError
        A file cannot be read.
    TypeError
        A parameter has a type it cannot have.

    Notes
    -----
    Types are the narrowest that fit every value looked at: bool (true, false), int64, float64, date32, time64, timestamp,
    else string. Dates are year, month, day, or day, month, year, or month, day, year, with ``-``, ``/`` or ``.``
    between and years of four digits; where day and month cannot be told apart, days come first, as in DuckDB.
    Moments with an offset become UTC; a column with and without is text. Numbers with leading zeros or a plus sign are
    text, and so are whole numbers past 64 bits: as numbers they would lose something. Spaces around a value that is
    not text are ignored. A later value that does not fit is an error, which names file, line and column; it is never
    read as null. Files of up to 16 MiB are looked at whole, so it cannot happen there.

    In JSON lines, strings stay text unless all are dates, times or moments; objects and arrays are the text they
    are written as; half a surrogate pair, which UTF-8 has not, is its escape (``\\ud800``); a key that was not among those looked at is an error, unless `columns` says what is wanted.

    About 0.2 s of CPU time and 150 MB of memory for 100 MB of CSV, and for 100 GB as much memory. A file that changes while it is read gives an error or rows of both.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> name = os.path.join(folder.name, "a.csv")
    >>> with open(name, "w") as file:
    ...     _ = file.write("when;what;n\\n2024-02-29;'a;b';1\\n2024-03-01;;2\\n")
    >>> found = File(name)
    >>> found
    <File: csv, when: date32, what: string, n: int64>
    >>> found.dialect["delimiter"], found.dialect["quote"]
    (';', "'")
    >>> found.profile()["what"].nulls
    1
    >>> folder.cleanup()
    """

    def __init__(
        self,
        path: Paths,
        *,
        format: Optional[str] = None,
        delimiter: Optional[str] = None,
        quote: Optional[str] = None,
        escape: Optional[str] = None,
        header: Optional[bool] = None,
        encoding: Optional[str] = None,
        types: Union[str, Mapping[str, str], None] = None,
        nulls: Optional[Sequence[str]] = None,
        columns: Optional[Sequence[str]] = None,
        ragged: Optional[str] = None,
        union: bool = False,
        sample: Optional[int] = _DEFAULT_SAMPLE,
        skip: int = 0,
    ) -> None:
        options = {
            "format": format,
            "delimiter": delimiter,
            "quote": quote,
            "escape": escape,
            "header": header,
            "encoding": encoding,
            "types": types if types is None or isinstance(types, str) else _mapping("types", types),
            "nulls": _strings("nulls", nulls),
            "columns": _table.names(columns),
            "ragged": ragged,
            "union": _flag("union", union),
            "sample": sample,
            "skip": skip,
        }
        for name in ("format", "delimiter", "quote", "escape", "encoding", "ragged"):
            if not isinstance(options[name], (str, type(None))):
                raise TypeError(f"{name} must be str, got {type(options[name]).__name__}")
        if header is not None:
            _flag("header", header)
        for name in ("sample", "skip"):
            options[name] = _count(name, options[name])
        super().__init__(_open(_several(path), options), lib.iw_source_free)
        import json

        told: Dict[str, Any] = json.loads(self._text(lib.iw_source_describe))
        self.format: str = told["format"]
        """csv, json lines or parquet."""
        self.files: List[str] = told["files"]
        """The files, in the order they are read."""
        self.dialect: Optional[Dict[str, Any]] = told["dialect"]
        """How the first file is written: encoding, compression, and of delimited text delimiter, quote, escape (the
        quote itself where it is doubled), header, newline and skip, by the names of the parameters. None for Parquet."""
        self.columns: List[str] = told["columns"]
        """Names of the columns, which need not be unique."""
        self.types: List[str] = told["types"]
        """Types of the columns, as Arrow names them."""
        self.rows: Optional[int] = told["rows"]
        """Number of rows where the files tell (Parquet), else None."""
        self.nbytes: int = told["bytes"]
        """Bytes of the files on the disk."""

    def __repr__(self) -> str:
        columns = "".join(f", {name}: {kind}" for name, kind in zip(self.columns, self.types))
        return f"<File: {self.format}{columns}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of the rows, from the start, as often as asked for; `requested_schema` is not looked at."""
        return self._stream(None)

    def _stream(self, wanted: Optional[List[str]]) -> object:
        encoded = [name.encode("utf-8", "surrogatepass") for name in wanted or ()]
        texts = None if wanted is None else (ctypes.c_char_p * max(len(encoded), 1))(*encoded)
        sizes = (ctypes.c_size_t * max(len(encoded), 1))(*map(len, encoded))
        return _arrow.export(lambda stream: lib.iw_source_stream(self._pointer, texts, sizes, len(encoded), stream))

    def profile(self, **options: Any) -> Profile:
        """What is in this table; `options` are those of `ironwheel.frames.profile`."""
        return profile(self, **options)


def capsule_of_path(name: str, path: Paths, columns: Optional[List[str]] = None) -> object:
    """The rows of the file or files at `path` as a capsule, with all that can be told left to be told.

    `columns` is a hint: where the files have all of these, at least these are read.
    """
    return capsule_of_file(File(path), columns)


def capsule_of_file(file: File, columns: Optional[List[str]] = None) -> object:
    """The same of a `File`, which spares reading what is not wanted."""
    if columns is not None and not set(file.columns).issuperset(columns):
        columns = None  # the reader's message tells all there are
    return file._stream(columns)


def is_path(data: Any) -> bool:
    """Whether `data` names a file: str or os.PathLike; bytes could be the file itself."""
    return isinstance(data, (str, os.PathLike))


def _open(paths: List[bytes], options: Dict[str, Any]) -> int:
    import json

    given = {name: value for name, value in options.items() if value is not None or name == "sample"}
    text = json.dumps(given).encode()
    array = (ctypes.c_char_p * max(len(paths), 1))(*paths)
    sizes = (ctypes.c_size_t * max(len(paths), 1))(*map(len, paths))
    out = ctypes.c_void_p()
    check(lib.iw_frames_open(array, sizes, len(paths), text, len(text), ctypes.byref(out)))
    assert out.value is not None
    return out.value


def _several(path: Paths) -> List[bytes]:
    if isinstance(path, (str, bytes, os.PathLike)):
        return [_paths.encode(path)]
    try:
        several = list(path)
    except TypeError:
        raise TypeError(
            f"path must be str, bytes, os.PathLike or a sequence of these, got {type(path).__name__}"
        ) from None
    return [_paths.encode(one) for one in several]


def _strings(name: str, values: Optional[Sequence[str]]) -> Optional[List[str]]:
    if values is None:
        return None
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{name} must be a sequence of str, got {values!r}; did you mean [{values!r}]?")
    strings = list(values)
    for value in strings:
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a sequence of str, got {value!r} in it")
    return strings


def _mapping(name: str, values: Any) -> Dict[str, str]:
    try:
        found = dict(values)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a str or a mapping of str to str, got {type(values).__name__}") from None
    for key, value in found.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"{name} must map str to str, got {key!r}: {value!r}")
    return found


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, got {type(value).__name__}")
    return value


def _count(name: str, value: Any) -> Optional[int]:
    import operator

    if value is None and name == "sample":
        return None
    try:
        if isinstance(value, bool):
            raise TypeError
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, got {type(value).__name__}") from None
    if not 0 <= count < 1 << 63:
        raise ValueError(f"{name} must be in 0..2**63, got {count}")
    return count
