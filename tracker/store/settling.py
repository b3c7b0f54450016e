"""Settling: each call is noted before it is made, and how it ended after it.

Whatever becomes of the process between these two: nothing is lost, and nothing is sent again by itself that
the far side may have taken. Must never be called with a transaction open across a call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, insert, select, tuple_, update

from tracker.store import endpoints
from tracker.store.claiming import Claimed
from tracker.store.endpoints import QUEUED
from tracker.store.outbox import MessageState
from tracker.store.schema import attempt, endpoint, message
from tracker.store.types import Moment

_CUT_OFF = "发送程序在等待对方答复时中断，对方是否已受理不明；不会自动重发"


def begin_calls(
    connection: Connection, claimed: Sequence[Claimed], now: datetime, lease: timedelta
) -> dict[int, int]:
    """Note that these calls come next, with half of their lease left at least; returns message id → id of its
    attempt.

    A message that is missing was claimed too long ago: somebody else has it now.
    """
    if not claimed:
        return {}
    mine = tuple_(message.c.id, message.c.attempts).in_([(each.id, each.attempts) for each in claimed])
    begun = update(message).where(QUEUED, message.c.state == MessageState.SENDING.value, mine)
    values: dict[str, object] = {"calling": True}
    is_old = min(each.lease_until for each in claimed) < now + lease / 2
    if is_old:
        values["lease_until"] = now + lease
    held = connection.execute(begun.values(values).returning(message.c.id, message.c.endpoint_id)).all()
    if not held:
        return {}
    if is_old:
        busy = endpoint.c.id.in_([row.endpoint_id for row in held])
        connection.execute(update(endpoint).where(busy).values(busy_until=now + lease))
    rows = [{"message_id": row.id, "endpoint_id": row.endpoint_id, "started_at": now} for row in held]
    return dict(connection.execute(insert(attempt).returning(attempt.c.message_id, attempt.c.id), rows).all())


@dataclass(frozen=True)
class Settled:
    """How a call ended. `retry_at`: when the endpoint is tried again, for a state of pending. `disables`: the
    address is not to be used any more. is_counted: whether it was one of the message's own tries.
    """

    claimed: Claimed
    attempt_id: int
    state: MessageState
    outcome: str
    at: datetime
    provider_id: str = ""
    error: str | None = None
    retry_at: datetime | None = None
    disables: bool = False
    is_counted: bool = True


def settle(connection: Connection, settled: Sequence[Settled]) -> None:
    """Record how calls ended. One whose lease was lost meanwhile leaves no trace but its attempt: the row
    says
    unknown already.
    """
    if not settled:
        return
    if connection.dialect.name != "sqlite":  # which has one writer at a time
        _lock(connection, [each.claimed.endpoint_id for each in settled])
    connection.execute(_SETTLE, [_end_of(each) for each in settled])
    connection.execute(
        update(attempt)
        .where(attempt.c.id == bindparam("which"))
        .values(ended_at=bindparam("at", type_=Moment()), outcome=bindparam("how"), error=bindparam("words")),
        [
            {"which": each.attempt_id, "at": each.at, "how": each.outcome, "words": each.error}
            for each in settled
        ],
    )
    accepted = [each for each in settled if each.state is MessageState.ACCEPTED]
    others = [each for each in settled if each.state is not MessageState.ACCEPTED]
    _note(connection, _FINE, accepted)
    _note(connection, _TROUBLE, others)
    for reason in {each.error or "" for each in others if each.disables}:
        some = [each for each in others if each.disables and (each.error or "") == reason]
        endpoints.disable(connection, [each.claimed.endpoint_id for each in some], reason, some[0].at)


_SETTLE = (
    update(message)
    .where(
        message.c.id == bindparam("which"),
        message.c.attempts == bindparam("claim"),
        message.c.state == MessageState.SENDING.value,
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("tries"),
        error=bindparam("words"),
        provider_id=bindparam("given_id"),
        settled_at=bindparam("ended", type_=Moment()),
        lease_until=None,
        calling=False,
        decided_at=None,
    )
)
_FREE = update(endpoint).where(endpoint.c.id == bindparam("which"))
_NEXT = {
    "busy_until": None,
    "ready_at": bindparam("ready", type_=Moment()),
    "held_until": bindparam("held", type_=Moment()),
    "tried_at": bindparam("at", type_=Moment()),
}
_FINE = _FREE.values(
    **_NEXT,
    accepted_at=bindparam("at", type_=Moment()),
    failing_since=None,
    failures=0,
    last_error=None,
)
_TROUBLE = _FREE.values(
    **_NEXT,
    failing_since=func.coalesce(endpoint.c.failing_since, bindparam("at", type_=Moment())),
    failures=endpoint.c.failures + 1,
    last_error=bindparam("words"),
)


def _end_of(settled: Settled) -> dict[str, object]:
    is_over = settled.state is not MessageState.PENDING
    return {
        "which": settled.claimed.id,
        "claim": settled.claimed.attempts,
        "tries": settled.claimed.attempts - (not settled.is_counted),
        "new_state": settled.state.value,
        "words": settled.error,
        "given_id": settled.provider_id or None,
        "ended": settled.at if is_over else None,
    }


def _note(connection: Connection, change: object, settled: Sequence[Settled]) -> None:
    """What an endpoint's health is now, and when its next message may leave."""
    if not settled:
        return
    following = endpoints.next_moments(connection, [each.claimed.endpoint_id for each in settled])
    rows = []
    for each in sorted(settled, key=lambda each: each.claimed.endpoint_id):
        ready = following.get(each.claimed.endpoint_id)
        if ready is not None:  # not before now: who has just had its turn stands behind those who wait
            ready = max(ready, each.retry_at or each.at)
        words = {} if each.state is MessageState.ACCEPTED else {"words": each.error}
        rows.append(
            {"which": each.claimed.endpoint_id, "ready": ready, "held": each.retry_at, "at": each.at} | words
        )
    connection.execute(change, rows)  # type: ignore[call-overload]


