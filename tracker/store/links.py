"""One-tap links: whose they are, until when, and whether somebody has come in by them.

Must never hold the token itself: that is made from the row by whoever has the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from tracker.store.conditions import among
from tracker.store.schema import contact, link, session, unit


class LinkState(StrEnum):
    """What a link is good for at a moment."""

    READY = "ready"
    OPENED = "opened"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    LinkState.READY: "未使用",
    LinkState.OPENED: "已使用",
    LinkState.EXPIRED: "已过期",
    LinkState.REVOKED: "已停用",
}


@dataclass(frozen=True)
class LinkRow:
    """The row that a token names: all that the token's stamp covers, and nobody's name."""

    id: int
    contact_id: int
    expires_at: datetime


@dataclass(frozen=True)
class StoredLink:
    """One link with whose it is; `role` is the contact's, as the contacts file calls it."""

    id: int
    contact_id: int
    name: str
    role: str
    unit_id: int
    unit: str
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    def state(self, now: datetime) -> LinkState:
        if self.revoked_at is not None:
            return LinkState.REVOKED
        if self.expires_at <= now:
            return LinkState.EXPIRED
        return LinkState.READY if self.opened_at is None else LinkState.OPENED


def add(connection: Connection, contact_id: int, at: datetime, expires_at: datetime) -> int:
    """Store a link that nobody has used, and return its id."""
    values = {"contact_id": contact_id, "created_at": at, "expires_at": expires_at}
    made: int = connection.execute(insert(link).values(values).returning(link.c.id)).scalar_one()
    return made


def row(connection: Connection, link_id: int) -> LinkRow | None:
    query = select(link.c.id, link.c.contact_id, link.c.expires_at).where(link.c.id == link_id)
    found = connection.execute(query).one_or_none()
    return None if found is None else LinkRow(*found)


def by_id(connection: Connection, link_id: int) -> StoredLink | None:
    found = connection.execute(_selection().where(link.c.id == link_id)).one_or_none()
    return None if found is None else StoredLink(*found)


def latest(connection: Connection, *, unit: str | None, limit: int) -> list[StoredLink]:
    """Of everybody, or of one unit's contacts; newest first."""
    query = _selection().order_by(link.c.id.desc()).limit(limit)
    return [StoredLink(*each) for each in connection.execute(_of_unit(query, unit))]


def made_since(connection: Connection, contact_id: int, moment: datetime) -> list[datetime]:
    """When links of this contact were made since then, oldest first; those of every message count."""
    query = select(link.c.created_at).where(link.c.contact_id == contact_id, link.c.created_at > moment)
    return list(connection.scalars(query.order_by(link.c.created_at)))


def ids(
    connection: Connection, *, among_ids: Iterable[int] | None, unit: str | None, name: str | None
) -> list[int]:
    """The links that are not revoked, narrowed by id, unit and the contact's name."""
    query = _of_unit(_joined(select(link.c.id)), unit).where(link.c.revoked_at.is_(None))
    if among_ids is not None:
        query = query.where(among(connection, link.c.id, set(among_ids)))
    if name is not None:
        query = query.where(contact.c.name == name)
    return list(connection.scalars(query.order_by(link.c.id)))


def use(connection: Connection, link_id: int, now: datetime) -> bool:
    """Mark the link as opened; False when it no longer can be, because another phone was quicker."""
    unused = (link.c.opened_at.is_(None), link.c.revoked_at.is_(None), link.c.expires_at > now)
    statement = update(link).where(link.c.id == link_id, *unused).values(opened_at=now)
    return connection.execute(statement).rowcount == 1


def revoke(connection: Connection, link_ids: Iterable[int], *, by: str, at: datetime) -> None:
    """End links; a session that began with one of them ends with it (`tracker.store.accounts.session_of`)."""
    statement = update(link).where(among(connection, link.c.id, set(link_ids)))
    connection.execute(statement.values(revoked_at=at, revoked_by=by))


def forget(connection: Connection, contact_ids: Iterable[int]) -> None:
    """Delete the links of contacts, and every session of theirs, however it began."""
    gone = set(contact_ids)
    theirs = select(link.c.id).where(among(connection, link.c.contact_id, gone))
    connection.execute(delete(session).where(among(connection, session.c.contact_id, gone)))
    connection.execute(delete(session).where(session.c.link_id.in_(theirs)))
    connection.execute(delete(link).where(link.c.id.in_(theirs)))


def drop_expired(connection: Connection, before: datetime) -> None:
    """Delete links that expired before that moment and that no session hangs on any more."""
    in_use = select(session.c.link_id).where(session.c.link_id == link.c.id).exists()
    connection.execute(delete(link).where(link.c.expires_at < before, ~in_use))


def _selection() -> Select[Any]:
    names = (contact.c.name, contact.c.role, contact.c.unit_id, unit.c.name)
    moments = (link.c.created_at, link.c.expires_at, link.c.opened_at, link.c.revoked_at, link.c.revoked_by)
    return _joined(select(link.c.id, link.c.contact_id, *names, *moments))


def _joined(query: Select[Any]) -> Select[Any]:
    return query.join(contact, contact.c.id == link.c.contact_id).join(unit, unit.c.id == contact.c.unit_id)


def _of_unit(query: Select[Any], name: str | None) -> Select[Any]:
    return query if name is None else query.where(unit.c.name == name)
