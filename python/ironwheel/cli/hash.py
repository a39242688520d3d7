"""``ironwheel hash``: checksums of files."""

from __future__ import annotations

import argparse

from ironwheel.cli._arguments import Commands
from ironwheel.cli._each import at_once
from ironwheel.cli._output import Column, put


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("hash", _run, "hash files", commands.data)
    added.add_argument("paths", nargs="+", metavar="FILE")
    added.add_argument("-a", "--algorithm", default="blake3", help="blake3 (default), sha256, ...")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import files

    rows, status = at_once(asked, lambda what: files.hash(what, asked.algorithm))
    put(asked, [Column("path"), Column(asked.algorithm)], rows, lambda row: f"{row[1]}  {row[0]}")
    return status
