"""A pool's update that fails, is told late or not at all; and pools that are particular about what they take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._ways import FILE, deployments
from ironwheel import deploy

OLD = "ironwheel-0.1.0-py3-none-any.whl"


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., Any]:
    run = deployments(microsoft, tmp_path)
    return lambda **options: run("synapse", **options)


def fault(microsoft: Any, method: str, part: str, **what: Any) -> Any:
    from deploy_server import Fault

    made = Fault(lambda request: request.method == method and part in str(request), **what)
    microsoft.faults.append(made)
    return made


def refuse(status: int, code: str, message: str) -> Any:
    from deploy_server import Reply

    return Reply(status, {"error": {"code": code, "message": message}})


def has_old(microsoft: Any) -> None:
    microsoft.synapse.add(OLD)
    entry = json.dumps({"name": OLD})
    microsoft.synapse.text = microsoft.synapse.text.replace('{"name": "tool.jar"', f'{entry}, {{"name": "tool.jar"')


@pytest.mark.parametrize("ends", ["Failed", "Canceled"])
@pytest.mark.parametrize("wait", [True, False])
def test_an_update_that_failed_is_not_called_done_by_the_next_run(
    microsoft: Any, go: Any, ends: str, wait: bool
) -> None:
    """It sends the same update again, and says how that one ends."""
    microsoft.synapse.updates = ends
    if wait:
        with pytest.raises(deploy.PoolUpdateFailed):
            go()
    else:
        assert go(wait=False).state == "running"
    with pytest.raises(deploy.PoolUpdateFailed):
        go()
    assert len(microsoft.synapse.puts) == 2
    microsoft.synapse.updates = "Succeeded"
    assert go().state == "done" and len(microsoft.synapse.puts) == 3
    assert go().state == "unchanged" and len(microsoft.synapse.puts) == 3


def test_an_update_that_failed_goes_again_as_it_was(microsoft: Any, go: Any) -> None:
    microsoft.synapse.updates = "Failed"
    with pytest.raises(deploy.PoolUpdateFailed):
        go()
    microsoft.synapse.updates = "Succeeded"
    go()
    first, second = microsoft.synapse.puts
    assert second == first.replace('"provisioningState": "Succeeded"', '"provisioningState": "Failed"')


@pytest.mark.parametrize("tag", ['W/"1"', None])
@pytest.mark.parametrize("wait", [True, False])
def test_an_update_whose_answer_is_lost_tells_what_it_did(microsoft: Any, go: Any, wait: bool, tag: Any) -> None:
    has_old(microsoft)
    microsoft.synapse.tag = tag
    lost = fault(microsoft, "PUT", "bigDataPools", kind="cut after")
    result = go(wait=wait)
    assert lost.times == 0 and len(microsoft.synapse.puts) == 1
    assert result.replaced == [OLD] and result.state == ("done" if wait else "running")


def test_a_swap_whose_answer_is_lost_with_the_library_there_already(microsoft: Any, go: Any) -> None:
    microsoft.synapse.add(FILE)
    fault(microsoft, "PUT", "bigDataPools", kind="cut after")
    assert go().state == "done"


def test_an_update_whose_answer_is_lost_and_that_fails(microsoft: Any, go: Any) -> None:
    microsoft.synapse.updates = "Failed"
    fault(microsoft, "PUT", "bigDataPools", kind="cut after")
    with pytest.raises(deploy.PoolUpdateFailed, match="ended as Failed"):
        go()


def test_an_operation_that_ends_in_an_answer_of_202(microsoft: Any, go: Any, impatient: None) -> None:
    """And is told so for ever."""
    fault(microsoft, "GET", "asyncOperations", times=10**6, reply=accepted("Succeeded"))
    assert go(timeout=100).state == "done"


def accepted(status: str) -> Any:
    from deploy_server import Reply

    return Reply(202, {"status": status})


@pytest.mark.parametrize("status", [400, 409, 500])
def test_an_update_whose_failure_is_the_answer_of_its_location(microsoft: Any, go: Any, status: int) -> None:
    microsoft.synapse.told_by = "Location"
    reply = refuse(status, "LibraryInstallFailed", "pip could not install it")
    fault(microsoft, "GET", "asyncOperations", times=9, reply=reply)
    with pytest.raises(deploy.PoolUpdateFailed, match="LibraryInstallFailed: pip could not") as caught:
        go()
    assert "Synapse Studio" in str(caught.value.hint)
    assert (caught.value.code, caught.value.status) == ("LibraryInstallFailed", status)


def test_a_location_that_may_not_be_read_is_no_failed_update(microsoft: Any, go: Any) -> None:
    microsoft.synapse.told_by = "Location"
    fault(microsoft, "GET", "asyncOperations", reply=refuse(403, "AuthorizationFailed", "no"))
    with pytest.raises(deploy.NotPermitted):
        go()


def test_a_pool_that_takes_no_weak_marks(microsoft: Any, go: Any) -> None:
    """Where nothing has changed meanwhile, it is asked without; where something has, with the new one."""
    microsoft.synapse.weak = True
    assert go().state == "done"
    puts = microsoft.asked("PUT", "bigDataPools")
    assert [one.headers.get("If-Match") for one in puts] == ['W/"1"', 'W/"1"', None]


@pytest.mark.parametrize("words", ["The request body is not valid against the schema.", "read-only property"])
def test_a_gateway_that_takes_no_read_only_fields(microsoft: Any, go: Any, words: str) -> None:
    """Whether or not it says that this is why."""
    more = (
        '"sparkConfigProperties": {"time": "2026-01-01T00:00:00Z", "content": "a b", "filename": "c.txt"}, "cacheSize"'
    )
    microsoft.synapse.text = microsoft.synapse.text.replace('"cacheSize"', more)
    fault(microsoft, "PUT", "bigDataPools", reply=refuse(400, "InvalidRequestContent", words))
    assert go().state == "done"
    (sent,) = microsoft.synapse.puts
    assert '"sparkConfigProperties": {"content": "a b", "filename": "c.txt"}' in sent and "creationDate" not in sent


def test_what_is_refused_with_and_without_them_is_told_in_the_first_words(microsoft: Any, go: Any) -> None:
    for words in ("the first", "the second"):
        fault(microsoft, "PUT", "bigDataPools", reply=refuse(400, "LibraryBroken", words))
    with pytest.raises(deploy.ServiceRefused, match="LibraryBroken: the first"):
        go()
    assert len(microsoft.asked("PUT", "bigDataPools")) == 2


def test_a_pool_of_nothing_but_what_may_be_written_is_sent_once(microsoft: Any, go: Any) -> None:
    microsoft.synapse.text = '{"location": "x", "properties": {"provisioningState": "Succeeded"}}'
    fault(microsoft, "PUT", "bigDataPools", times=9, reply=refuse(400, "LibraryBroken", "no"))
    with pytest.raises(deploy.ServiceRefused, match="LibraryBroken"):
        go()
    assert len(microsoft.asked("PUT", "bigDataPools")) == 1
