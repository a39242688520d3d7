"""Columns of Python objects: read natively where all values are of one kind, and what to do where they are not."""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any, Callable, List, NamedTuple, Optional, Set, Tuple

from ironwheel import _abi
from ironwheel._lib import check, lib
from ironwheel.frames import _python
from ironwheel.frames._table import Handle

if TYPE_CHECKING:
    from ironwheel.frames._columns import Column

_ROWS = 131_072  # of one native call: milliseconds, so that Ctrl-C and other threads wait no longer
_LONGEST = 2**29 - 1  # characters that come to less than 2 GiB whatever they are

_INFER, _FLOAT = _abi.IW_OBJECTS_INFER, _abi.IW_OBJECTS_FLOAT
_DECIMAL, _TEXT = _abi.IW_OBJECTS_DECIMAL, _abi.IW_OBJECTS_TEXT


class _Stop(NamedTuple):
    """Why a column was not read to its end: one of the ``IW_TAKEN_*``, and the row it stopped at."""

    reason: int
    row: int


class _Growing(Handle):
    """A column of objects under construction."""

    def __init__(self, mode: int, keep_nan: bool) -> None:
        self._python = _python.python()
        nulls = _nulls()
        out = ctypes.c_void_p()
        addresses = (ctypes.c_void_p * max(len(nulls), 1))(*map(id, nulls))
        check(lib.iw_objects_new(mode, keep_nan, addresses, len(nulls), ctypes.byref(out)))
        assert out.value is not None
        super().__init__(out.value, lib.iw_objects_free)
        # Only str() of any object and of numbers runs Python code, which might change what is being read.
        self._private = mode in (_DECIMAL, _TEXT)
        self.taken = _abi.iw_taken()

    def read(self, values: Any, convert: Optional[Callable[[Any], Any]] = None) -> Optional[_Stop]:
        """Adds all values, each as `convert` makes it; None, or what stopped it."""
        for start in range(0, len(values), _ROWS):
            stop = min(start + _ROWS, len(values))
            self._add(values, start, stop, convert)
            if self.taken.reason != _abi.IW_TAKEN:
                return _Stop(self.taken.reason, start + self.taken.count)
        return None

    def _add(self, values: Any, start: int, stop: int, convert: Optional[Callable[[Any], Any]]) -> None:
        taken = ctypes.byref(self.taken)
        count = stop - start
        items = values
        if convert is not None or self._private:
            items = values[start:stop]
            items = items.tolist() if hasattr(items, "tolist") else items
            items, start = tuple(items if convert is None else map(convert, items)), 0
        if isinstance(items, (list, tuple)):
            is_tuple = isinstance(items, tuple)
            check(self._python.add_items(self._pointer, id(items), is_tuple, start, count, taken))
            return
        stride = items.strides[0]
        first = ctypes.c_void_p(items.__array_interface__["data"][0] + start * stride)
        pointers = ctypes.cast(first, ctypes.POINTER(ctypes.c_void_p))
        check(self._python.add(self._pointer, pointers, stride, count, taken))

    def finish(self, format: str = "") -> Column:
        """The column; OverflowError where decimals have no room."""
        from ironwheel.frames._columns import made

        text = format.encode()
        return made(lib.iw_objects_finish, self._pointer, text, len(text))


def column(values: Any, keep_nan: bool = False) -> Tuple[Column, List[str]]:
    """A column of objects, and what was done to them.

    Parameters
    ----------
    values
        A NumPy array of objects of one dimension, a list or a tuple.
    keep_nan
        Whether NaN in a column of nothing but floats stays NaN; else, and among other values, it is null.

    Notes
    -----
    None, NaN, pandas.NA and pandas.NaT are nulls. All values str, bytes, bool, int, float, Decimal, date, datetime,
    time or timedelta make a column of that type (subclasses and NumPy's scalars count as what they are made of);
    integers and floats together one of float64, integers of more than 64 bits and decimals one of decimals. Anything
    else, and any other mixture, becomes text by ``str()`` (bytes by ``repr()``) and a note.
    """
    if hasattr(values, "flags") and not values.flags.aligned:
        values = values.copy()
    growing = _Growing(_INFER, keep_nan)
    stop = growing.read(values)
    if stop is None:
        return growing.finish(), _notes(growing)
    return _Plan(values, keep_nan).column(stop)


