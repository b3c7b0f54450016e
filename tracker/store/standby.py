"""Letters that have a second way: about which of them something is to be decided, and letting the next way
go.

Must never let two ways go at once. Who changes anything here has locked the letters' endpoints before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from tracker.domain.escalation import PLANNED
from tracker.store.conditions import among
from tracker.store.endpoints import PENDING, STANDBY
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import attempt, endpoint, message

_ENDED = (MessageState.ACCEPTED.value, MessageState.FAILED.value, MessageState.SUPERSEDED.value)
_OPEN = (MessageState.PENDING.value, MessageState.UNKNOWN.value)


def undecided(connection: Connection, latest: datetime, morning: datetime) -> list[str]:
    """The letters with a way standing by whose way so far has ended, is cut off or was first tried at
    `latest` or before; and reminders of before `morning`. All others are left where they are, unread.
    """
    front = message.alias("front")
    first = select(func.min(attempt.c.started_at)).where(attempt.c.message_id == front.c.id)
    tried_at = func.coalesce(first.scalar_subquery(), front.c.send_after)
    dead = select(endpoint.c.id).where(
        endpoint.c.id == front.c.endpoint_id, endpoint.c.disabled_at.is_not(None)
    )
    of_yesterday = and_(front.c.kind.in_(sorted(PLANNED)), front.c.created_at < morning)
    has_ended = front.c.state.in_(_ENDED)
    had_its_time = and_(front.c.state.in_(_OPEN), or_(tried_at <= latest, dead.exists()))
    before = and_(front.c.letter == message.c.letter, front.c.rank < message.c.rank)
    query = select(message.c.letter).distinct().join(front, before)
    return list(
        connection.execute(query.where(STANDBY, or_(has_ended, of_yesterday, had_its_time))).scalars()
    )


def endpoints_of(connection: Connection, letters: Collection[str]) -> set[int]:
    """The endpoints of all ways of these letters."""
    query = select(message.c.endpoint_id).distinct().where(among(connection, message.c.letter, letters))
    return set(connection.execute(query).scalars())


def rows(connection: Connection, letters: Collection[str]) -> dict[str, list[StoredMessage]]:
    """All messages of each of these letters, by rank."""
    query = select(*COLUMNS).where(among(connection, message.c.letter, letters))
    found: dict[str, list[StoredMessage]] = {}
    for row in connection.execute(query.order_by(message.c.rank, message.c.id)).mappings():
        found.setdefault(row["letter"], []).append(stored(row))
    return found


def first_tries(connection: Connection, identifiers: Collection[int]) -> dict[int, datetime]:
    """When each of these messages was tried first; those that were not are left out."""
    query = select(attempt.c.message_id, func.min(attempt.c.started_at)).group_by(attempt.c.message_id)
    chosen = among(connection, attempt.c.message_id, set(identifiers))
    return dict(connection.execute(query.where(chosen)).all())


def stand_down(connection: Connection, identifiers: Collection[int], words: str, now: datetime) -> None:
    """They need not go any more."""
    _end(connection, STANDBY, identifiers, words, now)


def give_up(connection: Connection, identifiers: Collection[int], words: str, now: datetime) -> None:
    """Take back those that still wait of a way that is left for the next one."""
    _end(connection, PENDING, identifiers, words, now)


def _end(
    connection: Connection,
    state: ColumnElement[bool],
    identifiers: Collection[int],
    words: str,
    now: datetime,
) -> None:
    over = {"state": MessageState.SUPERSEDED.value, "settled_at": now, "error": words}
    chosen = among(connection, message.c.id, set(identifiers))
    connection.execute(update(message).where(state, chosen).values(over))


def let_go(connection: Connection, identifiers: Collection[int], at: datetime) -> None:
    """Into the queue with them, to leave at `at`; their endpoints are the caller's to wake."""
    goes = {"state": MessageState.PENDING.value, "send_after": at}
    chosen = among(connection, message.c.id, set(identifiers))
    connection.execute(update(message).where(STANDBY, chosen).values(goes))
