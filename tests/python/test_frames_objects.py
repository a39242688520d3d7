"""Columns of Python objects, lists and NumPy arrays: each value comes out as it went in, whatever the layout."""

from __future__ import annotations

import array
import ctypes
import datetime
import decimal
import enum
import gc
import json
import subprocess
import sys
import textwrap
import threading
import uuid
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ironwheel import frames
from ironwheel.frames import _columns, _data, _objects, _python

np = pytest.importorskip("numpy", reason="NumPy holds the objects")
pa = pytest.importorskip("pyarrow", reason="pyarrow reads the columns back")

UTC = datetime.timezone.utc
Decimal = decimal.Decimal


def table(data):
    """What `data` became, as pyarrow reads the stream."""
    return pa.RecordBatchReader._import_from_c_capsule(_data.capsule_of("data", data)).read_all()


def column(values):
    """Type, values and notes of one column, which is checked the way every other frame is."""
    found = pa.table(frames.Frame({"x": values}))
    found.validate(full=True)
    metadata = found.schema.field(0).metadata or {}
    return str(found.schema.field(0).type), found["x"].to_pylist(), metadata.get(b"ironwheel:note", b"").decode()


def objects(values):
    made = np.empty(len(values), object)
    made[:] = values
    return made


@pytest.fixture(params=["list", "tuple", "array", "strided", "reversed"])
def shape(request):
    """The same objects as every container of them."""

    def strided(values):
        made = np.full(3 * len(values), "never", object)
        made[::3] = objects(values)
        return made[::3]

    return {
        "list": list,
        "tuple": tuple,
        "array": objects,
        "strided": strided,
        "reversed": lambda values: objects(values[::-1])[::-1],
    }[request.param]


