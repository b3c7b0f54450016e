"""A small HTTP server on 127.0.0.1 in threads, with the faults that real providers and networks show.

Must never listen on, or point to, anything but the loopback interface.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=UTF-8"


class Fault(Enum):
    """What may happen to one request instead of the normal answer."""

    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTML = "html"  # a 200 from some portal in between
    REDIRECT = "redirect"  # to another host, where nothing is to arrive
    WARNING = "warning"  # errcode 0 with a warning: taken, never shown
    DROP = "drop"  # the connection ends before the body is read
    HANG = "hang"  # nothing is taken, and nothing is answered in time
    ACCEPT_THEN_DROP = "accept_then_drop"  # taken, but the answer never comes
    SLOW = "slow"  # taken, but the answer comes too late
    CUT_ANSWER = "cut_answer"  # taken, but the answer ends in its middle


@dataclass(frozen=True)
class Request:
    """One request; the body is read on demand, so that a fault can come before it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Callable[[], bytes]


@dataclass(frozen=True)
class Reply:
    """An answer; with `cut`, only half of the announced body follows. `drip`: seconds before each byte."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    drip: float = 0.0


Trouble = Fault | int | Reply
"""A fault, a provider's own error code, or a whole answer."""


def json_reply(value: object) -> Reply:
    """A 200 with compact JSON, as the providers write it."""
    return Reply(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


class LoopbackServer(ABC):
    """Starts on entering, stops on leaving; `respond` says what each request gets."""

    def __init__(
        self, *, port: int = 0, slow_seconds: float = 30.0, tls: tuple[Path, Path] | None = None
    ) -> None:
        """`tls`: certificate and key, both PEM; without them plain HTTP."""
        self._slow_seconds = slow_seconds
        self._closing = threading.Event()
        self._faults: dict[str, deque[Trouble]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._server = _Server(port, self)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # The handshake belongs to the thread of the connection, not to the accepting loop.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.base_url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self.strays: list[str] = []
        """Method and path of every request to a place that does not exist."""
        self.connections = 0
        """How many connections were ever opened."""
        self._open: set[socket.socket] = set()

    @abstractmethod
    def respond(self, request: Request) -> Reply | None:
        """The answer; None ends the connection without one."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self.hang_up()
        self._server.server_close()

    def hang_up(self) -> None:
        """Close every open connection, as servers do with those that rest."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client was first
                    connection.shutdown(socket.SHUT_RDWR)

    def is_closing(self, seconds: float) -> bool:
        """Wait so long, or until the server stops."""
        return self._closing.wait(seconds)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(connection)
        if self._closing.is_set():
            self.hang_up()

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def inject(self, name: str, fault: Trouble, times: int = 1) -> None:
        """Let the next `times` requests on `name` (a key, a path) meet trouble."""
        with self._lock:
            self._faults[name].extend([fault] * times)

    def take_fault(self, name: str) -> Trouble | None:
        """The next trouble of `name`; one that hangs has hung already and becomes a DROP."""
        with self._lock:
            queue = self._faults[name]
            fault = queue.popleft() if queue else None
        if fault is not Fault.HANG:
            return fault
        self._closing.wait(self._slow_seconds)
        return Fault.DROP

    def stray(self, request: Request) -> Reply:
        """A 404 that is remembered."""
        self.strays.append(f"{request.method} {request.path}")
        return Reply(b"not found", status=404, content_type="text/plain")

    def instead(self, fault: Trouble | None) -> Reply | None:
        """The answer of a fault that stands in front of the provider; None if it is no such fault."""
        elsewhere = f"{self.base_url.replace('127.0.0.1', 'localhost')}/elsewhere"
        answers = {
            Fault.HTTP_500: Reply(b"", status=500),
            Fault.HTTP_502: Reply(b"<h1>Bad Gateway</h1>", status=502, content_type="text/html"),
            Fault.HTML: Reply("<title>上网认证</title>".encode(), content_type="text/html; charset=utf-8"),
            Fault.REDIRECT: Reply(b"", status=302, headers={"Location": elsewhere}),
        }
        if isinstance(fault, Reply):
            return fault
        return answers.get(fault) if isinstance(fault, Fault) else None

    def spoil(self, fault: Trouble | None, reply: Reply) -> Reply | None:
        """What becomes of the answer of a request that was taken."""
        if fault is Fault.SLOW:
            self._closing.wait(self._slow_seconds)
        if fault is Fault.CUT_ANSWER:
            return Reply(reply.body, cut=True)
        return None if fault is Fault.ACCEPT_THEN_DROP else reply


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every handler, and no socket outlives a test
    request_queue_size = 64

    def __init__(self, port: int, owner: LoopbackServer) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has hung up, or does not trust us, is part of the experiment."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True  # or each answer on a kept connection waits 40 ms for its body

    def setup(self) -> None:
        super().setup()
        self.server.owner.opened(self.connection)

    def finish(self) -> None:
        self.server.owner.closed(self.connection)
        super().finish()

    def _respond(self) -> None:
        parts = urlsplit(self.path)
        unread = int(self.headers.get("Content-Length") or 0)

        def body() -> bytes:
            nonlocal unread
            length, unread = unread, 0
            return self.rfile.read(length)

        query, headers = dict(parse_qsl(parts.query)), dict(self.headers)
        reply = self.server.owner.respond(Request(self.command, parts.path, query, headers, body))
        if reply is None or reply.cut or unread:
            self.close_connection = True
        if reply is not None:
            self._write(reply)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for byte in reply.body if reply.drip else b"":
            if self.server.owner.is_closing(reply.drip):
                return
            self.wfile.write(bytes([byte]))
        if not reply.drip:
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_PUT(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a request line holds the key."""
