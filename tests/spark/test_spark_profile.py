"""A profile made by executors is the one a single machine makes."""

from __future__ import annotations

import math

import ironwheel as iw
import pytest
import tables
from ironwheel import frames
from ironwheel.spark import _job


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_every_figure_is_that_of_one_machine(spark, jobs, partitions):
    sdf = tables.frame(spark, 700, partitions)
    found, count = jobs(lambda: iw.spark.profile(sdf))
    assert isinstance(found, frames.Profile) and count == 1
    local = frames.profile(tables.arrow(sdf))
    assert tables.differences(found.to_dict(), local.to_dict()) == []
    assert found.memory == pytest.approx(local.memory, rel=0.1)
    assert found["at"].type == "timestamp[us, tz=UTC]" and found["id"].monotonic == "strictly increasing"
    assert "<" in found._repr_html_()


def test_empty_and_skewed_partitions(spark):
    rows = tables.rows(3) + tables.rows(400, seed=1)
    parts = [[], rows[:1], [], [], rows[1:], []]
    data = spark.sparkContext.parallelize(range(6), 6).flatMap(lambda at: parts[at])
    sdf = spark.createDataFrame(data, tables.SCHEMA)
    local = frames.profile(tables.arrow(sdf))
    assert local.rows == 403
    assert tables.differences(iw.spark.profile(sdf).to_dict(), local.to_dict()) == []


@pytest.mark.parametrize("partitions", [0, 3])
def test_no_rows_at_all(spark, partitions):
    empty = spark.sparkContext.emptyRDD() if partitions == 0 else spark.sparkContext.parallelize([], partitions)
    sdf = spark.createDataFrame(empty, tables.SCHEMA)
    found = iw.spark.profile(sdf)
    assert found.rows == 0 and [column.name for column in found] == sdf.columns
    local = frames.profile(tables.arrow(sdf))
    assert [column.type for column in found] == [column.type for column in local]


def test_more_partitions_than_the_driver_takes(spark, jobs):
    sdf = tables.frame(spark, 300, _job.ON_DRIVER + 36)
    found, count = jobs(lambda: iw.spark.profile(sdf, columns=["id", "word", "real"]))
    local = frames.profile(tables.arrow(sdf.select("id", "word", "real")))
    assert tables.differences(found.to_dict(), local.to_dict()) == [] and count == 1
    assert found["id"].monotonic == "strictly increasing"  # so the states were merged in order


def test_rounds_of_merging_keep_the_order(spark, jobs, monkeypatch):
    monkeypatch.setattr(_job, "ON_DRIVER", 2)
    monkeypatch.setattr(_job, "FAN_IN", 3)
    sdf = tables.frame(spark, 100, 20)  # 20 states, then 7, 3, 1
    found, count = jobs(lambda: iw.spark.profile(sdf))
    assert count == 1
    assert tables.differences(found.to_dict(), frames.profile(tables.arrow(sdf)).to_dict()) == []


def test_wide_tables_reach_the_driver_in_fewer_pieces():
    limits = [
        _job._of_columns(_job.ON_DRIVER, _job.ON_DRIVER_COLUMNS, columns) for columns in (0, 1, 64, 65, 500, 9999)
    ]
    assert limits == [64, 64, 64, 63, 8, 4]


def test_sketches_keep_their_stated_error(spark):
    count = 400_000
    sdf = spark.range(0, count, 1, 4).selectExpr("(id * 7919) % 400000 as n", "cast(id % 100000 as string) as word")
    found = iw.spark.profile(sdf)
    assert found["n"].count == count and found["n"].min == 0 and found["n"].max == count - 1
    assert found["n"].sum == count * (count - 1) // 2 and found["n"].mean == (count - 1) / 2
    for name, exact in (("n", count), ("word", 100_000)):
        assert not found[name].distinct_exact
        assert abs(found[name].distinct / exact - 1) < 5 * 0.0081
    assert not found["n"].quantiles_exact
    for share, value in found["n"].quantiles.items():
        assert abs(value / count - float(share)) < 3 * found["n"].quantiles_error


def test_one_partition_keeps_exact_quantiles(spark):
    sdf = spark.range(0, 100_000, 1, 1)
    found = iw.spark.profile(sdf)
    assert found["id"].quantiles_exact and found["id"].quantiles["0.5"] == 49_999.5 and found["id"].is_unique
    with pytest.raises(TypeError, match="memory must be an int"):
        iw.spark.profile(sdf, memory="64 MiB")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Europe/Zurich"])
def test_the_zone_of_the_session_changes_nothing(spark, zone):
    sdf = tables.frame(spark, 200, 2).select("at", "wall", "day", "pair")
    here = iw.spark.profile(sdf).to_dict()
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        assert iw.spark.profile(sdf).to_dict() == here
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)