DAY, MOMENT = datetime.date(1987, 6, 5), datetime.datetime(2021, 3, 4, 5, 6, 7, 890123)
KINDS = {
    "bool": ([True, None, False], "bool"),
    "int": ([1, -(2**63), None, 2**63 - 1], "int64"),
    "float": ([1.5, None, float("inf"), -0.0], "double"),
    "str": (["a", None, "", "nul\0", "\xe9", "\u20ac", "\U0001f600", "x" * 100, "\xff" * 50, "\u20ac" * 70], "string"),
    "bytes": ([b"a", None, b"", b"\0\xff" * 30], "binary"),
    "date": ([DAY, None, datetime.date.min, datetime.date.max], "date32[day]"),
    "datetime": ([MOMENT, None, datetime.datetime.min, datetime.datetime.max], "timestamp[us]"),
    "instant": ([MOMENT.replace(tzinfo=UTC), None], "timestamp[us, tz=UTC]"),
    "time": ([datetime.time(23, 59, 58, 987654), None, datetime.time()], "time64[us]"),
    "timedelta": ([datetime.timedelta(-3, 7, 11), None, datetime.timedelta(0)], "duration[us]"),
    "decimal": ([Decimal("1.50"), None, Decimal("-0.001"), Decimal("2E+3")], "decimal128(7, 3)"),
    "wide": ([2**63, None, 0], "uint64"),
    "wider": ([2**64, -1], "decimal128(20, 0)"),
    "widest": ([10**75, None, -(10**40)], "decimal256(76, 0)"),
    "nothing": ([None, None], "null"),
    "empty": ([], "null"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_out_as_it_went_in(kind, shape):
    values, expected = KINDS[kind]
    found, back, note = column(shape(values))
    assert (found, back, note) == (expected, values, "")
    found, back, _ = column(shape([None, None, *values]))
    assert (found, back) == (expected, [None, None, *values])


def test_everything_is_read_in_place_on_this_python():
    """What the self test found; elsewhere the same tests pass on the slower way."""
    if sys.implementation.name == "cpython" and object.__basicsize__ == 16 and sys.version_info < (3, 14):
        assert _python.python().direct == 7
    else:
        assert 0 <= _python.python().direct <= 7


SLOW = """
    import sys
    from ironwheel.frames import _python
    describe = _python.Python._describe
    def without(given):
        kept = describe(given)
        {how}
        return kept
    _python.Python._describe = staticmethod(without)
    assert _python.python().direct == {direct}
    import pytest
    tests = "went_in and (list or strided) or mixed or surrogates or stays_behind"
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", {file!r}, "-k", tests]) if {all} else 0)
"""


@pytest.mark.parametrize(
    "how, direct",
    [
        ("given.header = 32", 0),  # another build of Python: nothing is where it should be
        ("given.sample_sizes = __import__('ctypes').addressof(wrong)", 5),
        ("given.sample_datetime = None", 3),
        ("given.sample_date = given.sample_datetime", 3),
    ],
)
def test_a_layout_that_fails_its_test_is_not_relied_on(how, direct):
    if _python.python().direct != 7:
        pytest.skip("this Python is read the slow way anyway")
    how = "wrong = (__import__('ctypes').c_size_t * 50)(*[60] * 50); kept.append(wrong); " + how
    code = textwrap.dedent(SLOW).format(how=how, direct=direct, file=__file__, all=direct != 3)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


class Colour(enum.IntEnum):
    RED = 7


class Word(str):
    def __str__(self):
        return "not this"


class Texts(str, enum.Enum):
    ONE = "one"


class Breaks:
    def __str__(self):
        raise RuntimeError("no text")


def test_subclasses_and_numpy_scalars_are_what_they_are_made_of():
    assert column([Colour.RED, 2, np.int8(3), np.uint64(4)])[:2] == ("int64", [7, 2, 3, 4])
    assert column([Word("w"), Texts.ONE, np.str_("n\xe9"), "s"])[:2] == ("string", ["w", "one", "n\xe9", "s"])
    assert column([np.float64(1.5), np.float32(2.5), None, np.float16(1)])[:2] == ("double", [1.5, 2.5, None, 1.0])
    assert column([np.bool_(True), False])[:2] == ("bool", [True, False])
    assert column([b"a", np.bytes_(b"b")])[:2] == ("binary", [b"a", b"b"])
    assert column([np.datetime64("2020-01-01T00:00:00.5"), None])[:2] == (
        "timestamp[us]",
        [datetime.datetime(2020, 1, 1, 0, 0, 0, 500000), None],
    )
    assert column([np.timedelta64(3, "ms"), np.timedelta64("NaT")])[:2] == (
        "duration[us]",
        [datetime.timedelta(milliseconds=3), None],
    )

    class Day(datetime.date):
        pass

    assert column([Day(2020, 1, 1), datetime.date(2020, 1, 2)])[:2] == (
        "date32[day]",
        [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)],
    )


def test_mixed_columns_become_text_with_a_note():
    one = uuid.UUID(int=1)
    for values, expected, note in [
        (
            [1, "a", None, b"b", 2.5],
            ["1", "a", None, "b'b'", "2.5"],
            "values of several types (bytes, float, int, str)",
        ),
        ([True, 1], ["True", "1"], "values of several types (bool, int)"),
        ([one, None], [str(one), None], "objects of type uuid.UUID, read as text"),
        ([[1], {"k": 2}], ["[1]", "{'k': 2}"], "values of several types (dict, list)"),
        ([MOMENT, DAY], [str(MOMENT), str(DAY)], "values of several types (datetime.date, datetime.datetime)"),
        ([MOMENT, MOMENT.replace(tzinfo=UTC)], None, "objects of type datetime.datetime, read as text"),
        ([Decimal("Infinity"), Decimal(1)], ["Infinity", "1"], "objects of type decimal.Decimal, read as text"),
        ([Decimal(1), 0.5], ["1", "0.5"], "values of several types (decimal.Decimal, float)"),
        ([2**53 + 1, 0.5], [str(2**53 + 1), "0.5"], "values of several types (float, int)"),
        ([10**80, 1], [str(10**80), "1"], "objects of type int, read as text"),
        ([Breaks(), "x"], ["<str() failed>", "x"], "1 values whose str() failed"),
        ([1 + 2j], ["(1+2j)"], "objects of type complex"),
        ([datetime.timedelta.max], [str(datetime.timedelta.max)], "objects of type datetime.timedelta"),
    ]:
        kind, back, said = column(values)
        assert kind == "string" and note in said, (values, said)
        assert back == (expected or [str(value) for value in values])
    kind, back, said = column([1, None, 2.5, np.int64(3)])
    assert (kind, back, said) == ("double", [1.0, None, 2.5, 3.0], "integers and floats, read as float64")
    assert column([1, Decimal("0.5")])[:2] == ("decimal128(2, 1)", [Decimal("1.0"), Decimal("0.5")])
    if hasattr(sys, "set_int_max_str_digits"):
        kind, back, said = column([10**5000, 1])
        assert (kind, back) == ("string", ["<str() failed>", "1"]) and "1 values whose str() failed" in said


def test_nan_is_null_unless_all_are_floats_of_a_dict():
    nan = float("nan")
    assert column(["a", nan, None])[1] == ["a", None, None]
    assert column([nan, nan, "a"])[1] == [None, None, "a"]
    assert column([nan, 1, True]) == (
        "string",
        [None, "1", "True"],
        "values of several types (bool, float, int), read as text",
    )
    kind, back, _ = column([1.5, nan, None])
    assert kind == "double" and back[1] != back[1] and back[2] is None
    assert column([Decimal("NaN"), Decimal("1")])[1] == [None, Decimal("1")]
    assert frames.profile({"x": [1.5, nan, None]})["x"].nan == 1


def test_surrogates_are_escaped_with_a_note():
    _, back, note = column(["ok", "bad\udcff", "\ud800", "\U0001f600\udc00", np.str_("s\udc80")])
    assert back == ["ok", "bad\\udcff", "\\ud800", "\U0001f600\\udc00", "s\\udc80"]
    assert note.startswith("4 values with surrogates")
    assert column(["\udcff", 1])[1] == ["\\udcff", "1"]


def test_zones_are_named_where_they_are_one():
    zones = [datetime.timezone(datetime.timedelta(hours=hours)) for hours in (5.5, -3)]
    moments = [MOMENT.replace(tzinfo=zone) for zone in zones]
    kind, back, note = column([moments[0], None])
    assert kind == "timestamp[us, tz=+05:30]" and back == [moments[0], None] and note == ""
    kind, back, note = column(moments)
    assert kind == "timestamp[us, tz=UTC]" and back == moments and note == "values of several time zones, read as UTC"


def test_no_copy_of_the_utf8_stays_behind():
    """PyUnicode_AsUTF8AndSize leaves one in every text, and sys.getsizeof counts it."""
    texts = ["\xe9" * 10 + str(number) for number in range(100)] + ["\u20ac" * 9 + str(number) for number in range(100)]
    before = [sys.getsizeof(text) for text in texts]
    assert column(texts)[1] == texts
    assert [sys.getsizeof(text) for text in texts] == before


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(st.characters(), max_size=6),
    st.binary(max_size=4),
    st.dates(),
    st.decimals(-1000, 1000, places=2),
)


