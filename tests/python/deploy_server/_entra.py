"""Microsoft Entra ID: what MSAL asks it, and the tokens it hands out."""

from __future__ import annotations

import time
import uuid
from typing import Any, Dict, List, Optional, Set, Tuple
from urllib.parse import parse_qs

TENANT = "0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e"
CLIENT = "c1c1c1c1-1b1b-2c2c-3d3d-4e4e4e4e4e4e"
SECRET = "s3cr3t~that=must/never&show"


class Entra:
    def __init__(self, server: Any) -> None:
        self._server = server
        self.issued: Dict[str, Tuple[str, float]] = {}
        self.revoked: Set[str] = set()
        self.grants: List[Dict[str, str]] = []
        self.lifetime = 3600

    def owns(self, request: Any) -> bool:
        return "/oauth2/" in request.path or "/.well-known/" in request.path or request.path.startswith("/common/")

    def issue(self, scope: str) -> str:
        token = f"token-{uuid.uuid4().hex}"
        self.issued[token] = (scope, time.time() + self.lifetime)
        return token

    def revoke(self) -> None:
        """All tokens so far are worth nothing from now on."""
        self.revoked.update(self.issued)

    def check(self, request: Any, scope: str) -> Any:
        """Why a request is not let in."""
        from deploy_server import Reply

        said = request.headers.get("Authorization") or ""
        token = said[len("Bearer ") :] if said.startswith("Bearer ") else ""
        for_scope, until = self.issued.get(token, ("", 0.0))
        if for_scope != scope:
            self._server.problems.append(f"{request}: a token for {for_scope or 'nothing'}, not for {scope}")
        if token in self.revoked or time.time() > until or for_scope != scope:
            body = {"error": {"code": "AuthenticationFailed", "message": "The token is expired."}}
            if request.path.startswith("/v1/"):
                body = {
                    "errorCode": "TokenExpired",
                    "message": "Access token has expired",
                    "requestId": str(uuid.uuid4()),
                }
            return Reply(401, body)
        return None

    def answer(self, request: Any) -> Any:
        from deploy_server import Reply

        base = f"{request.base}/{TENANT}"
        if request.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return Reply(
                200,
                {
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "issuer": f"{base}/v2.0",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                },
            )
        if request.path == "/common/discovery/instance":
            return Reply(
                200, {"tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration", "metadata": []}
            )
        if request.path == f"/{TENANT}/oauth2/v2.0/token" and request.method == "POST":
            return self._token(parse_qs(request.body.decode()))
        return Reply(404, {"error": "invalid_request", "error_description": f"AADSTS900144: {request}"})

    def _token(self, form: Dict[str, List[str]]) -> Any:
        from deploy_server import Reply

        said = {name: values[0] for name, values in form.items()}
        self.grants.append(said)
        if said.get("grant_type") != "client_credentials" or said.get("client_id") != CLIENT:
            return Reply(
                400, {"error": "unauthorized_client", "error_description": "AADSTS700016: no such application"}
            )
        if said.get("client_secret") != SECRET:
            shown = said.get("client_secret")  # an echo that a careful server would not make
            words = f"AADSTS7000215: Invalid client secret provided: client_secret={shown}."
            return Reply(401, {"error": "invalid_client", "error_description": words})
        return Reply(
            200,
            {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": self.issue(str(said.get("scope")))},
        )


class Credential:
    """The simplest TokenCredential there can be: tokens straight from the server."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.asked: List[Tuple[Tuple[str, ...], Dict[str, Any]]] = []

    def get_token(self, *scopes: str, **options: Any) -> Any:
        from azure.core.credentials import AccessToken

        self.asked.append((scopes, options))
        with self._server.lock:
            token = self._server.entra.issue(scopes[0])
        return AccessToken(token, int(self._server.entra.issued[token][1]))


class Keeping(Credential):
    """One that keeps its tokens until they end, or claims are asked for, as those of azure-identity do."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._kept: Dict[str, Any] = {}

    def get_token(self, *scopes: str, claims: Optional[str] = None, **options: Any) -> Any:
        if claims or scopes[0] not in self._kept:
            self._kept[scopes[0]] = super().get_token(*scopes, claims=claims, **options)
        return self._kept[scopes[0]]
