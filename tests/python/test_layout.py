"""Sizes and offsets: what a C compiler makes of the header is what ctypes makes of _abi.py."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ironwheel import _abi

Layout = "dict[str, int]"


def structures() -> list[type[ctypes.Structure]]:
    kinds = [kind for kind in vars(_abi).values() if isinstance(kind, type) and issubclass(kind, ctypes.Structure)]
    assert kinds, "_abi.py declares no structure"
    return kinds


def of_ctypes() -> dict[str, int]:
    found = {}
    for kind in structures():
        found[f"sizeof({kind.__name__})"] = ctypes.sizeof(kind)
        found[f"alignof({kind.__name__})"] = ctypes.alignment(kind)
        for name, field, *_ in kind._fields_:
            found[f"offsetof({kind.__name__}, {name})"] = getattr(kind, name).offset
            found[f"sizeof({kind.__name__}.{name})"] = ctypes.sizeof(field)
    return found


def program() -> str:
    """C that prints a line for each fact, from the header alone."""
    lines = ["#include <ironwheel.h>", "#include <stdalign.h>", "#include <stdio.h>", "int main(void) {"]
    for kind in structures():
        # Some structures are declared as `struct name` only, as Arrow's own specification does.
        name = f"iw_layout_{kind.__name__}"
        lines.insert(3, f"typedef {spelled(kind.__name__)} {name};")
        lines.append(f'printf("sizeof({kind.__name__})=%zu\\n", sizeof({name}));')
        lines.append(f'printf("alignof({kind.__name__})=%zu\\n", alignof({name}));')
        for field, *_ in kind._fields_:
            lines.append(f'printf("offsetof({kind.__name__}, {field})=%zu\\n", offsetof({name}, {field}));')
            lines.append(f'printf("sizeof({kind.__name__}.{field})=%zu\\n", sizeof((({name} *)0)->{field}));')
    return "\n".join([*lines, "return 0;", "}"])


def spelled(name: str) -> str:
    header = (Path(__file__).resolve().parents[2] / "include" / "ironwheel.h").read_text(encoding="utf-8")
    return name if f"}} {name};" in header else f"struct {name}"


def of_c(folder: Path, root: Path, compiler: str) -> dict[str, int]:
    source, target = folder / "layout.c", folder / "layout"
    source.write_text(program(), encoding="utf-8")
    command = [
        compiler,
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{root / 'include'}",
        str(source),
        "-o",
        str(target),
    ]
    built = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert built.returncode == 0, built.stderr
    printed = subprocess.run([str(target)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: int(value) for name, value in (line.rsplit("=", 1) for line in printed.splitlines())}


@pytest.mark.skipif(sys.platform == "win32", reason="drives a compiler with the options of gcc")
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_structures_lie_in_memory_as_c_lays_them_out(compiler: str, tmp_path: Path, root: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not here")
    assert of_c(tmp_path, root, compiler) == of_ctypes()


def test_a_wrong_declaration_would_be_noticed(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above compares something: a field of another width makes it fail."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not here")

    class iw_bytes(ctypes.Structure):
        _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_uint32), ("owner", ctypes.c_void_p)]

    monkeypatch.setattr(_abi, "iw_bytes", iw_bytes)
    assert of_c(tmp_path, root, "gcc") != of_ctypes()
