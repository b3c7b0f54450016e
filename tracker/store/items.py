"""Reading and writing items. Lists are one indexed query; nothing here walks over all items."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    false,
    literal,
    not_,
    null,
    or_,
    select,
    update,
)

from tracker.domain.items import Item
from tracker.domain.lifecycle import Standing, State
from tracker.domain.periods import IssuePeriod
from tracker.domain.rates import EMPTY
from tracker.store import bulletins
from tracker.store.conditions import Basis, among, belongs, group_of_unit, issued_within, overdue
from tracker.store.history import take_history_turn
from tracker.store.numbering import insert_many, reserve
from tracker.store.past import STOOD, last_row
from tracker.store.reach import within
from tracker.store.schema import bulletin, item, unit
from tracker.store.search import holds

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
_named = unit.alias("named")
_STANDING = Item._fields.index("standing")
_HEAD, _TAIL = Item._fields[:_STANDING], Item._fields[_STANDING + 1 :]


@dataclass(frozen=True)
class ItemFilter:
    """What a list shows; every field narrows it. `after` is the last number of the page before.

    states, domains: one of these, a domain of `—` being none; due_from, due_to: the first and last deadline;
    words: all of these; issued: when the item was.
    """

    unit: str | None = None
    state: State | None = None
    domain: str | None = None
    problem_class: str | None = None
    overdue: bool = False
    bulletin: str | None = None
    group: str | None = None
    basis: Basis | None = None
    unit_id: int | None = None
    bulletin_id: int | None = None
    states: tuple[State, ...] = ()
    domains: tuple[str, ...] = ()
    due_from: date | None = None
    due_to: date | None = None
    issued: IssuePeriod | None = None
    words: tuple[str, ...] = ()
    after: int | None = None
    limit: int | None = None


def find(
    connection: Connection, wanted: ItemFilter, now: datetime, today: date, *, past: bool = False
) -> list[Item]:
    """Items in order of number; with `past`, as they stood at `now`."""
    standing = STOOD if past else item
    query = _selection(now if past else None).order_by(item.c.number)
    query = query.where(*conditions(connection, wanted, now, today, standing))
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    return [_item(row) for row in connection.execute(query)]


def by_numbers(
    connection: Connection, numbers: Iterable[int], *, lock: bool = False, as_of: datetime | None = None
) -> list[Item]:
    """The items of these numbers within the reach, in order of number; as they stood at `as_of`, if given.

    `lock` keeps others from changing them. Who locks items is going to change them and to write that into the
    history.
    """
    if lock:
        take_history_turn(connection)
    wanted = [number for number in set(numbers) if 0 < number < _NUMBERS_END]
    found = (among(connection, item.c.number, wanted), *within(connection, item.c.unit_id))
    query = _selection(as_of).where(*found).order_by(item.c.number)
    if lock:
        query = query.with_for_update(of=item)
    return [_item(row) for row in connection.execute(query)]


def in_turn(connection: Connection, numbers: Sequence[int], *, as_of: datetime | None = None) -> list[Item]:
    """The items of these numbers, in the order given; unknown numbers are left out."""
    found = {each.number: each for each in by_numbers(connection, numbers, as_of=as_of)}
    return [found[number] for number in numbers if number in found]


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


def nudged_at(connection: Connection, numbers: Iterable[int]) -> dict[int, datetime]:
    """Item number → when a person last urged its unit; items never urged are left out."""
    query = select(item.c.number, item.c.nudged_at).where(item.c.nudged_at.is_not(None))
    return dict(connection.execute(query.where(among(connection, item.c.number, set(numbers)))).all())


def due_checks(connection: Connection, now: datetime, classes: Sequence[str], limit: int) -> list[Item]:
    """Items of some classes whose page is to be looked at, longest waiting first."""
    query = _selection().where(item.c.next_check_at <= now, item.c.page_url.is_not(None))
    query = query.where(item.c["class"].in_(classes))
    query = query.order_by(item.c.next_check_at, item.c.number).limit(limit)
    return [_item(row) for row in connection.execute(query)]


def _selection(as_of: datetime | None = None) -> Select[Any]:
    """The columns of `Item` in its own order, those of its standing where `standing` is.

    As it stood at `as_of`, if given: with nothing in the columns of which the history keeps no record.
    """
    names: dict[str, ColumnElement[Any]] = {
        "unit": unit.c.name,
        "group": group_of_unit(),
        "bulletin": bulletin.c.title,
        "file": bulletin.c.filename,
        "problem_class": item.c["class"],
    }
    if as_of is not None:
        names |= {name: STOOD.c.get(name, null()) for name in STANDING_COLUMNS} | {"extensions": literal(0)}
    wanted = (*_HEAD, *STANDING_COLUMNS, *_TAIL)
    query = select(*(names[name] if name in names else item.c[name] for name in wanted)).select_from(item)
    query = query.join(unit, unit.c.id == item.c.unit_id).join(bulletin, bulletin.c.id == item.c.bulletin_id)
    return query if as_of is None else query.join(STOOD, last_row(as_of))


def conditions(
    connection: Connection, wanted: ItemFilter, now: datetime, today: date, standing: FromClause = item
) -> list[ColumnElement[bool]]:
    """What a row of `item` must fulfil, in columns of its own: nothing need be joined for it.

    But for where it stands, if `standing` is how the items stood at a past moment.
    """
    equal = (
        (standing.c.state, wanted.state),
        (item.c["class"], wanted.problem_class),
        (item.c.unit_id, wanted.unit_id),
        (item.c.bulletin_id, wanted.bulletin_id),
    )
    found = [*within(connection, item.c.unit_id)]
    found += [column == value for column, value in equal if value is not None]
    if wanted.states:
        found.append(standing.c.state.in_(wanted.states))
    if domains := {*wanted.domains, *([wanted.domain] if wanted.domain else [])}:
        without = item.c.domain.is_(None) if EMPTY in domains else false()
        found.append(or_(item.c.domain.in_(sorted(domains - {EMPTY})), without))
    if wanted.unit is not None:
        # A name that a unit bears means this unit; any other may be how a document wrote it.
        bearing = select(_named.c.id).where(_named.c.name == wanted.unit)
        written = and_(item.c.unit_as_written == wanted.unit, not_(bearing.exists()))
        found.append(or_(item.c.unit_id.in_(bearing), written))
    if wanted.issued is not None:
        found += issued_within(wanted.issued)
    if wanted.group is not None:
        found.append(item.c.unit_id.in_(select(unit.c.id).where(group_of_unit() == wanted.group)))
    if wanted.bulletin is not None:
        found.append(item.c.bulletin_id.in_(bulletins.named(wanted.bulletin)))
    if wanted.overdue:
        found.append(overdue(standing, now, today))
    if wanted.overdue or wanted.basis is Basis.OVERDUE:
        # Follows from that, in whatever zone the deadline was set; as a day it is a stretch of the index.
        found.append(standing.c.due_on <= today + timedelta(days=1))
    if wanted.basis is not None:
        found.append(belongs(standing, wanted.basis, now, today))
    return found + _bounds(wanted, standing) + [holds(word) for word in wanted.words]


def _bounds(wanted: ItemFilter, standing: FromClause) -> list[ColumnElement[bool]]:
    ends = (
        (standing.c.due_on, operator.ge, wanted.due_from),
        (standing.c.due_on, operator.le, wanted.due_to),
        (item.c.number, operator.gt, wanted.after),
    )
    return [compare(column, bound) for column, compare, bound in ends if bound is not None]


def _item(row: Row[Any]) -> Item:
    """By position, not by name: the import of a large list meets a hundred thousand of them."""
    state, *rest = row[len(_HEAD) : -len(_TAIL)]
    values: tuple[Any, ...] = (
        *row[: len(_HEAD)],
        Standing(State(state), *rest),
        *row[-len(_TAIL) :],
    )
    return Item(*values)
