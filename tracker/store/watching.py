"""The register of watched columns, and who was warned of what: columns and accounts alike.

Must never judge how near a limit something is: that is the domain's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update

from tracker.domain.media import Registered
from tracker.store.schema import media_account, unit, watch_warning, watched_column

ACCOUNT, COLUMN = "account", "column"
_AT_ONCE = 500


@dataclass(frozen=True)
class StoredColumn:
    """One watched column. `page_url` None: somewhere on `site`, that of its unit. `newest_on` is what the
    last look that told anything saw, at `checked_at`, `is_sure` if it can have overlooked nothing newer;
    `failing_since` is the first of those that told nothing since.
    """

    id: int
    unit_id: int
    unit: str
    site: str | None
    name: str
    page_url: str | None
    newest_on: date | None
    is_sure: bool
    checked_at: datetime | None
    tried_at: datetime | None
    failing_since: datetime | None
    finding: str | None
    item_number: int | None


@dataclass(frozen=True)
class StoredWarning:
    """Who was warned of one newest post, when and why."""

    kind: str
    subject_id: int
    newest_on: date
    recipient: str
    reason: str
    warned_at: datetime
    message_id: int


def _columns() -> Select[Any]:
    elsewhere = {"unit": unit.c.name, "site": unit.c.site}
    names = StoredColumn.__dataclass_fields__
    query = select(*(elsewhere[name] if name in elsewhere else watched_column.c[name] for name in names))
    return query.join(unit, unit.c.id == watched_column.c.unit_id)


def all_columns(connection: Connection) -> list[StoredColumn]:
    """By unit and name."""
    rows = connection.execute(_columns().order_by(unit.c.name, watched_column.c.name))
    return [StoredColumn(*row) for row in rows]


def column(connection: Connection, column_id: int) -> StoredColumn | None:
    row = connection.execute(_columns().where(watched_column.c.id == column_id)).one_or_none()
    return None if row is None else StoredColumn(*row)


def due_columns(connection: Connection, now: datetime, limit: int) -> list[StoredColumn]:
    """Those whose next look has come, longest waiting first."""
    query = _columns().where(watched_column.c.next_look_at <= now)
    query = query.order_by(watched_column.c.next_look_at, watched_column.c.id).limit(limit)
    return [StoredColumn(*row) for row in connection.execute(query)]


def claim_look(connection: Connection, column_id: int, now: datetime, next_at: datetime) -> bool:
    """Move a column's next look ahead; False if another process did so first."""
    due = and_(watched_column.c.id == column_id, watched_column.c.next_look_at <= now)
    moved = update(watched_column).where(due).values(next_look_at=next_at)
    return connection.execute(moved).rowcount == 1


def set_columns(connection: Connection, column_id: int, **values: object) -> None:
    connection.execute(update(watched_column).where(watched_column.c.id == column_id).values(values))


def register(
    connection: Connection, *, unit_id: int, name: str, page_url: str | None, by: str, now: datetime
) -> bool:
    """Add a column, due for its first look, or write its address anew; whether it is new."""
    same = and_(watched_column.c.unit_id == unit_id, watched_column.c.name == name)
    known = connection.execute(
        select(watched_column.c.id, watched_column.c.page_url).where(same)
    ).one_or_none()
    if known is None:
        values = {
            "unit_id": unit_id,
            "name": name,
            "page_url": page_url,
            "next_look_at": now,
            "is_sure": False,
        }
        connection.execute(insert(watched_column).values(values | {"added_at": now, "added_by": by}))
    elif known.page_url != page_url:
        set_columns(connection, known.id, page_url=page_url, next_look_at=now)
    return known is None


def remove(connection: Connection, column_ids: Iterable[int]) -> None:
    """Watch these columns no more, and forget who was warned of them."""
    gone = list(column_ids)
    warned = and_(watch_warning.c.kind == COLUMN, watch_warning.c.subject_id.in_(gone))
    connection.execute(delete(watch_warning).where(warned))
    connection.execute(delete(watched_column).where(watched_column.c.id.in_(gone)))


def hand_over(connection: Connection, source_id: int, target_id: int) -> None:
    """A column that both units have is watched once: for the one that stays."""
    known = select(watched_column.c.name).where(watched_column.c.unit_id == target_id)
    twice = select(watched_column.c.id).where(watched_column.c.unit_id == source_id)
    remove(connection, connection.execute(twice.where(watched_column.c.name.in_(known))).scalars())


def watches_anything(connection: Connection) -> bool:
    """Whether a day can bring a warning at all."""
    in_use = media_account.c.registered == Registered.IN_USE.value
    return bool(
        connection.execute(select(watched_column.c.id).limit(1)).first()
        or connection.execute(select(media_account.c.id).where(in_use).limit(1)).first()
    )


def columns_silent_since(connection: Connection, last: date) -> list[StoredColumn]:
    """Columns whose newest document is of that day or before, oldest first."""
    query = _columns().where(watched_column.c.newest_on <= last)
    query = query.order_by(watched_column.c.newest_on, watched_column.c.id)
    return [StoredColumn(*row) for row in connection.execute(query)]


def warnings_of(
    connection: Connection, subjects: Sequence[tuple[str, int, date]]
) -> dict[tuple[str, int], list[StoredWarning]]:
    """(kind, id) → the warnings given of its newest post, given as (kind, id, newest day)."""
    found: dict[tuple[str, int], list[StoredWarning]] = {}
    columns = [watch_warning.c[name] for name in StoredWarning.__dataclass_fields__]
    newest = {(kind, subject_id): newest_on for kind, subject_id, newest_on in subjects}
    for kind in (ACCOUNT, COLUMN):
        own = sorted(subject_id for each, subject_id in newest if each == kind)
        for start in range(0, len(own), _AT_ONCE):
            chosen = watch_warning.c.subject_id.in_(own[start : start + _AT_ONCE])
            query = select(*columns).where(watch_warning.c.kind == kind, chosen)
            for row in connection.execute(query.order_by(watch_warning.c.warned_at)):
                warned = StoredWarning(*row)
                if newest[kind, warned.subject_id] == warned.newest_on:
                    found.setdefault((kind, warned.subject_id), []).append(warned)
    return found


def record_warnings(connection: Connection, warned: Sequence[StoredWarning]) -> None:
    if warned:
        connection.execute(insert(watch_warning), [vars(each) for each in warned])


def failing(connection: Connection, since: datetime) -> tuple[int, list[str]]:
    """How many columns no look has told anything of since then, and the first of them by name."""
    long_ago = and_(watched_column.c.failing_since.is_not(None), watched_column.c.failing_since <= since)
    never = and_(watched_column.c.checked_at.is_(None), watched_column.c.added_at <= since)
    lost = or_(long_ago, never)
    count = connection.execute(select(func.count()).select_from(watched_column).where(lost)).scalar_one()
    query = select(unit.c.name, watched_column.c.name).join(unit, unit.c.id == watched_column.c.unit_id)
    query = query.where(lost).order_by(watched_column.c.id).limit(5)
    return count, [f"{row[0]}“{row[1]}”" for row in connection.execute(query)]
