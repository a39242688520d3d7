"""Profiles merged, as bytes, and compared."""

from __future__ import annotations

import datetime
import decimal
import json
import pickle
import random

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from frames_profile_columns import SHARES, close  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402

EXACT = [
    "name", "type", "kind", "count", "nulls", "nan", "infinite", "distinct", "distinct_exact", "min", "max", "zeros",
    "negatives", "quantiles", "quantiles_exact", "histogram", "top", "top_exact", "top_error", "min_length", "max_length",
    "mean_length", "empty", "blank", "formats", "is_unique", "is_constant", "notes",
]  # fmt: skip


def same(one: frames.Profile, other: frames.Profile, *, order: bool = False) -> None:
    """Both say the same, exactly where that is promised."""
    assert (one.rows, one.duplicate_rows, one.memory) == (other.rows, other.duplicate_rows, other.memory)
    assert one.null_patterns == other.null_patterns
    for ours, theirs in zip(one, other):
        for name in EXACT + (["monotonic", "longest_run"] if order else []):
            assert getattr(ours, name) == getattr(theirs, name), name
        for name in ("mean", "std", "skew", "kurtosis", "sum"):
            left, right = getattr(ours, name), getattr(theirs, name)
            if isinstance(left, float):
                assert close(left, right, 1e-6, 1e-6), name
            elif not isinstance(left, (datetime.datetime, datetime.timedelta)):
                assert left == right, name


def mixed(rows: list) -> pa.Table:
    return pa.table(
        {
            "n": pa.array([row[0] for row in rows], pa.int32()),
            "x": pa.array([None if row[0] is None else row[0] / 4 for row in rows], pa.float64()),
            "word": pa.array([row[1] for row in rows], pa.string()),
            "flag": pa.array([row[0] is None for row in rows], pa.bool_()),
            "day": pa.array([row[0] for row in rows], pa.date32()),
            "price": pa.array(
                [None if row[0] is None else decimal.Decimal(row[0]) for row in rows], pa.decimal128(9, 2)
            ),
        }
    )


ROWS = st.lists(
    st.tuples(st.none() | st.integers(-4, 4), st.none() | st.sampled_from(["a", "b", "", " ", "12"])), max_size=30
)


@given(ROWS, ROWS, ROWS)
@settings(max_examples=40, deadline=None)
def test_merging_is_associative_commutative_and_what_one_piece_gives(first, second, third):
    a, b, c = (frames.profile(mixed(rows)) for rows in (first, second, third))
    left, right = a.merge(b).merge(c), a.merge(b.merge(c))
    same(left, right)
    same(a.merge(b), b.merge(a))
    whole = frames.profile(mixed(first + second + third))
    # Bytes differ by bitmaps that only some parts have, and by the ends of bytes.
    assert whole.memory <= left.memory + 100
    for profile in (left, whole):
        profile._figures["memory"] = 0
    same(whole, left)
    ordered = frames.merge([a, b, c], ordered=True)
    ordered._read()
    ordered._figures["memory"] = 0
    same(whole, ordered, order=True)
    if a["word"].count and b["word"].count:
        assert a.merge(b)["word"].longest_run is None
    for profile in (a, b, c, left):
        again = frames.Profile.from_bytes(profile.to_bytes())
        assert {**json.loads(again.to_json()), "memory": 0} == {**json.loads(profile.to_json()), "memory": 0}


def test_sketches_keep_their_error_when_merged():
    generator = np.random.default_rng(8)
    values = generator.normal(size=200_000)
    parts = [frames.profile(pa.table({"x": part})) for part in np.array_split(values, 7)]
    merged, backwards = frames.merge(parts)["x"], frames.merge(parts[::-1])["x"]
    values.sort()
    for found in (merged, backwards):
        assert not found.quantiles_exact and found.quantiles_error == 0.003
        for share in SHARES:
            rank = np.searchsorted(values, found.quantiles[share]) / len(values)
            assert abs(rank - float(share)) <= 0.003
        assert abs(found.distinct - 200_000) < 4 * 0.0082 * 200_000
        counts = np.histogram(values, bins=20)[0]
        assert np.abs(np.array(found.histogram["counts"]) - counts).max() <= 2 * 0.003 * len(values)
        assert (found.min, found.max, found.count) == (values[0], values[-1], 200_000)
    assert merged.distinct == backwards.distinct


