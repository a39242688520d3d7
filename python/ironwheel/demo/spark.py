"""Questions 8 and 9, running on Synapse and on Fabric."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, Optional, Tuple

from ironwheel.demo import plain
from ironwheel.demo.answer import Answer, Unanswered
from ironwheel.demo.work import Work

ON_SYNAPSE = "Does it run on Azure Synapse?"
ON_FABRIC = "Does it run on Microsoft Fabric?"

#: Written by Fabric's Spark runtime on driver and executors, and nowhere else.
_FABRIC_CONTEXT = "/home/trusted-service-user/.trident-context"
#: Limit of the primes that a task counts; each task has a stretch of its own.
_STRETCH = 1_000_000
#: Rows that are profiled.
_ROWS = 2_000_000


def runtime(environment: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists) -> Optional[str]:
    """``"fabric"``, ``"synapse"``, or None on any other machine.

    Both set AZURE_SERVICE; only Fabric has the context file, and its notebooks without Spark name their host.
    The test is the one SynapseML makes.
    """
    if exists(_FABRIC_CONTEXT) or "fabric.microsoft.com" in environment.get(
        "MSNOTEBOOKUTILS_SPARK_TRIDENT_PBIHOST", ""
    ):
        return "fabric"
    if environment.get("AZURE_SERVICE") == "Microsoft.ProjectArcadia":
        return "synapse"
    return None


def session() -> Any:
    """The Spark session of the notebook this runs in, or None."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        return None
    return SparkSession.getActiveSession()


def on_executor(index: int) -> Tuple[str, str, int]:
    """Run by Spark: where it ran, which version it found, and how many primes its stretch holds."""
    import platform

    import ironwheel

    found = ironwheel.ints.primes(index * _STRETCH, (index + 1) * _STRETCH)
    return platform.node(), ironwheel.__version__, len(found)


def run(answer: Answer, spark: Any, where: str) -> None:
    """Counts primes in tasks of a Spark job, and compares with plain Python on the driver."""
    import ironwheel

    tasks = max(2, min(int(spark.sparkContext.defaultParallelism), 16))
    numbers = spark.sparkContext.parallelize(range(tasks), tasks)
    try:
        numbers.map(on_executor).collect()  # once before it is timed: the first job starts the workers
    except Exception as error:
        # Spark wraps what its workers raise into a text of its own.
        if "No module named 'ironwheel'" in str(error):
            raise Unanswered(f"the wheel on every node of {where}: the driver has it, the executors do not") from None
        raise
    parts = answer.compare(
        f"the primes below {tasks * _STRETCH:,}, counted by {tasks} tasks of a Spark job",
        lambda: numbers.map(on_executor).collect(),
        lambda: len(plain.primes_below(tasks * _STRETCH)),
        by="a sieve in a bytearray, on the driver",
        same=lambda ours, theirs: sum(found for _, _, found in ours) == theirs,
    )
    nodes = {node for node, _, _ in parts}
    versions = {version for _, version, _ in parts}
    answer.check(
        f"ironwheel {ironwheel.__version__} was imported on {len(nodes)} node(s) of {where}.",
        versions == {ironwheel.__version__},
    )
    profile(answer, spark, tasks)


def profile(answer: Answer, spark: Any, tasks: int) -> None:
    """Profiles rows that Spark makes, and asks Spark for some of the same figures."""
    import ironwheel

    rows = spark.range(0, _ROWS, 1, tasks).selectExpr("id", "(id * 7919) % 1000 as amount")

    def ours() -> Tuple[Any, ...]:
        found = ironwheel.spark.profile(rows)
        amount = found["amount"]
        return found.rows, found["id"].is_unique, amount.min, amount.max, amount.sum, amount.distinct, amount.mean

    def theirs() -> Tuple[Any, ...]:
        figures = rows.selectExpr(
            "count(id)",
            "count(distinct id) = count(id)",
            "min(amount)",
            "max(amount)",
            "sum(amount)",
            "count(distinct amount)",
            "avg(amount)",
        )
        return tuple(figures.first())

    answer.compare(
        f"ironwheel.spark.profile of {_ROWS:,} rows in {tasks} partitions; compared are seven of its figures",
        ours,
        theirs,
        by="those seven alone, by aggregates of Spark SQL",
        same=lambda a, b: a[:1] + a[2:] == b[:1] + b[2:] and a[1] in (b[1], None),
    )


def _ask(answer: Answer, name: str, where: str) -> None:
    if runtime(os.environ) != name:
        raise Unanswered(f"a notebook on {where}, with the wheel installed there")
    spark = session()
    if spark is None:
        raise Unanswered(f"an active Spark session: this is {where}, but not a Spark notebook")
    run(answer, spark, where)


def ask_synapse(answer: Answer, work: Work) -> None:
    """Question 8."""
    _ask(answer, "synapse", "Azure Synapse")


def ask_fabric(answer: Answer, work: Work) -> None:
    """Question 9."""
    _ask(answer, "fabric", "Microsoft Fabric")
