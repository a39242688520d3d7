"""Build every C program of this folder against the installed package, and run it under each checker.

usage: run.py [--require TOOL]... [PROGRAM.c]...    with the Python that has ironwheel installed

Header and library come out of the package, as they would for somebody who has nothing but the wheel. Each
program is C11 without extensions and without a warning, exits 0 when all it checks holds, and gets a scratch
folder as its argument. It is built by gcc and by clang, run plain, under AddressSanitizer with
UndefinedBehaviorSanitizer (leaks included), and under valgrind. What this machine lacks is named and left out;
with --require TOOL (gcc, clang, g++, sanitizers, valgrind, or all) it is a failure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import ironwheel
from ironwheel._lib import path as library_path

HERE = Path(__file__).resolve().parent
PACKAGE = Path(ironwheel.__file__).resolve().parent
INCLUDE = PACKAGE / "include" if (PACKAGE / "include").is_dir() else HERE.parent.parent / "include"
LIBRARY = Path(library_path)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
ENVIRONMENT = {
    **os.environ,
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"]


class Failed(Exception):
    """What a compiler or a program said."""


def run(command: list[str], what: str) -> None:
    done = subprocess.run(
        command,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )
    if done.returncode != 0:
        raise Failed(f"{what}: exit status {done.returncode}\n{done.stdout.decode('utf-8', 'replace')}")


def build(compiler: str, program: Path, flags: list[str], folder: Path) -> str:
    target = folder / "program"
    link = [f"-L{LIBRARY.parent}", "-lironwheel", f"-Wl,-rpath,{LIBRARY.parent}", "-lm", "-pthread"]
    command = [compiler, "-std=c11", "-O1", "-g", *WARNINGS, *flags, f"-I{INCLUDE}", str(program), "-o", str(target)]
    run([*command, *link], f"{compiler} {program.name}")
    return str(target)


def checked(compiler: str, mode: str, program: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scratch = folder / "scratch"
        scratch.mkdir()
        built = build(compiler, program, SANITIZERS if mode == "sanitizers" else [], folder)
        before = VALGRIND if mode == "valgrind" else []
        run([*before, built, str(scratch)], f"{program.name} ({compiler}, {mode})")


def header_alone(compiler: str, standard: str) -> None:
    """The header needs nothing included before it, in C and in C++."""
    with tempfile.TemporaryDirectory() as folder:
        suffix = "cpp" if "++" in standard else "c"
        source = Path(folder, f"alone.{suffix}")
        source.write_text("#include <ironwheel.h>\n#include <ironwheel.h>\nint main(void) { return 0; }\n")
        flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        run([compiler, f"-std={standard}", *flags, f"-I{INCLUDE}", str(source)], f"{compiler} -std={standard}")


def has_sanitizers(compiler: str) -> bool:
    """Whether a sanitized program links and runs; clang comes without its runtime on some systems."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "empty.c"), str(Path(folder, "empty"))
        source.write_text("int main(void) { return 0; }\n")
        command = [compiler, *SANITIZERS, str(source), "-o", target]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            return False
        return subprocess.run([target], env=ENVIRONMENT).returncode == 0


def plan(programs: list[Path]) -> tuple[list[tuple[str, object]], dict[str, str]]:
    """The checks this machine can do, and what it lacks for the others."""
    checks: list[tuple[str, object]] = []
    absent: dict[str, str] = {}
    for compiler in ("gcc", "clang"):
        if shutil.which(compiler) is None:
            absent[compiler] = f"Debian: apt-get install {compiler}"
            continue
        checks.append((f"header alone ({compiler})", lambda c=compiler: header_alone(c, "c11")))
        modes = ["plain"]
        if has_sanitizers(compiler):
            modes.append("sanitizers")
        else:
            absent[f"sanitizers ({compiler})"] = "Debian: apt-get install libclang-rt-dev"
        if compiler == "gcc" and shutil.which("valgrind"):
            modes.append("valgrind")
        for program in programs:
            for mode in modes:
                name = f"{program.name} ({compiler}, {mode})"
                checks.append((name, lambda c=compiler, m=mode, p=program: checked(c, m, p)))
    if shutil.which("valgrind") is None:
        absent["valgrind"] = "Debian: apt-get install valgrind"
    if shutil.which("g++"):
        checks.append(("header alone (g++)", lambda: header_alone("g++", "c++11")))
    else:
        absent["g++"] = "Debian: apt-get install g++"
    return checks, absent


def main() -> int:
    parser = argparse.ArgumentParser(description="Build and run the C programs of tests/c.")
    parser.add_argument("programs", nargs="*", type=Path)
    parser.add_argument("--require", action="append", default=[], metavar="TOOL")
    arguments = parser.parse_args()
    programs = [path.resolve() for path in arguments.programs] or sorted(HERE.glob("*.c"))
    checks, absent = plan(programs)
    passed = failed = 0
    print(f"C programs against {LIBRARY}")
    for name, call in checks:
        try:
            call()  # type: ignore[operator]
            passed += 1
            print(f"  ok      {name}")
        except (Failed, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"  FAILED  {name}\n{error}")
    for tool, remedy in absent.items():
        wanted = "all" in arguments.require or tool.split()[0] in arguments.require
        failed += wanted
        print(f"  {'FAILED ' if wanted else 'not run'} {tool} is not here; {remedy}")
    print(f"{passed} passed, {failed} failed, {len(absent)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
