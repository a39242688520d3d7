"""Rules in every form people give them, as the text that the library reads."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ironwheel._lib import check, lib
from ironwheel.frames._table import Handle


def read(rules: Any, tables: Dict[str, Any]) -> Tuple[str, bool, str, Sequence[Any]]:
    """Text of rules, whether it is TOML, where it is from, and the rules themselves where they are objects.

    Tables that rules hold themselves are added to `tables`, under names that depend on nothing but their order.
    """
    import os

    from ironwheel.frames.rules import Rule

    if isinstance(rules, (str, os.PathLike)):
        path = os.fspath(rules)
        if not isinstance(path, str):
            raise TypeError(f"rules must be a path as str, got {path!r}")
        stripped = path.lstrip("\ufeff \t\r\n")
        if isinstance(rules, str) and (stripped.startswith(("[", "{")) or "\n" in path or "=" in path):
            return path, not _is_json(stripped), "", ()
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
        toml = not path.lower().endswith(".json") and (path.lower().endswith(".toml") or not _is_json(text.lstrip()))
        return text, toml, os.path.basename(path), ()
    if isinstance(rules, (Rule, Mapping)):
        rules = [rules]
    if isinstance(rules, bytes) or not hasattr(rules, "__iter__"):
        raise TypeError(f"rules must be a list of rules, a path or text, got {type(rules).__name__}")
    listed = list(rules)
    for index, rule in enumerate(listed):
        if not isinstance(rule, (Rule, Mapping)):
            raise TypeError(f"rules[{index}] must be a rule or a dict, got {rule!r}")
    fields = [rule.to_dict() if isinstance(rule, Rule) else dict(rule) for rule in listed]
    named: Dict[int, str] = {}
    for rule, own in zip(listed, fields):
        if isinstance(rule, Rule) and rule.frame is not None:
            name = own["frame"] = named.setdefault(id(rule.frame), f"#{len(named)}")
            tables[name] = rule.frame
    return _json("rules", fields), False, "", listed


def _is_json(text: str) -> bool:
    """Whether a text is meant as JSON: TOML begins with ``[`` only for the name of a table."""
    if text.startswith("{"):
        return True
    if not text.startswith("["):
        return False
    inside = text[1:].lstrip()
    return inside.startswith(("{", "]", '"')) and not text.startswith("[[")


def _json(name: str, fields: Any) -> str:
    """The text of `fields`; `name` is what errors call them."""
    import json

    try:
        return json.dumps(fields, default=_plain, allow_nan=False)
    except ValueError:
        found = _not_finite(name, json.loads(json.dumps(fields, default=_plain)))
        if found is None:
            raise
    place, value = found
    raise ValueError(f"{place} must be finite, got {value}")


def _not_finite(place: str, value: Any) -> Optional[Tuple[str, float]]:
    """The first number among values of JSON that is none of JSON's, and its place."""
    import math

    if isinstance(value, float):
        return None if math.isfinite(value) else (place, value)
    inner: Iterable[Tuple[str, Any]] = ()
    if isinstance(value, dict):
        inner = ((f"{place}.{name}", item) for name, item in value.items())
    elif isinstance(value, list):
        inner = ((f"{place}[{index}]", item) for index, item in enumerate(value))
    return next(filter(None, (_not_finite(*item) for item in inner)), None)


def _plain(value: Any) -> Any:
    """What JSON has no word for, as rules write it."""
    import datetime
    import decimal

    if isinstance(value, (datetime.date, datetime.time)):  # datetime is a date, too
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return f"{(value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds}us"
    if isinstance(value, decimal.Decimal):
        return format(value, "f") if value.is_finite() else float(value)
    if hasattr(value, "item") and callable(value.item):  # NumPy's numbers
        return value.item()
    if isinstance(value, (set, frozenset, tuple)) or hasattr(value, "tolist"):
        return list(value)
    raise TypeError(f"rules cannot hold {value!r}")


def parsed(text: str, toml: bool, source: str) -> Handle:
    encoded, where = text.encode("utf-8", "surrogatepass"), source.encode("utf-8", "surrogatepass")
    out = ctypes.c_void_p()
    check(lib.iw_rules_new(encoded, len(encoded), int(toml), where, len(where), ctypes.byref(out)))
    assert out.value is not None
    return Handle(out.value, lib.iw_rules_free)


def checked(fields: Dict[str, Any]) -> Dict[str, Any]:
    """The fields of one rule, once the library has read them."""
    import json

    rules: List[Dict[str, Any]] = json.loads(parsed(_json("rule", fields), False, "")._text(lib.iw_rules_json))
    return rules[0]
