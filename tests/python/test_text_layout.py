"""What holds for every input: widths, round trips, limits; with Rich as the oracle for widths."""

from __future__ import annotations

import json
import re
import threading
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ironwheel import text

# Every character Python can encode; lone surrogates have their own test.
ANY = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
CONTROL = set(map(chr, [*range(10), *range(11, 32), *range(127, 160)]))
STYLES = st.sampled_from(["", "bold", "red on blue", "#123456", "italic rgb(1,2,3)", "link=https://a.b"])
BORDERS = st.sampled_from(
    ["square", "rounded", "heavy", "ascii", "ascii2", "minimal", "simple", "markdown", "minimalist", "double_edge"]
)


def leaves():
    return st.one_of(
        ANY.map(text.escape),
        st.builds(
            lambda value, style, justify, overflow: text.Text(value, style, justify=justify, overflow=overflow),
            ANY,
            STYLES,
            st.sampled_from([None, "left", "right", "center"]),
            st.sampled_from([None, "crop", "ellipsis"]),
        ),
        st.integers(),
        st.floats(),
        st.none(),
        st.builds(text.Rule, ANY.map(text.escape)),
        st.builds(text.ProgressBar, st.floats(-5, 200), width=st.integers(0, 30), show_value=st.booleans()),
        st.builds(text.TextPath, ANY),
        st.builds(
            lambda value: text.Json(json.dumps(value)),
            st.recursive(st.none() | st.integers() | ANY, lambda c: st.lists(c, max_size=3), max_leaves=4),
        ),
        st.builds(text.Figlet, st.text("ab c", max_size=6)),
    )


def tables(cells):
    def build(rows, widths, options):
        columns = [{"header": "h" * (width or 1), "width": width} for width in widths]
        return text.Table(columns, [row[: len(columns)] for row in rows], **options)

    options = st.fixed_dictionaries(
        {},
        optional={
            "border": BORDERS,
            "expand": st.booleans(),
            "title": ANY.map(text.escape),
            "show_headers": st.booleans(),
            "show_row_separators": st.booleans(),
            "width": st.integers(0, 60),
        },
    )
    widths = st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=4)
    return st.builds(build, st.lists(st.lists(cells, max_size=4), max_size=4), widths, options)


def grow(children):
    items = st.lists(children, max_size=4)
    padding = st.lists(st.integers(0, 3), min_size=4, max_size=4)
    return st.one_of(
        tables(children),
        st.builds(
            text.Panel,
            children,
            ANY.map(text.escape),
            border=BORDERS,
            padding=padding,
            expand=st.booleans(),
            width=st.none() | st.integers(0, 30),
            height=st.none() | st.integers(0, 6),
        ),
        st.builds(text.Padder, children, padding, expand=st.booleans()),
        st.builds(
            text.Align,
            children,
            st.sampled_from(["left", "center", "right"]),
            vertical=st.sampled_from([None, "middle", "bottom"]),
            height=st.none() | st.integers(0, 6),
        ),
        st.builds(text.Columns, items, padding, expand=st.booleans()),
        st.builds(text.Rows, items),
        st.builds(text.Tree, children, items),
        st.builds(text.Layout, split_columns=items),
        st.builds(text.Grid, st.just(2), st.lists(st.lists(children, max_size=2), max_size=3)),
    )


WIDGETS = st.recursive(leaves(), grow, max_leaves=8)
CALM = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@CALM
@given(WIDGETS, st.integers(0, 60), st.sampled_from(["none", "standard", "true_color"]), st.booleans())
@example(text.Columns([text.TextPath("0\r0")]), 2, "none", False)
def test_every_widget_renders_at_every_width(widget, width, color, unicode):
    shown = text.render(widget, width=width, height=7, color=color, unicode=unicode)
    assert not set(re.sub("\x1b\\[[0-9;]*m|\x1b]8;[^\x1b]*\x1b\\\\", "", shown)) & CONTROL
    assert text.render(widget, width=width, height=7, color=color, unicode=unicode) == shown


@CALM
@given(tables(leaves()), st.integers(0, 60))
@example(text.Table(["测试", "b"], [["测试测试", "❤️"]]), 5)
def test_all_lines_of_a_table_have_one_width(table, width):
    lines = text.render(table, width=width, height=5, color="none", unicode=True).splitlines()
    if lines != ["…"]:  # not even empty columns fit
        body = lines[1:] if table.title is not None and table.title.strip() else lines
        table.title = None
        alone = text.render(table, width=width, height=5, color="none", unicode=True)
        assert len({text.width(line) for line in alone.split("\n")[:-1]}) <= 1, body
        assert all(text.width(line) <= width for line in alone.split("\n"))


@CALM
@given(WIDGETS, st.integers(2, 60))
def test_a_panel_never_breaks_its_right_edge(widget, width):
    shown = text.render(text.Panel(widget, expand=True), width=width, height=7, color="none", unicode=True)
    assert {text.width(line) for line in shown.split("\n")[:-1]} == {width}


