"""The office played ahead: a copy of it, on a clock that jumps from one due moment to the next.

The jobs are the scheduler's own. Must never touch the office itself, a real channel or a real page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from notifiers.base import Letter, Notifier
from tracker.domain.calendar import WorkCalendar
from tracker.domain.digests import next_slot
from tracker.domain.errors import RectifyError
from tracker.domain.escalation import QuietHours
from tracker.services.jobs import jobs
from tracker.services.office import Office
from tracker.services.watching import next_chance, slot_on
from tracker.store import rehearsal, watching, webhooks
from tracker.store.copying import copied

Reached = Callable[[date], None]
_DAY, _HOUR, _TICK = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Unplugged:
    """A channel that words, splits and limits as the real one does, and carries nothing out."""

    def __init__(self, real: Notifier) -> None:
        self.channel, self.wording, self.personal = real.channel, real.wording, real.personal
        self.per_minute, self.repeatable = real.per_minute, real.repeatable
        self._real = real

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """As the real channel: what that refuses to carry is refused here too."""
        return self._real.compose(letter)

    def send(self, address: str, payload: bytes) -> str:
        """Accept; the copy's outbox is the record. Returns ""."""
        return ""

    def hint(self, address: str) -> str:
        """As the real channel."""
        return self._real.hint(address)


@contextmanager
def understudy(office: Office) -> Iterator[Office]:
    """The office on a copy of its database, its channels unplugged, looking at no page and into no other
    system; gone afterwards."""
    with copied(office.database) as database:
        channels = {name: Unplugged(real) for name, real in office.channels.items()}
        with database.write() as connection:
            webhooks.forget_all(connection)  # other systems are told nothing of what is only played
        systems = {name: Unplugged(real) for name, real in office.systems.items()}
        yield replace(
            office,
            database=database,
            channels=channels,
            systems=systems,
            probes=(),
            feed_databases={},
            draws_files=False,
        )


@dataclass(frozen=True)
class Timetable:
    """When the scheduler runs: at these hours only (none: always), and not on the days it is down."""

    hours: Collection[time] = ()
    down: Collection[date] = ()

    def on_or_after(self, moment: datetime, calendar: WorkCalendar) -> datetime:
        """The first moment from `moment` on at which it runs."""
        while True:
            day = calendar.today(moment)
            runs = [calendar.at(day, hour) for hour in sorted(self.hours)] or [moment]
            if day not in self.down and (left := [run for run in runs if run >= moment]):
                return left[0]
            moment = calendar.at(day + _DAY, time(0))


@dataclass
class Walk:
    """The clock's way through an understudy. `held_on`: days over which something due had to wait."""

    office: Office
    timetable: Timetable = Timetable()
    held_on: set[date] = field(default_factory=set)

    def run(self, start: datetime, end: datetime, reached: Reached = lambda _: None) -> None:
        """Run every job at `start` and whenever something is due before `end`; `reached` hears each day."""
        calendar = self.office.rules.calendar
        moment, was_stuck = self.timetable.on_or_after(start, calendar), False
        while moment < end:
            reached(calendar.today(moment))
            self._tick(moment)
            waiting = self._waiting()
            # What is still due is tried again a minute later, as by the scheduler; if in vain, each hour.
            is_stuck = any(due <= moment == hours.release(moment, calendar) for due, hours in waiting)
            soonest = moment + (_HOUR if is_stuck and was_stuck else _TICK)
            moments = [
                *self._digest_after(moment),
                *self._warning_after(moment),
                *(self._ready(max(due, soonest), hours) for due, hours in waiting),
            ]
            moment, was_stuck = self.timetable.on_or_after(min(moments, default=end), calendar), is_stuck

    def _tick(self, moment: datetime) -> None:
        for job in jobs(self.office, lambda: moment).values():
            with suppress(RectifyError):  # as with the scheduler: a job that fails stops no other
                job()

    def _waiting(self) -> list[tuple[datetime, QuietHours]]:
        """When reminders and sends are next due, each with the hours in which they may be dealt with."""
        rules = self.office.rules
        with self.office.database.read() as connection:
            moments = rehearsal.next_due(connection)
        hours = (rules.reminding, rules.quiet)
        return [(due, open_) for due, open_ in zip(moments, hours, strict=True) if due is not None]

    def _ready(self, due: datetime, hours: QuietHours) -> datetime:
        """When what is due can be dealt with; the days until then are noted."""
        calendar = self.office.rules.calendar
        ready = self.timetable.on_or_after(hours.release(due, calendar), calendar)
        days = (calendar.today(ready) - calendar.today(due)).days
        self.held_on.update(calendar.today(due) + _DAY * day for day in range(days))
        return ready

    def _warning_after(self, moment: datetime) -> Iterator[datetime]:
        """When units can be warned next; never, if nothing is watched."""
        with self.office.database.read() as connection:
            if not watching.watches_anything(connection):
                return
        slot = slot_on(self.office, self.office.rules.calendar.today(moment))
        if slot is None or slot <= moment:
            slot = slot_on(self.office, next_chance(self.office, moment))
        assert slot is not None
        yield slot

    def _digest_after(self, moment: datetime) -> Iterator[datetime]:
        rules = self.office.rules
        slot = next_slot(rules.digest_paces, moment, rules.digest_at, rules.calendar)
        if slot is not None:
            yield slot
