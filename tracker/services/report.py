"""Rates at any moment, with the list behind each number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter

from tracker.domain.rates import RateRow, total
from tracker.services.office import Office
from tracker.store import Connection, history, rates
from tracker.store.rates import By

_AGE = timedelta(minutes=5)
_SLOW, _RESTS = timedelta(seconds=1), 20  # a slow count may take a twentieth of the time, not all of it


@dataclass(frozen=True)
class RateTable:
    """Rates cut one way. The rows partition the items, so `total` is their sum."""

    as_of: datetime
    total: RateRow
    rows: tuple[RateRow, ...]


def rate_table(office: Office, by: By, *, now: datetime, as_of: datetime | None = None) -> RateTable:
    """Rates now, or as they stood at `as_of`, counted from the history."""
    with office.database.read() as connection:
        return count_rates(connection, office, by, as_of or now, past=as_of is not None and as_of < now)


class FreshRates:
    """Rates as they are now, for pages that are opened often: counted again when the history has gone on.

    What becomes overdue without anybody's doing shows after `_AGE` at the latest. Where counting takes long,
    a new count waits until the last is some time old. `as_of` says of which moment it is.
    """

    def __init__(self) -> None:
        self._counted: dict[By, tuple[int, RateTable, timedelta]] = {}

    def table(self, office: Office, by: By, *, now: datetime) -> RateTable:
        with office.database.read() as connection:
            last = history.last_id(connection)
            known = self._counted.get(by)
            if known and self._holds(known, last, now):
                return known[1]
            started = perf_counter()
            found = count_rates(connection, office, by, now, past=False)
        took = timedelta(seconds=perf_counter() - started)
        self._counted[by] = last, found, _RESTS * took if took > _SLOW else timedelta()
        return found

    def _holds(self, known: tuple[int, RateTable, timedelta], last: int, now: datetime) -> bool:
        age = now - known[1].as_of
        return timedelta() <= age < (_AGE if known[0] == last else known[2])


def count_rates(connection: Connection, office: Office, by: By, moment: datetime, *, past: bool) -> RateTable:
    """The same inside a transaction of the caller's."""
    today = office.rules.calendar.today(moment)
    rows = rates.rates(connection, by, moment, today, past=past)
    if by is By.CLASS:
        rows = [replace(row, key=office.rules.class_name(row.key)) for row in rows]
    return RateTable(moment, total(rows), tuple(rows))
