"""The calls to Fabric's REST API (v1) that a deployment is made of."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from ironwheel.deploy._errors import DeployError, ForeignHost, PublishRunning, ServiceRefused, TargetNotFound
from ironwheel.deploy._service import Answer, Service
from ironwheel.deploy._targets import GUID, quoted

GA = {"beta": "false"}  # without it these calls answered in the form of the preview until August 2026
READ_HINT = "the signed-in identity needs to see it: ask for the Viewer role in the workspace, or check the spelling"
HINTS = {
    403: "the signed-in identity needs the Contributor role (or Member, or Admin) in the workspace, to read and to "
    "change its environments; for a service principal an administrator must also allow service principals to use "
    "Fabric APIs",
    404: READ_HINT,
}
MOST_PAGES = 1000


class Publish(NamedTuple):
    """Where the publishing of an environment stands."""

    state: str
    libraries: str
    """The state of the libraries among it; empty where it is not told."""
    mark: str
    """Differs from one publishing to the next."""

    @property
    def running(self) -> bool:
        """Whether it goes on, in a state of today or one that came later."""
        return self.state.lower() not in ("", "success", "succeeded", "failed", "cancelled", "canceled")

    @property
    def failed(self) -> bool:
        """Whether it, or that of its libraries, failed or was cancelled."""
        bad = ("failed", "cancelled", "canceled")
        return self.state.lower() in bad or self.libraries.lower() in bad


class FabricApi:
    """One environment, or the way to it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.workspace = ""
        self.environment = ""

    @property
    def path(self) -> str:
        """The environment's place."""
        workspace, environment = quoted(self.workspace, self.environment)
        return f"/workspaces/{workspace}/environments/{environment}"

    def find_workspace(self, given: str) -> None:
        """Takes an id as it is, and looks a name up."""
        if GUID.fullmatch(given):
            self.workspace = given
            return
        found = list(self._pages("/workspaces", "value", "listing workspaces"))
        self.workspace = _named(given, found, "workspace")

    def find_environment(self, given: str) -> Publish:
        """Finds the environment, and whether it is being published."""
        workspace = quoted(self.workspace)[0]
        if not GUID.fullmatch(given):
            found = self._environments(workspace)
            self.environment = _named(given, found, "environment")
            return self.details()
        self.environment = given
        doing = f"looking for environment {given}"
        answer = self.service.call("GET", self.path, doing, ok=(200, 404))
        if answer.status == 200:
            return publish_of(answer)
        self._environments(workspace)  # raises where it is the workspace that is missing
        raise self.service.refusal(answer, f"environment: there is no {given} in workspace {self.workspace}")

    def _environments(self, workspace: str) -> List[Dict[str, Any]]:
        try:
            return list(self._pages(f"/workspaces/{workspace}/environments", "value", "listing environments"))
        except TargetNotFound as error:
            raise TargetNotFound(
                f"workspace: there is no {self.workspace}: {error.message}",
                hint=READ_HINT, code=error.code, status=404, request_id=error.request_id,
            ) from None  # fmt: skip

    def details(self) -> Publish:
        """Where publishing stands."""
        return publish_of(self.service.call("GET", self.path, "reading the environment"))

    def staged(self) -> List[Dict[str, Any]]:
        """Libraries that are published or will be with the next publishing."""
        return self._libraries(f"{self.path}/staging/libraries", "listing the staged libraries")

    def published(self) -> List[Dict[str, Any]]:
        """Libraries that sessions have."""
        return self._libraries(f"{self.path}/libraries", "listing the published libraries")

    def upload(self, file: str, content: Any, size: int) -> None:
        """Puts a library into staging, its raw bytes as the body."""
        sent = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        url = f"{self.path}/staging/libraries/{quoted(file)[0]}"
        self.service.call("POST", url, f"uploading {file}", content=content, headers=sent, ok=(200, 201, 202, 204))

    def remove(self, file: str) -> None:
        """Takes a library out of staging; one that is not there is fine."""
        url = f"{self.path}/staging/libraries/{quoted(file)[0]}"
        answer = self.service.call("DELETE", url, f"removing {file}", ok=(200, 202, 204, 400, 404))
        if answer.status == 400 and any(one.get("name") == file for one in self.staged()):
            raise self.service.refusal(answer, f"removing {file}", hint="remove it in the portal, then run this again")

    def publish(self) -> Answer:
        """Asks for publishing.

        Raises
        ------
        PublishRunning
            When there is one already.
        """
        url = f"{self.path}/staging/publish"
        doing = "publishing the environment"
        answer = self.service.call("POST", url, doing, query=GA, ok=(200, 202, 400, 409), repeat=False)
        if answer.status in (200, 202):
            return answer
        code, words = answer.error()
        refusal = self.service.refusal(answer, doing)
        if _ongoing(code, words) or self._running():
            raise PublishRunning(
                refusal.message,
                hint="run the same command again without --no-wait, or later",
                code=code or None,
                status=answer.status,
                request_id=refusal.request_id,
            )
        raise refusal

    def _running(self) -> bool:
        """Whether the environment says that it is being published; not where it says nothing."""
        try:
            return self.details().running
        except DeployError:
            return False

    def operation(self, answer: Answer) -> Optional[str]:
        """Where to ask for the operation an answer started: its Location where that is on the same host, else by
        its id. Fabric's Location may name a host of the region's, to which no token goes.
        """
        location = self.service.resolve(answer.headers.get("Location"), answer.url)
        if location and "/operations/" in location:
            return location
        given = answer.headers.get("x-ms-operation-id") or ""
        if not given:
            elsewhere = re.search(r"/operations/([0-9a-fA-F-]{36})", answer.headers.get("Location") or "")
            given = elsewhere.group(1) if elsewhere else ""
        if given:
            return f"{self.service.base}/operations/{quoted(given)[0]}"
        return location

    def ask(self, operation: str) -> Answer:
        """The state of an operation; 404 is an answer too."""
        return self.service.call("GET", operation, "asking for the publishing", ok=(200, 202, 404))

    def _libraries(self, path: str, doing: str) -> List[Dict[str, Any]]:
        try:
            return list(self._pages(path, "libraries", doing, GA))
        except TargetNotFound as error:
            if error.code == "EnvironmentLibrariesNotFound":  # how Fabric says "none"
                return []
            raise

    def _pages(
        self, path: str, field: str, doing: str, query: Optional[Dict[str, str]] = None
    ) -> Iterator[Dict[str, Any]]:
        answer = self.service.call("GET", path, doing, query=query)
        seen = set()
        for _ in range(MOST_PAGES):
            body = answer.object()
            found = body.get(field)
            yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
            more = self._next(path, body, answer, query or {})
            if more is None:
                return
            if more in seen:
                break
            seen.add(more)
            answer = self.service.call("GET", more, doing)
        raise ServiceRefused(f"{doing}: the list does not end", hint="give the id in the place of the name")

    def _next(self, path: str, body: Dict[str, Any], answer: Answer, query: Dict[str, str]) -> Optional[str]:
        """Where the next page is."""
        from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

        uri, token = body.get("continuationUri"), body.get("continuationToken")
        link = self.service.resolve(uri, answer.url) if isinstance(uri, str) else None
        if link is not None:
            there = {name for name, _ in parse_qsl(urlsplit(link).query, keep_blank_values=True)}
            missing = {name: value for name, value in query.items() if name not in there}
            return link + ("&" if urlsplit(link).query else "?") + urlencode(missing) if missing else link
        if not token:
            if uri:
                raise ForeignHost(
                    "the list goes on at another host, where its token must not go",
                    hint="give the id in the place of the name",
                )
            return None
        # Fabric's tokens come with their escapes, as its documentation shows them
        spelled = str(token) if unquote(str(token)) != str(token) else quote(str(token), safe="")
        fixed = "".join(f"{name}={value}&" for name, value in query.items())
        return f"{self.service.base}{path}?{fixed}continuationToken={spelled}"


