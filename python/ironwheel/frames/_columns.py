"""Columns from memory: NumPy arrays and buffers where they lie, and the stream that a list of columns is."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, List, NamedTuple, Optional

from ironwheel import _abi, _arrow, _view
from ironwheel._lib import check, lib
from ironwheel.frames import _objects, _python
from ironwheel.frames._table import Handle

_MISSING = {"f": _abi.IW_MISSING_NAN, "M": _abi.IW_MISSING_NAT, "m": _abi.IW_MISSING_NAT}
_UNITS = {"s": "s", "ms": "m", "us": "u", "ns": "n"}  # NumPy's name -> Arrow's letter
_WIDEST = 4096  # bytes of a fixed-width text that is read where it lies


class Column(Handle):
    """One column of the library's: values of one type, where they lie."""

    def __init__(self, pointer: int) -> None:
        super().__init__(pointer, lib.iw_column_free)

    def __len__(self) -> int:
        out = ctypes.c_size_t()
        check(lib.iw_column_len(self._pointer, ctypes.byref(out)))
        return out.value


class Part(NamedTuple):
    """What a column of some library became: itself, or one of several."""

    suffix: str
    column: Column
    notes: List[str]


class Named(NamedTuple):
    """A column of a table."""

    name: str
    column: Column
    notes: List[str]


def stream(columns: List[Named], rows: int) -> object:
    """The table of these columns as a capsule of an Arrow stream."""
    import json

    _python.python().release()  # what earlier tables no longer need
    fields = json.dumps([{"name": column.name, "notes": column.notes} for column in columns]).encode()
    pointers = (ctypes.c_void_p * max(len(columns), 1))(*(column.column._pointer.value for column in columns))
    return _arrow.export(lambda slot: lib.iw_columns_stream(pointers, len(columns), fields, len(fields), rows, slot))


def made(fill: Any, *arguments: Any) -> Column:
    """The column that ``fill(*arguments, out)`` makes."""
    out = ctypes.c_void_p()
    check(fill(*arguments, ctypes.byref(out)))
    assert out.value is not None
    return Column(out.value)


def lend(
    owner: Any,
    address: Optional[int],
    length: int,
    stride: int,
    tag: int,
    *,
    format: str = "",
    missing: int = 0,
    mask: Any = None,
    swapped: bool = False,
    width: int = 0,
) -> Column:
    """A column of elements in memory that `owner` keeps alive; `mask` is a NumPy array of bool, side by side."""
    masked = None
    if mask is not None:
        owner, missing, masked = (owner, mask), _abi.IW_MISSING_MASK, mask.__array_interface__["data"][0]
    given = _abi.iw_lent(address, masked, id(owner), length, stride, width, tag, missing, swapped)
    text = format.encode()
    return made(_python.python().lend, ctypes.byref(given), text, len(text))


def lend_numpy(array: Any, tag: int, **how: Any) -> Column:
    """A column of the elements of an array of one dimension, wherever its stride leads."""
    address = array.__array_interface__["data"][0]
    swapped = not array.dtype.isnative
    return lend(array, address, array.size, array.strides[0], tag, swapped=swapped, **how)


def dictionary(codes: Column, values: Column, ordered: bool) -> Column:
    """A column whose values `codes` looks up in `values`."""
    return made(lib.iw_column_dictionary, codes._pointer, values._pointer, int(ordered))


def of_arrow(data: Any) -> Column:
    """A column of what speaks Arrow, structs included, which would be a table elsewhere."""
    if hasattr(data, "__arrow_c_array__"):
        schema, array, _pair = _arrow.array_of("data", data)
        return made(lib.iw_column_take, schema, array)
    capsule = _arrow.capsule_of("data", data)
    return made(lib.iw_column_read, _arrow.pointer(capsule))


def of_objects(values: Any, *, keep_nan: bool = False) -> List[Part]:
    """A column of Python objects: an array of them, or a list or tuple."""
    column, notes = _objects.column(values, keep_nan)
    return [Part("", column, notes)]


def of_buffer(values: Any) -> List[Part]:
    """A column of array.array, memoryview and whatever else has the buffer protocol.

    Raises
    ------
    TypeError
        Its elements are no bools, integers or floats.
    ValueError
        It has several dimensions.
    """
    array, keep = _view.lend_buffer("values", values)
    if array.ndim != 1:
        raise ValueError(f"must have one dimension, got {array.ndim}")
    return [Part("", lend(keep, array.data, array.shape[0], array.strides[0], array.dtype), [])]


def of_numpy(array: Any, *, nan_is_null: bool, mask: Any = None) -> List[Part]:
    """Columns of a NumPy array of one dimension; `mask` is True where a value is missing.

    A complex array becomes two columns. Elements that Arrow has no type for are read as the nearest it has, and a
    note says so.
    """
    numpy = sys.modules["numpy"]
    if array.ndim != 1:
        raise ValueError(f"must have one dimension, got shape {array.shape}")
    if isinstance(array, numpy.ma.MaskedArray):
        mask, array = numpy.ma.getmaskarray(array), array.data
    if type(array) is not numpy.ndarray:
        array = numpy.asarray(array)
    if mask is not None:
        mask = numpy.ascontiguousarray(mask, numpy.bool_)
    kind, size = array.dtype.kind, array.dtype.itemsize
    tag = _view.TAGS.get((kind, size))
    if tag is not None:
        missing = _MISSING.get(kind, 0) if nan_is_null else 0
        return [Part("", lend_numpy(array, tag, missing=missing, mask=mask), [])]
    if kind == "f":
        note = f"{array.dtype.name}, read as float64"
        return [
            part._replace(notes=[note]) for part in of_numpy(array.astype(float), nan_is_null=nan_is_null, mask=mask)
        ]
    if kind == "c":
        return _complex(numpy, array, nan_is_null, mask)
    if kind in "Mm":
        return _times(numpy, array, mask)
    if kind in "US" and mask is None and 0 < size <= _WIDEST:
        return [Part("", lend_numpy(array, _abi.IW_TEXT if kind == "U" else _abi.IW_BYTES, width=size), [])]
    objects = array.astype(object)
    if mask is not None:
        objects[mask] = None
    return of_objects(objects, keep_nan=not nan_is_null)


