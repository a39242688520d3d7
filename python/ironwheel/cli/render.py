"""``ironwheel render``: a spec or markup as text."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands, cells
from ironwheel.cli._status import DONE


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("render", _run, "render a spec (JSON) or markup")
    added.add_argument("source", nargs="?", default="-", metavar="FILE", help="- is standard input (default)")
    added.add_argument("-m", "--markup", metavar="TEXT", help="render this markup, not a file")
    added.add_argument("--height", type=cells, metavar="LINES", help="lines to use")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import text

    spec: Any = asked.markup
    if spec is None:
        source = sys.stdin.read() if asked.source == "-" else _read(asked.source)
        spec = _spec(source)
    screen = _output.screen(asked)
    shown = text.render(spec, width=screen.width, height=asked.height, color=asked.color, unicode=asked.unicode)
    screen.write(shown if shown.endswith("\n") else shown + "\n")
    return DONE


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _spec(source: str) -> Any:
    """JSON where it is an object or a list, else markup: ``[bold]x[/]`` is no JSON."""
    import json

    try:
        spec = json.loads(source)
    except ValueError:
        if source.lstrip().startswith("{"):
            raise
        return source
    return spec if isinstance(spec, (dict, list)) else source
