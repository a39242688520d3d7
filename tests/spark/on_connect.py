"""A client of Spark Connect, in a process without a JVM: runs every check below, and writes what came of each.

usage: on_connect.py ADDRESS RESULTS.json
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any, Callable, Dict

import ironwheel as iw
import tables
from ironwheel import frames
from ironwheel.frames import rules

CHECKS: Dict[str, Callable[[Any], None]] = {}
#: Made before it is known that the session is one of Spark Connect.
GCD = iw.spark.udf("ints.gcd")

TABLE = """
select id, id % 7 as week, if(id % 3 = 0, null, id * 0.5D) as half, cast(id % 11 as string) as word,
       timestamp_seconds(1710000000 + id * 3600) as at, named_struct('x', id, 'at', timestamp_seconds(id)) as pair,
       array(id, null) as items, map('k', id) as tags, cast(id as decimal(20,4)) as amount
from range(0, 600, 1, 7)
"""


def check(call: Callable[[Any], None]) -> Callable[[Any], None]:
    CHECKS[call.__name__] = call
    return call


def arrow(sdf: Any) -> Any:
    import pyarrow
    from ironwheel.spark import _worker

    whole = sdf.toArrow()
    batches = [_worker.in_order(batch, whole.column_names) for batch in whole.to_batches()]
    return pyarrow.Table.from_batches(batches)


def raised(call: Callable[[], Any]) -> Exception:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@check
def the_client_has_no_jvm(spark: Any) -> None:
    import pyspark
    from pyspark.sql.connect.dataframe import DataFrame

    assert isinstance(spark.range(1), DataFrame)
    context = getattr(pyspark, "SparkContext", None)  # the package pyspark-client has none
    assert context is None or context._gateway is None


@check
def a_profile_is_that_of_one_machine(spark: Any) -> None:
    sdf = spark.sql(TABLE)
    found, local = iw.spark.profile(sdf), frames.profile(arrow(sdf))
    assert tables.differences({**found.to_dict(), "memory": 0}, {**local.to_dict(), "memory": 0}) == []
    assert found["id"].monotonic == "strictly increasing"
    assert [column.name for column in iw.spark.profile(sdf, columns=["word", "id"])] == ["word", "id"]
    assert iw.spark.profile(spark.range(0)).rows == 0


@check
def more_states_than_the_driver_takes_at_once(spark: Any) -> None:
    """No RDDs are here to merge them by: all come to the client, and are merged in order there."""
    found = iw.spark.profile(spark.range(0, 3000, 1, 100))
    assert found.rows == 3000 and found["id"].monotonic == "strictly increasing"


@check
def rows_without_columns_are_counted(spark: Any) -> None:
    assert iw.spark.profile(spark.range(10).select()).rows == 10
    assert iw.spark.validate(spark.range(10).select(), [rules.row_count(10, 10)]).passed


@check
def names_of_any_kind(spark: Any) -> None:
    sdf = spark.sql("select 1 as a, 2 as a, 3 as `a.b`, 4 as `*`, 5 as A")
    found = iw.spark.profile(sdf, columns=["a.b", "a", "*"])
    assert [(column.name, column.min) for column in found] == [("a.b", 3), ("a", 1), ("a", 2), ("*", 4)]
    assert iw.spark.with_fingerprint(sdf).columns == ["a", "a", "a.b", "*", "A", "fingerprint"]


@check
def types_arrow_cannot_carry_are_named(spark: Any) -> None:
    for column, kind in (("interval 1 year", "interval year"), ("make_interval(1)", "interval")):
        sdf = spark.sql(f"select 1 as id, {column} as odd")
        error = raised(lambda sdf=sdf: iw.spark.profile(sdf))
        assert isinstance(error, TypeError) and f"'odd' of type {kind};" in str(error), repr(error)
        assert iw.spark.profile(sdf, columns=["id"]).rows == 1
        assert iw.spark.validate(sdf, [rules.row_count(1)]).passed


@check
def a_report_is_that_of_one_machine(spark: Any) -> None:
    def is_even(rows: Any) -> Any:
        return [value % 2 == 0 for value in rows.to_arrow()["id"].to_pylist()]

    sdf, keys = spark.sql(TABLE), spark.range(5)

    def asked(table: Any) -> Any:
        return [
            rules.unique("id"),
            rules.unique("word", within="week"),
            rules.monotonic("at", strict=True),
            rules.not_null("half"),
            rules.range("id", max=99),
            rules.row_count(600, 600),
            rules.foreign_key("week", table, "id"),
            rules.custom(is_even, "id"),
        ]

    found = iw.spark.validate(sdf, asked(keys))
    local = frames.validate(arrow(sdf), asked(keys.toArrow()))
    assert found.to_dict() == local.to_dict() and list(found.mask) == list(local.mask)
    assert {result.passed for result in found} == {True, False}


@check
def errors_keep_their_type_and_words(spark: Any) -> None:
    def grumbles(rows: Any) -> Any:
        raise LookupError("no verdict" + "!" * 5000)

    error = raised(lambda: iw.spark.validate(spark.range(0, 3, 1, 1), [rules.custom(grumbles, "id")]))
    assert type(error) is LookupError and str(error) == f"no verdict{'!' * 5000} (partition 0)", repr(error)[:300]
    error = raised(lambda: iw.spark.profile(spark.sql("select cast(X'ff' as string) as word")))
    assert type(error) is ValueError and "word" in str(error) and "\n" not in str(error), repr(error)
    error = raised(lambda: iw.spark.validate(spark.range(3), [rules.unique("ids")]))
    assert type(error) is ValueError and 'did you mean "id"' in str(error), repr(error)
    error = raised(lambda: iw.spark.profile(spark.sql("select raise_error('of the query itself') as word")))
    assert "of the query itself" in str(error) and "ironwheel" not in str(error), repr(error)[:300]


@check
def digests_are_those_of_one_machine(spark: Any) -> None:
    sdf = spark.sql(TABLE)
    local = arrow(sdf)
    for bits in (64, 128):
        assert iw.spark.fingerprint(sdf, bits=bits) == frames.digest(local, bits=bits)
    by_name = iw.spark.fingerprint(sdf, ["word", "id"], order_independent=True)
    assert by_name == frames.digest(local, columns=["id", "word"], order_independent=True)


@check
def hashes_as_a_column(spark: Any) -> None:
    sdf = spark.sql(TABLE)
    got = [row.fingerprint % 2**64 for row in iw.spark.with_fingerprint(sdf).select("fingerprint").collect()]
    assert got == frames.fingerprint(arrow(sdf)).to_numpy().tolist()
    made = iw.spark.with_fingerprint(sdf, "hash", ["id"], bits=128)
    assert made.schema.fields[:-1] == sdf.schema.fields
    wanted = [bytes(value) for value in frames.fingerprint(arrow(sdf), ["id"], bits=128).to_numpy()]
    assert [bytes(row.hash) for row in made.select("hash").collect()] == wanted


@check
def functions_of_columns(spark: Any) -> None:
    from pyspark.sql import functions

    sdf = spark.sql("select * from values (12, 18, '日本'), (null, 3, 'a') t(a, b, w)")
    made = sdf.select(GCD("a", "b"), GCD(functions.col("a"), functions.lit(8)), iw.spark.udf("text.width")("w"))
    assert [tuple(row) for row in made.collect()] == [(6, 4, 4), (None, None, 1)]
    assert [row[0] for row in sdf.select(iw.spark.udf("ints.factor")("b")).collect()] == [{2: 1, 3: 2}, {3: 1}]
    hashed = sdf.select(iw.spark.udf("frames.fingerprint")("a", "b", "w")).collect()
    assert hashed == iw.spark.with_fingerprint(sdf).select("fingerprint").collect()
    assert spark.range(0, 30_000, 1, 2).where(iw.spark.udf("ints.is_prime")("id")).count() == 3245
    error = raised(lambda: spark.sql("select -4L as n").select(iw.spark.udf("ints.isqrt")("n")).collect())
    assert "ValueError: ints.isqrt: n must not be negative, got -4" in str(error), repr(error)[:300]


@check
def functions_of_sql(spark: Any) -> None:
    spark.udf.register("gcd", GCD)
    spark.udf.register("is_prime", iw.spark.udf("ints.is_prime"))
    spark.udf.register("row_hash", iw.spark.udf("frames.fingerprint", bits=128))
    assert spark.sql("select sum(id) from range(100) where is_prime(id)").first()[0] == 1060
    assert [row[0] for row in spark.sql("select gcd(a, b) from values (12, 18), (null, 3) t(a, b)").collect()] == [
        6,
        None,
    ]
    local = frames.fingerprint({"a": [1], "b": ["x"]}, bits=128).to_numpy()
    assert bytes(spark.sql("select row_hash(1, 'x')").first()[0]) == bytes(local[0])


@check
def the_zone_of_the_session_changes_nothing(spark: Any) -> None:
    digests = set()
    for zone in ("UTC", "Asia/Kathmandu"):
        spark.conf.set("spark.sql.session.timeZone", zone)
        digests.add(iw.spark.fingerprint(spark.sql(TABLE)).digest)
    assert len(digests) == 1


def main() -> None:
    from pyspark.sql import SparkSession

    address, results = sys.argv[1:]
    spark = SparkSession.builder.remote(address).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    outcomes = {}
    for name, call in CHECKS.items():
        try:
            call(spark)
            outcomes[name] = ""
        except Exception:
            outcomes[name] = traceback.format_exc()
    spark.stop()
    with open(results, "w", encoding="utf-8") as file:
        json.dump(outcomes, file)


if __name__ == "__main__":
    main()