def _named(given: str, found: List[Dict[str, Any]], kind: str) -> str:
    """The id of the one that is called so."""
    found = [one for one in found if isinstance(one.get("id"), str)]
    names = [str(one.get("displayName")) for one in found]
    fits = [one for one in found if one.get("displayName") == given]
    fits = fits or [one for one in found if str(one.get("displayName")).casefold() == given.casefold()]
    if len(fits) > 1:
        raise TargetNotFound(f"{kind}: {len(fits)} are called {given!r}", hint=f"give the {kind}'s id instead")
    if not fits:
        from difflib import get_close_matches

        close = get_close_matches(given, names, 3) or sorted(names)[:3]
        shown = f"; there is {', '.join(map(repr, close))}" if close else ""
        raise TargetNotFound(f"{kind}: there is none called {given!r}{shown}", hint=READ_HINT, status=404)
    return str(fits[0]["id"])


def publish_of(answer: Answer) -> Publish:
    """Of an environment, or of its properties alone."""
    body = answer.object()
    properties = body.get("properties") if isinstance(body.get("properties"), dict) else body
    details = (properties or {}).get("publishDetails")
    details = details if isinstance(details, dict) else {}
    parts = details.get("componentPublishInfo")
    libraries = (parts if isinstance(parts, dict) else {}).get("sparkLibraries")
    return Publish(
        str(details.get("state") or ""),
        str((libraries if isinstance(libraries, dict) else {}).get("state") or ""),
        "|".join(str(details.get(name) or "") for name in ("targetVersion", "startTime")),
    )


def _ongoing(code: str, words: str) -> bool:
    """Whether an error is that of a publishing that is under way."""
    both = f"{code} {words}".lower()
    return any(
        part in both for part in ("ongoingpublish", "ongoing publish", "publishinprogress", "already in progress")
    )
