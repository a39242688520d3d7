"""What Windows does in its own way: names in UTF-16, long paths, open files, processors, where DLLs are looked for."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import ironwheel as iw
import pytest
from ironwheel import files

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="is about Windows")

HIDDEN, SYSTEM = 2, 4
WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


@pytest.fixture
def deep(tmp_path: Path) -> str:
    """A folder whose path has more than the 260 characters of old; only the \\\\?\\ form is sure to make it."""
    path = os.path.join(str(tmp_path), *["a folder with a name of forty characters"] * 9)
    assert len(path) > 350
    os.makedirs("\\\\?\\" + path)
    return path


def test_long_paths_need_no_prefix(deep: str) -> None:
    path = os.path.join(deep, "x.txt")
    files.write_text(path, "one\ntwo\n")
    files.write_text(path, "three\n")
    assert files.read_text(path) == "three\n" and files.count_lines(path) == 1
    assert files.hash(path) == files.hash("\\\\?\\" + path)
    assert files.scan(deep).paths() == [path]
    top = deep.partition("\\a folder")[0]
    assert files.scan(top, "**/*.txt").files() == [path]
    assert files.usage(top).files == 1
    assert os.listdir("\\\\?\\" + deep) == ["x.txt"]


def test_long_relative_paths(deep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    top = deep.partition("\\a folder")[0]
    monkeypatch.chdir(top)
    path = os.path.join(os.path.relpath(deep, top), "x.txt")
    files.write_bytes(path, b"x")
    assert files.scan(".", "**/*.txt").files() == [os.path.join(".", path)]
    assert files.read_bytes(path) == b"x"


@pytest.mark.parametrize("name", ["grüße 世界 😀.txt", "half \ud800.txt", "\udc00\ud83d.txt"], ids=ascii)
def test_names_are_utf_16_lone_surrogates_included(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    try:
        with open(path, "wb") as file:
            file.write(b"a\nb\n")
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    assert files.scan(tmp_path).paths() == [path]
    assert [entry.path for entry in files.scan(tmp_path)] == [path]
    assert files.count_lines([path, os.fsencode(path)]) == [2, 2]
    assert files.hash_many(files.scan(tmp_path)) == [files.hash(path)]
    files.write_bytes(path, b"new")
    assert Path(path).read_bytes() == b"new" and os.listdir(tmp_path) == [name]


def test_a_missing_name_with_half_a_character_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "half \ud800.txt")
    with pytest.raises(OSError) as theirs:
        open(path, "rb")
    with pytest.raises(OSError) as ours:
        files.read_bytes(path)
    assert type(ours.value) is type(theirs.value) and ours.value.filename == path


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="path is not UTF-8 at byte 1"):
        files.hash(b"a\xff")
    with pytest.raises(UnicodeDecodeError):  # as open has it
        files.read_bytes(b"a\xff")


def test_a_file_that_is_held_open_is_not_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "held"
    path.write_bytes(b"old")
    (tmp_path / "other").write_bytes(b"new")
    with open(path, "rb") as held:
        with pytest.raises(PermissionError) as theirs:
            os.replace(tmp_path / "other", path)
        with pytest.raises(PermissionError) as ours:
            files.write_bytes(path, b"new")
        assert (ours.value.errno, ours.value.filename) == (theirs.value.errno, str(path))
        assert held.read() == b"old"
    assert path.read_bytes() == b"old" and sorted(os.listdir(tmp_path)) == ["held", "other"]
    files.write_bytes(path, b"new")
    assert path.read_bytes() == b"new" and sorted(os.listdir(tmp_path)) == ["held", "other"]


@pytest.mark.parametrize("attribute", [HIDDEN, SYSTEM], ids=["hidden", "system"])
def test_hidden_files_are_refused_as_windows_does(tmp_path: Path, attribute: int) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    kernel32: Any = ctypes.WinDLL("kernel32", use_last_error=True)
    assert kernel32.SetFileAttributesW(str(path), attribute)
    if not kernel32.GetFileAttributesW(str(path)) & attribute:
        pytest.skip("this file system keeps no such attribute")
    with pytest.raises(PermissionError) as raised:
        files.write_bytes(path, b"new")
    assert raised.value.filename == str(path)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["kept"]
    listed = files.scan(tmp_path, hidden=False).paths()
    assert listed == ([] if attribute == HIDDEN else [str(path)])


def test_a_read_only_file_is_refused_as_open_does(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError) as ours:
        files.write_bytes(path, b"new")
    try:
        open(path, "ab").close()
    except PermissionError as theirs:
        assert str(ours.value) == str(theirs) and ours.value.filename == theirs.filename
    else:
        assert WINE  # which asks Linux, and Linux lets root write
    assert (ours.value.errno, ours.value.filename) == (errno.EACCES, str(path))
    path.chmod(0o666)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["kept"]


@pytest.mark.parametrize("call", [files.scan, files.usage, os.listdir])
def test_directories_have_the_numbers_of_windows(tmp_path: Path, call: Callable[[str], Any]) -> None:
    missing = str(tmp_path / "none")
    with pytest.raises(FileNotFoundError) as raised:
        call(missing)
    assert (raised.value.winerror, raised.value.filename) == (3, missing)  # type: ignore[attr-defined]
    assert str(raised.value).startswith("[WinError 3] ")


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_the_library_is_found_whatever_the_search_path_is(tmp_path: Path) -> None:
    """By its own path, with nothing but Windows' own DLLs beside it: no `os.add_dll_directory`, no PATH."""
    system = os.path.join(os.environ["SYSTEMROOT"], "system32")
    done = python(
        f"import os; os.chdir({str(tmp_path)!r}); import ironwheel as iw; print(iw.ints.mul(6, 7))", PATH=system
    )
    assert (done.stdout.strip(), done.stderr) == ("42", "")


