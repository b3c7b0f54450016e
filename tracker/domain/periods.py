"""Periods: the digest's ISO week, named 2021-W30, and the month or quarter in which a bulletin was issued."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import RectifyError

_NAME = re.compile(r"(\d{4})-W(\d{2})")
_ISSUE = re.compile(r"(\d{4})(?:Q([1-4])|-(0[1-9]|1[0-2]))")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")

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


class IssuePeriod(NamedTuple):
    """The months in which bulletins were issued: a quarter, `2021Q3`, or a month, `2021-07`.

    `first` counts months since the year 0; `months` is 3 or 1.
    """

    first: int
    months: int

    @classmethod
    def numbered(cls, index: int, months: int) -> IssuePeriod:
        """The `index`-th period of so many months since the year 0."""
        return cls(index * months, months)

    @classmethod
    def of(cls, day: date, months: int = 3) -> IssuePeriod:
        """The quarter of `day`, or its month."""
        return cls.numbered((day.year * 12 + day.month - 1) // months, months)

    @classmethod
    def parse(cls, name: str) -> IssuePeriod:
        """Read `2021Q3` or `2021-07`; raises RectifyError for anything else."""
        found = _ISSUE.fullmatch(name)
        if found is None or not FIRST_YEAR <= int(found[1]) < LAST_YEAR:
            raise RectifyError(f"“{name}”不是有效的印发期，请写成 2021Q3（季度）或 2021-07（月）的形式")
        start = int(found[1]) * 12
        return cls(start + int(found[2]) * 3 - 3, 3) if found[2] else cls(start + int(found[3]) - 1, 1)

    @classmethod
    def month(cls, name: str) -> IssuePeriod:
        """Read `2021-07`; raises RectifyError for anything else."""
        found = _ISSUE.fullmatch(name)
        if found is None or found[2]:
            raise RectifyError(f"“{name}”不是有效的月份，请写成 2021-07 的形式")
        return cls.parse(name)

    @classmethod
    def quarter(cls, name: str) -> IssuePeriod:
        """Read `2021Q3`; raises RectifyError for anything else and for a year that can only be a slip."""
        found = _QUARTER.fullmatch(name)
        if found is None:
            raise RectifyError(f"“{name}”不是有效的季度，请写成 2021Q3 的形式")
        year = plausible(date(int(found[1]) or 1, 1, 1)).year
        return cls(year * 12 + int(found[2]) * 3 - 3, 3)

    @property
    def name(self) -> str:
        year, month = divmod(self.first, 12)
        return f"{year}Q{month // 3 + 1}" if self.months == 3 else f"{year}-{month + 1:02d}"

    @property
    def chinese(self) -> str:
        """`2021年第三季度`, `2021年7月`."""
        year, month = divmod(self.first, 12)
        return f"{year}年第{'一二三四'[month // 3]}季度" if self.months == 3 else f"{year}年{month + 1}月"

    @property
    def starts_on(self) -> date:
        return _first_day(self.first)

    @property
    def ends_before(self) -> date:
        """The first day that no longer belongs to it."""
        return _first_day(self.first + self.months)

    @property
    def last_day(self) -> date:
        return self.ends_before - timedelta(days=1)

    def next(self) -> IssuePeriod:
        return self._replace(first=self.first + self.months)

    def previous(self) -> IssuePeriod:
        return self._replace(first=self.first - self.months)

    def first_moment(self, calendar: WorkCalendar) -> datetime:
        return calendar.at(self.starts_on, time())

    def last_moment(self, calendar: WorkCalendar) -> datetime:
        """The last day's last second."""
        return calendar.at(self.last_day, time(23, 59, 59))


def most_wanted(today: date) -> list[IssuePeriod]:
    """For which a bulletin may be asked: the quarter that ended last, the running one, and two before."""
    running = IssuePeriod.of(today)
    ended = running.previous()
    return [ended, running, ended.previous(), ended.previous().previous()]


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
