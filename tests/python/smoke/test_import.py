"""Importing ironwheel loads one library and next to nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

# What an import stands on: ctypes loads the library, typing is in the annotations, weakref frees handles. Anything
# beyond costs every program that imports ironwheel; a new name is added here on purpose or not at all.
STANDS_ON = "import ctypes, os, sys, typing, weakref"
ALLOWED = {"__future__", "ironwheel"}
LISTING = "import json, sys; before = set(sys.modules); {}; print(json.dumps(sorted(set(sys.modules) - before)))"


def loaded_by(statement: str) -> set[str]:
    """Modules a statement loads in a fresh interpreter, beyond what its start has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING.format(statement)],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return set(json.loads(done.stdout))


def test_import_brings_in_no_third_party_package() -> None:
    roots = {name.split(".")[0] for name in loaded_by("import ironwheel")}
    assert roots.isdisjoint({"numpy", "pandas", "pyarrow", "pyspark", "polars", "azure", "IPython", "requests"})


def test_import_brings_in_a_bounded_part_of_the_standard_library() -> None:
    more = {name.split(".")[0] for name in loaded_by("import ironwheel") - loaded_by(STANDS_ON)}
    more -= set(sys.builtin_module_names)  # part of the interpreter, nothing to load
    assert more <= ALLOWED, f"new at import: {sorted(more - ALLOWED)}"


def test_everything_public_is_there() -> None:
    import ironwheel

    missing = [name for name in ironwheel.__all__ if not hasattr(ironwheel, name)]
    assert missing == []
    for domain in ("ints", "text", "files", "arrays", "frames"):
        assert domain in ironwheel.__all__
