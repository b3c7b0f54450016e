"""Webhooks: what happened, posted to another system and signed as standardwebhooks.com lays down.

Must never connect to an address that was not examined at that very moment, follow a redirect, sign before the
moment of sending, or show a secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from notifiers.base import Letter, Wording, sendable
from notifiers.transport import Transport
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, RectifyError, Scope

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, no secret
_SERVICE = "对接系统"
_GONE = 410  # the specification's word for "send nothing here any more"


class Webhook:
    """Posts to whatever URL an address names, at the one network address that `examine` gives for it."""

    channel = "webhook"
    wording = Wording.PLAIN
    personal = False
    per_minute: int | None = None
    repeatable: timedelta | None = timedelta(days=6)  # the far side knows a repeat by its `webhook-id`

    def __init__(
        self,
        examine: Callable[[str], str],
        *,
        timeout: float = 15.0,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`examine`: a URL → the IP address to connect to; raises RectifyError for one that is forbidden.

        `timeout`: seconds. `clock`: seconds since 1970, for signatures.
        """
        self._examine, self._timeout, self._ca_file, self._clock = examine, timeout, ca_file, clock

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """The text itself, in one payload: it is JSON already."""
        return [sendable(letter.text).encode()]

    def send(self, address: str, payload: bytes) -> str:
        """Post once. `address`: the URL, and after a blank the secret (`whsec_` and base64).

        Any 2xx answer means taken; returns "". A refusal is tried again, since systems are mended; only 410
        disables the address.
        """
        url, _, secret = address.partition(" ")
        identifier = f"msg_{hashlib.sha256(payload).hexdigest()[:32]}"
        moment = int(self._clock())
        headers = {
            "Host": urlsplit(url).netloc,
            "webhook-id": identifier,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(secret, identifier, moment, payload),
        }
        transport, path = self._transport(url)
        failure: DeliveryError | None = None
        try:
            transport.send(path, payload, content_type="application/json", headers=headers)
        except DeliveryError as error:
            failure = _as_ours(error)
        if failure is not None:  # raised out here: an exception's context would keep more than is shown
            raise failure
        return ""

    def hint(self, address: str) -> str:
        """Scheme and host alone: a path or query may be a secret."""
        parts = urlsplit(address.partition(" ")[0])
        return f"{parts.scheme}://{parts.hostname or ''}/…"

    def _transport(self, url: str) -> tuple[Transport, str]:
        """To the examined address, under the URL's name; and path and query as they are."""
        words = ""
        try:
            parts, place = urlsplit(url), self._examine(url)
            host = f"[{place}]" if ":" in place else place
            port = f":{parts.port}" if parts.port else ""
            base = f"{parts.scheme}://{host}{port}"
            transport = Transport(
                base,
                _SERVICE,
                read_timeout=self._timeout,
                ca_file=self._ca_file,
                server_name=(parts.hostname or "") if parts.scheme == "https" else None,
            )
        except (ConfigError, RectifyError, ValueError) as error:
            words = error.message if isinstance(error, RectifyError) else "网址写法不规范"
        if words:
            raise DeliveryError(f"{_SERVICE}的地址不能使用：{words}", outcome=Outcome.TEMPORARY)
        path = parts.path or "/"
        return transport, f"{path}?{parts.query}" if parts.query else path


def signature(secret: str, identifier: str, moment: int, payload: bytes) -> str:
    """`v1,` and the HMAC-SHA256 over id, timestamp and body (Standard Webhooks, signature scheme)."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = b".".join((identifier.encode(), str(moment).encode(), payload))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def _as_ours(error: DeliveryError) -> DeliveryError:
    """Whatever one system answers is about that system alone."""
    if error.details.get("http_status") == _GONE:
        words = f"{_SERVICE}说明不再接收（HTTP 410）"
        return DeliveryError(words, outcome=Outcome.PERMANENT, scope=Scope.ADDRESS, details=error.details)
    outcome = Outcome.UNKNOWN if error.outcome is Outcome.UNKNOWN else Outcome.TEMPORARY
    pause = error.retry_after_seconds
    return DeliveryError(error.message, outcome=outcome, retry_after_seconds=pause, details=error.details)