@given(ANY)
def test_escaped_text_comes_back(value):
    assert text.strip(text.escape(value)) == value


@given(ANY)
def test_any_string_is_markup_or_a_value_error(value):
    for call in (
        text.strip,
        lambda markup: text.render(markup, width=20, height=3, color="true_color", unicode=True),
    ):
        try:
            call(value)
        except ValueError as error:
            assert (
                "ncountered" in str(error)
                or "ould not find" in str(error)
                or "Unbalanced" in str(error)
                or "nvalid" in str(error)
                or "already" in str(error)
                or "Color number" in str(error)
                or "control" in str(error)
            )


@given(ANY, st.integers(0, 40))
def test_the_parts_of_a_split_are_the_whole(value, offset):
    first, second = text.split_cells(value, offset)
    assert first + (second or "") == value
    assert text.width(first) <= offset + 1


@given(
    st.text(
        st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Po", "Sm", "Zs"), max_codepoint=0x9FFF),
        max_size=20,
    )
)
def test_widths_are_those_of_rich(value):
    cells = pytest.importorskip("rich.cells", reason="Rich is not installed")
    joined = any(0x0900 <= ord(c) <= 0x1CFF or 0x0600 <= ord(c) <= 0x07FF or ord(c) >= 0xA8E0 for c in value)
    if not joined:  # scripts whose letters join are measured by the cluster here, by the letter there
        assert text.width(value) == cells.cell_len(value)


def test_text_that_would_run_the_terminal_is_shown_instead():
    shown = text.render(text.Text("a\x1b[31mb\x07\x9bc\r\nd\te"), width=40, height=5, color="true_color", unicode=True)
    assert shown == "a␛[31mb␇\ufffdc\nd       e"


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_extreme_sizes_are_safe(size):
    inner = text.Table(["测", "b"], [["x" * 50, text.Rule("y")]], expand=True)
    for spec in (
        inner,
        text.Panel(inner),
        text.Layout(split_rows=[inner, text.Layout()]),
        text.Columns([inner] * 3),
        text.Rule("x"),
        text.Tree("a", [inner]),
    ):
        height = min(size, 50)
        assert isinstance(text.render(spec, width=size, height=height, color="none", unicode=True), str)


def test_an_output_beyond_all_memory_is_a_memory_error():
    table = text.Table(["a"], [["x"]] * 20_000, expand=True)
    with pytest.raises(MemoryError, match="1 GiB"):
        text.render(table, width=100_000, color="none")
    tall = text.Align("x", vertical="bottom", height=100_000)
    with pytest.raises(MemoryError):
        text.render(text.Rows([tall] * 3), width=100_000, color="none")


@pytest.mark.parametrize("make", [lambda inner: [inner], lambda inner: {"type": "panel", "content": inner}])
@pytest.mark.parametrize("depth", [65, 200, 100_000])
def test_deep_specs_are_refused_not_crashed_on(make, depth):
    spec = "x"
    for _ in range(depth):
        spec = make(spec)
    try:
        with pytest.raises(ValueError, match="inside one another|nested"):
            text.render(spec, width=80, color="none")
    finally:
        while not isinstance(spec, str):  # taking it apart by hand spares the interpreter the recursion
            spec = spec[0] if isinstance(spec, list) else spec["content"]


def test_depth_within_the_limit_renders_also_on_a_small_stack():
    spec = "x"
    for level in range(60):
        spec = {"type": "panel", "content": spec} if level % 2 else {"type": "table", "columns": [""], "rows": [[spec]]}
    tree = layout = "x"
    for _ in range(60):
        tree = {"label": "y", "children": [tree]}
        layout = {"split_rows": [layout]}
    found = []
    threading.stack_size(256 * 1024)
    try:
        specs = [spec, {"type": "tree", **tree}, {"type": "layout", **layout}]
        thread = threading.Thread(target=lambda: found.extend(map(_try, specs)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert [type(one) for one in found] == [str, str, str]


def _try(spec):
    try:
        return text.render(spec, width=400, height=5, color="none", unicode=True)
    except ValueError as error:
        return error


def test_a_long_table_is_a_matter_of_moments_and_can_be_read_back():
    rows = [[f"row {i}", str(i)] for i in range(100_000)]
    started = time.process_time()
    shown = text.render(text.Table(["a", "b"], rows), width=80, color="none", unicode=True)
    assert shown.count("\n") == 100_004
    assert shown.splitlines()[50_003] == "│ row 50000 │ 50000 │"
    assert time.process_time() - started < 60  # a quadratic renderer would take hours


def test_threads_render_at_the_same_time():
    expected = text.render(text.Panel("x"), width=20, color="none", unicode=True)
    found = []

    def work():
        for _ in range(200):
            found.append(text.render(text.Panel("x"), width=20, color="none", unicode=True))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {expected} and len(found) == 800
