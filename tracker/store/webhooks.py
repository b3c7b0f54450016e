"""Subscriptions of other systems: what each wants to hear, and up to where it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from tracker.store.history import HistoryRow
from tracker.store.mailbox import OPEN
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import bulletin, digest, endpoint, history, message, webhook

CHANNEL = "webhook"


@dataclass(frozen=True)
class StoredWebhook:
    """One subscription with its endpoint's health. The cursors: the last history row and bulletin that it was
    told of, and the moment up to which it was told of all else.
    """

    id: int
    name: str
    endpoint_id: int
    events: Sequence[str]
    history_id: int
    bulletin_id: int
    seen_at: datetime
    created_at: datetime
    created_by: str
    hint: str
    disabled_at: datetime | None
    failing_since: datetime | None
    failures: int
    last_error: str | None
    accepted_at: datetime | None


_OWN = tuple(webhook.c[name] for name in list(StoredWebhook.__dataclass_fields__)[:9])
_HEALTH = tuple(endpoint.c[name] for name in list(StoredWebhook.__dataclass_fields__)[9:])


def add(
    connection: Connection, *, name: str, endpoint_id: int, events: Sequence[str], by: str, at: datetime
) -> int:
    """Begins with what happens from now on; returns its id."""
    values = {
        "name": name,
        "endpoint_id": endpoint_id,
        "events": list(events),
        "history_id": connection.execute(select(func.max(history.c.id))).scalar() or 0,
        "bulletin_id": connection.execute(select(func.max(bulletin.c.id))).scalar() or 0,
        "seen_at": at,
        "created_at": at,
        "created_by": by,
    }
    new: int = connection.execute(insert(webhook).values(values).returning(webhook.c.id)).scalar_one()
    return new


def listing(connection: Connection) -> list[StoredWebhook]:
    """In the order of their making."""
    query = select(*_OWN, *_HEALTH).join(endpoint, endpoint.c.id == webhook.c.endpoint_id)
    return [StoredWebhook(*row) for row in connection.execute(query.order_by(webhook.c.id))]


def move(connection: Connection, webhook_id: int, **cursors: int | datetime) -> None:
    connection.execute(update(webhook).where(webhook.c.id == webhook_id).values(cursors))


def remove(connection: Connection, webhook_id: int) -> None:
    """Its messages stay in the outbox as they ended; its endpoint is its owner's matter."""
    connection.execute(delete(webhook).where(webhook.c.id == webhook_id))


def forget_all(connection: Connection) -> None:
    """For a copy of the office in which nothing is to be told to anybody."""
    connection.execute(delete(webhook))


@dataclass(frozen=True)
class Happened:
    """A row of the history with the number of its item."""

    number: int
    row: HistoryRow


def happened_since(connection: Connection, history_id: int, limit: int) -> list[Happened]:
    """What was done after that row, in the order in which it was written: whoever writes a row waits for
    those before, so none can turn up behind the last one that was seen.
    """
    columns = (history.c[name] for name in HistoryRow.__dataclass_fields__)
    query = select(history.c.item_number, *columns).where(history.c.id > history_id)
    rows = connection.execute(query.order_by(history.c.id).limit(limit))
    return [Happened(number, HistoryRow(*row)) for number, *row in rows]


def imported_since(connection: Connection, bulletin_id: int) -> list[int]:
    """The ids of bulletins that came after that one; imports take turns, so they come in order."""
    query = select(bulletin.c.id).where(bulletin.c.id > bulletin_id).order_by(bulletin.c.id)
    return list(connection.scalars(query))


def failed_since(connection: Connection, moment: datetime) -> list[StoredMessage]:
    """Messages to people that failed since that moment and that nobody has decided about."""
    query = select(*COLUMNS).where(OPEN, message.c.state == MessageState.FAILED.value)
    query = query.where(message.c.settled_at >= moment, message.c.channel != CHANNEL)
    return [stored(row) for row in connection.execute(query.order_by(message.c.id)).mappings()]


def published_since(connection: Connection, moment: datetime) -> list[tuple[str, datetime]]:
    """Periods of which the city's digest was published since that moment, with the moments of the figures."""
    query = select(digest.c.period, digest.c.as_of).where(digest.c.scope == "all")
    query = query.where(digest.c.published_at >= moment).order_by(digest.c.published_at, digest.c.period)
    return [(row.period, row.as_of) for row in connection.execute(query)]


def to_repeat(connection: Connection, before: datetime) -> list[int]:
    """Messages to systems in use that were given up before that moment, or of which nobody knows the end."""
    query = select(message.c.id).join(endpoint, endpoint.c.id == message.c.endpoint_id)
    query = query.where(OPEN, message.c.channel == CHANNEL, message.c.settled_at <= before)
    return list(connection.scalars(query.where(endpoint.c.disabled_at.is_(None)).order_by(message.c.id)))
