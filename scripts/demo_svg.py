"""Writes docs/demo.svg: the demo as it runs on this machine, drawn by the library's own SVG export.

usage: demo_svg.py [--width CELLS] [--quick] [FILE]

Run it with the Python of an environment in which the wheel is installed (`make demo` makes one), from the root of
the repository: question 7 is about that wheel, and paths are shown from there.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from ironwheel import demo, text
from ironwheel._screen import Screen
from ironwheel.demo.show import GREY

BAR = 34  # pixels of the window's title bar
FRAME = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<rect width="{width}" height="{height}" rx="9" fill="#1E1E1E"/>
<path d="M0 {bar}V9a9 9 0 0 1 9-9H{right}a9 9 0 0 1 9 9V{bar}z" fill="#2D2D30"/>
<circle cx="20" cy="17" r="6" fill="#FF5F57"/>
<circle cx="40" cy="17" r="6" fill="#FEBC2E"/>
<circle cx="60" cy="17" r="6" fill="#28C840"/>
<text x="{middle}" y="22" text-anchor="middle" font-family="system-ui,sans-serif" font-size="13"
 fill="#A0A0A8">{title}</text>
<g transform="translate(0 {bar})">
{content}</g>
</svg>
"""


class Recorder(Screen):
    """A screen that keeps what it is shown."""

    def __init__(self, width: int) -> None:
        super().__init__(width, "true_color", True)
        self.shown: list[Any] = []

    def show(self, spec: Any) -> None:
        # A string ends its own line on a terminal; an item of Rows has its line ended for it, if it has any.
        if isinstance(spec, str):
            spec = spec[:-1] if spec.endswith("\n") else spec or " "
        self.shown.append(spec)


def framed(svg: str, title: str) -> str:
    """The picture in a window."""
    head = re.match(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', svg)
    if head is None:
        raise SystemExit("demo_svg.py: the SVG export begins otherwise than this script expects")
    width, height = (round(float(side)) for side in head.groups())
    return FRAME.format(
        width=width, height=height + BAR, right=width - 9, middle=width // 2, bar=BAR, title=title, content=svg
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path("docs/demo.svg"), metavar="FILE")
    parser.add_argument("--width", type=int, default=112)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()

    screen = Recorder(asked.width)
    screen.show(f"[{GREY}]$[/] [bold]ironwheel demo[/]\n")
    if not demo.present(screen, asked.quick):
        print("demo_svg.py: an answer failed; nothing was written", file=sys.stderr)
        return 1
    svg = text.Rows(screen.shown).to_svg(width=asked.width, unicode=True)
    asked.file.write_text(framed(svg, "ironwheel demo"), encoding="utf-8")
    print(f"{asked.file}: {asked.file.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
