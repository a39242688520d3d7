"""What commands have in common: options for the look and form of output, and kinds of arguments."""

from __future__ import annotations

import argparse
from typing import Any, Callable, List

COLORS = ("none", "legacy", "standard", "eight_bit", "true_color")


class Commands:
    """The commands of a parser."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
        self._shown = argparse.ArgumentParser(add_help=False)
        look = self._shown.add_argument_group("output")
        look.add_argument("--width", type=cells, metavar="CELLS", help="columns to use (default: the terminal's)")
        look.add_argument("--color", choices=COLORS, help="colours to use (default: what the terminal shows)")
        look.add_argument("--no-color", action="store_const", const="none", dest="color", help="same as --color none")
        look.add_argument("--ascii", action="store_const", const=False, dest="unicode", help="no Unicode in frames")

        self.data = argparse.ArgumentParser(add_help=False)
        """The forms of a result that is rows: a parent to hand to `add`."""
        form = self.data.add_argument_group("form").add_mutually_exclusive_group()
        for name, words in (
            ("json", "JSON, for machines"),
            ("lines", "bare lines (default where output is piped)"),
            ("table", "a table (default on a terminal)"),
        ):
            form.add_argument(f"--{name}", action="store_const", const=name, dest="form", help=words)

    def add(
        self, name: str, run: Callable[[argparse.Namespace], int], words: str, *parents: argparse.ArgumentParser
    ) -> Any:
        """A command that `run` answers, with the options of `parents`."""
        added = self._commands.add_parser(name, help=words, description=words, parents=[*parents, self._shown])
        added.set_defaults(run=run)
        return added


def cells(words: str) -> int:
    """A width or height."""
    width = int(words)
    if not 1 <= width <= 10_000:
        raise argparse.ArgumentTypeError(f"must be in 1..=10000, got {width}")
    return width


def integer(words: str) -> int:
    """An integer as Python writes it, or as a power: ``1_000_000``, ``0xff``, ``10**12``, ``2^61-1``."""
    base, caret, exponent = words.replace("**", "^").partition("^")
    if not caret:
        return int(words, 0)
    minus = exponent.partition("-")
    if int(minus[0]) > 1000:
        raise argparse.ArgumentTypeError(f"must have an exponent of at most 1000, got {words}")
    return int(int(base, 0) ** int(minus[0])) - int(minus[2] or 0)


def names(words: str) -> List[str]:
    """Names of columns, set apart by commas; one that holds a comma stands in double quotes."""
    import csv

    found = [name for line in csv.reader([words], skipinitialspace=True, strict=True) for name in line]
    if not found or "" in found:
        raise argparse.ArgumentTypeError(f"must be names set apart by commas, got {words!r}")
    return found
