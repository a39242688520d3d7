"""``ironwheel deploy``: what it prints, and what it ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest
from deploy_server._wheels import wheel
from ironwheel import cli, deploy

FILE = "ironwheel-0.2.0-py3-none-manylinux2014_x86_64.whl"


@pytest.fixture
def command(microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., List[str]]:
    from deploy_server._entra import CLIENT, SECRET, TENANT
    from deploy_server._synapse import GROUP, POOL, SUBSCRIPTION, WORKSPACE

    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    path = str(wheel(tmp_path, size=3000))

    def line(service: str, *more: str, file: str = path) -> List[str]:
        where = ["--endpoint", microsoft.url, "--authority", microsoft.url, "--auth", "sp", *more]
        if service == "fabric":
            return ["deploy", "fabric", file, "--workspace", "Sales", "--environment", "Spark 3.5", *where]
        names = ["--workspace", WORKSPACE, "--pool", POOL, "--resource-group", GROUP, "--subscription", SUBSCRIPTION]
        return ["deploy", "synapse", file, *names, "--arm-endpoint", microsoft.url, *where]

    return line


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_process_of_its_own(microsoft: Any, command: Any, service: str) -> None:
    done = subprocess.run([sys.executable, "-m", "ironwheel", *command(service)], capture_output=True, text=True)
    assert (done.returncode, microsoft.problems) == (0, []), done.stderr
    assert done.stdout.startswith(f"{FILE} (") and "deployed in" in done.stdout and "next: " in done.stdout
    lines = done.stderr.splitlines()
    assert lines[0].startswith("[1/6] check the wheel: ... (0.0 s)") and lines[-1].startswith("[6/6] verify: done (")
    assert any(line.startswith("[4/6] upload: sent 100 %") for line in lines)


def test_json_of_a_result(command: Any, capsys: Any) -> None:
    assert cli.main(command("fabric", "--json", "--quiet")) == 0
    told, shown = json.loads(capsys.readouterr().out), capsys.readouterr()
    assert told["state"] == "done" and told["wheel"] == FILE and told["target"]["workspace"] == "Sales"
    assert told["steps"][0]["step"] == "check the wheel" and shown.err == ""


def test_what_is_refused_ends_with_1(microsoft: Any, command: Any, capsys: Any) -> None:
    microsoft.fabric.ends = "Failed"
    assert cli.main(command("fabric", "--json")) == 1
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert error["name"] == "PublishFailed" and error["code"] == "LibraryConflict" and error["step"] == "publish"
    assert "ironwheel deploy: PublishFailed: publishing ended as Failed" in err
    assert "ironwheel deploy: in step: publish" in err and "ironwheel deploy: what to do: look at" in err
    assert "done before: check the wheel, find the environment, compare libraries, upload" in err


def test_a_wheel_that_does_not_fit_ends_with_1(microsoft: Any, command: Any, capsys: Any, tmp_path: Path) -> None:
    path = wheel(tmp_path, tag="py3-none-win_amd64")
    assert cli.main(command("synapse", file=str(path))) == 1
    assert "InvalidWheel: wheel: " in capsys.readouterr().err and microsoft.requests == []


@pytest.mark.parametrize(
    "wrong, words",
    [
        (["--endpoint", "http://127.0.0.1:80"], "endpoint must be an https URL, got 'http://127.0.0.1:80'"),
        (["--authority", "http://127.0.0.1"], "authority must be an https URL"),
    ],
)
def test_wrong_use_ends_with_2(microsoft: Any, command: Any, capsys: Any, wrong: List[str], words: str) -> None:
    assert cli.main(command("fabric", *wrong)) == 2
    assert words in capsys.readouterr().err and microsoft.requests == []


def test_a_file_that_is_not_there_ends_with_2(command: Any, capsys: Any, tmp_path: Path) -> None:
    assert cli.main(command("fabric", file=str(tmp_path / FILE.replace("0.2.0", "9")))) == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        ["deploy"],
        ["deploy", "fabric", "x.whl"],
        ["deploy", "aws", "x.whl"],
        ["deploy", "fabric", "x", "--timeout", "0"],
    ],
)
def test_an_incomplete_line_ends_with_2(line: List[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(line)
    assert caught.value.code == 2 and "usage: ironwheel deploy" in capsys.readouterr().err


def test_the_help_tells_the_exit_status(capsys: Any) -> None:
    for line in (["deploy", "--help"], ["deploy", "fabric", "--help"], ["deploy", "synapse", "--help"]):
        with pytest.raises(SystemExit):
            cli.main(line)
        assert "130 stopped by Ctrl-C" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_dry_run_sends_nothing_and_shows_every_call(microsoft: Any, command: Any, capsys: Any, service: str) -> None:
    assert cli.main(command(service, "--dry-run")) == 0
    shown = capsys.readouterr().out
    assert microsoft.requests == [] and "nothing was sent" in shown
    assert cli.main(command(service, "--dry-run", "--json", "--quiet")) == 0
    calls = json.loads(capsys.readouterr().out)["calls"]
    assert cli.main(command(service, "--quiet")) == 0
    planned = {(one["method"], _shape(one["url"][len(microsoft.url) :])) for one in calls if one["url"][0] != "{"}
    for request in microsoft.requests:
        if "/oauth2/" in request.path or ".well-known" in request.path or "asyncOperations" in request.path:
            continue
        assert (request.method, _shape(str(request).split(" ", 1)[1])) in planned, request
    assert all(one["url"] in shown and one["why"] in shown for one in calls)
    upload = next(one for one in calls if one["body"] and "octet-stream" in str(one["headers"]))
    assert "bytes" in upload["body"] and "Bearer (token for" in upload["headers"]["Authorization"]


def _shape(url: str) -> str:
    """A path without what only the service knows."""
    from deploy_server._fabric import ENVIRONMENT, WORKSPACE

    path, _, query = url.partition("?")
    for known, name in ((WORKSPACE, "{workspace id}"), (ENVIRONMENT, "{environment id}")):
        path = path.replace(known, name)
    parts = path.split("/")
    if parts[-2:-1] == ["operations"] or parts[-2:-1] == ["libraryOperationResults"]:
        parts[-1] = "{operation id}"
    return "/".join(parts) + "?" + "&".join(sorted(query.split("&")))


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_without_waiting(command: Any, capsys: Any, service: str) -> None:
    assert cli.main(command(service, "--no-wait")) == 0
    shown = capsys.readouterr().out
    assert "accepted, and still going on" in shown and "ask for it: GET https://127.0.0.1" in shown
    assert cli.main(command(service)) == 0
    assert "was there already: nothing to do" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles, not to a process")
def test_ctrl_c_says_what_was_done_and_how_to_go_on(microsoft: Any, command: Any) -> None:
    microsoft.fabric.polls = 10**9
    process = subprocess.Popen(
        [sys.executable, "-m", "ironwheel", *command("fabric", "--json")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not microsoft.asked("GET", "/v1/operations/") and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert "stopped during: publish; done before: check the wheel, find the environment" in err
    assert "run the same command again" in err and "Traceback" not in err
    assert json.loads(out)["step"] == "publish"
    microsoft.fabric.environment.left = 1
    assert cli.main(command("fabric", "--quiet")) == 0


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_ctrl_c_within_requests(
    microsoft: Any, command: Any, service: str, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a later run brings it to its end."""
    from deploy_server import Fault

    number = 0
    while True:
        microsoft.reset()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{service}{number}"))
        ahead = iter(range(number + 1))

        def interrupt(request: Any, ahead: Any = ahead, number: int = number) -> bool:
            return "/v2.0/" not in request.path and next(ahead, -1) == number

        def press() -> None:
            os.kill(os.getpid(), signal.SIGINT)

        answer = threading.Event()
        microsoft.faults.append(Fault(interrupt, "slow", act=press, until=answer))
        status = cli.main(command(service, "--quiet"))
        answer.set()
        if microsoft.faults[0].times:
            assert status == 0 and number >= 8
            return
        assert status == 130, number
        assert "; run the same command again" in capsys.readouterr().err
        while microsoft.active:  # the server ends what it was asked
            time.sleep(0.005)
        microsoft.faults.clear()
        assert cli.main(command(service, "--quiet")) == 0, number
        number += 2


