"""Units, the aliases people have confirmed, and handing over all that one unit has to another.

Must never leave a row behind that refers to a unit that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from tracker.domain.lifecycle import FINAL, State
from tracker.store import links, watching
from tracker.store.schema import contact, item, metadata, unit, unit_alias

_REACHED_BY = ("phone", "wecom_userid", "robot", "email")


_UNFINISHED = [state.value for state in State if state not in FINAL]
_ADD = insert(unit).returning(unit.c.id)  # built once: a first list brings hundreds of units


@dataclass(frozen=True)
class StoredUnit:
    """One row of `unit`; `key` is the identity of `tracker.domain.units.unit_key`."""

    id: int
    name: str
    key: str
    level: str
    parent: str | None
    site: str | None
    confirmed: bool


@dataclass(frozen=True)
class Holding:
    """What a unit has: the aliases learned for it and the number of its items."""

    aliases: tuple[str, ...] = ()
    items: int = 0


def all_units(connection: Connection) -> list[StoredUnit]:
    columns = (unit.c.id, unit.c.name, unit.c.key, unit.c.level, unit.c.parent, unit.c.site, unit.c.confirmed)
    return [StoredUnit(*row) for row in connection.execute(select(*columns).order_by(unit.c.id))]


def id_of(connection: Connection, name: str) -> int | None:
    """The id of the unit whose row bears this very name."""
    return connection.execute(select(unit.c.id).where(unit.c.name == name)).scalar()


def first_names(connection: Connection, most: int) -> list[str]:
    """The names of at most `most` units, in the order they came."""
    return list(connection.scalars(select(unit.c.name).order_by(unit.c.id).limit(most)))


def unheard(connection: Connection, role: str, most: int) -> list[tuple[int, str]]:
    """Id and name of at most `most` units that have unfinished items and nobody in this role to tell."""
    told = exists().where(contact.c.unit_id == unit.c.id, contact.c.role == role)
    waiting = exists().where(item.c.unit_id == unit.c.id, item.c.state.in_(_UNFINISHED))
    query = select(unit.c.id, unit.c.name).where(~told, waiting).order_by(unit.c.id).limit(most)
    return [(row.id, row.name) for row in connection.execute(query)]


def holdings(connection: Connection) -> dict[int, Holding]:
    """By unit id. Counts every item there is, from an index: for an occasional list, not for every page."""
    learned: dict[int, list[str]] = {}
    query = select(unit_alias.c.unit_id, unit_alias.c.alias).order_by(unit_alias.c.alias)
    for unit_id, alias in connection.execute(query):
        learned.setdefault(unit_id, []).append(alias)
    counted = connection.execute(select(item.c.unit_id, func.count()).group_by(item.c.unit_id))
    counts: dict[int, int] = dict(counted.all())
    return {
        unit_id: Holding(tuple(learned.get(unit_id, ())), counts.get(unit_id, 0))
        for unit_id in {*learned, *counts}
    }


def aliases(connection: Connection) -> Mapping[str, str]:
    """Alias → unit name, as learned from people."""
    query = select(unit_alias.c.alias, unit.c.name).join(unit, unit.c.id == unit_alias.c.unit_id)
    return dict(connection.execute(query).all())


def add_unit(
    connection: Connection,
    *,
    name: str,
    key: str,
    level: str,
    parent: str | None,
    site: str | None,
    confirmed: bool,
    at: datetime,
) -> int:
    """Insert a unit and return its id."""
    values = {
        "name": name,
        "key": key,
        "level": level,
        "parent": parent,
        "site": site,
        "confirmed": confirmed,
        "created_at": at,
    }
    return int(connection.execute(_ADD, values).scalar_one())


def with_below(connection: Connection, unit_id: int) -> frozenset[int]:
    """The ids of a unit and of all that have it, or one below it, as parent."""
    tree = select(unit.c.id, unit.c.name).where(unit.c.id == unit_id).cte("tree", recursive=True)
    tree = tree.union(select(unit.c.id, unit.c.name).join(tree, unit.c.parent == tree.c.name))
    return frozenset(connection.scalars(select(tree.c.id)))


def confirm(connection: Connection, unit_id: int) -> None:
    connection.execute(update(unit).where(unit.c.id == unit_id).values(confirmed=True))


def add_alias(connection: Connection, alias: str, unit_id: int) -> None:
    connection.execute(insert(unit_alias).values(alias=alias, unit_id=unit_id))


def item_numbers(connection: Connection, unit_id: int) -> list[int]:
    """The numbers of a unit's items."""
    query = select(item.c.number).where(item.c.unit_id == unit_id).order_by(item.c.number)
    return list(connection.execute(query).scalars())


def set_identities(connection: Connection, identities: Sequence[tuple[int, str]]) -> None:
    """Write what items are matched by: (number, identity)."""
    if identities:
        statement = update(item).where(item.c.number == bindparam("which"))
        values = [{"which": number, "to": identity} for number, identity in identities]
        connection.execute(statement.values(identity=bindparam("to")), values)


def hand_over(connection: Connection, source: StoredUnit, target: StoredUnit) -> None:
    """Give all that refers to one unit to another, whichever table it is in, and delete the first."""
    _hand_over_people(connection, source.id, target.id)
    watching.hand_over(connection, source.id, target.id)
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.references(unit.c.id):
                connection.execute(update(table).where(column == source.id).values({column: target.id}))
    connection.execute(update(unit).where(unit.c.parent == source.name).values(parent=target.name))
    connection.execute(delete(unit).where(unit.c.id == source.id))


def _hand_over_people(connection: Connection, source_id: int, target_id: int) -> None:
    """Somebody whom both units have in one role stays once; what only one of the rows knows is kept."""
    rows = connection.execute(select(contact).where(contact.c.unit_id.in_([source_id, target_id]))).mappings()
    people = {(row["unit_id"], row["role"], row["name"]): row for row in rows}
    for (unit_id, role, name), row in people.items():
        own = people.get((target_id, role, name))
        if unit_id == source_id and own is not None:
            values = {column: own[column] or row[column] for column in _REACHED_BY}
            connection.execute(update(contact).where(contact.c.id == own["id"]).values(values))
            links.forget(connection, [row["id"]])
            connection.execute(delete(contact).where(contact.c.id == row["id"]))
