"""Figures of profiles written by hand; for the tests of their pictures."""

from __future__ import annotations

import datetime
import decimal
import html.parser
from typing import Any, Dict, List, Optional

from ironwheel.frames import _picture

HOSTILE = "<script>alert(1)</script>\"'&"


KEYS = [
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
    "is_unique",
    "is_constant",
    "monotonic",
    "longest_run",
    "notes",
]


def column(name: str, kind: str, **figures: Any) -> Dict[str, Any]:
    return {
        **dict.fromkeys(KEYS),
        "name": name,
        "type": kind,
        "kind": kind,
        "count": 0,
        "nulls": 0,
        "notes": [],
        **figures,
    }


def quantiles(*values: Any) -> Dict[str, Any]:
    return dict(zip(("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"), values))


def flights() -> Dict[str, Any]:
    """A frame with a column of every family, and one that means harm."""
    moment = datetime.datetime(2013, 1, 1, 5)
    hours = [moment + datetime.timedelta(days=30 * i) for i in range(13)]
    columns = [
        column(
            "dep_delay", "float", type="float64", count=975, nulls=25, nan=3, infinite=1, distinct=213, distinct_exact=True,
            min=-32.0, max=911.5, mean=12.6, std=39.78, skew=4.6, kurtosis=36.7, sum=12288.0, zeros=49, negatives=542,
            quantiles=quantiles(-12.0, -9.0, -5.0, -1.0, 11.0, 87.0, 189.0), quantiles_exact=True,
            histogram={"edges": [-32.0 + 94.35 * i for i in range(11)], "counts": [800, 120, 30, 0, 10, 5, 5, 3, 0, 2]},
            top=[{"value": -5.0, "count": 73}, {"value": -4.0, "count": 70}], top_exact=True, longest_run=4,
            is_unique=False, is_constant=False,
        ),
        column(
            "month", "integer", type="int64", count=1000, distinct=12, distinct_exact=True, min=1, max=12, mean=6.5, std=3.4,
            histogram={"edges": [1 + 11 * i / 12 for i in range(13)], "counts": [80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 65]},
            quantiles=quantiles(1, 1, 4, 7, 10, 12, 12), quantiles_exact=False, quantiles_error=0.005,
        ),
        column("year", "integer", type="int64", count=1000, distinct=1, min=2013, max=2013, is_constant=True,
               top=[{"value": 2013, "count": 1000}], histogram={"edges": [2013.0, 2013.0], "counts": [1000]}),
        column("id", "integer", type="int64", count=1000, distinct=1000, min=0, max=999_999, is_unique=True,
               monotonic="strictly increasing", histogram={"edges": [0.0, 999_999.0], "counts": [1000]}),
        column("carrier", "text", type="string", count=1000, distinct=16, min="9E", max="YV", min_length=2, max_length=2,
               mean_length=2.0, empty=0, blank=0, formats=[{"format": "e-mail", "count": 1000}],
               top=[{"value": "UA", "count": 180}, {"value": "B6", "count": 160}], top_exact=True),
        column("time_hour", "timestamp", type="timestamp[us]", count=1000, distinct=700, min=moment, max=hours[-1],
               mean=hours[6], std=datetime.timedelta(days=104), quantiles=quantiles(*hours[2:9]),
               histogram={"edges": hours, "counts": [90] * 12}),
        column("cancelled", "boolean", type="bool", count=1000, distinct=2, min=False, max=True, mean=0.27,
               top=[{"value": False, "count": 730}, {"value": True, "count": 270}]),
        column("price", "decimal", type="decimal128(12, 2)", count=1000, distinct=900, min=decimal.Decimal("0.01"),
               max=decimal.Decimal("12345678.90"), histogram={"edges": [0.01, 6e6, 12345678.9], "counts": [999, 1]}),
        column("nothing", "null", nulls=1000, distinct=0),
        column("parts", "list", type="list<item: struct<a: int64>>", count=1000, min_length=0, max_length=12, mean_length=3.5,
               notes=["values of lists are not looked at"]),
        column("raw", "binary", count=2, nulls=998, min=b"\x00\xff", max=b"\xff", top=[{"value": b"\x00", "count": 2}]),
        column(HOSTILE, "text", type="string", count=900, nulls=100, distinct=70_000, distinct_exact=False, min="", max="z",
               min_length=0, max_length=4000, mean_length=5.0, empty=20, blank=2, top_exact=False, top_error=12,
               top=[{"value": "<img src=x onerror=alert(2)>", "count": 500}, {"value": "  padded ", "count": 200},
                    {"value": "", "count": 20}, {"value": "\u202eevil\x00\n\x1b[2J\udce9", "count": 9},
                    {"value": "日本語", "count": 3}],
               notes=["<b>3 values</b> were numbers"]),
    ]  # fmt: skip
    return {
        "rows": 1000,
        "duplicate_rows": 7,
        "duplicate_rows_exact": True,
        "memory": 191_000,
        "null_patterns": [{"columns": ["nothing", HOSTILE], "rows": 100}, {"columns": [], "rows": 5}],
        "correlations": {
            "method": "pearson",
            "columns": ["dep_delay", "month", HOSTILE],
            "matrix": [[1.0, -0.31, 0.997], [-0.31, 1.0, None], [0.997, None, 1.0]],
        },
        "columns": columns,
    }


def wide(columns: int) -> Dict[str, Any]:
    made = []
    for index in range(columns):
        counts = [(index * step) % 17 + 1 for step in range(1, 21)]
        made.append(
            column(
                f"sensor_{index:04d}",
                "float",
                type="float64",
                count=sum(counts),
                nulls=index % 3,
                distinct=index,
                min=0.0,
                max=20.0,
                histogram={"edges": list(range(21)), "counts": counts},
                quantiles=quantiles(1.0, 2.0, 5.0, 10.0, 15.0, 18.0, 19.0),
            )
        )
    return {"rows": 400, "columns": made}


class Outline(html.parser.HTMLParser):
    """What a browser would make of a page: elements, their attributes, and text."""

    VOID = ("meta", "input", "br")

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: List[str] = []
        self.elements: List[Any] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "script" not in self.open:
            self.text += data

    def all(self, tag: str) -> List[Dict[str, Optional[str]]]:
        return [attributes for name, attributes in self.elements if name == tag]


# In a terminal


def drawn(figures: Dict[str, Any], width: int = 80, color: str = "none", unicode: bool = True) -> str:
    return _picture.draw(figures, width=width, color=color, unicode=unicode)
