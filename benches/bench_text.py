"""Rendering next to Rich, and measuring next to Rich and wcwidth, on the same data."""

from __future__ import annotations

import io
from typing import Callable

from harness import Row, compare
from ironwheel import text


def data(count: int) -> list[list[str]]:
    state = ("[green]ok[/]", "[red]failed[/]", "[bold yellow]waiting[/]")
    return [
        [f"row {i}", str(i * 37 % 1000), "some words that say more", state[i % 3], f"{i / 7:.3f}"] for i in range(count)
    ]


HEADERS = ["Name", "Count", "Words", "State", "Value"]


def rows(quick: bool) -> list[Row]:
    found: list[Row] = []
    for count, width in ((10, 100), (1_000 if quick else 5_000, 100), (1_000, 50)):
        cells = data(count)
        found += compare(
            "Text",
            f"a table of {count:,} x 5 cells, {width} wide, in colour",
            lambda cells=cells, width=width: text.render(
                text.Table(HEADERS, cells), width=width, height=24, color="true_color", unicode=True
            ),
            rich_table(cells, width),
        )
    markup = "[bold]Hello[/] [red on white]World[/], see [link=https://example.com]this[/]"
    found += compare(
        "Text",
        "one line of markup",
        lambda: text.render(markup, width=100, height=24, color="true_color", unicode=True),
        rich_markup("[bold]Hello[/] [red on white]World[/], see [link=https://example.com]this[/link]"),
    )
    mixed = "Hello, 世界! ❤️ 👨‍👩‍👧 e\u0301 " * 30
    for name, sample in (("ASCII", "Hello, World! " * 40), ("mixed", mixed)):
        found += compare(
            "Text",
            f"cells of {len(sample)} characters, {name}",
            lambda sample=sample: text.width(sample),
            widths(sample),
        )
    return found


def rich_table(cells: list[list[str]], width: int) -> dict[str, Callable[[], object]]:
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        return {}

    def call() -> None:
        table = Table(*HEADERS)
        for row in cells:
            table.add_row(*row)
        Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor").print(table)

    return {"Rich": call}


def rich_markup(markup: str) -> dict[str, Callable[[], object]]:
    try:
        from rich.console import Console
    except ImportError:
        return {}
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="truecolor")
    return {"Rich": lambda: console.print(markup, highlight=False)}


def widths(sample: str) -> dict[str, Callable[[], object]]:
    peers: dict[str, Callable[[], object]] = {}
    try:
        from rich.cells import cell_len

        peers["Rich"] = lambda: cell_len(sample)  # which caches texts below 512 characters only
    except ImportError:
        pass
    try:
        from wcwidth import wcswidth

        peers["wcwidth"] = lambda: wcswidth(sample)
    except ImportError:
        pass
    return peers
