"""Install the wheel in a fresh environment of every Python on this machine and run the smoke tests there.

usage: test_pythons.py [--only NAME]... [WHEEL]

Finds CPython 3.8 and newer and PyPy: `python3.X` and `pypy3*` on PATH, and every version pyenv has. WHEEL is
the newest one in dist/ unless given. The wheel goes in alone, with no index to take anything else from; pytest
comes after it has been imported once. A Python that cannot make an environment is named, with what it lacks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 8)
PROBE = (
    "import json, platform, sys, sysconfig; print(json.dumps(["
    "platform.python_implementation(), list(sys.version_info[:3]), sys.base_prefix,"
    "bool(sysconfig.get_config_var('Py_GIL_DISABLED')), sys.maxsize > 2**32]))"
)


class Python(NamedTuple):
    """An interpreter: what it is and how to run it."""

    name: str
    version: tuple[int, ...]
    path: str


def candidates() -> list[str]:
    """Paths that look like interpreters, the ones found first preferred."""
    paths = []
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        # pyenv's shims stand for whatever version is chosen; the versions themselves come below.
        if os.path.isdir(folder) and os.path.basename(folder) != "shims":
            names = sorted(os.listdir(folder))
            paths += [os.path.join(folder, n) for n in names if re.fullmatch(r"(python|pypy)3(\.\d+t?)?", n)]
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    for root in filter(None, roots):
        for version in sorted(Path(root).glob("versions/*/bin")):
            paths += [str(path) for path in (version / "python3", version / "pypy3") if path.exists()]
    return paths


def find() -> list[Python]:
    """Every interpreter that is new enough, once, oldest first."""
    found: dict[tuple[str, ...], Python] = {}
    for path in candidates():
        probe = subprocess.run([path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if probe.returncode != 0:
            continue
        implementation, numbers, prefix, free_threaded, wide = json.loads(probe.stdout)
        version = tuple(numbers)
        if version[:2] < OLDEST or not wide or implementation not in ("CPython", "PyPy"):
            continue
        name = f"{implementation}-{'.'.join(map(str, version))}{'t' if free_threaded else ''}"
        key = (name, os.path.realpath(prefix))
        found.setdefault(key, Python(name, version, path))
    return sorted(found.values(), key=lambda python: (python.name.split("-")[0], python.version, python.path))


def run(*command: str, **environment: str) -> str:
    """Output of a command that has to succeed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, command, text)
    return text


def smoke(python: Python, wheel: Path, folder: Path) -> str:
    """Make the environment, install the wheel alone, import it, run the smoke tests; pytest's last line."""
    run(python.path, "-m", "venv", str(folder))
    inside = str(folder / "bin" / "python")
    run(inside, "-m", "pip", "install", "--quiet", "--no-index", str(wheel))
    run(inside, "-c", "import ironwheel; print(ironwheel.__version__)", IRONWHEEL_LIBRARY="")
    run(inside, "-m", "pip", "check")
    run(inside, "-m", "pip", "install", "--quiet", "pytest")
    report = run(
        inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/python/smoke",
        IRONWHEEL_TEST_INSTALLED="1", IRONWHEEL_LIBRARY="", PYTHONPATH="",
    )  # fmt: skip
    return report.strip().splitlines()[-1]


def newest_wheel() -> Path:
    wheels = sorted((ROOT / "dist").glob("ironwheel-*-manylinux*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit("error: dist/ holds no wheel; `make wheel` puts one there")
    return wheels[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Smoke-test the wheel in every Python on this machine.")
    parser.add_argument("wheel", nargs="?", type=Path)
    parser.add_argument("--only", action="append", metavar="NAME", help="part of a name, as in CPython-3.8 or PyPy")
    arguments = parser.parse_args()
    wheel = (arguments.wheel or newest_wheel()).resolve()
    pythons = [p for p in find() if not arguments.only or any(part in p.name for part in arguments.only)]
    if not pythons:
        sys.exit("error: no Python 3.8 or newer was found on PATH or among pyenv's versions")
    print(f"{wheel.name} in {len(pythons)} Pythons")
    passed = failed = skipped = 0
    for python in pythons:
        started = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="ironwheel-python-"))
        try:
            if subprocess.run(
                [python.path, "-c", "import ensurepip"], stderr=subprocess.DEVNULL, check=False
            ).returncode:
                skipped += 1
                outcome = f"not run: {python.path} has no ensurepip (Debian: apt-get install {hint(python)})"
            else:
                outcome = smoke(python, wheel, folder)
                passed += 1
        except subprocess.CalledProcessError as error:
            failed += 1
            outcome = f"FAILED: {' '.join(error.cmd[1:4])}\n{error.output}"
        finally:
            shutil.rmtree(folder)
        print(f"  {python.name:<18} {time.monotonic() - started:5.1f} s  {outcome}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


def hint(python: Python) -> str:
    if python.name.startswith("PyPy"):
        return "pypy3-venv"
    return f"python{python.version[0]}.{python.version[1]}-venv"


if __name__ == "__main__":
    sys.exit(main())
