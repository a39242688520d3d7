"""Functions of this package as functions of Spark: columns in, a column out, batch by batch."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple


class Known(NamedTuple):
    """How a function looks to Spark."""

    arguments: Optional[int]
    """How many columns it takes; None for any number."""
    gives: str
    """Type of the result, in Spark's words."""
    options: Tuple[str, ...] = ()
    takes_null: bool = False
    """Whether null is a value to it; else null in is null out."""


_OF_TWO = Known(2, "bigint", ("overflow",))
_OF_ONE = Known(1, "bigint", ("overflow",))
_TEXT = Known(1, "string")

KNOWN: Dict[str, Known] = {
    "ints.add": _OF_TWO,
    "ints.sub": _OF_TWO,
    "ints.mul": _OF_TWO,
    "ints.pow": _OF_TWO,
    "ints.floordiv": _OF_TWO,
    "ints.mod": _OF_TWO,
    "ints.neg": _OF_ONE,
    "ints.abs": _OF_ONE,
    "ints.gcd": Known(2, "bigint"),
    "ints.lcm": _OF_TWO,
    "ints.isqrt": Known(1, "bigint"),
    "ints.is_prime": Known(1, "boolean"),
    "ints.next_prime": Known(1, "bigint"),
    "ints.prev_prime": Known(1, "bigint"),
    "ints.factor": Known(1, "map<bigint,int>"),
    "text.width": Known(1, "int"),
    "text.strip": _TEXT,
    "text.escape": _TEXT,
    "frames.fingerprint": Known(None, "bigint", ("bits", "order_independent"), True),
}


def udf(name: str, **options: Any) -> Any:
    """A function of this package for columns of Spark, in DataFrames and in SQL.

    Parameters
    ----------
    name
        ``"ints.add"``, ``sub``, ``mul``, ``pow``, ``floordiv``, ``mod``, ``neg``, ``abs``, ``gcd``, ``lcm``, ``isqrt``,
        ``next_prime``, ``prev_prime``: bigint. ``"ints.is_prime"``: boolean. ``"ints.factor"``: a map of primes to
        exponents. ``"text.width"``: int. ``"text.strip"``, ``"text.escape"``: string. ``"frames.fingerprint"``, of any
        number of columns, which count by their place: bigint, as `with_fingerprint` has it, or binary for ``bits=128``.
    **options
        Those of the function: ``overflow`` of arithmetic, ``bits`` of the fingerprint. By name (``order_independent``)
        columns count in `with_fingerprint` only: a function of Spark is not told their names.

    Returns
    -------
    callable
        ``udf("ints.gcd")("a", "b")`` is a column. ``spark.udf.register("gcd", udf("ints.gcd"))`` makes it one of SQL.
        It may be made before there is a session.

    Raises
    ------
    ValueError
        There is no such function, or an option has a wrong value.
    TypeError
        The function does not have such an option, or, when called, takes another number of columns.
    ImportError
        PySpark is not installed, or pandas or pyarrow, which it needs for this.

    Notes
    -----
    Null in is null out; to the fingerprint null is a value. Integers of any width are taken, also in decimals and in
    floats that are whole, and computed in 64 bits, signed. What fails in native code fails the query, naming the
    function and the value: ``ints.lcm: lcm(a, b) must be in ..., got lcm(4611686018427387904, 3)``. An interval of years or
    months fails before the function is called, as ``KeyError: 21``: Spark's worker reads it by pyarrow, which has no such type.

    From Spark 4.1 on, batches come as Arrow and nothing is converted. Before, Spark knows functions of pandas Series
    only, in which integers beside a null are floats: they are kept apart where the result is called with columns; in
    SQL, an integer beyond 2**53 in a batch with nulls is an error rather than a wrong answer. There, the fingerprint
    reads NaN as null and refuses timestamps, which lose their zone; `with_fingerprint` has neither limit.

    Examples
    --------
    >>> is_prime = ironwheel.spark.udf("ints.is_prime")  # doctest: +SKIP
    >>> spark.range(10).where(is_prime("id"))  # doctest: +SKIP
    >>> spark.udf.register("is_prime", is_prime)  # doctest: +SKIP
    >>> spark.sql("select sum(id) from range(100) where is_prime(id)").first()[0]  # doctest: +SKIP
    1060
    """
    from ironwheel.spark import _session

    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {name!r}")
    known = KNOWN.get(name)
    if known is None:
        raise ValueError(f"name must be a function of single values, got {name!r}; there are {', '.join(KNOWN)}")
    for option in options:
        if option not in known.options:
            has = ", ".join(known.options) or "none"
            raise TypeError(f"{name} has no option {option!r} for columns; it has: {has}")
    if "overflow" in options:
        from ironwheel.ints._operands import mode

        mode(options["overflow"])
    if options.get("order_independent"):
        raise ValueError(
            "order_independent must be False: columns reach a function of Spark without their names, by which it would "
            f"go, got {options['order_independent']!r}; use ironwheel.spark.with_fingerprint"
        )
    gives = known.gives
    if "bits" in options:
        from ironwheel.spark import _fingerprint

        _fingerprint.check_bits(options["bits"])
        gives = "binary" if options["bits"] == 128 else gives
    _session.require("ironwheel.spark.udf")
    return _Function(name, known, gives, options).made()


