"""A wheel into Fabric, against a server that keeps state as Fabric does."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._wheels import wheel
from ironwheel import deploy

FILE = "ironwheel-0.2.0-py3-none-manylinux2014_x86_64.whl"
OLD = "IronWheel-0.1.0-py3-none-any.whl"


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., deploy.Deployed]:
    from deploy_server._entra import Credential

    path = wheel(tmp_path, size=3000)

    def run(workspace: str = "Sales", environment: str = "Spark 3.5", file: Any = path, **options: Any) -> Any:
        options.setdefault("credential", Credential(microsoft))
        options.setdefault("endpoint", microsoft.url)
        return deploy.fabric(file, workspace, environment, **options)

    return run


def refuse(status: int, code: str, message: str, **headers: str) -> Any:
    from deploy_server import Reply

    return Reply(status, {"errorCode": code, "message": message, "requestId": "r-1"}, headers)


def fault(microsoft: Any, method: str, part: str, **what: Any) -> Any:
    from deploy_server import Fault

    made = Fault(lambda request: request.method == method and part in str(request), **what)
    microsoft.faults.append(made)
    return made


def test_the_whole_way(microsoft: Any, go: Any, tmp_path: Path) -> None:
    result = go()
    environment = microsoft.fabric.environment
    assert environment.published == {FILE: (tmp_path / FILE).read_bytes()}
    assert environment.publishings == 1 and result.state == "done" and result.replaced == []
    upload = microsoft.asked("POST", "/staging/libraries/")[0]
    assert upload.headers["Content-Type"] == "application/octet-stream" and upload.path.endswith("/" + FILE)
    assert microsoft.asked("POST", "/staging/publish")[0].query == [("beta", "false")]
    assert len(microsoft.asked("GET", "/v1/operations/")) == 2
    assert [one["step"] for one in result.steps][-2:] == ["publish", "verify"]
    told = result.to_dict()
    assert told["target"]["environment_id"] and told["sha256"] in str(told) and "new session" in str(result)
    assert microsoft.contract.missing is not None or microsoft.contract.checked > 5


def test_every_request_was_held_against_microsofts_files(microsoft: Any, go: Any) -> None:
    if microsoft.contract.missing is not None:
        pytest.skip(microsoft.contract.missing)
    before = microsoft.contract.checked
    go()
    assert microsoft.contract.checked - before == len(microsoft.requests) - 1  # all but the list of workspaces


def test_ids_are_taken_as_they_are_and_verified(microsoft: Any, go: Any) -> None:
    from deploy_server._fabric import ENVIRONMENT, WORKSPACE

    go(WORKSPACE, ENVIRONMENT)
    paths = [one.path for one in microsoft.requests]
    assert paths[0] == f"/v1/workspaces/{WORKSPACE}/environments/{ENVIRONMENT}" and "/v1/workspaces" not in paths


def test_a_second_run_finds_nothing_to_do(microsoft: Any, go: Any) -> None:
    go()
    microsoft.requests.clear()
    assert go().state == "unchanged"
    assert {one.method for one in microsoft.requests} == {"GET"}


def test_names_beyond_the_first_page(microsoft: Any, go: Any) -> None:
    from deploy_server._fabric import Environment

    fabric = microsoft.fabric
    target, identity = Environment("Zeta & Co"), str(uuid.uuid4())
    workspace = str(uuid.uuid4())
    fabric.workspaces = {**{str(uuid.uuid4()): f"W{n}" for n in range(5)}, workspace: "Ünï/cöde"}
    fabric.environments[workspace] = {**{str(uuid.uuid4()): Environment(f"E{n}") for n in range(4)}, identity: target}
    for number in range(5):
        target.published[f"lib{number}-1-py3-none-any.whl"] = b""
    go("Ünï/cöde", "zeta & co")
    assert FILE in target.published and len(microsoft.asked("GET", "continuationToken")) > 5


def test_a_continuation_without_its_uri(microsoft: Any, go: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy_server._fabric import Fabric

    real = Fabric._page

    def page(self: Any, *given: Any) -> Any:
        reply = real(self, *given)
        reply.body.pop("continuationUri", None)
        return reply

    monkeypatch.setattr(Fabric, "_page", page)
    for number in range(5):
        microsoft.fabric.environment.published[f"lib{number}-1-py3-none-any.whl"] = b""
    assert go().state == "done"


@pytest.mark.parametrize(
    "workspace, environment, words",
    [
        ("Salez", "Spark 3.5", "workspace: there is none called 'Salez'; there is 'Sales'"),
        ("Sales", "Spork", "environment: there is none called 'Spork'"),
        (str(uuid.UUID(int=5)), "Spark 3.5", "workspace: there is no 0000"),
        (str(uuid.UUID(int=5)), str(uuid.UUID(int=6)), "workspace: there is no 0000"),
        ("Sales", str(uuid.UUID(int=6)), "environment: there is no 0000"),
    ],
)
def test_a_target_that_is_not_there(microsoft: Any, go: Any, workspace: str, environment: str, words: str) -> None:
    with pytest.raises(deploy.TargetNotFound, match=words) as caught:
        go(workspace, environment)
    assert caught.value.status == 404 and caught.value.hint and isinstance(caught.value, OSError)
    assert {one.method for one in microsoft.requests} == {"GET"}


def test_other_versions_are_taken_out(microsoft: Any, go: Any) -> None:
    microsoft.fabric.environment.published = {OLD: b"old", "other-1-py3-none-any.whl": b"other"}
    result = go()
    assert result.replaced == [OLD]
    assert sorted(microsoft.fabric.environment.published) == [FILE, "other-1-py3-none-any.whl"]


def test_the_same_name_published_by_somebody_else(microsoft: Any, go: Any) -> None:
    microsoft.fabric.environment.published = {FILE: b"theirs"}
    with pytest.raises(deploy.AlreadyPublished, match="has no effect") as caught:
        go()
    assert "raise its version" in str(caught.value.hint) and {one.method for one in microsoft.requests} == {"GET"}


def test_the_same_name_with_other_content(microsoft: Any, go: Any, tmp_path: Path) -> None:
    go()
    (tmp_path / "other").mkdir()
    with pytest.raises(deploy.AlreadyPublished, match="with other content"):
        go(file=wheel(tmp_path / "other", seed="built anew"))


def test_a_library_that_was_staged_and_not_published(microsoft: Any, go: Any) -> None:
    """By somebody else it is replaced, by ourselves it is used."""
    microsoft.fabric.environment.staged = {FILE: b"theirs"}
    microsoft.fabric.ends = "Failed"
    with pytest.raises(deploy.PublishFailed):
        go()
    assert microsoft.fabric.environment.staged[FILE] != b"theirs"
    microsoft.fabric.ends = "Success"
    assert go().state == "done" and microsoft.fabric.uploads == [FILE]


def test_a_staged_library_that_is_in_the_way(microsoft: Any, go: Any) -> None:
    microsoft.fabric.environment.staged = {FILE: b"theirs"}
    fault(microsoft, "POST", "/staging/libraries/", reply=refuse(409, "LibraryConflict", "exists"))
    assert go().state == "done"


def test_publishing_that_fails_says_why(microsoft: Any, go: Any) -> None:
    microsoft.fabric.ends = "Failed"
    with pytest.raises(deploy.PublishFailed, match="LibraryConflict: Two packages conflict: numpy<1") as caught:
        go()
    assert caught.value.step == "publish" and "upload" in caught.value.done and caught.value.code == "LibraryConflict"


def test_publishing_whose_libraries_fail(microsoft: Any, go: Any) -> None:
    fault(microsoft, "GET", "/v1/operations/", act=lambda: setattr(microsoft.fabric.environment, "libraries", "Failed"),
          reply=refuse(404, "OperationNotFound", "gone"))  # fmt: skip
    microsoft.fabric.environment.ends = "Failed"
    microsoft.fabric.ends = "Cancelled"
    with pytest.raises(deploy.PublishFailed, match="ended as Cancelled, its libraries Cancelled"):
        go()


def test_a_publishing_that_lists_no_library(microsoft: Any, go: Any) -> None:
    fault(microsoft, "GET", "/libraries?", times=99, reply=refuse(404, "EnvironmentLibrariesNotFound", "none"))
    with pytest.raises(deploy.PublishFailed, match="does not list"):
        go()


@pytest.mark.parametrize("location", ["relative", "foreign", "none"])
def test_wherever_the_operation_is_said_to_be(microsoft: Any, go: Any, location: str) -> None:
    microsoft.fabric.location = location
    assert go().state == "done" and microsoft.asked("GET", "/v1/operations/")


def test_publishing_that_is_done_at_once(microsoft: Any, go: Any) -> None:
    microsoft.fabric.at_once = True
    microsoft.fabric.polls = 0
    assert go().state == "done" and not microsoft.asked("GET", "/v1/operations/")


def test_a_publishing_under_way_is_waited_for(microsoft: Any, go: Any) -> None:
    microsoft.fabric.start(microsoft.fabric.environment)
    assert go().state == "done" and microsoft.fabric.environment.publishings == 2


def test_a_publishing_that_comes_in_between(microsoft: Any, go: Any) -> None:
    fault(microsoft, "POST", "/publish", act=lambda: microsoft.fabric.start(microsoft.fabric.environment), kind="reply")
    result = go()
    assert result.state == "done" and FILE in microsoft.fabric.environment.published


def test_a_publishing_under_way_without_waiting(microsoft: Any, go: Any) -> None:
    microsoft.fabric.start(microsoft.fabric.environment)
    microsoft.fabric.environment.left = 99
    with pytest.raises(deploy.PublishRunning, match="being published already") as caught:
        go(wait=False)
    assert "--no-wait" in str(caught.value.hint) and {one.method for one in microsoft.requests} == {"GET"}


def test_a_publishing_that_never_ends(microsoft: Any, go: Any, impatient: None) -> None:
    microsoft.fabric.polls = 10**9
    with pytest.raises(deploy.TimeLimit, match="time limit of 3 s") as caught:
        go(timeout=3)
    assert isinstance(caught.value, TimeoutError)
    assert "cancelPublish" in str(caught.value.hint) and "run the same command again" in str(caught.value.hint)
    microsoft.fabric.environment.left = 1
    assert go().state == "unchanged" and microsoft.fabric.environment.publishings == 1


def test_without_waiting(microsoft: Any, go: Any) -> None:
    result = go(wait=False)
    assert result.state == "running" and "/v1/operations/" in result.operation and "still going on" in str(result)
    assert not microsoft.asked("GET", "/v1/operations/")
    assert go().state == "unchanged" and FILE in microsoft.fabric.environment.published


@pytest.mark.parametrize("part", ["/staging/libraries/", "/staging/publish"])
def test_without_the_right_to_write(microsoft: Any, go: Any, part: str) -> None:
    fault(microsoft, "POST", part, reply=refuse(403, "InsufficientPrivileges", "The caller does not have permission"))
    with pytest.raises(deploy.NotPermitted, match="InsufficientPrivileges") as caught:
        go()
    assert "Contributor" in str(caught.value.hint) and isinstance(caught.value, PermissionError)
    assert (caught.value.code, caught.value.status, caught.value.request_id) == ("InsufficientPrivileges", 403, "r-1")


def test_too_large_is_noticed_before_anything_is_sent(microsoft: Any, go: Any, tmp_path: Path) -> None:
    big = tmp_path / "ironwheel-9-py3-none-any.whl"
    with open(big, "wb") as file:
        file.truncate((100 << 20) + 1)
    with pytest.raises(deploy.InvalidWheel, match="at most 104,857,600 bytes"):
        go(file=big)
    assert microsoft.requests == []


def test_lists_that_lead_to_another_host(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    body = {"value": [], "continuationUri": "https://localhost:1/v1/workspaces?continuationToken=x"}
    fault(microsoft, "GET", "/v1/workspaces", reply=Reply(200, body))
    with pytest.raises(deploy.ForeignHost, match="another host"):
        go()


def test_lists_that_never_end(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    fault(microsoft, "GET", "/v1/workspaces", times=99, reply=Reply(200, {"value": [], "continuationToken": "x"}))
    with pytest.raises(deploy.ServiceRefused, match="does not end"):
        go()


def test_redirects_are_not_followed(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    fault(microsoft, "GET", "/v1/workspaces", reply=Reply(307, None, {"Location": "https://localhost:1/v1/workspaces"}))
    with pytest.raises(deploy.ServiceRefused, match="points elsewhere"):
        go()


def test_a_page_in_the_services_place(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    fault(microsoft, "GET", "/v1/workspaces", reply=Reply(200, "<html>Sign in to your hotel's network</html>"))
    with pytest.raises(deploy.ServiceRefused, match="no JSON"):
        go()


def test_progress_counts_to_the_end(microsoft: Any, go: Any) -> None:
    seen: Any = []
    go(progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (600, 600)
    with pytest.raises(TypeError, match="progress"):
        go(progress=7)


def test_an_address_of_resource_manager_is_checked_and_not_used(microsoft: Any, go: Any) -> None:
    assert go(arm_endpoint=microsoft.url).state == "done" and not microsoft.asked("GET", "/subscriptions/")
    for wrong, error in (("http://x", ValueError), (7, TypeError)):
        with pytest.raises(error, match="arm_endpoint must be"):
            go(arm_endpoint=wrong)
