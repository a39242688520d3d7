"""Whatever a user calls a table, as one Arrow stream."""

from __future__ import annotations

from typing import Any, List, Optional

from ironwheel import _arrow


def capsule_of(name: str, data: Any, columns: Optional[List[str]] = None) -> object:
    """The stream of `data` as a capsule; `name` is the parameter that errors speak of.

    `columns` is a hint: a source that can leave columns unread gives at least these. Choosing is up to the reader.
    """
    from ironwheel.frames import _files

    if isinstance(data, _files.File):
        return _files.capsule_of_file(data, columns)
    if _files.is_path(data):
        return _files.capsule_of_path(name, data, columns)
    return _arrow.capsule_of(name, data)
