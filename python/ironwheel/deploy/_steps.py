"""The steps of a deployment: shown while they run, timed, and bounded by one time limit."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, TextIO, Union

from ironwheel.deploy._errors import DeployError, DeployStopped, Throttled, TimeLimit

Progress = Union[bool, Callable[[int, int], object], None]

PARTS = 100  # of which a step consists, for a progress callback
_wait, _now = time.sleep, time.monotonic  # tests are not patient


class Clock:
    """The time limit of a deployment. Every wait goes through it."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._end = _now() + timeout
        self.way_out: Optional[str] = None
        """What to do when time runs out in the present step."""

    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._end - _now())

    def check(self, what: str) -> None:
        """Raises `TimeLimit` when no time is left for `what`."""
        if self.left() <= 0:
            raise self.over(what)

    def over(self, what: str) -> TimeLimit:
        """The error of a time limit that was reached in `what`."""
        return TimeLimit(
            f"timeout: {what} took longer than the time limit of {self.timeout:g} s",
            hint=self.way_out or "run the same command again, which goes on from here; a larger timeout waits longer",
        )

    def sleep(self, seconds: float, what: str, throttled: bool = False) -> None:
        """Waits, or says at once that there is not time enough to."""
        if seconds > self.left():
            if throttled:
                left = f"{self.left():.0f} s of the time limit are left"
                raise Throttled(
                    f"{what}: the service asks to wait {seconds:g} s, and {left}",
                    hint="run the same command again after that time, or with a larger timeout",
                    status=429,
                )
            _wait(self.left())
            raise self.over(what)
        _wait(seconds)


class Steps:
    """What is done in which order. `progress` is as everywhere: True writes lines to standard error, a
    callable gets ``(done, total)``, of which every step is 100 parts. `clean` takes secrets out of all that is shown.
    """

    def __init__(
        self,
        planned: int,
        progress: Progress = None,
        stream: Optional[TextIO] = None,
        clean: Callable[[str], str] = str,
    ) -> None:
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            raise TypeError(f"progress must be a bool or callable, got {type(progress).__name__}")
        self._planned = planned
        self._clean = clean
        self._call = progress if callable(progress) else None
        self._stream = (stream or sys.stderr) if progress is True else None
        self._live = bool(self._stream is not None and self._stream.isatty())
        self._width = 0
        self._said = ("", 0.0)
        self._begun = 0.0
        self.name = ""
        self.finished: List[Dict[str, Any]] = []
        self.warnings: List[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step: shown when it begins, timed when it ends."""
        self.name, self._begun, self._said = name, time.monotonic(), ("", time.monotonic())
        self._show("...")
        yield
        seconds = time.monotonic() - self._begun
        self.finished.append({"step": name, "seconds": round(seconds, 3)})
        self._show("done", last=True)
        self._tell(0)

    def update(self, words: str, done: int = 0, total: int = 0) -> None:
        """Says how far the step is: always on a terminal, elsewhere when it changes and every half minute."""
        words = self._clean(words)
        said, when = self._said
        if self._live or words != said or time.monotonic() - when > 30:
            self._said = (words, time.monotonic())
            self._show(words)
        self._tell(PARTS * done // total if total else 0)

    def count(self, what: str, done: int, total: int) -> None:
        """Progress of an upload, in bytes."""
        share = f"{what} {100 * done // max(total, 1)} % of {total / 1e6:.1f} MB"
        if self._live or done >= total:
            self._show(share)
        self._tell(PARTS * done // max(total, 1))

    def warn(self, words: str) -> None:
        """Something to know, kept for the result."""
        words = self._clean(words)
        self.warnings.append(words)
        self._line(f"      note: {words}")

    def names(self) -> List[str]:
        """The steps that are finished."""
        return [one["step"] for one in self.finished]

    @contextmanager
    def stopping(self, again: str) -> Iterator[None]:
        """Says of whatever ends the deployment early where it was, what stays done, and how to go on."""
        try:
            yield
        except DeployError as error:
            error.clean(self._clean)
            error.step, error.done = self.name, self.names()
            self._close()
            raise
        except KeyboardInterrupt:
            self._close()
            done = ", ".join(self.names()) or "nothing yet"
            stopped = DeployStopped(f"stopped during: {self.name}; done before: {done}; {again}")
            stopped.step, stopped.done, stopped.hint = self.name, self.names(), again
            raise stopped from None

    def _tell(self, part: int) -> None:
        if self._call is not None:
            self._call(len(self.finished) * PARTS + min(part, PARTS), max(self._planned, len(self.finished)) * PARTS)

    def _show(self, words: str, last: bool = False) -> None:
        number = len(self.finished) + (0 if last else 1)
        seconds = time.monotonic() - self._begun
        line = f"[{number}/{max(self._planned, number)}] {self.name}: {words} ({seconds:.1f} s)"
        if self._live and self._stream is not None:
            self._stream.write("\r" + line.ljust(self._width) + ("\n" if last else ""))
            self._stream.flush()
            self._width = 0 if last else len(line)
        else:
            self._line(line)

    def _line(self, line: str) -> None:
        if self._stream is not None:
            self._close()
            print(line, file=self._stream, flush=True)

    def _close(self) -> None:
        if self._width and self._stream is not None:
            self._stream.write("\n")
            self._width = 0
