"""Tables for the tests, and what is the same about two answers."""

from __future__ import annotations

import datetime
import decimal
import math
import random
from typing import Any

import pyarrow as pa

UTC = datetime.timezone.utc
SCHEMA = (
    "id bigint, small tinyint, n int, real double, single float, amount decimal(20,4), flag boolean, word string, raw binary, "
    "day date, at timestamp, wall timestamp_ntz, wait interval day to second, items array<int>, "
    "pair struct<x: int, y: timestamp>, tags map<string,int>, nothing void"
)


def rows(count: int, seed: int = 7) -> list[tuple[Any, ...]]:
    chance = random.Random(seed)

    def sometimes(value: Any) -> Any:
        return None if chance.random() < 0.1 else value

    start = datetime.datetime(2024, 3, 9, 12, tzinfo=UTC)  # across the change of clocks in New York
    found = []
    for number in range(count):
        moment = start + datetime.timedelta(minutes=number * 7)
        found.append(
            (
                number,
                sometimes(chance.randrange(-128, 128)),
                sometimes(chance.randrange(1000)),
                sometimes(chance.choice([math.nan, -0.0, math.inf, chance.gauss(0, 1), 1.5])),
                sometimes(chance.random()),
                sometimes(decimal.Decimal(chance.randrange(10**9)).scaleb(-4)),
                sometimes(chance.random() < 0.3),
                sometimes(chance.choice(["", " ", "déjà vu", "a@b.org", "7", f"row {number}", "2024-01-01"])),
                sometimes(bytes([number % 7, 255])),
                sometimes(datetime.date(1969, 12, 1) + datetime.timedelta(days=number % 90)),
                sometimes(moment),
                sometimes(moment.replace(tzinfo=None)),
                sometimes(datetime.timedelta(seconds=chance.randrange(-1000, 1000))),
                sometimes([1] * (number % 4)),
                sometimes((number, moment)),
                sometimes({"k": number}),
                None,
            )
        )
    return found


def frame(spark: Any, count: int, partitions: int, seed: int = 7) -> Any:
    """The table in so many partitions, in order; each has as many rows as the next, or one more."""
    context = spark.sparkContext
    return spark.createDataFrame(context.parallelize(rows(count, seed), partitions), SCHEMA)


def returnable(sdf: Any) -> Any:
    """Without the structs where Spark takes none back from Python."""
    import pyspark

    return sdf.drop("pair") if pyspark.__version__.startswith("3.4.") else sdf


def arrow(sdf: Any) -> Any:
    """What Spark collects, as one pyarrow table; timestamps in UTC."""
    from ironwheel.spark import _worker

    batches = sdf._collect_as_arrow()
    names = [field.name for field in sdf.schema.fields]
    if not batches:
        from ironwheel.spark import _session

        return _session.empty(sdf.schema.fields)
    return pa.Table.from_batches([_worker.in_order(batch, names) for batch in batches])


#: What is joined from blocks, and so depends on how rows are split in the last digits.
JOINED = {"mean", "std", "skew", "kurtosis", "sum"}


def near(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, datetime.timedelta) and isinstance(other, datetime.timedelta):
        return abs(one - other) <= datetime.timedelta(microseconds=1)
    if isinstance(one, datetime.datetime) and isinstance(other, datetime.datetime):
        return abs(one - other) <= datetime.timedelta(microseconds=1)
    return bool(one == other)


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Every figure of two profiles that is not the same; last digits aside where they are joined."""
    found = []
    for name in theirs:
        if name not in ("columns", "memory") and ours[name] != theirs[name]:
            found.append(f"{name}: {ours[name]!r}, not {theirs[name]!r}")
    if len(ours["columns"]) != len(theirs["columns"]):
        return [*found, f"{len(ours['columns'])} columns, not {len(theirs['columns'])}"]
    for own, other in zip(ours["columns"], theirs["columns"]):
        for name in other:
            same = near(own[name], other[name]) if name in JOINED else repr(own[name]) == repr(other[name])
            if not same:
                found.append(f"{other['name']}.{name}: {own[name]!r}, not {other[name]!r}")
    return found
