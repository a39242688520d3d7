"""Lists a tree."""

from __future__ import annotations

import ctypes
from typing import Iterable, List, Optional, Union

from ironwheel._lib import lib
from ironwheel._paths import Path, decode, encode
from ironwheel._progress import Job, Progress
from ironwheel.files._arguments import flags as flags_of
from ironwheel.files._table import Native, Scan


def scan(
    root: Path,
    pattern: Union[str, Iterable[str], None] = None,
    *,
    ignore: bool = False,
    hidden: bool = True,
    follow: bool = False,
    progress: Progress = None,
) -> Scan:
    """Everything below a directory, with kind, size, time and mode, as one sorted table.

    Rows are sorted name by name (as `pathlib.Path` sorts): a directory comes right before what it holds, siblings
    stand in the order of their bytes. `root` itself is no row. What cannot be read does not end the scan: see
    `Scan.errors`.

    Parameters
    ----------
    root : str, bytes or os.PathLike
        Directory; a symbolic link to one is followed. Every path of the table begins with it.
    pattern : str or iterable of str, optional
        Glob; only entries that match are listed (any of several is enough). ``*`` any characters but ``/``, ``?``
        one, ``[a-z]`` a class, ``[!a-z]`` its complement, ``{a,b}`` either, ``**`` any number of directories, ``\\``
        takes the next character as it is. Without a ``/`` it is compared with the name, at every depth; with one,
        with the path below `root`: ``"src/*.py"`` is not ``"**/src/*.py"``. A leading dot is no special character.
        Case matters, except on Windows.
    ignore : bool
        Leave out what ``.gitignore`` files say (those below `root`, and from `root` up to the top of its
        repository, with ``.git/info/exclude``; not the user's global ones), and ``.git`` itself. Ignored
        directories are not entered.
    hidden : bool
        False leaves out names that begin with a dot (on Windows also what has the hidden attribute) and what such
        directories hold.
    follow : bool
        Treat symbolic links as what they lead to. A link that leads nowhere stays a link; one that leads back to a
        directory it is in does too, and is in `Scan.errors`.
    progress : bool or callable, optional
        True draws a count; called as ``progress(done, total)`` with the entries seen and 0.

    Returns
    -------
    Scan

    Raises
    ------
    OSError
        `root` cannot be opened as a directory: FileNotFoundError, NotADirectoryError, PermissionError.
    ValueError
        `pattern` is not a glob, or starts with ``/``.
    TypeError
        An argument has a wrong type.
    KeyboardInterrupt
        Ctrl-C; nothing is returned.

    Notes
    -----
    One `getdents` per few hundred names and one `fstatat` per listed entry, shared between the threads. Memory is
    about 60 bytes plus the path for each entry. Mount points are crossed.

    Examples
    --------
    >>> import os, tempfile
    >>> from ironwheel.files import write_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(os.path.join(folder, "b.txt"), "hello")
    ...     write_text(os.path.join(folder, "a.py"), "")
    ...     with scan(folder) as table:
    ...         print([(entry.name, entry.kind, entry.size) for entry in table])
    5
    0
    [('a.py', 'file', 0), ('b.txt', 'file', 5)]
    """
    name = encode(root, "root")
    patterns = _patterns(pattern)
    flags = flags_of(ignore, hidden, follow)
    job = Job(progress, "scan")
    pointer = ctypes.c_void_p()
    length = 0 if patterns is None else len(patterns)
    status = lib.iw_files_scan_new(name, len(name), patterns, length, flags, job.tick, None, ctypes.byref(pointer))
    native = Native(pointer.value) if pointer.value else None
    job.check(status, listing=True)
    assert native is not None  # IW_OK comes with a handle
    return Scan(native, decode(name))


def _patterns(pattern: Union[str, Iterable[str], None]) -> Optional[bytes]:
    if pattern is None:
        return None
    if isinstance(pattern, (str, bytes)):
        pattern = [pattern]
    given: List[bytes] = []
    try:
        globs = list(pattern)
    except TypeError:
        raise TypeError(f"pattern must be a str or several, got {type(pattern).__name__}") from None
    for glob in globs:
        if not isinstance(glob, str):
            raise TypeError(f"pattern must be a str or several, got {type(glob).__name__}")
        if "\0" in glob:
            raise ValueError(f"pattern must not contain a NUL, got {glob!r}")
        try:
            given.append(glob.encode("utf-8") + b"\0")
        except UnicodeEncodeError:
            raise ValueError(f"pattern must be text that UTF-8 can hold, got {glob!r}") from None
    return b"".join(given)
