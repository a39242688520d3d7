"""Tables checked in pieces, against what `validate` says of the same table in one."""

from __future__ import annotations

import datetime
import decimal
import json
import pickle
import subprocess
import sys
import textwrap

import pytest

np = pytest.importorskip("numpy", reason="NumPy makes the data")
pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import ValidationState  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402

UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=UTC)
OTHER = pa.table({"id": [0, 1, 2, 5], "t": ["a", "b", "", "é"]})


def positive(frame):
    return [None if value is None else value > 0 for value in frame.to_arrow()["i"].to_pylist()]


# Every kind of rule, and of key, order and missing value.
RULES = [
    r.not_null("i", "t"),
    r.not_null("f", mostly=0.7),
    r.unique("i"),
    r.unique("t"),
    r.unique("f", severity="warning"),
    r.unique("u"),
    r.unique("i", "t"),
    r.unique("t", within="b"),
    r.unique("d", where="i > 0", mostly=0.5),
    r.unique("b"),
    r.range("i", -1, 2),
    r.range("f", 0, exclusive="min", mostly=0.5, severity="warning"),
    r.length("t", 1, 2),
    r.regex("t", "^[a-c]", name="letters"),
    r.in_set("i", [0, 1, 3]),
    r.not_in_set("t", ["a", "é"]),
    r.foreign_key("i", OTHER, "id"),
    r.foreign_key(["i", "t"], "other", ["id", "t"]),
    r.monotonic("i"),
    r.monotonic("f", direction="decreasing", where="b"),
    r.monotonic("t", strict=True),
    r.monotonic("d", direction="decreasing", strict=True),
    r.monotonic("when"),
    r.type("i", "int64"),
    r.type("t", "integer"),
    r.type("nowhere", "text", severity="warning"),
    r.row_count(3, 8),
    r.row_count(max=2, where="i is null"),
    r.freshness("when", "1d", now="2024-05-01T12:00:00Z"),
    r.freshness("when", "0.5s", now="2024-05-01T12:00:00Z", where="i = 1"),
    r.freshness("day", "2d", now="2024-05-01T12:00:00Z"),
    r.expression("i * 2 <= f or t like 'a%'"),
    r.expression("length(t) = 1", where="b"),
    r.custom(positive, "i"),
]

ROW = st.tuples(
    st.none() | st.integers(-2, 5),
    st.none() | st.sampled_from([float("nan"), 0.0, -0.0, 1.5, -7.0, 1e300]),
    st.none() | st.text("abcé\0", max_size=3),
    st.none() | st.booleans(),
    st.none() | st.integers(2**64 - 3, 2**64 - 1),
    st.none() | st.integers(-30, 30),
    st.none() | st.integers(-2, 3).map(lambda days: NOON + datetime.timedelta(days=days / 2)),
)


def table(rows):
    i, f, t, b, u, d, when = zip(*rows) if rows else [()] * 7
    return pa.table(
        {
            "i": pa.array(i, pa.int64()),
            "f": pa.array(f, pa.float64()),
            "t": pa.array(t, pa.string()),
            "b": pa.array(b, pa.bool_()),
            "u": pa.array(u, pa.uint64()),
            "d": pa.array(d, pa.decimal128(20, 1)) if not rows else pa.array(d, pa.int64()).cast(pa.decimal128(20, 1)),
            "when": pa.array(when, pa.timestamp("us", "UTC")),
            "day": pa.array([w and w.date() for w in when], pa.date32()),
        }
    )


def state(data, rules=RULES, **options):
    return ValidationState.of(data, rules, frames={"other": OTHER}, now=NOON, **options)


def said(report):
    """Everything a report says."""
    masks = [np.asarray(result.mask).tolist() for result in report]
    return report.to_json(), report.to_junit(), report.to_html(), str(report), report.mask.tolist(), masks


def pieces(data, cuts):
    """The rows of a table between cuts, some without any."""
    ends = sorted(min(cut, len(data)) for cut in cuts)
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)])]


def grouped(states, draw):
    """The states put together in any grouping."""
    states = list(states)
    while len(states) > 1:
        first = draw(st.integers(0, len(states) - 2))
        last = draw(st.integers(first + 2, len(states)))
        states[first:last] = [states[first].merge(*states[first + 1 : last])]
    return states[0]


