"""What `make` and build.ps1 do: build, install, run and test, all inside this folder.

usage: build.py TASK [--wheel FILE] [--extras NAMES] [--quick]    with any Python from 3.8 on

Made are .venv, with the wheel of this tree installed, target/native, dist and artefacts; a file of stamps says what
they were made from, and what has changed since is made again. The Makefile says first what a machine lacks, and so
does build.ps1; here it is taken for granted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = sys.platform == "win32"
# Relative, so that the folder may have any name; main() goes there.
VENV = Path(".venv")
NATIVE = Path("target", "native")
WHEEL_TOOLS = Path(".envs", "wheel")
SOURCES = (
    "Cargo.toml", "Cargo.lock", ".cargo", "build.rs", "cbindgen.toml", "pyproject.toml", "README.md", "LICENSE",
    "THIRD-PARTY.txt", "scripts/cargo_hook.py", "src", "python",
)  # fmt: skip
LEFT_BEHIND = (".pyc", ".so", ".dll", ".pdb", ".new")  # by running and by editable installs; no sources
OPTIONAL = {"bench"}  # peers to measure against; each of them may be missing
BUILT = (
    "target", "dist", "artefacts", ".venv", ".envs", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
)  # fmt: skip
NO_EXTRAS = "The demo runs without these and shows what it left out: make demo EXTRAS=, or ./build.ps1 -Extras ''"


class Failed(Exception):
    """A program that did not succeed."""


def run(*command: object, **environment: str) -> None:
    """A program whose output is the user's to read."""
    words = [str(word) for word in command]
    sys.stdout.flush()
    status = subprocess.run(words, env={**os.environ, **environment}, check=False).returncode
    if status != 0:
        raise Failed(f"{' '.join(words)}: exit status {status}")


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if WINDOWS else "bin/python")


def pip(environment: Path, *arguments: object) -> None:
    run(python_of(environment), "-m", "pip", *arguments, PIP_DISABLE_PIP_VERSION_CHECK="1")


def files_of(sources: Iterable[str]) -> Iterator[Path]:
    for source in sources:
        path = Path(source)
        for found in path.rglob("*") if path.is_dir() else [path]:
            if found.is_file() and found.suffix not in LEFT_BEHIND:
                yield found


def stale(stamp: Path, sources: Iterable[str], says: str = "") -> bool:
    """Whether what `stamp` stands for was made from something older, or from something else than it says."""
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != says:
        return True
    made = stamp.stat().st_mtime
    return any(path.stat().st_mtime > made for path in files_of(sources))


def environment_with(folder: Path, requirements: str | None) -> None:
    """A virtual environment; with the requirements of that name, made anew when they change."""
    made = folder / ".made"
    if not made.exists():
        run(sys.executable, "-m", "venv", folder)
        made.write_text("", encoding="utf-8")
    if requirements is not None:
        file = f"requirements/{requirements}.txt"
        stamp = folder / f".{requirements}"
        if stale(stamp, [file]):
            try:
                pip(folder, "install", "--quiet", "--requirement", file)
            except Failed:
                if requirements not in OPTIONAL:
                    raise
                one_by_one(folder, Path(file))
            stamp.write_text("", encoding="utf-8")


def one_by_one(folder: Path, file: Path) -> None:
    """What can be installed of `file`, saying what cannot."""
    for line in file.read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].strip()
        if requirement:
            try:
                pip(folder, "install", "--quiet", requirement)
            except Failed:
                print(f"not installed, and left out: {requirement}", file=sys.stderr)


def native() -> Path:
    """The wheel of this tree for this machine."""
    stamp = NATIVE / ".built"
    if stale(stamp, SOURCES):
        environment_with(VENV, None)
        shutil.rmtree(NATIVE, ignore_errors=True)
        NATIVE.mkdir(parents=True)
        pip(VENV, "wheel", "--quiet", "--no-deps", "--wheel-dir", NATIVE, ".")
        stamp.write_text("", encoding="utf-8")
    (wheel,) = NATIVE.glob("ironwheel-*.whl")
    return wheel


def install(wheel: Path | None, requirements: str | None = None) -> Path:
    """Into .venv: that wheel or this tree's, and the requirements of that name."""
    environment_with(VENV, None)
    chosen = wheel or native()
    stamp = VENV / ".installed"
    if stale(stamp, [str(chosen)], str(wheel or "tree")):
        pip(VENV, "install", "--quiet", "--force-reinstall", "--no-deps", chosen)
        stamp.write_text(str(wheel or "tree"), encoding="utf-8")
    environment_with(VENV, requirements)
    return chosen


def demo(wheel: Path | None, extras: str) -> None:
    chosen = install(wheel)
    stamp = VENV / ".extras"
    if extras and stale(stamp, ["pyproject.toml"], extras):
        try:
            pip(VENV, "install", "--quiet", f"{chosen}[{extras}]")
        except Failed:
            print(NO_EXTRAS, file=sys.stderr)
            raise
        stamp.write_text(extras, encoding="utf-8")
    run(python_of(VENV), "-m", "ironwheel", "demo")


