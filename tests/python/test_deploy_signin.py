"""Who signs in and how, that secrets stay secret, and whom is trusted."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any, Callable

import pytest
from deploy_server._wheels import wheel
from ironwheel import deploy
from ironwheel.deploy import _clouds, _redact


@pytest.fixture
def go(microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    from deploy_server._entra import CLIENT, SECRET, TENANT

    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    path = wheel(tmp_path)

    def run(service: str = "fabric", **options: Any) -> Any:
        from deploy_server._synapse import GROUP, POOL, SUBSCRIPTION, WORKSPACE

        options = {"auth": "sp", "endpoint": microsoft.url, "authority": microsoft.url, **options}
        if service == "fabric":
            return deploy.fabric(path, "Sales", "Spark 3.5", **options)
        return deploy.synapse(path, WORKSPACE, POOL, GROUP, SUBSCRIPTION, arm_endpoint=microsoft.url, **options)

    return run


@pytest.mark.parametrize("auth", ["sp", "default", None])
def test_a_service_principal_through_msal(microsoft: Any, go: Any, auth: Any) -> None:
    """With a token from the token endpoint, for each service one of its own."""
    from deploy_server._entra import CLIENT

    assert go("synapse", auth=auth).state == "done"
    scopes = [one["scope"] for one in microsoft.entra.grants]
    assert scopes == ["https://management.azure.com/.default", "https://dev.azuresynapse.net/.default"]
    assert {one["client_id"] for one in microsoft.entra.grants} == {CLIENT}


def test_fabrics_scope(microsoft: Any, go: Any) -> None:
    assert go().state == "done"
    assert [one["scope"] for one in microsoft.entra.grants] == ["https://api.fabric.microsoft.com/.default"]


def test_a_token_that_is_revoked_in_the_middle(microsoft: Any, go: Any) -> None:
    from deploy_server import Fault

    def matcher(request: Any) -> bool:
        return bool(request.method == "POST" and "/staging/" in request.path)

    microsoft.faults.append(Fault(matcher, "", act=lambda: microsoft.entra.revoke()))
    assert go().state == "done" and len(microsoft.entra.grants) == 2


def test_claims_that_a_service_asks_for_reach_the_credential(microsoft: Any, go: Any) -> None:
    from deploy_server import Fault, Reply
    from deploy_server._entra import Credential

    claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    asked = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    header = f'Bearer realm="", error="insufficient_claims", claims="{asked}"'
    reply = Reply(401, {"errorCode": "TokenExpired", "message": "x"}, {"WWW-Authenticate": header})
    microsoft.faults.append(Fault(lambda request: True, reply=reply))
    credential = Credential(microsoft)
    assert go(auth=None, credential=credential).state == "done"
    assert credential.asked[1][1] == {"claims": claims}


def test_tokens_that_end_soon_are_replaced_before_they_do(microsoft: Any, go: Any) -> None:
    from deploy_server._entra import Credential

    microsoft.entra.lifetime = 200
    credential = Credential(microsoft)
    go(auth=None, credential=credential)
    assert len(credential.asked) == len(microsoft.requests)


def test_a_wrong_secret_is_refused_and_never_shown(
    microsoft: Any, go: Any, monkeypatch: Any, caplog: Any, capfd: Any
) -> None:
    """Although this server repeats it, as a careless one might."""
    secret = "hunter2/with+odd=characters&more"
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secret)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(deploy.SignInFailed, match="AADSTS7000215") as caught:
        go(progress=True)
    assert microsoft.entra.grants[0]["client_secret"] == secret
    assert "AADSTS7000215" in caplog.text  # azure-identity logs it, too
    shown = str(caught.value) + repr(caught.value) + repr(vars(caught.value)) + "".join(capfd.readouterr())
    assert "hunter2" not in shown + caplog.text and _redact.HIDDEN in shown
    assert logging.getLogRecordFactory() is logging.LogRecord
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_neither_tokens_nor_secrets_are_logged(microsoft: Any, go: Any, caplog: Any, capfd: Any) -> None:
    from deploy_server._entra import SECRET

    caplog.set_level(logging.DEBUG)
    result = go("synapse", progress=True)
    shown = caplog.text + "".join(capfd.readouterr()) + repr(result) + json.dumps(result.to_dict()) + str(result)
    assert "REDACTED" in caplog.text  # something was logged
    for secret in (SECRET, *microsoft.entra.issued):
        assert secret not in shown


def test_a_service_that_repeats_the_token(microsoft: Any, go: Any) -> None:
    from deploy_server import Fault, Reply

    def echo() -> None:
        token = next(iter(microsoft.entra.issued))
        fault.reply = Reply(400, {"errorCode": "Odd", "message": f"Authorization: Bearer {token} is odd"})

    fault = Fault(lambda request: request.method == "POST" and "/v1/" in request.path, act=echo)
    microsoft.faults.append(fault)
    with pytest.raises(deploy.ServiceRefused, match="Odd: Authorization: Bearer") as caught:
        go()
    assert next(iter(microsoft.entra.issued)) not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJmYWJyaWMifQ.c2lnbmF0dXJl",
        "Bearer abc.def",
        '{"access_token": "opaque-token"}',
        "client_secret=opaque-token&x=1",
        "https://x/blob?sig=opaque-token",
    ],
)
def test_what_looks_like_a_secret_is_hidden(words: str) -> None:
    cleaned = _redact.Cleaner().clean(f"before {words} after")
    assert _redact.HIDDEN in cleaned and not any(part in cleaned for part in ("opaque", "abc.def", "eyJ"))
    assert cleaned.startswith("before ") and "after" in cleaned


@pytest.mark.parametrize("name", ["AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"])
def test_what_the_environment_lacks_is_named(go: Any, monkeypatch: Any, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ValueError, match=name):
        go()


def test_no_credential_of_any_kind(microsoft: Any, go: Any, monkeypatch: Any, tmp_path: Path) -> None:
    """The Azure CLI's is asked, and says no."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(deploy.SignInFailed, match="Azure CLI not found") as caught:
        go(auth="cli")
    assert "az login" in str(caught.value.hint) and microsoft.requests == []


