"""A rule as an object: its fields, and the table or function that came with it."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional


class Rule:
    """One rule; made by the functions of `ironwheel.frames.rules`.

    Two rules are equal when they ask the same. ``rule.to_dict()`` is what TOML and JSON would hold.
    """

    __slots__ = ("_fields", "frame", "function")

    def __init__(
        self, fields: Dict[str, Any], *, frame: Any = None, function: Optional[Callable[..., Any]] = None
    ) -> None:
        from ironwheel.frames import _rules_text

        self._fields: Dict[str, Any] = _rules_text.checked(fields)
        self.frame: Any = frame
        """The table a foreign key refers to, where it was given itself and not by name."""
        self.function: Optional[Callable[..., Any]] = function
        """The function of a custom rule."""

    def to_dict(self) -> Dict[str, Any]:
        """The fields of the rule; a function and a table are not among them."""
        return dict(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rule):
            return NotImplemented
        return self._fields == other._fields and self.frame is other.frame and self.function is other.function

    __hash__ = None  # type: ignore[assignment]  # its fields hold lists

    def __repr__(self) -> str:
        fields = dict(self._fields)
        kind = fields.pop("rule")
        arguments = [f"{name}={value!r}" for name, value in fields.items()]
        if self.function is not None:
            arguments.insert(0, getattr(self.function, "__name__", repr(self.function)))
        return f"{kind}({', '.join(arguments)})"


# Users find it there, and so do pickles.
Rule.__module__ = "ironwheel.frames.rules"


def listed(values: Any) -> List[Any]:
    """The values of a rule about a set, in an order that does not change."""
    if isinstance(values, (str, bytes)):  # iterating over it would take one letter a value
        raise TypeError(f"values must be a list of values, got {values!r}; did you mean [{values!r}]?")
    found = values.tolist() if hasattr(values, "tolist") else list(values)  # Python's own numbers, not NumPy's
    return sorted(found, key=repr) if isinstance(values, (set, frozenset)) else list(found)
