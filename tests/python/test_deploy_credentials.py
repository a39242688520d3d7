"""Credentials that hang, that are simple, and that fail in ways of their own."""

from __future__ import annotations

import base64
import socket
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from deploy_server._ways import deployments
from ironwheel import deploy

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'


@pytest.fixture
def go(microsoft: Any, tmp_path: Path) -> Callable[..., Any]:
    return deployments(microsoft, tmp_path)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch, microsoft: Any) -> Iterator[str]:
    """An authority that takes connections and never says a word; and a service principal for it."""
    from deploy_server._entra import CLIENT, SECRET, TENANT

    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("auth", ["sp", "default"])
def test_an_authority_that_never_answers_ends_at_the_time_limit(
    microsoft: Any, go: Any, silent: str, auth: str
) -> None:
    with pytest.raises(deploy.TimeLimit, match="signing in for https://.* time limit of 1 s"):
        go("fabric", credential=None, auth=auth, authority=silent, timeout=1.0)
    assert microsoft.requests == []


def test_the_azure_cli_is_not_waited_for_longer_than_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("azure.identity")
    import azure.identity
    from ironwheel.deploy._credentials import sign_in
    from ironwheel.deploy._steps import Clock

    given = []
    monkeypatch.setattr(azure.identity, "AzureCliCredential", lambda **options: given.append(options))
    for seconds in (4.5, 3600.0):
        sign_in("cli", "https://login.microsoftonline.com", True, Clock(seconds))
    assert given == [{"process_timeout": 5}, {"process_timeout": 60}]


@pytest.mark.parametrize("auth", ["mi", "default"])
def test_what_bounds_a_sign_in_is_taken_by_every_credential(auth: str) -> None:
    pytest.importorskip("azure.identity")
    from ironwheel.deploy._credentials import sign_in
    from ironwheel.deploy._steps import Clock

    made = sign_in(auth, "https://login.microsoftonline.com", True, Clock(10))
    assert hasattr(made, "get_token")
    made.close()


class Simple:
    """As little as a credential can be."""

    def __init__(self, microsoft: Any) -> None:
        self.microsoft = microsoft
        self.asked = 0

    def get_token(self, *scopes: str) -> Any:
        from azure.core.credentials import AccessToken

        self.asked += 1
        return AccessToken(self.microsoft.entra.issue(scopes[0]), int(time.time()) + 3600)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_service_that_asks_a_simple_credential_for_claims(microsoft: Any, go: Any, service: str) -> None:
    from deploy_server import Fault, Reply

    asked = base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")
    header = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{asked}"'}
    reply = Reply(401, {"errorCode": "TokenExpired", "message": "x"}, header)
    microsoft.faults.append(Fault(lambda request: True, reply=reply))
    credential = Simple(microsoft)
    assert go(service, credential=credential).state == "done" and credential.asked > 1


def test_a_wrong_type_inside_of_a_credential_is_told_as_it_is(microsoft: Any, go: Any) -> None:
    class Broken:
        def get_token(self, *scopes: str, **options: Any) -> Any:
            raise TypeError("of its own")

    with pytest.raises(TypeError, match="of its own"):
        go("fabric", credential=Broken())
