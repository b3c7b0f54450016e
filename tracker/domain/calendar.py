"""Chinese working days: weekends, statutory holidays, make-up days, and how far they are published.

Must never guess in silence: a day past `published_through` is counted by weekend and statutory days
and everything built on it is marked provisional. 行政许可法 82: 期限以工作日计算，不含法定节假日.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo


class DayKind(Enum):
    """What a notice says about one day; days it does not name follow the week."""

    OFF = "off"
    HALF = "half"
    WORK = "work"


FIVE_DAYS = (DayKind.WORK,) * 5 + (DayKind.OFF,) * 2
NOON = time(12)


@dataclass(frozen=True)
class WorkCalendar:
    """The office's calendar. `special` holds the days that a notice names, `week` Monday to Sunday else.

    A half day counts as one working day: the rules count days, not hours. Only the office's door closes
    earlier on it, at `half_day_ends`.
    """

    special: Mapping[date, DayKind]
    published_through: date
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    week: tuple[DayKind, ...] = FIVE_DAYS
    half_day_ends: time = NOON

    def kind(self, day: date) -> DayKind:
        return self.special.get(day) or self.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return self.kind(day) is not DayKind.OFF

    def closes_at(self, day: date, closes: time) -> time:
        """When an office that closes at `closes` does so on this working day."""
        return min(closes, self.half_day_ends) if self.kind(day) is DayKind.HALF else closes

    @cached_property
    def has_half_days(self) -> bool:
        return DayKind.HALF in (*self.week, *self.special.values())

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all that a count of days depends on: another calendar has another."""
        special = sorted((day.isoformat(), kind.value) for day, kind in self.special.items())
        week = [kind.value for kind in self.week]
        words = json.dumps([special, week, self.published_through.isoformat()])
        return hashlib.sha256(words.encode()).hexdigest()

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
        return self._counted_to(end) - self._counted_to(start)

    def _counted_to(self, day: date) -> int:
        """Working days up to and with `day`: by weeks, put right by what the notices change in them.

        A message counts for each of its lines, so this must not walk from day to day.
        """
        weeks, rest = divmod(day.toordinal(), 7)  # the first day of all was a Monday
        worked = [kind is not DayKind.OFF for kind in self.week]
        days, changes = self._exceptions
        return weeks * sum(worked) + sum(worked[:rest]) + changes[bisect_right(days, day)]

    @cached_property
    def _exceptions(self) -> tuple[list[date], list[int]]:
        """The days that differ from the week; by how many days the count does before each, and at last."""
        differ = {
            day: (kind is not DayKind.OFF) - (self.week[day.weekday()] is not DayKind.OFF)
            for day, kind in self.special.items()
        }
        days = sorted(day for day, change in differ.items() if change)
        return days, list(accumulate((differ[day] for day in days), initial=0))

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
