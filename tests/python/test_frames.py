"""Profiles of every type of column, against pyarrow and plain Python."""

from __future__ import annotations

import datetime
import decimal
import json
import math

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
pc = pytest.importorskip("pyarrow.compute", reason="pyarrow.compute is the oracle")
import ironwheel as iw  # noqa: E402
from frames_tables import close  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402

NUMBERS = [
    pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
    pa.float32(), pa.float64(),
]  # fmt: skip


def one(array: object, **options: object) -> frames.Column:
    """The profile of a table with this array as its only column."""
    return frames.profile(pa.table({"x": array}), **options)["x"]


def numbers(dtype: object) -> st.SearchStrategy:
    if pa.types.is_floating(dtype):
        width = 32 if dtype == pa.float32() else 64
        bound = 1e30 if width == 32 else 1e150
        bound = float(np.float32(bound)) if width == 32 else bound
        return st.floats(-bound, bound, width=width)
    information = np.iinfo(dtype.to_pandas_dtype())
    return st.integers(int(information.min), int(information.max))


@pytest.mark.parametrize("dtype", NUMBERS, ids=str)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_numbers_agree_with_pyarrow(dtype, data):
    values = data.draw(st.lists(st.none() | numbers(dtype), max_size=60))
    cut = data.draw(st.integers(0, len(values)))
    array = pa.chunked_array([pa.array(values[:cut], dtype), pa.array(values[cut:], dtype)])
    found = one(array)
    present = [value for value in values if value is not None]
    assert (found.count, found.nulls) == (len(present), len(values) - len(present))
    assert found.distinct == len(set(present)) and found.distinct_exact
    assert (found.min, found.max) == ((min(present), max(present)) if present else (None, None))
    if present:
        exact = [decimal.Decimal(value) for value in present]
        with decimal.localcontext() as context:
            context.prec = 400
            mean = sum(exact) / len(exact)
            deviation = sum((value - mean) ** 2 for value in exact)
            std = (deviation / (len(exact) - 1)).sqrt() if len(exact) > 1 else None
        largest = max(abs(float(value)) for value in present)
        assert abs(found.mean - float(mean)) <= 1e-14 * largest
        assert (found.std is None) == (std is None)
        if std is not None:
            # Squares of what lies below 1e-150 are zero, as they are in NumPy.
            assert abs(found.std - float(std)) <= 1e-13 * max(largest, float(std)) + 1e-150


@given(
    st.lists(st.none() | st.text(), max_size=40),
    st.sampled_from(["string", "large_string", "string_view", "dictionary"]),
)
@settings(max_examples=120, deadline=None)
def test_text_agrees_with_python_in_every_layout(words, layout):
    array = pa.array(words, pa.string())
    array = array.dictionary_encode() if layout == "dictionary" else array.cast(layout)
    found = one(array)
    present = [word for word in words if word is not None]
    assert (found.count, found.nulls, found.distinct) == (len(present), words.count(None), len(set(present)))
    if present:
        # Python compares code points, and so does UTF-8 byte by byte.
        assert (found.min, found.max) == (min(present), max(present))
        lengths = [len(word) for word in present]
        assert (found.min_length, found.max_length) == (min(lengths), max(lengths))
        assert close(found.mean_length, sum(lengths) / len(lengths))
    else:
        assert found.min is found.max is found.min_length is None


def test_nan_is_apart_from_null_and_infinities_are_values():
    found = one(pa.array([1.0, math.nan, None, -0.0, 0.0, 4.0]))
    assert (found.count, found.nulls, found.nan, found.distinct) == (4, 1, 1, 3)
    assert (found.min, found.max, found.mean) == (0.0, 4.0, 1.25)
    infinite = one(pa.array([1.0, math.inf, math.nan]))
    assert (infinite.count, infinite.max, infinite.mean, infinite.std) == (2, math.inf, math.inf, None)
    both = one(pa.array([-math.inf, math.inf]))
    assert (both.min, both.max, both.mean) == (-math.inf, math.inf, None)
    assert one(pa.array([math.nan])).mean is None


def test_a_whole_column_of_nan_or_null_has_no_figures():
    for array in (pa.nulls(3), pa.nulls(3, pa.float64()), pa.array([], pa.int64()), pa.nulls(2, pa.string())):
        found = one(array)
        assert found.count == 0 and found.nulls == len(array)
        assert found.min is found.max is found.mean is found.std is None


@pytest.mark.parametrize(
    "dtype", [pa.decimal32(7, 2), pa.decimal64(15, 2), pa.decimal128(30, 2), pa.decimal256(70, 2)], ids=str
)
def test_decimals_are_exact(dtype):
    values = [decimal.Decimal("12345.67"), decimal.Decimal("-0.05"), None, decimal.Decimal("12345.67")]
    found = one(pa.array(values, dtype))
    assert (found.min, found.max, found.distinct, found.nulls) == (values[1], values[0], 2, 1)
    expected = np.array([12345.67, -0.05, 12345.67])
    assert close(found.mean, expected.mean()) and close(found.std, expected.std(ddof=1))


