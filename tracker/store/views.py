"""Saved views: the address of a list of items under a name. Deleted ones stay a while, to be brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from tracker.store.schema import saved_view


@dataclass(frozen=True)
class SavedView:
    """`query` is the list's address after the question mark; `starts`: its owner's list begins with it."""

    id: int
    name: str
    query: str
    owner: str
    shared: bool
    starts: bool
    deleted_at: datetime | None


_COLUMNS = tuple(saved_view.c[name] for name in SavedView.__dataclass_fields__)


def of_person(connection: Connection, login: str) -> list[SavedView]:
    """Their own and those shared with them, by name."""
    seen = or_(saved_view.c.owner == login, saved_view.c.shared)
    query = select(*_COLUMNS).where(seen, saved_view.c.deleted_at.is_(None))
    return [SavedView(*row) for row in connection.execute(query.order_by(saved_view.c.name, saved_view.c.id))]


def by_id(connection: Connection, view_id: int) -> SavedView | None:
    row = connection.execute(select(*_COLUMNS).where(saved_view.c.id == view_id)).one_or_none()
    return None if row is None else SavedView(*row)


def start_of(connection: Connection, login: str) -> SavedView | None:
    """The view with which a person's list begins, if they chose one."""
    chosen = and_(saved_view.c.owner == login, saved_view.c.starts, saved_view.c.deleted_at.is_(None))
    row = connection.execute(select(*_COLUMNS).where(chosen).limit(1)).one_or_none()
    return None if row is None else SavedView(*row)


def add(connection: Connection, **values: object) -> int:
    """Insert a view and return its id."""
    added = connection.execute(insert(saved_view).values(values).returning(saved_view.c.id))
    return int(added.scalar_one())


def set_columns(connection: Connection, view_id: int, **values: object) -> None:
    connection.execute(update(saved_view).where(saved_view.c.id == view_id).values(values))


def start_with_none(connection: Connection, login: str) -> None:
    connection.execute(update(saved_view).where(saved_view.c.owner == login).values(starts=False))


def drop_deleted(connection: Connection, before: datetime) -> None:
    connection.execute(delete(saved_view).where(saved_view.c.deleted_at < before))
