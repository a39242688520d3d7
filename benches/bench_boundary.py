"""What crossing the boundary costs, next to the least that ctypes can do."""

from __future__ import annotations

import ctypes
import math
import subprocess
import sys

import ironwheel as iw
from harness import Row, compare
from ironwheel._lib import path


def rows(quick: bool) -> list[Row]:
    floor = ctypes.CDLL(path).multiply
    floor.argtypes, floor.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    multiply = {"bare ctypes, two ints": lambda: floor(6, 7)}
    found = compare(
        "A call", "ints.gcd(48, 36)", lambda: iw.ints.gcd(48, 36), {**multiply, "math.gcd": lambda: math.gcd(48, 36)}
    )
    found += compare("A call", "ints.is_prime(97)", lambda: iw.ints.is_prime(97), multiply)
    found += compare("A call", "text.width('hello')", lambda: iw.text.width("hello"), multiply)
    return found + imports(5 if quick else 21)


def imports(rounds: int) -> list[Row]:
    """Whole processes: `import ironwheel` next to a Python that does nothing."""

    def start(code: str) -> object:
        return subprocess.run([sys.executable, "-c", code], check=True)

    return compare(
        "A call",
        "python -c 'import ironwheel'",
        lambda: start("import ironwheel"),
        {"python -c pass": lambda: start("pass")},
        rounds=rounds,
        note="the difference is the import",
    )
