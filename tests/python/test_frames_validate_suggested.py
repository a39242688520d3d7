"""Rules suggested by a profile hold on the table it is of."""

from __future__ import annotations

import datetime

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402


def test_suggested_rules_hold_on_the_table_they_are_from():
    table = pa.table(
        {
            "id": list(range(200)),
            "status": ["open", "paid"] * 100,
            "price": [None if n % 9 == 0 else n % 17 / 3 for n in range(200)],
        }
    )
    profile = frames.profile(table)
    suggested = frames.suggest_rules(profile)
    assert r.unique("id") in suggested and r.not_null("status") in suggested and r.not_null("price") not in suggested
    assert frames.validate(table, suggested).passed
    assert not any(not result.passed for result in frames.validate(table, suggested))
    assert frames.suggest_rules(profile.to_dict()) == suggested == frames.suggest_rules(profile.to_json())
    with pytest.raises(TypeError, match="profile must be"):
        frames.suggest_rules(3)
    with pytest.raises(ValueError, match="profile must be"):
        frames.suggest_rules("{}")


FORMATTED = [
    st.emails(),
    st.uuids().map(str),
    st.ip_addresses().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.from_regex(r"0[0-9]{1,5}", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.dates().map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.sampled_from(["yes", "No", "TRUE", "f"]),
    st.from_regex(r"https?://[a-z.]{1,9}/[a-zé\u00a0]{0,5}", fullmatch=True),
    st.text(max_size=5),
    st.sampled_from(["x" * 300 + tail for tail in "ab"]),
    st.sampled_from(["", " ", "one", "two"]),
]


def columns_of():
    """Columns of every kind that suggestions are about, often without a null, of one value, in order."""
    kinds = [
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.int8(), st.integers(-3, 9)),
        (pa.uint64(), st.integers(2**64 - 99, 2**64 - 1)),
        (pa.float64(), st.floats()),
        (pa.float32(), st.floats(width=32)),
        (pa.decimal128(30, 4), st.decimals(-(10**20), 10**20, places=4)),
        (pa.date32(), st.dates()),
        (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(datetime.timezone.utc))),
        (pa.bool_(), st.booleans()),
        (pa.binary(), st.binary(max_size=2)),
        (pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
        *((pa.string(), texts) for texts in FORMATTED),
    ]

    def of(kind):
        arrow, values = kind
        plain = st.lists(values, min_size=20, max_size=60)
        some = st.lists(st.none() | values, min_size=20, max_size=60)
        ordered = plain.map(lambda found: sorted(found) if not isinstance(found[0], list) else found)
        return (plain | some | ordered).map(lambda found: pa.array(found, arrow))

    return st.sampled_from(kinds).flatmap(of)


def test_bounds_of_large_floats_are_these_floats():
    large = 4.63239560340439e16  # which no integer of the same digits is
    table = pa.table({"x": [0.0] * 19 + [large, -large]})
    assert frames.validate(table, [r.range("x", -large, large), r.in_set("x", [0, large, -large])]).passed
    assert frames.validate(table, frames.suggest_rules(frames.profile(table))).passed


@given(columns_of())
@settings(max_examples=80, deadline=None)
def test_whatever_is_suggested_holds(column):
    table = pa.table({"the column": column})
    suggested = frames.suggest_rules(frames.profile(table))
    assert suggested[0] == r.row_count(1) and len(suggested) > 1
    report = frames.validate(table, suggested)
    assert [str(result) for result in report if not result.passed] == [], column.to_pylist()


def test_two_columns_of_one_name_get_no_rules_that_cannot_be_told_apart():
    table = pa.Table.from_arrays([pa.array(range(30)), pa.array(range(30)), pa.array(range(30))], ["a", "b", "a"])
    suggested = frames.suggest_rules(frames.profile(table))
    assert {name for rule in suggested for name in rule.to_dict().get("columns", [rule.to_dict().get("column")])} == {
        None,
        "b",
    }
    assert frames.validate(table, suggested).passed
