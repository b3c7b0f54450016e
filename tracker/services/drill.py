"""The drill (演练): who would get what in a span of days, when, by which channel, and why.

Must never write to the office's database or reach a real channel: all of it happens to an understudy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.domain.errors import RectifyError
from tracker.domain.ladders import Audience
from tracker.domain.periods import plausible
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import recipient_of
from tracker.services.rehearsal import Reached, Timetable, Walk, understudy
from tracker.services.routing import Routes
from tracker.store import clockwork, contacts, items, rehearsal
from tracker.store.outbox import MessageState, StoredMessage
from tracker.store.rehearsal import Mark

MOST_DAYS = 400
_DAY = timedelta(days=1)
_TOLD = frozenset({MessageState.ACCEPTED.value, MessageState.PENDING.value})


@dataclass(frozen=True)
class Rehearsed:
    """One message of the drill. `at`: when it left, or else when it may; `carried_over`: it waited before."""

    at: datetime
    recipient: str
    channel: str
    kind: str
    numbers: tuple[int, ...]
    reason: str
    state: str
    text: str
    error: str | None
    carried_over: bool

    @property
    def is_told(self) -> bool:
        """False for what cannot be sent, and for what a newer message says."""
        return self.state in _TOLD


@dataclass(frozen=True)
class DrillDay:
    """One day. held: something was due on it and had to wait for a later one."""

    on: date
    working: bool
    held: bool
    messages: int


@dataclass(frozen=True)
class Unreachable:
    """A unit whose contact hears nothing of these items, and why: a Chinese sentence."""

    unit: str
    numbers: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Drill:
    """What the days from `first` to `last` would bring; `messages` in the order in which they leave."""

    first: date
    last: date
    messages: tuple[Rehearsed, ...]
    days: tuple[DrillDay, ...]
    unreachable: tuple[Unreachable, ...]

    def count(self, attribute: str) -> dict[str, int]:
        """How many messages per `kind`, `channel`, `state` or `recipient`, most first."""
        return dict(Counter(getattr(each, attribute) for each in self.messages).most_common())

    def items_by_recipient(self) -> dict[str, int]:
        """How many different items each recipient is told of."""
        told: dict[str, set[int]] = defaultdict(set)
        for each in self.messages:
            told[each.recipient] |= set(each.numbers) if each.is_told else set()
        return {recipient: len(numbers) for recipient, numbers in told.items()}


def drill(
    office: Office,
    *,
    first: date,
    last: date,
    now: datetime,
    timetable: Timetable = Timetable(),  # noqa: B008 - frozen
    reached: Reached = lambda _: None,
) -> Drill:
    """Play the days from `first` to `last`. Days between now and `first` are played too, but not told of.

    Raises RectifyError for a span that ends before it begins, is longer than 400 days, or begins before
    the day up to which the office has really planned: what was sent on those days cannot come again.
    """
    calendar = office.rules.calendar
    start = _start(office, first, last, now)
    with understudy(office) as copy:
        with copy.database.read() as connection:
            before = rehearsal.mark(connection)
        walk = Walk(copy, timetable)
        walk.run(start, calendar.at(last + _DAY, time(0)), reached)
        return review(copy, before, first, last, walk.held_on)


def _start(office: Office, first: date, last: date, now: datetime) -> datetime:
    """Now, or the beginning of a first day that is over; never before what was really planned."""
    calendar = office.rules.calendar
    if plausible(last) < plausible(first):
        raise RectifyError(f"演练的结束日期 {last} 早于开始日期 {first}")
    if (last - min(first, calendar.today(now))).days >= MOST_DAYS:
        raise RectifyError(f"演练（含今天至开始日期的各天）最长 {MOST_DAYS} 天，请缩短日期范围")
    with office.database.read() as connection:
        planned = clockwork.watermarks(connection).get(clockwork.PLANNING, clockwork.BEGINNING)
    if first < calendar.today(planned):
        raise RectifyError(f"提醒已真正判断到 {calendar.today(planned)}，演练须从这一天或其后开始")
    return max(now if first >= calendar.today(now) else calendar.at(first, time(0)), planned)


def review(office: Office, before: Mark, first: date, last: date, held_on: Collection[date] = ()) -> Drill:
    """What an understudy's outbox took in since the mark, told of the days from `first` to `last`."""
    calendar = office.rules.calendar
    with office.database.read() as connection:
        found = rehearsal.messages_since(connection, before)
    played = (_rehearsed(message, numbers, before) for message, numbers in found)
    messages = [each for each in played if calendar.today(each.at) >= first]
    messages.sort(key=lambda each: each.at)
    counts = Counter(calendar.today(each.at) for each in messages if each.is_told)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return Drill(
        first,
        last,
        tuple(messages),
        tuple(DrillDay(day, calendar.is_working_day(day), day in held_on, counts[day]) for day in days),
        _unreachable(office, {number for each in messages for number in each.numbers}),
    )


def _rehearsed(message: StoredMessage, numbers: tuple[int, ...], before: Mark) -> Rehearsed:
    return Rehearsed(
        message.settled_at or message.send_after,
        message.recipient,
        message.channel,
        message.kind,
        numbers,
        message.reason,
        message.state,
        message.text,
        message.error,
        message.id in before.waiting,
    )


def _unreachable(office: Office, numbers: Iterable[int]) -> tuple[Unreachable, ...]:
    """Units without a contact, or whose contacts no channel that is set up reaches."""
    by_unit: dict[str, list[int]] = defaultdict(list)
    with office.database.read() as connection:
        for item in items.by_numbers(connection, numbers):
            by_unit[item.unit].append(item.number)
        known = contacts.find(connection, roles=[Audience.CONTACT.value])
        routes = Routes(connection, office)
    registered = {each.unit for each in known}
    is_trial = set(office.channels) == {SANDBOX}
    reached = {
        each.unit
        for each in known
        if is_trial or routes.of(recipient_of(each))[0].notifier.channel != SANDBOX
    }
    return tuple(
        Unreachable(
            unit,
            tuple(found),
            "联络员没有可用的联系方式" if unit in registered else "未登记联络员",
        )
        for unit, found in by_unit.items()
        if unit not in reached
    )
