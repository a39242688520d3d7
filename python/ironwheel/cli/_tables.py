"""Tables in files, as what `ironwheel.frames` takes."""

from __future__ import annotations

import os
from typing import Any

WHAT = "CSV, TSV, JSON lines, Parquet, Feather or Arrow IPC; or a pattern of such"


def table(path: str) -> Any:
    """The table in a file: the path where the library reads it by itself, else what pyarrow or polars makes of it."""
    if os.path.splitext(path)[1].lower() not in (".feather", ".arrow", ".ipc"):
        return path
    os.stat(path)  # Python's own error for a missing file, whoever reads it then
    try:
        import pyarrow
    except ImportError:
        return _polars(path)
    from pyarrow import feather

    try:
        return feather.read_table(path)
    except pyarrow.ArrowException as error:
        raise ValueError(f"{path}: {error}") from error


def _polars(path: str) -> Any:
    try:
        import polars
    except ImportError:
        raise ImportError("reading Feather or Arrow IPC needs pyarrow or polars: pip install pyarrow") from None
    try:
        return polars.read_ipc(path)
    except polars.exceptions.PolarsError as error:
        raise ValueError(f"{path}: {error}") from error
