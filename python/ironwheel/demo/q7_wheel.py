"""Question 7, packaging as a wheel."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import Any, List, Optional, Tuple

import ironwheel
from ironwheel import files
from ironwheel.demo.answer import Answer, Unanswered
from ironwheel.demo.work import Work, megabytes, short

QUESTION = "Can it be packaged as a .whl?"


def installed() -> Any:
    """The distribution this package was imported from.

    Raises
    ------
    Unanswered
        It runs from a source tree or an editable install: no wheel holds these files.
    """
    from importlib import metadata

    needs = "an installed wheel (make demo installs one)"
    try:
        found = metadata.distribution("ironwheel")
    except metadata.PackageNotFoundError:
        raise Unanswered(f"{needs}; this runs from {_here()}") from None
    origin = found.read_text("direct_url.json")
    if origin and json.loads(origin).get("dir_info", {}).get("editable"):
        raise Unanswered(f"{needs}; this is an editable install of {_here()}")
    listed = [entry for entry in found.files or () if str(entry).replace(os.sep, "/") == "ironwheel/__init__.py"]
    if not listed or not os.path.samefile(str(found.locate_file(listed[0])), str(ironwheel.__file__)):
        raise Unanswered(f"{needs}; another copy is imported from {_here()}")
    return found


def _here() -> str:
    return short(os.path.dirname(os.path.abspath(str(ironwheel.__file__))))


def field(wheel: str, name: str) -> List[str]:
    """The values of a field of the WHEEL file, which has the form of a mail's head."""
    pairs = (line.partition(":") for line in wheel.splitlines())
    return [value.strip() for key, colon, value in pairs if colon and key.strip().lower() == name.lower()]


def recorded(found: Any) -> List[Tuple[str, str]]:
    """Path and SHA-256, in hexadecimal, of every file whose hash the wheel recorded."""
    pairs = []
    for entry in found.files or ():
        if entry.hash is not None and entry.hash.mode == "sha256":
            digest = entry.hash.value
            raw = base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4))
            pairs.append((os.path.realpath(str(found.locate_file(entry))), raw.hex()))
    return pairs


def ask(answer: Answer, work: Work) -> None:
    """Reads the tags of the wheel this came from, and checks every file against its record."""
    found = installed()
    wheel: Optional[str] = found.read_text("WHEEL")
    tags = field(wheel or "", "Tag")
    required = [need for need in found.requires or [] if "extra ==" not in need]
    answer.check(
        f"Installed from a wheel tagged {', '.join(tags)}: any Python 3, and {len(required) or 'no'} dependencies.",
        bool(tags) and all(tag.startswith("py3-none-") for tag in tags),
    )
    pairs = recorded(found)
    paths = [path for path, _ in pairs]
    size = sum(map(os.path.getsize, paths))
    hashes = answer.compare(
        f"SHA-256 of the {len(paths)} installed files, {megabytes(size)}",
        lambda: list(files.hash(paths, "sha256")),
        lambda: [_sha256(path) for path in paths],
        by="hashlib, which is C",
    )
    answer.check("Each is the file its wheel recorded.", hashes == [digest for _, digest in pairs])


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
