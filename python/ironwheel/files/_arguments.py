"""What several calls share: flags, many paths at once, lists of problems."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Iterable, List, Tuple

from ironwheel import _abi
from ironwheel._lib import check, lib, os_error
from ironwheel._paths import Path, encode


def flags(ignore: bool, hidden: bool, follow: bool) -> int:
    return int(
        (_abi.IW_SCAN_IGNORE if ignore else 0)
        | (0 if hidden else _abi.IW_SCAN_SKIP_HIDDEN)
        | (_abi.IW_SCAN_FOLLOW if follow else 0)
    )


Problems = List[Tuple[int, OSError]]


def take_problems(handle: ctypes.c_void_p, listing: bool = False) -> Problems:
    problems: Problems = []
    try:
        for number in range(lib.iw_files_problems_len(handle)):
            found = _abi.iw_files_problem()
            check(lib.iw_files_problems_get(handle, number, ctypes.byref(found)))
            path = ctypes.string_at(found.path, found.path_len)
            message = ctypes.string_at(found.message, found.message_len).decode("utf-8", "replace")
            problems.append((found.index, os_error(found.os_error, path, message, listing)))
    finally:
        lib.iw_files_problems_free(handle)
    return problems


def is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes)) or hasattr(type(value), "__fspath__")


def encode_many(paths: Iterable[Path]) -> Tuple[bytes, int]:
    """The paths with a NUL after each, and how many they are."""
    try:
        given = list(paths)
    except TypeError:
        raise TypeError(f"paths must be paths, got {type(paths).__name__}") from None
    if not given:
        return b"", 0
    try:
        joined = "\0".join(given)  # type: ignore[arg-type]
    except TypeError:  # not all are str
        return b"".join(encode(path, f"paths[{i}]") + b"\0" for i, path in enumerate(given)), len(given)
    if joined.count("\0") != len(given) - 1:
        for i, path in enumerate(given):
            encode(path, f"paths[{i}]")  # names the one that has a NUL
    return encode_text(joined) + b"\0", len(given)


def encode_text(text: str) -> bytes:
    """Text of paths with NULs between them."""
    return b"\0".join(encode(part) for part in text.split("\0")) if os.name == "nt" else os.fsencode(text)
