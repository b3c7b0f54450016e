"""Units and the aliases people have confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tracker.store.schema import unit, unit_alias


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


def all_units(connection: Connection) -> list[StoredUnit]:
    columns = (unit.c.id, unit.c.name, unit.c.key, unit.c.level, unit.c.parent, unit.c.site, unit.c.confirmed)
    return [StoredUnit(*row) for row in connection.execute(select(*columns).order_by(unit.c.id))]


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
    return int(connection.execute(insert(unit).values(values).returning(unit.c.id)).scalar_one())


def confirm(connection: Connection, unit_id: int) -> None:
    connection.execute(update(unit).where(unit.c.id == unit_id).values(confirmed=True))


def add_alias(connection: Connection, alias: str, unit_id: int) -> None:
    connection.execute(insert(unit_alias).values(alias=alias, unit_id=unit_id))
