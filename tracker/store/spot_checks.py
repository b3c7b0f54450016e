"""Random draws (抽查), each with its seed and its whole population, and what people found.

Must never change a draw once it is made: only results are written beside it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from tracker.domain.lifecycle import FINAL, State
from tracker.store.schema import item, spot_check, spot_check_item, unit


@dataclass(frozen=True)
class StoredDraw:
    """One draw. `filters` say how its population was chosen; `digest` is the population's SHA-256."""

    id: int
    seed: str
    wanted: int
    per_unit: bool
    filters: Mapping[str, object]
    size: int
    digest: str
    drawn_at: datetime
    drawn_by: str


@dataclass(frozen=True)
class Drawn:
    """One drawn item, in its place; `result` is fit, unfit or None."""

    spot_check_id: int
    place: int
    item_number: int
    result: str | None
    note: str | None
    decided_at: datetime | None
    decided_by: str | None
    new_number: int | None


@dataclass(frozen=True)
class Wanted:
    """Which items are drawn from; every field narrows it. `everything`: those at work as well."""

    unit: str | None = None
    domain: str | None = None
    problem_class: str | None = None
    struck_off_since: datetime | None = None
    everything: bool = False


_DRAW = tuple(spot_check.c[name] for name in StoredDraw.__dataclass_fields__)
_DRAWN = tuple(spot_check_item.c[name] for name in Drawn.__dataclass_fields__)


def population(connection: Connection, wanted: Wanted) -> dict[int, str]:
    """Item number → its unit's name."""
    conditions = [
        column == value
        for column, value in (
            (unit.c.name, wanted.unit),
            (item.c.domain, wanted.domain),
            (item.c["class"], wanted.problem_class),
        )
        if value is not None
    ]
    if wanted.everything:
        conditions.append(item.c.state != State.WITHDRAWN.value)
    else:
        conditions.append(item.c.state == State.STRUCK_OFF.value)
    if wanted.struck_off_since is not None:
        since = item.c.closed_at >= wanted.struck_off_since
        conditions.append(and_(since, item.c.state.in_([state.value for state in FINAL])))
    query = select(item.c.number, unit.c.name).join(unit, unit.c.id == item.c.unit_id).where(*conditions)
    return dict(connection.execute(query).all())


def add(connection: Connection, *, text: str, numbers: Sequence[int], **values: object) -> int:
    """Keep a draw, `text` being its population, and return its id."""
    packed = zlib.compress(text.encode(), 9)
    statement = insert(spot_check).values(values | {"population": packed}).returning(spot_check.c.id)
    draw_id = int(connection.execute(statement).scalar_one())
    rows = [
        {"spot_check_id": draw_id, "place": place, "item_number": number}
        for place, number in enumerate(numbers, start=1)
    ]
    connection.execute(insert(spot_check_item), rows)
    return draw_id


def get(connection: Connection, draw_id: int) -> StoredDraw | None:
    row = connection.execute(select(*_DRAW).where(spot_check.c.id == draw_id)).one_or_none()
    return None if row is None else StoredDraw(*row)


def latest(connection: Connection, limit: int) -> list[StoredDraw]:
    """Newest first."""
    query = select(*_DRAW).order_by(spot_check.c.id.desc()).limit(limit)
    return [StoredDraw(*row) for row in connection.execute(query)]


def population_of(connection: Connection, draw_id: int) -> str:
    """The text that was hashed."""
    query = select(spot_check.c.population).where(spot_check.c.id == draw_id)
    packed: bytes = connection.execute(query).scalar_one()
    return zlib.decompress(packed).decode()


def drawn(connection: Connection, draw_id: int, *, lock: bool = False) -> list[Drawn]:
    """In the order of the draw."""
    query = select(*_DRAWN).where(spot_check_item.c.spot_check_id == draw_id)
    query = query.order_by(spot_check_item.c.place)
    return [Drawn(*row) for row in connection.execute(query.with_for_update() if lock else query)]


def record(connection: Connection, each: Drawn, **values: object) -> None:
    """Write what was found of a drawn item."""
    own = and_(spot_check_item.c.spot_check_id == each.spot_check_id, spot_check_item.c.place == each.place)
    connection.execute(update(spot_check_item).where(own).values(values))
