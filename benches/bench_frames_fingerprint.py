"""Hashes of rows, and what changed between tables, next to what other engines take for the same."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
from harness import Row, compare
from ironwheel import frames

SEED = 20240607


def rows(quick: bool) -> list[Row]:
    count = 100_000 if quick else 5_000_000
    found = hashes(count)
    return found + changes(50_000 if quick else 2_000_000)


def table(count: int) -> Any:
    """Ten mixed columns, as pyarrow has them."""
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    words = np.array([f"customer {number}" for number in range(100_000)])
    return pa.table({
        "id": np.arange(count), "quantity": random.integers(0, 100, count).astype("int32"),
        "price": np.round(random.normal(50, 10, count), 2), "score": random.normal(size=count),
        "flag": random.random(count) < 0.5,
        "when": pa.array(random.integers(16 * 10**14, 17 * 10**14, count), pa.timestamp("us")),
        "day": pa.array(random.integers(10_000, 20_000, count).astype("int32"), pa.date32()),
        "city": words[random.integers(0, 50, count)], "name": words[random.integers(0, len(words), count)],
        "kind": pa.array(words[random.integers(0, 20, count)]).dictionary_encode(),
    })  # fmt: skip


def hashes(count: int) -> list[Row]:
    data = table(count)
    calls: dict[str, Callable[[], object]] = {}
    for name, make in (
        ("polars hash_rows", polars),
        ("DuckDB hash", duckdb),
        ("pandas hash_pandas_object", pandas),
    ):
        try:
            calls[name] = make(data)
        except ImportError:
            continue
    what = f"{count:,} rows of ten mixed columns"
    note = "theirs differ between versions (pandas: between dtypes)"
    found = compare(
        "Frames", f"frames.fingerprint, {what}", lambda: frames.fingerprint(data), calls, note=note, peak=True
    )
    ours = {"frames.fingerprint": lambda: frames.fingerprint(data)}
    found += compare("Frames", f"frames.digest, {what}", lambda: frames.digest(data), ours, note="keeps no hashes")
    wide = {"64 bits": lambda: frames.fingerprint(data)}
    return found + compare(
        "Frames", f"frames.fingerprint, 128 bits, {what}", lambda: frames.fingerprint(data, bits=128), wide
    )


def polars(data: Any) -> Callable[[], object]:
    import polars as pl

    frame = pl.from_arrow(data)
    assert isinstance(frame, pl.DataFrame)
    return frame.hash_rows


def duckdb(data: Any) -> Callable[[], object]:
    import duckdb as engine

    connection = engine.connect()
    connection.register("data", data)
    names = ", ".join(f'"{name}"' for name in data.column_names)
    query = f"select hash({names}) from data"
    return lambda: connection.sql(query).fetchnumpy()


def pandas(data: Any) -> Callable[[], object]:
    import pandas as pd

    frame = data.to_pandas()
    return lambda: pd.util.hash_pandas_object(frame, index=False)


def changes(count: int) -> list[Row]:
    """One row in a thousand edited, one in a thousand gone, the rest in another order."""
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    before = table(count)
    price = before["price"].to_numpy().copy()
    price[::1_000] += 1
    after = before.set_column(2, "price", pa.array(price)).slice(count // 1_000)
    after = after.take(random.permutation(after.num_rows))
    calls: dict[str, Callable[[], object]] = {}
    try:
        import polars as pl

        old, new = pl.from_arrow(before), pl.from_arrow(after)

        def joined() -> object:
            others = [name for name in before.column_names if name != "id"]
            both = old.join(new, on="id", suffix="_new")
            differ = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in others)
            return both.filter(differ), new.join(old, on="id", how="anti"), old.join(new, on="id", how="anti")

        calls["polars, three joins"] = joined
    except ImportError:
        pass
    try:
        left, right = before.to_pandas(), after.to_pandas()
        calls["pandas merge"] = lambda: left.merge(right, how="outer", on="id", suffixes=("", "_new"), indicator=True)
    except ImportError:
        pass
    what = f"frames.diff by key, {count:,} rows of ten mixed columns"
    return compare(
        "Frames", what, lambda: frames.diff(before, after, "id"), calls, note="pandas: the join alone", peak=True
    )
