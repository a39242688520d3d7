"""A Synapse workspace's libraries, and Azure Resource Manager with one of its Spark pools."""

from __future__ import annotations

import json
import uuid
from typing import Any, Dict, List, Optional

SCOPE = "https://dev.azuresynapse.net/.default"
MANAGER = "https://management.azure.com/.default"
SUBSCRIPTION = "33333333-aaaa-4bbb-8ccc-000000000003"
GROUP, WORKSPACE, POOL = "data", "contoso", "spark35"
PLACE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Synapse"
    f"/workspaces/{WORKSPACE}/bigDataPools/{POOL}"
)

# As no JSON library would write it: numbers with zeros and exponents, a name twice, escapes, fields of tomorrow.
POOL_TEXT = """{
  "properties": {
    "creationDate": "2026-01-01T00:00:00Z", "sparkVersion": "3.5", "nodeCount": 3, "nodeSize": "Medium",
    "nodeSizeFamily": "MemoryOptimized", "autoScale": {"enabled": true, "minNodeCount": 3, "maxNodeCount": 10},
    "share": 1.50, "huge": 123456789012345678901234567890, "tiny": 1e-999, "text": "caf\\u00e9 \\/ {\\"customLibraries\\": []}",
    "ofTomorrow": {"a": [1.0, 2E3, null], "a": 2}, "provisioningState": "Succeeded",
    "customLibraries": [ {"name": "other-2.0-py3-none-any.whl", "path": "contoso/other-2.0-py3-none-any.whl",
      "containerName": "prep", "type": "whl", "uploadedTimestamp": "2026-01-02T00:00:00Z", "weight": 0.10},
      {"name": "tool.jar", "type": "jar"} ],
    "cacheSize": 0
  },
  "id": "%s", "name": "spark35", "type": "Microsoft.Synapse/workspaces/bigDataPools", "location": "westeurope", "tags": {}
}
"""


