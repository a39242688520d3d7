"""Columns of pandas; for the tests of its frames."""

from __future__ import annotations

import pytest
from ironwheel.frames import _data

NAN = float("nan")


def notes(data):
    """Notes by column name, from the fields' metadata."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow shows the metadata")
    schema = pa.RecordBatchReader._import_from_c_capsule(_data.capsule_of("data", data)).schema
    found = {field.name: (field.metadata or {}).get(b"ironwheel:note", b"").decode() for field in schema}
    return {name: note for name, note in found.items() if note}
