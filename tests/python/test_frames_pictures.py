"""Pictures of profiles: text for terminals, pages for browsers, SVG; drawn from figures written by hand."""

from __future__ import annotations

import datetime
import decimal
import html.parser
import json
import math
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import frames, text
from ironwheel.frames import _figures, _html, _html_frame, _picture, _svg

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


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("width", [1, 7, 16, 30, 40, 60, 80, 100, 109, 110, 120, 150, 200, 400])
def test_no_line_is_wider_than_the_terminal(width: int, unicode: bool) -> None:
    lines = drawn(flights(), width, unicode=unicode).splitlines()
    assert max(map(text.width, lines)) <= width
    plain = drawn(flights(), width, "true_color", unicode)
    assert re.sub("\x1b\\[[0-9;]*m", "", plain).split() == " ".join(lines).split()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_column_is_one_line(width: int) -> None:
    figures = flights()
    for one in figures["columns"]:
        one["notes"] = []
    lines = drawn(figures, width).splitlines()
    notes = [line for line in lines if line.startswith("└")]
    title = lines.index(next(line for line in lines if line.startswith("column")))
    lines = lines[: next(index for index, line in enumerate(lines) if line.startswith("strongest"))]
    assert len(lines) == title + 2 + len(figures["columns"]) + len(notes)


def test_every_column_has_a_line_with_its_figures() -> None:
    shown = drawn(flights(), 120)
    assert "1,000 rows × 12 columns" in shown and "7 duplicate rows" in shown and "191\u00a0kB" in shown
    lines = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert "float64" in lines["dep_delay"] and "-32 … 911.5" in lines["dep_delay"] and "12.6" in lines["dep_delay"]
    assert "2.5\u00a0%" in lines["dep_delay"] and "213" in lines["dep_delay"]
    assert "█▂▁ ▁▁▁▁ ▁" in lines["dep_delay"]
    assert "always 2013" in lines["year"]
    assert "UA 18\u00a0%, B6 16\u00a0%" in lines["carrier"]
    assert "false 73\u00a0%, true 27\u00a0%" in lines["cancelled"]
    assert "2013-01" in lines["time_hour"] and "104\u00a0d" in lines["time_hour"]
    assert "100\u00a0%" in lines["nothing"] and "█████" in lines["nothing"]
    assert "~70,000" in lines[HOSTILE[:22] + "…"]
    assert "0 … 12 items" in lines["parts"]


def test_notes_and_what_is_remarkable_stand_under_their_column() -> None:
    lines = drawn(flights(), 100).splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("parts"))
    assert lines[at + 1] == "└ values of lists are not looked at"
    at = next(index for index, line in enumerate(lines) if line.startswith("id "))
    assert lines[at + 1] == "└ unique: a key?"
    at = next(index for index, line in enumerate(lines) if line.startswith("dep_delay"))
    assert lines[at + 1] == "└ 3 NaN · 1 infinite"


def test_the_strongest_correlations_stand_below_the_columns() -> None:
    lines = drawn(flights(), 80).splitlines()
    assert lines[-3] == "strongest correlations (pearson)"
    assert lines[-2].split() == [HOSTILE, "~", "dep_delay", "0.99+"] and lines[-1].split() == [
        "month",
        "~",
        "dep_delay",
        "-0.31",
    ]
    assert lines[-2].rindex("0.99+") + 5 == lines[-1].rindex("-0.31") + 5


def test_without_unicode_all_of_it_is_ascii() -> None:
    figures = flights()
    figures["columns"][-1]["top"] = []
    shown = drawn(figures, 120, unicode=False)
    assert shown.isascii() and "x 12 columns" in shown and "#:. .... ." in shown


