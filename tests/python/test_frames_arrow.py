"""Capsules in and out: what is refused, what is released and when."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import textwrap

import pytest
from ironwheel import _abi, _arrow, frames

pytestmark = pytest.mark.skipif(not hasattr(ctypes, "pythonapi"), reason="this Python has no capsule functions")


class Producer:
    """A hand-made producer of one int64 column, whose every release is counted."""

    def __init__(self, batches: int = 1, fail_at: int | None = None, format: bytes = b"l", rows: int = 4) -> None:
        self.left, self.fail_at, self.rows = batches, fail_at, rows
        self.made = 0
        self.streams, self.arrays, self.schemas = 0, 0, 0
        self.values = (ctypes.c_int64 * max(rows, 1))(*range(rows))
        self.child_schema = _abi.ArrowSchema(format=format, name="grün".encode(), flags=2)
        self.schema_children = (ctypes.POINTER(_abi.ArrowSchema) * 1)(ctypes.pointer(self.child_schema))
        self.buffers = (ctypes.c_void_p * 2)(None, ctypes.addressof(self.values))
        self.no_buffers = (ctypes.c_void_p * 1)(None)
        self.children: list[object] = []
        fields = dict(_abi.ArrowArrayStream._fields_)
        self.functions = (
            fields["get_schema"](self.get_schema),
            fields["get_next"](self.get_next),
            fields["get_last_error"](lambda _stream: b"out of tape"),
            fields["release"](self.release_stream),
        )
        self.release_child_schema = dict(_abi.ArrowSchema._fields_)["release"](self.forget)
        self.release_child = dict(_abi.ArrowArray._fields_)["release"](self.forget)
        self.release_schema = dict(_abi.ArrowSchema._fields_)["release"](self.count_schema)
        self.release_array = dict(_abi.ArrowArray._fields_)["release"](self.count_array)
        self.stream = _abi.ArrowArrayStream(*self.functions)
        self.capsule = capsule(self.stream)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule

    @staticmethod
    def forget(struct):
        clear(struct.contents)

    def count_schema(self, struct):
        self.schemas += 1
        clear(struct.contents)

    def count_array(self, struct):
        self.arrays += 1
        clear(struct.contents)

    def release_stream(self, stream):
        self.streams += 1
        clear(stream.contents)

    def get_schema(self, _stream, out):
        self.child_schema.release = self.release_child_schema
        out[0] = _abi.ArrowSchema(b"+s", b"", None, 0, 1, self.schema_children, None, self.release_schema, None)
        return 0

    def get_next(self, _stream, out):
        if self.fail_at == self.made:
            return 5
        if self.made == self.left:
            ctypes.memset(out, 0, ctypes.sizeof(_abi.ArrowArray))
            return 0
        self.made += 1
        child = _abi.ArrowArray(self.rows, 0, 0, 2, 0, self.buffers, None, None, self.release_child, None)
        children = (ctypes.POINTER(_abi.ArrowArray) * 1)(ctypes.pointer(child))
        self.children.append((child, children))
        self.spoil(child)
        out[0] = _abi.ArrowArray(self.rows, 0, 0, 1, 1, self.no_buffers, children, None, self.release_array, None)
        return 0

    def spoil(self, child) -> None:
        pass


def clear(struct) -> None:
    """Marks a struct released."""
    offset = type(struct).release.offset
    ctypes.memset(ctypes.addressof(struct) + offset, 0, ctypes.sizeof(ctypes.c_void_p))


def capsule(struct, name: bytes = b"arrow_array_stream") -> object:
    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return new(("PyCapsule_New", ctypes.pythonapi))(ctypes.addressof(struct), name, None)


def counts(producer: Producer) -> tuple[int, int, int]:
    return producer.streams, producer.schemas, producer.arrays


def test_everything_is_released_once_on_success():
    producer = Producer(batches=3)
    found = frames.profile(producer)
    assert found["grün"].mean == 1.5 and found.rows == 12
    assert counts(producer) == (1, 1, 3)
    with pytest.raises(ValueError, match="data is a released Arrow stream; a stream can be read once"):
        frames.profile(producer)
    assert counts(producer) == (1, 1, 3)


@pytest.mark.filterwarnings("ignore:memory leak in callback")  # of this test: ctypes keeps what a callback returns
def test_everything_is_released_once_when_the_producer_fails():
    producer = Producer(batches=3, fail_at=2)
    with pytest.raises(ValueError, match="data: the producer's get_next failed: out of tape"):
        frames.profile(producer)
    assert counts(producer) == (1, 1, 2)


def test_everything_is_released_once_when_the_column_is_wrong():
    producer = Producer()
    with pytest.raises(ValueError, match='"blau" is not a column of data, which has "grün"'):
        frames.profile(producer, columns=["blau"])
    assert counts(producer) == (1, 1, 0)


def test_everything_is_released_once_when_cancelled():
    producer = Producer(batches=10**9, rows=1000)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frames.profile(producer, progress=stop)
    assert counts(producer) == (1, 1, producer.made)
    producer = Producer(batches=10**9)
    with pytest.raises(KeyboardInterrupt):
        frames.Frame(producer, progress=stop)
    assert counts(producer) == (1, 1, producer.made)


def test_a_frame_holds_its_batches_until_the_last_reader_is_gone():
    producer = Producer(batches=2)
    frame = frames.Frame(producer)
    assert counts(producer) == (1, 1, 0)
    handed_on = frame.__arrow_c_stream__()
    del frame
    gc.collect()
    assert counts(producer) == (1, 1, 0)
    assert frames.profile(handed_on).rows == 8
    assert counts(producer) == (1, 1, 2)


def test_a_capsule_nobody_reads_releases_what_it_holds():
    producer = Producer(batches=2)
    handed_on = frames.Frame(producer).__arrow_c_stream__()
    gc.collect()
    assert producer.arrays == 0
    del handed_on
    assert producer.arrays == 2


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("length", -1, 'column "grün" has length -1'),
        ("length", 2**62, "too long to exist"),
        ("length", 3, "has 3 elements where its parent needs 4"),
        ("offset", -7, 'column "grün" has offset -7'),
        ("offset", 2**63 - 1, "too long to exist"),
        ("null_count", 99, "null_count 99 of 4"),
        ("null_count", 2, "null_count 2 and no validity"),
        ("n_buffers", 1, "has 1 buffers, not 2"),
        ("n_buffers", -1, "has n_buffers -1"),
        ("n_children", 5, "has 5 children at NULL"),
        ("buffers", None, "2 buffers at NULL"),
        ("dictionary", "self", "dictionary missing or too many"),
        ("release", None, "is a released Arrow array"),
    ],
)
def test_hostile_arrays_are_refused_by_column(field, value, message):
    producer = Producer()

    def spoil(child):
        if field == "release":
            clear(child)
        else:
            setattr(child, field, ctypes.pointer(child) if value == "self" else value)

    producer.spoil = spoil
    with pytest.raises(ValueError, match=message):
        frames.profile(producer)
    assert counts(producer) == (1, 1, 1)


@pytest.mark.parametrize(
    ("format", "error", "message"),
    [
        (b"q!", TypeError, 'data: column "grün" has Arrow format "q!", which is not supported'),
        (b"", TypeError, 'has Arrow format "", which is not supported'),
        (b"+l", ValueError, "0 children, not 1"),
        (b"+s", ValueError, "has 0 children|2 buffers, not 1"),
        (b"d:0,0", TypeError, '"d:0,0"'),
        (b"w:-1", TypeError, '"w:-1"'),
        (b"+ud:0,0", ValueError, r'"\+ud:0,0" and 0 children'),
        (b"u", ValueError, "has 2 buffers, not 3"),
        (b"n", ValueError, "has 2 buffers, not 0"),
        (b"\xff", ValueError, "has a format that is NULL or not UTF-8"),
    ],
)
def test_wrong_formats_are_refused_by_column(format, error, message):
    producer = Producer(format=format)
    with pytest.raises(error, match=message):
        frames.profile(producer)
    assert producer.streams == producer.schemas == 1


def test_half_empty_streams_are_refused():
    producer = Producer()
    ctypes.memset(ctypes.addressof(producer.stream) + _abi.ArrowArrayStream.get_next.offset, 0, 8)
    with pytest.raises(ValueError, match="without get_schema or get_next"):
        frames.profile(producer)
    assert producer.streams == 1


@pytest.mark.parametrize("answer", [None, 3, "stream", (1, 2), lambda: None], ids=repr)
def test_what_is_no_capsule_is_refused(answer):
    stream = type("Stream", (), {"__arrow_c_stream__": lambda self: answer})()
    with pytest.raises(TypeError, match=r"data: __arrow_c_stream__ of .*Stream returned .*, not an Arrow stream"):
        frames.profile(stream)
    array = type("Array", (), {"__arrow_c_array__": lambda self: answer})()
    with pytest.raises(TypeError, match=r"data: __arrow_c_array__ of .*Array returned"):
        frames.profile(array)
    if not isinstance(answer, str):  # which is a path
        with pytest.raises(TypeError, match="data must speak Arrow"):
            frames.profile(answer)


def test_a_capsule_of_something_else_is_refused():
    other = capsule(_abi.ArrowArrayStream(), b"dltensor")
    with pytest.raises(TypeError, match=r"data must speak Arrow .* got PyCapsule"):
        frames.profile(other)


def test_a_producer_without_its_library_says_so():
    def missing(self):
        raise ImportError("no pyarrow here")

    frame = type("Frame", (), {"__arrow_c_stream__": missing})()
    with pytest.raises(ImportError, match=r"data: .*Frame cannot hand itself over as Arrow data: no pyarrow here"):
        frames.profile(frame)


def test_an_exception_of_the_producer_passes_through():
    def fails(self):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        frames.profile(type("Frame", (), {"__arrow_c_stream__": fails})())


def test_arrays_come_in_through_two_capsules():
    pa = pytest.importorskip("pyarrow", reason="pyarrow makes the array")

    class Alone:
        def __init__(self, array):
            self.array = array

        def __arrow_c_array__(self, requested_schema=None):
            return self.array.__arrow_c_array__()

    assert frames.profile(Alone(pa.array([1, 2, None])))[""].nulls == 1
    batch = pa.record_batch({"a": [1], "b": ["x"]})
    assert frames.Frame(Alone(batch)).columns == ["a", "b"]
    with_null_rows = pa.StructArray.from_arrays([pa.array([1, 2])], names=["a"], mask=pa.array([True, False]))
    with pytest.raises(ValueError, match="1 null rows"):
        frames.profile(Alone(with_null_rows))


def test_a_python_generator_may_produce_the_batches():
    pa = pytest.importorskip("pyarrow", reason="pyarrow runs the generator")
    schema = pa.schema([("a", pa.int64())])

    def batches():
        for start in range(50):
            yield pa.record_batch({"a": [start]}, schema)

    assert frames.profile(pa.RecordBatchReader.from_batches(schema, batches()))["a"].count == 50

    def breaks():
        yield pa.record_batch({"a": [1]}, schema)
        raise ValueError("line 7 is torn")

    with pytest.raises(ValueError, match="line 7 is torn"):
        frames.profile(pa.RecordBatchReader.from_batches(schema, breaks()))


def test_memory_is_given_back():
    pa = pytest.importorskip("pyarrow", reason="pyarrow counts its memory")
    before = pa.total_allocated_bytes()
    for _ in range(20):
        table = pa.table({"a": pa.array(range(10_000)), "s": pa.array(["x" * 50] * 10_000)})
        frame = frames.Frame(table)
        frame.profile()
        pa.table(frame)
        frame.__arrow_c_stream__()
        with pytest.raises(ValueError, match="none"):
            frame.profile(columns=["none"])
    del table, frame
    gc.collect()
    assert pa.total_allocated_bytes() - before < 1_000_000


@pytest.mark.parametrize("holder", ["module", "cycle", "thread"])
def test_the_interpreter_ends_with_capsules_alive(holder):
    """A destructor written in Python would run here when half of the interpreter is gone."""
    pytest.importorskip("pyarrow", reason="pyarrow makes the frame")
    code = f"""
        import threading, time, sys
        import pyarrow as pa
        from ironwheel import frames
        frame = frames.Frame(pa.table({{"a": pa.array(range(1000))}}))
        if "{holder}" == "module":
            sys.modules["keep"] = frame.__arrow_c_stream__()
            keep = [frame.__arrow_c_stream__() for _ in range(10)]
        elif "{holder}" == "cycle":
            loop = [frame.__arrow_c_stream__(), frame]
            loop.append(loop)
        else:
            def work(capsule=frame.__arrow_c_stream__()):
                while True:
                    time.sleep(0.001)
                    frames.Frame(frame)
            threading.Thread(target=work, daemon=True).start()
            time.sleep(0.05)
        print("done")
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_the_shared_capsule_functions_are_left_alone():
    """ctypes.pythonapi is one object for the whole process; argtypes set on it would be everybody's."""
    before = ctypes.pythonapi.PyCapsule_GetPointer.argtypes
    _arrow.capsule_of("data", Producer())
    assert ctypes.pythonapi.PyCapsule_GetPointer.argtypes is before


