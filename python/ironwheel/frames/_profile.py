"""What is in a table, column by column."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from ironwheel import _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data, _table
from ironwheel.frames._profile_column import Column
from ironwheel.frames._table import Table

if TYPE_CHECKING:
    import pandas

    from ironwheel.frames._compare import Drift


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
        content = _table.content("data", data)
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

    def __reduce__(self) -> Tuple[Any, Tuple[bytes]]:
        return Profile.from_bytes, (self.to_bytes(),)

    def merge(self, other: Profile, *, ordered: bool = False) -> Profile:
        """The profile of the rows of both, as if made of them together; both stay as they are.

        Parameters
        ----------
        other : Profile
            Of the same columns: number, order, names and kinds; decimals of one scale, times of one unit, and
            unsigned integers of 64 bits only with such. Sizes of integers and floats and precisions may differ.
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
    options = _options(correlations, memory, _data.is_streamed(data))
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


def _options(correlations: Optional[str], memory: Optional[int], streamed: bool) -> bytes:
    import json

    if memory is not None and (isinstance(memory, bool) or not hasattr(memory, "__index__")):
        raise TypeError(f"memory must be an int, got {type(memory).__name__}")
    kept = None if memory is None else int(memory)
    return json.dumps({"correlations": correlations, "memory": kept, "streamed": streamed}).encode()


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
