"""Who is reached how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, insert, or_, select, update

from tracker.domain.ladders import Audience
from tracker.domain.people import Post
from tracker.domain.units import Level
from tracker.store import links
from tracker.store.schema import contact, unit

_PERSONAL = ("phone", "wecom_userid", "email")  # where a link may have been sent; a robot's group never has


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
    connection: Connection,
    *,
    unit_ids: Iterable[int] | None = None,
    roles: Iterable[str] | None = None,
    wecom_userid: str | None = None,
) -> list[Contact]:
    """Contacts by unit, by role or by user id (WeCom cares for no case in those), in the order of entry."""
    query = _everybody().order_by(contact.c.id)
    if unit_ids is not None:
        query = query.where(contact.c.unit_id.in_(list(unit_ids)))
    if roles is not None:
        query = query.where(contact.c.role.in_(list(roles)))
    if wecom_userid is not None:
        query = query.where(func.lower(contact.c.wecom_userid) == wecom_userid.lower())
    return [Contact(**row) for row in connection.execute(query).mappings()]


def page(connection: Connection, *, words: str, after: int, size: int) -> list[Contact]:
    """Those in whose unit's name or own name the words stand, by ascending id above `after`."""
    query = _everybody().where(contact.c.id > after).order_by(contact.c.id).limit(size)
    if words:
        query = query.where(
            or_(unit.c.name.contains(words, autoescape=True), contact.c.name.contains(words, autoescape=True))
        )
    return [Contact(**row) for row in connection.execute(query).mappings()]


def by_id(connection: Connection, contact_id: int) -> Contact | None:
    row = connection.execute(_everybody().where(contact.c.id == contact_id)).mappings().one_or_none()
    return None if row is None else Contact(**row)


def units_without(connection: Connection, role: str, *, after: int, size: int) -> list[tuple[int, str, str]]:
    """(id, name, level) of units that have nobody in this role, by ascending id above `after`."""
    has_one = exists().where(contact.c.unit_id == unit.c.id, contact.c.role == role)
    query = select(unit.c.id, unit.c.name, unit.c.level).where(unit.c.id > after, ~has_one)
    return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(unit.c.id).limit(size))]


def _everybody() -> Select[Any]:
    return select(
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
    ).join(unit, unit.c.id == contact.c.unit_id)


def posts_of(connection: Connection, name: str) -> list[Post]:
    """What whoever bears this name is, for which units, in the order it was entered."""
    columns = (contact.c.unit_id, contact.c.role, unit.c.level, unit.c.name)
    query = select(*columns).join(unit, unit.c.id == contact.c.unit_id).where(contact.c.name == name)
    found = connection.execute(query.order_by(contact.c.id)).all()
    if not found:
        return []
    below: dict[str, set[int]] = defaultdict(set)
    children = select(unit.c.id, unit.c.parent).where(unit.c.parent.in_([row.name for row in found]))
    for child in connection.execute(children):
        below[child.parent].add(child.id)
    bureaus = select(contact.c.unit_id).where(
        contact.c.unit_id.in_([row.unit_id for row in found]), contact.c.role == Audience.BUREAU.value
    )
    with_bureau = set(connection.scalars(bureaus))
    return [
        Post(
            row.unit_id,
            row.role,
            Level(row.level),
            frozenset(below[row.name]),
            has_bureau=row.unit_id in with_bureau,
        )
        for row in found
    ]


def bureaus(connection: Connection) -> list[str]:
    """The names of the departments that have 审批局 contacts."""
    query = select(unit.c.name).join(contact, contact.c.unit_id == unit.c.id).distinct()
    query = query.where(contact.c.role == Audience.BUREAU.value, unit.c.level == Level.DEPARTMENT.value)
    return list(connection.scalars(query.order_by(unit.c.name)))


def remove(connection: Connection, ids: Iterable[int]) -> None:
    """Delete people, with their links and whoever came in by them."""
    gone = list(ids)
    links.forget(connection, gone)
    connection.execute(delete(contact).where(contact.c.id.in_(gone)))


def upsert(connection: Connection, *, unit_id: int, role: str, name: str, **values: str | None) -> None:
    """Insert the person or replace how they are reached.

    A link that was sent to an address they have no more is good for nothing: somebody else may read it there.
    """
    same = (contact.c.unit_id == unit_id) & (contact.c.role == role) & (contact.c.name == name)
    columns = (contact.c.id, *(contact.c[column] for column in _PERSONAL))
    before = connection.execute(select(*columns).where(same)).mappings().one_or_none()
    if before is None:
        connection.execute(insert(contact).values(unit_id=unit_id, role=role, name=name, **values))
        return
    if any(before[column] not in {None, values.get(column, before[column])} for column in _PERSONAL):
        links.forget(connection, [before["id"]])
    connection.execute(update(contact).where(same).values(values))
