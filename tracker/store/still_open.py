"""What a problem list has to name: the items that were not finished at a moment, now or past.

Must never count what was withdrawn, nor an item that was issued after the list's period.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, FromClause, case, select

from tracker.domain.lifecycle import State
from tracker.domain.units import Level
from tracker.store.conditions import Basis, belongs, group_of_unit
from tracker.store.rates import ALL, standing_at
from tracker.store.schema import item, unit


class OpenItem(NamedTuple):
    """An unfinished item as a list names it; `deferred_until` is None unless it was deferred then."""

    number: int
    unit: str
    unit_as_written: str
    group: str
    domain: str | None
    problem_class: str
    text: str
    quantity: int | None
    measure: str | None
    issued_on: date
    recurs: int | None
    deferred_until: date | None


def issued_until(
    connection: Connection, until: date, now: datetime, today: date, *, past: bool
) -> list[OpenItem]:
    """The unfinished items issued up to a day, as they stand at `now`; with `past`, by the history.

    In order of group (市直 first), unit and number; the quantity is the one counted last, today too.
    """
    standing: FromClause = standing_at(now, ALL) if past else item
    deferred = case((standing.c.state == State.DEFERRED.value, standing.c.deferred_until))
    source = item if standing is item else standing.join(item, item.c.number == standing.c.item_number)
    query = (
        select(
            item.c.number,
            unit.c.name,
            item.c.unit_as_written,
            group_of_unit(),
            item.c.domain,
            item.c["class"],
            item.c.text,
            item.c.quantity,
            item.c.measure,
            item.c.issued_on,
            item.c.recurs,
            deferred,
        )
        .select_from(source.join(unit, unit.c.id == item.c.unit_id))
        .where(item.c.issued_on <= until, belongs(standing, Basis.UNFINISHED, now, today))
        .order_by(case((unit.c.level == Level.DEPARTMENT.value, 0), else_=1), unit.c.id, item.c.number)
    )
    return [OpenItem(*row) for row in connection.execute(query)]