def test_wide_decimals_do_not_overflow():
    edge = decimal.Decimal("9" * 38)
    found = one(pa.array([edge, edge.copy_negate()], pa.decimal128(38, 0)))
    assert (found.min, found.max) == (edge.copy_negate(), edge)
    assert close(found.mean, 0.0) or abs(found.mean) < 1e23
    assert close(found.std, float(edge) * math.sqrt(2))


def test_times_come_back_as_python_has_them():
    moments = [datetime.datetime(2013, 1, 1, 5), None, datetime.datetime(2013, 1, 3, 5, 0, 0, 250)]
    naive = one(pa.array(moments, pa.timestamp("us")))
    assert (naive.min, naive.max) == (moments[0], moments[2])
    assert naive.mean == datetime.datetime(2013, 1, 2, 5, 0, 0, 125)
    assert abs(naive.std - datetime.timedelta(seconds=86400 * math.sqrt(2))) < datetime.timedelta(milliseconds=1)
    zoned = one(pa.array(moments, pa.timestamp("ms", tz="Europe/Paris")).slice(0, 1))
    assert zoned.min == datetime.datetime(2013, 1, 1, 5, tzinfo=datetime.timezone.utc)
    dates = one(pa.array([datetime.date(2020, 2, 29), datetime.date(2020, 3, 1)]))
    assert dates.max == datetime.date(2020, 3, 1) and dates.mean == datetime.datetime(2020, 2, 29, 12)
    assert one(pa.array([datetime.time(23, 59, 59, 5)])).max == datetime.time(23, 59, 59, 5)
    spans = one(pa.array([datetime.timedelta(days=-1), datetime.timedelta(seconds=1.5)]))
    assert (spans.min, spans.max) == (datetime.timedelta(days=-1), datetime.timedelta(seconds=1.5))
    nano = one(pa.array([1, 1_500], pa.timestamp("ns")))
    assert (nano.min, nano.max) == ("1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000001500")
    far = one(pa.array([-(2**62), 2**62], pa.timestamp("s")))
    assert far.max == "+146138514283-06-19T07:45:04"
    assert (far.min.startswith("-"), far.distinct) == (True, 2)


@given(st.lists(st.dates(), min_size=1), st.lists(st.datetimes(), min_size=1))
@settings(max_examples=60, deadline=None)
def test_every_date_python_has_survives(days, moments):
    found = one(pa.array(days, pa.date32()))
    assert (found.min, found.max) == (min(days), max(days))
    found = one(pa.array(moments, pa.timestamp("us")))
    assert (found.min, found.max) == (min(moments), max(moments))


def test_nanoseconds_keep_their_spread():
    base = 1_700_000_000_000_000_000
    ticks = np.array([base, base + 7, base + 11], np.int64)
    found = one(pa.array(ticks))
    assert found.mean == float(base + 6) and close(found.std, np.array([0, 7, 11]).std(ddof=1))


def test_nested_and_odd_types_are_named_and_counted():
    table = pa.table(
        {
            "list": [[1, 2], [], None],
            "large": pa.array([[1], None, [2, 3]], pa.large_list(pa.int8())),
            "view": pa.array([["a"], None, []], pa.list_view(pa.string())),
            "fixed": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2)),
            "struct": [{"a": 1}, None, {"a": 2}],
            "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
            "null": pa.nulls(3),
            "runs": pa.RunEndEncodedArray.from_arrays([2, 3], ["q", None]),
            "union": pa.UnionArray.from_sparse(
                pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, None]), pa.array(["a", "b", "c"])]
            ),
            "interval": pa.array([(1, 2, 3), None, (1, 2, 3)], pa.month_day_nano_interval()),
            "fixed_binary": pa.array([b"ab", None, b"cd"], pa.binary(2)),
            "half": pa.array(np.array([1, 2, 4], np.float16)),
        }
    )
    found = {column.name: column for column in frames.profile(table)}
    assert {name: (column.kind, column.nulls) for name, column in found.items()} == {
        "list": ("list", 1), "large": ("list", 1), "view": ("list", 1), "fixed": ("list", 1), "struct": ("struct", 1),
        "map": ("map", 1), "null": ("null", 3), "runs": ("text", 1), "union": ("union", 1), "interval": ("interval", 1),
        "fixed_binary": ("binary", 1), "half": ("float", 0),
    }  # fmt: skip
    assert [found[name].max_length for name in ("list", "large", "view", "fixed", "map")] == [2, 2, 1, 2, 1]
    assert found["list"].mean_length == 1.0 and found["struct"].distinct is None
    assert (found["runs"].count, found["runs"].distinct, found["half"].max) == (2, 1, 4.0)
    assert found["fixed_binary"].min == b"ab"
    for name in found:  # and every slice of them, which is where offsets go wrong
        for start in range(4):
            part = frames.profile(table.select([name]).slice(start, 2))[name]
            expected = sum(value is None for value in table[name].slice(start, 2).to_pylist())
            assert part.nulls == expected, (name, start)


