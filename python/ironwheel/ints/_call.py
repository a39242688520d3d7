"""How an operation reaches the library, for ints and for arrays."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Dict, List, Tuple

from ironwheel import _abi
from ironwheel._lib import check
from ironwheel._progress import Job, Progress
from ironwheel._view import TAGS, lend
from ironwheel.ints._operands import (
    DTYPES,
    LEAST,
    MOST,
    Cell,
    Lent,
    broadcast,
    common,
    is_array,
    limits,
    mode,
    new,
    scalar,
)

NO_TICK = _abi.iw_tick()

# Elements below which a call ends long before anyone could press Ctrl-C, so the callback that lets it in is not made:
# a few milliseconds. Most operations take about a nanosecond for each.
_SHORT = {"is_prime": 1 << 14, "gcd": 1 << 17, "lcm": 1 << 17, "pow": 1 << 17}
_SHORT_ELSE = 1 << 20

_int128 = _abi.iw_int128


class _Room:
    """What a call on plain arrays of one dtype passes by pointer: making it takes longer than the call."""

    __slots__ = ("a", "a_at", "b", "b_at", "cell", "cell_at", "out", "out_at", "size")

    def __init__(self, tag: int) -> None:
        self.a, self.b, self.out = (_abi.iw_array(None, tag, 1, (0,), (DTYPES[tag][2],)) for _ in range(3))
        self.a_at, self.b_at, self.out_at = ctypes.byref(self.a), ctypes.byref(self.b), ctypes.byref(self.out)
        self.cell = DTYPES[tag][4]()
        self.cell_at = ctypes.byref(_abi.iw_array(ctypes.addressof(self.cell), tag, 0))
        self.size = 0

    def resize(self, size: int) -> None:
        for array in (self.a, self.b, self.out):
            array.shape[0] = size
        self.size = size


# dtype: (rooms nobody is in, tag, smallest value, largest), of native dtypes met so far. A room is taken out for the
# call, so no two threads are in it.
_MET: Dict[Any, Tuple[List[_Room], int, int, int]] = {}


def _meet(dtype: Any) -> Any:
    tag = TAGS.get((dtype.kind, dtype.itemsize))
    if tag not in DTYPES or not dtype.isnative:
        return None
    _MET[dtype] = [], tag, *limits(tag)
    return _MET[dtype]


def _plain(numpy: Any, what: str, call: Any, a: Any, b: Any, more: Tuple[int, ...]) -> Any:
    """The result for a plain array `a` and, unless `b` is None, a like one or an int; None where it takes more.

    Most calls of all, and those short enough for the ways of the others to show.
    """
    dtype, size = a.dtype, a.size
    met = _MET.get(dtype) or _meet(dtype)
    if met is None or not 0 < size < _SHORT.get(what, _SHORT_ELSE) or not a.flags.carray:
        return None
    rooms, tag, least, most = met
    if type(b) is numpy.ndarray:
        if b.dtype is not dtype or b.shape != a.shape or not b.flags.carray:
            return None
    elif b is not None and not (type(b) is int and least <= b <= most):
        return None
    out = numpy.empty(a.shape, dtype)
    try:
        room = rooms.pop()
    except IndexError:
        room = _Room(tag)
    if room.size != size:
        room.resize(size)
    from_buffer, addressof = ctypes.c_char.from_buffer, ctypes.addressof
    room.a.data = addressof(from_buffer(a))
    room.out.data = addressof(from_buffer(out))
    if b is None:
        status = call(room.a_at, *more, room.out_at, NO_TICK, None)
    elif type(b) is int:
        room.cell.value = b
        status = call(room.a_at, room.cell_at, *more, room.out_at, NO_TICK, None)
    else:
        room.b.data = addressof(from_buffer(b))
        status = call(room.a_at, room.b_at, *more, room.out_at, NO_TICK, None)
    rooms.append(room)
    return None if status else out  # what went wrong, and where by the array's own axes, the other way says


def _run(what: str, call: Any, arguments: Tuple[Any, ...], size: int, progress: Progress) -> None:
    if progress is None and size < _SHORT.get(what, _SHORT_ELSE):
        check(call(*arguments, NO_TICK, None))
        return
    job = Job(progress, what)
    job.check(call(*arguments, job.tick, None))


def _size(shape: Tuple[int, ...]) -> int:
    count = 1
    for n in shape:
        count *= n
    return count


def arrays_of_two(what: str, call: Any, a: Any, b: Any, overflow: int, progress: Progress) -> Any:
    """`call` on two operands, of which at least one is an array."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(a) is numpy.ndarray and progress is None and b is not None:
        out = _plain(numpy, what, call, a, b, (overflow,))
        if out is not None:
            return out
    lent = [Lent(name, given) for name, given in (("a", a), ("b", b)) if is_array(given)]
    if len(lent) == 2:
        left: Any = lent[0]
        right: Any = lent[1]
    elif is_array(a):
        left, right = lent[0], Cell("b", b, lent[0].tag)
    else:
        left, right = Cell("a", a, lent[0].tag), lent[0]
    out = new(lent, broadcast(left.shape, right.shape), common(left.tag, right.tag))
    described, _keep = lend("out", out)
    size = _size(tuple(described.shape[: described.ndim]))
    _run(what, call, (left.described, right.described, overflow, described), size, progress)
    return out


def arrays_of_one(what: str, call: Any, name: str, given: Any, more: Tuple[int, ...], progress: Progress) -> Any:
    """`call` on one array."""
    numpy = sys.modules.get("numpy")
    flags = what == "is_prime"
    if numpy is not None and type(given) is numpy.ndarray and progress is None and not flags:
        out = _plain(numpy, what, call, given, None, more)
        if out is not None:
            return out
    lent = Lent(name, given)
    out = new([lent], lent.shape, lent.tag, flags=flags)
    described, _keep = lend("out", out)
    _run(what, call, (lent.described, *more, described), _size(lent.shape), progress)
    return out


def of_two(what: str, call: Any, arrays: Any, a: Any, b: Any, overflow: str, progress: Progress) -> Any:
    """`call` on two ints, or `arrays` where an operand is an array."""
    how = 0 if overflow == "raise" else mode(overflow)
    if not (a.__class__ is int and b.__class__ is int and LEAST <= a <= MOST and LEAST <= b <= MOST):
        if is_array(a) or is_array(b):
            return arrays_of_two(what, arrays, a, b, how, progress)
        a, b = scalar("a", a), scalar("b", b)
    out = _int128()
    status = call(a, a >> 64, b, b >> 64, how, out)  # ctypes keeps the low 64 bits of each: two's complement
    if status:
        check(status)
    return out.high << 64 | out.low


def of_one(what: str, call: Any, arrays: Any, a: Any, overflow: str, progress: Progress) -> Any:
    """`call` on an int, or `arrays` on an array."""
    how = mode(overflow)
    if is_array(a):
        return arrays_of_one(what, arrays, "a", a, (how,), progress)
    a = scalar("a", a)
    out = _int128()
    check(call(a, a >> 64, how, out))
    return out.high << 64 | out.low
