"""How a deadline in working days came about: which days between start and end were not counted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.domain.calendar import DayKind, WorkCalendar


@dataclass(frozen=True)
class DayCount:
    """The days after `start` up to and with `end`: those worked, and those off by the week or by a notice.

    made_up: days that the week has off and a notice makes working days; they are among those worked.
    """

    start: date
    end: date
    worked: int
    weekly: int
    holidays: tuple[date, ...]
    made_up: tuple[date, ...]


def count_days(start: date, end: date, calendar: WorkCalendar) -> DayCount:
    """Day by day as `calendar` has it; `start` is not counted."""
    days = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    off = [day for day in days if not calendar.is_working_day(day)]
    noticed = tuple(day for day in off if day in calendar.special)
    made_up = tuple(
        day for day in days if calendar.week[day.weekday()] is DayKind.OFF and calendar.is_working_day(day)
    )
    return DayCount(start, end, len(days) - len(off), len(off) - len(noticed), noticed, made_up)