def test_a_value_cannot_move_the_cursor() -> None:
    figures = flights()
    evil = "a\x1b[2J\r\nb\u202e\udce9"
    figures["columns"] = [column(evil, "text", type=evil, count=5, top=[{"value": evil, "count": 5}], notes=[evil])]
    shown = drawn(figures, 120)
    assert shown.count("a\\x1b[2J\\r\\nb\\u202e\\udce9") == 3
    assert "\x1b" not in shown and "\r" not in shown and "\u202e" not in shown


def test_wide_characters_are_cut_between_cells() -> None:
    figures = {"rows": 1, "columns": [column("日本語テキストのとても長い名前です", "text", count=1, distinct=1)]}
    for width in range(4, 90):
        assert max(map(text.width, drawn(figures, width).splitlines())) <= width


def test_what_str_gives_has_no_escape_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frame")
    found = frames.profile(pa.table({"n": [1, 2, None], "word": ["a", "b", "b"]}))
    assert "\x1b" not in str(found) and "3 rows × 2 columns" in str(found)
    assert "\x1b[" in found.to_text(width=100, color="true_color", unicode=True)
    assert found.to_text(width=100, color="none", unicode=False).isascii()


def test_a_profile_can_stand_in_a_panel() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frame")
    spec = frames.profile(pa.table({"n": [1, 2, None]})).to_spec(width=56)
    shown = text.render(text.Panel(spec, header="mine"), width=60, color="none", unicode=True)
    assert "mine" in shown and "3 rows × 1 column" in shown and max(map(text.width, shown.splitlines())) <= 60


def test_a_picture_without_any_histogram_has_no_room_for_one() -> None:
    assert "histogram" in drawn(flights())
    assert "histogram" not in drawn({"rows": 1, "columns": [column("a", "text", count=1)]})


@pytest.mark.parametrize(
    "figures", [{"rows": 0, "columns": []}, {"rows": 5, "columns": []}, {"rows": 0, "columns": [column("a", "null")]}]
)
def test_empty_frames_have_pictures(figures: Dict[str, Any]) -> None:
    assert f"{figures['rows']} rows × {len(figures['columns'])} column" in drawn(figures)
    Outline(_html.page(figures))
    Outline(_html.fragment(figures))