class _Notebook:
    def __init__(self, microsoft: Any, scopes: Any) -> None:
        self.microsoft, self.scopes, self.asked = microsoft, scopes, []

    def getToken(self, audience: str) -> str:
        self.asked.append(audience)
        return str(self.microsoft.entra.issue(self.scopes[audience]))


def test_inside_a_notebook_its_own_token_is_used(microsoft: Any, go: Any, monkeypatch: Any) -> None:
    for name in ("AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name)
    scopes = {
        "pbi": "https://api.fabric.microsoft.com/.default",
        "Synapse": "https://dev.azuresynapse.net/.default",
        "AzureManagement": "https://management.azure.com/.default",
    }
    source = _Notebook(microsoft, scopes)
    module: Any = types.ModuleType("notebookutils")
    module.credentials = source
    module.__spec__ = __import__("importlib.machinery").machinery.ModuleSpec("notebookutils", None)
    monkeypatch.setitem(sys.modules, "notebookutils", module)
    assert go(auth=None).state == "done" and go("synapse", auth="notebook").state == "done"
    assert source.asked == ["pbi", "AzureManagement", "Synapse"]
    assert microsoft.entra.grants == []


def test_outside_of_one_that_is_an_error(go: Any) -> None:
    with pytest.raises(deploy.SignInFailed, match="no notebookutils"):
        go(auth="notebook")


def test_the_end_of_a_notebooks_token_is_read_from_it() -> None:
    from ironwheel.deploy._credentials import _ends

    body = base64.urlsafe_b64encode(json.dumps({"exp": 123}).encode()).decode().rstrip("=")
    assert _ends(f"eyJ9.{body}.sig") == 123
    assert 500 < _ends("opaque") - time.time() < 700


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_usual_variables_name_whom_to_trust(microsoft: Any, go: Any, monkeypatch: Any, name: str) -> None:
    """One of them is enough, whatever the machine has set the others to."""
    import certifi

    for each in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(each, microsoft.ca if each == name else certifi.where())
    assert go().state == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="such folders are OpenSSL's on Unix")
