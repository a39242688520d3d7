"""``ironwheel validate``: whether a table keeps to its rules."""

from __future__ import annotations

import argparse
import pathlib
from typing import Tuple

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands
from ironwheel.cli._status import DONE, FAILED
from ironwheel.cli._tables import WHAT, table


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("validate", _run, "check a table by rules; exit status 1 where it breaks one")
    added.add_argument("path", metavar="FILE", help=WHAT)
    added.add_argument("--rules", required=True, metavar="RULES", help="TOML, or JSON where the name ends in .json")
    added.add_argument(
        "--frame",
        action="append",
        type=_frame,
        default=[],
        dest="frames",
        metavar="NAME=FILE",
        help="a table that foreign keys refer to by this name; may be given several times",
    )
    added.add_argument("--json", action="store_const", const="json", dest="form", help="JSON, for machines")
    added.add_argument("--junit", metavar="XML", help="write JUnit XML to this file, too")
    added.add_argument("--html", metavar="PAGE", help="write a page for a browser to this file, too")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import frames

    rules = pathlib.Path(asked.rules)  # as str it might be taken for rules themselves
    others = {name: table(path) for name, path in asked.frames}
    report = frames.validate(table(asked.path), rules, frames=others, progress=True)
    if asked.junit is not None:
        _output.write(asked.junit, report.to_junit())
    if asked.html is not None:
        _output.write(asked.html, report.to_html())
    if asked.form == "json":
        print(report.to_json())
    else:
        _output.say(asked, str(report))
    return DONE if report.passed else FAILED


def _frame(words: str) -> Tuple[str, str]:
    name, equals, path = words.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"must be NAME=FILE, got {words!r}")
    return name, path
