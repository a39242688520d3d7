"""Many paths at once, where one that fails does not keep the others from being done."""

from __future__ import annotations

import argparse
from typing import Any, Callable, List, Tuple

from ironwheel.cli._output import complain
from ironwheel.cli._status import DONE, WRONG


def at_once(asked: argparse.Namespace, call: Callable[[Any], Any]) -> Tuple[List[List[Any]], int]:
    """`call` on all paths at once; where one fails, on each, complaining of those that fail."""
    try:
        return [[path, result] for path, result in zip(asked.paths, call(asked.paths))], DONE
    except OSError:
        return one_by_one(asked, call)


def one_by_one(asked: argparse.Namespace, call: Callable[[Any], Any]) -> Tuple[List[List[Any]], int]:
    """`call` on each path, complaining of those that fail."""
    rows: List[List[Any]] = []
    status = DONE
    for path in asked.paths:
        try:
            rows.append([path, call(path)])
        except (OSError, ValueError) as error:
            complain(asked, error)
            status = WRONG
    return rows, status
