"""What lies before a few units: the numbers of their items by urgency, and how many stand in each state.

Must never read more than these units' own rows: with a million items a unit's list costs what it is long.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, func, select

from tracker.domain.lifecycle import FINAL, State
from tracker.store.conditions import among
from tracker.store.schema import item, unit

_ENDED = [state.value for state in FINAL]
_OTHERS = [state.value for state in State if state not in FINAL]


def unfinished(connection: Connection, unit_ids: Collection[int], *, limit: int) -> list[int]:
    """Numbers of what is not finished, earliest deadline first, those without one last."""
    query = select(item.c.number).where(_of(connection, unit_ids), item.c.state.in_(_OTHERS))
    query = query.order_by(item.c.due_at.is_(None), item.c.due_at, item.c.number)
    return list(connection.scalars(query.limit(limit)))


def finished(
    connection: Connection, unit_ids: Collection[int], *, before: int | None, limit: int
) -> list[int]:
    """Numbers of what is struck off or withdrawn, highest first, below `before`."""
    query = select(item.c.number).where(_of(connection, unit_ids), item.c.state.in_(_ENDED))
    if before is not None:
        query = query.where(item.c.number < before)
    return list(connection.scalars(query.order_by(item.c.number.desc()).limit(limit)))


def counts(connection: Connection, unit_ids: Collection[int]) -> dict[State, int]:
    """How many items stand in each state; states without any are left out."""
    query = select(item.c.state, func.count()).where(_of(connection, unit_ids)).group_by(item.c.state)
    return {State(state): count for state, count in connection.execute(query)}


def names(connection: Connection, unit_ids: Collection[int]) -> Mapping[int, str]:
    """The names of these units by id, in order of id."""
    query = select(unit.c.id, unit.c.name).where(among(connection, unit.c.id, unit_ids)).order_by(unit.c.id)
    return {row.id: row.name for row in connection.execute(query)}


def _of(connection: Connection, unit_ids: Collection[int]) -> ColumnElement[bool]:
    return among(connection, item.c.unit_id, unit_ids)
