"""What a leader looks at: the rates by group, how they went over a quarter, and the board of units.

Published weekly figures stay as they were said; weeks without a digest are counted from the history.
Must never count everything for a page: see `tracker.services.boards`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.domain.board import Lamp, Tally, board
from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.periods import Week
from tracker.domain.rates import WHOLE, Rate, RateRow, total
from tracker.domain.units import Level
from tracker.services.boards import Boards
from tracker.services.digest_scopes import WHOLE_CITY
from tracker.services.digest_snapshot import published_view
from tracker.services.office import Office
from tracker.store import Connection, units
from tracker.store.rates import ALL, Scope

_WEEKS = 13


@dataclass(frozen=True)
class TrendPoint:
    """The rates by group, and of the whole, as they stood on the morning of `on`; the last one is today's."""

    on: date
    rates: Mapping[str, Rate]


@dataclass(frozen=True)
class LeaderView:
    """The page in figures. `last_monday`: the point of last week's Monday, if anything was counted then.

    groups: those that have items, 市直 first. lamps: the worst unit first.
    """

    as_of: datetime
    near_days: int
    total: RateRow
    groups: tuple[RateRow, ...]
    trend: tuple[TrendPoint, ...]
    last_monday: TrendPoint | None
    lamps: tuple[Lamp, ...]


def leader_view(office: Office, boards: Boards, scope: Scope, *, now: datetime) -> LeaderView:
    """`scope.group` must be unset: the page shows both groups."""
    with office.database.read() as connection:
        tallies = boards.tallies(connection, scope, now)
        known = {row.id: row for row in units.all_units(connection)}
        past = _past_points(connection, office, boards, scope, now)
    found = {known[unit_id].name: (known[unit_id].level, tally) for unit_id, tally in tallies.items()}
    groups = tuple(_group_rows(found.values()))
    whole = total(list(groups), WHOLE)
    today = office.rules.calendar.today(now)
    present = TrendPoint(today, {row.key: row.rectified for row in (*groups, whole)})
    last_monday = Week.of(today).previous().monday
    return LeaderView(
        as_of=now,
        near_days=office.rules.near_days,
        total=whole,
        groups=groups,
        trend=(*(point for point in past if point.on < today), present),
        last_monday=next((point for point in past if point.on == last_monday), None),
        lamps=board((name, tally) for name, (_, tally) in found.items()),
    )


def _group_rows(tallies: Iterable[tuple[str, Tally]]) -> Iterable[RateRow]:
    """A unit below a district counts with the districts, as everywhere."""
    sums: dict[str, list[int]] = {}
    for level, tally in tallies:  # ten thousand units: plain sums, not a row for each
        sum_ = sums.setdefault(Level(level).group, [0] * 6)
        sum_[0] += tally.rectified
        sum_[1] += tally.counted
        sum_[2] += tally.on_time
        sum_[3] += tally.judged
        sum_[4] += tally.overdue
        sum_[5] += tally.open
    for group in (DEPARTMENTS, DISTRICTS):
        if group in sums:
            rectified, counted, on_time, judged, overdue, unfinished = sums[group]
            yield RateRow(group, Rate(rectified, counted), Rate(on_time, judged), overdue, unfinished)


def _past_points(
    connection: Connection, office: Office, boards: Boards, scope: Scope, now: datetime
) -> list[TrendPoint]:
    """One point for each Monday of the last quarter by which something was counted, the oldest first."""
    week = Week.of(office.rules.calendar.today(now))
    weeks = [Week(week.monday - timedelta(weeks=back)) for back in range(_WEEKS)][::-1]
    said = {each: _published(connection, office, each) if scope == ALL else None for each in weeks}
    missing = [each for each in weeks if said[each] is None]
    # The end of the Sunday before: nothing happens between that and Monday morning.
    moments = [each.previous().last_moment(office.rules.calendar) for each in missing]
    counted = dict(zip(missing, boards.rates_at(connection, scope, moments), strict=True))
    points = [TrendPoint(each.monday, said[each] or counted[each]) for each in weeks]
    return [point for point in points if point.rates[WHOLE].denominator]


def _published(connection: Connection, office: Office, week: Week) -> Mapping[str, Rate] | None:
    """What the week's digest said, which is about everything."""
    view = published_view(connection, office, week, WHOLE_CITY)
    if view is None:
        return None
    return {group.name: group.rate for group in view.groups} | {WHOLE: view.total.rate}
