"""Loading, the sample's own client, errors and threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ironwheel as iw
import pytest
from ironwheel import _abi
from ironwheel._lib import path as LIBRARY


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def test_the_sample_client_loads_the_path_and_calls_both() -> None:
    code = f"""
from ctypes import cdll
library = cdll.LoadLibrary({LIBRARY!r})
assert library.multiply(6, 7) == 42
assert library.write_line("grüße".encode()) == 0
assert library.write_line(None) == -1
assert library.write_line(b"\\xff") == -1
"""
    done = run(code, CLICOLOR_FORCE="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "grüße via ironwheel\n"


def test_the_sample_colours_its_line_where_colour_is_asked_for() -> None:
    done = run(f"import ctypes; ctypes.CDLL({LIBRARY!r}).write_line(b'hi')", CLICOLOR_FORCE="1")
    assert done.stdout == "\x1b[31mhi\x1b[0m via \x1b[32mironwheel\x1b[0m\n"


def test_a_missing_library_is_an_import_error_with_path_reason_and_remedy() -> None:
    done = run("import ironwheel", IRONWHEEL_LIBRARY="/nowhere/lib.so")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: ironwheel could not load {os.path.abspath('/nowhere/lib.so')}")
    assert "pip install -e ." in last and "IRONWHEEL_LIBRARY" in last


def test_another_library_is_refused_naming_both_sides(tmp_path: Path) -> None:
    package = tmp_path / "ironwheel"
    shutil.copytree(Path(iw.__file__).parent, package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    abi = package / "_abi.py"
    mine = f"0x{_abi.FINGERPRINT:016x}"
    abi.write_text(abi.read_text(encoding="utf-8").replace(mine, "0x00000000deadbeef"), encoding="utf-8")
    done = run(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import ironwheel", IRONWHEEL_LIBRARY=LIBRARY)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError") and LIBRARY in last
    assert f"{_abi.FINGERPRINT:016x}" in last and "00000000deadbeef" in last


@pytest.mark.skipif(sys.platform != "linux", reason="names a Linux library")
def test_a_library_of_another_kind_has_no_fingerprint() -> None:
    done = run("import ironwheel", IRONWHEEL_LIBRARY=_libc())
    assert "no ABI fingerprint" in done.stderr.strip().splitlines()[-1]


def _libc() -> str:
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return next(line.split()[-1] for line in maps if "libc.so" in line or "libc-" in line)


@pytest.mark.parametrize("count", [0, -1, 1025, 2**64 + 1])
def test_threads_out_of_range_are_refused_by_value(count: int) -> None:
    with pytest.raises(ValueError, match=f"threads must be in 1..=1024, got {count}"):
        iw.set_threads(count)


def test_threads_of_the_wrong_type() -> None:
    with pytest.raises(TypeError, match="got float"):
        iw.set_threads(2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "openmp", "expected"),
    [("3", "5", "3"), ("", "5,2", "5"), ("", "zero", None), ("many", "", "ValueError"), ("0", "", "ValueError")],
)
def test_the_environment_sets_the_number_of_threads(own: str, openmp: str, expected: str | None) -> None:
    code = "import ironwheel as iw\ntry: print(iw.threads())\nexcept ValueError as e: print('ValueError', e)"
    printed = run(code, IRONWHEEL_NUM_THREADS=own, OMP_NUM_THREADS=openmp).stdout.strip()
    if expected == "ValueError":
        assert printed.startswith("ValueError IRONWHEEL_NUM_THREADS") and repr(own).strip("'") in printed
    else:
        # Without a usable variable: the CPUs this process may use, which a cgroup quota can lower.
        allowed = {expected} if expected else {str(n) for n in range(1, (os.cpu_count() or 1) + 1)}
        assert printed in allowed


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="affinity masks are Linux's")
def test_one_cpu_means_one_thread() -> None:
    cpu = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{cpu}}}); import ironwheel as iw; print(iw.threads())"
    assert run(code, IRONWHEEL_NUM_THREADS="", OMP_NUM_THREADS="").stdout.strip() == "1"


def test_version_is_the_distribution_s() -> None:
    metadata = pytest.importorskip("importlib.metadata", reason="Python 3.8 or newer")
    try:
        installed = metadata.version("ironwheel")
    except metadata.PackageNotFoundError:
        pytest.skip("ironwheel runs from the source tree, not installed")
    assert iw.__version__ == installed