def test_the_views_of_null_rows_may_hold_anything():
    import struct

    pa = pytest.importorskip("pyarrow", minversion="16")
    wild = struct.pack("<i12s", 3, b"abc") + struct.pack("<i4sii", 2**31 - 1, b"abcd", 2**31 - 1, 2**31 - 1)
    for kind in (pa.string_view(), pa.binary_view()):
        column = pa.Array.from_buffers(kind, 2, [pa.py_buffer(b"\x01"), pa.py_buffer(wild)])
        found = frames.profile({"x": column})
        assert (found.rows, found["x"].nulls, found.duplicate_rows) == (2, 1, 0)
        assert frames.validate({"x": column}, [frames.rules.unique("x")]).passed
        assert len(frames.fingerprint({"x": column})) == 2


def test_the_one_offset_of_an_empty_list_may_be_anything():
    pa = pytest.importorskip("pyarrow")
    np = pytest.importorskip("numpy")
    inner = pa.Array.from_buffers(
        pa.list_(pa.string()), 0, [None, pa.py_buffer(np.array([1], "i4"))], children=[pa.array([], pa.string())]
    )
    outer = pa.Array.from_buffers(
        pa.list_(inner.type), 1, [None, pa.py_buffer(np.array([0, 0], "i4"))], children=[inner]
    )
    assert frames.profile({"x": outer}).rows == 1


