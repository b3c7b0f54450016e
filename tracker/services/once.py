"""A write that is done once, however often another system asks for it: draft-ietf-httpapi-idempotency-key.

The key, the effect and the answer are one transaction, so there is no moment in which only one of them is
written; whoever repeats while the first is under way waits for it. A refused write leaves nothing behind, its
repeat is judged anew. Must never be given an action that waits for a network or reads a long document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.services.office import Office
from tracker.store import Connection, idempotency
from tracker.store.idempotency import KeptAnswer


class KeyReusedError(RectifyError):
    """The key was given with another request before."""

    code = "idempotency_key_reused"


@dataclass(frozen=True)
class Answer:
    """What a write came to: JSON as text. `etag`: of the one item it is about."""

    status: int
    body: str
    etag: str | None = None
    is_repeat: bool = False


@dataclass(frozen=True)
class Asked:
    """Who asks for what: `fingerprint` is the SHA-256 of the request, `key` its Idempotency-Key, if any."""

    token_id: int
    key: str | None
    fingerprint: str


Action = Callable[[Office, Connection], Answer]


def once(office: Office, asked: Asked, action: Action, *, now: datetime) -> Answer:
    """Do it, or say again what came of it; raises KeyReusedError, and whatever `action` raises."""
    with office.database.write() as connection:
        if asked.key is not None:
            kept = idempotency.claim(connection, asked.token_id, asked.key, asked.fingerprint, now)
            if kept is not None:
                return _again(kept, asked.fingerprint)
        # The services' own transactions become part of this one.
        answer = action(replace(office, database=office.database.joining(connection)), connection)
        if asked.key is not None:
            kept = KeptAnswer(asked.fingerprint, answer.status, answer.body, answer.etag)
            idempotency.keep(connection, asked.token_id, asked.key, kept)
        return answer


def _again(kept: KeptAnswer, fingerprint: str) -> Answer:
    if kept.fingerprint != fingerprint:
        raise KeyReusedError("这个 Idempotency-Key 已用于另一个请求，请换一个")
    return Answer(kept.status, kept.answer, kept.etag, is_repeat=True)
