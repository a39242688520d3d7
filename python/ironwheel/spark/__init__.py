"""Native code on every executor of a Spark cluster: profiles, rules, fingerprints and functions.

`profile`, `validate` and `fingerprint` answer for a PySpark DataFrame what `ironwheel.frames` answers for a table on one
machine: each partition is read where it is, as a stream of Arrow batches; what leaves it is one small state; the states
are put together in the order of the partitions. One action, no rows collected, none shuffled. `with_fingerprint` and
`udf` give columns, as lazily as Spark does.

Needs PySpark 3.4 or newer with pandas and pyarrow (``pip install ironwheel[spark]``; notebooks of Synapse and Fabric have them) and
this package, in the same version, on every node. docs/spark.md says how it gets there, and what was run on which Spark.
"""

from __future__ import annotations

from ironwheel.spark._fingerprint import fingerprint, with_fingerprint
from ironwheel.spark._profile import profile
from ironwheel.spark._udf import udf
from ironwheel.spark._validate import validate

__all__ = ["fingerprint", "profile", "udf", "validate", "with_fingerprint"]
