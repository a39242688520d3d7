"""files.hash, count_lines, head and tail against hashlib and Python's own files, and what all that read share."""

from __future__ import annotations

import doctest
import errno
import hashlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import files, set_threads

unix = pytest.mark.skipif(os.name != "posix", reason="needs Unix links, pipes or limits")

MIB = 1 << 20
SIZES = [0, 1, 63, 64, 65, 1023, 1024, 1025, 8191, 8192, 8193, 262_143, 262_144, 262_145]
LARGE = [4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 5 * MIB + 1025, 9 * MIB + 333]

in_a_directory = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def some_bytes(size: int) -> bytes:
    return hashlib.shake_128(str(size).encode()).digest(min(size, 100_003)) * (size // 100_003 + 1)


def sample(folder: Path, size: int) -> Path:
    path = folder / str(size)
    path.write_bytes(some_bytes(size)[:size])
    return path


def oracles() -> Dict[str, Callable[[bytes], str]]:
    known: Dict[str, Callable[[bytes], str]] = {
        name: lambda data, name=name: hashlib.new(name, data).hexdigest()  # type: ignore[misc]
        for name in ("sha256", "sha512", "sha1", "md5")
    }
    known["crc32"] = lambda data: f"{zlib.crc32(data):08x}"
    return known


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("algorithm", list(oracles()))
def test_digests_are_those_of_the_standard_library(tmp_path: Path, algorithm: str, threads: int) -> None:
    paths = [sample(tmp_path, size) for size in SIZES + LARGE]
    expected = [oracles()[algorithm](path.read_bytes()) for path in paths]
    set_threads(threads)
    try:
        assert [files.hash(path, algorithm) for path in paths] == expected
        assert files.hash(paths, algorithm) == expected
    finally:
        set_threads(None)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blake3_is_that_of_its_own_package(tmp_path: Path, threads: int) -> None:
    blake3 = pytest.importorskip("blake3", reason="is the oracle here")
    paths = [sample(tmp_path, size) for size in SIZES + LARGE]
    expected = [blake3.blake3(path.read_bytes()).hexdigest() for path in paths]
    set_threads(threads)
    try:
        assert [files.hash(path) for path in paths] == expected
        assert files.hash(paths) == expected
    finally:
        set_threads(None)


def test_xxh3_is_that_of_its_own_package(tmp_path: Path) -> None:
    xxhash = pytest.importorskip("xxhash", reason="is the oracle here")
    for path in [sample(tmp_path, size) for size in SIZES + LARGE]:
        assert files.hash(path, "xxh3_64") == xxhash.xxh3_64_hexdigest(path.read_bytes())
        assert files.hash(path, "xxh3_128") == xxhash.xxh3_128_hexdigest(path.read_bytes())


@in_a_directory
@given(data=st.binary(max_size=3000), algorithm=st.sampled_from(list(oracles())))
def test_any_content_has_the_digest_of_the_standard_library(tmp_path: Path, data: bytes, algorithm: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert files.hash(path, algorithm) == oracles()[algorithm](data)


def test_paths_of_every_type_are_taken(tmp_path: Path) -> None:
    path = sample(tmp_path, 1024)
    expected = files.hash(path)
    assert files.hash(str(path)) == files.hash(os.fsencode(path)) == expected
    assert files.hash([str(path), os.fsencode(path), path]) == [expected] * 3
    assert files.hash(iter([path])) == files.hash((str(path),)) == [expected]
    assert files.hash(files.scan(tmp_path)) == [expected]
    assert files.hash([]) == files.hash_many(()) == files.count_lines([]) == []


@unix
def test_a_link_is_followed(tmp_path: Path) -> None:
    os.symlink(sample(tmp_path, 64), tmp_path / "link")
    assert files.hash(tmp_path / "link") == files.hash(tmp_path / "64")


CALLS: List[Callable[..., Any]] = [
    files.hash,
    files.count_lines,
    files.head,
    files.tail,
    files.read_bytes,
    files.read_text,
    lambda path: files.hash([path]),
    lambda path: files.count_lines([path]),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("what", ["none", "directory", "none/below", "file/below"])
def test_what_cannot_be_read_raises_as_open_does(tmp_path: Path, what: str, call: Callable[..., Any]) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").touch()
    path = str(tmp_path / what)
    with pytest.raises(OSError) as theirs:
        open(path, "rb")
    with pytest.raises(OSError) as ours:
        call(path)
    assert type(ours.value) is type(theirs.value)
    assert (ours.value.errno, ours.value.filename) == (theirs.value.errno, theirs.value.filename)
    assert str(ours.value) == str(theirs.value)


@unix
@pytest.mark.parametrize("call", CALLS)
def test_what_might_never_end_is_refused(tmp_path: Path, call: Callable[..., Any]) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path, what in [(str(tmp_path / "fifo"), "a named pipe"), ("/dev/zero", "a device")]:
        with pytest.raises(OSError) as raised:
            call(path)
        assert (raised.value.errno, raised.value.filename) == (errno.EINVAL, path)
        assert f"is {what}, not a regular file" in str(raised.value)


def test_errors_can_stand_beside_digests(tmp_path: Path) -> None:
    good, large = sample(tmp_path, 1024), sample(tmp_path, 5 * MIB + 1025)
    paths = [good, tmp_path / "none", large, tmp_path]
    with pytest.raises(FileNotFoundError) as raised:
        files.hash_many(paths)
    assert raised.value.filename == str(tmp_path / "none")
    results = files.hash_many(paths, return_errors=True)
    assert results[0] == files.hash(good) and results[2] == files.hash(large)
    assert isinstance(results[1], FileNotFoundError) and results[1].filename == str(tmp_path / "none")
    with pytest.raises(OSError) as theirs:
        open(tmp_path, "rb")
    assert type(results[3]) is type(theirs.value) and results[3].errno == theirs.value.errno


def test_the_first_error_in_order_is_raised_every_time(tmp_path: Path) -> None:
    good = sample(tmp_path, 64)
    paths = [good] * 50 + [tmp_path / "first", tmp_path / "second"] + [good] * 50
    for _ in range(30):
        with pytest.raises(FileNotFoundError) as raised:
            files.hash(paths)
        assert raised.value.filename == str(tmp_path / "first")


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: files.hash(3), TypeError, "paths must be paths, got int"),
        (lambda: files.hash([3]), TypeError, "paths[0] must be str, bytes or os.PathLike, got int"),
        (lambda: files.hash(["a", None]), TypeError, "paths[1] must be"),
        (lambda: files.hash(["a", "b\0c"]), ValueError, "paths[1] must not contain a NUL"),
        (lambda: files.hash("b\0c"), ValueError, "path must not contain a NUL"),
        (lambda: files.hash("x", "sha3"), ValueError, "algorithm must be one of blake3, sha256"),
        (lambda: files.hash("x", "\udcff"), ValueError, "algorithm must be one of"),
        (lambda: files.hash(["x"], ""), ValueError, "algorithm must be one of"),
        (lambda: files.hash("x", None), TypeError, "algorithm must be a str, got NoneType"),
        (lambda: files.head("x", -1), ValueError, "n must not be negative, got -1"),
        (lambda: files.tail("x", 1.5), TypeError, "n must be an integer, got float"),
        (lambda: files.write_bytes("x", "text"), TypeError, "data must be bytes-like, got str"),
        (lambda: files.write_text("x", b"bytes"), TypeError, "data must be a str, got bytes"),
    ],
)
def test_wrong_arguments_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any], error: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as raised:
        call()
    assert said in str(raised.value)
    assert os.listdir(tmp_path) == []


