"""Shows the demo on a terminal, through the project's own text widgets and nothing else."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

from ironwheel import text
from ironwheel._screen import Screen
from ironwheel.demo.answer import ANSWERED, NOT_RUN, Answer, Line
from ironwheel.demo.work import megabytes, short

Spec = Any
#: From here on there is room for a column that says how plain Python does it.
WIDE = 110
#: Colours that can be read on dark and on light ground.
ACCENT, GREY, GOOD, BAD, WEAK = "#e0762f", "#868690", "#3aa657", "#e5484d", "#c98a1b"
_RAMP = " .:-=+*#%@"


def duration(seconds: float, screen: Screen) -> str:
    """Three digits and a unit."""
    if seconds < 0.9995e-3:
        return f"{seconds * 1e6:#.3g}".rstrip(".") + screen.pick(" µs", " us")
    if seconds < 0.9995:
        return f"{seconds * 1e3:#.3g}".rstrip(".") + " ms"
    return f"{seconds:#.3g}".rstrip(".") + " s"


def ratio(line: Line, screen: Screen) -> str:
    """How many times longer plain Python took, coloured by who won."""
    if line.plain_seconds is None:
        return ""
    times = line.plain_seconds / max(line.seconds, 1e-9)
    shown = f"{times:,.0f}" if times >= 99.5 else f"{times:.1f}" if times >= 9.95 else f"{times:.2f}"
    style = f"bold {GOOD}" if times >= 1.05 else WEAK if times < 0.95 else GREY
    return f"[{style}]{shown}{screen.pick('×', 'x')}[/]"


def _same(line: Line, screen: Screen) -> str:
    if line.equal is None:
        return ""
    return f"[{GOOD}]{screen.pick('✓', 'yes')}[/]" if line.equal else f"[bold {BAD}]{screen.pick('✗', 'NO')}[/]"


def _heading(title: str, alignment: str = "right") -> Dict[str, Any]:
    return {"header": f"[{GREY}]{title}[/]", "alignment": alignment, "no_wrap": True}


def lines_table(lines: Sequence[Line], screen: Screen) -> Spec:
    """What was computed, by whom, how quickly, and whether the two agree."""
    wide = screen.width >= WIDE
    rows: List[List[Spec]] = []
    for line in lines:
        what = text.escape(line.what)
        by = f"[{GREY}]{'' if wide or line.plain_seconds is None else 'beside '}{text.escape(line.plain)}[/]"
        plain = "" if line.plain_seconds is None else duration(line.plain_seconds, screen)
        times = ratio(line, screen)
        same = _same(line, screen)
        verdict = [times, same] if wide else [f"{times} {same}" if same else ""]
        cells = [duration(line.seconds, screen), plain, *verdict]
        rows.append([what, by, *cells] if wide else [f"{what}\n{by}", *cells])
    first: List[Spec] = [{"header": f"[{GREY}]computed[/]", "alignment": "left"}]
    if wide:
        first.append({"header": f"[{GREY}]plain Python is[/]", "alignment": "left"})
    table = {
        "type": "table",
        "border": screen.pick("minimalist", "ascii"),
        "border_style": GREY,
        "expand": True,
        "columns": [
            *first,
            *map(
                _heading,
                ["ironwheel", "plain Python", "times", "same"] if wide else ["ironwheel", "plain Python", "times"],
            ),
        ],
        "rows": rows,
    }
    return {"type": "padder", "padding": [2, 0, 0, 0], "expand": True, "content": table}


def title(screen: Screen, machine: Dict[str, Any]) -> None:
    """The name in large letters, and what the demo runs on."""
    screen.show({"type": "figlet", "text": "ironwheel", "font": "slant", "layout": "smushed", "color": ACCENT})
    facts = [
        f"[bold]ironwheel {machine['version']}[/], one native library, {machine['python']}",
        f"[{GREY}]{text.escape(machine['cpu'])}, {machine['threads']} threads; plain Python runs on one[/]",
        f"[{GREY}]{text.escape(short(machine['library']))}, {megabytes(machine['library_bytes'])}[/]",
    ]
    screen.show("\n".join(facts) + "\n\n")


def heading(screen: Screen, answer: Answer) -> None:
    """The question, before its answer is worked out."""
    name = f"[bold {ACCENT}]{answer.number} {text.escape(answer.question)}[/]"
    screen.show(
        {
            "type": "rule",
            "title": name,
            "alignment": "left",
            "style": GREY,
            "border": screen.pick("square", "ascii"),
        }
    )


def _listed(items: Sequence[Tuple[str, str]]) -> Spec:
    """Sentences behind marks, indented."""
    return {
        "type": "grid",
        "columns": [{"padding": [2, 0, 1, 0], "no_wrap": True}, {"padding": [0, 0, 0, 0]}],
        "rows": [list(item) for item in items],
    }


def body(screen: Screen, answer: Answer) -> None:
    """The answer below its question."""
    if answer.status == NOT_RUN:
        mark = screen.pick("○", "-")
        words = f"[{WEAK}]Not run.[/] [{GREY}]It needs {text.escape(answer.needs)}.[/]"
        screen.show(_listed([(f"[{WEAK}]{mark}[/]", words)]))
        screen.show("")
        return
    if answer.lines:
        screen.show(lines_table(answer.lines, screen))
    marks = [(f"[{GOOD}]{screen.pick('✓', '+')}[/]", check) for check in answer.checks]
    marks += [(f"[{GREY}]{screen.pick('·', '-')}[/]", note) for note in answer.notes]
    if marks:
        screen.show(_listed([(mark, f"[{GREY}]{text.escape(words)}[/]") for mark, words in marks]))
    for picture in answer.pictures:
        screen.show(picture(screen))
    if answer.error:
        mark = f"[bold {BAD}]{screen.pick('✗', 'x')}[/]"
        screen.show(_listed([(mark, f"[bold {BAD}]Failed.[/] {text.escape(answer.error)}")]))
    screen.show("")


def closing(screen: Screen, answers: Sequence[Answer], seconds: float) -> None:
    """What was answered, what was not, and what that needs."""
    counts = {status: sum(answer.status == status for answer in answers) for status in (ANSWERED, NOT_RUN)}
    failed = len(answers) - sum(counts.values())
    compared = [line for answer in answers for line in answer.lines if line.equal is not None]
    parts = [
        f"[bold {GOOD}]{counts[ANSWERED]}[/] of {len(answers)} questions answered",
        f"[bold {WEAK}]{counts[NOT_RUN]}[/] not run" if counts[NOT_RUN] else "",
        f"[bold {BAD}]{failed}[/] failed" if failed else "",
        f"in {seconds:.1f} s",
    ]
    lines = [", ".join(part for part in parts if part) + "."]
    lines.append(
        f"{sum(bool(line.equal) for line in compared)} of {len(compared)} results equal what plain Python computes."
    )
    for answer in answers:
        if answer.status == NOT_RUN:
            lines.append(f"[{GREY}]{answer.number} needs {text.escape(answer.needs)}[/]")
    screen.show(
        {
            "type": "panel",
            "header": "[bold] nine questions [/]",
            "border": screen.pick("rounded", "ascii"),
            "border_style": BAD if failed else GOOD,
            "expand": True,
            "content": "\n".join(lines),
        }
    )


def escape_times(counts: Any, width: int, height: int, iterations: int, screen: Screen) -> Spec:
    """A picture of escape times, two rows of points to a line of half blocks; letters where there is no colour."""
    rows = [[int(counts[y * width + x]) for x in range(width)] for y in range(height)]
    if not screen.colored or not screen.unicode:
        top = len(_RAMP) - 1
        drawn = [
            "".join(_RAMP[top if n >= iterations else min(n * top // 24, top - 1)] for n in row) for row in rows[::2]
        ]
        return {"type": "text", "text": "\n".join(drawn)}
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2]):
        cells: List[str] = []
        start = 0
        pairs = list(zip(upper, lower))
        for end in range(1, width + 1):
            if end == width or pairs[end] != pairs[start]:
                above, below = (_tint(n, iterations) for n in pairs[start])
                cells.append(f"[{above} on {below}]{'▀' * (end - start)}[/]")
                start = end
        lines.append("".join(cells))
    return {"type": "markup", "text": "\n".join(lines)}


def _tint(n: int, iterations: int) -> str:
    """From night blue over rust to straw, on a scale that shows the few low counts apart."""
    if n >= iterations:
        return "#0b0a12"
    stops = ((12, 14, 38), (58, 30, 78), (150, 44, 62), (224, 118, 47), (250, 212, 130), (255, 250, 230))
    place = min((n / 60.0) ** 0.55, 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    part = place - index
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(stops[index], stops[index + 1]))
    return f"#{red:02x}{green:02x}{blue:02x}"