@given(st.lists(SCALARS, max_size=8))
@settings(max_examples=80, deadline=None)
def test_anything_in_any_order_is_read(values):
    kind, back, note = column(objects(values))
    assert len(back) == len(values)
    for before, after in zip(values, back):
        assert (before is None) == (after is None)
    assert column(values) == (kind, back, note)
    if kind == "string" and any(not isinstance(value, (str, type(None))) for value in values):
        assert "read as text" in note


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("aaa\xe9\u20ac"), max_size=40)))
@settings(max_examples=80, deadline=None)
def test_any_text_is_encoded_as_python_does(texts):
    back = column(texts)[1]
    assert [text.encode() for text in back] == [text.encode() for text in texts]


def test_many_rows_and_pieces(monkeypatch):
    values = [None if row % 7 == 0 else f"row {row}" for row in range(300_000)]
    assert column(values)[1] == values
    late = [None] * 200_000 + [5]
    assert column(objects(late))[:2] == ("int64", late)
    turns = objects([1] * 200_000 + ["x"])
    kind, back, _ = column(turns)
    assert kind == "string" and back[0] == "1" and back[-1] == "x"
    monkeypatch.setattr(_objects, "_ROWS", 7)
    values = values[:100]
    assert column(objects(values))[1] == values


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


def test_what_ends_the_program_is_not_swallowed():
    class Stops:
        def __init__(self, what):
            self.what = what

        def __str__(self):
            raise self.what

    for what in (KeyboardInterrupt, SystemExit):
        with pytest.raises(what):
            frames.profile({"x": ["a", Stops(what)]})


