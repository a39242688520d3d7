"""Columns of Python objects: each value comes out as it went in, whatever the layout."""

from __future__ import annotations

import datetime
import decimal
import enum
import subprocess
import sys
import textwrap
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ironwheel import frames
from ironwheel.frames import _objects, _python

np = pytest.importorskip("numpy", reason="NumPy holds the objects")
from frames_objects_tables import column, objects  # noqa: E402

UTC = datetime.timezone.utc


Decimal = decimal.Decimal


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
