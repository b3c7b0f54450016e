"""Carrying the outbox out: claim, close the transaction, call, record.

Must never hold a transaction open over a call, render anything again, or repeat a send whose outcome
is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tracker.domain.errors import DeliveryError, Outcome
from tracker.services.office import Office
from tracker.store import clockwork, mailbox, outbox, reminders
from tracker.store.outbox import MessageState, StoredMessage
from tracker.store.supersede import supersede_stale

LEASE = timedelta(minutes=5)  # far longer than any channel's timeout
GAPS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120))


@dataclass(frozen=True)
class Delivery:
    """What one run achieved; `messages` are those it touched, as they stand now."""

    counts: dict[str, int]
    messages: tuple[StoredMessage, ...]


def deliver(office: Office, clock: Callable[[], datetime]) -> Delivery:
    """Send what is due until nothing may be sent any more; outside working hours nothing is."""
    _tidy(office, clock())
    touched: list[int] = []
    while batch := _claim(office, clock()):
        for message in batch:
            _send(office, message, clock)
        touched += [message.id for message in batch]
    with office.database.read() as connection:
        counts = mailbox.count_by_state(connection)
        messages = tuple(mailbox.by_ids(connection, touched))
    return Delivery(counts, messages)


def _tidy(office: Office, now: datetime) -> None:
    """Settle what a dead sender left, and take back reminders of a day that is over.

    A "finish today" that could not leave on its day must not arrive on another: its items are due again
    and the next planning speaks for them. Planning waits meanwhile.
    """
    calendar = office.rules.calendar
    morning = calendar.at(calendar.today(now), time(0))
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        outbox.abandon_expired(connection, now)
        reminders.wake(connection, supersede_stale(connection, morning, now))


def _claim(office: Office, now: datetime) -> list[StoredMessage]:
    if office.rules.quiet.release(now, office.rules.calendar) > now:
        return []
    with office.database.write() as connection:
        return outbox.claim(connection, now, LEASE, lambda channel: _limit(office, channel))


def _limit(office: Office, channel: str) -> int | None:
    notifier = office.channels.get(channel)
    return notifier.per_minute if notifier else None


def _send(office: Office, message: StoredMessage, clock: Callable[[], datetime]) -> None:
    with office.database.write() as connection:
        if not outbox.begin_call(connection, message, clock(), LEASE):
            return  # this sender was too slow and somebody else has it now
    notifier = office.channels.get(message.channel)
    try:
        if notifier is None:
            raise DeliveryError(f"渠道 {message.channel} 已停用", outcome=Outcome.PERMANENT)
        provider_id = notifier.send(message.address, message.payload)
    except DeliveryError as error:
        _record_failure(office, message, error, clock())
        return
    with office.database.write() as connection:
        outbox.settle(connection, message, MessageState.ACCEPTED, clock(), provider_id=provider_id)


def _record_failure(office: Office, message: StoredMessage, error: DeliveryError, now: datetime) -> None:
    state, retry_at = _verdict(error, message.attempts, now)
    with office.database.write() as connection:
        outbox.settle(connection, message, state, now, error=error.message, retry_at=retry_at)
        if error.retry_after_seconds and retry_at is not None:
            # The far side blocks the address, not the message: everything else for it waits too.
            outbox.hold_address(connection, message.channel, message.address, retry_at)


def _verdict(error: DeliveryError, attempts: int, now: datetime) -> tuple[MessageState, datetime | None]:
    if error.outcome is Outcome.UNKNOWN:
        return MessageState.UNKNOWN, None
    if error.outcome is Outcome.PERMANENT or attempts > len(GAPS):
        return MessageState.FAILED, None
    gap = max(GAPS[attempts - 1], timedelta(seconds=error.retry_after_seconds))
    return MessageState.PENDING, now + gap
