"""Rules about a DataFrame of Spark, and the report of what they came to."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ironwheel import frames as _frames


def validate(sdf: Any, rules: Any, *, frames: Optional[Mapping[str, Any]] = None) -> _frames.Report:
    """Check rules against a DataFrame of Spark: `ironwheel.frames.validate` on every executor.

    Parameters
    ----------
    sdf : pyspark.sql.DataFrame
        Of any size; each partition is streamed through native code, and read once.
    rules
        As `ironwheel.frames.validate` takes them: a list of rules or dicts, a path to TOML or JSON, or the text of either.
        Functions of custom rules are pickled and run on the executors.
    frames
        Tables that foreign keys refer to, by name: DataFrames of Spark, or whatever `ironwheel.frames.validate` takes.

    Returns
    -------
    ironwheel.frames.Report
        What `ironwheel.frames.validate` would say of ``sdf.toArrow()``: uniqueness and order hold across partitions,
        and numbers of rows count in their order, as ``sdf.collect()`` has them. Rows are not read again, so
        `Report.failing` has none to show: filter `sdf` by the condition of the rule.

    Raises
    ------
    ValueError
        A rule is wrong, or does not fit the columns.
    TypeError
        `sdf` is no DataFrame, or a column that a rule is about has a type that Arrow cannot carry; said before anything
        runs. Columns that no rule is about are not read.
    ImportError
        PySpark is missing here, or ironwheel on an executor, or of another version there.
    Exception
        Whatever the function of a custom rule raises, where it is one of Python's own; else RuntimeError.

    Notes
    -----
    One action, as `profile`, and one before it for each foreign key that refers to a DataFrame of Spark: its keys, each
    once, are sent to every executor. `freshness`, ``now()`` and ``today()`` go by one moment, the driver's, wherever a
    row is read.

    A state has a few bytes a rule, at most one bit a row where rows fail and, for each rule of uniqueness, a key a row:
    16 bytes, of numbers 8 or, where they lie close together, less. Keys come to the driver: uniqueness of a billion
    texts takes 16 GB there, and a ``spark.driver.maxResultSize`` to match; see docs/spark.md for the other way.

    Examples
    --------
    >>> from ironwheel.frames import rules
    >>> sdf = spark.createDataFrame([(1, 10.0), (2, None), (2, 7.5)], "id int, amount double")  # doctest: +SKIP
    >>> report = ironwheel.spark.validate(sdf, [rules.unique("id"), rules.not_null("amount")])  # doctest: +SKIP
    >>> [(result.failed, result.first_rows) for result in report]  # doctest: +SKIP
    [(2, [1, 2]), (1, [1])]
    """
    import datetime

    from ironwheel.spark import _job, _session, _worker

    _session.require("ironwheel.spark.validate")
    if not _session.is_dataframe(sdf):
        raise TypeError(f"sdf must be a pyspark.sql.DataFrame, got {type(sdf).__name__}")
    listed, functions, tables, needed = _read(rules, frames)
    every = _session.fields(sdf)
    if needed is not None:
        # A column that is not there is the business of the rule about it, in the library's words.
        there = {field.name for field in every}
        needed = [name for name in needed if name in there]
    found = _session.source("ironwheel.spark.validate", sdf, needed)
    order: Dict[str, Any] = {
        "rules": listed,
        "functions": functions,
        "tables": _sent(listed, tables),
        "now": datetime.datetime.now(datetime.timezone.utc).isoformat(),
    }
    # A rule that is wrong fails here, and no job runs; the library is shown every name, and says which one was meant.
    blank = _worker.check(order, _session.empty(_session.readable(every)))
    states = _job.states(found, "validate", order)
    whole = _worker.merge_states("validate", states) if states else blank
    report: _frames.Report = whole.report(_Unread())
    return report


class _Unread:
    """In place of the data of a report."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise ValueError("data was a DataFrame of Spark, of which no rows are kept: filter it to see those that fail")


def _read(
    rules: Any, frames: Optional[Mapping[str, Any]]
) -> Tuple[List[Dict[str, Any]], bytes, Dict[str, Any], Optional[List[str]]]:
    """The rules as dicts, pickled functions by place, tables by name, and the columns looked at (None for all)."""
    import json

    from pyspark import cloudpickle

    from ironwheel._lib import lib
    from ironwheel.frames import _rules_text
    from ironwheel.frames.rules import Rule

    tables: Dict[str, Any] = {}
    if frames is not None:
        if not isinstance(frames, Mapping):
            raise TypeError(f"frames must be a mapping of names to tables, got {type(frames).__name__}")
        tables.update(frames)
    text, toml, source, objects = _rules_text.read(rules, tables)
    parsed = _rules_text.parsed(text, toml, source)
    listed: List[Dict[str, Any]] = json.loads(parsed._text(lib.iw_rules_json))
    functions = {
        index: rule.function
        for index, rule in enumerate(objects)
        if isinstance(rule, Rule) and rule.function is not None
    }
    columns: Optional[List[str]] = json.loads(parsed._text(lib.iw_rules_columns))
    return listed, cloudpickle.dumps(functions), tables, columns


def _sent(listed: Sequence[Mapping[str, Any]], tables: Mapping[str, Any]) -> Dict[str, bytes]:
    """The keys of each table that a foreign key refers to, as an IPC stream."""
    wanted: Dict[str, List[str]] = {}
    for fields in listed:
        if fields["rule"] == "foreign_key" and fields["frame"] in tables:
            keys = wanted.setdefault(fields["frame"], [])
            keys += [key for key in fields.get("references") or fields["columns"] if key not in keys]
    return {name: _keys(name, tables[name], keys) for name, keys in wanted.items()}


def _keys(name: str, table: Any, keys: List[str]) -> bytes:
    import pyarrow

    from ironwheel.spark import _job, _session

    if _session.is_dataframe(table):
        found = _session.source("ironwheel.spark.validate", table, keys)
        found = found._replace(data=found.data.distinct())
        parts = [pyarrow.ipc.open_stream(part).read_all() for part in _job.states(found, "table", {})]
        whole = pyarrow.concat_tables(parts) if parts else _session.empty(found.fields)
    else:
        whole = _frames.Frame(table).to_arrow()
        for key in keys:
            if key not in whole.column_names:
                raise ValueError(f"frames[{name!r}] must have the columns of the rule, got none of the name {key!r}")
        whole = whole.select(keys)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    content: bytes = sink.getvalue().to_pybytes()
    return content
