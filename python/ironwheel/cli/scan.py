"""``ironwheel scan``: everything below a folder."""

from __future__ import annotations

import argparse

from ironwheel.cli._arguments import Commands
from ironwheel.cli._output import Column, put, tabs, values
from ironwheel.cli._status import DONE


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("scan", _run, "list everything below a folder", commands.data)
    added.add_argument("root", nargs="?", default=".", metavar="FOLDER")
    added.add_argument("pattern", nargs="?", metavar="PATTERN", help="such as '**/*.py'")
    added.add_argument("--ignore", action="store_true", help="leave out what .gitignore says")
    added.add_argument("--no-hidden", action="store_false", dest="hidden", help="leave out names that begin with a dot")
    added.add_argument("--follow", action="store_true", help="follow symbolic links")


def _run(asked: argparse.Namespace) -> int:
    import stat
    import time

    from ironwheel import files

    table = files.scan(asked.root, asked.pattern, ignore=asked.ignore, hidden=asked.hidden, follow=asked.follow)

    def moment(nanoseconds: int) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(nanoseconds // 10**9))

    columns = [
        Column("path"),
        Column("kind"),
        Column("size", right=True, human="{:,}".format),
        Column("mtime", human=moment),
        Column("mode", human=stat.filemode),
    ]
    rows = list(zip(*(values(table[column.name]) for column in columns)))
    put(asked, columns, rows, tabs)
    return DONE
