"""What is in a table, column by column."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence

from ironwheel import _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data, _table
from ironwheel.frames._table import Table

if TYPE_CHECKING:
    import pandas

    from ironwheel.frames._compare import Drift


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
    nan, infinite : int or None
        NaN values, and infinite ones, which are among `count`; None where the type has none.
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
    skew, kurtosis : float or None
        Sample skewness and excess kurtosis, corrected for bias as pandas does (Joanes and Gill 1998, G1 and G2). Of
        numbers and booleans, from three and four values on.
    sum
        Of numbers, booleans (how many are true) and durations. Exact for integers, decimals and durations.
    zeros, negatives : int or None
        Values that are, or are below, zero; of numbers and durations.
    quantiles : dict or None
        ``{"0.01": ..., "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"}`` of numbers and times, interpolated between
        neighbours as NumPy does by default; of integers and decimals float, of times rounded to a tick.
    quantiles_exact : bool or None
        Exact up to 65,536 different values, merged or not, and in one piece as long as values can be kept: at most
        33,554,432 of all columns together, 256 MiB. Else from a KLL sketch.
    quantiles_error : float or None
        0.0, or the share of values by which the rank of a quantile is off, less often than once in a hundred: 0.003.
    histogram : dict or None
        ``{"edges": [...], "counts": [...]}``: up to 20 bins of equal width from the smallest to the largest finite
        value, the last one closed. Integers and times that span fewer values get one bin each. Exact where
        `quantiles_exact`, else from the sketch.
    top : list of dict or None
        Up to ten most frequent values, ``{"value": ..., "count": ...}``. Text longer than 256 bytes is cut and ends in
        an ellipsis.
    top_exact : bool or None
        Whether counts and choice are exact: up to 65,536 different values.
    top_error : int or None
        By how much counts may be too low. A value that is not listed came at most this often, or less often than those
        listed.
    min_length, max_length, mean_length : int, int, float, or None
        Of text in characters, of binary in bytes, of lists in items.
    empty, blank : int or None
        Texts without a character; of whitespace alone. Exact.
    formats : list of dict or None
        What texts look like, ``{"format": ..., "count": ...}``: integer, decimal, digits (with zeros in front, as
        postal codes have them), boolean, date, datetime, time, email, uuid, url, ipv4, ipv6, json, phone. Texts that
        look like nothing special are not listed.
    formats_exact : bool or None
        Whether every text was looked at; beyond 65,536 different values, one in 16 is, and counts are
        multiples of that.
    is_unique : bool or None
        Whether no value came twice; None where it takes more than was kept to tell.
    is_constant : bool or None
        Whether there is one value.
    monotonic : str or None
        "increasing", "strictly increasing", "decreasing" or "strictly decreasing", missing values passed over. None
        when neither, below two values, and after merging in no order.
    longest_run : int or None
        Most neighbours that are the same, missing values passed over. None after merging in no order.
    notes : list of str
        What the source of the column has to say about it.
    """

    # The order of the report, which `to_dict` and `to_pandas` keep.
    __slots__ = (  # noqa: RUF023
        "name",
        "type",
        "kind",
        "count",
        "nulls",
        "nan",
        "infinite",
        "distinct",
        "distinct_exact",
        "min",
        "max",
        "mean",
        "std",
        "skew",
        "kurtosis",
        "sum",
        "zeros",
        "negatives",
        "quantiles",
        "quantiles_exact",
        "quantiles_error",
        "histogram",
        "top",
        "top_exact",
        "top_error",
        "min_length",
        "max_length",
        "mean_length",
        "empty",
        "blank",
        "formats",
        "formats_exact",
        "is_unique",
        "is_constant",
        "monotonic",
        "longest_run",
        "notes",
    )

    name: str
    type: str
    kind: str
    count: int
    nulls: int
    nan: Optional[int]
    infinite: Optional[int]
    distinct: Optional[int]
    distinct_exact: Optional[bool]
    min: Any
    max: Any
    mean: Any
    std: Any
    skew: Optional[float]
    kurtosis: Optional[float]
    sum: Any
    zeros: Optional[int]
    negatives: Optional[int]
    quantiles: Optional[Dict[str, Any]]
    quantiles_exact: Optional[bool]
    quantiles_error: Optional[float]
    histogram: Optional[Dict[str, Any]]
    top: Optional[List[Dict[str, Any]]]
    top_exact: Optional[bool]
    top_error: Optional[int]
    min_length: Optional[int]
    max_length: Optional[int]
    mean_length: Optional[float]
    empty: Optional[int]
    blank: Optional[int]
    formats: Optional[List[Dict[str, Any]]]
    formats_exact: Optional[bool]
    is_unique: Optional[bool]
    is_constant: Optional[bool]
    monotonic: Optional[str]
    longest_run: Optional[int]
    notes: List[str]

    def __init__(self, figures: Dict[str, Any]) -> None:
        kind = figures["kind"]
        for name in self.__slots__:
            value = figures[name]
            if name in ("min", "max", "mean", "std", "sum"):
                value = _value(kind, name, value)
            elif name == "top" and value is not None:
                value = [{"value": _value(kind, name, one["value"]), "count": one["count"]} for one in value]
            elif name == "quantiles" and value is not None:
                value = {share: _value(kind, name, one) for share, one in value.items()}
            elif name == "histogram" and value is not None:
                value = {"edges": [_value(kind, name, one) for one in value["edges"]], "counts": value["counts"]}
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
    `Column` that are plain figures; `min`, `max`, `sum` and `median` are text there, `mean` and `std` null for anything
    but numbers. ``str()`` is the table a person reads, and a notebook shows it as HTML.

    Profiles of parts merge to the profile of the whole (`merge`), and can be sent elsewhere for that (`to_bytes`,
    `from_bytes`). `compare` says what changed from one to another.
    """

    _columns: Optional[List[Column]] = None
    _figures: Dict[str, Any] = {}  # noqa: RUF012 - replaced, never written to

    @classmethod
    def from_bytes(cls, data: Any) -> Profile:
        """The profile that `to_bytes` wrote, on this machine or any other.

        Parameters
        ----------
        data : bytes or anything with the buffer interface
            What `to_bytes` returned.

        Raises
        ------
        ValueError
            `data` is something else, was changed or cut off, or comes from another version of the format.
        TypeError
            `data` has no buffer.
        """
        try:
            content = bytes(memoryview(data))
        except TypeError:
            raise TypeError(f"data must be bytes, got {type(data).__name__}") from None
        out = ctypes.c_void_p()
        check(lib.iw_profile_from_bytes(content, len(content), ctypes.byref(out)))
        assert out.value is not None
        return cls(out.value, lib.iw_profile_free)

    def to_bytes(self) -> bytes:
        """Everything the profile knows, for `from_bytes`: versioned, portable, checksummed.

        At most about 200 kB for a column of numbers with many different values, a little more than their size for the
        values of a column with up to 65,536 of them.
        """
        slot = _owned.new()
        check(lib.iw_profile_to_bytes(self._pointer, ctypes.byref(slot)))
        return _owned.take_bytes(slot)

    def merge(self, other: Profile, *, ordered: bool = False) -> Profile:
        """The profile of the rows of both, as if made of them together; both stay as they are.

        Parameters
        ----------
        other : Profile
            Of the same columns: number, order, names and kinds.
        ordered : bool
            Whether the rows of `other` follow those of this profile. Then `monotonic` and `longest_run` hold for
            the whole; without it they are None, unless one of the two has no rows, and no order of merging matters.

        Returns
        -------
        Profile
            Exact where both are and the whole has at most 65,536 different values (distinct, top, quantiles,
            histogram; duplicate rows: 65,536 different rows); counts, extremes, lengths and integer sums always. Means
            and deviations agree to the last digits. The rest keeps its stated error. Spearman's correlations are
            given up: ranks of parts do not make ranks of the whole.

        Raises
        ------
        ValueError
            The columns differ.
        TypeError
            `other` is no Profile.
        """
        return merge([self, other], ordered=ordered)

    def compare(self, other: Profile) -> Drift:
        """What changed from this profile to `other`: columns, distributions, categories; with verdicts.

        See `Drift`.

        Raises
        ------
        TypeError
            `other` is no Profile.
        """
        if not isinstance(other, Profile):
            raise TypeError(f"other must be a Profile, got {type(other).__name__}")
        from ironwheel.frames._compare import Drift

        slot = _owned.new()
        check(lib.iw_profile_compare(self._pointer, other._pointer, ctypes.byref(slot)))
        return Drift(_owned.take_text(slot))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of one row a column; `requested_schema` is not looked at."""
        return _arrow.export(lambda stream: lib.iw_profile_stream(self._pointer, stream))

    def _read(self) -> List[Column]:
        if self._columns is None:
            import json

            figures = json.loads(self.to_json())
            columns = [Column(column) for column in figures.pop("columns")]
            self._figures = figures
            self._columns = columns
        return self._columns

    def _figure(self, name: str) -> Any:
        self._read()
        return self._figures[name]

    @property
    def rows(self) -> int:
        """Rows of the frame."""
        return int(self._figure("rows"))

    @property
    def duplicate_rows(self) -> Optional[int]:
        """Rows that repeat an earlier one in every column profiled.

        None when there were too many to tell: beyond 8,388,608 rows, and beyond 65,536 different ones after merging;
        unless a column without missing values is unique.
        """
        found: Optional[int] = self._figure("duplicate_rows")
        return found

    @property
    def memory(self) -> int:
        """Bytes the columns take as Arrow lays them out."""
        return int(self._figure("memory"))

    @property
    def null_patterns(self) -> Optional[List[Dict[str, Any]]]:
        """Which columns are null together: up to a hundred ``{"columns": [...], "rows": n}``, most rows first.

        Rows without a null have no columns. None beyond 4,096 patterns.
        """
        found: Optional[List[Dict[str, Any]]] = self._figure("null_patterns")
        return found

    @property
    def correlations(self) -> Optional[Dict[str, Any]]:
        """``{"method": ..., "columns": [...], "matrix": [[...]]}`` where asked for; None in it where undefined."""
        found: Optional[Dict[str, Any]] = self._figure("correlations")
        return found

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
        """``{"rows": ..., "duplicate_rows", "memory", "null_patterns", "correlations", "columns": [...]}``.

        With Python values; a dict of `Column` attributes for each column.
        """
        columns = [column.to_dict() for column in self._read()]
        return {**self._figures, "columns": columns}

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
        counts = [
            "count",
            "nulls",
            "nan",
            "infinite",
            "distinct",
            "zeros",
            "negatives",
            "top_error",
            "min_length",
            "max_length",
        ]
        counts += ["empty", "blank", "longest_run"]
        reals = ("skew", "kurtosis", "quantiles_error", "mean_length")
        return table.astype({**dict.fromkeys(counts, "Int64"), **dict.fromkeys(reals, "float64")})

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


