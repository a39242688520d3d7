"""What gets installed, from where, and what is said when it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from ironwheel._lib import path as library

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names the files of the Linux build")
TRACKED_PARTS = (
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "cbindgen.toml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "THIRD-PARTY.txt",
)


@pytest.fixture
def tree(tmp_path: Path, root: Path) -> Path:
    """A copy of what a build reads; the source tree itself is not written to."""
    copy = tmp_path / "tree with spaces"
    copy.mkdir()
    for name in TRACKED_PARTS:
        shutil.copy2(root / name, copy / name)
    leave = shutil.ignore_patterns("*.so", "__pycache__")
    for name in ("src", "include", "python", "scripts", "tests"):
        shutil.copytree(root / name, copy / name, ignore=leave)
    return copy


def hatchling(tree: Path, target: str, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("hatchling", reason="hatchling builds the packages")
    variables = {**os.environ, "IRONWHEEL_PREBUILT": library, **environment}
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)],
        cwd=tree,
        env={name: value for name, value in variables.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def wheel_of(tree: Path, out: Path) -> Path:
    done = hatchling(tree, "wheel", out)
    assert done.returncode == 0, done.stdout
    (wheel,) = out.glob("*.whl")
    return wheel


def test_the_wheel_holds_the_package_the_library_and_the_header(tree: Path, tmp_path: Path) -> None:
    stale = tree / "python" / "ironwheel" / "libironwheel.so"
    stale.write_bytes(b"left behind by an editable install")
    wheel = wheel_of(tree, tmp_path / "out")
    assert "-py3-none-linux_" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("ironwheel/libironwheel.so") == Path(library).read_bytes()
        assert archive.read("ironwheel/include/ironwheel.h") == (tree / "include" / "ironwheel.h").read_bytes()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        lines = archive.read(metadata).decode("utf-8").splitlines()
        (entry_points,) = (name for name in names if name.endswith("/entry_points.txt"))
        assert "ironwheel = ironwheel.cli:main" in archive.read(entry_points).decode("utf-8")
    sources = {f"ironwheel/{p.relative_to(tree / 'python/ironwheel')}" for p in tree.glob("python/ironwheel/**/*.py")}
    assert sources <= names
    assert "ironwheel/py.typed" in names
    assert {"ironwheel/frames/page.css", "ironwheel/frames/page.js"} <= set(names)
    assert {"LICENSE", "THIRD-PARTY.txt", "src/text/fonts/LICENSE.txt"} == {
        name.rpartition("/licenses/")[2] for name in names if "/licenses/" in name
    }
    assert "Requires-Python: >=3.8" in lines
    assert [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line] == []
    assert not [name for name in names if name.endswith((".rs", ".new", ".toml"))]


def test_the_version_is_cargo_s(tree: Path, tmp_path: Path) -> None:
    manifest = tree / "Cargo.toml"
    text = manifest.read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("version = "))
    manifest.write_text(text.replace(line, 'version = "7.8.9"', 1), encoding="utf-8")
    assert wheel_of(tree, tmp_path / "out").name.startswith("ironwheel-7.8.9-py3-none-")


def test_a_wheel_from_the_sdist_is_the_wheel_from_the_tree(tree: Path, tmp_path: Path) -> None:
    done = hatchling(tree, "sdist", tmp_path / "sdist")
    assert done.returncode == 0, done.stdout
    (archive,) = (tmp_path / "sdist").glob("ironwheel-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "unpacked")  # our own file of a moment ago
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    missing = [name for name in (*TRACKED_PARTS, "src/lib.rs", "include/ironwheel.h") if not (unpacked / name).exists()]
    assert missing == []
    direct, through = wheel_of(tree, tmp_path / "direct"), wheel_of(unpacked, tmp_path / "through")
    assert direct.read_bytes() == through.read_bytes()


def test_without_cargo_the_build_says_where_to_get_it(tree: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "empty"
    nothing.mkdir()
    done = hatchling(tree, "wheel", tmp_path / "out", IRONWHEEL_PREBUILT="", CARGO_HOME=str(nothing), PATH=str(nothing))
    assert done.returncode != 0
    assert "needs cargo (Rust 1." in done.stdout
    assert "https://rustup.rs" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_failed_build_is_a_failed_install(tree: Path, tmp_path: Path) -> None:
    broken = tmp_path / "cargo-that-fails"
    broken.write_text("#!/bin/sh\necho 'error: no such luck' >&2\nexit 101\n", encoding="utf-8")
    broken.chmod(0o755)
    done = hatchling(tree, "wheel", tmp_path / "out", IRONWHEEL_PREBUILT="", IRONWHEEL_CARGO=f"'{broken}' build")
    assert done.returncode != 0
    assert "no such luck" in done.stdout
    assert "exit status 101" in done.stdout
    assert not list((tmp_path / "out").glob("*.whl"))


def test_an_editable_install_runs_the_sources_and_never_writes_over_a_library(tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling builds the packages")
    target = tmp_path / "site"
    install = [
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
        "--upgrade", "--target", str(target), "--editable", str(tree),
    ]  # fmt: skip
    environment = {**os.environ, "IRONWHEEL_PREBUILT": library, "PIP_ROOT_USER_ACTION": "ignore"}
    beside = tree / "python" / "ironwheel" / "libironwheel.so"
    subprocess.run(install, env=environment, check=True)
    with beside.open("rb") as mapped:
        subprocess.run(install, env=environment, check=True)
        # What was open is what it was: a rename gave the name to another file.
        assert os.fstat(mapped.fileno()).st_ino != beside.stat().st_ino
        assert os.fstat(mapped.fileno()).st_nlink == 0
        assert mapped.read() == Path(library).read_bytes()
    code = f"import site; site.addsitedir({str(target)!r}); import ironwheel; print(ironwheel.__file__)"
    isolated = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "IRONWHEEL_LIBRARY")}
    # A second Python without this environment's own ironwheel in its way.
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=isolated, stdout=subprocess.PIPE, check=True, text=True
    )
    assert Path(done.stdout.strip()) == tree / "python" / "ironwheel" / "__init__.py"


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not here")
def test_a_tree_that_cannot_be_written_still_builds(tree: Path, root: Path) -> None:
    """build.rs updates the header; where it cannot, the library is built all the same, with a warning."""
    header = tree / "include" / "ironwheel.h"
    header.unlink()
    header.mkdir()  # permissions do not stop root, whom CI runs as; a folder in the file's place does
    done = subprocess.run(
        ["cargo", "check", "--lib", "--locked"],
        cwd=tree,
        env={**os.environ, "CARGO_TARGET_DIR": str(root / "target"), "CARGO_TERM_COLOR": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "is stale and could not be updated" in done.stdout
