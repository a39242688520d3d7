"""Spectre.Console's own expectations, as data: every case of a widget we have, byte for byte."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ironwheel import text

CASES = Path(__file__).resolve().parents[3] / "shared" / "spectre" / "cases.json"
if not CASES.exists():
    pytest.skip(f"{CASES.name} with the cases is not beside this project", allow_module_level=True)

# Streams that a user types into or that are redrawn: no render call.
STREAMS = {"text_prompt", "progress", "status"}
# These fonts have no licence that lets us ship them; the message says how to use a file instead.
UNLICENSED = {"starwars", "poison"}


def load():
    for case in json.loads(CASES.read_text("utf-8"))["cases"]:
        if case["widget"] in STREAMS:
            continue
        missing = isinstance(case["spec"], dict) and case["spec"].get("font") in UNLICENSED
        marks = [pytest.mark.skip(reason="the font may not be shipped")] if missing else []
        yield pytest.param(case, id=case["name"], marks=marks)


def run(case):
    spec = case["spec"]
    kind = spec.get("type") if isinstance(spec, dict) else None
    if kind == "cell_width":
        return text.width(spec["text"])
    if kind == "cell_split":
        return list(text.split_cells(spec["text"], spec["offset"]))
    if kind == "markup_escape":
        return text.escape(spec["text"])
    if kind == "markup_remove":
        return text.strip(spec["text"])
    return text.render(
        spec,
        width=case.get("width", 80),
        height=case.get("height", 24),
        color=case.get("color_system", "true_color") if case.get("ansi") else "none",
        unicode=case.get("unicode", True),
    )


@pytest.mark.parametrize("case", list(load()))
def test_case(case):
    if "error" in case:
        with pytest.raises(ValueError) as caught:
            run(case)
        assert case["error"].lower() in str(caught.value).lower()
        return
    found = run(case)
    if "expected_value" in case:
        assert found == case["expected_value"]
    elif "expected_regex" in case:
        assert re.search(case["expected_regex"], found)
    elif case.get("compare") == "no_error":
        assert isinstance(found, str)
    elif case.get("compare") == "final_newline_optional":
        assert found.rstrip("\n") == case["expected"].rstrip("\n")
    elif case.get("compare") == "trimmed_lines":
        lines = [line.strip() for line in found.strip().splitlines()]
        assert lines == [line.strip() for line in case["expected"].strip().splitlines()]
    else:
        assert found == case["expected"]
