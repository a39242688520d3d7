"""What one column of a profile came to, and its figures as Python has them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional


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
