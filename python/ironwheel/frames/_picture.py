"""A profile as a person reads it: a table for a terminal, and one for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Sequence, Tuple

if TYPE_CHECKING:
    from ironwheel.frames._profile import Column, Profile


def table(profile: Profile) -> str:
    """The table a person reads."""
    from ironwheel import text

    names, rows = _shown(profile)
    columns = [
        {
            "header": {"type": "text", "text": name},
            "alignment": "left" if name in _LEFT else "right",
            "no_wrap": name not in _WIDE,  # what is narrow stays whole, and the rest shares what is left
        }
        for name in names
    ]
    cells = [[{"type": "text", "text": cell, "overflow": "ellipsis"} for cell in row] for row in rows]
    title = f"{profile.rows:,} rows, {len(profile):,} columns"
    return text.render(
        {"type": "table", "title": title, "border": "minimalist", "columns": columns, "rows": cells}, color="none"
    )


def html(profile: Profile) -> str:
    """The same table for a notebook."""
    from html import escape

    def row(cells: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} style="text-align:{"left" if name in _LEFT else "right"}">{escape(cell)}</{tag}>'
            for name, cell in zip(names, cells)
        )

    names, rows = _shown(profile)
    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows)
    caption = f"<caption>{profile.rows:,} rows, {len(profile):,} columns</caption>"
    return f"<table>{caption}<thead><tr>{row(names, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _shown(profile: Profile) -> Tuple[List[str], List[List[str]]]:
    """Headings and cells of the table a person reads; a column of NaN only where there are any."""
    rows = [_cells(column) for column in profile]
    hidden = () if any(column.nan for column in profile) else ("NaN",)
    kept = [index for index, name in enumerate(_SHOWN) if name not in hidden]
    return [_SHOWN[index] for index in kept], [[row[index] for index in kept] for row in rows]


_SHOWN = ("column", "type", "nulls", "NaN", "distinct", "min", "mean", "max", "std")
_LEFT = ("column", "type")
_WIDE = ("min", "max")
_WIDEST = 20


def _cells(column: Column) -> List[str]:
    """One row of the table a person reads."""
    import datetime

    kind = column.type if len(column.type) <= 10 else column.kind  # the family says as much as a long type
    distinct = "" if column.distinct is None else f"{'' if column.distinct_exact else '~'}{column.distinct:,}"
    low, high = column.min, column.max
    if low is None and column.min_length is not None:  # nothing to compare, but lengths to show
        low, high = f"length\u00a0{column.min_length}", f"length\u00a0{column.max_length}"
    mean, spread = column.mean, column.std
    if column.kind == "timestamp" and low is not None:
        low, mean, high = _moments(low, mean, high)
    if isinstance(spread, str):  # of nanoseconds, which Python has no type for: PT1590.362392013S
        spread = datetime.timedelta(seconds=float(spread[2:-1]))
    shown = [column.name, kind, column.nulls, column.nan, distinct, low, mean, high, spread]
    return [_cell(value) for value in shown]


def _moments(*moments: Any) -> List[str]:
    """Dates where the extremes are days apart, else times of the day: what tells them apart in little room."""
    times = ["" if moment is None else str(moment) for moment in moments]
    days = {time[:10] for time in times if time}
    return [time[11:19] if len(days) == 1 else time[:10] for time in times]


def _cell(value: Any) -> str:
    import datetime

    if value is None:
        return ""
    if isinstance(value, datetime.timedelta):
        seconds = value.total_seconds()
        return f"{seconds:,.4g} s" if abs(seconds) < 86400 else f"{seconds / 86400:,.4g} d"
    if isinstance(value, (datetime.datetime, datetime.time)):  # to the second; the zone is in the type
        value = value.replace(microsecond=0, tzinfo=None)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = " ".join(str(value).split())
        return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "\u2026"
    if isinstance(value, int) or 1000 <= abs(value) < 1e12:
        return f"{value:,.0f}"
    return f"{value:.4g}"
