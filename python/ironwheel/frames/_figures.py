"""How the figures of a profile are written for people, and which of them deserve a word."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

Figures = Mapping[str, Any]

#: Families of types, as people sort them.
FAMILIES = {
    "integer": "number",
    "float": "number",
    "decimal": "number",
    "text": "text",
    "boolean": "boolean",
    "date": "time",
    "time": "time",
    "timestamp": "time",
    "duration": "time",
    "interval": "time",
}
ELLIPSIS = "\u2026"


class Alert(NamedTuple):
    """A figure that deserves a word; `grave` where the data may be wrong rather than merely of a kind."""

    grave: bool
    text: str


def family(column: Figures) -> str:
    """number, text, boolean, time or other."""
    return FAMILIES.get(column.get("kind") or "", "other")


def count(number: Optional[int], exact: Optional[bool] = True) -> str:
    """A number of things: ``336,776``; with a sign in front where it is an estimate."""
    return "" if number is None else f"{'~' if exact is False else ''}{number:,}"


def brief(number: Optional[int], exact: Optional[bool] = True, room: int = 9) -> str:
    """The same in at most `room` characters: ``~1.23 G``."""
    full = count(number, exact)
    if len(full) <= room or number is None:
        return full
    for power, unit in ((18, "E"), (15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k")):
        if number >= 10**power:
            return f"{'~' if exact is False else ''}{number / 10**power:.3g} {unit}"
    return full


def share(part: Optional[int], whole: Optional[int]) -> str:
    """A share in per cent, where 0 % is none and 100 % all of it: ``2.5 %``, ``<0.1 %``, ``>99.9 %``."""
    if not part or not whole:
        return "0\u00a0%"
    cent = 100 * part / whole
    if part == whole:
        words = "100"
    elif cent < 0.1:
        words = "<0.1"
    elif cent > 99.9:
        words = ">99.9"
    else:
        words = f"{cent:.1f}" if cent < 10 else f"{min(cent, 99):.0f}" if cent < 99 else f"{cent:.1f}"
    return words + "\u00a0%"


def size(number: Optional[int]) -> str:
    """Bytes: ``51.3 MB``."""
    if number is None:
        return ""
    amount, units = float(number), ["bytes", "kB", "MB", "GB", "TB", "PB"]
    while amount >= 999.5 and len(units) > 1:
        amount /= 1000
        del units[0]
    return f"{amount:.0f}\u00a0{units[0]}" if units[0] == "bytes" else f"{amount:.3g}\u00a0{units[0]}"


def figure(value: Any, kind: Optional[str] = None) -> str:
    """A value in little room: four digits of a number, a moment to the second."""
    import datetime

    if value is None:
        return ""
    if isinstance(value, (bool, bytes)):
        return f"0x{value.hex()}" if isinstance(value, bytes) else str(value).lower()
    if isinstance(value, datetime.timedelta):
        return _span(value.total_seconds())
    if isinstance(value, datetime.datetime):
        moment = value.replace(microsecond=0, tzinfo=None).isoformat(" ")
        return moment[:10] if moment.endswith(" 00:00:00") and kind == "date" else moment
    if isinstance(value, datetime.time):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return value if kind not in ("date", "time", "timestamp", "duration") else _iso(value)
    plain = str(value)  # Decimal, date
    return f"{value:,}" if plain.lstrip("-").isdigit() and len(plain) > 5 else plain


def short(column: Figures, low: str, high: str) -> Tuple[str, str]:
    """The extremes in less room: three digits of a number, the month of a day, the minute of a time."""
    if family(column) == "time":
        if low[:7] != high[:7] and low[4:5] == "-":
            return low[:7], high[:7]
        return (low[:5], high[:5]) if low[2:3] == ":" and low[:5] != high[:5] else (low, high)
    ends = (column.get("min"), column.get("max"))
    if any(isinstance(end, bool) or not isinstance(end, (int, float)) for end in ends):
        return low, high
    try:
        return f"{float(ends[0]):.3g}", f"{float(ends[1]):.3g}"  # type: ignore[arg-type]
    except OverflowError:
        return low, high


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return "NaN" if value != value else str(value)
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3g}"
    if size >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if size >= 1000 else f"{value:.4g}"


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            return (
                f"{seconds / length:,.3g}\u00a0{unit}" if abs(seconds) < 1e8 else f"{seconds / length:,.0f}\u00a0{unit}"
            )
    return f"{seconds:.3g}\u00a0s"


def _iso(words: str) -> str:
    """ISO 8601 as people write it, to the second; durations come as ``PT1.5S``."""
    if words.lstrip("-").startswith("PT") and words.endswith("S"):
        try:
            return ("-" if words.startswith("-") else "") + _span(float(words.lstrip("-")[2:-1]))
        except ValueError:
            return words
    return words.replace("T", " ").partition(".")[0]


def position(value: Any) -> Optional[float]:
    """Where a value stands on an axis; None for what has no place on one."""
    import datetime

    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime.datetime):
        epoch = datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo)
        return (value - epoch).total_seconds()
    if isinstance(value, datetime.date):
        return (value - datetime.date(1970, 1, 1)).days * 86400.0
    if isinstance(value, datetime.time):
        return value.hour * 3600.0 + value.minute * 60 + value.second + value.microsecond / 1e6
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return _position_of_iso(value)
    try:
        place = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return place if abs(place) < float("inf") else None


def _position_of_iso(words: str) -> Optional[float]:
    import datetime

    if words.lstrip("-").startswith("PT"):
        try:
            return float(words.lstrip("-")[2:-1]) * (-1 if words.startswith("-") else 1)
        except ValueError:
            return None
    for parse in (datetime.datetime.fromisoformat, datetime.time.fromisoformat):
        try:
            return position(parse(words.partition(".")[0]))
        except ValueError:
            continue
    return None


def extremes(column: Figures) -> Tuple[str, str]:
    """Smallest and largest value; the day is said once where all moments are of one day, the hour not at all else."""
    low, high = column.get("min"), column.get("max")
    kind = column.get("kind")
    first, last = figure(low, kind), figure(high, kind)
    if kind == "timestamp" and len(first) >= 19 and len(last) >= 19:
        return (first[-8:], last[-8:]) if first[:-8] == last[:-8] else (first[:-9], last[:-9])
    return first, last


def missing(column: Figures) -> int:
    """Nulls; NaN are counted apart."""
    return column.get("nulls") or 0


def lengths(column: Figures, dots: str = ELLIPSIS) -> str:
    """``5 … 6 characters``; "" where lengths mean nothing."""
    low, high = column.get("min_length"), column.get("max_length")
    if low is None or high is None:
        return ""
    unit = {"text": "character", "binary": "byte"}.get(column.get("kind") or "", "item")
    return f"{low:,} {unit}{'' if low == 1 else 's'}" if low == high else f"{low:,} {dots} {high:,} {unit}s"


def top(column: Figures) -> List[Tuple[Any, int]]:
    """Most common values and how often they come."""
    return [(entry.get("value"), entry.get("count") or 0) for entry in column.get("top") or ()]


def tells(column: Figures) -> bool:
    """Whether the most common values say something: not where each is one of thousands."""
    entries, values = top(column), column.get("count") or 0
    return bool(entries and values) and (values == 1 or (entries[0][1] > 1 and entries[0][1] / values >= 0.001))


def alerts(column: Figures, rows: int) -> List[Alert]:
    """What is remarkable about a column, the grave first."""
    found: List[Alert] = []
    nulls, values = missing(column), column.get("count") or 0
    if rows and nulls == rows:
        return [Alert(True, "nothing but nulls")]
    if rows and nulls / rows >= 0.05:
        found.append(Alert(nulls / rows >= 0.5, f"{share(nulls, rows)} null"))
    for name, words in (("nan", "NaN"), ("infinite", "infinite"), ("blank", "blank"), ("empty", "empty")):
        number = column.get(name)
        if number:
            found.append(Alert(name in ("nan", "infinite", "blank"), f"{count(number)} {words}"))
    if column.get("is_constant") and rows > 1:
        found.append(Alert(True, "constant"))
    elif column.get("is_unique") and rows > 1 and nulls == 0 and family(column) in ("number", "text"):
        if column.get("kind") != "float":
            found.append(Alert(False, "unique: a key?"))
    else:
        most = top(column)[:1]
        if most and values and 0.9 <= most[0][1] / values < 1 and column.get("kind") != "boolean":
            found.append(Alert(False, f"{share(most[0][1], values)} one value"))
    zeros = column.get("zeros")
    if zeros and values and 0.5 <= zeros / values < 1:
        found.append(Alert(False, f"{share(zeros, values)} zero"))
    skew = column.get("skew")
    if isinstance(skew, (int, float)) and abs(skew) >= 5:
        found.append(Alert(False, f"skewed {'right' if skew > 0 else 'left'}"))
    if column.get("kind") == "text" and values:
        for entry in (column.get("formats") or ())[:1]:
            if entry.get("count") == values and rows > 1:
                found.append(Alert(False, f"text in {entry.get('format')} form"))
    return sorted(found, key=lambda alert: not alert.grave)


def pairs(correlations: Optional[Figures]) -> List[Tuple[str, str, float]]:
    """Pairs of columns by the strength of their correlation, undefined ones left out."""
    if not correlations:
        return []
    names: Sequence[str] = correlations.get("columns") or ()
    matrix = correlations.get("matrix") or ()
    found = [
        (names[i], names[j], float(matrix[i][j]))
        for i in range(len(names))
        for j in range(i)
        if isinstance(matrix[i][j], (int, float)) and matrix[i][j] == matrix[i][j]
    ]
    return sorted(found, key=lambda pair: -abs(pair[2]))


def coefficient(r: float, minus: str = "\u2212") -> str:
    """A correlation, which is 1.00 only where it is 1."""
    words = f"{r:.2f}"
    if abs(r) < 1 and words.lstrip("-") == "1.00":
        words = "-0.99+" if r < 0 else "0.99+"
    return ("0.00" if words == "-0.00" else words).replace("-", minus)


def facts(figures: Figures) -> Dict[str, Any]:
    """What holds for the whole frame: cells, missing cells, columns by family."""
    columns: Sequence[Figures] = figures.get("columns") or ()
    rows = figures.get("rows") or 0
    families: Dict[str, int] = {}
    for column in columns:
        families[family(column)] = families.get(family(column), 0) + 1
    return {
        "rows": rows,
        "columns": len(columns),
        "cells": rows * len(columns),
        "missing": sum(missing(column) for column in columns),
        "nan": sum(column.get("nan") or 0 for column in columns),
        "families": {
            name: families[name] for name in ("number", "text", "boolean", "time", "other") if name in families
        },
    }
