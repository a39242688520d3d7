"""Who signs in, and the tokens they get."""

from __future__ import annotations

import os
import time
from math import ceil
from typing import Any, Callable, Dict, Optional, Tuple

from ironwheel.deploy import _clouds
from ironwheel.deploy._errors import SignInFailed
from ironwheel.deploy._redact import Cleaner
from ironwheel.deploy._steps import Clock

WAYS = ("cli", "sp", "mi", "notebook", "default")
EXTRA = "pip install 'ironwheel[deploy]'"
SOON = 300  # a token that ends within so many seconds is replaced before it is used


def require(module: str) -> None:
    """Raises a helpful ImportError where one of the packages of the extra is missing."""
    from importlib import import_module

    try:
        import_module(module)
    except ImportError as error:
        raise ImportError(
            f"ironwheel.deploy needs azure-core, azure-identity and azure-synapse-artifacts, "
            f"and {module} cannot be imported ({error}): {EXTRA}"
        ) from None


def check_way(auth: object) -> None:
    """Raises ValueError for an `auth` that is none."""
    if auth is not None and auth not in WAYS:
        raise ValueError(f"auth must be one of {', '.join(WAYS)} or None, got {auth!r}")


def sign_in(auth: Optional[str], authority: str, verify: Any, clock: Clock) -> Any:
    """A credential of our own making; see `ironwheel.deploy.fabric` for what `auth` means."""
    if auth == "notebook" or (auth is None and not _service_principal_named() and _notebook() is not None):
        return NotebookCredential()
    require("azure.identity")
    from ironwheel.deploy._pipeline import SigningIn

    bounded: Dict[str, Any] = {"transport": SigningIn(clock, authority, verify)}
    patient = max(1, min(60, ceil(clock.left())))
    if auth == "cli":
        from azure.identity import AzureCliCredential

        return AzureCliCredential(process_timeout=patient)
    if auth == "mi":
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"), **bounded)
    options: Dict[str, Any] = {"authority": authority, "retry_total": 1, **bounded}
    if not _clouds.known_authority(authority):
        options["disable_instance_discovery"] = True  # Microsoft's list of clouds does not have this one
    if auth == "sp":
        return _service_principal(options)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(process_timeout=patient, **options)


def _service_principal_named() -> bool:
    return bool(os.environ.get("AZURE_TENANT_ID") and os.environ.get("AZURE_CLIENT_ID")) and any(
        os.environ.get(name) for name in ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH")
    )


