"""How a deadline came about, day by day: what `deadline_from` answers, for people who want to recount it.

Must never count otherwise than `deadlines`: it only writes down what the calendar says of each day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.domain.deadlines import Deadline, DeadlineKind, DeadlineRule, deadline_from

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class CountedDay:
    """One day after the start. count: the how manieth it is, None where it is not counted."""

    on: date
    kind: DayKind
    count: int | None
    provisional: bool


@dataclass(frozen=True)
class Counting:
    """The answer and the days that lead to it; no days for a rule that does not count days."""

    deadline: Deadline
    days: tuple[CountedDay, ...]


def count_out(rule: DeadlineRule, start: date, calendar: WorkCalendar) -> Counting:
    """`rule` from `start`, which itself is not counted."""
    deadline = deadline_from(rule, start, calendar)
    if deadline.due_on is None or rule.kind not in {DeadlineKind.WORKING_DAYS, DeadlineKind.DAYS}:
        return Counting(deadline, ())
    days, counted, day = list[CountedDay](), 0, start
    while day < deadline.due_on:
        day += _DAY
        counts = rule.kind is DeadlineKind.DAYS or calendar.is_working_day(day)
        counted += counts
        kind, provisional = calendar.kind(day), calendar.is_provisional(day)
        days.append(CountedDay(day, kind, counted if counts else None, provisional))
    return Counting(deadline, tuple(days))
