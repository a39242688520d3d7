"""Reductions of what users bring: nothing at all, wrong types and axes, buffers; and forks, threads and Ctrl-C."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from array import array
from typing import Any

import ironwheel as iw
import pytest

np = pytest.importorskip("numpy", reason="NumPy is the oracle of these tests")
from arrays_reduce_numpy import PLACES, PLAIN, SKIPPING, assert_same, ours  # noqa: E402

CHOOSING = ["min", "max", "nanmin", "nanmax", *PLACES]


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
    ],
    ids=["complex", "text", "object", "datetime", "masked", "str", "None"],
)
def test_what_is_no_number_is_refused_by_name(values: Any, words: str) -> None:
    for name in PLAIN + SKIPPING + ["minmax"]:
        with pytest.raises(TypeError, match=words):
            ours(name)(values)


def test_lists_of_several_lengths_are_refused() -> None:
    old = np.lib.NumpyVersion(np.__version__) < "1.24.0"  # makes an array of lists of them
    for name in PLAIN + SKIPPING + ["minmax"]:
        with pytest.raises(TypeError if old else ValueError, match="got dtype object" if old else "inhomogeneous"):
            ours(name)([[1], [2, 3]])


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
