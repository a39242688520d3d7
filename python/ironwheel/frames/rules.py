"""Rules for `ironwheel.frames.validate`, as Python objects.

Each function makes one rule. What is wrong with a rule by itself is said when it is made; whether it fits the columns
of a table, when it is used. All take the same four options:

where : str
    The rows the rule is about, as an expression (docs/expressions.md) such as ``"status = 'paid'"``; None for all.
mostly : float
    The share of the rows looked at that must pass, 0 to 1. Failing rows are reported either way.
severity : str
    ``"error"``, or ``"warning"`` for a rule that is reported but fails nothing.
name : str
    What the report calls it; None for a few words that say what it asks.

Missing means null, NaN, None, NaT and ``pandas.NA``, whatever the table came from: `not_null` fails on them and
every other rule skips them.

The same rules in TOML, where every field has the name it has here (docs/rules.md)::

    [[rules]]
    rule = "range"
    column = "amount"
    min = 0
    where = "status = 'paid'"
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Optional, Sequence, Union

from ironwheel.frames._rule import Rule, listed

__all__ = [
    "Rule",
    "custom",
    "expression",
    "foreign_key",
    "freshness",
    "in_set",
    "length",
    "monotonic",
    "not_in_set",
    "not_null",
    "range",
    "regex",
    "row_count",
    "type",
    "unique",
]


def _rule(kind: str, options: Dict[str, Any], **fields: Any) -> Dict[str, Any]:
    given = {"rule": kind, **fields, **options}
    return {name: value for name, value in given.items() if value is not None}


def _options(where: Optional[str], mostly: float, severity: str, name: Optional[str]) -> Dict[str, Any]:
    return {"where": where, "mostly": mostly, "severity": severity, "name": name}


def not_null(
    *columns: str,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """No value is missing: a row fails when any of `columns` is null or NaN in it.

    Examples
    --------
    >>> not_null("id", "email")
    not_null(columns=['id', 'email'])
    """
    return Rule(_rule("not_null", _options(where, mostly, severity, name), columns=list(columns)))


def unique(
    *columns: str,
    within: Union[str, Sequence[str], None] = None,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """No two rows have the same values in `columns`; with `within`, no two rows of one group.

    All rows that share their values fail, the first as well. Rows with a missing value are skipped. Numbers of up
    to 64 bits are compared exactly and take 8 bytes a row; text, wider numbers and several columns by a 128-bit hash
    (XXH3), 16 bytes a row: among ten billion rows two different ones share it with a probability below 1e-18.

    Examples
    --------
    >>> unique("line", within="order")
    unique(columns=['line'], within=['order'])
    """
    options = _options(where, mostly, severity, name)
    groups = [within] if isinstance(within, str) else within
    return Rule(_rule("unique", options, columns=list(columns), within=None if groups is None else list(groups)))


def range(
    column: str,
    min: Any = None,
    max: Any = None,
    *,
    exclusive: Union[bool, str] = False,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """Values lie between `min` and `max`, either of which may be left out.

    Parameters
    ----------
    column
        Of numbers, text (by code point), dates, times, timestamps or durations.
    min, max
        int, float, Decimal, str, date, time, datetime or timedelta, as the column needs it. Decimals and integers are
        compared exactly. A datetime without a zone is taken as UTC.
    exclusive
        True when the bounds themselves fail; ``"min"`` or ``"max"`` when only that one does.

    Examples
    --------
    >>> range("amount", 0, 10, exclusive="max")
    range(column='amount', min=0, max=10, exclusive='max')
    """
    options = _options(where, mostly, severity, name)
    return Rule(
        _rule("range", options, column=column, min=min, max=max, exclusive=None if exclusive is False else exclusive)
    )


def length(
    column: str,
    min: Optional[int] = None,
    max: Optional[int] = None,
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """Text has `min` to `max` characters, binary so many bytes, a list so many items.

    Examples
    --------
    >>> length("country", 2, 2)
    length(column='country', min=2, max=2)
    """
    return Rule(_rule("length", _options(where, mostly, severity, name), column=column, min=min, max=max))


def regex(
    column: str,
    pattern: str,
    *,
    full: bool = False,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    r"""A regular expression is found in the text, or, if `full`, matches all of it.

    The syntax is that of Rust's ``regex``: Perl's without look-around and back-references, so that no pattern and
    no text takes more than linear time.

    Examples
    --------
    >>> regex("sku", "^[A-Z]{2}[0-9]{4}$")
    regex(column='sku', pattern='^[A-Z]{2}[0-9]{4}$')
    """
    options = _options(where, mostly, severity, name)
    return Rule(_rule("regex", options, column=column, pattern=pattern, full=full or None))


def in_set(
    column: str,
    values: Iterable[Any],
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """Every value is one of `values`.

    Examples
    --------
    >>> in_set("status", ["open", "paid"])
    in_set(column='status', values=['open', 'paid'])
    """
    return Rule(_rule("in_set", _options(where, mostly, severity, name), column=column, values=listed(values)))


def not_in_set(
    column: str,
    values: Iterable[Any],
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """No value is one of `values`.

    Examples
    --------
    >>> not_in_set("status", ["void"])
    not_in_set(column='status', values=['void'])
    """
    return Rule(_rule("not_in_set", _options(where, mostly, severity, name), column=column, values=listed(values)))


def foreign_key(
    columns: Union[str, Sequence[str]],
    frame: Any,
    references: Union[str, Sequence[str], None] = None,
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """Every value, or combination of values, is found in another table.

    Parameters
    ----------
    columns
        Names of one or more columns.
    frame
        The other table: anything `validate` takes, or the name it has in the `frames` of `validate`.
    references
        Names of its columns, in the order of `columns`; None for the same names.

    Notes
    -----
    Values are compared, not types: an integer is found among floats, a timestamp in seconds among nanoseconds. Of
    the other table only the keys are kept.

    Examples
    --------
    >>> foreign_key("customer", "customers", "id")
    foreign_key(columns=['customer'], frame='customers', references=['id'])
    """
    options = _options(where, mostly, severity, name)
    named = frame if isinstance(frame, str) else f"#{id(frame)}"
    own = [columns] if isinstance(columns, str) else list(columns)
    theirs = [references] if isinstance(references, str) else references
    fields = _rule(
        "foreign_key", options, columns=own, frame=named, references=None if theirs is None else list(theirs)
    )
    return Rule(fields, frame=None if isinstance(frame, str) else frame)


def monotonic(
    column: str,
    direction: str = "increasing",
    *,
    strict: bool = False,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """Every value is at least (``"decreasing"``: at most) the one before; if `strict`, not equal to it.

    The one before is the last that is not missing and that `where` selects.

    Examples
    --------
    >>> monotonic("ts", strict=True)
    monotonic(column='ts', direction='increasing', strict=True)
    """
    options = _options(where, mostly, severity, name)
    return Rule(_rule("monotonic", options, column=column, direction=direction, strict=strict or None))


def type(column: str, type: str, *, severity: str = "error", name: Optional[str] = None) -> Rule:
    """The column is there, and of a type or a family of types.

    Parameters
    ----------
    column
        Name. A table without it fails this rule; any other rule about a column that is not there is a ValueError.
    type
        Arrow's name of the type (``"int64"``, ``"timestamp[us, tz=UTC]"``), or the family: integer, float, decimal,
        boolean, text, binary, date, time, timestamp, duration, list, struct and so on.

    Examples
    --------
    >>> type("id", "integer")
    type(column='id', type='integer')
    """
    return Rule(_rule("type", {"severity": severity, "name": name}, column=column, type=type))


def row_count(
    min: Optional[int] = None,
    max: Optional[int] = None,
    *,
    where: Optional[str] = None,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """The table has `min` to `max` rows, or so many rows that `where` selects.

    Examples
    --------
    >>> row_count(1)
    row_count(min=1)
    """
    return Rule(_rule("row_count", {"where": where, "severity": severity, "name": name}, min=min, max=max))


def freshness(
    column: str,
    within: Any,
    *,
    now: Any = None,
    where: Optional[str] = None,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """The newest date or timestamp is no older than `within`.

    Parameters
    ----------
    column
        Of dates or timestamps; those without a zone are taken as UTC.
    within
        ``"1d"``, ``"90min"``, ``"1h 30min"``, a timedelta, or a number of seconds.
    now
        The moment to count from, a datetime or ISO 8601 text; None for the clock's.

    Examples
    --------
    >>> freshness("updated", "1d")
    freshness(column='updated', within='1d')
    """
    options = {"where": where, "severity": severity, "name": name}
    return Rule(_rule("freshness", options, column=column, within=within, now=now))


def expression(
    expression: str,
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """A condition over the columns of a row is true; where it is null, the row is skipped.

    The language is described in docs/expressions.md.

    Examples
    --------
    >>> expression("amount <= 1000 * price")
    expression(expression='amount <= 1000 * price')
    """
    return Rule(_rule("expression", _options(where, mostly, severity, name), expression=expression))


def custom(
    function: Callable[..., Any],
    columns: Union[str, Sequence[str], None] = None,
    *,
    where: Optional[str] = None,
    mostly: float = 1.0,
    severity: str = "error",
    name: Optional[str] = None,
) -> Rule:
    """A function of your own says which rows pass.

    Parameters
    ----------
    function
        Called with a `Frame` of some rows, one million at most, and the columns asked for; it speaks Arrow
        (``to_pandas()``, ``to_polars()``, ``to_arrow()``). It returns one bool a row in any array, Series or list: True
        passes, False fails, None or NA is missing. It must not depend on how rows are split into calls.
    columns
        Names of the columns it is given; None for all.

    Examples
    --------
    >>> custom(lambda rows: rows.to_polars()["a"] % 2 == 0, "a", name="a is even").to_dict()
    {'rule': 'custom', 'columns': ['a'], 'name': 'a is even'}
    """
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    chosen = [columns] if isinstance(columns, str) else columns
    options = _options(where, mostly, severity, name)
    fields = _rule("custom", options, columns=None if chosen is None else list(chosen))
    return Rule(fields, function=function)
