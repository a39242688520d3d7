"""Holds requests against Microsoft's OpenAPI files, where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "azure"

# The list of workspaces is not among the files, and the links of Azure's own operations are nobody's to know.
BESIDE = ("/v1/workspaces", "/asyncOperations/1")


def available() -> Optional[str]:
    """Why requests cannot be validated; None where they can."""
    try:
        import openapi_core  # noqa: F401
    except (ImportError, TypeError) as error:  # one of its parts cannot be read by Python 3.8
        return f"openapi-core: {error}"
    return None if FOLDER.is_dir() else "Microsoft's OpenAPI files (../shared/azure) are not here"


class Contract:
    """The two files; checks nothing where they, or openapi-core, are absent."""

    def __init__(self) -> None:
        self.missing = available()
        self.checked = 0
        self._apis: Dict[str, Any] = {}
        if self.missing is None:
            from openapi_core import OpenAPI

            for name in ("fabric", "synapse"):
                said = json.loads((FOLDER / f"{name}-deploy.openapi3.json").read_text(encoding="utf-8"))
                self._apis[name] = OpenAPI.from_dict(_writable(said))

    def check(self, request: Any) -> Optional[str]:
        """What is wrong with a request."""
        if self.missing is not None or request.path.endswith(BESIDE):
            return None
        from openapi_core.exceptions import OpenAPIError
        from openapi_core.testing import MockRequest

        path = request.path
        if request.args.get("comp") == "appendblock":
            path += "/__appendblock"  # how the file tells this PUT from the one without comp
        headers = dict(request.headers.items())
        shown = MockRequest(
            "http://127.0.0.1", request.method.lower(), path, args=request.args, headers=headers,
            data=request.body or None, content_type=request.headers.get("Content-Type") or "",
        )  # fmt: skip
        self.checked += 1
        try:
            self._apis["fabric" if path.startswith("/v1/") else "synapse"].validate_request(shown)
        except OpenAPIError as error:
            return f"{error} {error.__cause__ or ''}"[:2000]
        wrong: List[str] = []
        if request.method in ("POST", "PUT") and "Content-Length" not in request.headers:
            wrong.append("no Content-Length")
        if len(request.query) != len(request.args):
            wrong.append("a parameter twice")
        return "; ".join(wrong) or None


def _writable(said: Any) -> Any:
    """Without readOnly: a pool goes back as it came, and Resource Manager's contract has services take that."""
    if isinstance(said, dict):
        return {name: _writable(value) for name, value in said.items() if name != "readOnly"}
    return [_writable(one) for one in said] if isinstance(said, list) else said
