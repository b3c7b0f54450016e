"""What a drill asks of its copy: when something is next due, and what was put into the outbox.

Must never change a row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from tracker.store.conditions import among
from tracker.store.endpoints import QUEUED
from tracker.store.outbox import COLUMNS, StoredMessage, stored
from tracker.store.schema import endpoint, item, message, message_item


def next_due(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """The earliest reminder that an item waits for, and the earliest send of the outbox; None: nothing."""
    reminders = select(func.min(item.c.next_reminder_at)).where(item.c.next_reminder_at.is_not(None))
    ready = select(func.min(endpoint.c.ready_at)).where(
        endpoint.c.ready_at.is_not(None), endpoint.c.disabled_at.is_(None)
    )
    stuck = select(func.min(endpoint.c.busy_until)).where(endpoint.c.busy_until.is_not(None))
    sends = [at for at in (connection.execute(query).scalar_one() for query in (ready, stuck)) if at]
    return connection.execute(reminders).scalar_one(), min(sends, default=None)


@dataclass(frozen=True)
class Mark:
    """How far an outbox was filled: its last message, and those that waited."""

    last: int
    waiting: frozenset[int]


def mark(connection: Connection) -> Mark:
    last = connection.execute(select(func.max(message.c.id))).scalar_one() or 0
    return Mark(last, frozenset(connection.execute(select(message.c.id).where(QUEUED)).scalars()))


def messages_since(connection: Connection, since: Mark) -> list[tuple[StoredMessage, tuple[int, ...]]]:
    """What waited at the mark or came after it, as it stands now, each with the items it speaks of."""
    wanted = or_(message.c.id > since.last, among(connection, message.c.id, since.waiting))
    spoken_of: dict[int, list[int]] = defaultdict(list)
    query = select(message_item.c.message_id, message_item.c.item_number)
    query = query.join(message, message.c.id == message_item.c.message_id).where(wanted)
    for identifier, number in connection.execute(query.order_by(message_item.c.item_number)):
        spoken_of[identifier].append(number)
    found = connection.execute(select(*COLUMNS).where(wanted).order_by(message.c.id)).mappings()
    return [(each, tuple(spoken_of[each.id])) for each in map(stored, found)]
