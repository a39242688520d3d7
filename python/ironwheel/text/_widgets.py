"""The renderables, as objects whose attributes are the fields of the spec."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union

from ironwheel.text._render import Renderable, Widget


class Text(Widget):
    """Text as it is: no markup, no emoji codes.

    Parameters
    ----------
    text
        What it says.
    style
        Colours and decorations, as in a tag: ``"bold red on blue"``.
    justify
        ``"left"``, ``"right"`` or ``"center"``.
    overflow
        What becomes of long words: ``"fold"`` (default), ``"crop"`` or ``"ellipsis"``.

    Examples
    --------
    >>> str(Text("a [b] :rocket:"))
    'a [b] :rocket:'
    """

    _type = "text"
    _fields = ("text", "style", "justify", "overflow")

    def __init__(
        self,
        text: str,
        style: Optional[str] = None,
        *,
        justify: Optional[str] = None,
        overflow: Optional[str] = None,
    ) -> None:
        self._set(text=text, style=style, justify=justify, overflow=overflow)


class Markup(Widget):
    """Text with tags and emoji codes.

    Parameters
    ----------
    text
        The markup.
    style
        What the tags are laid over.
    justify
        ``"left"``, ``"right"`` or ``"center"``.
    overflow
        ``"fold"`` (default), ``"crop"`` or ``"ellipsis"``.

    Examples
    --------
    >>> str(Markup("[bold]go[/] :rocket:"))
    'go 🚀'
    """

    _type = "markup"
    _fields = ("text", "style", "justify", "overflow")

    def __init__(
        self,
        text: str,
        style: Optional[str] = None,
        *,
        justify: Optional[str] = None,
        overflow: Optional[str] = None,
    ) -> None:
        self._set(text=text, style=style, justify=justify, overflow=overflow)


class Panel(Widget):
    """A box around something.

    Parameters
    ----------
    content
        What is in it.
    header
        Markup in the top line, or ``{"text": ..., "alignment": ...}``.
    border
        ``"square"`` (default), ``"rounded"``, ``"heavy"``, ``"double"``, ``"ascii"``, ``"none"``, ...; a wrong name lists all.
    border_style
        Style of the border and the header.
    padding
        Cells left, lines above, cells right, lines below; default ``[1, 0, 1, 0]``.
    expand
        Take all the width there is.
    width
        Cells, border included.
    height
        Lines, border included.
    use_safe_border
        Fall back to a plainer border where Unicode is lacking; default True.

    Examples
    --------
    >>> print(Panel("[green]all is well[/]", "status"))
    ┌─status──────┐
    │ all is well │
    └─────────────┘
    """

    _type = "panel"
    _fields = (
        "content",
        "header",
        "border",
        "border_style",
        "padding",
        "expand",
        "width",
        "height",
        "use_safe_border",
    )

    def __init__(
        self,
        content: Renderable,
        header: Union[str, Mapping[str, Any], None] = None,
        *,
        border: Optional[str] = None,
        border_style: Optional[str] = None,
        padding: Optional[Sequence[int]] = None,
        expand: Optional[bool] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
        use_safe_border: Optional[bool] = None,
    ) -> None:
        self._set(
            content=content,
            header=header,
            border=border,
            border_style=border_style,
            padding=padding,
            expand=expand,
            width=width,
            height=height,
            use_safe_border=use_safe_border,
        )


class Rule(Widget):
    """A horizontal line with a title in it.

    Parameters
    ----------
    title
        Markup, one line.
    alignment
        ``"left"``, ``"right"`` or ``"center"`` (default).
    border
        The border whose top line it is.
    style
        Style of line and title.
    """

    _type = "rule"
    _fields = ("title", "alignment", "border", "style")

    def __init__(
        self,
        title: Optional[str] = None,
        *,
        alignment: Optional[str] = None,
        border: Optional[str] = None,
        style: Optional[str] = None,
    ) -> None:
        self._set(title=title, alignment=alignment, border=border, style=style)


class Columns(Widget):
    """Things side by side, in as many columns as fit.

    Parameters
    ----------
    items
        What stands in them.
    padding
        Default ``[0, 0, 1, 0]``.
    expand
        Take all the width there is; default True.
    """

    _type = "columns"
    _fields = ("items", "padding", "expand")

    def __init__(
        self,
        items: Sequence[Renderable],
        padding: Optional[Sequence[int]] = None,
        *,
        expand: Optional[bool] = None,
    ) -> None:
        self._set(items=items, padding=padding, expand=expand)


class Rows(Widget):
    """Things one under the other.

    Parameters
    ----------
    items
        What stands in them.
    expand
        Take all the width there is.

    Examples
    --------
    >>> str(Rows(["a", "b"]))
    'a\\nb'
    """

    _type = "rows"
    _fields = ("items", "expand")

    def __init__(
        self,
        items: Sequence[Renderable],
        expand: Optional[bool] = None,
    ) -> None:
        self._set(items=items, expand=expand)


class Padder(Widget):
    """Blank space around something.

    Parameters
    ----------
    content
        What is in it.
    padding
        Cells left, lines above, cells right, lines below; default ``[1, 1, 1, 1]``.
    expand
        Take all the width there is.
    """

    _type = "padder"
    _fields = ("content", "padding", "expand")

    def __init__(
        self,
        content: Renderable,
        padding: Optional[Sequence[int]] = None,
        *,
        expand: Optional[bool] = None,
    ) -> None:
        self._set(content=content, padding=padding, expand=expand)


class Align(Widget):
    """Something at a place in a wider or higher space.

    Parameters
    ----------
    content
        What is placed.
    horizontal
        ``"left"`` (default), ``"center"`` or ``"right"``.
    vertical
        ``"top"``, ``"middle"`` or ``"bottom"``.
    width
        Cells of the space.
    height
        Lines of the space.
    """

    _type = "align"
    _fields = ("content", "horizontal", "vertical", "width", "height")

    def __init__(
        self,
        content: Renderable,
        horizontal: Optional[str] = None,
        *,
        vertical: Optional[str] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
    ) -> None:
        self._set(content=content, horizontal=horizontal, vertical=vertical, width=width, height=height)


class Figlet(Widget):
    """Text in big letters.

    Parameters
    ----------
    text
        What it says.
    font
        ``"standard"`` (default), ``"big"``, ``"slant"`` or ``"small"``.
    font_file
        Path of a FIGfont, in place of `font`.
    layout
        ``"full_size"`` (default), ``"fitted"`` or ``"smushed"``.
    alignment
        ``"left"`` (default), ``"center"`` or ``"right"``.
    color
        A colour.
    pad
        Fill lines to the full width.
    """

    _type = "figlet"
    _fields = ("text", "font", "font_file", "layout", "alignment", "color", "pad")

    def __init__(
        self,
        text: str,
        font: Optional[str] = None,
        *,
        font_file: Optional[str] = None,
        layout: Optional[str] = None,
        alignment: Optional[str] = None,
        color: Optional[str] = None,
        pad: Optional[bool] = None,
    ) -> None:
        self._set(
            text=text,
            font=font,
            font_file=font_file,
            layout=layout,
            alignment=alignment,
            color=color,
            pad=pad,
        )
