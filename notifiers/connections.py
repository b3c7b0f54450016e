"""The connections under the transport: kept open for a short while, verified, through a proxy if need be.

Must never retry, take a proxy or password from the environment, or let urllib3 write a URL into a log.
"""

from __future__ import annotations

import logging
import socket
import ssl
from functools import cache
from time import monotonic
from urllib.parse import unquote, urlsplit, urlunsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from notifiers.patience import watch

_OPEN_AT_MOST = 64  # per transport; a sender has far fewer threads

# These write whole URLs, the robot's key in them: at DEBUG always, at WARNING when an answer's headers are
# malformed. A filter holds even where somebody turns their level up to look for a fault.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: False)


class Connection(HTTPConnection):
    """One connection that is used again only soon after its last answer.

    Servers close a connection that rests for some seconds. A message sent at that very moment would look
    as if it might have been read; so ours rests for less than any usual server allows.
    """

    longest_rest = 3.0  # seconds
    _answered_at = 0.0

    def _new_conn(self) -> socket.socket:
        """The bare connection; a proxy is spoken to over it before `connect` returns."""
        bare = super()._new_conn()
        watch(bare)
        return bare

    def connect(self) -> None:
        """Nothing is sent over a connection that took too long to make."""
        super().connect()
        watch(self.sock)

    def putrequest(
        self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
    ) -> None:
        """A request begins, here over a connection that may have served others."""
        if self.sock is not None:
            watch(self.sock)
        super().putrequest(method, url, skip_host, skip_accept_encoding)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3's own
        """The next answer; the connection's rest begins with it."""
        response = super().getresponse()
        self._answered_at = monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        """Whether the pool may use it again; urllib3 asks before each use."""
        return monotonic() - self._answered_at < self.longest_rest and super().is_connected


class _TlsConnection(Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def open_pool(ca_file: str | None, proxy: str | None, server_name: str | None = None) -> PoolManager:
    """A pool that several threads may use at once. Raises OSError when `ca_file` holds no certificate.

    `ca_file` stands in place of the authorities that come with `requests`. `proxy`: an http(s) URL; an
    account in it is sent to the proxy alone. `server_name`: see `Transport`; not through a proxy.
    """
    context = _trusting(ca_file or DEFAULT_CA_BUNDLE_PATH)
    if proxy is None:
        manager = PoolManager(1, maxsize=_OPEN_AT_MOST, ssl_context=context)
        if server_name:
            manager.connection_pool_kw["server_hostname"] = server_name
    else:
        parts = urlsplit(proxy)
        account, _, place = parts.netloc.rpartition("@")
        manager = ProxyManager(
            urlunsplit(parts._replace(netloc=place)),
            1,
            maxsize=_OPEN_AT_MOST,
            ssl_context=context,
            proxy_ssl_context=context,
            proxy_headers=make_headers(proxy_basic_auth=unquote(account)) if account else None,
        )
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager


@cache
def _trusting(ca_file: str) -> ssl.SSLContext:
    """Reading the authorities takes longer than a handshake: once for all connections."""
    return ssl.create_default_context(cafile=ca_file)
