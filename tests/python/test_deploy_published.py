"""What Fabric stages and publishes when an upload or a publishing before it was interrupted, or is somebody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._wheels import wheel
from ironwheel import deploy

FILE = "ironwheel-0.2.0-py3-none-manylinux2014_x86_64.whl"
OLD = "ironwheel-0.1.0-py3-none-any.whl"


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., deploy.Deployed]:
    from deploy_server._entra import Credential

    path = wheel(tmp_path, size=3000)

    def run(file: Any = path, **options: Any) -> Any:
        options = {"credential": Credential(microsoft), "endpoint": microsoft.url, **options}
        return deploy.fabric(file, "Sales", "Spark 3.5", **options)

    return run


@pytest.fixture
def rebuilt(tmp_path: Path) -> Path:
    """Another file of the same name."""
    (tmp_path / "rebuilt").mkdir()
    return wheel(tmp_path / "rebuilt", size=3000, seed="rebuilt")


def refuse(status: int, code: str, message: str) -> Any:
    from deploy_server import Reply

    return Reply(status, {"errorCode": code, "message": message})


def fault(microsoft: Any, method: str, part: str, **what: Any) -> Any:
    from deploy_server import Fault

    made = Fault(lambda request: request.method == method and part in str(request), **what)
    microsoft.faults.append(made)
    return made


def staged_but_not_published(microsoft: Any, go: Any, file: Any = None) -> None:
    fault(microsoft, "POST", "staging/publish", reply=refuse(403, "InsufficientPrivileges", "no"))
    with pytest.raises(deploy.NotPermitted):
        go(file) if file is not None else go()


def test_a_build_that_never_arrived_is_not_taken_for_the_one_before(microsoft: Any, go: Any, rebuilt: Path) -> None:
    """The name is staged, with what the build before had in it."""
    staged_but_not_published(microsoft, go)
    cut = fault(microsoft, "POST", "staging/libraries", kind="cut before", times=99)
    with pytest.raises(deploy.ConnectionLost):
        go(rebuilt)
    cut.times = 0
    assert go(rebuilt).state == "done"
    assert microsoft.fabric.environment.published == {FILE: rebuilt.read_bytes()}


def test_the_build_before_is_not_taken_for_staged_after_another_may_have_arrived(
    microsoft: Any, go: Any, rebuilt: Path, tmp_path: Path
) -> None:
    staged_but_not_published(microsoft, go)
    cut = fault(microsoft, "POST", "staging/libraries", kind="cut after", times=99)
    with pytest.raises(deploy.ConnectionLost):
        go(rebuilt)
    cut.times = 0
    assert go().state == "done"
    assert microsoft.fabric.environment.published == {FILE: (tmp_path / FILE).read_bytes()}


def test_what_somebody_publishes_of_an_upload_without_an_answer_is_not_called_ours(
    microsoft: Any, go: Any, rebuilt: Path
) -> None:
    staged_but_not_published(microsoft, go)
    cut = fault(microsoft, "POST", "staging/libraries", kind="cut before", times=99)
    with pytest.raises(deploy.ConnectionLost):
        go(rebuilt)
    cut.times = 0
    environment = microsoft.fabric.environment
    environment.published, environment.staged = environment.staged, {}
    with pytest.raises(deploy.AlreadyPublished, match="never answered") as caught:
        go(rebuilt)
    assert "raise its version" in str(caught.value.hint)


def test_an_upload_whose_answer_is_lost_and_that_is_refused_the_second_time(
    microsoft: Any, go: Any, tmp_path: Path
) -> None:
    microsoft.fabric.once = True
    cut = fault(microsoft, "POST", "staging/libraries", kind="cut after")
    assert go().state == "done" and cut.times == 0
    assert microsoft.fabric.environment.published == {FILE: (tmp_path / FILE).read_bytes()}


def test_a_published_version_that_is_not_among_the_staged_is_taken_out(microsoft: Any, go: Any) -> None:
    microsoft.fabric.pending_only = microsoft.fabric.tolerant = True
    microsoft.fabric.environment.published[OLD] = b"old"
    result = go()
    assert result.replaced == [OLD] and list(microsoft.fabric.environment.published) == [FILE]
    assert go().state == "unchanged"


def test_another_version_that_comes_in_between_is_told_and_taken_out_by_the_next_run(microsoft: Any, go: Any) -> None:
    microsoft.fabric.tolerant = True

    def add() -> None:
        microsoft.fabric.environment.published[OLD] = b"old"

    fault(microsoft, "POST", "staging/publish", act=add)
    with pytest.raises(deploy.TwoVersions, match=OLD) as caught:
        go()
    assert caught.value.step == "verify" and "run the same command again" in str(caught.value.hint)
    result = go()
    assert (result.state, result.replaced) == ("done", [OLD]) and microsoft.fabric.uploads == [FILE]
    assert list(microsoft.fabric.environment.published) == [FILE]


def test_a_list_of_the_published_that_is_late_is_waited_for(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    microsoft.fabric.environment.published[OLD] = b"old"

    def both() -> None:
        fault(microsoft, "GET", "/libraries?beta", times=2, reply=Reply(200, {"libraries": names}))

    names = [{"name": name, "libraryType": "Custom"} for name in (FILE, OLD)]
    fault(microsoft, "POST", "staging/publish", act=both)
    assert go().state == "done"


@pytest.mark.parametrize(
    "status, code, words",
    [
        (400, "InvalidEnvironmentPublish", "Another publish operation is running for this environment."),
        (409, "EnvironmentPublishConflict", "Environment is being published."),
    ],
)
@pytest.mark.parametrize("wait", [True, False])
def test_a_publishing_under_way_in_whichever_words(
    microsoft: Any, go: Any, status: int, code: str, words: str, wait: bool
) -> None:
    start = microsoft.fabric.start
    environment = microsoft.fabric.environment
    fault(microsoft, "POST", "staging/publish", act=lambda: start(environment), reply=refuse(status, code, words))
    if wait:
        assert go().state == "done" and FILE in environment.published
    else:
        with pytest.raises(deploy.PublishRunning, match=words) as caught:
            go(wait=False)
        assert (caught.value.code, caught.value.status) == (code, status)


def test_a_publishing_that_is_refused_for_another_reason(microsoft: Any, go: Any) -> None:
    reply = refuse(400, "InvalidEnvironmentPublish", "The environment has nothing to publish.")
    fault(microsoft, "POST", "staging/publish", reply=reply)
    with pytest.raises(deploy.ServiceRefused, match="nothing to publish"):
        go()
