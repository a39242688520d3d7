"""Hashes of the rows of a DataFrame of Spark, and what they come to."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from ironwheel import frames


def fingerprint(
    sdf: Any, columns: Optional[Sequence[str]] = None, *, bits: int = 64, order_independent: bool = False
) -> frames.Digest:
    """The digest of a DataFrame of Spark: equal to that of the same rows anywhere, in whatever order.

    Parameters
    ----------
    sdf : pyspark.sql.DataFrame
        Of any size; hashed where its partitions are, none of the hashes kept.
    columns
        Names of the columns to hash, in this order; None for all.
    bits
        64 or 128; see `ironwheel.frames.fingerprint`.
    order_independent
        False: columns count by their place. True: by their name.

    Returns
    -------
    ironwheel.frames.Digest
        ``rows``, ``digest``, ``bits``; equal (``==``) to `ironwheel.frames.fingerprint` or `ironwheel.frames.digest` of the
        same rows in pandas, polars, pyarrow or a file.

    Raises
    ------
    ValueError
        `columns` names a column that `sdf` does not have; `bits` is neither 64 nor 128; or `order_independent` and two
        columns have one name.
    TypeError
        `sdf` is no DataFrame, or a column has a type that Arrow cannot carry; said before anything runs.
    ImportError
        PySpark is missing here, or ironwheel on an executor, or of another version there.

    Notes
    -----
    One action, as `profile`. A state has a hundred bytes.

    Examples
    --------
    >>> sdf = spark.createDataFrame([(1, "a"), (2, None)], "n int, word string")  # doctest: +SKIP
    >>> ironwheel.spark.fingerprint(sdf) == ironwheel.frames.digest({"n": [1, 2], "word": ["a", None]})  # doctest: +SKIP
    True
    """
    from ironwheel.spark import _job, _session, _worker

    check_bits(bits)
    found = _session.source("ironwheel.spark.fingerprint", sdf, columns)
    if order_independent:
        check_names(found.names)
    options = {"bits": bits, "order_independent": bool(order_independent)}
    states = _job.states(found, "fingerprint", options)
    if not states:
        return frames.digest(_session.empty(found.fields), bits=bits, order_independent=order_independent)
    whole: frames.Digest = _worker.merge_states("fingerprint", states)
    return whole


def with_fingerprint(
    sdf: Any,
    name: str = "fingerprint",
    columns: Optional[Sequence[str]] = None,
    *,
    bits: int = 64,
    order_independent: bool = False,
) -> Any:
    """The DataFrame with the hash of each row as a column more; nothing runs until an action asks for it.

    Parameters
    ----------
    sdf : pyspark.sql.DataFrame
        Its columns are kept as they are.
    name
        Of the new column.
    columns, bits, order_independent
        As of `fingerprint`.

    Returns
    -------
    pyspark.sql.DataFrame
        With `name` as the last column. Of 64 bits a ``bigint``: Spark has no unsigned integers, so it is the same bits
        read as signed, and ``hash % 2**64`` in Python is what `ironwheel.frames.fingerprint` gives. Of 128 bits a
        ``binary`` of 16 bytes, highest first.

    Raises
    ------
    ValueError
        `sdf` has a column `name`, as Spark compares names; or as of `fingerprint`.
    TypeError, ImportError
        As of `fingerprint`; and Spark 3.4 takes no structs back from Python.

    Examples
    --------
    >>> hashed = ironwheel.spark.with_fingerprint(sdf)  # doctest: +SKIP
    >>> hashed.groupBy("fingerprint").count().where("count > 1")  # rows that come twice  # doctest: +SKIP
    """
    import pickle

    from ironwheel.spark import _session, _ship

    check_bits(bits)
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {name!r}")
    everything = _session.source("ironwheel.spark.with_fingerprint", sdf)
    if name.lower() in [field.name.lower() for field in everything.fields]:
        raise ValueError(f"name must be none of the columns of sdf, got {name!r}")
    hashed = everything if columns is None else _session.source("ironwheel.spark.with_fingerprint", sdf, columns)
    if order_independent:
        check_names(hashed.names)
    _session.check_returned(everything.fields)
    from pyspark.sql.types import BinaryType, LongType, StructField, StructType

    # Where names are not unique, Spark takes the batches under the numbered ones and is told the others afterwards.
    kept = everything.data.columns[: len(everything.fields)]
    inside = [*kept, name if name not in kept else f"{name}_"]
    order = {
        "places": hashed.places,
        "names": hashed.names,
        "made": inside,
        "bits": bits,
        "order_independent": bool(order_independent),
    }
    kind = LongType() if bits == 64 else BinaryType()
    types = [*everything.fields, StructField(name, kind, True)]
    schema = StructType(
        [StructField(one, field.dataType, field.nullable, field.metadata) for one, field in zip(inside, types)]
    )
    made = everything.data.mapInArrow(_ship.shipped("with_hashes", pickle.dumps(order, protocol=4)), schema)
    return made if inside == [*everything.names, name] else made.toDF(*everything.names, name)


def check_bits(bits: Any) -> None:
    """What `ironwheel.frames.fingerprint` would say, before anything runs."""
    if isinstance(bits, bool) or not isinstance(bits, int):
        raise TypeError(f"bits must be 64 or 128, got {bits!r}")
    if bits not in (64, 128):
        raise ValueError(f"bits must be 64 or 128, got {bits}")


def check_names(names: Sequence[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(f"order_independent needs columns of different names, got {name!r} twice")
        seen.add(name)
