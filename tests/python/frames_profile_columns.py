"""Profiles of one column, and when two figures are the same; for the tests of profiles."""

from __future__ import annotations

import math

SHARES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")


def close(ours: object, theirs: float, relative: float = 1e-9, absolute: float = 1e-12) -> bool:
    return isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=relative, abs_tol=absolute)
