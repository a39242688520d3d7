"""A Synapse library that comes late, goes away, or is told in ways of which Microsoft's client knows nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._ways import FILE, deployments, is_deployed
from ironwheel import deploy


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., Any]:
    run = deployments(microsoft, tmp_path)
    return lambda **options: run("synapse", **options)


def fault(microsoft: Any, method: str, part: str, **what: Any) -> Any:
    from deploy_server import Fault

    made = Fault(lambda request: request.method == method and part in str(request), **what)
    microsoft.faults.append(made)
    return made


def refuse(status: int, code: str, message: str, **more: Any) -> Any:
    from deploy_server import Reply

    return Reply(status, {"error": {"code": code, "message": message}}, **more)


def late(microsoft: Any, answers: int) -> None:
    """The library is Incomplete for so many answers after it was finished."""

    def count() -> None:
        seen.append(1)
        if len(seen) == answers:
            microsoft.synapse.libraries[FILE]["state"] = "Succeeded"

    seen: Any = []
    microsoft.synapse.flushes = "Incomplete"
    finished = fault(microsoft, "POST", "/flush", act=lambda: fault(microsoft, "GET", path, times=99, act=count))
    path = f"/libraries/{FILE}"
    assert finished.times == 1


def test_a_library_that_is_incomplete_for_a_while_is_not_deleted(microsoft: Any, go: Any, impatient: None) -> None:
    late(microsoft, 7)  # half a minute after it was finished
    assert go().state == "done" and not microsoft.asked("DELETE")


def test_a_library_that_stays_incomplete_is_given_up_after_a_minute(
    microsoft: Any, go: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []
    monkeypatch.setattr("ironwheel.deploy._steps._wait", waited.append)
    microsoft.synapse.flushes = "Incomplete"
    with pytest.raises(deploy.LibraryIncomplete):
        go()
    assert 120 < sum(waited) < 240 and len(microsoft.asked("DELETE")) == 1  # twice


def test_a_library_that_is_being_deleted_is_uploaded(microsoft: Any, go: Any, tmp_path: Path) -> None:
    microsoft.synapse.add(FILE, "Deleting")
    microsoft.synapse.libraries[FILE]["left"] = 3
    assert go().state == "done" and not microsoft.asked("DELETE")
    assert is_deployed(microsoft, "synapse", (tmp_path / FILE).read_bytes())


def test_a_library_that_fails_while_it_is_waited_for_is_replaced(microsoft: Any, go: Any, tmp_path: Path) -> None:
    microsoft.synapse.add(FILE, "Provisioning", b"theirs")
    microsoft.synapse.libraries[FILE]["left"] = 3
    microsoft.synapse.flushes = "Failed"

    def mend() -> None:
        microsoft.synapse.flushes = "Succeeded"

    fault(microsoft, "DELETE", FILE, act=mend)
    assert go().state == "done" and len(microsoft.asked("DELETE")) == 1
    assert is_deployed(microsoft, "synapse", (tmp_path / FILE).read_bytes())


def test_a_library_whose_state_is_not_told_is_used(microsoft: Any, go: Any, tmp_path: Path) -> None:
    microsoft.synapse.silent = True
    assert go().state == "done" and go().state == "unchanged"
    assert is_deployed(microsoft, "synapse", (tmp_path / FILE).read_bytes()) and not microsoft.asked("DELETE")


@pytest.mark.parametrize("part", ["api-version", "appendblock", "flush"])
def test_an_answer_that_is_lost_where_states_are_not_told(microsoft: Any, go: Any, part: str, tmp_path: Path) -> None:
    microsoft.synapse.silent = True
    lost = fault(microsoft, "POST" if part == "flush" else "PUT", part, kind="cut after")
    assert go().state == "done" and lost.times == 0
    assert is_deployed(microsoft, "synapse", (tmp_path / FILE).read_bytes())


@pytest.mark.parametrize("part", ["appendblock", "flush"])
def test_half_an_upload_is_not_used_where_states_are_not_told(
    microsoft: Any, go: Any, part: str, tmp_path: Path
) -> None:
    microsoft.synapse.silent = True
    cut = fault(microsoft, "POST" if part == "flush" else "PUT", part, kind="cut before", times=99)
    with pytest.raises(deploy.ConnectionLost):
        go()
    cut.times = 0
    result = go()
    assert result.state == "done" and result.warnings == [] and len(microsoft.asked("DELETE")) == 1
    assert is_deployed(microsoft, "synapse", (tmp_path / FILE).read_bytes())


def test_a_flush_whose_answer_is_lost_and_that_is_refused_the_second_time(microsoft: Any, go: Any) -> None:
    microsoft.synapse.polls = 1
    late(microsoft, 4)
    microsoft.faults[0].kind = "cut after"
    fault(microsoft, "POST", "/flush", reply=refuse(409, "Conflict", "It is being finished."))
    assert go().state == "done" and not microsoft.asked("DELETE") and len(microsoft.asked("POST", "/flush")) == 2


def test_a_name_that_somebody_took_first_is_not_called_ours_by_the_next_run(microsoft: Any, go: Any) -> None:
    fault(microsoft, "PUT", f"/libraries/{FILE}?api", act=lambda: microsoft.synapse.add(FILE, "Succeeded", b"theirs"))
    with pytest.raises(deploy.LibraryAlreadyExists):
        go()
    assert "does not tell what is in it" in go().warnings[0]


@pytest.mark.parametrize("uploaded", ["yesterday", {"at": 1}, [7]])
def test_a_library_that_microsofts_client_cannot_read(microsoft: Any, go: Any, uploaded: Any) -> None:
    microsoft.synapse.uploaded = uploaded
    assert go().state == "done"


@pytest.mark.parametrize("body", [[1], "7", '"words"', "<html>Sign in to your hotel's network</html>"])
def test_an_answer_that_is_no_library(microsoft: Any, go: Any, body: Any) -> None:
    from deploy_server import Reply

    fault(microsoft, "GET", f"/libraries/{FILE}", times=99, reply=Reply(200, body))
    with pytest.raises(deploy.ServiceRefused) as caught:
        go()
    assert "check the endpoint" in str(caught.value.hint) and not microsoft.asked("PUT")


KINDS = ["application/octet-stream", "application/xml", "image/png"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("service", ["fabric", "synapse"])
@pytest.mark.parametrize("status, error", [(403, deploy.NotPermitted), (400, deploy.ServiceRefused)])
def test_errors_are_read_whatever_their_type_is_said_to_be(
    microsoft: Any, tmp_path: Path, kind: str, service: str, status: int, error: Any
) -> None:
    fault(microsoft, "POST" if service == "fabric" else "PUT", FILE, reply=refuse(status, "Odd", "words", kind=kind))
    with pytest.raises(error, match="Odd: words") as caught:
        deployments(microsoft, tmp_path)(service)
    assert (caught.value.code, caught.value.status) == ("Odd", status)


@pytest.mark.parametrize("kind", [*KINDS, "text/plain"])
@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_answers_are_read_whatever_their_type_is_said_to_be(
    microsoft: Any, tmp_path: Path, kind: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy_server import Server

    real = Server._answer

    def answer(self: Any, request: Any) -> Any:
        reply = real(self, request)
        reply.kind = kind
        return reply

    monkeypatch.setattr(Server, "_answer", answer)
    assert deployments(microsoft, tmp_path)(service).state == "done"


def test_another_build_that_is_just_being_taken_in_is_not_taken_for_ours(
    microsoft: Any, go: Any, tmp_path: Path
) -> None:
    from deploy_server._wheels import wheel

    assert go().state == "done"
    microsoft.synapse.libraries[FILE].update({"state": "Provisioning", "left": 3})
    wheel(tmp_path, size=3000, seed="rebuilt")  # in the place of the first
    with pytest.raises(deploy.LibraryAlreadyExists, match="with other content"):
        go()