def test_columns_that_differ_do_not_merge():
    base = frames.profile(pa.table({"a": [1]}))
    for other, message in (
        (pa.table({"a": [1], "b": [2]}), "got 2 columns instead of 1"),
        (pa.table({"b": [1]}), 'got "b" instead of "a" at position 0'),
        (pa.table({"a": ["x"]}), 'got "a" as string instead of int64'),
        (pa.table({"a": pa.array([1], pa.uint64())}), 'got "a" as uint64 instead of int64'),
    ):
        with pytest.raises(ValueError, match=message):
            base.merge(frames.profile(other))
    assert base.merge(frames.profile(pa.table({"a": pa.array([1], pa.int8())})))["a"].type == "int64"
    nothing = frames.profile(pa.table({"a": pa.nulls(2)}))
    for merged in (base.merge(nothing), nothing.merge(base)):
        assert (merged["a"].type, merged["a"].nulls, merged["a"].max, merged.rows) == ("int64", 2, 1, 3)
    with pytest.raises(ValueError, match="profiles must hold at least one profile"):
        frames.merge([])
    with pytest.raises(TypeError, match="profiles must be Profile objects, got int"):
        base.merge(3)
    with pytest.raises(TypeError, match="other must be a Profile, got str"):
        base.compare("x")


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_are_kept_where_a_part_of_a_column_is_null(method):
    generator = np.random.default_rng(3)
    x, y, z = generator.normal(size=(3, 90))
    schema = pa.schema([("x", pa.float64()), ("y", pa.float64()), ("z", pa.float64())])
    whole = pa.table({"x": x, "y": [None] * 60 + list(y[60:]), "z": z}, schema=schema)
    parts = [whole.slice(0, 30), whole.slice(30, 30), whole.slice(60)]
    parts[0] = parts[0].set_column(1, "y", pa.nulls(30))
    parts[1] = parts[1].set_column(1, "y", pa.nulls(30))
    one, two, three = (frames.profile(part, correlations=method) for part in parts)
    expected = frames.profile(whole, correlations=method).correlations
    for merged in (one.merge(two).merge(three), three.merge(one.merge(two)), one.merge(three).merge(two)):
        merged = frames.Profile.from_bytes(merged.to_bytes())
        if method == "spearman":
            assert merged.correlations is None  # ranks of parts are not ranks of the whole
            continue
        assert merged.correlations["columns"] == ["x", "y", "z"]
        ours, theirs = (np.array(found["matrix"], float) for found in (merged.correlations, expected))
        assert np.allclose(ours, theirs, atol=1e-12)
    empty = frames.profile(whole.slice(0, 0), correlations=method)
    for merged in (one.merge(empty), empty.merge(one)):
        assert merged.correlations["columns"] == ["x", "y", "z"]
        assert merged.correlations["matrix"][0][2] == pytest.approx(one.correlations["matrix"][0][1])
        assert frames.Profile.from_bytes(merged.to_bytes()).correlations == merged.correlations


def test_decimals_of_any_precision_merge_and_those_of_another_scale_say_what_to_do():
    def of(text, kind):
        return frames.profile(pa.table({"a": pa.array([decimal.Decimal(text)], kind)}))

    merged = of("1.5", pa.decimal128(2, 1)).merge(of("100.5", pa.decimal256(50, 1)))
    assert (merged["a"].type, merged["a"].max, merged["a"].distinct) == (
        "decimal256(50, 1)",
        decimal.Decimal("100.5"),
        2,
    )
    with pytest.raises(ValueError, match=r"decimal128\(3, 2\) instead of decimal128\(2, 1\); convert it to one type"):
        of("1.5", pa.decimal128(2, 1)).merge(of("1.25", pa.decimal128(3, 2)))


def test_a_column_that_became_empty_is_not_said_to_repeat():
    before = frames.profile(pa.table({"id": [1, 2, 3]}))
    after = frames.profile(pa.table({"id": pa.array([None] * 3, pa.int64())}))
    reasons = before.compare(after)["id"]["reasons"]
    assert reasons and not any("unique" in reason for reason in reasons)
    again = frames.profile(pa.table({"id": [1, 2, 2]}))
    assert "values are no longer unique" in before.compare(again)["id"]["reasons"]


