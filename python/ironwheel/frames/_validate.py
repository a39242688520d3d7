"""Rules about a table, and the report of what they came to."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ironwheel import _abi, _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data
from ironwheel.frames._frame import Frame
from ironwheel.frames._table import Handle

if TYPE_CHECKING:
    from ironwheel.frames.rules import Rule


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


class Report(Handle):
    """What rules came to on a table; made by `validate` and `ValidationState.report`.

    A sequence of `Result`, one a rule, in the order of the rules. ``bool(report)`` is not defined: ask `passed`.
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
        count = "1 rule is" if len(failed) == 1 else f"{len(failed)} rules are"
        raise ValidationError("\n".join([f"{count} not met:", *(f"  {line}" for line in lines)]), self)

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


Rules = Union[str, "Rule", Mapping[str, Any], Sequence[Union["Rule", Mapping[str, Any]]]]


def validate(data: Any, rules: Any, *, frames: Optional[Mapping[str, Any]] = None, progress: Progress = None) -> Report:
    r"""Check rules against a table, in one pass.

    Parameters
    ----------
    data
        Anything `ironwheel.frames.Frame` takes. Read once, from start to end, so a stream may be longer than memory.
    rules
        A list of rules made by `ironwheel.frames.rules`, or of dicts with the same fields; a path to a TOML or JSON
        file; or TOML or JSON itself, as text.
    frames
        Tables that foreign keys refer to, by name.
    progress
        True for a bar, or called as ``progress(done, 0)``, where `done` is rows times rules. Ctrl-C stops the call
        either way.

    Returns
    -------
    Report
        One `Result` a rule. A table that breaks rules is no exception: see `Report.passed` and
        `Report.raise_on_failure`.

    Raises
    ------
    ValueError
        A rule is wrong, or does not fit the columns of `data`; the message names its place, such as
        ``rules.toml line 12: rules[3].min must be ...``. Or a table breaks Arrow's rules.
    TypeError
        `data`, `rules` or `frames` is of a type that cannot be used.
    OverflowError
        An integer of an expression does not fit 128 bits.
    OSError
        The file of rules cannot be read.
    Exception
        Whatever the function of a custom rule raises.

    Notes
    -----
    Missing means null or NaN, whatever library the table is of: `not_null` fails on it, every other rule skips it,
    and in expressions it is null, with SQL's logic of three values. The result depends neither on threads nor on how
    the table is split. Kept are one bit a failing row and, for each rule of uniqueness, 8 or 16 bytes a row.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from ironwheel.frames import rules
    >>> orders = pa.table({"id": [1, 2, 2], "amount": [10.0, None, 2500.0], "price": [1.0, 1.0, 2.0]})
    >>> report = validate(orders, [rules.unique("id"), rules.expression("amount <= 1000 * price")])
    >>> report.passed
    False
    >>> report[0].first_rows, report[1].failed, report[1].missing
    ([1, 2], 1, 1)
    """
    return Report(run(lib.iw_frames_validate, data, rules, frames, progress), data)


