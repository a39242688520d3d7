"""A profile as a page for a browser, and as a fragment for a notebook.

Pure functions over `Profile.to_dict`: nothing is computed here but shares of a whole. The page needs nothing from
elsewhere, works without its script, and lets no script run but its own: a content security policy names it by hash.
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from ironwheel.frames import _figures, _html_column, _html_frame, _svg
from ironwheel.frames._figures import Figures, count, share
from ironwheel.frames._svg import escaped

#: Beyond so many columns the bars of a histogram have no names of their own, which keeps a page small.
TITLED = 300
#: A notebook keeps what it shows: beyond so many columns it shows the first, and says how to see the others.
CELL = 200
#: Alerts shown at once.
ALERTS = 12

_FAMILIES = {"number": "Numbers", "text": "Texts", "boolean": "Booleans", "time": "Times", "other": "Others"}


def page(figures: Figures, title: str = "Profile") -> str:
    """One self-contained page.

    >>> page({"rows": 0, "columns": []}).startswith("<!doctype html>")
    True
    """
    script = _asset("page.js")
    columns = figures.get("columns") or ()
    rows, width = count(figures.get("rows") or 0), count(len(columns))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'sha256-{_hash(script)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(title)} \u00b7 {rows} rows \u00d7 {width} columns</title>
<style>body{{margin:0}}.iw{{min-height:100vh}}
{_asset("page.css")}</style>
</head>
<body class="iw">
<a class="iw-skip" href="#columns">Skip to the columns</a>
<div class="iw-wrap">
<header class="iw-top"><div><h1><bdi>{escaped(title)}</bdi></h1>\
<p>{rows} rows \u00d7 {width} columns{_memory(figures)}</p></div>
<button type="button" class="iw-button iw-theme iw-scripted">Theme: auto</button></header>
<main>
{_overview(figures)}
{_alerts(figures, linked=True)}
{_list(figures, columns, whole=True)}
{_html_frame.null_patterns(figures)}
{_html_frame.correlations(figures)}
</main>
<footer>Made by ironwheel {_version()}. A null is a missing value; NaN is counted apart. ~ marks an estimate.</footer>
</div>
<script>{script}</script>
</body>
</html>
"""


def fragment(figures: Figures) -> str:
    """The same for a notebook: no script, no ids, no style that reaches beyond it."""
    columns = figures.get("columns") or ()
    more = ""
    if len(columns) > CELL:
        more = (
            f'<p class="iw-status">{count(len(columns) - CELL)} more columns: '
            f"<code>to_html()</code> makes a page of all {count(len(columns))}.</p>"
        )
    return (
        f'<div class="iw iw-cell"><style>{_asset("page.css")}</style><div class="iw-wrap">'
        f"{_overview(figures)}{_alerts(figures, linked=False)}"
        f"{_list(figures, columns[:CELL], whole=False)}{more}"
        f"{_html_frame.null_patterns(figures)}{_html_frame.correlations(figures)}</div></div>"
    )


def _asset(name: str) -> str:
    import pkgutil

    data = pkgutil.get_data("ironwheel.frames", name)  # from a folder or a zip file
    assert data is not None
    return data.decode("utf-8").replace("\r\n", "\n")


def _hash(script: str) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _version() -> str:
    from ironwheel import __version__

    return escaped(__version__)


def _memory(figures: Figures) -> str:
    size = _figures.size(figures.get("memory"))
    return f" \u00b7 {size}" if size else ""


