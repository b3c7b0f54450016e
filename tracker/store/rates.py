"""Counting for rates: one GROUP BY, on the items as they are or on the history as it was.

What is counted stands in `tracker.store.conditions`; a test replays the history against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, case, func, select

from tracker.domain.rates import Rate, RateRow
from tracker.store.conditions import Basis, belongs, group_of_unit, overdue
from tracker.store.schema import bulletin, history, item, unit

_COUNTED = (
    Basis.RECTIFIED,
    Basis.COUNTED,
    Basis.ON_TIME,
    Basis.JUDGED,
    Basis.OVERDUE,
    Basis.UNFINISHED,
)


class By(StrEnum):
    """What a rate table is cut by."""

    GROUP = "group"
    UNIT = "unit"
    DOMAIN = "domain"
    CLASS = "class"
    BULLETIN = "bulletin"


@dataclass(frozen=True)
class Scope:
    """Which items a table counts: those issued on these days, both included (None: on any day before).

    With `open_at`, only those that were not finished at that moment.
    """

    until: date
    since: date | None = None
    open_at: datetime | None = None


def rates(
    connection: Connection,
    by: By,
    now: datetime,
    today: date,
    *,
    past: bool,
    scope: Scope | None = None,
) -> list[RateRow]:
    """Rate rows at `now`; with `past`, from the history up to that moment instead of today's items."""
    standing: FromClause = standing_at(now) if past else item
    key = _key(by)
    counts = (_count(belongs(standing, basis, now, today)) for basis in _COUNTED)
    query = select(key, *counts).select_from(_joined(standing, by, past=past))
    query = query.where(*_within(scope, today)) if scope else query
    rows = connection.execute(query.group_by(key).order_by(func.min(_order(by))))
    return [
        RateRow(name or "—", Rate(struck_off, counted_), Rate(on_time, judged_), late, waiting)
        for name, struck_off, counted_, on_time, judged_, late, waiting in rows
    ]


def latest_units(
    connection: Connection, now: datetime, today: date, *, past: bool, limit: int
) -> list[tuple[str, int, date]]:
    """(unit, overdue items, oldest deadline) of the units that are latest, the latest first."""
    standing: FromClause = standing_at(now) if past else item
    count, oldest = func.count().label("count"), func.min(standing.c.due_on).label("oldest")
    query = (
        select(unit.c.name, count, oldest)
        .select_from(_joined(standing, By.UNIT, past=past))
        .where(overdue(standing, now, today))
        .group_by(unit.c.id, unit.c.name)
        .order_by(oldest, count.desc(), unit.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def standing_at(moment: datetime) -> FromClause:
    """How every item stood at a moment: the last row of its history until then."""
    last = (
        select(func.max(history.c.id).label("id"))
        .where(history.c.at <= moment)
        .group_by(history.c.item_number)
        .subquery("last")
    )
    return select(history).join(last, last.c.id == history.c.id).subquery("standing")


def _within(scope: Scope, today: date) -> Iterator[ColumnElement[bool]]:
    yield item.c.issued_on <= scope.until
    if scope.since is not None:
        yield item.c.issued_on >= scope.since
    if scope.open_at is not None:
        then = standing_at(scope.open_at)
        unfinished = belongs(then, Basis.UNFINISHED, scope.open_at, today)
        yield item.c.number.in_(select(then.c.item_number).where(unfinished))


def _joined(standing: FromClause, by: By, *, past: bool) -> Any:
    source: Any = standing
    if past:
        source = source.join(item, item.c.number == standing.c.item_number)
    if by in {By.GROUP, By.UNIT}:
        return source.join(unit, unit.c.id == item.c.unit_id)
    if by is By.BULLETIN:
        return source.join(bulletin, bulletin.c.id == item.c.bulletin_id)
    return source


def _key(by: By) -> ColumnElement[Any]:
    return {
        By.GROUP: group_of_unit(),
        By.UNIT: unit.c.name,
        By.DOMAIN: item.c.domain,
        By.CLASS: item.c["class"],
        By.BULLETIN: bulletin.c.title,
    }[by]


def _order(by: By) -> ColumnElement[Any]:
    """Rows stand in the order in which the office entered them; 市直 before 各区."""
    if by is By.GROUP:
        return case((unit.c.level == "department", 0), else_=1)
    return unit.c.id if by is By.UNIT else item.c.number


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
