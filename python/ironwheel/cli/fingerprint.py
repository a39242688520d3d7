"""``ironwheel fingerprint``: one digest for all rows of a table, whatever their order."""

from __future__ import annotations

import argparse

from ironwheel.cli._arguments import Commands, names
from ironwheel.cli._each import one_by_one
from ironwheel.cli._output import Column, put
from ironwheel.cli._tables import WHAT, table


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("fingerprint", _run, "print the digest of tables, whatever the order of rows", commands.data)
    added.add_argument("paths", nargs="+", metavar="FILE", help=WHAT)
    added.add_argument("--bits", type=int, choices=(64, 128), default=64, help="bits of a row's hash (default 64)")
    added.add_argument("--columns", type=names, metavar="A,B", help="these columns only")
    added.add_argument("--any-order", action="store_true", help="columns in another order are the same table")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import frames

    def one(path: str) -> frames.Digest:
        return frames.digest(
            table(path), asked.columns, bits=asked.bits, order_independent=asked.any_order, progress=True
        )

    found, status = one_by_one(asked, one)
    rows = [[path, digest.digest, digest.rows] for path, digest in found]
    columns = [Column("path"), Column("digest"), Column("rows", right=True, human="{:,}".format)]
    put(asked, columns, rows, lambda row: f"{row[1]}  {row[0]}")
    return status
