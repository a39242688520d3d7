"""What is in a table, column by column."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence

from ironwheel import _arrow
from ironwheel._lib import lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data, _table
from ironwheel.frames._table import Table

if TYPE_CHECKING:
    import pandas


class Column:
    """What one column came to.

    Attributes
    ----------
    name, type : str
        Name, which need not be unique, and type, as Arrow names it.
    kind : str
        Family of the type, dictionaries seen through: integer, float, decimal, boolean, text, binary, date, time,
        timestamp, duration; and interval, list, struct, map, union, null, of which the values are not looked at.
    count : int
        Values that are neither null nor NaN. All that follows is over these.
    nulls : int
        Null values; ``count + nulls + (nan or 0)`` is the number of rows.
    nan : int or None
        NaN values; None where the type has none.
    distinct : int or None
        Different values: exact up to 65,536, beyond that a HyperLogLog estimate with a standard error of 0.81 %.
        0.0 and -0.0 are one value. None for nested types.
    distinct_exact : bool or None
        Whether `distinct` is exact.
    min, max
        Smallest and largest value, as Python has it: int, float, Decimal, bool, str, bytes, date, time,
        datetime, timedelta. Text compares by code point. Of a column with a time zone, in UTC. Values that Python
        has no room for (nanoseconds, year 10000) are ISO 8601 text. None without values.
    mean, std
        Mean and sample standard deviation (over n - 1). Float for numbers; for booleans of ones and zeros; for
        times datetime (of dates, too), time or timedelta. None for text and where undefined.
    min_length, max_length, mean_length : int, int, float, or None
        Of text in characters, of binary in bytes, of lists in items.
    """

    __slots__ = (
        "count",
        "distinct",
        "distinct_exact",
        "kind",
        "max",
        "max_length",
        "mean",
        "mean_length",
        "min",
        "min_length",
        "name",
        "nan",
        "nulls",
        "std",
        "type",
    )

    name: str
    type: str
    kind: str
    count: int
    nulls: int
    nan: Optional[int]
    distinct: Optional[int]
    distinct_exact: Optional[bool]
    min: Any
    max: Any
    mean: Any
    std: Any
    min_length: Optional[int]
    max_length: Optional[int]
    mean_length: Optional[float]

    def __init__(self, figures: Dict[str, Any]) -> None:
        for name in self.__slots__:
            value = figures[name]
            if name in ("min", "max", "mean", "std"):
                value = _value(figures["kind"], name, value)
            setattr(self, name, value)

    def to_dict(self) -> Dict[str, Any]:
        """All attributes by name, in the order above."""
        return {name: getattr(self, name) for name in self.__slots__}

    def to_svg(self) -> str:
        """A picture: the histogram, or the most common values; in the colours the viewer prefers, light or dark."""
        from ironwheel.frames import _svg

        return _svg.standalone(self.to_dict())

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        figures = (f"{name}={getattr(self, name)!r}" for name in self.__slots__ if getattr(self, name) is not None)
        return f"Column({', '.join(figures)})"


class Profile(Table):
    """What a frame came to, column by column; made by `profile`.

    As a table (``__arrow_c_stream__``, `to_arrow`, `to_polars`) it has one row a column and the attributes of
    `Column`; `min` and `max` are text there, `mean` and `std` null for anything but numbers. ``str()`` is the table a
    person reads, and a notebook shows it as HTML.
    """

    _columns: Optional[List[Column]] = None
    _rows: int = 0

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of one row a column; `requested_schema` is not looked at."""
        return _arrow.export(lambda stream: lib.iw_profile_stream(self._pointer, stream))

    def _read(self) -> List[Column]:
        if self._columns is None:
            import json

            figures = json.loads(self.to_json())
            self._rows = figures["rows"]
            self._columns = [Column(column) for column in figures["columns"]]
        return self._columns

    @property
    def rows(self) -> int:
        """Rows of the frame."""
        self._read()
        return self._rows

    @property
    def columns(self) -> List[Column]:
        """The columns, in the order of the frame, or as asked for."""
        return list(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[Column]:
        return iter(self._read())

    def __getitem__(self, name: str) -> Column:
        """The first column of that name.

        Raises
        ------
        KeyError
            No column has that name.
        """
        for column in self._read():
            if column.name == name:
                return column
        raise KeyError(name)

    def to_dict(self) -> Dict[str, Any]:
        """``{"rows": ..., "columns": [...]}`` with Python values, a dict of `Column` attributes each."""
        return {"rows": self.rows, "columns": [column.to_dict() for column in self._read()]}

    def to_json(self) -> str:
        """The same as JSON.

        Decimals, dates and times are text (ISO 8601; durations as ``PT1.5S``), infinities ``"inf"`` and ``"-inf"``,
        binary values hexadecimal.
        """
        return self._text(lib.iw_profile_json)

    def to_pandas(self) -> pandas.DataFrame:
        """One row a column with Python values; needs pandas, not pyarrow."""
        import pandas

        rows = [[getattr(column, name) for name in Column.__slots__] for column in self._read()]
        table = pandas.DataFrame(rows, columns=list(Column.__slots__), dtype=object)
        counts = ("count", "nulls", "nan", "distinct", "min_length", "max_length")
        return table.astype({**dict.fromkeys(counts, "Int64"), "mean_length": "float64"})

    def __repr__(self) -> str:
        return f"<Profile: {self.rows:,} rows, {len(self)} columns>"

    def to_text(
        self, *, width: Optional[int] = None, color: Optional[str] = None, unicode: Optional[bool] = None
    ) -> str:
        """The table a person reads, with colours; arguments as of `ironwheel.text.render`. ``str()`` has none."""
        from ironwheel.frames import _picture

        return _picture.draw(self.to_dict(), width=width, color=color, unicode=unicode)

    def to_spec(self, *, width: int = 80, unicode: bool = True) -> Dict[str, Any]:
        """The same as a spec of `ironwheel.text`, to stand in a panel or beside other things `width` cells wide."""
        from ironwheel.frames import _picture

        return _picture.spec(self.to_dict(), width, unicode)

    def to_html(self, *, title: str = "Profile") -> str:
        """A page for a browser: overview, what is worth a look, and every column with its figures and pictures.

        It stands alone (no network, no fonts or scripts from elsewhere), is light or dark as the reader prefers, and
        can be searched and sorted. Names and values are escaped. Links may end in ``#search=words``.
        """
        from ironwheel.frames import _html

        return _html.page(self.to_dict(), title)

    def __str__(self) -> str:
        from ironwheel.frames import _picture

        return _picture.table(self)

    def _repr_html_(self) -> str:
        from ironwheel.frames import _html

        return _html.fragment(self.to_dict())


def profile(data: Any, *, columns: Optional[Sequence[str]] = None, progress: Progress = None) -> Profile:
    """What is in a table: counts, nulls, extremes, mean, spread and different values of every column.

    Parameters
    ----------
    data
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``; see `Frame`. Read once, from start to end, in
        bounded memory, so a stream may be longer than memory.
    columns
        Names of the columns to profile, in this order; None for all. A name that several columns bear takes
        them all.
    progress
        True for a bar, or called as ``progress(values, 0)``. Ctrl-C stops the call either way.

    Returns
    -------
    Profile
        One `Column` for each column.

    Raises
    ------
    ValueError
        `columns` names a column that `data` does not have; `data` was read before, breaks Arrow's rules, or its
        producer failed.
    TypeError
        `data` does not speak Arrow, `columns` is no sequence of str, or a column has an unknown type.
    ImportError
        `data` needs a library that is not installed to hand itself over, as pandas needs pyarrow.

    Notes
    -----
    One pass, on several threads; about 5 ns a number and 10 ns a short string. The result does not depend on the number
    of threads. Means of integers are exact; other means and all deviations are joined from blocks (Chan, Golub
    and LeVeque 1979) and depend on how the data is chunked in the last digits only. Distinct counts hash with
    XXH3-64 and are read by Ertl's estimator (arXiv:1702.01284).

    Examples
    --------
    >>> import pyarrow as pa
    >>> found = profile(pa.table({"n": [3, 1, None], "word": ["b", "a", "b"]}))
    >>> found.rows, found["n"].nulls, found["n"].mean, found["word"].distinct
    (3, 1, 2.0, 2)
    """
    names = _table.names(columns)
    capsule = _data.capsule_of("data", data, names)
    encoded = [name.encode("utf-8", "surrogatepass") for name in names or ()]
    texts = None if names is None else (ctypes.c_char_p * max(len(encoded), 1))(*encoded)
    sizes = (ctypes.c_size_t * max(len(encoded), 1))(*map(len, encoded))
    job = Job(progress, "profiling")
    out = ctypes.c_void_p()
    status = lib.iw_frames_profile(
        _arrow.pointer(capsule), texts, sizes, len(encoded), job.tick, None, ctypes.byref(out)
    )
    job.check(status)
    assert out.value is not None
    return Profile(out.value, lib.iw_profile_free)


def _value(kind: str, figure: str, raw: Any) -> Any:
    """The Python value of a figure, which comes as JSON has it."""
    if raw is None or isinstance(raw, bool):
        return raw
    if kind == "float":
        return float(raw)
    if kind == "decimal" and figure in ("min", "max"):
        from decimal import Decimal

        return Decimal(raw)
    if kind == "binary":
        return bytes.fromhex(raw)
    if kind in ("date", "time", "timestamp", "duration"):
        return _time(kind if figure != "std" else "duration", raw)
    return raw


def _time(kind: str, raw: str) -> Any:
    import datetime

    _whole, _, fraction = raw.partition(".")
    if len(fraction.rstrip("S").partition("+")[0]) > 6:  # nanoseconds, which Python would cut off
        return raw
    try:
        if kind == "duration":
            sign = -1 if raw.startswith("-") else 1
            seconds, _, rest = raw.lstrip("-")[2:-1].partition(".")
            return sign * datetime.timedelta(seconds=int(seconds), microseconds=int(rest.ljust(6, "0")))
        if kind == "time":
            return datetime.time.fromisoformat(raw)
        if "T" in raw:
            return datetime.datetime.fromisoformat(raw)
        return datetime.date.fromisoformat(raw)
    except (ValueError, OverflowError):  # before year 1 or after 9999
        return raw
