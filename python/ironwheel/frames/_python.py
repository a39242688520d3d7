"""Introduces this interpreter to the library: functions of its C API by address, and objects to test layouts on."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, List, Optional

from ironwheel import _abi
from ironwheel._lib import check, lib

# fields of iw_python -> names of the stable ABI
_FUNCTIONS = {
    "inc_ref": "Py_IncRef",
    "dec_ref": "Py_DecRef",
    "add_pending_call": "Py_AddPendingCall",
    "type_of": "PyObject_Type",
    "type_flags": "PyType_GetFlags",
    "is_subtype": "PyType_IsSubtype",
    "str": "PyObject_Str",
    "repr": "PyObject_Repr",
    "utf8": "PyUnicode_AsUTF8String",
    "encoded": "PyUnicode_AsEncodedString",
    "bytes": "PyBytes_AsStringAndSize",
    "long_long": "PyLong_AsLongLongAndOverflow",
    "double_of": "PyFloat_AsDouble",
    "list_item": "PyList_GetItem",
    "tuple_item": "PyTuple_GetItem",
    "error_matches": "PyErr_ExceptionMatches",
    "error_clear": "PyErr_Clear",
}


class Python:
    """The library's calls that hold the interpreter lock, once it knows the interpreter.

    Attributes
    ----------
    direct : int
        What is read in place: 1 types, 2 text, 4 dates and times. The rest is asked of Python.
    """

    def __init__(self) -> None:
        given = _abi.iw_python()
        try:
            api = ctypes.pythonapi
            for field, function in _FUNCTIONS.items():
                setattr(given, field, ctypes.cast(getattr(api, function), ctypes.c_void_p).value)
        except AttributeError as error:
            raise NotImplementedError(
                "reading objects of pandas and of lists needs CPython's C API, which this Python does not have; "
                "hand the table over as Arrow data or as a file"
            ) from error
        if sys.version_info < (3, 9):
            # There it complains, on a thread without the interpreter lock, once the interpreter has begun to end.
            given.add_pending_call = None
        samples = self._describe(given)
        direct = ctypes.c_uint32()
        check(self.locked("iw_python_set")(ctypes.byref(given), ctypes.byref(direct)))
        del samples  # until here they had to live
        self.direct = direct.value
        self._types = (sys.modules["datetime"], sys.modules["decimal"])  # whose types the library compares with
        self.lend = self.locked("iw_column_lend")
        self.add = self.locked("iw_objects_add")
        self.add_items = self.locked("iw_objects_add_items")
        self.release = self.locked("iw_python_release")
        import atexit

        atexit.register(lib.iw_python_close)

    @staticmethod
    def locked(name: str) -> Any:
        """The function of that name, called without giving up the interpreter lock."""
        restype: Any
        restype, argtypes = _abi.FUNCTIONS[name]
        return ctypes.PYFUNCTYPE(restype, *argtypes)((name, lib))

    @staticmethod
    def _describe(given: Any) -> List[Any]:
        """Fills in types and samples, and returns what has to live until they have been looked at."""
        import datetime
        import decimal

        utc = datetime.timezone.utc
        kept: List[Any] = []

        def address(value: Any) -> int:
            kept.append(value)
            return id(value)

        given.none, given.truth, given.utc = id(None), id(True), id(utc)
        given.type_str, given.type_bytes, given.type_bool = id(str), id(bytes), id(bool)
        given.type_int, given.type_float, given.type_exception = id(int), id(float), id(Exception)
        given.type_date, given.type_datetime = id(datetime.date), id(datetime.datetime)
        given.type_time, given.type_timedelta = id(datetime.time), id(datetime.timedelta)
        given.type_decimal = id(decimal.Decimal)
        given.header = object.__basicsize__
        # Made here, so that nobody has had them encoded before, which adds to their size.
        texts = ["", sys.intern("".join(["iron", "wheel"])), "".join(["A", "S", "C", "I", "I"])]
        texts += [letter * 3 + "x" * count for letter in "\xe9\u20ac\U0001f600" for count in (0, 1, 40)]
        texts += [sys.intern(letter + "interned" * 2) for letter in "\xe8\u20ad\U0001f601"]
        sizes = [sys.getsizeof(text) for text in texts]
        pointers, counts = (ctypes.c_void_p * len(texts))(*map(id, texts)), (ctypes.c_size_t * len(texts))(*sizes)
        kept += [texts, pointers, counts]
        given.samples = ctypes.cast(pointers, ctypes.POINTER(ctypes.c_void_p))
        given.sample_sizes = ctypes.addressof(counts)
        given.sample_count = len(texts)
        types = (datetime.date, datetime.time, datetime.timedelta, datetime.datetime)
        if [kind.__basicsize__ for kind in types] == [32, 40, 40, 48]:
            moment = (2021, 3, 4, 5, 6, 7, 890123)
            given.sample_datetime = address(datetime.datetime(*moment))
            given.sample_instant = address(datetime.datetime(*moment, tzinfo=utc))
            given.sample_date = address(datetime.date(1987, 6, 5))
            given.sample_time = address(datetime.time(23, 59, 58, 987654))
            given.sample_timedelta = address(datetime.timedelta(-3, 7, 11))
        return kept


_python: Optional[Python] = None


def python() -> Python:
    """The interpreter's side of the library, made at the first call."""
    global _python
    if _python is None:
        _python = Python()
    return _python