@pytest.mark.parametrize(
    "entry, message",
    [
        (None, "1 null entries in its maps"),
        ({"key": None, "value": 1}, "1 null keys in its maps"),
        ({"key": 1, "value": None}, None),
    ],
)
def test_maps_with_null_entries_or_keys_are_refused(entry, message):
    pa = pytest.importorskip("pyarrow", minversion="14")
    pair = pa.struct([("key", pa.int32()), ("value", pa.int32())])
    lists = pa.record_batch({"x": pa.array([[{"key": 7, "value": 8}, entry]], pa.list_(pair))})
    schema = pa.schema([("x", pa.map_(pa.int32(), pa.int32()))])

    class Maps:
        def __arrow_c_array__(self, requested_schema=None):
            return schema.__arrow_c_schema__(), lists.__arrow_c_array__()[1]

    if message is None:
        assert frames.profile(Maps()).rows == 1
    else:
        with pytest.raises(ValueError, match=f'column "x" has {message}'):
            frames.profile(Maps())


def test_a_schema_that_points_to_itself_twice_on_every_level_is_refused():
    kept = []
    schema = _abi.ArrowSchema(format=b"i", name=b"x")
    release = type(schema.release)(lambda _schema: None)
    schema.release = release
    for _ in range(40):
        both = (ctypes.POINTER(_abi.ArrowSchema) * 2)(ctypes.pointer(schema), ctypes.pointer(schema))
        kept.append((schema, both))
        children = ctypes.cast(both, type(_abi.ArrowSchema().children))
        schema = _abi.ArrowSchema(format=b"+s", name=b"x", n_children=2, children=children, release=release)
    array = _abi.ArrowArray(length=0, release=type(_abi.ArrowArray().release)(lambda _array: None))

    class Twice:
        def __arrow_c_array__(self, requested_schema=None):
            def named(name, struct):
                make = ctypes.pythonapi.PyCapsule_New
                make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
                return make(ctypes.addressof(struct), name, None)

            return named(b"arrow_schema", schema), named(b"arrow_array", array)

    with pytest.raises(ValueError, match="is one of more than 2097152 types in one schema"):
        frames.Frame(Twice())
