"""A small government website on 127.0.0.1 with the faults that real ones have.

Must never answer anything but what a test put in.
"""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Answer:
    """What one path answers: bytes, or pieces that are sent one by one until the client hangs up."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    trickled_head: bool = False


def html(body: str, *, title: str = "云澜市测试局") -> Answer:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Answer(page.encode())


def moved(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": location})


def gzip_bomb(size: int) -> Answer:
    """`size` bytes once unpacked, about a thousandth of that on the wire."""
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    return Answer(gzip.compress(b"<p>" + b" " * size, compresslevel=1), headers=headers)


def endless() -> Answer:
    return Answer(lambda: repeat(b"<p>" + b"0" * 8192))


def slow_body() -> Answer:
    """One byte now and then, for ever: no single read times out."""
    return Answer(lambda: repeat(b"x"))


def slow_head() -> Answer:
    return Answer(lambda: repeat(b"x"), trickled_head=True)


@dataclass(frozen=True)
class Request:
    path: str
    host: str
    headers: dict[str, str]


class FakeWebsite:
    """Use as a context manager; `site["/path"] = answer`. `requests` lists what was asked, in order."""

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        self.requests: list[Request] = []
        self.names_asked_by_tls: list[str | None] = []
        self._answers: dict[str, Answer] = {}
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            context.sni_callback = lambda _socket, name, _context: self.names_asked_by_tls.append(name)
            # The handshake belongs to the thread of the connection, not to the accepting loop.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __setitem__(self, path: str, answer: Answer) -> None:
        self._answers[path] = answer

    def body(self, path: str) -> str:
        """What the path answers, as text."""
        body = self._answers[path].body
        assert isinstance(body, bytes)
        return body.decode()

    def paths(self, ending: str) -> list[str]:
        """Those that have an answer and end so."""
        return [path for path in self._answers if path.endswith(ending)]

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:  # the client hung up, as it should on a fault
                    self.close_connection = True

            def do_GET(self) -> None:
                site.requests.append(Request(self.path, self.headers["Host"], dict(self.headers)))
                answer = site._answers.get(self.path, Answer(b"<h1>404</h1>", status=404))
                if answer.trickled_head:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
                else:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                if isinstance(answer.body, bytes):
                    self.wfile.write(answer.body)
                    return
                for piece in answer.body():
                    self.wfile.write(piece)
                    if site._closing.wait(0 if len(piece) > 1 else 0.01):
                        return

            def log_message(self, format: str, *args: object) -> None:
                """Silence: a test's output is its own."""

        return Handler
