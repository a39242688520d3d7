"""Libraries of a Synapse workspace, through Microsoft's own client (azure-synapse-artifacts)."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Callable, Dict, Optional

from azure.core.exceptions import AzureError

from ironwheel.deploy import _wheel
from ironwheel.deploy._errors import DeployError, LibraryAlreadyExists, LibraryIncomplete, LibraryInUse, ServiceRefused
from ironwheel.deploy._service import Answer, Service, pause, words_of
from ironwheel.deploy._steps import Steps
from ironwheel.deploy._targets import BLOCK, LIBRARY_VERSION

GOOD = ("succeeded", "")  # the status is optional
BAD = ("incomplete", "failed", "error", "cancelled", "canceled")
PATIENT = 60.0  # seconds of "Incomplete", or of nothing, after the flush before it is believed
ANEW = "run the same command again, which deletes it and uploads it anew"
BUMP = "raise the version of the package (bump it in Cargo.toml or pyproject.toml), build and deploy that"
HINTS = {
    403: "the signed-in identity needs a role of the Synapse workspace that may write libraries (Synapse Studio, "
    "Manage, Access control): Synapse Administrator, Synapse Apache Spark Administrator or Synapse Contributor",
    404: "check the name of the workspace, or the endpoint",
}


class Libraries:
    """The libraries of one workspace."""

    def __init__(self, service: Service, credential: Any, steps: Steps) -> None:
        from azure.synapse.artifacts import ArtifactsClient

        self._service = service
        self._steps = steps
        self._clock = service.clock
        bearer = service.policies[-2]
        # the same pipeline as for everything else, so that the client retries, signs in and logs as we do
        self._client = ArtifactsClient(
            credential=credential,
            endpoint=service.base,
            authentication_policy=bearer,
            policies=service.policies,
            transport=service.transport,
        )
        self._calls = self._client.library

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def get(self, name: str) -> Optional[Dict[str, Any]]:
        """The library as the service tells it; None where there is none."""
        answer = self._send(
            lambda raw: self._calls.get(name, cls=raw, api_version=LIBRARY_VERSION), f"looking for library {name}"
        )
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise self._service.refusal(answer, f"looking for library {name}")
        body = answer.json()
        if not isinstance(body, dict) or not any(part in body for part in ("id", "name", "properties")):
            raise ServiceRefused(
                f"looking for library {name}: the answer is no library", hint="check the endpoint", status=200
            )
        return body

    def upload(self, wheel: _wheel.Wheel) -> Dict[str, Any]:
        """Creates the library, appends its blocks, flushes, and waits until it can be used."""
        self._create(wheel.file)
        for position in range(0, wheel.size, BLOCK):
            self._append(wheel, position)
            self._steps.count("sent", min(position + BLOCK, wheel.size), wheel.size)
        self._flush(wheel.file)
        found = self.settle(wheel.file, PATIENT)
        if found is None:
            raise LibraryIncomplete(f"library {wheel.file} is not there after it was uploaded", hint=ANEW)
        return found

    def settle(self, name: str, patience: float = 0.0) -> Optional[Dict[str, Any]]:
        """Waits until the library can be used; None where there is none, or no more.

        For `patience` seconds neither its absence nor "Incomplete" is believed: it may be about to come.

        Raises
        ------
        LibraryIncomplete
            When it will not.
        """
        rounds, waited = 0, 0.0
        while True:
            found = self.get(name)
            state = state_of(found)
            if found is not None and state.lower() in GOOD:
                return found
            soon = waited < patience
            if found is None and not soon:
                return None
            if state.lower() in BAD and not (soon and state.lower() == "incomplete"):
                raise LibraryIncomplete(f"library {name} is {state} after it was uploaded", hint=ANEW, code=state)
            self._steps.update(f"library {state or 'not there yet'}")
            seconds = pause(None, rounds)
            self._clock.sleep(seconds, f"waiting for library {name} to be usable")
            rounds, waited = rounds + 1, waited + seconds

    def delete(self, name: str) -> None:
        """Deletes the library, and waits until it is gone."""
        doing = f"deleting library {name}"
        answer = self._send(
            lambda raw: self._calls.begin_delete(name, polling=False, cls=raw, api_version=LIBRARY_VERSION).result(),
            doing,
        )
        if answer.status == 404:
            return
        if answer.status == 409:
            refusal = self._service.refusal(answer, doing)
            raise LibraryInUse(
                refusal.message,
                hint="take the library out of the pools that have it (Manage, Apache Spark pools, Packages), then run "
                f"this again; or {BUMP}",
                code=refusal.code,
                status=409,
                request_id=refusal.request_id,
            )
        if answer.status not in (200, 202, 204):
            raise self._service.refusal(answer, doing)
        self._operation(answer, doing)
        rounds = 0
        while self.get(name) is not None:
            self._clock.sleep(pause(None, rounds), doing)
            rounds += 1

    def _create(self, name: str) -> None:
        doing = f"creating library {name}"
        answer = self._send(
            lambda raw: self._calls.begin_create(name, polling=False, cls=raw, api_version=LIBRARY_VERSION).result(),
            doing,
        )
        if answer.status == 409:
            # our own first try may have done it, with its answer lost on the way
            if self._service.patience.unsure and state_of(self.get(name)).lower() in ("incomplete", ""):
                return
            refusal = self._service.refusal(answer, doing)
            raise LibraryAlreadyExists(
                refusal.message,
                hint="somebody is uploading it now, or has done so: run the same command again to use what is there; "
                f"if the wheel was built anew, {BUMP}",
                code=refusal.code,
                status=409,
                request_id=refusal.request_id,
            )
        if answer.status not in (200, 201, 202):
            raise self._service.refusal(answer, doing)
        self._operation(answer, doing)

    def _append(self, wheel: _wheel.Wheel, position: int) -> None:
        block: Any = wheel.data[position : position + BLOCK]
        doing = f"sending bytes {position:,} to {position + len(block):,} of {wheel.file}"
        answer = self._send(
            lambda raw: self._calls.append(
                comp="appendblock",
                library_name=wheel.file,
                content=block,
                blob_condition_append_position=position,
                cls=raw,
                api_version=LIBRARY_VERSION,
            ),
            doing,
        )
        if answer.status == 412 and self._service.patience.unsure:
            return  # the position has moved on: the first try did arrive, only its answer was lost
        if answer.status == 412:
            refusal = self._service.refusal(answer, doing)
            raise LibraryIncomplete(
                refusal.message,
                hint="somebody else is uploading the same file: run the same command again when they are done",
                code=refusal.code,
                status=412,
            )
        if answer.status not in (200, 201, 202):
            raise self._service.refusal(answer, doing)

    def _flush(self, name: str) -> None:
        doing = f"finishing library {name}"
        answer = self._send(
            lambda raw: self._calls.begin_flush(name, polling=False, cls=raw, api_version=LIBRARY_VERSION).result(),
            doing,
        )
        if answer.status not in (200, 202):
            # as with the others: a lost answer, and nothing left to do but to wait
            if self._service.patience.unsure and (
                answer.status in (400, 409, 412) or state_of(self.get(name)).lower() not in BAD
            ):
                return
            raise self._service.refusal(answer, doing)
        self._operation(answer, doing)

    def _operation(self, answer: Answer, doing: str) -> None:
        """Waits for what an answer started."""
        number = _operation_id(answer) if answer.status == 202 else None
        rounds, headers = 0, answer.headers
        while number is not None:
            self._clock.sleep(pause(headers, rounds), doing)
            state = self._send(partial(self._ask, number), doing)
            if state.status in (204, 404):  # over, or forgotten: the library itself tells
                return
            if state.status not in (200, 202):
                raise self._service.refusal(state, doing)
            body = state.object()
            status = str(body.get("status") or "")
            if status.lower() in ("failed", "cancelled", "canceled"):
                code, words = words_of(body)
                raise ServiceRefused(
                    self._service.cleaner.clean(f"{doing} ended as {status}: {code} {words}".rstrip(": ")),
                    hint="run the same command again, which deletes what is incomplete and uploads it anew",
                    code=code or None,
                )
            if state.status == 200 and ("properties" in body or status.lower() in ("", "succeeded", "completed")):
                return
            self._steps.update(f"{doing}: {status or 'running'}")
            rounds, headers = rounds + 1, state.headers

    def _ask(self, number: str, raw: Any) -> Any:
        return self._calls.get_operation_result(number, cls=raw, api_version=LIBRARY_VERSION)

    def _send(self, call: Callable[[Callable[..., Any]], Any], doing: str) -> Answer:
        """One call of Microsoft's client; its answer as it came, an error's too."""
        try:
            # what their models do not know is lost in them, so the answer itself is taken
            return Answer(call(lambda response, _model, _headers: response.http_response))
        except AzureError as error:
            return self._service.answer_of(error, doing)


def state_of(library: Optional[Dict[str, Any]]) -> str:
    """The provisioning status of a library; empty where it has none."""
    properties = (library or {}).get("properties")
    return str((properties if isinstance(properties, dict) else {}).get("provisioningStatus") or "")


def _operation_id(answer: Answer) -> Optional[str]:
    for link in ("Location", "Azure-AsyncOperation", "Operation-Location"):
        found = re.search(r"/libraryOperationResults/([^/?#]+)", answer.headers.get(link) or "", re.IGNORECASE)
        if found:
            from urllib.parse import unquote

            return unquote(found.group(1))
    try:
        given = answer.object().get("operationId")
    except DeployError:
        return None
    return str(given) if given else None