# In a browser


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere() -> None:
    page = _html.page(flights(), "flights & <more>")
    outline = Outline(page)
    for tag, attributes in outline.elements:
        assert tag not in ("link", "img", "iframe", "object", "base", "form"), tag
        for name in ("src", "href", "action", "style"):
            value = attributes.get(name) or ""
            assert not re.search("//|url|javascript|data:", value), (tag, name, value)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert len(outline.all("script")) == 1
    for tag in ("main", "header", "footer", "h1", "h2", "h3"):
        assert outline.all(tag), tag
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("h1")) == 1 and "flights & <more>" in outline.text
    names = [attributes["id"] for _tag, attributes in outline.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = [a["href"] for a in outline.all("a")]
    assert targets and all(target and target[1:] in names for target in targets)


def test_the_page_lets_no_script_run_but_its_own() -> None:
    import base64
    import hashlib

    page = _html.page(flights())
    script = page[page.index("<script>") + 8 : page.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(meta["content"] for meta in Outline(page).all("meta") if meta.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("draw", [_html.page, _html.fragment], ids=["page", "fragment"])
def test_names_and_values_that_mean_harm_are_text(draw: Any) -> None:
    made = draw(flights())
    assert "<img" not in made and "<b>3 values" not in made and "<script>alert" not in made
    outline = Outline(made)
    assert HOSTILE in outline.text and "<img src=x onerror=alert(2)>" in outline.text
    assert "<b>3 values</b> were numbers" in outline.text
    assert "\u2423\u2423padded\u2423" in outline.text  # blanks at the ends are seen
    assert "\\u202eevil\u2400\u240a\u241b[2J\ufffd" in outline.text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", made)
    made.encode("utf-8")


@given(st.text(), st.text())
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_shown(name: str, value: str) -> None:
    figures = {
        "rows": 3,
        "columns": [
            column(
                name,
                "text",
                type=value,
                count=3,
                min=value,
                max=value,
                min_length=1,
                max_length=1,
                top=[{"value": value, "count": 2}],
                notes=[value],
            )
        ],
    }
    for made in (_html.page(figures, name), _html.fragment(figures)):
        made.encode("utf-8")
        assert len(Outline(made).all("details")) == 1
    ET.fromstring(_svg.standalone(figures["columns"][0]))
    assert max(map(text.width, drawn(figures, 60).splitlines())) <= 60


figure = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False) | st.text(max_size=8) | st.binary(max_size=8)
    | st.dates() | st.times() | st.datetimes() | st.timedeltas()
)  # fmt: skip


@given(
    st.sampled_from([*_figures.FAMILIES, "null", "list", "binary"]),
    st.lists(figure, min_size=9, max_size=9),
    st.lists(figure, min_size=3, max_size=6),
    st.lists(st.integers(0, 2**63), min_size=2, max_size=5),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_figures_can_be_drawn(kind: str, values: List[Any], edges: List[Any], counts: List[int]) -> None:
    one = column(
        "x", kind, count=7, nulls=1, min=values[0], max=values[1], quantiles=quantiles(*values[2:]), distinct=2**63,
        histogram={"edges": edges, "counts": (counts * 3)[: len(edges) - 1]},
        top=[{"value": value, "count": index + 2} for index, value in enumerate(edges)],
    )  # fmt: skip
    figures = {"rows": 8, "columns": [one]}
    Outline(_html.page(figures))
    ET.fromstring(_svg.standalone(one))
    for width in (30, 80, 200):
        assert max(map(text.width, drawn(figures, width).splitlines())) <= width


def test_absent_keys_are_no_trouble() -> None:
    figures = {"rows": 2, "columns": [{"name": "a", "type": "int64", "kind": "integer", "count": 2, "nulls": 0}]}
    assert "int64" in drawn(figures) and "int64" in Outline(_html.page(figures)).text
    ET.fromstring(_svg.standalone(figures["columns"][0]))


def test_the_overview_comes_first_and_names_what_is_worth_a_look() -> None:
    outline = Outline(_html.page(flights()))
    for words in (
        "1,000",
        "12",
        "191",
        "0.7\u00a0%",
        "constant",
        "nothing but nulls",
        "unique: a key?",
        "3 NaN",
        "r = 0.99+",
    ):
        assert words in outline.text, words
    assert outline.text.index("Duplicate rows") < outline.text.index("Worth a look") < outline.text.index("Range")


def test_the_details_of_a_column_hold_its_figures() -> None:
    outline = Outline(_html.page(flights()))
    for words in ("Skewness", "36.7", "Median", "strictly increasing", "e-mail", "0.5 % of all values in rank", "each within 12",
                  "Null together", "Strongest pairs", "\u22120.31"):  # fmt: skip
        assert words in outline.text, words
    titles = [tag for tag, _ in outline.elements if tag == "title"]
    assert (
        len(titles) > 10 and "7: 86 (8.6\u00a0%)" in outline.text
    )  # whole numbers are named, not the edges between them


def test_a_notebook_gets_no_script_and_no_style_of_its_own_elements() -> None:
    made = _html.fragment(flights())
    outline = Outline(made)
    assert not outline.all("script") and not outline.all("html") and not outline.all("body")
    assert not [attributes for _tag, attributes in outline.elements if "id" in attributes]
    style = made[made.index("<style>") + 7 : made.index("</style>")]
    for rule in re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", style, flags=re.S)):
        for selector in rule.split(","):
            assert selector.strip().startswith("@") or ".iw" in selector or "(" in selector, selector
    assert all((attributes.get("class") or "iw").startswith("iw") for _tag, attributes in outline.elements)


def test_a_notebook_gets_no_more_columns_than_it_can_keep() -> None:
    made = Outline(_html.fragment(wide(_html.CELL + 50)))
    assert len(made.all("details")) == _html.CELL and "50 more columns" in made.text and "to_html()" in made.text
    assert len(Outline(_html.page(wide(_html.CELL + 50))).all("details")) == _html.CELL + 50


def test_a_heatmap_of_many_columns_shows_the_strongest() -> None:
    size = _html_frame.HEAT + 40
    matrix = [[1.0 if i == j else 0.9 if {i, j} == {0, size - 1} else 0.01 for j in range(size)] for i in range(size)]
    figures = {
        "rows": 9,
        "columns": [],
        "correlations": {"method": "spearman", "columns": [f"c{i}" for i in range(size)], "matrix": matrix},
    }
    outline = Outline(_html.page(figures))
    assert f"The {_html_frame.HEAT} of {size} columns" in outline.text
    rows = [attributes for attributes in outline.all("th") if attributes.get("scope") == "row"]
    assert len(rows) == _html_frame.HEAT and f"c{size - 1} ~ c0" in outline.text


# As SVG


def test_a_picture_of_one_column_is_xml_that_stands_alone() -> None:
    for one in flights()["columns"]:
        picture = ET.fromstring(_svg.standalone(one))
        space = "{http://www.w3.org/2000/svg}"
        assert picture.tag == space + "svg" and picture.attrib["role"] == "img"
        assert (picture.findtext(space + "title") or "").startswith(one["name"][:20])
        assert "prefers-color-scheme:dark" in (picture.findtext(space + "style") or "")
        for element in picture.iter():
            assert not [name for name in element.attrib if "href" in name or name.startswith("on")]
            for name in ("x", "y", "width", "height"):
                assert math.isfinite(float(element.attrib.get(name, 0)))
    assert "median -1" not in _svg.standalone(flights()["columns"][0])  # it would run into the left end
    assert "median 7" in _svg.standalone(flights()["columns"][1])


def test_bars_have_the_heights_of_their_counts() -> None:
    bars = _svg.bars(flights()["columns"][0])
    assert [bar.values for bar in bars] == [800, 120, 30, 0, 10, 5, 5, 3, 0, 2]
    assert bars[0].height == 1 and bars[1].height == 0.15 and bars[3].height == 0
    assert (bars[0].left, bars[-1].right) == (0, 1)
    uneven = _svg.bars(column("x", "float", histogram={"edges": [0, 1, 11], "counts": [10, 10]}))
    assert [round(bar.height, 6) for bar in uneven] == [1, 0.1]  # areas, not heights, stand for counts


def test_a_column_of_the_library_has_pictures() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frame")
    found = frames.profile(pa.table({HOSTILE: [1.5, 2.5, 2.5], "t": [datetime.datetime(2020, 1, 1)] * 3}))
    for one in found:
        assert one.name[:5] in (ET.fromstring(one.to_svg()).findtext("{http://www.w3.org/2000/svg}title") or "")
    assert HOSTILE in Outline(found.to_html(title="mine")).text and "mine" in found.to_html(title="mine")
    assert "<script>alert" not in found._repr_html_()


# How figures are written


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 10, "0 %"), (10, 10, "100 %"), (1, 10**6, "<0.1 %"), (10**6 - 1, 10**6, ">99.9 %"), (25, 1000, "2.5 %"),
     (999, 1000, "99.9 %"), (1, 3, "33 %"), (0, 0, "0 %"), (989, 1000, "99 %")],
)  # fmt: skip
def test_a_share_is_all_or_nothing_only_where_it_is(part: int, whole: int, words: str) -> None:
    assert _figures.share(part, whole) == words.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [(2013, "integer", "2013"), (1234567, "integer", "1,234,567"), (0.1 + 0.2, "float", "0.3"), (math.inf, "float", "inf"),
     (math.nan, "float", "NaN"), (1e300, "float", "1e+300"), (b"\x01\xff", "binary", "0x01ff"), (True, "boolean", "true"),
     (datetime.timedelta(seconds=90), "duration", "1.5 min"), ("PT-1.5S", "text", "PT-1.5S"), ("-PT1.5S", "duration", "-1.5 s"),
     ("2013-01-01T05:00:00.000000001", "timestamp", "2013-01-01 05:00:00"), (datetime.date(2020, 2, 29), "date", "2020-02-29"),
     (decimal.Decimal("12345.67"), "decimal", "12345.67"), (None, "float", "")],
)  # fmt: skip
def test_figures_are_short_and_say_what_they_are(value: Any, kind: str, words: str) -> None:
    assert _figures.figure(value, kind) == words.replace(" min", "\u00a0min").replace(" s", "\u00a0s")


