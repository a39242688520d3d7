"""``ironwheel info``: what is installed, and what it runs on."""

from __future__ import annotations

import argparse

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands
from ironwheel.cli._output import Column, put
from ironwheel.cli._status import DONE


def add(commands: Commands) -> None:
    """Adds the command."""
    commands.add("info", _run, "what is installed, and what it runs on", commands.data)


def _run(asked: argparse.Namespace) -> int:
    from ironwheel import _machine

    facts = _machine.describe()
    if _output.form(asked) == "json":
        _output.json(facts)
        return DONE
    rows = []
    for name, value in facts.items():
        if name == "packages":
            found = {package: version for package, version in value.items() if version}
            missing = [package for package, version in value.items() if not version]
            value = ", ".join(f"{package} {version}" for package, version in found.items()) or "none"
            rows.append(["optional packages", value])
            rows.append(["not installed", ", ".join(missing) or "none"])
            continue
        rows.append([name.replace("_", " "), " ".join(value) if isinstance(value, list) else value])
    put(asked, [Column("fact"), Column("value")], rows, lambda row: f"{row[0]}: {row[1]}")
    return DONE