def test_the_function_says_so_too(microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy_server._entra import Credential

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ironwheel.deploy._steps._wait", stop)
    with pytest.raises(KeyboardInterrupt) as caught:
        deploy.fabric(wheel(tmp_path), "Sales", "Spark 3.5", credential=Credential(microsoft), endpoint=microsoft.url)
    assert isinstance(caught.value, deploy.DeployStopped) and caught.value.step == "publish"
    assert caught.value.done[-1] == "upload" and "run the same command again" in str(caught.value)


def test_progress_on_a_terminal_redraws_one_line() -> None:
    import io

    from ironwheel.deploy._steps import Steps

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    steps = Steps(2, True, stream)
    with steps.step("one"):
        steps.update("Running")
        steps.warn("careful")
    with steps.step("two"):
        pass
    text = stream.getvalue()
    assert text.count("\n") == 4 and "\r[1/2] one: Running" in text and "note: careful" in text
    assert text.endswith("\n") and "[2/2] two: done" in text


def test_a_secret_that_is_refused_is_not_shown(microsoft: Any, command: Any, monkeypatch: Any) -> None:
    """Nor anything else than our own words, once."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hunter2-and-more")
    line = [sys.executable, "-m", "ironwheel", *command("synapse", "--json", "--quiet")]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["name"] == "SignInFailed"
    assert (
        "hunter2" not in done.stdout + done.stderr and microsoft.entra.grants[0]["client_secret"] == "hunter2-and-more"
    )
    own = [line for line in done.stderr.splitlines() if "Deprecat" not in line and "from cryptography" not in line]
    assert own and all(line.startswith("ironwheel deploy: ") for line in own)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_every_address_may_be_given_for_either_service(microsoft: Any, command: Any, capsys: Any, service: str) -> None:
    """Fabric has no use for Resource Manager's, but one line of options fits both."""
    assert cli.main([*command(service), "--arm-endpoint", microsoft.url, "--quiet"]) == 0
    assert service == "synapse" or not microsoft.asked("GET", "/subscriptions/")
    assert cli.main([*command(service), "--arm-endpoint", "http://127.0.0.1:80"]) == 2
    assert "arm_endpoint must be an https URL, got 'http://127.0.0.1:80'" in capsys.readouterr().err
