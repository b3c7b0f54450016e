"""What may leave at a moment: working hours, channels that rest, what an address and a month may get.

Must never count in memory what other processes send too: the database holds the numbers.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from notifiers.base import Notifier, Wording
from tracker.services.office import Office
from tracker.store import Connection, clockwork, mailbox, pauses
from tracker.store.claiming import Claimed, Limit
from tracker.store.pauses import Pause

_MONTH = "本月短信"
_BUDGET = "sms_budget"
_SPENT = (
    "本月短信已计费 {spent} 条，达到上限 {most} 条（config/app.toml 的 sms_segments_per_month），下月再发"
)


def is_open(office: Office, now: datetime) -> bool:
    """Whether messages to people may leave: it is a working hour."""
    return office.rules.quiet.release(now, office.rules.calendar) <= now


class Allowance:
    """As it stands in one transaction. `limits` by channel; `paused` are channels that were told to rest."""

    def __init__(self, connection: Connection, office: Office, now: datetime) -> None:
        self._office = office
        calendar = office.rules.calendar
        self._today = calendar.today(now)
        self._left = self._segments_left(connection, now)
        self.paused: dict[str, Pause] = {each.channel: each for each in pauses.pauses(connection)}
        self.limits = {name: self._limit(notifier) for name, notifier in office.carriers.items()}

    @property
    def has_budget(self) -> bool:
        """Whether it holds for its transaction only: others spend from the same budget."""
        return self._left is not None

    def resting(self, now: datetime) -> set[str]:
        """Channels that must be left alone: told to rest, or, at night, by which people are reached."""
        asleep = set() if is_open(self._office, now) else set(self._office.channels)
        return asleep | {channel for channel, pause in self.paused.items() if pause.until > now}

    def on_trial(self, now: datetime) -> set[str]:
        """Channels whose rest is over and that have accepted nothing since: one message at a time."""
        over = {channel for channel, pause in self.paused.items() if pause.until <= now}
        return over - self.resting(now)

    def carrying(self, now: datetime) -> set[str]:
        """Channels of this installation that carry whatever there is."""
        return set(self._office.carriers) - self.resting(now) - self.on_trial(now)

    def grants(self, claimed: Claimed, now: datetime) -> bool:
        """Whether this one may leave now; a short message that may is counted. The one that exceeds the
        month's budget is the last.
        """
        if claimed.channel in self.resting(now):
            return False
        if claimed.segments is None or self._left is None:
            return True
        if self._left <= 0:
            return False
        self._left -= claimed.segments
        return True

    def _limit(self, notifier: Notifier) -> Limit:
        if notifier.wording is not Wording.SMS:
            return Limit(notifier.per_minute)
        calendar, rules = self._office.rules.calendar, self._office.rules
        tomorrow = calendar.at(self._today + timedelta(days=1), time(0))
        return Limit(
            notifier.per_minute,
            per_day=rules.delivery.sms_per_day,
            day_began=calendar.at(self._today, time(0)),
            next_day=rules.quiet.release(tomorrow, calendar),
        )

    def _segments_left(self, connection: Connection, now: datetime) -> int | None:
        """Of this month's budget; when it is spent, short messages rest until the next month."""
        most = self._office.rules.delivery.sms_per_month
        if most is None:
            return None
        clockwork.take_turn(connection, _BUDGET)  # or two processes would both spend what is left
        calendar = self._office.rules.calendar
        spent = mailbox.charged_since(connection, calendar.at(self._today.replace(day=1), time(0)))
        channels = self._office.carriers.items()
        charged = [name for name, notifier in channels if notifier.wording is Wording.SMS]
        if spent >= most:
            until = calendar.at(_next_month(self._today), time(0))
            for name in charged:
                pauses.pause(connection, name, _SPENT.format(spent=spent, most=most), now, until)
        else:  # the month is over, or the office has raised the budget
            resting = {each.channel for each in pauses.pauses(connection) if each.reason.startswith(_MONTH)}
            pauses.lift(connection, resting.intersection(charged))
        return most - spent


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
