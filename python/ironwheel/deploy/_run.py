"""Puts a deployment together: checks the parameters, opens what it needs, closes it again."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from typing import Any, Callable, Dict, Optional

from ironwheel.deploy import _clouds, _wheel
from ironwheel.deploy._credentials import Tokens, check_way, require, sign_in
from ironwheel.deploy._redact import Cleaner, logs_without
from ironwheel.deploy._result import Deployed
from ironwheel.deploy._steps import Clock, Progress, Steps

AGAIN = "run the same command again, which goes on from there"
LONGEST = 7 * 86400.0


def fabric(
    wheel: Any, workspace: str, environment: str, *, credential: Any, auth: Optional[str], endpoint: Optional[str],
    arm_endpoint: Optional[str], authority: Optional[str], wait: bool, dry_run: bool, timeout: float,
    progress: Progress,
) -> Deployed:  # fmt: skip
    """See `ironwheel.deploy.fabric`."""
    from ironwheel.deploy import _targets

    _text("workspace", workspace)
    _text("environment", environment)
    place = _clouds.https("endpoint", endpoint) if endpoint is not None else _clouds.PUBLIC.fabric
    if arm_endpoint is not None:
        _clouds.https("arm_endpoint", arm_endpoint)
    base = place if place.endswith("/v1") else f"{place}/v1"
    scope = _clouds.fabric_scope(place)
    frame = _Frame(credential, auth, authority, timeout, progress, len(_targets.FABRIC_STEPS), dry_run)
    with frame.steps.stopping(AGAIN):
        with frame.steps.step("check the wheel"):
            checked = _wheel.inspect(wheel, _targets.FABRIC_LIMIT, "Fabric")
            frame.note(checked)
        if dry_run:
            result = Deployed("fabric", checked, {"workspace": workspace, "environment": environment})
            result.calls = _targets.fabric_plan(base, checked, workspace, environment, scope)
            return frame.dry(result)
        return frame.go(lambda stack: _fabric(frame, stack, base, scope, checked, workspace, environment, wait))


def _fabric(
    frame: _Frame, stack: ExitStack, base: str, scope: str, wheel: _wheel.Wheel, workspace: str, environment: str,
    wait: bool,
) -> Deployed:  # fmt: skip
    from ironwheel.deploy import _fabric as flow
    from ironwheel.deploy._fabric_api import HINTS

    service = frame.service(stack, "Fabric", base, scope, HINTS)
    return flow.FabricDeploy(service, wheel, frame.steps, wait).run(workspace, environment)


def synapse(
    wheel: Any, workspace: str, pool: str, resource_group: str, subscription: Optional[str], *, credential: Any,
    auth: Optional[str], endpoint: Optional[str], arm_endpoint: Optional[str], authority: Optional[str], wait: bool,
    dry_run: bool, timeout: float, progress: Progress,
) -> Deployed:  # fmt: skip
    """See `ironwheel.deploy.synapse`."""
    from ironwheel.deploy import _targets

    subscription = subscription if subscription is not None else os.environ.get("AZURE_SUBSCRIPTION_ID")
    if subscription is None:
        raise ValueError("subscription must be given, or AZURE_SUBSCRIPTION_ID be set")
    target = {
        "workspace": _text("workspace", workspace),
        "pool": _text("pool", pool),
        "resource_group": _text("resource_group", resource_group),
        "subscription": _text("subscription", subscription),
    }
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", workspace):
        raise ValueError(f"workspace must be the name of a Synapse workspace (letters, digits, -), got {workspace!r}")
    frame = _Frame(credential, auth, authority, timeout, progress, len(_targets.SYNAPSE_STEPS), dry_run)
    cloud = _clouds.cloud_of(frame.authority)
    default = f"https://{workspace.lower()}.{cloud.synapse}"
    base = _clouds.https("endpoint", endpoint) if endpoint is not None else default
    arm = _clouds.https("arm_endpoint", arm_endpoint) if arm_endpoint is not None else cloud.manager
    scope = _clouds.synapse_scope(base, frame.authority)
    arm_scope = _clouds.manager_scope(arm, frame.authority)
    with frame.steps.stopping(AGAIN):
        with frame.steps.step("check the wheel"):
            checked = _wheel.inspect(wheel, _targets.SYNAPSE_LIMIT, "Synapse", _targets.LONGEST_NAME)
            frame.note(checked)
        if dry_run:
            result = Deployed("synapse", checked, dict(target))
            names = [subscription, resource_group, workspace, pool]
            result.calls = _targets.synapse_plan(base, arm, checked, names, scope, arm_scope)
            return frame.dry(result)
        return frame.go(lambda stack: _synapse(frame, stack, base, scope, arm, arm_scope, checked, target, wait))


def _synapse(
    frame: _Frame, stack: ExitStack, base: str, scope: str, arm: str, arm_scope: str, wheel: _wheel.Wheel,
    target: Dict[str, str], wait: bool,
) -> Deployed:  # fmt: skip
    require("azure.synapse.artifacts")
    from ironwheel.deploy import _synapse as flow
    from ironwheel.deploy._library import HINTS, Libraries
    from ironwheel.deploy._pool import HINTS as POOL_HINTS
    from ironwheel.deploy._pool import Pool

    service = frame.service(stack, "Synapse", base, scope, HINTS)
    manager = frame.service(stack, "Azure Resource Manager", arm, arm_scope, POOL_HINTS)
    libraries = Libraries(service, frame.credential or _NoCredential(), frame.steps)
    stack.callback(libraries.close)
    pool = Pool(
        manager, frame.steps, target["subscription"], target["resource_group"], target["workspace"], target["pool"]
    )
    return flow.SynapseDeploy(service, libraries, pool, wheel, frame.steps, wait).run(dict(target))


class _NoCredential:
    """Stands where Microsoft's client wants a credential; our own policy signs in."""

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        """Never called."""
        raise AssertionError("the pipeline's own policy signs in")


