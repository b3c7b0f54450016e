"""Counting for rates: one GROUP BY, on the items as they are or on the history as it was.

What is counted stands in `tracker.store.conditions`; a test replays the history against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Label,
    Select,
    case,
    cast,
    extract,
    func,
    select,
)

from tracker.domain.periods import IssuePeriod
from tracker.domain.rates import EMPTY, Rate, RateRow
from tracker.store.conditions import Basis, belongs, group_of_unit, issued_within, overdue
from tracker.store.schema import bulletin, history, item, unit

COUNTED = (
    Basis.RECTIFIED,
    Basis.COUNTED,
    Basis.ON_TIME,
    Basis.JUDGED,
    Basis.OVERDUE,
    Basis.UNFINISHED,
)
"""What a row of rates counts, in this order."""


class By(StrEnum):
    """What a rate table is cut by; `period` is the quarter, `month` the month of issue."""

    GROUP = "group"
    UNIT = "unit"
    DOMAIN = "domain"
    CLASS = "class"
    BULLETIN = "bulletin"
    PERIOD = "period"
    MONTH = "month"

    @property
    def chinese(self) -> str:
        """What heads the first column."""
        return _HEADS[self]


_HEADS = {
    By.GROUP: "组别",
    By.UNIT: "责任单位",
    By.DOMAIN: "领域",
    By.CLASS: "问题类别",
    By.BULLETIN: "通报",
    By.PERIOD: "印发季度",
    By.MONTH: "印发月份",
}


_OF_UNITS = {By.GROUP, By.UNIT}
_MONTHS = {By.PERIOD: 3, By.MONTH: 1}


@dataclass(frozen=True)
class Scope:
    """Which items are counted; every field narrows it.

    since, until: the first and last day of issue; open_at: what was not finished at that moment; units: ids.
    """

    bulletin_id: int | None = None
    issued: IssuePeriod | None = None
    group: str | None = None
    since: date | None = None
    until: date | None = None
    open_at: datetime | None = None
    units: frozenset[int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """On `item` alone."""
        found: list[ColumnElement[bool]] = []
        if self.bulletin_id is not None:
            found.append(item.c.bulletin_id == self.bulletin_id)
        if self.issued is not None:
            found += issued_within(self.issued)
        if self.group is not None:
            found.append(item.c.unit_id.in_(select(unit.c.id).where(group_of_unit() == self.group)))
        if self.since is not None:
            found.append(item.c.issued_on >= self.since)
        if self.until is not None:
            found.append(item.c.issued_on <= self.until)
        if self.open_at is not None:
            then = standing_at(self.open_at, ALL)
            unfinished = belongs(then, Basis.UNFINISHED, self.open_at, self.open_at.date())
            found.append(item.c.number.in_(select(then.c.item_number).where(unfinished)))
        if self.units is not None:
            found.append(item.c.unit_id.in_(sorted(self.units)))
        return found


ALL = Scope()


def rates(
    connection: Connection, by: By, now: datetime, today: date, *, past: bool, scope: Scope = ALL
) -> list[RateRow]:
    """Rate rows at `now`; with `past`, from the history up to that moment instead of today's items."""
    standing = standing_at(now, scope) if past else item
    counts = [counted(belongs(standing, basis, now, today)).label(basis.value) for basis in COUNTED]
    query = (_by_unit if by in _OF_UNITS else _directly)(standing, by, counts, scope, past=past)
    return [
        RateRow(key_name(by, name), Rate(struck_off, counted_), Rate(on_time, judged_), late, waiting)
        for name, struck_off, counted_, on_time, judged_, late, waiting in connection.execute(query)
    ]


def _directly(
    standing: FromClause, by: By, counts: Sequence[Label[int]], scope: Scope, *, past: bool
) -> Select[Any]:
    key = key_of(by)
    query = select(key, *counts).select_from(joined(standing, by, past=past)).where(*scope.conditions())
    return query.group_by(key).order_by(func.min(_order(by)))


def _by_unit(
    standing: FromClause, by: By, counts: Sequence[Label[int]], scope: Scope, *, past: bool
) -> Select[Any]:
    """Units are counted in the order of the index, before anything is joined: only their sums are sorted."""
    source = joined(standing, By.CLASS, past=past)
    inner = select(item.c.unit_id, *counts).select_from(source).where(*scope.conditions())
    units = inner.group_by(item.c.unit_id).subquery("units")
    sums = [cast(func.sum(units.c[count.name]), Integer) for count in counts]
    key = key_of(by)  # once: PostgreSQL takes two of them with bound values for two expressions
    query = select(key, *sums).select_from(units.join(unit, unit.c.id == units.c.unit_id))
    return query.group_by(key).order_by(func.min(_order(by)))


def latest_units(
    connection: Connection, now: datetime, today: date, *, past: bool, limit: int, scope: Scope = ALL
) -> list[tuple[str, int, date]]:
    """(unit, overdue items, oldest deadline) of the units that are latest, the latest first."""
    standing = standing_at(now, scope) if past else item
    count, oldest = func.count().label("count"), func.min(standing.c.due_on).label("oldest")
    query = (
        select(unit.c.name, count, oldest)
        .select_from(joined(standing, By.UNIT, past=past))
        .where(overdue(standing, now, today), *scope.conditions())
        .group_by(unit.c.id, unit.c.name)
        .order_by(oldest, count.desc(), unit.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def standing_at(moment: datetime, scope: Scope) -> FromClause:
    """How each item of `scope` stood at `moment`: its last row of history until then."""
    query = select(func.max(history.c.id).label("id")).where(history.c.at <= moment)
    if conditions := scope.conditions():
        query = query.where(history.c.item_number.in_(select(item.c.number).where(*conditions)))
    last = query.group_by(history.c.item_number).subquery("last")
    return select(history).join(last, last.c.id == history.c.id).subquery("standing")


def joined(standing: FromClause, by: By, *, past: bool) -> Any:
    """What a table cut by `by` is counted from."""
    source: Any = standing
    if past:
        source = source.join(item, item.c.number == standing.c.item_number)
    if by in _OF_UNITS:
        return source.join(unit, unit.c.id == item.c.unit_id)
    if by is By.BULLETIN:
        return source.join(bulletin, bulletin.c.id == item.c.bulletin_id)
    return source


def key_of(by: By) -> ColumnElement[Any]:
    if months := _MONTHS.get(by):
        year, month = (cast(extract(part, item.c.issued_on), Integer) for part in ("year", "month"))
        return (year * 12 + month - 1) // months
    return {
        By.GROUP: group_of_unit(),
        By.UNIT: unit.c.name,
        By.DOMAIN: item.c.domain,
        By.CLASS: item.c["class"],
        By.BULLETIN: bulletin.c.title,
    }[by]


def key_name(by: By, found: Any) -> str:
    """The key of a row as it is shown; items without one stand under a dash."""
    if months := _MONTHS.get(by):
        return IssuePeriod.numbered(found, months).name
    return found or EMPTY


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _order(by: By) -> ColumnElement[Any]:
    """Rows stand in the order in which the office entered them; 市直 before 各区; periods by time."""
    if by in _MONTHS:
        return item.c.issued_on
    if by is By.GROUP:
        return case((unit.c.level == "department", 0), else_=1)
    return unit.c.id if by is By.UNIT else item.c.number
