"""The functions of `udf` on an executor: Arrow arrays in, an Arrow array out."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence


def on_arrow(order: Dict[str, Any], arguments: Sequence[Any]) -> Any:
    """The result of a function for a batch, null wherever an argument is; errors begin with its name."""
    import pyarrow

    name, wanted = order["name"], order["arguments"]
    if wanted is not None and len(arguments) != wanted:
        raise TypeError(f"{name} takes {wanted} column{'s' if wanted > 1 else ''}, got {len(arguments)}")
    if not arguments:
        raise TypeError(f"{name} takes at least 1 column, got 0")
    arrays = [_whole(array) for array in arguments]
    try:
        if order["takes_null"]:
            return _fingerprint(order["options"], arrays)
        there = _there(arrays)
        if there is not None:
            arrays = [array.filter(there) for array in arrays]
        call = _text if name.startswith("text.") else _ints
        found = call(name.partition(".")[2], order["options"], arrays)
    except Exception as error:
        raise _named(name, error) from error
    return found if there is None else _spread(pyarrow, found, there)


def _whole(array: Any) -> Any:
    return array.combine_chunks() if hasattr(array, "combine_chunks") and hasattr(array, "chunks") else array


def _there(arrays: Sequence[Any]) -> Any:
    """A mask of the rows without a null; None where none has one."""
    import pyarrow.compute as compute

    there = None
    for array in arrays:
        if array.null_count:
            valid = compute.is_valid(array)
            there = valid if there is None else compute.and_(there, valid)
    return there


def _spread(pyarrow: Any, found: Any, there: Any) -> Any:
    """`found` at the places where `there` is true, null at the others."""
    import pyarrow.compute as compute

    counted = compute.cumulative_sum(there.cast(pyarrow.int64()))
    places = compute.if_else(there, compute.subtract(counted, 1), pyarrow.scalar(None, pyarrow.int64()))
    return found.take(places)


def _named(name: str, error: Exception) -> Exception:
    """The same error, with the function in front, and without the place in a batch that nobody can look up."""
    import re

    message = f"{name}: " + re.sub(r" at index \d+$", "", str(error))
    kind = type(error)
    if kind in (ValueError, TypeError, OverflowError, ZeroDivisionError, MemoryError):
        return kind(message)
    return RuntimeError(f"{message} ({kind.__name__})")


def _ints(function: str, options: Dict[str, Any], arrays: List[Any]) -> Any:
    import pyarrow

    from ironwheel import ints

    call = getattr(ints, function)
    operands = [_numpy(array) for array in arrays]
    if function == "factor":
        pairs = [call(value) for value in operands[0].tolist()]
        return pyarrow.array(pairs, pyarrow.map_(pyarrow.int64(), pyarrow.int32()))
    if function in ("next_prime", "prev_prime"):
        return _signed([call(value) for value in operands[0].tolist()], function)
    found = call(*operands, **options)
    return pyarrow.array(found) if found.dtype == bool else _signed(found, function)


def _signed(found: Any, function: str) -> Any:
    """As bigint, which is what Spark has."""
    import pyarrow

    try:
        return pyarrow.array(found, pyarrow.int64())
    except (OverflowError, pyarrow.ArrowInvalid):
        largest = max(int(value) for value in found)
        raise OverflowError(f"{function} must be in -2**63..2**63-1 for bigint, got {largest}") from None


def _numpy(array: Any) -> Any:
    """Signed integers of 64 bits; what is whole in other types counts."""
    import numpy
    import pyarrow
    from pyarrow import types

    kind = array.type
    if types.is_null(kind):
        return numpy.array([], numpy.int64)
    if not (types.is_integer(kind) or types.is_decimal(kind) or types.is_floating(kind)):
        raise TypeError(f"values must be integers, got {kind}")
    try:
        return array.cast(pyarrow.int64()).to_numpy(zero_copy_only=False)
    except pyarrow.ArrowInvalid:
        values = array.to_pylist()
    for value in values:
        # The range first: a decimal of 38 digits has no quotient in Python's precision.
        if not -(2**63) <= value < 2**63 or value != value // 1:
            raise ValueError(f"values must be whole numbers of 64 bits, signed, got {value}")
    return numpy.array([int(value) for value in values], numpy.int64)


def _text(function: str, _options: Dict[str, Any], arrays: List[Any]) -> Any:
    import pyarrow
    from pyarrow import types

    from ironwheel import text

    (array,) = arrays
    if not (types.is_string(array.type) or types.is_large_string(array.type) or types.is_null(array.type)):
        raise TypeError(f"values must be text, got {array.type}")
    call = getattr(text, function)
    kind = pyarrow.int32() if function == "width" else pyarrow.string()
    found = []
    for value in array.to_pylist():
        try:
            found.append(call(value))
        except ValueError as error:
            shown = value if len(value) <= 80 else value[:79] + "…"
            raise ValueError(f"{error} (in {shown!r})") from error
    return pyarrow.array(found, kind)


def _fingerprint(options: Dict[str, Any], arrays: List[Any]) -> Any:
    import pyarrow

    from ironwheel import frames
    from ironwheel.spark import _worker

    names = [f"c{place}" for place in range(len(arrays))]
    rows = _worker.in_order(pyarrow.RecordBatch.from_arrays(arrays, names=names), names)
    return _worker.as_column(frames.fingerprint(rows, **options))


def on_pandas(order: Dict[str, Any], series: Sequence[Any]) -> Any:
    """The same of pandas Series, as Spark before 4.1 hands them over."""
    import pandas
    import pyarrow

    arrays = [_of_series(order["name"], one, order["takes_null"]) for one in series]
    found = on_arrow(order, arrays)
    kind = found.type
    if pyarrow.types.is_map(kind):
        return pandas.Series([None if pairs is None else dict(pairs) for pairs in found.to_pylist()], dtype=object)
    if pyarrow.types.is_binary(kind) or pyarrow.types.is_string(kind):
        return pandas.Series(found.to_pylist(), dtype=object)
    if not found.null_count:
        return pandas.Series(found.to_numpy(zero_copy_only=False))
    nullable = "boolean" if pyarrow.types.is_boolean(kind) else str(kind).replace("int", "Int")
    return pandas.Series(found.to_pylist(), dtype=nullable)


def _of_series(name: str, series: Any, is_hashed: bool) -> Any:
    import numpy
    import pyarrow

    if series.dtype.kind == "M" and is_hashed:
        raise TypeError(
            f"{name}: timestamps lose their zone on the way into a function of Spark before 4.1; "
            "use ironwheel.spark.with_fingerprint"
        )
    if series.dtype.kind == "f" and series.isna().any():
        beyond = series[series.abs() >= 2.0**53]
        if len(beyond):
            raise ValueError(
                f"{name}: {beyond.iloc[0]:.0f} came in a batch with nulls, where Spark before 4.1 makes floats of "
                "integers; "
                + (
                    "use ironwheel.spark.with_fingerprint"
                    if is_hashed
                    else "call the function with columns of a DataFrame, or replace the nulls"
                )
            )
        if not is_hashed:
            whole = series.dropna()
            if (whole % 1 == 0).all():
                values = series.fillna(0).astype(numpy.int64).to_numpy()
                return pyarrow.array(values, pyarrow.int64(), mask=series.isna().to_numpy())
    return pyarrow.Array.from_pandas(series)
