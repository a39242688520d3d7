"""``ironwheel demo``: questions to this machine, answered with real work."""

from __future__ import annotations

import argparse

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands
from ironwheel.cli._status import DONE, FAILED


def add(commands: Commands) -> None:
    """Adds the command."""
    added = commands.add("demo", _run, "ask nine questions of this machine, and answer them with real work")
    added.add_argument("--quick", action="store_true", help="a tenth of the work or less")
    added.add_argument("--json", action="store_const", const="json", dest="form", help="JSON, for machines")


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import demo

    if asked.form == "json":
        report = demo.report(asked.quick)
        _output.json(report)
        return FAILED if report["failed"] else DONE
    return DONE if demo.present(_output.screen(asked), asked.quick) else FAILED
