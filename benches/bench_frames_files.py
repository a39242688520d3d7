"""Reading tables from files, typed, next to what pyarrow, polars, DuckDB and pandas take for it."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable

import numpy as np
from harness import Row, compare
from ironwheel import frames

SEED = 20240607


def rows(quick: bool) -> list[Row]:
    try:
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError:
        return []
    count = 100_000 if quick else 7_600_000
    data = table(count)
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        text, packed = os.path.join(folder, "t.csv"), os.path.join(folder, "t.parquet")
        pyarrow.csv.write_csv(data, text)
        pyarrow.parquet.write_table(data, packed, compression="zstd", row_group_size=250_000)
        what = f"{count:,} rows of 10 mixed columns"
        size = os.path.getsize(text) >> 20
        note = "all batches read, types told from the file"
        found += compare(
            "Frames", f"frames.File, CSV, {size} MB, {what}", read(text), csv_peers(text), note=note, peak=not quick
        )
        size = os.path.getsize(packed) >> 20
        title, calls = f"frames.File, Parquet, {size} MB, {what}", parquet_peers(packed)
        found += compare("Frames", title, read(packed), calls, note=note, peak=not quick)
        for path, kind in ((text, "CSV"), (packed, "Parquet")):
            ours = profiled(path)
            what = f"frames.profile of a {kind} file, {count:,} rows of 10 mixed columns"
            found += compare("Frames", what, ours, summaries(path), note="straight from the file", peak=not quick)
    return found


def table(count: int) -> Any:
    """Numbers, text of few and of many values, with nulls, truth values, days and moments."""
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    words = np.array([f"customer {number}" for number in range(100_000)])
    few = np.array(["north", "south", "east", "west", "centre"])
    moments = np.datetime64("2015-01-01T00:00:00") + random.integers(0, 3000 * 86_400, count).astype("m8[s]")
    quantity = random.integers(0, 1000, count)
    return pa.table(
        {
            "id": np.arange(count) + 1_000_000,
            "quantity": quantity,
            "price": np.round(random.gamma(2, 50, count), 2),
            "amount": random.normal(1000, 300, count).round(4),
            "region": few[random.integers(0, len(few), count)],
            "customer": words[random.integers(0, len(words), count)],
            "returned": random.random(count) < 0.3,
            "day": moments.astype("M8[D]"),
            "at": moments,
            "note": pa.array(words[random.integers(0, 1000, count)], mask=quantity < 50),
        }
    )


def read(path: str) -> Callable[[], object]:
    import pyarrow as pa

    def call() -> int:
        return sum(batch.num_rows for batch in pa.RecordBatchReader.from_stream(frames.File(path)))

    return call


def profiled(path: str) -> Callable[[], object]:
    return lambda: frames.profile(path)


def csv_peers(path: str) -> dict[str, Callable[[], object]]:
    import pyarrow.csv

    calls: dict[str, Callable[[], object]] = {
        "pyarrow open_csv": lambda: sum(batch.num_rows for batch in pyarrow.csv.open_csv(path)),
        "pyarrow read_csv": lambda: pyarrow.csv.read_csv(path),
    }
    try:
        import polars as pl

        calls["polars read_csv"] = lambda: pl.read_csv(path, try_parse_dates=True)
    except ImportError:
        pass
    try:
        import duckdb

        calls["DuckDB read_csv"] = lambda: sum(
            batch.num_rows for batch in duckdb.read_csv(path).fetch_record_batch(100_000)
        )
    except ImportError:
        pass
    try:
        import pandas as pd

        calls["pandas read_csv"] = lambda: pd.read_csv(path, parse_dates=["day", "at"])
    except ImportError:
        pass
    return calls


def parquet_peers(path: str) -> dict[str, Callable[[], object]]:
    import pyarrow.parquet

    calls: dict[str, Callable[[], object]] = {"pyarrow read_table": lambda: pyarrow.parquet.read_table(path)}
    try:
        import polars as pl

        calls["polars read_parquet"] = lambda: pl.read_parquet(path)
    except ImportError:
        pass
    try:
        import duckdb

        calls["DuckDB read_parquet"] = lambda: sum(
            batch.num_rows for batch in duckdb.read_parquet(path).fetch_record_batch(100_000)
        )
    except ImportError:
        pass
    return calls


def summaries(path: str) -> dict[str, Callable[[], object]]:
    try:
        import duckdb
    except ImportError:
        return {}
    return {"DuckDB SUMMARIZE": lambda: duckdb.sql(f"summarize select * from '{path}'").fetchall()}
