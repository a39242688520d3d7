"""Files of rows, written and read back; for the tests of `frames.File`."""

from __future__ import annotations

from ironwheel import frames


def rows(path, **options):
    """The rows as lists, in the order of the columns."""
    table = frames.File(path, **options).to_arrow()
    columns = [table.column(index).to_pylist() for index in range(table.num_columns)]
    return [list(row) for row in zip(*columns)]
