"""Fingerprints against a second implementation, written from docs/fingerprint.md alone, and across libraries."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
xxhash = pytest.importorskip("xxhash", reason="the published XXH3 is the oracle")
from frames_fingerprint_reference import NANOSECONDS, Reference, one, ours, scalar  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402


def agree(table: object) -> None:
    """Both sizes, both orders, both implementations, and the digest."""
    for bits in (64, 128):
        for by_name in (False, True):
            expected = Reference(bits, by_name).rows(table)
            found = ours(table, bits=bits, order_independent=by_name)
            assert found == expected
            digest = frames.digest(table, bits=bits, order_independent=by_name)
            assert (digest.rows, digest.sum) == (len(expected), Reference(bits).digest(expected))


def vectors(root: object) -> list:
    """The table of docs/fingerprint.md: type, value, value hash and row hash of both sizes."""
    text = (root / "docs" / "fingerprint.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| `([^`]+)` \| `([^`]*)` \| `(\w{16})` \| `(\w{32})` \| `(\w{16})` \|$", text, re.M)
    assert len(lines) > 40
    return lines


def test_every_vector_of_the_document_holds(root):
    for kind, text, value64, value128, row64 in vectors(root):
        array = scalar(kind, text)
        narrow, wide = Reference(64), Reference(128)
        assert narrow.value(array[0])[::-1].hex() == value64, (kind, text)
        assert wide.value(array[0])[::-1].hex() == value128, (kind, text)
        table = pa.table({"x": array})
        assert one(array)[0][::-1].hex() == row64, (kind, text)
        agree(table)


def test_the_worked_example_of_the_document_holds(root):
    text = (root / "docs" / "fingerprint.md").read_text(encoding="utf-8")
    table = pa.table({"id": pa.array([1, 2, 3]), "name": ["a", None, ""], "price": [1.5, math.nan, -0.0]})
    for options in ({}, {"bits": 128}, {"order_independent": True}):
        found = frames.fingerprint(table, **options)
        assert found.digest in text, options
        for hash_ in ours(table, **options):
            assert hash_[::-1].hex() in text, options


def test_the_seeds_of_the_document_hold(root):
    text = (root / "docs" / "fingerprint.md").read_text(encoding="utf-8")
    seeds = re.findall(r"^\| `(\w+)` \| `0x(\w{16})` \|", text, re.M)
    assert len(seeds) == 18
    for kind, seed in seeds:
        assert xxhash.xxh3_64_hexdigest(kind.encode()) == seed


# ---------------------------------------------------------------------------------------------------------------------


LEAVES = [
    pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float32(),
    pa.float64(), pa.float16(), pa.bool_(), pa.string(), pa.large_string(), pa.binary(), pa.large_binary(),
    pa.binary(3), pa.string_view(), pa.binary_view(), pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"),
    pa.time64("us"), pa.time64("ns"), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us", "UTC"),
    pa.timestamp("ns", "Asia/Tokyo"), pa.duration("s"), pa.duration("ns"), pa.month_day_nano_interval(),
    pa.decimal128(20, 3), pa.decimal128(38, -4), pa.decimal256(76, 38), pa.decimal256(76, 0), pa.null(),
]  # fmt: skip


def leaf(dtype: object) -> st.SearchStrategy:
    if pa.types.is_null(dtype):
        return st.none()
    if pa.types.is_boolean(dtype):
        return st.booleans()
    if pa.types.is_float16(dtype):
        return st.floats(width=16).map(np.float16)
    if pa.types.is_floating(dtype):
        whole = st.integers(-(2**24), 2**24).map(float)
        return whole | st.floats(width=32 if dtype == pa.float32() else 64)
    if pa.types.is_decimal(dtype):  # of digits, without the point
        most = 10**dtype.precision - 1
        short, five = st.integers(-(10**6), 10**6), 5 ** max(dtype.scale, 0)
        digits = st.integers(-most, most) | short | short.map(lambda value: value * five)
        return digits.filter(lambda value: abs(value) <= most)
    if pa.types.is_interval(dtype):
        small, large = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
        return st.tuples(small, small, large).map(pa.MonthDayNano)
    if dtype in (pa.string(), pa.large_string(), pa.string_view()):
        return st.text(max_size=40)
    if pa.types.is_fixed_size_binary(dtype):
        return st.binary(min_size=3, max_size=3)
    if "binary" in str(dtype):
        return st.binary(max_size=300)
    if pa.types.is_date64(dtype):
        return st.integers(-(10**6), 10**6).map(lambda days: days * 86_400_000)
    if pa.types.is_time(dtype):
        return st.integers(0, 86_400 * 10**9 // NANOSECONDS[dtype.unit] - 1)
    if pa.types.is_date32(dtype):
        return st.integers(-(2**31), 2**31 - 1)
    if pa.types.is_temporal(dtype):
        return st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**40), 2**40)
    information = np.iinfo(dtype.to_pandas_dtype())
    return st.integers(int(information.min), int(information.max))


def build(dtype: object, values: list) -> object:
    if pa.types.is_temporal(dtype) and not pa.types.is_interval(dtype):
        narrow = dtype in (pa.date32(), pa.time32("s"), pa.time32("ms"))
        return pa.array(values, pa.int32() if narrow else pa.int64()).view(dtype)
    if pa.types.is_decimal(dtype):
        kind = pa.decimal128 if dtype.bit_width == 128 else pa.decimal256
        digits = pa.array([None if value is None else Decimal(value) for value in values], kind(dtype.precision, 0))
        return digits.view(dtype)
    return pa.array(values, dtype)


@pytest.mark.parametrize("dtype", LEAVES, ids=str)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_every_type_agrees_with_the_definition(dtype, data):
    values = data.draw(st.lists(st.none() | leaf(dtype), max_size=12))
    array = build(dtype, values)
    agree(pa.table({"x": array}))
    if len(values) > 2:
        assert one(array.slice(1, len(values) - 2)) == one(array)[1:-1]


def nested(depth: int) -> st.SearchStrategy:
    """Types, and a strategy for their values."""
    leaves = st.sampled_from([pa.int16(), pa.string(), pa.bool_(), pa.float64()]).map(lambda kind: (kind, leaf(kind)))
    if depth == 0:
        return leaves
    inner = nested(depth - 1)
    lists = inner.map(lambda of: (pa.list_(of[0]), st.lists(st.none() | of[1], max_size=4)))
    large = inner.map(lambda of: (pa.large_list(of[0]), st.lists(st.none() | of[1], max_size=4)))
    fixed = inner.map(lambda of: (pa.list_(of[0], 2), st.lists(st.none() | of[1], min_size=2, max_size=2)))
    structs = st.tuples(inner, inner).map(
        lambda two: (
            pa.struct([("b", two[0][0]), ("a", two[1][0])]),
            st.fixed_dictionaries({"b": st.none() | two[0][1], "a": st.none() | two[1][1]}),
        )
    )
    maps = inner.map(
        lambda of: (
            pa.map_(pa.string(), of[0]),
            st.dictionaries(st.text(max_size=3), st.none() | of[1], max_size=4).map(lambda map: list(map.items())),
        )
    )
    return leaves | lists | large | fixed | structs | maps


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_nested_values_agree_with_the_definition(data):
    dtype, values = data.draw(nested(3))
    drawn = data.draw(st.lists(st.none() | values, max_size=8))
    array = pa.array(drawn, dtype)
    agree(pa.table({"x": array, "n": pa.array(range(len(drawn)))}))
    if len(drawn) > 2:
        assert one(array.slice(1)) == one(array)[1:]


@given(st.data())
@settings(max_examples=10, deadline=None)
def test_wide_rows_agree_with_the_definition(data):
    """30 columns and more hash by XXH3's long path."""
    count = data.draw(st.integers(28, 70))
    row = data.draw(st.lists(st.integers(-9, 9), min_size=count, max_size=count))
    agree(pa.table({f"c{place}": [value, None] for place, value in enumerate(row)}))


def test_long_text_and_long_lists_agree_with_the_definition():
    texts = ["x" * size for size in (0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 1024, 5000)]
    agree(pa.table({"x": texts}))
    agree(pa.table({"x": [list(range(size)) for size in (0, 1, 30, 4095, 4096, 4097)]}))
    agree(pa.table({"x": pa.array([[(str(key), key) for key in range(4500)]], pa.map_(pa.string(), pa.int64()))}))
