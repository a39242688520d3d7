"""Rules about a table, checked in one pass."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from ironwheel import _abi, _arrow, _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data, _rules_text
from ironwheel.frames._report import Report
from ironwheel.frames._rule_function import Ask

if TYPE_CHECKING:
    from ironwheel.frames.rules import Rule


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
        An integer or decimal that an expression computes does not fit 128 bits.
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
    text, toml, source, listed = _rules_text.read(rules, tables)
    functions = {
        index: rule.function
        for index, rule in enumerate(listed)
        if isinstance(rule, Rule) and rule.function is not None
    }
    parsed = _rules_text.parsed(text, toml, source)
    names = [name.encode("utf-8", "surrogatepass") for name in tables]
    others = [_data.capsule_of(f"frames[{name!r}]", table) for name, table in tables.items()]
    # What is not looked at need not be read; of no columns at all, a file would not tell its rows.
    columns: Optional[List[str]] = json.loads(parsed._text(lib.iw_rules_columns)) or None
    capsule = _data.capsule_of("data", data, columns)
    count = len(names)
    streams = (ctypes.POINTER(_abi.ArrowArrayStream) * max(count, 1))(*map(_arrow.pointer, others))
    job = Job(progress, "validating")
    ask = Ask(functions)
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
