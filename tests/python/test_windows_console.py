"""A console of Windows, real though nobody sees it: what arrives there, and Ctrl-C.

A pseudo console (Windows 10 of 2018, Wine 8) is a console whose screen is a pipe that we read.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
import threading
from ctypes import byref, wintypes
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from ironwheel import text

if sys.platform != "win32":
    pytest.skip("is about Windows", allow_module_level=True)

COLUMNS, ROWS = 71, 23
PATIENCE = 200_000  # milliseconds; a hang is to fail, and a slow machine is not
VIRTUAL_TERMINAL = 4  # ENABLE_VIRTUAL_TERMINAL_PROCESSING
# Runs a script with the console as its standard streams, which a pseudo console does not see to in every Windows.
WITH_STREAMS = (
    "import subprocess, sys; keys, screen = open('CONIN$'), open('CONOUT$', 'w')\n"
    "sys.exit(subprocess.call([sys.executable, *sys.argv[1:]], stdin=keys, stdout=screen, stderr=screen))"
)
kernel32: Any = ctypes.WinDLL("kernel32", use_last_error=True)


class Startup(ctypes.Structure):
    """STARTUPINFOEXW; of its fields only the first, the flags and the last are used."""

    _fields_ = [
        ("size", wintypes.DWORD),
        ("names", wintypes.LPWSTR * 3),
        ("place", wintypes.DWORD * 7),
        ("flags", wintypes.DWORD),
        ("reserved", wintypes.WORD * 2),
        ("handles", ctypes.c_void_p * 4),
        ("attributes", ctypes.c_void_p),
    ]


class Started(ctypes.Structure):
    """PROCESS_INFORMATION."""

    _fields_ = [
        ("process", wintypes.HANDLE), ("thread", wintypes.HANDLE),
        ("process_id", wintypes.DWORD), ("thread_id", wintypes.DWORD),
    ]  # fmt: skip


def done(result: int, call: str) -> None:
    if not result:
        raise OSError(f"{call}: {ctypes.WinError(ctypes.get_last_error())}")


def pipe() -> Tuple[wintypes.HANDLE, wintypes.HANDLE]:
    reads, writes = wintypes.HANDLE(), wintypes.HANDLE()
    done(kernel32.CreatePipe(byref(reads), byref(writes), None, 0), "CreatePipe")
    return reads, writes


def run_in_console(*arguments: str) -> Tuple[int, str]:
    """Python with these arguments, the first process of a console of its own: its exit status, and what was shown."""
    keys, ours = pipe()
    screen, theirs = pipe()
    console = ctypes.c_void_p()
    size = wintypes.DWORD(COLUMNS | ROWS << 16)
    failed = kernel32.CreatePseudoConsole(size, keys, theirs, wintypes.DWORD(0), byref(console))
    assert failed == 0, f"CreatePseudoConsole: {failed & 0xFFFFFFFF:#x}"
    needed = ctypes.c_size_t()
    kernel32.InitializeProcThreadAttributeList(None, 1, 0, byref(needed))
    attributes = ctypes.create_string_buffer(needed.value)
    done(
        kernel32.InitializeProcThreadAttributeList(attributes, 1, 0, byref(needed)), "InitializeProcThreadAttributeList"
    )
    pseudo_console, size_of_handle = ctypes.c_size_t(0x20016), ctypes.c_size_t(ctypes.sizeof(console))
    done(
        kernel32.UpdateProcThreadAttribute(attributes, 0, pseudo_console, console, size_of_handle, None, None),
        "UpdateProcThreadAttribute",
    )
    use_handles, extended = 0x100, 0x80000  # no handles: those of pytest are pipes
    startup = Startup(size=ctypes.sizeof(Startup), flags=use_handles)
    startup.attributes = ctypes.addressof(attributes)
    started = Started()
    line = ctypes.create_unicode_buffer(subprocess.list2cmdline([sys.executable, *arguments]))
    done(
        kernel32.CreateProcessW(None, line, None, None, False, extended, None, None, byref(startup), byref(started)),
        "CreateProcessW",
    )
    pieces: List[bytes] = []

    def read() -> None:
        piece, count = ctypes.create_string_buffer(4096), wintypes.DWORD()
        while kernel32.ReadFile(screen, piece, 4096, byref(count), None) and count.value:
            pieces.append(piece.raw[: count.value])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    waited = kernel32.WaitForSingleObject(started.process, PATIENCE)
    if waited:
        kernel32.TerminateProcess(started.process, 1)
    status = wintypes.DWORD()
    done(kernel32.GetExitCodeProcess(started.process, byref(status)), "GetExitCodeProcess")
    for handle in (keys, theirs):  # the console has its own; the pipe ends with the last that can write
        kernel32.CloseHandle(handle)
    kernel32.ClosePseudoConsole(console)
    reader.join(PATIENCE / 1000)
    assert not reader.is_alive(), "the console was closed, and its screen goes on"
    for handle in (started.process, started.thread, ours, screen):
        kernel32.CloseHandle(handle)
    shown = b"".join(pieces).decode("utf-8")
    assert not waited, f"still running: {shown}"
    return status.value, shown


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for what a child found out, in an environment that says nothing about terminals."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLORTERM", "TERM", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("COLUMNS", "LINES", "PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "facts.json"


LOOK = """
import ctypes, json, sys
from ironwheel import text
kernel32 = ctypes.WinDLL("kernel32")
kernel32.GetStdHandle.restype = ctypes.c_void_p
def mode():
    found = ctypes.c_ulong()
    assert kernel32.GetConsoleMode(ctypes.c_void_p(kernel32.GetStdHandle(-11)), ctypes.byref(found))
    return found.value
