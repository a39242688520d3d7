"""files.usage against du, files.hash_tree against its definition."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ironwheel import files

unix = pytest.mark.skipif(os.name != "posix", reason="needs Unix links and du")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name, size in [("a", 0), ("b/c", 10_000), ("b/d/e", 123_456), (".hidden", 7)]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([len(name)]) * size)
    (root / "empty").mkdir()
    return root


@unix
def test_usage_is_what_du_says(tree: Path) -> None:
    os.link(tree / "b" / "c", tree / "second name")
    os.symlink("b/c", tree / "link")
    with open(tree / "hole", "wb") as file:
        file.truncate(50_000_000)
    for root in (str(tree), os.path.dirname(os.__file__)):
        found = files.usage(root)
        du = subprocess.run(["du", "-s", "--block-size=1", root], capture_output=True, check=True)
        assert found.disk == int(du.stdout.split()[0])
        assert found.errors == []
    found = files.usage(tree)
    assert (found.files, found.dirs, found.others) == (5, 4, 1)
    assert found.size == 10_000 + 123_456 + 7 + 50_000_000
    assert repr(found).startswith("Usage(files=5, dirs=4, others=1, size=50133463, disk=")


def test_usage_of_what_is_no_directory_raises_as_listdir_does(tree: Path) -> None:
    for path, error in [(tree / "a", NotADirectoryError), (tree / "none", FileNotFoundError)]:
        with pytest.raises(error) as raised:
            files.usage(path)
        assert raised.value.filename == str(path)


def by_definition(root: Path, algorithm: str) -> str:
    state = hashlib.new(algorithm)

    def field(data: bytes) -> None:
        state.update(len(data).to_bytes(8, "little") + data)

    for entry in files.scan(root):
        name = os.path.relpath(entry.path, root).replace(os.sep, "/")
        state.update({"file": b"f", "dir": b"d", "symlink": b"l"}.get(entry.kind, b"o"))
        field(os.fsencode(name))
        if entry.is_file():
            state.update(hashlib.new(algorithm, Path(entry.path).read_bytes()).digest())
        elif entry.is_symlink():
            field(os.fsencode(os.readlink(entry.path)).replace(os.fsencode(os.sep), b"/"))
    return state.hexdigest()


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
@pytest.mark.parametrize("end", ["", "/", "/../tree", "/./"])
def test_a_tree_has_the_documented_digest_whatever_its_root_is_called(tree: Path, algorithm: str, end: str) -> None:
    if os.name == "posix":
        os.symlink("b/c", tree / "link")
        os.mkfifo(tree / "pipe")
    assert files.hash_tree(f"{tree}{end}", algorithm) == by_definition(tree, algorithm)


def test_a_copy_has_the_same_digest_and_a_changed_one_another(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy)
    assert files.hash_tree(copy) == files.hash_tree(tree)
    (copy / "b" / "c").write_bytes(b"other")
    assert files.hash_tree(copy) != files.hash_tree(tree)
    (copy / "b" / "c").write_bytes((tree / "b" / "c").read_bytes())
    (copy / ".more").touch()
    assert files.hash_tree(copy) != files.hash_tree(tree)
    assert files.hash_tree(copy, hidden=False) == files.hash_tree(tree, hidden=False)
    (copy / ".gitignore").write_text(".more\n.gitignore\n")
    assert files.hash_tree(copy, ignore=True) == files.hash_tree(tree)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((3,), TypeError, "root must be str, bytes or os.PathLike, got int"),
        ((".", "sha3"), ValueError, "algorithm must be one of"),
        (("none",), FileNotFoundError, "none"),
    ],
)
def test_wrong_arguments_are_named(arguments: Any, error: Any, said: str) -> None:
    with pytest.raises(error) as raised:
        files.hash_tree(*arguments)
    assert said in str(raised.value)


def test_progress_counts_files(tree: Path) -> None:
    seen: list[Any] = []
    files.hash_tree(tree, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
