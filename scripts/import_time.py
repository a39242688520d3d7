"""How long `import ironwheel` takes over a bare interpreter, in milliseconds; the median of interleaved runs.

usage: import_time.py [RUNS]    with the Python that has ironwheel installed

A figure for a reader, not a test: what an import may load is tested in tests/python/smoke/test_import.py.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def once(statement: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return (time.perf_counter() - started) * 1000


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    statements = {"bare": "pass", "with ctypes": "import ctypes", "with ironwheel": "import ironwheel"}
    for statement in statements.values():
        once(statement)  # warms the caches, and writes the .pyc files
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(runs):
        for name, statement in statements.items():
            times[name].append(once(statement))
    median = {name: statistics.median(values) for name, values in times.items()}
    over = {name: f"{value - median['bare']:.1f} ms over it" for name, value in median.items() if name != "bare"}
    print(f"bare interpreter {median['bare']:.1f} ms; " + "; ".join(f"{name} {text}" for name, text in over.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