def _service_principal(options: Dict[str, Any]) -> Any:
    missing = [name for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID") if not os.environ.get(name)]
    ways = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")
    given = [name for name in ways if os.environ.get(name)]
    if missing or not given:
        needed = missing + ([] if given else [" or ".join(ways)])
        raise ValueError(f"auth='sp' reads the service principal from the environment, and lacks {', '.join(needed)}")
    who = {"tenant_id": os.environ["AZURE_TENANT_ID"], "client_id": os.environ["AZURE_CLIENT_ID"]}
    if given[0] == ways[0]:
        from azure.identity import ClientSecretCredential

        return ClientSecretCredential(client_secret=os.environ[ways[0]], **who, **options)
    if given[0] == ways[1]:
        from azure.identity import CertificateCredential

        password = os.environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        return CertificateCredential(certificate_path=os.environ[ways[1]], password=password, **who, **options)
    from azure.identity import WorkloadIdentityCredential

    return WorkloadIdentityCredential(token_file_path=os.environ[ways[2]], **who, **options)


def _notebook() -> Optional[Any]:
    """What hands out tokens inside a notebook of Fabric or Synapse."""
    from importlib import import_module
    from importlib.util import find_spec

    for name in ("notebookutils", "mssparkutils"):
        try:
            if find_spec(name) is None:
                continue
            module = import_module(name)
        except (ImportError, ValueError, AttributeError):
            continue
        for holder in (module, getattr(module, "mssparkutils", None)):  # Fabric's place, and Synapse's
            found = getattr(holder, "credentials", None)
            if hasattr(found, "getToken"):
                return found
    return None


class NotebookCredential:
    """The token of whoever runs the notebook, from notebookutils."""

    AUDIENCES = (("fabric", "pbi"), ("synapse", "Synapse"), ("management.", "AzureManagement"))

    def get_token(self, *scopes: str, **_options: Any) -> Any:
        """A token for the first scope."""
        require("azure.core")
        from azure.core.credentials import AccessToken

        source = _notebook()
        if source is None:
            raise SignInFailed(
                "auth: there is no notebookutils here that hands out tokens",
                hint="auth='notebook' works inside notebooks of Fabric and Synapse; elsewhere use cli, sp or mi",
            )
        audience = next((name for part, name in self.AUDIENCES if part in scopes[0]), scopes[0])
        token = str(source.getToken(audience))
        return AccessToken(token, _ends(token))

    def __repr__(self) -> str:
        return "NotebookCredential()"


def _ends(token: str) -> int:
    """When a token ends, by its own words; ten minutes from now where it is no JSON web token."""
    import base64
    import json

    try:
        claims = token.split(".")[1]
        return int(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    except (IndexError, ValueError, KeyError, TypeError):
        return int(time.time()) + 600


class Tokens:
    """Tokens by scope, from the caller's credential or from one that `make` makes when it is first needed."""

    def __init__(self, credential: Any, make: Callable[[], Any], cleaner: Cleaner, clock: Clock) -> None:
        self._credential = credential
        self._make = None if credential is not None else make
        self._cleaner = cleaner
        self._clock = clock
        self._kept: Dict[str, Tuple[str, float]] = {}

    def get(self, scope: str) -> str:
        """A token that lasts for a while yet."""
        token, ends = self._kept.get(scope, ("", 0.0))
        return token if token and ends - time.time() > SOON else self._ask(scope, {})

    def renew(self, scope: str, claims: Optional[str] = None) -> str:
        """Another token than the last, which a service has refused; `claims` is what it asked for."""
        refused = self._kept.pop(scope, ("", 0.0))[0]
        if self._make is not None:
            self.close()
            self._credential = None  # and with it the tokens it keeps
        token = self._ask(scope, {"claims": claims} if claims else {})
        if token == refused and claims is None:
            # credentials keep tokens until they end; one they are asked for with claims is a fresh one
            fresh = f'{{"access_token":{{"nbf":{{"essential":true,"value":"{int(time.time())}"}}}}}}'
            token = self._ask(scope, {"claims": fresh})
        return token

    def close(self) -> None:
        """Closes what we opened."""
        if self._make is not None and hasattr(self._credential, "close"):
            self._credential.close()

    def _ask(self, scope: str, options: Dict[str, Any]) -> str:
        from azure.core.exceptions import AzureError

        try:
            if self._credential is None and self._make is not None:
                self._credential = self._make()
            try:
                given = self._given(scope, options)
            except TypeError:
                if not options:
                    raise
                given = self._given(scope, {})  # a simple credential, which takes scopes alone
        except AzureError as error:
            if self._clock.left() <= 0:
                raise self._clock.over(f"signing in for {scope}") from None
            raise SignInFailed(
                f"signing in for {scope} failed: {self._cleaner.clean(' '.join(str(error).split()))}",
                hint="az login; or name a service principal (--auth sp and AZURE_TENANT_ID, AZURE_CLIENT_ID, "
                "AZURE_CLIENT_SECRET); or check authority and the variables for certificates",
            ) from None
        token = str(given.token)
        self._cleaner.add(token)
        self._kept[scope] = (token, float(given.expires_on))
        return token

    def _given(self, scope: str, options: Dict[str, Any]) -> Any:
        if not hasattr(self._credential, "get_token") and hasattr(self._credential, "get_token_info"):
            return self._credential.get_token_info(scope, options=options)
        return self._credential.get_token(scope, **options)

    def __repr__(self) -> str:
        return f"Tokens({len(self._kept)} kept)"
