"""Reading and writing items. Lists are one indexed query; nothing here walks over all items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, Standing, State
from tracker.store.conditions import Basis, among, belongs, group_of_unit, overdue
from tracker.store.history import take_history_turn
from tracker.store.numbering import insert_many, reserve
from tracker.store.schema import bulletin, item, unit
from tracker.store.types import Moment

_NUMBERS_END = 2**31  # what an INTEGER column can hold; nobody has a number beyond it
STANDING_COLUMNS = (
    "state",
    "due_on",
    "due_at",
    "submitted_by",
    "submitted_at",
    "finished_at",
    "closed_at",
    "extension_by",
    "extension_to",
    "extensions",
    "deferred_until",
    "objection_by",
    "remaining",
)
_STANDING = Item._fields.index("standing")
_HEAD, _TAIL = Item._fields[:_STANDING], Item._fields[_STANDING + 1 :]


@dataclass(frozen=True)
class ItemFilter:
    """What a list shows; every field narrows it. `after` is the last number of the page before."""

    unit: str | None = None
    state: State | None = None
    domain: str | None = None
    problem_class: str | None = None
    overdue: bool = False
    bulletin: str | None = None
    group: str | None = None
    basis: Basis | None = None
    after: int | None = None
    limit: int | None = None


def find(connection: Connection, wanted: ItemFilter, now: datetime, today: date) -> list[Item]:
    """Items in order of number."""
    query = _selection().where(*_conditions(wanted, now, today)).order_by(item.c.number)
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    return [_item(row) for row in connection.execute(query)]


def count(
    connection: Connection, bases: Sequence[Basis], states: Sequence[State], now: datetime, today: date
) -> list[int]:
    """How many items are in each set and then in each state: one pass."""
    conditions = [belongs(item, basis, now, today) for basis in bases]
    conditions += [item.c.state == state.value for state in states]
    counts = (func.count(case((condition, 1))) for condition in conditions)
    return list(connection.execute(select(*counts)).one())


def by_numbers(connection: Connection, numbers: Iterable[int], *, lock: bool = False) -> list[Item]:
    """The items of these numbers, in order of number; `lock` keeps others from changing them.

    Who locks items is going to change them and to write that into the history.
    """
    if lock:
        take_history_turn(connection)
    wanted = [number for number in set(numbers) if 0 < number < _NUMBERS_END]
    query = _selection().where(among(connection, item.c.number, wanted)).order_by(item.c.number)
    if lock:
        query = query.with_for_update(of=item)
    return [_item(row) for row in connection.execute(query)]


def numbers_for(connection: Connection, count: int) -> list[int]:
    """Numbers for items that will be added in this transaction, ascending."""
    return reserve(connection, item, count)


def add(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert items that bear their numbers."""
    insert_many(connection, item, rows)


def save_standing(connection: Connection, number: int, standing: Standing, **more: object) -> None:
    """Write where the item stands, and further columns that changed with it."""
    values: dict[str, object] = {name: getattr(standing, name) for name in STANDING_COLUMNS}
    values["state"] = standing.state.value
    connection.execute(update(item).where(item.c.number == number).values(values | more))


def set_quantities(connection: Connection, changes: Sequence[tuple[int, int | None, str | None]]) -> None:
    """Write (number, quantity, measure) of many items at once; what was left of the old quantity goes."""
    if changes:
        statement = update(item).where(item.c.number == bindparam("which"))
        statement = statement.values(quantity=bindparam("value"), measure=bindparam("word"), remaining=None)
        rows = [{"which": number, "value": value, "word": word} for number, value, word in changes]
        connection.execute(statement, rows)


def set_columns(connection: Connection, number: int, **values: object) -> None:
    """Write single columns that are no part of the workflow."""
    connection.execute(update(item).where(item.c.number == number).values(values))


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
        values = [{"which": number, "rung": rung} for number, rung in rungs]
        connection.execute(statement.values(next_reminder_at=at), values)