class Synapse:
    def __init__(self, server: Any) -> None:
        self._server = server
        self.libraries: Dict[str, Dict[str, Any]] = {}
        self.operations: Dict[str, List[Any]] = {}
        self.text = POOL_TEXT % PLACE
        self.tag: Optional[str] = 'W/"1"'
        self.puts: List[str] = []
        self.polls = 2
        self.flushes = "Succeeded"
        self.updates = "Succeeded"
        self.busy = 0
        self.location = "absolute"
        self.told_by = "Azure-AsyncOperation"
        self.in_use = False
        self.uploaded: Any = "2026-11-22T10:00:00+00:00"
        self.silent = False  # tells no provisioningStatus, which is optional
        self.weak = False  # compares as RFC 9110 has it, by which no weak mark ever matches

    def owns(self, request: Any) -> bool:
        return request.path.startswith(("/libraries", "/libraryOperationResults", "/subscriptions/"))

    def scope(self, request: Any) -> str:
        return MANAGER if request.path.startswith("/subscriptions/") else SCOPE

    def answer(self, request: Any) -> Any:
        parts = request.path.split("/")[1:]
        if parts[0] == "subscriptions":
            return self._manager(request)
        if parts[0] == "libraryOperationResults":
            return self._operation(parts[1])
        if len(parts) == 1:
            return _reply(200, {"value": [self._shown(name) for name in self.libraries]})
        if parts[2:] == ["flush"]:
            return self._flush(parts[1])
        if request.method == "PUT" and request.args.get("comp") == "appendblock":
            return self._append(request, parts[1])
        return getattr(self, f"_{request.method.lower()}")(parts[1])

    def add(self, name: str, state: str = "Succeeded", content: bytes = b"") -> None:
        self.libraries[name] = {"state": state, "content": content, "left": 0}

    def _get(self, name: str) -> Any:
        library = self.libraries.get(name)
        if library is None:
            return _refuse(404, "LibraryNotFound", f"The LibraryArtifact {name} was not found.")
        if library["state"] == "Provisioning":
            library["left"] -= 1
            if library["left"] <= 0:
                library["state"] = self.flushes
        if library["state"] == "Deleting":
            library["left"] -= 1
            if library["left"] <= 0:
                del self.libraries[name]
                return self._get(name)
        return _reply(200, self._shown(name))

    def _put(self, name: str) -> Any:
        if name in self.libraries:
            # the real one leaves the wrapping "error" out
            said = {"code": "LibraryAlreadyExists", "message": f"The LibraryArtifact {name} already exists."}
            return _reply(409, said)
        self.add(name, "Incomplete")
        return self._started(name, "Create")

    def _append(self, request: Any, name: str) -> Any:
        library = self.libraries.get(name)
        if library is None:
            return _refuse(404, "LibraryNotFound", f"The LibraryArtifact {name} was not found.")
        position = request.headers.get("x-ms-blob-condition-appendpos")
        if position is not None and int(position) != len(library["content"]):
            return _refuse(412, "AppendPositionConditionNotMet", "The append position condition specified was not met.")
        if not 0 < len(request.body) <= 4 << 20:
            return _refuse(413, "RequestBodyTooLarge", "The request body is too large.")
        library["content"] += request.body
        return _reply(201)

    def _flush(self, name: str) -> Any:
        if name not in self.libraries:
            return _refuse(404, "LibraryNotFound", f"The LibraryArtifact {name} was not found.")
        self.libraries[name].update({"state": "Provisioning", "left": self.polls})
        return self._started(name, "Flush")

    def _delete(self, name: str) -> Any:
        if name not in self.libraries:
            return _refuse(404, "LibraryNotFound", f"The LibraryArtifact {name} was not found.")
        if self.in_use:
            return _reply(409, {"code": "LibraryInUse", "message": f"{name} is used by pool spark35."})
        del self.libraries[name]
        return self._started(name, "Delete")

    def _started(self, name: str, what: str) -> Any:
        number = str(uuid.uuid4())
        self.operations[number] = [name, self.polls]
        url = f"{self._server.url}/libraryOperationResults/{number}?api-version=2020-12-01"
        body = {"id": f"/libraries/{name}", "name": name, "state": what, "operationId": number, "recordId": 7}
        return _reply(202, body, {"Location": url, "Retry-After": "0"})

    def _operation(self, number: str) -> Any:
        if number not in self.operations:
            return _refuse(404, "OperationNotFound", number)
        name, left = self.operations[number]
        self.operations[number][1] -= 1
        if left > 1:
            return _reply(202, {"status": "InProgress"}, {"Retry-After": "0"})
        return _reply(200, self._shown(name) if name in self.libraries else {"properties": {}})

    def _shown(self, name: str) -> Dict[str, Any]:
        properties = {
            "name": name,
            "path": f"{WORKSPACE}/libraries/{name}",
            "containerName": "prep",
            "uploadedTimestamp": self.uploaded,
            "type": "whl",
            "provisioningStatus": self.libraries[name]["state"],
            "creatorId": "77777777-aaaa-4bbb-8ccc-000000000007",
            "ofTomorrow": 1,
        }
        if self.silent:
            del properties["provisioningStatus"]
        kind = "Microsoft.Synapse/workspaces/libraries"
        return {"id": f"/libraries/{name}", "name": name, "type": kind, "etag": "e1", "properties": properties}

    def _manager(self, request: Any) -> Any:
        if "/asyncOperations/" in request.path:
            return self._update(request)
        if request.path != PLACE:
            return self._lost(request.path)
        if request.method == "GET":
            self._go_on()
            return _reply(200, self.text, {"ETag": self.tag} if self.tag else {})
        if self._state() not in ("Succeeded", "Failed", "Canceled"):
            return _refuse(409, "OperationInProgress", "The pool is being updated.")
        given = request.headers.get("If-Match")
        if given is not None and (given != self.tag or (self.weak and given.startswith("W/"))):
            return _refuse(412, "PreconditionFailed", "The pool was changed.")
        body = request.body.decode("utf-8")
        names = [one["name"] for one in json.loads(body)["properties"]["customLibraries"]]
        missing = [
            name for name in names if name.endswith(".whl") and "ironwheel" in name and name not in self.libraries
        ]
        if missing:
            return _refuse(400, "LibraryNotFound", f"Libraries {missing} are not in the workspace.")
        self.puts.append(body)
        self.text = body.replace(f'"provisioningState": "{self._state()}"', '"provisioningState": "Updating"')
        self.busy = self.polls
        self.tag = f'W/"{len(self.puts) + 1}"' if self.tag else None
        headers = {"Retry-After": "0"}
        link = f"{PLACE}/asyncOperations/1?api-version=2021-06-01"
        host = {"absolute": request.base, "relative": "", "foreign": "https://localhost:1", "none": ""}[self.location]
        if self.location != "none":
            headers[self.told_by] = host + link
        return _reply(202, self.text, headers)

    def _state(self) -> str:
        return str(json.loads(self.text)["properties"]["provisioningState"])

    def _go_on(self) -> None:
        if self._state() in ("Updating", "Provisioning"):
            self.busy -= 1
            if self.busy <= 0:
                now = f'"provisioningState": "{self._state()}"'
                self.text = self.text.replace(now, f'"provisioningState": "{self.updates}"')

    def _update(self, _request: Any) -> Any:
        self._go_on()
        state = self._state()
        status = "InProgress" if state in ("Updating", "Provisioning") else state
        body: Dict[str, Any] = {"status": status}
        if status == "Failed":
            body["error"] = {"code": "LibraryInstallFailed", "message": "pip could not install it"}
        return _reply(200, body, {"Retry-After": "0"})

    def _lost(self, path: str) -> Any:
        parts = path.split("/")
        if parts[2] != SUBSCRIPTION:
            return _refuse(404, "SubscriptionNotFound", f"The subscription '{parts[2]}' could not be found.")
        if parts[4] != GROUP:
            return _refuse(404, "ResourceGroupNotFound", f"Resource group '{parts[4]}' could not be found.")
        if parts[8] != WORKSPACE:
            words = f"Can not perform requested operation on nested resource. Parent resource '{parts[8]}' not found."
            return _refuse(404, "ParentResourceNotFound", words)
        return _refuse(
            404, "ResourceNotFound", f"The Resource 'bigDataPools/{parts[10]}' under resource group was not found."
        )


def _reply(status: int, body: Any = None, headers: Optional[Dict[str, str]] = None) -> Any:
    from deploy_server import Reply

    return Reply(status, body, headers or {})


def _refuse(status: int, code: str, message: str) -> Any:
    return _reply(status, {"error": {"code": code, "message": message}})
