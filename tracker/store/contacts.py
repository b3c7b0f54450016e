"""Who is reached how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from tracker.store.schema import contact, unit


@dataclass(frozen=True)
class Contact:
    """One person in one role for one unit. `robot` is a webhook's key or URL: a secret."""

    id: int
    unit_id: int
    unit: str
    level: str
    name: str
    role: str
    phone: str | None
    wecom_userid: str | None
    robot: str | None
    email: str | None


def find(
    connection: Connection, *, unit_ids: Iterable[int] | None = None, roles: Iterable[str] | None = None
) -> list[Contact]:
    """Contacts by unit or by role, in the order they were entered."""
    query = (
        select(
            contact.c.id,
            contact.c.unit_id,
            unit.c.name.label("unit"),
            unit.c.level,
            contact.c.name,
            contact.c.role,
            contact.c.phone,
            contact.c.wecom_userid,
            contact.c.robot,
            contact.c.email,
        )
        .join(unit, unit.c.id == contact.c.unit_id)
        .order_by(contact.c.id)
    )
    if unit_ids is not None:
        query = query.where(contact.c.unit_id.in_(list(unit_ids)))
    if roles is not None:
        query = query.where(contact.c.role.in_(list(roles)))
    return [Contact(**row) for row in connection.execute(query).mappings()]


def roles_of(connection: Connection, name: str) -> list[tuple[int, str]]:
    """(unit id, role) of whoever bears this name."""
    query = select(contact.c.unit_id, contact.c.role).where(contact.c.name == name).order_by(contact.c.id)
    return [(row.unit_id, row.role) for row in connection.execute(query)]


def remove(connection: Connection, ids: Iterable[int]) -> None:
    connection.execute(delete(contact).where(contact.c.id.in_(list(ids))))


def upsert(connection: Connection, *, unit_id: int, role: str, name: str, **values: str | None) -> None:
    """Insert the person or replace how they are reached."""
    same = (contact.c.unit_id == unit_id) & (contact.c.role == role) & (contact.c.name == name)
    if connection.execute(update(contact).where(same).values(values)).rowcount == 0:
        connection.execute(insert(contact).values(unit_id=unit_id, role=role, name=name, **values))
