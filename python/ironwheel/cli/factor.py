"""``ironwheel factor``: the prime factors of integers."""

from __future__ import annotations

import argparse
from typing import Any, Sequence

from ironwheel.cli._arguments import Commands, integer
from ironwheel.cli._output import Column, put
from ironwheel.cli._status import DONE


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("factor", _run, "the prime factors of integers", commands.data)
    added.add_argument("numbers", nargs="+", type=integer, metavar="N")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import ints

    rows = [[number, ints.factor(number)] for number in asked.numbers]
    raised = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

    def human(factors: Any) -> str:
        if asked.unicode is False:
            return " * ".join(f"{p}^{e}" if e > 1 else str(p) for p, e in factors)
        return " · ".join(f"{p}{str(e).translate(raised)}" if e > 1 else str(p) for p, e in factors)

    def line(row: Sequence[Any]) -> str:
        return f"{row[0]}: " + " ".join(str(p) for p, e in row[1] for _ in range(e))

    put(asked, [Column("n", right=True), Column("factors", human=human)], rows, line)
    return DONE
