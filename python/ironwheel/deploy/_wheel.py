"""Checks that a file is a wheel, says the same thing everywhere, and will run on Spark's machines.

What a wheel is: the binary distribution format of the Python packaging user guide (PEP 427, with the file names
of PEP 625 and the tags of PEP 425, 600 and 656); versions after PEP 440.
"""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from ironwheel.deploy._errors import InvalidWheel

REBUILD = "build the wheel again (make wheel, or python -m build --wheel) and deploy that file under its own name"
NEWEST_GLIBC = (2, 38)  # Synapse 3.5 and Fabric 2.0
EVERY_GLIBC = (2, 35)  # Synapse 3.4, Fabric 1.2 and 1.3
MAX_UNPACKED = 4 << 30


class Wheel(NamedTuple):
    """A wheel that passed."""

    path: str
    file: str
    """Its file name."""
    name: str
    """The distribution's name, normalised."""
    version: str
    size: int
    sha256: str
    data: bytes
    warnings: Tuple[str, ...]

    def __repr__(self) -> str:
        return f"Wheel({self.file!r}, {self.size:,} bytes)"


def inspect(path: Any, limit: int, service: str, longest_name: Optional[int] = None) -> Wheel:
    """Reads and checks a wheel; `limit` is the largest file the service takes, in bytes.

    Raises
    ------
    OSError
        As `open` does.
    InvalidWheel
        With what is wrong.
    """
    path = os.fspath(path)
    if not isinstance(path, str):
        raise TypeError(f"wheel must be a str or a path, got {type(path).__name__}")
    file = os.path.basename(path)
    with open(path, "rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size > limit:
            raise InvalidWheel(
                f"wheel: {service} takes files of at most {limit:,} bytes, {file} has {size:,}",
                hint="leave debug information out of the library (strip), or split the package",
            )
        data = opened.read(limit + 1)
    distribution, version, tags = _file_name(file)
    if longest_name is not None and len(file) > longest_name:
        raise InvalidWheel(
            f"wheel: {service} takes file names of at most {longest_name} characters, {file} has {len(file)}",
            hint="build the wheel with fewer platform tags in its name",
        )
    warnings = _fits(file, tags)
    warnings += _check_archive(file, data, distribution, version, tags)
    from hashlib import sha256

    digest = sha256(data).hexdigest()
    return Wheel(path, file, normal_name(distribution), version, len(data), digest, data, tuple(warnings))


def normal_name(name: str) -> str:
    """A distribution's name as all its spellings have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def package_of(file: str) -> Optional[Tuple[str, str]]:
    """Normalised name and version of a file that is called as wheels are; None of any other."""
    if not file.lower().endswith(".whl"):
        return None
    parts = file[:-4].split("-")
    return (normal_name(parts[0]), parts[1]) if len(parts) in (5, 6) else None


_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?"
    r"(?:-(?P<post_bare>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_n>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


def normal_version(version: str) -> Optional[str]:
    """A version as PEP 440 spells it, without zeros at the end of the release; None where it is none."""
    found = _VERSION.fullmatch(version.strip().lower())
    if found is None:
        return None
    part = found.groupdict()
    release = [str(int(number)) for number in part["release"].split(".")]
    while len(release) > 1 and release[-1] == "0":
        release.pop()
    spelled = (f"{int(part['epoch'])}!" if int(part["epoch"] or 0) else "") + ".".join(release)
    if part["pre"]:
        spelled += f"{_PRE.get(part['pre'], part['pre'])}{int(part['pre_n'] or 0)}"
    if part["post"] or part["post_bare"]:
        spelled += f".post{int(part['post_bare'] or part['post_n'] or 0)}"
    if part["dev"]:
        spelled += f".dev{int(part['dev_n'] or 0)}"
    return spelled + ("+" + re.sub(r"[-_]", ".", part["local"]) if part["local"] else "")


def _wrong(what: str, hint: str = REBUILD) -> InvalidWheel:
    return InvalidWheel(f"wheel: {what}", hint=hint)


def _file_name(file: str) -> Tuple[str, str, Tuple[str, str, str]]:
    parts = file[:-4].split("-")
    if not file.endswith(".whl") or len(parts) not in (5, 6) or not all(parts):
        raise _wrong(f"a wheel is called name-version[-build]-python-abi-platform.whl, got {file!r}")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9_.]*[A-Za-z0-9])?", parts[0]):
        raise _wrong(f"{parts[0]!r} in {file!r} is no name of a distribution")
    if normal_version(parts[1].replace("_", "-")) is None and normal_version(parts[1]) is None:
        raise _wrong(f"{parts[1]!r} in {file!r} is no version as PEP 440 has it")
    if len(parts) == 6 and not parts[2][0].isdigit():
        raise _wrong(f"the build tag {parts[2]!r} in {file!r} must begin with a digit")
    return parts[0], parts[1], (parts[-3], parts[-2], parts[-1])


def _fits(file: str, tags: Tuple[str, str, str]) -> List[str]:
    """Refuses what Spark's machines (CPython 3.10 to 3.13, Linux, x86-64) cannot install; answers notes."""
    linux = "Synapse and Fabric run Linux on x86-64: deploy the manylinux x86_64 wheel (make wheel)"
    pythons, abis, platforms = (set(tag.split(".")) for tag in tags)
    if not any(_python_fits(python, abi) for python in pythons for abi in abis):
        raise _wrong(
            f"{file} is for {tags[0]}-{tags[1]}, and Spark runs CPython 3.10 to 3.13",
            "build it for one of these, or as py3-none",
        )
    needs = [_glibc(platform) for platform in platforms]
    known = [need for need in needs if need is not None]
    if not known:
        raise _wrong(f"{file} is for {tags[2]}, which does not run on Spark's machines", linux)
    oldest = min(known)
    if oldest > NEWEST_GLIBC:
        raise _wrong(
            f"{file} needs glibc {oldest[0]}.{oldest[1]}, and no runtime of Synapse or Fabric has more than 2.38",
            "build it for manylinux2014, as make wheel does",
        )
    notes = []
    if oldest > EVERY_GLIBC:
        notes.append(
            f"{file} needs glibc {oldest[0]}.{oldest[1]}: Synapse 3.5 and Fabric 2.0 have it, older ones do not"
        )
    if platforms == {"linux_x86_64"}:
        notes.append(f"{file} does not say which glibc it needs (linux_x86_64); a manylinux wheel does")
    return notes


def _python_fits(python: str, abi: str) -> bool:
    found = re.fullmatch(r"(py|cp)(\d)(\d*)", python)
    if found is None or found.group(2) != "3":
        return False
    minor = int(found.group(3) or 0)
    if abi == "none" or (abi == "abi3" and found.group(1) == "cp"):
        return minor <= 13 and (found.group(1) == "py" or abi == "abi3" or minor >= 10)
    return minor >= 10 and abi == python


def _glibc(platform: str) -> Optional[Tuple[int, int]]:
    """The glibc a platform tag asks for; (0, 0) where any will do, None where Linux on x86-64 will not."""
    if platform in ("any", "linux_x86_64"):
        return (0, 0)
    old = {"manylinux1_x86_64": (2, 5), "manylinux2010_x86_64": (2, 12), "manylinux2014_x86_64": (2, 17)}
    if platform in old:
        return old[platform]
    found = re.fullmatch(r"manylinux_(\d+)_(\d+)_x86_64", platform)
    return (int(found.group(1)), int(found.group(2))) if found else None


def _check_archive(file: str, data: bytes, distribution: str, version: str, tags: Tuple[str, str, str]) -> List[str]:
    """Refuses what contradicts itself; answers notes on what pip would let pass."""
    import io
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise _wrong(f"{file} unpacks to more than {MAX_UNPACKED:,} bytes")
            if len(set(names)) < len(names):
                raise _wrong(f"{file} has a file twice")
            folder = _folder(file, names, distribution, version)
            read = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, InvalidWheel):
            raise
        raise _wrong(f"{file} is no readable zip archive ({error})") from None
    _metadata(file, read[f"{folder}/METADATA"], distribution, version)
    return _wheel(file, read[f"{folder}/WHEEL"], tags) + _record(file, read, folder)


