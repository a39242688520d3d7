"""Integers against math, NumPy, gmpy2, sympy and primesieve; and how near a scalar call is to the bare floor."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from typing import Any, Callable

import harness
import numpy as np
from ironwheel import ints
from ironwheel._lib import lib


def optional(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError:
        return None


def floor() -> Callable[[], object]:
    """The cheapest export there is, through ctypes with declared argument types."""
    call = lib.multiply
    assert call.argtypes == (ctypes.c_int, ctypes.c_int)
    return lambda: call(6, 7)


def sympy_factors(sympy: Any, number: int) -> object:
    """Its second call with a number would look up what the first has found."""
    cache = getattr(sympy.ntheory.factor_, "factor_cache", None)  # since 1.14
    if cache is not None:
        cache.cache_clear()
    return sympy.factorint(number)


def scalars() -> list[harness.Row]:
    gmpy2, sympy = optional("gmpy2"), optional("sympy")
    a, b, p, n = 2**61 - 2, 3 * 2**40 + 6, 18446744073709551557, 600851475143 * 9973
    near, semiprime = 4294967291 * 4294967279, 4294967291 * 3221225533  # near: done by Fermat's method at once
    rows = harness.compare(
        "ints",
        "gcd(a, b), one pair",
        lambda: ints.gcd(a, b),
        {"math.gcd": lambda: math.gcd(a, b), "ctypes floor": floor()},
    )
    rows += harness.compare(
        "ints",
        "isqrt(n), one number",
        lambda: ints.isqrt(a),
        {"math.isqrt": lambda: math.isqrt(a), "ctypes floor": floor()},
    )
    rows += harness.compare(
        "ints", "add(a, b), one pair", lambda: ints.add(a, b), {"Python's +": lambda: a + b, "ctypes floor": floor()}
    )
    peers: dict[str, Callable[[], object]] = {"ctypes floor": floor()}
    if gmpy2:
        peers["gmpy2"] = lambda: gmpy2.is_prime(p)
    if sympy:
        peers["sympy"] = lambda: sympy.isprime(p)
    rows += harness.compare(
        "ints", "is_prime(2**64 - 59)", lambda: ints.is_prime(p), peers, note="exact; gmpy2: 25 rounds"
    )
    if sympy:
        for name, number in (("n), 53 bits", n), ("p * q), 64 bits, p near q", near), ("p * q), 64 bits", semiprime)):
            rows += harness.compare(
                "ints",
                f"factor({name}",
                lambda number=number: ints.factor(number),
                {"sympy": lambda number=number: sympy_factors(sympy, number)},
                note="SymPy's cache of factors is cleared",
            )
    return rows


def arrays(quick: bool) -> list[harness.Row]:
    size = 100_000 if quick else 4_000_000
    random = np.random.default_rng(0)
    rows = []
    for dtype in ("int64", "uint8"):
        info = np.iinfo(dtype)
        a = random.integers(0, int(info.max) // 2, size, dtype)
        b = random.integers(1, min(int(info.max) // 2, 10**9), size, dtype)
        small = random.integers(1, 11, size, dtype)
        what = f"{size:,} {dtype}"
        cases: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
            ("a + b", lambda: ints.add(a, b), lambda: a + b),
            ("a * 3", lambda: ints.mul(small, 3), lambda: small * 3),
            ("a // b", lambda: ints.floordiv(a, b), lambda: a // b),
            ("a % 7", lambda: ints.mod(a, 7), lambda: a % 7),
            ("gcd(a, b)", lambda: ints.gcd(a, b), lambda: np.gcd(a, b)),
            ("isqrt(a)", lambda: ints.isqrt(a), lambda: np.sqrt(a).astype(dtype)),
        ]
        for name, ours, theirs in cases:
            note = "ours checks every element" if name != "isqrt(a)" else "NumPy: sqrt of doubles, inexact"
            rows += harness.compare("ints", f"{name}, {what}", ours, {"NumPy": theirs}, note=note)
    few = random.integers(0, 2**64, 20_000 if quick else 200_000, np.uint64)
    gmpy2 = optional("gmpy2")
    if gmpy2:
        listed = few.tolist()
        rows += harness.compare(
            "ints",
            f"is_prime, {few.size:,} random uint64",
            lambda: ints.is_prime(few),
            {"gmpy2, a loop": lambda: [gmpy2.is_prime(n) for n in listed]},
        )
    return rows


def sieves(quick: bool) -> list[harness.Row]:
    limit = 10**7 if quick else 10**9
    rows = []
    sympy, primesieve = optional("sympy"), optional("primesieve")
    if sympy:
        rows += harness.compare(
            "ints", "primes(0, 10**6)", lambda: ints.primes(0, 10**6), {"sympy": lambda: list(sympy.primerange(10**6))}
        )
    peers: dict[str, Callable[[], object]] = {}
    if primesieve:
        peers["primesieve"] = lambda: primesieve.primes(0, limit)
    elif shutil.which("primesieve"):
        peers["primesieve, counting only"] = lambda: subprocess.run(
            ["primesieve", str(limit), "-q"], check=True, stdout=subprocess.DEVNULL
        )
    if peers:
        rows += harness.compare("ints", f"primes(0, {limit:,})", lambda: ints.primes(0, limit), peers)
    return rows


def rows(quick: bool) -> list[harness.Row]:
    """All of this module's lines."""
    return scalars() + arrays(quick) + sieves(quick)


if __name__ == "__main__":
    for row in rows(quick=True):
        print(f"{row.what:35} {row.ours * 1e6:12.2f} us  {row.peer:25} {row.theirs * 1e6:12.2f} us  {row.ratio:8.2f}x")
