"""What a digest lists: the items that came into a set since the one before, and what nobody has signed for.

True sets from the history, never a difference of totals: what came in while as much went out is told.
Cost follows what is in the set now, or what happened since; one look into the history for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, not_, select
from sqlalchemy.sql.functions import coalesce

from tracker.domain.lifecycle import Event, State
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.store.conditions import Basis, belongs
from tracker.store.rates import By, Scope, joined, standing_at
from tracker.store.schema import history, item, unit

_ANSWERS = [Event.SIGN.value, Event.SUBMIT.value]


@dataclass(frozen=True)
class Baseline:
    """What the set is compared with: how things stood at `moment`, which was on the day `today`.

    history_id: the last row of the history that was counted then. It tells more than the moment: what was
    decided before may have been written after. None: only the moment is known.
    """

    moment: datetime
    today: date
    history_id: int | None = None

    def before(self, rows: Any) -> ColumnElement[bool]:
        """Whether a row of the history was counted then."""
        if self.history_id is not None:
            return and_(rows.c.id <= self.history_id)
        return and_(rows.c.at <= self.moment)


@dataclass(frozen=True)
class Moment:
    """Which items there are: those of `scope`, as they stand at `now`; `past`: as they stood."""

    now: datetime
    today: date
    scope: Scope
    past: bool

    @property
    def standing(self) -> Any:
        return standing_at(self.now, self.scope) if self.past else item


class Entered(NamedTuple):
    """One item of a list."""

    number: int
    unit: str
    domain: str | None
    problem_class: str
    due_on: date | None


def entered(
    connection: Connection, basis: Basis, moment: Moment, since: Baseline, *, limit: int
) -> tuple[int, list[Entered]]:
    """How many items are in the set and were not at the baseline, and the first of them by deadline."""
    standing = moment.standing
    columns = (item.c.number, unit.c.name, item.c.domain, item.c["class"], standing.c.due_on)
    source = joined(standing, By.UNIT, past=moment.past)
    query = select(*columns).select_from(source).where(*_came_in(standing, basis, moment, since))
    ordered = query.order_by(coalesce(standing.c.due_on, date.max), item.c.number).limit(limit)
    found = [Entered(*row) for row in connection.execute(ordered)]
    if len(found) < limit:
        return len(found), found
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one(), found


def never_signed(connection: Connection, moment: Moment) -> list[tuple[str, int, date]]:
    """(unit, its open items that nobody ever signed for or handed in, earliest day of issue), most first."""
    standing = moment.standing
    count, oldest = func.count().label("count"), func.min(item.c.issued_on).label("oldest")
    query = select(unit.c.name, count, oldest).select_from(joined(standing, By.UNIT, past=moment.past))
    query = query.where(standing.c.state == State.OPEN.value, *moment.scope.conditions())
    query = query.where(~_answered(moment.now))
    query = query.group_by(unit.c.id, unit.c.name).order_by(count.desc(), unit.c.id)
    return [(name, found, first) for name, found, first in connection.execute(query)]


def _came_in(standing: Any, basis: Basis, moment: Moment, since: Baseline) -> list[ColumnElement[bool]]:
    then, row = history.alias("then"), history.alias("row")
    last = select(func.max(row.c.id)).where(row.c.item_number == item.c.number, since.before(row))
    was_in = coalesce(belongs(then, basis, since.moment, since.today), false())
    was = exists().where(then.c.id == last.correlate(item).scalar_subquery(), was_in)
    conditions = [belongs(standing, basis, moment.now, moment.today), ~was, *moment.scope.conditions()]
    if basis is Basis.RECTIFIED:  # nothing is struck off by the clock alone
        conditions.append(item.c.number.in_(select(history.c.item_number).where(not_(since.before(history)))))
    return conditions


def _answered(now: datetime) -> ColumnElement[bool]:
    """Whether the unit ever signed for the item or handed it in, and did not take that back."""
    step, after = history.alias("step"), history.alias("after")
    following = (
        select(after.c.event)
        .where(after.c.item_number == step.c.item_number, after.c.id > step.c.id, after.c.at <= now)
        .order_by(after.c.id)
        .limit(1)
        .correlate(step)
        .scalar_subquery()
    )
    stands = and_(step.c.at <= now, coalesce(following, "") != UNDO_STEP_EVENT)
    return exists().where(step.c.item_number == item.c.number, step.c.event.in_(_ANSWERS), stands)
