"""Claiming: which messages of the outbox may leave now, and whose hands they are in.

By endpoint, in turns, within the limits that all processes and machines on this database share. Must never
read more than the endpoints whose turn has come, whatever else waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, ScalarSelect, Update, func, or_, select, update

from tracker.domain.errors import Outcome
from tracker.store.each import Given, update_each
from tracker.store.endpoints import PENDING
from tracker.store.outbox import MessageState
from tracker.store.schema import attempt, endpoint, message
from tracker.store.types import Moment

_MINUTE = timedelta(minutes=1)


class Claimed(NamedTuple):
    """One message in a sender's hands. `address` and `payload` are secrets; `attempts` is this claim's
    number.

    doubtful_since: when it was first tried in such a way that the far side may have it. failures: how often
    it was tried in vain for a while, and refusals: how often its channel refused whatever was sent, since a
    person last decided about it (`decided_at`).
    """

    id: int
    endpoint_id: int
    channel: str
    address: str
    payload: bytes
    attempts: int
    segments: int | None
    lease_until: datetime
    decided_at: datetime | None
    doubtful_since: datetime | None
    failures: int
    refusals: int


@dataclass(frozen=True)
class Limit:
    """What one address of a channel may get: messages in a sliding minute, and since `day_began`; None: any.

    `next_day`: when an address that has had its day's share may get more.
    """

    per_minute: int | None = None
    per_day: int | None = None
    day_began: datetime | None = None
    next_day: datetime | None = None


NO_LIMIT = Limit()


def claim(
    connection: Connection,
    now: datetime,
    lease: timedelta,
    limits: Mapping[str, Limit],
    *,
    most: int,
    channels: Collection[str],
) -> list[Claimed]:
    """Take up to `most` messages of these channels, one for each endpoint whose turn has come; nobody else
    gets
    them meanwhile.

    Endpoints take turns by the moment they became ready: one unit's flood does not starve the others.
    """
    taken: list[Claimed] = []
    # Endpoints that may not, or have nothing, are put off and so leave the queue: those behind have their
    # turn.
    while len(taken) < most and (ready := _ready(connection, now, most - len(taken), channels)):
        heads = _heads(connection, ready)
        room = _room(connection, heads, limits, now)
        free = [head for head in heads if room[head.endpoint_id] is None]
        _put_off(connection, ready, {key: at for key, at in room.items() if at is not None})
        taken += _take(connection, free, now + lease)
    return taken


def _ready(connection: Connection, now: datetime, most: int, channels: Collection[str]) -> list[int]:
    query = select(endpoint.c.id).where(
        endpoint.c.ready_at.is_not(None), endpoint.c.ready_at <= now, endpoint.c.disabled_at.is_(None)
    )
    query = query.where(endpoint.c.busy_until.is_(None), endpoint.c.channel.in_(list(channels)))
    # Of those that became ready at one moment, who has waited longest.
    waited = endpoint.c.tried_at.nulls_first()
    query = query.order_by(endpoint.c.ready_at, waited, endpoint.c.id).limit(most)
    return list(connection.execute(query.with_for_update(skip_locked=True)).scalars())


class _Head(NamedTuple):
    id: int
    endpoint_id: int
    channel: str
    send_after: datetime


def _heads(connection: Connection, identifiers: Sequence[int]) -> list[_Head]:
    """The message whose turn it is at each endpoint that has one."""
    first = select(message.c.id).where(PENDING, message.c.endpoint_id == endpoint.c.id)
    first = first.order_by(message.c.send_after, message.c.id).limit(1).correlate(endpoint)
    query = select(*(message.c[name] for name in _Head._fields))
    query = query.join_from(endpoint, message, message.c.id == first.scalar_subquery())
    return [_Head(*row) for row in connection.execute(query.where(endpoint.c.id.in_(identifiers)))]


def _room(
    connection: Connection, heads: Sequence[_Head], limits: Mapping[str, Limit], now: datetime
) -> dict[int, datetime | None]:
    """Until when each endpoint has to wait; None: it need not."""
    limited = [head for head in heads if limits.get(head.channel, NO_LIMIT) != NO_LIMIT]
    began = [limit.day_began for limit in limits.values() if limit.per_day is not None and limit.day_began]
    since = min([now - _MINUTE, *began])
    calls = _calls_between(connection, [head.endpoint_id for head in limited], since, now)
    waits: dict[int, datetime | None] = {}
    for head in heads:
        limit, made = limits.get(head.channel, NO_LIMIT), calls.get(head.endpoint_id, [])
        waits[head.endpoint_id] = head.send_after if head.send_after > now else _full_until(limit, made, now)
    return waits


class _Made(NamedTuple):
    """A call to an endpoint; `is_refused`: the far side surely took nothing."""

    at: datetime
    is_refused: bool


def _full_until(limit: Limit, calls: Sequence[_Made], now: datetime) -> datetime | None:
    """`calls`: the newest first. A minute counts every call, as the far side does; a day what it took."""
    if limit.per_day is not None and limit.day_began is not None:
        today = sum(call.at >= limit.day_began and not call.is_refused for call in calls)
        if today >= limit.per_day:
            return limit.next_day
    if limit.per_minute is not None and len(calls) >= limit.per_minute:
        free_at = calls[limit.per_minute - 1].at + _MINUTE
        return free_at if free_at > now else None
    return None


def _calls_between(
    connection: Connection, identifiers: Collection[int], since: datetime, now: datetime
) -> dict[int, list[_Made]]:
    """What lies ahead of the clock was noted while it was wrong, or in a drill, and counts for nothing."""
    if not identifiers:
        return {}
    query = select(attempt.c.endpoint_id, attempt.c.started_at, attempt.c.outcome)
    query = query.where(attempt.c.endpoint_id.in_(identifiers))
    query = query.where(attempt.c.started_at > since, attempt.c.started_at <= now)
    found: dict[int, list[_Made]] = {}
    for key, at, outcome in connection.execute(query.order_by(attempt.c.started_at.desc())):
        found.setdefault(key, []).append(_Made(at, outcome in REFUSED))
    return found


def _put_off(connection: Connection, ready: Collection[int], room: Mapping[int, datetime]) -> None:
    """Take endpoints out of their turn: until there is room, or, with nothing to send, until something
    comes.
    """
    rows = [{"which": key, "at": room.get(key)} for key in sorted(ready)]
    update_each(connection, _set_ready, {"which": Integer(), "at": Moment()}, rows)


def _set_ready(given: Given) -> Update:
    return update(endpoint).where(endpoint.c.id == given["which"]).values(ready_at=given["at"])


def _take(connection: Connection, heads: Sequence[_Head], lease_until: datetime) -> list[Claimed]:
    if not heads:
        return []
    busy = endpoint.c.id.in_([head.endpoint_id for head in heads])
    connection.execute(update(endpoint).where(busy).values(busy_until=lease_until))
    chosen = message.c.id.in_([head.id for head in heads])
    connection.execute(
        update(message)
        .where(chosen, PENDING)
        .values(
            state=MessageState.SENDING.value,
            attempts=message.c.attempts + 1,
            lease_until=lease_until,
            calling=False,
        )
    )
    columns = (message.c.id, message.c.endpoint_id, message.c.channel, endpoint.c.address)
    more = (message.c.payload, message.c.attempts, message.c.segments, message.c.lease_until)
    query = select(*columns, *more, message.c.decided_at, *_TRIES)
    rows = connection.execute(
        query.join(endpoint, endpoint.c.id == message.c.endpoint_id).where(chosen).order_by(message.c.id)
    )
    return [Claimed._make(row) for row in rows]


def _tries(counted: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    query = select(counted).where(attempt.c.message_id == message.c.id, *conditions)
    return query.scalar_subquery()


_TEMPORARY, _PERMANENT = Outcome.TEMPORARY.value, Outcome.PERMANENT.value
REFUSED = frozenset({_TEMPORARY, _PERMANENT})
_SINCE_DECIDED = or_(message.c.decided_at.is_(None), attempt.c.started_at > message.c.decided_at)
_TRIES = (
    _tries(
        func.min(attempt.c.started_at),
        or_(attempt.c.outcome.is_(None), attempt.c.outcome.not_in(sorted(REFUSED))),
    ),
    _tries(func.count(), attempt.c.outcome == _TEMPORARY, _SINCE_DECIDED),
    _tries(func.count(), attempt.c.outcome == _PERMANENT, _SINCE_DECIDED),
)
