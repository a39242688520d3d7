"""``ironwheel count``: how many lines files have."""

from __future__ import annotations

import argparse

from ironwheel.cli._arguments import Commands
from ironwheel.cli._each import at_once
from ironwheel.cli._output import Column, put


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("count", _run, "count the lines of files", commands.data)
    added.add_argument("paths", nargs="+", metavar="FILE")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import files

    rows, status = at_once(asked, files.count_lines)
    columns = [Column("path"), Column("lines", right=True, human="{:,}".format)]
    put(asked, columns, rows, lambda row: f"{row[1]}\t{row[0]}")
    return status
