"""``ironwheel primes``: the primes of a range."""

from __future__ import annotations

import argparse
import sys
from typing import Sequence

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands, integer
from ironwheel.cli._status import DONE


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("primes", _run, "the primes in lo <= p < hi", commands.data)
    added.add_argument("lo", type=integer, metavar="LO")
    added.add_argument("hi", type=integer, nargs="?", metavar="HI", help="with LO alone: the primes below it")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import ints

    lo, hi = (0, asked.lo) if asked.hi is None else (asked.lo, asked.hi)
    found = _output.values(ints.primes(lo, hi))
    form = _output.form(asked)
    if form == "json":
        _output.json(found)
    elif form == "lines":
        sys.stdout.writelines(f"{p}\n" for p in found)
    else:
        _grid(asked, found)
    return DONE


def _grid(asked: argparse.Namespace, numbers: Sequence[int]) -> None:
    """Numbers in aligned columns, as many as fit."""
    screen = _output.screen(asked)
    widest = len(str(numbers[-1])) if numbers else 1
    most = max(1, (screen.width + 1) // (widest + 1))
    for start in range(0, len(numbers), most):
        screen.write(" ".join(f"{p:>{widest}}" for p in numbers[start : start + most]) + "\n")
