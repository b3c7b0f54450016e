"""Fetches one web page for a probe, safely: the address comes from a list that people keep, not from us.

Must never reach an internal address (server-side request forgery), look a name up again after it was
checked (DNS rebinding), use a proxy from the environment, send credentials, or read without a limit.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from typing import Self
from urllib.parse import urljoin

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util import Url

from tracker.probes.addresses import (
    FetchError,
    FetchReason,
    Policy,
    Resolver,
    checked_address,
    checked_url,
    system_addresses,
)

_MOVED = frozenset({301, 302, 303, 307, 308})
# What a server says of a page's state -> how to ask whether it still is in that state.
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_READABLE = re.compile(r"\s*(?:$|text/|application/(?:xhtml\+)?xml)", re.IGNORECASE)
_DATA = re.compile(rf"{_READABLE.pattern}|application/(?:(?:x-)?javascript|(?:[\w.]+\+)?json)", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# Charsets of Chinese pages; GB18030 contains the older two. Latin-1 and its like are left out: servers name
# them by default, and they turn any page into rubbish without a complaint.
_CODECS = dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030") | {"utf-8": "utf-8", "big5": "big5"}


@dataclass(frozen=True)
class Page:
    """What came back: the final address, and the SHA-256 (hex) of the body after decompression.

    `size` counts the bytes of the body, `validators` are the headers that ask next time whether it changed.
    `lacks`: a script of the site, or what it asked for, did not come when a browser drew the page.
    """

    url: str
    status: int
    content_type: str
    text: str
    sha256: str
    size: int = 0
    validators: Mapping[str, str] = field(default_factory=dict)
    lacks: bool = False


def fetch(
    url: str, policy: Policy, *, known: Mapping[str, str] | None = None, resolve: Resolver = system_addresses
) -> Page:
    """Get one page, following redirects by hand so that every hop is checked like the first.

    `known` are the validators of an earlier answer: a page with status 304 is as it was. Any HTTP status is a
    page. Raises FetchError for whatever is refused, fails or exceeds a limit.
    """
    with _Deadline(policy.total_seconds) as deadline:
        for _ in range(policy.max_redirects + 1):
            place = checked_url(url)
            address = checked_address(place, policy, resolve)
            answer = _visit(place, address, policy, deadline, known or {})
            if isinstance(answer, Page):
                return answer
            url = answer
    raise FetchError(FetchReason.TOO_MANY_REDIRECTS)


class _Deadline:
    """Cuts the open connection when the total time is up: a server that sends a byte now and then keeps
    every single read within its timeout."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        self._socket = connected
        self.check()

    def check(self) -> None:
        if self.passed:
            raise FetchError(FetchReason.TIMEOUT)

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):  # the plain shutdown: SSLSocket's own would disturb a read in progress
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _connection(url: Url, address: str, policy: Policy) -> HTTPConnection:
    """A connection to exactly this address; the name stays in the certificate check and in SNI."""
    timeout = min(policy.connect_seconds, policy.total_seconds)
    if url.scheme == "http":
        return HTTPConnection(address, url.port or 80, timeout=timeout)
    return HTTPSConnection(
        address,
        url.port or 443,
        timeout=timeout,
        server_hostname=(url.host or "").strip("[]"),
        ssl_context=ssl.create_default_context(cafile=policy.authorities or DEFAULT_CA_BUNDLE_PATH),
    )


def _visit(
    url: Url, address: str, policy: Policy, deadline: _Deadline, known: Mapping[str, str]
) -> Page | str:
    """The page at this address, or where it has moved to."""
    headers = {"Host": url.netloc or "", "User-Agent": policy.user_agent, "Accept-Encoding": "gzip", **known}
    try:
        with closing(_connection(url, address, policy)) as connection:
            connection.connect()
            deadline.watch(connection.sock)
            connection.timeout = policy.read_seconds
            connection.request("GET", url.request_uri, headers=headers, preload_content=False)
            with connection.getresponse() as response:
                location = response.headers.get("Location")
                if response.status in _MOVED and location is not None:
                    # http.client reads headers as Latin-1; a Chinese path was sent as UTF-8.
                    return urljoin(url.url, location.encode("latin-1").decode("utf-8", "replace"))
                page = _page(url, response, policy)
            deadline.check()  # a cut connection can look like the end of the page
            return page
    except (OSError, ValueError, HTTPException, exceptions.HTTPError) as error:
        raise FetchError(_why(error, deadline)) from error


def _why(error: Exception, deadline: _Deadline) -> FetchReason:
    refused = isinstance(error, exceptions.NewConnectionError)  # urllib3 files it under timeouts
    late = isinstance(error, (TimeoutError, exceptions.TimeoutError)) and not refused
    if deadline.passed or late:
        return FetchReason.TIMEOUT
    if isinstance(error, (ssl.SSLError, exceptions.SSLError)):
        return FetchReason.BAD_CERTIFICATE
    return FetchReason.UNREACHABLE


def _page(url: Url, response: HTTPResponse, policy: Policy) -> Page:
    content_type = response.headers.get("Content-Type", "")
    # An error is one in whatever type it comes: only what was really sent can be a file.
    if response.status < 400 and not (_READABLE if policy.pages_only else _DATA).match(content_type):
        raise FetchError(FetchReason.NOT_A_PAGE)
    received = bytearray()
    while chunk := response.read1(65536):
        received += chunk
        if len(received) > policy.max_bytes:
            raise FetchError(FetchReason.TOO_LARGE)
    body = bytes(received)
    text = _decoded(body, content_type)
    asked = {
        name: response.headers[header] for header, name in _VALIDATORS.items() if header in response.headers
    }
    return Page(url.url, response.status, content_type, text, sha256(body).hexdigest(), len(body), asked)


def _decoded(body: bytes, content_type: str) -> str:
    """Decode by what header and page declare, then UTF-8, then GB18030: the first of least damage wins.

    Declarations are often wrong (a GBK page behind a UTF-8 header), so each is only a candidate.
    """
    declared = _CHARSET.findall(content_type) + _CHARSET.findall(body[:4096].decode("ascii", "ignore"))
    known = [_CODECS[name.lower()] for name in declared if name.lower() in _CODECS]
    texts = (body.decode(codec, "replace") for codec in dict.fromkeys([*known, "utf-8", "gb18030"]))
    return min(texts, key=lambda text: text.count("\ufffd"))
