"""The calendar: days off and make-up days from the `holidays` package, corrected by the office.

Must never hide a guess: `holidays` goes on past the last notice with the statutory days alone, so
every day after the last year with a known make-up day counts as not published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tracker.domain.calendar import FIVE_DAYS, NOON, DayKind, WorkCalendar
from tracker.domain.errors import ConfigError

_FIRST_YEAR, _LAST_YEAR = 2010, 2045
_LONGEST_SPAN = timedelta(days=60)
_DAY = timedelta(days=1)
_WORDS = {DayKind.OFF: "放假", DayKind.HALF: "上半天班", DayKind.WORK: "上班"}

Kind = Literal["off", "half", "work"]


class DayEntry(BaseModel):
    """One `[[days]]` of `config/calendar.toml`: a single `date`, or `from`/`to` inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # `from` is a keyword and `date` a type here; the file, and its errors, keep the plain words.
    date_: date | None = Field(None, alias="date")
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    kind: Kind
    note: str = ""

    @model_validator(mode="after")
    def _span(self) -> DayEntry:
        single = self.date_ is not None and self.from_ is None and self.to is None
        span = self.date_ is None and self.from_ is not None and self.to is not None
        if not (single or span):
            raise ValueError("须写 date，或同时写 from 和 to")
        if self.from_ and self.to and not timedelta(0) <= self.to - self.from_ <= _LONGEST_SPAN:
            raise ValueError("to 须不早于 from，且不超过 60 天")
        return self

    def days(self) -> list[date]:
        first = self.date_ or self.from_
        last = self.date_ or self.to
        assert first is not None
        assert last is not None
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class Week(BaseModel):
    """`[week]`: what a day is that no notice names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    monday: Kind = "work"
    tuesday: Kind = "work"
    wednesday: Kind = "work"
    thursday: Kind = "work"
    friday: Kind = "work"
    saturday: Kind = "off"
    sunday: Kind = "off"

    @model_validator(mode="after")
    def _worked(self) -> Week:
        if all(kind is DayKind.OFF for kind in self.days()):
            raise ValueError("一周至少须有一天上班")
        return self

    def days(self) -> tuple[DayKind, ...]:
        """Monday to Sunday."""
        return tuple(DayKind(getattr(self, name)) for name in type(self).model_fields)


class CalendarTable(BaseModel):
    """The whole of `config/calendar.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    published_through: date | None = None
    half_day_ends: time = NOON
    week: Week = Week()
    days: list[DayEntry] = []


@cache
def _package_days() -> tuple[dict[date, DayKind], date]:
    years = holidays.country_holidays("CN", years=range(_FIRST_YEAR, _LAST_YEAR))
    make_up: set[date] = years.weekend_workdays
    special = dict.fromkeys(_joined(years, make_up), DayKind.OFF)
    special.update(dict.fromkeys(years, DayKind.OFF))
    special.update(dict.fromkeys(make_up, DayKind.WORK))
    return special, date(max(day.year for day in make_up), 12, 31)


def _joined(off: Iterable[date], make_up: set[date]) -> Iterator[date]:
    """Weekend days that touch a holiday: the notices join them to it (与周末连休).

    The package leaves them to the week; an office that works on Saturdays has them off nevertheless.
    """
    for day in off:
        for step in (_DAY, -_DAY):
            near = day + step
            while FIVE_DAYS[near.weekday()] is DayKind.OFF and near not in make_up:
                yield near
                near += step


def build_calendar(table: CalendarTable, zone: str, opens: time | None) -> WorkCalendar:
    """Lay the office's entries over the package's days; raises ConfigError for a contradiction.

    `opens`: from when messages leave (app.toml); None where that file is at fault itself.
    For a year that the office says is published the package's guesses are dropped: its entries are
    the whole notice, so a year without any is refused.
    """
    package, package_end = _package_days()
    through = max(package_end, table.published_through or package_end)
    special = {day: kind for day, kind in package.items() if not package_end < day <= through}
    seen: dict[date, DayKind] = {}
    for entry in table.days:
        kind = DayKind(entry.kind)
        for day in entry.days():
            if seen.setdefault(day, kind) is not kind:
                raise ConfigError(f"days：{day} 既写了{_WORDS[seen[day]]}又写了{_WORDS[kind]}")
    for year in range(package_end.year + 1, through.year + 1):
        if not any(day.year == year for day in seen):
            raise ConfigError(f"published_through：{year} 年没有填写任何放假、上班安排")
    week, ends = table.week.days(), table.half_day_ends
    if opens is not None and ends <= opens and DayKind.HALF in (*week, *seen.values()):
        raise ConfigError("half_day_ends：须晚于 app.toml 的 quiet.opens，否则半天班当日发不出消息")
    try:
        return WorkCalendar({**special, **seen}, through, ZoneInfo(zone), week, ends)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Asia
        raise ConfigError(f"时区“{zone}”不存在（TRACKER_TIME_ZONE）") from None
