"""Columnar frames, from any library that speaks Arrow: what is in a table, column by column.

Everything here takes whatever has ``__arrow_c_stream__`` or ``__arrow_c_array__``: pandas (2.2 or newer, with
pyarrow), polars, pyarrow, DuckDB, the results of this package. Data is read where it lies, without a copy.

Null and NaN are different things here. A null is missing; NaN is a floating-point value that is not a number,
counted apart and kept out of every other figure. Which of the two a frame holds is up to the library it comes
from: pandas hands its NaN over as nulls, polars and pyarrow as NaN. The figures are the same either way.
"""

from __future__ import annotations

__all__ = ["Column", "Diff", "Digest", "Drift", "File", "Fingerprint", "Frame", "Profile", "Report", "Result", "ValidationError", "diff", "digest", "fingerprint", "merge", "profile", "rules", "suggest_rules", "validate"]
