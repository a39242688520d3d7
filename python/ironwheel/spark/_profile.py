"""What is in a DataFrame of Spark, column by column."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from ironwheel import frames

#: What a task keeps beside the sketches unless told otherwise, in bytes.
MEMORY = 64 << 20


def profile(
    sdf: Any,
    *,
    columns: Optional[Sequence[str]] = None,
    correlations: Optional[str] = None,
    memory: Optional[int] = None,
) -> frames.Profile:
    """What is in a DataFrame of Spark, column by column: `ironwheel.frames.profile` on every executor.

    Parameters
    ----------
    sdf : pyspark.sql.DataFrame
        Of any size; each partition is streamed through native code in bounded memory, and read once.
    columns
        Names of the columns to profile, in this order; None for all. No other column leaves the JVM.
    correlations
        None, or "pearson". Ranks of partitions do not make ranks of the whole, so there is no "spearman" here.
    memory
        Bytes that a task may keep while it reads, as of `ironwheel.frames.profile`; 64 MiB by default. It makes quantiles
        and duplicate rows exact where there is one partition; of several with more than 65,536 different values, or rows,
        sketches are merged either way, and 0 saves the memory.

    Returns
    -------
    ironwheel.frames.Profile
        What `ironwheel.frames.profile` would say of ``sdf.toArrow()``: exact figures exactly, means and deviations to
        the last digits, sketches within their stated error. Rows count in the order of the partitions, so `monotonic`
        and `longest_run` hold for ``sdf.collect()``. Timestamps are in UTC, whatever the time zone of the session.
        `memory` counts Spark's batches, which have a few bytes more than one table.

    Raises
    ------
    ValueError
        `columns` names a column that `sdf` does not have, or `correlations` is no such method.
    TypeError
        `sdf` is no DataFrame, or a column has a type that Arrow cannot carry; said before anything runs.
    ImportError
        PySpark is missing here, or ironwheel on an executor, or of another version there.

    Notes
    -----
    One action: one job, one stage, as long as there are at most 64 partitions. Then the states of 32 neighbouring
    partitions at a time are merged on the executors, in one more stage of the same job for each round, until 64 or
    fewer are left for the driver: what reaches it does not grow with the number of partitions. A state has at most
    about 200 kB for a column of numbers; see `ironwheel.frames.Profile.to_bytes`. The answer depends neither on
    which executor read what, nor on tasks that were tried again.

    Examples
    --------
    >>> sdf = spark.range(1_000_000)  # doctest: +SKIP
    >>> found = ironwheel.spark.profile(sdf)  # doctest: +SKIP
    >>> found.rows, found["id"].is_unique, found["id"].monotonic  # doctest: +SKIP
    (1000000, True, 'strictly increasing')
    """
    from ironwheel.spark import _job, _session, _worker

    if correlations == "spearman":
        raise ValueError(
            'correlations must be None or "pearson" on Spark, got "spearman": ranks of partitions do not make ranks of '
            "the whole"
        )
    if correlations not in (None, "pearson"):
        raise ValueError(f'correlations must be None or "pearson", got {correlations!r}')
    options: Dict[str, Any] = {"correlations": correlations, "memory": MEMORY if memory is None else memory}
    found = _session.source("ironwheel.spark.profile", sdf, columns)
    blank = frames.profile(_session.empty(found.fields), **options)  # an option that is wrong fails here
    states = _job.states(found, "profile", options)
    if not states:
        return blank
    whole: frames.Profile = _worker.merge_states("profile", states)
    return whole
