"""Reductions, held to NumPy, Bottleneck and exact arithmetic."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from array import array
from fractions import Fraction
from typing import Any, Callable

import ironwheel as iw
import pytest

np = pytest.importorskip("numpy", reason="NumPy is the oracle of these tests")
hypothesis = pytest.importorskip("hypothesis", reason="hypothesis makes the arrays")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.extra import numpy as hnp  # noqa: E402

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
PLAIN = ["sum", "mean", "var", "std", "min", "max", "argmin", "argmax"]
SKIPPING = ["nansum", "nanmean", "nanvar", "nanstd", "nanmin", "nanmax", "nanargmin", "nanargmax"]
PLACES = ["argmin", "argmax", "nanargmin", "nanargmax"]
CHOOSING = ["min", "max", "nanmin", "nanmax", *PLACES]


def ours(name: str) -> Callable[..., Any]:
    return getattr(iw.arrays, name)


def theirs(name: str, values: Any, **options: Any) -> Any:
    """NumPy's answer: float16 and float32 computed in float64, as ours are, and without its warnings."""
    values = wide = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "f" and name.replace("nan", "") in ("sum", "mean", "var", "std"):
        wide = values.astype("f8")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if name in ("sum", "nansum") and values.dtype.kind in "biu":  # before NumPy 2, Windows sums in 32 bits
            options = {**options, "dtype": "u8" if values.dtype.kind == "u" else "i8"}
        found = getattr(np, name)(wide, **options)
        return found.astype(values.dtype) if wide is not values else found


def assert_same(got: Any, want: Any, values: Any, what: str) -> None:
    __tracebackhide__ = True
    assert type(got) is type(want) and got.dtype == want.dtype and got.shape == want.shape, what
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(got, want, what)
        return
    finite = np.abs(values.astype("f8"))
    scale = float(finite[np.isfinite(finite)].max(initial=0.0))
    # Two roundings of the result's type; var and std lose what the deviations lose to the mean.
    digits = {"f2": 1e-3, "f4": 1e-6, "f8": 1e-12}[want.dtype.str[1:]]
    np.testing.assert_allclose(got, want, rtol=digits, atol=digits * max(scale, scale * scale), err_msg=what)


