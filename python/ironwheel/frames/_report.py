"""What rules came to on a table: the report that `validate` and `ValidationState` give."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Iterator, List, Optional, Union

from ironwheel import _abi, _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data
from ironwheel.frames._frame import Frame
from ironwheel.frames._table import Table


class ValidationError(ValueError):
    """A table does not keep its rules; raised by `Report.raise_on_failure`.

    Attributes
    ----------
    report : Report
        All results.
    """

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


class Result:
    """What one rule came to.

    Attributes
    ----------
    rule : dict
        The rule, as TOML or JSON would hold it.
    name, kind : str
        What it is called, and which rule it is (``"range"``).
    columns : list of str
        The columns it is about.
    severity : str
        ``"error"`` or ``"warning"``.
    passed : bool
        Whether the rule holds, `mostly` considered.
    checked, failed, missing : int
        Rows looked at; of those, rows that fail; rows skipped because a value is missing. A rule about the whole table
        looks at 1.
    share : float or None
        Share of `checked` that passes; None where nothing was looked at.
    first_rows : list of int
        Numbers, from 0 on, of the first ten rows that fail.
    message : str
        The same in a sentence.
    """

    __slots__ = (
        "_index",
        "_report",
        "checked",
        "columns",
        "failed",
        "first_rows",
        "kind",
        "message",
        "missing",
        "name",
        "passed",
        "rule",
        "severity",
        "share",
    )

    _FIELDS = (
        "rule",
        "name",
        "kind",
        "columns",
        "severity",
        "passed",
        "checked",
        "failed",
        "missing",
        "share",
        "first_rows",
        "message",
    )

    rule: Dict[str, Any]
    name: str
    kind: str
    columns: List[str]
    severity: str
    passed: bool
    checked: int
    failed: int
    missing: int
    share: Optional[float]
    first_rows: List[int]
    message: str

    def __init__(self, report: Report, index: int, fields: Dict[str, Any]) -> None:
        self._report = report
        self._index = index
        for field in self._FIELDS:
            setattr(self, field, fields[field])

    @property
    def mask(self) -> Any:
        """One bool a row, True where it fails: a NumPy array, or a memoryview where NumPy is absent."""
        return self._report._mask(self._index)

    def to_dict(self) -> Dict[str, Any]:
        """All attributes by name, in the order above."""
        return {field: getattr(self, field) for field in self._FIELDS}

    def __repr__(self) -> str:
        verdict = "passed" if self.passed else "failed" if self.severity == "error" else "warning"
        return f"<Result: {self.name}: {verdict}, {self.message}>"


class Report(Table):
    """What rules came to on a table; made by `validate` and `ValidationState.report`.

    A sequence of `Result`, one a rule, in the order of the rules. ``bool(report)`` is not defined: ask `passed`. As a table
    (``__arrow_c_stream__``, `to_arrow`, `to_pandas`, `to_polars`) it has a row a rule and a column for each of `name`, `kind`,
    `columns` (joined by commas), `severity`, `passed`, `checked`, `failed`, `missing`, `share`
    (NaN where nothing was looked at) and `message`.
    """

    def __init__(self, pointer: int, data: Any) -> None:
        super().__init__(pointer, lib.iw_report_free)
        self._data = data
        import json

        self._figures: Dict[str, Any] = json.loads(self.to_json())
        self._results = [Result(self, index, fields) for index, fields in enumerate(self._figures["results"])]

    @property
    def passed(self) -> bool:
        """Whether every rule holds whose severity is error."""
        return bool(self._figures["passed"])

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return int(self._figures["rows"])

    @property
    def results(self) -> List[Result]:
        """One `Result` a rule, in the order of the rules."""
        return list(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    def __getitem__(self, key: Union[int, str]) -> Result:
        """The result of a rule by position, or the first of that name.

        Raises
        ------
        IndexError, KeyError
            There is none.
        """
        if isinstance(key, str):
            for result in self._results:
                if result.name == key:
                    return result
            raise KeyError(key)
        return self._results[key]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of the results, as often as asked for; `requested_schema` is not looked at."""
        from array import array

        fields = ("name", "kind", "columns", "severity", "passed", "checked", "failed", "missing", "share", "message")
        table: Dict[str, Any] = {field: [getattr(one, field) for one in self._results] for field in fields}
        table["columns"] = [", ".join(columns) for columns in table["columns"]]
        for counts in ("checked", "failed", "missing"):
            table[counts] = array("q", table[counts])
        table["share"] = array("d", [float("nan") if share is None else share for share in table["share"]])
        return Frame(table).__arrow_c_stream__(requested_schema)

    def __bool__(self) -> bool:
        raise TypeError("a report is neither true nor false; ask report.passed, or call report.raise_on_failure()")

    @property
    def mask(self) -> Any:
        """One bool a row, True where it fails a rule whose severity is error.

        A NumPy array, or a memoryview where NumPy is absent. Rows of a rule that holds thanks to `mostly` count.
        """
        return self._mask(_abi.IW_ALL_RULES)

    def _mask(self, rule: int) -> Any:
        slot = _owned.new()
        check(lib.iw_report_mask(self._pointer, rule, ctypes.byref(slot)))
        return _owned.take_array(slot, "?", "bool")

    def failing(self, n: int = 10, rule: Union[int, str, None] = None, *, progress: Progress = None) -> Frame:
        """The first rows that fail, as a table.

        Parameters
        ----------
        n
            Rows, at most.
        rule
            Position or name of a rule; None for any, warnings too.
        progress
            True for a bar, or called as ``progress(done, 0)``.

        Returns
        -------
        Frame
            ``row`` (the number of the row), ``fails`` (the names of the rules it fails) and the columns of the data.

        Raises
        ------
        ValueError
            The data was a stream, which can be read only once: validate ``frames.Frame(data)`` instead. Or it has
            changed since and has fewer rows. Or the report is of a `ValidationState` and was given no data.
        IndexError, KeyError
            There is no such rule.

        Notes
        -----
        The data is read again up to the last of these rows; it must not have changed.
        """
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(f"n must be an integer, got {n!r}")
        if n < 0:
            raise ValueError(f"n must be at least 0, got {n}")
        index = _abi.IW_ALL_RULES if rule is None else self[rule]._index
        if self._data is None:
            raise ValueError("data of the report is unknown: give it to ValidationState.report to see failing rows")
        capsule = _data.capsule_of("data", self._data)
        job = Job(progress, "reading")
        streams: List[Any] = []

        def fill(stream: Any) -> int:
            streams.append(stream)
            return 0

        found = _arrow.export(fill)  # owned before it is filled
        try:
            status = lib.iw_report_failing(
                self._pointer, _arrow.pointer(capsule), index, min(int(n), 2**62), job.tick, None, streams[0]
            )
            job.check(status)
        except ValueError as error:
            if "can be read once" in str(error):
                raise ValueError(
                    "data is a stream and was read by validate; validate frames.Frame(data) to see failing rows"
                ) from error
            raise
        return Frame(found)

    def raise_on_failure(self) -> Report:
        """Returns the report if it passed.

        Raises
        ------
        ValidationError
            A rule whose severity is error does not hold; the message names each.
        """
        if self.passed:
            return self
        failed = [result for result in self if not result.passed and result.severity == "error"]
        lines = [f"{result.name}: {result.message}" for result in failed[:20]]
        if len(failed) > 20:
            lines.append(f"and {len(failed) - 20} more")
        from ironwheel._screen import printable

        count = "1 rule is" if len(failed) == 1 else f"{len(failed)} rules are"
        raise ValidationError("\n".join([f"{count} not met:", *(f"  {printable(line)}" for line in lines)]), self)

    def to_dict(self) -> Dict[str, Any]:
        """``{"passed": ..., "rows": ..., "results": [...]}``, a dict of `Result` attributes each."""
        import copy

        return copy.deepcopy(self._figures)

    def to_json(self) -> str:
        """The same as JSON."""
        return self._text(lib.iw_report_json)

    def to_junit(self, suite: str = "ironwheel") -> str:
        """XML as JUnit writes it, for a CI to show: one test a rule; warnings never fail."""
        encoded = suite.encode("utf-8")
        return self._text(lambda report, out: lib.iw_report_junit(report, encoded, len(encoded), out))

    def to_html(self) -> str:
        """A page by itself: no network, light and dark."""
        return self._text(lambda report, out: lib.iw_report_html(report, 1, out))

    def _repr_html_(self) -> str:
        return self._text(lambda report, out: lib.iw_report_html(report, 0, out))

    def __repr__(self) -> str:
        failed = sum(not result.passed for result in self)
        verdict = "passed" if self.passed else "failed"
        return f"<Report: {verdict}, {self.rows:,} rows, {len(self)} rules, {failed} not met>"

    def __str__(self) -> str:
        from ironwheel import text

        def cell(value: str) -> Dict[str, Any]:
            return {"type": "text", "text": value, "overflow": "fold"}

        def verdict(result: Result) -> str:
            return "pass" if result.passed else "FAIL" if result.severity == "error" else "warning"

        columns = [
            {"header": {"type": "text", "text": name}, "no_wrap": name in ("result", "failed")}
            for name in ("result", "rule", "failed", "what was found")
        ]
        columns[2]["alignment"] = "right"
        rows = [
            [
                cell(part)
                for part in (verdict(result), " ".join(result.name.split()), f"{result.failed:,}", result.message)
            ]
            for result in self
        ]
        failed = sum(not result.passed for result in self)
        title = f"{'passed' if self.passed else 'FAILED'}: {self.rows:,} rows, {len(self)} rules, {failed} not met"
        return text.render(
            {"type": "table", "title": title, "border": "minimalist", "columns": columns, "rows": rows}, color="none"
        )
