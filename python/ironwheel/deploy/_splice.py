"""Changes one value in a JSON text and leaves every other character as it came.

Reading JSON into Python and writing it again respells numbers (1.50 becomes 1.5, 1e3 becomes 1000.0), drops all but the
last of equal names, and turns escapes. What a service said about itself goes back to it untouched here.
"""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional, Tuple


class Span(NamedTuple):
    """Where a value stands in a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The value's own characters."""
        return text[self.start : self.end]


def members(text: str, span: Span) -> Iterator[Tuple[str, Span]]:
    """Names and values of the object at `span`.

    Raises
    ------
    ValueError
        When there is no object.
    """
    at = _skip(text, span.start)
    if text[at : at + 1] != "{":
        raise ValueError(f"expected a JSON object at character {at}")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _value(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError(f"expected a name and a colon at character {at}")
        start = _skip(text, at + 1)
        _, end = _value(text, start)
        yield name, Span(start, end)
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] != '"':
                raise ValueError(f"expected a name at character {at}")
        elif text[at : at + 1] != "}":
            raise ValueError(f"expected , or }} at character {at}")


def items(text: str, span: Span) -> List[Span]:
    """The values of the array at `span`."""
    at = _skip(text, span.start)
    if text[at : at + 1] != "[":
        raise ValueError(f"expected a JSON array at character {at}")
    found: List[Span] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        _, end = _value(text, at)
        found.append(Span(at, end))
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError(f"expected , or ] at character {at}")
    return found


def find(text: str, *path: str) -> Optional[Span]:
    """The value under these names, the last where a name stands twice; None where there is none."""
    span = Span(0, len(text))
    for step in path:
        inner = None
        for name, value in members(text, span):
            if name == step:
                inner = value
        if inner is None:
            return None
        span = inner
    return span


def put(text: str, value: str, *path: str) -> str:
    """`text` with the JSON `value` under these names; the object that is to hold it must be there.

    Examples
    --------
    >>> put('{"a": 1.50, "p": {"x": [1]}}', '[2]', "p", "x")
    '{"a": 1.50, "p": {"x": [2]}}'
    >>> put('{"p": {}}', '[2]', "p", "x")
    '{"p": {"x": [2]}}'
    """
    import json

    there = find(text, *path)
    if there is not None:
        return text[: there.start] + value + text[there.end :]
    holder = find(text, *path[:-1])
    if holder is None:
        raise ValueError(f"expected an object under {'.'.join(path[:-1])}")
    comma = "," if any(True for _ in members(text, holder)) else ""
    close = text.rindex("}", holder.start, holder.end)
    return f"{text[:close].rstrip()}{comma and ', '}{json.dumps(path[-1])}: {value}{text[close:]}"


def without(text: str, *names: str) -> str:
    """The object in `text` without these members; all else stays, apart from a comma.

    Examples
    --------
    >>> without('{"id": 1, "a": 1.50, "type": 2}', "id", "type")
    '{"a": 1.50}'
    """
    kept = [(name, value) for name, value in members(text, Span(0, len(text))) if name not in names]
    whole = list(members(text, Span(0, len(text))))
    if len(kept) == len(whole):
        return text
    import json

    return "{" + ", ".join(f"{json.dumps(name)}: {value.of(text)}" for name, value in kept) + "}"


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in " \t\r\n":
        at += 1
    return at


def _value(text: str, at: int) -> Tuple[object, int]:
    from json import JSONDecoder

    # numbers stay words: a long one must not cost quadratic time, nor 1e999 become infinite
    value, end = JSONDecoder(parse_int=str, parse_float=str).raw_decode(text, at)
    return value, end
