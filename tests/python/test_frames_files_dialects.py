"""Tables in files: delimiters, quotes, headers, encodings; and JSON lines."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pyarrow", reason="pyarrow reads the tables")
from frames_files_written import rows
from ironwheel import frames


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


def test_json_within_a_field_is_no_sign_of_backslashes(write):
    pd = pytest.importorskip("pandas", reason="pandas writes such fields")
    texts = [json.dumps({"t": text}) for text in ("plain", 'he said "hi", then left', 'she said "no", twice')]
    for count in (1, 20):
        table = pd.DataFrame({"id": range(3 * count), "j": texts * count, "k": "x"})
        path = write(table.to_csv(index=False))
        assert frames.File(path).dialect["escape"] == '"'
        assert rows(path) == table.values.tolist()


def test_blanks_between_a_delimiter_and_a_quote(write):
    path = write('a, b\n1, "x, y"\n3, "z" \n5, w\n')
    assert frames.File(path).columns == ["a", "b"]
    assert rows(path) == [[1, "x, y"], [3, "z"], [5, "w"]]
    assert rows(write("a, b\n1, x\n")) == [[1, " x"]]
    assert rows(write('a;  b\n1;  "x; ""y"""\n2;"z"\n')) == [[1, 'x; "y"'], [2, "z"]]
    many = "n, s\n" + "".join(f'{n}, "a, ""b\n{n}"\n' for n in range(60_000))
    found = frames.File(write(many)).to_arrow()
    assert found["s"].to_pylist() == [f'a, "b\n{n}' for n in range(60_000)]
    assert rows(write('a,b\n"x ",1\n" y",2\n')) == [["x ", 1], [" y", 2]]


@pytest.mark.parametrize(
    "before",
    [
        "# hello\n# more\n",
        "#\n",
        "# made on 1 May, by hand\n# more\n\n",
        "Report of x\n\n",
        "Report of x\n",
        "Report, 2024\n\n",
        "\nReport of x\nof y\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_before_the_table_are_left_out(write, before, newline):
    text = before + "a,b,c\n1,2,x\n3,4,y\n5,6,z\n7,8,w\n"
    path = write(text.replace("\n", newline))
    found = frames.File(path)
    assert (found.columns, found.dialect["skip"]) == (["a", "b", "c"], before.count("\n"))
    assert found.to_arrow().to_pylist()[0] == {"a": 1, "b": 2, "c": "x"}
    assert rows(path, skip=found.dialect["skip"]) == rows(path) == [[1, 2, "x"], [3, 4, "y"], [5, 6, "z"], [7, 8, "w"]]


def test_lines_before_the_table_without_a_header(write):
    assert rows(write("# x\n1,2\n3,4\n")) == [[1, 2], [3, 4]]
    assert rows(write("x\n\n1,2\n3,4\n"), header=False) == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match=r"line 2003: 3 fields in a table of 2 columns"):
        rows(write("# x\na,b\n" + "1,2\n" * 2_000 + "5,6,7\n"))


def test_a_header_is_not_taken_for_lines_before_the_table(write):
    assert frames.File(write("#a,b\n1,2\n3,4\n")).columns == ["#a", "b"]
    for text in ("a\n1,2\n3,4\n", "a,b\n1,2,x\n3,4,y\n", "x: y\na,b\n"):
        with pytest.raises(ValueError, match=r"line 2: \d fields in a table of \d columns?; pass skip= to leave out"):
            rows(write(text))
    with pytest.raises(ValueError, match=r"line 2: 2 fields in a table of 3 columns"):
        rows(write("a,b,c\n1,2\n3,4\n"))


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


def test_half_a_surrogate_pair_is_written_as_python_escapes_it(write):
    halves = ["\ud800", "a\udfffb", "\ud83d\ud83d\ude00", "\udc00\ud800", "\ud800\u0041", "\ud800\\u"]
    path = write("".join(json.dumps({"a": half, "b": [half]}) + "\n" for half in halves), "x.jsonl")
    read = [json.loads(json.dumps(half)) for half in halves]  # which joins what makes a pair
    expected = [text.encode("utf-8", "backslashreplace").decode() for text in read]
    assert [row[0] for row in rows(path)] == expected
    assert [row[1] for row in rows(path)] == [json.dumps([half]) for half in halves]
    assert frames.File(write('{"\\uD800":1}\n', "x.jsonl")).columns == ["\\ud800"]


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


def test_more_lines_to_skip_than_there_are_is_an_empty_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    assert frames.profile(frames.File(str(path), skip=2**62)).rows == 0
