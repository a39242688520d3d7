"""The callback through which long work reports to Python, and Ctrl-C reaches it."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Optional, Union

from ironwheel import _abi
from ironwheel._lib import check

Progress = Union[bool, Callable[[int, int], object], None]


class Job:
    """One call of a long-running function: pass `tick`, then give `check` the status.

    `progress` is None or False (report nothing), True (a bar on a terminal or in a notebook), or called
    as ``progress(done, total)`` about every 40 ms with `total` 0 while it is not known. The tick is passed
    in every case: running Python code there is what lets Ctrl-C in.
    """

    def __init__(self, progress: Progress = None, what: str = "") -> None:
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            raise TypeError(f"progress must be a bool or callable, got {type(progress).__name__}")
        self._report: Optional[Callable[[int, int], object]] = None
        self._bar: Optional[Bar] = None
        if progress is True:
            self._bar = Bar(what)
            self._report = self._bar
        elif callable(progress):
            self._report = progress
        self._raised: "list[BaseException]" = []
        self.tick = _abi.iw_tick(self._forward)

    def _forward(self, _context: Any, done: int, total: int, go_on: Any) -> None:
        try:
            if self._report is not None:
                self._report(done, total)
            go_on[0] = 1  # last, so whatever stops us before it stops the work
        except BaseException as error:  # ctypes would only print it
            go_on[0] = 0
            self._raised.append(error)

    def check(self, status: int) -> None:
        """Raises what the report raised, else what `status` stands for."""
        del self.tick  # it refers to this object, and a cycle would wait for the garbage collector
        if self._bar is not None:
            self._bar.close()
        if self._raised:
            raise self._raised[0]
        check(status)


class Bar:
    """A line on standard error that a terminal or a notebook redraws; nothing where neither reads it."""

    WIDTH = 30

    def __init__(self, what: str) -> None:
        self.what = what
        self.started = time.monotonic()
        self.drawn = 0
        self.shown = sys.stderr is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)

    def __call__(self, done: int, total: int) -> None:
        if not self.shown:
            return
        seconds = time.monotonic() - self.started
        if total:
            share = min(done / total, 1.0)
            full = int(share * self.WIDTH)
            line = f"{self.what} [{'#' * full}{'.' * (self.WIDTH - full)}] {share:4.0%} {seconds:6.1f} s"
        else:
            line = f"{self.what} {done:,} {seconds:6.1f} s"
        self._draw(line)

    def close(self) -> None:
        """Clears the line: a finished call leaves no trace but its result."""
        if self.drawn:
            self._draw("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _draw(self, line: str) -> None:
        sys.stderr.write("\r" + line.ljust(self.drawn))
        sys.stderr.flush()
        self.drawn = len(line)
