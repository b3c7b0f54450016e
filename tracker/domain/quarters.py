"""The period of a bulletin: a quarter, named 2021Q3, and how a bulletin speaks of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import RectifyError
from tracker.domain.periods import plausible

_NAME = re.compile(r"(\d{4})Q([1-4])")
_MONTHS = 3


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a year; `number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month - 1) // _MONTHS + 1)

    @classmethod
    def parse(cls, name: str) -> Quarter:
        """Read `2021Q3`; raises RectifyError for anything else and for a year that can only be a slip."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise RectifyError(f"“{name}”不是有效的季度，请写成 2021Q3 的形式")
        return cls(plausible(date(int(found[1]) or 1, 1, 1)).year, int(found[2]))

    @property
    def name(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def chinese(self) -> str:
        """`2021年第三季度`."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def first_day(self) -> date:
        return date(self.year, _MONTHS * (self.number - 1) + 1, 1)

    @property
    def last_day(self) -> date:
        return self.next().first_day - timedelta(days=1)

    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def previous(self) -> Quarter:
        return Quarter.of(self.first_day - timedelta(days=1))

    def first_moment(self, calendar: WorkCalendar) -> datetime:
        return calendar.at(self.first_day, time())

    def last_moment(self, calendar: WorkCalendar) -> datetime:
        """The last day's last second."""
        return calendar.at(self.last_day, time(23, 59, 59))


def most_wanted(today: date) -> list[Quarter]:
    """For which a bulletin may be asked: the quarter that ended last, the running one, and two before."""
    running = Quarter.of(today)
    ended = running.previous()
    return [ended, running, ended.previous(), ended.previous().previous()]
