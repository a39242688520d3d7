"""A wheel into a Spark pool of Azure Synapse: a library of the workspace, then of the pool."""

from __future__ import annotations

from typing import Any, Dict, Optional

from ironwheel.deploy import _journal, _wheel
from ironwheel.deploy._errors import LibraryAlreadyExists, LibraryIncomplete
from ironwheel.deploy._library import BAD, BUMP, GOOD, Libraries, state_of
from ironwheel.deploy._pool import Pool
from ironwheel.deploy._result import Deployed
from ironwheel.deploy._service import Service
from ironwheel.deploy._steps import Steps
from ironwheel.deploy._targets import SYNAPSE_STEPS


class SynapseDeploy:
    """One deployment; `run` does it."""

    def __init__(
        self, service: Service, libraries: Libraries, pool: Pool, wheel: _wheel.Wheel, steps: Steps, wait: bool
    ) -> None:
        self._libraries = libraries
        self._pool = pool
        self._wheel = wheel
        self._steps = steps
        self._wait = wait
        self._key = f"{service.base}/libraries/{wheel.file}".lower()

    def run(self, target: Dict[str, Any]) -> Deployed:
        """Deploys."""
        steps, wheel = self._steps, self._wheel
        result = Deployed("synapse", wheel, target)
        with steps.step(SYNAPSE_STEPS[1]):
            self._pool.get()  # before anything is changed: is it there
        with steps.step(SYNAPSE_STEPS[2]):
            library = self._there()
        ready = library is not None
        if library is None:
            with steps.step(SYNAPSE_STEPS[3]):
                library = self._upload()
        with steps.step(SYNAPSE_STEPS[4]):
            result.replaced, answer = self._pool.attach(wheel, library)
            if answer is not None and not self._wait:
                result.state, result.operation = "running", self._pool.url
                result.next = (
                    "the same command waits for the end and verifies; sessions started after that have the library"
                )
                return result
            if answer is not None:
                self._pool.finish(answer)
        with steps.step(SYNAPSE_STEPS[5]):
            self._pool.verify(wheel)
        result.state = "unchanged" if ready and answer is None else "done"
        result.next = "start a new session on the pool (a running one keeps its libraries), then: import ironwheel"
        return result

    def _there(self) -> Optional[Dict[str, Any]]:
        """The library, if the workspace has it already; one that is of no use is deleted."""
        library = self._libraries.get(self._wheel.file)
        if library is not None and state_of(library).lower() not in (*GOOD, *BAD):
            try:
                library = self._libraries.settle(self._wheel.file)
            except LibraryIncomplete as error:
                self._useless(error.code)
                return None
        if library is None:  # or it was on its way out
            return None
        state = state_of(library)
        sent = _journal.remembered(self._key)
        begun = sent is not None and sent.startswith(_journal.UNANSWERED)
        if state.lower() in BAD or (
            begun and not state
        ):  # of an upload that was begun, the state alone says how it ended
            self._useless(state or "no state")
            return None
        if sent is None:
            self._steps.warn(
                f"LibraryAlreadyExists: {self._wheel.file} is in the workspace already, and Synapse does not tell what "
                f"is in it; it is used as it is. If the wheel was built anew under the same version, {BUMP}"
            )
        elif sent.replace(_journal.UNANSWERED, "") != self._wheel.sha256:
            raise LibraryAlreadyExists(
                f"wheel: the workspace has a library called {self._wheel.file} already, with other content, sent from "
                "this machine earlier; Synapse keeps what it has under a name",
                hint=f"{BUMP}; or take the library out of its pools and the workspace first",
                status=409,
            )
        return library

    def _useless(self, state: str) -> None:
        self._steps.update(f"deleting what an earlier upload left ({state})")
        self._libraries.delete(self._wheel.file)

    def _upload(self) -> Dict[str, Any]:
        # before, not after: when the answer is lost, the next run must know what may have arrived
        _journal.remember(self._key, _journal.UNANSWERED + self._wheel.sha256)
        try:
            library = self._libraries.upload(self._wheel)
        except LibraryAlreadyExists:
            _journal.forget(self._key)  # somebody else was first
            raise
        except LibraryIncomplete:
            self._steps.update("once more from the beginning")
            self._libraries.delete(self._wheel.file)
            library = self._libraries.upload(self._wheel)
        _journal.remember(self._key, self._wheel.sha256)
        return library
