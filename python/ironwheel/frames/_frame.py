"""A table of any library, read whole."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, List

from ironwheel import _arrow
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _data
from ironwheel.frames._profile import Profile, profile
from ironwheel.frames._table import Table


class Frame(Table):
    """A table read whole and kept where its producer put it.

    Parameters
    ----------
    data
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``. What is not a table (a Series, a chunked
        array) becomes a table of one column. A stream that can be read once is used up.
    progress
        True for a bar, or called as ``progress(rows, 0)``.

    Raises
    ------
    TypeError
        `data` does not speak Arrow, or a column has a type the library does not know.
    ValueError
        `data` was read before, breaks Arrow's rules, or its producer failed; the message names the column.
    ImportError
        `data` needs a library that is not installed to hand itself over, as a relation of DuckDB needs pyarrow.

    Notes
    -----
    No column is copied; contents are checked once (offsets, dictionary keys, UTF-8), which costs about as much as
    reading them. A frame may be handed on any number of times, to several libraries at once, and what was handed
    on outlives it. A frame may be used by several threads.

    Examples
    --------
    >>> import pyarrow as pa
    >>> frame = Frame(pa.table({"a": [1, 2], "b": ["x", None]}))
    >>> frame
    <Frame: 2 rows, a: int64, b: string>
    >>> pa.table(frame).column_names
    ['a', 'b']
    """

    def __init__(self, data: Any, *, progress: Progress = None) -> None:
        capsule = _data.capsule_of("data", data)
        job = Job(progress, "reading")
        out = ctypes.c_void_p()
        status = lib.iw_frames_read(_arrow.pointer(capsule), job.tick, None, ctypes.byref(out))
        job.check(status)
        assert out.value is not None
        super().__init__(out.value, lib.iw_frame_free)
        import json

        fields: List[Dict[str, str]] = json.loads(self._text(lib.iw_frame_columns))
        self.columns: List[str] = [field["name"] for field in fields]
        """Names of the columns, which need not be unique."""
        self.types: List[str] = [field["type"] for field in fields]
        """Types of the columns, as Arrow names them."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        out = ctypes.c_uint64()
        check(lib.iw_frame_rows(self._pointer, ctypes.byref(out)))
        return out.value

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        columns = "".join(f", {name}: {kind}" for name, kind in zip(self.columns, self.types))
        return f"<Frame: {self.rows:,} rows{columns}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of this frame, as often as asked for; `requested_schema` is not looked at."""
        return _arrow.export(lambda stream: lib.iw_frame_stream(self._pointer, stream))

    def profile(self, **options: Any) -> Profile:
        """What is in this frame; `options` are those of `ironwheel.frames.profile`."""
        return profile(self, **options)
