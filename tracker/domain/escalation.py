"""Who is reminded when: the ladder of one deadline, and the decision about one moment.

Pure and the same for every caller: planning, "why was I (not) reminded" and drills ask the same
functions. Must never look at more than one deadline: merging into messages is the planner's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count

from tracker.domain.calendar import WorkCalendar


class Audience(StrEnum):
    """The four roles of the contacts file, mildest first."""

    CONTACT = "联络员"
    HEAD = "负责人"
    LEADING_GROUP = "领导小组"
    BUREAU = "审批局"


class MessageKind(StrEnum):
    """The folders of `templates/messages/`, mildest first."""

    REMINDER = "reminder"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    DIGEST = "digest"


@dataclass(frozen=True)
class Ladder:
    """When to speak, counted in working days from the deadline, and to whom.

    before: days before it, e.g. (7, 3, 1); daily_after: each working day so long after it; then
    every `then_every` working days for ever (signed-for does not mean silent). `escalate` says from
    how many days late each further audience is told too.
    """

    code: str
    before: tuple[int, ...]
    on_the_day: bool
    daily_after: int
    then_every: int
    send_at: time
    escalate: tuple[tuple[Audience, int], ...]

    def offsets(self) -> Iterator[int]:
        """All rungs in order of time, without end."""
        yield from sorted(-days for days in self.before)
        if self.on_the_day:
            yield 0
        yield from range(1, self.daily_after + 1)
        yield from count(self.daily_after + self.then_every, self.then_every)

    def audiences(self, offset: int) -> tuple[Audience, ...]:
        further = tuple(who for who, late in self.escalate if offset >= late)
        return (Audience.CONTACT, *further)


@dataclass(frozen=True)
class QuietHours:
    """Messages leave only on working days between these hours; outside they wait for the next one."""

    opens: time
    closes: time

    def release(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """`now` if a message may leave, else the next working morning."""
        local = calendar.local(now)
        today = local.date()
        if calendar.is_working_day(today) and local.time() < self.closes:
            return max(now, calendar.at(today, self.opens))
        tomorrow = date.fromordinal(today.toordinal() + 1)
        return calendar.at(calendar.on_or_after(tomorrow), self.opens)

    def last_open(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """`now` if a message may leave, else the last moment before it at which one might have."""
        if self.release(now, calendar) == now:
            return now
        today = calendar.today(now)
        day = today if calendar.is_working_day(today) and calendar.local(now).time() >= self.closes else None
        day = day or calendar.add_working_days(today, -1)
        return calendar.at(day, self.closes) - timedelta(seconds=1)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder for one deadline: its offset in working days and its moment."""

    offset: int
    at: datetime


@dataclass(frozen=True)
class Decision:
    """What one deadline asks for now.

    offset: working days past the deadline today (negative: left); after downtime it is later than the
    rung's own. missed: earlier rungs that this message makes up for. next_at: the rung after this one.
    """

    rung: Rung
    offset: int
    kind: MessageKind
    audiences: tuple[Audience, ...]
    missed: int
    next_at: datetime


def rungs(ladder: Ladder, due_on: date, calendar: WorkCalendar) -> Iterator[Rung]:
    """The ladder of one deadline in order of time, without end."""
    day, walked = due_on, 0
    for offset in ladder.offsets():
        if offset <= 0:
            day, walked = calendar.add_working_days(due_on, offset), 0
        else:
            # Walk on from the last rung: counting each anew would be quadratic for an old deadline.
            day, walked = calendar.add_working_days(day if walked else due_on, offset - walked), offset
        yield Rung(offset, calendar.at(day, ladder.send_at))


def first_reminder_at(ladder: Ladder, due_on: date, issued_on: date, calendar: WorkCalendar) -> datetime:
    """The first rung after the day of issue: earlier ones were over before the item existed."""
    return next(rung.at for rung in rungs(ladder, due_on, calendar) if calendar.today(rung.at) > issued_on)


def next_reminder_at(ladder: Ladder, due_on: date, after: datetime, calendar: WorkCalendar) -> datetime:
    """The first rung later than `after`."""
    return next(rung.at for rung in rungs(ladder, due_on, calendar) if rung.at > after)


def decide(
    ladder: Ladder, due_on: date, pending_since: datetime, now: datetime, calendar: WorkCalendar
) -> Decision | None:
    """What a deadline whose first unsent rung is `pending_since` asks for at `now`; None if nothing yet.

    After downtime the latest rung speaks for those missed: one message, not a flood.
    """
    latest: Rung | None = None
    missed = -1
    since = calendar.today(pending_since)  # by day: an office that moves `send_at` must not lose a rung
    for rung in rungs(ladder, due_on, calendar):
        if rung.at > now:
            if latest is None:
                return None
            offset = _offset_today(latest, due_on, now, calendar)
            audiences = ladder.audiences(offset)
            return Decision(latest, offset, _kind(offset), audiences, missed, next_at=rung.at)
        if calendar.today(rung.at) >= since:
            latest, missed = rung, missed + 1
    raise AssertionError("a ladder has no end")


def _offset_today(rung: Rung, due_on: date, now: datetime, calendar: WorkCalendar) -> int:
    """A rung sent late speaks of today: a "3 days left" that waited over the deadline is overdue."""
    return max(rung.offset, calendar.working_days_between(due_on, calendar.today(now)))


def timing_words(offset: int) -> str:
    """`到期前3个工作日`, `到期当日`, `逾期2个工作日`."""
    if offset < 0:
        return f"到期前{-offset}个工作日"
    return f"逾期{offset}个工作日" if offset else "到期当日"


def _kind(offset: int) -> MessageKind:
    if offset < 0:
        return MessageKind.REMINDER
    return MessageKind.DUE_TODAY if offset == 0 else MessageKind.OVERDUE
