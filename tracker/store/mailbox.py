"""Reading the outbox for people: what was said to whom, and how it stands. Must never change a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from tracker.store.outbox import COLUMNS, StoredMessage, stored
from tracker.store.schema import message, message_item


def created_since(connection: Connection, moment: datetime) -> int:
    """How many messages were put in since `moment`: the day's running number."""
    return connection.execute(
        select(func.count()).select_from(message).where(message.c.created_at >= moment)
    ).scalar_one()


def count_by_state(connection: Connection) -> dict[str, int]:
    query = select(message.c.state, func.count()).group_by(message.c.state)
    return dict(connection.execute(query).all())


def of_item(connection: Connection, number: int) -> list[StoredMessage]:
    """The messages that speak of an item, oldest first."""
    query = select(*COLUMNS).join(message_item, message_item.c.message_id == message.c.id)
    query = query.where(message_item.c.item_number == number).order_by(message.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]


def latest(
    connection: Connection,
    *,
    channel: str | None = None,
    states: Iterable[str] | None = None,
    limit: int = 100,
) -> list[StoredMessage]:
    """Newest first."""
    query = select(*COLUMNS).order_by(message.c.id.desc()).limit(limit)
    if channel is not None:
        query = query.where(message.c.channel == channel)
    if states is not None:
        query = query.where(message.c.state.in_(list(states)))
    return [stored(row) for row in connection.execute(query).mappings()]


def by_ids(connection: Connection, identifiers: Sequence[int]) -> list[StoredMessage]:
    query = select(*COLUMNS).where(message.c.id.in_(identifiers)).order_by(message.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]
