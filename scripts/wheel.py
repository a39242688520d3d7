"""Build the wheel for Linux or for Windows, and refuse to keep one that is not what its name says.

usage: wheel.py [--windows] [--quick] [--twice] [--out DIR]
    from the environment of requirements/wheel.txt; `make wheel` and `make wheel-windows` make it

For Linux, zig links against glibc 2.17, so the wheel installs on every distribution since 2014. For Windows,
mingw.py says what is used. Nothing of this machine may show in a wheel: paths are mapped away, times are fixed,
and with --twice the tree is built again, as a copy in another folder with another cargo home, umask, time zone
and locale, and the two are compared bit by bit. --quick optimises little: for tests, not for users.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

import mingw

ROOT = Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-gnu"
GLIBC = "2.17"
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",  # 1 takes four times as long to build as the tests take to run
}
LARGEST = 10 * 1000 * 1000
NOT_COPIED = shutil.ignore_patterns(
    "target", "dist", ".git", ".venv", ".envs", "__pycache__", "*.so", ".mypy_cache", ".pytest_cache", ".ruff_cache"
)


class Refused(Exception):
    """What is wrong with a wheel."""


class Platform(NamedTuple):
    """What a wheel is built for."""

    tag: str
    library: str  # in the wheel
    environment: dict[str, str]  # how cargo is run
    flags: list[str]  # for rustc
    audit: Callable[[Path, bytes], None]  # of the wheel and its library; raises `Refused`


def linux() -> Platform:
    """Every Linux with glibc 2.17 or newer."""
    cargo = f"cargo zigbuild --target {TARGET}.{GLIBC}"
    tag = "manylinux2014_x86_64"
    return Platform(
        tag,
        "ironwheel/libironwheel.so",
        {"IRONWHEEL_CARGO": cargo},
        [],
        lambda wheel, library: repair(wheel, library, tag),
    )


def windows() -> Platform:
    """Windows 10 and newer."""
    try:
        environment = mingw.environment(ROOT)
    except mingw.Missing as missing:
        raise Refused(str(missing)) from None

    def audit(wheel: Path, library: bytes) -> None:
        found = mingw.problems(library, ROOT / "include" / "ironwheel.h")
        if found:
            raise Refused(f"ironwheel.dll in {wheel.name} " + "; ".join(found))

    return Platform("win_amd64", "ironwheel/ironwheel.dll", environment, mingw.FLAGS, audit)


def remapped(root: Path, cargo_home: Path, more: list[str]) -> dict[str, str]:
    """Compiler flags under which a panic message names `src/...` and `/deps/...`, wherever they lie here."""
    pairs = [(cargo_home, "/cargo"), (root, "/ironwheel")]
    # One folder a registry, with its host in the name; two spellings of one path where a link is in it.
    homes = {cargo_home, cargo_home.resolve()}
    for home in homes:
        pairs += [(home, "/cargo")]
        pairs += [(folder, "/deps") for folder in sorted(home.glob("registry/src/*"))]
    flags = [f"--remap-path-prefix={old}={new}" for old, new in pairs]  # rustc uses the last that matches
    inherited = os.environ.get("CARGO_ENCODED_RUSTFLAGS", "").split("\x1f")
    return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join([flag for flag in inherited if flag] + flags + more)}


def build(platform: Platform, root: Path, out: Path, **environment: str) -> Path:
    """Build the wheel of the tree at `root` into the empty folder `out`."""
    cargo_home = Path(environment.get("CARGO_HOME") or os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    variables = {
        **os.environ,
        **environment,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(cargo_home / "bin")]),
        "CARGO_TARGET_DIR": str(root / "target"),
        "IRONWHEEL_PLATFORM": platform.tag,
        **platform.environment,
    }
    variables.pop("IRONWHEEL_PREBUILT", None)
    variables.pop("RUSTFLAGS", None)  # cargo would read the other one alone, and not say so
    # The registry's sources must lie unpacked before their folders can be listed.
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=root, env=variables, check=True)
    variables.update(remapped(root, cargo_home, platform.flags))
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    subprocess.run(command, cwd=root, env=variables, check=True, umask=int(environment.get("UMASK", "022"), 8))
    (wheel,) = out.glob("*.whl")
    return wheel


def check(platform: Platform, wheel: Path, root: Path) -> None:
    """Raise `Refused` unless the wheel is small (a quick one aside), whole, of its platform, and says nothing of this machine."""
    if not wheel.name.endswith(f"-py3-none-{platform.tag}.whl"):
        raise Refused(f"{wheel.name} is not named for {platform.tag}")
    quick = QUICK.items() <= platform.environment.items()  # unoptimised code is large, and nobody gets it
    if not quick and wheel.stat().st_size >= LARGEST:
        raise Refused(f"{wheel.name} has {wheel.stat().st_size:,} bytes; {LARGEST:,} is too many")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        library = archive.read(platform.library)
        (metadata_name,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(metadata_name).decode("utf-8").splitlines()
    missing = {"ironwheel/include/ironwheel.h", "ironwheel/py.typed", "ironwheel/__init__.py"} - names
    if missing:
        raise Refused(f"{wheel.name} lacks {', '.join(sorted(missing))}")
    native = sorted(name for name in names if name.endswith((".so", ".dll", ".dylib", ".new")))
    if native != [platform.library]:
        raise Refused(f"{wheel.name} holds {native}, not {platform.library} alone")
    needed = [line for line in metadata if line.startswith("Requires-Dist:") and "extra ==" not in line]
    if needed:
        raise Refused(f"{wheel.name} has runtime dependencies: {needed}")
    for path in (str(root), str(Path.home()), os.environ.get("CARGO_HOME", "")):
        if len(path) > 1 and f"{path.rstrip('/')}/".encode() in library:  # a file may be called /deps/x/roots.rs
            raise Refused(f"{platform.library} in {wheel.name} contains the path {path}")
    platform.audit(wheel, library)


def repair(wheel: Path, library: bytes, tag: str) -> None:
    """Let auditwheel repair a copy: it must accept the platform, and find nothing to change."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "auditwheel", "repair", "--plat", tag, "--wheel-dir", folder, str(wheel)]
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise Refused(f"auditwheel refuses {wheel.name} as {tag}:\n{done.stdout.decode('utf-8', 'replace')}")
        (repaired,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(repaired) as archive:
            libraries = [name for name in archive.namelist() if ".so" in name]
            if len(libraries) != 1 or archive.read(libraries[0]) != library:
                raise Refused(f"auditwheel had to change {wheel.name}: {libraries}")


def differences(one: Path, other: Path) -> list[str]:
    """Where two wheels differ, for a reader who has to find out why; empty when they are the same bits."""
    if one.read_bytes() == other.read_bytes():
        return []
    found = []
    with zipfile.ZipFile(one) as left, zipfile.ZipFile(other) as right:
        if left.namelist() != right.namelist():
            found.append(f"members: {sorted(set(left.namelist()) ^ set(right.namelist())) or 'in another order'}")
        for name in sorted(set(left.namelist()) & set(right.namelist())):
            a, b = left.read(name), right.read(name)
            if a != b:
                at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
                found.append(f"{name}: {len(a):,} and {len(b):,} bytes, first different at {at:#x}")
            elif left.getinfo(name).external_attr != right.getinfo(name).external_attr:
                found.append(f"{name}: file modes")
    return found or ["the archives differ, their members do not"]


def build_elsewhere(platform: Platform, folder: Path) -> Path:
    """Build a copy of the tree where everything a build might let slip is another."""
    copy = folder / "another place" / "tree"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    home = folder / "another-cargo-home"
    home.symlink_to(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    out = folder / "out"
    out.mkdir()
    return build(
        platform, copy, out,
        CARGO_HOME=str(home), UMASK="077", TZ="Asia/Kolkata", LC_ALL="C", PYTHONHASHSEED="7", HOSTNAME="x",
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Build and check the wheel for Linux or Windows.")
    parser.add_argument("--windows", action="store_true", help="cross-build for Windows; without, manylinux2014")
    parser.add_argument("--quick", action="store_true", help="optimise little")
    parser.add_argument("--twice", action="store_true", help="build it again elsewhere; it must be the same bits")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the wheel goes (dist)")
    arguments = parser.parse_args()
    try:
        platform = windows() if arguments.windows else linux()
        if arguments.quick:
            platform.environment.update(QUICK)
        with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor() as pool:
            out = Path(temporary, "first")
            out.mkdir()
            # At the same time: linking with LTO, most of the work, keeps one core busy and no more.
            first = pool.submit(build, platform, ROOT, out)
            second = pool.submit(build_elsewhere, platform, Path(temporary)) if arguments.twice else None
            built = first.result()
            check(platform, built, ROOT)
            if second is not None:
                found = differences(built, second.result())
                if found:
                    raise Refused("built twice, the wheel is not the same:\n  " + "\n  ".join(found))
                print("built twice, in two folders: the same bits")
            arguments.out.mkdir(parents=True, exist_ok=True)
            for old in arguments.out.glob(f"ironwheel-*-{platform.tag}.whl"):
                old.unlink()
            wheel = Path(shutil.copy2(built, arguments.out))
    except Refused as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"error: {' '.join(map(str, error.cmd))}: exit status {error.returncode}", file=sys.stderr)
        return 1
    print(f"{os.path.relpath(wheel)}: {wheel.stat().st_size:,} bytes, {platform.tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