def test_a_folder_of_certificates(microsoft: Any, go: Any, monkeypatch: Any, tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    try:
        number = subprocess.check_output(["openssl", "x509", "-in", microsoft.ca, "-noout", "-subject_hash"], text=True)
    except FileNotFoundError:
        pytest.skip("openssl, which names the files in such a folder, is not here")
    os.symlink(microsoft.ca, folder / f"{number.strip()}.0")
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert go().state == "done"


def test_a_certificate_that_nobody_vouches_for(microsoft: Any, go: Any, monkeypatch: Any) -> None:
    from deploy_server._entra import Credential

    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(deploy.ConnectionLost, match="certificate is not trusted") as caught:
        go(auth=None, credential=Credential(microsoft))
    assert "SSL_CERT_FILE" in str(caught.value.hint) and microsoft.requests == []


def test_a_bundle_that_is_not_there_is_named(go: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(FileNotFoundError, match=r"none\.pem"):
        go()


def test_a_token_never_goes_to_another_host(microsoft: Any, go: Any, tmp_path: Path) -> None:
    """Operations and pages of another host are not asked; see test_deploy_fabric and test_deploy_synapse for those."""
    from ironwheel.deploy._errors import ForeignHost
    from ironwheel.deploy._pipeline import Bearer

    class Tokens:
        def get(self, scope: str) -> str:
            raise AssertionError("a token was asked for")

    bearer: Any = Bearer(Tokens(), "s", "https://api.fabric.microsoft.com/v1")  # type: ignore[arg-type]
    for url in ("http://api.fabric.microsoft.com/v1", "https://api.fabric.microsoft.com:8443/", "https://evil/"):
        request = types.SimpleNamespace(http_request=types.SimpleNamespace(url=url, headers={}))
        with pytest.raises(ForeignHost):
            bearer.send(request)


@pytest.mark.parametrize(
    "authority, endpoint, scope",
    [
        (None, "https://w.dev.azuresynapse.net", "https://dev.azuresynapse.net/.default"),
        ("login.microsoftonline.us", "https://w.dev.azuresynapse.usgovcloudapi.net",
         "https://dev.azuresynapse.usgovcloudapi.net/.default"),
        ("https://login.chinacloudapi.cn/", "https://w.dev.azuresynapse.azure.cn",
         "https://dev.azuresynapse.azure.cn/.default"),
        ("https://login.microsoftonline.us", "https://proxy.example",
         "https://dev.azuresynapse.usgovcloudapi.net/.default"),
    ],
)  # fmt: skip
def test_scopes_of_sovereign_clouds(authority: Any, endpoint: str, scope: str) -> None:
    assert _clouds.synapse_scope(endpoint, _clouds.authority_of(authority)) == scope


def test_addresses_of_sovereign_clouds(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.microsoftonline.us")
    told = deploy.synapse(wheel(tmp_path), "Wksp", "p", "g", "s", dry_run=True).to_dict()["calls"]
    assert told[0]["url"].startswith("https://management.usgovcloudapi.net/subscriptions/s/")
    assert told[1]["url"].startswith("https://wksp.dev.azuresynapse.usgovcloudapi.net/libraries/")
    assert "https://management.usgovcloudapi.net/.default" in told[0]["headers"]["Authorization"]
    assert _clouds.fabric_scope("https://api.fabric.microsoft.us") == "https://api.fabric.microsoft.us/.default"
    assert _clouds.fabric_scope("https://127.0.0.1:8") == "https://api.fabric.microsoft.com/.default"


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "azure.core", None)
    with pytest.raises(ImportError, match=r"ironwheel\[deploy\]"):
        deploy.fabric(wheel(tmp_path), "w", "e")
    assert deploy.fabric(wheel(tmp_path), "w", "e", dry_run=True).state == "dry-run"


def echoing(microsoft: Any, make: Callable[[str], Any]) -> Any:
    """A fault that answers with the token of the request in it."""
    from deploy_server import Fault

    def match(request: Any) -> bool:
        said = request.headers.get("Authorization") or ""
        if request.method not in ("POST", "PUT") or not said:
            return False
        fault.reply = make(said.split()[1])
        return True

    fault = Fault(match, times=99)
    microsoft.faults.append(fault)
    return fault


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_service_that_repeats_the_token_as_code_and_request(
    microsoft: Any, go: Any, service: str, capfd: Any
) -> None:
    from deploy_server import Reply

    def make(token: str) -> Any:
        return Reply(
            400,
            {"errorCode": token, "message": f"m {token}", "requestId": token, "moreDetails": [{"message": token}]},
            {"x-ms-request-id": f"id-{token}"},
        )

    echoing(microsoft, make)
    with pytest.raises(deploy.ServiceRefused) as caught:
        go(service, progress=True)
    error = caught.value
    shown = str(error) + repr(error) + repr(vars(error)) + repr(error.args) + "".join(capfd.readouterr())
    assert error.code == _redact.HIDDEN and error.request_id == f"id-{_redact.HIDDEN}"
    assert not any(token in shown for token in microsoft.entra.issued)


@pytest.mark.parametrize("service", ["fabric", "synapse"])
def test_a_service_that_repeats_the_token_while_it_works(microsoft: Any, go: Any, service: str, capfd: Any) -> None:
    """As the status of an operation, in its link, in names."""
    from deploy_server import Fault, Reply

    def match(request: Any) -> bool:
        here = "/operations/" in request.path or "asyncOperations" in request.path or "OperationResults" in request.path
        if here:
            said = str(request.headers.get("Authorization")).split()[1]
            fault.reply = Reply(202, {"status": f"Running {said}"}, {"Retry-After": "0"})
        return here

    fault = Fault(match, times=2)
    microsoft.faults.append(fault)
    result = go(service, progress=True)
    shown = repr(vars(result)) + "".join(capfd.readouterr())
    assert fault.times == 0 and f"Running {_redact.HIDDEN}" in shown
    assert not any(token in shown for token in microsoft.entra.issued)


def test_a_link_with_the_token_in_it_is_not_shown(microsoft: Any, go: Any, capfd: Any) -> None:
    from deploy_server import Reply

    def make(token: str) -> Any:
        return Reply(202, None, {"Location": f"/v1/operations/7?t={token}"})

    fault = echoing(microsoft, make)
    match = fault.match
    fault.match = lambda request: request.path.endswith("/publish") and match(request)
    result = go(wait=False, progress=True)
    assert result.operation.endswith(f"/operations/7?t={_redact.HIDDEN}")
    shown = str(result) + json.dumps(result.to_dict()) + "".join(capfd.readouterr())
    assert not any(token in shown for token in microsoft.entra.issued)


@pytest.mark.parametrize(
    "body, code, words",
    [
        ({"errorCode": "A", "message": "b", "moreDetails": "more"}, "A", "b; more"),
        ({"error": {"code": "A", "message": "b", "details": [{"code": "C", "message": "d"}, "e"]}}, "A", "b; C: d; e"),
        ({"error": "invalid", "error_description": "AADSTS1: so"}, "invalid", "AADSTS1: so"),
        ({"error": "plain words"}, "plain words", ""),
        ({"error": {"code": "A", "message": "b", "details": {"code": "C", "message": "d"}}}, "A", "b; C: d"),
        ({"error": {"code": "A", "message": "b", "details": 7}}, "A", "b"),
        ([1], "", "[1]"),
        (None, "", ""),
    ],
)
def test_errors_of_every_form_are_read(body: Any, code: str, words: str) -> None:
    pytest.importorskip("azure.core")
    from ironwheel.deploy._service import words_of

    assert words_of(body) == (code, words)


def test_the_wait_between_questions_stays_finite() -> None:
    pytest.importorskip("azure.core")
    from ironwheel.deploy._service import pause

    assert pause({}, 100_000) == 30.0 and pause(None, 0) == 1.0
