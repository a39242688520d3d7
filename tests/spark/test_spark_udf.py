"""Functions of ints, text and frames as functions of Spark."""

from __future__ import annotations

import subprocess
import sys

import ironwheel as iw
import pytest
from ironwheel import frames, ints, text
from ironwheel.spark import _udf

BIG = 2**53 + 1  # no float


def test_every_function_that_takes_single_values_is_there():
    """What ints and text have and takes one value and gives one; a new one has to be thought of here."""
    left_out = {"primes"}  # an array for two values
    assert set(ints.__all__) - left_out == {name[5:] for name in _udf.KNOWN if name.startswith("ints.")}
    functions = {name for name in text.__all__ if name.islower()} - {"render", "print", "detect", "split_cells"}
    assert functions == {name[5:] for name in _udf.KNOWN if name.startswith("text.")}


@pytest.mark.parametrize("name", [name for name, known in _udf.KNOWN.items() if name.startswith("ints.")])
def test_ints_with_nulls_and_values_no_float_holds(spark, name):
    short = name[5:]
    call = getattr(ints, short)
    big = 41 if short == "pow" else BIG
    rows = [(5, 3), (None, 2), (12, None), (big, 1), (97, 2)]
    sdf = spark.createDataFrame(spark.sparkContext.parallelize(rows, 1), "a bigint, b bigint")
    made = iw.spark.udf(name)
    columns = ["a", "b"][: _udf.KNOWN[name].arguments]
    got = [row[0] for row in sdf.select(made(*columns)).collect()]
    wanted = []
    for row in rows:
        given = row[: len(columns)]
        found = None if None in given else call(*given)
        wanted.append(dict(found) if short == "factor" and found is not None else found)
    assert got == wanted
    assert type(got[0]) is type(wanted[0])


@pytest.mark.parametrize("kind", ["tinyint", "smallint", "int", "bigint", "decimal(20,0)"])
def test_integers_of_any_width(spark, kind):
    sdf = spark.sql(f"select cast(a as {kind}) a from values (7), (8), (null), (11) t(a)")
    assert [row[0] for row in sdf.select(iw.spark.udf("ints.is_prime")("a")).collect()] == [True, False, None, True]


def test_whole_numbers_in_other_types(spark):
    sdf = spark.sql(f"select cast({-(2**63)} as decimal(38,10)) a, 6.0D b, 1e18D c")
    gcd = iw.spark.udf("ints.gcd")
    assert tuple(sdf.select(gcd("a", "b"), gcd("c", "b")).first()) == (2, 2)


def test_sql(spark):
    spark.udf.register("is_prime", iw.spark.udf("ints.is_prime"))
    spark.udf.register("gcd", iw.spark.udf("ints.gcd"))
    spark.udf.register("cells", iw.spark.udf("text.width"))
    assert spark.sql("select sum(id) from range(100) where is_prime(id)").first()[0] == 1060
    assert spark.sql("select gcd(a, b) from values (12, 18), (null, 3) t(a, b)").collect() == [(6,), (None,)]
    assert spark.sql("select cells(w) from values ('日本'), (null) t(w)").collect() == [(4,), (None,)]


def test_sql_never_answers_wrongly_of_big_integers_beside_nulls(spark, version):
    spark.udf.register("is_prime", iw.spark.udf("ints.is_prime"))
    rows = spark.sparkContext.parallelize([(BIG,), (None,)], 1)
    spark.createDataFrame(rows, "a bigint").createOrReplaceTempView("beside_nulls")
    query = "select is_prime(a) from beside_nulls"
    if version >= (4, 1):
        assert spark.sql(query).collect() == [(ints.is_prime(BIG),), (None,)]
    else:
        with pytest.raises(Exception, match=r"ints.is_prime: 900719925474099\d came in a batch with nulls"):
            spark.sql(query).collect()


def test_text(spark):
    rows = [("[red]hi[/] there",), (None,), ("日本",), ("",)]
    sdf = spark.createDataFrame(rows, "w string")
    got = sdf.select(*(iw.spark.udf(f"text.{name}")("w") for name in ("width", "strip", "escape"))).collect()
    for (word,), row in zip(rows, got):
        assert tuple(row) == ((None,) * 3 if word is None else (text.width(word), text.strip(word), text.escape(word)))


def test_fingerprint(spark, version):
    sdf = spark.createDataFrame([(1, "a", 0.5), (2, None, -0.0), (None, "ü", 1e9)], "n int, word string, real double")
    local = {"n": [1, 2, None], "word": ["a", None, "ü"], "real": [0.5, -0.0, 1e9]}
    got = [row[0] % 2**64 for row in sdf.select(iw.spark.udf("frames.fingerprint")("n", "word", "real")).collect()]
    assert got == frames.fingerprint(local).to_numpy().tolist()
    wide = sdf.select(iw.spark.udf("frames.fingerprint", bits=128)("n", "word", "real")).collect()
    assert [bytes(row[0]) for row in wide] == [bytes(h) for h in frames.fingerprint(local, bits=128).to_numpy()]
    spark.udf.register("row_hash", iw.spark.udf("frames.fingerprint"))
    sdf.createOrReplaceTempView("t")
    assert [row[0] % 2**64 for row in spark.sql("select row_hash(n, word, real) from t").collect()] == got


