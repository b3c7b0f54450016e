"""Imported documents: the original's bytes and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, insert, select, update

from tracker.store.conditions import among
from tracker.store.outbox import MessageState
from tracker.store.schema import bulletin, message, message_item, sighting
from tracker.store.sightings import REPLIES


@dataclass(frozen=True)
class StoredBulletin:
    """One imported document without its bytes: the ledger's row. `undone_at` is None while it stands.

    `corrections` is the JSON of `services.corrections`; `added_units` are ids of units it brought along.
    """

    id: int
    title: str
    issued_on: date
    filename: str
    sha256: str
    counts: Mapping[str, int]
    corrections: Mapping[str, object]
    added_units: Sequence[int]
    imported_at: datetime
    imported_by: str
    undone_at: datetime | None
    undone_by: str | None
    undone_reason: str | None


_NOT_TOLD = [MessageState.SUPERSEDED.value, MessageState.FAILED.value]
_COLUMNS = tuple(bulletin.c[name] for name in StoredBulletin.__dataclass_fields__)


def by_hash(connection: Connection, sha256: str) -> StoredBulletin | None:
    """The import of these very bytes that stands; one that was undone does not count."""
    query = select(*_COLUMNS).where(bulletin.c.sha256 == sha256, bulletin.c.undone_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredBulletin(*row)


def by_id(connection: Connection, bulletin_id: int, *, lock: bool = False) -> StoredBulletin | None:
    query = select(*_COLUMNS).where(bulletin.c.id == bulletin_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else StoredBulletin(*row)


def content(connection: Connection, bulletin_id: int) -> bytes:
    """The original, as it was handed in."""
    query = select(bulletin.c.content).where(bulletin.c.id == bulletin_id)
    return bytes(connection.execute(query).scalar_one())


def all_bulletins(connection: Connection) -> list[StoredBulletin]:
    """Newest first, those undone among them."""
    query = select(*_COLUMNS).order_by(bulletin.c.issued_on.desc(), bulletin.c.id.desc())
    return [StoredBulletin(*row) for row in connection.execute(query)]


def add(connection: Connection, **values: object) -> int:
    """Insert a document with its bytes and return its id."""
    return int(connection.execute(insert(bulletin).values(values).returning(bulletin.c.id)).scalar_one())


def set_columns(connection: Connection, bulletin_id: int, **values: object) -> None:
    connection.execute(update(bulletin).where(bulletin.c.id == bulletin_id).values(values))


def lists_before(connection: Connection, day: date) -> list[tuple[int, str, date]]:
    """Id, title and day of issue of the standing documents issued before `day`, newest first.

    Only those that list problems: a report of a unit, which brings replies alone, is no list.
    """
    listed = exists().where(sighting.c.bulletin_id == bulletin.c.id, sighting.c.outcome.not_in(REPLIES))
    query = select(bulletin.c.id, bulletin.c.title, bulletin.c.issued_on)
    query = query.where(bulletin.c.issued_on < day, bulletin.c.undone_at.is_(None), listed)
    query = query.order_by(bulletin.c.issued_on.desc(), bulletin.c.id.desc())
    return [(row.id, row.title, row.issued_on) for row in connection.execute(query)]


def told_of(connection: Connection, kind: str, reason: str, numbers: Iterable[int]) -> set[str]:
    """Recipients for whom a message of this kind and reason about any of these items waits, or has left."""
    query = select(message.c.recipient).join(message_item, message_item.c.message_id == message.c.id)
    query = query.where(message.c.kind == kind, message.c.reason == reason, message.c.state.not_in(_NOT_TOLD))
    return set(connection.scalars(query.where(among(connection, message_item.c.item_number, set(numbers)))))
