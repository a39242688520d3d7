"""Functions that Spark pickles and runs on executors.

Each is made within another one, so that cloudpickle ships its code and not its address: it can be unpickled where
ironwheel is missing, and then says so. It names modules only inside, and everything else is in `_worker`, which an
executor imports once it is known to have the same version as the driver.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, Tuple

#: Begins the line of JSON that carries an error from an executor to the driver, through what Spark makes of it.
MARK = "ironwheel-on-executor: "

WAYS = (
    "Install it on every node: a Fabric environment or the library page of a Synapse Spark pool (`ironwheel deploy` does "
    "either), the image of a cluster, or a virtual environment sent with --archives. A wheel with native code cannot "
    "be imported from --py-files"
)


def shipped(call: str, payload: bytes) -> Callable[..., Any]:
    """`_worker.<call>(payload, *arguments)`, for Spark to run."""
    import ironwheel

    version, mark, ways = ironwheel.__version__, MARK, WAYS

    def on_executor(*arguments: Any) -> Any:
        worker = _found(version, mark, ways)
        return getattr(worker, call)(payload, *arguments)

    def _found(version: str, mark: str, ways: str) -> Any:
        import json
        import platform

        def refused(message: str) -> ImportError:
            said = {"type": "ImportError", "message": message, "partition": None}
            return ImportError(mark + json.dumps(said))

        where = f"an executor on {platform.node()} (Python {platform.python_version()})"
        try:
            import ironwheel
        except ImportError as error:
            raise refused(f"{where} cannot import ironwheel: {error}. {ways}") from None
        found = getattr(ironwheel, "__version__", "of unknown version")
        if found != version:
            raise refused(f"{where} has ironwheel {found}, the driver has {version}; both must be the same. {ways}")
        from ironwheel.spark import _worker

        return _worker

    return on_executor


def keyed(width: int) -> Callable[[Any], Any]:
    """(place, state) -> (group, (place, state)), where `width` places in a row make a group."""

    def to_group(pair: Tuple[int, bytes]) -> Any:
        return pair[0] // width, (pair[0], pair[1])

    return to_group


def plain_key() -> Callable[[int], int]:
    def same(key: int) -> int:
        return key

    return same


def merged(call: str) -> Callable[[Iterator[Any]], Any]:
    """The groups of a partition, each merged to one (group, state) in the order of its places."""
    run = shipped("merge_groups", call.encode())

    def merge(pairs: Iterator[Any]) -> Any:
        return run(pairs)

    return merge
