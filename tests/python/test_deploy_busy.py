"""Services that are busy, slow or silent, and tokens that end, at any step of a deployment."""

from __future__ import annotations

import email.utils
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest
from deploy_server._ways import deployments, matcher, steps
from ironwheel import deploy


@pytest.fixture
def go(microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr("ironwheel.deploy._library.BLOCK", 2000)  # two or three of them
    return deployments(microsoft, tmp_path)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_token_that_ends_at_any_step(microsoft: Any, go: Any, service: str, tmp_path: Path, monkeypatch: Any) -> None:
    """A credential that keeps its tokens is asked for a fresh one."""
    from deploy_server import Fault
    from deploy_server._entra import Credential, Keeping

    for number, key in enumerate(steps(microsoft, go, service)):
        microsoft.reset()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{service}{number}"))
        microsoft.faults.append(Fault(matcher(key), "", act=lambda: microsoft.entra.revoke()))
        credential = (Credential, Keeping)[number % 2](microsoft)
        assert go(service, credential=credential).state == "done", key
        assert len(credential.asked) > (1 if service == "fabric" else 2)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_service_that_never_takes_the_token(microsoft: Any, go: Any, service: str) -> None:
    from deploy_server import Fault, Reply

    body = {"error": {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}}
    microsoft.faults.append(Fault(lambda request: True, reply=Reply(401, body), times=99))
    with pytest.raises(deploy.SignInFailed, match="InvalidAuthenticationToken") as caught:
        go(service)
    assert len(microsoft.requests) == 2 and "az login" in str(caught.value.hint)


def later(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_busy_service_is_waited_for_at_any_step(
    microsoft: Any, go: Any, service: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy_server import Fault, Reply

    waited: List[float] = []
    monkeypatch.setattr("ironwheel.deploy._steps._wait", waited.append)
    for number, key in enumerate(steps(microsoft, go, service)):
        microsoft.reset()
        waited.clear()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{service}{number}"))
        asked = "7" if number % 2 else later(7.9)
        words = {"errorCode": "RequestBlocked", "message": "Request is blocked", "isRetriable": True}
        reply = Reply(status, words, {"Retry-After": asked} if status != 500 else {})
        microsoft.faults.append(Fault(matcher(key), reply=reply, times=1 if "publish" in key[1] else 2))
        assert go(service).state == "done", key
        assert status == 500 or sum(5 <= seconds <= 8 for seconds in waited) == microsoft.faults[0].times + (
            1 if "publish" in key[1] else 2
        ), (key, waited)


def test_a_service_that_stays_busy(microsoft: Any, go: Any) -> None:
    from deploy_server import Fault, Reply

    body = {"errorCode": "RequestBlocked", "message": "Request is blocked until later"}
    microsoft.faults.append(Fault(lambda request: request.method == "POST", reply=Reply(429, body), times=99))
    with pytest.raises(deploy.Throttled, match="Request is blocked until later") as caught:
        go("fabric")
    assert caught.value.status == 429 and "wait a few minutes" in str(caught.value.hint)


def test_a_service_that_asks_for_more_time_than_there_is(microsoft: Any, go: Any) -> None:
    from deploy_server import Fault, Reply

    reply = Reply(429, {"errorCode": "RequestBlocked", "message": "x"}, {"Retry-After": "9000"})
    microsoft.faults.append(Fault(lambda request: True, reply=reply, times=99))
    with pytest.raises(deploy.Throttled, match="asks to wait 9000 s"):
        go("synapse", timeout=100)
    assert len(microsoft.requests) == 1


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_slow_service_is_no_trouble(microsoft: Any, go: Any, service: str) -> None:
    from deploy_server import Fault

    microsoft.faults.append(Fault(lambda request: True, "slow", seconds=0.05, times=99))
    assert go(service).state == "done"


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_silent_service_ends_at_the_time_limit(microsoft: Any, go: Any, service: str) -> None:
    from deploy_server import Fault

    microsoft.faults.append(Fault(lambda request: request.method != "GET", "slow", seconds=4, times=99))
    with pytest.raises(deploy.TimeLimit, match="timeout: "):
        go(service, timeout=1.0)


def test_nobody_is_there(microsoft: Any, go: Any) -> None:
    with pytest.raises(deploy.ConnectionLost, match="no answer in 5 tries") as caught:
        go("fabric", endpoint="https://127.0.0.1:9")
    assert "check the network" in str(caught.value.hint)
