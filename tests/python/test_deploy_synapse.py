"""A wheel into a Spark pool of Synapse, against a server that keeps state as Synapse and Resource Manager do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._wheels import wheel
from ironwheel import deploy

FILE = "ironwheel-0.2.0-py3-none-manylinux2014_x86_64.whl"


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., Any]:
    from deploy_server._entra import Credential
    from deploy_server._synapse import GROUP, POOL, SUBSCRIPTION, WORKSPACE

    path = wheel(tmp_path, size=3000)

    def run(file: Any = path, **options: Any) -> Any:
        target = {"workspace": WORKSPACE, "pool": POOL, "resource_group": GROUP, "subscription": SUBSCRIPTION}
        target.update(credential=Credential(microsoft), endpoint=microsoft.url, arm_endpoint=microsoft.url)
        return deploy.synapse(file, **{**target, **options})

    return run


def fault(microsoft: Any, method: str, part: str, **what: Any) -> None:
    from deploy_server import Fault

    microsoft.faults.append(Fault(lambda request: request.method == method and part in str(request), **what))


def refuse(status: int, code: str, message: str) -> Any:
    from deploy_server import Reply

    return Reply(status, {"error": {"code": code, "message": message}}, {"x-ms-request-id": "r-2"})


def pool_names(microsoft: Any) -> Any:
    return [one["name"] for one in json.loads(microsoft.synapse.text)["properties"]["customLibraries"]]


def test_the_whole_way_in_blocks(microsoft: Any, go: Any, tmp_path: Path) -> None:
    file = wheel(tmp_path, size=9 << 20)
    result = go(file)
    assert microsoft.synapse.libraries[FILE]["content"] == file.read_bytes()
    blocks = microsoft.asked("PUT", "comp=appendblock")
    size = file.stat().st_size
    assert [len(one.body) for one in blocks] == [4 << 20, 4 << 20, size - (8 << 20)]
    assert [int(one.headers["x-ms-blob-condition-appendpos"]) for one in blocks] == [0, 4 << 20, 8 << 20]
    assert all(one.headers["Content-Type"] == "application/octet-stream" for one in blocks)
    assert pool_names(microsoft) == ["other-2.0-py3-none-any.whl", "tool.jar", FILE]
    assert result.state == "done" and result.replaced == [] and "new session" in result.next
    assert "synapse-artifacts" in blocks[0].headers["User-Agent"] or "ironwheel" in blocks[0].headers["User-Agent"]


def test_nothing_else_about_the_pool_changes(microsoft: Any, go: Any) -> None:
    """Not a digit: every character outside of customLibraries is the one that came."""
    from deploy_server._synapse import PLACE, POOL_TEXT

    go()
    before = POOL_TEXT % PLACE
    (sent,) = microsoft.synapse.puts
    start = before.index('"customLibraries": [ {')
    end = before.index('"cacheSize"')
    assert sent.startswith(before[:start]) and sent.endswith(before[end:])
    changed = sent[start : len(sent) - len(before[end:])]
    assert '"uploadedTimestamp": "2026-01-02T00:00:00Z", "weight": 0.10}' in changed
    entry = json.loads(sent)["properties"]["customLibraries"][2]
    assert entry == {"name": FILE, "path": f"contoso/libraries/{FILE}", "containerName": "prep", "type": "whl"}
    (put,) = microsoft.asked("PUT", "bigDataPools")
    assert put.headers["If-Match"] == 'W/"1"' and put.headers["Content-Type"] == "application/json"
    assert put.query == [("api-version", "2021-06-01")]


@pytest.mark.parametrize("libraries", ["null", "[]", None])
def test_a_pool_without_libraries(microsoft: Any, go: Any, libraries: Any) -> None:
    text = microsoft.synapse.text
    start, end = text.index('"customLibraries": [ {'), text.index('"cacheSize"')
    new = f'"customLibraries": {libraries},' if libraries else ""
    microsoft.synapse.text = text[:start] + new + text[end:]
    go()
    assert pool_names(microsoft) == [FILE]


def test_all_other_versions_leave_in_the_same_request(microsoft: Any, go: Any) -> None:
    old = ["IronWheel-0.1.0-py3-none-any.whl", "iron_wheel-1-py3-none-any.whl", "ironwheel-0.3.0-py3-none-any.whl"]
    for name in old:
        microsoft.synapse.add(name)
    entries = ", ".join(json.dumps({"name": name}) for name in old)
    microsoft.synapse.text = microsoft.synapse.text.replace('[ {"name": "other', f'[ {entries}, {{"name": "other')
    result = go()
    assert result.replaced == [old[0], old[2]]
    assert pool_names(microsoft) == [FILE, old[1], "other-2.0-py3-none-any.whl", "tool.jar"]
    assert len(microsoft.synapse.puts) == 1


def test_a_second_run_finds_nothing_to_do(microsoft: Any, go: Any) -> None:
    go()
    microsoft.requests.clear()
    result = go()
    assert result.state == "unchanged" and {one.method for one in microsoft.requests} == {"GET"}


@pytest.mark.parametrize(
    "wrong, kind",
    [
        ({"pool": "spork"}, "pool: there is no 'spork'"),
        ({"workspace": "contosso"}, "workspace: there is no 'contosso'"),
        ({"resource_group": "date"}, "resource group: there is no 'date'"),
        ({"subscription": "s"}, "subscription: there is no 's'"),
    ],
)
def test_a_target_that_is_not_there(microsoft: Any, go: Any, wrong: Any, kind: str) -> None:
    with pytest.raises(deploy.TargetNotFound, match=kind) as caught:
        go(**wrong)
    assert "check the name" in str(caught.value.hint) and {one.method for one in microsoft.requests} == {"GET"}


def test_a_library_left_incomplete_is_uploaded_anew(microsoft: Any, go: Any, tmp_path: Path) -> None:
    microsoft.synapse.add(FILE, "Incomplete", b"half of it")
    assert go().state == "done"
    assert len(microsoft.asked("DELETE")) == 1
    assert microsoft.synapse.libraries[FILE]["content"] == (tmp_path / FILE).read_bytes()


def test_a_library_that_stays_incomplete(microsoft: Any, go: Any) -> None:
    microsoft.synapse.flushes = "Incomplete"
    with pytest.raises(deploy.LibraryIncomplete, match="is Incomplete after it was uploaded") as caught:
        go()
    assert len(microsoft.asked("DELETE")) == 1 and "uploads it anew" in str(caught.value.hint)
    microsoft.synapse.flushes = "Succeeded"
    assert go().state == "done"


def test_an_incomplete_library_that_a_pool_holds_on_to(microsoft: Any, go: Any) -> None:
    microsoft.synapse.add(FILE, "Incomplete")
    microsoft.synapse.in_use = True
    with pytest.raises(deploy.LibraryInUse, match="is used by pool") as caught:
        go()
    assert "raise the version" in str(caught.value.hint) and caught.value.status == 409


def test_a_library_of_somebody_elses_is_used_and_noted(microsoft: Any, go: Any) -> None:
    microsoft.synapse.add(FILE)
    result = go()
    assert result.state == "done" and "does not tell what is in it" in result.warnings[0]
    assert pool_names(microsoft)[-1] == FILE and len(microsoft.asked("PUT")) == 1


def test_a_library_that_was_built_anew_under_its_name(microsoft: Any, go: Any, tmp_path: Path) -> None:
    go()
    (tmp_path / "other").mkdir()
    with pytest.raises(deploy.LibraryAlreadyExists, match="with other content") as caught:
        go(wheel(tmp_path / "other", seed="built anew"))
    assert "raise the version" in str(caught.value.hint)


def test_a_library_that_somebody_creates_in_between(microsoft: Any, go: Any) -> None:
    fault(microsoft, "PUT", f"/libraries/{FILE}?api", act=lambda: microsoft.synapse.add(FILE, "Incomplete", b"theirs"))
    with pytest.raises(deploy.LibraryAlreadyExists, match="LibraryAlreadyExists: The LibraryArtifact") as caught:
        go()
    assert (caught.value.code, caught.value.status) == ("LibraryAlreadyExists", 409)
    assert isinstance(caught.value, FileExistsError) and "run the same command again" in str(caught.value.hint)


def test_somebody_else_appends_as_well(microsoft: Any, go: Any) -> None:
    def append() -> None:
        microsoft.synapse.libraries[FILE]["content"] += b"theirs"

    fault(microsoft, "PUT", "appendblock", act=append, times=2)
    with pytest.raises(deploy.LibraryIncomplete, match="AppendPositionConditionNotMet"):
        go()


def test_a_pool_that_is_busy_is_waited_for(microsoft: Any, go: Any) -> None:
    microsoft.synapse.text = microsoft.synapse.text.replace('"Succeeded"', '"Provisioning"', 1)
    microsoft.synapse.busy = 3
    assert go().state == "done"


def test_a_pool_that_is_changed_in_between(microsoft: Any, go: Any) -> None:
    def change() -> None:
        microsoft.synapse.tag = 'W/"x"'
        microsoft.synapse.text = microsoft.synapse.text.replace('"nodeCount": 3', '"nodeCount": 5')

    fault(microsoft, "PUT", "bigDataPools", act=change)
    assert go().state == "done"
    assert json.loads(microsoft.synapse.text)["properties"]["nodeCount"] == 5 and len(microsoft.synapse.puts) == 1


def test_a_pool_that_is_always_being_updated(microsoft: Any, go: Any) -> None:
    fault(
        microsoft,
        "PUT",
        "bigDataPools",
        times=99,
        reply=refuse(409, "OperationInProgress", "The pool is being updated."),
    )
    with pytest.raises(deploy.ServiceRefused, match="OperationInProgress"):
        go()


def test_an_update_that_fails_says_why(microsoft: Any, go: Any) -> None:
    microsoft.synapse.updates = "Failed"
    with pytest.raises(deploy.PoolUpdateFailed, match="LibraryInstallFailed pip could not install it") as caught:
        go()
    assert "Synapse Studio" in str(caught.value.hint) and "upload" in caught.value.done


@pytest.mark.parametrize("location", ["relative", "foreign", "none"])
def test_wherever_the_operation_is_said_to_be(microsoft: Any, go: Any, location: str) -> None:
    microsoft.synapse.location = location
    assert go().state == "done"
    assert bool(microsoft.asked("GET", "asyncOperations")) == (location == "relative")


def test_an_update_that_fails_without_an_operation(microsoft: Any, go: Any) -> None:
    microsoft.synapse.location, microsoft.synapse.updates = "none", "Failed"
    with pytest.raises(deploy.PoolUpdateFailed, match="ended as Failed"):
        go()


def test_a_pool_that_has_two_versions_in_the_end(microsoft: Any, go: Any) -> None:
    def add() -> None:
        both = json.dumps([{"name": FILE}, {"name": "ironwheel-0.1.0-py3-none-any.whl"}])
        text = microsoft.synapse.text
        microsoft.synapse.text = text.replace('"cacheSize"', f'"customLibraries": {both}, "cacheSize"')

    microsoft.synapse.polls = 1
    fault(microsoft, "GET", "asyncOperations", act=add)
    with pytest.raises(deploy.TwoVersions, match="ironwheel-0.1.0-py3-none-any.whl"):
        go()


def test_an_update_that_never_ends(microsoft: Any, go: Any, impatient: None) -> None:
    def stuck() -> None:
        microsoft.synapse.busy = 10**9

    fault(microsoft, "GET", "asyncOperations", act=stuck)
    with pytest.raises(deploy.TimeLimit, match="time limit of 8 s") as caught:
        go(timeout=8)
    assert "goes on in Azure" in str(caught.value.hint)
    microsoft.synapse.busy = 1
    assert go().state == "unchanged"


def test_without_waiting(microsoft: Any, go: Any) -> None:
    result = go(wait=False)
    assert result.state == "running" and result.operation.startswith(microsoft.url + "/subscriptions/")
    assert not microsoft.asked("GET", "asyncOperations")
    assert go().state == "unchanged"


@pytest.mark.parametrize(
    "method, part, role",
    [("GET", "bigDataPools", "Contributor"), ("PUT", "api-version=2020-12-01", "Synapse Administrator"),
     ("PUT", "bigDataPools", "Contributor")],
)  # fmt: skip
def test_without_the_right_to(microsoft: Any, go: Any, method: str, part: str, role: str) -> None:
    fault(microsoft, method, part, reply=refuse(403, "AuthorizationFailed", "The client does not have authorization"))
    with pytest.raises(deploy.NotPermitted, match="AuthorizationFailed") as caught:
        go()
    assert role in str(caught.value.hint) and caught.value.request_id == "r-2"


def test_an_operation_that_fails(microsoft: Any, go: Any) -> None:
    from deploy_server import Reply

    body = {"status": "Failed", "error": {"code": "StorageBroken", "message": "no space"}}
    fault(microsoft, "GET", "libraryOperationResults", reply=Reply(202, body))
    with pytest.raises(deploy.ServiceRefused, match="ended as Failed: StorageBroken no space"):
        go()
    assert go().state == "done"


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"endpoint": "http://127.0.0.1:1"}, ValueError, "endpoint must be an https URL, got 'http"),
        ({"arm_endpoint": "ftp://x"}, ValueError, "arm_endpoint must be an https URL"),
        ({"authority": "http://login"}, ValueError, "authority must be an https URL"),
        ({"endpoint": "https://"}, ValueError, "endpoint"),
        ({"endpoint": "https://h:x/"}, ValueError, "endpoint"),
        ({"endpoint": "https://h/?a=1"}, ValueError, "endpoint must be an https URL without"),
        ({"endpoint": 7}, TypeError, "endpoint must be a str"),
        ({"auth": "magic", "credential": None}, ValueError, "auth must be one of .* got 'magic'"),
        ({"auth": "cli"}, ValueError, "auth must be None where a credential is given"),
        ({"credential": object()}, TypeError, "credential must have get_token"),
        ({"timeout": 0}, ValueError, "timeout must be more than 0"),
        ({"timeout": float("nan")}, ValueError, "timeout"),
        ({"timeout": "1"}, TypeError, "timeout must be a number"),
        ({"workspace": "a/../b"}, ValueError, "workspace must be the name .* got 'a/../b'"),
        ({"workspace": ""}, ValueError, "workspace must not be empty"),
        ({"pool": 3}, TypeError, "pool must be a str"),
        ({"subscription": None}, ValueError, "subscription must be given"),
    ],
)
def test_wrong_parameters(microsoft: Any, go: Any, wrong: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        go(**wrong)
    assert microsoft.requests == []


def test_a_password_in_an_endpoint_is_not_shown(go: Any) -> None:
    for endpoint in ("https://me:hunter22@h", "http://me:hunter22@h"):
        with pytest.raises(ValueError, match="endpoint") as caught:
            go(endpoint=endpoint)
        assert "hunter22" not in str(caught.value)


def test_names_with_odd_characters_are_escaped(microsoft: Any, go: Any) -> None:
    with pytest.raises(deploy.TargetNotFound):
        go(pool="a b ü")
    assert microsoft.requests[0].path.endswith("/bigDataPools/a b ü")


def test_the_subscription_comes_from_the_environment_too(go: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy_server._synapse import SUBSCRIPTION

    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", SUBSCRIPTION)
    assert go(subscription=None).state == "done"


def test_a_home_that_cannot_be_written_to(go: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "file"))
    assert go().state == "done" and go().state == "unchanged"


def test_a_gateway_that_refuses_what_is_read_only(microsoft: Any, go: Any) -> None:
    """Gets the pool without it, and with all the rest spelled as it came."""
    words = "Tried to write read-only property with spark35"
    more = '"libraryRequirements": {"time": 1, "x": 2.0}, "cacheSize"'
    microsoft.synapse.text = microsoft.synapse.text.replace('"cacheSize"', more)
    fault(microsoft, "PUT", "bigDataPools", reply=refuse(400, "InvalidRequestBody", words))
    assert go().state == "done"
    (sent,) = microsoft.synapse.puts
    told = json.loads(sent)
    assert sorted(told) == ["location", "properties", "tags"] and '"share": 1.50' in sent and '"tiny": 1e-999' in sent
    assert '"ofTomorrow": {"a": [1.0, 2E3, null], "a": 2}' in sent and '"libraryRequirements": {"x": 2.0}' in sent
    assert "creationDate" not in sent and "cacheSize" not in sent and "uploadedTimestamp" not in sent
    assert [one["name"] for one in told["properties"]["customLibraries"]][-1] == FILE
    fault(microsoft, "PUT", "bigDataPools", times=99, reply=refuse(400, "InvalidRequestBody", words))
    microsoft.synapse.text = microsoft.synapse.text.replace(FILE, "gone-1-py3-none-any.whl")
    with pytest.raises(deploy.ServiceRefused, match="read-only property"):
        go()


def test_a_pool_of_a_form_that_is_not_known(microsoft: Any, go: Any) -> None:
    text = microsoft.synapse.text
    start, end = text.index('"customLibraries": [ {'), text.index('"cacheSize"')
    microsoft.synapse.text = text[:start] + '"customLibraries": {"a": 1},' + text[end:]
    with pytest.raises(deploy.ServiceRefused, match="form that is not known"):
        go()
    assert microsoft.synapse.puts == []
