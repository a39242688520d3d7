"""The table that files.scan gives: its columns, rows and life; and wrong arguments."""

from __future__ import annotations

import ctypes
import gc
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List

import pytest
from ironwheel import files
from ironwheel._lib import path as LIBRARY

WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


@pytest.mark.parametrize(
    ("make", "error"), [("file", NotADirectoryError), ("none", FileNotFoundError), ("", FileNotFoundError)]
)
def test_a_root_that_is_no_directory_raises_as_listdir_does(tree: Path, make: str, error: Any) -> None:
    (tree / "file").touch()
    root = str(tree / make) if make else ""
    with pytest.raises(error) as ours:
        files.scan(root)
    with pytest.raises(OSError) as theirs:
        os.listdir(root or "")
    if make and not (make == "file" and WINE):  # which gives a file another number than Windows does
        assert type(ours.value) is type(theirs.value)
        assert (ours.value.errno, ours.value.filename) == (theirs.value.errno, theirs.value.filename)
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((3,), TypeError, "root must be str, bytes or os.PathLike, got int"),
        (("a\0b",), ValueError, "root must not contain a NUL"),
        ((".", 3), TypeError, "pattern must be a str or several, got int"),
        ((".", [b"x"]), TypeError, "pattern must be a str or several, got bytes"),
        ((".", b"x"), TypeError, "pattern must be a str or several, got bytes"),
        ((".", "a["), ValueError, 'pattern must be a glob, got "a["'),
        ((".", "/etc/*"), ValueError, "pattern must be relative to root"),
        ((".", ""), ValueError, "pattern must not be empty"),
        ((".", "a\0b"), ValueError, "pattern must not contain a NUL"),
        ((".", "\udcff"), ValueError, "pattern must be text that UTF-8 can hold"),
    ],
)
def test_wrong_arguments_are_named(arguments: Any, error: Any, said: str) -> None:
    with pytest.raises(error) as raised:
        files.scan(*arguments)
    assert said in str(raised.value)


def test_columns_are_read_only_and_outlive_the_table(tree: Path) -> None:
    numpy = pytest.importorskip("numpy", reason="columns are NumPy arrays where it is installed")
    table = files.scan(tree)
    sizes, modes, kinds, mtimes = table.sizes, table.modes, table.kinds, table.mtimes
    assert [column.dtype for column in (sizes, modes, kinds, mtimes)] == ["int64", "uint32", "int8", "int64"]
    with pytest.raises(ValueError, match="read-only"):
        sizes[0] = 1
    expected = sizes.tolist()
    table.close()
    del table
    gc.collect()
    for _ in range(20):
        files.scan(tree)  # would reuse the memory, had it been freed
    assert sizes.tolist() == expected
    assert numpy.array_equal(kinds, [1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0])


def test_a_closed_table_says_so(tree: Path) -> None:
    with files.scan(tree) as table:
        assert len(table) == 11
    table.close()
    assert repr(table) == "<Scan, closed>"
    uses: List[Callable[[], Any]] = [
        lambda: len(table),
        table.paths,
        table.files,
        table.__arrow_c_stream__,
        lambda: table.sizes,
        lambda: table.errors,
        lambda: table[0],
        lambda: list(table),
        table.__enter__,
    ]
    for use in uses:
        with pytest.raises(ValueError, match="scan is closed"):
            use()


def test_rows_and_columns_by_index(tree: Path) -> None:
    table = files.scan(tree)
    assert table[-1] == table[len(table) - 1] and table[2:4] == list(table)[2:4] and table[::-1] == list(table)[::-1]
    assert table["path"] == table.paths() and table["kind"][:3] == ["dir", "file", "file"]
    assert list(table["size"]) == [entry.size for entry in table]
    assert str(tree / "a") in table and table[0] in table and "nothing" not in table
    for wrong, error in [(11, IndexError), (-12, IndexError), ("inode", KeyError), (1.5, TypeError), (None, TypeError)]:
        with pytest.raises(error):
            table[wrong]  # type: ignore[call-overload]
    path, kind, size, mtime, mode = table[2]
    assert os.path.basename(path) == "a" and (kind, size) == ("file", 1) and mtime > 0 and stat.S_ISREG(mode)


def test_an_empty_table_has_empty_columns(tmp_path: Path) -> None:
    table = files.scan(tmp_path)
    assert (len(table), table.paths(), list(table), table.files(), list(table.sizes)) == (0, [], [], [], [])
    pyarrow = pytest.importorskip("pyarrow", reason="reads the Arrow export")
    assert pyarrow.table(table).num_rows == 0


def test_other_libraries_read_the_table(tree: Path) -> None:
    pytest.importorskip("pandas", reason="one of the readers")
    table = files.scan(tree)
    rows = [(entry.path, entry.kind, entry.size, entry.mtime, entry.mode) for entry in table]
    frame = table.to_pandas()
    assert str(frame.dtypes["kind"]) == "category" and str(frame.dtypes["mtime"]) == "datetime64[ns, UTC]"
    frame["mtime"] = frame["mtime"].astype("int64")
    assert list(frame.itertuples(index=False, name=None)) == rows
    for name in ("pyarrow", "polars"):
        module = pytest.importorskip(name, reason="one of the readers")
        read = module.table(table) if name == "pyarrow" else module.from_arrow(module.DataFrame(table).to_arrow())
        columns = read.to_pydict() if name == "pyarrow" else read.to_dict(as_series=False)
        assert list(columns["path"]) == table.paths() and list(columns["kind"]) == table["kind"]
        assert list(columns["size"]) == list(table.sizes) and list(columns["mode"]) == list(table.modes)
    capsule = table.__arrow_c_stream__()
    table.close()
    import pyarrow

    assert pyarrow.RecordBatchReader._import_from_c_capsule(capsule).read_all().num_rows == len(rows)


def test_without_numpy_columns_are_memoryviews(tree: Path) -> None:
    code = f"""
import sys
sys.modules["numpy"] = None
from ironwheel import files
table = files.scan({str(tree)!r})
assert type(table.sizes) is memoryview and table.sizes.format == "q" and table.sizes.readonly
assert table.modes.format == "I" and table.kinds.format == "b" and len(table.mtimes) == len(table) == 11
assert [entry.size for entry in table] == table.sizes.tolist()
"""
    environment = {**os.environ, "IRONWHEEL_LIBRARY": LIBRARY}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
