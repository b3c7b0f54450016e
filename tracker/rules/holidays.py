"""The calendar: days off and make-up days from the `holidays` package, corrected by the office.

Must never hide a guess: `holidays` goes on past the last notice with the statutory days alone, so
every day after the last year with a known make-up day counts as not published.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.domain.errors import ConfigError

_FIRST_YEAR, _LAST_YEAR = 2010, 2045
_LONGEST_SPAN = timedelta(days=60)


class DayEntry(BaseModel):
    """One `[[days]]` of `config/calendar.toml`: a single `date`, or `from`/`to` inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # `from` is a keyword and `date` a type here; the file, and its errors, keep the plain words.
    date_: date | None = Field(None, alias="date")
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    kind: Literal["off", "work"]
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


@cache
def _package_days() -> tuple[dict[date, DayKind], date]:
    years = holidays.country_holidays("CN", years=range(_FIRST_YEAR, _LAST_YEAR))
    special = dict.fromkeys(years, DayKind.OFF)
    make_up: set[date] = years.weekend_workdays
    special.update(dict.fromkeys(make_up, DayKind.WORK))
    return special, date(max(day.year for day in make_up), 12, 31)


def build_calendar(entries: list[DayEntry], published_through: date | None, zone: str) -> WorkCalendar:
    """Lay the office's entries over the package's days; raises ConfigError for a contradiction.

    For a year that the office says is published the package's guesses are dropped: its entries are
    the whole notice, so a year without any is refused.
    """
    package, package_end = _package_days()
    through = max(package_end, published_through or package_end)
    special = {day: kind for day, kind in package.items() if not package_end < day <= through}
    seen: dict[date, DayKind] = {}
    for entry in entries:
        kind = DayKind(entry.kind)
        for day in entry.days():
            if seen.setdefault(day, kind) is not kind:
                raise ConfigError(f"days：{day} 既写了放假又写了上班")
    for year in range(package_end.year + 1, through.year + 1):
        if not any(day.year == year for day in seen):
            raise ConfigError(f"published_through：{year} 年没有填写任何放假、上班安排")
    try:
        return WorkCalendar({**special, **seen}, through, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Asia
        raise ConfigError(f"时区“{zone}”不存在（TRACKER_TIME_ZONE）") from None
