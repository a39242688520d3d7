"""Before anything is sent: is it a wheel, and one that runs on Spark's machines."""

from __future__ import annotations

import doctest
import hashlib
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
from deploy_server._wheels import wheel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import deploy
from ironwheel.deploy import _splice, _wheel

INFO = "ironwheel-0.2.0.dist-info"


def inspect(path: Any, limit: int = 100 << 20) -> _wheel.Wheel:
    return _wheel.inspect(path, limit, "Fabric")


def test_a_wheel_passes(tmp_path: Path) -> None:
    path = wheel(tmp_path, size=1000)
    found = inspect(path)
    assert (found.name, found.version, found.size) == ("ironwheel", "0.2.0", path.stat().st_size)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.warnings == () and found.data == path.read_bytes()


@pytest.mark.parametrize(
    "tag",
    [
        "py3-none-any",
        "py2.py3-none-any",
        "cp310-cp310-manylinux_2_28_x86_64",
        "cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "py3-none-manylinux1_x86_64",
        "py3-none-macosx_11_0_arm64.manylinux2014_x86_64",
    ],
)
def test_tags_that_fit(tmp_path: Path, tag: str) -> None:
    assert inspect(wheel(tmp_path, tag=tag)).warnings == ()


@pytest.mark.parametrize(
    "tag, words",
    [
        ("py3-none-win_amd64", "win_amd64.*does not run on Spark"),
        ("py3-none-macosx_11_0_arm64", "macosx_11_0_arm64.*does not run"),
        ("py3-none-manylinux2014_aarch64", "manylinux2014_aarch64.*does not run"),
        ("py3-none-musllinux_1_2_x86_64", "musllinux_1_2_x86_64.*does not run"),
        ("py3-none-manylinux_2_39_x86_64", "needs glibc 2.39"),
        ("cp39-cp39-manylinux2014_x86_64", "cp39-cp39.*CPython 3.10 to 3.13"),
        ("py2-none-any", "py2-none"),
        ("pp310-pypy310_pp73-manylinux2014_x86_64", "pp310"),
        ("cp314-abi3-manylinux2014_x86_64", "cp314-abi3"),
    ],
)
def test_tags_that_do_not(tmp_path: Path, tag: str, words: str) -> None:
    with pytest.raises(deploy.InvalidWheel, match=words) as caught:
        inspect(wheel(tmp_path, tag=tag))
    assert caught.value.hint and isinstance(caught.value, ValueError) and isinstance(caught.value, OSError)


def test_what_fits_some_runtimes_is_noted(tmp_path: Path) -> None:
    assert "2.36" in inspect(wheel(tmp_path, tag="py3-none-manylinux_2_36_x86_64")).warnings[0]
    assert "linux_x86_64" in inspect(wheel(tmp_path, tag="py3-none-linux_x86_64")).warnings[0]


def test_what_pip_would_let_pass_is_noted(tmp_path: Path) -> None:
    def bare(files: Dict[str, bytes]) -> None:
        files[f"{INFO}/RECORD"] = b""
        files[f"{INFO}/WHEEL"] = b"Wheel-Version: 1.0\n"

    notes = inspect(wheel(tmp_path, change=bare)).warnings
    assert "has no tags" in notes[0] and "no hash for 3 of its files" in notes[1]
    rows = "".join(f"{name},,\n" for name in ("ironwheel/__init__.py", f"{INFO}/METADATA", f"{INFO}/WHEEL"))
    notes = inspect(wheel(tmp_path, change=_set(f"{INFO}/RECORD", rows.encode()))).warnings
    assert "no hash for 3 of its files" in notes[0]


def _set(name: str, content: bytes) -> Callable[[Dict[str, bytes]], None]:
    return lambda files: files.__setitem__(name, content)


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda files: files.pop(f"{INFO}/METADATA"), "lacks .*METADATA"),
        (lambda files: files.pop(f"{INFO}/WHEEL"), "lacks .*WHEEL"),
        (lambda files: files.pop(f"{INFO}/RECORD"), "lacks .*RECORD"),
        (lambda files: files.pop("ironwheel/__init__.py"), "in RECORD .* not in the archive"),
        (_set("ironwheel/extra.py", b""), "extra.py is not in RECORD"),
        (_set("ironwheel/__init__.py", b"import os\n"), "not what RECORD says"),
        (_set(f"{INFO}/METADATA", b"Name: other\nVersion: 0.2.0\n\n"), "METADATA says other"),
        (_set(f"{INFO}/METADATA", b"Name: ironwheel\nVersion: 0.3.0\n\n"), "METADATA says ironwheel 0.3.0"),
        (_set(f"{INFO}/METADATA", b"Name: \xff\n\n"), "not UTF-8"),
        (_set(f"{INFO}/WHEEL", b"Wheel-Version: 2.0\n"), "Wheel-Version 1, has 2.0"),
        (_set(f"{INFO}/WHEEL", b"Wheel-Version: 1.0\nTag: py3-none-any\n"), "do not agree"),
        (_set("other-1.dist-info/METADATA", b""), "one .dist-info folder, has 2"),
        (_set(f"{INFO}/RECORD", b"a,b\n"), "path, hash and size"),
        (_set(f"{INFO}/RECORD", b"ironwheel/__init__.py,md5=x,\n"), "SHA-2 hashes, has 'md5=x'"),
        (_set(f"{INFO}/RECORD", b"ironwheel/__init__.py,,99\n"), "not what RECORD says"),
        (_set(f"{INFO}/RECORD", b"\xff,,\n"), "RECORD of .* not readable"),
        (_set("../evil.py", b""), "outside of itself"),
    ],
)
def test_a_wheel_that_contradicts_itself(
    tmp_path: Path, change: Callable[[Dict[str, bytes]], None], words: str
) -> None:
    with pytest.raises(deploy.InvalidWheel, match=words):
        inspect(wheel(tmp_path, change=change))


