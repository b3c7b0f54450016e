"""Rates at any moment, with the list behind each number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.rates import RateRow, total
from tracker.services.office import Office
from tracker.store import Connection, rates
from tracker.store.rates import By, Scope


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


def count_rates(
    connection: Connection,
    office: Office,
    by: By,
    moment: datetime,
    *,
    past: bool,
    scope: Scope | None = None,
) -> RateTable:
    """The same inside a transaction of the caller's; with a scope, of its items only."""
    today = office.rules.calendar.today(moment)
    rows = rates.rates(connection, by, moment, today, past=past, scope=scope)
    if by is By.CLASS:
        rows = [replace(row, key=office.rules.class_name(row.key)) for row in rows]
    return RateTable(moment, total(rows), tuple(rows))
