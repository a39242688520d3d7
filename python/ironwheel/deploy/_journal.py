"""Remembers what this machine sent where, so that a second run knows its own work from somebody else's.

The services tell names of libraries, not what is in them. The file holds hashes and times, no secret; where it
cannot be written, a second run says that it cannot tell.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

KEPT = 500
UNANSWERED = "unanswered:"  # before the hash of what may have arrived, or not as a whole


def place() -> str:
    """The file: ``ironwheel/deployed.json`` in the folder for state."""
    home = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return os.path.join(home or os.path.join(os.path.expanduser("~"), ".local", "state"), "ironwheel", "deployed.json")


def remembered(key: str) -> Optional[str]:
    """SHA-256 of what was sent as `key`, if this machine did."""
    entry = _read().get(key)
    digest = entry.get("sha256") if isinstance(entry, dict) else None
    return digest if isinstance(digest, str) else None


def remember(key: str, digest: str) -> None:
    """Keeps what is being sent as `key`; the newest entries stay."""
    import time

    entries = _read()
    entries.pop(key, None)
    entries[key] = {"sha256": digest, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    while len(entries) > KEPT:
        entries.pop(next(iter(entries)))
    _write(entries)


def forget(key: str) -> None:
    """Takes back what was remembered as `key`, where that turned out to be somebody else's."""
    entries = _read()
    if entries.pop(key, None) is not None:
        _write(entries)


def _write(entries: Dict[str, Any]) -> None:
    import json
    import tempfile

    file = place()
    try:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        number, made = tempfile.mkstemp(dir=os.path.dirname(file), prefix=".deployed-")
        with open(number, "w", encoding="utf-8") as opened:
            json.dump(entries, opened, indent=1)
        os.replace(made, file)
    except OSError:
        return  # a home that cannot be written to is no reason not to deploy


def _read() -> Dict[str, Any]:
    import json

    try:
        with open(place(), encoding="utf-8") as opened:
            entries = json.load(opened)
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
