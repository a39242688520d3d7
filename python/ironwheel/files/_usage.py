"""Sums over a tree."""

from __future__ import annotations

import ctypes
from typing import List

from ironwheel import _abi
from ironwheel._lib import lib
from ironwheel._paths import Path, encode
from ironwheel._progress import Job, Progress
from ironwheel.files._arguments import take_problems


class Usage:
    """What a tree holds and takes: the result of `usage`."""

    __slots__ = ("dirs", "disk", "errors", "files", "others", "size")

    def __init__(self, files: int, dirs: int, others: int, size: int, disk: int, errors: List[OSError]) -> None:
        self.files = files
        """Regular files; one with several names counts once."""
        self.dirs = dirs
        """Directories, the root included."""
        self.others = others
        """Everything else: links, pipes, sockets, devices."""
        self.size = size
        """Bytes a read of every regular file would give."""
        self.disk = disk
        """Bytes that all of it takes on the disk, as `du` counts them; on Windows the sizes."""
        self.errors = errors
        """What could not be read and is missing in the sums."""

    def __repr__(self) -> str:
        return (
            f"Usage(files={self.files}, dirs={self.dirs}, others={self.others}, size={self.size}, "
            f"disk={self.disk}, errors={self.errors!r})"
        )


def usage(root: Path, *, progress: Progress = None) -> Usage:
    """How much a directory and all it holds is, and how much of the disk it takes.

    `Usage.disk` is what ``du -s --block-size=1`` says. Links are not followed.

    Parameters
    ----------
    root : str, bytes or os.PathLike
        Directory.
    progress : bool or callable, optional
        True draws a count; called as ``progress(done, total)`` with the entries seen and 0.

    Returns
    -------
    Usage

    Raises
    ------
    OSError
        `root` cannot be opened as a directory.
    TypeError, KeyboardInterrupt
        As `scan`.

    Examples
    --------
    >>> import os, tempfile
    >>> from ironwheel.files import write_bytes
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(os.path.join(folder, "x"), bytes(1000))
    ...     found = usage(folder)
    1000
    >>> found.files, found.dirs, found.size
    (1, 1, 1000)
    """
    name = encode(root, "root")
    job = Job(progress, "usage")
    sums, problems = _abi.iw_files_sums(), ctypes.c_void_p()
    status = lib.iw_files_usage(name, len(name), job.tick, None, ctypes.byref(sums), ctypes.byref(problems))
    job.check(status, listing=True)
    errors = [error for _, error in take_problems(problems, listing=True)]
    return Usage(sums.files, sums.dirs, sums.others, sums.size, sums.disk, errors)
