"""The Mandelbrot set, count for count as plain Python finds it."""

from __future__ import annotations

import math
import os
import threading
from typing import Any

import ironwheel as iw
import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the coordinates of these tests")

DEFAULT = (-2.0, 0.6, -1.5, 1.5)


def plain(width: int, height: int, iterations: int, region: tuple[float, float, float, float]) -> list[list[int]]:
    """The documented loop, over numpy.linspace."""
    x_min, x_max, y_min, y_max = region
    columns = np.linspace(x_min, x_max, width).tolist()
    rows = []
    for ci in np.linspace(y_min, y_max, height).tolist():
        row = []
        for cr in columns:
            x = y = 0.0
            n = 0
            while n < iterations and not x * x + y * y > 4:
                x, y = x * x - y * y + cr, 2 * x * y + ci
                n += 1
            row.append(n)
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("width", "height", "iterations", "region"),
    [
        (64, 48, 200, DEFAULT),
        (1, 1, 10, DEFAULT),
        (1, 7, 10, DEFAULT),
        (300, 2, 1000, DEFAULT),
        (7, 33, 1, DEFAULT),
        (9, 9, 0, DEFAULT),
        (40, 40, 3000, (-0.7463, -0.7413, 0.1102, 0.1152)),
        (25, 25, 2000, (-2.0 - 1e-15, -2.0 + 1e-15, -1e-15, 1e-15)),
        (25, 25, 500, (0.6, -2.0, 1.5, -1.5)),
        (5, 5, 50, (-1e300, 1e300, -1e300, 1e300)),
        (20, 20, 100, (0.25, 0.25, 0.0, 0.0)),
    ],
)
def test_counts_are_those_of_the_plain_loop(width: int, height: int, iterations: int, region: Any) -> None:
    found = iw.arrays.mandelbrot(width, height, iterations, region=region)
    assert found.dtype == np.uint32 and found.shape == (height, width)
    assert found.tolist() == plain(width, height, iterations, region)


def test_counts_do_not_depend_on_the_threads() -> None:
    images = set()
    for count in (1, 2, 5):
        iw.set_threads(count)
        try:
            images.add(iw.arrays.mandelbrot(333, 222, 500).tobytes())
        finally:
            iw.set_threads(None)
    assert len(images) == 1


def test_an_image_without_points_is_empty() -> None:
    assert iw.arrays.mandelbrot(0, 5, 10).shape == (5, 0)
    assert iw.arrays.mandelbrot(5, 0, 10).shape == (0, 5)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((-1, 1, 1), ValueError, "width must be in 0..=1099511627776, got -1"),
        ((1, 2**64, 1), ValueError, "height must be in 0..=1099511627776, got 18446744073709551616"),
        ((1, 1, -1), ValueError, "iterations must be in 0..=4294967295, got -1"),
        ((1, 1, 2**32), ValueError, "iterations must be in 0..=4294967295, got 4294967296"),
        ((2**40, 2**40, 1), ValueError, "width \\* height must be below 2\\*\\*60"),
        ((2**29, 2**30, 1), MemoryError, "Unable to allocate"),
        ((1.0, 1, 1), TypeError, "width must be an integer, got float"),
        ((1, "1", 1), TypeError, "height must be an integer, got str"),
        ((1, 1, None), TypeError, "iterations must be an integer, got NoneType"),
    ],
)
def test_wrong_sizes_are_refused_by_value(arguments: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        iw.arrays.mandelbrot(*arguments)


@pytest.mark.parametrize(
    "region",
    [
        (0, 1, 0),
        (0, 1, 0, 1, 2),
        "wxyz",
        None,
        (0, 1, 0, "1"),
        (0, math.nan, 0, 1),
        (0, 1, -math.inf, 1),
        (-1.7e308, 1.7e308, 0, 1),
    ],
)
def test_a_wrong_region_is_refused(region: Any) -> None:
    with pytest.raises(ValueError, match="region must be"):
        iw.arrays.mandelbrot(2, 2, 2, region=region)


def test_progress_counts_points_to_the_last() -> None:
    seen: list[tuple[int, int]] = []
    iw.arrays.mandelbrot(200, 100, 50, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (20_000, 20_000) and seen == sorted(seen)
    with pytest.raises(TypeError, match="progress must be a bool or callable, got int"):
        iw.arrays.mandelbrot(2, 2, 2, progress=3)


def test_what_progress_raises_comes_out() -> None:
    def refuse(done: int, total: int) -> None:
        raise RuntimeError(f"enough at {done} of {total}")

    with pytest.raises(RuntimeError, match="enough at"):
        iw.arrays.mandelbrot(64, 64, 2**32 - 1, region=(-0.751, -0.749, 0.0001, 0.001), progress=refuse)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # ctypes says so when it comes early
def test_ctrl_c_stops_years_of_work() -> None:
    import signal

    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        iw.arrays.mandelbrot(640, 640, 2**32 - 1, region=(-0.751, -0.749, 0.0001, 0.001))
