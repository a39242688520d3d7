"""Markup, widgets and specs as users write them."""

from __future__ import annotations

import doctest
import importlib
import io
import os
import subprocess
import sys
import xml.dom.minidom

import pytest
from ironwheel import text


def plain(spec, **options):
    return text.render(spec, **{"width": 40, "height": 10, "color": "none", "unicode": True, **options})


@pytest.mark.parametrize("module", ["_render", "_widgets", "_tables", "_charts", "_displays"])
def test_the_examples_in_the_documentation_run(module):
    found = doctest.testmod(
        importlib.import_module(f"ironwheel.text.{module}"), optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert found.failed == 0


def test_a_widget_and_its_spec_render_the_same():
    table = text.Table(["A", {"header": "B", "alignment": "right"}], [["x", text.Panel("y")]], title="[red]T[/]")
    spec = {
        "type": "table",
        "columns": ["A", {"header": "B", "alignment": "right"}],
        "rows": [["x", {"type": "panel", "content": "y"}]],
        "title": "[red]T[/]",
    }
    assert plain(table) == plain(spec)
    assert plain([table, "end"]) == plain(spec) + "end\n"


def test_a_path_is_one_line_and_sends_no_control_characters():
    path = "logs\\a\rb\n/\x1b[31mred\t\x00\x7f\x9b\u2028.txt"
    assert plain(text.TextPath(path)) == "logs/a␍b␊/␛[31mred␉␀␡\ufffd\ufffd.txt"
    assert plain(text.TextPath(path), width=12) == "…ed␉␀␡\ufffd\ufffd.txt"
    assert plain(text.Columns([text.TextPath("0\r0")], padding=[0] * 4, expand=False), width=2, unicode=False) == "..\n"


def test_attributes_are_fields_and_may_be_changed():
    panel = text.Panel("x")
    panel.border, panel.width = "double", 7
    assert plain(panel) == "╔═════╗\n║ x   ║\n╚═════╝\n"


def test_adding_leaves_the_callers_lists_alone():
    columns, rows = ["A"], [["1"]]
    text.Table(columns, rows).add_column("B").add_row("2", "3")
    assert (columns, rows) == (["A"], [["1"]])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {
                "type": "table",
                "columns": ["A"],
                "rows": [["x"], [{"type": "text", "text": "y", "style": "rde"}]],
            },
            "rows[1][0].style: Could not find color or style 'rde'.",
        ),
        ({"type": "table", "colums": ["A"]}, 'spec: "colums" is not a field of table; it has'),
        ({"type": "tabel"}, "type must be one of align, bar_chart,"),
        ({"type": "panel"}, 'spec: panel needs the field "content"'),
        ({"type": "panel", "content": "[b]x"}, "content: Unbalanced markup stack."),
        (
            {"type": "panel", "content": "x", "width": -1},
            "width must be a whole number in 0..=100000, got -1",
        ),
        (
            {"type": "panel", "content": "x", "width": 10**9},
            "width must be a whole number in 0..=100000, got 1000000000",
        ),
        (
            {"type": "panel", "content": "x", "padding": [1, 2]},
            "padding must be a list [left, top, right, bottom]",
        ),
        ({"type": "panel", "content": "x", "border": "nope"}, "border must be one of ascii,"),
        (
            {"type": "bar_chart", "items": [{"label": "a", "value": float("nan")}]},
            "items[0].value must be a finite number, got NaN",
        ),
        ({"type": "text", "text": 5}, "text must be a string, got 5"),
        ({"type": "table", "columns": ["A"], "rows": [True]}, "rows[0] must be a list of cells, got true"),
        ([["[red]x"]], "spec[0][0]: Encountered malformed markup tag at position 6."[:9]),
        ({"type": "json", "json": "{"}, "json: expected a name in quotes at line 1, column 2"),
        ({"type": "calendar", "year": 2021, "month": 2, "day": 29}, "day must be in 1..=28, got 29"),
        ({"type": "columns", "items": {"a": 1}}, "items must be a list, got an object"),
    ],
)
def test_a_mistake_is_named_by_the_path_to_its_field(spec, message):
    with pytest.raises(ValueError) as caught:
        plain(spec)
    assert message in str(caught.value)


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"width must be in 0\.\.=100000, got -1"):
        plain("x", width=-1)
    with pytest.raises(ValueError, match="height must be in"):
        plain("x", height=10**30)
    with pytest.raises(TypeError, match="width must be an integer or None, got str"):
        plain("x", width="80")
    with pytest.raises(ValueError, match="color must be one of none, .*got 'blue'"):
        plain("x", color="blue")
    with pytest.raises(TypeError, match="color must be a string"):
        plain("x", color=3)
    with pytest.raises(TypeError, match="got object"):
        plain(object())
    with pytest.raises(TypeError, match="columns must be a list, got str"):
        text.Table("AB")
    with pytest.raises(ValueError, match="offset must not be negative, got -1"):
        text.split_cells("x", -1)
    for call in (text.width, text.escape, text.strip):
        with pytest.raises(TypeError, match="got bytes"):
            call(b"x")


@pytest.mark.parametrize("call", [plain, text.width, text.escape, text.strip, lambda value: text.split_cells(value, 1)])
def test_lone_surrogates_are_a_value_error(call):
    with pytest.raises(ValueError, match="lone surrogates"):
        call("a\ud800b")


