"""What builds and judges the wheels: each of its judgements is shown something it has to refuse."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def script(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    if sys.version_info < (3, 10):
        pytest.skip("the tools of development want Python 3.10 or newer")
    monkeypatch.syspath_prepend(str(root / "scripts"))

    def load(name: str) -> ModuleType:
        for known in ("pe", "mingw", name):
            sys.modules.pop(known, None)
        return importlib.import_module(name)

    return load


def dll(imports: list[str], exports: list[str], machine: int = 0x8664) -> bytes:
    """The least that is a DLL: headers, and one section at the address 0x1000 with both tables."""
    base, body = 0x1000, bytearray(0x200)  # room for the tables; names come after
    places = {}
    for name in imports + exports:
        places[name] = base + len(body)
        body += name.encode() + b"\0"
    for index, name in enumerate(imports):
        struct.pack_into("<5I", body, 20 * index, 0, 0, 0, places[name], 0)
    struct.pack_into("<11I", body, 0x100, *(0,) * 6, len(exports), 0, base + 0x140, 0, 0)
    for index, name in enumerate(sorted(exports)):
        struct.pack_into("<I", body, 0x140 + 4 * index, places[name])
    optional = struct.pack("<H106xI", 0x20B, 16)
    optional += struct.pack("<4I", base + 0x100 if exports else 0, 40, base if imports else 0, 40).ljust(128, b"\0")
    section = struct.pack("<8s4I16x", b".rdata", len(body), base, len(body), 0x400)
    header = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 7, 0, 0, len(optional), 0x2000) + optional + section
    return (b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + header).ljust(0x400, b"\0") + bytes(body)


def test_a_dll_is_taken_apart(script: Any) -> None:
    found = script("pe").read(dll(["KERNEL32.dll", "ntdll.dll"], ["iw_b", "iw_a"]))
    assert found == (["kernel32.dll", "ntdll.dll"], ["iw_a", "iw_b"], 7)
    assert script("pe").read(dll([], [])) == ([], [], 7)


def test_what_is_no_dll_is_refused_never_a_crash(script: Any) -> None:
    pe = script("pe")
    good = dll(["kernel32.dll"], ["iw_a"])
    for wrong in [b"", b"MZ", b"\x7fELF" + bytes(100), dll([], [], machine=0xAA64)]:
        with pytest.raises(pe.NotADll):
            pe.read(wrong)
    for length in range(len(good)):
        with contextlib.suppress(pe.NotADll):
            pe.read(good[:length])
    for place in range(len(good)):
        damaged = bytearray(good)
        damaged[place] ^= 0xFF
        with contextlib.suppress(pe.NotADll):
            pe.read(bytes(damaged))


def test_a_dll_that_needs_or_exports_something_else_is_refused(script: Any, tmp_path: Path) -> None:
    mingw = script("mingw")
    header = tmp_path / "x.h"
    header.write_text("/* iw_not(void); */\nint32_t iw_a(void);\nvoid iw_b(int (*f)(int), int);\n", encoding="utf-8")
    assert mingw.problems(dll(["KERNEL32.dll"], ["iw_a", "iw_b"]), header) == []
    for imports, exports, said in [
        (["kernel32.dll", "libgcc_s_seh-1.dll"], ["iw_a", "iw_b"], "needs .*: libgcc_s_seh-1.dll"),
        (["kernel32.dll"], ["iw_a"], "lacks .*: iw_b"),
        (["kernel32.dll"], ["iw_a", "iw_b", "rust_eh"], "exports .*: rust_eh"),
    ]:
        (problem,) = mingw.problems(dll(imports, exports), header)
        assert re.search(said, problem)
    assert "is no DLL" in mingw.problems(b"\x7fELF", header)[0]


@pytest.mark.parametrize(
    ("report", "count"),
    [
        ("....\n12 passed in 3.21s\n", 12),
        ("== 1205 passed, 90 skipped, 2 warnings in 300.01s (0:05:00) ==\n", 1205),
        ("1 passed, 1 deselected, 1 xfailed in 0.10s", 1),
        ("1 failed, 12 passed in 3.21s", None),
        ("12 passed, 1 error in 3.21s", None),
        ("12 passed, 1 xpassed in 3.21s", None),
        ("no tests ran in 0.01s", None),
        ("90 skipped in 1.00s", None),
        ("12 passed in 3.21s\nwine: Unhandled page fault", None),
        ("....", None),
        ("", None),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the script runs Wine, on Linux")
def test_only_the_last_line_of_pytest_counts(script: Any, report: str, count: int | None) -> None:
    test_windows = script("test_windows")
    if count is not None:
        assert test_windows.passed(report) == count
    else:
        with pytest.raises(test_windows.Failed, match="no success"):
            test_windows.passed(report)


GOOD = """
param([switch] $Demo, [string] $Python = 'a ? b : c && d')
# ?? and ?. in a comment are no harm
function Get-Thing([string] $Name) { if ($Name -and -not $Demo) { return "$($Name)?" } else { return '' } }
$x = Get-Thing 'a || b'
if ($x) { Write-Host "a && b" | Where-Object { $_ -notin @('.a', '.b') } }
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", None),
        ("$y = $x ? 1 : 2", "a ? b : c is PowerShell 7"),
        ("$y = $x ?? 2", "?? is PowerShell 7"),
        ("$y ??= 2", "??= is PowerShell 7"),
        ("cargo build && cargo test", "&& and || between commands are PowerShell 7"),
        ("cargo build || exit 1", "&& and || between commands are PowerShell 7"),
        ("$y = ${x}?.Length", "?. and ?[] are PowerShell 7"),
        ("$y = ${x}?[0]", "?. and ?[] are PowerShell 7"),
        ("if ($IsWindows) { exit 1 }", "is not there in 5.1"),
        ("1..3 | ForEach-Object -Parallel { $_ }", "-Parallel is PowerShell 7"),
        ("function f { clean { exit } }", "a clean block is PowerShell 7"),
        ("if ($x) {", "syntax error"),
        ("Get-Nothing", "neither defined here nor a known cmdlet"),
    ],
)
def test_a_script_that_powershell_5_1_does_not_read_is_refused(
    script: Any, tmp_path: Path, line: str, said: str | None
) -> None:
    pytest.importorskip("tree_sitter", reason="reads PowerShell")
    pytest.importorskip("tree_sitter_pwsh", reason="the grammar of PowerShell")
    path = tmp_path / "x.ps1"
    path.write_text(GOOD + line + "\n", encoding="utf-8")
    found = script("check_ps1").problems(path)
    if said is None:
        assert found == []
    else:
        assert any(said in problem for problem in found), found


