"""Settling: each call is noted before it is made, and how it ended after it.

Whatever becomes of the process between these two: nothing is lost, and nothing is sent again by itself that
the far side may have taken. Endpoints are locked before their messages, in the order of ids, by everybody.
Must never be called with a transaction open across a call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, and_, bindparam, func, insert, literal_column, or_, select, update

from tracker.store import endpoints
from tracker.store.claiming import Claimed
from tracker.store.outbox import MessageState
from tracker.store.schema import attempt, endpoint, message
from tracker.store.types import Moment

_CUT_OFF = "发送程序在等待对方答复时中断，对方是否已受理不明；不会自动重发"
# Written out for SQLite, see `endpoints.QUEUED`.
_SENDING = message.c.state == literal_column("'sending'")


def begin_calls(
    connection: Connection, claimed: Sequence[Claimed], now: datetime, lease: timedelta
) -> dict[int, int]:
    """Note that these calls come next, with half of their lease left at least; returns message id → id of its
    attempt.

    A message that is missing was claimed too long ago: somebody else has it now.
    """
    mine = _still_mine(connection, claimed)
    if not mine:
        return {}
    begun = update(message).where(message.c.id.in_([each.id for each in mine]))
    if min(each.lease_until for each in mine) < now + lease / 2:
        connection.execute(begun.values(calling=True, lease_until=now + lease))
        busy = endpoint.c.id.in_([each.endpoint_id for each in mine])
        connection.execute(update(endpoint).where(busy).values(busy_until=now + lease))
    else:
        connection.execute(begun.values(calling=True))
    rows = [{"message_id": each.id, "endpoint_id": each.endpoint_id, "started_at": now} for each in mine]
    return dict(connection.execute(insert(attempt).returning(attempt.c.message_id, attempt.c.id), rows).all())


def _still_mine(connection: Connection, claimed: Collection[Claimed]) -> list[Claimed]:
    """Those of these claims that have not been lost, with their endpoints locked."""
    if not claimed:
        return []
    endpoints.lock(connection, [each.endpoint_id for each in claimed])
    query = select(message.c.id, message.c.attempts).where(message.c.id.in_([each.id for each in claimed]))
    held = dict(connection.execute(query.where(message.c.state == MessageState.SENDING.value)).all())
    return [each for each in claimed if held.get(each.id) == each.attempts]


@dataclass(frozen=True)
class Settled:
    """How a claim ended. attempt_id: of the call; None: none was made. outcome: what is known of the far
    side. retry_at: when the endpoint is tried again, for a state of pending. disables: the address is not
    to be used any more. rests: how long the whole channel is to be left alone.
    """

    claimed: Claimed
    attempt_id: int | None
    state: MessageState
    outcome: str
    at: datetime
    provider_id: str = ""
    error: str | None = None
    retry_at: datetime | None = None
    disables: bool = False
    rests: timedelta | None = None


def settle(connection: Connection, settled: Sequence[Settled]) -> list[Settled]:
    """Record how claims ended; returns those that were still ours.

    One that was lost meanwhile leaves its mark on its attempt alone: message and endpoint are somebody
    else's.
    """
    if not settled:
        return []
    mine = {each.id for each in _still_mine(connection, [each.claimed for each in settled])}
    made = [each for each in settled if each.attempt_id is not None]
    if made:
        connection.execute(_ATTEMPT, [_end_of_call(each) for each in made])
    ours = [each for each in settled if each.claimed.id in mine]
    if ours:
        connection.execute(_SETTLE, [_end_of(each) for each in ours])
        _note(connection, _FINE, [each for each in ours if each.state is MessageState.ACCEPTED])
        _note(connection, _TROUBLE, [each for each in ours if each.state is not MessageState.ACCEPTED])
    for reason in {each.error or "" for each in ours if each.disables}:
        some = [each for each in ours if each.disables and (each.error or "") == reason]
        endpoints.disable(connection, [each.claimed.endpoint_id for each in some], reason, some[0].at)
    return ours


_ATTEMPT = (
    update(attempt)
    .where(attempt.c.id == bindparam("which"))
    .values(ended_at=bindparam("at", type_=Moment()), outcome=bindparam("how"), error=bindparam("words"))
)
_SETTLE = (
    update(message)
    .where(message.c.id == bindparam("which"))
    .values(
        state=bindparam("new_state"),
        error=bindparam("words"),
        provider_id=bindparam("given_id"),
        settled_at=bindparam("ended", type_=Moment()),
        decided_at=bindparam("decided", type_=Moment()),
        lease_until=None,
        calling=False,
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


def _end_of_call(settled: Settled) -> dict[str, object]:
    return {"which": settled.attempt_id, "at": settled.at, "how": settled.outcome, "words": settled.error}


def _end_of(settled: Settled) -> dict[str, object]:
    is_over = settled.state is not MessageState.PENDING
    return {
        "which": settled.claimed.id,
        "new_state": settled.state.value,
        "words": settled.error,
        "given_id": settled.provider_id or None,
        "ended": settled.at if is_over else None,
        # A decision holds until the message has come to an end anew.
        "decided": None if is_over else settled.claimed.decided_at,
    }


def _note(connection: Connection, change: Update, settled: Sequence[Settled]) -> None:
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
    connection.execute(change, rows)


def put_back(connection: Connection, claimed: Iterable[Claimed]) -> None:
    """Give back what was claimed and not begun: it may leave later, or somebody else may send it."""
    mine = _still_mine(connection, list(claimed))
    if mine:
        chosen = and_(message.c.id.in_([each.id for each in mine]), message.c.calling.is_(False))
        back = {"state": MessageState.PENDING.value, "lease_until": None}
        connection.execute(update(message).where(chosen).values(back))
        _free(connection, [each.endpoint_id for each in mine])


def abandon_expired(connection: Connection, now: datetime, lease: timedelta) -> int:
    """Settle leases that ran out; returns how many messages are `unknown` for it.

    Only what was in the middle of its call is unknown. What a dead sender had merely claimed goes back. A
    lease that ends further ahead than any can was given while the clock was wrong, or in a drill: it is
    over too.
    """
    over = or_(message.c.lease_until < now, message.c.lease_until > now + 2 * lease)
    stuck = set(connection.execute(select(message.c.endpoint_id).where(_SENDING, over)).scalars())
    busy = endpoint.c.busy_until
    idle = select(endpoint.c.id).where(busy.is_not(None), or_(busy < now, busy > now + 2 * lease))
    stuck |= set(connection.execute(idle).scalars())
    if not stuck:
        return 0
    waits = select(endpoint.c.id).where(endpoint.c.id.in_(stuck)).order_by(endpoint.c.id)
    identifiers = list(connection.execute(waits.with_for_update(skip_locked=True)).scalars())
    theirs = and_(_SENDING, over, message.c.endpoint_id.in_(identifiers))
    # `attempts` keeps its count: by it a sender that only was slow finds out that its claim is gone.
    back = {"state": MessageState.PENDING.value, "lease_until": None}
    connection.execute(update(message).where(theirs, message.c.calling.is_(False)).values(back))
    values = {"state": MessageState.UNKNOWN.value, "settled_at": now, "error": _CUT_OFF, "decided_at": None}
    lost = connection.execute(update(message).where(theirs).values(values).returning(message.c.id)).all()
    hanging = and_(attempt.c.message_id.in_([row.id for row in lost]), attempt.c.outcome.is_(None))
    unheard = {"outcome": MessageState.UNKNOWN.value, "error": _CUT_OFF}
    connection.execute(update(attempt).where(hanging).values(unheard))
    on_its_way = select(message.c.endpoint_id).where(_SENDING, message.c.endpoint_id.in_(identifiers))
    still_busy = set(connection.execute(on_its_way).scalars())
    _free(connection, [key for key in identifiers if key not in still_busy])
    return len(lost)


def _free(connection: Connection, identifiers: Collection[int]) -> None:
    """Nothing is on its way to these endpoints any more; their queues move on."""
    if not identifiers:
        return
    following = endpoints.next_moments(connection, identifiers)
    connection.execute(
        _FREE.values(busy_until=None, ready_at=bindparam("ready", type_=Moment())),
        [{"which": key, "ready": following.get(key)} for key in sorted(set(identifiers))],
    )
