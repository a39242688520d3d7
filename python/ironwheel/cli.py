"""The command ``ironwheel``: the domains from a shell.

Exit status: 0 done, 1 a check failed, 2 wrong use or trouble with a file, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence

from ironwheel._screen import Screen

DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130

_COLORS = ("none", "legacy", "standard", "eight_bit", "true_color")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command with these arguments (default: the process's own) and returns its exit status.

    Wrong arguments end the process with status 2, as `argparse` has it.

    Examples
    --------
    >>> main(["factor", "--lines", "360"])
    360: 2 2 2 3 3 5
    0
    """
    asked = _parser().parse_args(arguments)
    try:
        status: int = asked.run(asked)
        sys.stdout.flush()  # here, where a reader that has gone is noticed
        return status
    except KeyboardInterrupt:
        print(f"ironwheel {asked.command}: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # The reader has what it wanted ("| head"). Python flushes once more at exit: let it, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, ValueError, TypeError, OverflowError, MemoryError, ImportError) as error:
        _complain(asked, error)
        return WRONG


def _complain(asked: argparse.Namespace, error: BaseException) -> None:
    words = printable(str(error)) or type(error).__name__
    print(f"ironwheel {asked.command}: {words}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    from ironwheel import __version__

    parser = argparse.ArgumentParser(
        prog="ironwheel",
        description="Native Rust for Python's data platforms.",
        epilog="Exit status: 0 done, 1 a check failed, 2 wrong use or trouble with a file, 130 stopped by Ctrl-C.",
    )
    parser.add_argument("--version", action="version", version=f"ironwheel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    shown = argparse.ArgumentParser(add_help=False)
    look = shown.add_argument_group("output")
    look.add_argument("--width", type=_width, metavar="CELLS", help="columns to use (default: the terminal's)")
    look.add_argument("--color", choices=_COLORS, help="colours to use (default: what the terminal shows)")
    look.add_argument("--no-color", action="store_const", const="none", dest="color", help="same as --color none")
    look.add_argument("--ascii", action="store_const", const=False, dest="unicode", help="no Unicode in frames")

    data = argparse.ArgumentParser(add_help=False)
    form = data.add_argument_group("form").add_mutually_exclusive_group()
    for name, words in (
        ("json", "JSON, for machines"),
        ("lines", "bare lines (default where output is piped)"),
        ("table", "a table (default on a terminal)"),
    ):
        form.add_argument(f"--{name}", action="store_const", const=name, dest="form", help=words)

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str, *parents: Any) -> Any:
        added = commands.add_parser(name, help=words, description=words, parents=[*parents, shown])
        added.set_defaults(run=run)
        return added

    demo = command("demo", _demo, "ask nine questions of this machine, and answer them with real work")
    demo.add_argument("--quick", action="store_true", help="a tenth of the work or less")
    demo.add_argument("--json", action="store_const", const="json", dest="form", help="JSON, for machines")

    hash_ = command("hash", _hash, "hash files", data)
    hash_.add_argument("paths", nargs="+", metavar="FILE")
    hash_.add_argument("-a", "--algorithm", default="blake3", help="blake3 (default), sha256, ...")

    scan = command("scan", _scan, "list everything below a folder", data)
    scan.add_argument("root", nargs="?", default=".", metavar="FOLDER")
    scan.add_argument("pattern", nargs="?", metavar="PATTERN", help="such as '**/*.py'")
    scan.add_argument("--ignore", action="store_true", help="leave out what .gitignore says")
    scan.add_argument("--no-hidden", action="store_false", dest="hidden", help="leave out names that begin with a dot")
    scan.add_argument("--follow", action="store_true", help="follow symbolic links")

    count = command("count", _count, "count the lines of files", data)
    count.add_argument("paths", nargs="+", metavar="FILE")

    render = command("render", _render, "render a spec (JSON) or markup")
    render.add_argument("source", nargs="?", default="-", metavar="FILE", help="- is standard input (default)")
    render.add_argument("-m", "--markup", metavar="TEXT", help="render this markup, not a file")
    render.add_argument("--height", type=_width, metavar="LINES", help="lines to use")

    primes = command("primes", _primes, "the primes in lo <= p < hi", data)
    primes.add_argument("lo", type=_integer, metavar="LO")
    primes.add_argument("hi", type=_integer, nargs="?", metavar="HI", help="with LO alone: the primes below it")

    factor = command("factor", _factor, "the prime factors of integers", data)
    factor.add_argument("numbers", nargs="+", type=_integer, metavar="N")

    profile = command("profile", _profile, "profile the columns of a table", data)
    profile.add_argument("path", metavar="FILE", help="CSV, TSV, JSON lines, Parquet, Feather or Arrow IPC")

    command("info", _info, "what is installed, and what it runs on", data)
    return parser


def _width(words: str) -> int:
    width = int(words)
    if not 1 <= width <= 10_000:
        raise argparse.ArgumentTypeError(f"must be in 1..=10000, got {width}")
    return width


def _integer(words: str) -> int:
    """An integer as Python writes it, or as a power: ``1_000_000``, ``0xff``, ``10**12``, ``2^61-1``."""
    base, caret, exponent = words.replace("**", "^").partition("^")
    if not caret:
        return int(words, 0)
    minus = exponent.partition("-")
    if int(minus[0]) > 1000:
        raise argparse.ArgumentTypeError(f"must have an exponent of at most 1000, got {words}")
    return int(int(base, 0) ** int(minus[0])) - int(minus[2] or 0)


def printable(words: str) -> str:
    """`words` with what would move a cursor, or cannot be encoded, as escapes."""
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)


def _screen(asked: argparse.Namespace) -> Screen:
    return Screen(asked.width, asked.color, asked.unicode)


def _form(asked: argparse.Namespace) -> str:
    form: Optional[str] = asked.form
    return form or ("table" if sys.stdout.isatty() else "lines")


def _json(value: Any) -> None:
    import json

    print(json.dumps(value, indent=2))


class Column:
    """A column of a command's result: its name, whether it is a number, and how people read a value."""

    def __init__(self, name: str, right: bool = False, human: Callable[[Any], str] = str) -> None:
        self.name = name
        self.right = right
        self.human = human


def _put(
    asked: argparse.Namespace,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    line: Callable[[Sequence[Any]], str],
) -> None:
    """Shows rows in the form that was asked for; `line` makes a bare line of one."""
    form = _form(asked)
    if form == "json":
        _json([{column.name: value for column, value in zip(columns, row)} for row in rows])
    elif form == "lines":
        for row in rows:
            print(line([printable(value) if isinstance(value, str) else value for value in row]))
    else:
        _table(asked, columns, [[printable(column.human(v)) for column, v in zip(columns, row)] for row in rows])


def _table(asked: argparse.Namespace, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    screen = _screen(asked)
    spec: Dict[str, Any] = {
        "type": "table",
        "border": screen.pick("rounded", "ascii"),
        "border_style": "grey",
        "columns": [
            {"header": f"[bold]{column.name}[/]", "alignment": "right" if column.right else "left"}
            for column in columns
        ],
        "rows": [[{"type": "text", "text": cell} for cell in row] for row in rows],
    }
    screen.show(spec)


def _tabs(row: Sequence[Any]) -> str:
    return "\t".join(map(str, row))


def _demo(asked: argparse.Namespace) -> int:
    from ironwheel import demo

    if asked.form == "json":
        report = demo.report(asked.quick)
        _json(report)
        return FAILED if report["failed"] else DONE
    return DONE if demo.present(_screen(asked), asked.quick) else FAILED


def _each(asked: argparse.Namespace, call: Callable[[Any], Any]) -> tuple[List[List[Any]], int]:
    """`call` on all paths at once; where one fails, on each, complaining of those that fail."""
    try:
        return [[path, result] for path, result in zip(asked.paths, call(asked.paths))], DONE
    except OSError:
        rows, status = [], DONE
        for path in asked.paths:
            try:
                rows.append([path, call(path)])
            except OSError as error:
                _complain(asked, error)
                status = WRONG
        return rows, status


def _hash(asked: argparse.Namespace) -> int:
    from ironwheel import files

    rows, status = _each(asked, lambda what: files.hash(what, asked.algorithm))
    _put(asked, [Column("path"), Column(asked.algorithm)], rows, lambda row: f"{row[1]}  {row[0]}")
    return status


def _count(asked: argparse.Namespace) -> int:
    from ironwheel import files

    rows, status = _each(asked, files.count_lines)
    columns = [Column("path"), Column("lines", right=True, human="{:,}".format)]
    _put(asked, columns, rows, lambda row: f"{row[1]}\t{row[0]}")
    return status


def _scan(asked: argparse.Namespace) -> int:
    import stat
    import time

    from ironwheel import files

    table = files.scan(asked.root, asked.pattern, ignore=asked.ignore, hidden=asked.hidden, follow=asked.follow)

    def moment(nanoseconds: int) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(nanoseconds // 10**9))

    columns = [
        Column("path"),
        Column("kind"),
        Column("size", right=True, human="{:,}".format),
        Column("mtime", human=moment),
        Column("mode", human=stat.filemode),
    ]
    rows = list(zip(*(_values(table[column.name]) for column in columns)))
    _put(asked, columns, rows, _tabs)
    return DONE


def _values(column: Any) -> List[Any]:
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def _render(asked: argparse.Namespace) -> int:
    from ironwheel import text

    spec: Any = asked.markup
    if spec is None:
        source = sys.stdin.read() if asked.source == "-" else _read(asked.source)
        spec = _spec(source)
    screen = _screen(asked)
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


def _primes(asked: argparse.Namespace) -> int:
    from ironwheel import ints

    lo, hi = (0, asked.lo) if asked.hi is None else (asked.lo, asked.hi)
    found = _values(ints.primes(lo, hi))
    form = _form(asked)
    if form == "json":
        _json(found)
    elif form == "lines":
        sys.stdout.writelines(f"{p}\n" for p in found)
    else:
        _grid(asked, found)
    return DONE


def _grid(asked: argparse.Namespace, numbers: Sequence[int]) -> None:
    """Numbers in aligned columns, as many as fit."""
    screen = _screen(asked)
    widest = len(str(numbers[-1])) if numbers else 1
    most = max(1, (screen.width + 1) // (widest + 1))
    for start in range(0, len(numbers), most):
        screen.write(" ".join(f"{p:>{widest}}" for p in numbers[start : start + most]) + "\n")


def _factor(asked: argparse.Namespace) -> int:
    from ironwheel import ints

    rows = [[number, ints.factor(number)] for number in asked.numbers]
    raised = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

    def human(factors: Any) -> str:
        if asked.unicode is False:
            return " * ".join(f"{p}^{e}" if e > 1 else str(p) for p, e in factors)
        return " · ".join(f"{p}{str(e).translate(raised)}" if e > 1 else str(p) for p, e in factors)

    def line(row: Sequence[Any]) -> str:
        return f"{row[0]}: " + " ".join(str(p) for p, e in row[1] for _ in range(e))

    _put(asked, [Column("n", right=True), Column("factors", human=human)], rows, line)
    return DONE


def _profile(asked: argparse.Namespace) -> int:
    from ironwheel import frames

    found = frames.profile(_frame(asked.path))
    if _form(asked) == "json":
        print(found.to_json())
        return DONE
    names = ["name", "type", "count", "nulls", "distinct", "min", "mean", "max"]
    columns = [Column(name, name not in ("name", "type"), _figure) for name in names]
    _put(asked, columns, [[getattr(column, name) for name in names] for column in found], _tabs)
    return DONE


def _figure(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _frame(path: str) -> Any:
    """The table in a file, read by whichever of pyarrow and polars is installed."""
    suffix = os.path.splitext(path)[1].lower()
    known = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".feather", ".arrow")
    if suffix not in known:
        raise ValueError(f"path must end in one of {', '.join(known)}, got {path!r}")
    os.stat(path)  # Python's own error for a missing file, whoever reads it then
    try:
        import pyarrow
    except ImportError:
        return _polars_frame(path, suffix)
    try:
        if suffix in (".csv", ".tsv"):
            from pyarrow import csv

            parsing = csv.ParseOptions(delimiter="\t" if suffix == ".tsv" else ",")
            return csv.read_csv(path, parse_options=parsing)
        if suffix == ".parquet":
            from pyarrow import parquet

            return parquet.read_table(path)
        if suffix in (".feather", ".arrow"):
            from pyarrow import feather

            return feather.read_table(path)
        from pyarrow import json

        return json.read_json(path)
    except pyarrow.ArrowException as error:
        raise ValueError(f"{path}: {error}") from error


def _polars_frame(path: str, suffix: str) -> Any:
    try:
        import polars
    except ImportError:
        raise ImportError("reading a table needs pyarrow or polars: pip install pyarrow") from None
    try:
        if suffix in (".csv", ".tsv"):
            return polars.read_csv(path, separator="\t" if suffix == ".tsv" else ",")
        if suffix == ".parquet":
            return polars.read_parquet(path)
        if suffix in (".feather", ".arrow"):
            return polars.read_ipc(path)
        return polars.read_ndjson(path)
    except polars.exceptions.PolarsError as error:
        raise ValueError(f"{path}: {error}") from error


def _info(asked: argparse.Namespace) -> int:
    from ironwheel import _machine

    facts = _machine.describe()
    if _form(asked) == "json":
        _json(facts)
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
    _put(asked, [Column("fact"), Column("value")], rows, lambda row: f"{row[0]}: {row[1]}")
    return DONE
