"""What columns of a profile have to do with each other as HTML: nulls in the same rows, and correlations."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from ironwheel.frames import _figures, _svg
from ironwheel.frames._figures import Figures, count, share
from ironwheel.frames._svg import escaped

#: Most columns of a heatmap with figures in its cells, and of any.
ROOMY, HEAT = 16, 48


def null_patterns(figures: Figures) -> str:
    """Which columns are null together."""
    rows = figures.get("rows") or 0
    found = [pattern for pattern in figures.get("null_patterns") or () if pattern.get("columns")]
    if not found:
        return ""
    lines = ""
    for pattern in found[:10]:
        names = list(pattern["columns"])
        shown = ", ".join(f"<bdi>{escaped(_svg.fitted(name, 60))}</bdi>" for name in names[:8])
        if len(names) > 8:
            shown += f" and {count(len(names) - 8)} more"
        number = pattern.get("rows") or 0
        lines += f'<tr><td class="iw-names">{shown}</td><td>{count(number)}</td><td>{share(number, rows)}</td></tr>'
    return (
        '<section aria-label="Null together"><h2>Null together</h2><div class="iw-panel"><table class="iw-t">'
        '<caption class="iw-sr">Sets of columns that are null in the same rows</caption>'
        '<thead><tr><th scope="col" class="iw-left">Columns</th><th scope="col">Rows</th><th scope="col">Share</th></tr>'
        f"</thead><tbody>{lines}</tbody></table></div></section>"
    )


def correlations(figures: Figures) -> str:
    found = figures.get("correlations")
    if not found or len(found.get("columns") or ()) < 2:
        return ""
    method = {"pearson": "Pearson", "spearman": "Spearman"}.get(found.get("method"), str(found.get("method")))
    strongest = _figures.pairs(found)
    lines = "".join(
        f'<tr><td class="iw-names"><bdi>{escaped(_svg.fitted(one, 60))}</bdi> ~ <bdi>{escaped(_svg.fitted(other, 60))}</bdi>'
        f"</td><td>{_figures.coefficient(strength)}</td></tr>"
        for one, other, strength in strongest[:10]
    )
    pairs = (
        '<table class="iw-t"><caption>Strongest pairs</caption><thead class="iw-sr"><tr><th scope="col">Columns</th>'
        f'<th scope="col">r</th></tr></thead><tbody>{lines}</tbody></table>'
    )
    return (
        f'<section aria-label="Correlations"><h2>Correlations <span class="iw-muted">{escaped(method)}</span></h2>'
        f'<div class="iw-panel"><div class="iw-two"><div class="iw-scroll" tabindex="0" role="region" '
        f'aria-label="Heatmap">{_heatmap(found, strongest)}</div><div>{pairs if strongest else ""}</div></div></div></section>'
    )


def _heatmap(found: Figures, strongest: Sequence[Tuple[str, str, float]]) -> str:
    names, matrix = list(found["columns"]), found["matrix"]
    shown = list(range(len(names)))
    about = ""
    if len(names) > HEAT:  # those that have the strongest partners, in the order of the table
        best = [
            max((abs(r) for j, r in enumerate(row) if j != i and _is(r)), default=0.0) for i, row in enumerate(matrix)
        ]
        shown = sorted(sorted(shown, key=lambda i: -best[i])[:HEAT])
        about = f"The {HEAT} of {len(names):,} columns with the strongest partners. "
    dense = len(shown) > ROOMY
    most = 0.95 if dense else 0.72  # figures must stay legible on their cell
    labels = [escaped(_svg.fitted(names[i], 40)) for i in shown]
    head = "".join(f'<th scope="col"><bdi>{label}</bdi></th>' for label in labels)
    lines = []
    for row, i in enumerate(shown):
        cells = []
        for column, j in enumerate(shown):
            r = matrix[i][j]
            if not _is(r):
                cells.append("<td></td>")
                continue
            title = f' title="{labels[row]} ~ {labels[column]}: {_figures.coefficient(r)}"' if dense else ""
            sign = "p" if r >= 0 else "m"
            words = "1" if i == j else _figures.coefficient(r)
            cells.append(f'<td class="iw-{sign}" style="--r:{most * min(abs(r), 1):.2f}"{title}>{words}</td>')
        lines.append(f'<tr><th scope="row"><bdi>{labels[row]}</bdi></th>{"".join(cells)}</tr>')
    size = f' style="--s:{min(max(660 // len(shown), 11), 24)}px"' if dense else ""
    return (
        f'<table class="iw-heat{" iw-dense" if dense else ""}"{size}><caption>{about}Blue rises together, orange in opposite '
        f"directions.</caption><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _is(r: Any) -> bool:
    return isinstance(r, (int, float)) and r == r
