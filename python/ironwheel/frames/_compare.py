"""What changed from one profile to another."""

from __future__ import annotations

from typing import Any, Dict, List


class Drift:
    """What changed from one profile to another; made by `Profile.compare`.

    Distances do not grow with the number of rows, so a verdict says how much changed and not how sure that is. A column
    is "changed" above the second bound of any of them and "shifted" above the first: PSI 0.1 and 0.25, KS 0.1 and 0.2,
    JS 0.1 and 0.3, share of missing values by 0.01 and 0.1. New and lost categories of text and booleans make it at
    least "shifted"; values that are no longer unique make it "changed".

    Attributes
    ----------
    verdict : str
        "same", "shifted" or "changed": the worst of all columns; "changed" where columns were removed or
        retyped, at least "shifted" where some were added.
    summary : str
        The same in a sentence, with the names of the columns.
    rows : dict
        ``{"before": n, "after": n}``.
    columns : list of dict
        In the order of the later profile, removed ones last, each with ``name``, ``type``; ``verdict``, which may
        also be "added", "removed" or "retyped", and ``reasons``, a list of sentences; ``psi``, the population
        stability index over tenths of the earlier values (of text over the twenty most frequent); ``ks``, the
        Kolmogorov-Smirnov distance of numbers and times; ``js``, the Jensen-Shannon distance (base 2); ``missing_before``
        and ``missing_after``, shares of rows; ``distinct_before`` and ``distinct_after``; ``new_categories`` and
        ``lost_categories``, up to twenty ``{"value": ..., "count": ...}`` of text and booleans, and how many there are,
        ``new_count`` and ``lost_count``. None where a figure does not apply: text with more than 65,536
        different values has no distances.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from ironwheel import frames
    >>> old = frames.profile(pa.table({"land": ["CH", "DE", "CH", "DE"]}))
    >>> new = frames.profile(pa.table({"land": ["CH", "DE", "CH", "FR"]}))
    >>> drift = old.compare(new)
    >>> drift.verdict, drift.columns[0]["new_categories"]
    ('changed', [{'value': 'FR', 'count': 1}])
    """

    def __init__(self, text: str) -> None:
        import json

        self._text = text
        figures = json.loads(text)
        self.verdict: str = figures["verdict"]
        self.summary: str = figures["summary"]
        self.rows: Dict[str, int] = figures["rows"]
        self.columns: List[Dict[str, Any]] = figures["columns"]

    def __getitem__(self, name: str) -> Dict[str, Any]:
        """The first column of that name.

        Raises
        ------
        KeyError
            No column has that name.
        """
        for column in self.columns:
            if column["name"] == name:
                return column
        raise KeyError(name)

    def to_dict(self) -> Dict[str, Any]:
        """``{"verdict": ..., "summary": ..., "rows": {...}, "columns": [...]}``, see the attributes."""
        return {"verdict": self.verdict, "summary": self.summary, "rows": self.rows, "columns": self.columns}

    def to_json(self) -> str:
        """The same as JSON."""
        return self._text

    def __repr__(self) -> str:
        return f"<Drift: {self.verdict}, {len(self.columns)} columns>"

    def __str__(self) -> str:
        """The summary and, below it, every column that is not the same with its reasons."""
        from ironwheel._screen import printable

        lines = [f"{self.verdict}: {self.summary} Rows went from {self.rows['before']:,} to {self.rows['after']:,}."]
        shown = [column for column in self.columns if column["verdict"] != "same"]
        names = [printable(column["name"]) for column in shown]
        width = max(map(len, names), default=0)
        for name, column in zip(names, shown):
            reasons = "; ".join(column["reasons"])
            lines.append(f"  {name:<{width}}  {column['verdict']:<8}  {reasons}")
        return "\n".join(map(printable, lines))

    def to_html(self, *, title: str = "Comparison") -> str:
        """A page that stands by itself: every column, those that changed first; no network, light and dark."""
        from ironwheel.frames import _compare_html

        return _compare_html.page(self, title)

    def _repr_html_(self) -> str:
        from ironwheel.frames import _compare_html

        return _compare_html.part(self)
