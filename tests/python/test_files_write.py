"""files.read and write against Python's own files: what was written is read, and nothing is ever left half."""

from __future__ import annotations

import array
import contextlib
import errno
import hashlib
import mmap
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import files

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

# Windows replaces nothing that is open, and opens nothing that is being replaced; whoever asks then is told so.
while_it_is_open = contextlib.suppress(*((PermissionError,) if sys.platform == "win32" else ()))
unix = pytest.mark.skipif(os.name != "posix", reason="needs Unix links, pipes or limits")

MIB = 1 << 20
SIZES = [0, 1, 63, 64, 65, 1023, 1024, 1025, 8191, 8192, 8193, 262_143, 262_144, 262_145]
LARGE = [4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 5 * MIB + 1025, 9 * MIB + 333]

in_a_directory = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def some_bytes(size: int) -> bytes:
    return hashlib.shake_128(str(size).encode()).digest(min(size, 100_003)) * (size // 100_003 + 1)


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_what_was_written_is_read(tmp_path: Path, size: int) -> None:
    data = some_bytes(size)[:size]
    path = tmp_path / "x"
    assert files.write_bytes(path, data, durable=size % 2 == 0) == size
    assert path.read_bytes() == data == files.read_bytes(path)
    assert os.listdir(tmp_path) == ["x"]


@in_a_directory
@given(st.text())
def test_text_comes_back_exactly(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x"
    assert files.write_text(path, text, durable=False) == len(text)
    assert files.read_text(path) == text
    with open(path, encoding="utf-8", newline="") as file:
        assert file.read() == text


def test_text_that_cannot_be_encoded_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        files.write_text(path, "\ud800")
    with pytest.raises(UnicodeEncodeError):
        files.write_text(path, "ä", "ascii")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["x"]
    files.write_text(path, "ä", "latin-1")
    assert path.read_bytes() == b"\xe4" and files.read_text(path, "latin-1") == "ä"


def buffers() -> Iterator[Any]:
    yield bytearray(b"abcd")
    yield memoryview(b"abcd")
    yield memoryview(bytearray(b"xabcdx"))[1:-1]
    yield memoryview(b"a.b.c.d.")[::2]
    yield array.array("B", b"abcd")
    anonymous = mmap.mmap(-1, 4)
    anonymous[:] = b"abcd"
    yield anonymous


@pytest.mark.parametrize("data", list(buffers()), ids=lambda data: type(data).__name__)
def test_any_buffer_is_written(tmp_path: Path, data: Any) -> None:
    assert files.write_bytes(tmp_path / "x", data) == 4
    assert (tmp_path / "x").read_bytes() == b"abcd"


def test_arrays_are_written_as_their_bytes(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy", reason="its arrays are buffers")
    for values in (numpy.arange(5, dtype="f8"), numpy.arange(12).reshape(3, 4)[:, ::2], numpy.zeros((0, 3))):
        assert files.write_bytes(tmp_path / "x", values) == values.nbytes
        assert (tmp_path / "x").read_bytes() == values.tobytes()
    values.flags.writeable = False
    files.write_bytes(tmp_path / "x", values)


@unix
def test_a_new_file_follows_the_umask_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        files.write_bytes(tmp_path / "new", b"x")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    finally:
        os.umask(old)
    for mode in (0o600, 0o755, 0o666, 0o2755):
        (tmp_path / "new").chmod(mode)
        files.write_bytes(tmp_path / "new", b"y")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == mode


@unix
def test_the_owner_is_kept_where_that_is_allowed(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    path = tmp_path / "x"
    path.write_text("old")
    os.chown(path, 65534, 12345)
    files.write_bytes(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 12345)


@unix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    os.symlink("d/target", tmp_path / "link")
    files.write_text(tmp_path / "link", "made")
    files.write_text(tmp_path / "link", "again")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "d" / "target").read_text() == "again"
    assert os.listdir(tmp_path / "d") == ["target"]


@unix
@pytest.mark.parametrize("what", ["none/x", "file/x", "directory", "directory/", "x/", "", ".", "loop"])
def test_what_cannot_be_written_raises_as_open_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("directory").mkdir()
    Path("file").touch()
    os.symlink("loop", "loop")
    with pytest.raises(OSError) as theirs:
        open(what, "wb")
    with pytest.raises(OSError) as ours:
        files.write_bytes(what, b"x")
    assert type(ours.value) is type(theirs.value)
    assert (ours.value.errno, ours.value.filename) == (theirs.value.errno, theirs.value.filename)
    assert sorted(os.listdir(".")) == ["directory", "file", "loop"] and os.listdir("directory") == []


@unix
def test_devices_and_pipes_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (str(tmp_path / "fifo"), "/dev/null", "/dev/full"):
        before = os.stat(path)
        with pytest.raises(OSError, match="not a regular file"):
            files.write_bytes(path, b"x")
        assert os.path.samestat(before, os.stat(path))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if not done or done.returncode:
        pytest.skip("a full disk needs the right to mount a small one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_old_file_and_no_other(small_disk: Path) -> None:
    path = small_disk / "x"
    files.write_bytes(path, b"old")
    with pytest.raises(OSError) as raised:
        files.write_bytes(path, bytes(2 * MIB))
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_bytes() == b"old" and os.listdir(small_disk) == ["x"]
    files.write_bytes(path, bytes(MIB // 4))


@unix
def test_a_limit_on_file_sizes_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    try:
        with pytest.raises(OSError) as raised:
            files.write_bytes(path, bytes(2 * MIB))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["x"]


def test_a_directory_that_disappears_gives_an_error_or_a_file_never_a_part(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            folder.mkdir(exist_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    worker = threading.Thread(target=churn)
    worker.start()
    outcomes = {"written": 0, "refused": 0}
    try:
        for _ in range(2000):
            try:
                files.write_bytes(folder / "x", b"abc" * 100, durable=False)
                outcomes["written"] += 1
            except (FileNotFoundError, PermissionError) as error:
                assert os.name == "nt" or isinstance(error, FileNotFoundError)  # Windows: while it is being deleted
                assert error.filename == str(folder / "x")
                outcomes["refused"] += 1
    finally:
        stop.set()
        worker.join()
    assert outcomes["refused"]


def test_readers_see_the_old_or_the_new_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([letter]) * (300_000 + letter) for letter in b"ab"]
    files.write_bytes(path, contents[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                with while_it_is_open:
                    files.write_bytes(path, content, durable=False)

    worker = threading.Thread(target=write)
    seen = set()
    worker.start()
    try:
        for _ in range(500):
            with while_it_is_open:
                seen.add(path.read_bytes())
    finally:
        stop.set()
        worker.join()
    assert seen and seen <= set(contents)
    for content in contents:
        files.write_bytes(path, content)
        assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["x"]


def test_many_writers_of_one_name_leave_one_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([letter]) * 5000 for letter in b"abcdefgh"]

    def write(content: bytes) -> None:
        for _ in range(50):
            with while_it_is_open:
                files.write_bytes(path, content, durable=False)

    workers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert path.read_bytes() in contents and os.listdir(tmp_path) == ["x"]
