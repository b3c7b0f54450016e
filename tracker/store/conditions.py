"""What is counted, and what lies behind each number: one definition for rates and for lists, in SQL.

The definitions are those of `tracker.domain.rates` and `tracker.domain.lifecycle`; tests hold them together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.functions import coalesce

from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.lifecycle import FINAL, Event, State
from tracker.domain.periods import IssuePeriod
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.domain.units import Level
from tracker.store.schema import history, item, unit
from tracker.store.types import Moment

STREAMED = {"yield_per": 1000}
"""For `execute`: rows come as they are asked for, instead of all at once."""


class Basis(StrEnum):
    """A set of items that some number counts."""

    RECTIFIED = "rectified"
    COUNTED = "counted"
    ON_TIME = "on_time"
    JUDGED = "judged"
    UNFINISHED = "unfinished"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    WAITING = "waiting"
    RETURNED = "returned"
    RECURRED = "recurred"
    EXTENSION = "extension"
    OBJECTION = "objection"


# What asks for a decision of the bureau: the column that then is not empty.
ASKED = {Basis.EXTENSION: "extension_to", Basis.OBJECTION: "objection_by"}


def belongs(table: FromClause, basis: Basis, now: datetime, today: date) -> ColumnElement[bool]:
    """Whether a row of `table` (items, or how they stood at a past moment) is in the set at `now`.

    RETURNED and RECURRED look at the item itself too: the query must have it.
    """
    return _CONDITIONS[basis](table, now, today)


def _struck(table: FromClause) -> ColumnElement[bool]:
    return table.c.state == State.STRUCK_OFF.value


def _counted(table: FromClause) -> ColumnElement[bool]:
    return table.c.state != State.WITHDRAWN.value


def _unfinished(table: FromClause) -> ColumnElement[bool]:
    return table.c.state.not_in([state.value for state in FINAL])


def _working(table: FromClause) -> ColumnElement[bool]:
    return table.c.state.in_([State.OPEN.value, State.SIGNED.value])


def returned_numbers(moment: datetime) -> Select[Any]:
    """The numbers of the items that were sent back by `moment`, but for a return that was taken back.

    Whoever takes a step back takes back the item's last one: the next row says so.
    """
    after = history.alias("after")
    following = (
        select(after.c.event)
        .where(after.c.item_number == history.c.item_number, after.c.id > history.c.id, after.c.at <= moment)
        .order_by(after.c.id)
        .limit(1)
        .scalar_subquery()
    )
    stands = coalesce(following, "") != UNDO_STEP_EVENT
    sent_back = history.c.event == literal(Event.RETURN.value, literal_execute=True)  # or no index would fit
    return select(history.c.item_number).where(sent_back, history.c.at <= moment, stands)


def overdue(table: FromClause, now: datetime, today: date) -> ColumnElement[bool]:
    """`tracker.domain.lifecycle.is_overdue` in SQL."""
    # Bound as a Moment: SQLite would else compare the office's clock with UTC.
    at = literal(now, Moment())
    late = case((table.c.state == State.SUBMITTED.value, table.c.submitted_at), else_=at) > table.c.due_at
    free = or_(table.c.deferred_until.is_(None), table.c.deferred_until < today)
    return and_(_unfinished(table), late, free)


def _on_time(table: FromClause) -> ColumnElement[bool]:
    return and_(_struck(table), or_(table.c.due_at.is_(None), table.c.finished_at <= table.c.due_at))


def _asks(table: FromClause, basis: Basis) -> ColumnElement[bool]:
    return and_(_unfinished(table), table.c[ASKED[basis]].is_not(None))


# Functions: whoever asks for one set should not build the conditions of all.
_CONDITIONS: dict[Basis, Callable[[FromClause, datetime, date], ColumnElement[bool]]] = {
    Basis.RECTIFIED: lambda table, now, today: _struck(table),
    Basis.COUNTED: lambda table, now, today: _counted(table),
    Basis.ON_TIME: lambda table, now, today: _on_time(table),
    # Handed in in time and waiting for the bureau is no verdict on the unit yet.
    Basis.JUDGED: lambda table, now, today: or_(_struck(table), overdue(table, now, today)),
    Basis.UNFINISHED: lambda table, now, today: _unfinished(table),
    Basis.OVERDUE: overdue,
    Basis.DUE_TODAY: lambda table, now, today: and_(_working(table), table.c.due_on == today),
    # In the unit's hands and not late yet.
    Basis.WAITING: lambda table, now, today: and_(
        _working(table), not_(coalesce(overdue(table, now, today), false()))
    ),
    Basis.RETURNED: lambda table, now, today: and_(_counted(table), item.c.number.in_(returned_numbers(now))),
    Basis.RECURRED: lambda table, now, today: and_(_counted(table), item.c.recurs.is_not(None)),
    Basis.EXTENSION: lambda table, now, today: _asks(table, Basis.EXTENSION),
    Basis.OBJECTION: lambda table, now, today: _asks(table, Basis.OBJECTION),
}


def among(
    connection: Connection, column: ColumnElement[Any], values: Iterable[int | str]
) -> ColumnElement[bool]:
    """`column IN values`, for however many values, as one bound parameter."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(listed(connection, column, values)))
    # An array and no join with its elements: PostgreSQL sees how few they are, and takes the index.
    return column == func.any(literal(sorted(values), ARRAY(column.type)))


def listed(
    connection: Connection, like: ColumnElement[Any], values: Iterable[int | str]
) -> ColumnElement[Any]:
    """However many values as a column to select from, of the type of another: one bound array."""
    if connection.dialect.name == "sqlite":
        return func.json_each(json.dumps(sorted(values))).table_valued("value").c.value
    return func.unnest(literal(sorted(values), ARRAY(like.type))).column_valued("value")


def issued_within(period: IssuePeriod) -> list[ColumnElement[bool]]:
    return [item.c.issued_on >= period.starts_on, item.c.issued_on < period.ends_before]


def group_of_unit() -> ColumnElement[str]:
    """市直 or 各区, from the unit's level."""
    return case((unit.c.level == Level.DEPARTMENT.value, DEPARTMENTS), else_=DISTRICTS)