def _complex(numpy: Any, array: Any, nan_is_null: bool, mask: Any) -> List[Part]:
    if mask is None and nan_is_null:
        absent = numpy.isnan(array)
        mask = absent if absent.any() else None
    parts = []
    for suffix, what, values in ((".real", "real", array.real), (".imag", "imaginary", array.imag)):
        for part in of_numpy(values, nan_is_null=False, mask=mask):
            parts.append(Part(suffix, part.column, [f"{what} part of a complex column", *part.notes]))
    return parts


def _times(numpy: Any, array: Any, mask: Any) -> List[Part]:
    """datetime64 and timedelta64 of any unit; NaT is null."""
    kind = array.dtype.kind
    notes: List[str] = []
    if mask is not None:
        array = array.copy()
        array[mask] = "NaT"
    unit, step = numpy.datetime_data(array.dtype)
    calendar = unit in ("Y", "M")
    if kind == "M" and (calendar or unit in ("W", "D")):
        days = _days(numpy, array)
        if days is not None:
            return [Part("", days, notes)]
    if step != 1 or unit not in _UNITS:
        finer = unit in ("ps", "fs", "as")
        unit = "ns" if finer else unit if unit in _UNITS else "s"
        if kind == "m" and calendar:
            unit = "M"  # no number of days
        scaled = _scaled(numpy, array, f"{kind}8[{unit}]")
        if scaled is None and not finer:
            return _spelled(numpy, array, unit)
        if scaled is None:
            notes.append(f"{array.dtype.name}, cut to nanoseconds")
            scaled = array.astype(f"{kind}8[ns]")
        array = scaled
    ticks = array.view(array.dtype.str.replace(kind, "i", 1).partition("[")[0])
    if unit == "M":
        absent = numpy.isnat(array)
        months = numpy.where(absent, 0, ticks)
        return [Part("", lend_numpy(months, _abi.IW_I64, mask=absent), ["timedelta64 of months, read as their number"])]
    format = f"ts{_UNITS[unit]}:" if kind == "M" else f"tD{_UNITS[unit]}"
    return [Part("", lend_numpy(ticks, _abi.IW_I64, format=format, missing=_abi.IW_MISSING_NAT), notes)]


def _scaled(numpy: Any, array: Any, dtype: str) -> Any:
    """The same times in another unit; None where 64 bits end, at which NumPy wraps around or, since 2.5, raises."""
    try:
        scaled = array.astype(dtype)
        same = (scaled.astype(array.dtype) == array) | numpy.isnat(array)
    except OverflowError:
        return None
    return scaled if same.all() else None


def _spelled(numpy: Any, array: Any, unit: str) -> List[Part]:
    absent = numpy.isnat(array)
    texts = array.astype("i8").astype(str).astype(object)
    texts[absent] = None
    note = f"{array.dtype.name} past 64 bits of {'months' if unit == 'M' else 'seconds'}, read as text of its number"
    return [part._replace(notes=[note]) for part in of_objects(texts)]


def _days(numpy: Any, array: Any) -> Optional[Column]:
    """Dates as 32 bits of days, if all have room there."""
    days = _scaled(numpy, array, "M8[D]")
    if days is None:
        return None
    absent = numpy.isnat(array)
    days = numpy.where(absent, 0, numpy.ascontiguousarray(days).view("i8"))
    if days.size and (days.min() < -(2**31) or days.max() >= 2**31):
        return None
    return lend_numpy(days.astype("i4"), _abi.IW_I32, format="tdD", mask=absent)


def of_ticks(ticks: Any, unit: str, zone: str) -> Column:
    """A column of instants: an int64 array of `unit` since 1970 in UTC, its smallest value NaT."""
    format = f"ts{_UNITS[unit]}:{zone}"
    return lend_numpy(ticks, _abi.IW_I64, format=format, missing=_abi.IW_MISSING_NAT)


def of_values(what: str, values: Any) -> List[Part]:
    """Columns of whatever a dict may hold; `what` is how errors name it.

    Raises
    ------
    TypeError
        `values` is no array, list or tuple.
    ValueError
        `values` has not one dimension.
    """
    numpy = sys.modules.get("numpy")
    try:
        if numpy is not None and isinstance(values, numpy.ndarray):
            return of_numpy(values, nan_is_null=False)
        if isinstance(values, (list, tuple, range)):
            return of_objects(values if isinstance(values, (list, tuple)) else list(values), keep_nan=True)
        if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
            return [Part("", of_arrow(values), [])]
        if not isinstance(values, (str, bytes, bytearray)):
            try:
                view = memoryview(values)
            except TypeError:
                pass
            else:
                return _of_view(view)
    except ValueError as error:
        raise ValueError(f"{what} {error}") from error
    raise TypeError(f"{what} must be an array, a list or a tuple, got {type(values).__name__}")


def _of_view(view: memoryview) -> List[Part]:
    try:
        return of_buffer(view)
    except TypeError:  # characters, complex numbers, records
        return of_objects(view.tolist(), keep_nan=True)
