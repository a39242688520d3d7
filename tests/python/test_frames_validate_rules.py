"""Rules as TOML, JSON, dicts and objects, and what is said of wrong ones."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import json
import textwrap

import pytest
from frames_validate_orders import ORDERS
from hypothesis import given, settings
from hypothesis import strategies as st
from ironwheel import frames
from ironwheel.frames import rules as r


def test_a_type_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match=r'rules\[0\]\.type must be one of .*got "integerr"; did you mean "integer"'):
        frames.validate({"x": [1]}, [{"rule": "type", "column": "x", "type": "integerr"}])
    with pytest.raises(ValueError, match=r'type must be one of .*got "int"'):
        r.type("x", "int")
    for known in ("integer", "int64", "timestamp[us, tz=UTC]", "decimal128(3, 1)", "list<int8>", "map", "text"):
        assert frames.validate({"x": [1]}, [r.type("x", known)]).passed == (known in ("integer", "int64"))


def test_toml_json_dicts_and_objects_are_the_same(tmp_path):
    toml = textwrap.dedent(
        """
        [[rules]]
        rule = "range"
        column = "day"
        min = 2024-01-01
        where = "id <> 9"

        [[rules]]
        rule = "unique"
        columns = ["id"]
        mostly = 0.5
        name = "ids"
        """
    )
    dicts = [
        {"rule": "range", "column": "day", "min": "2024-01-01", "where": "id <> 9"},
        {"rule": "unique", "columns": ["id"], "mostly": 0.5, "name": "ids"},
    ]
    objects = [r.range("day", datetime.date(2024, 1, 1), where="id <> 9"), r.unique("id", mostly=0.5, name="ids")]
    assert [rule.to_dict() for rule in objects] == dicts
    (tmp_path / "r.toml").write_text(toml, encoding="utf-8-sig")
    (tmp_path / "r.json").write_text(json.dumps({"rules": dicts}))
    ways = [
        toml,
        json.dumps(dicts),
        json.dumps({"rules": dicts}),
        dicts,
        objects,
        str(tmp_path / "r.toml"),
        tmp_path / "r.json",
    ]
    reports = [frames.validate(ORDERS, rules).to_dict() for rules in ways]
    assert all(report == reports[0] for report in reports)
    assert [result["failed"] for result in reports[0]["results"]] == [1, 2]


def test_a_wrong_rule_names_its_place(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rules]]\nrule = "not_null"\ncolumn = "id"\n\n[[rules]]\nrule = "range"\ncolumn = "id"\nmin = "x"\n'
    )
    with pytest.raises(ValueError) as caught:
        frames.validate(ORDERS, path)
    assert str(caught.value) == (
        'rules.toml line 5: rules[1] (range): min must be a number for column "id", which is an integer, got "x"'
    )
    path.write_text('[[rules]]\nrule = "length"\ncolumn = "sku"\nmin = "x"\n')
    with pytest.raises(
        ValueError, match=r'^rules.toml line 4: rules\[0\].min must be an integer of at least 0, got "x"$'
    ):
        frames.validate(ORDERS, path)
    path.write_text("[[rules]\n")
    with pytest.raises(ValueError, match="^rules.toml line 1 is not TOML: "):
        frames.validate(ORDERS, path)
    with pytest.raises(FileNotFoundError):
        frames.validate(ORDERS, tmp_path / "nobody.toml")
    with pytest.raises(ValueError, match="range.*not known|colum is not known"):
        frames.validate(ORDERS, [{"rule": "range", "colum": "id", "min": 1}])
    with pytest.raises(ValueError, match='did you mean "id"'):
        frames.validate(ORDERS, [r.not_null("idd")])
    for wrong in (3, None, b"x", [3], ["not_null"]):
        with pytest.raises(TypeError, match="rules"):
            frames.validate(ORDERS, wrong)
    for make in (
        lambda: r.range("x"), lambda: r.range("x", float("nan")), lambda: r.regex("x", "("), lambda: r.not_null(),
        lambda: r.expression("a +"), lambda: r.not_null("x", mostly=2), lambda: r.not_null("x", severity="bad"),
        lambda: r.freshness("x", "1 parsec"), lambda: r.monotonic("x", "sideways"), lambda: r.length("x", -1),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="rule"):
            make()
    with pytest.raises(TypeError):
        r.in_set("x", "abc")
    with pytest.raises(TypeError):
        r.custom(3)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_is_worse_than_a_value_error(text):
    for rules in ("[" + text, "rules = " + text, [{"rule": "expression", "expression": text}], [{"rule": text}]):
        with contextlib.suppress(ValueError, OverflowError):
            frames.validate(ORDERS, rules)


def test_numbers_that_are_not_finite_are_named_by_their_place():
    inf, nan = float("inf"), float("nan")
    for ask, said in (
        (lambda: r.range("x", 0, inf), "rule.max must be finite, got inf"),
        (lambda: r.range("x", -inf), "rule.min must be finite, got -inf"),
        (lambda: r.range("x", decimal.Decimal("Infinity")), "rule.min must be finite, got inf"),
        (lambda: r.in_set("x", [1, nan]), "rule.values[1] must be finite, got nan"),
        (lambda: r.not_null("x", mostly=nan), "rule.mostly must be finite, got nan"),
        (
            lambda: frames.validate({"x": [1]}, [r.not_null("x"), {"rule": "range", "column": "x", "min": inf}]),
            "rules[1].min must be finite, got inf",
        ),
    ):
        with pytest.raises(ValueError) as caught:
            ask()
        assert str(caught.value) == said


def test_numpys_numbers_that_are_not_finite_are_named_by_their_place():
    np = pytest.importorskip("numpy", reason="the numbers are NumPy's")
    with pytest.raises(ValueError, match=r"rule\.values\[0\] must be finite, got nan"):
        r.in_set("x", np.array([np.nan, 1], "f4"))
    with pytest.raises(ValueError, match=r"rule\.max must be finite, got inf"):
        r.range("x", max=np.float32(np.inf))