@pytest.mark.parametrize(
    "file, words",
    [
        ("ironwheel.whl", "is called name-version"),
        ("ironwheel-0.2.0.tar.gz", "is called name-version"),
        ("ironwheel-x.y-py3-none-any.whl", "no version"),
        ("ironwheel-0.2.0-b1-py3-none-manylinux2014_x86_64.whl", "build tag"),
        ("iron wheel-0.2.0-py3-none-any.whl", "no name"),
        ("ironwheel-0.2.1-py3-none-manylinux2014_x86_64.whl", "holds ironwheel-0.2.0.dist-info"),
        ("other-0.2.0-py3-none-manylinux2014_x86_64.whl", "holds ironwheel-0.2.0"),
        ("ironwheel-0.2.0-py3-none-any.whl", "was it renamed"),
    ],
)
def test_a_file_name_that_is_none(tmp_path: Path, file: str, words: str) -> None:
    with pytest.raises(deploy.InvalidWheel, match=words):
        inspect(wheel(tmp_path, file=file))


def test_what_is_no_zip_at_all(tmp_path: Path) -> None:
    good = wheel(tmp_path, size=5000)
    whole = good.read_bytes()
    for content in (b"", b"PK\x03\x04", whole[:-30], whole[: len(whole) // 2], whole[:100] + b"\0" * 50 + whole[150:]):
        good.write_bytes(content)
        with pytest.raises(deploy.InvalidWheel, match=r"wheel: "):
            inspect(good)


def test_a_file_twice_in_the_archive(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ironwheel/__init__.py", "again")
    with pytest.raises(deploy.InvalidWheel, match="twice"):
        inspect(path)


def test_too_large_for_the_service(tmp_path: Path) -> None:
    with pytest.raises(deploy.InvalidWheel, match="at most 1,000 bytes"):
        inspect(wheel(tmp_path, size=2000), 1000)
    with pytest.raises(deploy.InvalidWheel, match="at most 20 characters"):
        _wheel.inspect(wheel(tmp_path), 1 << 20, "Synapse", 20)


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        inspect(tmp_path / "none-1-py3-none-any.whl")
    assert caught.value.filename == str(tmp_path / "none-1-py3-none-any.whl")
    with pytest.raises(TypeError):
        inspect(7)


@pytest.mark.parametrize(
    "version, normal",
    [
        ("1.0", "1"), ("1.0.0", "1"), ("V1.2", "1.2"), ("1.0-alpha.1", "1a1"), ("1.0c2", "1rc2"), ("1!2.0", "1!2"),
        ("1.0-1", "1.post1"), ("1.0.rev4", "1.post4"), ("1.0.DEV", "1.dev0"), ("1.0+Ubuntu_1", "1+ubuntu.1"),
        ("x", None), ("1..0", None), ("", None),
    ],
)  # fmt: skip
def test_versions_as_pep_440_spells_them(version: str, normal: Any) -> None:
    assert _wheel.normal_version(version) == normal


def test_names_of_packages_are_normalised() -> None:
    assert _wheel.package_of("Iron.Wheel-1.0-py3-none-any.whl") == ("iron-wheel", "1.0")
    assert _wheel.package_of("Iron__wheel-1.0-1-py3-none-any.whl") == ("iron-wheel", "1.0")
    assert _wheel.package_of("iron.jar") is None and _wheel.package_of("iron-1.whl") is None


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(_splice).failed == 0


NUMBERS = st.sampled_from(
    ["1.50", "1e3", "-0.0", "123456789012345678901234567890", "1E-999", "0", "true", "null", '"\\/"']
)
VALUES = st.recursive(
    NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: "[ " + " ,".join(v) + "]")
        | st.lists(st.tuples(st.sampled_from(["a", "b", "properties", "é", '\\"']), inner), max_size=3).map(
            lambda v: "{" + " , ".join(f'"{k}" :{w}' for k, w in v) + " }"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, VALUES, st.none() | VALUES, st.sampled_from(["", " ", "\n\t"]))
def test_all_but_one_value_stays_as_it_was(before: str, after: str, old: Any, space: str) -> None:
    """Whatever stands around it; and a missing one is added, where nothing else moves."""
    inner = f'"x": {before}' + (f', "want" :{old}' if old is not None else "") + f', "y":{after}'
    text = f'{space}{{"first": 1.0, "p":{{{inner}}},{space}"last": 2.50}}{space}'
    changed = _splice.put(text, "[7.10]", "p", "want")
    if old is not None:
        assert changed == text.replace(f'"want" :{old}, "y"', '"want" :[7.10], "y"', 1)
    else:
        assert changed == text.replace(inner, inner + ', "want": [7.10]', 1)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"p"', '{"p": {"a": 1,}}', '{"p": {"a" 1}}', '{"p": [1'])
def test_what_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        _splice.put(text, "1", "p", "x")
