"""What the demo says: nine answers, each a list of lines that were computed, timed and compared."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Tuple

ANSWERED = "answered"
NOT_RUN = "not run"
FAILED = "failed"

#: A call quicker than this is timed three times and its median kept: the first run of anything is slow.
_QUICK = 0.05


def timed(call: Callable[[], Any]) -> Tuple[Any, float]:
    """The result of `call` and the seconds it took."""
    started = time.perf_counter()
    result = call()
    seconds = [time.perf_counter() - started]
    while seconds[0] < _QUICK and len(seconds) < 3:
        started = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - started)
    return result, sorted(seconds)[len(seconds) // 2]


class Line:
    """One thing that was computed, by the library and by plain Python on the same data.

    `plain_seconds` and `equal` are None where there is nothing to compare with, which `plain` then explains.
    """

    def __init__(
        self, what: str, seconds: float, plain_seconds: Optional[float], plain: str, equal: Optional[bool]
    ) -> None:
        self.what = what
        self.seconds = seconds
        self.plain_seconds = plain_seconds
        self.plain = plain
        self.equal = equal

    def to_dict(self) -> Dict[str, Any]:
        """The line as JSON has it."""
        return {
            "what": self.what,
            "seconds": self.seconds,
            "plain_seconds": self.plain_seconds,
            "plain": self.plain,
            "equal": self.equal,
        }


class Unanswered(Exception):
    """Raised by a question that this machine cannot answer; the message says what it needs."""


class Answer:
    """The answer to one question: ``answered``, ``not run`` (see `needs`) or ``failed`` (see `error`)."""

    def __init__(self, number: int, question: str) -> None:
        self.number = number
        self.question = question
        self.status = NOT_RUN
        self.needs = ""
        self.error = ""
        self.lines: List[Line] = []
        self.notes: List[str] = []
        self.checks: List[str] = []
        #: Widgets below the lines: called with the screen that shows them.
        self.pictures: List[Callable[[Any], Any]] = []

    def compare(
        self,
        what: Any,
        ours: Callable[[], Any],
        plain: Callable[[], Any],
        *,
        by: str,
        same: Callable[[Any, Any], bool] = lambda ours, plain: bool(ours == plain),
    ) -> Any:
        """Times `ours` and `plain`, compares their results with `same`, and returns ours.

        `what` is the text of the line, or makes it of our result; `by` says how plain Python does it.
        """
        result, seconds = timed(ours)
        expected, plain_seconds = timed(plain)
        text = what if isinstance(what, str) else what(result)
        self.lines.append(Line(text, seconds, plain_seconds, by, same(result, expected)))
        return result

    def run(self, what: Any, ours: Callable[[], Any], *, why: str) -> Any:
        """Times `ours` alone; `why` says why nothing stands beside it."""
        result, seconds = timed(ours)
        self.lines.append(Line(what if isinstance(what, str) else what(result), seconds, None, why, None))
        return result

    def check(self, what: str, right: bool) -> None:
        """Notes something that has to be so, and fails the answer where it is not."""
        if right:
            self.checks.append(what)
        else:
            self.error = self.error or f"not so: {what}"

    def finish(self, ask: Callable[[Answer], None]) -> Answer:
        """Asks, and settles the status by what happened.

        A question fails when a comparison differs or anything but a missing need is raised, and it is
        answered only when at least one line was computed.
        """
        try:
            ask(self)
        except Unanswered as missing:
            self.needs = str(missing)
            return self
        except Exception as error:  # the other questions are still worth asking
            first = next(iter(str(error).splitlines()), "")  # Spark's go on for pages
            self.error = f"{type(error).__name__}: {first}"
        different = [line.what for line in self.lines if line.equal is False]
        if different and not self.error:
            self.error = f"plain Python computed something else: {different[0]}"
        if not self.lines and not self.error:
            self.error = "nothing was computed"
        self.status = FAILED if self.error else ANSWERED
        return self

    def to_dict(self) -> Dict[str, Any]:
        """The answer as JSON has it."""
        return {
            "number": self.number,
            "question": self.question,
            "status": self.status,
            "needs": self.needs or None,
            "error": self.error or None,
            "lines": [line.to_dict() for line in self.lines],
            "checks": self.checks,
            "notes": self.notes,
        }
