"""Profiles on a Spark cluster of two executors, next to what Spark itself says of the same rows.

Time of all processes is what counts on a cluster, so that is measured: the driver's, its JVM's, the executors' JVMs' and
their Python workers'. Each call reads the same Parquet files from the start. Needs pyspark 3.4 or newer and Java 17.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from harness import Row

SEED = 20240607
GROUP = "Spark"
PARTS = 4
LACKING = {
    "one SQL aggregate of the same figures": "; without formats, duplicate rows, null patterns, order",
    "one SQL aggregate of fewer figures": "; without skew, kurtosis, histogram, negatives, NaN, empty texts either",
}


def rows(quick: bool) -> list[Row]:
    reason = missing()
    if reason:
        print(f"  not measured: {reason}", file=sys.stderr)
        return []
    count = 200_000 if quick else 20_000_000
    folder = Path(tempfile.mkdtemp(prefix="ironwheel-bench-"))
    spark = None
    try:
        for name, share in (("rows", 1), ("of-4", 4), ("of-16", 16)):
            write(folder / name, count // share)
        spark = session(folder)
        rounds = 1  # of ten minutes of CPU time, which one round tells well enough
        return beside_spark(spark, folder, count, rounds) + growth(spark, folder, count, rounds)
    finally:
        if spark is not None:
            spark.stop()
        shutil.rmtree(folder, ignore_errors=True)


def missing() -> str:
    """What this machine lacks, in words; empty when nothing."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError as error:
        return f"{error.name} is not installed (pip install 'ironwheel[spark]' numpy)"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "there is no Java"
    return ""


def write(folder: Path, count: int) -> None:
    """Ten columns of the kinds a table of orders has, as in bench_frames, in files of one partition each."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as parquet

    random = np.random.default_rng(SEED)
    names = np.array([f"customer {number}" for number in range(100_000)])
    lands = np.array(["CH", "DE", "FR", "IT", "AT", "US", "GB"])
    whole, real = random.integers, random.random
    folder.mkdir()
    for part in range(PARTS):
        writer = None
        size = count // PARTS
        piece = min(size, 1_000_000)
        for start in range(0, size, piece):
            first = part * size + start
            table = pa.table(
                {
                    "id": pa.array(np.arange(first, first + piece)),
                    "customer": pa.array(whole(0, 200_000, piece)),
                    "quantity": pa.array(whole(1, 100, piece).astype(np.int32)),
                    "price": pa.array(np.round(random.lognormal(3, 1, piece), 2)),
                    "score": pa.array(random.normal(size=piece), mask=real(piece) < 0.05),
                    "paid": pa.array(real(piece) < 0.7),
                    "when": pa.array(1_600_000_000_000_000 + whole(0, 10**14, piece), pa.timestamp("us", "UTC")),
                    "country": pa.array(lands[whole(0, len(lands), piece)]),
                    "name": pa.array(names[whole(0, len(names), piece)]),
                    "code": pa.array(
                        np.char.add("ORD-", whole(0, 4 * count, piece).astype(str)), mask=real(piece) < 0.02
                    ),
                }
            )
            if writer is None:
                writer = parquet.ParquetWriter(folder / f"part-{part}.parquet", table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()


def session(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("SPARK_WORKER_DIR", str(folder / "work"))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executor.memory", "2g")
        .config("spark.driver.memory", "2g")
        .config("spark.local.dir", str(folder / "local"))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.files.maxPartitionBytes", "4g")  # a file is a partition
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    return spark


def tree_seconds() -> float:
    """CPU seconds of this process and of all that descend from it, the ended ones that were waited for included."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        parents[int(entry.name)] = int(fields[1])
        used[int(entry.name)] = sum(map(int, fields[11:15]))  # utime, stime, and those of waited-for children
    total = 0
    for process in parents:
        above = process
        while above and above != os.getpid():
            above = parents.get(above, 0)
        total += used[process] if above == os.getpid() else 0
    return total / os.sysconf("SC_CLK_TCK")


