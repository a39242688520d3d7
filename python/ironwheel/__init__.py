"""ironwheel: native Rust for Python's data platforms, over a plain C ABI.

Importing it loads the native library and nothing else; NumPy, pandas, pyarrow and pyspark are imported by
the calls that need them.
"""

from ironwheel import arrays, deploy, files, frames, ints, spark, text
from ironwheel._errors import IronwheelError
from ironwheel._lib import lib as _lib
from ironwheel._lib import set_threads, threads

__version__: str = _lib.iw_version().decode("ascii")

__all__ = [
    "IronwheelError",
    "__version__",
    "arrays",
    "deploy",
    "files",
    "frames",
    "ints",
    "set_threads",
    "spark",
    "text",
    "threads",
]
