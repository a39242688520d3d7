"""Times our call and its peers in one run, on the same data, taking turns; keeps medians."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable


@dataclass
class Row:
    """One line of docs/benchmarks.md: our median and one peer's, in seconds, on the same data.

    Of large jobs also the seconds of all CPUs together, and the memory in bytes that a call needs at its peak.
    """

    group: str
    what: str
    ours: float
    peer: str
    theirs: float
    note: str = ""
    ours_cpu: float = 0.0
    theirs_cpu: float = 0.0
    ours_peak: int | None = None
    theirs_peak: int | None = None

    @property
    def ratio(self) -> float:
        """How many times longer the peer takes; below 1 it is faster than we are."""
        return self.theirs / self.ours


def once(call: Callable[[], object], inner: int) -> tuple[float, float]:
    """Seconds by the clock and of all CPUs, a call."""
    started, busy = time.perf_counter(), time.process_time()
    for _ in range(inner):
        call()
    return (time.perf_counter() - started) / inner, (time.process_time() - busy) / inner


def peak_of(call: Callable[[], object]) -> int:
    """Bytes by which the memory of this process grows while `call` runs, its result included (Linux)."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): resets the high-water mark
    before = status("VmRSS")
    call()
    return max(status("VmHWM") - before, 0)


def status(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"/proc/self/status has no {field}")


def repeats_for(call: Callable[[], object], least: float = 0.005) -> int:
    """How often to run `call` in one timing, so that the clock's grain does not show."""
    inner = 1
    while True:
        if once(call, inner)[0] * inner >= least or inner >= 1 << 20:
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
    peak: bool = False,
) -> list[Row]:
    """Medians over `rounds` interleaved timings, fewer when one round takes long; at least 3."""
    calls = {"ours": ours, **peers}
    inner = {name: repeats_for(call) for name, call in calls.items()}  # the first, unrecorded run warms caches
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
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
    clock = {name: statistics.median(wall for wall, _ in values) for name, values in times.items()}
    busy = {name: statistics.median(cpu for _, cpu in values) for name, values in times.items()}
    peaks = {name: peak_of(call) for name, call in calls.items()} if peak else {}
    return [
        Row(
            group, what, clock["ours"], name, clock[name], note,
            busy["ours"], busy[name], peaks.get("ours"), peaks.get(name),
        )
        for name in peers
    ]  # fmt: skip
