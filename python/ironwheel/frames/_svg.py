"""Pictures of one column as SVG: histograms, bars of common values, and small ones for a line of text."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from ironwheel.frames import _figures
from ironwheel.frames._figures import Figures


class Bar(NamedTuple):
    """One bar of a histogram, in shares of the picture's width and height."""

    left: float
    right: float
    height: float
    values: int
    low: Any
    high: Any


def bars(column: Figures) -> List[Bar]:
    """The bars of a column's histogram; none where it has no histogram.

    Bins of different widths are drawn by density, so that areas stay true.
    """
    histogram = column.get("histogram") or {}
    counts, edges = list(histogram.get("counts") or ()), list(histogram.get("edges") or ())
    if not counts or len(edges) != len(counts) + 1 or not any(counts):
        return []
    places = [_figures.position(edge) for edge in edges]
    known = [place for place in places if place is not None]
    if len(known) == len(places) and known[-1] > known[0] and known[-1] - known[0] < float("inf"):
        ends = [(place - known[0]) / (known[-1] - known[0]) for place in known]
    else:  # all values are one, or the edges stand on no axis
        ends = [index / len(counts) for index in range(len(counts) + 1)]
    widths = [max(right - left, 0.0) for left, right in zip(ends, ends[1:])]
    even = max(widths) <= 1.001 * min(widths)
    heights = [float(n) if even else n / width if width else 0.0 for n, width in zip(counts, widths)]
    highest = max(heights) or 1.0
    return [
        Bar(ends[i], ends[i + 1], heights[i] / highest, counts[i], edges[i], edges[i + 1]) for i in range(len(counts))
    ]


def place(column: Figures, value: Any) -> Optional[float]:
    """Where a value stands between the ends of the histogram, 0 to 1."""
    edges: Sequence[Any] = (column.get("histogram") or {}).get("edges") or ()
    if len(edges) < 2:
        return None
    first, last = _figures.position(edges[0]), _figures.position(edges[-1])
    here = _figures.position(value)
    if first is None or last is None or here is None or not last > first:
        return None
    return min(max((here - first) / (last - first), 0.0), 1.0)


def spark(column: Figures, width: int = 120, height: int = 24) -> str:
    """A histogram, or the shares of the most common values, small enough for a line of text; "" for neither."""
    drawn = [] if column.get("is_constant") else bars(column)
    if drawn:
        path = _path(drawn, width, height, gap=0.5 if len(drawn) <= 40 else 0.0)
        return _small(width, height, f'<path class="iw-fill" d="{path}"/>')
    values, parts = column.get("count") or 0, []
    left = 0.0
    for index, (_value, count) in enumerate(_figures.top(column)[:8]):
        if not values or left >= width:
            break
        wide = width * min(count / values, 1.0)
        if wide < 0.75:
            break
        strength = max(0.85 - 0.14 * index, 0.2)
        parts.append(
            f'<rect class="iw-fill" fill-opacity="{strength:.2f}" x="{left:.1f}" y="{height / 4:g}" '
            f'width="{max(wide - 1, 0.75):.1f}" height="{height / 2:g}"/>'
        )
        left += wide
    if not values or not _figures.top(column):
        return ""
    rest = (
        f'<rect class="iw-rest" x="{left:.1f}" y="{height / 4:g}" width="{width - left:.1f}" height="{height / 2:g}"/>'
    )
    return _small(width, height, "".join(parts) + (rest if width - left >= 1 else ""))


def _small(width: int, height: int, inside: str) -> str:
    return (
        f'<svg class="iw-spark" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{inside}</svg>'
    )


def _path(drawn: List[Bar], width: float, height: float, gap: float) -> str:
    """All bars as one path; what is not empty is at least a pixel high."""
    pieces = []
    for bar in drawn:
        if not bar.values:
            continue
        left, right = bar.left * width + gap, max(bar.right * width - gap, bar.left * width + gap + 0.5)
        tall = max(bar.height * height, 1.0)
        pieces.append(f"M{left:.1f} {height:g}V{height - tall:.1f}H{right:.1f}V{height:g}z")
    return "".join(pieces)


def histogram(column: Figures, *, titles: bool = True, width: int = 560, height: int = 150) -> str:
    """The histogram of a column with its quantiles beneath, to stand in a page; "" where there is none.

    `titles` names range and count of each bar, for those who point at it.
    """
    drawn = bars(column)
    if not drawn:
        return ""
    inside = _bars(column, drawn, width, height, titles) + _box(column, width, height + 14)
    return (
        f'<svg class="iw-hist" viewBox="0 0 {width} {height + 24}" role="img" aria-label="{_described(column)}">'
        f"{inside}</svg>"
    )


