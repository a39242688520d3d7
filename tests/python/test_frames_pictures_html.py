"""Pictures of profiles for browsers: pages and fragments, drawn from figures written by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any, List

import pytest
from frames_pictures_figures import HOSTILE, Outline, column, drawn, flights, quantiles, wide
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import text
from ironwheel.frames import _figures, _html, _html_frame, _svg


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
