"""Tables of any library and files of tables: what is in them, whether it is right, what has changed.

`profile` says what is in a table, `validate` whether it keeps rules, `fingerprint` and `diff` what has changed. Each
takes whatever has ``__arrow_c_stream__`` or ``__arrow_c_array__`` (polars, pyarrow, DuckDB, the results of this package),
pandas from 1.5 on with or without pyarrow, a dict of arrays, and a path to CSV, TSV, JSON lines or Parquet (also a glob).
Data is read where it lies, without a copy wherever the producer's layout allows.

Null and NaN are different things here. A null is missing; NaN is a floating-point value that is not a number,
counted apart and kept out of every other figure. pandas marks what is missing with NaN, so NaN in its NumPy-backed
columns is read as null; everywhere else NaN stays NaN. Rules treat both as missing, so they give one answer by every
route.
"""

from __future__ import annotations

from ironwheel.frames import rules
from ironwheel.frames._compare import Drift
from ironwheel.frames._diff import Diff, diff
from ironwheel.frames._files import File
from ironwheel.frames._fingerprint import Digest, Fingerprint, digest, fingerprint
from ironwheel.frames._frame import Frame
from ironwheel.frames._profile import Profile, merge, profile
from ironwheel.frames._profile_column import Column
from ironwheel.frames._report import Report, Result, ValidationError
from ironwheel.frames._validate import suggest_rules, validate
from ironwheel.frames._validation_state import ValidationState

FrameDigest = Digest
"""`Digest` by the name that says of what, where digests of other things are about."""

__all__ = [
    "Column",
    "Diff",
    "Digest",
    "Drift",
    "File",
    "Fingerprint",
    "Frame",
    "FrameDigest",
    "Profile",
    "Report",
    "Result",
    "ValidationError",
    "ValidationState",
    "diff",
    "digest",
    "fingerprint",
    "merge",
    "profile",
    "rules",
    "suggest_rules",
    "validate",
]