def run(
    function: Any, data: Any, rules: Any, frames: Optional[Mapping[str, Any]], progress: Progress, *more: Any
) -> int:
    """Hands a table, rules and the frames they refer to over to `function`, and returns the handle it makes.

    `more` is what the function takes between its function of the user's and its progress.
    """
    import json

    from ironwheel.frames.rules import Rule

    tables: Dict[str, Any] = {}
    if frames is not None:
        if not isinstance(frames, Mapping):
            raise TypeError(f"frames must be a mapping of names to tables, got {type(frames).__name__}")
        tables.update(frames)
    text, toml, source, listed = _read(rules, tables)
    functions = {
        index: rule.function
        for index, rule in enumerate(listed)
        if isinstance(rule, Rule) and rule.function is not None
    }
    parsed = _parsed(text, toml, source)
    names = [name.encode("utf-8", "surrogatepass") for name in tables]
    others = [_data.capsule_of(f"frames[{name!r}]", table) for name, table in tables.items()]
    # What is not looked at need not be read; of no columns at all, a file would not tell its rows.
    columns: Optional[List[str]] = json.loads(parsed._text(lib.iw_rules_columns)) or None
    capsule = _data.capsule_of("data", data, columns)
    count = len(names)
    streams = (ctypes.POINTER(_abi.ArrowArrayStream) * max(count, 1))(*map(_arrow.pointer, others))
    job = Job(progress, "validating")
    ask = _Ask(functions)
    out = ctypes.c_void_p()
    status = function(
        _arrow.pointer(capsule),
        parsed._pointer,
        (ctypes.c_char_p * max(count, 1))(*names),
        (ctypes.c_size_t * max(count, 1))(*map(len, names)),
        streams,
        count,
        _abi.iw_rule_function(ask) if functions else _abi.iw_rule_function(),
        None,
        *more,
        job.tick,
        None,
        ctypes.byref(out),
    )
    if ask.raised is not None:
        raise ask.raised
    job.check(status)
    assert out.value is not None
    return out.value


def suggest_rules(profile: Any) -> List[Rule]:
    """Rules that a table keeps today, from its profile: a first draft for a person to edit.

    Parameters
    ----------
    profile
        A `Profile`, or what its ``to_dict()`` or ``to_json()`` gives.

    Returns
    -------
    list of Rule
        Types, what is never null, what is unique, ranges (as warnings, where they are merely what was seen), small sets,
        lengths, formats and orders. Print them, or write ``[rule.to_dict() for rule in ...]`` to a file of JSON.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from ironwheel.frames import profile
    >>> suggest_rules(profile(pa.table({"id": list(range(100))})))[:4]  # doctest: +NORMALIZE_WHITESPACE
    [row_count(min=1), type(column='id', type='integer'), not_null(columns=['id']), unique(columns=['id'])]
    """
    import json

    from ironwheel.frames.rules import Rule

    if hasattr(profile, "to_json"):
        text = profile.to_json()
    elif isinstance(profile, Mapping):
        text = json.dumps(profile, default=str, allow_nan=True).replace("NaN", "null").replace("Infinity", "null")
    elif isinstance(profile, str):
        text = profile
    else:
        raise TypeError(f"profile must be a Profile, its dict or its JSON, got {type(profile).__name__}")
    encoded = text.encode("utf-8", "surrogatepass")
    slot = _owned.new()
    check(lib.iw_rules_suggest(encoded, len(encoded), ctypes.byref(slot)))
    return [Rule(fields) for fields in json.loads(_owned.take_text(slot))]


class _Ask:
    """The functions of custom rules, as the library calls them."""

    def __init__(self, functions: Dict[int, Any]) -> None:
        self.functions = functions
        self.raised: Optional[BaseException] = None

    def __call__(self, _context: Any, rule: int, rows: Any, verdicts: Any, count: int, go_on: Any) -> None:
        try:
            function = self.functions[rule]
            frame = Frame(_arrow.export(lambda stream: lib.iw_frame_stream(rows, stream)))
            said = _verdicts(function(frame), count, function)
            ctypes.memmove(verdicts, said, count)
            go_on[0] = 1  # last, so whatever stops us before it stops the work
        except BaseException as error:  # ctypes would only print it
            self.raised = error


def _verdicts(said: Any, count: int, function: Any) -> bytes:
    """One byte a row from what a function returned: 0 fails, 1 passes, 2 is missing."""
    name = getattr(function, "__name__", repr(function))
    for listed in ("to_pylist", "to_list", "tolist"):
        if hasattr(said, listed):
            said = getattr(said, listed)()
            break
    if isinstance(said, (bool, str, bytes)) or not hasattr(said, "__iter__"):
        raise TypeError(f"{name} must return one bool a row, got {said!r}")
    verdicts = bytearray()
    for value in said:
        if value is None or value is False or value is True:
            verdicts.append(2 if value is None else int(value))
        elif type(value).__name__ in ("NAType", "NaTType") or value != value:  # pandas.NA compares as NA
            verdicts.append(2)
        elif type(value).__name__ in ("bool", "bool_", "int", "float", "int64", "uint8", "float64") and value in (0, 1):
            verdicts.append(int(value))
        else:
            raise TypeError(f"{name} must return one bool a row, got {value!r} for row {len(verdicts)}")
    if len(verdicts) != count:
        raise ValueError(f"{name} must return one bool a row, got {len(verdicts)} for {count} rows")
    return bytes(verdicts)


