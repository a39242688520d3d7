"""Files and trees of files.

Paths are str, bytes or os.PathLike; results are str as Python's own calls give them (`os.fsdecode`), so on
Linux names that are not UTF-8 come through exactly. Errors are the OSError subclasses that `open` raises, with
`errno` and `filename`. Calls release the GIL, use every thread there is (`ironwheel.set_threads`), take
``progress=`` and stop within 100 ms on Ctrl-C.
"""

from ironwheel.files._content import read_bytes, read_text, write_bytes, write_text
from ironwheel.files._hash import hash, hash_many, hash_tree
from ironwheel.files._lines import count_lines, head, tail
from ironwheel.files._scan import scan
from ironwheel.files._table import KINDS, Entry, Scan
from ironwheel.files._usage import Usage, usage

__all__ = [
    "KINDS",
    "Entry",
    "Scan",
    "Usage",
    "count_lines",
    "hash",
    "hash_many",
    "hash_tree",
    "head",
    "read_bytes",
    "read_text",
    "scan",
    "tail",
    "usage",
    "write_bytes",
    "write_text",
]
