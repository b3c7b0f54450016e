"""Where a fetch may go: addresses checked once, before anything is sent there.

Must never let a fetch reach an internal address that the office has not allowed, in whatever disguise.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from urllib3 import exceptions
from urllib3.util import Url, parse_url

from tracker.domain.errors import RectifyError

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port -> the addresses of the host, as text. Raises OSError for an unknown name."""

# Beyond what `is_global` refuses: IPv6 forms with an IPv4 address inside (mapped, compatible, NAT64, 6to4,
# Teredo), old site-local addresses, protocol assignments and the 6to4 relay (global to some releases of
# Python), and the one cloud metadata service on a public address (Azure).
_DISGUISES = [
    *map(ip_network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")),
    *map(ip_network, ("fec0::/10", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")),
]
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_.-]+")
# What C libraries read as an IPv4 address although it is not written as one: 2130706433, 0x7f.1, 0177.0.0.1.
_ODD_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")


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
    FORBIDDEN_ADDRESS = (
        "forbidden_address",
        "网址指向内部网络地址，已拒绝访问（确需核查的，列入 TRACKER_PROBE_NETWORKS）",
    )
    UNRESOLVED = "unresolved", "域名无法解析"
    UNREACHABLE = "unreachable", "网站无法连接或传输中断"
    BAD_CERTIFICATE = "bad_certificate", "网站安全证书不可信"
    TIMEOUT = "timeout", "网站响应超时"
    TOO_MANY_REDIRECTS = "too_many_redirects", "网页跳转次数过多"
    TOO_LARGE = "too_large", "网页内容过大"
    NOT_A_PAGE = "not_a_page", "网址返回的不是网页"
    ROBOTS = "robots", "网站的 robots.txt 不允许自动访问该网页，或无法取得该文件"
    NOT_RENDERED = "not_rendered", "浏览器未能显示该网页"
    OVER_BUDGET = "over_budget", "一次核查的限度（页数、字节或时间）已用完"


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
    Not `pages_only`: scripts and data too, for a browser that draws a page from them.
    `authorities` is a PEM file to trust in place of the public authorities (an intranet's own).
    """

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 20.0
    max_bytes: int = 2 * 1024 * 1024
    max_redirects: int = 5
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    authorities: str | None = None
    pages_only: bool = True
    user_agent: str = "Mozilla/5.0 (compatible; rectify website check)"


def system_addresses(host: str, port: int) -> list[str]:
    """Ask the machine's resolver. Its own timeout applies: a deadline of ours cannot cut it."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked_url(text: str) -> Url:
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


def checked_address(url: Url, policy: Policy, resolve: Resolver) -> str:
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
