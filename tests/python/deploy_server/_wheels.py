"""Wheels, right and wrong."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Callable, Dict, Optional


def wheel(
    folder: Path,
    version: str = "0.2.0",
    name: str = "ironwheel",
    tag: str = "py3-none-manylinux2014_x86_64",
    *,
    file: Optional[str] = None,
    size: int = 0,
    change: Optional[Callable[[Dict[str, bytes]], None]] = None,
    seed: str = "",
) -> Path:
    """A wheel with a module and `size` bytes of ballast that do not compress; `change` spoils it."""
    info = f"{name}-{version}.dist-info"
    python, abi, platforms = tag.split("-")
    tags = "".join(f"Tag: {p}-{abi}-{s}\n" for p in python.split(".") for s in platforms.split("."))
    files: Dict[str, bytes] = {
        f"{name}/__init__.py": f"# {seed}\n".encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nWords.\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n{tags}".encode(),
    }
    if size:
        files[f"{name}/ballast.bin"] = hashlib.shake_128(version.encode()).digest(size)
    rows = "".join(f"{n},sha256={_digest(c)},{len(c)}\n" for n, c in files.items())
    files[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n".encode()
    if change is not None:
        change(files)
    place = folder / (file or f"{name}-{version}-{tag}.whl")
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in files.items():
            archive.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), content)
    return place


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
