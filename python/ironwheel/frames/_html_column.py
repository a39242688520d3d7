"""One column of a profile as HTML: its values in a line, and all its figures and pictures below."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from ironwheel.frames import _figures, _svg
from ironwheel.frames._figures import Figures, count, figure, share
from ironwheel.frames._svg import escaped


def span(column: Figures) -> str:
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


def body(column: Figures, rows: int, titled: bool) -> str:
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
