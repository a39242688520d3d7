"""What a deployment did, for people and for machines."""

from __future__ import annotations

from typing import Any, Dict, List, Optional


class Deployed:
    """What `fabric` and `synapse` answer.

    Attributes
    ----------
    service : str
        ``"fabric"`` or ``"synapse"``.
    state : str
        ``"done"``, ``"unchanged"`` (everything was in place already), ``"running"`` (accepted, not waited for) or
        ``"dry-run"``.
    wheel, package, version, sha256 : str
        What was deployed.
    target : dict
        Where to: names and ids.
    replaced : list of str
        File names of other versions of the package that were taken out.
    steps : list of dict
        ``step`` and ``seconds`` of every step.
    warnings : list of str
        What to know.
    calls : list of dict
        For a dry run: every call that would be made.
    operation : str or None
        Where to ask for what is still running.
    next : str
        What to do now.
    """

    def __init__(self, service: str, wheel: Any, target: Dict[str, Any]) -> None:
        self.service = service
        self.state = "done"
        self.wheel: str = wheel.file
        self.package: str = wheel.name
        self.version: str = wheel.version
        self.size: int = wheel.size
        self.sha256: str = wheel.sha256
        self.target = target
        self.replaced: List[str] = []
        self.steps: List[Dict[str, Any]] = []
        self.warnings: List[str] = list(wheel.warnings)
        self.calls: List[Dict[str, Any]] = []
        self.operation: Optional[str] = None
        self.next = ""

    @property
    def seconds(self) -> float:
        """How long the steps took together."""
        total: float = sum(one["seconds"] for one in self.steps)
        return round(total, 3)

    def to_dict(self) -> Dict[str, Any]:
        """All of it as plain dicts and lists, for JSON."""
        names = ("service", "state", "wheel", "package", "version", "size", "sha256", "target", "replaced")
        more = ("steps", "seconds", "warnings", "calls", "operation", "next")
        return {name: getattr(self, name) for name in names + more}

    def __str__(self) -> str:
        where = ", ".join(f"{name} {value}" for name, value in self.target.items() if value)
        words = {
            "done": f"deployed in {self.seconds:.1f} s",
            "unchanged": "was there already: nothing to do",
            "running": "accepted, and still going on",
            "dry-run": f"would be deployed with {len(self.calls)} calls (nothing was sent)",
        }
        lines = [f"{self.wheel} ({self.size:,} bytes) {words[self.state]}: {self.service}, {where}"]
        lines += [_call(number, call) for number, call in enumerate(self.calls, 1)]
        lines += [f"replaced: {name}" for name in self.replaced]
        lines += [f"note: {words}" for words in self.warnings]
        if self.operation:
            lines.append(f"ask for it: GET {self.operation}")
        if self.next:
            lines.append(f"next: {self.next}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Deployed({self.service!r}, {self.state!r}, {self.wheel!r})"


def _call(number: int, call: Dict[str, Any]) -> str:
    lines = [f"{number:3}. {call['method']} {call['url']}"]
    lines += [f"       {name}: {value}" for name, value in call["headers"].items()]
    if call["body"]:
        lines.append(f"       body: {call['body']}")
    lines.append(f"       why: {call['why']}")
    return "\n".join(lines)
