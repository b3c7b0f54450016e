"""Taking back reminders before they leave: a "finish today" must not arrive on another day, nor at somebody
who is no contact any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_, update

from tracker.store.conditions import among
from tracker.store.outbox import QUEUED, MessageState
from tracker.store.schema import message, reminder

_LATE, _GONE = "当日未能发出，已并入其后的提醒", "联系人已变更，改发给现在的联系人"


def supersede_stale(connection: Connection, before: datetime, now: datetime) -> list[tuple[int, datetime]]:
    """Take back reminders decided before `before` of which no part was ever tried.

    Returns (item, rung) for each that the next planning has to speak for again.
    """
    return _take_back(connection, message.c.created_at < before, _LATE, now)


def supersede_for(
    connection: Connection, recipients: Collection[str], now: datetime
) -> list[tuple[int, datetime]]:
    """The same for all that waits to be sent to somebody who is no contact any more."""
    return _take_back(connection, among(connection, message.c.recipient, recipients), _GONE, now)


def _take_back(
    connection: Connection, chosen: ColumnElement[bool], words: str, now: datetime
) -> list[tuple[int, datetime]]:
    pending = and_(QUEUED, message.c.state == MessageState.PENDING.value, chosen)
    # The parts of one message share recipient, moment and kind; one part tried means that it was begun.
    whole = tuple_(message.c.recipient, message.c.created_at, message.c.kind)
    begun = select(message.c.recipient, message.c.created_at, message.c.kind).where(
        message.c.attempts > 0, chosen
    )
    found = connection.execute(
        select(message.c.id, reminder.c.item_number, reminder.c.rung_at)
        .join(reminder, reminder.c.message_id == message.c.id)
        .where(pending, whole.not_in(begun))
    ).all()
    if not found:
        return []
    identifiers = sorted({row.id for row in found})
    taken = select(message.c.recipient, message.c.created_at, message.c.kind).where(
        message.c.id.in_(identifiers)
    )
    connection.execute(
        update(message)
        .where(pending, whole.in_(taken))
        .values(state=MessageState.SUPERSEDED.value, settled_at=now, error=words)
    )
    connection.execute(delete(reminder).where(reminder.c.message_id.in_(identifiers)))
    return [(row.item_number, row.rung_at) for row in found]
