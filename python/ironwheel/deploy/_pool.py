"""A Spark pool of Synapse, through Azure Resource Manager: as text, so that nothing of it is lost."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Optional, Tuple

from ironwheel.deploy import _splice, _wheel
from ironwheel.deploy._errors import DeployError, PoolUpdateFailed, ServiceRefused, TargetNotFound, TwoVersions
from ironwheel.deploy._service import Answer, Service, pause, words_of
from ironwheel.deploy._steps import Steps
from ironwheel.deploy._targets import POOL_VERSION, pool_path

VERSION = {"api-version": POOL_VERSION}
WHERE = ("properties", "customLibraries")
FIELDS = ("name", "path", "containerName", "type")  # what a client writes; the service adds the rest
BAD = ("failed", "canceled", "cancelled")
OVER = ("succeeded", *BAD)
MOST_TRIES = 5
# what Microsoft's OpenAPI file calls readOnly
READ_ONLY = ("id", "name", "type", "systemData")
READ_ONLY_PROPERTIES = ("creationDate", "cacheSize", "lastSucceededTimestamp")
READ_ONLY_LIBRARY = ("uploadedTimestamp", "provisioningStatus", "creatorId")
PASSING = (408, 502, 504)  # says nothing about the update
NOT_INSTALLED = "set right what it says, or look at the pool's packages in Synapse Studio; then run this again"
HINTS = {
    403: "the signed-in identity needs the Azure role Contributor (or Owner) on the Synapse workspace or its resource "
    "group, to read and to change Spark pools"
}


class Pool:
    """One pool."""

    def __init__(
        self, service: Service, steps: Steps, subscription: str, group: str, workspace: str, pool: str
    ) -> None:
        self._service = service
        self._steps = steps
        self._clock = service.clock
        self._names = {"subscription": subscription, "resource group": group, "workspace": workspace, "pool": pool}
        self.path = pool_path(subscription, group, workspace, pool)
        self.url = f"{service.base}{self.path}?api-version={POOL_VERSION}"

    def get(self) -> Answer:
        """The pool.

        Raises
        ------
        TargetNotFound
            Which says of subscription, resource group, workspace and pool the one that is missing.
        """
        doing = f"reading pool {self._names['pool']}"
        answer = self._service.call("GET", self.path, doing, query=VERSION, ok=(200, 404))
        if answer.status == 404:
            raise self._missing(answer)
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
            raise ServiceRefused(f"{doing}: the answer is no Spark pool", hint="check arm_endpoint", status=200)
        return answer

    def ready(self) -> Answer:
        """The pool when nothing is under way with it."""
        rounds = 0
        while True:
            answer = self.get()
            state = _state(answer)
            if state.lower() == "deleting":
                raise TargetNotFound(f"pool: {self._names['pool']} is being deleted", hint="deploy to another pool")
            if not state or state.lower() in OVER:
                return answer
            self._steps.update(f"waiting for the pool ({state})")
            self._clock.sleep(pause(answer.headers, rounds), f"waiting for pool {self._names['pool']} ({state})")
            rounds += 1

    def attach(self, wheel: _wheel.Wheel, library: Dict[str, Any]) -> Tuple[List[str], Optional[Answer]]:
        """Has the pool use the library, and no other version of its package.

        Answers the file names that are taken out, and what the service said; None where nothing was to be done.
        """
        doing = f"updating pool {self._names['pool']}"
        as_it_came: Optional[DeployError] = None
        met: List[Tuple[Optional[str], str]] = []
        for _ in range(MOST_TRIES):
            now = self.ready()
            text, gone = self._changed(now, wheel, library)
            if text is None:
                if _state(now).lower() not in BAD:
                    return [], None
                text = now.text  # it is listed, and was not installed: the same update has that tried again
            headers = {"Content-Type": "application/json"}
            mark = now.headers.get("ETag")
            # Somebody else's change meanwhile must not be undone. But a weak mark never matches where marks are
            # compared as RFC 9110 has it, nor one that a proxy rewrote: what was refused twice, and has not changed,
            # goes without.
            if mark and met.count((mark, now.text)) < 2:
                headers["If-Match"] = mark
            sent = text if as_it_came is None else writable(text)
            answer = self._service.call(
                "PUT", self.path, doing, query=VERSION, content=sent.encode("utf-8"), headers=headers,
                ok=(200, 201, 202, 400, 404, 409, 412),
            )  # fmt: skip
            if answer.status < 300:
                return gone, answer
            if answer.status == 404:
                raise self._missing(answer)
            if self._service.patience.unsure:  # an earlier try, whose answer was lost, may have been taken
                then = self.get()
                if self._changed(then, wheel, library)[0] is None:
                    return gone, then
            if answer.status == 400:
                refusal = self._service.refusal(answer, doing)
                # Resource Manager takes a pool as it came; a gateway before it that is strict about readOnly may not
                if as_it_came is not None:
                    raise refusal if re.search(r"read.?only", as_it_came.message, re.IGNORECASE) else as_it_came
                if writable(text) == text:
                    raise refusal
                as_it_came = refusal
                continue
            if answer.status == 412:
                met.append((mark, now.text))
            refusal = self._service.refusal(
                answer, doing, hint="wait for what is under way with the pool, run this again"
            )
            self._steps.update("the pool is busy, or was changed meanwhile")
            self._clock.sleep(pause(answer.headers, 1), doing)
        raise refusal

    def _changed(self, now: Answer, wheel: _wheel.Wheel, library: Dict[str, Any]) -> Tuple[Optional[str], List[str]]:
        try:
            return changed(now.text, wheel, library)
        except ValueError as error:
            raise ServiceRefused(
                f"pool: {self._names['pool']} has customLibraries of a form that is not known ({error})",
                hint="add the package in Synapse Studio; nothing about the pool was changed",
            ) from None

    def finish(self, answer: Answer) -> None:
        """Waits until the pool has taken the change."""
        self._operation(answer)
        self._clock.way_out = (
            "the update goes on in Azure: run the same command again to go on waiting (with a larger timeout), or look "
            "at the pool's packages in Synapse Studio"
        )
        now = self.ready()
        self._clock.way_out = None
        if _state(now).lower() != "succeeded" and _state(now):
            raise PoolUpdateFailed(
                f"pool: {self._names['pool']} ended as {_state(now)}",
                hint="look at the pool's packages in Synapse Studio (Manage, Apache Spark pools, Packages), which has "
                "the log",
                code=_state(now),
            )

    def verify(self, wheel: _wheel.Wheel) -> None:
        """Raises unless the pool has the wheel, and no other version."""
        for rounds in range(5):
            names = library_names(self.get().text)
            if wheel.file in names:
                break
            self._clock.sleep(pause(None, rounds), "looking for the library in the pool")
        else:
            raise PoolUpdateFailed(
                f"pool: {self._names['pool']} says that it is updated, and does not list {wheel.file}",
                hint="run the same command again; if it stays, add the package in Synapse Studio",
            )
        others = [name for name in names if name != wheel.file and _same_package(name, wheel)]
        if others:
            raise TwoVersions(
                f"pool: {self._names['pool']} has {wheel.file} and {', '.join(others)}",
                hint="somebody added the other one meanwhile: run the same command again, which takes it out",
            )

    def _operation(self, answer: Answer) -> None:
        """Waits for what a PUT started, where it is told on the same host; the pool's own state follows anyway."""
        for name in ("Azure-AsyncOperation", "Operation-Location", "Location"):
            link = self._service.resolve(answer.headers.get(name), answer.url)
            if link:
                break
        else:
            return
        rounds, headers = 0, answer.headers
        doing = f"updating pool {self._names['pool']}"
        self._clock.way_out = (
            "the update goes on in Azure: run the same command again to go on waiting (with a larger timeout)"
        )
        while True:
            self._clock.sleep(pause(headers, rounds), doing)
            try:
                state = self._service.call("GET", link, doing, ok=(200, 201, 202, 204, 404))
            except ServiceRefused as error:
                # a Location answers as the request itself would have, at the end: with its error
                if name != "Location" or error.status is None or error.status < 400 or error.status in PASSING:
                    raise
                raise PoolUpdateFailed(
                    error.message, hint=NOT_INSTALLED, code=None if error.code == "ServiceRefused" else error.code,
                    status=error.status, request_id=error.request_id,
                ) from None  # fmt: skip
            body = state.object() if state.status in (200, 202) else {}
            status = str(body.get("status") or "")
            if status.lower() in BAD:
                code, words = words_of(body)
                raise PoolUpdateFailed(
                    self._service.cleaner.clean(f"{doing} ended as {status}: {code} {words}".rstrip(": ")),
                    hint=NOT_INSTALLED,
                    code=code or None,
                )
            if status.lower() == "succeeded" or (not status and state.status != 202):
                self._clock.way_out = None
                return
            self._steps.update(status or "running")
            # a Location may move from answer to answer
            link = self._service.resolve(state.headers.get("Location") if name == "Location" else None, link) or link
            rounds, headers = rounds + 1, state.headers

    def _missing(self, answer: Answer) -> TargetNotFound:
        code, words = answer.error()
        low = f"{code} {words}".lower()
        kind = "pool"
        if "subscription" in code.lower():
            kind = "subscription"
        elif "resourcegroup" in code.lower():
            kind = "resource group"
        elif "parentresource" in code.lower() or "workspacenotfound" in low.replace(" ", ""):
            kind = "workspace"
        refusal = self._service.refusal(answer, f"{kind}: there is no {self._names[kind]!r}")
        names = ", ".join(f"{each} {name}" for each, name in self._names.items())
        return TargetNotFound(
            refusal.message,
            hint=f"check the name of the {kind} (and those above it: {names}), and that the signed-in identity "
            "may read it",
            code=code or None,
            status=404,
            request_id=refusal.request_id,
        )