def _folder(file: str, names: List[str], distribution: str, version: str) -> str:
    folders = {name.split("/")[0] for name in names if name.split("/")[0].endswith(".dist-info") and "/" in name}
    if len(folders) != 1:
        raise _wrong(f"{file} must have one .dist-info folder, has {len(folders)}")
    folder = folders.pop()
    name, _, inner = folder[: -len(".dist-info")].partition("-")
    if normal_name(name) != normal_name(distribution) or _differ(inner, version):
        raise _wrong(f"{file} is called {distribution} {version}, and holds {folder}")
    for part in ("METADATA", "WHEEL", "RECORD"):
        if f"{folder}/{part}" not in names:
            raise _wrong(f"{file} lacks {folder}/{part}")
    return folder


def _differ(one: str, other: str) -> bool:
    spelled = [normal_version(v) or normal_version(v.replace("_", "-")) or v for v in (one, other)]
    return spelled[0] != spelled[1]


def _headers(file: str, part: str, text: bytes) -> Any:
    from email.parser import BytesHeaderParser

    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(f"{part} of {file} is not UTF-8") from None
    return BytesHeaderParser().parsebytes(text)


def _metadata(file: str, text: bytes, distribution: str, version: str) -> None:
    said = _headers(file, "METADATA", text)
    name, own = str(said.get("Name") or ""), str(said.get("Version") or "")
    if normal_name(name) != normal_name(distribution) or normal_version(own) is None or _differ(own, version):
        raise _wrong(f"the file is called {file}, and its METADATA says {name or 'no name'} {own or 'and no version'}")