def test_the_affinity_mask_limits_the_threads() -> None:
    code = (
        "import ctypes; kernel32 = ctypes.WinDLL('kernel32'); kernel32.GetCurrentProcess.restype = ctypes.c_void_p\n"
        "assert kernel32.SetProcessAffinityMask(ctypes.c_void_p(kernel32.GetCurrentProcess()), ctypes.c_size_t(1))\n"
        "import ironwheel as iw; print(iw.threads())"
    )
    done = python(code, IRONWHEEL_NUM_THREADS="", OMP_NUM_THREADS="")
    assert (done.stdout.strip(), done.stderr) == ("1", "")
    assert 1 <= iw.threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "utf-8"])
def test_printing_to_a_pipe_of_any_code_page_is_no_error(encoding: str) -> None:
    code = "import ironwheel as iw; iw.text.print(iw.text.Panel('grüße 世界 😀'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode(encoding)
    assert "gr" in shown and "e" in shown
    assert ("世界" in shown) == (encoding == "utf-8")


def test_write_line_writes_utf_8_whatever_the_code_page() -> None:
    from ironwheel._lib import path

    code = f"import ctypes; ctypes.CDLL({path!r}).write_line('grüße 世界 😀'.encode())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env={**os.environ, "PYTHONUTF8": "0"}
    )
    assert done.stdout.decode("utf-8") == "grüße 世界 😀 via ironwheel\n"


@pytest.mark.parametrize("encoding", ["", "cp437"])
def test_arguments_and_what_is_said_of_them_are_unicode(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "grüße 世界 😀.txt"
    path.write_bytes(b"a\nb\n")
    done = subprocess.run(
        [sys.executable, "-m", "ironwheel", "count", str(path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = str(path) if not encoding else str(path).encode(encoding, "backslashreplace").decode(encoding)
    assert shown in done.stdout.decode(encoding or "utf-8")


def test_memory_and_processors_are_counted() -> None:
    from ironwheel import _machine

    facts = _machine.describe()
    assert 2**28 < facts["memory_bytes"] < 2**50
    assert facts["threads"] == iw.threads() and facts["cpu"]
