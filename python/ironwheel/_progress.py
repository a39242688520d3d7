"""The callback through which long work reports to Python, and Ctrl-C reaches it."""

from __future__ import annotations

import functools
import sys
import time
from _thread import get_ident
from typing import Any, Callable, Generator, Optional, Union

from ironwheel import _abi
from ironwheel._lib import check, inside

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
        self._raised: list[BaseException] = []
        ticks = _ticks(self._report, self._raised)
        next(ticks)
        # max hands its arguments to the key one by one. It and send are no Python functions, see _ticks.
        self.tick = _abi.iw_tick(functools.partial(max, key=ticks.send))

    def check(self, status: int, listing: bool = False) -> None:
        """Raises what the report raised, else what `status` stands for; `listing` is `ironwheel._lib.check`'s."""
        del self.tick
        if self._bar is not None:
            self._bar.close()
        if self._raised:
            raise self._raised.pop()
        check(status, listing)


def _ticks(report: Optional[Callable[[int, int], object]], raised: list[BaseException]) -> Generator[int, Any, None]:
    """Is sent the arguments of one tick after the other, and keeps what is raised meanwhile.

    A signal that came during the call has its Python handler run as soon as Python code runs again. At the
    beginning of a function that is before any ``try``, where nobody could catch KeyboardInterrupt and ctypes
    would print it. A generator is resumed inside the ``try`` it was suspended in.
    """
    own = True
    try:
        while True:
            own = True
            yield 0  # the context
            done = yield 0
            total = yield 0
            go_on = yield 0
            own = False
            if report is not None:
                inside.add(get_ident())
                report(done, total)
                inside.discard(get_ident())
            go_on[0] = 1  # last, so whatever stops us before it stops the work
    except GeneratorExit as error:
        if own:  # not from the report: the job is over
            return
        raised.append(error)
    except BaseException as error:
        raised.append(error)
    inside.discard(get_ident())
    while True:  # the rest of the arguments, if any: without the answer 1 no tick follows
        try:
            yield 0
        except GeneratorExit:
            return
        except BaseException:  # a second signal while the first is under way
            pass


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
