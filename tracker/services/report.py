"""Rates at any moment, with the list behind each number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.domain.rates import RateRow, total
from tracker.services.office import Office
from tracker.store import Connection, history, rates
from tracker.store.rates import By

_AGE = timedelta(minutes=5)


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

    What becomes overdue without anybody's doing shows after `_AGE` at the latest; `as_of` says when it was.
    """

    def __init__(self) -> None:
        self._counted: dict[By, tuple[int, RateTable]] = {}

    def table(self, office: Office, by: By, *, now: datetime) -> RateTable:
        with office.database.read() as connection:
            last = history.last_id(connection)
            known = self._counted.get(by)
            if known and known[0] == last and timedelta() <= now - known[1].as_of < _AGE:
                return known[1]
            found = count_rates(connection, office, by, now, past=False)
        self._counted[by] = last, found
        return found


def count_rates(connection: Connection, office: Office, by: By, moment: datetime, *, past: bool) -> RateTable:
    """The same inside a transaction of the caller's."""
    today = office.rules.calendar.today(moment)
    rows = rates.rates(connection, by, moment, today, past=past)
    if by is By.CLASS:
        rows = [replace(row, key=office.rules.class_name(row.key)) for row in rows]
    return RateTable(moment, total(rows), tuple(rows))
