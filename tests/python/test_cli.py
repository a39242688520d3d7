"""The command line: what it prints, in which form, and with which exit status."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import ironwheel as iw
import pytest
from ironwheel import cli, text

ENVIRONMENT = {"NO_COLOR": "", "FORCE_COLOR": "", "CLICOLOR_FORCE": "", "COLUMNS": "", "PYTHONUTF8": "1"}


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ironwheel", *arguments],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={**os.environ, **ENVIRONMENT},
        timeout=120,
        **more,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_bytes(b"a\nb\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "two.py").write_bytes(b"print()\nx")
    (tmp_path / ".hidden").write_bytes(b"")
    return tmp_path


def test_without_a_command_it_says_how_to_use_it() -> None:
    done = run()
    assert done.returncode == cli.WRONG
    assert "usage: ironwheel" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("command", ["demo", "hash", "scan", "count", "render", "primes", "factor", "profile", "info"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    assert f"usage: ironwheel {command}" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"ironwheel {iw.__version__}\n"


def test_hash_prints_what_checksum_tools_read(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tree / "one.txt"
    assert cli.main(["hash", "-a", "sha256", str(path)]) == cli.DONE
    assert capsys.readouterr().out == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n"


def test_hash_json(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tree / "one.txt"
    assert cli.main(["hash", "--json", str(path)]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == [{"path": str(path), "blake3": iw.files.hash(path)}]


def test_a_missing_file_is_named_and_the_others_are_still_done(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tree / "none")
    assert cli.main(["count", str(tree / "one.txt"), missing, str(tree / "sub" / "two.py")]) == cli.WRONG
    seen = capsys.readouterr()
    assert seen.out == f"2\t{tree / 'one.txt'}\n2\t{tree / 'sub' / 'two.py'}\n"
    assert seen.err.startswith(f"ironwheel count: [Errno {errno.ENOENT}]") and repr(missing) in seen.err


def test_an_unknown_algorithm_is_wrong_use(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hash", "-a", "md6", str(tree / "one.txt")]) == cli.WRONG
    error = capsys.readouterr().err
    assert error.startswith("ironwheel hash: algorithm must be one of") and "md6" in error


def test_scan_lines_json_and_table_agree(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scan", str(tree), "--json"]) == cli.DONE
    rows = json.loads(capsys.readouterr().out)
    assert {os.path.relpath(row["path"], tree) for row in rows} == {
        ".hidden",
        "one.txt",
        "sub",
        os.path.join("sub", "two.py"),
    }
    assert cli.main(["scan", str(tree), "--lines"]) == cli.DONE
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [[row["path"], row["kind"], str(row["size"])] for row in rows] == [line[:3] for line in lines]
    assert cli.main(["scan", str(tree), "--table", "--width", "200"]) == cli.DONE
    table = capsys.readouterr().out
    assert all(os.path.basename(row["path"]) in table for row in rows) and "-rw" in table


def test_scan_options(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scan", str(tree), "**/*.py"]) == cli.DONE
    assert capsys.readouterr().out.startswith(str(tree / "sub" / "two.py") + "\tfile\t9\t")
    assert cli.main(["scan", str(tree), "--no-hidden"]) == cli.DONE
    assert ".hidden" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_cannot_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a\x1b[2J\nb").write_bytes(b"")
    (tmp_path / os.fsdecode(b"caf\xe9")).write_bytes(b"")
    for form in ("--lines", "--table"):
        assert cli.main(["scan", str(tmp_path), form, "--width", "200"]) == cli.DONE
        shown = capsys.readouterr().out
        assert "\x1b" not in shown and "a\\x1b[2J\\nb" in shown and "caf\\udce9" in shown
    assert cli.main(["scan", str(tmp_path), "--json"]) == cli.DONE
    assert {row["path"] for row in json.loads(capsys.readouterr().out)} == set(map(str, tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["10"], [2, 3, 5, 7]),
        (["10", "20"], [11, 13, 17, 19]),
        (["10**12", "10^12"], []),
        (["2**32", "4294967311"], []),
        (["2**32", "4_294_967_312"], [4294967311]),
    ],
)
def test_primes(words: list[str], expected: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["primes", *words]) == cli.DONE
    assert capsys.readouterr().out == "".join(f"{p}\n" for p in expected)
    assert cli.main(["primes", *words, "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == expected


def test_primes_on_a_terminal_stand_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["primes", "100", "--table", "--width", "20"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == " 2  3  5  7 11 13 17"
    assert max(map(len, lines)) <= 20


@pytest.mark.parametrize("words", ["ten", "1.5", "2**", "2**1001", "2**-1"])
def test_what_is_no_integer_is_wrong_use(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["primes", words])
    assert left.value.code == cli.WRONG
    assert words in capsys.readouterr().err


def test_factor(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["factor", "360", "2**61-1"]) == cli.DONE
    assert capsys.readouterr().out == "360: 2 2 2 3 3 5\n2305843009213693951: 2305843009213693951\n"
    assert cli.main(["factor", "360", "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == [{"n": 360, "factors": [[2, 3], [3, 2], [5, 1]]}]
    assert cli.main(["factor", "360", "--table", "--no-color"]) == cli.DONE
    assert "2³ · 3² · 5" in capsys.readouterr().out
    assert cli.main(["factor", "360", "--table", "--ascii", "--no-color"]) == cli.DONE
    shown = capsys.readouterr().out
    assert "2^3 * 3^2 * 5" in shown and shown.isascii()


def test_render_reads_a_spec_or_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "table.json"
    spec.write_text('{"type": "table", "columns": ["a"], "rows": [["1"]]}', encoding="utf-8")
    assert cli.main(["render", str(spec), "--no-color", "--width", "30"]) == cli.DONE
    expected = text.render({"type": "table", "columns": ["a"], "rows": [["1"]]}, width=30, color="none")
    assert capsys.readouterr().out == expected
    assert cli.main(["render", "-m", "[bold red]hi[/]", "--color", "standard"]) == cli.DONE
    assert capsys.readouterr().out == "\x1b[1;91mhi\x1b[0m\n"
    done = run("render", "--no-color", input="[bold]from a pipe[/]\n")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "from a pipe", "")


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ('{"type": "table", "columns": [1', "Expecting"),
        ('{"type": "tabel"}', "tabel"),
        ("[nope]x[/]", "nope"),
    ],
)
def test_a_wrong_spec_is_wrong_use(source: str, named: str) -> None:
    done = run("render", input=source)
    assert done.returncode == cli.WRONG
    assert done.stderr.startswith("ironwheel render: ") and named in done.stderr and "Traceback" not in done.stderr


def test_info_says_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", "--json"]) == cli.DONE
    facts = json.loads(capsys.readouterr().out)
    assert facts["version"] == iw.__version__ and os.path.samefile(facts["library"], facts["library"])
    assert facts["threads"] == iw.threads() and isinstance(facts["cpu_features"], list)
    assert facts["memory_bytes"] > 2**28
    assert "pandas" in facts["packages"]
    assert cli.main(["info"]) == cli.DONE
    assert f"version: {iw.__version__}\n" in capsys.readouterr().out
    assert cli.main(["info", "--table", "--width", "60", "--no-color"]) == cli.DONE
    assert all(text.width(line) <= 60 for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("width", ["0", "-3", "wide", "10001"])
def test_a_wrong_width_is_wrong_use(width: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["info", f"--width={width}"])
    assert left.value.code == cli.WRONG
    assert width in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise on Windows")
def test_a_reader_that_goes_is_no_trouble() -> None:
    command = f"{sys.executable} -m ironwheel primes 1000000 | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **ENVIRONMENT},
    )
    assert (done.stdout, done.stderr) == ("2\n0\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_ctrl_c_ends_with_130_and_one_line() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "ironwheel", "demo", "--no-color"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **ENVIRONMENT},
    )
    assert child.stdout is not None
    assert child.stdout.readline()  # it has begun
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == cli.STOPPED
    assert errors == "ironwheel demo: stopped\n"


def test_integers_are_read_as_python_writes_them() -> None:
    assert [cli._integer(words) for words in ("12", "-3", "0xff", "1_000", "10**3", "2^61-1")] == [
        12,
        -3,
        255,
        1000,
        1000,
        2**61 - 1,
    ]
