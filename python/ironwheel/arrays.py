"""Sums, means, variances, extremes and the Mandelbrot set on numeric arrays.

`values` is an array of bools, integers or floats of at most 64 bits, of any shape, strides and byte order. A
NumPy array whose elements are aligned and of the machine's byte order is read where it lies, whatever its
strides; of another layout it is copied once. ``array.array``, ``memoryview`` and ``bytes`` work without
NumPy. Anything else goes through ``numpy.asarray``.

`axis` is None (all axes), one axis or a tuple of axes, as NumPy has it: negative ones count from the last, an
empty tuple folds nothing. With `keepdims` the folded axes stay, with length 1.

A result without axes is a NumPy scalar, one with axes an ``ndarray``. For ``array.array``, ``memoryview`` and
``bytes`` it is a Python number, or with axes an ``ndarray`` where NumPy can be imported, else a ``memoryview``.

Results depend on the array's type, shape and strides alone: not on the number of threads, not on the CPU.
Integer sums are exact, or OverflowError; nothing warns. Other threads may run meanwhile and must not write to
`values`. Ctrl-C stops a long call. Every function runs in time proportional to the size of `values`, and in
memory for the result and a few hundred KiB a thread.
"""

from __future__ import annotations

import ctypes
from typing import Any, Tuple, Union

from ironwheel import _abi
from ironwheel._lib import lib
from ironwheel._progress import Job, Progress
from ironwheel._reduce import FLOAT, PLACE, SAME, SUM, Axis, empty, number, one_axis, reduce, shape_as

_REGION = (-2.0, 0.6, -1.5, 1.5)


