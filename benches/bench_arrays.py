"""Reductions against NumPy, Bottleneck and the memory bus; the Mandelbrot set against plain Python and NumPy."""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial
from typing import Any

import ironwheel as iw
from harness import Row, compare, once

REGION = (-2.0, 0.6, -1.5, 1.5)


def rows(quick: bool) -> list[Row]:
    return reductions(quick) + bandwidth(quick) + mandelbrot(quick)


def reductions(quick: bool) -> list[Row]:
    import numpy as np

    try:
        import bottleneck as bn
    except ImportError:
        bn = None
    rng = np.random.default_rng(0)
    found: list[Row] = []

    def against(what: str, name: str, values: Any, axis: int | None = None) -> None:
        ours, theirs = getattr(iw.arrays, name), getattr(np, name)
        peers = {"NumPy": lambda: theirs(values, axis=axis)}
        if name.startswith("nan") and bn is not None:
            peers["Bottleneck"] = lambda: getattr(bn, name)(values, axis)
        found.extend(compare("Reductions", what, lambda: ours(values, axis), peers))

    sizes = [10, 1_000, 100_000, 1_000_000] if quick else [10, 1_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
    for dtype in ("float64", "float32", "int32", "bool"):
        for size in sizes:
            values = (rng.random(size) * 100).astype(dtype)
            against(f"sum of {size:,} {dtype}", "sum", values)
    values = rng.normal(size=1_000_000 if quick else 10_000_000)
    size = f"{values.size:,} float64"
    for name in ("mean", "std", "min", "argmax", "nansum", "nanmean", "nanstd", "nanmax"):
        against(f"{name} of {size}", name, values)
    against(f"sum of every third of {size}", "sum", values[::3])
    grid = values.reshape(-1, 1000)
    for name in ("sum", "std", "max", "argmax"):
        for axis in (0, 1):
            against(f"{name} over axis {axis} of {grid.shape[0]:,} x 1,000 float64", name, grid, axis)
    narrow = values[: values.size // 3 * 3].reshape(-1, 3)
    for axis in (0, 1):
        against(f"sum over axis {axis} of {narrow.shape[0]:,} x 3 float64", "sum", narrow, axis)
    return found


def bandwidth(quick: bool) -> list[Row]:
    """How near a sum comes to what the memory gives: the peer is the fastest read there is, a max of uint64."""
    import numpy as np

    size = 1 << 22 if quick else 1 << 27
    values = np.ones(size)
    reading = values.view("u8")
    found = []
    for count in (1, None):
        iw.set_threads(count)
        try:
            where = "1 thread" if count else f"{iw.threads()} threads"
            seconds = min(once(lambda: iw.arrays.sum(values), 1)[0] for _ in range(5))
            note = f"{values.nbytes / seconds / 1e9:.1f} GB/s at best"
            found += compare(
                "Memory",
                f"sum of {values.nbytes >> 20:,} MiB of float64, {where}",
                lambda: iw.arrays.sum(values),
                {"reading them (max of uint64)": lambda: iw.arrays.max(reading)},
                note=note,
            )
        finally:
            iw.set_threads(None)
    return found


def plain(width: int, height: int, iterations: int) -> int:
    """Sum of all counts, as Python finds them with the documented loop."""
    total = 0
    for row in range(height):
        ci = -1.5 + row * (3.0 / (height - 1))
        for column in range(width):
            cr = -2.0 + column * (2.6 / (width - 1))
            x = y = 0.0
            n = 0
            while n < iterations:
                xx, yy = x * x, y * y
                if xx + yy > 4.0:
                    break
                x, y = xx - yy + cr, 2.0 * x * y + ci
                n += 1
            total += n
    return total


def in_numpy(width: int, height: int, iterations: int) -> Any:
    """The usual NumPy program: the points still inside, closed up every step."""
    import numpy as np

    cr, ci = (part.ravel() for part in np.meshgrid(np.linspace(-2.0, 0.6, width), np.linspace(-1.5, 1.5, height)))
    counts = np.full(width * height, iterations, "u4")
    inside = np.arange(width * height)
    x, y = np.zeros_like(cr), np.zeros_like(ci)
    for n in range(iterations):
        xx, yy = x * x, y * y
        live = xx + yy <= 4.0
        if not live.all():
            counts[inside[~live]] = n
            inside, x, y, xx, yy, cr, ci = (part[live] for part in (inside, x, y, xx, yy, cr, ci))
        x, y = xx - yy + cr, 2.0 * x * y + ci
    return counts.reshape(height, width)


def mandelbrot(quick: bool) -> list[Row]:
    """Times for equal work: the peers run a smaller grid, and their time is scaled by the steps counted."""
    found = []
    width = height = 480 if quick else 960
    for iterations in (200, 1000):
        steps = int(iw.arrays.mandelbrot(width, height, iterations).sum(dtype="u8"))
        small = 60 if quick else 120
        started = time.perf_counter()
        small_steps = plain(small, small, iterations)
        per_step = (time.perf_counter() - started) / small_steps
        side = 240 if quick else 480
        started = time.perf_counter()
        counts = in_numpy(side, side, iterations)
        numpy_seconds = (time.perf_counter() - started) / int(counts.sum(dtype="u8")) * steps
        for count in (1, None):
            iw.set_threads(count)
            try:
                where = "1 thread" if count else f"{iw.threads()} threads"
                what = f"mandelbrot {width} x {height}, {iterations} iterations, {where}"
                call = partial(iw.arrays.mandelbrot, width, height, iterations)
                ours = statistics.median(once(call, 1)[0] for _ in range(9))
            finally:
                iw.set_threads(None)
            note = f"{steps / ours / 1e9:.1f} G steps/s; the peer's time is scaled by steps from"
            found.append(Row("Mandelbrot", what, ours, "plain Python", per_step * steps, f"{note} {small} x {small}"))
            found.append(Row("Mandelbrot", what, ours, "NumPy", numpy_seconds, f"{note} {side} x {side}"))
    return found


def alone() -> int:
    """`python benches/bench_arrays.py [--quick]` prints this file's lines by itself."""
    for row in rows("--quick" in sys.argv[1:]):
        print(f"{row.what:60} {row.ours * 1e6:12.1f} us  {row.peer:30} {row.ratio:10.2f}x  {row.note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(alone())
