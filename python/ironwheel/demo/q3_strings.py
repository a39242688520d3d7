"""Question 3, passing strings and rendering for the console."""

from __future__ import annotations

import os
import subprocess
import sys

from ironwheel import text
from ironwheel._lib import path
from ironwheel.demo import plain
from ironwheel.demo.answer import Answer
from ironwheel.demo.work import Work

QUESTION = "Can it pass strings, and use a library that renders for the console?"

_MESSAGE = "grüße, 世界"
_CLIENT = "import ctypes, sys; ctypes.cdll.LoadLibrary(sys.argv[1]).write_line(sys.argv[2].encode('utf-8'))"


def ask(answer: Answer, work: Work) -> None:
    """Renders a table of real files, and has the library print a line of its own."""
    entries = work.entries()
    most = 500 if work.quick else 5_000
    named = ((os.path.basename(path), kind, size, mode) for path, kind, size, mode in entries)
    rows = [
        [name, kind, str(size), f"{mode:o}"]
        for name, kind, size, mode in named
        if name.isascii() and name.isprintable() and not set("[]:") & set(name)
    ][:most]
    headers = ["name", "kind", "bytes", "mode"]
    answer.compare(
        lambda shown: f"a table of {len(rows):,} rows, {len(shown):,} characters",
        lambda: text.render(
            {"type": "table", "border": "square", "columns": headers, "rows": rows},
            width=400,
            color="none",
            unicode=True,
        ),
        lambda: plain.table(headers, rows),
        by="str.ljust and join",
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", _CLIENT, path, _MESSAGE],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "CLICOLOR_FORCE": "0", "PYTHONUTF8": "1"},
    )
    shown = done.stdout.decode("utf-8", "replace").rstrip()
    answer.check(f"A fresh Python has the library print a line itself: {shown}", shown == f"{_MESSAGE} via ironwheel")
