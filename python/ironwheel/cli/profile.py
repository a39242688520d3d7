"""``ironwheel profile``: what is in tables."""

from __future__ import annotations

import argparse
import os
from typing import Any, List

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands, names
from ironwheel.cli._each import one_by_one
from ironwheel.cli._status import DONE
from ironwheel.cli._tables import WHAT, table


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("profile", _run, "profile the columns of tables", commands.data)
    added.add_argument("paths", nargs="+", metavar="FILE", help=f"{WHAT}; each is a table of its own")
    added.add_argument("--columns", type=names, metavar="A,B", help="these columns only, in this order")
    added.add_argument("--correlations", action="store_const", const="pearson", help="correlations of the numbers, too")
    added.add_argument("--spearman", action="store_const", const="spearman", dest="correlations", help="those of ranks")
    added.add_argument("--merge", action="store_true", help="all files together are one table")
    added.add_argument("--html", metavar="PAGE", help="write a page for a browser to this file, and nothing else")


def _run(asked: argparse.Namespace) -> int:
    if asked.html is not None and len(asked.paths) > 1 and not asked.merge:
        raise ValueError(f"--html shows one table, got {len(asked.paths)} files; --merge makes one of them")
    if asked.merge:
        found, status = [[_together(asked.paths), _merged(asked)]], DONE
    else:
        found, status = one_by_one(asked, lambda path: _profile(asked, table(path)))
    form = _output.form(asked)
    if asked.html is not None:
        for path, profile in found:
            _output.write(asked.html, profile.to_html(title=path))
    elif form == "json":
        _json(asked, found)
    else:
        for index, (path, profile) in enumerate(found):
            if len(asked.paths) > 1 and not asked.merge:
                print("\n" * bool(index) + _output.printable(path))
            if form == "lines":
                _lines(profile)
            else:
                _show(asked, profile)
    return status


def _profile(asked: argparse.Namespace, data: Any) -> Any:
    from ironwheel import frames

    return frames.profile(data, columns=asked.columns, correlations=asked.correlations, progress=True)


def _merged(asked: argparse.Namespace) -> Any:
    from ironwheel import frames

    tables = [table(path) for path in asked.paths]
    if all(isinstance(one, str) for one in tables):  # read as one table, whose types all files agree on
        return _profile(asked, frames.File(tables))
    return frames.merge([_profile(asked, one) for one in tables], ordered=True)


def _together(paths: List[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{os.path.basename(paths[0])} and {len(paths) - 1:,} more"


def _json(asked: argparse.Namespace, found: List[List[Any]]) -> None:
    """One profile as it is; of several files, a list of profiles with their paths."""
    if len(asked.paths) == 1 or asked.merge:
        for _path, profile in found:
            print(profile.to_json())
        return
    import json

    _output.json([{"path": path, **json.loads(profile.to_json())} for path, profile in found])


def _show(asked: argparse.Namespace, profile: Any) -> None:
    from ironwheel.frames import _picture

    screen = _output.screen(asked)
    screen.write(_picture.draw(profile.to_dict(), width=screen.width, color=asked.color, unicode=asked.unicode))


def _lines(profile: Any) -> None:
    for column in profile:
        cells = [getattr(column, name) for name in ("name", "type", "count", "nulls", "distinct", "min", "mean", "max")]
        print("\t".join("" if cell is None else _output.printable(str(cell)) for cell in cells))
