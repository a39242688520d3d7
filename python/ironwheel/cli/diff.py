"""``ironwheel diff``: what was added to a table, removed from it and changed in it."""

from __future__ import annotations

import argparse

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands, names
from ironwheel.cli._status import DONE, FAILED
from ironwheel.cli._tables import WHAT, table


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("diff", _run, "compare two tables row by row; exit status 1 where they differ")
    added.add_argument("old", metavar="OLD", help=WHAT)
    added.add_argument("new", metavar="NEW", help="the same, later")
    added.add_argument("--key", type=names, metavar="A,B", help="columns that tell rows apart (default: whole rows)")
    added.add_argument("--columns", type=names, metavar="A,B", help="look at these columns only, beside the key")
    added.add_argument("--json", action="store_const", const="json", dest="form", help="JSON, for machines")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import frames

    found = frames.diff(table(asked.old), table(asked.new), asked.key, asked.columns, progress=True)
    if asked.form == "json":
        print(found.to_json())
    else:
        _output.say(asked, str(found))
    return DONE if found.equal else FAILED
