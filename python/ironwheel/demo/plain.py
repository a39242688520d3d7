"""The same work in plain Python, as one would write it without a library: what the demo compares with.

Nothing here is made slow on purpose: each is the quickest form that stays a page of ordinary Python, with
whatever of the standard library is written in C (hashlib, bytearray, sorted).
"""

from __future__ import annotations

import hashlib
import math
import os
import stat
import struct
from typing import Any, Dict, Iterable, List, Sequence, Tuple

Entry = Tuple[str, str, int, int]  # path, kind, size in bytes, permission bits


def primes_below(n: int) -> List[int]:
    """The sieve of Eratosthenes over the odd numbers, struck out by slices."""
    if n <= 2:
        return []
    odd = bytearray([1]) * (n // 2)
    odd[0] = 0
    for i in range(3, math.isqrt(n - 1) + 1, 2):
        if odd[i // 2]:
            odd[i * i // 2 :: i] = bytes(len(range(i * i // 2, n // 2, i)))
    return [2] + [2 * i + 1 for i, prime in enumerate(odd) if prime]


def is_prime(n: int) -> bool:
    """Miller and Rabin's test with the twelve bases that settle every number below 2**64."""
    if n < 2:
        return False
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in square lines, for text of one cell a character."""
    widths = [max(map(len, column)) for column in zip(headers, *rows)]

    def ruled(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    def filled(row: Sequence[str]) -> str:
        return "│" + "│".join(f" {cell.ljust(width)} " for cell, width in zip(row, widths)) + "│"

    lines = [ruled("┌", "┬", "┐"), filled(headers), ruled("├", "┼", "┤")]
    lines += [filled(row) for row in rows]
    lines.append(ruled("└", "┴", "┘"))
    return "\n".join(lines) + "\n"


def scan(root: str) -> List[Entry]:
    """Every entry below `root`, links not followed, sorted by path."""
    entries: List[Entry] = []
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as inside:
            for entry in inside:
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(info.st_mode):
                    kind = "dir"
                    folders.append(entry.path)
                elif stat.S_ISREG(info.st_mode):
                    kind = "file"
                elif stat.S_ISLNK(info.st_mode):
                    kind = "symlink"
                else:
                    kind = "other"
                entries.append((entry.path, kind, info.st_size, stat.S_IMODE(info.st_mode)))
    entries.sort()
    return entries


def sha256(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while True:
            block = file.read(1 << 18)
            if not block:
                return digest.hexdigest()
            digest.update(block)


def count_lines(path: str) -> int:
    """The lines of a file; a last one without its line feed counts."""
    with open(path, "rb") as file:
        return sum(1 for _ in file)


_IV = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)  # fmt: skip
_ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
_MIX = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_START, _END, _PARENT, _ROOT = 1, 2, 4, 8


def _compress(chain: Sequence[int], block: Sequence[int], counter: int, length: int, flags: int) -> List[int]:
    v = [*chain, *_IV[:4], counter & 0xFFFFFFFF, counter >> 32, length, flags]
    words = list(block)
    for _ in range(7):
        for turn, (a, b, c, d) in enumerate(_MIX):
            v[a] = (v[a] + v[b] + words[2 * turn]) & 0xFFFFFFFF
            x = v[d] ^ v[a]
            v[d] = (x >> 16 | x << 16) & 0xFFFFFFFF
            v[c] = (v[c] + v[d]) & 0xFFFFFFFF
            x = v[b] ^ v[c]
            v[b] = (x >> 12 | x << 20) & 0xFFFFFFFF
            v[a] = (v[a] + v[b] + words[2 * turn + 1]) & 0xFFFFFFFF
            x = v[d] ^ v[a]
            v[d] = (x >> 8 | x << 24) & 0xFFFFFFFF
            v[c] = (v[c] + v[d]) & 0xFFFFFFFF
            x = v[b] ^ v[c]
            v[b] = (x >> 7 | x << 25) & 0xFFFFFFFF
        words = [words[i] for i in _ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def _chaining(data: bytes, chunk: int, flags: int) -> List[int]:
    if len(data) > 1024:  # a parent: its left side is the largest full power of two of chunks
        left = 1024 << ((len(data) - 1) // 1024).bit_length() - 1
        words = _chaining(data[:left], chunk, 0) + _chaining(data[left:], chunk + left // 1024, 0)
        return _compress(_IV, words, 0, 64, _PARENT | flags)
    chain: Sequence[int] = _IV
    blocks = [data[i : i + 64] for i in range(0, len(data), 64)] or [b""]
    for index, block in enumerate(blocks):
        now = _START if index == 0 else 0
        if index == len(blocks) - 1:
            now |= _END | flags
        chain = _compress(chain, struct.unpack("<16L", block.ljust(64, b"\0")), chunk, len(block), now)
    return list(chain)


def blake3(data: bytes) -> str:
    """The BLAKE3 hash of `data`, after section 2 of the BLAKE3 paper (2020)."""
    return struct.pack("<8L", *_chaining(data, 0, _ROOT)).hex()


def linspace(first: float, last: float, n: int) -> List[float]:
    """`n` numbers from `first` to `last`, both included."""
    step = (last - first) / (n - 1)
    return [first + i * step for i in range(n - 1)] + [last]


def mandelbrot(width: int, height: int, iterations: int) -> List[int]:
    """Escape times over -2..0.6 by -1.5..1.5, row by row."""
    counts = []
    columns = linspace(-2.0, 0.6, width)
    for ci in linspace(-1.5, 1.5, height):
        for cr in columns:
            x = y = 0.0
            n = 0
            while n < iterations:
                xx, yy = x * x, y * y
                if xx + yy > 4.0:
                    break
                x, y = xx - yy + cr, 2.0 * x * y + ci
                n += 1
            counts.append(n)
    return counts


def summary(values: Iterable[Any]) -> Dict[str, Any]:
    """What a profile of a column holds: count, nulls, exact number of distinct values, min, max, mean, std."""
    kept = [value for value in values if value is not None]
    answer: Dict[str, Any] = {"count": len(kept), "distinct": len(set(kept))}
    answer["min"], answer["max"] = min(kept), max(kept)
    if isinstance(kept[0], (int, float)):
        mean = math.fsum(kept) / len(kept)
        answer["mean"] = mean
        answer["std"] = math.sqrt(math.fsum((value - mean) ** 2 for value in kept) / (len(kept) - 1))
    return answer