@given(st.lists(ROW, max_size=24), st.lists(st.integers(0, 24), max_size=4), st.data())
@settings(max_examples=60, deadline=None)
def test_pieces_say_what_the_whole_says(rows, cuts, data):
    whole = table(rows)
    expected = frames.validate(whole, RULES, frames={"other": OTHER})
    states = [state(piece) for piece in pieces(whole, cuts)]
    sent = [ValidationState.from_bytes(one.to_bytes()) for one in states]
    assert [one.to_bytes() for one in sent] == [one.to_bytes() for one in states]
    one, another = grouped(states, data.draw), grouped(sent, data.draw)
    assert one.rows == another.rows == len(rows)
    assert one.to_bytes() == another.to_bytes() == state(whole).to_bytes()
    assert said(one.report()) == said(another.report()) == said(expected)


def test_large_pieces_say_what_the_whole_says():
    random = np.random.default_rng(5)
    count = 300_000
    whole = pa.table(
        {
            "id": np.arange(count) * 3,
            "k": random.integers(0, 10**12, count),
            "t": random.integers(0, 200_000, count).astype(str),
            "x": pa.array(random.random(count), mask=random.random(count) < 0.1),
        }
    )
    rules = [
        r.unique("id"), r.unique("k"), r.unique("t"), r.unique("k", "t"), r.not_null("x"), r.range("x", max=0.5),
        r.range("id", 1), r.monotonic("id", strict=True), r.monotonic("k"), r.range("id", max=-1),
    ]  # fmt: skip
    expected = said(frames.validate(whole, rules))
    states = [ValidationState.of(piece, rules, now=NOON) for piece in pieces(whole, [1, 64, 70_001, 131_072, 250_000])]
    merged = ValidationState.merge(*[ValidationState.from_bytes(one.to_bytes()) for one in states])
    assert said(merged.report()) == expected
    assert merged.to_bytes() == ValidationState.of(whole, rules, now=NOON).to_bytes()


def size(data, *rules):
    return len(ValidationState.of(data, list(rules)).to_bytes())


def test_states_are_small():
    count = 200_000
    data = pa.table({"id": np.arange(count), "t": np.arange(count).astype(str), "bit": np.arange(count) % 2})
    rules = [rule for rule in RULES if rule.to_dict()["rule"] != "unique"]
    small, large = (
        len(state(table([(1, 1.0, "a", True, 2**64 - 1, 1, NOON)] * n), rules).to_bytes()) for n in (1, 999)
    )
    assert large < small + 200 < 10_000
    assert size(data, r.unique("id")) < 5_000
    assert 16 * count < size(data, r.unique("t")) < 17 * count
    assert size(data, r.range("id", max=-1)) < 500  # every row fails
    assert size(data, r.range("bit", max=0)) < count / 8 + 10_000  # every other one does


def test_a_split_between_two_that_share_a_key_and_two_out_of_order():
    rules = [r.unique("id"), r.monotonic("id", strict=True), r.row_count(4, 4)]
    parts = [{"id": [5, 7]}, {"id": [7, 8]}]
    first, second = (ValidationState.of(part, rules) for part in parts)
    assert all(result.failed == 0 for result in list(first.report())[:2] + list(second.report())[:2])
    report = first.merge(second).report()
    assert [result.first_rows for result in report] == [[1, 2], [2], []]
    assert report.passed is False and report[2].passed
    assert [result.first_rows for result in second.merge(first).report()] == [[0, 3], [2], []]
    # What was merged is as it was.
    assert [result.failed for result in first.report()] == [0, 0, 1]
    assert first.merge().to_bytes() == first.to_bytes()


def test_rules_are_taken_in_every_form(tmp_path):
    data = {"id": [1, 1, 2]}
    rules = [r.unique("id"), r.range("id", max=1)]
    dicts = [rule.to_dict() for rule in rules]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(dicts), encoding="utf-8")
    toml = '[[rules]]\nrule = "unique"\ncolumn = "id"\n[[rules]]\nrule = "range"\ncolumn = "id"\nmax = 1\n'
    forms = [rules, dicts, str(path), path, json.dumps(dicts), toml]
    made = [ValidationState.of(data, form, now=NOON) for form in forms]
    assert len({one.to_bytes() for one in made}) == 1
    whole = ValidationState.merge(*made)
    assert (whole.rows, whole.rules) == (18, dicts)
    assert whole.report()[1].first_rows == [2, 5, 8, 11, 14, 17]
    assert repr(whole) == "<ValidationState: 18 rows, 2 rules>"


