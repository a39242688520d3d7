"""The same answers through Spark Connect: a server with two executors, and a client in a process without a JVM."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import conftest
import pyspark
import pytest

for module in ("grpc", "grpc_status", "google.rpc", "zstandard"):
    pytest.importorskip(module, reason=f"a client of Spark Connect needs {module}: pip install 'pyspark[connect]'")

HERE = Path(__file__).resolve().parent
HOME = Path(pyspark.__file__).parent
if not list(HOME.glob("jars/spark-connect_*.jar")):
    pytest.skip(f"PySpark {pyspark.__version__} has no server of Spark Connect", allow_module_level=True)

#: By their names in the file, which is not imported here: this process has a session of another kind.
CHECKS = [
    node.name
    for node in ast.parse((HERE / "on_connect.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and any(isinstance(by, ast.Name) for by in node.decorator_list)
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    work = tmp_path_factory.mktemp("connect")
    port, log, results = free_port(), work / "server.log", work / "results.json"
    conf = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": conftest.JVM,
        "spark.executor.extraJavaOptions": conftest.JVM,
        "spark.sql.warehouse.dir": work / "warehouse",
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYSPARK_")}
    environ.update(PYSPARK_PYTHON=sys.executable, SPARK_HOME=str(HOME))
    environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    environ.setdefault("SPARK_WORKER_DIR", str(work / "work"))
    command = [str(HOME / "bin" / "spark-submit"), "--master", "local-cluster[2,1,1024]"]
    command += [part for name, value in conf.items() for part in ("--conf", f"{name}={value}")]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    with log.open("wb") as file:
        server = subprocess.Popen(command, env=environ, stdout=file, stderr=file, cwd=work)
        try:
            wait_for(port, server, log)
            client = [sys.executable, str(HERE / "on_connect.py"), f"sc://127.0.0.1:{port}", str(results)]
            done = subprocess.run(client, env=environ, capture_output=True, text=True, timeout=600, check=False)
        finally:
            server.terminate()
            server.wait(60)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(results.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHECKS)
def test_on_connect(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == ""


def test_every_check_is_run(outcomes: dict[str, str]) -> None:
    assert sorted(CHECKS) == sorted(outcomes) and CHECKS
