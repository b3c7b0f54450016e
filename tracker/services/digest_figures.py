"""Counting a digest: the figures of one period and scope, with what changed since the digest before.

What the digest before said stays said: change is told against its printed rates, and the lists go on where
it ended. Must never write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain import digests as paces
from tracker.domain.checks import Advice
from tracker.domain.digests import Period
from tracker.domain.rates import Rate, RateRow
from tracker.rendering.digest import LISTED, DigestView, GroupView, ItemLine, Unsigned, against_words
from tracker.rendering.messages import LateUnit
from tracker.services.digest_scopes import DigestScope
from tracker.services.digest_snapshot import HISTORY_ID, thaw
from tracker.services.office import Office
from tracker.services.report import RateTable, count_rates
from tracker.store import Connection, checks, digest_sets, digests, rates
from tracker.store.conditions import Basis
from tracker.store.digest_sets import Baseline, Entered, Moment
from tracker.store.rates import By

_LATEST_UNITS = 5


@dataclass(frozen=True)
class _Before:
    """What this period is compared with: the rates by name as they were printed, or as counted.

    `named` is its day where it is not the period before, else None.
    """

    since: Baseline
    rates: Mapping[str, Rate]
    named: date | None = None


def count_digest(
    connection: Connection,
    office: Office,
    period: Period,
    scope: DigestScope,
    now: datetime,
    *,
    late_from: datetime | None = None,
) -> DigestView:
    """The digest as it stands at `now`, or as it stood at the end of a period that is over.

    late_from: when it should have gone out, if that was on an earlier day.
    """
    calendar = office.rules.calendar
    as_of = paces.counted_at(period, now, calendar)
    moment = Moment(as_of, calendar.today(as_of), scope.counted, past=as_of < now)
    table = count_rates(connection, office, scope.by, as_of, past=moment.past, scope=scope.counted)
    before = _before(connection, office, period, scope, as_of)
    struck_off = digest_sets.entered(connection, Basis.RECTIFIED, moment, before.since, limit=LISTED)
    overdue = digest_sets.entered(connection, Basis.OVERDUE, moment, before.since, limit=LISTED)
    against = against_words(paces.pace_of(period), before.named, as_of=moment.today)
    return DigestView(
        period=period.name,
        as_of=calendar.local(as_of),
        total=_group(table.total, before.rates, against),
        groups=tuple(_group(row, before.rates, against) for row in table.rows),
        unfinished=_unfinished(connection, office, scope, moment, table),
        newly_struck_off=struck_off[0],
        newly_overdue=overdue[0],
        latest=_latest(connection, office, moment),
        serial=scope.serial(period.name),
        link=office.public_url,
        struck_off=_lines(office, struck_off[1]),
        overdue=_lines(office, overdue[1]),
        unreported=None if moment.past else _unreported(connection, office, moment),
        unsigned=_unsigned(connection, moment),
        scope=scope.name,
        cut=scope.cut,
        late_from=late_from and calendar.local(late_from),
        since=before.named,
    )


def _before(
    connection: Connection, office: Office, period: Period, scope: DigestScope, as_of: datetime
) -> _Before:
    """The digest that was published before this one, however long ago: what a holiday or a breakdown left
    untold is told now. Where there is none, a period ago.
    """
    calendar = office.rules.calendar
    said = digests.latest_before(connection, period.name, scope.key, as_of)
    if said is not None:
        name, moment, snapshot = said
        view, day = thaw(snapshot, paces.parse(name), scope, moment, None), calendar.today(moment)
        known = {group.name: group.rate for group in (*view.groups, view.total)}
        named = None if name == period.previous().name else day
        return _Before(Baseline(moment, day, snapshot.get(HISTORY_ID)), known, named)
    moment = paces.counted_since(period, as_of, calendar)
    table = count_rates(connection, office, scope.by, moment, past=True, scope=scope.counted)
    known = {row.key: row.rectified for row in (*table.rows, table.total)}
    return _Before(Baseline(moment, calendar.today(moment)), known)


def _group(row: RateRow, previous: Mapping[str, Rate], against: str) -> GroupView:
    before = previous.get(row.key)
    known = before if before is not None and before.denominator else None
    return GroupView(row.key, row.rectified, known, row.on_time, row.overdue, row.open, against)


def _unfinished(
    connection: Connection, office: Office, scope: DigestScope, moment: Moment, table: RateTable
) -> tuple[tuple[str, int], ...]:
    """(unit, open items), most first; units with equal counts as the registry has them."""
    if scope.by is By.DOMAIN:  # one unit, which is the whole
        return ((scope.name, table.total.open),) if table.total.open else ()
    if scope.by is By.GROUP:
        table = count_rates(connection, office, By.UNIT, moment.now, past=moment.past, scope=moment.scope)
    rows = table.rows
    return tuple(sorted(((row.key, row.open) for row in rows if row.open), key=lambda pair: -pair[1]))


def _latest(connection: Connection, office: Office, moment: Moment) -> tuple[LateUnit, ...]:
    found = rates.latest_units(
        connection, moment.now, moment.today, past=moment.past, limit=_LATEST_UNITS, scope=moment.scope
    )
    between = office.rules.calendar.working_days_between
    return tuple(LateUnit(unit, count, between(oldest, moment.today)) for unit, count, oldest in found)


def _lines(office: Office, found: Sequence[Entered]) -> tuple[ItemLine, ...]:
    name = office.rules.class_name
    return tuple(
        ItemLine(each.number, each.unit, each.domain or "", name(each.problem_class), each.due_on)
        for each in found
    )


def _unreported(connection: Connection, office: Office, moment: Moment) -> tuple[tuple[str, int], ...]:
    rules = office.rules.checks
    found = checks.count_by_unit(connection, Advice.FIXED_UNREPORTED, rules, moment.now, scope=moment.scope)
    return tuple(found)


def _unsigned(connection: Connection, moment: Moment) -> Unsigned:
    found = digest_sets.never_signed(connection, moment)
    oldest = min((first for _, _, first in found), default=None)
    return Unsigned(tuple((unit, count) for unit, count, _ in found), oldest)