before, found = mode(), text.detect()
facts = {name: getattr(found, name) for name, _ in found._fields_}
with open(sys.argv[1], "w") as file:
    json.dump({**facts, "before": before, "after": mode()}, file)
text.print("[red]grüße 世界[/]")
"""


def test_a_console_has_its_size_gets_colours_and_all_of_unicode(facts: Path) -> None:
    status, shown = run_in_console("-c", WITH_STREAMS, "-c", LOOK, str(facts))
    assert status == 0, shown
    found: Dict[str, int] = json.loads(facts.read_text())
    assert (found["is_terminal"], found["width"], found["height"], found["unicode"]) == (1, COLUMNS, ROWS, 1)
    assert found["after"] == found["before"] | VIRTUAL_TERMINAL
    assert re.search(r"\x1b\[[0-9;]*m" + "grüße 世界" + r"\x1b\[", shown), shown


def test_no_color_is_none_on_a_console_either(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    status, shown = run_in_console("-c", WITH_STREAMS, "-c", LOOK, str(facts))
    assert status == 0 and "grüße 世界" in shown
    assert not re.search(r"\x1b\[(31|91|38;[0-9;]*)m", shown), shown


def test_write_line_reaches_a_console_in_colours_whatever_its_code_page(facts: Path) -> None:
    from ironwheel._lib import path

    code = f"import ctypes; ctypes.CDLL({path!r}).write_line('grüße 世界'.encode())"
    status, shown = run_in_console("-c", WITH_STREAMS, "-c", code)
    assert status == 0, shown
    assert re.search(r"\x1b\[[0-9;]*mgrüße 世界\x1b\[[0-9;]*m via \x1b\[[0-9;]*mironwheel\x1b\[", shown), shown


def test_the_command_line_shows_people_a_table(facts: Path) -> None:
    (facts.parent / "世界.txt").write_bytes(b"one\ntwo\n")
    status, shown = run_in_console("-c", WITH_STREAMS, "-m", "ironwheel", "count", str(facts.parent / "世界.txt"))
    assert status == 0 and "世界.txt" in shown and "╭" in shown, shown
    assert max(map(text.width, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).splitlines())) <= COLUMNS


def test_ctrl_c_stops_native_work(facts: Path) -> None:
    code = (
        "import ctypes, sys, threading; from ironwheel import arrays; arrays.mandelbrot(2, 2, 1)\n"
        "begun = threading.Event()\n"
        "def report(done, total): begun.set()\n"
        "def press(): begun.wait(); ctypes.WinDLL('kernel32').GenerateConsoleCtrlEvent(0, 0)\n"
        "threading.Thread(target=press).start()\n"
        "out = open(sys.argv[1], 'w')\n"
        "try:\n    while True: arrays.mandelbrot(1500, 1500, iterations=50_000, progress=report)\n"
        "except KeyboardInterrupt: print('stopped', file=out, flush=True)"
    )
    status, shown = run_in_console("-c", code, str(facts))
    assert (status, facts.read_text().strip()) == (0, "stopped"), shown


def test_ctrl_c_ends_the_command_with_its_own_status(facts: Path) -> None:
    code = (
        "import ctypes, sys, threading, ironwheel.cli, ironwheel.ints as ints; primes = ints.primes\n"
        "press = threading.Thread(target=ctypes.WinDLL('kernel32').GenerateConsoleCtrlEvent, args=(0, 0))\n"
        "def forever(*arguments):\n    primes(0, 10), press.start()\n    while True: primes(0, 10**7)\n"
        "ints.primes = forever\n"
        "sys.exit(ironwheel.cli.main(['primes', '1000']))"
    )
    status, shown = run_in_console("-c", code)
    assert status == 130, shown