def test_build_ps1_asks_only_for_tasks_there_are(root: Path) -> None:
    code = (root / "build.ps1").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$tasks \+?= @?\(?'([a-z-]+)'(?:, '([a-z-]+)')?", code))
    names = {name for pair in asked for name in pair if name}
    assert {"library", "demo", "test", "wheel"} <= names
    done = subprocess.run(
        [sys.executable, str(root / "scripts" / "build.py"), "--help"], capture_output=True, text=True, check=True
    )
    assert [name for name in sorted(names) if f"\n  {name} " not in done.stdout] == []


def test_a_stamp_is_stale_when_a_source_is_newer_or_it_says_something_else(script: Any, tmp_path: Path) -> None:
    build = script("build")
    source, stamp = tmp_path / "src", tmp_path / ".made"
    source.mkdir()
    (source / "a.rs").write_text("", encoding="utf-8")
    assert build.stale(stamp, [str(source)])
    stamp.write_text("tree", encoding="utf-8")
    os.utime(source / "a.rs", (1000, 1000))
    assert not build.stale(stamp, [str(source)], "tree")
    assert build.stale(stamp, [str(source)], "other")
    (source / "a.so").write_text("", encoding="utf-8")
    os.utime(source / "a.so", (2**32, 2**32))
    assert not build.stale(stamp, [str(source)], "tree")
    os.utime(source / "a.rs", (2**32, 2**32))
    assert build.stale(stamp, [str(source)], "tree")


@pytest.mark.parametrize(
    ("tag", "inside", "lands"),
    [
        ("win_amd64", "ironwheel/ironwheel.dll", "artefacts/win-x64/ironwheel.dll"),
        ("linux_x86_64", "ironwheel/libironwheel.so", "artefacts/linux-x64/libironwheel.so"),
        ("linux_aarch64", "ironwheel/libironwheel.so", None),
    ],
)
def test_the_library_of_a_wheel_lands_where_ctypes_users_look(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: str, inside: str, lands: str | None
) -> None:
    build = script("build")
    monkeypatch.chdir(tmp_path)
    wheel = tmp_path / f"ironwheel-0.1.0-py3-none-{tag}.whl"
    for content in (b"first", b"second"):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(inside, content)
            archive.writestr("ironwheel/__init__.py", "")
        if lands is None:
            with pytest.raises(build.Failed, match="artefacts are for x64, and .*aarch64"):
                build.library(wheel)
        else:
            build.library(wheel)
            assert Path(lands).read_bytes() == content
            assert os.listdir(Path(lands).parent) == [Path(lands).name]


def test_a_failed_program_fails_the_task(script: Any) -> None:
    build = script("build")
    with pytest.raises(build.Failed, match="exit status 3"):
        build.run(sys.executable, "-c", "raise SystemExit(3)")
