"""What the questions share: the real input they work on, gathered once."""

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
from typing import Any, List, Optional, Sequence

from ironwheel import files
from ironwheel.demo.plain import Entry

#: Where Python is one guest of many: its own files are in the folder of its standard library then.
_SHARED = ("/", "/usr", "/usr/local", "/opt/local", "/opt/homebrew")


class Work:
    """The files of the running Python, and what earlier questions found."""

    def __init__(self, quick: bool = False) -> None:
        self.quick = quick
        self.roots = roots(quick)
        #: Found by question 2, summed by question 5.
        self.primes: Any = None
        self._tables: Optional[List[Any]] = None

    def scan(self) -> List[Any]:
        """The table of every file and folder below each root; scanned once."""
        if self._tables is None:
            self._tables = [files.scan(root) for root in self.roots]
        return self._tables

    def entries(self, tables: Optional[Sequence[Any]] = None) -> List[Entry]:
        """Those tables, or the ones of `scan`, as rows: path, kind, size and permission bits."""
        rows: List[Entry] = []
        for table in self.scan() if tables is None else tables:
            modes = (stat.S_IMODE(mode) for mode in listed(table["mode"]))
            rows.extend(zip(listed(table["path"]), listed(table["kind"]), listed(table["size"]), modes))
        return rows


def roots(quick: bool = False) -> List[str]:
    """The folders of the running Python's own installation and of its site-packages, none inside another.

    With `quick` the folder of `email`, a package of the standard library, alone; where that is an archive, as in
    the embeddable Python for Windows, the folder of ironwheel.
    """
    base = os.path.realpath(sys.base_prefix)
    paths = sysconfig.get_paths()
    if quick:
        email = os.path.join(paths["stdlib"], "email")
        return [os.path.realpath(email if os.path.isdir(email) else os.path.dirname(os.path.dirname(__file__)))]
    found = [paths["stdlib"], paths["platstdlib"]] if base in _SHARED else [base]
    found += [paths["purelib"], paths["platlib"], *site.getsitepackages()]
    kept: List[str] = []
    for folder in sorted({os.path.realpath(folder) for folder in found if os.path.isdir(folder)}):
        if not any(folder == root or folder.startswith(root.rstrip(os.sep) + os.sep) for root in kept):
            kept.append(folder)
    return kept


def listed(values: Any) -> List[Any]:
    """A list of Python objects: what plain Python works on."""
    return list(values.tolist()) if hasattr(values, "tolist") else list(values)


def flat(values: Any) -> Any:
    """A two-dimensional array, row by row."""
    if hasattr(values, "ravel"):
        return values.ravel()
    if isinstance(values, memoryview):
        return values.cast("B").cast(values.format)  # type: ignore[call-overload]
    return values


def megabytes(size: int) -> str:
    """A number of bytes, for people."""
    if size < 1_000_000:
        return f"{size / 1e3:.1f} kB"
    if size < 1_000_000_000:
        return f"{size / 1e6:,.0f} MB"
    return f"{size / 1e9:.2f} GB"


def short(path: str) -> str:
    """A path for people: from the current folder where it is below that, else from the home folder."""
    for start, name in ((os.getcwd(), ""), (os.path.expanduser("~"), "~" + os.sep)):
        root = os.path.join(os.path.realpath(start), "")
        if os.path.realpath(path).startswith(root) and len(root) > 1:
            return name + os.path.realpath(path)[len(root) :]
    return path
