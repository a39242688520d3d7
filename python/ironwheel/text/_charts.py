"""Charts and pixels."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Optional

from ironwheel.text._render import Widget
from ironwheel.text._tables import given, own_list


class BarChart(Widget):
    """Labelled horizontal bars.

    Parameters
    ----------
    items
        ``{"label", "value", "color"}`` each.
    width
        Cells.
    label, label_alignment
        Markup above the bars, and where: ``"left"``, ``"center"`` (default) or ``"right"``.
    show_values
        Write the values behind the bars; default True.
    max_value
        What a full bar stands for, when more than the greatest value.
    culture, value_format
        How values are written, as of `ProgressBar`.

    Examples
    --------
    >>> print(BarChart(width=20).add("apples", 3).add("pears", 6))
    apples  ████ 3
     pears  ██████████ 6
    """

    _type = "bar_chart"
    _fields = (
        "items",
        "width",
        "label",
        "label_alignment",
        "show_values",
        "max_value",
        "culture",
        "value_format",
    )
    items: List[Any]

    def __init__(
        self,
        items: Iterable[Mapping[str, Any]] = (),
        *,
        width: Optional[int] = None,
        label: Optional[str] = None,
        label_alignment: Optional[str] = None,
        show_values: Optional[bool] = None,
        max_value: Optional[float] = None,
        culture: Optional[str] = None,
        value_format: Optional[str] = None,
    ) -> None:
        self._set(
            items=own_list("items", items),
            width=width,
            label=label,
            label_alignment=label_alignment,
            show_values=show_values,
            max_value=max_value,
            culture=culture,
            value_format=value_format,
        )

    def add(self, label: str, value: float, color: Optional[str] = None) -> BarChart:
        """Adds a bar and returns the chart."""
        self.items.append(given(label=label, value=value, color=color))
        return self


class BreakdownChart(Widget):
    """One bar in parts, and a legend.

    Parameters
    ----------
    items
        ``{"label", "value", "color"}`` each; values from 0 on.
    width
        Cells.
    show_tags, show_tag_values
        The legend, and the values in it; default True.
    compact
        No blank line between bar and legend; default True.
    value_color
        Colour of the values; default grey.
    value_format, culture
        How values are written, as of `ProgressBar`.
    expand
        Kept for the spec's sake: the chart is always as wide as it may be.
    """

    _type = "breakdown_chart"
    _fields = (
        "items",
        "width",
        "show_tags",
        "show_tag_values",
        "compact",
        "value_color",
        "value_format",
        "culture",
        "expand",
    )
    items: List[Any]

    def __init__(
        self,
        items: Iterable[Mapping[str, Any]] = (),
        *,
        width: Optional[int] = None,
        show_tags: Optional[bool] = None,
        show_tag_values: Optional[bool] = None,
        compact: Optional[bool] = None,
        value_color: Optional[str] = None,
        value_format: Optional[str] = None,
        culture: Optional[str] = None,
        expand: Optional[bool] = None,
    ) -> None:
        self._set(
            items=own_list("items", items),
            width=width,
            show_tags=show_tags,
            show_tag_values=show_tag_values,
            compact=compact,
            value_color=value_color,
            value_format=value_format,
            culture=culture,
            expand=expand,
        )

    def add(self, label: str, value: float, color: Optional[str] = None) -> BreakdownChart:
        """Adds a part and returns the chart."""
        self.items.append(given(label=label, value=value, color=color))
        return self


class Canvas(Widget):
    """Coloured pixels, two in a cell where the terminal has half blocks.

    Parameters
    ----------
    width, height
        Pixels, at most 16,777,216 in all.
    pixels
        ``{"x", "y", "color"}`` each, from 0 at the left and the top.
    max_width
        Pixels to show at most in a line; more are left out evenly.
    scale
        False cuts instead; default True.

    Examples
    --------
    >>> print(Canvas(2, 2).set(0, 0, "red").set(1, 1, "blue"))
    ▀▄
    """

    _type = "canvas"
    _fields = ("width", "height", "pixels", "max_width", "scale")
    pixels: List[Any]

    def __init__(
        self,
        width: int,
        height: int,
        pixels: Iterable[Mapping[str, Any]] = (),
        *,
        max_width: Optional[int] = None,
        scale: Optional[bool] = None,
    ) -> None:
        self._set(width=width, height=height, pixels=own_list("pixels", pixels), max_width=max_width, scale=scale)

    def set(self, x: int, y: int, color: str) -> Canvas:
        """Colours a pixel and returns the canvas."""
        self.pixels.append({"x": x, "y": y, "color": color})
        return self