def put_back(connection: Connection, claimed: Iterable[Claimed]) -> None:
    """Give back what was claimed and not begun: it may leave later, or somebody else may send it. It was no
    try.
    """
    for each in claimed:
        mine = and_(
            message.c.id == each.id,
            message.c.attempts == each.attempts,
            message.c.state == MessageState.SENDING.value,
        )
        connection.execute(
            update(message)
            .where(mine, message.c.calling.is_(False))
            .values(state=MessageState.PENDING.value, lease_until=None, attempts=each.attempts - 1)
        )
    free(connection, [each.endpoint_id for each in claimed])


def abandon_expired(connection: Connection, now: datetime) -> int:
    """Settle leases that ran out; returns how many messages are `unknown` for it.

    Only what was in the middle of its call is unknown. What a dead sender had merely claimed goes back.
    """
    stuck = select(endpoint.c.id).where(endpoint.c.busy_until.is_not(None), endpoint.c.busy_until < now)
    identifiers = list(
        connection.execute(stuck.order_by(endpoint.c.id).with_for_update(skip_locked=True)).scalars()
    )
    if not identifiers:
        return 0
    theirs = and_(
        QUEUED,
        message.c.endpoint_id.in_(identifiers),
        message.c.state == MessageState.SENDING.value,
        message.c.lease_until < now,
    )
    # `attempts` keeps its count: by it a sender that only was slow finds out that its claim is gone.
    connection.execute(
        update(message)
        .where(theirs, message.c.calling.is_(False))
        .values(state=MessageState.PENDING.value, lease_until=None)
    )
    values = {"state": MessageState.UNKNOWN.value, "settled_at": now, "error": _CUT_OFF, "decided_at": None}
    lost = connection.execute(update(message).where(theirs).values(values).returning(message.c.id)).all()
    hanging = and_(attempt.c.message_id.in_([row.id for row in lost]), attempt.c.outcome.is_(None))
    connection.execute(
        update(attempt).where(hanging).values(outcome=MessageState.UNKNOWN.value, error=_CUT_OFF)
    )
    free(connection, identifiers)
    return len(lost)


def free(connection: Connection, identifiers: Collection[int]) -> None:
    """Nothing is on its way to these endpoints any more; their queues move on."""
    if not identifiers:
        return
    following = endpoints.next_moments(connection, identifiers)
    connection.execute(
        _FREE.values(busy_until=None, ready_at=bindparam("ready", type_=Moment())),
        [{"which": key, "ready": following.get(key)} for key in sorted(set(identifiers))],
    )


def _lock(connection: Connection, identifiers: Collection[int]) -> None:
    """In the order of ids, as everybody locks them; what is read afterwards is as the last writer left it."""
    query = select(endpoint.c.id).where(endpoint.c.id.in_(identifiers)).order_by(endpoint.c.id)
    connection.execute(query.with_for_update()).all()
