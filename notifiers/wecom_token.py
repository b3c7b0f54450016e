"""The app's access token: fetched once for all threads, renewed in time, dropped when Tencent ends it early.

Must never show the secret or a token, or fetch again at once after a refusal: many wrong secrets from one
address block that address for an hour (Tencent's document 91039).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from notifiers.transport import Transport
from notifiers.wecom_api import accepted
from notifiers.wecom_errors import STALE_TOKEN
from tracker.domain.errors import DeliveryError

T = TypeVar("T")
_PATH = "/cgi-bin/gettoken"
_LIFETIME = 7200  # seconds, where the answer names none
_RENEWED_BEFORE = 300  # seconds before its end
_REFUSED_FOR = 10.0  # seconds for which a failed fetch stands for everybody who asks


@dataclass(frozen=True)
class _State:
    """What the last fetch gave, until when (`clock` seconds)."""

    got: str | DeliveryError
    until: float


class AccessToken:
    """One app's token; several threads may ask at once."""

    def __init__(
        self, transport: Transport, corp_id: str, secret: str, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._transport = transport
        self._query = {"corpid": corp_id, "corpsecret": secret}
        self._clock = clock
        self._lock = threading.Lock()  # held while fetching: who comes later waits for that one answer
        self._state: _State | None = None

    def get(self) -> str:
        """A token that should be good. Raises DeliveryError, never with an UNKNOWN outcome."""
        with self._lock:
            if self._state is None or self._clock() >= self._state.until:
                self._state = self._fetch()
            got = self._state.got
        if isinstance(got, str):
            return got
        raise _copy(got)

    def drop(self, token: str) -> None:
        """Forget this token, unless somebody has already fetched another."""
        with self._lock:
            if self._state and self._state.got == token:
                self._state = None

    def used_by(self, call: Callable[[str], T]) -> T:
        """What the call gives with a token; Tencent may end one any moment, then once more with a new one."""
        token = self.get()
        try:
            return call(token)
        except DeliveryError as error:
            if error.details.get("errcode") not in STALE_TOKEN:
                raise
        self.drop(token)
        return call(self.get())

    def _fetch(self) -> _State:
        try:
            answer = self._transport.send(_PATH, method="GET", query=self._query, harmless=True)
            said = accepted(answer, {}, harmless=True, field="access_token")
        except DeliveryError as error:
            return _State(error.with_traceback(None), self._clock() + _REFUSED_FOR)
        lifetime = _lifetime(said)
        return _State(
            str(said["access_token"]), self._clock() + max(lifetime - _RENEWED_BEFORE, lifetime / 2)
        )


def _lifetime(said: Mapping[str, object]) -> int:
    seconds = said.get("expires_in")
    return seconds if type(seconds) is int and seconds > 0 else _LIFETIME


def _copy(error: DeliveryError) -> DeliveryError:
    """An error of its own for each thread: raising writes into it."""
    return DeliveryError(
        error.message,
        outcome=error.outcome,
        scope=error.scope,
        retry_after_seconds=error.retry_after_seconds,
        details=error.details,
    )
