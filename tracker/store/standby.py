"""Letters that have a second way: how their first one went, and letting the next one go.

Must never let two ways go at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from tracker.store import endpoints
from tracker.store.endpoints import PENDING, STANDBY
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import attempt, message


def letters(connection: Connection) -> dict[str, list[StoredMessage]]:
    """All messages of each letter that has a way standing by, locked; by rank."""
    waiting = select(message.c.letter).where(STANDBY)
    query = select(*COLUMNS).where(message.c.letter.in_(waiting)).order_by(message.c.rank, message.c.id)
    found: dict[str, list[StoredMessage]] = {}
    for row in connection.execute(query.with_for_update()).mappings():
        found.setdefault(row["letter"], []).append(stored(row))
    return found


def first_tries(connection: Connection, identifiers: Collection[int]) -> dict[int, datetime]:
    """When each of these messages was tried first; those that were not are left out."""
    query = select(attempt.c.message_id, attempt.c.started_at).where(attempt.c.message_id.in_(identifiers))
    found: dict[int, datetime] = {}
    for key, at in connection.execute(query.order_by(attempt.c.id)):
        found.setdefault(key, at)
    return found


def stand_down(connection: Connection, identifiers: Collection[int], words: str, now: datetime) -> None:
    """They need not go any more."""
    over = {"state": MessageState.SUPERSEDED.value, "settled_at": now, "error": words}
    connection.execute(update(message).where(STANDBY, message.c.id.in_(identifiers)).values(over))


def give_up(connection: Connection, identifiers: Collection[int], words: str, now: datetime) -> None:
    """Take back those that still wait of a way that is left for the next one."""
    over = {"state": MessageState.SUPERSEDED.value, "settled_at": now, "error": words}
    connection.execute(update(message).where(PENDING, message.c.id.in_(identifiers)).values(over))


def let_go(connection: Connection, messages: Collection[StoredMessage], at: datetime) -> None:
    """Into the queue with them, to leave at `at`."""
    chosen = message.c.id.in_([each.id for each in messages])
    goes = {"state": MessageState.PENDING.value, "send_after": at}
    connection.execute(update(message).where(STANDBY, chosen).values(goes))
    endpoints.wake(connection, {each.endpoint_id: at for each in messages})
