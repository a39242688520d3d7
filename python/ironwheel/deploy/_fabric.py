"""A wheel into an environment of Microsoft Fabric: upload to staging, publish, wait."""

from __future__ import annotations

import io
from typing import Any, Dict, List, Optional

from ironwheel.deploy import _journal, _wheel
from ironwheel.deploy._errors import (
    AlreadyPublished,
    ConnectionLost,
    DeployError,
    PublishFailed,
    PublishRunning,
    ServiceRefused,
    TwoVersions,
)
from ironwheel.deploy._fabric_api import FabricApi, Publish, publish_of
from ironwheel.deploy._result import Deployed
from ironwheel.deploy._service import Service, pause, words_of
from ironwheel.deploy._steps import Steps
from ironwheel.deploy._targets import FABRIC_STEPS

MOST_TRIES = 5


class FabricDeploy:
    """One deployment; `run` does it."""

    def __init__(self, service: Service, wheel: _wheel.Wheel, steps: Steps, wait: bool) -> None:
        self._api = FabricApi(service)
        self._clock = service.clock
        self._wheel = wheel
        self._steps = steps
        self._wait = wait
        self._service = service

    def run(self, workspace: str, environment: str) -> Deployed:
        """Deploys to a workspace and environment, by names or ids."""
        api, steps = self._api, self._steps
        with steps.step(FABRIC_STEPS[1]):
            api.find_workspace(workspace)
            details = api.find_environment(environment)
            if details.running:
                details = self._others(details)
        target = {"workspace": workspace, "environment": environment}
        target.update({"workspace_id": api.workspace, "environment_id": api.environment})
        result = Deployed("fabric", self._wheel, target)
        with steps.step(FABRIC_STEPS[2]):
            published = _files(api.published())
            staged = _files(api.staged())
            # where staging lists only what is not published yet, what is published stays so
            older = self._others_of([*staged, *published])
            done = self._already(published, older)
            present = self._wheel.file in (*staged, *published) and self._sent() == self._wheel.sha256
        if not done:
            with steps.step(FABRIC_STEPS[3]):
                if present:
                    steps.update("there already from an earlier run")
                else:
                    self._upload(self._wheel.file in staged)
                for name in older:
                    api.remove(name)
            result.replaced = older
            with steps.step(FABRIC_STEPS[4]):
                result.operation = self._publish(details)
            if not self._wait and result.operation is not None:
                return self._later(result)
        with steps.step(FABRIC_STEPS[5]):
            if not done:
                self._verify()
        result.state = "unchanged" if done else "done"
        result.next = (
            "attach the environment to a notebook and start a new session (a running one keeps its libraries), "
            "then: import ironwheel"
        )
        return result

    @property
    def _key(self) -> str:
        return (
            f"{self._service.base}/workspaces/{self._api.workspace}/{self._api.environment}/{self._wheel.file}".lower()
        )

    def _sent(self) -> Optional[str]:
        return _journal.remembered(self._key)

    def _others_of(self, names: List[str]) -> List[str]:
        """The other versions of the package among file names, each once."""
        found = []
        for name in dict.fromkeys(names):
            package = _wheel.package_of(name)
            if name != self._wheel.file and package is not None and package[0] == self._wheel.name:
                found.append(name)
        return found

    def _already(self, published: List[str], older: List[str]) -> bool:
        """Whether this very wheel is published, and nothing is left to do."""
        if self._wheel.file not in published:
            return False
        sent = self._sent()
        if sent == self._wheel.sha256:
            return not older
        known = "and Fabric does not tell what is in it"
        if sent is not None and sent.startswith(_journal.UNANSWERED):
            known += " (an upload from this machine was never answered)"
        elif sent is not None:
            known = "with other content, sent from this machine earlier"
        raise AlreadyPublished(
            f"wheel: the environment has published a library called {self._wheel.file} already, {known}; "
            "uploading the same name again has no effect",
            hint="if it was built anew, raise its version (bump it in Cargo.toml or pyproject.toml), build and deploy "
            "that; if it is the same file, nothing is left to do",
            status=409,
        )

    def _upload(self, staged: bool) -> None:
        body = _Body(self._wheel.data, self._steps)
        # until there is an answer, what is staged may be this file or the one before
        _journal.remember(self._key, _journal.UNANSWERED + self._wheel.sha256)
        try:
            self._api.upload(self._wheel.file, body, self._wheel.size)
        except ServiceRefused as error:
            if error.status not in (400, 409) or not (staged or self._service.patience.unsure):
                raise
            # one that was staged earlier is in the way, or our own first try, whose answer was lost
            self._api.remove(self._wheel.file)
            self._api.upload(self._wheel.file, body, self._wheel.size)
        _journal.remember(self._key, self._wheel.sha256)

    def _others(self, details: Publish) -> Publish:
        """Waits for a publishing that somebody else, or an earlier run, has started."""
        if not self._wait:
            raise PublishRunning(
                f"environment: it is being published already ({details.state}), and changes nothing meanwhile",
                hint="run the same command later, or without --no-wait, which waits for it",
            )
        self._clock.way_out = self._stuck()
        rounds = 0
        while details.running:
            self._steps.update(f"waiting for a publishing under way ({details.state})")
            self._clock.sleep(pause(None, rounds), "waiting for the publishing that was under way")
            rounds += 1
            details = self._api.details()
        self._clock.way_out = None
        return details

    def _stuck(self) -> str:
        return (
            "the publishing goes on in Fabric: run the same command again to go on waiting (with a larger timeout), or "
            "look at it in the portal; one that never ends can be cancelled there, or by POST "
            f"{self._service.base}{self._api.path}/staging/cancelPublish, and then published anew by this command"
        )

    def _publish(self, before: Publish) -> Optional[str]:
        """Has the environment published, and waits if it should. The operation's URL where it goes on."""
        here = f"{self._service.base}{self._api.path}"
        refused: DeployError
        for tries in range(MOST_TRIES):
            headers: Any = None
            try:
                answer = self._api.publish()
            except PublishRunning as error:
                if not self._wait:
                    raise
                before, refused = self._others(Publish("Running", "", "")), error
                if self._complete():  # it was ours, of a try whose answer was lost, or of an earlier run
                    return None
                continue
            except (ConnectionLost, ServiceRefused) as error:
                if error.status not in (None, 408, 500, 502, 504):
                    raise
                if not self._accepted(before):
                    refused = error
                    self._clock.sleep(pause(None, tries), "publishing the environment")
                    continue
                operation = here
            else:
                headers = answer.headers
                if answer.status == 200:
                    operation = here if publish_of(answer).running else ""
                else:
                    operation = self._api.operation(answer) or here
                self._steps.update("accepted")
            if operation and not self._wait:
                return operation
            self._clock.way_out = self._stuck()
            if "/operations/" in operation:
                self._poll(operation, headers)
            self._settle(before)
            self._clock.way_out = None
            return None
        raise refused

    def _accepted(self, before: Publish) -> bool:
        """After a lost answer: whether publishing has begun."""
        now = self._api.details()
        if now.running or (now.mark != before.mark and now.mark.strip("|")):
            return True
        return self._complete()

    def _complete(self) -> bool:
        """Whether the wheel is published, and no other version of it."""
        names = _files(self._api.published())
        return self._wheel.file in names and not self._others_of(names)

    def _poll(self, operation: str, headers: Any) -> None:
        """Waits for the operation to end."""
        rounds = 0
        while True:
            self._clock.sleep(pause(headers, rounds), "publishing the environment")
            answer = self._api.ask(operation)
            if answer.status == 404:  # it is forgotten sooner than the environment, which knows as well
                return
            body = answer.object()
            status = str(body.get("status") or "")
            if status.lower() in ("succeeded", "completed"):
                return
            if status.lower() in ("failed", "cancelled", "canceled"):
                code, words = words_of(body.get("error") or body)
                said = ": ".join(part for part in (code, words) if part) or "no reason given"
                raise PublishFailed(
                    self._service.cleaner.clean(f"publishing ended as {status}: {said}"),
                    hint=_FAILED_HINT,
                    code=code or None,
                )
            done = body.get("percentComplete")
            share = int(done) if isinstance(done, (int, float)) and 0 <= done <= 100 else 0
            self._steps.update(status or "running", share, 100)
            rounds, headers = rounds + 1, answer.headers

    def _settle(self, before: Publish) -> None:
        """Waits until the environment itself says that publishing has ended well."""
        rounds = 0
        details = self._api.details()
        # an environment may go on telling of the publishing before for a moment
        while details.running or (details.failed and details == before and rounds < MOST_TRIES):
            self._steps.update(details.state)
            self._clock.sleep(pause(None, rounds), "publishing the environment")
            rounds += 1
            details = self._api.details()
        if details.failed:
            which = f", its libraries {details.libraries}" if details.libraries else ""
            raise PublishFailed(f"publishing ended as {details.state}{which}", hint=_FAILED_HINT, code=details.state)

    def _verify(self) -> None:
        for rounds in range(5):
            names = _files(self._api.published())
            others = self._others_of(names)
            if self._wheel.file in names and not others:
                return
            self._clock.sleep(pause(None, rounds), "looking for the published library")
        if self._wheel.file in names:
            raise TwoVersions(
                f"environment: it has published {self._wheel.file} and {', '.join(others)}",
                hint="run the same command again, which takes the other one out; if it stays, remove it in the portal",
            )
        raise PublishFailed(
            f"Fabric says that the environment is published, and does not list {self._wheel.file} among its libraries",
            hint="look at the environment's custom libraries in the portal, then run the same command again",
        )

    def _later(self, result: Deployed) -> Deployed:
        result.state = "running"
        result.next = "the same command waits for the end and verifies; sessions started after that have the library"
        return result


_FAILED_HINT = (
    "look at the environment in the portal (another library may conflict, or somebody cancelled it), set that right "
    "and run the same command again; the wheel stays in staging"
)


def _files(libraries: List[Dict[str, Any]]) -> List[str]:
    """The file names of custom libraries."""
    return [str(one.get("name")) for one in libraries if str(one.get("libraryType") or "Custom").lower() == "custom"]


class _Body(io.BytesIO):
    """The bytes to upload, which say how far they are."""

    def __init__(self, data: bytes, steps: Steps) -> None:
        super().__init__(data)
        self._steps = steps
        self._total = len(data)

    def read(self, size: Optional[int] = -1, /) -> bytes:
        """The next bytes."""
        part = super().read(size)
        if part:
            self._steps.count("sent", self.tell(), self._total)
        return part
