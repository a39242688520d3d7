"""The functions of custom rules, called by the library with rows and answering with a verdict on each."""

from __future__ import annotations

import ctypes
from _thread import get_ident
from typing import Any, Dict, Optional

from ironwheel import _arrow
from ironwheel._lib import inside, lib
from ironwheel.frames._frame import Frame


class Ask:
    """The functions of custom rules, as the library calls them."""

    def __init__(self, functions: Dict[int, Any]) -> None:
        self.functions = functions
        self.raised: Optional[BaseException] = None

    def __call__(self, _context: Any, rule: int, rows: Any, verdicts: Any, count: int, go_on: Any) -> None:
        try:
            function = self.functions[rule]
            frame = Frame(_arrow.export(lambda stream: lib.iw_frame_stream(rows, stream)))
            inside.add(get_ident())
            said = _verdicts(function(frame), count, function)
            ctypes.memmove(verdicts, said, count)
            go_on[0] = 1  # last, so whatever stops us before it stops the work
        except BaseException as error:  # ctypes would only print it
            self.raised = error
        finally:
            inside.discard(get_ident())


def _verdicts(said: Any, count: int, function: Any) -> bytes:
    """One byte a row from what a function returned: 0 fails, 1 passes, 2 is missing."""
    name = getattr(function, "__name__", repr(function))
    for listed in ("to_pylist", "to_list", "tolist"):
        if hasattr(said, listed):
            said = getattr(said, listed)()
            break
    if isinstance(said, (bool, str, bytes)) or not hasattr(said, "__iter__"):
        raise TypeError(f"{name} must return one bool a row, got {said!r}")
    verdicts = bytearray()
    for value in said:
        if value is None or value is False or value is True:
            verdicts.append(2 if value is None else int(value))
        elif type(value).__name__ in ("NAType", "NaTType") or value != value:  # pandas.NA compares as NA
            verdicts.append(2)
        elif type(value).__name__ in ("bool", "bool_", "int", "float", "int64", "uint8", "float64") and value in (0, 1):
            verdicts.append(int(value))
        else:
            raise TypeError(f"{name} must return one bool a row, got {value!r} for row {len(verdicts)}")
    if len(verdicts) != count:
        raise ValueError(f"{name} must return one bool a row, got {len(verdicts)} for {count} rows")
    return bytes(verdicts)