def test_fingerprint_of_timestamps(spark, version):
    sdf = spark.sql("select timestamp_seconds(id) as at from range(3)")
    made = sdf.select(iw.spark.udf("frames.fingerprint")("at"))
    if version >= (4, 1):
        assert made.collect() == iw.spark.with_fingerprint(sdf).select("fingerprint").collect()
    else:
        with pytest.raises(Exception, match="with_fingerprint"):
            made.collect()


def test_options(spark):
    sdf = spark.sql(f"select {2**63 - 1}L as a, 1 as b")
    for overflow, wanted in (("wrap", -(2**63)), ("saturate", 2**63 - 1)):
        assert sdf.select(iw.spark.udf("ints.add", overflow=overflow)("a", "b")).first()[0] == wanted
    with pytest.raises(ValueError, match="overflow must be"):
        iw.spark.udf("ints.add", overflow="ignore")
    with pytest.raises(TypeError, match="ints.gcd has no option 'overflow'"):
        iw.spark.udf("ints.gcd", overflow="wrap")
    with pytest.raises(ValueError, match="bits must be 64 or 128, got 12"):
        iw.spark.udf("frames.fingerprint", bits=12)


def test_a_fingerprint_by_name_is_refused(spark):
    """A function of Spark is not told the names of its columns: two orders would be two hashes of one row."""
    with pytest.raises(ValueError, match=r"order_independent must be False.* got True; use .*with_fingerprint"):
        iw.spark.udf("frames.fingerprint", order_independent=True)
    sdf = spark.sql("select id, cast(id as string) as word from range(3)")
    by_place = iw.spark.udf("frames.fingerprint", order_independent=False)
    assert (
        sdf.select(by_place("id", "word")).collect() == iw.spark.with_fingerprint(sdf).select("fingerprint").collect()
    )


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("ints.lcm", "4611686018427387904L, 3L", r"OverflowError: ints.lcm: .*got lcm\(4611686018427387904, 3\)\n"),
        ("ints.floordiv", "-4L, 0L", r"ZeroDivisionError: ints.floordiv: b must not be 0, got -4 // 0"),
        ("ints.isqrt", "-4L", "ValueError: ints.isqrt: n must not be negative, got -4\n"),
        ("ints.is_prime", "'x'", "TypeError: ints.is_prime: values must be integers, got string"),
        (
            "ints.is_prime",
            "1.5D",
            "ValueError: ints.is_prime: values must be whole numbers of 64 bits, signed, got 1.5",
        ),
        ("ints.is_prime", "1e300D", r"ValueError: ints.is_prime: .* 64 bits, signed, got 1e\+300"),
        ("ints.gcd", f"{2**63}bd, 4bd", f"ValueError: ints.gcd: .* 64 bits, signed, got {2**63}"),
        ("ints.isqrt", f"{'9' * 38}bd", f"ValueError: ints.isqrt: .* signed, got {'9' * 38}"),
        ("text.width", "7L", "TypeError: text.width: values must be text, got int64"),
        ("text.strip", "'[red'", r"ValueError: text.strip: markup: .*\(in '\[red'\)"),
    ],
)
def test_errors_name_the_function_and_the_value(spark, name, values, said):
    letters = "ab"[: values.count(",") + 1]
    sdf = spark.sql(f"select * from values ({values}) t({','.join(letters)})")
    with pytest.raises(Exception, match=said):
        sdf.select(iw.spark.udf(name)(*letters)).collect()


def test_an_interval_of_years_fails_in_the_words_that_the_documentation_quotes(spark, version):
    made = spark.sql("select interval 1 year as wait").select(iw.spark.udf("frames.fingerprint")("wait"))
    with pytest.raises(Exception, match="KeyError: 21" if version >= (4, 1) else "interval"):
        made.collect()


def test_functions_may_be_made_before_there_is_a_session():
    code = "import ironwheel as iw; from ironwheel.spark import _udf; print([iw.spark.udf(n).__name__ for n in _udf.KNOWN])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(list(_udf.KNOWN))), done.stderr


def test_wrong_names_and_numbers_of_columns(spark):
    with pytest.raises(ValueError, match="'ints.primes'; there are ints.add"):
        iw.spark.udf("ints.primes")
    with pytest.raises(TypeError, match="name must be a str"):
        iw.spark.udf(ints.gcd)
    with pytest.raises(TypeError, match="ints.gcd takes 2 columns, got 1"):
        iw.spark.udf("ints.gcd")("a")
    with pytest.raises(TypeError, match="at least 1 column, got 0"):
        iw.spark.udf("frames.fingerprint")()


def test_many_batches(spark):
    got = spark.range(0, 30_000, 1, 2).where(iw.spark.udf("ints.is_prime")("id")).count()
    assert got == len(ints.primes(0, 30_000))