def test_what_is_printed_of_a_drift_moves_no_cursor():
    before = frames.profile(pa.table({"a\x1b[2J": ["x", "y"]}))
    after = frames.profile(pa.table({"a\x1b[2J": ["\x1b]0;title\x07\n", "y"]}))
    said = str(before.compare(after))
    assert "\\x1b[2J" in said and all(line.isprintable() for line in said.split("\n"))
    assert len(said.split("\n")) == 2


def test_hostile_bytes_are_value_errors():
    data = frames.profile(mixed([(1, "a"), (None, "b"), (3, None)])).to_bytes()
    generator = random.Random(4)
    for _ in range(300):
        wrong = bytearray(data)
        wrong[generator.randrange(len(wrong))] ^= generator.randrange(1, 256)
        with pytest.raises(ValueError, match="data is"):
            frames.Profile.from_bytes(wrong)
        with pytest.raises(ValueError, match="data is no profile"):
            frames.Profile.from_bytes(data[: generator.randrange(len(data))])
    with pytest.raises(TypeError, match="data must be bytes, got str"):
        frames.Profile.from_bytes("x")
    assert frames.Profile.from_bytes(memoryview(data)).rows == 3


def test_notes_come_from_the_field():
    field = pa.field("n", pa.int64(), metadata={"ironwheel:note": "mixed types: 3 of 9"})
    table = pa.table([pa.array([1])], schema=pa.schema([field]))
    assert frames.profile(table)["n"].notes == ["mixed types: 3 of 9"]
    plain = frames.profile(pa.table({"n": [1]}))
    assert plain["n"].notes == [] and plain.merge(frames.profile(table))["n"].notes == ["mixed types: 3 of 9"]


def test_comparing_says_what_changed():
    generator = np.random.default_rng(6)
    n = 5000
    old = pa.table({"x": generator.normal(size=n), "land": ["CH", "DE"] * (n // 2), "id": np.arange(n), "old": [1] * n})
    new = pa.table(
        {
            "x": generator.normal(1, 1, n),
            "land": ["CH", "DE", "FR", "DE"] * (n // 4),
            "id": np.arange(n),
            "new": [1] * n,
        }
    )
    drift = frames.profile(old).compare(frames.profile(new))
    verdicts = {column["name"]: column["verdict"] for column in drift.columns}
    assert verdicts == {"x": "changed", "land": "changed", "id": "same", "new": "added", "old": "removed"}
    assert 0.3 < drift["x"]["ks"] < 0.45 and drift["x"]["psi"] > 0.5 and 0 < drift["x"]["js"] < 1
    assert drift["land"]["new_categories"] == [{"value": "FR", "count": n // 4}]
    assert (drift.verdict, drift.rows) == ("changed", {"before": n, "after": n})
    assert "1 column removed (old)" in drift.summary and "1 value is new: FR" in str(drift)
    assert json.loads(drift.to_json()) == drift.to_dict()
    page = drift._repr_html_()
    assert page.count("<tr>") == 2 + 5 and page.index(">old<") < page.index(">x<") < page.index(
        "1 column is the same"
    ) < page.index(">id<")
    whole = drift.to_html(title="a < b")
    assert page in whole and "<title>a &lt; b</title>" in whole and "http" not in whole
    same = frames.profile(old).compare(frames.profile(old))
    assert same.verdict == "same" and all(column["reasons"] == [] for column in same.columns)
    hidden = frames.profile(pa.table({"<b>": ["x", "y"]}))
    changed = hidden.compare(frames.profile(pa.table({"<b>": pa.array([None, None], pa.string())})))
    assert changed["<b>"]["verdict"] == "changed" and "<b>" not in changed._repr_html_()
    with pytest.raises(KeyError):
        drift["nothing"]


def test_a_profile_is_pickled_as_its_bytes() -> None:
    found = frames.profile({"a": [1, 2, None], "s": ["x", "y", "x"]})
    again = pickle.loads(pickle.dumps(found))
    assert again.to_bytes() == found.to_bytes() and again.to_dict()["columns"] == found.to_dict()["columns"]