def _bars(column: Figures, drawn: List[Bar], width: int, height: int, titles: bool) -> str:
    lines = "".join(f'<path class="iw-rule" d="M0 {height * level:.1f}H{width}"/>' for level in (0.0, 0.25, 0.5, 0.75))
    base = f'<path class="iw-base" d="M0 {height + 0.5}H{width}"/>'
    if not titles:
        return f'{lines}<path class="iw-fill" d="{_path(drawn, width, height, 0.5)}"/>{base}'
    kind, values = column.get("kind"), column.get("count") or 0
    # A bin for each whole number is known by it, not by edges between the numbers.
    first, last = column.get("min"), column.get("max")
    whole = kind == "integer" and isinstance(first, int) and last == first + len(drawn) - 1
    parts = []
    for index, bar in enumerate(drawn):
        left, right = bar.left * width, bar.right * width
        tall = max(bar.height * height, 1.5) if bar.values else 0.0
        span = f"{_figures.figure(bar.low, kind)} {_figures.ELLIPSIS} {_figures.figure(bar.high, kind)}"
        if whole and first is not None:
            span = str(first + index)
        words = f"{span}: {_figures.count(bar.values)} ({_figures.share(bar.values, values)})"
        parts.append(
            f"<g><title>{escaped(words)}</title>"
            f'<rect class="iw-hit" x="{left:.1f}" y="0" width="{right - left:.1f}" height="{height}"/>'
            f'<rect class="iw-fill" x="{left + 0.5:.1f}" y="{height - tall:.1f}" '
            f'width="{max(right - left - 1, 0.5):.1f}" height="{tall:.1f}"/></g>'
        )
    return lines + "".join(parts) + base


def _box(column: Figures, width: int, middle: float) -> str:
    """5 % to 95 % as a line, the quartiles as a box, the median as a tick; "" without quantiles."""
    quantiles = column.get("quantiles") or {}
    five, low, half, high, most = (place(column, quantiles.get(q)) for q in ("0.05", "0.25", "0.5", "0.75", "0.95"))
    if five is None or low is None or half is None or high is None or most is None:
        return ""
    x = [one * width for one in (five, low, half, high, most)]
    return (
        f'<g class="iw-box"><path class="iw-whisker" d="M{x[0]:.1f} {middle:g}H{x[4]:.1f}"/>'
        f'<rect class="iw-quartiles" x="{x[1]:.1f}" y="{middle - 4:g}" width="{max(x[3] - x[1], 1):.1f}" height="8" rx="1.5"/>'
        f'<path class="iw-median" d="M{x[2]:.1f} {middle - 6:g}V{middle + 6:g}"/></g>'
    )


def _described(column: Figures) -> str:
    """The picture in words, for those who do not see it."""
    low, high = _figures.extremes(column)
    quantiles = column.get("quantiles") or {}
    words = f"Histogram from {low} to {high}"
    if quantiles.get("0.5") is not None:
        words += f", half of the values below {_figures.figure(quantiles['0.5'], column.get('kind'))}"
    return escaped(words)


def standalone(column: Figures) -> str:
    """One column as a picture of its own: histogram or most common values, with a title.

    It brings its colours, light or dark as the viewer prefers, and needs nothing from elsewhere.
    """
    width, left = 560, 20
    drawn = bars(column)
    if drawn:
        body, height = _axis(column, drawn, width - 2 * left), 240
    else:
        body, height = _common(column, width - 2 * left)
    name = fitted(column.get("name") or "", 44)
    kind, nulls, rows = column.get("type") or "", _figures.missing(column), _rows(column)
    small = " \u00b7 ".join(
        part
        for part in (
            fitted(kind, 30),
            f"{_figures.count(column.get('count'))} values",
            f"{_figures.share(nulls, rows)} null",
            f"{_figures.count(column.get('distinct'), column.get('distinct_exact'))} distinct"
            if column.get("distinct") is not None
            else "",
        )
        if part
    )
    what = _described(column) if drawn else "Most common values"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escaped(name)}</title><desc>{what}</desc><style>{_STYLE}</style>'
        f'<rect class="back" width="{width}" height="{height}" rx="8"/>'
        f'<text class="name" x="{left}" y="30">{escaped(name)}</text>'
        f'<text class="small" x="{left}" y="49">{escaped(small)}</text>'
        f'<g transform="translate({left} 64)">{body}</g></svg>\n'
    )