def _overview(figures: Figures) -> str:
    facts = _figures.facts(figures)
    families = ", ".join(
        f"{number:,} {name if number == 1 else _FAMILIES[name].lower()}" for name, number in facts["families"].items()
    )
    tiles = [
        ("Rows", count(facts["rows"]), ""),
        ("Columns", count(facts["columns"]), families),
        ("Missing cells", share(facts["missing"], facts["cells"]), f"{count(facts['missing'])} nulls"),
    ]
    if facts["nan"]:
        tiles[-1] = (*tiles[-1][:2], f"{count(facts['missing'])} nulls, and {count(facts['nan'])} NaN")
    duplicates = figures.get("duplicate_rows")
    if duplicates is not None:
        shown = count(duplicates, figures.get("duplicate_rows_exact", True))
        tiles.append(
            ("Duplicate rows", shown, share(duplicates, facts["rows"]) if duplicates else "every row is unique")
        )
    if figures.get("memory") is not None:
        each = figures["memory"] / facts["rows"] if facts["rows"] else 0
        tiles.append(("Memory", _figures.size(figures["memory"]), f"{each:,.0f} bytes a row" if each else ""))
    inside = "".join(
        f'<div class="iw-tile"><dt>{name}</dt><dd>{value}</dd>'
        + (f'<dd class="iw-more">{more}</dd></div>' if more else "</div>")
        for name, value, more in tiles
    )
    return f'<dl class="iw-tiles" aria-label="Overview">{inside}</dl>'


def _alerts(figures: Figures, linked: bool) -> str:
    rows = figures.get("rows") or 0
    items: List[Tuple[bool, str]] = []
    duplicates = figures.get("duplicate_rows")
    if duplicates:
        tags = [_figures.Alert(True, f"{share(duplicates, rows)} duplicate rows")]
        items.append((True, _alert(tags, "the whole table", None)))
    for index, column in enumerate(figures.get("columns") or ()):
        found = _figures.alerts(column, rows)
        if found:
            items.append((found[0].grave, _alert(found, column.get("name") or "", f"c{index}" if linked else None)))
    for one, other, strength in _figures.pairs(figures.get("correlations"))[:5]:
        if abs(strength) >= 0.95:
            items.append(
                (
                    False,
                    _alert([_figures.Alert(False, f"r = {_figures.coefficient(strength)}")], f"{one} ~ {other}", None),
                )
            )
    if not items:
        return ""
    items.sort(key=lambda item: not item[0])
    first = "".join(item for _grave, item in items[:ALERTS])
    rest = "".join(item for _grave, item in items[ALERTS:])
    more = ""
    if rest:
        number = count(len(items) - ALERTS)
        more = (
            f'<details class="iw-more-alerts"><summary>{number} more</summary>'
            f'<ul class="iw-alerts">{rest}</ul></details>'
        )
    return (
        f'<section aria-label="Worth a look"><h2>Worth a look <span class="iw-muted">{count(len(items))}</span></h2>'
        f'<div class="iw-panel"><ul class="iw-alerts">{first}</ul>{more}</div></section>'
    )


def _alert(found: Sequence[_figures.Alert], name: str, link: Optional[str]) -> str:
    tags = "".join(_tag(alert.grave, alert.text) for alert in found)
    shown = f"<bdi>{escaped(_svg.fitted(name, 120))}</bdi>"
    if link is None:
        return f'<li><span class="iw-of">{shown}</span><span class="iw-tags">{tags}</span></li>'
    return f'<li><a class="iw-of" href="#{link}">{shown}</a><span class="iw-tags">{tags}</span></li>'


def _tag(grave: bool, words: str) -> str:
    return f'<span class="iw-tag{" iw-grave" if grave else ""}">{escaped(words)}</span>'


