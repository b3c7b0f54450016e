"""What stands beside a rate: how many were returned, how many recurred, the median of the days to fix.

Cut exactly as `tracker.store.rates` cuts. Few items were returned or recur: those counts read only these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Interval,
    cast,
    func,
    literal,
    select,
    type_coerce,
)

from tracker.domain.lifecycle import State
from tracker.store.conditions import Basis, belongs
from tracker.store.rates import By, Scope, joined, key_name, key_of, standing_at
from tracker.store.schema import item, unit


@dataclass(frozen=True)
class Details:
    """By the key of a row; a key that is left out has none of them."""

    returned: dict[str, int]
    recurred: dict[str, int]
    median_days: dict[str, Decimal]
    overall_days: Decimal | None


def details(
    connection: Connection,
    by: By,
    now: datetime,
    today: date,
    *,
    past: bool,
    scope: Scope,
    utc_offset: timedelta,
) -> Details:
    """`utc_offset` is the office's: a day to fix is a day of its calendar."""
    standing: Any = standing_at(now, scope) if past else item
    # Units are told apart by id, which is the index's order; their names are looked up afterwards.
    is_by_unit = by is By.UNIT
    source = joined(standing, By.CLASS if is_by_unit else by, past=past)
    key: ColumnElement[Any] = item.c.unit_id if is_by_unit else key_of(by)
    names = dict(connection.execute(select(unit.c.id, unit.c.name)).all()) if is_by_unit else {}

    def name(found: Any) -> str:
        return names[found] if is_by_unit else key_name(by, found)

    def tally(basis: Basis) -> dict[str, int]:
        query = select(key, func.count()).select_from(source).where(*scope.conditions())
        query = query.where(belongs(standing, basis, now, today)).group_by(key)
        return {name(found): count for found, count in connection.execute(query)}

    days = _days(connection, standing, utc_offset).label("days")
    fixed = select(key.label("key"), days, func.count().label("count")).select_from(source)
    fixed = fixed.where(standing.c.state == State.STRUCK_OFF.value, standing.c.finished_at.is_not(None))
    fixed = fixed.where(*scope.conditions()).group_by(key, days)
    medians = {name(found): median for found, median in _medians(connection, fixed, whole=False)}
    overall = _medians(connection, fixed, whole=True)
    return Details(tally(Basis.RETURNED), tally(Basis.RECURRED), medians, overall[0][1] if overall else None)


def _medians(connection: Connection, fixed: Any, *, whole: bool) -> list[tuple[Any, Decimal]]:
    """(key, median) from how often each number of days occurs; `whole`: one over all keys.

    The value in the middle is the first whose running count reaches half; of an even number there are two.
    """
    spells = fixed.subquery("spells")
    key = literal(0) if whole else spells.c.key
    part = {} if whole else {"partition_by": spells.c.key}
    running = select(
        key.label("key"),
        spells.c.days,
        func.sum(spells.c.count).over(order_by=spells.c.days, **part).label("running"),
        func.sum(spells.c.count).over(**part).label("total"),
    ).subquery("running")
    middles = (
        func.min(running.c.days).filter(running.c.running * 2 >= running.c.total + extra) for extra in (0, 1)
    )
    query = select(running.c.key, *middles).group_by(running.c.key)
    return [(name, Decimal(int(low) + int(high)) / 2) for name, low, high in connection.execute(query)]


def _days(connection: Connection, standing: Any, utc_offset: timedelta) -> ColumnElement[int]:
    """Whole days from the day of issue to the day of the submission that was accepted."""
    if connection.dialect.name == "sqlite":
        seconds = int(utc_offset.total_seconds())
        finished = func.julianday(
            func.date(standing.c.finished_at, literal(f"{seconds} seconds", literal_execute=True))
        )
        return cast(finished - func.julianday(item.c.issued_on), Integer)
    local = func.timezone("UTC", standing.c.finished_at) + literal(utc_offset, Interval())
    return type_coerce(cast(local, Date) - item.c.issued_on, Integer)
