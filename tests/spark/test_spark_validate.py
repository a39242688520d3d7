"""A report made by executors is the one a single machine makes."""

from __future__ import annotations

import datetime
import json

import ironwheel as iw
import pyarrow as pa
import pytest
import tables
from ironwheel import frames
from ironwheel.frames import rules
from ironwheel.spark import _job

NOW = "2024-03-20T00:00:00Z"


def every_kind(frame_of_words):
    def is_even(rows):
        return [None if value is None else value % 2 == 0 for value in rows.to_arrow()["n"].to_pylist()]

    return [
        rules.not_null("n", "word"),
        rules.not_null("word", mostly=0.5, severity="warning"),
        rules.unique("id"),
        rules.unique("n"),
        rules.unique("word", within="flag"),
        rules.range("amount", 100, 90_000, exclusive="max"),
        rules.range("day", datetime.date(1970, 1, 1)),
        rules.range("at", datetime.datetime(2024, 3, 10, tzinfo=tables.UTC), name="from the tenth on"),
        rules.length("word", 1, 8),
        rules.regex("word", "^[a-z]"),
        rules.in_set("word", ["", "7"]),
        rules.not_in_set("small", [1, 2, 3]),
        rules.foreign_key("word", frame_of_words, "name"),
        rules.monotonic("id", strict=True),
        rules.monotonic("n"),
        rules.monotonic("at", where="flag"),
        rules.type("id", "int64"),
        rules.type("absent", "integer", severity="warning"),
        rules.row_count(10, 100_000),
        rules.row_count(max=10, where="flag"),
        rules.freshness("at", "3d", now=NOW),
        rules.freshness("day", "1d", now=NOW),
        rules.expression("n * 2 < 1500 or small > 0", where="id > 20"),
        rules.custom(is_even, "n", name="n is even"),
    ]


WORDS = pa.table({"name": ["", " ", "7", "a@b.org"], "more": [1, 2, 3, 4]})


def same(ours, theirs):
    assert ours.to_dict() == theirs.to_dict()
    assert list(ours.mask) == list(theirs.mask)


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_every_kind_of_rule_as_on_one_machine(spark, jobs, partitions):
    sdf = tables.frame(spark, 600, partitions)
    asked = every_kind(WORDS)
    found, count = jobs(lambda: iw.spark.validate(sdf, asked))
    assert isinstance(found, frames.Report) and count == 1
    local = frames.validate(tables.arrow(sdf), asked)
    same(found, local)
    kinds = {result.kind for result in local}
    assert kinds == {name.rstrip("_") for name in rules.__all__ if name != "Rule"}
    assert {result.passed for result in local} == {True, False}
    assert not found.passed and "<" in found._repr_html_()


def test_across_partitions(spark):
    """What no partition knows by itself: two rows that share a value, and a value below the one before."""
    sdf = spark.createDataFrame(spark.sparkContext.parallelize([(1,), (5,), (4,), (9,), (5,), (7,)], 6), "id int")
    report = iw.spark.validate(sdf, [rules.unique("id"), rules.monotonic("id"), rules.row_count(6, 6)])
    assert [result.first_rows for result in report] == [[1, 4], [2, 4], []]
    assert [result.passed for result in report] == [False, False, True]


def test_empty_partitions_and_no_rows(spark):
    context = spark.sparkContext
    parts = [[], [(1, "a")], [], [(1, None)], []]
    data = context.parallelize(range(5), 5).flatMap(lambda at: parts[at])
    sdf = spark.createDataFrame(data, "id int, word string")
    asked = [rules.unique("id"), rules.not_null("word"), rules.row_count(1)]
    same(iw.spark.validate(sdf, asked), frames.validate(tables.arrow(sdf), asked))
    for empty in (context.emptyRDD(), context.parallelize([], 3)):
        none = spark.createDataFrame(empty, "id int, word string")
        same(iw.spark.validate(none, asked), frames.validate(tables.arrow(none), asked))


def test_many_partitions(spark, jobs, monkeypatch):
    monkeypatch.setattr(_job, "ON_DRIVER", 4)
    monkeypatch.setattr(_job, "FAN_IN", 3)
    sdf = spark.range(0, 400, 1, 14).selectExpr("id", "id % 390 as n")
    asked = [rules.unique("n"), rules.monotonic("id", strict=True), rules.range("n", 0, 100)]
    found, count = jobs(lambda: iw.spark.validate(sdf, asked))
    same(found, frames.validate(tables.arrow(sdf), asked))
    assert count == 1


def test_foreign_keys_into_another_dataframe(spark):
    orders = spark.sql("select id, id % 7 as customer, cast(id % 3 as string) as land from range(50)")
    customers = spark.sql("select id as number, cast(id % 2 as string) as land from range(5)")
    asked = [
        rules.foreign_key("customer", "customers", "number"),
        rules.foreign_key("customer", customers, "number", name="given itself"),
        rules.foreign_key(["customer", "land"], "customers", ["number", "land"]),
    ]
    found = iw.spark.validate(orders, asked, frames={"customers": customers})
    local = tables.arrow(customers)
    asked[1] = rules.foreign_key("customer", local, "number", name="given itself")
    theirs = frames.validate(tables.arrow(orders), asked, frames={"customers": local})
    same(found, theirs)
    assert found[0].failed == 14


