"""How commands show what they found: a table for people, lines for other tools, JSON for machines."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence

from ironwheel._screen import Screen
from ironwheel._screen import printable as printable


def encode_output() -> None:
    """Lets nothing that is printed be an error, and makes pipes and files UTF-8 on Windows as they are elsewhere.

    Python writes there what the code page of the day can say, which is less than names of files hold. A console
    takes all of Unicode, and ``PYTHONIOENCODING`` has the last word.
    """
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):  # none at all, or somebody's own
            continue
        if sys.platform == "win32" and not stream.isatty() and not os.environ.get("PYTHONIOENCODING"):
            stream.reconfigure(encoding="utf-8")
        if stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def complain(asked: argparse.Namespace, error: BaseException) -> None:
    """One line on standard error."""
    words = printable(str(error)) or type(error).__name__
    print(f"ironwheel {asked.command}: {words}", file=sys.stderr)


def screen(asked: argparse.Namespace) -> Screen:
    """Standard output as the options want it."""
    return Screen(asked.width, asked.color, asked.unicode)


def form(asked: argparse.Namespace) -> str:
    """``"json"``, ``"lines"`` or ``"table"``."""
    chosen: Optional[str] = asked.form
    return chosen or ("table" if sys.stdout.isatty() else "lines")


def json(value: Any) -> None:
    """Prints JSON."""
    from json import dumps

    print(dumps(value, indent=2))


class Column:
    """A column of a command's result: its name, whether it is a number, and how people read a value."""

    def __init__(self, name: str, right: bool = False, human: Callable[[Any], str] = str) -> None:
        self.name = name
        self.right = right
        self.human = human


def put(
    asked: argparse.Namespace,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    line: Callable[[Sequence[Any]], str],
) -> None:
    """Shows rows in the form that was asked for; `line` makes a bare line of one."""
    chosen = form(asked)
    if chosen == "json":
        json([{column.name: value for column, value in zip(columns, row)} for row in rows])
    elif chosen == "lines":
        for row in rows:
            print(line([printable(value) if isinstance(value, str) else value for value in row]))
    else:
        _table(asked, columns, [[printable(column.human(v)) for column, v in zip(columns, row)] for row in rows])


def _table(asked: argparse.Namespace, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    shown = screen(asked)
    spec: Dict[str, Any] = {
        "type": "table",
        "border": shown.pick("rounded", "ascii"),
        "border_style": "grey",
        "columns": [
            {"header": f"[bold]{column.name}[/]", "alignment": "right" if column.right else "left"}
            for column in columns
        ],
        "rows": [[{"type": "text", "text": cell} for cell in row] for row in rows],
    }
    shown.show(spec)


def say(asked: argparse.Namespace, words: str) -> None:
    """Shows lines that a report wrote for people, whatever the values in them are."""
    lines = words.rstrip("\n").split("\n")
    screen(asked).write("".join(printable(line.rstrip(" ")) + "\n" for line in lines))


def tabs(row: Sequence[Any]) -> str:
    """A bare line of tab-separated values."""
    return "\t".join(map(str, row))


def values(column: Any) -> List[Any]:
    """The values of a column of a result, whichever library made it."""
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def write(path: str, text: str) -> None:
    """Writes a file that appears whole or not at all."""
    import tempfile

    if not os.path.isdir(os.path.dirname(os.path.abspath(path))) or os.path.isdir(path):
        open(path, "w").close()  # Python's own error, which names the path
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device is written to, not replaced
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return
    try:
        number, made = tempfile.mkstemp(dir=os.path.dirname(os.path.realpath(path)), prefix=".ironwheel-")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None  # not the name of what nobody asked for
    try:
        with open(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(made, os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~_umask())
        os.replace(made, os.path.realpath(path))
    except BaseException:
        os.unlink(made)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
