"""The library exports what the header declares, and not a symbol more."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ironwheel import _abi
from ironwheel._lib import path as library


def exported() -> list[str]:
    if shutil.which("nm") is None:
        pytest.skip("nm is not here (Debian: apt-get install binutils)")
    listing = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--format=posix", library],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [line.split()[0] for line in listing.stdout.splitlines()]


def declared(root: Path) -> set[str]:
    header = (root / "include" / "ironwheel.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    return set(re.findall(r"\b(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\);", code)) - {"void"}


def test_only_our_names_are_exported() -> None:
    names = exported()
    assert names
    odd = [name for name in names if not name.startswith("iw_") and name not in ("multiply", "write_line")]
    assert odd == []


def test_exports_are_the_functions_of_the_header(root: Path) -> None:
    assert set(exported()) == declared(root)


def test_every_declared_function_can_be_called_through_ctypes(root: Path) -> None:
    assert set(_abi.FUNCTIONS) == declared(root)
    found = ctypes.CDLL(library)
    assert [name for name in _abi.FUNCTIONS if not hasattr(found, name)] == []


def test_every_declaration_is_documented(root: Path) -> None:
    """A header without a comment over a function is no manual."""
    header = (root / "include" / "ironwheel.h").read_text(encoding="utf-8")
    bare = [name for name in sorted(declared(root)) if not re.search(rf"\*/\n[^\n;]*\b{name}\(", header)]
    assert bare == []
