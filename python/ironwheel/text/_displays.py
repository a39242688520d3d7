"""Dates, paths, JSON, bars and screens, as objects whose attributes are the fields of the spec."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union

from ironwheel.text._render import Renderable, Widget


class Calendar(Widget):
    """A month as a table.

    Parameters
    ----------
    year
        1..=9999.
    month
        1..=12.
    day
        A day of it; changes nothing that is shown.
    events
        ``{"year", "month", "day", "style"}`` each; marked in this month, whatever the year.
    culture
        ``"invariant"`` (default), ``"en-US"``, ``"en-GB"``, ``"de-DE"``, ``"fr-FR"``, ``"nl-NL"`` or ``"sv-SE"``.
    border
        As of `Table`.
    border_style
        Style of the border.
    highlight_style
        Style of events; default blue.
    show_header
        Month and year above; default True.
    header_style
        Style of the header.
    use_safe_border
        As of `Table`.
    """

    _type = "calendar"
    _fields = (
        "year",
        "month",
        "day",
        "events",
        "culture",
        "border",
        "border_style",
        "highlight_style",
        "show_header",
        "header_style",
        "use_safe_border",
    )

    def __init__(
        self,
        year: int,
        month: int,
        day: Optional[int] = None,
        *,
        events: Optional[Sequence[Mapping[str, Any]]] = None,
        culture: Optional[str] = None,
        border: Optional[str] = None,
        border_style: Optional[str] = None,
        highlight_style: Optional[str] = None,
        show_header: Optional[bool] = None,
        header_style: Optional[str] = None,
        use_safe_border: Optional[bool] = None,
    ) -> None:
        self._set(
            year=year,
            month=month,
            day=day,
            events=events,
            culture=culture,
            border=border,
            border_style=border_style,
            highlight_style=highlight_style,
            show_header=show_header,
            header_style=header_style,
            use_safe_border=use_safe_border,
        )


class TextPath(Widget):
    """A file path that gives up its middle where it does not fit.

    Parameters
    ----------
    path
        With slashes or backslashes.
    alignment
        ``"left"``, ``"center"`` or ``"right"``.
    root_style
        Style of ``/`` or the drive.
    separator_style
        Style of the slashes.
    stem_style
        Style of the folders.
    leaf_style
        Style of the last part.
    """

    _type = "text_path"
    _fields = ("path", "alignment", "root_style", "separator_style", "stem_style", "leaf_style")

    def __init__(
        self,
        path: str,
        alignment: Optional[str] = None,
        *,
        root_style: Optional[str] = None,
        separator_style: Optional[str] = None,
        stem_style: Optional[str] = None,
        leaf_style: Optional[str] = None,
    ) -> None:
        self._set(
            path=path,
            alignment=alignment,
            root_style=root_style,
            separator_style=separator_style,
            stem_style=stem_style,
            leaf_style=leaf_style,
        )


class Json(Widget):
    """JSON, indented and coloured; numbers stay as written.

    Parameters
    ----------
    json
        The source text, nested at most 160 deep.
    indentation
        Blanks, or a text; default three blanks.
    braces_style
        Style of ``{}``.
    brackets_style
        Style of ``[]``.
    member_style
        Style of names.
    colon_style
        Style of ``:``.
    comma_style
        Style of ``,``.
    string_style
        Style of strings.
    number_style
        Style of numbers.
    boolean_style
        Style of ``true`` and ``false``.
    null_style
        Style of ``null``.
    """

    _type = "json"
    _fields = (
        "json",
        "indentation",
        "braces_style",
        "brackets_style",
        "member_style",
        "colon_style",
        "comma_style",
        "string_style",
        "number_style",
        "boolean_style",
        "null_style",
    )

    def __init__(
        self,
        json: str,
        indentation: Union[int, str, None] = None,
        *,
        braces_style: Optional[str] = None,
        brackets_style: Optional[str] = None,
        member_style: Optional[str] = None,
        colon_style: Optional[str] = None,
        comma_style: Optional[str] = None,
        string_style: Optional[str] = None,
        number_style: Optional[str] = None,
        boolean_style: Optional[str] = None,
        null_style: Optional[str] = None,
    ) -> None:
        self._set(
            json=json,
            indentation=indentation,
            braces_style=braces_style,
            brackets_style=brackets_style,
            member_style=member_style,
            colon_style=colon_style,
            comma_style=comma_style,
            string_style=string_style,
            number_style=number_style,
            boolean_style=boolean_style,
            null_style=null_style,
        )


class ProgressBar(Widget):
    """A bar that shows how much of something is done.

    Parameters
    ----------
    value
        How much is done.
    max_value
        What counts as all; default 100.
    width
        Cells.
    show_value
        Write the value behind the bar.
    show_remaining
        Draw what is left too; default True.
    value_format
        ``"N0"``..``"N15"`` (thousands apart), ``"F2"``, or a text with ``{0}``.
    culture
        As of `Calendar`.
    completed_style
        Style while under way; default yellow.
    finished_style
        Style at the end; default green.
    remaining_style
        Style of what is left; default grey.
    """

    _type = "progress_bar"
    _fields = (
        "value",
        "max_value",
        "width",
        "show_value",
        "show_remaining",
        "value_format",
        "culture",
        "completed_style",
        "finished_style",
        "remaining_style",
    )

    def __init__(
        self,
        value: float,
        max_value: Optional[float] = None,
        *,
        width: Optional[int] = None,
        show_value: Optional[bool] = None,
        show_remaining: Optional[bool] = None,
        value_format: Optional[str] = None,
        culture: Optional[str] = None,
        completed_style: Optional[str] = None,
        finished_style: Optional[str] = None,
        remaining_style: Optional[str] = None,
    ) -> None:
        self._set(
            value=value,
            max_value=max_value,
            width=width,
            show_value=show_value,
            show_remaining=show_remaining,
            value_format=value_format,
            culture=culture,
            completed_style=completed_style,
            finished_style=finished_style,
            remaining_style=remaining_style,
        )


class Layout(Widget):
    """The screen in regions, side by side or one above the other.

    Parameters
    ----------
    content
        What fills it, when it is not split.
    name
        Shown where there is no content.
    split_columns
        Layouts or widgets side by side.
    split_rows
        Layouts or widgets one above the other.
    ratio
        Its share of the space; default 1.
    size
        A fixed number of cells or lines.
    minimum_size
        Never fewer cells or lines; default 1.
    visible
        Default True.
    """

    _type = "layout"
    _fields = ("content", "name", "split_columns", "split_rows", "ratio", "size", "minimum_size", "visible")

    def __init__(
        self,
        content: Renderable = None,
        *,
        name: Optional[str] = None,
        split_columns: Optional[Sequence[Any]] = None,
        split_rows: Optional[Sequence[Any]] = None,
        ratio: Optional[int] = None,
        size: Optional[int] = None,
        minimum_size: Optional[int] = None,
        visible: Optional[bool] = None,
    ) -> None:
        self._set(
            content=content,
            name=name,
            split_columns=split_columns,
            split_rows=split_rows,
            ratio=ratio,
            size=size,
            minimum_size=minimum_size,
            visible=visible,
        )
