"""Runs tests/spark on the Sparks that Synapse and Fabric have, each in an environment of its own.

usage: test_spark.py [--all | --quick | --only NAME | --java] [--wheel FILE | --tree LIBRARY] [--remove] [-- PYTEST ARGUMENTS]

A stack is a Spark, a Python and the versions of pandas, pyarrow and NumPy beside it. Its environment is .envs/spark-NAME,
about 1 GB; the wheel goes in alone. Spark runs as local-cluster[2,1,1024]: a driver, and two executors in processes of
their own. A stack whose Python is not on this machine is named and not run; the exit status is 1 when a stack fails, or
none ran.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import build
import test_pythons

ROOT = Path(__file__).resolve().parent.parent
#: Of Java, Spark 3.4 and 3.5 take 8, 11 and 17, Spark 4 17 and 21.
JAVAS = (17,)


class Stack(NamedTuple):
    """What a runtime of Synapse or Fabric puts beside a wheel; read from them in autumn 2026."""

    name: str
    python: tuple[int, int]
    pyspark: str
    pandas: str
    pyarrow: str
    numpy: str

    @property
    def pins(self) -> list[str]:
        # From 4 on, the package has the server of Spark Connect as well; this adds what its client needs.
        extra = "" if self.pyspark.startswith("3.") else "[connect]"
        return [f"pyspark{extra}=={self.pyspark}", *self.others]

    @property
    def others(self) -> list[str]:
        return [f"pandas=={self.pandas}", f"pyarrow=={self.pyarrow}", f"numpy=={self.numpy}"]


STACKS = [
    Stack("synapse-3.4", (3, 10), "3.4.3", "1.5.3", "14.0.2", "1.23.5"),
    Stack("synapse-3.5", (3, 11), "3.5.5", "2.2.3", "19.0.0", "1.26.4"),
    Stack("fabric-1.2", (3, 10), "3.4.3", "2.0.3", "12.0.1", "1.24.3"),
    Stack("fabric-1.3", (3, 11), "3.5.5", "2.1.4", "14.0.2", "1.26.4"),
    Stack("fabric-2.0", (3, 13), "4.1.1", "2.3.3", "24.0.0", "2.4.1"),
]
USUAL = ("fabric-1.3", "fabric-2.0")


def java() -> str | None:
    """A java that every stack takes: of JAVA_HOME, of PATH, or where Debian puts it."""
    homes = [os.environ.get("JAVA_HOME"), *map(str, sorted(Path("/usr/lib/jvm").glob("*")))]
    for path in [*(f"{home}/bin/java" for home in homes if home), shutil.which("java")]:
        if path is None or not os.path.exists(path):
            continue
        said = subprocess.run([path, "-version"], stderr=subprocess.PIPE, check=False).stderr.decode("utf-8", "replace")
        if any(f'version "{number}' in said for number in JAVAS):
            return os.path.realpath(path)
    return None


def python_for(stack: Stack) -> str | None:
    found = [python.path for python in test_pythons.find() if python.version[:2] == stack.python]
    return found[0] if found else None


def environment(stack: Stack, python: str) -> Path:
    """The stack's environment; made anew when its pins have changed."""
    folder = ROOT / ".envs" / f"spark-{stack.name}"
    stamp = folder / ".made"
    wanted = [*stack.pins, f"java {JAVAS}", (ROOT / "requirements" / "spark.txt").read_text(encoding="utf-8")]
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        build.run(python, "-m", "venv", folder)
        build.pip(folder, "install", "--quiet", "--requirement", ROOT / "requirements" / "spark.txt", *stack.pins)
        stamp.write_text("\n".join(wanted), encoding="utf-8")
    return folder


