"""What is deployed where, and by which calls: all that can be said without sending anything."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from ironwheel.deploy import _wheel

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

FABRIC_LIMIT = 100 << 20  # "The maximum request size allowed is 100MB"
FABRIC_STEPS = ("check the wheel", "find the environment", "compare libraries", "upload", "publish", "verify")

SYNAPSE_LIMIT = 2 << 30  # ours: the file is held in memory
SYNAPSE_STEPS = ("check the wheel", "find the pool", "find the library", "upload", "update the pool", "verify")
LIBRARY_VERSION = "2020-12-01"
POOL_VERSION = "2021-06-01"
LONGEST_NAME = 100  # of a library
BLOCK = 4 << 20  # "The maximum content size is 4MiB. Content larger than 4MiB must be appended in 4MiB chunks"


def quoted(*segments: str) -> List[str]:
    """Names as parts of a path."""
    from urllib.parse import quote

    return [quote(segment, safe="") for segment in segments]


def pool_path(subscription: str, group: str, workspace: str, pool: str) -> str:
    """A Spark pool's place in Azure Resource Manager."""
    s, g, w, p = quoted(subscription, group, workspace, pool)
    return f"/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Synapse/workspaces/{w}/bigDataPools/{p}"


def fabric_plan(base: str, wheel: _wheel.Wheel, workspace: str, environment: str, scope: str) -> List[Dict[str, Any]]:
    """The calls a deployment makes when nothing is in its way."""
    calls: List[Dict[str, Any]] = []

    def add(method: str, path: str, why: str, body: str = "", **headers: str) -> None:
        sent = {"Authorization": f"Bearer (token for {scope})", "Accept": "application/json"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        calls.append({"method": method, "url": base + path, "headers": sent, "body": body, "why": why})

    w = quoted(workspace)[0] if GUID.fullmatch(workspace) else "{workspace id}"
    e = quoted(environment)[0] if GUID.fullmatch(environment) else "{environment id}"
    if w.startswith("{"):
        add("GET", "/workspaces", f"finds the id of workspace {workspace!r}; page by page")
    if e.startswith("{"):
        add("GET", f"/workspaces/{w}/environments", f"finds the id of environment {environment!r}; page by page")
    here = f"/workspaces/{w}/environments/{e}"
    add("GET", here, "is it there, and is it being published")
    add("GET", f"{here}/libraries?beta=false", f"is {wheel.file} published already")
    add("GET", f"{here}/staging/libraries?beta=false", f"is it staged, and are other versions of {wheel.name}")
    add(
        "POST", f"{here}/staging/libraries/{quoted(wheel.file)[0]}", "uploads the wheel",
        f"{wheel.size:,} bytes, sha256 {wheel.sha256}",
        Content_Type="application/octet-stream", Content_Length=str(wheel.size),
    )  # fmt: skip
    add(
        "DELETE", f"{here}/staging/libraries/{{file of another version}}",
        f"once for each other version of {wheel.name} that is staged or published",
    )  # fmt: skip
    add("POST", f"{here}/staging/publish?beta=false", "publishes the environment", Content_Length="0")
    add("GET", "/operations/{operation id}", "again and again until it ends, as Location and Retry-After say")
    add("GET", here, "did publishing end well")
    add("GET", f"{here}/libraries?beta=false", "is the wheel published")
    return calls


def synapse_plan(
    base: str, arm: str, wheel: _wheel.Wheel, names: List[str], scope: str, arm_scope: str
) -> List[Dict[str, Any]]:
    """The calls a deployment makes when nothing is in its way; `names` are subscription, group, workspace, pool."""
    calls: List[Dict[str, Any]] = []

    def add(method: str, url: str, why: str, body: str = "", **headers: str) -> None:
        token = arm_scope if url.startswith((arm + "/subscriptions/", arm + "/{path")) else scope
        sent = {"Authorization": f"Bearer (token for {token})", "Accept": "application/json"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        calls.append({"method": method, "url": url, "headers": sent, "body": body, "why": why})

    version = f"api-version={LIBRARY_VERSION}"
    library = f"{base}/libraries/{quoted(wheel.file)[0]}"
    pool = f"{arm}{pool_path(*names)}?api-version={POOL_VERSION}"
    operation = f"{base}/libraryOperationResults/{{operation id}}?{version}"
    add("GET", pool, "is the pool there")
    add("GET", f"{library}?{version}", "is the library there; one left Incomplete is deleted and uploaded anew")
    add("PUT", f"{library}?{version}", "creates the library", Content_Length="0")
    add("GET", operation, "until it is created")
    for position in range(0, wheel.size, BLOCK):
        size = min(BLOCK, wheel.size - position)
        add(
            "PUT", f"{library}?comp=appendblock&{version}", f"sends a block of {wheel.file}", f"{size:,} bytes",
            Content_Type="application/octet-stream", Content_Length=str(size),
            x_ms_blob_condition_appendpos=str(position),
        )  # fmt: skip
    add("POST", f"{library}/flush?{version}", "finishes the library", Content_Length="0")
    add("GET", operation, "until it is finished")
    add("GET", f"{library}?{version}", "until its provisioningStatus is Succeeded")
    add("GET", pool, "what the pool is now, when nothing is under way with it")
    add(
        "PUT", pool, "has the pool use the library",
        f"the pool as it came, with properties.customLibraries changed: {wheel.file} in, other versions of "
        f"{wheel.name} out",
        Content_Type="application/json", If_Match="(ETag of the GET, where it has one)",
    )  # fmt: skip
    add("GET", f"{arm}/{{path of the answer's Azure-AsyncOperation or Location}}", "until the update ends")
    add("GET", pool, "until its provisioningState is Succeeded, and is the library in it")
    return calls
