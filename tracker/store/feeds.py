"""Exports that were taken in: what each covers and what came of it. Must never hold the file itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from tracker.domain.errors import NotFoundError
from tracker.store.schema import feed


@dataclass(frozen=True)
class StoredFeed:
    """One export. `judged` and `doubts` are codes, `units` rows by id; `rejected` the first (row, reason);
    `outcome` names items by number: `{"opened", "updated", "cleared", "doubtful", "refused"}`.
    """

    id: int
    kind: str
    source: str
    filename: str
    sha256: str
    rows: int
    rejected_rows: int
    rejected: Sequence[tuple[int, str]]
    first_on: date | None
    last_on: date | None
    judged: Sequence[str]
    units: Mapping[str, int]
    doubts: Sequence[str]
    outcome: Mapping[str, Sequence[Any]]
    taken_at: datetime
    taken_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None

    @property
    def is_trusted(self) -> bool:
        """Whether what it leaves out counts as gone."""
        return not self.doubts or self.confirmed_at is not None


_COLUMNS = tuple(feed.c[name] for name in StoredFeed.__dataclass_fields__)


def add(connection: Connection, **values: object) -> int:
    """Insert an export and return its id."""
    return int(connection.execute(insert(feed).values(values).returning(feed.c.id)).scalar_one())


def set_columns(connection: Connection, feed_id: int, **values: object) -> None:
    connection.execute(update(feed).where(feed.c.id == feed_id).values(values))


def by_hash(connection: Connection, kind: str, source: str, sha256: str) -> StoredFeed | None:
    """These very bytes, as they were taken in from that source."""
    wanted = (feed.c.kind == kind, feed.c.source == source, feed.c.sha256 == sha256)
    return _one(connection, select(*_COLUMNS).where(*wanted))


def get(connection: Connection, feed_id: int) -> StoredFeed:
    """Raises NotFoundError for a number that no export has."""
    found = _one(connection, select(*_COLUMNS).where(feed.c.id == feed_id))
    if found is None:
        raise NotFoundError(f"没有序号为 {feed_id} 的导出", details={"feed": feed_id})
    return found


def latest(connection: Connection, kind: str, source: str) -> StoredFeed | None:
    """The export of that source that came last."""
    return _one(connection, _of_source(kind, source).limit(1))


def last_trusted(connection: Connection, kind: str, source: str) -> StoredFeed | None:
    """The last one without doubts, or confirmed: what the next one is compared with."""
    found = (StoredFeed(*row) for row in connection.execute(_of_source(kind, source)))
    return next((each for each in found if each.is_trusted), None)


def trusted_units(connection: Connection, kind: str, source: str) -> dict[int, int]:
    """Unit id → the most rows that a trusted export of the source had of it, since a person confirmed one.

    The most and not the last: one after the other could leave out a little more each time.
    """
    columns = (feed.c.units, feed.c.doubts, feed.c.confirmed_at)
    query = select(*columns).where(feed.c.kind == kind, feed.c.source == source)
    most: Counter[int] = Counter()
    for units, doubts, confirmed_at in connection.execute(query.order_by(feed.c.id.desc())):
        if not doubts or confirmed_at is not None:
            most |= Counter({int(unit_id): rows for unit_id, rows in units.items()})
        if confirmed_at is not None:
            break
    return dict(most)


def all_feeds(connection: Connection, limit: int) -> list[StoredFeed]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(feed.c.id.desc()).limit(limit)
    return [StoredFeed(*row) for row in connection.execute(query)]


def _of_source(kind: str, source: str) -> Select[Any]:
    query = select(*_COLUMNS).where(feed.c.kind == kind, feed.c.source == source)
    return query.order_by(feed.c.id.desc())


def _one(connection: Connection, query: Select[Any]) -> StoredFeed | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredFeed(*row)