@in_a_directory
@given(
    data=st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"\xff", b"", b"\x00"])).map(b"".join),
    n=st.integers(0, 9),
)
def test_lines_are_those_python_iterates_over(tmp_path: Path, data: bytes, n: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with open(path, "rb") as file:
        lines = list(file)
    assert files.count_lines(path) == len(lines)
    assert files.count_lines([path, path]) == [len(lines)] * 2
    bare = [line[:-1] if line.endswith(b"\n") else line for line in lines]
    bare = [line[:-1] if line.endswith(b"\r") else line for line in bare]
    assert files.head(path, n, encoding=None) == bare[:n]
    assert files.tail(path, n, encoding=None) == (bare[-n:] if n else [])


@unix
def test_counts_are_those_of_wc_but_for_an_unfinished_line(tmp_path: Path) -> None:
    wc = shutil.which("wc")
    assert wc is not None, "every Unix has it"
    for end in (b"", b"last"):
        path = tmp_path / "x"
        path.write_bytes(b"line of text\n" * 500_000 + end)
        said = int(subprocess.run([wc, "-l", str(path)], capture_output=True, check=True).stdout.split()[0])
        assert said == 500_000 and files.count_lines(path) == said + bool(end)


def test_head_and_tail_decode(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("eins\r\nzwei\nfünf".encode())
    assert files.head(path, 2) == ["eins", "zwei"] and files.tail(path, 2) == ["zwei", "fünf"]
    assert files.tail(path) == files.head(path, 2**70) == ["eins", "zwei", "fünf"]
    path.write_bytes(b"a\n\xff\n")
    assert files.head(path, 1) == ["a"] and files.tail(path, 1, errors="replace") == ["\ufffd"]
    with pytest.raises(UnicodeDecodeError):
        files.head(path, 2)


def hole(folder: Path, size: int = 1 << 36) -> Path:
    """A file without any disk behind it, which takes a while to read."""
    path = folder / "hole"
    with open(path, "wb") as file:
        file.truncate(size)
    return path


ENDLESS: List[Callable[[Path], Any]] = [
    *(lambda path, name=name: files.hash(path, name) for name in ("blake3", "sha256", "sha512", "md5", "xxh3_64")),  # type: ignore[misc]
    lambda path: files.hash([path, path]),
    lambda path: files.hash([path, path], "sha256"),
    files.count_lines,
    lambda path: files.count_lines([path, path]),
    lambda path: files.tail(path, 1),
]


@unix
@pytest.mark.parametrize("call", ENDLESS)
def test_ctrl_c_stops_reading(tmp_path: Path, call: Callable[[Path], Any]) -> None:
    path = hole(tmp_path)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call(path)
    timer.join()


@unix
def test_ctrl_c_stops_writing_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    data = bytes(64 * MIB)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            files.write_bytes(tmp_path / "y", data, durable=False)
    timer.join()
    assert set(os.listdir(tmp_path)) <= {"x", "y"} and path.read_text() == "old"


def test_progress_counts_bytes_of_one_file_and_files_of_many(tmp_path: Path) -> None:
    path = sample(tmp_path, 9 * MIB + 333)
    seen: List[Any] = []
    note = lambda done, total: seen.append((done, total))  # noqa: E731
    files.hash(path, progress=note)
    assert seen[-1] == (9 * MIB + 333, 9 * MIB + 333)
    files.count_lines(path, progress=note)
    assert seen[-1] == (9 * MIB + 333, 9 * MIB + 333)
    files.hash([path] * 3, progress=note)
    assert seen[-1] == (3, 3)
    assert all(done <= total or total == 0 for done, total in seen)

    class Stop(Exception):
        pass

    def refuse(done: int, total: int) -> None:
        raise Stop

    for call in (files.hash, files.count_lines, files.read_bytes, files.head):
        with pytest.raises(Stop):
            call(path, progress=refuse)


def test_a_file_that_is_cut_while_it_is_hashed_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(6 * MIB))
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            os.truncate(path, 0)
            os.truncate(path, 6 * MIB)

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        for _ in range(30):
            assert len(files.hash(path)) == 64
            assert files.count_lines(path) in (0, 1)
            assert len(files.read_bytes(path)) in range(6 * MIB + 1)
    finally:
        stop.set()
        worker.join()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes up files under /proc")
def test_files_the_kernel_makes_up_are_read_to_their_end() -> None:
    version = Path("/proc/version").read_bytes()
    assert files.read_bytes("/proc/version") == version
    assert files.hash("/proc/version", "sha256") == hashlib.sha256(version).hexdigest()
    assert files.count_lines("/proc/version") == 1


def test_the_examples_of_the_docstrings_hold() -> None:
    for module, fewest in (("_scan", 3), ("_hash", 5), ("_usage", 3), ("_lines", 3), ("_content", 3)):
        results = doctest.testmod(importlib.import_module(f"ironwheel.files.{module}"))
        assert results.attempted >= fewest and results.failed == 0, module
