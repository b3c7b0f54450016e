"""Chinese working days: weekends, statutory holidays, make-up days, and how far they are published.

Must never guess in silence: a day past `published_through` is counted by weekend and statutory days
and everything built on it is marked provisional. 行政许可法 82: 期限以工作日计算，不含法定节假日.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

_SATURDAY = 5


class DayKind(Enum):
    """What a notice says about one day; days it does not name follow the week."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True)
class WorkCalendar:
    """The office's calendar. `special` holds only days that differ from the plain week."""

    special: Mapping[date, DayKind]
    published_through: date
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def is_working_day(self, day: date) -> bool:
        kind = self.special.get(day)
        if kind is not None:
            return kind is DayKind.WORK
        return day.weekday() < _SATURDAY

    def is_provisional(self, day: date) -> bool:
        """True when no published notice covers `day`."""
        return day > self.published_through

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start` (before it, if negative); `start` is not counted."""
        step = timedelta(days=1 if count >= 0 else -1)
        day, left = start, abs(count)
        while left:
            day += step
            if self.is_working_day(day):
                left -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, span + 1))

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def local(self, moment: datetime) -> datetime:
        """`moment` on the office's clock."""
        return moment.astimezone(self.zone)

    def today(self, now: datetime) -> date:
        return self.local(now).date()

    def at(self, day: date, clock: time) -> datetime:
        """The moment the office's clock shows `clock` on `day`."""
        return datetime.combine(day, clock, tzinfo=self.zone)
