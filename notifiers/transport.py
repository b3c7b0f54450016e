"""The only place that talks HTTP: one request to one fixed base URL, and an honest outcome.

Must never retry, follow a redirect, read proxies or passwords from the environment, or let a URL
(whose query is the robot's key) reach an exception, a `repr` or a log.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tracker.domain.errors import ConfigError, DeliveryError, Outcome

_LARGEST_ANSWER = 64 * 1024  # bytes; a real answer has a few hundred
_LONGEST_PAUSE = 3600  # seconds; a Retry-After beyond this is not believed
_TRY_LATER = frozenset({408, 425, 429, *range(500, 600)}) - {504}

_REASONS: tuple[tuple[type[requests.RequestException], str], ...] = (
    (requests.exceptions.SSLError, "TLS 证书校验或握手失败，请检查证书与 CA 文件设置"),
    (requests.exceptions.ProxyError, "代理服务器不可用，请检查代理设置"),
    (requests.exceptions.ConnectTimeout, "连接超时，请检查网络"),
)  # in this order: the first two are subclasses of ConnectionError, as is the third
_NO_CONNECTION = "无法建立连接（域名无法解析、网络不通或被拒绝）"

# urllib3 writes whole URLs into its log: at DEBUG always, at WARNING when an answer's headers are malformed.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


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


@dataclass(frozen=True)
class Transport:
    """Posts to `base_url` and nowhere else; `service` is the far side's Chinese name in messages.

    Times are seconds. `ca_file` replaces the built-in certificate authorities; `proxy` is an
    http(s) URL. Raises ConfigError for settings that can never work.
    """

    base_url: str
    service: str
    read_timeout: float = 15.0
    connect_timeout: float = 5.0
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)  # may carry a password

    def __post_init__(self) -> None:
        if not _is_plain(self.base_url):
            raise ConfigError(f"{self.service}的地址无效：应为 http(s)://主机[:端口][/路径]，不带账号和参数")
        if self.ca_file is not None and not Path(self.ca_file).is_file():
            raise ConfigError(f"{self.service}的 CA 证书文件不存在：{self.ca_file}")

    def send(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str,
        method: str = "POST",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send a non-empty body to `base_url + path` once; return the 2xx answer.

        Raises DeliveryError: TEMPORARY when the body surely was not taken, UNKNOWN when it left
        this machine and no whole answer came back, PERMANENT when the address itself is wrong.
        `details` (masked by the caller) go into each of them.
        """
        stream = io.BytesIO(body)  # its position tells how much of the body left
        sent_headers = {"Accept-Encoding": "identity", **(headers or {}), "Content-Type": content_type}
        try:
            result = self._exchange(method, self.base_url + path, query, stream, sent_headers)
        except OSError as error:  # RequestException is one
            result = self._broken(error, body_left=stream.tell() == len(body))
        if isinstance(result, Answer):
            return result
        result.details.update(details or {})
        # Raised out here and not while handling: an exception's context would keep the secret URL.
        raise result

    def _exchange(
        self,
        method: str,
        url: str,
        query: Mapping[str, str] | None,
        stream: io.BytesIO,
        headers: Mapping[str, str],
    ) -> Answer | DeliveryError:
        # A connection of its own for each message: on a reused one that the far side has just
        # closed, a message would look "unknown" although nobody ever read it.
        with requests.Session() as session:
            session.trust_env = False
            with session.request(
                method,
                url,
                params=query,
                data=stream,
                headers=headers,
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
                verify=self.ca_file or True,
                proxies={"http": self.proxy, "https": self.proxy} if self.proxy else None,
            ) as response:
                return self._refusal(response) or Answer(response.status_code, _read(response))

    def _broken(self, error: OSError, *, body_left: bool) -> DeliveryError:
        if body_left:
            return DeliveryError(
                f"{self.service}没有给出完整答复（超时或连接中断），消息可能已被接收，不会自动重发",
                outcome=Outcome.UNKNOWN,
            )
        reason = next((words for kind, words in _REASONS if isinstance(error, kind)), _NO_CONNECTION)
        return DeliveryError(f"{self.service}暂时无法访问：{reason}", outcome=Outcome.TEMPORARY)

    def _refusal(self, response: requests.Response) -> DeliveryError | None:
        status = response.status_code
        if 200 <= status < 300:
            return None
        if status in _TRY_LATER:
            message, outcome = f"{self.service}暂时不可用（HTTP {status}）", Outcome.TEMPORARY
        elif status == 504:  # some gateway waited for the real server in vain: a read timeout once removed
            message, outcome = f"{self.service}的网关等待超时（HTTP 504），消息可能已被接收", Outcome.UNKNOWN
        elif 300 <= status < 400:
            message = f"{self.service}要求跳转到别的地址（HTTP {status}），已拒绝，请检查地址和网络出口设置"
            outcome = Outcome.PERMANENT
        else:
            message = f"{self.service}不接受这个请求（HTTP {status}），请检查地址和账号设置"
            outcome = Outcome.PERMANENT
        return DeliveryError(
            message,
            outcome=outcome,
            retry_after_seconds=_pause(response) if outcome is Outcome.TEMPORARY else 0,
            details={"http_status": status},
        )


def _is_plain(url: str) -> bool:
    """An http(s) URL with a host, and without account, query or fragment."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        bare = parts.port != 0 and parts.username is None and not parts.query and not parts.fragment
    except ValueError:  # a port or host name that cannot exist
        return False
    return parts.scheme in ("http", "https") and bool(host) and bare


def _pause(response: requests.Response) -> int:
    """Retry-After in whole seconds; 0 when absent or given as a date."""
    value = response.headers.get("Retry-After", "").strip()
    return min(int(value), _LONGEST_PAUSE) if value.isdecimal() else 0


def _read(response: requests.Response) -> bytes:
    """The body; an absurdly long one is treated like one that never ended."""
    body = b""
    for piece in response.iter_content(8192):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise requests.exceptions.ContentDecodingError
    return body
