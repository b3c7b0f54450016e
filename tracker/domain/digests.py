"""The digest's paces: which period is due when, how it is called, and since when it counts what changed.

A weekly digest opens its week: it tells Monday morning's figures. A monthly or quarterly one closes its
period: it tells the figures of the last moment, on the first working day after. Must never send anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import RectifyError
from tracker.domain.periods import IssuePeriod, Week

Period = Week | IssuePeriod
_WEEK = timedelta(days=7)


class Pace(StrEnum):
    """How often a digest comes; the values stand in `app.toml` and in addresses."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"

    @property
    def words(self) -> PaceWords:
        return _WORDS[self]


@dataclass(frozen=True)
class PaceWords:
    """How a digest of one pace speaks of itself, of its period and of the one before."""

    title: str
    this: str
    last: str


_WORDS = {
    Pace.WEEKLY: PaceWords("周报", "本周", "上周"),
    Pace.MONTHLY: PaceWords("月报", "本月", "上月"),
    Pace.QUARTERLY: PaceWords("季报", "本季度", "上季度"),
}


@dataclass(frozen=True)
class Due:
    """A period whose digest is due since `slot`, and the moment at which the next one will be."""

    period: Period
    slot: datetime
    next_slot: datetime


def parse(name: str) -> Period:
    """Read `2021-W30`, `2021-07` or `2021Q3`; raises RectifyError for anything else."""
    if "W" in name:
        return Week.parse(name)
    try:
        return IssuePeriod.parse(name)
    except RectifyError as error:
        raise RectifyError(f"“{name}”不是有效的期次，请写成 2021-W30、2021-07 或 2021Q3 的形式") from error


def pace_of(period: Period) -> Pace:
    if isinstance(period, Week):
        return Pace.WEEKLY
    return Pace.MONTHLY if period.months == 1 else Pace.QUARTERLY


def current(pace: Pace, day: date) -> Period:
    """The period that is told of on `day`: the running week, or the month or quarter that ended last."""
    if pace is Pace.WEEKLY:
        return Week.of(day)
    return IssuePeriod.of(day, 1 if pace is Pace.MONTHLY else 3).previous()


def chinese(period: Period) -> str:
    """`2021年第30周`, `2021年7月`, `2021年第三季度`."""
    if isinstance(period, IssuePeriod):
        return period.chinese
    year, week, _ = period.monday.isocalendar()
    return f"{year}年第{week}周"


def slot_of(period: Period, clock: time, calendar: WorkCalendar) -> datetime:
    """When its digest is due: at `clock` on its first working day, or on the first after it has ended."""
    if isinstance(period, Week):
        return period.digest_at(clock, calendar)
    return calendar.at(calendar.on_or_after(period.ends_before), clock)


def latest_due(pace: Pace, now: datetime, clock: time, calendar: WorkCalendar) -> Due:
    """The latest period whose moment has come. Those before it that were missed are not made up for."""
    period = current(pace, calendar.today(now))
    next_slot = slot_of(following(period), clock, calendar)
    while (slot := slot_of(period, clock, calendar)) > now:
        period, next_slot = period.previous(), slot
    return Due(period, slot, next_slot)


def next_slot(paces: Iterable[Pace], after: datetime, clock: time, calendar: WorkCalendar) -> datetime | None:
    """The first moment later than `after` at which a digest of one of these paces is due."""
    slots = []
    for pace in paces:
        period = current(pace, calendar.today(after))
        while (slot := slot_of(period, clock, calendar)) <= after:
            period = following(period)
        slots.append(slot)
    return min(slots, default=None)


def following(period: Period) -> Period:
    return Week(period.monday + _WEEK) if isinstance(period, Week) else period.next()


def opens_at(period: Period, calendar: WorkCalendar) -> datetime:
    """From when on its figures may be frozen: a week's from Monday, a month's or quarter's once it has ended.

    Nobody was told of it before, of whatever scope.
    """
    return calendar.at(period.monday if isinstance(period, Week) else period.ends_before, time())


def is_ready(period: Period, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether its figures may be frozen."""
    return opens_at(period, calendar) <= now


def counted_at(period: Period, now: datetime, calendar: WorkCalendar) -> datetime:
    """The moment of its figures: `now`, or its last moment if that is over."""
    return min(now, period.last_moment(calendar))


def counted_since(period: Period, as_of: datetime, calendar: WorkCalendar) -> datetime:
    """With which moment they are compared, where no digest of the period before says one."""
    return as_of - _WEEK if isinstance(period, Week) else period.previous().last_moment(calendar)
