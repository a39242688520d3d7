"""Tables in files, as what `ironwheel.frames` takes."""

from __future__ import annotations

import os
from typing import Any

KNOWN = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".feather", ".arrow")
WHAT = "CSV, TSV, JSON lines, Parquet, Feather or Arrow IPC"


def table(path: str) -> Any:
    """The table in a file: the path where the library reads it by itself, else what pyarrow or polars makes of it."""
    from ironwheel import frames

    suffix = os.path.splitext(path)[1].lower()
    if hasattr(frames, "File") and suffix not in (".feather", ".arrow"):
        return path
    if suffix not in KNOWN:
        raise ValueError(f"path must end in one of {', '.join(KNOWN)}, got {path!r}")
    os.stat(path)  # Python's own error for a missing file, whoever reads it then
    try:
        import pyarrow
    except ImportError:
        return _polars(path, suffix)
    try:
        if suffix in (".csv", ".tsv"):
            from pyarrow import csv

            parsing = csv.ParseOptions(delimiter="\t" if suffix == ".tsv" else ",")
            return csv.read_csv(path, parse_options=parsing)
        if suffix == ".parquet":
            from pyarrow import parquet

            return parquet.read_table(path)
        if suffix in (".feather", ".arrow"):
            from pyarrow import feather

            return feather.read_table(path)
        from pyarrow import json

        return json.read_json(path)
    except pyarrow.ArrowException as error:
        raise ValueError(f"{path}: {error}") from error


def _polars(path: str, suffix: str) -> Any:
    try:
        import polars
    except ImportError:
        raise ImportError("reading a table needs pyarrow or polars: pip install pyarrow") from None
    try:
        if suffix in (".csv", ".tsv"):
            return polars.read_csv(path, separator="\t" if suffix == ".tsv" else ",")
        if suffix == ".parquet":
            return polars.read_parquet(path)
        if suffix in (".feather", ".arrow"):
            return polars.read_ipc(path)
        return polars.read_ndjson(path)
    except polars.exceptions.PolarsError as error:
        raise ValueError(f"{path}: {error}") from error


def of_frames(name: str) -> Any:
    """A function of `ironwheel.frames`, looked up when it is asked for."""
    from ironwheel import frames

    return getattr(frames, name)
