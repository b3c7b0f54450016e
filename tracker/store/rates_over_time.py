"""The rectification rate by group at many past moments, in one walk through the history.

At each moment it is what `tracker.store.rates` counts for that moment alone; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.lifecycle import State
from tracker.domain.rates import WHOLE, Rate
from tracker.store.conditions import group_of_unit
from tracker.store.rates import Scope, counted
from tracker.store.schema import history, item, unit
from tracker.store.types import Moment


def rectified_at(connection: Connection, scope: Scope, moments: Sequence[datetime]) -> list[dict[str, Rate]]:
    """For each moment the rates of the groups that had items then, 市直 first, and of the whole."""
    rows = _standings(scope, max(moments))
    columns: list[ColumnElement[int]] = []
    for moment in moments:
        stands = and_(rows.c.at <= _bound(moment), _after(rows.c.until, moment))
        columns.append(counted(and_(stands, rows.c.state == State.STRUCK_OFF.value)))
        columns.append(counted(and_(stands, rows.c.state != State.WITHDRAWN.value)))
    query = select(group_of_unit().label("group"), *columns)
    query = query.select_from(
        rows.join(item, item.c.number == rows.c.item_number).join(unit, unit.c.id == item.c.unit_id)
    )
    query = query.where(_after(rows.c.until, min(moments)), *scope.conditions()).group_by("group")
    found = {group: numbers for group, *numbers in connection.execute(query)}
    return [_rates(found, place) for place in range(0, 2 * len(moments), 2)]


def _standings(scope: Scope, last: datetime) -> Any:
    """Each row of history with the moment from which another one of its item holds; NULL: none does yet.

    That is the earliest of all later rows, not of the next: a clock may have been set back between two.
    """
    until = func.min(history.c.at).over(
        partition_by=history.c.item_number, order_by=history.c.id, rows=(1, None)
    )
    query = select(history.c.item_number, history.c.at, history.c.state, until.label("until"))
    query = query.where(history.c.at <= last)
    if conditions := scope.conditions():
        query = query.where(history.c.item_number.in_(select(item.c.number).where(*conditions)))
    return query.subquery("standings")


def _after(until: ColumnElement[Any], moment: datetime) -> ColumnElement[bool]:
    return or_(until.is_(None), until > _bound(moment))


def _bound(moment: datetime) -> ColumnElement[Any]:
    return literal(moment, Moment())


def _rates(found: dict[str, list[int]], place: int) -> dict[str, Rate]:
    rates = {
        group: Rate(found[group][place], found[group][place + 1])
        for group in (DEPARTMENTS, DISTRICTS)
        if group in found and found[group][place + 1]
    }
    return rates | {WHOLE: sum(rates.values(), Rate(0, 0))}
