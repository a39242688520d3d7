"""Parquet files that ask for more than they have: each is an error, and the process goes on."""

from __future__ import annotations

import struct
import subprocess
import sys

import pytest
from ironwheel import frames

# Thrift's compact protocol, as little of it as a file of one column needs.


def number(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def i32(value):
    return 5, number(value << 1)


def i64(value):
    return 6, number(value << 1)


def text(value):
    return 8, number(len(value)) + value.encode()


def listed(kind, values):
    size = len(values)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + number(size)
    return 9, head + b"".join(values)


def fields(*given):
    out, before = b"", 0
    for at, (kind, value) in given:
        out += bytes([(at - before) << 4 | kind]) + value
        before = at
    return out + b"\0"


def column(kind, encoding, page, count):
    """A file of one column with one page."""
    header = fields(
        (1, i32(0)),
        (2, i32(len(page))),
        (3, i32(len(page))),
        (5, (12, fields((1, i32(count)), (2, i32(encoding)), (3, i32(3)), (4, i32(3))))),
    )
    body = header + page
    about = fields(
        (1, i32(kind)),
        (2, listed(5, [number(encoding << 1)])),
        (3, listed(8, [text("x")[1]])),
        (4, i32(0)),
        (5, i64(count)),
        (6, i64(len(body))),
        (7, i64(len(body))),
        (9, i64(4)),
    )
    chunk = fields((2, i64(4)), (3, (12, about)))
    group = fields((1, listed(12, [chunk])), (2, i64(len(body))), (3, i64(count)))
    return whole(body, [node("root", 1), leaf("x", kind)], count, [group])


def node(name, children):
    return fields((3, i32(0)), (4, text(name)), (5, i32(children)))


def leaf(name, kind):
    return fields((1, i32(kind)), (3, i32(0)), (4, text(name)))


def whole(body, schema, count, groups):
    footer = fields((1, i32(1)), (2, listed(12, schema)), (3, i64(count)), (4, listed(12, groups)))
    return b"PAR1" + body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def delta(claimed, values=b"\0\0\0\0\0\0"):
    return number(128) + number(4) + number(claimed) + values


def test_what_is_written_here_is_read(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(column(2, 0, struct.pack("<3q", 5, 6, 7), 3))
    assert frames.profile(str(path))["x"].sum == 18


@pytest.mark.parametrize("claimed", [101, 2**34, 2**40, 2**59, 2**62])
@pytest.mark.parametrize(
    "kind, encoding, page",
    [
        (2, 5, lambda claimed: delta(claimed)),
        (6, 6, lambda claimed: delta(claimed)),
        (6, 7, lambda claimed: delta(claimed)),
        (6, 7, lambda claimed: delta(1, b"\0") + delta(claimed)),
    ],
    ids=["packed", "lengths", "prefixes", "suffixes"],
)
def test_pages_that_claim_more_values_than_they_have(tmp_path, kind, encoding, page, claimed):
    path = tmp_path / "broken.parquet"
    path.write_bytes(column(kind, encoding, page(claimed), 100))
    with pytest.raises(ValueError, match=r"broken\.parquet: not a sound Parquet file"):
        frames.profile(str(path))


@pytest.mark.parametrize("levels", [193, 3_000, 200_000])
def test_schemas_without_end(tmp_path, levels):
    path = tmp_path / "deep.parquet"
    path.write_bytes(whole(b"", [*[node("g", 1)] * levels, leaf("x", 1)], 0, []))
    with pytest.raises(ValueError, match=r"its schema is nested more than 192 levels deep"):
        frames.profile(str(path))


def test_schemas_of_many_levels_are_read(tmp_path):
    path = tmp_path / "deep.parquet"
    path.write_bytes(whole(b"", [*[node("g", 1)] * 150, leaf("x", 1)], 0, []))
    assert frames.File(str(path)).columns == ["g"]


def test_schemas_with_children_that_are_not_there(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(whole(b"", [node("root", 2**31 - 1), leaf("x", 1)], 0, []))
    with pytest.raises(ValueError, match=r"its schema has other children than it says"):
        frames.profile(str(path))


def test_nothing_is_printed_about_pages_that_cannot_be_decoded(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(column(1, 8, b"\1" + number((2**31 - 1) << 1) + b"\0", 2**31 - 1))
    script = (
        f"from ironwheel import frames\ntry: frames.profile({str(path)!r})\nexcept ValueError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "not a sound Parquet file" in run.stdout
