"""Write THIRD-PARTY.txt: whose code is in the library, and under which licence, for the wheel to carry.

usage: third_party.py [--check]

Reads what cargo resolved for the platforms we ship (none that only build or test it) and the licence files in the
crates themselves. A crate whose licence is not one of `ACCEPTED` is an error. With --check nothing is written
and the exit status is 1 when the committed file differs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "THIRD-PARTY.txt"
PLATFORMS = ("x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc")
ACCEPTED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0",
    "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip
HEAD = """\
The native library of ironwheel contains code of the Rust crates below and of the Rust standard library (MIT OR
Apache-2.0), each under the licence it names. Where a crate leaves the choice, we chose MIT if it is among them.
A text that several crates share is printed once, under all of their names.
"""


def metadata() -> dict[str, Any]:
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    for platform in PLATFORMS:
        command += ["--filter-platform", platform]
    output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found


def compiled_in(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Packages whose code ends up in the library, by name and version."""
    packages = {package["id"]: package for package in found["packages"]}
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    seen: set[str] = set()
    waiting = [found["resolve"]["root"]]
    while waiting:
        current = waiting.pop()
        # A procedural macro, and what it stands on, runs in the compiler and stays there.
        if current in seen or any("proc-macro" in target["kind"] for target in packages[current]["targets"]):
            continue
        seen.add(current)
        for dependency in nodes[current]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    seen.discard(found["resolve"]["root"])
    return sorted((packages[key] for key in seen), key=lambda package: (package["name"], package["version"]))


def acceptable(expression: str) -> bool:
    """Whether one of the alternatives of an SPDX expression is made of accepted licences alone."""
    plain = re.sub(r"\s+WITH\s+[\w.-]+", "", expression.replace("/", " OR ").replace("(", " ").replace(")", " "))
    return any(set(part.split(" AND ")) <= ACCEPTED for part in map(str.strip, re.split(r"\s+OR\s+", plain)))


def texts(package: dict[str, Any]) -> list[str]:
    """What the licence we chose has us pass on."""
    folder = Path(package["manifest_path"]).parent
    files = sorted(p for p in folder.iterdir() if re.match(r"(licen[cs]e|copying|notice|unlicense)", p.name, re.I))
    chosen = [p for p in files if "MIT" in p.name.upper() or "NOTICE" in p.name.upper()]
    if not any("MIT" in p.name.upper() for p in chosen):
        chosen = files
    return ["\n".join(path.read_text(encoding="utf-8").splitlines()).strip() for path in chosen if path.is_file()]


def generate() -> str:
    packages = compiled_in(metadata())
    refused = [f"{p['name']} {p['version']}: {p['license']}" for p in packages if not acceptable(p["license"] or "")]
    if refused:
        sys.exit("error: not an accepted licence:\n  " + "\n  ".join(refused))
    shared: dict[str, list[str]] = {}
    lines = [HEAD]
    for package in packages:
        authors = ", ".join(re.sub(r"\s*<[^>]*>", "", author) for author in package["authors"])
        lines.append(
            f"{package['name']} {package['version']} ({package['license']}){f', {authors}' if authors else ''}"
        )
        for text in texts(package):
            shared.setdefault(text, []).append(package["name"])
    for text, names in shared.items():
        lines += ["", "=" * 100, ", ".join(sorted(set(names))), "-" * 100, text]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def main() -> int:
    text = generate()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} is stale: run scripts/third_party.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
