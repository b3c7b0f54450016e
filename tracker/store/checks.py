"""The queue of checks: which items staff should see, read off what stands beside each item.

Must never say otherwise than `tracker.domain.checks.advise`; a test holds the two together. Cost follows
what is in the queue, not what is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)

from tracker.domain.checks import Advice, CheckRules, Seen, Verdict
from tracker.domain.lifecycle import FINAL, State
from tracker.store.conditions import among
from tracker.store.rates import ALL, Scope
from tracker.store.schema import item, unit
from tracker.store.types import Moment

_UNREPORTED = [state.value for state in State if state not in {*FINAL, State.SUBMITTED}]


@dataclass(frozen=True)
class SeenItem:
    """What stands beside an item about its looks; the ids are theirs; `asked_at`: somebody wanted one."""

    number: int
    seen: Seen
    look_id: int | None
    last_look_id: int | None
    asked_at: datetime | None


# SQLite keeps no statistics: it is told which index leads to the few items of a group.
_INDEXES = dict.fromkeys(Advice, "INDEXED BY ix_item_look") | {Advice.CANNOT_LOOK: "INDEXED BY ix_item_blind"}
_COLUMNS = (
    item.c.state,
    item.c.look_verdict,
    item.c.look_at,
    item.c.blind_looks,
    item.c.looks_count_from,
    item.c.next_check_at,
    item.c.number,
    item.c.look_id,
    item.c.last_look_id,
    item.c.look_asked_at,
)


def advised(
    connection: Connection,
    advice: Advice,
    rules: CheckRules,
    now: datetime,
    *,
    after: int | None = None,
    limit: int,
) -> list[SeenItem]:
    """The items of one group, in order of number, after the number `after`."""
    query = select(*_COLUMNS).where(_is(advice, rules, now)).with_hint(item, _INDEXES[advice], "sqlite")
    if after is not None:
        query = query.where(item.c.number > after)
    return [_seen(row) for row in connection.execute(query.order_by(item.c.number).limit(limit))]


def count(connection: Connection, rules: CheckRules, now: datetime) -> dict[Advice, int]:
    """How many items each group has."""
    found = {}
    for advice in Advice:
        query = select(func.count()).select_from(item).where(_is(advice, rules, now))
        query = query.with_hint(item, _INDEXES[advice], "sqlite")
        found[advice] = connection.execute(query).scalar_one()
    return found


def count_by_unit(
    connection: Connection, advice: Advice, rules: CheckRules, now: datetime, *, scope: Scope = ALL
) -> list[tuple[str, int]]:
    """(unit, its items in the group), most first."""
    number = func.count()
    query = select(unit.c.name, number).join(item, item.c.unit_id == unit.c.id).where(_is(advice, rules, now))
    query = (
        query.where(*scope.conditions()).group_by(unit.c.id, unit.c.name).order_by(number.desc(), unit.c.id)
    )
    return [(name, found) for name, found in connection.execute(query)]


def of_items(connection: Connection, numbers: Iterable[int]) -> dict[int, SeenItem]:
    """What stands beside these items, by number."""
    query = select(*_COLUMNS).where(among(connection, item.c.number, set(numbers)))
    return {each.number: each for each in map(_seen, connection.execute(query))}


def ask_again(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    """These items are due for a look, and for pages read from now on."""
    chosen = among(connection, item.c.number, numbers)
    connection.execute(update(item).where(chosen).values(next_check_at=now, look_asked_at=now))


def _is(advice: Advice, rules: CheckRules, now: datetime) -> ColumnElement[bool]:
    """`advise(…) is advice`, in the form that the indexes answer."""
    fixed = and_(item.c.look_verdict == Verdict.FIXED.value, _speaks(rules, now))
    not_fixed = and_(item.c.look_verdict == Verdict.NOT_FIXED.value, _speaks(rules, now))
    reported, unreported = item.c.state == State.SUBMITTED.value, item.c.state.in_(_UNREPORTED)
    conditions = {
        Advice.FIXED_REPORTED: and_(fixed, reported),
        Advice.NOT_FIXED_REPORTED: and_(not_fixed, reported),
        Advice.FIXED_UNREPORTED: and_(fixed, unreported),
    }
    if advice is not Advice.CANNOT_LOOK:
        return conditions[advice]
    # As a case: where nothing was ever seen, a negation would be NULL.
    told = case((or_(*conditions.values()), 1), else_=0)
    unfinished = or_(reported, unreported)
    return and_(
        item.c.blind_looks > literal_column("0"),
        item.c.blind_looks >= rules.blind_looks,
        unfinished,
        told == 0,
    )


def _speaks(rules: CheckRules, now: datetime) -> ColumnElement[bool]:
    counts = or_(item.c.looks_count_from.is_(null()), item.c.look_at >= item.c.looks_count_from)
    oldest = literal(rules.oldest(now), Moment())
    return and_(counts, or_(item.c.next_check_at.is_(null()), item.c.look_at >= oldest))


def _seen(row: Any) -> SeenItem:
    state, verdict, at, blind, counts_from, next_check_at, number, look_id, last_look_id, asked_at = row
    told = Verdict(verdict) if verdict else None
    seen = Seen(State(state), told, at, blind, counts_from, is_repeated=next_check_at is not None)
    return SeenItem(number, seen, look_id, last_look_id, asked_at)
