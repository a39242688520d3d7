"""Native threads and fork: what a parent did never hangs or breaks its children."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from typing import Callable

import ironwheel as iw
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork is Unix's")

BELOW = 3_000_000
COUNT = 216_816  # primes below 3,000,000
LIMIT = 60  # seconds after which a child that hangs is killed, and its test fails


@pytest.fixture(autouse=True)
def several_threads():  # type: ignore[no-untyped-def]
    iw.set_threads(4)
    yield
    iw.set_threads(None)


def primes_in_order() -> bool:
    """A call that starts worker threads."""
    return len(iw.ints.primes(0, BELOW)) == COUNT


def in_child(body: Callable[[], bool]) -> int:
    """Status `os.waitpid` gives for a child that exits with 0 when `body` is true."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(LIMIT)
            status = 0 if body() else 1
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def test_a_child_calls_what_its_parent_called() -> None:
    assert primes_in_order()
    assert in_child(primes_in_order) == 0
    assert primes_in_order()


def test_a_child_of_a_child() -> None:
    assert primes_in_order()
    assert in_child(lambda: primes_in_order() and in_child(primes_in_order) == 0) == 0


def test_a_fork_while_other_threads_are_in_calls() -> None:
    stop = threading.Event()
    counted = []

    def busy() -> None:
        while not stop.is_set():
            counted.append(primes_in_order())

    workers = [threading.Thread(target=busy) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        assert [in_child(primes_in_order) for _ in range(8)] == [0] * 8
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert counted
    assert all(counted)


def test_an_error_of_the_parent_is_not_the_child_s() -> None:
    with pytest.raises(ValueError, match="4000"):
        iw.set_threads(4000)

    def another() -> bool:
        try:
            iw.set_threads(5000)
        except ValueError as error:
            return "5000" in str(error)
        return False

    assert in_child(another) == 0


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing_pools(method: str) -> None:
    assert primes_in_order()
    with multiprocessing.get_context(method).Pool(2) as pool:
        # A function of the package itself: a spawned child could not import one of this file's.
        primes = pool.starmap_async(iw.ints.primes, [(0, 100), (0, 1000), (0, BELOW)]).get(timeout=LIMIT)
    assert [len(found) for found in primes] == [25, 168, COUNT]