def test_foreign_keys_into_no_rows(spark):
    orders = spark.range(3)
    found = iw.spark.validate(orders, [rules.foreign_key("id", spark.range(0), "id")])
    assert found[0].failed == 3


def test_rules_from_text_and_files(spark, tmp_path):
    sdf = spark.range(0, 20, 1, 2)
    toml = '[[rules]]\nrule = "range"\ncolumn = "id"\nmax = 9\n'
    (tmp_path / "rules.toml").write_text(toml)
    as_dicts = [{"rule": "range", "column": "id", "max": 9}]
    for given in (toml, json.dumps(as_dicts), as_dicts, tmp_path / "rules.toml", str(tmp_path / "rules.toml")):
        assert iw.spark.validate(sdf, given)[0].failed == 10


def test_one_moment_for_all_partitions(spark):
    now = datetime.datetime.now(datetime.timezone.utc)
    sdf = spark.range(0, 8, 1, 4).selectExpr("id", f"timestamp '{now.isoformat()}' as at")
    assert iw.spark.validate(sdf, [rules.freshness("at", "1h"), rules.expression("at <= now()")]).passed
    later = now + datetime.timedelta(days=9)
    assert not iw.spark.validate(sdf, [rules.freshness("at", "1h", now=later)]).passed


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (rules.not_null("nope"), "nope"),
        (rules.range("word", 1, 2), "word"),
        (rules.expression("id + word > 1"), "word"),
        ({"rule": "custom", "columns": ["id"]}, "custom"),
        (rules.foreign_key("id", "customers", "id"), "customers"),
    ],
)
def test_wrong_rules_are_said_before_anything_runs(spark, jobs, rule, said):
    sdf = spark.range(5).selectExpr("id", "cast(id as string) as word")

    def call():
        with pytest.raises((ValueError, TypeError), match=said):
            iw.spark.validate(sdf, [rule])

    assert jobs(call)[1] == 0


def test_only_columns_of_rules_are_read(spark):
    sdf = spark.sql("select 1 as id, interval '1' year as odd")
    assert iw.spark.validate(sdf, [rules.not_null("id")]).passed
    with pytest.raises(TypeError, match="'odd'"):
        iw.spark.validate(sdf, [rules.not_null("odd")])


@pytest.mark.parametrize("columns", ["id", "interval '1' year as odd, id", "interval '1' year as odd", ""])
def test_rules_about_no_column(spark, columns):
    sdf = spark.range(0, 9, 1, 3).selectExpr(*filter(None, columns.split(", ")))
    report = iw.spark.validate(sdf, [rules.row_count(9, 9), rules.row_count(max=8), rules.type("id", "integer")])
    assert [result.passed for result in report] == [True, False, "id" in columns]
    assert report[1].to_dict() == frames.validate({"n": list(range(9))}, [rules.row_count(max=8)])[0].to_dict()


def test_a_column_that_is_not_there_beside_one_that_cannot_be_read(spark, jobs):
    sdf = spark.range(5).selectExpr("interval '1' year as odd", "id")

    def call():
        with pytest.raises(ValueError, match='"ids" is no column of data; did you mean "id"'):
            iw.spark.validate(sdf, [rules.unique("ids")])

    assert jobs(call)[1] == 0


def test_a_custom_function_that_raises(spark):
    def grumbles(rows):
        raise LookupError(f"no verdict on {len(rows)} rows")

    sdf = spark.range(0, 6, 1, 3)
    with pytest.raises(LookupError, match=r"no verdict on 2 rows \(partition [012]\)") as caught:
        iw.spark.validate(sdf, [rules.custom(grumbles, "id")])
    assert "\n" not in str(caught.value)


def test_a_custom_function_that_raises_at_first_is_tried_again(spark):
    def hesitates(rows):
        from pyspark import TaskContext

        if TaskContext.get().attemptNumber() == 0:
            raise OSError("not yet")
        return [value != 5 for value in rows.to_arrow()["id"].to_pylist()]

    report = iw.spark.validate(spark.range(0, 8, 1, 2), [rules.custom(hesitates, "id")])
    assert report[0].first_rows == [5]


def test_custom_functions_see_the_cpus_of_the_task(spark):
    def asks(rows):
        import ironwheel
        from pyspark import TaskContext

        return [ironwheel.threads() == TaskContext.get().cpus()] * len(rows)

    assert iw.spark.validate(spark.range(0, 4, 1, 2), [rules.custom(asks, "id")]).passed


def test_failing_rows_are_not_kept(spark):
    report = iw.spark.validate(spark.range(3), [rules.range("id", 1)])
    with pytest.raises(ValueError, match="filter it"):
        report.failing()
    with pytest.raises(frames.ValidationError):
        report.raise_on_failure()


def test_wrong_arguments(spark):
    with pytest.raises(TypeError, match="sdf must be"):
        iw.spark.validate({"a": [1]}, [rules.not_null("a")])
    with pytest.raises(TypeError, match="frames must be a mapping"):
        iw.spark.validate(spark.range(1), [rules.not_null("id")], frames=[1])
