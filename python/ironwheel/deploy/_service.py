"""One service of Microsoft's: JSON calls to it, and its errors in our words."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Sequence, Tuple

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError

from ironwheel.deploy import _clouds, _pipeline
from ironwheel.deploy._credentials import Tokens
from ironwheel.deploy._errors import DeployError, ForeignHost, ServiceRefused, by_status
from ironwheel.deploy._redact import Cleaner
from ironwheel.deploy._steps import Clock


class Answer:
    """What a service answered."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        raw = response.body() if hasattr(response, "body") else response.content
        self.text: str = (raw or b"").decode("utf-8-sig", errors="replace")
        self.url: str = response.request.url

    def json(self) -> Any:
        """The body as JSON; an empty dict where there is none."""
        from json import loads

        try:
            return loads(self.text) if self.text.strip() else {}
        except (ValueError, RecursionError):
            raise ServiceRefused(
                f"{self.url.split('?')[0]} answered {self.status} with something that is no JSON",
                hint="check the endpoint: a proxy or sign-in page may have answered in the service's place",
                status=self.status,
            ) from None

    def object(self) -> Dict[str, Any]:
        """The body as a JSON object."""
        body = self.json()
        return body if isinstance(body, dict) else {}

    def error(self) -> Tuple[str, str]:
        """The service's error code and words, of whichever form; empty where it gave none."""
        from json import loads

        try:
            body = loads(self.text)
        except (ValueError, RecursionError):
            plain = re.sub(r"<[^>]*>|\s+", " ", self.text).strip()
            return "", plain[:300]
        return words_of(body)


def words_of(body: Any) -> Tuple[str, str]:
    """Code and message of an error as Fabric, Synapse or Resource Manager write it."""
    if not isinstance(body, dict):
        return "", str(body)[:300] if body else ""
    outer = body.get("error")
    inner: Dict[str, Any] = outer if isinstance(outer, dict) else body
    code = inner.get("errorCode") or inner.get("code") or (outer if isinstance(outer, str) else "")
    message = inner.get("message") or body.get("message") or body.get("error_description")
    words = [str(message or "")]
    details = inner.get("moreDetails") or inner.get("details") or []
    for detail in details if isinstance(details, list) else [details] if isinstance(details, (str, dict)) else []:
        words.append(": ".join(part for part in words_of(detail) if part))
    return str(code), "; ".join(word for word in words if word)[:2000]


class Service:
    """Calls to the host of `base`, signed in for `scope`."""

    def __init__(
        self, name: str, base: str, tokens: Tokens, scope: str, clock: Clock, cleaner: Cleaner, trust: _pipeline.Trust,
        hints: Dict[int, str],
    ) -> None:  # fmt: skip
        from azure.core import PipelineClient

        self.name = name
        self.base = base
        self.clock = clock
        self.cleaner = cleaner
        self._hints = {**_HINTS, **hints}
        self.patience = _pipeline.Patience(clock, name, cleaner)
        self.policies = _pipeline.policies(self.patience, _pipeline.Bearer(tokens, scope, base))
        self.transport = _pipeline.transport(base, trust)
        self._client: Any = PipelineClient(base_url=base, policies=self.policies, transport=self.transport)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def call(
        self,
        method: str,
        url: str,
        doing: str,
        *,
        query: Optional[Dict[str, str]] = None,
        content: Any = None,
        headers: Optional[Dict[str, str]] = None,
        ok: Sequence[int] = (200,),
        repeat: bool = True,
    ) -> Answer:
        """Sends a request and answers what came back; a status that is not in `ok` is an error."""
        from azure.core.rest import HttpRequest

        sent = {"Accept": "application/json", **(headers or {})}
        if content is None and method in ("POST", "PUT"):
            sent["Content-Length"] = "0"
        target = url if "://" in url else self.base + url
        request = HttpRequest(method, target, params=query or {}, headers=sent, content=content)
        try:
            answer = Answer(self._client.send_request(request, repeat=repeat))
        except DecodeError as error:
            answer = self.answer_of(error, doing)
        except AzureError as error:
            raise _pipeline.unexpected(doing, error, self.cleaner) from None
        if answer.status not in ok:
            raise self.refusal(answer, doing)
        return answer

    def answer_of(self, error: AzureError, doing: str) -> Answer:
        """The answer behind an exception of azure-core."""
        response = getattr(error, "response", None)
        if isinstance(error, HttpResponseError) and response is not None:
            return Answer(response)
        raise _pipeline.unexpected(doing, error, self.cleaner) from None

    def refusal(self, answer: Answer, doing: str, hint: Optional[str] = None) -> DeployError:
        """The error for an answer that was not wanted, in the service's own words."""
        code, words = answer.error()
        said = ": ".join(part for part in (code, words) if part) or "no reason given"
        if 300 <= answer.status < 400:
            said = "it points elsewhere, which is not followed"
            hint = "name the host it is now at as the endpoint"
        return by_status(answer.status)(
            self.cleaner.clean(f"{doing}: {self.name} answered {answer.status}: {said}"),
            hint=hint or self._hints.get(answer.status),
            code=code or None,
            status=answer.status,
            request_id=_request_id(answer),
        )

    def resolve(self, link: Optional[str], against: str) -> Optional[str]:
        """A link the service gave, as a whole URL on its own host; None where it leads anywhere else."""
        from urllib.parse import urljoin

        if not link:
            return None
        try:
            url = urljoin(against, link.strip())
            return url if _clouds.place_of(url) == _clouds.place_of(self.base) else None
        except ValueError:
            return None

    def own(self, link: Optional[str], against: str, what: str) -> str:
        """As `resolve`, where there is no other way to go on."""
        url = self.resolve(link, against)
        if url is None:
            host = _clouds.host_of(link or "") or "no host"
            raise ForeignHost(
                f"{what}: {self.name} points to {host}, where its token must not go",
                hint="if that host is yours, name it as the endpoint",
            )
        return url


_HINTS = {
    401: "sign in again (az login), and check that the token is for this tenant and cloud",
    429: "wait a few minutes and run the same command again, which goes on from here",
    503: "wait a few minutes and run the same command again, which goes on from here",
    413: "the file is too large for the service",
}


def _request_id(answer: Answer) -> Optional[str]:
    for name in ("x-ms-request-id", "requestId", "x-ms-correlation-request-id"):
        found = answer.headers.get(name)
        if found:
            return str(found)
    try:
        found = answer.object().get("requestId")
    except DeployError:
        return None
    return str(found) if found else None


def pause(headers: Any, round_number: int, longest: float = 30.0) -> float:
    """How long to wait before asking again: as the service says, else longer from time to time."""
    asked = _pipeline.retry_after(headers) if headers is not None else None
    return min(max(asked, 0.05), 3600.0) if asked is not None else min(1.6 ** min(round_number, 30), longest)
