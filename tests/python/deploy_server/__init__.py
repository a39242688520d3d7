"""Microsoft's sign-in, Fabric, Synapse and Azure Resource Manager, as far as a deployment needs them, on this machine.

One server over TLS with a certificate of its own. It keeps state as the services do, answers in their words, writes
down every request, holds each against Microsoft's OpenAPI files, and fails where a test wants it to.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple
from urllib.parse import parse_qsl, unquote, urlsplit

from deploy_server._contract import Contract
from deploy_server._entra import Entra
from deploy_server._fabric import Fabric
from deploy_server._synapse import Synapse

__all__ = ["Fault", "Reply", "Request", "Server"]


@dataclass
class Request:
    """One request, as it came."""

    method: str
    path: str
    query: List[Tuple[str, str]]
    headers: Any
    body: bytes
    base: str

    @property
    def args(self) -> Dict[str, str]:
        return dict(self.query)

    def __str__(self) -> str:
        tail = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.path}{'?' if tail else ''}{tail}"


@dataclass
class Reply:
    """One answer."""

    status: int = 200
    body: Any = None
    headers: Dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"

    def bytes(self) -> bytes:
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass
class Fault:
    """What goes wrong, with which request, and how often."""

    match: Callable[[Request], bool]
    kind: str = "reply"  # "reply", "cut early" (its body unread), "cut before", "cut after", "cut within", "slow"
    reply: Optional[Reply] = None
    times: int = 1
    seconds: float = 0.0
    act: Optional[Callable[[], None]] = None
    until: Optional[threading.Event] = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Tls

    def _any(self) -> None:
        self.server.owner.handle(self)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _any

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Tls(ThreadingHTTPServer):
    daemon_threads = True
    owner: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # cut lines are what this server is for


class Server:
    """Start it with `with`."""

    def __init__(self, folder: Path) -> None:
        from deploy_server._tls import certificates

        self.ca, chain = certificates(folder)
        self.contract = Contract()
        self.faults: List[Fault] = []
        self.requests: List[Request] = []
        self.problems: List[str] = []
        self.active = 0
        self.lock = threading.RLock()
        self._http = _Tls(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        # the handshake belongs to the connection's own thread, or a silent client would stop all others
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._http.server_port}"
        self.reset()

    def reset(self) -> None:
        """A new world."""
        with self.lock:
            self.faults, self.requests, self.problems = [], [], []
            self.world = object()
            self.entra, self.fabric, self.synapse = Entra(self), Fabric(self), Synapse(self)

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def handle(self, http: _Handler) -> None:
        with self.lock:
            self.active += 1
        try:
            self._handle(http)
        finally:
            with self.lock:
                self.active -= 1

    def _handle(self, http: _Handler) -> None:
        split = urlsplit(http.path)
        early = Request(http.command, unquote(split.path), parse_qsl(split.query), http.headers, b"", self.url)
        with self.lock:
            for one in self.faults:
                if one.kind == "cut early" and one.times > 0 and one.match(early):
                    one.times -= 1
                    self.requests.append(early)
                    return self._cut(http)
        body = http.rfile.read(int(http.headers.get("Content-Length") or 0))
        request = Request(
            http.command,
            unquote(split.path),
            parse_qsl(split.query, keep_blank_values=True),
            http.headers,
            body,
            self.url,
        )
        with self.lock:
            world = self.world
            self.requests.append(request)
            fault = next((one for one in self.faults if one.times > 0 and one.match(request)), None)
            if fault is not None:
                fault.times -= 1
                if fault.act is not None:
                    fault.act()
            kind = fault.kind if fault is not None else ""
        if kind == "slow" and fault is not None:
            time.sleep(fault.seconds)
        if fault is not None and fault.until is not None:
            fault.until.wait(60)
        if kind == "cut before":
            return self._cut(http)
        with self.lock:
            if world is not self.world:  # slept through the end of its test
                return self._cut(http)
            try:
                reply = fault.reply if fault is not None and fault.reply is not None else self._answer(request)
            except Exception as error:  # a test must see it
                self.problems.append(f"{request}: {error!r}")
                reply = Reply(500, {"error": {"code": "Bug", "message": repr(error)}})
        if kind == "cut after":
            return self._cut(http)
        content = reply.bytes()
        http.send_response(reply.status)
        for name, value in reply.headers.items():
            http.send_header(name, value)
        if content:
            http.send_header("Content-Type", reply.kind)
        http.send_header("Content-Length", str(len(content)))
        http.end_headers()
        if kind == "cut within":
            http.wfile.write(content[: len(content) // 2])
            http.wfile.flush()
            return self._cut(http)
        http.wfile.write(content)
        return None

    def _cut(self, http: _Handler) -> None:
        http.close_connection = True
        now = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        http.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)  # a reset, not a goodbye
        http.connection.close()

    def _answer(self, request: Request) -> Reply:
        for site in (self.entra, self.fabric, self.synapse):
            if site.owns(request):
                if site is not self.entra:
                    found = self.contract.check(request)
                    if found:
                        self.problems.append(f"{request}: {found}")
                    refused = self.entra.check(request, site.scope(request))
                    if refused is not None:
                        return refused
                reply: Reply = site.answer(request)
                return reply
        self.problems.append(f"{request}: nobody's")
        return Reply(404, {"error": {"code": "NotFound", "message": str(request)}})

    def asked(self, method: str, part: str = "") -> List[Request]:
        """The requests of a method with a part in their path or query."""
        return [one for one in self.requests if one.method == method and part in str(one)]
