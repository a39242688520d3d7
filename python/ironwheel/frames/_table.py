"""What every result of frames is: something the library made, and a table that speaks Arrow."""

from __future__ import annotations

import ctypes
import weakref
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from ironwheel import _arrow, _owned
from ironwheel._lib import check

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Handle:
    """Something the library made and frees when the last reference goes."""

    def __init__(self, pointer: int, free: Any) -> None:
        self._pointer = ctypes.c_void_p(pointer)
        # Not at exit: the process gives its memory back anyway, and producers may be half gone by then.
        weakref.finalize(self, free, self._pointer).atexit = False

    def _text(self, read: Any) -> str:
        slot = _owned.new()
        check(read(self._pointer, ctypes.byref(slot)))
        return _owned.take_text(slot)


class Table(Handle):
    """What speaks Arrow, and therefore every library that does."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of this table, as often as asked for; `requested_schema` is not looked at."""
        raise NotImplementedError

    def to_arrow(self) -> pyarrow.Table:
        """Hand the table over to pyarrow, sharing memory. Needs pyarrow."""
        table: pyarrow.Table = _arrow.to_pyarrow(self)
        return table

    def to_polars(self) -> polars.DataFrame:
        """Hand the table over to polars. Needs polars."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Hand the table over to pandas. Needs pandas and pyarrow."""
        return self.to_arrow().to_pandas()


def names(columns: Optional[Sequence[str]]) -> Optional[List[str]]:
    if columns is None:
        return None
    if isinstance(columns, (str, bytes)):  # iterating over it would look for one-letter columns
        raise TypeError(f"columns must be a sequence of str, got {columns!r}; did you mean [{columns!r}]?")
    names = list(columns)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"columns must be a sequence of str, got {name!r} in it")
    return names


def content(name: str, data: Any) -> bytes:
    """The bytes of anything that has a buffer."""
    try:
        return bytes(memoryview(data))
    except TypeError:
        raise TypeError(f"{name} must be bytes, got {type(data).__name__}") from None
