"""Tables and columns made of objects; for the tests of such columns."""

from __future__ import annotations

import pytest
from ironwheel import frames
from ironwheel.frames import _data

np = pytest.importorskip("numpy", reason="NumPy holds the objects")
pa = pytest.importorskip("pyarrow", reason="pyarrow reads the columns back")


def table(data):
    """What `data` became, as pyarrow reads the stream."""
    return pa.RecordBatchReader._import_from_c_capsule(_data.capsule_of("data", data)).read_all()


def column(values):
    """Type, values and notes of one column, which is checked the way every other frame is."""
    found = pa.table(frames.Frame({"x": values}))
    found.validate(full=True)
    metadata = found.schema.field(0).metadata or {}
    return str(found.schema.field(0).type), found["x"].to_pylist(), metadata.get(b"ironwheel:note", b"").decode()


def objects(values):
    made = np.empty(len(values), object)
    made[:] = values
    return made
