"""What executors run. Imported on them only, once per worker process, which keeps the native library loaded."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple


class _Trouble:
    """Runs a task; what fails in native code or in a user's function leaves it with its own words.

    Attributes
    ----------
    upstream
        What Spark raised instead of a batch: its error, not ours, whatever became of it on the way.
    """

    upstream: Optional[BaseException] = None

    def __enter__(self) -> _Trouble:
        _use_cpus()
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        if error is None or error is self.upstream:
            return
        if self.upstream is not None:
            raise self.upstream
        if not isinstance(error, Exception):
            return
        import json

        from pyspark import TaskContext

        from ironwheel.spark import _ship

        context = TaskContext.get()
        said = {
            "type": type(error).__name__,
            "message": str(error),
            "partition": None if context is None else context.partitionId(),
        }
        raise RuntimeError(_ship.MARK + json.dumps(said)) from error


def _use_cpus() -> None:
    """As many threads as the task has CPUs, however many the machine has."""
    from pyspark import TaskContext

    import ironwheel

    context = TaskContext.get()
    if context is not None:
        ironwheel.set_threads(min(max(int(context.cpus()), 1), 1024))


def _partition() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else int(context.partitionId())


class _Batches:
    """The batches of a partition as one Arrow stream: read once, one at a time, none kept."""

    def __init__(self, batches: Iterator[Any], names: Sequence[str], trouble: _Trouble) -> None:
        self._batches = iter(batches)
        self._names = list(names)
        self._trouble = trouble
        self._first = self._next()
        self.is_empty = self._first is None

    def _next(self) -> Any:
        try:
            batch = next(self._batches, None)
        except BaseException as error:
            self._trouble.upstream = error  # an Arrow stream would make a text of it
            raise
        return None if batch is None else in_order(batch, self._names)

    def _all(self) -> Iterator[Any]:
        batch, self._first = self._first, None
        while batch is not None:
            yield batch
            batch = self._next()

    def reader(self) -> Any:
        import pyarrow

        return pyarrow.RecordBatchReader.from_batches(self._first.schema, self._all())


def in_utc(kind: Any) -> Any:
    """An Arrow type with UTC for every time zone: Spark writes the session's, which says nothing about the data."""
    import pyarrow
    from pyarrow import types

    if types.is_timestamp(kind):
        return kind if kind.tz in (None, "UTC") else pyarrow.timestamp(kind.unit, "UTC")
    if types.is_struct(kind):
        fields = [kind[at] for at in range(kind.num_fields)]
        return pyarrow.struct([field.with_type(in_utc(field.type)) for field in fields])
    if types.is_map(kind):
        return pyarrow.map_(
            kind.key_field.with_type(in_utc(kind.key_type)), kind.item_field.with_type(in_utc(kind.item_type))
        )
    if types.is_list(kind):
        return pyarrow.list_(kind.value_field.with_type(in_utc(kind.value_type)))
    return kind


def in_order(batch: Any, names: Sequence[str]) -> Any:
    """A batch under the user's names, its timestamps in UTC; nothing is copied but what is nested."""
    import pyarrow

    fields, arrays = [], []
    for name, field, array in zip(names, batch.schema, batch.columns):
        kind = in_utc(field.type)
        fields.append(pyarrow.field(name, kind, field.nullable))
        arrays.append(array if kind.equals(field.type) else array.cast(kind))
    schema = pyarrow.schema(fields)
    if not arrays:  # rows without columns are a count
        return batch.select([])
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def states(payload: bytes, batches: Iterator[Any]) -> Iterator[Any]:
    """One batch of one row: the number of the partition, and the state of what is in it. None of an empty one."""
    import pickle

    import pyarrow

    order: Dict[str, Any] = pickle.loads(payload)
    with _Trouble() as trouble:
        stream = _Batches(batches, order["names"], trouble)
        if stream.is_empty:
            return
        state = _STATES[order["call"]](order, stream)
    arrays = [pyarrow.array([_partition()], pyarrow.int32()), pyarrow.array([state], pyarrow.binary())]
    yield pyarrow.RecordBatch.from_arrays(arrays, names=["partition", "state"])


