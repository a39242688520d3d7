"""One Spark for the whole suite: a driver, and two executors in processes of their own."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

pytest.importorskip("pyspark", reason="these tests are run by scripts/test_spark.py, which installs a Spark")

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for tables.py

#: Halves the time a JVM takes to start.
JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    work = tmp_path_factory.mktemp("spark")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("SPARK_WORKER_DIR", str(work / "work"))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.pop("PYSPARK_DRIVER_PYTHON", None)
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("ironwheel")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.extraJavaOptions", JVM)
        .config("spark.executor.extraJavaOptions", JVM)
        .config("spark.sql.warehouse.dir", str(work / "warehouse"))
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.sql.shuffle.partitions", "4")
        # A killed executor is no reason to give up: the tests kill some.
        .config("spark.task.maxFailures", "4")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def jobs(spark: Any) -> Callable[[Callable[[], Any]], Any]:
    """Runs a call; (what it gave, how many jobs of Spark it took)."""
    context = spark.sparkContext

    def counted(call: Callable[[], Any]) -> Any:
        group = str(uuid.uuid4())
        context.setJobGroup(group, "counted")
        try:
            found = call()
        finally:
            context.setLocalProperty("spark.jobGroup.id", None)
            context.setLocalProperty("spark.job.description", None)
        return found, len(context.statusTracker().getJobIdsForGroup(group))

    return counted


@pytest.fixture(scope="session")
def version(spark: Any) -> Any:
    return tuple(int(part) for part in spark.version.split(".")[:2])