def _read(rules: Any, tables: Dict[str, Any]) -> Tuple[str, bool, str, Sequence[Any]]:
    """Text of rules, whether it is TOML, where it is from, and the rules themselves where they are objects.

    Tables that rules hold themselves are added to `tables`, under names that depend on nothing but their order.
    """
    import os

    from ironwheel.frames.rules import Rule

    if isinstance(rules, (str, os.PathLike)):
        path = os.fspath(rules)
        if not isinstance(path, str):
            raise TypeError(f"rules must be a path as str, got {path!r}")
        stripped = path.lstrip("\ufeff \t\r\n")
        if isinstance(rules, str) and (stripped.startswith(("[", "{")) or "\n" in path or "=" in path):
            return path, not _is_json(stripped), "", ()
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
        toml = not path.lower().endswith(".json") and (path.lower().endswith(".toml") or not _is_json(text.lstrip()))
        return text, toml, os.path.basename(path), ()
    if isinstance(rules, (Rule, Mapping)):
        rules = [rules]
    if isinstance(rules, bytes) or not hasattr(rules, "__iter__"):
        raise TypeError(f"rules must be a list of rules, a path or text, got {type(rules).__name__}")
    listed = list(rules)
    for index, rule in enumerate(listed):
        if not isinstance(rule, (Rule, Mapping)):
            raise TypeError(f"rules[{index}] must be a rule or a dict, got {rule!r}")
    fields = [rule.to_dict() if isinstance(rule, Rule) else dict(rule) for rule in listed]
    named: Dict[int, str] = {}
    for rule, own in zip(listed, fields):
        if isinstance(rule, Rule) and rule.frame is not None:
            name = own["frame"] = named.setdefault(id(rule.frame), f"#{len(named)}")
            tables[name] = rule.frame
    return _json(fields), False, "", listed


def _is_json(text: str) -> bool:
    """Whether a text is meant as JSON: TOML begins with ``[`` only for the name of a table."""
    if text.startswith("{"):
        return True
    if not text.startswith("["):
        return False
    inside = text[1:].lstrip()
    return inside.startswith(("{", "]", '"')) and not text.startswith("[[")


def _json(fields: Any) -> str:
    import json

    return json.dumps(fields, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON has no word for, as rules write it."""
    import datetime
    import decimal

    if isinstance(value, (datetime.date, datetime.time)):  # datetime is a date, too
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return f"{(value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds}us"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if hasattr(value, "item") and callable(value.item):  # NumPy's numbers
        return value.item()
    if isinstance(value, (set, frozenset, tuple)) or hasattr(value, "tolist"):
        return list(value)
    raise TypeError(f"rules cannot hold {value!r}")


def _parsed(text: str, toml: bool, source: str) -> Handle:
    encoded, where = text.encode("utf-8", "surrogatepass"), source.encode("utf-8", "surrogatepass")
    out = ctypes.c_void_p()
    check(lib.iw_rules_new(encoded, len(encoded), int(toml), where, len(where), ctypes.byref(out)))
    assert out.value is not None
    return Handle(out.value, lib.iw_rules_free)


def checked(fields: Dict[str, Any]) -> Dict[str, Any]:
    """The fields of one rule, once the library has read them."""
    import json

    rules: List[Dict[str, Any]] = json.loads(_parsed(_json(fields), False, "")._text(lib.iw_rules_json))
    return rules[0]
