"""The only place that talks HTTP: one request to one fixed base URL, and an honest outcome.

Must never retry, follow a redirect, read proxies or passwords from the environment, or let a URL
(whose query is the robot's key) reach an exception, a `repr` or a log.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from notifiers.connections import open_pool
from notifiers.patience import LONGEST_REQUEST, patience
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

_LARGEST_ANSWER = 64 * 1024  # bytes; a real answer has a few hundred
_LONGEST_PAUSE = 3600  # seconds; a Retry-After beyond this is not believed
# A gateway waited for the real server in vain, or lost it: a read timeout once removed. 520 to 524 are those
# of content delivery networks. 502 is not among them, nor are 500 and 503: the reference (1.11) lists these
# with connections that could not be made, and a person would be asked whenever a far side's door restarts.
_GATEWAY_WAITED = frozenset({504, *range(520, 525)})
_TRY_LATER = frozenset({408, 425, 429, *range(500, 600)}) - _GATEWAY_WAITED
_NOT_FOR_US = frozenset({*range(300, 400), 401, 403, 404, 405, 407, 410})  # whatever the message says

_CUT_OFF = "连接建立后即被中断"
_NO_CONNECTION = "无法建立连接（域名无法解析、网络不通或被拒绝）"
_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((SSLError, ssl.SSLError), "TLS 证书校验或握手失败，请检查证书与 CA 文件设置"),
    ((ProxyError,), "代理服务器不可用，请检查代理设置"),
    ((NewConnectionError,), _NO_CONNECTION),
    ((ConnectTimeoutError,), "连接超时，请检查网络"),
    ((ReadTimeoutError,), "没有及时答复"),
)  # in this order: a connection that could not be made is a timed-out one to urllib3


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: its status and its whole body."""

    status: int
    body: bytes

    def json(self) -> object:
        """The parsed body; None when it is not JSON (or the literal null)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # ValueError: also bytes that are not UTF-8
            return None


class _Body:
    """What is sent, in one piece; `left` once the system has taken all of it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.left = False

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        self.left = True  # the next piece is asked for only after this one went without an error


