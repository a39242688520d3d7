"""What pandas adds to NumPy: zones, units, categories, and columns stored by pyarrow and other packages."""

from __future__ import annotations

import datetime

import pytest
from ironwheel import frames
from ironwheel.frames import _data

np = pytest.importorskip("numpy", reason="pandas stands on NumPy")
pd = pytest.importorskip("pandas", minversion="1.5", reason="pandas is what is read")
from frames_pandas_columns import NAN, notes  # noqa: E402

VERSION = tuple(int(part) for part in pd.__version__.split(".")[:2])


def values(data):
    """Columns as Python has them; needs pyarrow."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow reads the columns back")
    return pa.RecordBatchReader._import_from_c_capsule(_data.capsule_of("data", data)).read_all().to_pydict()


def test_stamps_among_objects_keep_their_nanoseconds():
    stamps = pd.Series([pd.Timestamp("2020-01-01 00:00:00.000000001"), pd.NaT], dtype=object)
    spans = pd.Series([pd.Timedelta(1, "ns"), None], dtype=object)
    assert frames.Frame(pd.DataFrame({"a": stamps, "b": spans})).types == ["timestamp[ns]", "duration[ns]"]
    found = frames.profile(stamps.to_frame("a"))["a"]
    assert (found.nulls, str(found.max)) == (1, "2020-01-01T00:00:00.000000001")


def test_zones_without_a_name_of_arrows():
    moments = pd.Series(pd.to_datetime(["2020-06-01 12:00", None]))
    tz = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    assert frames.Frame(moments.dt.tz_localize(tz).to_frame("a")).types[0].endswith("tz=-03:30]")


def test_zones_of_dateutil():
    dateutil = pytest.importorskip("dateutil.tz", reason="dateutil has zones of its own")
    berlin = dateutil.gettz("Europe/Berlin")
    try:
        frame = pd.DataFrame({"a": pd.to_datetime(["2020-06-01 12:00", None]).tz_localize(berlin)})
    except AttributeError:
        pytest.skip("this pandas cannot use the zones of this dateutil")
    assert frames.profile(frame)["a"].max == datetime.datetime(2020, 6, 1, 10, tzinfo=datetime.timezone.utc)
    if not hasattr(berlin, "key"):
        assert frames.Frame(frame).types[0].endswith("tz=UTC]")
        assert "read as UTC" in notes(frame)["a"]


@pytest.mark.skipif(VERSION < (2, 0), reason="pandas has nothing but nanoseconds before 2.0")
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_are_kept(unit):
    moments = pd.Series(np.array(["2020-01-01", "NaT"], f"M8[{unit}]"))
    frame = pd.DataFrame({"a": moments, "b": moments.dt.tz_localize("UTC"), "c": moments - moments[0]})
    assert frames.Frame(frame).types == [f"timestamp[{unit}]", f"timestamp[{unit}, tz=UTC]", f"duration[{unit}]"]
    assert [column.nulls for column in frames.profile(frame)] == [1, 1, 1]


def test_categories_of_every_sort():
    for categories, kind in [
        (["x", "y"], "string"),
        ([1.5, 2.5], "float64"),
        (pd.to_datetime(["2020-01-01", "2021-01-01"]), "timestamp"),
        (pd.interval_range(0, 2), "dictionary<int64, string>"),
        ([True, False], "bool"),
        ([1, "a"], "string"),
    ]:
        frame = pd.DataFrame({"c": pd.Categorical.from_codes([1, -1, 0, 1], categories)})
        assert kind in frames.Frame(frame).types[0], categories
        found = frames.profile(frame)["c"]
        assert (found.count, found.nulls, found.distinct) == (3, 1, 2)
    nothing = pd.DataFrame({"c": pd.Categorical([None, None])})
    assert frames.profile(nothing)["c"].nulls == 2
    complicated = pd.DataFrame({"c": pd.Categorical([1j, None])})
    assert frames.profile(complicated)["c.imag"].max == 1
    many = pd.DataFrame({"c": pd.Categorical([f"category {number:06}" for number in range(140_000)])})
    found = frames.profile(many)["c"]
    assert (found.count, found.max) == (140_000, "category 139999")


def test_what_pyarrow_stores_comes_by_its_own_interface():
    pa = pytest.importorskip("pyarrow", minversion="14", reason="pyarrow is the storage")
    if not hasattr(pd, "ArrowDtype"):
        pytest.skip("this pandas has no ArrowDtype")
    chunks = pa.chunked_array([["a", None], [], ["b"]])
    frame = pd.DataFrame(
        {
            "text": pd.Series(pd.arrays.ArrowExtensionArray(chunks)),
            "string": pd.Series(["a", None, "b"], dtype="string[pyarrow]"),
            "nan": pd.Series([1.0, NAN, None], dtype=pd.ArrowDtype(pa.float64())),
            "list": pd.Series([[1], None, []], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
            "struct": pd.Series([{"a": 1}, None, {"a": 2}], dtype=pd.ArrowDtype(pa.struct([("a", pa.int64())]))),
            "plain": [1, 2, 3],
        }
    )
    found = values(frame)
    assert found["text"] == found["string"] == ["a", None, "b"]
    assert found["list"] == [[1], None, []] and found["struct"] == [{"a": 1}, None, {"a": 2}]
    assert found["plain"] == [1, 2, 3]
    expected = pa.array(frame["nan"].array).is_null().to_pylist()
    assert [value is None for value in found["nan"]] == expected


def test_arrays_of_other_packages_are_read_as_objects():
    from pandas.api.extensions import ExtensionArray, ExtensionDtype

    class OddDtype(ExtensionDtype):
        name = "odd"
        type = complex

        @classmethod
        def construct_array_type(cls):
            return Odd

    class Odd(ExtensionArray):
        dtype = OddDtype()

        def __init__(self, items, fails=False):
            self.items, self.fails = list(items), fails

        def __len__(self):
            return len(self.items)

        def __getitem__(self, key):
            return self.items[key] if isinstance(key, (int, np.integer)) else Odd(np.array(self.items, object)[key])

        def __array__(self, dtype=None, copy=None):
            if self.fails:
                raise RuntimeError("not this way")
            return np.array(self.items, object)

        def isna(self):
            return np.array([item is None for item in self.items])

        def copy(self):
            return self

    for fails in (False, True):
        frame = pd.DataFrame({"odd": pd.Series(Odd(["x", None, "y"], fails)), "n": [1, 2, 3]})
        found = frames.profile(frame)
        assert (found["odd"].nulls, found["odd"].max, found["n"].max) == (1, "y", 3)
    assert "not this way" in notes(frame)["odd"]
