"""A line that breaks at any step of a deployment, and the run after that."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._ways import FILE, deployments, is_deployed, matcher, steps
from ironwheel import deploy


@pytest.fixture
def go(microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr("ironwheel.deploy._library.BLOCK", 2000)  # two or three of them
    return deployments(microsoft, tmp_path)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
@pytest.mark.parametrize("kind", ["cut before", "cut after", "cut within"])
def test_a_line_that_breaks_once_at_any_step(
    microsoft: Any, go: Any, service: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is mended by the run itself, whatever the service has done by then."""
    from deploy_server import Fault

    content = (tmp_path / FILE).read_bytes()
    for number, key in enumerate(steps(microsoft, go, service)):
        microsoft.reset()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{service}{kind}{number}"))
        microsoft.faults.append(Fault(matcher(key), kind))
        result = go(service)
        assert microsoft.faults[0].times == 0, key
        assert result.state in ("done", "unchanged") and is_deployed(microsoft, service, content), key
        assert microsoft.fabric.environment.publishings <= 1, key
        assert microsoft.problems == []


@pytest.mark.parametrize("service", ["fabric", "synapse"])
@pytest.mark.parametrize("kind", ["cut before", "cut after"])
def test_a_line_that_stays_broken_and_the_run_after_that(
    microsoft: Any, go: Any, service: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy_server import Fault

    content = (tmp_path / FILE).read_bytes()
    for number, key in enumerate(steps(microsoft, go, service)):
        microsoft.reset()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{service}{kind}{number}"))
        microsoft.faults.append(Fault(matcher(key), kind, times=10**6))
        try:
            go(service)
            assert key[1].endswith("/publish") and kind == "cut after", key  # Fabric tells that it has begun
        except deploy.ConnectionLost as error:
            assert isinstance(error, ConnectionError) and "again" in str(error.hint), key
            assert error.step and error.step not in error.done
        microsoft.faults.clear()
        assert go(service).state in ("done", "unchanged"), key
        assert is_deployed(microsoft, service, content), key
        assert go(service).state == "unchanged", key


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_line_that_breaks_while_the_wheel_is_being_sent(microsoft: Any, service: str, tmp_path: Path) -> None:
    """The service has seen the beginning of it."""
    from deploy_server import Fault

    large = deployments(microsoft, tmp_path, size=6 << 20)
    microsoft.faults.append(Fault(lambda request: "octet-stream" in str(request.headers), "cut early", times=3))
    assert large(service).state == "done" and microsoft.faults[0].times == 0
    assert is_deployed(microsoft, service, (tmp_path / FILE).read_bytes())
