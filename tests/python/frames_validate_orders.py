"""A small table of orders, and what one rule says of a table; for the tests of `frames.validate`."""

from __future__ import annotations

import datetime

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from ironwheel import frames  # noqa: E402

ORDERS = pa.table(
    {
        "id": [1, 2, 2, 4],
        "amount": [10.0, None, 2500.0, float("nan")],
        "price": [1.0, 1.0, 2.0, 3.0],
        "sku": ["AB1234", "x", None, "CD0001"],
        "day": pa.array([datetime.date(2024, 1, 1), None, datetime.date(2024, 3, 1), datetime.date(2023, 1, 1)]),
    }
)


def one(data, rule, **options):
    """The result of one rule."""
    return frames.validate(data, [rule], **options)[0]


def failing(data, rule, **options):
    """Numbers of the rows that fail one rule."""
    return np.flatnonzero(one(data, rule, **options).mask).tolist()
