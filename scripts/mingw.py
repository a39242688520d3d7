"""What it takes to build ironwheel.dll on Linux, and what such a DLL may need on the machine it ends up on.

GCC for Windows (mingw-w64) links; Rust's standard library for x86_64-pc-windows-gnu comes with rustup's toolchain
(`rustup target add x86_64-pc-windows-gnu`), or is compiled along from Debian's rust-web-src, by Debian's rustc-web
of the same version: a compiler builds no other version's standard library.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pe

TARGET = "x86_64-pc-windows-gnu"
LINKER = "x86_64-w64-mingw32-gcc"
DEBIAN_RUSTC = "/usr/bin/rustc"
# The linker would write down when it ran.
FLAGS = ["-Clink-arg=-Wl,--no-insert-timestamp"]
# In every Windows since 10; libgcc_s_seh-1.dll and libwinpthread-1.dll, which are not, must not come back.
SYSTEM = {
    "advapi32.dll", "api-ms-win-core-synch-l1-2-0.dll", "bcrypt.dll", "bcryptprimitives.dll", "kernel32.dll",
    "msvcrt.dll", "ntdll.dll", "userenv.dll", "ws2_32.dll",
}  # fmt: skip


class Missing(Exception):
    """What the machine lacks."""


def environment(root: Path) -> dict[str, str]:
    """How the hook is to run cargo."""
    if shutil.which(LINKER) is None:
        raise Missing(f"{LINKER} is not here (Debian: apt-get install gcc-mingw-w64-x86-64)")
    variables = {
        "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER": LINKER,
        "IRONWHEEL_CARGO": f"cargo build --target {TARGET}",
    }
    if _has_standard_library("rustc"):
        return variables
    lacks = _lacks(root)
    if lacks:
        raise Missing(
            f"no Rust standard library for {TARGET}: {lacks}; rustup target add {TARGET}, or Debian's packages"
        )
    return {
        **variables,
        "RUSTC": DEBIAN_RUSTC,
        "RUSTC_BOOTSTRAP": "1",  # -Z is for nightly compilers
        "IRONWHEEL_CARGO": f"cargo build --target {TARGET} -Zbuild-std=std,panic_unwind",
    }


def _sysroot(rustc: str) -> Path | None:
    if shutil.which(rustc) is None:
        return None
    done = subprocess.run([rustc, "--print", "sysroot"], stdout=subprocess.PIPE, check=False)
    return Path(done.stdout.decode().strip()) if done.returncode == 0 else None


def _has_standard_library(rustc: str) -> bool:
    sysroot = _sysroot(rustc)
    return sysroot is not None and any(sysroot.glob(f"lib/rustlib/{TARGET}/lib/libstd-*.rlib"))


def _lacks(root: Path) -> str | None:
    sysroot = _sysroot(DEBIAN_RUSTC)
    if sysroot is None:
        return f"{DEBIAN_RUSTC} is not here (Debian: apt-get install rustc-web)"
    if not (sysroot / "lib/rustlib/src/rust/library/std/Cargo.toml").exists():
        return f"{DEBIAN_RUSTC} is without its sources (Debian: apt-get install rust-web-src)"
    said = subprocess.run([DEBIAN_RUSTC, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
    wanted = re.search(r'^rust-version = "([0-9.]+)"', (root / "Cargo.toml").read_text(encoding="utf-8"), re.M)
    found = re.match(r"rustc ([0-9.]+)", said)
    if found is None or wanted is None or _numbers(found[1]) < _numbers(wanted[1]):
        return f"{DEBIAN_RUSTC} is {said.strip()}, older than Cargo.toml's rust-version"
    return None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def declared(header: str) -> set[str]:
    """The functions a C header declares."""
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    return set(re.findall(r"\b(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\);", code)) - {"void"}


def problems(library: bytes, header: Path) -> list[str]:
    """What keeps the DLL from being the one a user gets; empty when nothing does."""
    try:
        dll = pe.read(library)
    except pe.NotADll as error:
        return [f"is no DLL for x86-64: {error}"]
    wanted, found = declared(header.read_text(encoding="utf-8")), set(dll.exports)
    return [
        text
        for names, text in [
            (set(dll.imports) - SYSTEM, "needs what not every Windows has: "),
            (found - wanted, "exports what the header does not declare: "),
            (wanted - found, "lacks what the header declares: "),
        ]
        if names
        for text in [text + ", ".join(sorted(names))]
    ]
