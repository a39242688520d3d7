"""Rules about tables, against what pandas, polars, DuckDB and plain Python say of the same data."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import re

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from frames_validate_orders import ORDERS, failing, one  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402


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
