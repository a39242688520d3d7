"""What changed between two tables."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from ironwheel import _abi, _arrow
from ironwheel._lib import lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data
from ironwheel.frames._fingerprint import listed
from ironwheel.frames._frame import Frame
from ironwheel.frames._table import Handle


class Diff(Handle):
    """What changed from one table to another; made by `diff`.

    ``str()`` is what a person reads; a notebook shows it as HTML.
    """

    def __init__(self, pointer: int) -> None:
        super().__init__(pointer, lib.iw_diff_free)
        import json

        self._report: Dict[str, Any] = json.loads(self._text(lib.iw_diff_json))
        self._frames: Dict[int, Frame] = {}

    @property
    def equal(self) -> bool:
        """Whether both tables have the same rows, as often each, and the same columns.

        The order of rows and columns does not count, and types do not where the values are the same.
        """
        return bool(self._report["equal"])

    @property
    def key(self) -> Optional[List[str]]:
        """Columns that rows were matched by; None where whole rows were."""
        key = self._report["key"]
        return None if key is None else list(key)

    @property
    def counts(self) -> Dict[str, Optional[int]]:
        """Rows: `old`, `new`, `unchanged`, `changed`, `added`, `removed`.

        And of the key, None without one: `repeated_keys_old`, `repeated_keys_new` (keys that come more than once),
        `null_keys_old`, `null_keys_new` (rows with a null in their key).
        """
        return dict(self._report["counts"])

    @property
    def columns(self) -> Dict[str, int]:
        """Of every column that was compared, in how many of the changed rows it differs."""
        return dict(self._report["columns"])

    @property
    def schema(self) -> Dict[str, List[Dict[str, str]]]:
        """Columns `added` and `removed` (`name` and `type`) and `retyped` (`name`, `old` and `new` type)."""
        return {change: [dict(column) for column in columns] for change, columns in self._report["schema"].items()}

    @property
    def added(self) -> Frame:
        """The rows that only the new table has, with its columns, in its order."""
        return self._part(_abi.IW_DIFF_ADDED)

    @property
    def removed(self) -> Frame:
        """The rows that only the old table has, with its columns, in its order."""
        return self._part(_abi.IW_DIFF_REMOVED)

    @property
    def changed(self) -> Frame:
        """The rows that differ, one for each, in the order of the new table; none without a key.

        Its columns are the key; `changed`, the list of the names of the columns that differ; and for every column that
        differs in any row, ``<name>_old`` and ``<name>_new``. A name that is there already gets underscores.
        """
        return self._part(_abi.IW_DIFF_CHANGED)

    def _part(self, part: int) -> Frame:
        if part not in self._frames:
            self._frames[part] = Frame(_arrow.export(lambda stream: lib.iw_diff_stream(self._pointer, part, stream)))
        return self._frames[part]

    def to_dict(self) -> Dict[str, Any]:
        """`equal`, `key`, `counts`, `columns`, `schema`, and `examples`: the first few rows of each part.

        Examples of changed rows have their `key` and, by column, old and new value. Decimals, dates and times are text
        (ISO 8601), infinities ``"inf"`` and ``"-inf"``, NaN ``"nan"``, binary values hexadecimal; long values are cut.
        """
        import json

        report: Dict[str, Any] = json.loads(self.to_json())
        return report

    def to_json(self) -> str:
        """The same as JSON."""
        return self._text(lib.iw_diff_json)

    def __repr__(self) -> str:
        counts = self._report["counts"]
        parts = ", ".join(f"{counts[part]:,} {part}" for part in ("added", "removed", "changed", "unchanged"))
        return f"<Diff: {'equal' if self.equal else 'different'}, {parts}>"

    def __str__(self) -> str:
        from ironwheel._screen import printable

        lines = [printable(line if mark == " " else f"{mark} {line}") for mark, line in self._lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        colors = {"+": "#1a7f37", "-": "#cf222e", "~": "#9a6700"}

        def shown(mark: str, line: str) -> str:
            style = f' style="color:{colors[mark]}"' if mark in colors else ""
            return f"<div{style}>{escape(line if mark == ' ' else f'{mark} {line}')}</div>"

        body = "".join(shown(mark, line) for mark, line in self._lines())
        return f'<div style="font-family:monospace;white-space:pre-wrap">{body}</div>'

    def _lines(self) -> Iterator[Tuple[str, str]]:
        """What a person reads, line by line, each with a mark: + added, - removed, ~ changed, blank for the rest."""
        report, counts = self._report, self._report["counts"]
        verdict = "equal" if self.equal else "different"
        yield " ", f"{verdict}: {counts['old']:,} rows before, {counts['new']:,} after"
        parts = ", ".join(f"{counts[part]:,} {part}" for part in ("unchanged", "changed", "added", "removed"))
        yield " ", parts + ("" if report["key"] is None else f", by {', '.join(report['key'])}")
        for side, when in (("old", "before"), ("new", "after")):
            if counts[f"repeated_keys_{side}"]:
                yield " ", f"{counts[f'repeated_keys_{side}']:,} keys come more than once {when}"
            if counts[f"null_keys_{side}"]:
                yield " ", f"{counts[f'null_keys_{side}']:,} rows have a null in their key {when}"
        for column in report["schema"]["added"]:
            yield "+", f"column {column['name']}: {column['type']}"
        for column in report["schema"]["removed"]:
            yield "-", f"column {column['name']}: {column['type']}"
        for column in report["schema"]["retyped"]:
            yield "~", f"column {column['name']}: {column['old']} -> {column['new']}"
        differing = sorted(report["columns"].items(), key=lambda item: -item[1])
        for name, count in differing:
            if count:
                yield "~", f"{name}: {count:,} rows"
        examples = report["examples"]
        for row in examples["changed"]:
            key = ", ".join(f"{name} {_short(value)}" for name, value in row["key"].items())
            values = (f"{name} {_short(old)} -> {_short(new)}" for name, (old, new) in row["columns"].items())
            yield "~", f"[{key}] {', '.join(values)}"
        for part, mark in (("added", "+"), ("removed", "-")):
            for row in examples[part]:
                yield mark, ", ".join(f"{name} {_short(value)}" for name, value in row.items())
        for part, mark in (("changed", "~"), ("added", "+"), ("removed", "-")):
            more = counts[part] - len(examples[part])
            if more > 0:
                yield mark, f"{more:,} more {part}"


def diff(
    old: Any,
    new: Any,
    key: Union[str, Sequence[str], None] = None,
    columns: Optional[Sequence[str]] = None,
    *,
    progress: Progress = None,
) -> Diff:
    """What changed from `old` to `new`: rows added, removed and changed, in which columns, and which columns.

    Parameters
    ----------
    old, new
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``, each of any library; see `Frame`.
    key
        Name or names of the columns that say which row is which. None: whole rows are compared, as often as each
        comes, and none counts as changed.
    columns
        Names of the columns to look at beside the key, wherever they are; None for all.
    progress
        True for a bar, or called as ``progress(done, 0)``. Ctrl-C stops the call either way.

    Returns
    -------
    Diff
        The same whatever the order of rows and columns, the chunks and the number of threads.

    Raises
    ------
    ValueError
        `key` names a column that one of the tables lacks, or none; `columns` names one that both lack; a table has two
        columns of one name, was read before, breaks Arrow's rules, or its producer failed.
    TypeError
        `old` or `new` does not speak Arrow, `key` or `columns` is no sequence of str, or a column has an unknown type.
    MemoryError
        There is no room.

    Notes
    -----
    Columns are matched by name. Values are equal as docs/fingerprint.md has it: 1 in int32 equals 1.0, text in a
    dictionary equals plain text, null equals null, NaN equals NaN. So a column may change its type (`schema` says so)
    without a row counting as changed.

    Null keys match each other. Keys should come once in each table. Where one comes more often, nothing is lost: its rows
    that are the same in both tables are matched first, then, in the order they come, old with new ones, as changed;
    what is left over is removed or added. `counts` tells how many keys that happened to.

    Rows are found by hash and proven by comparing their values, so the answer is exact. Both tables are kept where they
    are, for as long as the result lives; beside them this takes some 65 bytes a row of both. About 0.2 us a row and 5 ns a
    value.

    Examples
    --------
    >>> import pyarrow as pa
    >>> before = pa.table({"id": [1, 2, 3], "price": [10.0, 20.0, 30.0]})
    >>> after = pa.table({"id": [3, 2, 4], "price": [30, 25, 40], "note": [None, "sale", None]})
    >>> found = diff(before, after, key="id")
    >>> print(found)
    different: 3 rows before, 3 after
    1 unchanged, 1 changed, 1 added, 1 removed, by id
    + column note: string
    ~ column price: float64 -> int64
    ~ price: 1 rows
    ~ [id 2] price 20.0 -> 25
    + id 4, price 40, note null
    - id 1, price 10.0
    >>> found.changed.to_arrow().to_pylist()
    [{'id': 2, 'changed': ['price'], 'price_old': 20.0, 'price_new': 25}]
    """
    keys = _names("key", [key] if isinstance(key, str) else key)
    wanted = _names("columns", columns)
    hint = None if wanted is None else [*(keys or ()), *wanted]
    before = _data.capsule_of("old", old, hint)
    after = _data.capsule_of("new", new, hint)
    if before is after:
        raise ValueError("new is the same Arrow stream as old; a stream can be read once")
    key_texts, key_sizes, key_count = listed(keys)
    texts, sizes, count = listed(wanted)
    job = Job(progress, "comparing")
    out = ctypes.c_void_p()
    status = lib.iw_frames_diff(
        _arrow.pointer(before), _arrow.pointer(after), key_texts, key_sizes, key_count, texts, sizes, count,
        job.tick, None, ctypes.byref(out),
    )  # fmt: skip
    job.check(status)
    assert out.value is not None
    return Diff(out.value)


def _names(parameter: str, given: Optional[Sequence[str]]) -> Optional[List[str]]:
    if given is None:
        return None
    if isinstance(given, (str, bytes)):  # iterating over it would look for one-letter columns
        raise TypeError(f"{parameter} must be a sequence of str, got {given!r}; did you mean [{given!r}]?")
    try:
        names = list(given)
    except TypeError:
        raise TypeError(f"{parameter} must be a sequence of str, got {type(given).__name__}") from None
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{parameter} must be a sequence of str, got {name!r} in it")
    return names


def _short(value: Any) -> str:
    """A value on one line."""
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "\u2026"