class _Plan:
    """What to do about a column whose values are not all of one kind that is read natively."""

    def __init__(self, values: Any, keep_nan: bool) -> None:
        self.values = values
        self.keep_nan = keep_nan
        self.notes: List[str] = []

    def column(self, stop: _Stop) -> Tuple[Column, List[str]]:
        if stop.reason == _abi.IW_TAKEN_NAN:  # NaN among what is no float is a null
            return column(self.values, False)
        families = _families(self.values)
        if "float" in families and len(families) > 1 and not _holds_real(self.values):
            families.discard("float")
            self.keep_nan = False
        found: Optional[Column] = None
        if families == {"moment"}:
            found = self._moments()
        elif families == {"span"}:
            found = self._spans()
        elif families == {"date"}:
            found = self._ticks([None if _missing(day) else day.toordinal() - _EPOCH_DAY for day in self.values], "tdD")
        elif families == {"time"}:
            found = self._times()
        elif families == {"int", "float"}:
            found = self._read(_FLOAT, _plain)
            self.notes = ["integers and floats, read as float64"]
        elif len(families) == 1 and stop.reason == _abi.IW_TAKEN_UNKNOWN:
            found = self._read(_INFER, _plain)
        if found is None and families and families <= {"int", "decimal"}:
            found = self._read(_DECIMAL, _plain)
        if found is None:
            found = self._text(stop)
        return found, self.notes

    def _read(self, mode: int, convert: Optional[Callable[[Any], Any]], format: str = "") -> Optional[Column]:
        growing = _Growing(mode, self.keep_nan and mode != _TEXT)
        if growing.read(self.values, convert) is not None:
            return None
        try:
            found = growing.finish(format)
        except OverflowError:  # infinite, or of more digits than there is room for
            return None
        self.notes += _notes(growing)
        return found

    def _text(self, stop: _Stop) -> Column:
        kinds = sorted({_name(kind) for kind in _kinds(self.values)})
        if stop.reason == _abi.IW_TAKEN_LONG:
            self.notes = [f"values of more than {_LONGEST:,} characters, cut there"]
        elif len(kinds) == 1:
            self.notes = [f"objects of type {kinds[0]}, read as text"]
        else:
            shown = ", ".join(kinds[:6]) + (f" and {len(kinds) - 6} more" if len(kinds) > 6 else "")
            self.notes = [f"values of several types ({shown}), read as text"]
        found = self._read(_TEXT, None) or self._read(_TEXT, _cut)
        assert found is not None, "text takes anything"
        return found

    def _ticks(self, ticks: List[Optional[int]], format: str) -> Optional[Column]:
        """Integers as dates or times, if they fit."""
        if any(tick is not None and not -(2**63) <= tick < 2**63 for tick in ticks):
            return None
        growing = _Growing(_INFER, False)
        if growing.read(ticks) is not None:
            return None
        try:
            return growing.finish(format)
        except OverflowError:
            return None

    def _unit(self, ticks: List[Optional[int]]) -> Tuple[List[Optional[int]], str]:
        """Nanoseconds where any count, else microseconds, which reach further."""
        if any(tick is not None and tick % 1000 for tick in ticks):
            return ticks, "n"
        return [None if tick is None else tick // 1000 for tick in ticks], "u"

    def _moments(self) -> Optional[Column]:
        """Datetimes with or without a zone, of pandas and NumPy too; not both kinds together."""
        ticks: List[Optional[int]] = []
        zones: Set[Any] = set()
        naive = False
        try:
            for value in self.values:
                if _missing(value):
                    ticks.append(None)
                    continue
                offset = None
                if hasattr(value, "utcoffset"):
                    offset = value.utcoffset()
                    tick = _nanoseconds(value, offset)
                else:
                    tick = _scalar_ticks(value)
                if offset is None:
                    naive = True
                else:
                    zones.add(value.tzinfo)
                ticks.append(tick)
        except (OverflowError, ValueError, TypeError):
            return None
        if naive and zones:
            return None
        names = {zone_name(zone) for zone in zones}
        zone = ""
        if len(names) == 1:
            zone, note = names.pop()
            self.notes = [note] if note else []
        elif names:
            zone, self.notes = "UTC", ["values of several time zones, read as UTC"]
        ticks, unit = self._unit(ticks)
        return self._ticks(ticks, f"ts{unit}:{zone}")

    def _times(self) -> Optional[Column]:
        """Times of day without a zone, which alone can be told from midnight."""
        if any(not _missing(value) and value.tzinfo is not None for value in self.values):
            return None
        return self._ticks([None if _missing(value) else _micros_of_day(value) for value in self.values], "ttu")

    def _spans(self) -> Optional[Column]:
        try:
            spans = [None if _missing(value) else _span_ticks(value) for value in self.values]
        except (OverflowError, ValueError, TypeError):
            return None
        spans, unit = self._unit(spans)
        return self._ticks(spans, f"tD{unit}")


_EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()


def _notes(growing: _Growing) -> List[str]:
    notes = []
    if growing.taken.escaped:
        notes.append(f"{growing.taken.escaped:,} values with surrogates, which UTF-8 has not, written as \\udcff")
    if growing.taken.failed:
        notes.append(f"{growing.taken.failed:,} values whose str() failed")
    return notes


def _nulls() -> List[Any]:
    """What stands for nothing by being itself."""
    pandas = sys.modules.get("pandas")
    return [getattr(pandas, name) for name in ("NA", "NaT") if hasattr(pandas, name)]


def _missing(value: Any) -> bool:
    if value is None or any(value is null for null in _nulls()):
        return True
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m"):
        return bool(value != value)
    return isinstance(value, float) and value != value


def _kinds(values: Any) -> Set[type]:
    """The types of the values that are no nulls."""
    return {kind for kind in set(map(type, values)) if kind is not type(None)} - {type(null) for null in _nulls()}


def _families(values: Any) -> Set[str]:
    return {_family(kind) for kind in _kinds(values)}


def _family(kind: type) -> str:
    """What kind of value a type is made of, NumPy's scalars included."""
    import datetime
    import decimal

    known: List[Tuple[str, Tuple[type, ...]]] = [
        ("bool", (bool,)),
        ("int", (int,)),
        ("float", (float,)),
        ("text", (str,)),
        ("bytes", (bytes,)),
        ("decimal", (decimal.Decimal,)),
        ("moment", (datetime.datetime,)),
        ("date", (datetime.date,)),
        ("time", (datetime.time,)),
        ("span", (datetime.timedelta,)),
    ]
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        known += [
            ("bool", (numpy.bool_,)),
            ("moment", (numpy.datetime64,)),
            ("span", (numpy.timedelta64,)),  # before the integers, of which it is one
            ("int", (numpy.integer,)),
            ("float", (numpy.float16, numpy.float32)),  # a longdouble has no float that holds it
        ]
    for family, kinds in known:
        if issubclass(kind, kinds):
            return family
    return "other"


def _holds_real(values: Any) -> bool:
    """Whether a float among the values is a number."""
    return any(_family(type(value)) == "float" and value == value for value in values)


def _plain(value: Any) -> Any:
    """A NumPy scalar as Python has it, and anything else as it is."""
    numpy = sys.modules.get("numpy")
    return value.item() if numpy is not None and isinstance(value, numpy.generic) else value


def _cut(value: Any) -> Any:
    if value is None or isinstance(value, float) or any(value is null for null in _nulls()):
        return value
    text = value if isinstance(value, str) else str(value)
    return text[:_LONGEST]


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _nanoseconds(moment: Any, offset: Any) -> int:
    """Of a datetime since 1970, in UTC if it has an offset; a pandas Timestamp has more digits than datetime."""
    import datetime

    moved = datetime.datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond
    ) - datetime.datetime(1970, 1, 1)
    ticks = _micros(moved) * 1000 + int(getattr(moment, "nanosecond", 0))
    return ticks if offset is None else ticks - _micros(offset) * 1000


