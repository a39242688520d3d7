"""A comparison of two profiles as a page: what changed first, and how far; light and dark, without a network."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List

_STYLE = """\
.iw-drift{--ink:#1a2026;--muted:#59636e;--line:#e3e7eb;--back:#fff;--grave:#a12a25;--grave-soft:#fbe9e7;--warn:#8a5200;
--warn-soft:#fdf1dc;--fill:#33709f;--chip:#eef2f5;font:14px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--back);padding:1em;max-width:76em;font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){.iw-drift{--ink:#e8eaed;--muted:#9da7b1;--line:#2b3138;--back:#101316;--grave:#f2988f;
--grave-soft:#3a2220;--warn:#e9b566;--warn-soft:#33281a;--fill:#74add6;--chip:#232930}}
.iw-drift h1{font-size:1.25em;margin:0 0 .2em}.iw-drift p{margin:0 0 1em;color:var(--muted)}
.iw-drift table{border-collapse:collapse;width:100%}
.iw-drift th,.iw-drift td{text-align:left;padding:.45em .7em;border-bottom:1px solid var(--line);vertical-align:top;
background:none;color:inherit;font-weight:400}
.iw-drift thead th{color:var(--muted);font-weight:600}.iw-drift tbody th{font:600 13px/1.6 ui-monospace,monospace}
.iw-drift .n{text-align:right;white-space:nowrap}.iw-drift .dim{color:var(--muted)}
.iw-drift .type{font:400 12px/1.4 system-ui,sans-serif;color:var(--muted);display:block}
.iw-drift .tag{padding:.1em .7em;border-radius:99px;font-size:12px;white-space:nowrap;color:var(--muted);background:var(--chip)}
.iw-drift .changed,.iw-drift .removed,.iw-drift .retyped{color:var(--grave);background:var(--grave-soft)}
.iw-drift .shifted,.iw-drift .added{color:var(--warn);background:var(--warn-soft)}
.iw-drift ul{margin:0;padding:0;list-style:none}.iw-drift summary{cursor:pointer;color:var(--muted);padding:.6em .7em}
.iw-drift .way{display:block;width:4.5em;height:4px;border-radius:2px;background:var(--chip);margin:.25em 0 0 auto;overflow:hidden}
.iw-drift .way i{display:block;height:100%;background:var(--fill)}"""

_ORDER = ("removed", "retyped", "changed", "added", "shifted", "same")
# What fills the bar of a distance: KS and JS end at 1, PSI has no end, and 0.25 is its bound for "changed".
_FULL = (("psi", "PSI", 0.5), ("ks", "KS", 1.0), ("js", "JS", 1.0))
_TITLES = {
    "psi": "population stability index",
    "ks": "Kolmogorov-Smirnov distance",
    "js": "Jensen-Shannon distance",
}


def part(drift: Any) -> str:
    """The comparison as a part of a page, for a notebook."""
    ordered = sorted(drift.columns, key=lambda column: _ORDER.index(column["verdict"]))
    moved = [column for column in ordered if column["verdict"] != "same"]
    same = [column for column in ordered if column["verdict"] == "same"]
    verdict = escape(drift.verdict)
    html = [
        f'<style>{_STYLE}</style><section class="iw-drift">',
        f'<h1>Comparison <span class="tag {verdict}">{verdict}</span></h1>',
        f"<p>{escape(drift.summary)} {_count(drift.rows['before'])} rows before, {_count(drift.rows['after'])} after.</p>",
    ]
    if moved:
        html.append(_table(moved))
    if same:
        words = "1 column is" if len(same) == 1 else f"{len(same):,} columns are"
        html.append(f"<details><summary>{words} the same</summary>{_table(same)}</details>")
    return "".join([*html, "</section>"])


def page(drift: Any, title: str) -> str:
    """The comparison as a whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>'
        "<style>body{margin:0}@media (prefers-color-scheme:dark){body{background:#101316}}</style></head>"
        f"<body><main>{part(drift)}</main></body></html>\n"
    )


def _table(columns: List[Dict[str, Any]]) -> str:
    distances = "".join(
        f'<th scope="col" class="n"><abbr title="{_TITLES[key]}">{name}</abbr></th>' for key, name, _ in _FULL
    )
    head = (
        '<th scope="col">column</th><th scope="col">verdict</th><th scope="col" class="n">missing</th>'
        f'<th scope="col" class="n">distinct</th>{distances}<th scope="col">why</th>'
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, columns))}</tbody></table>"


def _row(column: Dict[str, Any]) -> str:
    verdict = escape(column["verdict"])
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in column["reasons"])
    missing = _both(column["missing_before"], column["missing_after"], _share)
    distinct = _both(column["distinct_before"], column["distinct_after"], _count)
    return (
        f'<tr><th scope="row">{escape(column["name"])}<span class="type">{escape(column["type"] or "")}</span></th>'
        f'<td><span class="tag {verdict}">{verdict}</span></td><td class="n">{missing}</td><td class="n">{distinct}</td>'
        f"{''.join(_distance(column[key], full) for key, _, full in _FULL)}<td><ul>{reasons}</ul></td></tr>"
    )


def _both(before: Any, after: Any, spelled: Any) -> str:
    if before is None and after is None:
        return ""
    one, other = ("-" if value is None else spelled(value) for value in (before, after))
    return one if one == other else f'<span class="dim">{one} →</span> {other}'


def _distance(value: Any, full: float) -> str:
    if value is None:
        return '<td class="n"></td>'
    share = min(value / full, 1) * 100
    return (
        f'<td class="n">{value:.3f}<span class="way" aria-hidden="true"><i style="width:{share:.0f}%"></i></span></td>'
    )


def _share(value: float) -> str:
    return "0 %" if value == 0 else f"{value * 100:.1f} %" if value >= 0.001 else "&lt; 0.1 %"


def _count(value: int) -> str:
    return f"{value:,}"
