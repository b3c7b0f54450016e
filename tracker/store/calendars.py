"""Addresses of calendars: whose deadlines each shows. Must never hold an address itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tracker.store.schema import calendar_feed


@dataclass(frozen=True)
class CalendarFeed:
    """`person`: only as long as they stand in the contacts file; None: the unit's."""

    id: int
    unit: str
    person: str | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None
    revoked_by: str | None


_COLUMNS = tuple(calendar_feed.c[name] for name in CalendarFeed.__dataclass_fields__)


def add(connection: Connection, *, unit: str, person: str | None, by: str, at: datetime) -> CalendarFeed:
    values = {"unit": unit, "person": person, "created_at": at, "created_by": by}
    row = connection.execute(insert(calendar_feed).values(values).returning(*_COLUMNS)).one()
    return CalendarFeed(*row)


def by_id(connection: Connection, feed_id: int) -> CalendarFeed | None:
    row = connection.execute(select(*_COLUMNS).where(calendar_feed.c.id == feed_id)).one_or_none()
    return None if row is None else CalendarFeed(*row)


def listing(connection: Connection) -> list[CalendarFeed]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(calendar_feed.c.id.desc())
    return [CalendarFeed(*row) for row in connection.execute(query)]


def revoke(connection: Connection, feed_id: int, *, by: str, at: datetime) -> bool:
    """Whether there was one to revoke."""
    good = (calendar_feed.c.id == feed_id) & calendar_feed.c.revoked_at.is_(None)
    changed = connection.execute(update(calendar_feed).where(good).values(revoked_at=at, revoked_by=by))
    return changed.rowcount == 1