def library_names(text: str) -> List[str]:
    """The file names of a pool's libraries."""
    return [name for name, _ in _libraries(text)]


def changed(text: str, wheel: _wheel.Wheel, library: Dict[str, Any]) -> Tuple[Optional[str], List[str]]:
    """A pool's text with the library in the place of other versions of its package, and their file names.

    None where it is that way already. Every other character stays.
    """
    there = _libraries(text)
    gone = [name for name, _ in there if name != wheel.file and _same_package(name, wheel)]
    own = [span for name, span in there if name == wheel.file]
    if len(own) == 1 and not gone:
        return None, []
    kept: List[str] = []
    at: Optional[int] = None
    for name, span in there:
        if name == wheel.file or name in gone:
            at = len(kept) if at is None else at
        else:
            kept.append(span.of(text))
    entry = own[0].of(text) if own else json.dumps(_entry(wheel, library), ensure_ascii=False)
    kept.insert(len(kept) if at is None else at, entry)
    return _splice.put(text, f"[{', '.join(kept)}]", *WHERE), gone


def writable(text: str) -> str:
    """A pool's text without what Microsoft's OpenAPI file calls readOnly."""
    text = _splice.without(text, *READ_ONLY)
    properties = _splice.find(text, "properties")
    if properties is None:
        return text
    inner = _splice.without(properties.of(text), *READ_ONLY_PROPERTIES)
    for part in ("libraryRequirements", "sparkConfigProperties"):
        there = _splice.find(inner, part)
        if there is not None and there.of(inner).startswith("{"):
            inner = _splice.put(inner, _splice.without(there.of(inner), "time"), part)
    libraries = _splice.find(inner, WHERE[1])
    if libraries is not None:
        entries = [_splice.without(one.of(inner), *READ_ONLY_LIBRARY) for one in _splice.items(inner, libraries)]
        inner = _splice.put(inner, f"[{', '.join(entries)}]", WHERE[1])
    return _splice.put(text, inner, "properties")


def _entry(wheel: _wheel.Wheel, library: Dict[str, Any]) -> Dict[str, Any]:
    properties = library.get("properties")
    said = properties if isinstance(properties, dict) else {}
    entry = {name: said[name] for name in FIELDS if said.get(name) is not None}
    return {"name": wheel.file, **{name: value for name, value in entry.items() if name != "name"}, "type": "whl"}


def _libraries(text: str) -> List[Tuple[str, _splice.Span]]:
    span = _splice.find(text, *WHERE)
    if span is None or span.of(text) == "null":
        return []
    found = []
    for one in _splice.items(text, span):
        value = json.loads(one.of(text), parse_int=str, parse_float=str)
        found.append((str(value.get("name") or "") if isinstance(value, dict) else "", one))
    return found


def _same_package(name: str, wheel: _wheel.Wheel) -> bool:
    package = _wheel.package_of(name)
    return package is not None and package[0] == wheel.name


def _state(answer: Answer) -> str:
    properties = answer.object().get("properties")
    return str((properties if isinstance(properties, dict) else {}).get("provisioningState") or "")
