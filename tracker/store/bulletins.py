"""Imported documents: the original's bytes and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Select, exists, insert, or_, select, update

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


_LATEST = 50  # documents: what an older one left without a unit has been seen to, or never will be
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


def latest(connection: Connection, most: int) -> list[tuple[int, str]]:
    """Id and title of at most `most` standing documents, newest first."""
    query = select(bulletin.c.id, bulletin.c.title).where(bulletin.c.undone_at.is_(None))
    query = query.order_by(bulletin.c.issued_on.desc(), bulletin.c.id.desc()).limit(most)
    return [(row.id, row.title) for row in connection.execute(query)]


def named(words: str) -> Select[tuple[int]]:
    """The ids of those that bear this title or file name, or are it by their id."""
    ways = [bulletin.c.title == words, bulletin.c.filename == words]
    if words.isascii() and words.isdecimal() and len(words) < 10:
        ways.append(bulletin.c.id == int(words))
    return select(bulletin.c.id).where(or_(*ways))


def ids_named(connection: Connection, words: str) -> list[int]:
    return list(connection.scalars(named(words)))


def with_unassigned(connection: Connection, most: int) -> list[tuple[int, str, int]]:
    """Id, title and number of findings without a unit, of those among the latest documents that have any."""
    query = select(bulletin.c.id, bulletin.c.title, bulletin.c.counts).where(bulletin.c.undone_at.is_(None))
    rows = connection.execute(query.order_by(bulletin.c.id.desc()).limit(_LATEST))
    found = [(row.id, row.title, row.counts.get("unassigned", 0)) for row in rows]
    return [each for each in found if each[2]][:most]


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
