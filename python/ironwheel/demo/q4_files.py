"""Question 4, working with files."""

from __future__ import annotations

import os
import tempfile
from typing import Any, List, Tuple

from ironwheel import files
from ironwheel.demo import plain
from ironwheel.demo.answer import Answer
from ironwheel.demo.work import Work, megabytes, short

QUESTION = "Can it work with files?"

#: The most that plain Python is asked to hash; the library hashes everything, up to `_MOST`.
_PLAIN_BYTES = 200_000_000
_MOST = 2_000_000_000


def ask(answer: Answer, work: Work) -> None:
    """Scans, hashes and counts Python's own installation, and writes the list of it."""
    answer.notes.append(f"The files of this Python: {' and '.join(map(short, work.roots))}.")
    work.scan()  # once before it is timed, so that both sides find the system's cache as warm
    answer.compare(
        lambda tables: f"scan of {sum(map(len, tables)):,} files and folders",
        lambda: [files.scan(root) for root in work.roots],
        lambda: [entry for root in work.roots for entry in plain.scan(root)],
        by="os.scandir and stat",
        same=lambda ours, theirs: sorted(work.entries(ours)) == sorted(theirs),
    )
    regular = [(path, size) for path, kind, size, _ in work.entries() if kind == "file"]
    _hash(answer, work, regular)

    sources = [path for path, _ in regular if path.endswith(".py")]
    answer.compare(
        lambda counts: f"{sum(counts):,} lines counted in {len(sources):,} .py files",
        lambda: files.count_lines(sources),
        lambda: [plain.count_lines(path) for path in sources],
        by="iterating over open(path, 'rb')",
        same=lambda ours, theirs: list(ours) == theirs,
    )
    _write(answer, [path for path, _ in regular])


def _hash(answer: Answer, work: Work, regular: List[Tuple[str, int]]) -> None:
    everything = _up_to(regular, _MOST // 20 if work.quick else _MOST)
    paths = [path for path, _ in everything]
    size = sum(size for _, size in everything)
    whole = "" if len(everything) == len(regular) else f" (the first of {len(regular):,})"
    files.hash(paths)  # reads everything once: what follows is timed from the system's cache
    answer.run(
        f"BLAKE3 of {len(paths):,} files{whole}, {megabytes(size)}",
        lambda: files.hash(paths),
        why="Python has none: see the next line",
    )
    sample = max((entry for entry in regular if entry[1] <= 48 << 10), key=lambda entry: entry[1])
    with open(sample[0], "rb") as file:
        content = file.read()
    answer.compare(
        f"BLAKE3 of one of them, {len(content):,} bytes of {os.path.basename(sample[0])}",
        lambda: files.hash(sample[0]),
        lambda: plain.blake3(content),
        by="BLAKE3 in Python, after its paper",
    )
    part = _up_to(regular, _PLAIN_BYTES // 20 if work.quick else _PLAIN_BYTES)
    some = [path for path, _ in part]
    answer.compare(
        f"SHA-256 of the first {len(some):,} files, {megabytes(sum(size for _, size in part))}",
        lambda: files.hash(some, "sha256"),
        lambda: [plain.sha256(path) for path in some],
        by="hashlib, which is C",
        same=lambda ours, theirs: list(ours) == theirs,
    )


def _up_to(regular: List[Tuple[str, int]], most: int) -> List[Tuple[str, int]]:
    """The first files that hold `most` bytes together, one at least."""
    kept: List[Tuple[str, int]] = []
    total = 0
    for entry in regular:
        total += entry[1]
        if kept and total > most:
            break
        kept.append(entry)
    return kept


def _write(answer: Answer, paths: List[str]) -> None:
    content = "\n".join(paths) + "\n"
    with tempfile.TemporaryDirectory(prefix="ironwheel-demo-") as folder:
        ours, theirs = os.path.join(folder, "ours.txt"), os.path.join(folder, "plain.txt")

        def write() -> Any:
            files.write_text(ours, content)
            return files.read_text(ours)

        def write_plainly() -> str:
            draft = theirs + ".tmp"
            with open(draft, "w", encoding="utf-8", newline="") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, theirs)
            with open(theirs, encoding="utf-8", newline="") as file:
                return file.read()

        answer.compare(
            f"the list of them, {megabytes(len(content))}, written whole or not at all, and read back",
            write,
            write_plainly,
            by="a draft, fsync and os.replace",
        )
