"""Imported documents: the original's bytes and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from tracker.domain.lifecycle import FINAL
from tracker.store.schema import bulletin, item


@dataclass(frozen=True)
class StoredBulletin:
    """One imported document without its bytes."""

    id: int
    title: str
    issued_on: date
    filename: str
    sha256: str
    counts: Mapping[str, int]
    imported_at: datetime
    imported_by: str


_COLUMNS = (
    bulletin.c.id,
    bulletin.c.title,
    bulletin.c.issued_on,
    bulletin.c.filename,
    bulletin.c.sha256,
    bulletin.c.counts,
    bulletin.c.imported_at,
    bulletin.c.imported_by,
)


def by_hash(connection: Connection, sha256: str) -> StoredBulletin | None:
    row = connection.execute(select(*_COLUMNS).where(bulletin.c.sha256 == sha256)).one_or_none()
    return None if row is None else StoredBulletin(*row)


def all_bulletins(connection: Connection) -> list[StoredBulletin]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(bulletin.c.issued_on.desc(), bulletin.c.id.desc())
    return [StoredBulletin(*row) for row in connection.execute(query)]


def add(connection: Connection, **values: object) -> int:
    """Insert a document with its bytes and return its id."""
    return int(connection.execute(insert(bulletin).values(values).returning(bulletin.c.id)).scalar_one())


def waiting_identities(connection: Connection, before: date) -> dict[int, str]:
    """Number → identity of the unfinished items of the newest bulletin issued before a day.

    These are what the next bulletin may leave out ("absent").
    """
    newest = (
        select(bulletin.c.id)
        .where(bulletin.c.issued_on < before)
        .order_by(bulletin.c.issued_on.desc(), bulletin.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(item.c.number, item.c.identity).where(
        item.c.bulletin_id == newest, item.c.state.not_in([state.value for state in FINAL])
    )
    return dict(connection.execute(query).all())
