"""The definition of fingerprints once more, in Python: it shares nothing with the library but the document."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
xxhash = pytest.importorskip("xxhash", reason="the published XXH3 is the oracle")
from ironwheel import frames  # noqa: E402

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
