"""What a person, or the office's rule, decides about messages that failed or of which nobody knows the
outcome.

Must never change a frozen byte: what is sent again is the same message under the same serial number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from tracker.store import endpoints
from tracker.store.mailbox import OPEN
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import endpoint, message


def undecided(
    connection: Connection,
    *,
    identifiers: Collection[int] | None = None,
    state: MessageState | None = None,
    settled_before: datetime | None = None,
    limit: int | None = None,
) -> list[StoredMessage]:
    """Messages that ask for a decision, the oldest first, locked."""
    query = select(*COLUMNS).where(OPEN).order_by(message.c.settled_at, message.c.id).limit(limit)
    if identifiers is not None:
        query = query.where(message.c.id.in_(identifiers))
    if state is not None:
        query = query.where(message.c.state == state.value)
    if settled_before is not None:
        query = query.where(message.c.settled_at <= settled_before)
    return [stored(row) for row in connection.execute(query.with_for_update()).mappings()]


def on_disabled(connection: Connection, identifiers: Collection[int]) -> list[int]:
    """Those of these messages whose address is not to be used."""
    query = select(message.c.id).join(endpoint, endpoint.c.id == message.c.endpoint_id)
    query = query.where(message.c.id.in_(identifiers), endpoint.c.disabled_at.is_not(None))
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
    connection.execute(update(message).where(message.c.id.in_(identifiers)).values(values))