def test_numbers_in_rules_travel_exactly():
    random = np.random.default_rng(3)
    bounds = random.random(200) * 10.0 ** random.integers(-30, 30, 200)
    rules = [
        r.range("x", float(low), float(low) * 2, mostly=float(share)) for low, share in zip(bounds, random.random(200))
    ]
    sent = ValidationState.from_bytes(ValidationState.of({"x": [1.0]}, rules).to_bytes())
    expected = [rule.to_dict() for rule in rules]
    assert [rule["min"] for rule in sent.rules] == [float(low) for low in bounds]
    assert sent.rules == expected == [result.rule for result in sent.report()]


def test_states_of_other_rules_or_columns_do_not_merge():
    of = ValidationState.of
    one = of({"x": [1, 2]}, [r.unique("x")])
    with pytest.raises(
        ValueError, match=r"states\[1\] must be of the same rules in the same order, got \{.*\"not_null"
    ):
        one.merge(of({"x": [1]}, [r.not_null("x")]))
    with pytest.raises(
        ValueError, match=r"states\[2\] must be of the same rules in the same order, got 2 of them instead of 1"
    ):
        one.merge(one, of({"x": [1]}, [r.unique("x"), r.not_null("x")]))
    with pytest.raises(ValueError, match=r'states\[1\] must be of the columns .* got "x" as float64? instead of int64'):
        one.merge(of({"x": [1.5]}, [r.unique("x")]))
    with pytest.raises(ValueError, match=r'got "x" as nothing instead of int64'):
        of({"x": [1]}, [r.type("x", "integer")]).merge(of({"y": [1]}, [r.type("x", "integer")]))
    with pytest.raises(TypeError, match=r"states\[1\] must be a ValidationState, got str"):
        one.merge("x")
    with pytest.raises(TypeError, match=r"states\[0\] must be a ValidationState, got int"):
        ValidationState.merge(3, one)


def test_pieces_of_one_column_merge_whatever_their_size():
    def column(kind, *values):
        return pa.table({"x": pa.array(values, kind)})

    rules = [r.unique("x"), r.monotonic("x"), r.not_null("x")]
    alike = [
        (column(pa.int64(), -1, 7), column(pa.uint64(), 7, 2**63), column(pa.int8(), -1, 1)),
        (
            column(pa.decimal128(2, 1), decimal.Decimal("1.5")),
            column(pa.decimal256(60, 1), decimal.Decimal("100.5")),
            column(pa.decimal128(4, 1), decimal.Decimal("1.5")),
        ),
        (column(pa.float32(), 1.5), column(pa.float64(), 2.0), column(pa.float64(), 1.5)),
    ]
    for pieces in alike:
        one, two, three = (ValidationState.of(piece, rules) for piece in pieces)
        first = said(ValidationState.merge(one, two, three).report())
        carried = ValidationState.from_bytes(one.merge(two).to_bytes())
        assert said(one.merge(two.merge(three)).report()) == said(carried.merge(three).report()) == first
        failed = [result.failed for result in ValidationState.merge(one, two, three).report()]
        assert failed == ([4, 1, 0] if len(pieces[0]) == 2 else [2, 1, 0])


def test_units_and_scales_matter_only_where_values_of_pieces_are_compared():
    us, ns = (pa.table({"x": pa.array([0], pa.timestamp(unit))}) for unit in ("us", "ns"))
    short, long = (pa.table({"x": pa.array([decimal.Decimal("1.5")], pa.decimal128(9, scale))}) for scale in (1, 2))
    for one, two in ((us, ns), (short, long)):
        rules = [r.not_null("x")]
        assert ValidationState.of(one, rules).merge(ValidationState.of(two, rules)).report().passed
        for rule in (r.unique("x"), r.monotonic("x")):
            states = [ValidationState.of(data, [rule]) for data in (one, two)]
            with pytest.raises(
                ValueError, match=r"rules\[0\] \(.*\) compares .*; convert it to one type in every piece"
            ):
                ValidationState.merge(*states)
    rules = [r.not_null("x")]
    for one, two in (({"x": [1]}, {"x": [1.5]}), (us, us.cast(pa.schema([("x", pa.timestamp("us", "UTC"))])))):
        with pytest.raises(ValueError, match="convert it to one type in every piece"):
            ValidationState.of(one, rules).merge(ValidationState.of(two, rules))


