"""Rates at any moment, with the list behind each number; the ranking of units by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from time import perf_counter

from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.ranking import Ranked, rank
from tracker.domain.rates import RateRow, total
from tracker.services.moments import is_past
from tracker.services.office import Office
from tracker.store import Connection, history, rate_details, rates
from tracker.store.rates import ALL, By, Scope

_AGE = timedelta(minutes=5)
_SLOW, _RESTS = timedelta(seconds=1), 20  # a slow count may take a twentieth of the time, not all of it


@dataclass(frozen=True)
class RateTable:
    """Rates cut one way. The rows partition the items, so `total` is their sum.

    median_days: by key, days from issue to the accepted submission, of what was struck off; `overall_days` of
    all. Both are empty unless the details were asked for, as are `returned` and `recurred` of the rows.
    """

    as_of: datetime
    total: RateRow
    rows: tuple[RateRow, ...]
    median_days: Mapping[str, Decimal] = field(default_factory=dict)
    overall_days: Decimal | None = None


@dataclass(frozen=True)
class Ranking:
    """The units of one group, ranked among themselves: a district is not measured against a bureau."""

    group: str
    units: tuple[Ranked, ...]


def rate_table(
    office: Office, by: By, *, now: datetime, as_of: datetime | None = None, scope: Scope = ALL
) -> RateTable:
    """Rates now, or as they stood at `as_of`, counted from the history."""
    with office.database.read() as connection:
        return count_rates(connection, office, by, as_of or now, past=is_past(now, as_of), scope=scope)


def detailed_table(
    office: Office, by: By, *, now: datetime, as_of: datetime | None = None, scope: Scope = ALL
) -> RateTable:
    """The same with what was returned, what recurred and the median days to fix."""
    with office.database.read() as connection:
        return count_details(connection, office, by, as_of or now, past=is_past(now, as_of), scope=scope)


def ranking(office: Office, *, now: datetime, as_of: datetime | None = None) -> tuple[Ranking, ...]:
    """Units by rectification rate, group by group; a group without units is left out."""
    with office.database.read() as connection:
        return rank_units(connection, office, as_of or now, past=is_past(now, as_of))


def rank_units(
    connection: Connection, office: Office, moment: datetime, *, past: bool
) -> tuple[Ranking, ...]:
    """The same inside a transaction of the caller's."""
    exempt = {entry.name for entry in office.rules.units if not entry.is_ranked}
    tables = [
        (group, count_rates(connection, office, By.UNIT, moment, past=past, scope=Scope(group=group)))
        for group in (DEPARTMENTS, DISTRICTS)
    ]
    least = office.rules.rank_least
    return tuple(
        Ranking(group, rank(table.rows, exempt=exempt, least=least)) for group, table in tables if table.rows
    )


def count_rates(
    connection: Connection, office: Office, by: By, moment: datetime, *, past: bool, scope: Scope = ALL
) -> RateTable:
    """The same inside a transaction of the caller's."""
    today = office.rules.calendar.today(moment)
    rows = rates.rates(connection, by, moment, today, past=past, scope=scope)
    if by is By.CLASS:
        rows = [replace(row, key=office.rules.class_name(row.key)) for row in rows]
    return RateTable(moment, total(rows), tuple(rows))


def count_details(
    connection: Connection, office: Office, by: By, moment: datetime, *, past: bool, scope: Scope = ALL
) -> RateTable:
    """`count_rates` with the details."""
    calendar = office.rules.calendar
    table = count_rates(connection, office, by, moment, past=past, scope=scope)
    offset = calendar.local(moment).utcoffset()
    assert offset is not None
    found = rate_details.details(
        connection, by, moment, calendar.today(moment), past=past, scope=scope, utc_offset=offset
    )
    name = office.rules.class_name if by is By.CLASS else str
    returned = {name(key): count for key, count in found.returned.items()}
    recurred = {name(key): count for key, count in found.recurred.items()}
    rows = tuple(
        replace(row, returned=returned.get(row.key, 0), recurred=recurred.get(row.key, 0))
        for row in table.rows
    )
    medians = {name(key): days for key, days in found.median_days.items()}
    return RateTable(moment, total(list(rows)), rows, medians, found.overall_days)


class FreshRates:
    """Rates as they are now, for pages that are opened often: counted again when the history has gone on.

    What becomes overdue without anybody's doing shows after `_AGE` at the latest. Where counting takes long,
    a new count waits until the last is some time old. `as_of` says of which moment it is.
    """

    def __init__(self, count: Callable[..., RateTable]) -> None:
        """`count` is `count_rates` or `count_details`."""
        self._count = count
        self._counted: dict[By, tuple[int, RateTable, timedelta]] = {}

    def table(self, office: Office, by: By, *, now: datetime) -> RateTable:
        with office.database.read() as connection:
            last = history.last_id(connection)
            known = self._counted.get(by)
            if known and self._holds(known, last, now):
                return known[1]
            started = perf_counter()
            found = self._count(connection, office, by, now, past=False)
        took = timedelta(seconds=perf_counter() - started)
        self._counted[by] = last, found, _RESTS * took if took > _SLOW else timedelta()
        return found

    def _holds(self, known: tuple[int, RateTable, timedelta], last: int, now: datetime) -> bool:
        age = now - known[1].as_of
        return timedelta() <= age < (_AGE if known[0] == last else known[2])
