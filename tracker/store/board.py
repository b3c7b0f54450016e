"""Counting unit by unit for the leader's board, and what the history says has happened since.

A count reads the covering index only; `units` narrows it to those in which something changed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, and_, case, func, literal, or_, select

from tracker.domain.board import Tally
from tracker.store.conditions import Basis, among, belongs
from tracker.store.rates import COUNTED, Scope, counted
from tracker.store.schema import history, item
from tracker.store.types import Moment


def tallies(
    connection: Connection,
    scope: Scope,
    now: datetime,
    today: date,
    *,
    near_until: datetime,
    units: Collection[int] | None = None,
) -> dict[int, Tally]:
    """By unit id; units without items are left out. Near is what is due by `near_until`."""
    counts = [counted(belongs(item, basis, now, today)) for basis in COUNTED]
    near = and_(belongs(item, Basis.WAITING, now, today), item.c.due_at <= literal(near_until, Moment()))
    late = case((belongs(item, Basis.OVERDUE, now, today), item.c.due_at))
    query = select(item.c.unit_id, *counts, counted(near), func.min(late)).where(*scope.conditions())
    if units is not None:
        query = query.where(among(connection, item.c.unit_id, units))
    found = connection.execute(query.group_by(item.c.unit_id))
    return {unit_id: Tally(*numbers) for unit_id, *numbers in found}


def last_history(connection: Connection) -> int:
    """The id of the newest row; 0 while there is none."""
    return connection.execute(select(func.max(history.c.id))).scalar() or 0


def touched_units(connection: Connection, after: int, steady: Collection[str], limit: int) -> set[int] | None:
    """Ids of the units of whose items the history tells after row `after`.

    None where one cannot tell: more than `limit` rows, or an event other than `steady`, by which an item may
    have gone or moved to another unit.
    """
    newer = select(history.c.item_number, history.c.event).where(history.c.id > after).limit(limit + 1)
    rows = connection.execute(newer).all()
    if len(rows) > limit or any(event not in steady for _, event in rows):
        return None
    numbers = {number for number, _ in rows}
    query = select(item.c.unit_id).distinct().where(among(connection, item.c.number, numbers))
    return set(connection.execute(query).scalars()) if numbers else set()


def reaches_back(connection: Connection, after: int, moment: datetime, steady: Collection[str]) -> bool:
    """Whether a row after `after` may change what is counted as of `moment`: it is older than that, or by its
    event an item may have gone or moved.
    """
    query = select(history.c.id).where(history.c.id > after)
    disturbs = or_(history.c.at <= moment, history.c.event.not_in(list(steady)))
    return connection.execute(query.where(disturbs).limit(1)).first() is not None
