"""Question 5, passing an array."""

from __future__ import annotations

import math
from typing import Any, List, Tuple

from ironwheel import arrays, ints
from ironwheel._screen import Screen
from ironwheel.demo import plain, show
from ironwheel.demo.answer import Answer
from ironwheel.demo.work import Work, flat, listed

QUESTION = "Can it pass an array?"

_ITERATIONS = 500


def ask(answer: Answer, work: Work) -> None:
    """Sums the primes of question 2 and draws the Mandelbrot set."""
    primes = work.primes if work.primes is not None else ints.primes(0, 1_000_000)
    values = listed(primes)
    answer.compare(
        f"sum, mean and standard deviation of {len(values):,} integers",
        lambda: (int(arrays.sum(primes)), float(arrays.mean(primes)), float(arrays.std(primes))),
        lambda: _statistics(values),
        by="sum and math.fsum",
        same=lambda ours, theirs: ours[0] == theirs[0] and all(map(_close, ours[1:], theirs[1:])),
    )
    width, height = (96, 60) if work.quick else (320, 200)
    answer.compare(
        f"the Mandelbrot set, {width} by {height} points, up to {_ITERATIONS} steps each",
        lambda: arrays.mandelbrot(width, height, _ITERATIONS),
        lambda: plain.mandelbrot(width, height, _ITERATIONS),
        by="two loops over floats",
        same=lambda ours, theirs: listed(flat(ours)) == theirs,
    )
    if not work.quick:
        answer.run(
            "the same, 1,920 by 1,080 points",
            lambda: arrays.mandelbrot(1920, 1080, _ITERATIONS),
            why="not asked of it: see the line above",
        )

    def picture(screen: Screen) -> Any:
        columns = min(screen.width - 4, 72)
        rows = columns * 6 // 10 // 2 * 2
        half = 1.15 * columns / rows  # a point is half a cell high, and so about square
        counts = arrays.mandelbrot(columns, rows, _ITERATIONS, region=(-0.6 - half, -0.6 + half, -1.15, 1.15))
        drawn = show.escape_times(listed(flat(counts)), columns, rows, _ITERATIONS, screen)
        return {"type": "padder", "padding": [2, 1, 0, 0], "content": drawn}

    answer.pictures.append(picture)


def _statistics(values: List[int]) -> Tuple[int, float, float]:
    total = sum(values)
    mean = total / len(values)
    return total, mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def _close(ours: float, theirs: float) -> bool:
    return math.isclose(ours, theirs, rel_tol=1e-12)
