"""What goes wrong on a cluster: tasks that fail, executors that die, nodes without the wheel."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from pathlib import Path

import ironwheel as iw
import pytest
import tables
from ironwheel import frames


def slowly(folder: str, seconds: float):
    """A step that takes its time, and leaves a file that tells which executor works on which partition."""

    def step(batches):
        import os
        import time
        from pathlib import Path

        from pyspark import TaskContext

        # A worker is forked from a daemon, which the executor's JVM has started.
        status = Path(f"/proc/{os.getppid()}/status").read_text()
        (executor,) = [line.split()[1] for line in status.splitlines() if line.startswith("PPid:")]
        context = TaskContext.get()
        mark = Path(folder, f"{context.partitionId()}-{context.attemptNumber()}")
        mark.with_suffix(".new").write_text(executor)
        mark.with_suffix(".new").rename(mark)
        for batch in batches:
            time.sleep(seconds)
            yield batch

    return step


def test_an_executor_killed_in_mid_job_changes_nothing(spark, tmp_path):
    plain = tables.returnable(tables.frame(spark, 240, 8))
    local = frames.profile(tables.arrow(plain))
    sdf = plain.mapInArrow(slowly(str(tmp_path), 1.0), plain.schema)
    killed = []

    def kill():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            marks = [mark for mark in tmp_path.iterdir() if "." not in mark.name]
            if len(marks) >= 4:  # some partitions are done, one at least is being worked on
                newest = max(marks, key=lambda mark: mark.stat().st_mtime)
                killed.append((newest.name, int(newest.read_text())))
                os.kill(killed[0][1], signal.SIGKILL)
                return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    found = iw.spark.profile(sdf)
    killer.join()
    assert killed, "no executor was found to kill"
    assert not Path(f"/proc/{killed[0][1]}/exe").exists()
    partition = killed[0][0].partition("-")[0]
    assert len(list(tmp_path.glob(f"{partition}-*"))) >= 2, "the partition was not worked on again"
    assert tables.differences(found.to_dict(), local.to_dict()) == []


def test_a_task_that_fails_at_first_gives_the_same_state(spark):
    from ironwheel.spark import _job, _session

    plain = tables.returnable(tables.frame(spark, 200, 4))

    def fails_at_first(batches):
        from pyspark import TaskContext

        yield from batches
        if TaskContext.get().attemptNumber() == 0:
            raise RuntimeError("the first attempt fails, after all batches")

    troubled = plain.mapInArrow(fails_at_first, plain.schema)
    order = {"correlations": None, "memory": 0}
    states = [_job.states(_session.source("test", sdf), "profile", order) for sdf in (plain, plain, troubled)]
    assert len(states[0]) == 4
    assert states[0] == states[1] == states[2]  # byte for byte


def test_an_error_upstream_stays_what_it_was(spark):
    def fails(batches):
        yield from batches
        raise RuntimeError("something of the user's own")

    sdf = spark.range(0, 10, 1, 2).mapInArrow(fails, "id bigint")
    with pytest.raises(Exception, match="something of the user's own"):
        iw.spark.profile(sdf)


def test_a_failing_partition_speaks_our_words(spark):
    """Bytes that are no UTF-8, in a column Spark believes to be text."""
    sdf = spark.range(0, 40, 1, 4).selectExpr("id", "cast(if(id = 25, x'ff', x'41') as string) as word")
    with pytest.raises(ValueError, match=r"word.*\(partition 2\)") as caught:
        iw.spark.profile(sdf)
    assert "\n" not in str(caught.value) and "at org.apache" not in str(caught.value)
    assert iw.spark.profile(sdf, columns=["id"]).rows == 40


def test_threads_follow_the_cpus_of_a_task(spark):
    def asked(batches):
        import ironwheel
        import pyarrow as pa
        from ironwheel.spark import _worker
        from pyspark import TaskContext

        ironwheel.set_threads(None)
        before = ironwheel.threads()
        with _worker._Trouble():
            inside = ironwheel.threads()
        for _batch in batches:
            yield pa.RecordBatch.from_pydict({"seen": [before, inside, TaskContext.get().cpus()]})

    found = [row[0] for row in spark.range(0, 1, 1, 1).mapInArrow(asked, "seen bigint").collect()]
    assert found[1] == found[2] == 1


def test_the_library_is_loaded_once_by_a_worker(spark):
    """Two jobs in one Python worker: the second finds what the first has loaded."""

    def seen(batches):
        import os
        import sys

        import pyarrow as pa

        was = "ironwheel._lib" in sys.modules
        import ironwheel  # noqa: F401

        for _batch in batches:  # a worker that has not read all of its input is not used again
            pass
        with open("/proc/self/maps") as maps:
            mapped = sum("libironwheel" in line and "r-xp" in line for line in maps)
        yield pa.RecordBatch.from_pydict({"pid": [os.getpid()], "was": [was], "mapped": [mapped]})

    def ask():
        return spark.range(0, 2, 1, 2).mapInArrow(seen, "pid bigint, was boolean, mapped bigint").collect()

    iw.spark.profile(spark.range(0, 100, 1, 4))
    first = {row.pid for row in ask()}
    again = [row for row in ask() if row.pid in first]
    assert first and again, (first, ask())
    assert all(row.was and row.mapped == 1 for row in again)


@pytest.fixture
def executors_with(spark, tmp_path, monkeypatch):
    """Workers of a Python that finds another ironwheel, or none."""

    def arrange(source: str) -> None:
        (tmp_path / "ironwheel.py").write_text(source)
        python = tmp_path / "python"
        python.write_text(
            f'#!/bin/sh\nPYTHONPATH="{tmp_path}:$PYTHONPATH" exec "{sys.executable}" "$@"\n', encoding="utf-8"
        )
        python.chmod(python.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(spark.sparkContext, "pythonExec", str(python))

    return arrange


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ModuleNotFoundError(\"No module named 'ironwheel'\")", "cannot import ironwheel: No module named"),
        ("raise ImportError('could not load it: GLIBC_2.99 not found')", "GLIBC_2.99"),
        ("__version__ = '0.0.1'", r"has ironwheel 0\.0\.1, the driver has " + iw.__version__),
    ],
)
def test_executors_without_the_wheel(spark, executors_with, source, said):
    executors_with(source)
    for call in (iw.spark.profile, iw.spark.fingerprint):
        with pytest.raises(ImportError, match=said) as caught:
            call(spark.range(10))
        message = str(caught.value)
        assert all(word in message for word in ("Fabric environment", "Synapse", "ironwheel deploy", "--py-files"))
        assert "\n" not in message
    with pytest.raises(Exception, match="ironwheel deploy"):
        spark.range(10).select(iw.spark.udf("ints.is_prime")("id")).collect()
    with pytest.raises(Exception, match="ironwheel deploy"):
        iw.spark.with_fingerprint(spark.range(10)).collect()


def test_what_the_job_is_called(spark):
    context = spark.sparkContext
    context.setLocalProperty("spark.job.description", "mine")
    try:
        iw.spark.fingerprint(spark.range(3))
        assert context.getLocalProperty("spark.job.description") == "mine"
    finally:
        context.setLocalProperty("spark.job.description", None)
    iw.spark.fingerprint(spark.range(3))
    assert context.getLocalProperty("spark.job.description") is None
