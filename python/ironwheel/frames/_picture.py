"""A profile as a person reads it in a terminal: a line per column, as wide as the terminal and no wider.

Pure functions over `Profile.to_dict`; the layout and the colours are those of `ironwheel.text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ironwheel._screen import printable
from ironwheel.frames import _figures, _svg
from ironwheel.frames._figures import Figures

if TYPE_CHECKING:
    from ironwheel.frames._profile import Profile

_EIGHTHS = "▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_RAMP = ".:-=+*%#"  # the same without Unicode, from thin to thick
_DIM, _LOUD, _GRAVE, _BARS = "grey58", "bold", "yellow", "steelblue1"


def table(profile: Profile) -> str:
    """The picture without colours, as wide as the terminal: what ``str()`` gives."""
    return draw(profile.to_dict(), color="none").rstrip("\n")


def draw(
    figures: Figures, *, width: Optional[int] = None, color: Optional[str] = None, unicode: Optional[bool] = None
) -> str:
    """The picture; arguments as of `ironwheel.text.render`, lines ending in LF."""
    from ironwheel import text

    if width is None or unicode is None:
        found = text.detect()
        width = found.width if width is None else width
        unicode = bool(found.unicode) if unicode is None else unicode
    shown = text.render(spec(figures, width, unicode), width=max(width, 1), color=color, unicode=unicode)
    return "".join(line.rstrip() + "\n" for line in shown.splitlines())


def spec(figures: Figures, width: int, unicode: bool) -> Dict[str, Any]:
    """The picture as a spec of `ironwheel.text`, for so many cells."""
    return _Layout(figures, max(width, 1), unicode).spec()


class _Part(NamedTuple):
    """A column of the picture: heading, width in cells, alignment."""

    name: str
    width: int
    right: bool = False


class _Layout:
    """What fits: which figures, and how many cells each of them gets."""

    GAP = 2

    def __init__(self, figures: Figures, width: int, unicode: bool) -> None:
        self.figures = figures
        self.width = width
        self.unicode = unicode
        self.rows: int = figures.get("rows") or 0
        self.columns: Sequence[Figures] = figures.get("columns") or ()
        self.parts = self._parts()

    def _parts(self) -> List[_Part]:
        """Name, type, nulls, distinct, distribution and values; from 110 cells on mean, deviation and quartiles too."""
        from ironwheel import text

        widest = max((text.width(printable(column.get("name") or "")) for column in self.columns), default=0)
        widest = max(widest, len("column"))
        kinds = max((len(_kind(column)) for column in self.columns), default=4)
        distinct = max((len(_distinct(column)) for column in self.columns), default=8)
        roomy = self.width >= 110
        fixed = [
            _Part("type", max(min(kinds, 14 if roomy else 9), 4)),
            _Part("null", 13 if roomy else 10, True),
            _Part("distinct", max(distinct, 8), True),
            _Part("histogram", 20 if self.width >= 140 else 16 if roomy else 10),
        ]
        if not any(self._spark(column, 1) for column in self.columns):
            fixed.pop()
        numbers = any(_figures.family(column) in ("number", "time") for column in self.columns)
        more = []
        if numbers and roomy:
            more = [_Part("mean", 10, True), _Part("std", 10, True)]
        if numbers and self.width >= 150:
            more += [_Part("25 %", 10, True), _Part("median", 10, True), _Part("75 %", 10, True)]
        # On a narrow terminal what says least goes first.
        for least in ("type", "histogram", "distinct", "null"):
            left = self._left(fixed + more)
            if left >= 28:
                break
            fixed = [part for part in fixed if part.name != least]
        left = self._left(fixed + more)
        name = min(max(min(widest, left - 17 - self.GAP), 16), widest, left)
        values = left - name - self.GAP
        order = [_Part("column", name), *fixed]
        return (
            [*order, _Part("values", min(values, 60)), *more]
            if values >= 8
            else [_Part("column", self._left(fixed)), *fixed]
        )

    def _left(self, parts: Sequence[_Part]) -> int:
        return self.width - sum(part.width + self.GAP for part in parts)

    def spec(self) -> Dict[str, Any]:
        rows: List[List[Any]] = []
        for column in self.columns:
            rows.append(self._line(column))
            rows += [[self._under(words, grave)] for words, grave in self._notes(column)]
        headings = [
            {
                "header": "",
                "width": part.width + (0 if part is self.parts[-1] else self.GAP),  # a spanning cell skips padding
                "padding": [0, 0, 0, 0],
                "no_wrap": True,
            }
            for part in self.parts
        ]
        rule = self._text(("─" if self.unicode else "-") * (self.width - self._left(self.parts) - self.GAP), _DIM)
        head: List[Any] = [self._set(part, part.name, _DIM) for part in self.parts]
        body = {
            "type": "table",
            "border": "none",
            "show_headers": False,
            "columns": headings,
            "rows": [head, [{"type": "cell", "content": rule, "span": len(self.parts)}], *rows],
        }
        return {"type": "rows", "items": [self._title(), *([body] if self.columns else []), *self._correlations()]}

    def _title(self) -> Dict[str, Any]:
        """Rows and columns, and what holds for the whole frame."""
        figures, facts = self.figures, _figures.facts(self.figures)
        times = "×" if self.unicode else "x"
        shown = [f"{_things(facts['rows'], 'row')} {times} {_things(facts['columns'], 'column')}"]
        if facts["missing"]:
            shown.append(f"{_figures.share(facts['missing'], facts['cells'])} of cells null")
        duplicates = figures.get("duplicate_rows")
        if duplicates is not None:
            about = "" if figures.get("duplicate_rows_exact", True) else "~"
            shown.append(f"{about}{_things(duplicates, 'duplicate row')}" if duplicates else "no duplicate rows")
        if figures.get("memory") is not None:
            shown.append(_figures.size(figures["memory"]))
        return self._text((" · " if self.unicode else ", ").join(shown), _LOUD)

    def _correlations(self) -> List[Dict[str, Any]]:
        """The strongest pairs, a line each, where correlations were asked for."""
        pairs = _figures.pairs(self.figures.get("correlations"))[:5]
        if not pairs:
            return []
        method = (self.figures.get("correlations") or {}).get("method") or ""
        names = [printable(f"{one} ~ {other}") for one, other, _r in pairs]
        part = _Part("pair", min(max(map(_cells, names)), max(self.width - 9, 1)))
        lines = [self._text(_cut(f"strongest correlations ({method})", self.width), _DIM)]
        for name, (_one, _other, r) in zip(names, pairs):
            shown = _cut(name, part.width)
            blank = " " * (part.width - _cells(shown))
            lines.append(self._text(_cut(f"{shown}{blank}  {_figures.coefficient(r, '-'):>6}", self.width)))
        return lines

    def _line(self, column: Figures) -> List[Any]:
        """A column's cells; what has no distribution has all the more room for its values."""
        names = [part.name for part in self.parts]
        at = names.index("histogram") if "histogram" in names else len(names)
        if names[at + 1 : at + 2] != ["values"] or self._spark(column, 1):
            return [self._cell(part, column) for part in self.parts]
        both = _Part("values", self.parts[at].width + self.GAP + self.parts[at + 1].width)
        cells: List[Any] = [self._cell(part, column) for part in self.parts[:at]]
        cells.append({"type": "cell", "content": self._cell(both, column), "span": 2})
        return cells + [self._cell(part, column) for part in self.parts[at + 2 :]]

    def _cell(self, part: _Part, column: Figures) -> Dict[str, Any]:
        name, kind = part.name, column.get("kind")
        if name == "column":
            return self._set(part, printable(column.get("name") or ""), _LOUD)
        if name == "type":
            return self._set(part, _kind(column), _DIM)
        if name == "null":
            return self._nulls(part, column)
        if name == "distinct":
            return self._set(part, _distinct(column))
        if name == "histogram":
            return self._set(part, self._spark(column, part.width), _BARS)
        if name == "values":
            return self._set(part, self._values(column, part.width))
        if name in ("mean", "std"):
            of = "duration" if name == "std" and kind in ("date", "time", "timestamp") else kind
            return self._set(part, _moment(column.get(name), of))
        quantile = {"25 %": "0.25", "median": "0.5", "75 %": "0.75"}[name]
        return self._set(part, _moment((column.get("quantiles") or {}).get(quantile), kind))

    def _set(self, part: _Part, words: str, style: str = "") -> Dict[str, Any]:
        """Words on their side of a cell."""
        from ironwheel import text

        words = _cut(words, part.width)
        blank = " " * (part.width - text.width(words)) if part.right else ""
        return self._text(blank + words, style)

    def _text(self, words: str, style: str = "") -> Dict[str, Any]:
        """Words as they are; what we put in ourselves is ASCII where there is no Unicode."""
        if not self.unicode:
            words = words.replace("\u00a0", " ").replace(_figures.ELLIPSIS, "~").replace("\u2423", " ")
        found = {"type": "text", "text": words}
        return {**found, "style": style} if style else found

    def _nulls(self, part: _Part, column: Figures) -> Dict[str, Any]:
        """A bar and a share; nothing but the share where there are none."""
        nulls = _figures.missing(column)
        words = _figures.share(nulls, self.rows)
        if not nulls:
            return self._set(part, words, _DIM)
        room = part.width - 8
        eighths = max(round(8 * room * nulls / self.rows), 1) if self.rows else 0
        if self.unicode:
            bar = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")
        else:
            bar = "#" * max(round(eighths / 8), 1)
        return self._set(part, f"{bar.ljust(room)} {words.rjust(7)}", _GRAVE if 2 * nulls >= self.rows else "")

    def _spark(self, column: Figures, width: int) -> str:
        """The histogram in `width` cells; "" for what has none or is all one value."""
        if column.get("is_constant"):
            return ""
        bars = _svg.bars(column)
        if not bars:
            return ""
        levels, cells = _LEVELS if self.unicode else _RAMP, min(width, len(bars))
        tall = [
            max(bar.height for bar in bars[i * len(bars) // cells : (i + 1) * len(bars) // cells]) for i in range(cells)
        ]
        return "".join(levels[min(int(one * 8), 7)] if one else " " for one in tall)

    def _values(self, column: Figures, width: int) -> str:
        """Extremes of numbers and moments, else the most common values, else lengths."""
        kind, values = column.get("kind"), column.get("count") or 0
        dots = _figures.ELLIPSIS if self.unicode else ".."
        if not values:
            return ""
        entries = _figures.top(column)
        if _figures.family(column) in ("number", "time") and column.get("min") is not None:
            low, high = _figures.extremes(column)
            words = low if low == high else f"{low} {dots} {high}"
            if len(words) > width:  # rather fewer digits than half a number
                low, high = _figures.short(column, low, high)
                words = f"{low} {dots} {high}"
            return _cut(f"always {low}" if column.get("is_constant") and self.rows > 1 else words, width)
        if _figures.tells(column):
            return self._common(entries, kind, values, width)
        if _figures.lengths(column):
            return _cut(_figures.lengths(column, dots), width)
        if column.get("min") is not None:
            low, high = (printable(words) for words in _figures.extremes(column))
            return _cut(low if low == high else f"{low} {dots} {high}", width)
        return ""

    def _common(self, entries: Sequence[Tuple[Any, int]], kind: Optional[str], values: int, width: int) -> str:
        """As many of the most common values as there is room for."""
        from ironwheel import text

        found = ""
        for value, count in entries:
            share = f" {_figures.share(count, values)}"
            name = printable(_svg.shown(value, kind))
            part = f"{', ' if found else ''}{name}{share}"
            if text.width(found + part) > width:
                return (
                    found or _cut(name, max(width - len(share), 1)) + share if len(share) < width else _cut(name, width)
                )
            found += part
        return found

    def _notes(self, column: Figures) -> List[Tuple[str, bool]]:
        """What stands under a column: what is remarkable and not said in its line, and its notes."""
        said = (" null", "nothing but nulls", "constant", " one value")
        alerts = [alert for alert in _figures.alerts(column, self.rows) if not alert.text.endswith(said)]
        found = []
        if alerts:
            words = (" · " if self.unicode else ", ").join(alert.text for alert in alerts)
            found.append((words, any(alert.grave for alert in alerts)))
        return found + [(printable(note), True) for note in column.get("notes") or ()]

    def _under(self, words: str, grave: bool) -> Dict[str, Any]:
        mark = "└" if self.unicode else "-"
        return {
            "type": "cell",
            "content": self._text(f"{mark} {words}", _GRAVE if grave else _DIM),
            "span": len(self.parts),
        }


def _kind(column: Figures) -> str:
    """The type, or its family where that says as much in less room."""
    kind = printable(column.get("type") or "")
    return kind if len(kind) <= 10 else column.get("kind") or kind


def _distinct(column: Figures) -> str:
    return _figures.brief(column.get("distinct"), column.get("distinct_exact"))


def _moment(value: Any, kind: Optional[str]) -> str:
    """A figure; of a moment the day."""
    words = _figures.figure(value, kind)
    return words[:10] if kind in ("timestamp", "date") else words


def _things(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _cells(words: str) -> int:
    from ironwheel import text

    return text.width(words)


def _cut(words: str, width: int) -> str:
    """`words` in `width` cells."""
    from ironwheel import text

    if len(words) <= width and words.isascii():
        return words
    if text.width(words) <= width:
        return words
    kept = text.split_cells(words, max(width - 1, 0))[0]
    while text.width(kept) > width - 1 and kept:  # a wide character may straddle the cut
        kept = kept[:-1]
    return kept + _figures.ELLIPSIS