@st.composite
def laid_out(draw: Any, dtypes: Any = DTYPES, least: int = 0, nan: bool = True) -> Any:
    """An array of any type in any layout: sliced, reversed, transposed, repeated, byte-swapped, unaligned."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=least, max_side=9))
    elements = None
    if dtype.kind == "f":
        elements = hnp.from_dtype(dtype, allow_nan=nan, allow_infinity=nan, allow_subnormal=False)
        if not nan or draw(st.booleans()):
            elements = st.floats(-50, 50, width=8 * dtype.itemsize, allow_subnormal=False)
            elements = elements | st.just(math.nan) if nan else elements
    values = draw(hnp.arrays(dtype, shape, elements=elements))
    if values.ndim:
        values = np.asarray(values[draw(hnp.basic_indices(values.shape))])
    values = values.transpose(draw(st.permutations(range(values.ndim))))
    how = draw(st.sampled_from(["as it is", "repeated", "swapped", "unaligned", "record"]))
    if how == "repeated":
        values = np.broadcast_to(values, (draw(st.integers(1, 4)), *values.shape))
    elif how == "swapped":
        values = values.astype(values.dtype.newbyteorder())
    elif how == "unaligned":
        room = np.empty(values.size * values.itemsize + 1, "u1")[1:].view(values.dtype)
        room[:] = values.reshape(-1)
        values = room.reshape(values.shape)
    elif how == "record":
        records = np.zeros(values.shape, [("pad", "u8"), ("it", values.dtype), ("end", f"V{8 - values.itemsize}")])
        records["it"] = values
        values = records["it"]
    if least and not values.size:
        values = np.ones(3, values.dtype)
    return values


def any_axis(draw: Any, ndim: int, several: bool) -> Any:
    one = st.integers(-ndim, ndim - 1) if ndim else st.nothing()
    choices = st.none() | one
    if several:
        choices |= st.lists(st.integers(0, max(ndim - 1, 0)), unique=True, max_size=ndim).map(tuple)
    return draw(choices)


@settings(max_examples=400, deadline=None)
@given(st.data(), laid_out(), st.sampled_from(PLAIN), st.booleans(), st.sampled_from([0, 1, 2.5]))
def test_every_type_layout_and_axis_as_numpy(data: Any, values: Any, name: str, keepdims: bool, ddof: float) -> None:
    if name not in ("sum", "mean") and values.size == 0:
        return
    options: dict[str, Any] = {"axis": any_axis(data.draw, values.ndim, name not in PLACES), "keepdims": keepdims}
    if name in ("var", "std"):
        options["ddof"] = ddof
    if name == "sum" and values.dtype.kind in "iu" and values.itemsize == 8:
        values = values >> values.dtype.type(8)  # where NumPy would wrap we raise; tested below
    assert_same(ours(name)(values, **options), theirs(name, values, **options), values, f"{name} {options}")


@settings(max_examples=300, deadline=None)
@given(st.data(), laid_out(["f2", "f4", "f8", "i4", "?"], least=1), st.sampled_from(SKIPPING), st.booleans())
def test_skipping_nan_as_numpy(data: Any, values: Any, name: str, keepdims: bool) -> None:
    options = {"axis": any_axis(data.draw, values.ndim, name not in PLACES), "keepdims": keepdims}
    try:
        want = theirs(name, values, **options)
    except ValueError:
        with pytest.raises(ValueError, match="values must have a number in every slice, got only NaN"):
            ours(name)(values, **options)
        return
    if name == "nansum" and values.dtype.kind == "b":
        want = want.astype("i8") if want.shape else np.int64(want)
    assert_same(ours(name)(values, **options), want, values, f"{name} {options}")


@pytest.mark.parametrize(
    "name", ["nansum", "nanmean", "nanstd", "nanvar", "nanmin", "nanmax", "nanargmin", "nanargmax"]
)
def test_bottleneck_has_the_same_answers(name: str) -> None:
    bn = pytest.importorskip("bottleneck", reason="Bottleneck is the oracle")
    values = np.random.default_rng(7).normal(size=(40, 30, 5))
    values[values > 1] = np.nan
    for axis in [None, 0, 1, 2]:
        np.testing.assert_allclose(ours(name)(values, axis), getattr(bn, name)(values, axis), rtol=1e-12)


SHAPES = [
    # Each takes another way through the code: pieces, rows, wide rows of narrow ones, gathered runs.
    ((300_000,), np.s_[:]),
    ((300_000,), np.s_[::-1]),
    ((600_000,), np.s_[1::2]),
    ((3, 100_001), np.s_[:]),
    ((100_001, 3), np.s_[:]),
    ((100_001, 3), np.s_[:, ::-1]),
    ((1000, 500), np.s_[:]),
    ((1000, 500), np.s_[:, 100:400]),
    ((500, 1000), np.s_[:, ::3]),
    ((40, 50, 60), np.s_[:, ::2]),
    ((30_000, 4, 5), np.s_[:]),
    ((2, 3, 5, 7, 11, 13, 17), np.s_[:, :, ::-2]),
]


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize(("shape", "part"), SHAPES)
def test_large_arrays_as_numpy(dtype: str, shape: tuple[int, ...], part: Any) -> None:
    rng = np.random.default_rng(3)
    values = (rng.integers(-50, 50, shape) if dtype[0] == "i" else rng.integers(0, 3, shape)).astype(dtype)[part]
    if dtype[0] == "f":
        values = values + rng.normal(size=values.shape).astype(dtype)
    for order in (values, values.T):
        for axis in [None, 0, order.ndim - 1, (0, order.ndim - 1) if order.ndim > 1 else 0]:
            for name in PLAIN:
                if name in PLACES and isinstance(axis, tuple):
                    continue
                got, want = ours(name)(order, axis), theirs(name, order, axis=axis)
                if order.ndim == 1 and axis is not None:
                    want = np.asarray(want)[()]
                assert_same(got, want, order, f"{name} axis {axis} of {order.shape}")
    low, high = iw.arrays.minmax(values, 0)
    assert_same(low, values.min(0), values, "low")
    assert_same(high, values.max(0), values, "high")


@pytest.mark.parametrize("at", [0, 1, 70_000, 299_999])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_one_nan_anywhere_is_seen_or_skipped(at: int, dtype: str) -> None:
    for shape, axis in [((300_000,), None), ((1000, 300), 0), ((1000, 300), 1)]:
        values = np.random.default_rng(1).normal(size=300_000).astype(dtype)
        values[at] = np.nan
        values = values.reshape(shape)
        for name in [*PLAIN, *SKIPPING]:
            assert_same(ours(name)(values, axis), theirs(name, values, axis=axis), values, f"{name} {shape} {axis}")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), max_size=300), st.integers(1, 3))
def test_float64_sums_are_the_true_sum_rounded(values: list[float], repeat: int) -> None:
    values = values * repeat
    exact = math.fsum(values)
    bound = 4 * len(values) ** 2 * 2.0**-106 * math.fsum(map(abs, values))
    for got in (iw.arrays.sum(np.array(values, "f8")), iw.arrays.sum(array("d", values))):
        assert abs(Fraction(got) - Fraction(exact)) <= Fraction(bound) + Fraction(float(np.spacing(abs(exact))))


def test_sums_are_more_accurate_than_pairwise() -> None:
    values = np.random.default_rng(0).normal(size=1_000_003) * 10.0 ** np.random.default_rng(1).integers(
        -8, 9, 1_000_003
    )
    exact = math.fsum(values)
    assert iw.arrays.sum(values) == exact
    assert iw.arrays.sum(np.ascontiguousarray(np.broadcast_to(values, (2, values.size)).T), 0).tolist() == [exact] * 2
    single = values.astype("f4")
    assert iw.arrays.sum(single) == np.float32(math.fsum(single.astype("f8")))


def test_means_far_from_zero_keep_their_variance() -> None:
    values = np.random.default_rng(0).normal(size=(9_000, 3)) + 1e9
    values[7] = 2e9  # whoever took a first value for the mean would lose digits here
    exact = []
    for column in values.T.tolist():
        numbers = list(map(Fraction, column))
        middle = sum(numbers) / len(numbers)
        exact.append(float(sum((number - middle) ** 2 for number in numbers) / len(numbers)))
    for layout in (values, np.asfortranarray(values), values[::-1], np.repeat(values, 2, 1)[:, ::2]):
        np.testing.assert_allclose(iw.arrays.var(layout, 0), exact, rtol=1e-14)
        np.testing.assert_allclose(iw.arrays.nanvar(layout, 0), exact, rtol=1e-14)
    near = values[8:] - 0.25
    exact = [math.fsum((column - 1e9 - math.fsum(column - 1e9) / len(column)) ** 2) / len(column) for column in near.T]
    for layout in (near, np.asfortranarray(near)):
        np.testing.assert_allclose(iw.arrays.var(layout, 0), exact, rtol=1e-13)


def test_equal_values_have_no_variance() -> None:
    for n in (1, 2, 2047, 2049, 300_000):
        assert iw.arrays.var(np.full(n, 0.1)) == 0.0
        assert iw.arrays.var(np.full((n, 2), 0.1), 0).max() < 1e-30


@pytest.mark.parametrize("dtype", ["i8", "u8", "i4", "u4", "i1", "?"])
def test_integer_sums_are_exact_or_refused(dtype: str) -> None:
    high = 1 if dtype == "?" else np.iinfo(dtype).max
    low = 0 if dtype == "?" else np.iinfo(dtype).min
    values = np.array([high, low, high, low, high] * 40_001, dtype)
    exact = sum(int(value) for value in values[:5]) * 40_001
    for layout in (values, values[::-1], np.stack([values, values], 1)):
        axis = 0 if layout.ndim == 2 else None
        if exact >= 2 ** (64 if dtype[0] == "u" else 63):
            with pytest.raises(OverflowError, match=f"^values must sum to what u?int64 holds, got {exact}$"):
                iw.arrays.sum(layout, axis)
        else:
            assert np.all(iw.arrays.sum(layout, axis) == exact)
        np.testing.assert_allclose(iw.arrays.mean(layout, axis), exact / values.size, rtol=1e-15)


def test_sums_that_would_wrap_and_come_back_are_exact() -> None:
    top = 2**63 - 1
    assert iw.arrays.sum(np.array([top, top, -top, -top, 5])) == 5
    assert iw.arrays.sum(np.array([top, 1])[:1]) == top
    with pytest.raises(OverflowError, match="values must sum to what int64 holds, got 9223372036854775808"):
        iw.arrays.sum(np.array([top, 1]))
    with pytest.raises(OverflowError, match="got -9223372036854775809"):
        iw.arrays.nansum(np.array([-top - 1, -1]).reshape(2, 1), 0)


def test_bools_of_any_byte_count_as_one() -> None:
    odd = np.array([0, 1, 2, 255], "u1").view("?")
    assert iw.arrays.sum(odd) == 3
    assert iw.arrays.max(odd) is np.True_ or iw.arrays.max(odd) == np.True_
    assert iw.arrays.argmax(odd) == 1


@pytest.mark.parametrize("name", PLAIN + SKIPPING)
def test_the_result_does_not_depend_on_the_threads(name: str) -> None:
    rng = np.random.default_rng(5)
    found = []
    for values, axis in [
        (rng.normal(size=1_200_001), None),
        (rng.normal(size=(170_000, 7)), 0),
        (rng.normal(size=(1300, 900)), 1),
    ]:
        answers = set()
        for count in (1, 2, 3, 8):
            iw.set_threads(count)
            try:
                answers.add(ours(name)(values, axis).tobytes())
            finally:
                iw.set_threads(None)
        found.append(len(answers))
    assert found == [1, 1, 1]


def test_empty_arrays() -> None:
    empty = np.zeros((0, 3))
    assert iw.arrays.sum(empty) == 0 and iw.arrays.sum(empty.astype("i4")) == 0
    assert iw.arrays.sum(empty, 0).tolist() == [0, 0, 0] and iw.arrays.sum(empty, 1).shape == (0,)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("mean", "var", "std", "nanmean", "nanvar", "nanstd"):
            assert math.isnan(ours(name)(empty)) and np.isnan(ours(name)(empty, 0)).all()
            assert ours(name)(empty, 1).shape == (0,)
    for name in CHOOSING:
        for axis in (None, 0):
            with pytest.raises(ValueError, match="values must not be empty along the axes to fold, got 0 elements"):
                ours(name)(empty, axis)
        assert ours(name)(empty, 1).shape == (0,)
    with pytest.raises(ValueError, match="values must not be empty"):
        iw.arrays.minmax([])
    assert iw.arrays.minmax(empty, 1)[1].shape == (0,)


def test_only_nan_and_too_few_values() -> None:
    values = np.full((2, 3), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert iw.arrays.nansum(values) == 0
        for name in ("nanmean", "nanmin", "nanmax", "nanvar", "nanstd"):
            assert math.isnan(ours(name)(values)) and np.isnan(ours(name)(values, 0)).all()
        assert math.isnan(iw.arrays.var([1.0], ddof=1)) and iw.arrays.var([1.0, 2.0], ddof=3) == math.inf
        assert math.isnan(iw.arrays.nanvar([1.0, 2.0], ddof=2)) and math.isnan(iw.arrays.nanstd([1, 2], ddof=3))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([1j]), "got dtype complex128"),
        (np.array(["a"]), "got dtype <U1"),
        (np.array([None]), "got dtype object"),
        (np.array(["2020-01-01"], "M8[D]"), r"got dtype datetime64\[D\]"),
        (np.ma.array([1.0], mask=[True]), "values must not be a masked array"),
        ("text", "got dtype <U4"),
        (None, "got dtype object"),
        ([[1], [2, 3]], ""),
    ],
    ids=["complex", "text", "object", "datetime", "masked", "str", "None", "ragged"],
)
def test_what_is_no_number_is_refused_by_name(values: Any, words: str) -> None:
    kind: Any = ValueError if not words else TypeError  # NumPy's own words for the ragged list
    if not words and np.lib.NumpyVersion(np.__version__) < "1.24.0":
        kind = TypeError  # it makes an array of lists
    for name in PLAIN + SKIPPING + ["minmax"]:
        with pytest.raises(kind, match=words):
            ours(name)(values)


@pytest.mark.skipif(np.dtype("g").itemsize == 8, reason="longdouble is float64 here")
def test_longdouble_is_refused_not_rounded() -> None:
    with pytest.raises(
        TypeError, match="values must hold bools, integers or floats of at most 64 bits, got dtype float128"
    ):
        iw.arrays.sum(np.ones(3, "g"))


@pytest.mark.parametrize(
    ("axis", "error", "words"),
    [
        (2, ValueError, r"axis must be in -2\.\.2 for 2 axes, got 2"),
        (-3, ValueError, r"axis must be in -2\.\.2 for 2 axes, got -3"),
        (2**70, ValueError, "axis must be in .* got 1180591620717411303424"),
        ((0, -2), ValueError, r"axis must not repeat, got \(0, -2\)"),
        (1.0, TypeError, "axis must be an integer or a tuple of integers, got 1.0"),
        ("0", TypeError, "axis must be an integer or a tuple of integers, got '0'"),
    ],
)
def test_a_wrong_axis_is_refused_by_value(axis: Any, error: type[Exception], words: str) -> None:
    for name in PLAIN:
        if name not in PLACES or not isinstance(axis, tuple):
            with pytest.raises(error, match=words):
                ours(name)(np.ones((2, 2)), axis)


def test_a_wrong_axis_of_places_and_a_wrong_ddof() -> None:
    with pytest.raises(TypeError, match=r"axis must be an integer or None, got \(0,\)"):
        iw.arrays.argmin(np.ones(3), (0,))
    with pytest.raises(ValueError, match="ddof must be a number, got NaN"):
        iw.arrays.var([1.0], ddof=math.nan)
    for wrong in ("1", None, [1]):
        with pytest.raises(TypeError, match="ddof must be a number, got"):
            iw.arrays.std([1.0], ddof=wrong)
    with pytest.raises(ValueError, match=r"axis must be in 0\.\.0 for 0 axes, got 0"):
        iw.arrays.sum(np.float64(3), 0)


def test_repeated_axes_of_any_length() -> None:
    wide = np.broadcast_to(np.int8(1), (2**40, 0, 2**20))
    assert iw.arrays.sum(wide) == 0
    with pytest.raises(ValueError, match=r"fewer than 2\*\*60 results"):
        iw.arrays.sum(wide, 1)
    repeated = np.broadcast_to(np.arange(5, dtype="f4")[:, None], (5, 50_000))
    assert_same(iw.arrays.sum(repeated, 1), repeated.sum(1), repeated, "repeated")
    assert iw.arrays.argmax(repeated) == 4 * 50_000


def test_scalars_lists_and_subclasses() -> None:
    assert iw.arrays.sum(3.5) == 3.5 and type(iw.arrays.sum(3)) is np.int64
    assert iw.arrays.mean([[1, 2], [3, 4]], 0).tolist() == [2, 3]
    assert iw.arrays.sum(np.array(7, "u1")) == 7 and iw.arrays.argmin(np.array(7)) == 0
    matrix = np.asmatrix([[1.0, 2.0], [3.0, 4.0]])
    assert iw.arrays.sum(matrix, 0).tolist() == [4, 6]
    locked = np.arange(5.0)
    locked.flags.writeable = False
    assert iw.arrays.sum(locked) == 10


@pytest.mark.parametrize("letter", "bBhHiIlLqQfd")
def test_buffers_give_python_numbers(letter: str) -> None:
    values = array(letter, [3, 1, 2])
    for lent in (values, memoryview(values), memoryview(values)[::-1][::-1]):
        found = [iw.arrays.sum(lent), iw.arrays.min(lent), iw.arrays.argmax(lent), iw.arrays.mean(lent)]
        assert found == [6, 1, 0, 2.0]
        assert [type(x) for x in found] == [type(values[0]), type(values[0]), int, float]
    assert iw.arrays.minmax(values) == (1, 3) and iw.arrays.sum(memoryview(values)[::2]) == 5
    assert iw.arrays.sum(b"\x01\x02") == 3 and iw.arrays.max(bytearray(b"az")) == ord("z")


def test_without_numpy_numbers_and_memoryviews() -> None:
    code = """