def _micros(span: Any) -> int:
    return (int(span.days) * 86_400 + int(span.seconds)) * 10**6 + int(span.microseconds)


def _micros_of_day(time: Any) -> int:
    return ((int(time.hour) * 60 + int(time.minute)) * 60 + int(time.second)) * 10**6 + int(time.microsecond)


def _span_ticks(span: Any) -> int:
    if hasattr(span, "dtype"):
        return _scalar_ticks(span)
    return _micros(span) * 1000 + int(getattr(span, "nanoseconds", 0))


_NANOSECONDS = {"W": 604_800 * 10**9, "D": 86_400 * 10**9, "h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9}
_NANOSECONDS.update(ms=10**6, us=1000, ns=1)


def _scalar_ticks(scalar: Any) -> int:
    """Nanoseconds of a NumPy datetime64 or timedelta64; ValueError for units that are no number of them."""
    numpy = sys.modules["numpy"]
    unit, step = numpy.datetime_data(scalar.dtype)
    if scalar.dtype.kind == "M" and unit in ("Y", "M"):
        scalar, unit, step = scalar.astype("M8[D]"), "D", 1
    if unit not in _NANOSECONDS:
        raise ValueError(unit)
    return int(scalar.astype("i8")) * int(step) * _NANOSECONDS[unit]


def zone_name(zone: Any) -> Tuple[str, str]:
    """A time zone as Arrow names it, and a note where it has no such name; instants are UTC either way."""
    import datetime

    for attribute in ("key", "zone"):  # of zoneinfo, of pytz
        name = getattr(zone, attribute, None)
        if isinstance(name, str) and name and name.isprintable() and name.isascii():
            return name, ""
    offset = None
    if isinstance(zone, datetime.timezone) or type(zone).__name__ in ("_FixedOffset", "tzoffset", "tzutc", "_UTC"):
        offset = zone.utcoffset(None)
    if offset is None or offset.microseconds or offset.seconds % 60:
        return "UTC", f"time zone {zone}, read as UTC"
    minutes = (offset.days * 86_400 + offset.seconds) // 60
    if minutes == 0:
        return "UTC", ""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}", ""
