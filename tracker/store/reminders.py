"""When items are spoken of next, and what was said about each rung to whom.

Must only read what is due, by its index: a million items lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.domain.lifecycle import FINAL, State
from tracker.store.conditions import among
from tracker.store.schema import item, message, reminder
from tracker.store.types import Moment


@dataclass(frozen=True)
class DueReminder:
    """The few columns that planning needs of an item whose next reminder has come."""

    number: int
    unit_id: int
    domain: str | None
    problem_class: str
    state: str
    due_on: date | None
    deferred_until: date | None
    submitted_at: datetime | None
    provisional: bool
    ladder_id: int | None
    next_reminder_at: datetime


def due_reminders(connection: Connection, now: datetime, *, lock: bool = False) -> list[DueReminder]:
    """Items whose next reminder lies at or before `now`: an index range, whatever else is stored.

    `lock` keeps a step of the workflow from slipping in between this and `move_reminders`.
    """
    columns = (
        item.c.number,
        item.c.unit_id,
        item.c.domain,
        item.c["class"],
        item.c.state,
        item.c.due_on,
        item.c.deferred_until,
        item.c.submitted_at,
        item.c.provisional,
        item.c.ladder_id,
        item.c.next_reminder_at,
    )
    # `+ 0`: in the order of the bare number SQLite would walk the whole table to spare itself the sort.
    query = select(*columns).where(item.c.next_reminder_at <= now).order_by(item.c.number + 0)
    if lock:
        query = query.with_for_update()
    return [DueReminder(*row) for row in connection.execute(query)]


def wake(connection: Connection, rungs: Sequence[tuple[int, datetime]]) -> None:
    """Make items due again whose reminder was taken back, unless nobody has anything to do any more."""
    at = bindparam("rung", type_=Moment())
    moving = sorted(set(State) - FINAL)  # no IN: many rows at once
    waiting = or_(*(item.c.state == state.value for state in moving))
    statement = update(item).where(item.c.number == bindparam("which"), waiting, item.c.next_reminder_at > at)
    if rungs:
        _lock(connection, among(connection, item.c.number, {number for number, _ in rungs}))
        values = [{"which": number, "rung": rung} for number, rung in sorted(rungs)]
        connection.execute(statement.values(next_reminder_at=at), values)


def _lock(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Lock items in the order of their numbers, as each step of the workflow does: nobody waits in a ring."""
    # `+ 0` as above. Counted, so that a million numbers need not travel.
    locked = select(item.c.number).where(chosen).order_by(item.c.number + 0).with_for_update().subquery()
    connection.execute(select(func.count()).select_from(locked))


@dataclass(frozen=True)
class Clock:
    """What the next reminder of an item is counted from; thousands of items share one."""

    state: str
    due_on: date | None
    deferred_until: date | None
    submitted_at: datetime | None
    ladder_id: int | None


_CLOCK = tuple(item.c[name] for name in Clock.__dataclass_fields__)


def clocks_after(connection: Connection, moment: datetime) -> list[Clock]:
    """The distinct clocks of unfinished items whose next reminder lies after `moment`; and of submissions
    that have none, from before the bureau was reminded of them.
    """
    query = select(*_CLOCK).distinct().where(_lies_after(moment))
    return [Clock(*row) for row in connection.execute(query)]


def bring_forward(connection: Connection, clock: Clock, at: datetime) -> None:
    """Remind at `at` of the items of one clock whose next reminder lies later."""
    same = (column.is_not_distinct_from(getattr(clock, column.name)) for column in _CLOCK)
    chosen = and_(*same, _lies_after(at))
    _lock(connection, chosen)
    connection.execute(update(item).where(chosen).values(next_reminder_at=at))


def _lies_after(moment: datetime) -> ColumnElement[bool]:
    unfinished = item.c.state.not_in([state.value for state in FINAL])
    waits = and_(item.c.state == State.SUBMITTED.value, item.c.next_reminder_at.is_(None))
    return and_(unfinished, or_(item.c.next_reminder_at > moment, waits))


def move_reminders(connection: Connection, moves: Sequence[tuple[int, datetime | None]]) -> None:
    """Set the next reminder of many items at once."""
    if moves:
        statement = update(item).where(item.c.number == bindparam("which"))
        statement = statement.values(next_reminder_at=bindparam("to"))
        connection.execute(statement, [{"which": number, "to": at} for number, at in moves])


@dataclass(frozen=True)
class SentRung:
    """One rung of one item's deadline that a message speaks of."""

    item_number: int
    due_on: object
    rung_at: datetime
    recipient: str
    reason: str
    message_id: int


def rungs_told(
    connection: Connection, numbers: Iterable[int], before: datetime
) -> set[tuple[int, date, datetime, str]]:
    """(item number, day, rung, recipient) of all that was said before a moment about these items' rungs.

    What a drill has said ahead of time (`--now`) does not silence the real day.
    """
    columns = (reminder.c.item_number, reminder.c.due_on, reminder.c.rung_at, reminder.c.recipient)
    query = select(*columns).join(message, message.c.id == reminder.c.message_id)
    query = query.where(message.c.created_at < before)
    query = query.where(among(connection, reminder.c.item_number, set(numbers)))
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def record_rungs(connection: Connection, rungs: Sequence[SentRung]) -> None:
    """Note what was said to whom. A rung noted before stays as it was.

    After a drill (`--now`) or a clock set back a rung can come round again; it must not stop the others.
    """
    if rungs:
        dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
        connection.execute(dialect_insert(reminder).on_conflict_do_nothing(), [vars(rung) for rung in rungs])