import sys
sys.modules["numpy"] = None
from array import array
import ironwheel as iw
a = iw.arrays
values = memoryview(array("d", [1, 2, 3, 4, 5, 6])).cast("B").cast("d", (2, 3))
assert a.sum(values) == 21.0 and type(a.sum(values)) is float
assert a.sum(values, 0).tolist() == [5.0, 7.0, 9.0] and a.sum(values, 1, keepdims=True).tolist() == [[6.0], [15.0]]
assert [part.tolist() for part in a.minmax(values, 1)] == [[1.0, 4.0], [3.0, 6.0]] and a.minmax(values) == (1.0, 6.0)
assert a.argmax(values, 0).tolist() == [1, 1, 1] and a.argmax(values, 0).format == "q"
assert a.mandelbrot(3, 2, 9).tolist() == [[1, 2, 2], [1, 2, 2]] and a.mandelbrot(0, 4, 9).tolist() == []
try:
    a.sum([1, 2])
except TypeError as error:
    assert str(error) == "values must be an array, got list", error
else:
    raise AssertionError("a list without NumPy")
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_the_import_brings_no_numpy() -> None:
    code = "import sys, ironwheel.arrays; assert 'numpy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _child(values: Any, expected: float, answer: Any) -> None:
    answer.put([iw.arrays.sum(values) == expected, float(iw.arrays.mean(values, 0)[0])])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_works_on() -> None:
    values = np.ones((400_000, 3))
    iw.set_threads(2)
    try:
        expected = iw.arrays.sum(values)
        context = multiprocessing.get_context("fork")
        answer = context.SimpleQueue()
        child = context.Process(target=_child, args=(values, expected, answer))
        child.start()
        child.join(60)
        assert child.exitcode == 0 and answer.get() == [True, 1.0]
    finally:
        iw.set_threads(None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # ctypes says so when it comes early
def test_ctrl_c_stops_a_long_reduction() -> None:
    import signal

    endless = np.broadcast_to(np.float64(1), (1 << 36,))  # minutes of work, no memory
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        iw.arrays.sum(endless)


def test_many_threads_of_python_at_once() -> None:
    values = np.random.default_rng(0).normal(size=(200, 1000))
    expected = iw.arrays.var(values, 0).tobytes()
    wrong = []

    def work() -> None:
        for _ in range(20):
            if iw.arrays.var(values, 0).tobytes() != expected:
                wrong.append("differs")
            try:
                iw.arrays.min(np.zeros(0))
            except ValueError as error:
                if "must not be empty" not in str(error):
                    wrong.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