def sum(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Sum over `axis`.

    Parameters
    ----------
    values
        Bools, integers or floats, any shape; see the module.
    axis, keepdims
        See the module.

    Returns
    -------
    int64 for bools and signed integers, uint64 for unsigned ones, else the type of `values`. The sum of
    nothing is 0.

    Raises
    ------
    OverflowError
        An integer sum does not fit; the message has the exact one.
    ValueError
        `axis` is out of range or repeated.
    TypeError
        `values` is complex, longdouble or not numeric; `axis` is not an integer.

    Notes
    -----
    float16 and float32 are summed in float64 and rounded once. float64 is summed together with its rounding
    errors (TwoSum: Knuth, TAOCP vol. 2, 4.2.2), so the result is the true sum rounded once but for about
    ``n * 2**-106 * sum(abs(values))``, where NumPy's pairwise sum is off by ``log2(n) * 2**-53`` times that.

    Examples
    --------
    >>> from array import array
    >>> sum(array("d", [1e16, 1.0, -1e16]))
    1.0
    """
    return reduce(lib.iw_arrays_sum, SUM, values, axis, keepdims, 0)


def nansum(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Sum over `axis` of what is not NaN; else as `sum`. All NaN gives 0.

    Examples
    --------
    >>> from array import array
    >>> nansum(array("d", [1.0, float("nan"), 2.0]))
    3.0
    """
    return reduce(lib.iw_arrays_sum, SUM, values, axis, keepdims, 1)


def mean(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Arithmetic mean over `axis`.

    Parameters
    ----------
    values, axis, keepdims
        As for `sum`.

    Returns
    -------
    float64 for bools and integers, else the type of `values`. The mean of nothing is NaN.

    Raises
    ------
    ValueError, TypeError
        As `sum`.

    Notes
    -----
    The sum, as accurate as `sum` has it and for integers exact whatever its size, over the count.

    Examples
    --------
    >>> from array import array
    >>> mean(array("q", [2**63 - 1, 2**63 - 1]))
    9.223372036854776e+18
    """
    return reduce(lib.iw_arrays_mean, FLOAT, values, axis, keepdims, 0)


def nanmean(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Arithmetic mean over `axis` of what is not NaN; else as `mean`. All NaN gives NaN.

    Examples
    --------
    >>> from array import array
    >>> nanmean(array("d", [1.0, float("nan"), 2.0]))
    1.5
    """
    return reduce(lib.iw_arrays_mean, FLOAT, values, axis, keepdims, 1)


def var(values: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """Variance over `axis`: squared deviations from the mean over ``n - ddof``.

    Parameters
    ----------
    values, axis, keepdims
        As for `sum`.
    ddof
        What to take off the count; 1 gives the unbiased estimate.

    Returns
    -------
    float64 for bools and integers, else the type of `values`. Where ``n - ddof`` is not positive it counts as
    0, as in NumPy, so the result is NaN or infinite. The variance of nothing is NaN.

    Raises
    ------
    ValueError
        As `sum`; `ddof` is NaN.
    TypeError
        As `sum`; `ddof` is not a number.

    Notes
    -----
    Memory is read once: blocks that fit the cache are read twice there, for their mean and the deviations
    from it, and merged after Chan, Golub and LeVeque (1979); all in float64.

    Examples
    --------
    >>> from array import array
    >>> var(array("d", [1.0, 2.0, 3.0, 4.0]))
    1.25
    """
    return reduce(lib.iw_arrays_var, FLOAT, values, axis, keepdims, 0, number("ddof", ddof))


def nanvar(values: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """Variance over `axis` of what is not NaN; else as `var`. NaN where no more than `ddof` values are left.

    Examples
    --------
    >>> from array import array
    >>> nanvar(array("d", [1.0, float("nan"), 3.0]))
    1.0
    """
    return reduce(lib.iw_arrays_var, FLOAT, values, axis, keepdims, 1, number("ddof", ddof))


def std(values: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """Standard deviation over `axis`: the square root of `var`, which see.

    Examples
    --------
    >>> from array import array
    >>> std(array("d", [1.0, 3.0]))
    1.0
    """
    return reduce(lib.iw_arrays_std, FLOAT, values, axis, keepdims, 0, number("ddof", ddof))


def nanstd(values: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    """Standard deviation over `axis` of what is not NaN: the square root of `nanvar`, which see.

    Examples
    --------
    >>> from array import array
    >>> nanstd(array("d", [1.0, float("nan"), 3.0]))
    1.0
    """
    return reduce(lib.iw_arrays_std, FLOAT, values, axis, keepdims, 1, number("ddof", ddof))


def min(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Smallest value over `axis`; NaN where there is one.

    Parameters
    ----------
    values, axis, keepdims
        As for `sum`.

    Returns
    -------
    The type of `values`.

    Raises
    ------
    ValueError
        As `sum`; there is nothing to choose from.
    TypeError
        As `sum`.

    Examples
    --------
    >>> from array import array
    >>> min(array("i", [3, 1, 2]))
    1
    """
    return reduce(lib.iw_arrays_min, SAME, values, axis, keepdims, 0)


def nanmin(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Smallest value over `axis` that is not NaN; else as `min`. All NaN gives NaN.

    Examples
    --------
    >>> from array import array
    >>> nanmin(array("d", [3.0, float("nan"), 2.0]))
    2.0
    """
    return reduce(lib.iw_arrays_min, SAME, values, axis, keepdims, 1)


def max(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Largest value over `axis`; NaN where there is one. Else as `min`.

    Examples
    --------
    >>> from array import array
    >>> max(array("i", [3, 1, 2]))
    3
    """
    return reduce(lib.iw_arrays_max, SAME, values, axis, keepdims, 0)


def nanmax(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Largest value over `axis` that is not NaN; else as `min`. All NaN gives NaN.

    Examples
    --------
    >>> from array import array
    >>> nanmax(array("d", [3.0, float("nan"), 2.0]))
    3.0
    """
    return reduce(lib.iw_arrays_max, SAME, values, axis, keepdims, 1)


def minmax(values: Any, axis: Axis = None, *, keepdims: bool = False) -> Tuple[Any, Any]:
    """Smallest and largest value over `axis`, in one pass over memory; each as `min` and `max` give it.

    Examples
    --------
    >>> from array import array
    >>> minmax(array("i", [3, 1, 2]))
    (1, 3)
    """
    low, high = reduce(lib.iw_arrays_minmax, SAME, values, axis, keepdims, 0, pairs=True)
    return low, high


def argmin(values: Any, axis: Union[int, None] = None, *, keepdims: bool = False) -> Any:
    """Where the first smallest value over `axis` is.

    Parameters
    ----------
    values
        As for `sum`.
    axis
        One axis; None counts through all of `values` in C order.
    keepdims
        See the module.

    Returns
    -------
    int64, counted along `axis`. The first NaN counts as smallest.

    Raises
    ------
    ValueError
        `axis` is out of range; there is nothing to choose from.
    TypeError
        As `sum`.

    Examples
    --------
    >>> from array import array
    >>> argmin(array("i", [3, 1, 2, 1]))
    1
    """
    return reduce(lib.iw_arrays_argmin, PLACE, values, one_axis(axis), keepdims, 0)


def nanargmin(values: Any, axis: Union[int, None] = None, *, keepdims: bool = False) -> Any:
    """Where the first smallest value over `axis` that is not NaN is; ValueError where all are. Else as `argmin`.

    Examples
    --------
    >>> from array import array
    >>> nanargmin(array("d", [float("nan"), 3.0, 1.0]))
    2
    """
    return reduce(lib.iw_arrays_argmin, PLACE, values, one_axis(axis), keepdims, 1)


def argmax(values: Any, axis: Union[int, None] = None, *, keepdims: bool = False) -> Any:
    """Where the first largest value over `axis` is; the first NaN counts as largest. Else as `argmin`.

    Examples
    --------
    >>> from array import array
    >>> argmax(array("i", [1, 3, 2, 3]))
    1
    """
    return reduce(lib.iw_arrays_argmax, PLACE, values, one_axis(axis), keepdims, 0)


def nanargmax(values: Any, axis: Union[int, None] = None, *, keepdims: bool = False) -> Any:
    """Where the first largest value over `axis` that is not NaN is; ValueError where all are. Else as `argmin`.

    Examples
    --------
    >>> from array import array
    >>> nanargmax(array("d", [float("nan"), 3.0, 1.0]))
    1
    """
    return reduce(lib.iw_arrays_argmax, PLACE, values, one_axis(axis), keepdims, 1)


def mandelbrot(
    width: int,
    height: int,
    iterations: int,
    *,
    region: Tuple[float, float, float, float] = _REGION,
    progress: Progress = None,
) -> Any:
    """Escape times of the Mandelbrot set.

    Parameters
    ----------
    width, height
        Columns and rows, 0 or more.
    iterations
        The most steps a point is given, 0..2**32 - 1.
    region
        ``(x_min, x_max, y_min, y_max)``: the real parts of the first and the last column and the imaginary
        parts of the first and the last row, finite. Those between are spaced as by ``numpy.linspace``.
    progress
        True draws a bar; a callable gets ``(points done, points)`` about every 40 ms. What it raises,
        KeyboardInterrupt included, stops the work and is raised from here.

    Returns
    -------
    uint32, shape (height, width); where NumPy is absent a ``memoryview`` of that shape.

    Raises
    ------
    ValueError
        A size or `iterations` out of range; `region` not four finite numbers.
    TypeError
        A size or `iterations` not an integer.

    Notes
    -----
    The count of the point ``(cr, ci)`` is what this leaves in `n`, in plain float64 arithmetic, bit for bit,
    on any CPU and any number of threads::

        x = y = 0.0
        n = 0
        while n < iterations and not x * x + y * y > 4:
            x, y = x * x - y * y + cr, 2 * x * y + ci
            n += 1

    A point whose ``(x, y)`` comes back to where it was can never escape, and is given `iterations` at once
    (cycle finding after Brent, 1980). No other work is skipped.

    Examples
    --------
    >>> [list(row) for row in memoryview(mandelbrot(6, 3, 50)).tolist()]
    [[1, 1, 2, 2, 2, 2], [50, 50, 50, 50, 50, 4], [1, 1, 2, 2, 2, 2]]
    """
    width, height = _count("width", width, 2**40), _count("height", height, 2**40)
    iterations = _count("iterations", iterations, 2**32 - 1)
    try:
        x_min, x_max, y_min, y_max = (number("region", part) for part in region)
    except (TypeError, ValueError):
        raise ValueError(f"region must be (x_min, x_max, y_min, y_max), got {region!r}") from None
    if width * height >= 2**60:
        raise ValueError(f"width * height must be below 2**60, got {width} * {height}")
    job = Job(progress, "mandelbrot")
    result, address, owner = empty(_abi.IW_U32, (height, width))
    first = None if address is None else ctypes.c_uint32.from_address(address)
    job.check(lib.iw_arrays_mandelbrot(width, height, iterations, x_min, x_max, y_min, y_max, first, job.tick, None))
    del owner  # what the call wrote to
    return shape_as(result, "I", (height, width))


def _count(name: str, value: Any, most: int) -> int:
    """Ctypes wraps integers silently, so -1 would reach C as 2**64 - 1."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    count: int = value.__index__()
    if not 0 <= count <= most:
        raise ValueError(f"{name} must be in 0..={most}, got {count}")
    return count
