"""The demo: nine questions about native code in Python, answered with real work on this machine.

``ironwheel demo`` scans the running Python's own installation, hashes it, profiles it, sieves primes and draws the
Mandelbrot set. Plain Python does the same on the same data at the same time, and the results are compared. What
cannot be done on this machine is shown as not run, with what it needs.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from ironwheel.demo.answer import ANSWERED, FAILED, NOT_RUN, Answer
from ironwheel.demo.work import Work

__all__ = ["ANSWERED", "FAILED", "NOT_RUN", "Answer", "answers", "present", "report"]

Ask = Callable[[Answer, Work], None]


def questions() -> List[Tuple[str, Ask]]:
    """The nine, in order."""
    from ironwheel.demo import (
        q1_call,
        q2_integers,
        q3_strings,
        q4_files,
        q5_arrays,
        q6_frames,
        q7_wheel,
        spark,
    )

    asked = [q1_call, q2_integers, q3_strings, q4_files, q5_arrays, q6_frames, q7_wheel]
    nine: List[Tuple[str, Ask]] = [(module.QUESTION, module.ask) for module in asked]
    nine += [(spark.ON_SYNAPSE, spark.ask_synapse), (spark.ON_FABRIC, spark.ask_fabric)]
    return nine


def answers(quick: bool = False, asking: Optional[Callable[[Answer], None]] = None) -> Iterator[Answer]:
    """Asks the questions one after the other; `asking` is called with each before it is answered.

    Parameters
    ----------
    quick
        Ask for a tenth of the work or less.

    Examples
    --------
    >>> first = next(answers(quick=True))
    >>> first.number, first.status
    (1, 'answered')
    """
    work = Work(quick)
    for number, (question, ask) in enumerate(questions(), 1):
        answer = Answer(number, question)
        if asking is not None:
            asking(answer)

        def put(asked: Answer, ask: Ask = ask) -> None:
            ask(asked, work)

        yield answer.finish(put)


def report(quick: bool = False) -> Dict[str, Any]:
    """The whole demo as data: what ``ironwheel demo --json`` prints."""
    from ironwheel import _machine

    started = time.perf_counter()
    answered = list(answers(quick))
    return {
        "machine": _machine.describe(),
        "answers": [answer.to_dict() for answer in answered],
        "failed": sum(answer.status == FAILED for answer in answered),
        "seconds": time.perf_counter() - started,
    }


def present(screen: Any, quick: bool = False) -> bool:
    """Asks and shows as it goes; whether nothing failed."""
    from ironwheel import _machine
    from ironwheel.demo import show

    started = time.perf_counter()
    show.title(screen, _machine.describe())
    answered = []
    for answer in answers(quick, lambda answer: show.heading(screen, answer)):
        show.body(screen, answer)
        answered.append(answer)
    show.closing(screen, answered, time.perf_counter() - started)
    return all(answer.status != FAILED for answer in answered)