def measured(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of all processes."""
    started, busy = time.perf_counter(), tree_seconds()
    call()
    return time.perf_counter() - started, tree_seconds() - busy


def medians(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Interleaved; what a JVM needs to get going has been spent before, by `beside_spark`."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            found[name].append(measured(call))
            print(f"  {name}: {found[name][-1][0]:.2f} s, {found[name][-1][1]:.2f} CPU s", file=sys.stderr)
    return {
        name: (statistics.median(wall for wall, _ in times), statistics.median(cpu for _, cpu in times))
        for name, times in found.items()
    }


def calls_on(spark: Any, sdf: Any) -> dict[str, Callable[[], object]]:
    """Our call and its peers."""
    import ironwheel as iw

    sdf.createOrReplaceTempView("rows")
    return {
        "ours": lambda: iw.spark.profile(sdf).to_json(),
        "DataFrame.summary()": lambda: sdf.summary().collect(),
        "one SQL aggregate of the same figures": lambda: spark.sql(statement(sdf, plain=False)).collect(),
        "one SQL aggregate of fewer figures": lambda: spark.sql(statement(sdf, plain=True)).collect(),
        "reading alone: rows to Python, nothing done": lambda: sdf.mapInArrow(passing_over(), "n bigint").collect(),
    }


def beside_spark(spark: Any, folder: Path, count: int, rounds: int) -> list[Row]:
    for call in calls_on(spark, spark.read.parquet(str(folder / "of-16"))).values():  # warm
        call()
    times = medians(calls_on(spark, spark.read.parquet(str(folder / "rows"))), rounds)
    wall, cpu = times.pop("ours")
    what = f"spark.profile, {count:,} rows of ten mixed columns, {PARTS} partitions, 2 executors"
    found = []
    for name, (theirs, theirs_cpu) in times.items():
        note = f"{theirs_cpu / cpu:.2f}x our CPU seconds"
        note += LACKING.get(name, "")
        found.append(Row(GROUP, what, wall, name, theirs, note, cpu, theirs_cpu))
    return found


def passing_over() -> Callable[[Any], Any]:
    """What Spark takes to hand rows to Python, with nothing done there: no profile made in Python can be cheaper."""

    # Within a function it travels by value: executors do not have this file.
    def passed_over(batches: Any) -> Any:
        import pyarrow

        for batch in batches:
            yield pyarrow.RecordBatch.from_pydict({"n": [batch.num_rows]})

    return passed_over


def statement(sdf: Any, plain: bool) -> str:
    """What of a profile Spark has aggregates for, in one pass over the rows; without the costly ones if `plain`."""
    from pyspark.sql import functions
    from pyspark.sql.types import DoubleType, FloatType, NumericType, StringType, TimestampType

    figures = ["count(*)"]
    for field in sdf.schema:
        name, kind = f"`{field.name}`", field.dataType
        figures += [f"count({name})", f"min({name})", f"max({name})", f"approx_count_distinct({name}, 0.0081)"]
        if isinstance(kind, NumericType):
            figures += [f"avg({name})", f"stddev({name})", f"sum({name})", f"count_if({name} = 0)"]
        if isinstance(kind, (NumericType, TimestampType)):
            figures.append(f"percentile_approx({name}, array(0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99), 333)")
        if isinstance(kind, StringType):
            figures += [f"min(length({name}))", f"max(length({name}))", f"avg(length({name}))"]
        if hasattr(functions, "approx_top_k"):
            figures.append(f"approx_top_k({name}, 10)")
        if plain:
            continue
        if isinstance(kind, NumericType):
            figures += [f"skewness({name})", f"kurtosis({name})", f"count_if({name} < 0)"]
        if isinstance(kind, (NumericType, TimestampType)):
            figures.append(f"histogram_numeric({name}, 20)")
        if isinstance(kind, (DoubleType, FloatType)):
            figures += [f"count_if(isnan({name}))", f"count_if(abs({name}) = double('inf'))"]
        if isinstance(kind, StringType):
            figures += [f"count_if({name} = '')", f"count_if({name} <> '' and trim({name}) = '')"]
    return f"select {', '.join(f'{figure} as f{at}' for at, figure in enumerate(figures))} from rows"


def growth(spark: Any, folder: Path, count: int, rounds: int) -> list[Row]:
    """How cost grows with partitions and with rows: CPU seconds next to those of the smallest."""
    import ironwheel as iw

    whole = spark.read.parquet(str(folder / "rows"))
    cases: dict[str, Callable[[], object]] = {}
    for partitions in (1, 2, 4):
        cases[f"{count:,} rows, {partitions} partitions"] = lambda n=partitions: iw.spark.profile(whole.coalesce(n))
    for share in (16, 4):
        some = spark.read.parquet(str(folder / f"of-{share}"))
        cases[f"{count // share:,} rows, {PARTS} partitions"] = lambda sdf=some: iw.spark.profile(sdf)
    times = medians(cases, rounds)
    one, two, four, least, less = times
    found = []
    for base, others in ((one, (two, four)), (least, (less, four))):
        for name in others:
            note = f"{times[name][1] / times[base][1]:.2f} times the CPU seconds of the other"
            found.append(
                Row(GROUP, f"spark.profile, {name}", times[name][0], f"spark.profile, {base}", times[base][0], note,
                    times[name][1], times[base][1])
            )  # fmt: skip
    return found
