"""Times our call and its peers in one run, on the same data, taking turns; keeps medians."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import Callable


@dataclass
class Row:
    """One line of docs/benchmarks.md: our median and one peer's, in seconds, on the same data."""

    group: str
    what: str
    ours: float
    peer: str
    theirs: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times longer the peer takes; below 1 it is faster than we are."""
        return self.theirs / self.ours


def once(call: Callable[[], object], inner: int) -> float:
    started = time.perf_counter()
    for _ in range(inner):
        call()
    return (time.perf_counter() - started) / inner


def repeats_for(call: Callable[[], object], least: float = 0.005) -> int:
    """How often to run `call` in one timing, so that the clock's grain does not show."""
    inner = 1
    while True:
        if once(call, inner) * inner >= least or inner >= 1 << 20:
            return inner
        inner *= 4


def compare(
    group: str,
    what: str,
    ours: Callable[[], object],
    peers: dict[str, Callable[[], object]],
    *,
    note: str = "",
    rounds: int = 7,
    budget: float = 4.0,
) -> list[Row]:
    """Medians over `rounds` interleaved timings, fewer when one round takes long; at least 3."""
    calls = {"ours": ours, **peers}
    inner = {name: repeats_for(call) for name, call in calls.items()}  # the first, unrecorded run warms caches
    times: dict[str, list[float]] = {name: [] for name in calls}
    started = time.perf_counter()
    gc.disable()
    try:
        for done in range(rounds):
            for name, call in calls.items():
                times[name].append(once(call, inner[name]))
            if done >= 2 and time.perf_counter() - started > budget:
                break
    finally:
        gc.enable()
    median = {name: statistics.median(values) for name, values in times.items()}
    return [Row(group, what, median["ours"], name, median[name], note) for name in peers]
