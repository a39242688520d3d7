"""Tables in files: paths and globs, compression, threads, wrong parameters."""

from __future__ import annotations

import gzip
import os
import pathlib
import random
import string
import threading

import pytest
from ironwheel import frames

pa = pytest.importorskip("pyarrow")
from frames_files_written import rows  # noqa: E402


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
    write("c,a,b\n4,5,6\n", "q/1.csv")
    for first, second, name in (("1.csv", "../q/1.csv", "c"), ("3.csv", "../q/1.csv", "b")):
        paths = [tmp_path / "p" / first, tmp_path / "p" / second]
        with pytest.raises(ValueError, match=rf'q.1\.csv: a column "{name}", which .*{first} has not; pass union=True'):
            frames.File([paths[0], *paths])
        with pytest.raises(ValueError, match=rf'{first}: no column "'):
            frames.File([paths[1], *paths])
    with pytest.raises(ValueError, match=r"x\.jsonl: json lines, where .*1\.csv is csv"):
        frames.File([tmp_path / "p" / "1.csv", write('{"a":1}', "x.jsonl")])


def test_parquet_files_that_differ(tmp_path):
    from pyarrow import parquet

    one, two = str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")
    parquet.write_table(pa.table({"a": [1], "b": ["x"]}), one)
    parquet.write_table(pa.table({"b": ["y"], "c": [1.5]}), two)
    assert rows([one, two], union=True) == [[1, "x", None], [None, "y", 1.5]]
    parquet.write_table(pa.table({"a": [1], "b": ["x"], "c": [1.5]}), two)
    with pytest.raises(ValueError, match=r'2\.parquet: a column "c", which .*1\.parquet has not; pass union=True'):
        frames.File([one, one, two])
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


def test_zeros_behind_gzip_are_padding(write):
    one, two = gzip.compress(b"a,b\n1,2\n"), gzip.compress(b"3,4\n")
    for zeros in (1, 7, 512, 200_000):
        pad = bytes(zeros)
        assert rows(write(one + pad, "x.csv.gz")) == [[1, 2]]
        assert rows(write(one + pad + two + pad, "x.csv.gz")) == [[1, 2], [3, 4]]
    for wrong in (one + b"\0x", one + two[:-3], one + b"\0" + two[:5]):
        with pytest.raises(ValueError, match=r"x\.csv\.gz"):
            rows(write(wrong, "x.csv.gz"))


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


@pytest.mark.parametrize("open_it", [str, frames.File])
@pytest.mark.parametrize(
    "ask",
    [
        lambda data: frames.profile(data, columns=["amuont"]),
        lambda data: frames.profile(data, columns=["id", "amuont"]),
        lambda data: frames.validate(data, [frames.rules.not_null("amuont")]),
        lambda data: frames.validate(data, [frames.rules.expression("amuont > id")]),
        lambda data: frames.digest(data, ["amuont"]),
    ],
)
def test_a_column_misspelt_is_told_with_those_that_there_are(write, open_it, ask):
    with pytest.raises(ValueError, match="amuont.*amount") as caught:
        ask(open_it(write("id,amount,status\n1,2.5,x\n")))
    assert "status" in str(caught.value) or "did you mean" in str(caught.value)
