"""Taking back reminders that could not leave on their day: a "finish today" must not arrive on another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, tuple_, update

from tracker.store.outbox import QUEUED, MessageState
from tracker.store.schema import message, reminder

_WORDS = "当日未能发出，已并入其后的提醒"


def supersede_stale(connection: Connection, before: datetime, now: datetime) -> list[tuple[int, datetime]]:
    """Take back reminders decided before `before` of which no part was ever tried.

    Returns (item, rung) for each that the next planning has to speak for again.
    """
    old = message.c.created_at < before
    pending = and_(QUEUED, message.c.state == MessageState.PENDING.value, old)
    # The parts of one message share recipient and moment; one part tried means that it was begun.
    whole = tuple_(message.c.recipient, message.c.created_at)
    begun = select(message.c.recipient, message.c.created_at).where(message.c.attempts > 0, old)
    found = connection.execute(
        select(message.c.id, reminder.c.item_number, reminder.c.rung_at)
        .join(reminder, reminder.c.message_id == message.c.id)
        .where(pending, whole.not_in(begun))
    ).all()
    if not found:
        return []
    identifiers = sorted({row.id for row in found})
    taken = select(message.c.recipient, message.c.created_at).where(message.c.id.in_(identifiers))
    connection.execute(
        update(message)
        .where(pending, whole.in_(taken))
        .values(state=MessageState.SUPERSEDED.value, settled_at=now, error=_WORDS)
    )
    connection.execute(delete(reminder).where(reminder.c.message_id.in_(identifiers)))
    return [(row.item_number, row.rung_at) for row in found]
