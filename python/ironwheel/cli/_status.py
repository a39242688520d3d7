"""What the process ends with."""

from __future__ import annotations

DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130