def _wheel(file: str, text: bytes, tags: Tuple[str, str, str]) -> List[str]:
    said = _headers(file, "WHEEL", text)
    form = str(said.get("Wheel-Version") or "")
    if not re.fullmatch(r"1\.\d+", form.strip()):
        raise _wrong(f"WHEEL of {file} must have Wheel-Version 1, has {form or 'none'}")
    named = {f"{p}-{a}-{s}" for p in tags[0].split(".") for a in tags[1].split(".") for s in tags[2].split(".")}
    inside: Set[str] = set()
    for tag in said.get_all("Tag") or []:
        parts = str(tag).strip().split("-")
        if len(parts) == 3:
            inside |= {
                f"{p}-{a}-{s}" for p in parts[0].split(".") for a in parts[1].split(".") for s in parts[2].split(".")
            }
    if not inside:
        return [f"WHEEL of {file} has no tags; the file name's are taken"]
    if not named <= inside:
        shown = ", ".join(sorted(inside))
        raise _wrong(f"the file name {file} and the tags of its WHEEL ({shown}) do not agree: was it renamed?")
    return []


def _record(file: str, read: Dict[str, bytes], folder: str) -> List[str]:
    import base64
    import csv
    import hashlib

    try:
        rows = list(csv.reader(read[f"{folder}/RECORD"].decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(f"RECORD of {file} is not readable ({error})") from None
    listed = {}
    for row in rows:
        if not row:
            continue
        if len(row) != 3:
            raise _wrong(f"RECORD of {file} must have path, hash and size in a line, has {','.join(row)!r}")
        listed[row[0]] = (row[1], row[2])
    own = {f"{folder}/{name}" for name in ("RECORD", "RECORD.jws", "RECORD.p7s")}
    bare = 0
    for name, content in read.items():
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise _wrong(f"{file} has a file outside of itself: {name!r}")
        if name in own:
            continue
        if name not in listed and listed:
            raise _wrong(f"{name} is not in RECORD of {file}")
        said, size = listed.get(name, ("", ""))
        algorithm, _, digest = said.partition("=")
        if said and algorithm not in ("sha256", "sha384", "sha512"):
            raise _wrong(f"RECORD of {file} must have SHA-2 hashes, has {said!r} for {name}")
        found = ""
        if said:
            raw = hashlib.new(algorithm, content).digest()
            found = base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
        if found != digest.rstrip("=") or size not in ("", str(len(content))):
            raise _wrong(f"{name} in {file} is not what RECORD says: the wheel was changed after it was built")
        bare += not said
    missing = sorted(name for name in listed if name not in read and not name.endswith("/"))
    if missing:
        raise _wrong(f"{missing[0]} is in RECORD of {file} and not in the archive")
    return [f"RECORD of {file} has no hash for {bare} of its files, which could not be compared"] if bare else []