class _Function:
    """What makes one of them."""

    def __init__(self, name: str, known: Known, gives: str, options: Dict[str, Any]) -> None:
        self.name = name
        self.known = known
        self.gives = gives
        self.options = options

    def made(self) -> Any:
        import functools

        from pyspark.sql import functions
        from pyspark.sql.utils import is_remote

        is_arrow = hasattr(functions, "arrow_udf")
        inner = self._inner(functions)
        by_client = {is_remote(): inner}

        def call(*columns: Any) -> Any:
            self._count(len(columns))
            # Whether the session is one of Spark Connect may not have been known when this was made.
            now = is_remote()
            inner = by_client.get(now) or by_client.setdefault(now, self._inner(functions))
            if is_arrow or self.known.takes_null or self.gives == "string" or self.name.startswith("text."):
                return inner(*columns)
            return _beside_nulls(functions, inner, columns)

        functools.update_wrapper(call, inner, assigned=("__module__",), updated=())
        call.__name__ = call.__qualname__ = self.name
        call.__doc__ = f"ironwheel.{self.name} for columns of Spark; see ironwheel.spark.udf."
        # What spark.udf.register asks for.
        for attribute in ("func", "returnType", "evalType", "deterministic", "asNondeterministic", "_unwrapped"):
            if hasattr(inner, attribute):
                setattr(call, attribute, getattr(inner, attribute))
        return call

    def _inner(self, functions: Any) -> Any:
        """Spark's own function; of Arrow where there is such a thing, else of pandas."""
        import pickle

        from ironwheel.spark import _ship

        order = {"name": self.name, "options": self.options, "arguments": self.known.arguments}
        payload = pickle.dumps({**order, "takes_null": self.known.takes_null, "gives": self.gives}, protocol=4)
        if hasattr(functions, "arrow_udf"):
            import pyarrow

            run = _ship.shipped("call_on_arrow", payload)
            run.__annotations__ = {"arguments": pyarrow.Array, "return": pyarrow.Array}
            run.__name__ = self.name.replace(".", "_")
            return functions.arrow_udf(run, _type(self.gives))
        import pandas

        run = _ship.shipped("call_on_pandas", payload)
        run.__annotations__ = {"arguments": pandas.Series, "return": pandas.Series}
        run.__name__ = self.name.replace(".", "_")
        return functions.pandas_udf(run, _type(self.gives))

    def _count(self, given: int) -> None:
        wanted = self.known.arguments
        if (wanted is None and given == 0) or (wanted is not None and given != wanted):
            takes = "at least 1 column" if wanted is None else "1 column" if wanted == 1 else f"{wanted} columns"
            raise TypeError(f"{self.name} takes {takes}, got {given}")


def _type(words: str) -> Any:
    """As an object: to read the words, Spark would want a session, which may not be there yet."""
    from pyspark.sql import types

    long = types.LongType()
    plain = {
        "bigint": long,
        "int": types.IntegerType(),
        "boolean": types.BooleanType(),
        "string": types.StringType(),
        "binary": types.BinaryType(),
        "map<bigint,int>": types.MapType(long, types.IntegerType()),
    }
    return plain[words]


def _beside_nulls(functions: Any, inner: Any, columns: Tuple[Any, ...]) -> Any:
    """The function of values without nulls, which pandas would make floats of; null where one was.

    What stands in for a null has to be good for every function: 3 is.
    """
    given = [functions.col(column) if isinstance(column, str) else column for column in columns]
    known = given[0].isNotNull()
    for column in given[1:]:
        known = known & column.isNotNull()
    return functions.when(known, inner(*[functions.coalesce(column, functions.lit(3)) for column in given]))