def test_numbers_stand_for_themselves_and_none_for_nothing():
    rows = [[1, 2.5, None], [10**30, -0.0, float("nan")]]
    found = plain(text.Table(["a", "b", "c"], rows), width=80)
    assert str(10**30) in found and "2.5" in found and "NaN" in found


def test_numpy_scalars_are_numbers():
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    found = plain(text.Table(["a"], [[numpy.int64(7)], [numpy.float32(0.5)], [numpy.uint8(3)]]))
    assert [line.strip("│ ") for line in found.splitlines()[3:-1]] == ["7", "0.5", "3"]


def test_html_escapes_its_content_and_keeps_harmless_links():
    html = text.Markup("[link=https://a.b/?x=1&y=2]<go>[/] [link=javascript:alert(1)]bad[/] [bold red]&[/]").to_html()
    assert '<a href="https://a.b/?x=1&amp;y=2" rel="noopener">&lt;go&gt;</a>' in html
    assert "javascript" not in html and "bad" in html
    assert '<span style="color:#FF0000;font-weight:bold">&amp;</span>' in html
    assert text.Panel("x")._repr_html_().startswith("<pre") and html.endswith("</pre>")


def test_svg_is_a_document_of_its_own():
    svg = text.Panel('[link=https://a.b]<x> & "y"[/] [underline on red]z[/]\x00\x1b', border_style="green").to_svg(
        width=30
    )
    document = xml.dom.minidom.parseString(svg)
    assert document.documentElement.tagName == "svg"
    shown = "".join(node.firstChild.data for node in document.getElementsByTagName("text") if node.firstChild)
    assert '<x> & "y"' in shown.replace("\u241b", "").replace("\u2400", "")
    assert document.getElementsByTagName("a")[0].getAttribute("href") == "https://a.b"


def test_str_is_plain_text_without_a_final_line_break():
    assert str(text.Rows(["[red]a[/]", "b"])) == "a\nb"
    assert repr(text.Rule("x")) == "Rule(title='x')"


class Stream(io.StringIO):
    def __init__(self, encoding):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding

    def write(self, value):
        value.encode(self._encoding)
        return super().write(value)


def test_print_joins_text_and_gives_widgets_their_own_lines(capsys):
    text.print("[red]a[/]", 1, [2], text.Rule(), {"type": "text", "text": "[b]"}, width=3)
    assert capsys.readouterr().out == "a 1\n2\n───\n[b]\n"
    text.print([1, "x"], end="!")
    assert capsys.readouterr().out == "1\nx\n!"
    text.print()
    assert capsys.readouterr().out == "\n"
    text.print({1}, "list[[int]]")
    assert capsys.readouterr().out == "{1} list[int]\n"


def test_print_never_fails_on_a_narrow_encoding():
    stream = Stream("ascii")
    text.print(text.Panel("é", border="rounded"), file=stream)
    assert "?" in stream.getvalue()


def test_color_follows_the_environment():
    code = "import ironwheel as iw; print(repr(iw.text.render('[bold red]x[/]')))"

    def run(**variables):
        import os

        kept = {
            k: v
            for k, v in os.environ.items()
            if k not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM", "CI", "TTY_COMPATIBLE"}
        }
        return subprocess.run(
            [sys.executable, "-c", code],
            env={**kept, **variables},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    assert run() == "'x'"
    assert run(TERM="xterm-256color") == "'x'"
    assert run(FORCE_COLOR="1") == repr("\x1b[1;91mx\x1b[0m")
    assert run(FORCE_COLOR="3") == repr("\x1b[1;38;5;9mx\x1b[0m")
    assert run(FORCE_COLOR="3", NO_COLOR="1") == repr("\x1b[1mx\x1b[0m")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
def test_a_terminal_gets_its_width_and_colours():
    import os
    import pty

    code = "import ironwheel as iw; iw.text.print('[red]x[/]', iw.text.Rule())"
    parent, child = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 33, 0, 0))
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "TTY_COMPATIBLE"}
    }
    subprocess.run([sys.executable, "-c", code], env={**kept, "TERM": "xterm"}, stdin=child, stdout=child, check=True)
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # how Linux tells the end of a pseudo-terminal
            break
        if not part:
            break
        shown += part
    os.close(parent)
    assert shown.decode() == "\x1b[91mx\x1b[0m\r\n" + "─" * 33 + "\r\n"


@pytest.mark.parametrize("size", [0, 1, 7, 399, 400, 401, 2000])
@pytest.mark.parametrize("last", ["", "!", "~", "\t", "\x7f", "\x00", "é", "日"])
def test_width_is_the_same_whichever_way_a_text_is_looked_at(size: int, last: str) -> None:
    sample = "a" * size + last
    assert text.width(sample) == size + {"é": 1, "日": 2, "!": 1, "~": 1}.get(last, 0)


def test_width_of_a_str_of_another_class_and_of_what_is_no_str() -> None:
    class Name(str):
        __slots__ = ()

    assert text.width(Name("abc")) == 3
    with pytest.raises(TypeError, match="text must be a string, got bytes"):
        text.width(b"abc")  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_font_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path):
    path = str(tmp_path / "font")
    os.mkfifo(path)
    with pytest.raises(OSError, match="is a named pipe, not a regular file"):
        text.render({"type": "figlet", "text": "W", "font_file": path})
