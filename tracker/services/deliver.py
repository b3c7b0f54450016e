"""Carrying the outbox out, once: settle what was left, send, and see to what follows from failures.

Must never render anything again, or repeat a send whose outcome is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from tracker.services.alarms import raise_alarms
from tracker.services.failover import fail_over
from tracker.services.office import Office
from tracker.services.sender import LEASE, Sender
from tracker.services.unknowns import apply_rule
from tracker.store import clockwork, endpoints, mailbox, pauses, reminders, settling
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled
from tracker.store.supersede import supersede_stale


@dataclass(frozen=True)
class Delivery:
    """How many messages this run carried out, by how it ended, and how many wait now."""

    accepted: int
    failed: int
    unknown: int
    pending: int


def deliver(
    office: Office, clock: Callable[[], datetime], on_settled: Callable[[int], None] = lambda _: None
) -> Delivery:
    """Send what is due until nothing may be sent any more; outside working hours nothing is.

    `on_settled` is told the id of each message whose call has ended, however it did.
    """
    _tidy(office, clock())
    counts: Counter[MessageState] = Counter()

    def note(settled: Settled) -> None:
        counts[settled.state] += 1
        on_settled(settled.claimed.id)

    Sender(office, clock, note).run()
    see_to(office, clock())
    Sender(office, clock, note).run()  # what goes another way now, and the alarms
    with office.database.read() as connection:
        pending = mailbox.waiting(connection)
    return Delivery(
        counts[MessageState.ACCEPTED], counts[MessageState.FAILED], counts[MessageState.UNKNOWN], pending
    )


def _tidy(office: Office, now: datetime) -> None:
    """Settle what a dead sender left, and take back reminders of a day that is over.

    A "finish today" that could not leave on its day must not arrive on another: its items are due again
    and the next planning speaks for them. Planning waits meanwhile.
    """
    calendar = office.rules.calendar
    morning = calendar.at(calendar.today(now), time(0))
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        settling.abandon_expired(connection, now, LEASE)
        endpoints.mend(connection, now)
        pauses.mend(connection, now)
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        reminders.wake(connection, supersede_stale(connection, morning, now))
    see_to(office, now)


def see_to(office: Office, now: datetime) -> None:
    """What follows from failures: the office's rule for the unknown, the next way, and somebody who is
    told.
    """
    # Each in a transaction of its own: each locks all the endpoints it needs at once, as senders do.
    for follow in (apply_rule, fail_over, raise_alarms):
        with office.database.write() as connection:
            clockwork.take_planning_turn(connection)
            follow(connection, office, now)
