"""Hatchling's hook: build the library with cargo and put it, and its header, into the wheel.

The wheel is tagged ``py3-none-<platform>``: it holds no code tied to a Python version, because
``ctypes`` loads the library. Four variables change what is done; scripts/wheel.py uses them:

IRONWHEEL_CARGO
    The command in place of ``cargo build``, as in ``cargo zigbuild --target x86_64-unknown-linux-gnu.2.17``.
IRONWHEEL_PREBUILT
    A library that is already built; cargo is not run.
IRONWHEEL_PLATFORM
    The platform tag, where this machine's own is not the one the library was built for.
IRONWHEEL_OFFLINE
    Anything but empty: cargo uses what it has and asks no registry.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "ironwheel"
LIBRARY_SUFFIXES = (".so", ".dll", ".dylib")

NO_CARGO = """\
ironwheel is Rust inside, and installing it from source needs cargo (Rust {rust} or newer), which was not found.
  get it from https://rustup.rs, open a new shell, and run this command again;
  or install a ready-made wheel of ironwheel, which needs no compiler."""


class CargoHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """Adds the native library to a wheel, or beside the sources of an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and tell hatchling what to ship; ``version`` is ``standard`` or ``editable``."""
        library = os.environ.get("IRONWHEEL_PREBUILT") or self._cargo()
        platform = os.environ.get("IRONWHEEL_PLATFORM") or sysconfig.get_platform()
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + platform.replace("-", "_").replace(".", "_")
        name = os.path.basename(library)
        if version == "editable":
            # Renamed into place: a library that a running Python has mapped must not change under it.
            beside = os.path.join(self.root, "python", PACKAGE, name)
            shutil.copy2(library, beside + ".new")
            os.replace(beside + ".new", beside)
        else:
            included = build_data["force_include"]
            included[library] = f"{PACKAGE}/{name}"
            header = os.path.join(self.root, "include", "ironwheel.h")
            included[header] = f"{PACKAGE}/include/ironwheel.h"  # a C program builds against the wheel alone

    def _cargo(self) -> str:
        command = shlex.split(os.environ.get("IRONWHEEL_CARGO") or "cargo build")
        command[0] = self._find(command[0])
        command += ["--lib", "--release", "--locked", "--message-format=json-render-diagnostics"]
        if os.environ.get("IRONWHEEL_OFFLINE"):
            command.append("--offline")
        built = subprocess.run(command, cwd=self.root, stdout=subprocess.PIPE, check=False)
        if built.returncode != 0:
            self.app.abort(f"{' '.join(command)}: exit status {built.returncode}; what cargo said is above")
        for line in built.stdout.decode("utf-8").splitlines():
            message = json.loads(line) if line.startswith("{") else {}
            if (
                message.get("reason") == "compiler-artifact"
                and message["target"]["name"] == PACKAGE
                and "cdylib" in message["target"]["crate_types"]
            ):
                for path in message["filenames"]:
                    if path.endswith(LIBRARY_SUFFIXES):
                        return str(path)
        raise RuntimeError(f"{' '.join(command)} succeeded, but names no {PACKAGE} cdylib among its artifacts")

    def _find(self, program: str) -> str:
        """Path of cargo, also where rustup has put it and no new shell has been opened yet."""
        home = os.environ.get("CARGO_HOME") or os.path.join(os.path.expanduser("~"), ".cargo")
        search = os.pathsep.join([os.environ.get("PATH", os.defpath), os.path.join(home, "bin")])
        found = shutil.which(program, path=search)
        if found is None:
            self.app.abort(NO_CARGO.format(rust=self._rust_version()))
            raise FileNotFoundError(program)  # abort() does not return; this says so to a type checker
        return found

    def _rust_version(self) -> str:
        with open(os.path.join(self.root, "Cargo.toml"), encoding="utf-8") as manifest:
            for line in manifest:
                if line.startswith("rust-version"):
                    return line.split('"')[1]
        raise RuntimeError("Cargo.toml states no rust-version")