def _profile(order: Dict[str, Any], stream: _Batches) -> bytes:
    from ironwheel import frames

    found = frames.profile(stream.reader(), correlations=order["correlations"], memory=order["memory"])
    return found.to_bytes()


def _fingerprint(order: Dict[str, Any], stream: _Batches) -> bytes:
    from ironwheel import frames

    made = frames.digest(stream.reader(), bits=order["bits"], order_independent=order["order_independent"])
    return made.to_bytes()


def _validate(order: Dict[str, Any], stream: _Batches) -> bytes:
    state: bytes = check(order, stream.reader()).to_bytes()
    return state


def check(order: Dict[str, Any], data: Any) -> Any:
    """What the rules of an order find in a piece."""
    import pyarrow
    from pyspark import cloudpickle

    from ironwheel import frames
    from ironwheel.frames.rules import Rule

    functions = cloudpickle.loads(order["functions"])
    rules = [Rule(fields, function=functions.get(index)) for index, fields in enumerate(order["rules"])]
    tables = {name: pyarrow.ipc.open_stream(content).read_all() for name, content in order["tables"].items()}
    return frames.ValidationState.of(data, rules, frames=tables, now=order["now"])


def _table(order: Dict[str, Any], stream: _Batches) -> bytes:
    """The rows themselves, as an IPC stream: the keys of a table that a foreign key refers to."""
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    reader = stream.reader()
    with pyarrow.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


_STATES = {"profile": _profile, "fingerprint": _fingerprint, "validate": _validate, "table": _table}


def merge_states(call: str, found: Sequence[bytes]) -> Any:
    """What the states of consecutive partitions come to, as an object."""
    from ironwheel import frames

    if call == "profile":
        return frames.merge([frames.Profile.from_bytes(state) for state in found], ordered=True)
    kind: Any = frames.ValidationState if call == "validate" else frames.Digest
    return kind.merge(*[kind.from_bytes(state) for state in found])


def merge_groups(payload: bytes, pairs: Iterable[Tuple[int, Tuple[int, bytes]]]) -> Iterator[Tuple[int, bytes]]:
    """Of (group, (place, state)) in any order: (group, state) of each group."""
    call = payload.decode()
    groups: Dict[int, List[Tuple[int, bytes]]] = {}
    for group, (place, state) in pairs:
        groups.setdefault(group, []).append((place, bytes(state)))
    for group, found in sorted(groups.items()):
        found.sort(key=lambda pair: pair[0])
        with _Trouble():
            whole: bytes = merge_states(call, [state for _place, state in found]).to_bytes()
        yield group, whole


def with_hashes(payload: bytes, batches: Iterator[Any]) -> Iterator[Any]:
    """Each batch with the hashes of its rows as one more column."""
    import pickle

    import pyarrow

    from ironwheel import frames

    order: Dict[str, Any] = pickle.loads(payload)
    for batch in batches:
        with _Trouble():
            read = in_order(batch.select(order["places"]), order["names"])
            made = frames.fingerprint(read, bits=order["bits"], order_independent=order["order_independent"])
            column = as_column(made)
        kept = batch.columns[: len(order["made"]) - 1]
        yield pyarrow.RecordBatch.from_arrays([*kept, column], names=order["made"])


def as_column(made: Any) -> Any:
    """The hashes of a Fingerprint as Spark has room for them: bigint, or binary."""
    import pyarrow

    chunks = made.to_arrow().column(0).chunks
    if made.bits == 64:
        return pyarrow.concat_arrays([chunk.view(pyarrow.int64()) for chunk in chunks] or [pyarrow.array([], "int64")])
    return pyarrow.concat_arrays([chunk.cast(pyarrow.binary()) for chunk in chunks] or [pyarrow.array([], "binary")])


def call_on_arrow(payload: bytes, *arguments: Any) -> Any:
    """A batch of a function of `udf`, from Spark 4.1 on."""
    import pickle

    from ironwheel.spark import _calls

    _use_cpus()
    return _calls.on_arrow(pickle.loads(payload), arguments)


def call_on_pandas(payload: bytes, *series: Any) -> Any:
    """A batch of a function of `udf`, before Spark 4.1."""
    import pickle

    from ironwheel.spark import _calls

    _use_cpus()
    return _calls.on_pandas(pickle.loads(payload), series)
