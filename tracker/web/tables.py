"""Tables as pages show them: a rate table with the list behind each number, a long list in sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tracker.domain.lifecycle import State
from tracker.domain.rates import EMPTY, RateRow, trim
from tracker.services.office import Office
from tracker.services.report import RateTable
from tracker.store.conditions import Basis
from tracker.store.rates import By
from tracker.web.filters import Filters

_FIELDS = {
    By.GROUP: "group",
    By.UNIT: "unit",
    By.DOMAIN: "domain",
    By.CLASS: "problem_class",
    By.BULLETIN: "bulletin",
    By.PERIOD: "issued",
    By.MONTH: "issued",
}

# The numbers of a row, and what the list behind each is narrowed by.
_NUMBERS = {
    "struck_off": {"state": State.STRUCK_OFF.value},
    "counted": {"basis": Basis.COUNTED.value},
    "on_time": {"basis": Basis.ON_TIME.value},
    "judged": {"basis": Basis.JUDGED.value},
    "overdue": {"overdue": "true"},
    "unfinished": {"basis": Basis.UNFINISHED.value},
    "returned": {"basis": Basis.RETURNED.value},
    "recurred": {"basis": Basis.RECURRED.value},
}


@dataclass(frozen=True)
class RowView:
    """One row. `links` maps the name of a number to the list behind it.

    days: the median of the days to fix, in words.
    """

    row: RateRow
    links: dict[str, str]
    days: str = EMPTY


@dataclass(frozen=True)
class TableView:
    """A rate table with its heading."""

    head: str
    table: RateTable
    rows: tuple[RowView, ...]
    total: RowView


def rate_view(office: Office, table: RateTable, by: By, *, past: bool = False) -> TableView:
    """The table with links; those of a `past` moment lead to the items as they stood then."""
    whole = as_they_stood(office, table.as_of) if past else Filters()
    rows = (
        row_view(row, narrowed(office, whole, by, row.key), table.median_days.get(row.key))
        for row in table.rows
    )
    return TableView(by.chinese, table, tuple(rows), row_view(table.total, whole, table.overall_days))


def as_they_stood(office: Office, moment: datetime) -> Filters:
    """All items, at a past moment."""
    return Filters(as_of=office.rules.calendar.local(moment).isoformat())


def narrowed(office: Office, whole: Filters, by: By, key: str) -> Filters:
    """Those of a list that a row counts, by what its table is cut by and by its key."""
    if by is By.CLASS:
        key = next((each.code for each in office.rules.classes if each.name == key), key)
    return whole.model_copy(update={_FIELDS[by]: (key,) if by is By.DOMAIN else key})


def row_view(row: RateRow, filters: Filters, median_days: Decimal | None = None) -> RowView:
    """A row whose numbers lead to their lists, narrowed by `filters`."""
    days = EMPTY if median_days is None else trim(median_days)
    return RowView(row, {name: filters.link(**narrowing) for name, narrowing in _NUMBERS.items()}, days)


SHEET = 100


@dataclass(frozen=True)
class Sheet:
    """One sheet of a long list: `page` of `pages` (from 1), `total` rows in all, the first being `first`."""

    rows: Sequence[Any]
    page: int
    pages: int
    total: int

    @classmethod
    def cut(cls, rows: Sequence[object], page: int) -> Sheet:
        """The sheet asked for, or the last one when the list has become shorter meanwhile."""
        pages = max(1, -(-len(rows) // SHEET))
        page = min(page, pages)
        return cls(rows[(page - 1) * SHEET : page * SHEET], page, pages, len(rows))

    def with_rows(self, rows: Sequence[object]) -> Sheet:
        """The same sheet with its rows dressed for the page."""
        return replace(self, rows=rows)

    @property
    def first(self) -> int:
        return (self.page - 1) * SHEET + 1
