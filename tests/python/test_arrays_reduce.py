"""Reductions, held to NumPy, Bottleneck and exact arithmetic."""

from __future__ import annotations

import math
import warnings
from array import array
from fractions import Fraction
from typing import Any

import ironwheel as iw
import pytest

np = pytest.importorskip("numpy", reason="NumPy is the oracle of these tests")
from arrays_reduce_numpy import PLACES, PLAIN, SKIPPING, assert_same, ours  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.extra import numpy as hnp  # noqa: E402

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


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


@st.composite
def laid_out(draw: Any, dtypes: Any = DTYPES, least: int = 0, nan: bool = True) -> Any:
    """An array of any type in any layout: sliced, reversed, transposed, repeated, byte-swapped, unaligned."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=least, max_side=9))
    elements = None
    if dtype.kind == "f":
        elements = hnp.from_dtype(dtype, allow_nan=nan, allow_infinity=nan, allow_subnormal=False)
        if dtype.itemsize == 8:  # beyond, NumPy's answer is what the rounding of its sums makes of it; tested below
            elements = elements.filter(lambda value: not 1e150 < abs(value) < math.inf)
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


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd"])
@pytest.mark.parametrize("axis", [None, 0])
def test_deviations_too_large_to_square_are_infinite(name: str, axis: Any) -> None:
    for values in ([2e170, 0.0, 0.0], [0.0, 1.2e249, 1.2e249], [3e200, 1.0, 2e200], [1e300, -1e300] * 3000):
        found = ours(name)(np.array(values), axis)
        assert found == math.inf == theirs(name, np.array(values), axis=axis), values[:3]
    assert ours(name)(np.full((3, 2), 1e300), 0).tolist() == [0.0, 0.0]
    if not name.startswith("nan"):
        assert math.isnan(ours(name)(np.array([1e300, math.nan])))
        assert math.isnan(ours(name)(np.array([1e300, math.inf])))


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
