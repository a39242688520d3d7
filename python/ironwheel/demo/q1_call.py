"""Question 1, calling a native library through ctypes."""

from __future__ import annotations

import ctypes
import subprocess
import sys

from ironwheel._lib import path
from ironwheel.demo.answer import Answer
from ironwheel.demo.work import Work

QUESTION = "Can Python call a native library through ctypes?"

#: What a program that knows nothing of this package does with the library.
_CLIENT = "import ctypes, sys; print(ctypes.cdll.LoadLibrary(sys.argv[1]).multiply(6, 7))"


def multiply(left: int, right: int) -> int:
    """The function of the library, as Python has it."""
    return left * right


def ask(answer: Answer, work: Work) -> None:
    """Calls one exported function, often, and once from a Python that has nothing but ctypes."""
    native = ctypes.CDLL(path).multiply
    native.restype, native.argtypes = ctypes.c_int, (ctypes.c_int, ctypes.c_int)
    numbers = range(10_000 if work.quick else 100_000)
    answer.compare(
        f"{len(numbers):,} calls of multiply(n, 3), one at a time",
        lambda: [native(n, 3) for n in numbers],
        lambda: [multiply(n, 3) for n in numbers],
        by="a Python function",
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", _CLIENT, path], capture_output=True, check=False, text=True, timeout=60
    )
    answer.check(
        "A fresh Python with nothing but ctypes loads the library and multiplies 6 by 7.",
        done.stdout.split() == ["42"],
    )
    answer.notes.append(
        "Crossing the boundary costs a fraction of a microsecond. A product is too small to win it back; "
        "whole arrays, files and frames, below, do."
    )
