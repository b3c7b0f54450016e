"""Who is reminded when: the ladder of one deadline, and the decision about one moment.

Pure and the same for every caller: planning, "why was I (not) reminded" and drills ask the same
functions. Must never look at more than one deadline: merging into messages is the planner's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, groupby

from tracker.domain.calendar import WorkCalendar
from tracker.domain.ladders import BEFORE_ALL, Audience, Colour, Ladder, Stage
from tracker.domain.lifecycle import FINAL, REMINDED, Standing, State

_DAY = timedelta(days=1)


class MessageKind(StrEnum):
    """The folders of `templates/messages/`; those about a deadline first, mildest first."""

    REMINDER = "reminder"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    DIGEST = "digest"
    RETURNED = "returned"
    RESCHEDULED = "rescheduled"
    NUDGE = "nudge"
    PAPER = "paper"
    STAFF = "staff"
    GRANTED = "granted"
    REFUSED = "refused"
    STRUCK_OFF = "struck_off"
    HANDOUT = "handout"
    RECURRED = "recurred"
    WARNING = "warning"
    LINK = "link"
    ALARM = "alarm"
    TEST = "test"


PLANNED = frozenset(
    {
        MessageKind.REMINDER,
        MessageKind.DUE_TODAY,
        MessageKind.OVERDUE,
        MessageKind.ESCALATION,
        MessageKind.STAFF,
    }
)
"""What planning says again by itself, to whom the ladder has reached then."""


@dataclass(frozen=True)
class QuietHours:
    """Messages leave only on working days between these hours; outside they wait for the next one.

    On a half day they leave until it ends.
    """

    opens: time
    closes: time

    def release(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """`now` if a message may leave, else the next working morning."""
        local = calendar.local(now)
        today = local.date()
        if self._is_open(today, calendar) and local.time() < calendar.closes_at(today, self.closes):
            return max(now, calendar.at(today, self.opens))
        day = today + _DAY
        while not self._is_open(day, calendar):
            day += _DAY
        return calendar.at(day, self.opens)

    def last_open(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """`now` if a message may leave, else the last moment before it at which one might have."""
        if self.release(now, calendar) == now:
            return now
        day = calendar.today(now)
        if calendar.local(now).time() < calendar.closes_at(day, self.closes):
            day -= _DAY
        while not self._is_open(day, calendar):
            day -= _DAY
        return calendar.at(day, calendar.closes_at(day, self.closes)) - timedelta(seconds=1)

    def _is_open(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether the day is worked, and does not end before the first message may leave."""
        return calendar.is_working_day(day) and self.opens < calendar.closes_at(day, self.closes)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder for one deadline: its offset in working days and its moment."""

    offset: int
    at: datetime


@dataclass(frozen=True)
class Decision:
    """What one deadline asks for now.

    offset: the day's place on the ladder (`offset_on`); after downtime it is later than the rung's own.
    stage: paper, colour and channels that hold there. skipped: the earlier rungs that this message makes up
    for. next_at: the rung after this one.
    """

    rung: Rung
    offset: int
    kind: MessageKind
    audiences: tuple[Audience, ...]
    stage: Stage
    skipped: tuple[datetime, ...]
    next_at: datetime

    @property
    def missed(self) -> int:
        return len(self.skipped)


def rungs(ladder: Ladder, due_on: date, calendar: WorkCalendar) -> Iterator[Rung]:
    """The ladder of one deadline in order of time, without end; each rung is a working day of its own.

    Of a deadline on a day off the last working day before it speaks, as of one day before.
    """
    offsets = ladder.offsets()
    if not calendar.is_working_day(due_on):
        offsets = (offset for offset, _ in groupby(offset or -1 for offset in ladder.offsets()))
    return _rungs(offsets, ladder.send_at, due_on, calendar)


def staff_rungs(ladder: Ladder, submitted_on: date, calendar: WorkCalendar) -> Iterator[Rung]:
    """When the bureau is reminded of what waits for its verification, without end; none if it never is."""
    if not ladder.verify_after:
        return iter(())
    return _rungs(count(ladder.verify_after, ladder.verify_every), ladder.send_at, submitted_on, calendar)


def _rungs(offsets: Iterable[int], send_at: time, start: date, calendar: WorkCalendar) -> Iterator[Rung]:
    day, walked = start, 0
    for offset in offsets:
        if offset <= 0:
            day, walked = calendar.add_working_days(start, offset), 0
        else:
            # Walk on from the last rung: counting each anew would be quadratic for an old deadline.
            day, walked = calendar.add_working_days(day if walked else start, offset - walked), offset
        yield Rung(offset, calendar.at(day, send_at))


def first_reminder_at(ladder: Ladder, due_on: date, issued_on: date, calendar: WorkCalendar) -> datetime:
    """The first rung after the day of issue: earlier ones were over before the item existed."""
    return next(rung.at for rung in rungs(ladder, due_on, calendar) if calendar.today(rung.at) > issued_on)


def next_reminder_at(ladder: Ladder, due_on: date, after: datetime, calendar: WorkCalendar) -> datetime:
    """The first rung later than `after`."""
    return next(rung.at for rung in rungs(ladder, due_on, calendar) if rung.at > after)


def clock_on(due_on: date, deferred_until: date | None) -> date:
    """The day the ladder counts from: the deadline, or the end of a deferral that lies behind it."""
    return due_on if deferred_until is None else max(due_on, deferred_until)


def next_rung_at(
    ladder: Ladder, standing: Standing, after: datetime, calendar: WorkCalendar
) -> datetime | None:
    """When whoever has to move is next reminded: the unit along its deadline, the bureau while a submission
    waits for it. None: nobody has to.
    """
    if standing.state is State.SUBMITTED and standing.submitted_at is not None:
        waiting = staff_rungs(ladder, calendar.today(standing.submitted_at), calendar)
        return next((rung.at for rung in waiting if rung.at > after), None)
    if standing.state not in REMINDED or standing.due_on is None:
        return None
    return next_reminder_at(ladder, clock_on(standing.due_on, standing.deferred_until), after, calendar)


def decide(
    ladder: Ladder, due_on: date, pending_since: datetime, now: datetime, calendar: WorkCalendar
) -> Decision | None:
    """What a deadline whose first unsent rung is `pending_since` asks for at `now`; None if nothing yet.

    After downtime the latest rung speaks for those missed: one message, not a flood.
    """
    found = _latest(rungs(ladder, due_on, calendar), pending_since, now, calendar)
    if found is None:
        return None
    rung, skipped, following = found
    # A rung sent late speaks of today: a "3 days left" that waited over the deadline is overdue.
    offset = offset_on(due_on, calendar.today(now), calendar)
    audiences, stage = ladder.audiences(offset), ladder.stage(offset)
    return Decision(rung, offset, _kind(offset), audiences, stage, skipped, next_at=following.at)


def decide_verification(
    ladder: Ladder, submitted_on: date, pending_since: datetime, now: datetime, calendar: WorkCalendar
) -> Decision | None:
    """The same for a submission that waits for the bureau: the bureau is told how long already."""
    found = _latest(staff_rungs(ladder, submitted_on, calendar), pending_since, now, calendar)
    if found is None:
        return None
    rung, skipped, following = found
    waited = calendar.working_days_between(submitted_on, calendar.today(now))
    who = (Audience.BUREAU,)
    return Decision(rung, waited, MessageKind.STAFF, who, BEFORE_ALL, skipped, next_at=following.at)


def _latest(
    ladder: Iterator[Rung], pending_since: datetime, now: datetime, calendar: WorkCalendar
) -> tuple[Rung, tuple[datetime, ...], Rung] | None:
    """The last rung that has come since `pending_since`, those before it that have, and the one after it."""
    come: list[Rung] = []
    since = calendar.today(pending_since)  # by day: an office that moves `send_at` must not lose a rung
    for rung in ladder:
        if rung.at > now:
            return (come[-1], tuple(each.at for each in come[:-1]), rung) if come else None
        if calendar.today(rung.at) >= since:
            come.append(rung)
    return None


def lamp(ladder: Ladder, standing: Standing, now: datetime, calendar: WorkCalendar) -> Colour | None:
    """The item's colour today; what has been handed in keeps that of its day. None: nothing to hurry for."""
    if standing.state in FINAL or standing.due_on is None:
        return None
    judged = standing.submitted_at if standing.state is State.SUBMITTED else None
    day = clock_on(standing.due_on, standing.deferred_until)
    return ladder.stage(offset_on(day, calendar.today(judged or now), calendar)).colour


def days_past(due_on: date, day: date, calendar: WorkCalendar) -> int:
    """Working days by which `day` lies past the deadline; negative before it.

    Counted back from a deadline on a day off, the last working day before it is the first.
    """
    passed = calendar.working_days_between(due_on, day)
    return passed - 1 if day < due_on and not calendar.is_working_day(due_on) else passed


def offset_on(due_on: date, day: date, calendar: WorkCalendar) -> int:
    """The place of `day` on the ladder of a deadline: 0 on its own day only.

    Days off right after it stand where the next working day does, since nothing is said before that.
    """
    passed = days_past(due_on, day, calendar)
    return max(1, passed) if day > due_on else passed


def timing_words(offset: int) -> str:
    """`到期前3个工作日`, `到期当日`, `逾期2个工作日`."""
    if offset < 0:
        return f"到期前{-offset}个工作日"
    return f"逾期{offset}个工作日" if offset else "到期当日"


def _kind(offset: int) -> MessageKind:
    if offset < 0:
        return MessageKind.REMINDER
    return MessageKind.DUE_TODAY if offset == 0 else MessageKind.OVERDUE