def test_code_that_changes_what_is_read_meanwhile_does_no_harm():
    class Greedy:
        def __init__(self, values):
            self.values = values

        def __str__(self):
            self.values[:] = [None] * len(self.values)
            return "gone"

    values = ["first"]
    values += [Greedy(values) for _ in range(1000)] + [object() for _ in range(1000)]
    kind, back, _ = column(values)
    assert (kind, len(back), back[1]) == ("string", 2001, "gone")
    made = objects([0] * 2000)
    made[:1000] = [Greedy(made) for _ in range(1000)]
    assert len(column(made)[1]) == 2000


class Arrays:
    """Counts its arrays: one whose memory is freed early is found out by what it held."""

    def __init__(self):
        self.alive = 0

    def __call__(self, values):
        class Noted(np.ndarray):
            pass

        values = np.asarray(values)
        made = Noted(values.shape, values.dtype)
        made[:] = values
        self.alive += 1
        weakref.finalize(made, self.gone)
        return made

    def gone(self):
        self.alive -= 1


def settle(arrays, expected=0):
    gc.collect()
    _python.python().release()
    gc.collect()
    assert arrays.alive == expected


def test_frames_keep_their_arrays_alive_and_let_them_go():
    arrays = Arrays()
    frame = frames.Frame({"x": arrays(np.arange(100_000))})
    gc.collect()
    taken = pa.table(frame)
    del frame
    settle(arrays, 1)
    assert taken["x"].to_pylist() == list(range(100_000))
    del taken
    settle(arrays)
    for _ in range(10):
        frames.profile({"x": arrays([1.5, 2]), "y": arrays([1, 2])})
        with pytest.raises(ValueError, match="none"):
            frames.profile({"x": arrays([1.5, 2])}, columns=["none"])
        _data.capsule_of("data", {"x": arrays([1])})
    settle(arrays)


@pytest.mark.skipif(sys.version_info < (3, 9), reason="before Python 3.9 it waits for the next call")
def test_arrays_are_let_go_without_being_asked_again():
    arrays = Arrays()
    frames.profile({"x": arrays([1.5, 2])})
    for _ in range(1000):  # the interpreter comes by between two of these
        pass
    gc.collect()
    assert arrays.alive == 0


def test_the_last_reference_may_go_on_any_thread():
    arrays = Arrays()
    failed = []

    def work(seed):
        try:
            for turn in range(30):
                values = np.arange(seed, seed + 1000 + turn)
                frame = frames.Frame({"x": arrays(values), "s": [f"{seed} {turn}"] * len(values)})
                assert frame.profile()["x"].max == values[-1]
                assert pa.table(frame)["s"][0].as_py() == f"{seed} {turn}"
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failed
    settle(arrays)