def _rows(column: Figures) -> int:
    return (column.get("count") or 0) + _figures.missing(column) + (column.get("nan") or 0)


def _axis(column: Figures, drawn: List[Bar], width: int) -> str:
    kind = column.get("kind")
    edges = column["histogram"]["edges"]
    low, high = _figures.extremes({"min": edges[0], "max": edges[-1], "kind": kind})
    half = (column.get("quantiles") or {}).get("0.5")
    here = place(column, half)
    labels = f'<text class="small" x="0" y="160">{escaped(low)}</text>'
    labels += f'<text class="small end" x="{width}" y="160">{escaped(high)}</text>'
    if here is not None and 0.2 <= here <= 0.8:  # else it would run into an end
        words = f"median {_figures.extremes({'min': half, 'max': edges[-1], 'kind': kind})[0]}"
        labels += f'<text class="small middle" x="{here * width:.1f}" y="160">{escaped(words)}</text>'
    return _bars(column, drawn, width, 120, titles=True) + _box(column, width, 136) + labels


def _common(column: Figures, width: int) -> Tuple[str, int]:
    values, entries = column.get("count") or 0, _figures.top(column)[:8]
    if not entries:
        return '<text class="small" x="0" y="16">nothing to draw</text>', 110
    most = max(count for _value, count in entries) or 1
    parts, room = [], 150
    for index, (value, count) in enumerate(entries):
        y = index * 22
        long = (width - room - 110) * count / most
        parts.append(
            f'<text class="value" x="0" y="{y + 14}">{escaped(fitted(shown(value, column.get("kind")), 20))}</text>'
            f'<rect class="iw-fill" x="{room}" y="{y + 3}" width="{max(long, 1):.1f}" height="14" rx="2"/>'
            f'<text class="small" x="{room + max(long, 1) + 8:.1f}" y="{y + 14}">{_figures.count(count)} '
            f"\u00b7 {_figures.share(count, values)}</text>"
        )
    return "".join(parts), 64 + 22 * len(entries) + 16


def shown(value: Any, kind: Optional[str]) -> str:
    """A value in full, with blanks that would not be seen and controls that would do harm made visible."""
    words = _figures.figure(value, kind)
    if not isinstance(value, str):
        return words
    if not words:
        return "(empty)"
    if words != words.strip():
        bare = words.strip()
        start = words.index(bare) if bare else len(words)
        words = "\u2423" * start + bare + "\u2423" * (len(words) - start - len(bare))
    return words


def fitted(words: str, room: int) -> str:
    """`words` cut to `room` characters."""
    return words if len(words) <= room else words[: room - 1] + _figures.ELLIPSIS


def escaped(words: str) -> str:
    """`words` for HTML and XML: markup as entities, what would not be seen or turn the line around made visible."""
    from html import escape

    whole = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return escape(whole.translate(_CONTROLS))


# C0 has pictures of its own; what else XML forbids has not, nor have the marks that change the direction of text.
_CONTROLS: Dict[int, Union[int, str]] = {
    **{code: 0x2400 + code for code in range(32)},
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    127: 0x2421,
    0xFFFE: 0xFFFD,
    0xFFFF: 0xFFFD,
    **{code: f"\\u{code:04x}" for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}

_STYLE = (
    "svg{font-family:system-ui,sans-serif}.back{fill:#fff;stroke:#dfe3e8}.name{font-size:17px;font-weight:600;fill:#1a2026}"
    ".small{font-size:12px;fill:#59636e;font-variant-numeric:tabular-nums}.value{font-size:12.5px;fill:#1a2026}"
    ".end{text-anchor:end}.middle{text-anchor:middle}.iw-fill{fill:#33709f}.iw-hit{fill:none;pointer-events:all}"
    ".iw-rule{stroke:#eceff2}.iw-base,.iw-whisker{stroke:#8a949e;fill:none}.iw-quartiles{fill:#b9d2e6;stroke:#33709f}"
    ".iw-median{stroke:#1a2026;stroke-width:2}"
    "@media(prefers-color-scheme:dark){.back{fill:#16191d;stroke:#2c323a}.name,.value{fill:#e8eaed}.small{fill:#9da7b1}"
    ".iw-fill{fill:#74add6}.iw-rule{stroke:#242930}.iw-base,.iw-whisker{stroke:#6d7782}"
    ".iw-quartiles{fill:#2b4a63;stroke:#74add6}.iw-median{stroke:#fff}}"
)
