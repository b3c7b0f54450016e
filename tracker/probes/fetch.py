"""Fetches one web page for a probe, safely: the address comes from a list that people keep, not from us.

Must never reach an internal address (server-side request forgery), look a name up again after it was
checked (DNS rebinding), use a proxy from the environment, send credentials, or read without a limit.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from http.client import HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import urljoin

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from tracker.domain.errors import RectifyError

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port -> the addresses of the host, as text. Raises OSError for an unknown name."""

# Beyond what `is_global` refuses: IPv6 forms with an IPv4 address inside (mapped, compatible, NAT64, 6to4,
# Teredo), old site-local addresses, and the one cloud metadata service on a public address (Azure).
_DISGUISES = [
    *map(ip_network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")),
    *map(ip_network, ("fec0::/10", "168.63.129.16/32")),
]
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_.-]+")
# What C libraries read as an IPv4 address although it is not written as one: 2130706433, 0x7f.1, 0177.0.0.1.
_ODD_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
_MOVED = frozenset({301, 302, 303, 307, 308})
_READABLE = re.compile(r"\s*(?:$|text/|application/(?:xhtml\+)?xml)", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# Charsets of Chinese pages; GB18030 contains the older two. Latin-1 and its like are left out: servers name
# them by default, and they turn any page into rubbish without a complaint.
_CODECS = dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030") | {"utf-8": "utf-8", "big5": "big5"}


class FetchReason(StrEnum):
    """Why a page could not be had: a stable code, and the sentence that people read."""

    message: str

    def __new__(cls, code: str, message: str) -> Self:
        reason = str.__new__(cls, code)
        reason._value_ = code
        reason.message = message
        return reason

    BAD_URL = "bad_url", "网址写法不规范"
    FORBIDDEN_SCHEME = "forbidden_scheme", "只能检查 http 或 https 网址"
    FORBIDDEN_PORT = "forbidden_port", "网址端口不在允许范围（80、443、1024 及以上）"
    FORBIDDEN_ADDRESS = "forbidden_address", "网址指向内部网络地址，已拒绝访问"
    UNRESOLVED = "unresolved", "域名无法解析"
    UNREACHABLE = "unreachable", "网站无法连接或传输中断"
    BAD_CERTIFICATE = "bad_certificate", "网站安全证书不可信"
    TIMEOUT = "timeout", "网站响应超时"
    TOO_MANY_REDIRECTS = "too_many_redirects", "网页跳转次数过多"
    TOO_LARGE = "too_large", "网页内容过大"
    NOT_A_PAGE = "not_a_page", "网址返回的不是网页"


class FetchError(RectifyError):
    """The page was refused or could not be had; `reason` says why."""

    code = "fetch"

    def __init__(self, reason: FetchReason) -> None:
        super().__init__(reason.message, details={"reason": reason.value})
        self.reason = reason


@dataclass(frozen=True)
class Policy:
    """The limits of one fetch. Times in seconds; bytes are counted after decompression.

    `allowed_networks` may be reached although internal (a government intranet, a test); none by default.
    `authorities` is a PEM file to trust in place of the public authorities (an intranet's own).
    """

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 20.0
    max_bytes: int = 2 * 1024 * 1024
    max_redirects: int = 5
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    authorities: str | None = None
    user_agent: str = "Mozilla/5.0 (compatible; rectify website check)"


@dataclass(frozen=True)
class Page:
    """What came back: the final address, and the SHA-256 (hex) of the body after decompression."""

    url: str
    status: int
    content_type: str
    text: str
    sha256: str


def system_addresses(host: str, port: int) -> list[str]:
    """Ask the machine's resolver. Its own timeout applies: a deadline of ours cannot cut it."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(url: str, policy: Policy, *, resolve: Resolver = system_addresses) -> Page:
    """Get one page, following redirects by hand so that every hop is checked like the first.

    Any HTTP status is a page. Raises FetchError for whatever is refused, fails or exceeds a limit.
    """
    with _Deadline(policy.total_seconds) as deadline:
        for _ in range(policy.max_redirects + 1):
            place = _checked_url(url)
            address = _checked_address(place, policy, resolve)
            answer = _visit(place, address, policy, deadline)
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


def _checked_url(text: str) -> Url:
    # Different parsers read a backslash, a control character and a user part differently; none is needed.
    if re.search(r"[\x00-\x1f\x7f\\]", text):
        raise FetchError(FetchReason.BAD_URL)
    try:
        url = parse_url(text.strip())
    except exceptions.LocationParseError as error:
        raise FetchError(FetchReason.BAD_URL) from error
    if url.scheme not in _PORTS:
        raise FetchError(FetchReason.FORBIDDEN_SCHEME)
    name = (url.host or "").strip("[]")
    odd = _ODD_NUMBER.fullmatch(name) or not _NAME.fullmatch(name)
    if url.auth is not None or (odd and _literal(name) is None):
        raise FetchError(FetchReason.BAD_URL)
    # Below 1024 only the web's own ports: the others belong to other services. 8080 and 9001 are common.
    if url.port is not None and url.port not in _PORTS.values() and url.port < 1024:
        raise FetchError(FetchReason.FORBIDDEN_PORT)
    return url._replace(fragment=None)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    with suppress(ValueError):
        return ip_address(host)
    return None


def _checked_address(url: Url, policy: Policy, resolve: Resolver) -> str:
    """The one address to connect to. A single internal answer spoils all: an honest site has none."""
    host = (url.host or "").strip("[]")
    try:
        answers = [host] if _literal(host) else resolve(host, url.port or _PORTS[url.scheme or ""])
        addresses = [ip_address(answer) for answer in answers]
    except (OSError, ValueError) as error:
        raise FetchError(FetchReason.UNRESOLVED) from error
    if not addresses:
        raise FetchError(FetchReason.UNRESOLVED)
    if not all(_may_reach(address, policy) for address in addresses):
        raise FetchError(FetchReason.FORBIDDEN_ADDRESS)
    return str(addresses[0])


def _may_reach(address: IPv4Address | IPv6Address, policy: Policy) -> bool:
    if any(address in network for network in policy.allowed_networks):
        return True
    disguised = any(address in network for network in _DISGUISES)
    return address.is_global and not (address.is_multicast or address.is_reserved or disguised)


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


def _visit(url: Url, address: str, policy: Policy, deadline: _Deadline) -> Page | str:
    """The page at this address, or where it has moved to."""
    headers = {"Host": url.netloc or "", "User-Agent": policy.user_agent, "Accept-Encoding": "gzip"}
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
    if not _READABLE.match(content_type):
        raise FetchError(FetchReason.NOT_A_PAGE)
    received = bytearray()
    while chunk := response.read1(65536):
        received += chunk
        if len(received) > policy.max_bytes:
            raise FetchError(FetchReason.TOO_LARGE)
    body = bytes(received)
    return Page(
        url.url, response.status, content_type, _decoded(body, content_type), sha256(body).hexdigest()
    )


def _decoded(body: bytes, content_type: str) -> str:
    """Decode by what header and page declare, then UTF-8, then GB18030: the first of least damage wins.

    Declarations are often wrong (a GBK page behind a UTF-8 header), so each is only a candidate.
    """
    declared = _CHARSET.findall(content_type) + _CHARSET.findall(body[:4096].decode("ascii", "ignore"))
    known = [_CODECS[name.lower()] for name in declared if name.lower() in _CODECS]
    texts = (body.decode(codec, "replace") for codec in dict.fromkeys([*known, "utf-8", "gb18030"]))
    return min(texts, key=lambda text: text.count("\ufffd"))
