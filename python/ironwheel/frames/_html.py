"""A profile as a page for a browser, and as a fragment for a notebook.

Pure functions over `Profile.to_dict`: nothing is computed here but shares of a whole. The page needs nothing from
elsewhere, works without its script, and lets no script run but its own: a content security policy names it by hash.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from ironwheel.frames import _figures, _svg
from ironwheel.frames._figures import Figures, count, figure, share
from ironwheel.frames._svg import escaped

#: Beyond so many columns the bars of a histogram have no names of their own, which keeps a page small.
TITLED = 300
#: A notebook keeps what it shows: beyond so many columns it shows the first, and says how to see the others.
CELL = 200
#: Alerts shown at once, cells of a heatmap with figures in them, and columns of a heatmap.
ALERTS, ROOMY, HEAT = 12, 16, 48

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
{_patterns(figures)}
{_correlations(figures)}
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
        f"{_patterns(figures)}{_correlations(figures)}</div></div>"
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
        f'<span class="iw-range">{_range(column)}</span></summary>{_body(column, rows, titled)}</details>'
    )


def _range(column: Figures) -> str:
    """What values there are, in a line: extremes and median, or the most common."""
    kind, values = column.get("kind"), column.get("count") or 0
    if not values:
        return ""
    entries = _figures.top(column)
    if _figures.family(column) in ("number", "time") and column.get("min") is not None:
        if column.get("is_constant") or column.get("min") == column.get("max"):
            return f"<b>{escaped(figure(column['min'], kind))}</b>"
        low, high = _figures.extremes(column)
        half = (column.get("quantiles") or {}).get("0.5")
        middle = "" if half is None else _figures.extremes({"min": half, "max": column["max"], "kind": kind})[0]
        median = f' <span class="iw-mid">median {escaped(middle)}</span>' if middle else ""
        return f"<b>{escaped(low)}</b> \u2026 <b>{escaped(high)}</b>{median}"
    if _figures.tells(column):
        return ", ".join(
            f"<b><bdi>{escaped(_svg.fitted(_svg.shown(value, kind), 24))}</bdi></b> {share(number, values)}"
            for value, number in entries[:3]
        )
    if _figures.lengths(column):
        return _figures.lengths(column)
    if column.get("min") is not None:
        return " \u2026 ".join(f"<bdi>{escaped(_svg.fitted(words, 24))}</bdi>" for words in _figures.extremes(column))
    return ""


def _body(column: Figures, rows: int, titled: bool) -> str:
    spread = not column.get("is_constant")  # of one value there is no more to see
    left = [_notes(column), _histogram(column, titled) if spread else "", _top(column), _formats(column)]
    right = [_facts(column, rows), _quantiles(column) + _estimates(column) if spread else ""]
    return f'<div class="iw-body"><div>{"".join(left)}</div><div>{"".join(right)}</div></div>'


def _notes(column: Figures) -> str:
    notes = "".join(f"<li>{escaped(note)}</li>" for note in column.get("notes") or ())
    return f'<ul class="iw-notes" aria-label="Notes">{notes}</ul>' if notes else ""


def _histogram(column: Figures, titled: bool) -> str:
    drawn = _svg.histogram(column, titles=titled)
    if not drawn:
        return ""
    edges, kind = column["histogram"]["edges"], column.get("kind")
    low, high = _figures.extremes({"min": edges[0], "max": edges[-1], "kind": kind})
    ends = f'<div class="iw-axis"><span>{escaped(low)}</span><span>{escaped(high)}</span></div>'
    highest = f"highest bar {count(max(column['histogram']['counts']))}"
    return f"<div><h4>Distribution <span>{highest}</span></h4>{drawn}{ends}</div>"


def _top(column: Figures) -> str:
    kind, values, entries = column.get("kind"), column.get("count") or 0, _figures.top(column)
    if not entries or not values or (entries[0][1] == 1 and values > len(entries)):
        return ""  # where every value comes once, the first are no more common than the others
    exact, error = column.get("top_exact"), column.get("top_error")
    entries = entries[:10]
    most = max(number for _value, number in entries)
    lines = "".join(_common(_value(value, kind), number, values, most, exact) for value, number in entries)
    rest = values - sum(number for _value, number in entries)
    if exact is not False and rest > 0:
        distinct = column.get("distinct")
        others = (
            f" {count(distinct - len(entries), column.get('distinct_exact'))}"
            if distinct and distinct > len(entries)
            else ""
        )
        lines += _common(f"<em>all{others} others</em>", rest, values, None, True)
    bound = f" (each within {count(error)})" if error and exact is False else ""
    return f'<table class="iw-t"><caption>Most common{bound}</caption><tbody>{lines}</tbody></table>'


def _common(shown: str, number: int, values: int, most: Optional[int], exact: Optional[bool]) -> str:
    bar = f'<i style="width:{100 * min(number / most, 1):.1f}%"></i>' if most else ""
    return (
        f'<tr><th scope="row" class="iw-value">{shown}</th><td class="iw-meter" aria-hidden="true">{bar}</td>'
        f"<td>{count(number, exact)}</td><td>{share(number, values)}</td></tr>"
    )


def _value(value: Any, kind: Optional[str]) -> str:
    words = _svg.shown(value, kind)
    if value == "":
        return "<em>empty</em>"
    title = f' title="{escaped(_svg.fitted(words, 300))}"' if len(words) > 24 else ""
    return f"<bdi{title}>{escaped(_svg.fitted(words, 100))}</bdi>"


def _formats(column: Figures) -> str:
    values, entries = column.get("count") or 0, list(column.get("formats") or ())[:6]
    if not entries or not values:
        return ""
    lines = "".join(
        _common(escaped(str(entry.get("format"))), entry.get("count") or 0, values, values, True) for entry in entries
    )
    return f'<table class="iw-t"><caption>Formats</caption><tbody>{lines}</tbody></table>'


def _facts(column: Figures, rows: int) -> str:
    kind, values = column.get("kind"), column.get("count") or 0
    found: List[Tuple[str, str]] = [
        ("Values", count(values)),
        ("Null", f"{count(_figures.missing(column))} \u00b7 {share(_figures.missing(column), rows)}"),
    ]
    if column.get("distinct") is not None:
        found.append(("Distinct", count(column["distinct"], column.get("distinct_exact"))))
    for name, label in (("nan", "NaN"), ("infinite", "Infinite"), ("zeros", "Zero"), ("negatives", "Negative")):
        if column.get(name) is not None:
            found.append(
                (label, f"{count(column[name])} \u00b7 {share(column[name], values)}" if column[name] else "0")
            )
    for name, label in (
        ("mean", "Mean"),
        ("std", "Std. deviation"),
        ("sum", "Sum"),
        ("skew", "Skewness"),
        ("kurtosis", "Kurtosis"),
    ):
        if column.get(name) is not None and column[name] == column[name]:
            of = kind if name != "std" or kind not in ("date", "time", "timestamp") else "duration"
            found.append((label, figure(column[name], of)))
    if column.get("min_length") is not None:
        low, high, mean = column["min_length"], column.get("max_length"), column.get("mean_length")
        found.append(("Length", f"{low:,}" if low == high else f"{low:,} \u2026 {high:,}"))
        if low != high and mean is not None:
            found.append(("Mean length", figure(float(mean))))
    for name, label in (("empty", "Empty"), ("blank", "Only blanks")):
        if column.get(name) is not None:
            found.append(
                (label, f"{count(column[name])} \u00b7 {share(column[name], values)}" if column[name] else "0")
            )
    if values and _figures.family(column) in ("text", "other") and column.get("min") is not None:
        found += [
            (label, _svg.fitted(_svg.shown(column[name], kind), 40))
            for name, label in (("min", "First in order"), ("max", "Last in order"))
        ]
    if column.get("monotonic"):
        found.append(("Order", column["monotonic"]))
    if column.get("is_unique"):
        found.append(("Unique", "yes"))
    if column.get("longest_run") is not None and values:
        found.append(("Longest run", count(column["longest_run"])))
    inside = "".join(f"<div><dt>{name}</dt><dd><bdi>{escaped(words)}</bdi></dd></div>" for name, words in found)
    return f'<dl class="iw-facts" aria-label="Figures">{inside}</dl>'


_QUANTILES = (
    ("0.01", "1 %"),
    ("0.05", "5 %"),
    ("0.25", "25 %"),
    ("0.5", "Median"),
    ("0.75", "75 %"),
    ("0.95", "95 %"),
    ("0.99", "99 %"),
)


def _quantiles(column: Figures) -> str:
    """Smallest to largest in two rows of headings and values; the median is in the middle."""
    quantiles, kind = column.get("quantiles") or {}, column.get("kind")
    if column.get("min") is None or not any(quantiles.get(key) is not None for key, _name in _QUANTILES):
        return ""
    entries = [("Min", column["min"])]
    entries += [(name, quantiles.get(key)) for key, name in _QUANTILES]
    entries.append(("Max", column.get("max")))
    about = "" if column.get("quantiles_exact") is not False else "~"
    lines = "".join(
        f'<tr><th scope="row" class="iw-left">{name}</th><td>{about if name not in ("Min", "Max") else ""}'
        f"{escaped(figure(value, kind))}</td></tr>"
        for name, value in entries
        if value is not None
    )
    return f'<table class="iw-t"><caption>Quantiles</caption><tbody>{lines}</tbody></table>'


def _estimates(column: Figures) -> str:
    error = column.get("quantiles_error")
    if column.get("quantiles_exact") is not False or not error:
        return ""
    return f'<p class="iw-fine">Quantiles are estimates, within {100 * error:.3g} % of all values in rank.</p>'


def _patterns(figures: Figures) -> str:
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


def _correlations(figures: Figures) -> str:
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