@dataclass(frozen=True)
class Transport:
    """Talks to `base_url` and nowhere else; `service` is the far side's Chinese name in messages.

    Connections are kept open between messages and shared by all threads. Times are seconds; `longest` is for
    the whole of a call, however much of its answer has come. `ca_file` replaces the built-in certificate
    authorities; `proxy` is an http(s) URL. Raises ConfigError for settings that can never work.
    """

    base_url: str
    service: str
    read_timeout: float = 15.0
    connect_timeout: float = 5.0
    longest: float = LONGEST_REQUEST
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)  # may carry a password
    server_name: str | None = None  # whose certificate it must be, where `base_url` names a bare address

    def __post_init__(self) -> None:
        if not _is_plain(self.base_url) or urlsplit(self.base_url).username is not None:
            raise ConfigError(f"{self.service}的地址无效：应为 http(s)://主机[:端口][/路径]，不带账号和参数")
        if self.proxy is not None and not _is_plain(self.proxy):
            raise ConfigError(f"{self.service}的代理地址无效：应为 http(s)://[账号:密码@]主机[:端口]")
        if self.ca_file is not None and not Path(self.ca_file).is_file():
            raise ConfigError(f"{self.service}的 CA 证书文件不存在：{self.ca_file}")

    def send(
        self,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = "",
        method: str = "POST",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
        harmless: bool = False,
    ) -> Answer:
        """Send one request to `base_url + path`; return the 2xx answer. A body needs its `content_type`.

        Raises DeliveryError: TEMPORARY when the request surely was not taken, UNKNOWN when it left
        this machine and no whole answer came back, PERMANENT when the address itself is wrong. A GET, and
        whatever else is `harmless` (no person sees what it does: uploading a file), is never UNKNOWN.
        `details` (masked by the caller) go into each of them.
        """
        url = self.base_url + path + (f"?{urlencode(query)}" if query else "")
        content = _Body(body)
        all_headers = dict(headers or {})
        if method != "GET":
            all_headers |= {"Content-Length": str(len(body))}
        if body:
            all_headers |= {"Content-Type": content_type}
        try:
            result = self._exchange(method, url, None if method == "GET" else content, all_headers)
        except (HTTPError, OSError) as error:
            result = self._broken(error, body_left=content.left)
        if isinstance(result, Answer):
            return result
        if (harmless or method == "GET") and result.outcome is Outcome.UNKNOWN:
            result = DeliveryError(
                f"{self.service}暂时没有给出完整答复", outcome=Outcome.TEMPORARY, details=result.details
            )
        result.details.update(details or {})
        # Raised out here and not while handling: an exception's context would keep the secret URL.
        raise result

    @cached_property
    def _pool(self) -> PoolManager:
        return open_pool(self.ca_file, self.proxy, self.server_name)

    def _exchange(
        self, method: str, url: str, body: _Body | None, headers: Mapping[str, str]
    ) -> Answer | DeliveryError:
        with (
            patience(self.longest) as call,
            self._pool.urlopen(
                method,
                url,
                body=body,
                headers=headers,
                timeout=Timeout(connect=self.connect_timeout, read=self.read_timeout),
                redirect=False,
                retries=False,
                preload_content=False,
            ) as response,  # a connection whose answer was not read to its end is closed with it
        ):
            result = self._refusal(response) or Answer(response.status, _read(response))
            if call.is_over and isinstance(result, Answer):  # where no length was announced, it looks whole
                raise TimeoutError
            return result

    def _broken(self, error: Exception, *, body_left: bool) -> DeliveryError:
        if body_left:
            return DeliveryError(
                f"{self.service}没有给出完整答复（超时或连接中断），消息可能已被接收，不会自动重发",
                outcome=Outcome.UNKNOWN,
            )
        reason = next((words for kinds, words in _REASONS if isinstance(error, kinds)), _CUT_OFF)
        return DeliveryError(f"{self.service}暂时无法访问：{reason}", outcome=Outcome.TEMPORARY)

    def _refusal(self, response: BaseHTTPResponse) -> DeliveryError | None:
        status = response.status
        if 200 <= status < 300:
            return None
        if status in _TRY_LATER:
            message, outcome = f"{self.service}暂时不可用（HTTP {status}）", Outcome.TEMPORARY
        elif status in _GATEWAY_WAITED:
            message = f"{self.service}的网关没有等到答复（HTTP {status}），消息可能已被接收"
            outcome = Outcome.UNKNOWN
        elif 300 <= status < 400:
            message = f"{self.service}要求跳转到别的地址（HTTP {status}），已拒绝，请检查地址和网络出口设置"
            outcome = Outcome.PERMANENT
        else:
            message = f"{self.service}不接受这个请求（HTTP {status}），请检查地址和账号设置"
            outcome = Outcome.PERMANENT
        return DeliveryError(
            message,
            outcome=outcome,
            scope=Scope.CHANNEL if status in _NOT_FOR_US else Scope.MESSAGE,
            retry_after_seconds=_pause(response) if outcome is Outcome.TEMPORARY else 0,
            details={"http_status": status},
        )


def _is_plain(url: str) -> bool:
    """An http(s) URL with a host, and without query or fragment."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        bare = parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:  # a port or host name that cannot exist
        return False
    return parts.scheme in ("http", "https") and bool(host) and bare


def _pause(response: BaseHTTPResponse) -> int:
    """Retry-After in whole seconds; 0 when absent or given as a date."""
    value = response.headers.get("Retry-After", "").strip()
    return min(int(value), _LONGEST_PAUSE) if value.isdecimal() else 0


def _read(response: BaseHTTPResponse) -> bytes:
    """The body; an absurdly long one is treated like one that never ended."""
    body = response.read(_LARGEST_ANSWER + 1)
    if len(body) > _LARGEST_ANSWER:
        raise HTTPError
    return body
