"""pandas of any version from 1.5 on, column by column, each by its fastest route; pyarrow only where it is the storage."""

from __future__ import annotations

import sys
from typing import Any, Collection, List, Optional, Set

from ironwheel import _abi, _view
from ironwheel.frames import _columns
from ironwheel.frames._columns import Named, Part


def capsule_of(pandas: Any, data: Any, columns: Optional[Collection[str]]) -> object:
    """The stream of a DataFrame or Series; the index is not part of it."""
    if isinstance(data, pandas.Series):
        label = "" if data.name is None else label_text(data.name)
        return _columns.stream(_named(label, data), len(data))
    found = _chosen(data, None if columns is None else set(columns))
    if columns is not None and not {named.name for named in found}.issuperset(columns):
        found = _chosen(data, None)  # the reader's message tells all there are
    return _columns.stream(found, len(data))


def _chosen(data: Any, wanted: Optional[Set[str]]) -> List[Named]:
    found: List[Named] = []
    for label, series in data.items():
        name = label_text(label)
        if wanted is None or not wanted.isdisjoint((name, name + ".real", name + ".imag")):
            found += _named(name, series)
    return found


def label_text(label: Any) -> str:
    """A column's name as text: levels of a MultiIndex joined by dots, empty ones left out; numbers as they print."""
    if isinstance(label, tuple):
        return ".".join(part for part in map(label_text, label) if part)
    text = label if isinstance(label, str) else str(label)
    # Arrow's names are UTF-8 and end with the first NUL.
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _named(name: str, values: Any) -> List[Named]:
    return [Named(name + part.suffix, part.column, part.notes) for part in parts(values)]


def parts(values: Any) -> List[Part]:
    """The columns of a Series or Index. What fails on the way to its own type is read as objects."""
    try:
        return _typed(values)
    except (MemoryError, NotImplementedError):
        raise
    except Exception as error:
        parts = _columns.of_objects(list(values))
        note = f"{values.dtype} could not be read as such ({type(error).__name__}: {error})"
        return [part._replace(notes=[note, *part.notes]) for part in parts]


def _typed(values: Any) -> List[Part]:
    import numpy
    import pandas

    dtype = values.dtype
    if isinstance(dtype, numpy.dtype):
        return _columns.of_numpy(values.to_numpy(), nan_is_null=True)
    array = values.array
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return _zoned(array)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _categorical(array)
    if isinstance(dtype, pandas.SparseDtype):
        dense = _columns.of_numpy(numpy.asarray(array), nan_is_null=True)
        return [part._replace(notes=[f"{dtype}, filled in", *part.notes]) for part in dense]
    if isinstance(dtype, (pandas.PeriodDtype, pandas.IntervalDtype)):
        return _spelled(array)
    if isinstance(array, (pandas.arrays.IntegerArray, pandas.arrays.FloatingArray, pandas.arrays.BooleanArray)):
        return _masked(array)
    if isinstance(dtype, pandas.StringDtype) and dtype.storage == "python":
        return _columns.of_objects(_object_array(array))
    return _foreign(array)


def _object_array(array: Any) -> Any:
    """The objects behind an array of them, without a copy where pandas still keeps them under this name."""
    import numpy

    inner = getattr(array, "_ndarray", None)
    if isinstance(inner, numpy.ndarray) and inner.dtype == object and inner.ndim == 1:
        return numpy.asarray(inner)
    return numpy.asarray(array, dtype=object)


def _zoned(array: Any) -> List[Part]:
    from ironwheel.frames._objects import zone_name

    dtype = array.dtype
    zone, note = zone_name(dtype.tz)
    column = _columns.of_ticks(array.asi8, getattr(dtype, "unit", "ns"), zone)
    return [Part("", column, [note] if note else [])]


def _categorical(array: Any) -> List[Part]:
    import numpy

    if len(array.categories) == 0:  # nothing to look up
        return _columns.of_objects([None] * len(array))
    values = parts(array.categories)
    codes = array.codes
    tag = _view.TAGS[("i", codes.dtype.itemsize)]
    keys = _columns.lend_numpy(codes, tag, missing=_abi.IW_MISSING_NEGATIVE)
    try:
        (part,) = values
        return [part._replace(column=_columns.dictionary(keys, part.column, array.ordered))]
    except ValueError:  # complex categories, or so many that they come in pieces
        return _columns.of_numpy(numpy.asarray(array), nan_is_null=True)


def _spelled(array: Any) -> List[Part]:
    """Periods and intervals as text: spelled once each, however often they come up."""
    import pandas

    codes, uniques = pandas.factorize(array)
    texts = _columns.of_objects([str(value) for value in uniques])[0]
    notes = [f"{array.dtype}, read as text"]
    if len(uniques) == 0:
        return [part._replace(notes=notes) for part in _columns.of_objects([None] * len(array))]
    keys = _columns.lend_numpy(codes.astype("i8", copy=False), _abi.IW_I64, missing=_abi.IW_MISSING_NEGATIVE)
    try:
        return [Part("", _columns.dictionary(keys, texts.column, False), notes)]
    except ValueError:  # so many that they come in pieces
        spelled = [None if code < 0 else str(uniques[code]) for code in codes]
        return [part._replace(notes=notes) for part in _columns.of_objects(spelled)]


def _masked(array: Any) -> List[Part]:
    """Nullable numbers and booleans: NaN among them is a value, as pandas means it there."""
    data, mask = getattr(array, "_data", None), getattr(array, "_mask", None)
    if data is None or mask is None:
        mask = array.isna()
        data = array.to_numpy(dtype=array.dtype.numpy_dtype, na_value=array.dtype.numpy_dtype.type(0))
    return _columns.of_numpy(data, nan_is_null=False, mask=mask)


def _foreign(array: Any) -> List[Part]:
    """Arrays of other packages, and those that pyarrow stores."""
    for method in ("__arrow_c_stream__", "__arrow_c_array__"):
        if hasattr(array, method):
            return [Part("", _columns.of_arrow(array), [])]
    if hasattr(array, "__arrow_array__") and "pyarrow" in sys.modules:
        arrow = array.__arrow_array__()
        if hasattr(arrow, "__arrow_c_stream__") or hasattr(arrow, "__arrow_c_array__"):  # pyarrow 14 or newer
            return [Part("", _columns.of_arrow(arrow), [])]
    return _columns.of_objects(_object_array(array))
