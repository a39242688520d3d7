"""Scanning, hashing, counting, reading and writing next to the standard library and the tools made for it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable

from harness import Row, compare
from ironwheel import files, threads

MIB = 1 << 20


def rows(quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = make_tree(folder / "tree", 200 if quick else 1000)
        large = make_large(folder / "large", (64 if quick else 512) * MIB)
        return [*scans(tree), *hashes(tree, large), *lines(tree, large), *contents(folder, large)]


def make_tree(root: Path, folders: int) -> Path:
    """`folders` directories of 100 files each, three levels deep, of 0 to 16 KiB."""
    block = os.urandom(16 << 10)
    for number in range(folders):
        folder = root / f"{number % 10}" / f"{number % 100:02}" / f"folder-{number:04}"
        folder.mkdir(parents=True)
        for index in range(100):
            end = ".py" if index % 10 == 0 else ".txt"
            (folder / f"file-{index:03}{end}").write_bytes(block[: (index * 7919 + number) % len(block)])
    return root


def make_large(path: Path, size: int) -> Path:
    block = b"".join(b"%d: the quick brown fox jumps over the lazy dog\n" % number for number in range(200_000))
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(block)
    return path


def run(*command: str, given: bytes = b"") -> Callable[[], object]:
    return lambda: subprocess.run(command, input=given, stdout=subprocess.DEVNULL, check=True)


def tool(peers: dict[str, Callable[[], object]], label: str, names: list[str], *rest: str, given: bytes = b"") -> None:
    """Adds a program where it is installed; its time includes starting a process, as its users pay it."""
    for name in names:
        if shutil.which(name):
            peers[label] = run(*([] if not given else ["xargs", "-0"]), name, *rest, given=given)
            return


def scans(tree: Path) -> list[Row]:
    root = str(tree)

    def walk() -> int:
        return sum(
            os.lstat(os.path.join(folder, name)).st_size
            for folder, inner, names in os.walk(root)
            for name in inner + names
        )

    def scandir() -> int:
        total, waiting = 0, [root]
        while waiting:
            for entry in os.scandir(waiting.pop()):
                total += entry.stat(follow_symlinks=False).st_size
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
        return total

    count = len(files.scan(root))
    note = f"{count:,} entries, {threads()} threads, warm cache"
    peers: dict[str, Callable[[], object]] = {
        "os.walk + os.lstat": walk,
        "os.scandir by hand": scandir,
        "pathlib rglob + stat": lambda: sum(path.lstat().st_size for path in tree.rglob("*")),
    }
    tool(peers, "fd (names only, unsorted)", ["fdfind", "fd"], "-HI", ".", root)
    tool(peers, "find -printf", ["find"], root, "-printf", "%p %y %s %T@ %m\n")
    found = compare("Files", "scan(root)", lambda: files.scan(root), peers, note=note)
    listed: dict[str, Callable[[], object]] = {"pathlib rglob": lambda: [str(path) for path in tree.rglob("*.py")]}
    tool(listed, "fd", ["fdfind", "fd"], "-HI", "-g", "*.py", root)
    return found + compare(
        "Files", "scan(root, '*.py').paths()", lambda: files.scan(root, "*.py").paths(), listed, note=note
    )


def hashes(tree: Path, large: Path) -> list[Row]:
    paths = files.scan(tree).files()
    joined = "\0".join(paths).encode()
    size = large.stat().st_size
    found: list[Row] = []

    def standard(algorithm: str, path: object) -> str:
        with open(str(path), "rb", buffering=0) as file:
            state = hashlib.new(algorithm)
            while block := file.read(1 << 18):
                state.update(block)
            return state.hexdigest()

    blake: dict[str, Callable[[], object]] = {}
    many: dict[str, Callable[[], object]] = {
        "hashlib sha256, a loop": lambda: [standard("sha256", path) for path in paths]
    }
    try:
        from blake3 import blake3

        blake["blake3 (PyPI), mmap, all threads"] = lambda: (
            blake3(max_threads=blake3.AUTO).update_mmap(large).hexdigest()
        )

        def one(path: str) -> str:
            with open(path, "rb") as file:
                return blake3(file.read()).hexdigest()

        many["blake3 (PyPI), a loop"] = lambda: [one(path) for path in paths]
    except ImportError:
        pass
    tool(blake, "b3sum", ["b3sum"], str(large))
    tool(many, "b3sum", ["b3sum"], given=joined)
    blake["hashlib sha256"] = lambda: standard("sha256", large)
    note = f"{size / MIB:.0f} MiB, warm cache"
    found += compare("Files", "hash(large)", lambda: files.hash(large), blake, note=note)
    for algorithm in ("sha256", "sha512", "sha1", "md5"):
        peer = {f"hashlib {algorithm}": lambda algorithm=algorithm: standard(algorithm, large)}
        found += compare(
            "Files",
            f"hash(large, '{algorithm}')",
            lambda algorithm=algorithm: files.hash(large, algorithm),
            peer,
            note=note,
        )
    note = f"{len(paths):,} files of 8 KiB on average"
    found += compare("Files", "hash(paths)", lambda: files.hash(paths), many, note=note)

    def pool() -> list[str]:
        with ThreadPoolExecutor(threads()) as workers:
            return list(workers.map(lambda path: standard("sha256", path), paths))

    peer = {"hashlib, a loop": many["hashlib sha256, a loop"], "hashlib, ThreadPoolExecutor": pool}
    return found + compare("Files", "hash(paths, 'sha256')", lambda: files.hash(paths, "sha256"), peer, note=note)


def lines(tree: Path, large: Path) -> list[Row]:
    def python() -> int:
        with open(large, "rb") as file:
            return sum(1 for _ in file)

    peers: dict[str, Callable[[], object]] = {"sum(1 for line in file)": python}
    tool(peers, "wc -l", ["wc"], "-l", str(large))
    found = compare(
        "Files",
        "count_lines(large)",
        lambda: files.count_lines(large),
        peers,
        note=f"{large.stat().st_size / MIB:.0f} MiB",
    )
    paths = files.scan(tree, "*.txt").files()
    several: dict[str, Callable[[], object]] = {}
    tool(several, "wc -l", ["wc"], "-l", given="\0".join(paths).encode())
    found += compare(
        "Files", "count_lines(paths)", lambda: files.count_lines(paths), several, note=f"{len(paths):,} files"
    )
    ends: dict[str, Callable[[], object]] = {}
    tool(ends, "tail", ["tail"], "-n", "10", str(large))
    return found + compare("Files", "tail(large, 10)", lambda: files.tail(large, 10), ends)


def contents(folder: Path, large: Path) -> list[Row]:
    small = folder / "small"
    data = os.urandom(4096)

    def replace(durable: bool) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(name, small)
        if durable:
            parent = os.open(folder, os.O_RDONLY)
            os.fsync(parent)
            os.close(parent)

    found = compare(
        "Files",
        "write_bytes, durable, 4 KiB",
        lambda: files.write_bytes(small, data),
        {"tempfile + os.fsync + os.replace": lambda: replace(True)},
    )
    found += compare(
        "Files",
        "write_bytes(durable=False), 4 KiB",
        lambda: files.write_bytes(small, data, durable=False),
        {
            "tempfile + os.replace": lambda: replace(False),
            "pathlib write_bytes (not atomic)": lambda: small.write_bytes(data),
        },
    )
    found += compare(
        "Files", "read_bytes, 4 KiB", lambda: files.read_bytes(small), {"pathlib read_bytes": small.read_bytes}
    )
    return found + compare(
        "Files", "read_bytes(large)", lambda: files.read_bytes(large), {"pathlib read_bytes": large.read_bytes}
    )
