"""The commands for tables: profile, validate, fingerprint and diff."""

from __future__ import annotations

import json
import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Callable, List, Tuple

import pytest
from ironwheel import cli, text

Run = Callable[..., Tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> Tuple[int, str, str]:
        try:
            status = cli.main([str(word) for word in words])
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else cli.WRONG
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return call


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    lines = ["id,amount,country"] + [f"{i},{i * 1.5},{'FR' if i % 3 else 'BE'}" for i in range(1, 41)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def one_line(errors: str) -> bool:
    return errors.endswith("\n") and errors.count("\n") == 1 and "Traceback" not in errors


@pytest.mark.parametrize("command", ["profile", "validate", "fingerprint", "diff"])
def test_every_command_explains_itself(command: str, run: Run) -> None:
    status, shown, _ = run(command, "--help")
    assert status == 0 and f"usage: ironwheel {command}" in shown


# profile


def test_a_profile_as_a_table_fits_the_width(orders: Path, run: Run) -> None:
    for width in (50, 80, 120):
        status, shown, errors = run("profile", orders, "--table", "--no-color", "--width", width)
        assert (status, errors) == (cli.DONE, "")
        assert max(map(text.width, shown.splitlines())) <= width
        assert "40 rows × 3 columns" in shown and all(name in shown for name in ("id", "amount", "country"))
    assert "\x1b[" in run("profile", orders, "--table", "--color", "standard")[1]
    assert run("profile", orders, "--table", "--ascii", "--no-color")[1].isascii()


def test_a_profile_as_lines_and_json(orders: Path, run: Run) -> None:
    status, shown, _ = run("profile", orders, "--lines")
    rows = [line.split("\t") for line in shown.splitlines()]
    assert status == cli.DONE and [row[0] for row in rows] == ["id", "amount", "country"]
    assert rows[0][2:] == ["40", "0", "40", "1", "20.5", "40"]
    status, shown, _ = run("profile", orders, "--json")
    found = json.loads(shown)
    assert (found["rows"], [column["name"] for column in found["columns"]]) == (40, ["id", "amount", "country"])


def test_columns_are_chosen_by_name(orders: Path, run: Run, tmp_path: Path) -> None:
    status, shown, _ = run("profile", orders, "--columns", "country, id", "--lines")
    assert status == cli.DONE and [line.split("\t")[0] for line in shown.splitlines()] == ["country", "id"]
    odd = tmp_path / "odd.csv"
    odd.write_text('"a,b",c\n1,2\n', encoding="utf-8")
    status, shown, _ = run("profile", odd, "--columns", '"a,b"', "--lines")
    assert status == cli.DONE and shown.startswith("a,b\t")
    status, _, errors = run("profile", orders, "--columns", "nope")
    assert status == cli.WRONG and one_line(errors) and "nope" in errors and "columns" in errors
    status, _, errors = run("profile", orders, "--columns", "id,,amount")
    assert status == cli.WRONG and "id,,amount" in errors


def test_a_page_is_written_whole_and_takes_the_place_of_another(orders: Path, run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")
    assert run("profile", orders, "--html", page) == (cli.DONE, "", "")
    made = page.read_text(encoding="utf-8")
    assert made.startswith("<!doctype html>") and made.endswith("</html>\n") and "country" in made
    assert sorted(os.listdir(tmp_path)) == ["orders.csv", "page.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_page_has_the_rights_a_new_file_has(orders: Path, run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    before = os.umask(0o027)
    try:
        assert run("profile", orders, "--html", page)[0] == cli.DONE
    finally:
        os.umask(before)
    assert page.stat().st_mode & 0o777 == 0o640
    page.chmod(0o604)
    assert run("profile", orders, "--html", page)[0] == cli.DONE
    assert page.stat().st_mode & 0o777 == 0o604


def test_a_page_that_cannot_be_written_is_named(orders: Path, run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "page.html"
    status, _, errors = run("profile", orders, "--html", missing)
    assert status == cli.WRONG and one_line(errors) and repr(str(missing)) in errors
    status, _, errors = run("profile", orders, "--html", tmp_path)
    assert status == cli.WRONG and one_line(errors) and repr(str(tmp_path)) in errors
    assert os.listdir(tmp_path) == ["orders.csv"]


def test_a_page_that_fails_half_way_leaves_the_old_one(
    orders: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")

    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device", str(page))

    monkeypatch.setattr(os, "replace", full)
    status, _, errors = run("profile", orders, "--html", page)
    assert status == cli.WRONG and one_line(errors) and "No space left" in errors
    assert page.read_text(encoding="utf-8") == "old" and sorted(os.listdir(tmp_path)) == ["orders.csv", "page.html"]


def test_several_files_are_several_tables(orders: Path, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("x\n1\n2\n", encoding="utf-8")
    status, shown, _ = run("profile", orders, other, "--table", "--no-color")
    assert status == cli.DONE and "40 rows" in shown and "2 rows" in shown and str(other) in shown
    status, shown, _ = run("profile", orders, other, "--json")
    assert [(one["path"], one["rows"]) for one in json.loads(shown)] == [(str(orders), 40), (str(other), 2)]
    status, shown, errors = run("profile", orders, tmp_path / "none.csv", other, "--json")
    assert status == cli.WRONG and one_line(errors) and "none.csv" in errors and len(json.loads(shown)) == 2
    status, _, errors = run("profile", orders, other, "--html", tmp_path / "page.html")
    assert status == cli.WRONG and one_line(errors) and "2 files" in errors and "--merge" in errors
    assert not (tmp_path / "page.html").exists()


def test_several_files_can_be_one_table(orders: Path, run: Run, tmp_path: Path) -> None:
    second = tmp_path / "second.csv"
    second.write_text("id,amount,country\n41,1.5,NL\n", encoding="utf-8")
    status, shown, _ = run("profile", orders, second, "--merge", "--json")
    assert status == cli.DONE and json.loads(shown)["rows"] == 41
    assert run("profile", orders, second, "--merge", "--html", tmp_path / "page.html") == (cli.DONE, "", "")
    assert "orders.csv and 1 more" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_correlations_are_there_where_asked_for(orders: Path, run: Run) -> None:
    status, shown, _ = run("profile", orders, "--correlations", "--json")
    assert status == cli.DONE and json.loads(shown)["correlations"]["columns"] == ["id", "amount"]
    assert json.loads(shown)["correlations"]["method"] == "pearson"
    assert json.loads(run("profile", orders, "--spearman", "--json")[1])["correlations"]["method"] == "spearman"
    assert json.loads(run("profile", orders, "--json")[1])["correlations"] is None


def test_a_file_that_is_no_table_is_named(run: Run, tmp_path: Path) -> None:
    status, _, errors = run("profile", tmp_path / "none.csv")
    assert status == cli.WRONG and one_line(errors) and "none.csv" in errors
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and no more")
    status, _, errors = run("profile", broken)
    assert status == cli.WRONG and one_line(errors) and "broken.parquet" in errors


def test_a_pattern_is_one_table(orders: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders2.csv").write_text("id,amount,country\n41,1.5,NL\n", encoding="utf-8")
    status, shown, _ = run("profile", tmp_path / "orders*.csv", "--json")
    assert status == cli.DONE and json.loads(shown)["rows"] == 41


def test_feather_is_read_by_another_library(run: Run, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow writes the file")
    from pyarrow import feather

    feather.write_feather(pa.table({"a": [1, 2]}), str(tmp_path / "a.feather"))
    status, shown, _ = run("profile", tmp_path / "a.feather", "--lines")
    assert status == cli.DONE and shown.startswith("a\tint64\t2\t")
    (tmp_path / "b.feather").write_bytes(b"no such thing")
    status, _, errors = run("profile", tmp_path / "b.feather")
    assert status == cli.WRONG and one_line(errors) and "b.feather" in errors


# validate


def test_rules_that_hold_and_rules_that_do_not(orders: Path, run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nrule = "not_null"\ncolumn = "id"\n', encoding="utf-8")
    status, shown, errors = run("validate", orders, "--rules", rules)
    assert (status, errors) == (cli.DONE, "") and "not null" in shown
    rules.write_text('[[rules]]\nrule = "in_set"\ncolumn = "country"\nvalues = ["FR"]\n', encoding="utf-8")
    xml, page = tmp_path / "out.xml", tmp_path / "out.html"
    status, shown, errors = run("validate", orders, "--rules", rules, "--json", "--junit", xml, "--html", page)
    assert (status, errors) == (cli.FAILED, "") and json.loads(shown)["passed"] is False
    assert ET.parse(xml).getroot().tag in ("testsuites", "testsuite") and "13" in page.read_text(encoding="utf-8")


def test_foreign_keys_refer_to_other_files(orders: Path, run: Run, tmp_path: Path) -> None:
    known, rules = tmp_path / "known.csv", tmp_path / "a=b.toml"
    known.write_text("code\nFR\nBE\n", encoding="utf-8")
    rules.write_text(
        '[[rules]]\nrule = "foreign_key"\ncolumns = ["country"]\nframe = "countries"\nreferences = ["code"]\n',
        encoding="utf-8",
    )
    assert run("validate", orders, "--rules", rules, "--frame", f"countries={known}")[0] == cli.DONE
    known.write_text("code\nFR\n", encoding="utf-8")
    assert run("validate", orders, "--rules", rules, "--frame", f"countries={known}")[0] == cli.FAILED
    status, _, errors = run("validate", orders, "--rules", rules, "--frame", "countries")
    assert status == cli.WRONG and "NAME=FILE" in errors


def test_wrong_rules_are_wrong_use(orders: Path, run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nrule = "not_nul"\ncolumn = "id"\n', encoding="utf-8")
    status, _, errors = run("validate", orders, "--rules", rules)
    assert status == cli.WRONG and one_line(errors) and "not_nul" in errors
    status, _, errors = run("validate", orders, "--rules", tmp_path / "none.toml")
    assert status == cli.WRONG and one_line(errors) and "none.toml" in errors


def test_validate_asks_for_rules(orders: Path, run: Run) -> None:
    status, _, errors = run("validate", orders)
    assert status == cli.WRONG and "--rules" in errors


# fingerprint


def test_a_digest_does_not_depend_on_the_order_of_rows(orders: Path, run: Run, tmp_path: Path) -> None:
    lines = orders.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    status, shown, errors = run("fingerprint", orders, turned, "--lines")
    first, second = (line.split("  ") for line in shown.splitlines())
    assert (status, errors) == (cli.DONE, "") and first[0] == second[0] and int(first[0], 16)
    assert [first[1], second[1]] == [str(orders), str(turned)]
    rows = json.loads(run("fingerprint", orders, "--json", "--bits", "128")[1])
    assert rows[0]["rows"] == 40 and rows[0]["digest"] != first[0]
    turned.write_text("country,id\nFR,1\n", encoding="utf-8")
    same = tmp_path / "same.csv"
    same.write_text("id,country\n1,FR\n", encoding="utf-8")
    ordered, free = (run("fingerprint", turned, same, "--lines", *more)[1].split() for more in ([], ["--any-order"]))
    assert ordered[0] != ordered[2] and free[0] == free[2]
    narrow = run("fingerprint", orders, "--columns", "id", "--lines")[1].split("  ")[0]
    assert narrow != first[0]


def test_a_wrong_fingerprint_is_wrong_use(orders: Path, run: Run, tmp_path: Path) -> None:
    status, _, errors = run("fingerprint", orders, "--bits", "32")
    assert status == cli.WRONG and "32" in errors
    status, shown, errors = run("fingerprint", tmp_path / "none.csv", orders, "--lines")
    assert status == cli.WRONG and one_line(errors) and "none.csv" in errors and str(orders) in shown


# diff


def test_tables_that_differ_and_tables_that_do_not(orders: Path, run: Run, tmp_path: Path) -> None:
    lines: List[str] = orders.read_text(encoding="utf-8").splitlines()
    later = tmp_path / "later.csv"
    later.write_text("\n".join([*lines[:-1], "40,61.0,FR", "99,1.5,FR"]) + "\n", encoding="utf-8")
    status, shown, errors = run("diff", orders, later, "--key", "id", "--json")
    assert (status, errors) == (cli.FAILED, "") and isinstance(json.loads(shown), dict)
    status, shown, _ = run("diff", orders, later, "--key", "id")
    assert status == cli.FAILED and "amount" in shown
    assert run("diff", orders, orders, "--key", "id")[0] == cli.DONE
    status, _, errors = run("diff", orders, later, "--key", "nope")
    assert status == cli.WRONG and one_line(errors) and "nope" in errors


def test_without_a_key_whole_rows_are_compared(orders: Path, run: Run, tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    later.write_text(orders.read_text(encoding="utf-8").replace("40,60.0,FR", "40,61.0,FR"), encoding="utf-8")
    status, shown, _ = run("diff", orders, later)
    assert status == cli.FAILED and "1 added, 1 removed" in shown
    assert run("diff", orders, later, "--columns", "id,country")[0] == cli.DONE


def test_a_value_of_a_report_cannot_move_the_cursor(run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("id,word\n1,a\n", encoding="utf-8")
    new.write_text("id,word\n1,\x1b[2Jb\r\u202e\n", encoding="utf-8")
    status, shown, _ = run("diff", old, new, "--key", "id")
    assert status == cli.FAILED and "[2Jb" in shown
    assert not [c for c in shown if not c.isprintable() and c != "\n"]
