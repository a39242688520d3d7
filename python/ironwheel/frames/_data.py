"""Whatever a user calls a table, as one Arrow stream.

What is taken, and how:

pandas DataFrame, Series (1.5 or newer)
    Column by column, without pyarrow where pandas does not use it itself. Numbers, dates and times are read where they
    lie. NaN, NaT, None and pandas.NA are nulls; NaN in the nullable types (Float64) and in Arrow-backed ones is NaN.
    Object columns are read for what they hold (str, bytes, bool, int, float, Decimal, date, datetime, time, timedelta);
    a column of several kinds becomes text by ``str()``. Categoricals are dictionaries. A complex column ``x`` becomes
    two, ``x.real`` and ``x.imag``. Sparse columns are filled in, periods and intervals become text. The index is left
    out; names that are no text are turned into it, the levels of a MultiIndex joined by dots; names need not be unique.
dict
    Name -> array of one dimension: NumPy array (object and masked arrays included), array.array, memoryview, list,
    tuple, pandas Series, anything that speaks Arrow. As above, but NaN among floats stays NaN.
polars DataFrame, Series
    As Arrow, without copying. Whole numbers of 128 bits, which Arrow has not, are read as decimals of 38 digits, and as
    text where these have no room or they lie within lists or structs.
str, path, File
    A file, or a glob of files; see `ironwheel.frames.File`.
anything else
    What has ``__arrow_c_stream__`` or ``__arrow_c_array__``.

What a column loses or gains on the way is said in its field's metadata under the key ``ironwheel:note``, one note a line.
Values lie where they lay: what is written to an array later shows in what reads it later. The objects that own them are
kept alive as long as anything made of them is, and let go when Python code next runs on the main thread.
"""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional

from ironwheel import _arrow


def capsule_of(name: str, data: Any, columns: Optional[List[str]] = None) -> object:
    """The stream of `data` as a capsule; `name` is the parameter that errors speak of.

    `columns` is a hint: a source that has all of these and can leave others unread gives at least these. Choosing is up
    to the reader, and so is saying which columns there are where one is not.
    """
    from ironwheel.frames import _files

    if isinstance(data, _files.File):
        return _files.capsule_of_file(data, columns)
    if _files.is_path(data):
        return _files.capsule_of_path(name, data, columns)
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, tuple(_types(pandas))):
        from ironwheel.frames import _pandas

        return _pandas.capsule_of(pandas, data, columns)
    if isinstance(data, dict):
        return _of_dict(name, data)
    if "polars" in sys.modules:
        from ironwheel.frames import _polars

        if _polars.is_frame(data) or _polars.is_series(data):
            return _polars.capsule_of(name, data, columns)
    return _arrow.capsule_of(name, data)


def is_streamed(data: Any) -> bool:
    """Whether the rows of `data` lie in no memory but are read as they are asked for."""
    from ironwheel.frames import _files

    return isinstance(data, _files.File) or _files.is_path(data)


def _types(pandas: Any) -> List[type]:
    """DataFrame and Series, unless pandas is being imported right now."""
    return [getattr(pandas, kind) for kind in ("DataFrame", "Series") if hasattr(pandas, kind)]


def _of_dict(name: str, data: Dict[Any, Any]) -> object:
    from ironwheel.frames import _columns, _pandas, _polars

    found: List[_columns.Named] = []
    lengths: Dict[str, int] = {}
    pandas = sys.modules.get("pandas")
    kinds = (
        () if pandas is None else tuple(getattr(pandas, kind) for kind in ("Series", "Index") if hasattr(pandas, kind))
    )
    for label, values in data.items():
        if isinstance(values, kinds):
            parts = _pandas.parts(values)
        elif _polars.is_series(values):
            parts = _polars.parts(values)
        else:
            parts = _columns.of_values(f"{name}[{label!r}]", values)
        for part in parts:
            found.append(_columns.Named(_pandas.label_text(label) + part.suffix, part.column, part.notes))
        lengths[repr(label)] = len(parts[0].column)
    if len(set(lengths.values())) > 1:
        (first, one), *others = lengths.items()
        other, length = next((label, length) for label, length in others if length != one)
        raise ValueError(f"{name} must have arrays of one length, got {one:,} in {first} and {length:,} in {other}")
    return _columns.stream(found, next(iter(lengths.values()), 0))
