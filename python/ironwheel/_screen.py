"""Where the command line shows its widgets: a stream, and what its terminal can do."""

from __future__ import annotations

import sys
from typing import Any, Optional, TextIO

from ironwheel import text

Spec = Any


def printable(words: str) -> str:
    """`words` with what would move a cursor, or cannot be encoded, as escapes."""
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)


class Screen:
    """Where widgets are shown: a stream, and what its terminal can do.

    `width`, `color` and `unicode` are as in `ironwheel.text.render`, and None leaves them to detection;
    `colored` says whether any colour came of it.
    """

    def __init__(
        self,
        width: Optional[int] = None,
        color: Optional[str] = None,
        unicode: Optional[bool] = None,
        out: Optional[TextIO] = None,
    ) -> None:
        found = text.detect()
        #: Lines wider than this are hard to read, however wide the terminal is.
        self.width = min(found.width, 120) if width is None else width
        self.color = color
        self.unicode: bool = bool(found.unicode) if unicode is None else unicode
        self.out = out if out is not None else sys.stdout
        self.colored = "\x1b[" in self.render("[red]x[/]")

    def render(self, spec: Spec, width: Optional[int] = None) -> str:
        """The text of a widget, escape sequences included."""
        shown: str = text.render(spec, width=width or self.width, color=self.color, unicode=self.unicode)
        return shown

    def show(self, spec: Spec) -> None:
        """Writes a widget, and a line break where it has none of its own."""
        shown = self.render(spec)
        if not shown.endswith("\n"):
            shown += "\n"
        self.write(shown)
        self.out.flush()

    def write(self, shown: str) -> None:
        """Writes text, with a question mark for what the stream's encoding lacks."""
        encoding = getattr(self.out, "encoding", None) or "utf-8"
        self.out.write(shown.encode(encoding, "replace").decode(encoding))

    def pick(self, fancy: str, plain: str) -> str:
        """`fancy` where Unicode is shown, else `plain`."""
        return fancy if self.unicode else plain
