"""Settling: each call is noted before it is made, and how it ended after it.

Whatever becomes of the process between these two: nothing is lost, and nothing is sent again by itself that
the far side may have taken. Endpoints are locked before their messages, in the order of ids, by everybody.
Must never be called with a transaction open across a call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Integer,
    Text,
    Update,
    and_,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from tracker.store import endpoints
from tracker.store.claiming import Claimed
from tracker.store.conditions import among
from tracker.store.each import Given, Types, update_each
from tracker.store.outbox import MessageState
from tracker.store.schema import attempt, endpoint, message
from tracker.store.types import Moment

_CUT_OFF = "发送程序在等待对方答复时中断，对方是否已受理不明；不会自动重发"
# Written out for SQLite, see `endpoints.QUEUED`.
_SENDING = message.c.state == literal_column("'sending'")


def hold(connection: Connection, claimed: Collection[Claimed]) -> set[int]:
    """Lock the endpoints of these claims until the transaction ends; returns the ids of the messages whose
    claims have not been lost. What is claimed later in this transaction belongs with them.
    """
    if not claimed:
        return set()
    endpoints.lock(connection, [each.endpoint_id for each in claimed])
    query = select(message.c.id, message.c.attempts).where(among(connection, message.c.id, _ids(claimed)))
    now_held = dict(connection.execute(query.where(message.c.state == MessageState.SENDING.value)).all())
    return {each.id for each in claimed if now_held.get(each.id) == each.attempts}


def begin_calls(
    connection: Connection, claimed: Sequence[Claimed], held: Set[int], now: datetime, lease: timedelta
) -> dict[int, int]:
    """Note that these calls come next, with half of their lease left at least; returns message id → id of its
    attempt.

    A message that is missing was claimed too long ago: somebody else has it now.
    """
    mine = [each for each in claimed if each.id in held]
    if not mine:
        return {}
    begun = update(message).where(among(connection, message.c.id, _ids(mine)))
    if min(each.lease_until for each in mine) < now + lease / 2:
        connection.execute(begun.values(calling=True, lease_until=now + lease))
        busy = among(connection, endpoint.c.id, {each.endpoint_id for each in mine})
        connection.execute(update(endpoint).where(busy).values(busy_until=now + lease))
    else:
        connection.execute(begun.values(calling=True))
    rows = [{"message_id": each.id, "endpoint_id": each.endpoint_id, "started_at": now} for each in mine]
    return dict(connection.execute(insert(attempt).returning(attempt.c.message_id, attempt.c.id), rows).all())


def _ids(claimed: Iterable[Claimed]) -> list[int]:
    return [each.id for each in claimed]


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


def settle(connection: Connection, settled: Sequence[Settled], held: Set[int]) -> list[Settled]:
    """Record how claims ended; returns those that were still held.

    One that was lost meanwhile leaves its mark on its attempt alone: message and endpoint are somebody
    else's.
    """
    made = [each for each in settled if each.attempt_id is not None]
    update_each(connection, _end_call, _CALL, [_end_of_call(each) for each in made])
    ours = [each for each in settled if each.claimed.id in held]
    update_each(connection, _end_claim, _END, [_end_of(each) for each in ours])
    _note(connection, _note_fine, [each for each in ours if each.state is MessageState.ACCEPTED])
    _note(connection, _note_trouble, [each for each in ours if each.state is not MessageState.ACCEPTED])
    for reason in {each.error or "" for each in ours if each.disables}:
        some = [each for each in ours if each.disables and (each.error or "") == reason]
        endpoints.disable(connection, [each.claimed.endpoint_id for each in some], reason, some[0].at)
    return ours


_CALL: Types = {"which": Integer(), "at": Moment(), "how": Text(), "words": Text()}


def _end_call(given: Given) -> Update:
    change = update(attempt).where(attempt.c.id == given["which"])
    return change.values(ended_at=given["at"], outcome=given["how"], error=given["words"])


_END: Types = {
    "which": Integer(),
    "new_state": Text(),
    "words": Text(),
    "given_id": Text(),
    "ended": Moment(),
    "decided": Moment(),
}


def _end_claim(given: Given) -> Update:
    change = update(message).where(message.c.id == given["which"])
    return change.values(
        state=given["new_state"],
        error=given["words"],
        provider_id=given["given_id"],
        settled_at=given["ended"],
        decided_at=given["decided"],
        lease_until=None,
        calling=False,
    )


_HEALTH: Types = {"which": Integer(), "ready": Moment(), "held": Moment(), "at": Moment(), "words": Text()}


def _move_on(given: Given) -> Update:
    """The endpoint is free again, its queue moves on, and somebody knocked there."""
    change = update(endpoint).where(endpoint.c.id == given["which"])
    return change.values(
        busy_until=None, ready_at=given["ready"], held_until=given["held"], tried_at=given["at"]
    )


def _note_fine(given: Given) -> Update:
    return _move_on(given).values(
        accepted_at=given["at"], failing_since=None, failures=0, last_error=given["words"]
    )


def _note_trouble(given: Given) -> Update:
    return _move_on(given).values(
        failing_since=func.coalesce(endpoint.c.failing_since, given["at"]),
        failures=endpoint.c.failures + 1,
        last_error=given["words"],
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


def _note(connection: Connection, change: Callable[[Given], Update], settled: Sequence[Settled]) -> None:
    """What an endpoint's health is now, and when its next message may leave."""
    if not settled:
        return
    following = endpoints.next_moments(connection, [each.claimed.endpoint_id for each in settled])
    rows = []
    for each in settled:
        ready = following.get(each.claimed.endpoint_id)
        if ready is not None:  # not before now: who has just had its turn stands behind those who wait
            ready = max(ready, each.retry_at or each.at)
        rows.append(
            {
                "which": each.claimed.endpoint_id,
                "ready": ready,
                "held": each.retry_at,
                "at": each.at,
                "words": each.error,
            }
        )
    update_each(connection, change, _HEALTH, rows)


def put_back(connection: Connection, claimed: Iterable[Claimed], held: Set[int]) -> None:
    """Give back what was claimed and not begun: it may leave later, or somebody else may send it."""
    mine = [each for each in claimed if each.id in held]
    if mine:
        chosen = and_(among(connection, message.c.id, _ids(mine)), message.c.calling.is_(False))
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
    rows = [{"which": key, "ready": following.get(key)} for key in sorted(set(identifiers))]
    update_each(connection, _set_free, _READY, rows)


_READY: Types = {"which": Integer(), "ready": Moment()}


def _set_free(given: Given) -> Update:
    change = update(endpoint).where(endpoint.c.id == given["which"])
    return change.values(busy_until=None, ready_at=given["ready"])
