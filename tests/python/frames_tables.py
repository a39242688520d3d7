"""Tables, and what pyarrow says of them."""

from __future__ import annotations

import math


def close(ours: object, theirs: object, relative: float = 1e-12) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=relative, abs_tol=1e-300)
