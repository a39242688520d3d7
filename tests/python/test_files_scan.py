"""files.scan against os.walk, pathlib and git, and what happens when a tree misbehaves."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ironwheel import files

# A large real tree; in the embeddable Python for Windows the standard library is an archive, no folder.
STDLIB = next(filter(os.path.isdir, [os.path.dirname(os.__file__), sys.prefix]))


linux = pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")


unix = pytest.mark.skipif(os.name != "posix", reason="needs Unix links, pipes or users")


def walked(root: str) -> Dict[str, os.stat_result]:
    """What os.walk and os.lstat say of everything below `root`."""
    found = {}
    for folder, inner, names in os.walk(root):
        for name in inner + names:
            path = os.path.join(folder, name)
            found[path] = os.lstat(path)
    return found


def sorted_as_documented(paths: List[str], root: str) -> List[str]:
    return sorted(paths, key=lambda path: os.fsencode(os.path.relpath(path, root)).split(os.fsencode(os.sep)))


def agree(table: files.Scan, root: str) -> None:
    expected = walked(root)
    paths = table.paths()
    assert paths == sorted_as_documented(list(expected), root)
    for entry in table:
        known = expected[entry.path]
        assert (entry.size, entry.mtime, entry.mode) == (known.st_size, known.st_mtime_ns, known.st_mode)
        assert entry.is_dir() == stat.S_ISDIR(known.st_mode)
        assert entry.is_file() == stat.S_ISREG(known.st_mode)
        assert entry.is_symlink() == stat.S_ISLNK(known.st_mode)
    assert table.errors == []


def names(table: files.Scan) -> List[str]:
    return [Path(path).relative_to(table.root).as_posix() for path in table.paths()]


def test_a_scan_agrees_with_os_walk_and_stat(tree: Path) -> None:
    agree(files.scan(tree), str(tree))


def test_a_large_real_tree_agrees_with_os_walk_and_stat() -> None:
    root = STDLIB
    agree(files.scan(root), root)


def test_the_order_is_the_one_pathlib_sorts_in(tree: Path) -> None:
    assert [Path(path) for path in files.scan(tree).paths()] == sorted(tree.rglob("*"))


if sys.platform == "linux":
    name = st.binary(min_size=1, max_size=20).filter(lambda it: it not in (b".", b"..") and not set(it) & {0, 0x2F})
else:
    name = st.text("abcdefgh.- ", min_size=1, max_size=8).map(lambda it: ("n" + it + "n").encode())


content = st.recursive(st.binary(max_size=30), lambda inner: st.dictionaries(name, inner, max_size=5), max_leaves=25)


def build(folder: bytes, node: Any) -> None:
    for key, value in node.items():
        path = os.path.join(folder, key)
        if isinstance(value, bytes):
            with open(path, "wb") as file:
                file.write(value)
        else:
            os.mkdir(path)
            build(path, value)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(name, content, max_size=6))
def test_any_tree_agrees_with_os_walk_and_stat(node: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(os.fsencode(folder), node)
        table = files.scan(folder)
        agree(table, folder)
        assert [table[i] for i in range(len(table))] == list(table)
        regular = table.files()
        assert regular == [entry.path for entry in table if entry.is_file()]
        assert files.hash(regular) == [files.hash(path) for path in regular]


@linux
def test_names_that_are_not_text_come_through_exactly_and_open(tmp_path: Path) -> None:
    for raw in (b"\xff\xfe.bin", b"new\nline", b"tab\t", "grüße".encode(), b"\xed\xa0\x80", b" ", b"\\xff"):
        with open(os.path.join(os.fsencode(tmp_path), raw), "wb") as file:
            file.write(raw)
    for entry in files.scan(tmp_path):
        with open(entry, "rb") as file:
            assert file.read() == os.path.basename(os.fsencode(entry.path))
    assert files.scan(os.fsencode(tmp_path)).paths() == files.scan(tmp_path).paths()
    assert all(path.endswith("\udcff\udcfe.bin") for path in files.scan(tmp_path, "*.bin").paths())


@linux
def test_the_arrow_text_of_an_odd_name_is_its_backslashreplace(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="reads the Arrow export")
    raw = os.path.join(os.fsencode(tmp_path), b"\xff\xe2\x82-\xc3\xa4")
    open(raw, "wb").close()
    (path,) = pyarrow.table(files.scan(tmp_path))["path"].to_pylist()
    assert path == raw.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.py", [".hidden/y.py", "b/.z.py", "b/sub/deep/x.py", "b/z.py"]),
        ("b/*.py", ["b/.z.py", "b/z.py"]),
        ("**/*.py", [".hidden/y.py", "b/.z.py", "b/sub/deep/x.py", "b/z.py"]),
        ("b/**", ["b/.z.py", "b/a.txt", "b/sub", "b/sub/deep", "b/sub/deep/x.py", "b/z.py"]),
        ("[ab]", ["a", "b"]),
        ("?", ["a", "b"]),
        (["a", "*.txt"], ["a", "b/a.txt", "b.txt"]),
        ("*.{txt,py}", [".hidden/y.py", "b/.z.py", "b/a.txt", "b/sub/deep/x.py", "b/z.py", "b.txt"]),
        ("nothing", []),
        ([], []),
    ],
)
def test_patterns_choose_what_is_listed(tree: Path, pattern: Any, expected: List[str]) -> None:
    assert names(files.scan(tree, pattern)) == expected


@pytest.mark.parametrize("pattern", ["*.py", "*", "?", "[ab]*", "sub", "x.*"])
def test_a_pattern_without_a_slash_is_rglob(tree: Path, pattern: str) -> None:
    assert [Path(path) for path in files.scan(tree, pattern).paths()] == sorted(tree.rglob(pattern))


def test_hidden_false_skips_dots_and_what_they_hold(tree: Path) -> None:
    table = files.scan(tree, "*.py", hidden=False)
    assert names(table) == ["b/sub/deep/x.py", "b/z.py"]


def test_ignore_agrees_with_git(tmp_path: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is the oracle here and is not installed")
    lines = {
        ".gitignore": "*.log\n/build/\n!keep.log\ndoc/*.txt\n# a note\n\\#real\nspace\\ \n**/tmp\na/**/z\n",
        "sub/.gitignore": "!*.log\n/only\nx?y\n[ab].c\n",
        "sub/deep/.gitignore": "*\n!.gitignore\n",
    }
    entries = ["x.log", "keep.log", "build/o", "sub/build/o", "doc/a.txt", "doc/b/a.txt", "#real", "space ", "q/tmp/f"]
    entries += ["a/z", "a/b/c/z", "sub/y.log", "sub/only", "sub/q/only", "sub/x1y", "sub/a.c", "sub/deep/f", "tmp"]
    for path, text in [*lines.items(), *((entry, "") for entry in entries)]:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True, env=environment)
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("secret\n")
    (tmp_path / "secret").write_text("")
    for below in ["", "sub", "a"]:
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=tmp_path / below, check=True, capture_output=True, env=environment)
        expected = sorted(os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)
        table = files.scan(tmp_path / below, ignore=True)
        found = sorted(os.path.relpath(path, tmp_path / below) for path in table.files())
        assert found == expected
        assert table.errors == []


def test_a_line_of_gitignore_that_is_no_pattern_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"a[z-a]\n*.o\n")
    (tmp_path / "x.o").touch()
    table = files.scan(tmp_path, ignore=True)
    assert names(table) == [".gitignore"]
    (error,) = table.errors
    assert error.filename == str(tmp_path / ".gitignore") and "line 1" in str(error)


@unix
def test_links_are_links_unless_followed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("123")
    os.symlink("d", tmp_path / "to_dir")
    os.symlink("d/f", tmp_path / "to_file")
    os.symlink("nowhere", tmp_path / "broken")
    os.symlink("self", tmp_path / "self")
    plain = files.scan(tmp_path)
    assert [entry.kind for entry in plain] == ["symlink", "dir", "file", "symlink", "symlink", "symlink"]
    followed = files.scan(tmp_path, follow=True)
    assert {name: entry.kind for name, entry in zip(names(followed), followed)} == {
        "broken": "symlink",
        "d": "dir",
        "d/f": "file",
        "self": "symlink",
        "to_dir": "dir",
        "to_dir/f": "file",
        "to_file": "file",
    }
    assert followed.errors == []


@unix
def test_loops_end_and_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    os.symlink("..", tmp_path / "a" / "b" / "up")
    os.symlink(tmp_path, tmp_path / "a" / "top")
    table = files.scan(tmp_path, follow=True)
    assert names(table) == ["a", "a/b", "a/b/up", "a/top"]
    assert [(error.errno, error.filename) for error in table.errors] == [
        (errno.ELOOP, str(tmp_path / "a" / "b" / "up")),
        (errno.ELOOP, str(tmp_path / "a" / "top")),
    ]
    assert "2 errors" in repr(table)


@unix
def test_pipes_and_sockets_are_listed_as_what_they_are(tmp_path: Path) -> None:
    import socket

    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert [entry.kind for entry in files.scan(tmp_path)] == ["fifo", "socket"]


def test_a_tree_that_changes_meanwhile_never_fails_the_scan(tmp_path: Path) -> None:
    stop = threading.Event()

    def change() -> None:
        for outer in range(20):
            folder = tmp_path / f"d{outer}"
            folder.mkdir(exist_ok=True)
            for inner in range(10):
                (folder / f"f{inner}").touch()
        for outer in range(20):
            shutil.rmtree(tmp_path / f"d{outer}")

    # What is open there is not removed, or its name is neither free nor usable until it is closed; Wine has more words for it.
    refused, refusals = ((OSError,), {PermissionError, OSError}) if sys.platform == "win32" else ((), set())

    def churn() -> None:
        while not stop.is_set():
            with contextlib.suppress(*refused):
                change()

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        seen = 0
        for _ in range(300):
            table = files.scan(tmp_path)
            seen += len(table)
            assert table.paths() == sorted_as_documented(table.paths(), str(tmp_path))
            assert {type(error) for error in table.errors} <= {FileNotFoundError, *refusals}
    finally:
        stop.set()
        worker.join()
    assert seen


@linux
def test_a_tree_deeper_than_any_path_is_listed(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(300):
            os.mkdir("n" * 30, dir_fd=here)
            inner = os.open("n" * 30, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        table = files.scan(tmp_path)
        assert len(table) == 300 and table.errors == []
        assert len(table.paths()[-1]) == len(str(tmp_path)) + 300 * 31
    finally:
        os.close(here)
        subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


def slow_tree(folder: Path, count: int = 60_000) -> None:
    for outer in range(count // 1000):
        inner = folder / str(outer)
        inner.mkdir()
        for number in range(1000):
            os.symlink("x", inner / str(number))


@unix
def test_progress_is_reported_and_its_error_comes_through(tmp_path: Path) -> None:
    slow_tree(tmp_path, 5000)
    seen: List[Tuple[int, int]] = []
    table = files.scan(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == len(table) == 5005

    class Stop(Exception):
        pass

    def refuse(done: int, total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        files.scan(tmp_path, progress=refuse)
    with pytest.raises(TypeError, match="progress must be"):
        files.scan(tmp_path, progress=3)  # type: ignore[arg-type]


@unix
def test_ctrl_c_stops_a_scan(tmp_path: Path) -> None:
    slow_tree(tmp_path)
    timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        while True:
            files.scan(tmp_path)
    timer.join()


@unix
def test_a_forked_child_scans(tree: Path) -> None:
    files.scan(STDLIB)  # with workers, whose threads the child does not have
    child = os.fork()
    if child == 0:
        os._exit(0 if len(files.scan(STDLIB)) > 500 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_threads_scan_at_the_same_time_and_agree(tree: Path) -> None:
    root = STDLIB
    expected = files.scan(root).paths()
    results: List[bool] = []

    def body() -> None:
        results.extend(files.scan(root).paths() == expected for _ in range(5))

    workers = [threading.Thread(target=body) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [True] * 20
