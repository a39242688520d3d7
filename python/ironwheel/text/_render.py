"""From a spec to text, HTML or SVG: one call into the library each."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, TextIO, Tuple, Union

from ironwheel import _abi, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job

# What may stand where something is rendered: markup, a number, None for nothing, a widget, a dict of the
# spec, or a list of these, one under the other.
Renderable = Union[str, int, float, None, "Widget", Mapping[str, Any], Sequence[Any]]

_MOST = 100_000
_COLORS = {
    "none": _abi.IW_COLOR_NONE,
    "no_colors": _abi.IW_COLOR_NO_COLORS,
    "legacy": _abi.IW_COLOR_LEGACY,
    "standard": _abi.IW_COLOR_STANDARD,
    "eight_bit": _abi.IW_COLOR_EIGHT_BIT,
    "true_color": _abi.IW_COLOR_TRUE_COLOR,
}

_encode: Optional[Callable[[Any], str]] = None


class Widget:
    """What all renderables have in common; use one of the classes below it.

    The attributes are the fields of the spec and may be changed; None leaves a field at its default.
    """

    _type = ""
    _fields: Tuple[str, ...] = ()

    def _set(self, **fields: Any) -> None:
        for name in self._fields:
            setattr(self, name, fields[name])

    def to_spec(self) -> Dict[str, Any]:
        """The render spec of this object; nested widgets stay objects."""
        spec: Dict[str, Any] = {"type": self._type}
        for name in self._fields:
            value = getattr(self, name)
            if value is not None or name in ("content", "label"):  # there, None is a renderable
                spec[name] = value
        return spec

    def to_html(self, *, width: Optional[int] = None, unicode: Optional[bool] = None) -> str:
        """This as a ``<pre>`` element: content escaped, links kept (those that could run a script are not)."""
        return _render(lib.iw_text_render_html, self, width, None, (), unicode)

    def to_svg(self, *, width: Optional[int] = None, unicode: Optional[bool] = None) -> str:
        """This as a standalone SVG picture of a terminal."""
        return _render(lib.iw_text_render_svg, self, width, None, (), unicode)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        """Plain text as wide as the terminal, without a final line break; `ironwheel.text.print` has the colours."""
        text = render(self, color="none")
        return text[:-1] if text.endswith("\n") else text

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.to_spec().items() if name != "type")
        return f"{type(self).__name__}({fields if len(fields) <= 200 else fields[:200] + '...'})"


def _other(value: Any) -> Any:
    """What json asks about objects it does not know."""
    if isinstance(value, Widget):
        return value.to_spec()
    for convert in ("item", "__index__", "__float__"):  # NumPy's scalars, then whatever is a number
        method = getattr(value, convert, None)
        if method is not None and getattr(value, "shape", ()) == ():
            return method()
    raise TypeError(
        f"spec must be made of strings, numbers, lists, dicts and widgets, got {type(value).__name__}; "
        "str() makes text of it"
    )


def _json(spec: Any) -> bytes:
    global _encode
    if _encode is None:
        import json  # costs milliseconds that an import of the package should not

        _encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_other).encode
    try:
        return _encode(spec).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"spec must not hold lone surrogates, got {error.object[error.start]!r} at character {error.start} of its JSON"
        ) from None
    except RecursionError:
        raise ValueError("spec must not be nested this deeply") from None


def _cells(name: str, value: Optional[int]) -> Optional[int]:
    if value is None:
        return None
    if not hasattr(value, "__index__") or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer or None, got {type(value).__name__}")
    number = value.__index__()
    if not 0 <= number <= _MOST:  # ctypes would wrap it silently
        raise ValueError(f"{name} must be in 0..={_MOST}, got {number}")
    return number


def detect(file: Optional[TextIO] = None) -> _abi.iw_terminal:
    """What `file` leads to (default ``sys.stdout``): fields width, height, color, unicode, is_terminal."""
    stream = sys.stdout if file is None else file
    number = 0
    try:
        if stream is not None and stream.isatty():
            number = stream.fileno()
    except (AttributeError, OSError, ValueError):  # a stream of somebody's own, or a closed one
        number = 0
    found = _abi.iw_terminal()
    check(lib.iw_text_detect(number if number in (1, 2) else 0, ctypes.byref(found)))
    encoding = getattr(stream, "encoding", None)
    if encoding and not encoding.lower().replace("-", "").startswith("utf"):
        found.unicode = 0
    if found.color == _abi.IW_COLOR_NONE and stream is sys.stdout and "ipykernel" in sys.modules:
        found.color = _abi.IW_COLOR_TRUE_COLOR  # a notebook shows escape sequences and is no terminal
    return found


def _color(color: Optional[str]) -> Optional[int]:
    if color is None:
        return None
    if not isinstance(color, str):
        raise TypeError(f"color must be a string or None, got {type(color).__name__}")
    if color not in _COLORS:
        raise ValueError(f"color must be one of {', '.join(_COLORS)}, got {color!r}")
    return _COLORS[color]


def _render(
    function: Any,
    spec: Any,
    width: Optional[int],
    height: Optional[int],
    color: Tuple[Optional[int], ...],
    unicode: Optional[bool],
    file: Optional[TextIO] = None,
) -> str:
    cells, lines = _cells("width", width), _cells("height", height)
    text = _json(spec)
    if None in (cells, lines, unicode, *color):
        found = detect(file)
        cells = found.width if cells is None else cells
        lines = found.height if lines is None else lines
        unicode = bool(found.unicode) if unicode is None else unicode
        color = tuple(found.color if one is None else one for one in color)
    job = Job()
    out = _owned.new()
    job.check(function(text, len(text), cells, lines, *color, 1 if unicode else 0, job.tick, None, ctypes.byref(out)))
    return _owned.take_text(out)


def render(
    spec: Renderable,
    *,
    width: Optional[int] = None,
    height: Optional[int] = None,
    color: Optional[str] = None,
    unicode: Optional[bool] = None,
) -> str:
    """Text for a terminal or a file.

    Parameters
    ----------
    spec
        A string is markup (``[bold red]text[/]``, ``[[`` and ``]]`` for brackets, ``:rocket:``); or a widget
        of this module; or a dict with a ``"type"`` and the fields of its widget; or a list of these.
    width, height
        Cells and lines, 0..=100000; None looks at standard output (80 by 24 where it is no terminal).
    color
        ``"none"`` (no escape sequences), ``"no_colors"`` (bold and links only), ``"legacy"`` (8 colours),
        ``"standard"`` (16), ``"eight_bit"`` (256) or ``"true_color"``; None detects it from the terminal and
        ``NO_COLOR``, ``FORCE_COLOR``, ``COLORTERM``, ``TERM`` and ``CI``.
    unicode
        False keeps to ASCII and plain box lines; None follows the encoding of standard output.

    Returns
    -------
    str
        Lines ending in LF. What is a block (table, panel, rule, ...) ends in one, text does not.

    Raises
    ------
    ValueError
        The spec is wrong; the message has the path to the field, such as ``rows[3][1].style``.
    TypeError
        The spec holds something that is neither text nor number nor widget.
    MemoryError
        The output would exceed 1 GiB.

    Notes
    -----
    Linear in the size of spec and output. Ctrl-C stops it. The layout is that of Spectre.Console.

    Examples
    --------
    >>> render("[bold]hello[/]", color="none")
    'hello'
    >>> render("[bold]hello[/]", color="standard")
    '\\x1b[1mhello\\x1b[0m'
    >>> render({"type": "rule", "title": "[red]ok[/]"}, width=20, color="none")
    '──────── ok ────────\\n'
    """
    return _render(lib.iw_text_render, spec, width, height, (_color(color),), unicode)


def print(
    *objects: Any,
    sep: str = " ",
    end: str = "\n",
    file: Optional[TextIO] = None,
    width: Optional[int] = None,
    color: Optional[str] = None,
    unicode: Optional[bool] = None,
) -> None:
    """Prints markup and widgets to `file`, by default ``sys.stdout``, with the colours it can show.

    Strings are markup, and joined by `sep`; a widget, a dict or a list begins a line of its own; any other
    object is printed as ``str`` of it, brackets and all.

    Raises
    ------
    ValueError, TypeError
        As `render`.

    Examples
    --------
    >>> print("[green]done[/] in", 3, "steps")
    done in 3 steps
    """
    stream = sys.stdout if file is None else file
    if stream is None:  # pythonw and detached services have no standard output
        return
    parts: List[str] = []
    pieces: List[str] = []

    def flush() -> None:
        if pieces:
            parts.append(one(sep.join(pieces)))
            pieces.clear()

    def one(spec: Any) -> str:
        return _render(lib.iw_text_render, spec, width, None, (_color(color),), unicode, stream)

    for item in objects:
        if isinstance(item, str):
            pieces.append(item)
        elif isinstance(item, (Widget, dict, list)):
            flush()
            parts.append(one(item))
        else:
            pieces.append(escape(str(item)))
    flush()
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts[:-1]) + "".join(parts[-1:])
    if not (end == "\n" and text.endswith("\n")):  # a block brings its line break
        text += end
    encoding = getattr(stream, "encoding", None)
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(encoding or "ascii", "replace").decode(encoding or "ascii"))


def _utf8(name: str, text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} must not hold lone surrogates, got {text[error.start]!r} at {error.start}") from None


def escape(text: str) -> str:
    """`text` with its brackets doubled, so that markup shows it as it is.

    Examples
    --------
    >>> escape("list[int]")
    'list[[int]]'
    """
    data = _utf8("text", text)
    out = _owned.new()
    check(lib.iw_text_escape(data, len(data), ctypes.byref(out)))
    return _owned.take_text(out)


def strip(markup: str) -> str:
    """The text of `markup` without its tags.

    Raises
    ------
    ValueError
        A bracket is neither doubled nor part of a tag.

    Examples
    --------
    >>> strip("[red]list[[int]][/]")
    'list[int]'
    """
    data = _utf8("markup", markup)
    out = _owned.new()
    check(lib.iw_text_strip(data, len(data), ctypes.byref(out)))
    return _owned.take_text(out)


# Characters below which Python's own look at a text takes less time than a call.
_SHORT = 400


def width(text: str) -> int:
    """Number of terminal cells `text` takes.

    A sum over grapheme clusters (UAX #29), each 0, 1 or 2 cells wide (UAX #11); control characters take 0.

    Examples
    --------
    >>> width("日本"), width("❤️"), width("e\\u0301")
    (4, 2, 1)
    """
    if text.__class__ is str and len(text) < _SHORT and text.isascii() and text.isprintable():
        return len(text)  # a cell for each: the way to the library would take longer
    data = _utf8("text", text)
    out = ctypes.c_size_t()
    status = lib.iw_text_width(data, len(data), ctypes.byref(out))
    if status:
        check(status)
    return out.value


def split_cells(text: str, offset: int) -> Tuple[str, Optional[str]]:
    """Cuts `text` after `offset` cells; a character that straddles the cut goes to the first part.

    Returns
    -------
    tuple of str and (str or None)
        The second is None when the first is everything.

    Raises
    ------
    ValueError
        `offset` is negative.

    Examples
    --------
    >>> split_cells("日本", 1)
    ('日', '本')
    """
    data = _utf8("text", text)
    if not hasattr(offset, "__index__"):
        raise TypeError(f"offset must be an integer, got {type(offset).__name__}")
    cells = offset.__index__()
    if cells < 0:
        raise ValueError(f"offset must not be negative, got {cells}")
    out = ctypes.c_size_t()
    check(lib.iw_text_split(data, len(data), min(cells, len(data) * 2), ctypes.byref(out)))
    first, second = data[: out.value], data[out.value :]
    return first.decode("utf-8"), second.decode("utf-8") if second else None
