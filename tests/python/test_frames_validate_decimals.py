"""Rules on decimals that 128 bits do not hold."""

from __future__ import annotations

import decimal

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules  # noqa: E402


def tall(*digits: str, scale: int = 0) -> pa.Table:
    """One column ``x`` of decimals too long for 128 bits."""
    values = [None if text is None else decimal.Decimal(text) for text in digits]
    return pa.table({"x": pa.array(values, pa.decimal256(76, scale))})


LONG = 10**39


def test_decimals_beyond_128_bits_are_compared_exactly():
    data = tall(str(LONG), str(LONG + 1), None, str(-LONG), "7", str(LONG))

    def failed(rule):
        return frames.validate(data, [rule])[0].failed

    assert failed(rules.unique("x")) == 2
    assert failed(rules.not_null("x")) == 1
    assert failed(rules.range("x", str(-LONG), str(LONG))) == 1
    assert failed(rules.range("x", 0)) == 1
    assert failed(rules.in_set("x", [str(LONG), 7])) == 2
    assert failed(rules.not_in_set("x", [7, str(LONG + 1), str(-LONG)])) == 3
    assert failed(rules.monotonic("x")) == 1
    assert failed(rules.expression(f"x = {LONG} or x = 7 or x = {-LONG}")) == 1
    assert failed(rules.expression("x < 1e38")) == 3
    assert failed(rules.expression("max(x, 8) > 8")) == 2
    with pytest.raises(OverflowError, match=r"rules\[0\] \(expression\).*128 bits"):
        frames.validate(data, [rules.expression("x + 1 > 0")])


def test_bounds_are_exact_at_any_scale():
    data = tall("4.99", "5", "1e30", scale=40)
    assert frames.validate(data, [rules.range("x", 5)])[0].failed == 1
    assert frames.validate(data, [rules.in_set("x", [5, "4.99"])])[0].failed == 1
    assert frames.validate(data, [rules.expression("x in (5, 4.99, 1000000000000000000000000000000)")])[0].failed == 0
    with pytest.raises(OverflowError, match="256 bits"):
        frames.validate(
            pa.table({"x": tall(str(10**75))["x"], "y": tall("1", scale=40)["x"]}), [rules.expression("x > y")]
        )


def test_long_keys_are_found_in_another_frame_and_in_another_piece():
    there = pa.table({"id": tall(str(LONG), "7")["x"]})
    rule = rules.foreign_key("x", "there", "id")
    found = frames.validate(tall(str(LONG), str(LONG + 1), "7"), [rule], frames={"there": there})
    assert found[0].failed == 1
    asked = [rules.unique("x"), rules.monotonic("x", strict=True)]
    pieces = [frames.ValidationState.of(tall(one), asked) for one in ("7", str(LONG), str(LONG), str(LONG + 1))]
    pieces = [frames.ValidationState.from_bytes(piece.to_bytes()) for piece in pieces]
    assert [result.failed for result in frames.ValidationState.merge(*pieces).report()] == [2, 1]


def test_rules_suggested_for_long_decimals_hold():
    data = tall(*(str(LONG + row) for row in range(100)))
    suggested = frames.suggest_rules(frames.profile(data))
    assert {rule.to_dict()["rule"] for rule in suggested} >= {"unique", "not_null"}
    assert frames.validate(data, suggested).passed
