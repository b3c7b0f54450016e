"""A fake mail server: TLS or STARTTLS or neither, a login, and the ways in which a conversation ends badly.

Must never pass a mail on, or listen on anything but the loopback interface.
"""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

USER, PASSWORD = "rectify@mail.example.cn", "invented-mail-password"
Ending = Literal["drop", "hang", "drip"]


@dataclass(frozen=True)
class Mail:
    """One mail as it was taken, dots unstuffed."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class _Conversation:
    encrypted: bool
    logged_in: bool = False
    sender: str = ""
    recipient: str = ""
    said: list[str] = field(default_factory=list)


class FakeSmtp:
    """`replies`: verb (`greeting`, `mail`, `rcpt`, `data`, `.`, …) → the line said in place of the usual one.
    `endings`: verb → the connection is dropped or left hanging there, or drips a
    reply that does not end. At `.` the mail was taken nevertheless.
    """

    def __init__(
        self, *, tls: tuple[Path, Path] | None = None, implicit: bool = False, login: bool = False
    ) -> None:
        """`tls`: certificate and key, both PEM; `implicit`: from the first byte, else by STARTTLS."""
        self.mails: list[Mail] = []
        self.conversations: list[_Conversation] = []
        self.replies: dict[str, str] = {}
        self.endings: dict[str, Ending] = {}
        self.login = login
        self.implicit = implicit
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.port: int = self._server.server_address[1]
        self.base_url = f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False  # so that closing waits for every handler, and no socket outlives a test
    allow_reuse_address = True
    fake: FakeSmtp

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has hung up, or does not trust us, is part of the experiment."""


class _EndedError(Exception):
    """This conversation is over."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    @property
    def fake(self) -> FakeSmtp:
        return self.server.fake

    def handle(self) -> None:
        self.talk = _Conversation(encrypted=self.fake.implicit)
        self.fake.conversations.append(self.talk)
        if self.fake.implicit:
            self._encrypt()
        self.lines = self.request.makefile("rb")
        with suppress(_EndedError):
            self._say("greeting", "220 mail.example.cn ready")
            while line := self.lines.readline():
                self._obey(line.decode().rstrip("\r\n"))
        self.lines.close()
        self.request.close()

    def _encrypt(self) -> None:
        assert self.fake.context is not None
        self.request = self.fake.context.wrap_socket(self.request, server_side=True)

    def _obey(self, line: str) -> None:
        verb = line.partition(" ")[0].lower()
        self.talk.said.append(line)
        if verb == "ehlo":
            self._say(verb, *_capabilities(self.fake, self.talk))
        elif verb == "starttls":
            self._say(verb, "220 go ahead")
            self.lines.close()
            self._encrypt()
            self.talk.encrypted = True
            self.lines = self.request.makefile("rb")
        elif verb == "auth":
            self._log_in(line)
        elif verb == "mail":
            refused = self.fake.login and not self.talk.logged_in
            self.talk.sender = line[line.index("<") + 1 : line.index(">")]
            self._say(verb, "530 5.7.0 authentication required" if refused else "250 ok")
        elif verb == "rcpt":
            self.talk.recipient = line[line.index("<") + 1 : line.index(">")]
            self._say(verb, "250 ok")
        elif verb == "data":
            if self._say(verb, "354 end with a dot"):
                self._take()
        else:
            self._say(verb, "221 bye" if verb == "quit" else "502 not implemented")

    def _log_in(self, line: str) -> None:
        given = base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:]
        self.talk.logged_in = given == [USER, PASSWORD]
        self._say("auth", "235 ok" if self.talk.logged_in else f"535 5.7.8 wrong: {given}")

    def _take(self) -> None:
        content = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return
            content += line.removeprefix(b".")
        self.fake.mails.append(Mail(self.talk.sender, self.talk.recipient, content))
        self._say(".", "250 2.0.0 queued")

    def _say(self, verb: str, *usual: str) -> bool:
        """Say it, or what the test wants instead; whether the usual was said."""
        ending = self.fake.endings.get(verb)
        if ending == "hang":
            self.fake.closing.wait(30.0)
        if ending == "drip":
            with suppress(OSError):  # until they hang up
                while not self.fake.closing.wait(0.05):
                    self.request.sendall(b"2")
        if ending:
            raise _EndedError
        lines: Iterable[str] = [self.fake.replies[verb]] if verb in self.fake.replies else usual
        self.request.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return verb not in self.fake.replies


def _capabilities(server: FakeSmtp, talk: _Conversation) -> list[str]:
    offered = ["mail.example.cn"]
    if server.context is not None and not talk.encrypted:
        offered.append("STARTTLS")
    if server.login and talk.encrypted:
        offered.append("AUTH PLAIN")
    return [*(f"250-{one}" for one in offered[:-1]), f"250 {offered[-1]}"]
