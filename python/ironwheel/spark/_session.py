"""What is needed before anything runs: pyspark, a DataFrame, and columns that Arrow can carry."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ironwheel.frames import _table

OLDEST = (3, 4)


class Source(NamedTuple):
    """The columns of a DataFrame that a job is to read."""

    data: Any
    """The DataFrame of these columns alone, whose own names are unique; of none, one that is not to be looked at."""
    names: List[str]
    """What the user calls them, in order."""
    places: List[int]
    """Where they are in the user's DataFrame."""
    fields: List[Any]
    """Spark's fields, of the user's names."""


def source(what: str, sdf: Any, columns: Optional[Sequence[str]] = None) -> Source:
    """`columns` of `sdf`, in this order, or all; what cannot be read is said here, and no job has run.

    A name that several columns bear takes them all.
    """
    require(what)
    if not is_dataframe(sdf):
        raise TypeError(f"sdf must be a pyspark.sql.DataFrame, got {_kind(sdf)}")
    listed = _table.names(columns)
    every = fields(sdf)
    places = list(range(len(every)))
    if listed is not None:
        by_name: Dict[str, List[int]] = {}
        for place, field in enumerate(every):
            by_name.setdefault(field.name, []).append(place)
        for name in listed:
            if name not in by_name:
                there = ", ".join(repr(field.name) for field in every)
                raise ValueError(f"columns must be columns of sdf, got {name!r}; there are {there}")
        places = [place for name in listed for place in by_name[name]]
    for place in places:
        _check(every[place])
    chosen = [every[place] for place in places]
    # Spark compares names without case, and takes a dot for a field of a struct, in mapInArrow as well: places have
    # neither trouble.
    plain = len({field.name.lower() for field in every}) == len(every)
    plain = plain and not any(sign in field.name for field in every for sign in ".`*")
    if not places:
        from pyspark.sql import functions

        data = sdf.select(functions.lit(True).alias("c0"))  # of rows without a column, Spark tells Python of none
    elif plain and len(set(places)) == len(places):
        data = sdf if places == list(range(len(every))) else sdf.select(*[_quoted(field.name) for field in chosen])
    else:
        from pyspark.sql import functions

        numbered = sdf.toDF(*[f"c{place}" for place in range(len(every))])
        data = numbered.select(*[functions.col(f"c{place}").alias(f"c{at}") for at, place in enumerate(places)])
    return Source(data, [field.name for field in chosen], places, chosen)


def require(what: str) -> Any:
    """The module pyspark, new enough; what Spark hands rows to Python with beside it."""
    try:
        import pyspark
    except ImportError as error:
        raise ImportError(
            f"{what} needs PySpark, which is not installed: pip install 'ironwheel[spark]'. Notebooks of Synapse and "
            "Fabric have it"
        ) from error
    found = tuple(int(part) for part in pyspark.__version__.split(".")[:2])
    if found < OLDEST:
        raise ImportError(f"{what} needs PySpark 3.4 or newer, this is {pyspark.__version__}")
    try:
        import pandas  # noqa: F401  # mapInArrow and arrow_udf ask for it, though they do without
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{what} needs {error.name} beside PySpark: pip install 'ironwheel[spark]'") from error
    return pyspark


def is_dataframe(value: Any) -> bool:
    """Whether this is a DataFrame of Spark, of a session of its own or of Spark Connect."""
    return any(
        kind.__name__ == "DataFrame" and kind.__module__.startswith("pyspark.sql.") for kind in type(value).__mro__
    )


def is_connect(sdf: Any) -> bool:
    """Whether the session is a client of Spark Connect, which knows neither RDDs nor a SparkContext."""
    return any(kind.__module__.startswith("pyspark.sql.connect.") for kind in type(sdf).__mro__)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class Unreadable(NamedTuple):
    """A column whose type PySpark itself cannot read from its JVM."""

    name: str
    kind: str


def fields(sdf: Any) -> List[Any]:
    """Spark's fields; `Unreadable` for those that PySpark has no type for, where it would give up all of them."""
    try:
        return list(sdf.schema.fields)
    except Exception:
        if is_connect(sdf):
            raise
        kinds = [(field.name(), str(field.dataType().catalogString())) for field in sdf._jdf.schema().fields()]
        numbered = sdf.toDF(*[f"c{place}" for place in range(len(kinds))])
        found = [_field(numbered, place, name, kind) for place, (name, kind) in enumerate(kinds)]
        if not any(isinstance(field, Unreadable) for field in found):
            raise
        return found


def _field(numbered: Any, place: int, name: str, kind: str) -> Any:
    from pyspark.sql.types import StructField

    try:
        field = numbered.select(f"c{place}").schema.fields[0]
    except Exception:
        return Unreadable(name, kind)
    return StructField(name, field.dataType, field.nullable, field.metadata)


def check_returned(fields: Sequence[Any]) -> None:
    """Refuses a column that Spark does not take back from Python, as 3.4 does none of structs."""
    from pyspark.sql.pandas.types import to_arrow_type
    from pyspark.sql.types import StructType

    for field in fields:
        try:
            to_arrow_type(StructType([field]))
        except Exception as error:
            import pyspark

            raise TypeError(
                f"sdf must have columns that Spark {pyspark.__version__} takes back from Python, got {field.name!r} of type "
                f"{field.dataType.simpleString()}; drop it, or cast it (to string, for one)"
            ) from error


def readable(fields: Sequence[Any]) -> List[Any]:
    """Those whose type Spark can hand to Python."""

    def is_readable(field: Any) -> bool:
        try:
            _check(field)
        except TypeError:
            return False
        return True

    return [field for field in fields if is_readable(field)]


def _check(field: Any) -> None:
    """Refuses a column whose type Spark cannot hand to Python as Arrow."""
    from pyspark.sql.pandas.types import to_arrow_type

    if isinstance(field, Unreadable):
        raise TypeError(_refusal(field.name, field.kind))
    try:
        to_arrow_type(field.dataType)
    except Exception as error:
        inner = _culprit(field.dataType)
        raise TypeError(_refusal(field.name, field.dataType.simpleString(), inner)) from error


def _culprit(kind: Any) -> Optional[str]:
    """The type within a nested one that is the trouble."""
    from pyspark.sql.pandas.types import to_arrow_type
    from pyspark.sql.types import ArrayType, MapType, StructType

    if isinstance(kind, StructType):
        inside = [field.dataType for field in kind.fields]
    elif isinstance(kind, ArrayType):
        inside = [kind.elementType]
    elif isinstance(kind, MapType):
        inside = [kind.keyType, kind.valueType]
    else:
        return None
    for one in inside:
        try:
            to_arrow_type(one)
        except Exception:
            return _culprit(one) or str(one.simpleString())
    return None


def _refusal(name: str, kind: str, inner: Optional[str] = None) -> str:
    within = f", because of {inner} in it" if inner else ""
    return (
        f"sdf must have columns that Arrow can carry, got {name!r} of type {kind}{within}; cast it (to string, for "
        "one) or name the other columns in columns="
    )


def empty(fields: Sequence[Any]) -> Any:
    """A pyarrow table of these columns without a row, as a partition would hold it."""
    import pyarrow

    from ironwheel.spark import _worker

    from pyspark.sql.pandas.types import to_arrow_type  # isort: skip

    types = [_worker.in_utc(to_arrow_type(field.dataType)) for field in fields]
    arrays = [pyarrow.array([], kind) for kind in types]
    return pyarrow.Table.from_arrays(arrays, names=[field.name for field in fields])
