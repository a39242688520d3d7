"""The language of rules: what expressions mean, by SQL and by DuckDB, and what they cannot be."""

from __future__ import annotations

import datetime
import decimal

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from frames_validate_orders import ORDERS, failing, one  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402


def condition(data, text):
    """For every row True, False or None."""
    passed, failed = (set(failing(data, r.expression(rule))) for rule in (f"not ({text})", text))
    return [True if row in passed else False if row in failed else None for row in range(len(data))]


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
