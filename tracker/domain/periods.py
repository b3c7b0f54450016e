"""The digest's period: an ISO week, named 2021-W30, and the moment its digest is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import RectifyError

_NAME = re.compile(r"(\d{4})-W(\d{2})")


FIRST_YEAR, LAST_YEAR = 2000, 2100


def plausible(day: date) -> date:
    """`day` itself; raises RectifyError for a year that can only be a slip, and no calendar reaches."""
    if FIRST_YEAR <= day.year < LAST_YEAR:
        return day
    raise RectifyError(f"日期 {day} 不在 {FIRST_YEAR} 年至 {LAST_YEAR - 1} 年之间，请检查")


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week by its Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Week:
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, name: str) -> Week:
        """Read `2021-W30`; raises RectifyError for anything else and for a week the year does not have."""
        found = _NAME.fullmatch(name)
        try:
            if found:
                return cls(plausible(date.fromisocalendar(int(found[1]), int(found[2]), 1)))
        except ValueError:
            pass
        raise RectifyError(f"“{name}”不是有效的周次，请写成 2021-W30 的形式")

    @property
    def name(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    def previous(self) -> Week:
        return Week(self.monday - timedelta(days=7))

    def last_moment(self, calendar: WorkCalendar) -> datetime:
        """Sunday's last second."""
        return calendar.at(self.monday + timedelta(days=6), time(23, 59, 59))

    def digest_at(self, send_at: time, calendar: WorkCalendar) -> datetime:
        """Monday, or the first working day after it; in a week without one that lies in the next week."""
        return calendar.at(calendar.on_or_after(self.monday), send_at)


def next_digest_at(after: datetime, clock: time, calendar: WorkCalendar) -> datetime:
    """The first moment later than `after` at which a week's digest is due."""
    week = Week.of(calendar.today(after))
    while (slot := week.digest_at(clock, calendar)) <= after:
        week = Week.of(week.monday + timedelta(days=7))
    return slot