def profile(
    data: Any,
    *,
    columns: Optional[Sequence[str]] = None,
    correlations: Optional[str] = None,
    memory: Optional[int] = None,
    progress: Progress = None,
) -> Profile:
    """What is in a table: counts, nulls, extremes, moments, quantiles, frequent values and formats of every column.

    Parameters
    ----------
    data
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``; see `Frame`. Read once, from start to end, in
        bounded memory, so a stream may be longer than memory.
    columns
        Names of the columns to profile, in this order; None for all. A name that several columns bear takes
        them all.
    correlations : None, "pearson" or "spearman"
        Correlate every pair of number and boolean columns, over the rows that have both values. Spearman keeps every
        number and takes at most 33,554,432 of them.
    memory : int
        Bytes that may be kept while the table is read, so that quantiles and duplicate rows are exact: a third, and up
        to 64 MiB, for hashes of rows, the rest for values. By default 320 MiB, and 112 MiB for files, which are larger
        than what one has in memory. 0 for sketches alone, which is all that `Profile.to_bytes` keeps.
    progress
        True for a bar, or called as ``progress(values, 0)``. Ctrl-C stops the call either way.

    Returns
    -------
    Profile
        One `Column` for each column, and figures of the frame: rows, duplicate rows, memory, null patterns.

    Raises
    ------
    ValueError
        `columns` names a column that `data` does not have; `correlations` is no such method, or Spearman's of
        too many values; `data` was read before, breaks Arrow's rules, or its producer failed.
    TypeError
        `data` does not speak Arrow, `columns` is no sequence of str, or a column has an unknown type.
    ImportError
        `data` needs a library that is not installed to hand itself over, as a relation of DuckDB needs pyarrow.

    Notes
    -----
    One pass, on several threads. The result does not depend on the number of threads. Beside the data it takes at most
    `memory`, less when columns have few different values, which are counted one by one. What does not fit is told from
    sketches: the columns that keep the most values go first.

    Means of integers are exact; other means and all deviations are joined from blocks (Chan, Golub and LeVeque 1979,
    Pebay 2008) and depend on how the data is chunked in the last digits only. Distinct counts hash with XXH3-64 and
    are read by Ertl's estimator (arXiv:1702.01284); frequent values are found by counters that forget (Misra and
    Gries 1982, Anderson et al. 2017), quantiles of what does not fit by KLL (Karnin, Lang and Liberty 2016).

    Examples
    --------
    >>> import pyarrow as pa
    >>> found = profile(pa.table({"n": [3, 1, None], "word": ["b", "a", "b"]}))
    >>> found.rows, found["n"].nulls, found["n"].mean, found["word"].distinct
    (3, 1, 2.0, 2)
    >>> found["word"].top[0], found["n"].quantiles["0.5"]
    ({'value': 'b', 'count': 2}, 2.0)
    """
    if correlations not in (None, "pearson", "spearman"):
        raise ValueError(f'correlations must be None, "pearson" or "spearman", got {correlations!r}')
    names = _table.names(columns)
    capsule = _data.capsule_of("data", data, names)
    encoded = [name.encode("utf-8", "surrogatepass") for name in names or ()]
    texts = None if names is None else (ctypes.c_char_p * max(len(encoded), 1))(*encoded)
    sizes = (ctypes.c_size_t * max(len(encoded), 1))(*map(len, encoded))
    options = _options(correlations, _data.memory_for(data) if memory is None else memory)
    job = Job(progress, "profiling")
    out = ctypes.c_void_p()
    status = lib.iw_frames_profile_with(
        _arrow.pointer(capsule),
        texts,
        sizes,
        len(encoded),
        options,
        len(options),
        job.tick,
        None,
        ctypes.byref(out),
    )
    job.check(status)
    assert out.value is not None
    return Profile(out.value, lib.iw_profile_free)