def deadlines_reminded_after(connection: Connection, moment: datetime) -> list[tuple[date, int | None]]:
    """The distinct (deadline, ladder id) of items at work whose next reminder lies after `moment`."""
    query = select(item.c.due_on, item.c.ladder_id).distinct().where(_at_work_after(moment))
    return [(row[0], row[1]) for row in connection.execute(query) if row[0] is not None]


def bring_forward(connection: Connection, due_on: date, ladder_id: int | None, at: datetime) -> None:
    """Remind at `at` of the items of one deadline and ladder whose next reminder lies later."""
    same = item.c.ladder_id.is_not_distinct_from(ladder_id)
    statement = update(item).where(item.c.due_on == due_on, same, _at_work_after(at))
    connection.execute(statement.values(next_reminder_at=at))


def _at_work_after(moment: datetime) -> ColumnElement[bool]:
    at_work = item.c.state.in_([State.OPEN.value, State.SIGNED.value])
    return and_(at_work, item.c.next_reminder_at > moment)


def nudged_at(connection: Connection, numbers: Iterable[int]) -> dict[int, datetime]:
    """Item number → when a person last urged its unit; items never urged are left out."""
    query = select(item.c.number, item.c.nudged_at).where(item.c.nudged_at.is_not(None))
    return dict(connection.execute(query.where(among(connection, item.c.number, set(numbers)))).all())


def move_reminders(connection: Connection, moves: Sequence[tuple[int, datetime | None]]) -> None:
    """Set the next reminder of many items at once."""
    if moves:
        statement = update(item).where(item.c.number == bindparam("which"))
        statement = statement.values(next_reminder_at=bindparam("to"))
        connection.execute(statement, [{"which": number, "to": at} for number, at in moves])


def due_checks(connection: Connection, now: datetime, classes: Sequence[str], limit: int) -> list[Item]:
    """Items of some classes whose page is to be looked at, longest waiting first."""
    query = _selection().where(item.c.next_check_at <= now, item.c.page_url.is_not(None))
    query = query.where(item.c["class"].in_(classes))
    query = query.order_by(item.c.next_check_at, item.c.number).limit(limit)
    return [_item(row) for row in connection.execute(query)]


def _selection() -> Select[Any]:
    """The columns of `Item` in its own order, those of its standing where `standing` is."""
    names = {
        "unit": unit.c.name,
        "group": group_of_unit(),
        "bulletin": bulletin.c.title,
        "file": bulletin.c.filename,
        "problem_class": item.c["class"],
    }
    wanted = (*_HEAD, *STANDING_COLUMNS, *_TAIL)
    query = select(*(names[name] if name in names else item.c[name] for name in wanted))
    return query.join(unit, unit.c.id == item.c.unit_id).join(bulletin, bulletin.c.id == item.c.bulletin_id)


def _conditions(wanted: ItemFilter, now: datetime, today: date) -> list[ColumnElement[bool]]:
    equal = (
        (item.c.state, wanted.state),
        (item.c.domain, wanted.domain),
        (item.c["class"], wanted.problem_class),
        (group_of_unit(), wanted.group),
    )
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.unit is not None:
        conditions.append(or_(unit.c.name == wanted.unit, item.c.unit_as_written == wanted.unit))
    if wanted.bulletin is not None:
        named = [bulletin.c.title == wanted.bulletin, bulletin.c.filename == wanted.bulletin]
        if wanted.bulletin.isdecimal() and int(wanted.bulletin) < _NUMBERS_END:
            named.append(bulletin.c.id == int(wanted.bulletin))
        conditions.append(or_(*named))
    if wanted.overdue:
        conditions.append(overdue(item, now, today))
    if wanted.basis is not None:
        conditions.append(belongs(item, wanted.basis, now, today))
    if wanted.after is not None:
        conditions.append(item.c.number > wanted.after)
    return conditions


def _item(row: Row[Any]) -> Item:
    """By position, not by name: the import of a large list meets a hundred thousand of them."""
    state, *rest = row[len(_HEAD) : -len(_TAIL)]
    values: tuple[Any, ...] = (
        *row[: len(_HEAD)],
        Standing(State(state), *rest),
        *row[-len(_TAIL) :],
    )
    return Item(*values)