def test_a_piece_of_nulls_alone_goes_with_any():
    null, text = pa.table({"x": pa.nulls(2)}), pa.table({"x": pa.array(["a", None, "a"])})
    rules = [r.unique("x"), r.not_null("x"), r.monotonic("x", strict=True), r.type("x", "text"), r.regex("x", "b")]
    expected = said(frames.validate(pa.concat_tables([null, text, null], promote_options="default"), rules))
    parts = [ValidationState.of(part, rules, now=NOON) for part in (null, text, null)]
    assert said(ValidationState.merge(*parts).report()) == expected
    assert said(parts[0].merge(parts[1].merge(parts[2])).report()) == expected
    layouts = [text, text.cast(pa.schema([("x", pa.large_string())])), pa.table({"x": text["x"].dictionary_encode()})]
    rules = [r.unique("x"), r.not_null("x")]
    report = ValidationState.merge(*[ValidationState.of(layout, rules) for layout in layouts]).report()
    assert [(result.failed, result.missing) for result in report] == [(6, 3), (3, 0)]


def test_anonymous_tables_are_the_same_rule_whoever_holds_them():
    def asked():
        return [r.foreign_key("x", pa.table({"x": [1, 2]})), r.foreign_key("x", pa.table({"x": [1]}))]

    report = ValidationState.of({"x": [1, 3]}, asked()).merge(ValidationState.of({"x": [2]}, asked())).report()
    assert [result.first_rows for result in report] == [[1], [1, 2]]
    assert report.to_json() == frames.validate({"x": [1, 3, 2]}, asked()).to_json()


def test_one_moment_for_all_pieces():
    data = pa.table({"when": [NOON - datetime.timedelta(hours=5), NOON - datetime.timedelta(hours=30)]})
    rules = [
        r.freshness("when", "6h"),
        r.expression("now() - when < interval '1d'"),
        r.expression("date(now()) = date '2024-05-01'"),
    ]
    for now in (NOON, NOON.replace(tzinfo=None), "2024-05-01T12:00:00Z", "2024-05-01T14:00:00+02:00"):
        report = ValidationState.of(data, rules, now=now).report()
        assert [result.first_rows for result in report] == [[], [1], []], now
        assert "now is 2024-05-01T12:00:00" in report[0].message
    later = ValidationState.of(data, rules, now=NOON + datetime.timedelta(hours=3))
    assert not later.report()[0].passed
    earlier = ValidationState.of(data, rules, now=NOON)
    for merged in (later.merge(earlier), earlier.merge(later)):
        assert merged.report()[0].passed  # by the moment the first of them was begun
    assert not ValidationState.of(data, rules).report()[0].passed
    for now, error in ((3, TypeError), ("tomorrow", ValueError), (datetime.datetime(9000, 1, 1), ValueError)):
        with pytest.raises(error, match="^now must"):
            ValidationState.of(data, rules, now=now)


def test_functions_are_asked_about_each_piece():
    asked = []

    def odd(frame):
        values = frame.to_arrow()["x"].to_pylist()
        asked.append(values)
        return [value % 2 == 1 for value in values]

    rules = [r.custom(odd, "x")]
    states = [ValidationState.of({"x": values}, rules) for values in ([1, 2], [3, 4, 5])]
    sent = [pickle.loads(pickle.dumps(one)) for one in states]
    assert sent[0].merge(sent[1]).report()[0].first_rows == [1, 3]
    assert asked == [[1, 2], [3, 4, 5]]

    def breaks(frame):
        raise KeyError("my own")

    with pytest.raises(KeyError, match="my own"):
        ValidationState.of({"x": [1]}, [r.custom(breaks)])
    with pytest.raises(ValueError, match="it needs a function"):
        ValidationState.of({"x": [1]}, [{"rule": "custom", "columns": ["x"]}])