def test_columns_are_chosen_and_ordered(spark):
    sdf = tables.frame(spark, 50, 2)
    found = iw.spark.profile(sdf, columns=["word", "id"])
    assert [column.name for column in found] == ["word", "id"]


def test_rows_without_columns_are_counted(spark):
    sdf = spark.range(0, 10, 1, 3)
    for found in (iw.spark.profile(sdf, columns=[]), iw.spark.profile(sdf.select())):
        assert found.rows == 10 and list(found) == []
        assert tables.differences(found.to_dict(), frames.profile(tables.arrow(sdf), columns=[]).to_dict()) == []
    assert iw.spark.profile(spark.range(0), columns=[]).rows == 0


def test_names_of_any_kind(spark):
    sdf = spark.createDataFrame([(1, 2, 3, 4)], "`a.b` int, `it``s` int, `ä ö` int, `A` int").selectExpr(
        "`a.b`", "`it``s`", "`ä ö`", "`A`", "`A` + 1 as a", "7 as `A`"
    )
    names = ["a.b", "it`s", "ä ö", "A", "a", "A"]
    assert [column.name for column in iw.spark.profile(sdf)] == names
    chosen = iw.spark.profile(sdf, columns=["a", "A", "a.b"])
    assert [(column.name, column.min) for column in chosen] == [("a", 5), ("A", 4), ("A", 7), ("a.b", 1)]


@pytest.mark.parametrize("name", ["a.b", "it`s", "*", "ä ö"])
def test_one_name_of_any_kind(spark, name):
    sdf = spark.range(3).toDF(name)
    assert [column.name for column in iw.spark.profile(sdf)] == [name]
    assert [column.name for column in iw.spark.profile(sdf, columns=[name])] == [name]
    assert iw.spark.with_fingerprint(sdf).columns == [name, "fingerprint"]
    assert iw.spark.validate(sdf, [iw.frames.rules.unique(name)]).passed


def test_a_column_that_is_not_there(spark):
    with pytest.raises(ValueError, match="'nope'.*'id'"):
        iw.spark.profile(spark.range(1), columns=["nope"])
    with pytest.raises(TypeError, match=r"'id'; did you mean \['id'\]"):
        iw.spark.profile(spark.range(1), columns="id")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("interval '1' year", "interval year"),
        ("make_interval(1)", "interval"),
        ("array(interval '1' month)", "array<interval month>(, because of interval month in it|;)"),
        ("named_struct('x', interval '1' year)", r"struct<x:\s?interval year>(, because of interval year in it|;)"),
    ],
)
def test_a_type_arrow_cannot_carry_is_named_before_anything_runs(spark, jobs, column, said):
    sdf = spark.range(10).selectExpr("id", f"{column} as odd")

    def call():
        with pytest.raises(TypeError, match=f"'odd' of type {said}"):
            iw.spark.profile(sdf)

    assert jobs(call)[1] == 0
    assert iw.spark.profile(sdf.select("id")).rows == 10
    assert iw.spark.profile(sdf, columns=["id"]).rows == 10


def test_what_is_no_dataframe(spark):
    for wrong in ([1], frames.profile({"a": [1]}), spark.range(1).rdd, None):
        with pytest.raises(TypeError, match="sdf must be a pyspark.sql.DataFrame, got"):
            iw.spark.profile(wrong)


def test_correlations(spark):
    sdf = spark.range(0, 1000, 1, 3).selectExpr("id", "-id as down", "id % 7 as week")
    found = iw.spark.profile(sdf, correlations="pearson").correlations
    local = frames.profile(tables.arrow(sdf), correlations="pearson").correlations
    assert found["columns"] == local["columns"]
    for own, other in zip(found["matrix"], local["matrix"]):
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(own, other))
    with pytest.raises(ValueError, match="spearman"):
        iw.spark.profile(sdf, correlations="spearman")
    with pytest.raises(ValueError, match="'kendall'"):
        iw.spark.profile(sdf, correlations="kendall")


def test_stages_before_ours_run_once(spark, jobs):
    """Under adaptive execution, asking for the number of partitions runs them; the action must not do so again."""
    runs = spark.sparkContext.accumulator(0)

    def seen(batches):
        for batch in batches:
            runs.add(batch.num_rows)
            yield batch

    sdf = spark.range(0, 1000, 1, 4).mapInArrow(seen, "id bigint").groupBy("id").count()
    _, plain = jobs(lambda: sdf.collect())
    before = runs.value
    found, count = jobs(lambda: iw.spark.profile(sdf))
    assert found.rows == 1000 and runs.value - before == 1000
    assert count <= plain