def _options(correlations: Optional[str], memory: Optional[int]) -> bytes:
    import json

    if memory is not None and (isinstance(memory, bool) or not hasattr(memory, "__index__")):
        raise TypeError(f"memory must be an int, got {type(memory).__name__}")
    return json.dumps({"correlations": correlations, "memory": memory if memory is None else int(memory)}).encode()


def merge(profiles: Iterable[Profile], *, ordered: bool = False) -> Profile:
    """The profile of the rows of all profiles, as if made of them together.

    Parameters
    ----------
    profiles : iterable of Profile
        At least one, all of the same columns.
    ordered : bool
        Whether the rows of each follow those of the one before; see `Profile.merge`.

    Raises
    ------
    ValueError
        There are none, or their columns differ.
    TypeError
        One is no Profile.

    Examples
    --------
    >>> import pyarrow as pa
    >>> parts = [profile(pa.table({"n": [1, 2]})), profile(pa.table({"n": [2, 5]}))]
    >>> whole = merge(parts)
    >>> whole.rows, whole["n"].distinct, whole["n"].mean
    (4, 3, 2.5)
    """
    given = list(profiles)
    for one in given:
        if not isinstance(one, Profile):
            raise TypeError(f"profiles must be Profile objects, got {type(one).__name__}")
    pointers = (ctypes.c_void_p * max(len(given), 1))(*[one._pointer.value for one in given])
    out = ctypes.c_void_p()
    check(lib.iw_profiles_merge(pointers, len(given), int(bool(ordered)), ctypes.byref(out)))
    assert out.value is not None
    return Profile(out.value, lib.iw_profile_free)


def _value(kind: str, figure: str, raw: Any) -> Any:
    """The Python value of a figure, which comes as JSON has it."""
    if raw is None or isinstance(raw, bool):
        return raw
    if kind == "float":
        return float(raw)
    if kind == "integer" and isinstance(raw, str):  # a sum beyond 64 bits
        return int(raw)
    if kind == "decimal" and figure in ("min", "max", "sum", "top"):
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