@given(st.lists(st.none() | st.integers(-5, 5), max_size=200), st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_slices_and_dictionaries_are_followed(values, start, length):
    plain = pa.array(values, pa.int64()).slice(start, length)
    table = pa.table({"plain": plain, "keyed": plain.dictionary_encode(), "runs": pc.run_end_encode(plain)})
    plain, keyed, runs = (frames.profile(table)[name].to_dict() for name in ("plain", "keyed", "runs"))
    for other in (keyed, runs):
        assert {**other, "name": "", "type": ""} == {**plain, "name": "", "type": ""}


def test_chunks_threads_and_runs_do_not_change_the_answer():
    random = np.random.default_rng(5)
    table = pa.table({"n": random.integers(0, 2**62, 300_000), "f": random.normal(size=300_000)})
    whole = frames.profile(table)
    assert whole.to_json() == frames.profile(table).to_json()
    for threads in (1, 3):
        iw.set_threads(threads)
        try:
            assert frames.profile(table).to_json() == whole.to_json()
        finally:
            iw.set_threads(None)
    for size in (1000, 65_536, 100_001):
        chunked = frames.profile(pa.Table.from_batches(table.to_batches(max_chunksize=size)))
        for column, other in zip(whole, chunked):
            assert (column.count, column.distinct, column.min, column.max) == (
                other.count,
                other.distinct,
                other.min,
                other.max,
            )
            assert close(column.mean, other.mean, 1e-9) and close(column.std, other.std)


@pytest.mark.parametrize("count", [65_536, 65_537, 250_000])
def test_distinct_is_exact_then_within_four_standard_errors(count):
    random = np.random.default_rng(count)
    values = random.permutation(np.concatenate([np.arange(count), random.integers(0, count, 100_000)]))
    for array in (pa.array(values), pa.array(values.astype(str)), pa.array(values / 7)):
        found = one(array)
        assert found.distinct_exact == (count <= 65_536)
        allowed = 0 if found.distinct_exact else 4 * 0.0082 * count
        assert abs(found.distinct - count) <= allowed, found


def test_columns_are_chosen_in_the_order_asked():
    table = pa.table([[1], [2], [3]], names=["a", "b", "a"])
    assert [column.name for column in frames.profile(table, columns=("b", "a"))] == ["b", "a", "a"]
    assert frames.profile(table, columns=[]).rows == 1 and len(frames.profile(table, columns=[])) == 0
    with pytest.raises(ValueError, match=r'columns: "zü" is not a column of data, which has "a", "b", "a"'):
        frames.profile(table, columns=["zü"])
    with pytest.raises(ValueError, match="columns is not UTF-8"):
        frames.profile(table, columns=["\ud800"])
    with pytest.raises(TypeError, match="columns must be a sequence of str, got 'ab'"):
        frames.profile(table, columns="ab")
    with pytest.raises(TypeError, match="got 3 in it"):
        frames.profile(table, columns=["a", 3])
    with pytest.raises(KeyError):
        frames.profile(table)["c"]


def test_empty_frames_are_frames():
    for table in (
        pa.table({}),
        pa.table({"a": pa.array([], pa.string())}),
        pa.schema([("a", pa.list_(pa.utf8()))]).empty_table(),
    ):
        assert frames.profile(table).rows == 0
        assert len(frames.Frame(table)) == 0
        assert pa.table(frames.Frame(table)).schema == table.schema


def test_the_profile_is_a_table_itself():
    found = frames.profile(pa.table({"n": [1, 2, None], "when": pa.array([0, 1, 2], pa.date32())}))
    table = found.to_arrow()
    assert table.column_names[0] == "column" and table.num_rows == 2
    row = table.to_pylist()[0]
    assert (row["column"], row["min"], row["mean"], row["nulls"]) == ("n", "1", 1.5, 1)
    assert table.to_pylist()[1]["max"] == "1970-01-03" and table.to_pylist()[1]["mean"] is None
    assert json.loads(found.to_json())["columns"][1]["mean"] == "1970-01-02T00:00:00"
    assert found.to_dict()["columns"][1]["mean"] == datetime.datetime(1970, 1, 2)
    assert frames.profile(found).rows == 2
    infinite = frames.profile(pa.table({"x": [math.inf, -math.inf]}))
    assert json.loads(infinite.to_json())["columns"][0]["min"] == "-inf"


def test_what_a_person_reads_names_every_column():
    found = frames.profile(pa.table({"<b>bold</b> [red]": [1], "word": ["x" * 100]}))
    html = found._repr_html_()
    assert "&lt;b&gt;bold&lt;/b&gt; [red]" in html and "<b>bold" not in html and html.count("<details") == 2
    shown = str(found)
    assert "word" in shown and "[red]" in shown and "string" in shown
    assert repr(found) == "<Profile: 1 rows, 2 columns>"
