"""Paths as they cross the boundary: the system's own bytes, whatever their encoding."""

from __future__ import annotations

import os
import sys
from typing import Any, Union

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


def encode(path: Any, name: str = "path") -> bytes:
    """The bytes the library takes for `path`, a str, bytes or os.PathLike.

    On Linux these are the file system's bytes, so names that are not valid UTF-8 pass unchanged; on
    Windows UTF-8 in which lone surrogates, which names there may hold, are three bytes like any other.
    """
    try:
        given = os.fspath(path)
    except TypeError:
        raise TypeError(f"{name} must be str, bytes or os.PathLike, got {type(path).__name__}") from None
    encoded = given if isinstance(given, bytes) else _encode_text(given)
    if b"\0" in encoded:
        raise ValueError(f"{name} must not contain a NUL byte, got {given!r}")
    return encoded


def _encode_text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass") if sys.platform == "win32" else os.fsencode(text)


def decode(path: bytes) -> str:
    """The str that Python's own calls give for a path the library returned."""
    return path.decode("utf-8", "surrogatepass") if sys.platform == "win32" else os.fsdecode(path)
