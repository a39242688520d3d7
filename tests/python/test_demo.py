"""The demo: what it claims is so, what it cannot do it says, and it keeps to its columns."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import ironwheel
import pytest
from ironwheel import demo, text
from ironwheel.demo import plain, q7_wheel, spark, work
from ironwheel.demo.answer import Answer, Line, Unanswered, timed

ESCAPE = re.compile(r"\x1b(\[[0-9;]*[A-Za-z]|\].*?\x1b\\)")
PLAIN = {"NO_COLOR": "", "FORCE_COLOR": "", "CLICOLOR_FORCE": "", "COLORTERM": "", "COLUMNS": ""}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ironwheel", "demo", "--quick", *arguments],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={**os.environ, **PLAIN, "PYTHONUTF8": "1", **environment},
        timeout=300,
    )


@pytest.fixture(scope="module")
def report() -> Any:
    done = run("--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_every_question_is_asked_and_none_fails(report: Any) -> None:
    assert [answer["number"] for answer in report["answers"]] == list(range(1, 10))
    assert {answer["status"] for answer in report["answers"]} <= {"answered", "not run"}
    assert report["failed"] == 0
    assert report["machine"]["version"] == ironwheel.__version__


def test_every_answer_was_computed_and_equals_what_plain_python_computes(report: Any) -> None:
    for answer in report["answers"]:
        if answer["status"] == "not run":
            assert answer["needs"], answer
            assert not answer["lines"], answer
            continue
        compared = [line for line in answer["lines"] if line["equal"] is not None]
        assert compared, answer
        for line in compared:
            assert line["equal"] is True, line
            assert line["seconds"] > 0 and line["plain_seconds"] > 0, line
        for line in answer["lines"]:
            assert line["plain"], line


def test_what_needs_nothing_but_python_is_always_answered(report: Any) -> None:
    assert [answer["status"] for answer in report["answers"][:5]] == ["answered"] * 5


def test_the_clouds_are_never_claimed_from_elsewhere(report: Any) -> None:
    assert [answer["status"] for answer in report["answers"][7:]] == ["not run"] * 2
    assert "Synapse" in report["answers"][7]["needs"] and "Fabric" in report["answers"][8]["needs"]


def test_without_pandas_question_six_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("raise ImportError('blocked')\n", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run("--json", PYTHONPATH=paths)
    assert done.returncode == 0, done.stdout + done.stderr
    sixth = json.loads(done.stdout)["answers"][5]
    assert (sixth["status"], sixth["lines"]) == ("not run", [])
    assert "pandas" in sixth["needs"]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("look", [["--color", "true_color"], ["--no-color"], ["--no-color", "--ascii"]], ids="-".join)
def test_no_line_is_wider_than_the_columns_asked_for(width: int, look: list[str]) -> None:
    done = run("--width", str(width), *look)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = ESCAPE.sub("", done.stdout).splitlines()
    assert len(lines) > 60
    wide = [line for line in lines if text.width(line) > width]
    assert not wide
    if "--ascii" in look:
        drawn = [line for line in lines if not line.isascii()]
        assert all(q3_message in line for line in drawn for q3_message in ["世界"]), drawn


def test_a_pipe_gets_no_escape_and_no_carriage_return() -> None:
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout and "\r" not in done.stdout
    assert "questions answered" in done.stdout


def test_a_difference_fails_the_answer_and_the_others_are_still_asked() -> None:
    answer = Answer(1, "?").finish(lambda asked: asked.compare("one", lambda: 1, lambda: 2, by="two"))
    assert answer.status == demo.FAILED
    assert answer.error == "plain Python computed something else: one"


def test_an_exception_is_a_failure_and_a_missing_need_is_not() -> None:
    def broken(_: Answer) -> None:
        raise ValueError("width must be at least 1, got 0")

    def lacking(_: Answer) -> None:
        raise Unanswered("a cloud")

    failed = Answer(1, "?").finish(broken)
    assert (failed.status, failed.error) == (demo.FAILED, "ValueError: width must be at least 1, got 0")
    missing = Answer(1, "?").finish(lacking)
    assert (missing.status, missing.needs, missing.error) == (demo.NOT_RUN, "a cloud", "")


def test_an_answer_without_a_computed_line_is_no_answer() -> None:
    assert Answer(1, "?").finish(lambda _: None).status == demo.FAILED


def test_a_check_that_does_not_hold_fails_the_answer() -> None:
    def ask(answer: Answer) -> None:
        answer.compare("one", lambda: 1, lambda: 1, by="one")
        answer.check("the moon is cheese", False)

    answer = Answer(1, "?").finish(ask)
    assert (answer.status, answer.error) == (demo.FAILED, "not so: the moon is cheese")


def test_ctrl_c_leaves_an_answer_at_once() -> None:
    def stopped(_: Answer) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Answer(1, "?").finish(stopped)


def test_a_quick_call_is_timed_by_its_median() -> None:
    calls = []
    result, seconds = timed(lambda: calls.append(None) or len(calls))
    assert (result, len(calls)) == (3, 3)
    assert seconds >= 0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0000012, "1.20 us"),
        (0.00045, "450 us"),
        (0.0123, "12.3 ms"),
        (0.99949, "999 ms"),
        (1.5, "1.50 s"),
        (123.4, "123 s"),
    ],
)
def test_durations_have_three_digits(seconds: float, shown: str) -> None:
    from ironwheel._screen import Screen
    from ironwheel.demo.show import duration

    assert duration(seconds, Screen(80, "none", False)) == shown


def test_a_line_that_lost_is_not_shown_as_won() -> None:
    from ironwheel._screen import Screen
    from ironwheel.demo.show import GOOD, WEAK, ratio

    screen = Screen(80, "none", False)
    assert ratio(Line("x", 2.0, 1.0, "", True), screen) == f"[{WEAK}]0.50x[/]"
    assert ratio(Line("x", 1.0, 2.0, "", True), screen) == f"[bold {GOOD}]2.00x[/]"
    assert ratio(Line("x", 1.0, None, "", None), screen) == ""


def test_plain_blake3_gives_the_published_vectors() -> None:
    # From the test vectors of the BLAKE3 team: input byte i is i % 251.
    vectors = {
        0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        1025: "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        2049: "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
    }
    for length, expected in vectors.items():
        assert plain.blake3(bytes(i % 251 for i in range(length))) == expected, length


def test_plain_primes_are_primes() -> None:
    for limit in (0, 2, 3, 4, 10, 100, 1000):
        assert plain.primes_below(limit) == [n for n in range(limit) if plain.is_prime(n)]
    assert not plain.is_prime(3215031751)  # a strong pseudoprime to the first four bases


def test_plain_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\ntwo")
    (tmp_path / "sub").mkdir()
    entries = plain.scan(str(tmp_path))
    assert [(os.path.basename(path), kind) for path, kind, _, _ in entries] == [
        ("a.txt", "file"),
        ("sub", "dir"),
    ]
    assert plain.count_lines(entries[0][0]) == 2
    assert plain.sha256(entries[0][0]) == hashlib.sha256(b"one\ntwo").hexdigest()


def test_the_roots_are_pythons_own_and_none_is_inside_another() -> None:
    roots = work.roots()
    assert any(os.path.realpath(os.__file__).startswith(root + os.sep) for root in roots)
    for root in roots:
        assert not any(other != root and root.startswith(other + os.sep) for other in roots)
        assert root not in ("/", "/usr", "/usr/local")


def test_the_clouds_are_told_apart() -> None:
    nowhere: Any = lambda path: False  # noqa: E731
    assert spark.runtime({}, nowhere) is None
    assert spark.runtime({"AZURE_SERVICE": "Microsoft.ProjectArcadia"}, nowhere) == "synapse"
    assert spark.runtime({"AZURE_SERVICE": "Microsoft.ProjectArcadia"}, lambda path: "trident" in path) == "fabric"
    host = {"MSNOTEBOOKUTILS_SPARK_TRIDENT_PBIHOST": "https://x.fabric.microsoft.com"}
    assert spark.runtime(host, nowhere) == "fabric"


def test_a_cloud_without_a_spark_session_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SERVICE", "Microsoft.ProjectArcadia")
    monkeypatch.setattr(spark, "session", lambda: None)
    answer = Answer(8, spark.ON_SYNAPSE).finish(lambda asked: spark.ask_synapse(asked, work.Work(True)))
    assert (answer.status, answer.lines) == (demo.NOT_RUN, [])
    assert "Spark session" in answer.needs


class FakeSpark:
    """Runs a job in this process, as Spark would elsewhere."""

    defaultParallelism = 2

    def __init__(self, numbers: Any = ()) -> None:
        self.sparkContext = self
        self.numbers = numbers

    def parallelize(self, numbers: Any, _: int) -> FakeSpark:
        return FakeSpark(numbers)

    def map(self, task: Any) -> FakeSpark:
        return FakeSpark([task(number) for number in self.numbers])

    def collect(self) -> list[Any]:
        return list(self.numbers)


@pytest.fixture(autouse=True)
def _no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "profile", lambda *_: None)  # takes a real Spark: tests/spark/test_spark_demo.py


def test_on_synapse_tasks_count_primes_and_the_driver_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SERVICE", "Microsoft.ProjectArcadia")
    monkeypatch.setattr(spark, "session", FakeSpark)
    answer = Answer(8, spark.ON_SYNAPSE).finish(lambda asked: spark.ask_synapse(asked, work.Work(True)))
    assert (answer.status, answer.error) == (demo.ANSWERED, "")
    assert answer.lines[0].what == "the primes below 2,000,000, counted by 2 tasks of a Spark job"
    assert answer.lines[0].equal is True
    assert answer.checks == [f"ironwheel {ironwheel.__version__} was imported on 1 node(s) of Azure Synapse."]


def test_executors_without_the_wheel_are_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(index: int) -> Any:
        raise RuntimeError("Job aborted\nModuleNotFoundError: No module named 'ironwheel'\n  at org.apache.spark")

    monkeypatch.setenv("AZURE_SERVICE", "Microsoft.ProjectArcadia")
    monkeypatch.setattr(spark, "session", FakeSpark)
    monkeypatch.setattr(spark, "on_executor", without)
    answer = Answer(8, spark.ON_SYNAPSE).finish(lambda asked: spark.ask_synapse(asked, work.Work(True)))
    assert (answer.status, answer.lines) == (demo.NOT_RUN, [])
    assert "the driver has it, the executors do not" in answer.needs


def _distribution(folder: Path, **more: str) -> metadata.Distribution:
    """An installed wheel that holds one file of this package."""
    info = folder / f"ironwheel-{ironwheel.__version__}.dist-info"
    info.mkdir()
    init = Path(str(ironwheel.__file__))
    (folder / "ironwheel").symlink_to(init.parent)
    import base64

    digest = base64.urlsafe_b64encode(hashlib.sha256(init.read_bytes()).digest()).rstrip(b"=").decode()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ironwheel\nVersion: {ironwheel.__version__}\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-manylinux2014_x86_64\n")
    (info / "RECORD").write_text(f"ironwheel/__init__.py,sha256={digest},{init.stat().st_size}\n")
    for name, content in more.items():
        (info / name.replace("_json", ".json")).write_text(content)
    return metadata.PathDistribution(info)


@pytest.mark.skipif(sys.platform == "win32", reason="making a symbolic link needs a privilege on Windows")
def test_an_installed_wheel_is_checked_against_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: _distribution(tmp_path))
    answer = Answer(7, q7_wheel.QUESTION).finish(lambda asked: q7_wheel.ask(asked, work.Work(True)))
    assert (answer.status, answer.error) == (demo.ANSWERED, "")
    assert "tagged py3-none-manylinux2014_x86_64" in answer.checks[0]


@pytest.mark.skipif(sys.platform == "win32", reason="making a symbolic link needs a privilege on Windows")
def test_a_file_that_is_not_the_recorded_one_fails_question_seven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _distribution(tmp_path)
    record = next(tmp_path.glob("*.dist-info")) / "RECORD"
    record.write_text(f"ironwheel/__init__.py,sha256={'A' * 43},1\n")
    monkeypatch.setattr(metadata, "distribution", lambda name: found)
    answer = Answer(7, q7_wheel.QUESTION).finish(lambda asked: q7_wheel.ask(asked, work.Work(True)))
    assert (answer.status, answer.error) == (demo.FAILED, "not so: Each is the file its wheel recorded.")


@pytest.mark.skipif(sys.platform == "win32", reason="making a symbolic link needs a privilege on Windows")
def test_an_editable_install_is_no_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = json.dumps({"url": "file:///src", "dir_info": {"editable": True}})
    monkeypatch.setattr(metadata, "distribution", lambda name: _distribution(tmp_path, direct_url_json=origin))
    with pytest.raises(Unanswered, match="editable install"):
        q7_wheel.installed()


def test_a_source_tree_is_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(Unanswered, match="this runs from"):
        q7_wheel.installed()


def test_a_picture_of_half_blocks_is_drawn_as_shapes() -> None:
    svg = text.Markup("[#ff0000 on #0000ff]▀▀[/][#00ff00]▀[/]x").to_svg(width=10)
    assert svg.count("▀") == 0
    shapes = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(#\w+)"', svg)
    assert [fill for *_, fill in shapes] == ["#0000FF", "#FF0000", "#00FF00"]
    (_, _, _, whole, _), (_, _, two, half, _), (_, _, one, _, _) = shapes
    assert float(half) == pytest.approx(float(whole) / 2, abs=0.01)
    assert float(two) == pytest.approx(2 * float(one), abs=0.1)