def _list(figures: Figures, columns: Sequence[Figures], whole: bool) -> str:
    """The columns, a line each that opens; `whole` with the tools of a page."""
    rows = figures.get("rows") or 0
    titled = len(columns) <= TITLED and whole
    lines = "".join(_line(column, index, rows, whole, titled) for index, column in enumerate(columns))
    names = (("words", "Column"), ("missing", "Null"), ("distinct", "Distinct"), ("", "Distribution"), ("", "Range"))
    heads = ""
    for key, name in names:
        right = ' class="iw-right"' if key == "distinct" else ""
        if key and whole:
            heads += f'<span{right}><button type="button" data-sort="{key}" aria-pressed="false" disabled>{name}</button></span>'
        else:
            heads += f'<span class="iw-plain{" iw-right" if key == "distinct" else ""}">{name}</span>'
    tools, status = "", ""
    if whole:
        tools = f'<div class="iw-tools"><h2>Columns</h2>{_chips(figures)}{_SEARCH}</div>'
        status = '<p class="iw-status" role="status" hidden></p>'
    label = ' id="columns" tabindex="-1"' if whole else ""
    group = ' role="group" aria-label="Sort by"' if whole else ""
    return (
        f'<section aria-label="Columns"{label}>{tools}<div class="iw-list"><div class="iw-head"{group}>{heads}</div>'
        f'<div class="iw-rows">{lines}</div>{status}</div></section>'
    )


_SEARCH = (
    '<input type="search" class="iw-search iw-scripted" placeholder="Search columns ( / )" aria-label="Search columns" '
    'autocomplete="off" spellcheck="false">'
    '<button type="button" class="iw-button iw-all iw-scripted">Open all</button>'
)


def _chips(figures: Figures) -> str:
    """Buttons that show the columns of one family; none where there is nothing to choose."""
    rows, columns = figures.get("rows") or 0, figures.get("columns") or ()
    families = _figures.facts(figures)["families"]
    chosen = [("", "All", len(columns))]
    if len(families) > 1:
        chosen += [(name, _FAMILIES[name], number) for name, number in families.items()]
    alerted = sum(bool(_figures.alerts(column, rows)) for column in columns)
    if 0 < alerted < len(columns):
        chosen.append(("alert", "Worth a look", alerted))
    if len(chosen) == 1:
        return ""
    inside = "".join(
        f'<button type="button" class="iw-button" data-kind-is="{key}" aria-pressed="{"false" if key else "true"}">'
        f'{name} <span class="iw-n">{number:,}</span></button>'
        for key, name, number in chosen
    )
    return f'<div class="iw-chips iw-scripted" role="group" aria-label="Show">{inside}</div>'


def _line(column: Figures, index: int, rows: int, whole: bool, titled: bool) -> str:
    name, kind, nulls = column.get("name") or "", column.get("kind"), _figures.missing(column)
    alerts = _figures.alerts(column, rows)
    tags = "".join(_tag(alert.grave, alert.text) for alert in alerts[:3])
    part = nulls / rows if rows else 0.0
    words = " ".join([name, column.get("type") or "", kind or "", *(alert.text for alert in alerts)]).lower()
    data = ""
    if whole:
        data = (
            f' id="c{index}" data-place="{index}" data-words="{escaped(words)}" data-kind="{_figures.family(column)}" '
            f'data-missing="{part:.6g}" data-distinct="{column.get("distinct") or 0}" data-alerts="{len(alerts)}"'
        )
    bar = (
        f'<span class="iw-bar" aria-hidden="true"><i style="width:{max(part * 100, 1.5):.1f}%"></i></span>'
        if nulls
        else "<span></span>"
    )
    return (
        f'<details class="iw-col"{data}><summary><span class="iw-who"><h3><bdi>{escaped(_svg.fitted(name, 300)) or "&nbsp;"}'
        f'</bdi></h3><span class="iw-type">{escaped(_svg.fitted(column.get("type") or "", 60))}</span>{tags}</span>'
        f'<span class="iw-miss"{"" if nulls else " data-none"}><span class="iw-right">{share(nulls, rows)}'
        f'<span class="iw-sr"> null</span></span>{bar}</span>'
        f'<span class="iw-dist iw-right">{_figures.brief(column.get("distinct"), column.get("distinct_exact"), 11)}'
        f'<span class="iw-sr"> distinct</span></span>'
        f'<span class="iw-pic">{_svg.spark(column, 132, 26)}</span>'
        f'<span class="iw-range">{_html_column.span(column)}</span></summary>{_html_column.body(column, rows, titled)}</details>'
    )
