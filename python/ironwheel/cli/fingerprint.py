"""``ironwheel fingerprint``: one digest for all rows of a table, whatever their order."""

from __future__ import annotations

import argparse
from typing import Any

from ironwheel.cli._arguments import Commands, names
from ironwheel.cli._each import one_by_one
from ironwheel.cli._output import Column, put
from ironwheel.cli._tables import WHAT, of_frames, table


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("fingerprint", _run, "print the digest of tables, whatever the order of rows", commands.data)
    added.add_argument("paths", nargs="+", metavar="FILE", help=WHAT)
    added.add_argument("--bits", type=int, choices=(64, 128), default=64, help="bits of a row's hash (default 64)")
    added.add_argument("--columns", type=names, metavar="A,B", help="these columns only")


def _run(asked: argparse.Namespace) -> int:
    digest = of_frames("digest")

    def one(path: str) -> Any:
        return digest(table(path), columns=asked.columns, bits=asked.bits, progress=True)

    found, status = one_by_one(asked, one)
    rows = [[path, digest.digest, digest.rows] for path, digest in found]
    columns = [Column("path"), Column("digest"), Column("rows", right=True, human="{:,}".format)]
    put(asked, columns, rows, lambda row: f"{row[1]}  {row[0]}")
    return status
