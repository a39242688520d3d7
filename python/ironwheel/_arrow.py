"""Arrow streams as PyCapsules, in both directions, through `ctypes.pythonapi` alone."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Callable, Optional, Tuple

from ironwheel import _abi
from ironwheel._lib import check, lib

_STREAM = b"arrow_array_stream"


class _Capsules:
    """The interpreter's capsule functions, as function objects of our own.

    Those that `ctypes.pythonapi` hands out are shared by the whole process, and so are the argtypes
    somebody else sets on them.
    """

    def __init__(self) -> None:
        try:
            api = ctypes.pythonapi
            address = ctypes.cast(api.PyCapsule_GetPointer, ctypes.c_void_p).value or 0
        except AttributeError as error:
            raise NotImplementedError(
                "exchanging Arrow data needs CPython's capsule functions, which this Python does not have"
            ) from error
        python, handle, text = ctypes.PYFUNCTYPE, ctypes.c_void_p, ctypes.c_char_p
        self.is_valid = python(ctypes.c_int, ctypes.py_object, text)(("PyCapsule_IsValid", api))
        self.pointer = python(handle, ctypes.py_object, text)(("PyCapsule_GetPointer", api))
        self._new = python(ctypes.py_object, handle, handle, handle)(("PyCapsule_New", api))
        native = _abi.iw_capsule()
        check(lib.iw_arrow_stream_capsule(_abi.iw_capsule_pointer(address), ctypes.byref(native)))
        # As addresses: reading a c_char_p would copy the text, and a capsule keeps the pointer.
        self._name = ctypes.c_void_p.from_buffer(native, _abi.iw_capsule.name.offset).value
        self._destructor = ctypes.cast(native.destructor, ctypes.c_void_p).value

    def new(self, stream: Any) -> object:
        """A capsule that owns `stream`, a struct of `iw_arrow_stream_new`; freed natively, by refcount."""
        capsule: object = self._new(ctypes.cast(stream, ctypes.c_void_p), self._name, self._destructor)
        return capsule


_capsules: Optional[_Capsules] = None


def _api() -> _Capsules:
    global _capsules
    if _capsules is None:
        _capsules = _Capsules()
    return _capsules


def export(fill: Callable[[Any], int]) -> object:
    """A new "arrow_array_stream" capsule around what ``fill(stream)`` wrote; `fill` returns a status."""
    stream = lib.iw_arrow_stream_new()
    # Owned before it is filled: were it freed here on an error, a Ctrl-C in between would free it twice.
    capsule = _api().new(stream)
    check(fill(stream))
    return capsule


def capsule_of(name: str, data: Any) -> object:
    """The Arrow stream of `data` as a capsule; `name` is the parameter errors speak of.

    Raises
    ------
    TypeError
        `data` has neither ``__arrow_c_stream__`` nor ``__arrow_c_array__``, or what these returned is no
        capsule of Arrow's.
    ImportError
        `data` needs a library that is not installed to hand itself over, as pandas needs pyarrow.
    """
    api = _api()
    if api.is_valid(data, _STREAM):
        return data
    if hasattr(data, "__arrow_c_stream__"):
        return _expect(api, name, data, "__arrow_c_stream__", _ask(name, data, "__arrow_c_stream__"))
    if hasattr(data, "__arrow_c_array__"):
        schema, array, _pair = array_of(name, data)
        return export(lambda stream: lib.iw_arrow_stream_from_array(schema, array, stream))
    older = _of_older_pyarrow(data)
    if older is not None:
        return older
    raise TypeError(f"{name} must speak Arrow (__arrow_c_stream__ or __arrow_c_array__), got {_kind(data)}")


def _of_older_pyarrow(data: Any) -> object:
    """The stream of a table, batch or reader of pyarrow before 14, which knew Arrow's structs and not yet capsules."""
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is None:
        return None
    if isinstance(data, pyarrow.RecordBatch):
        data = pyarrow.Table.from_batches([data])
    if isinstance(data, pyarrow.Table):
        data = data.to_reader()
    if not isinstance(data, pyarrow.RecordBatchReader):
        return None

    def fill(stream: Any) -> int:
        data._export_to_c(ctypes.cast(stream, ctypes.c_void_p).value)
        return 0

    return export(fill)


def to_pyarrow(data: Any) -> Any:
    """What has ``__arrow_c_stream__`` as a table of pyarrow of any version."""
    import pyarrow

    if hasattr(pyarrow.Table, "__arrow_c_stream__"):
        return pyarrow.table(data)
    capsule = data.__arrow_c_stream__()
    address = ctypes.cast(pointer(capsule), ctypes.c_void_p).value
    return pyarrow.RecordBatchReader._import_from_c(address).read_all()  # moves the stream out of the capsule


def array_of(name: str, data: Any) -> Tuple[Any, Any, object]:
    """The schema and array structs of what has ``__arrow_c_array__``, and what to keep in a local meanwhile.

    Raises
    ------
    TypeError
        It returned no two capsules of Arrow's.
    ImportError
        It needs a library that is not installed.
    """
    api = _api()
    pair = _ask(name, data, "__arrow_c_array__")
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"{name}: __arrow_c_array__ of {_kind(data)} returned {_kind(pair)}, not two capsules")
    schema = _address(api, name, data, pair[0], b"arrow_schema", _abi.ArrowSchema)
    array = _address(api, name, data, pair[1], b"arrow_array", _abi.ArrowArray)
    return schema, array, pair


def pointer(capsule: object) -> Any:
    """The stream struct in `capsule`, for the length of one call: keep the capsule in a local meanwhile."""
    return ctypes.cast(_api().pointer(capsule, _STREAM), ctypes.POINTER(_abi.ArrowArrayStream))


def _ask(name: str, data: Any, method: str) -> Any:
    try:
        return getattr(data, method)()
    except ImportError as error:
        raise ImportError(f"{name}: {_kind(data)} cannot hand itself over as Arrow data: {error}") from error


def _expect(api: _Capsules, name: str, data: Any, method: str, capsule: object) -> object:
    if not api.is_valid(capsule, _STREAM):
        raise TypeError(f"{name}: {method} of {_kind(data)} returned {_kind(capsule)}, not an Arrow stream")
    return capsule


def _address(api: _Capsules, name: str, data: Any, capsule: object, what: bytes, struct: Any) -> Any:
    if not api.is_valid(capsule, what):
        returned = f"{_kind(capsule)}, not an {what.decode()} capsule"
        raise TypeError(f"{name}: __arrow_c_array__ of {_kind(data)} returned {returned}")
    return ctypes.cast(api.pointer(capsule, what), ctypes.POINTER(struct))


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