class _Frame:
    """What both deployments need."""

    def __init__(
        self, credential: Any, auth: Optional[str], authority: Optional[str], timeout: float, progress: Progress,
        planned: int, dry_run: bool,
    ) -> None:  # fmt: skip
        check_way(auth)
        if credential is not None and auth is not None:
            raise ValueError(f"auth must be None where a credential is given, got {auth!r}")
        if credential is not None and not any(hasattr(credential, name) for name in ("get_token", "get_token_info")):
            raise TypeError(f"credential must have get_token, got {type(credential).__name__}")
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
            raise TypeError(f"timeout must be a number of seconds, got {type(timeout).__name__}")
        if not 0 < timeout <= LONGEST:
            raise ValueError(f"timeout must be more than 0 and at most {LONGEST:g} seconds, got {timeout}")
        self.credential = credential
        self.auth = auth
        self.authority = _clouds.authority_of(authority)
        self.cleaner = Cleaner()
        self.steps = Steps(1 if dry_run else planned, progress, clean=self.cleaner.clean)
        self.clock = Clock(timeout)
        self._trust: Any = None
        self._tokens: Optional[Tokens] = None

    def note(self, wheel: _wheel.Wheel) -> None:
        """Shows what is worth knowing about the wheel."""
        for words in wheel.warnings:
            self.steps.warn(words)

    def dry(self, result: Deployed) -> Deployed:
        """A result that nothing was sent for."""
        result.state = "dry-run"
        result.next = (
            f"sign-in would be at {self.authority}; run it without dry_run (--dry-run) to deploy. Busy or interrupted "
            "services make for more calls"
        )
        return self._closed(result)

    def go(self, work: Callable[[ExitStack], Deployed]) -> Deployed:
        """Runs the work, and closes everything behind it."""
        require("azure.core")
        from ironwheel.deploy._pipeline import Trust

        with ExitStack() as stack:
            stack.enter_context(logs_without(self.cleaner))
            self._trust = Trust()
            stack.callback(self._trust.close)
            self._tokens = Tokens(
                self.credential, lambda: sign_in(self.auth, self.authority, self._trust.verify, self.clock),
                self.cleaner, self.clock,
            )  # fmt: skip
            stack.callback(self._tokens.close)
            return self._closed(work(stack))

    def service(self, stack: ExitStack, name: str, base: str, scope: str, hints: Dict[int, str]) -> Any:
        """A service to call."""
        from ironwheel.deploy._service import Service

        assert self._tokens is not None
        made = Service(name, base, self._tokens, scope, self.clock, self.cleaner, self._trust, hints)
        stack.callback(made.close)
        return made

    def _closed(self, result: Deployed) -> Deployed:
        result.steps = self.steps.finished
        result.warnings = list(dict.fromkeys(self.steps.warnings))
        clean = self.cleaner.clean  # names, ids and links are the service's
        result.target = {name: clean(value) for name, value in result.target.items()}
        result.replaced = [clean(name) for name in result.replaced]
        result.operation = result.operation and clean(result.operation)
        return result


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {type(value).__name__}")
    if not value.strip() or any(ord(c) < 32 for c in value):
        raise ValueError(f"{name} must not be empty or hold control characters, got {value!r}")
    return value
