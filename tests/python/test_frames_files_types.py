"""Tables in files: the types of values, and what is null."""

from __future__ import annotations

import datetime

import pytest

pytest.importorskip("pyarrow", reason="pyarrow reads the tables")
from frames_files_written import rows
from ironwheel import frames


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("true FALSE True", "bool"),
        ("1 -2 9223372036854775807", "int64"),
        ("1 2.5 -1e-3 .5 nan -inf", "float64"),
        ("2024-02-29 2024/3/1", "date32"),
        ("31/12/2024 01/02/2024", "date32"),
        ("12/31/2024 01/02/2024", "date32"),
        ("10:00 23:59:59.5", "time64[us]"),
        ("2024-02-29T10:00 2024-02-29", "timestamp[us]"),
        ("2024-02-29T10:00:00.123456789 2024-02-29T10:00:01", "timestamp[ns]"),
        ("2024-02-29T10:00Z 2024-02-29T10:00:00+02:00", "timestamp[us, tz=UTC]"),
        ("2024-02-29T10:00Z 2024-02-29T10:00", "string"),
        ("007 1", "string"),
        ("+5 1", "string"),
        ("99999999999999999999 1", "string"),
        ("2023-02-29 2024-01-01", "string"),
        ("12/31/2024 31/12/2024", "string"),
        ("1 x", "string"),
        ("yes no", "string"),
    ],
)
def test_types_are_the_narrowest_that_lose_nothing(write, values, kind):
    path = write("a,b\n" + "".join(f"{value},x\n" for value in values.split()))
    assert frames.File(path).types == [kind, "string"]


def test_types_agree_with_duckdb(write):
    duckdb = pytest.importorskip("duckdb")
    names = {"BIGINT": "int64", "DOUBLE": "float64", "VARCHAR": "string", "BOOLEAN": "bool", "DATE": "date32"}
    names.update({"TIMESTAMP": "timestamp[us]", "TIME": "time64[us]"})
    columns = {
        "i": ["1", "", "-3"],
        "f": ["1.5", "2", "nan"],
        "b": ["true", "False", ""],
        "d": ["2024-01-02", "2024-12-31", "2000-02-29"],
        "t": ["2024-01-02 10:00:00", "2024-01-02 10:00:00.5", ""],
        "c": ["10:00:00", "23:59:59", "00:00:00"],
        "s": ["x", "", "2"],
        "z": ["007", "008", "009"],
    }
    lines = [",".join(columns)] + [",".join(row) for row in zip(*columns.values())]
    path = write("\n".join(lines) + "\n")
    theirs = duckdb.read_csv(str(path))
    ours = frames.File(path)
    assert ours.columns == theirs.columns
    assert ours.types == [names[str(kind)] for kind in theirs.types]
    expected = [list(row) for row in theirs.fetchall()]
    found = rows(path)
    nan = expected[2][1]
    assert nan != nan and found[2][1] != found[2][1]
    expected[2][1] = found[2][1] = None
    assert found == expected


def test_nulls_are_empty_fields_that_are_not_quoted(write):
    assert rows(write('a,b\n,1\n"",2\nx,\ny,""\n')) == [[None, 1], ["", 2], ["x", None], ["y", None]]
    path = write("a,b\nNA,1\n,NA\nx,3\n")
    assert rows(path) == [[None, 1], [None, None], ["x", 3]]
    assert rows(path, nulls=[""]) == [["NA", "1"], [None, "NA"], ["x", "3"]]
    assert rows(path, nulls=["NA"]) == [[None, 1], ["", None], ["x", 3]]
    assert rows(path, nulls=["", "NA"]) == [[None, 1], [None, None], ["x", 3]]
    assert rows(write("a\n1\n-1\n"), nulls=["-1"]) == [[1], [None]]


@pytest.mark.parametrize("word", ["NA", "N/A", "n/a", "#N/A", "<NA>", "NULL", "null", "None", "\\N"])
def test_words_for_null_are_null_where_other_values_are_no_text(write, word):
    assert rows(write(f"a,b\n{word},x\n2.5,{word}\n")) == [[None, "x"], [2.5, None]]
    assert rows(write(f"day\n2024-02-29\n {word} \n")) == [[datetime.date(2024, 2, 29)], [None]]
    assert rows(write(f"a,b\n{word},x\ny,2\n")) == [[word, "x"], ["y", "2"]], "a table of texts keeps its words"
    assert rows(write(f'a\n"{word}"\n2\n')) == [[word], ["2"]], "what is quoted is meant"
    assert frames.File(write(f"a\n{word}\n1\n")).dialect["nulls"] == ["", word]
    assert frames.File(write(f"a\n{word}\nx\n")).dialect["nulls"] == [""]


def test_a_word_for_null_may_come_late(write):
    long = "x" * 1000
    path = write("a,b\n" + f"1,{long}\n" * 1_100 + f"NA,{long}\n" + f"1,{long}\n" * 4_000)
    assert frames.profile(frames.File(path, sample=1000))["a"].nulls == 1


def test_types_may_be_said(write):
    path = write("zip,n,day,yes\n007,+5,02/03/2024,t\n008,06,02/13/2024,no\n")
    assert frames.File(path).types == ["string", "string", "date32", "string"]
    given = {"zip": "int64", "n": "float64", "day": "date32", "yes": "bool"}
    day = datetime.date
    assert rows(path, types=given) == [[7, 5.0, day(2024, 2, 3), True], [8, 6.0, day(2024, 2, 13), False]]
    assert rows(path, types="string")[0] == ["007", "+5", "02/03/2024", "t"]
    with pytest.raises(ValueError, match=r'line 2: column "day" has "02/03/2024", which is no int64, as types= says'):
        rows(path, types={"day": "int64"})


def test_a_late_value_that_does_not_fit_is_an_error_that_names_its_place(write):
    long = "x" * 1000
    path = write("a,b\n" + f"1,{long}\n" * 10 + f"oops,{long}\n" + f"1,{long}\n" * 4_000)
    assert frames.File(path).types[0] == "string"  # files that are not long are looked at whole
    file = frames.File(path, sample=5000)  # none of the places looked at behind that meets it
    assert file.types[0] == "int64"
    with pytest.raises(ValueError, match=r'data\.csv, line 12: column "a" has "oops", which is no int64.*sample=None'):
        file.to_arrow()
    with pytest.raises(ValueError, match=r"line 12"):
        frames.profile(file)
    assert frames.File(path, sample=None).types[0] == "string"
    assert rows(path, sample=None)[10] == ["oops", long]
    late = write("a,b\n" + f"1,{long}\n" * 4_000 + f"oops,{long}\n" * 10, "late.csv")
    assert frames.File(late, sample=5000).types[0] == "string"  # one of the places is the end
