"""Both deployments, and their steps one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, List, Tuple

from deploy_server._wheels import wheel

FILE = "ironwheel-0.2.0-py3-none-manylinux2014_x86_64.whl"


def deployments(microsoft: Any, folder: Path, size: int = 3000) -> Callable[..., Any]:
    """A function that deploys a wheel of this size to ``"fabric"`` or ``"synapse"``."""
    from ironwheel import deploy

    from deploy_server._entra import Credential
    from deploy_server._synapse import GROUP, POOL, SUBSCRIPTION, WORKSPACE

    path = wheel(folder, size=size)

    def run(service: str, **options: Any) -> Any:
        options = {"credential": Credential(microsoft), "endpoint": microsoft.url, **options}
        if service == "fabric":
            return deploy.fabric(path, "Sales", "Spark 3.5", **options)
        return deploy.synapse(path, WORKSPACE, POOL, GROUP, SUBSCRIPTION, arm_endpoint=microsoft.url, **options)

    return run


def is_deployed(microsoft: Any, service: str, content: bytes) -> bool:
    """Whether the wheel is where it belongs, whole and once."""
    if service == "fabric":
        return bool(microsoft.fabric.environment.published == {FILE: content})
    names = [one["name"] for one in json.loads(microsoft.synapse.text)["properties"]["customLibraries"]]
    return bool(
        microsoft.synapse.libraries[FILE]["content"] == content and names[-1] == FILE and names.count(FILE) == 1
    )


def steps(microsoft: Any, go: Any, service: str) -> List[Tuple[str, str]]:
    """The requests of an undisturbed deployment that differ, as method and what the path ends with."""
    go(service)
    seen = []
    for one in microsoft.requests:
        path = one.path.split("/operations/")[0].split("/libraryOperationResults/")[0]
        key = (one.method, path + ("?comp" if "comp" in one.args else ""))
        if key not in seen:
            seen.append(key)
    microsoft.reset()
    return seen


def matcher(key: Tuple[str, str]) -> Callable[[Any], bool]:
    """Finds the requests of one of `steps`."""
    path, _, block = key[1].partition("?")

    def match(request: Any) -> bool:
        there = request.path == path or (
            request.path.startswith((path + "/operations/", path + "/libraryOperationResults/"))
        )
        return bool(request.method == key[0] and there and bool(block) == ("comp" in request.args))

    return match
