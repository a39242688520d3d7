"""What every test relies on: that the ironwheel under test is the one that was meant."""

from __future__ import annotations

import _thread
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Union

import ironwheel
import pytest

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # the smoke tests do without
    pass
else:
    # How long inputs and tests take says something about the machine, and nothing about what is tested.
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))  # where what tests share is


def pytest_report_header() -> str:
    """Name the package and the library that are being tested."""
    from ironwheel._lib import path

    return f"ironwheel {ironwheel.__version__}: {Path(ironwheel.__file__).parent}, library {path}"


_end = os.kill


def _kill(process: int, number: int) -> None:
    """As on Linux, for the tests that send themselves Ctrl-C: on Windows `os.kill` ends a process, whatever is sent.

    A console's Ctrl-C comes on a thread of its own and does there what `interrupt_main` does.
    """
    if process == os.getpid() and number == signal.SIGINT:
        _thread.interrupt_main()
    else:
        _end(process, number)


def pytest_sessionstart() -> None:
    """Let Ctrl-C in, and refuse to pass on the source tree's files where the wheel was to be tested."""
    # A shell starts background jobs with SIGINT ignored. Python keeps that, and so do the processes it
    # starts: an interrupt that a test sends would never arrive, and the call it should stop would go on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "win32":
        os.kill = _kill
    if os.environ.get("IRONWHEEL_TEST_INSTALLED"):
        package = Path(ironwheel.__file__).resolve()
        if Path(sys.prefix).resolve() not in package.parents:
            raise pytest.UsageError(f"the installed ironwheel was to be tested, and this is {package}")


@pytest.fixture
def root() -> Path:
    """Folder of the source tree these tests belong to."""
    return ROOT


@pytest.fixture(scope="session")
def _microsoft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    for module in ("azure.identity", "azure.synapse.artifacts", "cryptography"):
        pytest.importorskip(module, reason=f"{module} is not installed: pip install -r requirements/test.txt")
    server = importlib.import_module("deploy_server").Server(tmp_path_factory.mktemp("certificates"))
    with server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes in a deployment by its waiting alone, and at once."""
    clock = [0.0]
    monkeypatch.setattr("ironwheel.deploy._steps._now", lambda: clock[0])
    monkeypatch.setattr("ironwheel.deploy._steps._wait", lambda seconds: clock.append(clock.pop() + seconds))


@pytest.fixture
def microsoft(_microsoft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sign-in, Fabric, Synapse and Azure Resource Manager on this machine, new for the test; see deploy_server."""
    for name in list(os.environ):
        if name.startswith("AZURE_") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_FILE", _microsoft.ca)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    wait = importlib.import_module("ironwheel.deploy._steps").time.sleep
    monkeypatch.setattr("ironwheel.deploy._steps._wait", lambda seconds: wait(min(seconds, 0.002)))
    _microsoft.reset()
    yield _microsoft
    assert _microsoft.problems == []


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of this content, and say where it is."""

    def write(content: Union[str, bytes], name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Folder of a few files and folders, hidden ones and deep ones among them."""
    for name in ["b/z.py", "b/a.txt", "b.txt", "a", "b/sub/deep/x.py", ".hidden/y.py", "b/.z.py"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path
