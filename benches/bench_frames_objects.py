"""Objects and pandas' own memory on the way in, next to what pyarrow, polars and DuckDB take for the same."""

from __future__ import annotations

import datetime
from typing import Any, Callable

import numpy as np
from harness import Row, compare
from ironwheel import frames

SEED = 20240607


def rows(quick: bool) -> list[Row]:
    count = 100_000 if quick else 5_000_000
    random = np.random.default_rng(SEED)
    found: list[Row] = []
    texts = objects([f"customer {number:07}" for number in range(count)])
    found += column(f"{count:,} str objects, in the order they were made", texts)
    random.shuffle(texts)  # a column after a sort or a join: each object is a miss
    found += column(f"{count:,} str objects, shuffled over the heap", texts)
    del texts
    names = objects([f"M\xfcller \u20ac {number}" for number in range(count // 5)])
    random.shuffle(names)
    found += column(f"{count // 5:,} non-ASCII str objects, shuffled", names)
    whole = random.integers(0, 10**6, count // 5).astype(object)
    whole[::10] = None
    found += column(f"{count // 5:,} int objects with None", whole)
    days = objects([datetime.date(2020, 1, 1) + datetime.timedelta(int(day)) for day in whole[1::10] % 4000])
    found += column(f"{len(days):,} date objects", days)
    return found + frame(count, random)


def objects(values: list[Any]) -> Any:
    made = np.empty(len(values), object)
    made[:] = values
    return made


def column(what: str, values: Any) -> list[Row]:
    """Into native memory: the whole column as Arrow data, which is what everything else starts from."""
    calls: dict[str, Callable[[], object]] = {}
    try:
        import pyarrow as pa

        calls["pyarrow.array"] = lambda: pa.array(values, from_pandas=True)
    except ImportError:
        pass
    try:
        import polars as pl

        calls["polars.Series"] = lambda: pl.Series(values.tolist())
    except ImportError:
        pass
    return compare("Frames", f"frames.Frame of {what}", lambda: frames.Frame({"x": values}), calls)


def frame(count: int, random: Any) -> list[Row]:
    """A mixed frame as pandas 2 holds it: text as objects, NaN for what is missing."""
    try:
        import pandas as pd
    except ImportError:
        return []
    words = np.array([f"customer {number}" for number in range(100_000)], object)
    data = pd.DataFrame(
        {
            "id": np.arange(count),
            "few": pd.Series(words[random.integers(0, 50, count)], dtype=object),
            "many": pd.Series(words[random.integers(0, len(words), count)], dtype=object),
            "amount": np.where(random.random(count) < 0.05, np.nan, random.gamma(2, 50, count)),
            "price": random.normal(100, 15, count),
            "quantity": random.integers(0, 1000, count).astype("i4"),
            "flag": random.random(count) < 0.3,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 10**7, count), unit="s"),
            "kind": pd.Categorical.from_codes(random.integers(0, 5, count), list("abcde")),
            "score": pd.array(random.integers(0, 100, count), dtype="Int64"),
        }
    )
    calls: dict[str, Callable[[], object]] = {}
    try:
        import duckdb

        connection = duckdb.connect()
        connection.register("data", data)
        calls["DuckDB SUMMARIZE"] = lambda: connection.sql("summarize data").fetchall()
    except ImportError:
        pass
    what = f"{count:,} rows of ten mixed columns, pandas with object strings"
    found = compare("Frames", f"frames.profile, {what}", lambda: frames.profile(data), calls, peak=True)
    arrow = {"pyarrow.Table.from_pandas": lambda: __import__("pyarrow").Table.from_pandas(data, preserve_index=False)}
    try:
        arrow["pyarrow.Table.from_pandas"]()
    except ImportError:
        return found
    return found + compare("Frames", f"frames.Frame, {what}", lambda: frames.Frame(data), arrow, peak=True)
