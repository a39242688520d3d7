"""What this installation is and what it runs on, for ``ironwheel info`` and the demo."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Any, Dict, List, Optional

from ironwheel import _abi, _owned
from ironwheel._lib import check, lib, path, threads

#: Packages some call makes use of where they are installed; none is needed to import ironwheel.
OPTIONAL = ("numpy", "pandas", "pyarrow", "polars", "duckdb", "pyspark", "IPython", "azure-identity")


def cpu_features() -> List[str]:
    """Instruction sets of this processor that the library uses where present."""
    owned = _owned.new()
    check(lib.iw_cpu_features(ctypes.byref(owned)))
    return _owned.take_text(owned).split()


def cpu_name() -> str:
    """The processor's name as the system has it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return " ".join(line.split(":", 1)[1].split())
    except OSError:
        pass  # not Linux, or /proc is not mounted
    return platform.processor() or platform.machine()


def memory() -> Optional[int]:
    """Bytes of memory that this machine has, None where it does not say; what a container allows may be less."""
    if sys.platform == "win32":
        # MEMORYSTATUSEX: its own size, a percentage, and seven sizes in bytes, the first of which is all there is.
        class Status(ctypes.Structure):
            _fields_ = (("size", ctypes.c_uint32), ("load", ctypes.c_uint32), ("bytes", ctypes.c_uint64 * 7))

        status = Status(ctypes.sizeof(Status))
        return int(status.bytes[0]) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def package_versions() -> Dict[str, Optional[str]]:
    """The installed version of each optional package, without importing any of them."""
    from importlib import metadata

    versions: Dict[str, Optional[str]] = {}
    for name in OPTIONAL:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def describe() -> Dict[str, Any]:
    """All of it, in the order a person reads it."""
    version: str = lib.iw_version().decode("ascii")
    return {
        "version": version,
        "abi_version": int(lib.iw_abi_version()),
        "abi_fingerprint": f"{_abi.FINGERPRINT:016x}",
        "library": path,
        "library_bytes": os.path.getsize(path),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cpu_features": cpu_features(),
        "threads": threads(),
        "memory_bytes": memory(),
        "packages": package_versions(),
    }