def test_failing_rows_are_shown_once_the_data_is_given():
    data = pa.table({"x": [1, 5, 2, 6]})
    rules = [r.range("x", max=4)]
    merged = ValidationState.of(data[:2], rules).merge(ValidationState.of(data[2:], rules))
    found = merged.report(data).failing().to_arrow()
    assert (found["row"].to_pylist(), found["x"].to_pylist()) == ([1, 3], [5, 6])
    with pytest.raises(ValueError, match="data of the report is unknown: give it to ValidationState.report"):
        merged.report().failing()
    with pytest.raises(ValueError, match="data must be what was validated, of 4 rows; now it has 2"):
        merged.report(data[:2]).failing()


def test_what_validate_refuses_is_refused():
    with pytest.raises(ValueError, match=r'rules\[0\] \(unique\): "y" is no column of data'):
        ValidationState.of({"x": [1]}, [r.unique("y")])
    with pytest.raises(TypeError, match="frames must be a mapping"):
        ValidationState.of({"x": [1]}, [r.unique("x")], frames=[1])
    with pytest.raises(TypeError, match="rules must be a list of rules"):
        ValidationState.of({"x": [1]}, 3)
    with pytest.raises(TypeError, match="data must"):
        ValidationState.of(3, [r.unique("x")])
    with pytest.raises(KeyboardInterrupt):

        def stop(done, total):
            raise KeyboardInterrupt

        random = np.random.default_rng(1).random(4_000_000)
        while True:  # until a report of progress comes in time
            ValidationState.of({"x": random}, [r.unique("x")], progress=stop)


def test_hostile_bytes_are_an_error():
    good = state(
        table([(1, 1.0, "a", True, 2**64 - 1, 1, NOON), (None, None, None, None, None, None, None)])
    ).to_bytes()
    for end in range(len(good)):
        with pytest.raises(ValueError, match="^data is no validation state|^data is a validation state of version"):
            ValidationState.from_bytes(good[:end])
    for at in range(len(good)):
        for bit in (1, 128):
            wrong = bytearray(good)
            wrong[at] ^= bit
            with pytest.raises(ValueError, match="^data is no validation state|^data is a validation state of version"):
                ValidationState.from_bytes(wrong)
    for wrong in (b"", b"x", bytes(100), good + b"\0", frames.profile({"x": [1]}).to_bytes()):
        with pytest.raises(ValueError, match="^data is no validation state"):
            ValidationState.from_bytes(wrong)
    for wrong in (None, 3, "text", [1]):
        with pytest.raises(TypeError, match="^data must be bytes, got"):
            ValidationState.from_bytes(wrong)
    newer = bytearray(good)
    newer[8] = 9
    with pytest.raises(ValueError, match="^data is a validation state of version 9, this library reads version 1$"):
        ValidationState.from_bytes(newer)
    assert ValidationState.from_bytes(memoryview(good)).to_bytes() == good


def test_another_process_makes_the_same_bytes():
    code = """
        import sys
        from ironwheel import frames
        from ironwheel.frames import rules as r
        rules = [r.unique("id", "t"), r.range("id", 0, 2.5), r.foreign_key("id", {"id": [1, 2]}), r.monotonic("t")]
        made = frames.ValidationState.of({"id": [1, 2, 9], "t": ["a", "\\u00e9", "b"]}, rules, now="2024-01-01T00:00:00Z")
        sys.stdout.write(made.to_bytes().hex())
    """
    made = [
        subprocess.run([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, check=True).stdout
        for _ in range(2)
    ]
    assert made[0] == made[1]
    report = ValidationState.from_bytes(bytes.fromhex(made[0].decode())).report()
    assert [result.first_rows for result in report] == [[], [2], [2], [2]]


def test_threads_never_change_a_state():
    random = np.random.default_rng(1)
    data = pa.table({"k": random.integers(0, 400_000, 200_000), "t": random.integers(0, 99, 200_000).astype(str)})
    rules = [r.unique("k"), r.unique("k", "t"), r.monotonic("k"), r.regex("t", "^[0-7]+$")]
    made = []
    try:
        for threads in (1, 4):
            iw.set_threads(threads)
            made.append(ValidationState.of(data, rules, now=NOON).to_bytes())
    finally:
        iw.set_threads(None)
    assert made[0] == made[1]
