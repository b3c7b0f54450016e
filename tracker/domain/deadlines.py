"""When an item is due: one rule, one start, one answer with its reason.

The first day is not counted and the last day ends at 24:00 (民法典 201-203). A deadline is written as
its last day `due_on` and the last second of it `due_at`. Overdue is computed from these, never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import ConfigError

_LAST_SECOND = time(23, 59, 59)
_MAXIMUM = {"working_days": 750, "days": 1100, "hours": 26_400, "day_of_month": 31}


class DeadlineKind(StrEnum):
    """How a deadline is counted (product.md, Deadline)."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    HOURS = "hours"
    DAY_OF_MONTH = "day_of_month"
    FIXED = "fixed"
    STANDING = "standing"


_WANTED = {DeadlineKind.FIXED: "日期，如 2026-10-17", DeadlineKind.STANDING: " true"}


@dataclass(frozen=True)
class DeadlineRule:
    """One way of counting. `amount` for counted kinds, `day` for a fixed date, neither for `standing`."""

    kind: DeadlineKind
    amount: int = 0
    day: date | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, object], where: str) -> DeadlineRule:
        """Read `{ working_days = 10 }` and its like; `where` names file and key for the error.

        Raises ConfigError for anything but exactly one known kind with a fitting value.
        """
        if len(raw) != 1:
            raise ConfigError(f"{where}：整改时限须且只须写一种计算方式，现为 {sorted(raw)}")
        name, value = next(iter(raw.items()))
        if name not in set(DeadlineKind):
            raise ConfigError(f"{where}：不认识的时限方式“{name}”，可用：{'、'.join(DeadlineKind)}")
        kind = DeadlineKind(name)
        if kind is DeadlineKind.STANDING and value is True:
            return cls(kind)
        if kind is DeadlineKind.FIXED and (day := _as_day(value)) is not None:
            return cls(kind, day=day)
        top = _MAXIMUM.get(name, 0)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= top:
            return cls(kind, amount=value)
        wanted = _WANTED.get(kind, f"1 至 {top} 的整数")
        raise ConfigError(f"{where}：时限“{name} = {value}”不合规定，须为{wanted}")

    def as_mapping(self) -> dict[str, object]:
        """The same rule as it is written in `config/` and kept as an item's snapshot (JSON-able)."""
        if self.kind is DeadlineKind.STANDING:
            return {self.kind.value: True}
        if self.kind is DeadlineKind.FIXED and self.day is not None:
            return {self.kind.value: self.day.isoformat()}
        return {self.kind.value: self.amount}

    def in_words(self) -> str:
        """The rule in Chinese, for pages and messages."""
        return {
            DeadlineKind.WORKING_DAYS: f"{self.amount}个工作日",
            DeadlineKind.DAYS: f"{self.amount}日",
            DeadlineKind.HOURS: f"{self.amount}小时",
            DeadlineKind.DAY_OF_MONTH: f"每月{self.amount}日",
            DeadlineKind.FIXED: f"{self.day}前",
            DeadlineKind.STANDING: "长期坚持",
        }[self.kind]


@dataclass(frozen=True)
class Deadline:
    """The answer. `due_on`/`due_at` are None for a standing duty."""

    due_on: date | None
    due_at: datetime | None
    provisional: bool = False


def last_moment(day: date, calendar: WorkCalendar) -> datetime:
    """The last second of `day` on the office's clock."""
    return calendar.at(day, _LAST_SECOND)


def deadline_from(rule: DeadlineRule, issued_on: date, calendar: WorkCalendar) -> Deadline:
    """Count `rule` from the day of issue, which itself is not counted.

    Hours run from the end of the day of issue, because a bulletin bears a date and no hour. A day of
    the month is the next one after the issue; in a shorter month it is that month's last day.
    """
    if rule.kind is DeadlineKind.STANDING:
        return Deadline(None, None)
    if rule.kind is DeadlineKind.HOURS:
        due_at = last_moment(issued_on, calendar) + timedelta(hours=rule.amount)
        return Deadline(calendar.today(due_at), due_at)
    if rule.kind is DeadlineKind.WORKING_DAYS:
        due_on = calendar.add_working_days(issued_on, rule.amount)
        return Deadline(due_on, last_moment(due_on, calendar), calendar.is_provisional(due_on))
    if rule.kind is DeadlineKind.DAYS:
        due_on = issued_on + timedelta(days=rule.amount)
    elif rule.kind is DeadlineKind.DAY_OF_MONTH:
        due_on = _next_day_of_month(rule.amount, issued_on)
    else:
        assert rule.day is not None
        due_on = rule.day
    return Deadline(due_on, last_moment(due_on, calendar))


def recounted(
    rule: DeadlineRule, start: date, old: Deadline, today: date, calendar: WorkCalendar
) -> Deadline:
    """What an item's own rule gives by a calendar that has changed since `old` was counted.

    Only working days are counted by it; of any other deadline it can at most settle a provisional day.
    """
    if rule.kind is DeadlineKind.WORKING_DAYS:
        return not_by_surprise(old.due_on, deadline_from(rule, start, calendar), today, calendar)
    settled = old.due_on is None or not calendar.is_provisional(old.due_on)
    return replace(old, provisional=old.provisional and not settled)


def not_by_surprise(old: date | None, counted: Deadline, today: date, calendar: WorkCalendar) -> Deadline:
    """`counted` in place of the deadline `old`, but so that nobody is late by it.

    An earlier day never lies before the working day after `today`: the unit can still be told and act.
    A deadline that is over is not moved back any further.
    """
    earliest = calendar.add_working_days(today, 1)
    if old is not None:
        earliest = min(earliest, old)
    if counted.due_on is None or counted.due_on >= earliest:
        return counted
    due_at, provisional = last_moment(earliest, calendar), calendar.is_provisional(earliest)
    return Deadline(earliest, due_at, provisional)


def _as_day(value: object) -> date | None:
    """A date as TOML reads it, or in the words of an item's snapshot."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _next_day_of_month(wanted: int, after: date) -> date:
    year, month = after.year, after.month
    while True:
        following = date(year + month // 12, month % 12 + 1, 1)
        day = min(date(year, month, 1) + timedelta(days=wanted - 1), following - timedelta(days=1))
        if day > after:
            return day
        year, month = following.year, following.month