@pytest.mark.parametrize("holder", ["module", "cycle", "thread"])
def test_the_interpreter_ends_with_arrays_in_use(holder):
    code = f"""
        import sys, threading, time
        import numpy
        from ironwheel import frames
        from ironwheel.frames import _data
        data = {{"x": numpy.arange(1000.0), "s": ["a"] * 1000}}
        frame = frames.Frame(data)
        if "{holder}" == "module":
            sys.modules["keep"] = frame
            keep = [_data.capsule_of("data", data) for _ in range(10)]
        elif "{holder}" == "cycle":
            loop = [frame, _data.capsule_of("data", data)]
            loop.append(loop)
        else:
            def work():
                while True:
                    time.sleep(0.001)
                    frames.Frame(data)
            threading.Thread(target=work, daemon=True).start()
            time.sleep(0.05)
        print("done")
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_reads_objects_too():
    import os

    data = {"x": np.arange(1000.0), "s": ["a", "b"] * 500}
    expected = frames.profile(data).to_json()
    child = os.fork()
    if child == 0:
        os._exit(0 if frames.profile(data).to_json() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_notes_reach_whoever_reads_the_frame():
    found = table({"x": [1, "a"], "y": [1, 2]})
    assert found.schema.field(0).metadata == {b"ironwheel:note": b"values of several types (int, str), read as text"}
    assert found.schema.field(1).metadata is None
    assert pa.table(frames.Frame({"x": [1, "a"]})).schema.field(0).metadata == found.schema.field(0).metadata


def test_it_needs_no_numpy():
    code = """
        import sys
        sys.modules["numpy"] = sys.modules["pandas"] = None
        import array, datetime, uuid
        from ironwheel import frames
        found = frames.profile({"a": [1, None, 3], "b": array.array("d", [1, 2, 3]), "c": ["x", "y", None],
                                "d": [uuid.UUID(int=1), 2, "x"], "e": [datetime.date(2020, 1, 1)] * 3})
        print([(column.type, column.nulls) for column in found])
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str([("int64", 1), ("float64", 0), ("string", 1), ("string", 0), ("date32", 0)])


def test_wrong_calls_of_the_library_are_errors_not_crashes():
    from ironwheel import _abi
    from ironwheel._lib import check, lib

    python = _python.python()
    out = ctypes.c_void_p()
    with pytest.raises(ValueError, match=r"mode must be in 0\.\.=3, got 9"):
        check(lib.iw_objects_new(9, 0, None, 0, ctypes.byref(out)))
    values = np.arange(4)
    with pytest.raises(TypeError, match="missing has rule 1, which dtype tag 5 cannot keep"):
        _columns.lend_numpy(values, _abi.IW_I64, missing=_abi.IW_MISSING_NAN)
    with pytest.raises(TypeError, match="format 'l' is not one of dates and times|format \"l\""):
        _columns.lend_numpy(values, _abi.IW_I64, format="l")
    with pytest.raises(TypeError, match="dtype tag 99"):
        _columns.lend_numpy(values, 99)
    with pytest.raises(ValueError, match="larger than the address space"):
        _columns.lend(values, 8, 2**62, 8, _abi.IW_I64)
    with pytest.raises(ValueError, match="NULL"):
        check(python.lend(None, b"", 0, ctypes.byref(out)))
    column = _columns.lend_numpy(values, _abi.IW_I64)
    with pytest.raises(ValueError, match='column "x" has 4 rows, not 5'):
        _columns.stream([_columns.Named("x", column, [])], 5)
    past = _columns.dictionary(column, _columns.of_objects(["a", "b"])[0].column, False)
    with pytest.raises(ValueError, match="codes"):
        frames.profile(_columns.stream([_columns.Named("x", past, [])], 4))
    with pytest.raises(TypeError, match="codes must be signed integers"):
        _columns.dictionary(_columns.of_objects(["a"])[0].column, column, False)
    growing = _objects._Growing(0, False)
    with pytest.raises(ValueError, match="items has no item 2"):
        check(python.add_items(growing._pointer, id([1, 2]), 0, 0, 3, ctypes.byref(growing.taken)))
    assert json.loads("[]") == []
