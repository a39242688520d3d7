"""Ctrl-C during native work: one KeyboardInterrupt, and not a word more on standard error."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import List

import pytest
from ironwheel import arrays, files, ints

MANY = """
import os, signal, sys, threading, time
from ironwheel import arrays, files, ints
calls = {
    "hash": lambda: files.hash(sys.argv[2], "sha512"),
    "mandelbrot": lambda: arrays.mandelbrot(1500, 1500, iterations=5000),
    "primes": lambda: ints.primes(0, 10**9),
}
call = calls[sys.argv[1]]
# NumPy loses a KeyboardInterrupt that is raised while it is being imported, and it is imported by the first call.
arrays.mandelbrot(2, 2, iterations=1), ints.primes(0, 10)
began = threading.Event()
def send(delay):
    began.wait()
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGINT)
for turn in range(12):
    began.clear()
    sender = threading.Thread(target=send, args=(0.02 + turn * 0.0071,))
    sender.start()
    began.set()
    try:
        while True:
            call()
    except KeyboardInterrupt:
        pass
    sender.join()
print("caught all", flush=True)
signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
signal.setitimer(signal.ITIMER_REAL, 0.06)
while True:
    call()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process that sends itself SIGINT, and the timers of Unix")
@pytest.mark.parametrize("name", ["hash", "mandelbrot", "primes"])
def test_interrupting_is_quiet(name: str, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with open(large, "wb") as file:
        file.truncate(1 << 30)
    run = subprocess.run(
        [sys.executable, "-c", MANY, name, str(large)], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.stdout == "caught all\n", run.stderr
    assert run.stderr.startswith("Traceback (most recent call last):\n"), run.stderr
    assert run.stderr.endswith("\nKeyboardInterrupt\n"), run.stderr
    assert "ignored" not in run.stderr and run.stderr.count("Traceback") == 1, run.stderr
    assert run.returncode == -signal.SIGINT


def long_call() -> None:
    arrays.mandelbrot(600, 600, iterations=3000)


def test_a_handler_that_raises_nothing_lets_the_work_go_on() -> None:
    seen: List[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    try:
        expected = arrays.mandelbrot(600, 600, iterations=3000)
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        again = arrays.mandelbrot(600, 600, iterations=3000)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, previous)
    assert seen == [signal.SIGINT]
    assert bytes(memoryview(again).cast("B")) == bytes(memoryview(expected).cast("B"))


def test_what_a_handler_raises_comes_out_and_the_handler_stays() -> None:
    class Stop(Exception):
        pass

    def handler(_number: int, _frame: object) -> None:
        raise Stop("by handler")

    previous = signal.signal(signal.SIGINT, handler)
    try:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(Stop, match="by handler"):
            ints.primes(0, 10**9)
        timer.join()
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, previous)


def test_work_in_other_threads_goes_on() -> None:
    done: List[int] = []
    worker = threading.Thread(target=lambda: done.append(len(ints.primes(0, 3 * 10**8))))
    worker.start()
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            long_call()
    timer.join()
    worker.join()
    assert done == [16_252_325]


@pytest.mark.parametrize("kind", [ValueError, GeneratorExit, StopIteration, SystemExit])
def test_whatever_a_report_raises_comes_out_once(kind: type, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")

    def report(_done: int, _total: int) -> None:
        raise kind("from the report")

    with pytest.raises(kind) as caught:
        files.hash(path, progress=report)
    assert "from the report" in str(caught.value)
    del caught
    gc.collect()
    assert capfd.readouterr().err == ""


def test_a_report_may_call_the_library(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    seen: List[str] = []
    outer = files.hash(path, progress=lambda _done, _total: seen.append(files.hash(path, progress=lambda *_: None)))
    assert seen == [outer] * len(seen) and seen


DAEMONS = """
import sys, threading, time
from ironwheel import ints
ints.primes(0, 10)
def loop():
    while True:
        ints.primes(0, 10**9)
for _ in range(2):
    threading.Thread(target=loop, daemon=True).start()
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize("seconds", [0.1, 0.13, 0.17, 0.2])
def test_the_process_ends_quietly_while_daemon_threads_call(seconds: float) -> None:
    run = subprocess.run(
        [sys.executable, "-c", DAEMONS, str(seconds)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


RULE = """
import threading, time
from ironwheel import frames
begun = threading.Event()
def endless(frame):
    begun.set()
    while True:
        pass
def run():
    frames.validate({"a": [1, 2]}, [frames.rules.custom(endless)])
threading.Thread(target=run, daemon=True).start()
begun.wait()
time.sleep(0.1)
"""


def test_the_process_ends_quietly_while_a_daemon_thread_is_in_the_function_of_a_rule() -> None:
    run = subprocess.run([sys.executable, "-c", RULE], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
