"""Rows hash on executors as they do anywhere."""

from __future__ import annotations

import ironwheel as iw
import pytest
import tables
from ironwheel import frames
from ironwheel.spark import _job


@pytest.mark.parametrize("bits", [64, 128])
@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_the_digest_is_that_of_one_machine(spark, jobs, partitions, bits):
    sdf = tables.frame(spark, 300, partitions)
    found, count = jobs(lambda: iw.spark.fingerprint(sdf, bits=bits))
    local = frames.fingerprint(tables.arrow(sdf), bits=bits)
    assert found == local and count == 1
    assert (found.digest, found.rows, found.bits) == (local.digest, 300, bits)


def test_the_digest_is_that_of_pandas(spark):
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame({"n": [1, 2, 3], "word": ["a", None, "ü"], "real": [0.5, -0.0, 1e300]})
    sdf = spark.createDataFrame([(3, "ü", 1e300), (1, "a", 0.5), (2, None, 0.0)], "n int, word string, real double")
    assert iw.spark.fingerprint(sdf.repartition(3)) == frames.fingerprint(data)


def test_order_and_partitions_do_not_count(spark):
    sdf = tables.frame(spark, 200, 3)
    assert iw.spark.fingerprint(sdf) == iw.spark.fingerprint(sdf.repartition(5, "word"))
    assert iw.spark.fingerprint(sdf) != iw.spark.fingerprint(sdf.where("id != 17"))


def test_columns_and_names(spark):
    sdf = tables.frame(spark, 50, 2)
    local = tables.arrow(sdf)
    chosen = ["word", "id"]
    assert iw.spark.fingerprint(sdf, chosen) == frames.fingerprint(local, chosen)
    one = iw.spark.fingerprint(sdf, chosen, order_independent=True)
    assert one == iw.spark.fingerprint(sdf, chosen[::-1], order_independent=True)
    assert one == frames.fingerprint(local, chosen, order_independent=True)
    with pytest.raises(ValueError, match="order_independent"):
        iw.spark.fingerprint(spark.sql("select 1 as a, 2 as a"), order_independent=True)


def test_no_rows(spark):
    sdf = spark.range(0)
    assert iw.spark.fingerprint(sdf) == frames.digest({"id": []}) and iw.spark.fingerprint(sdf).rows == 0


def test_no_columns(spark):
    sdf = spark.range(0, 5, 1, 3)
    local = tables.arrow(sdf)
    wanted = frames.digest(local, columns=[])
    assert wanted.rows == 5
    assert iw.spark.fingerprint(sdf, []) == wanted and iw.spark.fingerprint(sdf.select()) == wanted
    hashes = frames.fingerprint(local, []).to_numpy().tolist()
    made = iw.spark.with_fingerprint(sdf, columns=[])
    assert made.columns == ["id", "fingerprint"] and [row[1] % 2**64 for row in made.collect()] == hashes
    bare = iw.spark.with_fingerprint(sdf.select(), "c0")
    assert bare.columns == ["c0"] and [row[0] % 2**64 for row in bare.collect()] == hashes


def test_many_partitions(spark, jobs, monkeypatch):
    monkeypatch.setattr(_job, "ON_DRIVER", 4)
    monkeypatch.setattr(_job, "FAN_IN", 3)
    sdf = spark.range(0, 500, 1, 14)
    found, count = jobs(lambda: iw.spark.fingerprint(sdf))
    assert found == frames.digest({"id": list(range(500))}) and count == 1


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_the_zone_of_the_session_changes_nothing(spark, zone):
    sdf = tables.frame(spark, 100, 2)
    here = iw.spark.fingerprint(sdf)
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        assert iw.spark.fingerprint(sdf) == here
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)


@pytest.mark.parametrize("wrong", [32, 0, -64, 64.0, True, "64"])
def test_bits(spark, wrong):
    for call in (iw.spark.fingerprint, iw.spark.with_fingerprint):
        with pytest.raises((ValueError, TypeError), match="bits must be 64 or 128, got"):
            call(spark.range(1), bits=wrong)


@pytest.mark.parametrize("bits", [64, 128])
def test_hashes_as_a_column(spark, jobs, bits):
    sdf = tables.returnable(tables.frame(spark, 150, 3))
    made, count = jobs(lambda: iw.spark.with_fingerprint(sdf, bits=bits))
    assert count == 0  # lazy
    assert made.columns == [*sdf.columns, "fingerprint"]
    assert made.schema.fields[:-1] == sdf.schema.fields
    found = tables.arrow(made)
    local = tables.arrow(sdf)
    hashes = frames.fingerprint(local, bits=bits).to_arrow().column(0).to_pylist()
    got = found.column("fingerprint").to_pylist()
    assert [value % 2**64 if bits == 64 else value for value in got] == hashes
    # What went through is what went in.
    assert frames.fingerprint(found.drop_columns(["fingerprint"])) == frames.fingerprint(local)


def test_hashes_of_some_columns(spark):
    sdf = tables.returnable(tables.frame(spark, 40, 2))
    made = iw.spark.with_fingerprint(sdf, "hash", ["word", "id"])
    got = [row[0] % 2**64 for row in made.select("hash").collect()]
    assert got == frames.fingerprint(tables.arrow(sdf), ["word", "id"]).to_numpy().tolist()
    again = sdf.withColumnRenamed("word", "Word")
    with pytest.raises(ValueError, match="none of the columns of sdf, got 'WORD'"):
        iw.spark.with_fingerprint(again, "WORD")


def test_what_spark_does_not_take_back_is_named(spark):
    sdf = tables.frame(spark, 40, 2)
    if len(tables.returnable(sdf).columns) == len(sdf.columns):
        assert iw.spark.with_fingerprint(sdf).columns[-1] == "fingerprint"
    else:
        with pytest.raises(TypeError, match="takes back from Python, got 'pair' of type struct<x:int,y:timestamp>"):
            iw.spark.with_fingerprint(sdf)


def test_hashes_beside_columns_of_one_name(spark):
    sdf = spark.sql("select 1 as a, 2 as a, 3 as b")
    assert iw.spark.with_fingerprint(sdf, "c0").columns == ["a", "a", "b", "c0"]
    made = iw.spark.with_fingerprint(sdf)
    assert made.columns == ["a", "a", "b", "fingerprint"]
    row = made.collect()[0]
    assert tuple(row)[:3] == (1, 2, 3)
    assert row[3] % 2**64 == frames.fingerprint({"x": [1], "y": [2], "z": [3]}).to_numpy()[0]


def test_the_column_may_be_used_in_sql(spark):
    twice = spark.range(100).union(spark.range(5))
    iw.spark.with_fingerprint(twice).createOrReplaceTempView("hashed")
    found = spark.sql("select count(*) from (select fingerprint from hashed group by 1 having count(*) > 1)")
    assert found.first()[0] == 5
