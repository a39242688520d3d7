"""Pictures of profiles in a terminal and as SVG, and how figures are written; drawn from figures written by hand."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import xml.etree.ElementTree as ET
from typing import Any, Dict

import pytest
from frames_pictures_figures import HOSTILE, Outline, column, drawn, flights
from ironwheel import frames, text
from ironwheel.frames import _figures, _html, _svg


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