def test_python(wheel: Path | None) -> None:
    install(wheel, "test")
    run(python_of(VENV), "-m", "pytest", "tests/python", IRONWHEEL_TEST_INSTALLED="1")


def test_c(wheel: Path | None) -> None:
    if WINDOWS and shutil.which("gcc") is None and shutil.which("clang") is None:
        print("C programs: not run, neither gcc nor clang is here")
        return
    install(wheel)
    run(python_of(VENV), "tests/c/run.py", *(["--require", "all"] if os.environ.get("CI") and not WINDOWS else []))


def distributable() -> None:
    """The wheel in dist: on Linux the one for every Linux, on Windows this machine's, which serves every one."""
    if WINDOWS:
        Path("dist").mkdir(exist_ok=True)
        print(shutil.copy2(native(), "dist"))
        return
    environment_with(WHEEL_TOOLS, "wheel")
    run(python_of(WHEEL_TOOLS), "scripts/wheel.py")


def library(wheel: Path | None) -> None:
    """The library out of the wheel, where a program that only has ctypes finds it."""
    chosen = wheel or native()
    if not chosen.stem.endswith(("x86_64", "amd64")):
        raise Failed(f"artefacts are for x64, and {chosen.name} is not")
    with zipfile.ZipFile(chosen) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith((".so", ".dll")))
        folder = Path("artefacts", "win-x64" if name.endswith(".dll") else "linux-x64")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name.rpartition("/")[2]
        fresh = target.with_suffix(".new")
        fresh.write_bytes(archive.read(name))
        os.replace(fresh, target)  # the old one may be loaded in some process
    print(target)


def docs(wheel: Path | None) -> None:
    run("cargo", "doc", "--locked", "--no-deps", "--document-private-items", RUSTDOCFLAGS="-Dwarnings")
    install(wheel, "test")
    run(python_of(VENV), "-m", "pytest", "--doctest-modules", "--pyargs", "ironwheel", IRONWHEEL_TEST_INSTALLED="1")


def bench(wheel: Path | None, quick: bool) -> None:
    install(wheel, "bench")
    run(python_of(VENV), "benches/run.py", *(["--quick"] if quick else []))


def clean() -> None:
    for name in BUILT:
        shutil.rmtree(name, ignore_errors=True)
    for path in [path for path in Path("python", "ironwheel").iterdir() if path.suffix in LEFT_BEHIND]:
        path.unlink()
    for folder in list(Path(".").rglob("__pycache__")):
        shutil.rmtree(folder, ignore_errors=True)


TASKS = {
    "install": "this tree's wheel, installed into .venv",
    "demo": "nine questions, answered by the installed wheel",
    "library": "artefacts/linux-x64/libironwheel.so, or artefacts/win-x64/ironwheel.dll",
    "test": "Rust tests, pytest through the installed wheel, C programs where a compiler is",
    "test-python": "pytest through the installed wheel",
    "test-c": "the C programs",
    "test-needs": "all that the Python tests need, installed and not run",
    "wheel": "a wheel for others in dist: manylinux2014 on Linux, win_amd64 on Windows",
    "bench": "this library next to its peers",
    "docs": "Rust's documentation without a warning, and every Python example run",
    "dev": "the linters, in .envs/dev",
    "wheel-tools": "what wheels are made with, in .envs/wheel",
    "clean": "removes everything that was built or installed here",
}


def main() -> int:
    words = "\n".join(f"  {name:<12} {what}" for name, what in TASKS.items())
    parser = argparse.ArgumentParser(
        description="What make and build.ps1 do.", epilog=words, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", nargs="+", choices=TASKS, metavar="TASK")
    parser.add_argument("--wheel", type=Path, help="a ready-made one, in place of building this tree")
    parser.add_argument("--extras", default="pandas,arrow", help="what the demo installs beside ironwheel")
    parser.add_argument("--quick", action="store_true", help="bench: fewer repetitions")
    arguments = parser.parse_args()
    wheel = arguments.wheel.resolve() if arguments.wheel else None
    os.chdir(ROOT)
    steps = {
        "install": lambda: install(wheel),
        "demo": lambda: demo(wheel, arguments.extras),
        "library": lambda: library(wheel),
        "test-python": lambda: test_python(wheel),
        "test-c": lambda: test_c(wheel),
        "test-needs": lambda: install(wheel, "test"),
        "wheel": distributable,
        "bench": lambda: bench(wheel, arguments.quick),
        "docs": lambda: docs(wheel),
        "dev": lambda: environment_with(Path(".envs", "dev"), "dev"),
        "wheel-tools": lambda: environment_with(WHEEL_TOOLS, "wheel"),
        "clean": clean,
    }
    try:
        for task in arguments.task:
            if task == "test":
                run("cargo", "test", "--locked")
                test_python(wheel)
                test_c(wheel)
            else:
                steps[task]()
    except Failed as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
