"""What a person, or the office's rule, decides about messages that failed or of which nobody knows the
outcome.

Must never change a frozen byte: what is sent again is the same message under the same serial number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, literal_column, or_, select, update

from tracker.store import endpoints
from tracker.store.conditions import among
from tracker.store.mailbox import OPEN
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import endpoint, message

_CARRIED = [
    state.value
    for state in (MessageState.ACCEPTED, MessageState.PENDING, MessageState.SENDING, MessageState.STANDBY)
]


def undecided(
    connection: Connection,
    *,
    identifiers: Collection[int] | None = None,
) -> list[StoredMessage]:
    """Messages that ask for a decision, the oldest first, locked."""
    query = select(*COLUMNS).where(OPEN).order_by(message.c.settled_at, message.c.id)
    if identifiers is not None:
        query = query.where(among(connection, message.c.id, set(identifiers)))
    return [stored(row) for row in connection.execute(query.with_for_update()).mappings()]


def unknown_since(connection: Connection, moment: datetime, *, is_fresh: bool) -> list[int]:
    """Messages of which nobody knows the outcome since `moment` or before, the oldest first. is_fresh: of
    which nobody has ever decided, whose letter has no other way that carries it, or may, and whose address
    may be used.
    """
    query = select(message.c.id).where(OPEN, message.c.state == MessageState.UNKNOWN.value)
    query = query.where(message.c.settled_at <= moment).order_by(message.c.settled_at, message.c.id)
    if is_fresh:
        other = message.alias("other")
        elsewhere = select(other.c.id).where(
            other.c.letter == message.c.letter, other.c.rank != message.c.rank, other.c.state.in_(_CARRIED)
        )
        dead = select(endpoint.c.id).where(
            endpoint.c.id == message.c.endpoint_id, endpoint.c.disabled_at.is_not(None)
        )
        query = query.where(message.c.decided_by.is_(None), ~elsewhere.exists(), ~dead.exists())
    return list(connection.execute(query).scalars())


def given_up(connection: Connection, failures: int) -> list[int]:
    """Endpoints in use that have accepted nothing for `failures` calls or more, so that a message was given
    up, and of which nobody was told since they began to fail.
    """
    failed = select(message.c.endpoint_id).where(OPEN, message.c.state == literal_column("'failed'"))
    untold = or_(endpoint.c.alarmed_at.is_(None), endpoint.c.alarmed_at < endpoint.c.failing_since)
    query = select(endpoint.c.id).where(endpoint.c.id.in_(failed), endpoint.c.failures >= failures, untold)
    return list(
        connection.execute(query.where(endpoint.c.disabled_at.is_(None)).order_by(endpoint.c.id)).scalars()
    )


def on_disabled(connection: Connection, identifiers: Collection[int]) -> list[int]:
    """Those of these messages whose address is not to be used."""
    query = select(message.c.id).join(endpoint, endpoint.c.id == message.c.endpoint_id)
    query = query.where(
        among(connection, message.c.id, set(identifiers)), endpoint.c.disabled_at.is_not(None)
    )
    return sorted(connection.execute(query).scalars())


def accept(connection: Connection, identifiers: Collection[int], by: str, now: datetime) -> None:
    """Take them as sent."""
    _decide(connection, identifiers, by, now, state=MessageState.ACCEPTED.value)


def drop(connection: Connection, identifiers: Collection[int], by: str, now: datetime) -> None:
    """Leave them as they are; nobody need look at them any more."""
    _decide(connection, identifiers, by, now)


def send_again(connection: Connection, messages: Collection[StoredMessage], by: str, now: datetime) -> None:
    """Put them back into their queues."""
    again = {"state": MessageState.PENDING.value, "send_after": now, "settled_at": None}
    _decide(connection, [each.id for each in messages], by, now, **again)
    endpoints.wake(connection, {each.endpoint_id: now for each in messages})


def _decide(
    connection: Connection, identifiers: Collection[int], by: str, now: datetime, **values: object
) -> None:
    values |= {"decided_at": now, "decided_by": by}
    chosen = among(connection, message.c.id, set(identifiers))
    connection.execute(update(message).where(chosen).values(values))
