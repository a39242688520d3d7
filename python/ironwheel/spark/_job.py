"""One action: a state from every partition, put together in the order of the partitions."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ironwheel.spark import _session, _ship
from ironwheel.spark._session import Source

#: Up to so many states come to the driver as they are; more are merged on executors first. Fewer of wide tables, whose
#: states are large: so many states times columns, but always four states.
ON_DRIVER = 64
ON_DRIVER_COLUMNS = 4096
#: So many states of neighbouring partitions become one in each round of that; of wide tables as above.
FAN_IN = 32
FAN_IN_COLUMNS = 2048


def states(found: Source, call: str, order: Dict[str, Any]) -> List[bytes]:
    """The states of all partitions that have rows, or of groups of them, in order.

    One action of Spark: one job of one stage, and a stage more for each round of merging. Rows stay where they are.
    """
    with described(found.data, call, len(found.names)), own_words():
        rows = _run(found, call, order)
    return [state for _place, state in sorted(rows, key=lambda row: row[0])]


def _run(found: Source, call: str, order: Dict[str, Any]) -> List[Tuple[int, bytes]]:
    made = _made(found, call, order)
    if _session.is_connect(made):
        return [(row[0], bytes(row[1])) for row in made.collect()]
    # Under adaptive execution this is known only after the stages before ours have run; `made` keeps their results.
    partitions = made.rdd.getNumPartitions()
    most = _of_columns(ON_DRIVER, ON_DRIVER_COLUMNS, len(found.names))
    width = _of_columns(FAN_IN, FAN_IN_COLUMNS, len(found.names))
    if partitions <= most or call == "table":
        return [(row[0], bytes(row[1])) for row in made.collect()]
    pairs = made.rdd
    while partitions > most:
        partitions = -(-partitions // width)
        pairs = pairs.map(_ship.keyed(width)).partitionBy(partitions, _ship.plain_key())
        pairs = pairs.mapPartitions(_ship.merged(call))
    collected: List[Tuple[int, bytes]] = pairs.collect()
    return collected


def _of_columns(states: int, product: int, columns: int) -> int:
    return max(min(states, 4), min(states, product // max(columns, 1)))


def _made(found: Source, call: str, order: Dict[str, Any]) -> Any:
    import pickle

    payload = pickle.dumps({**order, "call": call, "names": found.names}, protocol=4)
    return found.data.mapInArrow(_ship.shipped("states", payload), "partition int, state binary")


@contextlib.contextmanager
def described(data: Any, call: str, columns: int) -> Iterator[None]:
    """Spark's own pages say what the job is; what they said before is put back."""
    if _session.is_connect(data):
        yield
        return
    context, key = data.sparkSession.sparkContext, "spark.job.description"
    before = context.getLocalProperty(key)
    context.setLocalProperty(key, f"ironwheel.spark.{call}: {columns} columns" if before is None else before)
    try:
        yield
    finally:
        context.setLocalProperty(key, before)


@contextlib.contextmanager
def own_words() -> Iterator[None]:
    """An error that began in our code on an executor, as the exception it was there; any other as Spark has it."""
    try:
        yield
    except Exception as error:
        said = _said(error)
        if said is None:
            raise
        raised = _exception(said)
        # The pages of Spark's account stay within reach, and out of the way.
        raised.__cause__, raised.__suppress_context__ = None, True
        raise raised from None


def _said(error: BaseException) -> Optional[Dict[str, Any]]:
    import json
    import re

    for line in re.findall(re.escape(_ship.MARK) + r"(\{.*\})", str(error)):
        try:
            said: Dict[str, Any] = json.loads(line)
        except ValueError:  # printed in another way, as within a repr; there is one more
            continue
        return said
    return None


def _exception(said: Dict[str, Any]) -> Exception:
    import builtins

    from ironwheel import IronwheelError

    kind = IronwheelError if said["type"] == "IronwheelError" else getattr(builtins, said["type"], None)
    place = "" if said["partition"] is None else f" (partition {said['partition']})"
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, UnicodeError):
        try:
            return kind(said["message"] + place)
        except TypeError:  # one that wants more than a message
            pass
    return RuntimeError(f"{said['type']}: {said['message']}{place}")
