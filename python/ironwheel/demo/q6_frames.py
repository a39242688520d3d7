"""Question 6, passing a pandas DataFrame."""

from __future__ import annotations

import math
import os
from typing import Any, Dict

from ironwheel import frames
from ironwheel._screen import Screen
from ironwheel.demo import plain
from ironwheel.demo.answer import Answer, Unanswered
from ironwheel.demo.work import Work, megabytes

QUESTION = "Can it pass a pandas DataFrame?"

#: Columns whose values plain Python profiles too.
_COLUMNS = ("path", "kind", "size", "suffix")


def needed() -> Any:
    """The pandas module.

    Raises
    ------
    Unanswered
        pandas cannot be imported, or has no way to hand itself over.
    """
    try:
        import pandas
    except ImportError:
        raise Unanswered("pandas and pyarrow (pip install pandas pyarrow)") from None
    if not hasattr(pandas.DataFrame, "__arrow_c_stream__"):
        raise Unanswered(f"pandas 2.2 or newer, and pyarrow (this is pandas {pandas.__version__})")
    try:
        import pyarrow  # noqa: F401 - pandas hands itself over through it
    except ImportError:
        raise Unanswered("pyarrow beside pandas (pip install pyarrow)") from None
    return pandas


def ask(answer: Answer, work: Work) -> None:
    """Makes a DataFrame of the files, lends it to the library, and shows what is in it."""
    pandas = needed()
    table = max(work.scan(), key=len)
    entries = work.entries([table])
    frame = answer.compare(
        lambda made: f"a DataFrame of {len(made):,} files by {len(made.columns)} columns",
        table.to_pandas,
        lambda: pandas.DataFrame(entries, columns=["path", "kind", "size", "mode"]),
        by="a DataFrame of a list of tuples",
        same=lambda ours, theirs: all(
            ours[name].astype(object).tolist() == theirs[name].tolist() for name in ("path", "kind", "size")
        ),
    )
    frame["suffix"] = [os.path.splitext(path)[1] for path in frame["path"]]
    frame = frame.drop(columns="mode")
    values = {name: frame[name].tolist() for name in _COLUMNS}
    found = answer.compare(
        f"a profile of {len(frame):,} rows: nulls, extremes, mean, spread, distinct values",
        lambda: frames.profile(frame),
        lambda: {name: plain.summary(values[name]) for name in _COLUMNS},
        by="len, set, min, max, fsum",
        same=lambda ours, theirs: all(_agree(ours[name], theirs[name]) for name in _COLUMNS),
    )
    _lent(answer, frame)
    if not all(found[name].distinct_exact for name in _COLUMNS):
        answer.notes.append("More than 65,536 distinct values are estimated, with a standard error of 0.81 %.")
    answer.pictures.append(lambda screen: _table(found, screen))


def _agree(ours: Any, theirs: Dict[str, Any]) -> bool:
    """Whether a column's profile holds what plain Python found, whose count of distinct values is exact."""
    exact = all(getattr(ours, name) == theirs[name] for name in ("count", "min", "max"))
    near = all(
        math.isclose(getattr(ours, name), theirs[name], rel_tol=1e-9) for name in ("mean", "std") if name in theirs
    )
    # An estimate has a standard error of 0.81 %: five of them are no accident.
    allowed = 0.0 if ours.distinct_exact else 0.0405
    return exact and near and math.isclose(ours.distinct, theirs["distinct"], rel_tol=allowed)


def _lent(answer: Answer, frame: Any) -> None:
    """Shows that what crosses is an address: Arrow's buffer of a column lies where pandas has it."""
    import pyarrow

    where = frame["size"].to_numpy().ctypes.data
    column = pyarrow.RecordBatchReader.from_stream(frame[["size"]]).read_all().column(0)
    answer.check(
        f"Passed without a copy: Arrow reads the column 'size', {megabytes(column.nbytes)}, where pandas keeps it.",
        column.num_chunks == 1 and column.chunk(0).buffers()[1].address == where,
    )


def _table(found: Any, screen: Screen) -> Any:
    """The profile as it prints itself, a little to the right."""
    content = found.to_spec(width=screen.width - 2, unicode=screen.unicode)
    return {"type": "padder", "padding": [2, 1, 0, 0], "content": content}
