"""What files does for a user who may not do everything."""

from __future__ import annotations

import errno
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator, List, Tuple

import pytest
from ironwheel import files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs Unix users and permission bits")


def as_nobody(body: Callable[[], Any]) -> Any:
    """What `body` returns in a forked child without root's rights."""
    if os.geteuid() != 0:
        return body()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            answer = pickle.dumps(body())
        except BaseException as error:
            answer = pickle.dumps(error)
        with os.fdopen(write, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    result = pickle.loads(answer)
    if isinstance(result, BaseException):
        raise result
    return result


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that other users can enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def test_a_directory_without_permission_is_reported_and_the_rest_listed(public: Path) -> None:
    for folder in ("open", "closed", "unsearchable"):
        (public / folder).mkdir()
        (public / folder / "inside").touch()
    (public / "closed").chmod(0o000)
    (public / "unsearchable").chmod(0o444)  # names can be listed, nothing more

    def body() -> Tuple[List[str], List[Tuple[Any, str]]]:
        table = files.scan(public)
        return [Path(path).relative_to(public).as_posix() for path in table.paths()], [
            (type(error), error.filename) for error in table.errors
        ]

    try:
        listed, errors = as_nobody(body)
    finally:
        (public / "closed").chmod(0o700)
        (public / "unsearchable").chmod(0o700)
    assert listed == ["closed", "open", "open/inside", "unsearchable"]
    assert errors == [
        (PermissionError, str(public / "closed")),
        (PermissionError, str(public / "unsearchable" / "inside")),
    ]


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
def test_a_file_without_permission_is_a_permission_error(public: Path, call: Callable[..., Any]) -> None:
    path = public / "secret"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(PermissionError) as raised:
        as_nobody(lambda: call(path))
    assert raised.value.errno == errno.EACCES and raised.value.filename == str(path)


def test_what_may_not_be_written_is_not_replaced(public: Path) -> None:
    path = public / "x"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(PermissionError) as raised:
        as_nobody(lambda: files.write_text(path, "new"))
    assert raised.value.filename == str(path)
    path.chmod(0o666)
    public.chmod(0o555)
    with pytest.raises(PermissionError):
        as_nobody(lambda: files.write_text(path, "new"))
    assert path.read_text() == "old" and os.listdir(public) == ["x"]
