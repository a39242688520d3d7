"""Columns of NumPy arrays, buffers and what other libraries have; and what is no column."""

from __future__ import annotations

import array
import ctypes

import pytest
from ironwheel import frames
from ironwheel.frames import _python

np = pytest.importorskip("numpy", reason="NumPy holds the objects")
pa = pytest.importorskip("pyarrow", reason="pyarrow reads the columns back")
from frames_objects_tables import column, table  # noqa: E402


def test_numpy_arrays_of_every_type_and_layout():
    for dtype in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        plain = np.arange(20).astype(dtype)
        for layout in (
            plain, plain[::-1], plain[::3], plain.reshape(4, 5)[:, 2], plain.astype(plain.dtype.newbyteorder()),
            np.broadcast_to(plain[3], 5), np.frombuffer(b"\0" + plain.tobytes(), plain.dtype, offset=1), plain[:0],
        ):  # fmt: skip
            kind, back, note = column(layout)
            assert back == layout.tolist() and note == ""
            assert kind == str(pa.from_numpy_dtype(plain.dtype))
    address = plain.__array_interface__["data"][0]
    assert table({"x": plain})["x"].chunk(0).buffers()[1].address == address, "read where it lies"
    nan = np.array([1, np.nan])
    assert frames.profile({"x": nan})["x"].nan == 1 and frames.profile({"x": nan})["x"].nulls == 0


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "25s", "10ms"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_datetimes_of_every_unit(unit, order):
    values = np.array(["1969-12-31", "NaT", "2024-02-29"], "M8[D]").astype(f"{order}M8[{unit}]")
    kind, back, _ = column(values)
    expected = [None if np.isnat(value) else value.astype("M8[us]").item() for value in values]
    if unit in ("Y", "M", "W", "D"):
        assert kind == "date32[day]"
        expected = [value and value.date() for value in expected]
    assert [
        value and value.replace(nanosecond=0) if hasattr(value, "nanosecond") else value for value in back
    ] == expected
    if unit in ("Y", "M"):
        months = np.array([3, "NaT"], f"m8[{unit}]")
        assert column(months)[1] == [36 if unit == "Y" else 3, None]
    else:
        spans = np.array([-3, "NaT", 5], f"{order}m8[{unit}]")
        found = table({"x": spans})["x"].cast(pa.duration("ns")).cast(pa.int64()).to_pylist()
        assert found == [None if np.isnat(span) else int(span.astype("m8[ns]").astype("i8")) for span in spans]


def test_times_that_have_no_room_say_so():
    assert "read as text" in column(np.array(["NaT", 10**18], "M8[h]"))[2]
    assert frames.Frame({"x": np.array([10**12, "NaT"], "M8[D]")}).types == ["timestamp[s]"]
    assert "cut to nanoseconds" in column(np.array([1, "NaT"], "M8[as]"))[2]
    assert column(np.array(["NaT"], "M8"))[1] == [None]


def test_text_bytes_masks_records_and_complex_numbers_of_numpy():
    assert column(np.array(["a", "\u20acx", ""]))[:2] == ("string", ["a", "\u20acx", ""])
    assert column(np.array(["a", "\u20acx", ""]).astype(">U3")[::-1])[1] == ["", "\u20acx", "a"]
    assert column(np.array(["x" * 2000, "y"]))[1] == ["x" * 2000, "y"]
    assert column(np.array([b"a", b"bc\0d", b""]))[:2] == ("binary", [b"a", b"bc\0d", b""])
    assert column(np.ma.masked_array([1, 2, 3], [False, True, False]))[:2] == ("int64", [1, None, 3])
    assert column(np.ma.masked_array(["a", "b"], [False, True]))[1] == ["a", None]
    records = np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")])
    assert column(records)[:2] == ("string", ["(1, 2.0)"])
    assert column(records["b"])[:2] == ("double", [2.0])
    found = table({"z": np.array([1 + 2j, 3])})
    assert found.to_pydict() == {"z.real": [1.0, 3.0], "z.imag": [2.0, 0.0]}
    assert found.schema.field(1).metadata[b"ironwheel:note"] == b"imaginary part of a complex column"
    kind, back, note = column(np.array([1.5], np.longdouble))
    if np.dtype(np.longdouble).itemsize > 8:
        assert (kind, back, note) == ("double", [1.5], f"{np.dtype(np.longdouble).name}, read as float64")
    if hasattr(np.dtypes, "StringDType"):
        assert column(np.array(["a", "\u20ac"], np.dtypes.StringDType()))[:2] == ("string", ["a", "\u20ac"])


def test_buffers_need_no_numpy():
    assert column(array.array("d", [1.5, 2]))[:2] == ("double", [1.5, 2.0])
    assert column(array.array("H", [1, 65535]))[:2] == ("uint16", [1, 65535])
    assert column(memoryview(b"ab"))[:2] == ("uint8", [97, 98])
    assert column(memoryview(array.array("i", range(6)))[::2])[1] == [0, 2, 4]
    assert column((ctypes.c_int16 * 2)(3, -4))[:2] == ("int16", [3, -4])
    assert column(range(3))[1] == [0, 1, 2]
    held = array.array("q", [1, 2])
    frame = frames.Frame({"x": held})
    with pytest.raises(BufferError):
        held.append(3)
    del frame
    _python.python().release()
    held.append(3)


def test_a_dict_may_hold_what_other_libraries_have():
    found = table({1: pa.array([1, None]), ("a", "b"): pa.chunked_array([["x"], ["y"]]), "s": [{"k": 1}, None]})
    assert found.column_names == ["1", "a.b", "s"]
    assert found["1"].to_pylist() == [1, None] and found["a.b"].to_pylist() == ["x", "y"]
    structs = table({"x": pa.array([{"k": 1}, None])})
    assert structs["x"].to_pylist() == [{"k": 1}, None], "a struct is one column here, and may be null"
    pl = pytest.importorskip("polars", reason="polars makes a Series")
    assert table({"x": pl.Series([1, None, 3])})["x"].to_pylist() == [1, None, 3]
    assert table({}).num_columns == 0 and frames.profile({}).rows == 0
    assert table({"a\0b": [1], "\udcff": [2]}).column_names == ["a\\x00b", "\\udcff"]


@pytest.mark.parametrize("values", ["text", b"bytes", 5, None, {"a": 1}, {1, 2}, iter([])])
def test_what_is_no_column_is_refused_by_name(values):
    with pytest.raises(
        TypeError, match=r"data\['x'\] must be an array, a list or a tuple, got " + type(values).__name__
    ):
        frames.profile({"x": values})


def test_wrong_shapes_are_refused_by_name():
    with pytest.raises(ValueError, match=r"data\['x'\] must have one dimension, got shape \(2, 2\)"):
        frames.profile({"x": np.zeros((2, 2))})
    with pytest.raises(ValueError, match=r"data\['x'\] must have one dimension, got shape \(\)"):
        frames.profile({"x": np.array(5)})
    with pytest.raises(ValueError, match=r"data\['x'\] must have one dimension, got 2"):
        frames.profile({"x": memoryview(bytes(4)).cast("B", (2, 2))})
    with pytest.raises(ValueError, match="data must have arrays of one length, got 2 in 'a' and 3 in 'b'"):
        frames.profile({"a": [1, 2], "b": [1, 2, 3]})
