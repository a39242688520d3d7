"""What NumPy says of a reduction; for the tests of reductions."""

from __future__ import annotations

from typing import Any, Callable

import ironwheel as iw
import pytest

np = pytest.importorskip("numpy", reason="NumPy is the oracle of these tests")

PLAIN = ["sum", "mean", "var", "std", "min", "max", "argmin", "argmax"]


SKIPPING = ["nansum", "nanmean", "nanvar", "nanstd", "nanmin", "nanmax", "nanargmin", "nanargmax"]


PLACES = ["argmin", "argmax", "nanargmin", "nanargmax"]


def ours(name: str) -> Callable[..., Any]:
    return getattr(iw.arrays, name)


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