def test_lengths_are_said_once_where_all_are_the_same() -> None:
    said = [_figures.lengths({"kind": kind, "min_length": low, "max_length": high})
            for kind, low, high in (("text", 1, 1), ("text", 5, 6), ("binary", 2, 2), ("list", 0, 1200), ("text", None, None))]  # fmt: skip
    assert said == ["1 character", "5 … 6 characters", "2 bytes", "0 … 1,200 items", ""]


def test_counts_get_shorter_where_there_is_no_room() -> None:
    assert [_figures.brief(n) for n in (999, 336_776, 10**8, 12_345_678_901)] == ["999", "336,776", "100 M", "12.3 G"]
    assert _figures.brief(1_234_567, False) == "~1.23 M"
    assert [_figures.size(n).replace("\u00a0", " ") for n in (0, 999, 191_000, 51_300_000, 10**16)] == [
        "0 bytes", "999 bytes", "191 kB", "51.3 MB", "10 PB",
    ]  # fmt: skip


# In Chromium

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def browse(path: Path, mark: str, *options: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={path.parent / 'browser'}",
         *options, path.as_uri() + mark],
        capture_output=True, check=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    return done.stdout


def played(path: Path, page: str, play: str) -> Any:
    """What `play` returns when it is run in the page, as JSON; its own policy would not let it."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    answer = f"<script>document.title = 'answer:' + JSON.stringify((function () {{ {play} }})());</script></body>"
    path.write_text(page.replace("</body>", answer), encoding="utf-8")
    found = re.search(r"<title>answer:(.*?)</title>", browse(path, "", "--dump-dom"), re.S)
    assert found, "the page's script did not get to its end"
    return json.loads(html.unescape(found[1]))


@browser
def test_searching_in_a_browser_finds_columns(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(_html.page(wide(1000)), encoding="utf-8")
    outline = Outline(browse(page, "#search=sensor_04%20float", "--dump-dom"))
    seen = [
        attributes
        for attributes in outline.all("details")
        if (attributes.get("class") == "iw-col") and "hidden" not in attributes
    ]
    assert len(seen) == 100 and "100 of 1000 columns" in outline.text
    assert "iw-js" in (outline.all("body")[0]["class"] or "")
    untouched = Outline(browse(page, "", "--dump-dom"))
    assert not [attributes for attributes in untouched.all("details") if "hidden" in attributes]


@browser
def test_typing_sorting_and_opening_work_in_a_browser(tmp_path: Path) -> None:
    found = played(
        tmp_path / "page.html",
        _html.page(flights()),
        """
        var find = document.querySelector(".iw-search"), out = {};
        function names() {
          return [].filter.call(document.querySelectorAll(".iw-col"), function (row) { return !row.hidden; })
            .map(function (row) { return row.querySelector("h3").textContent; });
        }
        function type(words) { find.value = words; find.dispatchEvent(new Event("input")); return names(); }
        out.typed = type("DELAY"); out.none = type("no such column"); out.status = document.querySelector(".iw-status").textContent;
        out.script = type("<script>"); out.alert = type("constant"); type("");
        function press(what) { document.querySelector(what).click(); return names(); }
        out.missing = press("[data-sort=missing]").slice(0, 2); out.least = press("[data-sort=missing]").slice(-1);
        press("[data-sort=distinct]"); press("[data-sort=missing]"); out.ties = names().slice(4);
        press("[data-sort=missing]"); out.back = press("[data-sort=missing]").slice(0, 2); out.name = press("[data-sort=words]").slice(0, 2);
        out.texts = press("[data-kind-is=text]"); press("[data-kind-is='']");
        press(".iw-all"); out.open = document.querySelectorAll(".iw-col[open]").length;
        out.theme = [1, 2, 3].map(function () { press(".iw-theme"); return document.documentElement.getAttribute("data-theme"); });
        press("a.iw-of"); out.hash = location.hash;
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true})); out.focus = document.activeElement === find;
        out.alerts = typeof window.alerted;
        return out;
        """,
    )
    assert found["typed"] == ["dep_delay"] and found["none"] == [] and found["status"] == "No column matches."
    assert found["script"] == [HOSTILE] and found["alert"] == ["year"]
    assert found["missing"] == ["nothing", "raw"] and found["least"] == ["nothing"]
    whole = [one["name"] for one in flights()["columns"]]
    assert found["ties"] == [name for name in whole if name not in ("nothing", "raw", HOSTILE, "dep_delay")]
    assert found["back"] == ["dep_delay", "month"] and found["name"] == [HOSTILE, "cancelled"]
    assert set(found["texts"]) == {"carrier", HOSTILE} and found["open"] == 12
    assert found["theme"] == ["light", "dark", None]
    assert re.fullmatch(r"#c\d+", found["hash"]) and found["focus"] is True


@browser
def test_nothing_overflows_on_a_narrow_screen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        _html.page(flights()).replace("<details class", "<details open class"), encoding="utf-8"
    )
    frame = "<body><iframe src='page.html' style='width:400px;height:900px'></iframe></body>"
    options = (
        "var inside = document.querySelector('iframe').contentDocument.documentElement;"
        "var right = [].map.call(inside.querySelectorAll('summary > *, .iw-body > div, .iw-body > div > *, .iw-facts > *'), function (one) {"
        "  return one.getBoundingClientRect().right; });"
        "return [inside.scrollWidth, inside.clientWidth, right.length, Math.max.apply(null, right)];"
    )
    holder = tmp_path / "holder.html"
    holder.write_text(
        frame.replace("</body>", f"<script>onload = function () {{ document.title = 'answer:' + JSON.stringify((function () {{ {options} }})()); }}</script></body>"),
        encoding="utf-8",
    )  # fmt: skip
    dumped = browse(holder, "", "--dump-dom", "--allow-file-access-from-files")
    found = re.search(r"<title>answer:(.*?)</title>", dumped)
    assert found, "the frame was not loaded"
    scrolled, shown, looked_at, furthest = json.loads(found[1])
    assert scrolled <= shown <= 400 and looked_at > 100 and furthest <= shown


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_the_colours_the_reader_prefers(scheme: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(_html.page(flights()), encoding="utf-8")
    picture = tmp_path / "page.png"
    browse(
        page,
        "",
        f"--screenshot={picture}",
        "--window-size=900,600",
        f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
    )
    red, green, blue = first_pixel(picture.read_bytes())
    assert (min(red, green, blue) > 230) == (scheme == "light")
    assert (max(red, green, blue) < 40) == (scheme == "dark")
    folder = os.environ.get("IRONWHEEL_PICTURES")  # where somebody wants to look at them
    if folder:
        shutil.copy(picture, Path(folder) / f"profile-{scheme}.png")


def first_pixel(png: bytes) -> List[int]:
    """The colour of the top left pixel: in the first scan line a filter has nothing to its left or above."""
    import struct
    import zlib

    assert png.startswith(b"\x89PNG")
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return list(zlib.decompress(data)[1:4])
