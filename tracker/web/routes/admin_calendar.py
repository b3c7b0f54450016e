"""The office's calendar: a year by months, and a deadline counted out day by day."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.domain.counting import Counting, count_out
from tracker.domain.deadlines import DeadlineRule
from tracker.domain.errors import RectifyError
from tracker.domain.periods import FIRST_YEAR, LAST_YEAR, plausible
from tracker.web import admin_words
from tracker.web.context import CurrentDesk
from tracker.web.errors import status_of
from tracker.web.handed_in import day

router = APIRouter(prefix="/admin/calendar")
_WEEKS = Calendar()


@dataclass(frozen=True)
class DayView:
    """One day of a month. is_special: a notice names it."""

    on: date
    kind: DayKind
    is_special: bool
    provisional: bool


@dataclass(frozen=True)
class MonthView:
    """One month by weeks, Monday first; None outside of it. working: how many of its days are worked."""

    month: int
    weeks: list[list[DayView | None]]
    working: int


@router.get("")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    year: Annotated[int | None, Query(ge=FIRST_YEAR + 1, lt=LAST_YEAR)] = None,
    start: Annotated[str, Query(max_length=10)] = "",
    kind: Annotated[str, Query(max_length=20)] = "working_days",
    amount: Annotated[int, Query(ge=1, le=26_400)] = 15,
) -> Response:
    calendar, status, message = desk.office.rules.calendar, 200, ""
    counting: Counting | None = None
    try:
        if begun := day(start):
            rule = DeadlineRule.parse({kind: amount}, "整改时限")
            counting = count_out(rule, plausible(begun), calendar)
    except RectifyError as error:
        status, message = status_of(error), error.message
    shown = year or desk.today().year
    months = [_month(calendar, shown, month) for month in range(1, 13)]
    return desk.render(
        request,
        "admin/calendar.html",
        status,
        year=shown,
        years=(shown - 1, shown + 1),
        months=months,
        working=sum(month.working for month in months),
        through=calendar.published_through,
        start=start or desk.today().isoformat(),
        kind=kind,
        amount=amount,
        counting=counting,
        words=admin_words,
        message=message,
    )


def _month(calendar: WorkCalendar, year: int, month: int) -> MonthView:
    weeks = [
        [_day(calendar, on) if on.month == month else None for on in week]
        for week in _WEEKS.monthdatescalendar(year, month)
    ]
    working = sum(each is not None and each.kind is not DayKind.OFF for week in weeks for each in week)
    return MonthView(month, weeks, working)


def _day(calendar: WorkCalendar, on: date) -> DayView:
    kind = calendar.kind(on)
    return DayView(on, kind, on in calendar.special, calendar.is_provisional(on))
