"""One real answer from each domain, with nothing but the standard library, in every Python there is."""

from __future__ import annotations

import array
import errno
import os
import subprocess
import sys
from pathlib import Path

import ironwheel as iw
import pytest

# An Arrow stream crosses to Python through ctypes.pythonapi, which is CPython's.
SPEAKS_ARROW = pytest.mark.skipif(sys.implementation.name != "cpython", reason="Arrow capsules are CPython's")


def test_integers_are_exact_or_an_error() -> None:
    assert iw.ints.gcd(2**40 * 15, 2**38 * 25) == 2**38 * 5
    assert iw.ints.isqrt(2**64 - 1) == 2**32 - 1
    assert iw.ints.is_prime(2**61 - 1) is True
    assert iw.ints.is_prime(3215031751) is False  # passes Fermat and Miller-Rabin to bases 2, 3, 5 and 7
    assert list(iw.ints.primes(10, 30)) == [11, 13, 17, 19, 23, 29]
    with pytest.raises(OverflowError):
        iw.ints.mul(2**40, 2**40)


def test_integers_of_an_array_are_answered_in_kind() -> None:
    assert list(iw.ints.gcd(array.array("q", [12, 18, 0]), 6)) == [6, 6, 6]


def test_text_is_rendered_to_a_width() -> None:
    assert iw.text.render("[bold red]hi[/]", width=20, color="none").strip() == "hi"
    assert "\x1b[" in iw.text.render("[bold red]hi[/]", width=20, color="true_color")
    table = iw.text.render({"type": "table", "columns": ["a", "b"], "rows": [["1", "2"]]}, width=20, color="none")
    assert [word for word in table.split() if word.isalnum()] == ["a", "b", "1", "2"]


def test_files_are_hashed_counted_and_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "grüße.txt"
    iw.files.write_text(target, "one\ntwo\n")
    assert target.read_bytes() == b"one\ntwo\n"
    assert iw.files.count_lines(target) == 2
    empty = tmp_path / "empty"
    empty.touch()
    assert iw.files.hash(empty) == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert iw.files.hash(empty, "sha256") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert {"empty", "grüße.txt"} <= {os.path.basename(entry.path) for entry in iw.files.scan(tmp_path)}


def test_a_missing_file_is_the_error_python_raises(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(FileNotFoundError) as raised:
        iw.files.hash(missing)
    assert raised.value.errno == errno.ENOENT
    assert os.fspath(raised.value.filename) == str(missing)


def test_arrays_of_the_standard_library_are_reduced() -> None:
    values = array.array("d", [1.0, 2.0, 4.0])
    assert float(iw.arrays.sum(values)) == 7.0
    assert float(iw.arrays.max(values)) == 4.0
    assert float(iw.arrays.mean(array.array("i", [1, 2]))) == 1.5


@SPEAKS_ARROW
def test_a_table_of_files_is_profiled(tmp_path: Path) -> None:
    for size in (1, 20, 300):
        (tmp_path / f"{size}.bin").write_bytes(b"x" * size)
    printed = str(iw.frames.profile(iw.files.scan(tmp_path, "*.bin")))
    assert all(column in printed for column in ("path", "kind", "size", "mtime", "mode"))
    assert "300" in printed


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: iw.set_threads(0), ValueError, "threads"),
        (lambda: iw.ints.gcd("12", 6), TypeError, "str"),
        (lambda: iw.files.hash(b"\0"), ValueError, "NUL|null"),
        (lambda: iw.files.hash(".", "md17"), ValueError, "md17"),
        (lambda: iw.arrays.sum(array.array("d", [1.0]), axis=3), ValueError, "3"),
        (lambda: iw.text.render({"type": "no such thing"}), ValueError, "no such thing"),
        pytest.param(lambda: iw.frames.profile(17), TypeError, "int", marks=SPEAKS_ARROW),
    ],
    ids=["threads", "type", "path", "algorithm", "axis", "spec", "table"],
)  # fmt: skip
def test_wrong_input_is_a_clear_error(call, error, named) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=named):
        call()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is Unix's")
def test_threads_work_after_a_fork() -> None:
    iw.set_threads(4)
    try:
        expected = len(iw.ints.primes(0, 3_000_000))
        child = os.fork()
        if child == 0:
            os._exit(0 if len(iw.ints.primes(0, 3_000_000)) == expected == 216_816 else 1)
        assert os.waitpid(child, 0)[1] == 0
    finally:
        iw.set_threads(None)


def test_the_command_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ironwheel"]
    version = subprocess.run([*command, "--version"], stdout=subprocess.PIPE, check=True)
    assert version.stdout.decode().split() == ["ironwheel", iw.__version__]
    primes = subprocess.run([*command, "primes", "1", "30"], stdout=subprocess.PIPE, check=True)
    assert primes.stdout.split()[-1] == b"29"
    missing = subprocess.run([*command, "hash", str(tmp_path / "missing")], stderr=subprocess.PIPE, check=False)
    assert missing.returncode == 2
    assert b"missing" in missing.stderr
