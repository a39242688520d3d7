"""Walks docs/adding-a-function.md: applies every block to a copy of the tree, builds, and calls the result."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="builds with the names of Linux"),
    pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not here"),
]
BLOCK = re.compile(r"^<!-- (?P<action>\w+)(?:: (?P<path>\S+))? -->\n```\w+\n(?P<code>.*?)^```$", re.M | re.S)


# Our own crate is compiled for no speed here, which takes a third of the time; the dependencies as they are.
QUICK = ["--config", "profile.dev.opt-level=0", "--config", 'profile.dev.package."*".opt-level=1']


class Block(NamedTuple):
    """A fenced block and what the comment over it says is to happen to it."""

    action: str
    path: str
    code: str


class Walk:
    """A copy of the source tree, and what a reader of the page would do in it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.tree = folder / "ironwheel"
        self.tree.mkdir()
        for name in ("Cargo.toml", "Cargo.lock", "build.rs", "cbindgen.toml", "pyproject.toml", "Makefile"):
            shutil.copy2(root / name, self.tree / name)
        for name in ("src", "include", "python", "scripts", "tests", "benches", "examples"):
            if (root / name).is_dir():
                leave = shutil.ignore_patterns("*.so", "__pycache__")
                shutil.copytree(root / name, self.tree / name, ignore=leave)
        lend_dependencies(root / "target" / "debug", self.tree / "target" / "debug")
        self.library = self.tree / "target" / "debug" / "libironwheel.so"
        self.environment = {
            **os.environ,
            "CARGO_TARGET_DIR": str(self.tree / "target"),
            "CARGO_TERM_COLOR": "never",
            "IRONWHEEL_LIBRARY": str(self.library),
            "IRONWHEEL_TEST_INSTALLED": "",
            "PYTHONPATH": str(self.tree / "python"),
        }

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.tree,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
        return done.stdout

    def create(self, block: Block) -> None:
        target = self.tree / block.path
        assert not target.exists(), f"{block.path} is there already"
        target.write_text(block.code, encoding="utf-8")

    def append(self, block: Block) -> None:
        with (self.tree / block.path).open("a", encoding="utf-8") as target:
            target.write(block.code)

    def expect(self, block: Block) -> None:
        assert block.code in (self.tree / block.path).read_text(encoding="utf-8")

    def shell(self, block: Block) -> None:
        for line in block.code.splitlines():
            if line == "make abi":
                # Its two commands, with this Python in place of an environment of the copy's own.
                recipe = re.search(r"^abi:.*\n((?:\t.*\n)+)", (self.tree / "Makefile").read_text("utf-8"), re.M)
                assert recipe is not None
                cargo, python = recipe.group(1).strip().splitlines()
                self.run(*cargo.split(), *QUICK)
                self.run(sys.executable, *python.split()[1:])
            elif line.startswith("cargo test"):
                assert re.search(r"^test result: ok\. [1-9]", self.run(*line.split(), "--locked", *QUICK), re.M)
            else:
                program, *arguments = line.split()
                assert program == "python"
                assert re.search(r"^=* ?[1-9]\d* passed", self.run(sys.executable, *arguments).splitlines()[-1])

    def python(self, block: Block) -> None:
        page = self.tree / "page.txt"
        page.write_text(block.code, encoding="utf-8")
        self.run(sys.executable, "-m", "doctest", str(page))
        assert doctest.DocTestParser().get_examples(block.code)

    def c(self, block: Block) -> None:
        if shutil.which("cc") is None:
            pytest.skip("cc is not here")
        (self.tree / "page.c").write_text(block.code, encoding="utf-8")
        flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Iinclude"]
        self.run("cc", *flags, "page.c", str(self.library), "-o", "page")
        self.run("./page")


def lend_dependencies(built: Path, folder: Path) -> None:
    """Hard links to the dependencies that are compiled already; what is ours is compiled anew.

    The copy gets a target folder of its own, because the library it builds must not take the place of the tree's.
    """
    for name in ("deps", "build", ".fingerprint"):
        for directory, _, files in os.walk(built / name):
            if "ironwheel" in directory:
                continue
            there = folder / os.path.relpath(directory, built)
            there.mkdir(parents=True, exist_ok=True)
            for file in files:
                if "ironwheel" not in file:
                    link(Path(directory, file), there / file)


def link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def test_the_page_leads_to_a_function_that_can_be_called(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("pycparser", reason="reads the header for make abi")
    text = (root / "docs" / "adding-a-function.md").read_text(encoding="utf-8")
    blocks = [Block(m["action"], m["path"] or "", m["code"]) for m in BLOCK.finditer(text)]
    assert len(blocks) == text.count("\n```") // 2, "a block without a word on what happens to it"
    walk = Walk(root, tmp_path)
    steps = {
        "create": walk.create,
        "append": walk.append,
        "run": walk.shell,
        "expect": walk.expect,
        "python": walk.python,
        "c": walk.c,
    }
    for block in blocks:
        steps[block.action](block)
    assert {block.action for block in blocks} == set(steps)
    walk.run(sys.executable, "-m", "pytest", "-q", "--doctest-modules", "python/ironwheel/ints/_digit_sum.py")
    assert (walk.tree / "src/ints/digit_sum.rs").exists()
    assert not (root / "src/ints/digit_sum.rs").exists()
