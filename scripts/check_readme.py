"""Do what README.md tells a reader to do, block by block; exit status 1 when it does not work as written.

usage: check_readme.py [README.md]    with the Python that has ironwheel installed

    sh      each line is run: `make` in this tree, the rest in a copy of it. `make test` is what called for
            this check, so that its being a target is all that is asked for here.
    python  each statement is run in that copy. A comment after it that starts with an exception's name says
            what it must raise; one that starts like a value is the value, with ... for what was left out.
    c       compiled with the command the text gives (`cc hello.c ...`), without a warning, and run.

Links to files of this tree must lead somewhere, and every `make` and `./build.ps1` target must exist.
A block under a line `<!-- not run: REASON -->` is left alone, and the reason is printed.
"""

from __future__ import annotations

import ast
import builtins
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"(?:<!-- not run: (?P<reason>.+?) -->\n+)?^```(?P<kind>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Wrong(Exception):
    """Where the README is not true."""


def shell(code: str, copy: Path) -> None:
    for line in code.splitlines():
        command = line.split(" #")[0].strip()
        if not command or command == "make test":
            continue
        where = ROOT if command.startswith("make ") else copy
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path, "COLUMNS": "100"}
        print(f"$ {command}", flush=True)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise Wrong(f"{command}: exit status {done.returncode}\n{output}")
        if not output.strip():
            raise Wrong(f"{command} printed nothing")


def comments(code: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}


def python(code: str, copy: Path) -> None:
    notes = comments(code)
    names: dict[str, object] = {"__name__": "__readme__"}
    before = os.getcwd()
    os.chdir(copy)
    try:
        for statement in ast.parse(code).body:
            source = ast.get_source_segment(code, statement) or ""
            note = notes.get(statement.end_lineno or statement.lineno, "")
            wanted = getattr(builtins, re.split(r"\W", note)[0], None)
            print(f">>> {source}", flush=True)
            if isinstance(wanted, type) and issubclass(wanted, BaseException):
                raises(source, names, wanted)
            elif isinstance(statement, ast.Expr):
                value = eval(compile(source, "README.md", "eval"), names)
                gives(source, value, note)
            else:
                exec(compile(source, "README.md", "exec"), names)
    finally:
        os.chdir(before)


def raises(source: str, names: dict[str, object], wanted: type[BaseException]) -> None:
    try:
        exec(compile(source, "README.md", "exec"), names)
    except wanted as error:
        print(f"    {wanted.__name__}: {error}")
        return
    raise Wrong(f"{source} does not raise {wanted.__name__}")


def gives(source: str, value: object, note: str) -> None:
    if re.match(r"[\[({\"'\d-]|array\(|True\b|False\b|None\b", note):
        if not doctest.OutputChecker().check_output(note + "\n", repr(value) + "\n", LIKE):
            raise Wrong(f"{source} gives {value!r}, not {note}")
        print(f"    {note}")


def c(code: str, copy: Path, text: str) -> None:
    given = re.search(r"`(cc hello\.c [^`]+)`", text)
    if given is None:
        raise Wrong("a C program, and no command to build it with (`cc hello.c ...`)")
    (copy / "hello.c").write_text(code, encoding="utf-8")
    command = shlex.split(given.group(1)) + ["-std=c11", "-Wall", "-Wextra", "-Werror", "-o", "hello"]
    if not (ROOT / "target" / "release" / "libironwheel.so").exists():
        raise Wrong("target/release holds no library to link with; `make demo` builds it")
    (copy / "target").symlink_to(ROOT / "target")
    print(f"$ {given.group(1)}", flush=True)
    subprocess.run(command, cwd=copy, check=True)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(ROOT / "target" / "release")}
    done = subprocess.run(["./hello"], cwd=copy, env=environment, stdout=subprocess.PIPE)
    print(done.stdout.decode("utf-8").rstrip())
    if done.returncode != 0 or not done.stdout:
        raise Wrong(f"the C program printed {done.stdout!r} and exited with {done.returncode}")


def references(text: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (ROOT / link).exists():
            raise Wrong(f"a link leads to {link}, which is not there")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)\b(?=[`\s])", text):
        if f"`make {target}`" in text and not re.search(rf"^{target}:", makefile, re.M):
            raise Wrong(f"make {target} is no target of the Makefile")
    script = (ROOT / "build.ps1").read_text(encoding="utf-8")
    switches = set(re.findall(r"\[(?:switch|string)\] \$(\w+)", script.partition("param(")[2]))
    for name in re.findall(r"\./build\.ps1 -?(\w+)", text):
        if name not in switches:
            raise Wrong(f"./build.ps1 -{name} is no switch of build.ps1")


def main() -> int:
    readme = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    ran = left = 0
    try:
        references(text)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "ironwheel")
            for name in filter(None, tracked.decode("utf-8").split("\0")):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
            for block in FENCE.finditer(text):
                kind, code = block["kind"], block["code"]
                if block["reason"]:
                    left += 1
                    print(f"not run: {block['reason']}")
                    continue
                if kind == "sh":
                    shell(code, copy)
                elif kind == "python":
                    python(code, copy)
                elif kind == "c":
                    c(code, copy, text)
                else:
                    continue
                ran += 1
    except Wrong as reason:
        print(f"error: {readme.name}: {reason}", file=sys.stderr)
        return 1
    print(f"{readme.name}: {ran} passed, 0 failed, {left} skipped")
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main())