def install(folder: Path, wheel: Path | None) -> None:
    """The wheel, or, without one, this tree as it is."""
    if wheel is not None:
        build.pip(folder, "install", "--quiet", "--force-reinstall", "--no-deps", "--no-index", wheel)
        return
    (site,) = folder.glob("lib/python3*/site-packages")
    for old in site.glob("ironwheel*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    (site / "ironwheel-tree.pth").write_text(f"{ROOT / 'python'}\n", encoding="utf-8")


def test(folder: Path, tree: Path | None, arguments: list[str], java_home: str) -> int:
    work = ROOT / "target" / "spark" / folder.name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    environ.update(
        JAVA_HOME=java_home,
        SPARK_LOCAL_IP="127.0.0.1",
        SPARK_WORKER_DIR=str(work / "work"),
        SPARK_LOCAL_DIRS=str(work / "local"),
        IRONWHEEL_SPARK_STACK=folder.name.partition("-")[2],
        IRONWHEEL_LIBRARY="" if tree is None else str(tree),
        PYTHONPATH="",
        PYTHONDONTWRITEBYTECODE="1",
    )
    command = [
        str(folder / "bin" / "python"),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/spark",
        *arguments,
    ]
    try:
        return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    finally:
        shutil.rmtree(work, ignore_errors=True)
        for left in folder.glob("lib/python3*/site-packages/pyspark/work"):  # where a local cluster's executors run
            shutil.rmtree(left, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs tests/spark on the Sparks that Synapse and Fabric have.")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--all", action="store_true", help="all five stacks, not only Fabric's")
    chosen.add_argument("--quick", action="store_true", help="one stack: the newest whose Python is here")
    chosen.add_argument("--java", action="store_true", help="print the java that would be used, and run nothing")
    chosen.add_argument("--only", action="append", metavar="NAME", choices=[stack.name for stack in STACKS])
    parser.add_argument("--wheel", type=Path, help="a ready-made one, in place of building this tree")
    parser.add_argument(
        "--tree", type=Path, metavar="LIBRARY", help="no wheel: this tree's Python files with that library"
    )
    parser.add_argument("--remove", action="store_true", help="remove each environment after its tests")
    parser.add_argument("pytest", nargs="*", metavar="PYTEST ARGUMENTS", help="after --")
    arguments = parser.parse_args()
    names = [stack.name for stack in STACKS] if arguments.all else arguments.only or USUAL
    stacks = [stack for stack in reversed(STACKS) if stack.name in names]
    found = java()
    if found is None:
        print(
            "error: no Java 17 in JAVA_HOME or on PATH (Debian: apt-get install openjdk-17-jre-headless)",
            file=sys.stderr,
        )
        return 1
    if arguments.java:
        print(found)
        return 0
    os.chdir(ROOT)
    outcomes: list[tuple[str, str]] = []
    for stack in stacks:
        if arguments.quick and any(outcome.startswith("passed") for _, outcome in outcomes):
            break
        python = python_for(stack)
        words = f"Spark {stack.pyspark}, Python {stack.python[0]}.{stack.python[1]}, {', '.join(stack.others)}"
        if python is None:
            outcomes.append((stack.name, f"not run, no Python {stack.python[0]}.{stack.python[1]} here ({words})"))
            continue
        print(f"\n=== {stack.name}: {words}", flush=True)
        started = time.monotonic()
        try:
            folder = environment(stack, python)
            wheel = None if arguments.tree else (arguments.wheel or build.native()).resolve()
            install(folder, wheel)
            tree = arguments.tree.resolve() if arguments.tree else None
            status = test(folder, tree, arguments.pytest, str(Path(found).parent.parent))
            outcome = "passed" if status == 0 else f"FAILED: pytest's exit status {status}"
        except build.Failed as reason:
            outcome = f"FAILED: {reason}"
        outcomes.append((stack.name, f"{outcome}, {time.monotonic() - started:.0f} s ({words})"))
        if arguments.remove:
            shutil.rmtree(ROOT / ".envs" / f"spark-{stack.name}", ignore_errors=True)
        if arguments.quick and outcome != "passed":
            break
    print()
    for name, outcome in outcomes:
        print(f"{name:<12} {outcome}")
    ran = [outcome for _, outcome in outcomes if not outcome.startswith("not run")]
    if not ran:
        print("error: no stack could be run", file=sys.stderr)
    return 0 if ran and all(outcome.startswith("passed") for outcome in ran) else 1


if __name__ == "__main__":
    sys.exit(main())
