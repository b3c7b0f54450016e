"""How near an account or a column is to the limit that it may rest for, and whether its unit is warned today.

Must never call anything too old by an old look: what nobody has looked at lately warns nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from tracker.domain.columns import Age, Freshness
from tracker.domain.ladders import Colour

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WatchRules:
    """send_at: when units are warned, on working days. stale_days: a look older than this tells nothing."""

    send_at: time = time(9)
    stale_days: int = 7


class Nearness(StrEnum):
    """Where something watched stands on a day."""

    FINE = "fine"
    NEAR = "near"
    OVER = "over"
    UNKNOWN = "unknown"  # never seen, or not for sure
    STALE = "stale"  # not seen for too long

    @property
    def colour(self) -> Colour | None:
        return _COLOURS.get(self)


_COLOURS = {Nearness.FINE: Colour.GREEN, Nearness.NEAR: Colour.YELLOW, Nearness.OVER: Colour.RED}


@dataclass(frozen=True)
class Resting:
    """What is watched, as it was last seen. full_counts: whether exactly the limit is already too long;
    warn_days: how long before it the unit is warned; seen_on: the day of the last look that told anything;
    is_sure: whether that look can have overlooked nothing newer.
    """

    newest_on: date | None
    seen_on: date | None
    limit: Age
    full_counts: bool
    warn_days: int
    is_sure: bool = True

    @property
    def full_on(self) -> date | None:
        """The first day on which it has rested for the whole limit."""
        return None if self.newest_on is None else _first_day(self.limit, self.newest_on, Freshness.WITHIN)

    @property
    def over_on(self) -> date | None:
        """The first day on which it has rested too long."""
        if self.newest_on is None or self.full_counts:
            return self.full_on
        return _first_day(self.limit, self.newest_on, Freshness.EDGE, Freshness.WITHIN)

    def idle(self, today: date) -> int:
        """Natural days since the newest; 0 where there is none, or it is of a day to come."""
        return 0 if self.newest_on is None else max((today - self.newest_on).days, 0)

    def nearness(self, today: date, next_chance: date, rules: WatchRules) -> Nearness:
        """Near is also what comes near before `next_chance`, the next day on which somebody can be warned:
        else whatever falls due over a holiday would never be spoken of.
        """
        full, over = self.full_on, self.over_on
        if full is None or over is None or self.seen_on is None:
            return Nearness.UNKNOWN
        if self.newest_on is not None and self.newest_on > today:
            return Nearness.UNKNOWN  # mistyped
        if today < over and next_chance - _DAY < full - self.warn_days * _DAY:
            return Nearness.FINE
        if not self.is_sure:
            return Nearness.UNKNOWN
        if (today - self.seen_on).days > rules.stale_days:
            return Nearness.STALE
        return Nearness.OVER if today >= over else Nearness.NEAR

    def limit_words(self) -> str:
        """`满14天`, where exactly the limit counts; else `超过14天`."""
        return f"{'满' if self.full_counts else '超过'}{self.limit.in_words()}"


def _first_day(limit: Age, newest: date, *before: Freshness) -> date:
    """The first day on which `newest` is none of `before` any more. Months are of different length, so the
    days around the obvious one are asked."""
    months = newest.month - 1 + limit.months
    year, month = newest.year + months // 12, months % 12 + 1
    day = date(year, month, 1) + (newest.day - 4) * _DAY + limit.days * _DAY
    while limit.freshness(newest, day) in before:
        day += _DAY
    return day
