"""polars: frames and series whose types Arrow has no word for, and no more of a frame than is asked for."""

from __future__ import annotations

import sys
from typing import Any, List, Optional

from ironwheel import _arrow
from ironwheel.frames import _columns
from ironwheel.frames._columns import Named, Part


def is_frame(data: Any) -> bool:
    """Whether `data` is a DataFrame of a polars that speaks Arrow."""
    return _is("DataFrame", data)


def is_series(data: Any) -> bool:
    """Whether `data` is a Series of a polars that speaks Arrow."""
    return _is("Series", data)


def _is(kind: str, data: Any) -> bool:
    found = getattr(sys.modules.get("polars"), kind, None)
    return isinstance(found, type) and isinstance(data, found) and hasattr(found, "__arrow_c_stream__")


def capsule_of(name: str, data: Any, columns: Optional[List[str]]) -> object:
    """The stream of a DataFrame or Series; of one with all of `columns`, of these alone."""
    polars = sys.modules["polars"]
    if is_frame(data):
        if columns is not None and set(columns) <= set(data.columns):
            data = data.select(list(dict.fromkeys(columns)))
        several = data.get_columns()
    else:
        several = [data]
    if not any(_wide(polars, series.dtype) for series in several):
        return _arrow.capsule_of(name, data)
    found: List[Named] = []
    for series in several:
        found += [Named(series.name, part.column, part.notes) for part in parts(series)]
    return _columns.stream(found, len(data))


def parts(series: Any) -> List[Part]:
    """The column of a Series. Whole numbers of 128 bits, which Arrow has not, are decimals where these have room."""
    polars = sys.modules["polars"]
    dtype = series.dtype
    if not _wide(polars, dtype):
        return [Part("", _columns.of_arrow(series), [])]
    if not dtype.is_nested():
        decimals = series.cast(polars.Decimal(38, 0), strict=False)
        if decimals.null_count() == series.null_count():
            return [Part("", _columns.of_arrow(decimals), [f"{dtype}, read as decimals of 38 digits"])]
    texts = series.cast(_spelled(polars, dtype))
    return [Part("", _columns.of_arrow(texts), [f"{dtype}, its numbers of 128 bits read as text"])]


def _wide(polars: Any, dtype: Any) -> bool:
    """Whether there are whole numbers of 128 bits in a type."""
    if isinstance(dtype, polars.Struct):
        return any(_wide(polars, field.dtype) for field in dtype.fields)
    if dtype.is_nested():
        return _wide(polars, dtype.inner)
    return str(dtype) in ("Int128", "UInt128")


def _spelled(polars: Any, dtype: Any) -> Any:
    """The type with text in place of these numbers."""
    if isinstance(dtype, polars.Struct):
        return polars.Struct({field.name: _spelled(polars, field.dtype) for field in dtype.fields})
    if isinstance(dtype, polars.List):
        return polars.List(_spelled(polars, dtype.inner))
    if dtype.is_nested():
        return polars.Array(_spelled(polars, dtype.inner), dtype.shape[0])
    return polars.String if _wide(polars, dtype) else dtype
