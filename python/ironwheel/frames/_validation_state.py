"""A table checked in pieces: what rules found in each, put together to the report on the whole."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple, Union

from ironwheel import _owned
from ironwheel._lib import check, lib
from ironwheel._progress import Job, Progress
from ironwheel.frames import _table, _validate
from ironwheel.frames._report import Report
from ironwheel.frames._table import Handle

if TYPE_CHECKING:
    import datetime


class ValidationState(Handle):
    """What rules found in a piece of a table; made by `ValidationState.of`.

    Pieces may be checked anywhere: in other processes, on other machines, one after the other. Their states travel as
    bytes (`to_bytes`, `from_bytes`, or pickle), are put together in the order of the rows (`merge`), and give the report
    (`report`) that `validate` gives on the whole table: the same counts, numbers of rows, masks and messages.

    Notes
    -----
    A state takes a few bytes a rule, and beside that:

    - for each rule of uniqueness a key for every row: in memory 8 bytes of a number and 16 of anything else; in
      `to_bytes` numbers that lie close together, as ids do, a few bits each, others what they take in memory. What is
      no number of up to 64 bits is compared by its XXH3-128: among 10^10 rows, two different ones share it with a
      probability below 10^-18.
    - for failing rows, at most one bit a row of the piece; runs of failing rows a few bytes.
    - for `monotonic`, the first and the last value.

    Examples
    --------
    >>> from ironwheel.frames import rules
    >>> asked = [rules.unique("id"), rules.monotonic("id"), rules.range("id", 0, 9)]
    >>> pieces = [{"id": [1, 2, 3]}, {"id": [2, 7]}, {"id": [12]}]
    >>> sent = [ValidationState.of(piece, asked).to_bytes() for piece in pieces]
    >>> whole = ValidationState.merge(*map(ValidationState.from_bytes, sent))
    >>> whole
    <ValidationState: 6 rows, 3 rules>
    >>> [result.first_rows for result in whole.report()]
    [[1, 3], [3], [5]]
    """

    def __init__(self, pointer: int) -> None:
        super().__init__(pointer, lib.iw_validation_free)

    @classmethod
    def of(
        cls,
        data: Any,
        rules: Any,
        *,
        frames: Optional[Mapping[str, Any]] = None,
        now: Union[datetime.datetime, str, None] = None,
        progress: Progress = None,
    ) -> ValidationState:
        """What `rules` find in a piece of a table.

        Parameters
        ----------
        data
            The piece: anything `validate` takes. It may be without rows.
        rules
            As `validate` takes them; the same, in the same order, for every piece.
        frames
            Tables that foreign keys refer to, by name; the whole of them for every piece.
        now : datetime.datetime or str, optional
            The moment that `now()` and `today()` in expressions and freshness go by, UTC unless it says otherwise. None for
            the moment of the call; freshness then goes by that of the first piece that was begun, an expression by that
            of its piece. Pieces that are checked at different times had better be given one moment.
        progress
            True for a bar, or called as ``progress(done, 0)``, where `done` is rows times rules. Ctrl-C stops the call
            either way.

        Raises
        ------
        ValueError, TypeError, OverflowError, OSError
            As `validate` does. Numbers of rows in a message count from the beginning of the piece.

        Notes
        -----
        The function of a custom rule is called with the rows of one piece at a time, as `validate` calls it with some
        rows at a time: what it says of a row must not depend on the others. States know that there is such a rule, not
        which function it was.
        """
        moment = None if now is None else ctypes.c_int64(_nanoseconds(now))
        given = None if moment is None else ctypes.cast(ctypes.pointer(moment), ctypes.c_void_p)
        return cls(_validate.run(lib.iw_frames_validation, data, rules, frames, progress, given))

    def merge(self, *others: ValidationState) -> ValidationState:
        """What the rules found in all pieces, as if they had been one; the states stay as they are.

        ``first.merge(second, third)`` or ``ValidationState.merge(*states)``. How pieces are grouped does not matter.

        Parameters
        ----------
        *others : ValidationState
            In the order of the rows: those of each follow those of the one before.

        Raises
        ------
        ValueError
            The rules differ, or the columns they look at have other types. A column that is null throughout goes with
            any; integers, floats and dates go with their like of any size, decimals with those of the same scale. Of
            columns that neither `unique` nor `monotonic` is about, scales and units do not matter either. The way
            out of a difference is to convert the column to one type in every piece.
        TypeError
            One of `others` is no ValidationState.
        OverflowError
            Together they have more than 2^53 rows.

        Notes
        -----
        Keys of uniqueness are shared with the states merged, not copied.
        """
        states = (self, *others)
        for index, state in enumerate(states):
            if not isinstance(state, ValidationState):
                raise TypeError(f"states[{index}] must be a ValidationState, got {type(state).__name__}")
        pointers = (ctypes.c_void_p * len(states))(*[state._pointer.value for state in states])
        out = ctypes.c_void_p()
        check(lib.iw_validations_merge(pointers, len(states), ctypes.byref(out)))
        assert out.value is not None
        return ValidationState(out.value)

    def report(self, data: Any = None, *, progress: Progress = None) -> Report:
        """What the rules came to on all rows: what `validate` says of them in one piece.

        Parameters
        ----------
        data
            The whole table, for `Report.failing` to show rows of, which are no part of a state. Not looked at before.
        progress
            True for a bar, or called as ``progress(done, 0)``.

        Raises
        ------
        ValueError
            The state comes from bytes that a program made up, whose rules are none.
        MemoryError
            There is no room to compare all keys of a rule of uniqueness.
        """
        job = Job(progress, "comparing")
        out = ctypes.c_void_p()
        job.check(lib.iw_validation_report(self._pointer, job.tick, None, ctypes.byref(out)))
        assert out.value is not None
        return Report(out.value, data)

    def to_bytes(self) -> bytes:
        """Everything the state knows, for `from_bytes`: versioned, portable, checksummed.

        The same for the same rows and rules, however the pieces were grouped, given one `now`. The rules travel along;
        functions and tables do not.
        """
        slot = _owned.new()
        check(lib.iw_validation_to_bytes(self._pointer, ctypes.byref(slot)))
        return _owned.take_bytes(slot)

    @classmethod
    def from_bytes(cls, data: Any) -> ValidationState:
        """The state that `to_bytes` wrote, on this machine or any other.

        Parameters
        ----------
        data : bytes or anything with the buffer interface
            What `to_bytes` returned.

        Raises
        ------
        ValueError
            `data` is something else, was changed or cut off, or comes from another version of the format.
        TypeError
            `data` has no buffer.
        """
        content = _table.content("data", data)
        out = ctypes.c_void_p()
        check(lib.iw_validation_from_bytes(content, len(content), ctypes.byref(out)))
        assert out.value is not None
        return cls(out.value)

    @property
    def rows(self) -> int:
        """Rows looked at."""
        return int(self._figures()["rows"])

    @property
    def rules(self) -> List[Dict[str, Any]]:
        """The rules, as TOML or JSON would hold them."""
        found: List[Dict[str, Any]] = self._figures()["rules"]
        return found

    def _figures(self) -> Dict[str, Any]:
        import json

        figures: Dict[str, Any] = json.loads(self._text(lib.iw_validation_json))
        return figures

    def __reduce__(self) -> Tuple[Any, Tuple[bytes]]:
        return ValidationState.from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        figures = self._figures()
        return f"<ValidationState: {figures['rows']:,} rows, {len(figures['rules'])} rules>"


def _nanoseconds(now: Any) -> int:
    """Nanoseconds since 1970 of a moment."""
    import datetime

    moment = now
    if isinstance(now, str):
        try:
            moment = datetime.datetime.fromisoformat(now[:-1] + "+00:00" if now[-1:] in ("Z", "z") else now)
        except ValueError as error:
            raise ValueError(f"now must be a date and time such as '2024-01-31T12:00:00Z', got {now!r}") from error
    if not isinstance(moment, datetime.datetime):
        raise TypeError(f"now must be a datetime or text, got {type(now).__name__}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    nanoseconds = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
    if not -(2**63) <= nanoseconds < 2**63:
        raise ValueError(f"now must lie between the years 1678 and 2261, got {now!r}")
    return nanoseconds
