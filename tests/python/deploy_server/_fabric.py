"""Fabric: workspaces, environments, their libraries, publishing, operations."""

from __future__ import annotations

import uuid
from typing import Any, Dict, List, Optional

SCOPE = "https://api.fabric.microsoft.com/.default"
WORKSPACE = "11111111-aaaa-4bbb-8ccc-000000000001"
ENVIRONMENT = "22222222-aaaa-4bbb-8ccc-000000000002"


def _error(status: int, code: str, message: str, **headers: str) -> Any:
    from deploy_server import Reply

    return Reply(status, {"errorCode": code, "message": message, "requestId": str(uuid.uuid4())}, headers)


class Environment:
    def __init__(self, name: str) -> None:
        self.name = name
        self.staged: Dict[str, bytes] = {}
        self.published: Dict[str, bytes] = {}
        self.gone: List[str] = []
        self.state = "Success"
        self.libraries = "Success"
        self.version = str(uuid.uuid4())
        self.left = 0
        self.ends = "Success"
        self.publishings = 0


class Fabric:
    def __init__(self, server: Any) -> None:
        self._server = server
        self.workspaces: Dict[str, str] = {WORKSPACE: "Sales"}
        self.environments: Dict[str, Dict[str, Environment]] = {WORKSPACE: {ENVIRONMENT: Environment("Spark 3.5")}}
        self.operations: Dict[str, Environment] = {}
        self.page = 2
        self.polls = 2
        self.location = "absolute"
        self.at_once = False
        self.ends = "Success"
        self.uploads: List[str] = []
        self.pending_only = False  # staging lists what is not published yet, and nothing else
        self.once = False  # refuses to stage a name a second time
        self.tolerant = False  # publishes two versions of a package

    @property
    def environment(self) -> Environment:
        return self.environments[WORKSPACE][ENVIRONMENT]

    def owns(self, request: Any) -> bool:
        return bool(request.path.startswith("/v1/"))

    def scope(self, _request: Any) -> str:
        return SCOPE

    def answer(self, request: Any) -> Any:
        parts = request.path.split("/")[2:]
        if parts == ["workspaces"]:
            found = [{"id": k, "displayName": v, "type": "Workspace"} for k, v in self.workspaces.items()]
            return self._page(request, "value", found)
        if parts[0] == "operations":
            return self._operation(parts[1])
        if parts[1] not in self.environments:
            return _error(404, "WorkspaceNotFound", "The requested workspace was not found")
        if parts[2:] == ["environments"]:
            found = [self._item(parts[1], k, v) for k, v in self.environments[parts[1]].items()]
            return self._page(request, "value", found)
        environment = self.environments[parts[1]].get(parts[3])
        if environment is None:
            return _error(404, "EntityNotFound", "The requested resource could not be found")
        if len(parts) == 4:
            from deploy_server import Reply

            self._go_on(environment)
            return Reply(200, self._item(parts[1], parts[3], environment))
        return self._inside(request, parts[4:], environment)

    def _inside(self, request: Any, parts: List[str], environment: Environment) -> Any:
        from deploy_server import Reply

        if parts[-1] == "libraries":
            staging = parts[0] == "staging"
            names = sorted({*environment.published, *environment.staged} if staging else environment.published)
            if staging and self.pending_only:
                names = sorted(environment.staged)
            found: List[Dict[str, Any]] = [
                {"libraryType": "Custom", "name": n} for n in names if not (staging and n in environment.gone)
            ]
            if not found:
                kind = "staging" if staging else "published"
                words = f"This environment does not have any {kind} libraries."
                return _error(404, "EnvironmentLibrariesNotFound", words)
            return self._page(request, "libraries", [*found, {"libraryType": "External", "name": "fuzzywuzzy"}])
        if parts[:2] == ["staging", "libraries"]:
            return self._library(request, parts[2], environment)
        if parts == ["staging", "publish"]:
            return self._publish(request, environment)
        return Reply(404, {"errorCode": "NotFound", "message": str(request)})

    def _library(self, request: Any, name: str, environment: Environment) -> Any:
        from deploy_server import Reply

        if request.method == "DELETE":
            if name not in environment.staged and name not in environment.published:
                return _error(400, "EnvironmentValidationFailed", "Provide a name of a valid library.")
            environment.staged.pop(name, None)
            environment.gone.append(name)
            return Reply(200)
        if not name.endswith((".whl", ".jar", ".py", ".tar.gz")):
            return _error(400, "EnvironmentValidationFailed", "Provide a library with a valid format.")
        if self.once and name in environment.staged:
            return _error(409, "LibraryAlreadyExists", f"{name} is staged already.")
        self.uploads.append(name)
        if name not in environment.published:  # an upload under a published name is taken, and has no effect
            environment.staged[name] = request.body
            environment.gone = [one for one in environment.gone if one != name]
        return Reply(200)

    def _publish(self, request: Any, environment: Environment) -> Any:
        from deploy_server import Reply

        if environment.state in ("Running", "Waiting"):
            words = f"Environment publish operation for version {environment.version} failed due to error: Code = "
            return _error(400, "InvalidEnvironmentPublish", words + "EnvironmentAnotherOngoingPublishProcess")
        number = str(uuid.uuid4())
        self.operations[number] = environment
        self.start(environment)
        if self.at_once:
            return Reply(200, {"publishDetails": self._details(environment)})
        headers = {"x-ms-operation-id": number, "Retry-After": "0"}
        place = f"/v1/operations/{number}"
        if self.location != "none":
            host = {"absolute": request.base, "relative": "", "foreign": "https://localhost:1"}[self.location]
            headers["Location"] = host + place
        return Reply(202, None, headers)

    def start(self, environment: Environment) -> None:
        environment.state = environment.libraries = "Running"
        environment.version = str(uuid.uuid4())
        environment.left = self.polls
        environment.ends = self.ends
        environment.publishings += 1

    def _go_on(self, environment: Environment) -> None:
        if environment.state != "Running":
            return
        environment.left -= 1
        if environment.left > 0:
            return
        environment.state = environment.libraries = environment.ends
        packages = {}
        for name in {*environment.published, *environment.staged} - set(environment.gone):
            packages.setdefault(name.split("-")[0].lower(), []).append(name)
        if any(len(names) > 1 for names in packages.values()) and not self.tolerant:
            environment.state = environment.libraries = "Failed"
        if environment.state == "Success":
            environment.published.update(environment.staged)
            for name in environment.gone:
                environment.published.pop(name, None)
            environment.staged, environment.gone = {}, []

    def _operation(self, number: str) -> Any:
        from deploy_server import Reply

        environment = self.operations.get(number)
        if environment is None:
            return _error(404, "OperationNotFound", "The operation was not found")
        self._go_on(environment)
        times = {"createdTimeUtc": "2026-11-22T10:00:00Z", "lastUpdatedTimeUtc": "2026-11-22T10:00:01Z"}
        status = {"Running": "Running", "Success": "Succeeded"}.get(environment.state, "Failed")
        body: Dict[str, Any] = {"status": status, "percentComplete": 100 if status == "Succeeded" else 40, **times}
        if status == "Failed":
            body["error"] = {"errorCode": "LibraryConflict", "message": "Two packages conflict: numpy<1 and numpy>2"}
        return Reply(200, body, {"Retry-After": "0"})

    def _details(self, environment: Environment) -> Dict[str, Any]:
        return {
            "state": environment.state,
            "targetVersion": environment.version,
            "startTime": "2026-11-22T10:00:00.0000000Z",
            "componentPublishInfo": {
                "sparkLibraries": {"state": environment.libraries},
                "sparkSettings": {"state": "Success"},
            },
        }

    def _item(self, workspace: str, number: str, environment: Environment) -> Dict[str, Any]:
        return {
            "id": number,
            "type": "Environment",
            "displayName": environment.name,
            "workspaceId": workspace,
            "properties": {"publishDetails": self._details(environment)},
        }

    def _page(self, request: Any, field: str, found: List[Dict[str, Any]]) -> Any:
        from deploy_server import Reply

        token: Optional[str] = request.args.get("continuationToken")
        at = int(token.split(",")[0][4:]) if token else 0
        body: Dict[str, Any] = {field: found[at : at + self.page]}
        if at + self.page < len(found):
            # escaped already, as the documentation shows them
            body["continuationToken"] = f"page{at + self.page}%2C0%3D"
            fixed = "".join(f"{n}={v}&" for n, v in request.query if n != "continuationToken")
            body["continuationUri"] = (
                f"{request.base}{request.path}?{fixed}continuationToken={body['continuationToken']}"
            )
        return Reply(200, body)
